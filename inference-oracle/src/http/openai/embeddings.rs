//! What `/v1/embeddings` answers.

use super::{request::Encoding, Refused};
use crate::http::{answer, infer::Answered};
use axum::response::Response;
use base64::{engine::general_purpose::STANDARD, Engine};
use serde::Serialize;
use usufruct_client::{
	oracle_api::ProblemKind,
	tensors::{Element, Fp32, Tensor},
};

#[derive(Serialize)]
struct List<'a> {
	object: &'static str,
	data: Vec<Item>,
	model: &'a str,
	usage: Usage,
}

#[derive(Serialize)]
struct Item {
	object: &'static str,
	index: usize,
	embedding: Embedding,
}

/// One vector: as numbers that read back as the very same, or as its little-endian bytes.
#[derive(Serialize)]
#[serde(untagged)]
enum Embedding {
	Float(Vec<Fp32>),
	Base64(String),
}

#[derive(Serialize)]
struct Usage {
	prompt_tokens: u64,
	total_tokens: u64,
}

/// The answer, of which `output` is the model's output.
pub fn answer(answered: &Answered, encoding: Encoding, output: &str) -> Result<Response, Refused> {
	let vectors = vectors(&answered.response.outputs, output).ok_or_else(|| {
		// Checked when the model was loaded; but the request may have been answered before, when
		// another output was asked for.
		let detail = format!("the answer that is kept has no '{output}'; draw a new request id");
		Refused::new(ProblemKind::RequestIdTaken, detail).with_receipt(answered.receipt.clone())
	})?;
	let data = vectors.into_iter().enumerate().map(|(index, bytes)| Item {
		object: "embedding",
		index,
		embedding: match encoding {
			Encoding::Float => Embedding::Float(
				bytes.chunks_exact(4).map(|bytes| Fp32(f32::read(bytes))).collect(),
			),
			Encoding::Base64 => Embedding::Base64(STANDARD.encode(bytes)),
		},
	});
	let tokens = answered.tokens.unwrap_or(0);
	let list = List {
		object: "list",
		data: data.collect(),
		model: &answered.response.model_name,
		usage: Usage { prompt_tokens: tokens, total_tokens: tokens },
	};
	answer::json(&list, &answered.receipt)
}

/// The bytes of each row of the matrix of that name.
fn vectors<'a>(outputs: &'a [Tensor], name: &str) -> Option<Vec<&'a [u8]>> {
	let tensor = outputs.iter().find(|it| it.name() == name)?;
	let &[rows, width] = tensor.shape() else { return None };
	let row = usize::try_from(width).ok()?.checked_mul(tensor.datatype().size()?)?;
	let vectors: Vec<_> = tensor.data().chunks_exact(row.max(1)).collect();
	(vectors.len() as u64 == rows).then_some(vectors)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn vectors_are_the_rows_of_the_output_of_that_name() {
		let tensor = |name: &str, shape: Vec<u64>| {
			let count = shape.iter().product::<u64>() as usize;
			Tensor::from_elements(name, shape, &vec![1f32; count]).unwrap()
		};
		let outputs = [tensor("flat", vec![6]), tensor("y", vec![2, 3])];
		let rows = vectors(&outputs, "y").unwrap();
		assert_eq!((rows.len(), rows[1].len()), (2, 12));
		assert_eq!(vectors(&outputs, "x"), None);
		assert_eq!(vectors(&outputs, "flat"), None);
		assert_eq!(vectors(&[tensor("y", vec![0, 3])], "y"), Some(vec![]));
		assert_eq!(vectors(&[tensor("y", vec![2, 0])], "y"), None);
	}
}
