//! What `/v1/embeddings` answers.

use super::Encoding;
use crate::tensors::{Element, Fp32, Tensor};
use base64::{engine::general_purpose::STANDARD, Engine};
use serde::Serialize;

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

/// The answer: each text's vector as FP32, little endian, and how many tokens all texts have.
pub fn list<'a>(
	model: &'a str,
	vectors: &[&[u8]],
	encoding: Encoding,
	tokens: u64,
) -> impl Serialize + 'a {
	let item = |(index, bytes): (usize, &&[u8])| Item {
		object: "embedding",
		index,
		embedding: match encoding {
			Encoding::Float => Embedding::Float(
				bytes.chunks_exact(4).map(|bytes| Fp32(f32::read(bytes))).collect(),
			),
			Encoding::Base64 => Embedding::Base64(STANDARD.encode(bytes)),
		},
	};
	List {
		object: "list",
		data: vectors.iter().enumerate().map(item).collect(),
		model,
		usage: Usage { prompt_tokens: tokens, total_tokens: tokens },
	}
}

/// The bytes of each row of the matrix of that name, if it is one.
pub fn vectors<'a>(outputs: &'a [Tensor], name: &str) -> Option<Vec<&'a [u8]>> {
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
