//! Commitments to what was asked and answered: payloads, requests, tensors.
//!
//! ```text
//! payload_commit = H( "usufruct/payload" | salt[32] | length u64 | canonical bytes )
//! request_commit = H( DOMAIN(request) | channel_id[32] | request_id[16] | model_version u32
//!                     | input_commit[32] | meter u8 | max_units u64 | unit_price u128 )
//! tensor leaf    = H( DOMAIN(tensors) | dtype u8 | rank u8 | dims u64 each | raw bytes )
//! ```
//!
//! A payload is a set of named tensors. Its canonical bytes are those of its tensors, sorted by the
//! UTF-8 bytes of their unique names, one after the other:
//!
//! ```text
//! name length u16 | name | dtype u8 | rank u8 | dims u64 each | raw data
//! ```
//!
//! Raw data is little endian as in ONNX; its length follows from `dtype` and `dims`. Strings are
//! `length u32 | UTF-8` each, and types below a byte are packed as in ONNX, with zero padding. The
//! empty set (the output of a failed request) is no bytes at all.

use crate::{
	domain::{digest, domain, hash, Tag},
	Balance, ChannelId, Hash, Meter, VersionId,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// The commitment to a payload by a salt of 32 bytes that only the two sides know, so that nobody
/// can guess a short private input from it. Input and output of a request have the same salt.
pub fn payload_commit(salt: &Hash, canonical: &[u8]) -> Hash {
	let mut bytes = Vec::with_capacity(56 + canonical.len());
	bytes.extend_from_slice(b"usufruct/payload");
	bytes.extend_from_slice(salt);
	bytes.extend_from_slice(&(canonical.len() as u64).to_le_bytes());
	bytes.extend_from_slice(canonical);
	hash(&bytes)
}

/// One named tensor of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor<'a> {
	/// Its name, unique within the payload; at most 65,535 bytes.
	pub name: &'a str,
	/// Its element type, a code of ONNX `TensorProto.DataType`.
	pub dtype: u8,
	/// Its shape, outermost first; at most 255 dimensions, none for a scalar.
	pub dims: &'a [u64],
	/// Its elements, as the module's documentation says. That their length fits `dtype` and `dims`
	/// is the caller's to see to.
	pub data: &'a [u8],
}

/// A tensor that has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorError {
	/// Two tensors of the set have the same name.
	DuplicateName,
	/// A name is longer than 65,535 bytes.
	NameTooLong,
	/// A shape has more than 255 dimensions.
	RankTooLarge,
}

impl fmt::Display for TensorError {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(match self {
			Self::DuplicateName => "two tensors have the same name; rename one",
			Self::NameTooLong => "a tensor's name is longer than 65,535 bytes; shorten it",
			Self::RankTooLarge => "a tensor has more than 255 dimensions; reshape it",
		})
	}
}

impl core::error::Error for TensorError {}

/// The canonical bytes of a set of tensors, given in any order.
pub fn canonical_tensors(tensors: &[Tensor]) -> Result<Vec<u8>, TensorError> {
	let mut sorted = Vec::from(tensors);
	sorted.sort_unstable_by_key(|tensor| tensor.name);
	if sorted.windows(2).any(|pair| matches!(pair, [a, b] if a.name == b.name)) {
		return Err(TensorError::DuplicateName);
	}

	let length = |it: &Tensor| 4 + it.name.len() + 8 * it.dims.len() + it.data.len();
	let mut bytes = Vec::with_capacity(sorted.iter().map(length).sum());
	for tensor in sorted {
		let name_len = u16::try_from(tensor.name.len()).map_err(|_| TensorError::NameTooLong)?;
		bytes.extend_from_slice(&name_len.to_le_bytes());
		bytes.extend_from_slice(tensor.name.as_bytes());
		append_typed(&mut bytes, tensor.dtype, tensor.dims, tensor.data)?;
	}
	Ok(bytes)
}

/// The leaf of a tensor in its version's tensor root. The name is left out: a renamed copy of
/// somebody's weights has the same leaf.
pub fn tensor_leaf(
	genesis: &Hash,
	dtype: u8,
	dims: &[u64],
	data: &[u8],
) -> Result<Hash, TensorError> {
	let mut bytes = Vec::from(domain(Tag::TENSORS, genesis));
	append_typed(&mut bytes, dtype, dims, data)?;
	Ok(hash(&bytes))
}

/// `dtype u8 | rank u8 | dims u64 each | data`. A rank that does not fit its byte is refused: cut
/// short it would read as another tensor.
fn append_typed(
	bytes: &mut Vec<u8>,
	dtype: u8,
	dims: &[u64],
	data: &[u8],
) -> Result<(), TensorError> {
	let rank = u8::try_from(dims.len()).map_err(|_| TensorError::RankTooLarge)?;
	bytes.extend_from_slice(&[dtype, rank]);
	for dim in dims {
		bytes.extend_from_slice(&dim.to_le_bytes());
	}
	bytes.extend_from_slice(data);
	Ok(())
}

/// What a consumer asks of an oracle, without the payload itself; 109 B.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Request {
	/// The channel that pays.
	pub channel_id: ChannelId,
	/// Drawn by the consumer; a new one for each attempt that is to be served anew.
	pub request_id: [u8; 16],
	/// The version to run.
	pub model_version: VersionId,
	/// [`payload_commit`] of the input.
	pub input_commit: Hash,
	/// What is counted.
	pub meter: Meter,
	/// The most units the oracle may charge.
	pub max_units: u64,
	/// The price of one unit, in planck.
	pub unit_price: Balance,
}

impl Request {
	/// Length of [`Request::body`].
	pub const LEN: usize = 109;

	/// The bytes that are committed to, without their domain.
	pub fn body(&self) -> Vec<u8> {
		self.encode()
	}

	/// The commitment by which vouchers and receipts name this request.
	pub fn commit(&self, genesis: &Hash) -> Hash {
		digest(Tag::REQUEST, genesis, self)
	}

	/// The most it may cost, in planck; `None` if that is no `u128`.
	pub fn max_amount(&self) -> Option<Balance> {
		self.unit_price.checked_mul(self.max_units.into())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::string::String;

	fn tensor(name: &str) -> Tensor<'_> {
		Tensor { name, dtype: 1, dims: &[1], data: &[0, 0, 128, 63] }
	}

	#[test]
	fn a_payload_commitment_covers_salt_length_and_bytes() {
		let salt = [9; 32];
		let by_hand = [&b"usufruct/payload"[..], &salt, &[3, 0, 0, 0, 0, 0, 0, 0], b"abc"].concat();
		assert_eq!(payload_commit(&salt, b"abc"), hash(&by_hand));
		assert_ne!(payload_commit(&[8; 32], b"abc"), payload_commit(&salt, b"abc"));
	}

	#[test]
	fn a_tensor_set_is_laid_out_by_name() {
		let matrix = Tensor { name: "m", dtype: 2, dims: &[2, 1], data: &[5, 6] };
		let scalar = Tensor { name: "id", dtype: 9, dims: &[], data: &[1] };
		let expected = concat!(
			"0200",
			"6964",
			"09",
			"00",
			"01", // id: bool, rank 0
			"0100",
			"6d",
			"02",
			"02", // m: u8, rank 2
			"0200000000000000",
			"0100000000000000",
			"0506",
		);
		for set in [[matrix, scalar], [scalar, matrix]] {
			assert_eq!(hex::encode(canonical_tensors(&set).unwrap()), expected);
		}
	}

	#[test]
	fn a_tensor_set_takes_no_more_memory_than_it_has_bytes() {
		let large = |name| Tensor { name, dtype: 2, dims: &[1, 1_000], data: &[7; 1_000] };
		let bytes = canonical_tensors(&["a", "bb", "ccc"].map(large)).unwrap();
		assert_eq!(bytes.capacity(), bytes.len());
	}

	#[test]
	fn the_empty_set_is_no_bytes() {
		assert_eq!(canonical_tensors(&[]), Ok(Vec::new()));
	}

	#[test]
	fn names_sort_by_their_bytes_and_not_by_utf_16() {
		// In UTF-16, as JavaScript compares, 😀 (d83d de00) would come before ～ (ff5e).
		let set = [tensor("😀"), tensor("～"), tensor("z"), tensor("Z"), tensor("")];
		let sorted = ["", "Z", "z", "～", "😀"].map(tensor);
		let one_by_one = sorted.map(|tensor| canonical_tensors(&[tensor]).unwrap()).concat();
		assert_eq!(canonical_tensors(&set), Ok(one_by_one));
	}

	#[test]
	fn two_tensors_of_one_name_have_no_canonical_form() {
		let set = [tensor("a"), tensor("b"), tensor("a")];
		assert_eq!(canonical_tensors(&set), Err(TensorError::DuplicateName));
	}

	#[test]
	fn a_name_has_at_most_65_535_bytes() {
		let mut name: String = core::iter::repeat_n('n', 65_535).collect();
		assert_eq!(&canonical_tensors(&[tensor(&name)]).unwrap()[..3], [255, 255, b'n']);
		name.push('n');
		assert_eq!(canonical_tensors(&[tensor(&name)]), Err(TensorError::NameTooLong));
	}

	#[test]
	fn a_shape_has_at_most_255_dimensions() {
		let most = Tensor { dims: &[1; 255], ..tensor("a") };
		assert!(canonical_tensors(&[most]).is_ok());
		assert!(tensor_leaf(&[0; 32], 1, &[1; 255], &[0; 4]).is_ok());
		let more = Tensor { dims: &[1; 256], ..most };
		assert_eq!(canonical_tensors(&[more]), Err(TensorError::RankTooLarge));
		assert_eq!(tensor_leaf(&[0; 32], 1, &[1; 256], &[0; 4]), Err(TensorError::RankTooLarge));
	}

	#[test]
	fn a_tensor_leaf_covers_type_shape_and_data() {
		let genesis = [1; 32];
		let by_hand =
			[&domain(Tag::TENSORS, &genesis)[..], &[2, 1, 3, 0, 0, 0, 0, 0, 0, 0], &[10, 11, 12]]
				.concat();
		assert_eq!(tensor_leaf(&genesis, 2, &[3], &[10, 11, 12]), Ok(hash(&by_hand)));
	}

	#[test]
	fn a_request_costs_at_most_its_units_at_its_price() {
		let mut request = Request {
			channel_id: [1; 32],
			request_id: [2; 16],
			model_version: 3,
			input_commit: [4; 32],
			meter: Meter::OutputToken,
			max_units: 1_000,
			unit_price: 25,
		};
		assert_eq!(request.max_amount(), Some(25_000));
		request.unit_price = Balance::MAX;
		assert_eq!(request.max_amount(), None);
		request.max_units = 1;
		assert_eq!(request.max_amount(), Some(Balance::MAX));
	}

	#[test]
	fn a_request_is_laid_out_as_documented() {
		let request = Request {
			channel_id: [0xc1; 32],
			request_id: [0xa2; 16],
			model_version: 0x0403_0201,
			input_commit: [0xd3; 32],
			meter: Meter::Element,
			max_units: 0x0807_0605_0403_0201,
			unit_price: 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100,
		};
		let expected = [
			"c1".repeat(32),
			"a2".repeat(16),
			"01020304".into(),
			"d3".repeat(32),
			"05".into(),
			"0102030405060708".into(),
			"000102030405060708090a0b0c0d0e0f".into(),
		]
		.concat();
		assert_eq!(hex::encode(request.body()), expected);
		assert_eq!(request.body().len(), Request::LEN);
		assert_eq!(Request::max_encoded_len(), Request::LEN);
	}
}
