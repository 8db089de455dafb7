//! Vouchers and receipts in headers, and their signatures.

use super::header;
use base64::{engine::general_purpose::STANDARD, Engine};
use codec::{Decode, DecodeAll, Encode};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use std::str::FromStr;
use usufruct_primitives::{
	commitment::Request,
	usage::{Receipt, Voucher},
	Balance, Hash, PublicKey, Signature, VersionId,
};

/// Why a header is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
	/// It must be there and is not.
	#[error("header {0} is missing")]
	Missing(&'static str),
	/// It is there and unreadable.
	#[error("header {0} is malformed: {1}")]
	Malformed(&'static str, String),
}

macro_rules! signed {
	($(#[$meta:meta])* $name:ident, $field:ident: $body:ident, $header:expr) => {
		$(#[$meta])*
		#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
		pub struct $name {
			/// What is signed.
			pub $field: $body,
			/// The ed25519 signature over its digest.
			pub signature: Signature,
		}

		impl $name {
			/// Length of body and signature.
			pub const LEN: usize = $body::LEN + 64;

			/// Signs for the chain of that genesis hash.
			pub fn sign($field: $body, key: &SigningKey, genesis: &Hash) -> Self {
				let signature = key.sign(&$field.digest(genesis)).to_bytes();
				Self { $field, signature }
			}

			/// Whether `key` signed this for that chain, by the strict rule.
			pub fn verify(&self, key: &PublicKey, genesis: &Hash) -> bool {
				verify(key, &self.$field.digest(genesis), &self.signature)
			}

			/// The same, by a key that was read before: whoever verifies much by it reads it once.
			pub fn verify_by(&self, key: &VerifyingKey, genesis: &Hash) -> bool {
				verify_by(key, &self.$field.digest(genesis), &self.signature)
			}

			/// The header's value.
			pub fn to_header(&self) -> String {
				STANDARD.encode(self.encode())
			}

			/// Reads a header's value. Says nothing about the signature.
			pub fn from_header(value: &str) -> Result<Self, HeaderError> {
				let malformed = |why: String| HeaderError::Malformed($header, why);
				let bytes =
					STANDARD.decode(value.trim()).map_err(|error| malformed(error.to_string()))?;
				if bytes.len() != Self::LEN {
					let (expected, got) = (Self::LEN, bytes.len());
					return Err(malformed(format!("{got} bytes instead of {expected}")));
				}
				Self::decode_all(&mut &bytes[..]).map_err(|error| malformed(error.to_string()))
			}
		}
	};
}

signed! {
	/// A voucher and the channel key's signature.
	SignedVoucher, voucher: Voucher, header::VOUCHER
}

signed! {
	/// A receipt and the receipt key's signature.
	SignedReceipt, receipt: Receipt, header::RECEIPT
}

/// Whether `key` signed `digest`: strictly, so that whatever is accepted here is accepted by the
/// chain as well.
pub fn verify(key: &PublicKey, digest: &Hash, signature: &Signature) -> bool {
	VerifyingKey::from_bytes(key).is_ok_and(|key| verify_by(&key, digest, signature))
}

fn verify_by(key: &VerifyingKey, digest: &Hash, signature: &Signature) -> bool {
	key.verify_strict(digest, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
}

/// The headers of a paid request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHeaders {
	/// The promise to pay for it.
	pub voucher: SignedVoucher,
	/// Its id.
	pub request_id: [u8; 16],
	/// What its payloads are salted with.
	pub salt: Hash,
	/// The version to run.
	pub model_version: VersionId,
	/// The most units to charge.
	pub max_units: u64,
	/// Planck per unit.
	pub unit_price: Balance,
}

impl RequestHeaders {
	/// The headers of `request`.
	pub fn new(voucher: SignedVoucher, request: &Request, salt: Hash) -> Self {
		Self {
			voucher,
			request_id: request.request_id,
			salt,
			model_version: request.model_version,
			max_units: request.max_units,
			unit_price: request.unit_price,
		}
	}

	/// Names and values.
	pub fn to_pairs(&self) -> [(&'static str, String); 6] {
		[
			(header::VOUCHER, self.voucher.to_header()),
			(header::REQUEST_ID, hex::encode(self.request_id)),
			(header::SALT, hex::encode(self.salt)),
			(header::MODEL_VERSION, self.model_version.to_string()),
			(header::MAX_UNITS, self.max_units.to_string()),
			(header::UNIT_PRICE, self.unit_price.to_string()),
		]
	}

	/// Reads them by name; `None` if there is no voucher at all, which asks for the terms.
	pub fn parse<'a>(
		get: impl Fn(&'static str) -> Option<&'a str>,
	) -> Result<Option<Self>, HeaderError> {
		let Some(voucher) = get(header::VOUCHER) else { return Ok(None) };
		let required = |name| get(name).ok_or(HeaderError::Missing(name));
		Ok(Some(Self {
			voucher: SignedVoucher::from_header(voucher)?,
			request_id: from_hex(header::REQUEST_ID, required(header::REQUEST_ID)?)?,
			salt: from_hex(header::SALT, required(header::SALT)?)?,
			model_version: number(header::MODEL_VERSION, required(header::MODEL_VERSION)?)?,
			max_units: number(header::MAX_UNITS, required(header::MAX_UNITS)?)?,
			unit_price: number(header::UNIT_PRICE, required(header::UNIT_PRICE)?)?,
		}))
	}
}

pub(super) fn from_hex<const N: usize>(
	name: &'static str,
	value: &str,
) -> Result<[u8; N], HeaderError> {
	let mut bytes = [0; N];
	hex::decode_to_slice(value.trim().trim_start_matches("0x"), &mut bytes)
		.map_err(|error| HeaderError::Malformed(name, error.to_string()))?;
	Ok(bytes)
}

fn number<T: FromStr<Err: ToString>>(name: &'static str, value: &str) -> Result<T, HeaderError> {
	value.trim().parse().map_err(|error: T::Err| HeaderError::Malformed(name, error.to_string()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_primitives::{Meter, Status};

	const GENESIS: Hash = [7; 32];

	fn key() -> SigningKey {
		SigningKey::from_bytes(&[1; 32])
	}

	fn voucher() -> Voucher {
		Voucher {
			channel_id: [2; 32],
			cap: 1 << 100,
			request_commit: [3; 32],
			ack_seq: 4,
			ack_total: 5,
			serve_until: 6,
		}
	}

	fn receipt() -> Receipt {
		Receipt {
			channel_id: [2; 32],
			seq: 5,
			model: 1,
			model_version: 2,
			meter: Meter::Request,
			status: Status::Served,
			units: 1,
			unit_price: 10,
			amount: 10,
			total: 15,
			request_commit: [3; 32],
			output_commit: [4; 32],
			started_ms: 1_700_000_000_000,
			took_ms: 3,
		}
	}

	#[test]
	fn a_signed_voucher_travels() {
		let signed = SignedVoucher::sign(voucher(), &key(), &GENESIS);
		let read = SignedVoucher::from_header(&signed.to_header()).unwrap();
		assert_eq!(read, signed);
		let public = key().verifying_key().to_bytes();
		assert!(read.verify(&public, &GENESIS));
		assert!(!read.verify(&public, &[8; 32]), "of another chain");
		assert!(!read.verify(&[9; 32], &GENESIS), "of another key");
		let (read_key, other) = (key().verifying_key(), SigningKey::from_bytes(&[2; 32]));
		assert!(read.verify_by(&read_key, &GENESIS));
		assert!(!read.verify_by(&read_key, &[8; 32]), "of another chain");
		assert!(!read.verify_by(&other.verifying_key(), &GENESIS), "of another key");
		let mut changed = read;
		changed.voucher.cap += 1;
		assert!(!changed.verify(&public, &GENESIS));
		assert!(!changed.verify_by(&read_key, &GENESIS));
		let body = &STANDARD.decode(signed.to_header()).unwrap()[..Voucher::LEN];
		assert_eq!(body, voucher().body());
	}

	#[test]
	fn a_signed_receipt_travels() {
		let signed = SignedReceipt::sign(receipt(), &key(), &GENESIS);
		let read = SignedReceipt::from_header(&signed.to_header()).unwrap();
		assert_eq!(read, signed);
		assert!(read.verify(&key().verifying_key().to_bytes(), &GENESIS));
		assert_eq!(STANDARD.decode(signed.to_header()).unwrap().len(), 246);
	}

	#[test]
	fn what_is_no_voucher_is_refused() {
		let header = SignedVoucher::sign(voucher(), &key(), &GENESIS).to_header();
		for wrong in ["", "%", &header[..header.len() - 4], &format!("{header}AAAA")] {
			let error = SignedVoucher::from_header(wrong).unwrap_err();
			assert!(matches!(error, HeaderError::Malformed(header::VOUCHER, _)), "{wrong}");
		}
		let mut bytes = SignedReceipt::sign(receipt(), &key(), &GENESIS).encode();
		// The meter's byte: there is no such meter.
		bytes[48] = 99;
		assert!(SignedReceipt::from_header(&STANDARD.encode(bytes)).is_err());
	}

	#[test]
	fn request_headers_travel() {
		let request = Request {
			channel_id: [2; 32],
			request_id: [9; 16],
			model_version: 3,
			input_commit: [1; 32],
			meter: Meter::Request,
			max_units: 1,
			unit_price: u128::MAX,
		};
		let signed = SignedVoucher::sign(voucher(), &key(), &GENESIS);
		let headers = RequestHeaders::new(signed, &request, [5; 32]);
		let pairs = headers.to_pairs();
		let get = |skip: &'static str| {
			let pairs = &pairs;
			move |name| {
				pairs.iter().find(|pair| pair.0 == name && name != skip).map(|pair| pair.1.as_str())
			}
		};
		assert_eq!(RequestHeaders::parse(get("")), Ok(Some(headers)));
		assert_eq!(RequestHeaders::parse(get(header::VOUCHER)), Ok(None));
		for name in [header::REQUEST_ID, header::SALT, header::MAX_UNITS, header::UNIT_PRICE] {
			assert_eq!(RequestHeaders::parse(get(name)), Err(HeaderError::Missing(name)));
		}
		for (name, value) in [
			(header::REQUEST_ID, "00"),
			(header::SALT, "no hex"),
			(header::MAX_UNITS, "-1"),
			(header::MODEL_VERSION, "4294967296"),
		] {
			let changed = |asked| if asked == name { Some(value) } else { get("")(asked) };
			let error = RequestHeaders::parse(changed).unwrap_err();
			assert!(matches!(error, HeaderError::Malformed(of, _) if of == name));
		}
	}
}
