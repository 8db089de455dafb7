//! How a result is stored and sent.
//!
//! What is stored is the canonical form that the receipt commits to; a repeated request is answered
//! from it, in the words of the repetition.

use super::problem::Refused;
use axum::{
	http::{header, HeaderValue},
	response::{IntoResponse, Response},
};
use usufruct_client::{
	oracle_api::{header as names, ProblemKind, SignedReceipt},
	tensors::{DataType, InferResponse, Tensor},
};

/// The tensors in canonical bytes; `None` if they are not such bytes.
pub fn from_canonical(bytes: &[u8]) -> Option<Vec<Tensor>> {
	let mut rest = bytes;
	let mut tensors = Vec::new();
	while !rest.is_empty() {
		let length = u16::from_le_bytes(take(&mut rest)?);
		let (name, after) = rest.split_at_checked(length.into())?;
		rest = after;
		let [code, rank] = take(&mut rest)?;
		let mut shape = Vec::with_capacity(rank.into());
		for _ in 0..rank {
			shape.push(u64::from_le_bytes(take(&mut rest)?));
		}
		let datatype = DataType::from_code(code)?;
		// Text, whose length is not known beforehand, is not served.
		let size = datatype.size()?;
		let count = shape.iter().try_fold(1u64, |count, dim| count.checked_mul(*dim))?;
		let length = usize::try_from(count).ok()?.checked_mul(size)?;
		let (data, after) = rest.split_at_checked(length)?;
		rest = after;
		let name = std::str::from_utf8(name).ok()?;
		tensors.push(Tensor::new(name, datatype, shape, data.to_vec()).ok()?);
	}
	Some(tensors)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
	let (taken, after) = rest.split_first_chunk()?;
	*rest = after;
	Some(*taken)
}

/// The answer to a request that was served.
pub fn served(body: &InferResponse, receipt: &SignedReceipt) -> Result<Response, Refused> {
	let json = serde_json::to_vec(body)
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))?;
	let mut response = json.into_response();
	let headers = response.headers_mut();
	headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
	let value = HeaderValue::from_str(&receipt.to_header())
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))?;
	headers.insert(names::RECEIPT, value);
	Ok(response)
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_client::tensors::canonical;

	#[test]
	fn what_is_stored_comes_back() {
		let tensors = vec![
			Tensor::from_elements("a", vec![2, 1], &[1.5f32, -0.0]).unwrap(),
			Tensor::from_elements("b", vec![], &[7i64]).unwrap(),
			Tensor::from_elements("c", vec![0, 3], &[0u8; 0]).unwrap(),
			Tensor::from_elements("d", vec![2], &[true, false]).unwrap(),
		];
		let bytes = canonical(&tensors).unwrap();
		assert_eq!(from_canonical(&bytes).unwrap(), tensors);
		assert_eq!(from_canonical(&[]).unwrap(), []);
		for length in 1..bytes.len() {
			if let Some(fewer) = from_canonical(&bytes[..length]) {
				assert!(fewer.len() < tensors.len(), "cut at {length}");
			}
		}
		let huge = [&[1, 0, b'x', 1, 2][..], &[255; 16]].concat();
		assert_eq!(from_canonical(&huge), None);
	}
}
