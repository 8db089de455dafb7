//! What a version's metadata says about text.

use super::LoadError;
use crate::manifest;
use serde::Deserialize;
use usufruct_primitives::Hash;

/// The member `text` of the metadata.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
	/// SHA-256 of the tokenizer's file, `tokenizer.json` of the `tokenizers` library.
	#[serde(deserialize_with = "hex::deserialize")]
	pub tokenizer: Hash,
	/// The most tokens of a text.
	pub max_tokens: usize,
	/// The input that takes the tokens, INT64 [texts, tokens].
	pub ids: String,
	/// The input that says which of them are there, INT64 of the same shape.
	pub mask: String,
	/// The input that says of which part they are, INT64 of the same shape; always 0.
	pub types: Option<String>,
	/// The output with one vector for each text, FP32 [texts, width]; without it `/v1/embeddings` does
	/// not offer the version.
	pub embedding: Option<String>,
}

impl Description {
	/// Reads the document that the chain names by `expected`.
	pub fn read(metadata: &[u8], expected: &Hash) -> Result<Self, LoadError> {
		#[derive(Deserialize)]
		struct Document {
			text: Option<Description>,
		}
		let found = manifest::of_bytes(metadata).hash;
		if found != *expected {
			return Err(LoadError::WrongMetadata { found, expected: *expected });
		}
		let document: Document = serde_json::from_slice(metadata)
			.map_err(|error| LoadError::Metadata(error.to_string()))?;
		let text = document.text.ok_or(LoadError::NoText)?;
		if text.max_tokens == 0 {
			return Err(LoadError::Metadata("max_tokens must be at least 1".into()));
		}
		Ok(text)
	}

	/// The names of the inputs it takes.
	pub fn inputs(&self) -> impl Iterator<Item = &str> {
		[Some(&self.ids), Some(&self.mask), self.types.as_ref()]
			.into_iter()
			.flatten()
			.map(String::as_str)
	}
}
