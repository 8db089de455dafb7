//! The bytes that a commitment covers, and back.

use super::{count_of, DataType, Tensor, TensorError};
use usufruct_primitives::{commitment, Hash};

/// The canonical bytes of a set of tensors, whatever order they come in.
pub fn canonical(tensors: &[Tensor]) -> Result<Vec<u8>, TensorError> {
	let borrowed: Vec<_> = tensors
		.iter()
		.map(|tensor| commitment::Tensor {
			name: &tensor.name,
			dtype: tensor.datatype.code(),
			dims: &tensor.shape,
			data: &tensor.data,
		})
		.collect();
	commitment::canonical_tensors(&borrowed).map_err(|error| {
		TensorError::NotCanonical(match error {
			commitment::TensorError::DuplicateName => "two of them have the same name",
			commitment::TensorError::NameTooLong => "a name is longer than 65535 bytes",
			commitment::TensorError::RankTooLarge => "one has more than 255 dimensions",
		})
	})
}

/// The tensors in canonical bytes; `None` if they are not such bytes, or hold text.
pub fn from_canonical(bytes: &[u8]) -> Option<Vec<Tensor>> {
	let mut rest = bytes;
	let mut tensors = Vec::new();
	while !rest.is_empty() {
		tensors.push(next_canonical(&mut rest)?);
	}
	Some(tensors)
}

/// The first tensor of canonical bytes, and moves on to what follows it. Bytes from somebody who is
/// not trusted are read with this, one expected tensor after the other: empty ones take more room in
/// memory than in bytes.
pub fn next_canonical(rest: &mut &[u8]) -> Option<Tensor> {
	let length = u16::from_le_bytes(take(rest)?);
	let (name, after) = rest.split_at_checked(length.into())?;
	*rest = after;
	let name = std::str::from_utf8(name).ok()?;
	let [code, rank] = take(rest)?;
	let mut shape = Vec::with_capacity(rank.into());
	for _ in 0..rank {
		shape.push(u64::from_le_bytes(take(rest)?));
	}
	let datatype = DataType::from_code(code)?;
	// How long text is is not known beforehand; no oracle serves it.
	let size = datatype.size()?;
	let count = count_of(name, &shape).ok()?;
	let length = usize::try_from(count).ok()?.checked_mul(size)?;
	let (data, after) = rest.split_at_checked(length)?;
	*rest = after;
	Tensor::new(name, datatype, shape, data.to_vec()).ok()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
	let (taken, after) = rest.split_first_chunk()?;
	*rest = after;
	Some(*taken)
}

/// The commitment to a set of tensors under a payload salt. Input and output of one request use the
/// same salt; a failed request's output is the empty set.
pub fn commit(salt: &Hash, tensors: &[Tensor]) -> Result<Hash, TensorError> {
	Ok(commitment::payload_commit(salt, &canonical(tensors)?))
}
