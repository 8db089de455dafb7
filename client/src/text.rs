//! Text models: from a version's registered metadata to the tensors that texts become.
//!
//! A version registers the hash of a metadata document, a JSON object of which everybody may make what
//! they like. If it has a member `text`, the version takes text:
//!
//! ```json
//! { "text": {
//!     "tokenizer": "SHA-256 of the tokenizer.json, hex",
//!     "max_tokens": 256,
//!     "ids": "input_ids", "mask": "attention_mask", "types": "token_type_ids",
//!     "embedding": "sentence_embedding"
//! } }
//! ```
//!
//! So the tokenizer is content of the version like its weights: whoever has the document that the chain
//! names has the very tokenizer, and counts the very tokens.
//!
//! Such a version is asked in one of two ways, over any protocol: with the model's own tensors, or with
//! one tensor `text`, BYTES [n]. What is asked is what is committed to; tokens are counted alike, see
//! [`Text::prepare`].

mod counting;
mod description;
mod fetch;
#[cfg(test)]
pub(crate) mod tests;
mod tokens;

pub(crate) use counting::{away, Turns};
pub use counting::{CountError, Stopped};
pub use description::Description;
pub(crate) use fetch::{documents, Documents};
pub use fetch::{fetch, FetchError};
pub use tokens::{Prepared, Text, MAX_CELLS, MAX_TEXTS, TEXT};

use usufruct_primitives::Hash;

/// Why a version cannot be asked with text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
	/// The document is another one.
	#[error(
		"the metadata's SHA-256 is 0x{}, but the chain has 0x{} for this version; take the \
		 registered document", hex::encode(.found), hex::encode(.expected)
	)]
	WrongMetadata {
		/// What it is.
		found: Hash,
		/// What it should be.
		expected: Hash,
	},
	/// The document is not understood.
	#[error("the metadata is not understood: {0}")]
	Metadata(String),
	/// The version takes no text.
	#[error("the metadata says nothing of text: it needs a member \"text\"")]
	NoText,
	/// The tokenizer is another one.
	#[error(
		"the tokenizer's SHA-256 is 0x{}, but the metadata has 0x{}; take the one that it names",
		hex::encode(.found), hex::encode(.expected)
	)]
	WrongTokenizer {
		/// What it is.
		found: Hash,
		/// What it should be.
		expected: Hash,
	},
	/// The tokenizer cannot be used.
	#[error("the tokenizer cannot be used: {0}")]
	Tokenizer(String),
}

/// Why texts or tokens are no input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
	/// There is nothing.
	#[error("there is no text; send at least one")]
	None,
	/// There are too many.
	#[error("{0} texts are too many for one request; send at most {MAX_TEXTS}")]
	TooMany(usize),
	/// One says nothing.
	#[error("text {0} has no token; leave it out")]
	Empty(usize),
	/// One is too long.
	#[error("text {at} has {tokens} tokens, and the model takes {most}; send it in pieces")]
	TooLong {
		/// Which, from 0.
		at: usize,
		/// How many it has.
		tokens: usize,
		/// How many it may have.
		most: usize,
	},
	/// One is so long that its tokens are not even counted.
	#[error("text {at} has {bytes} bytes, and may have {most}; send it in pieces")]
	TooManyBytes {
		/// Which, from 0.
		at: usize,
		/// How many it has.
		bytes: usize,
		/// How many it may have.
		most: usize,
	},
	/// All together are too long: each takes the room of the longest.
	#[error(
		"{texts} texts of up to {longest} tokens take {} tokens of room, and a request may take \
		 {MAX_CELLS}; send fewer, or those of one length together", .texts.saturating_mul(*.longest)
	)]
	TooLarge {
		/// How many there are.
		texts: usize,
		/// Tokens of the longest.
		longest: usize,
	},
	/// There is no such token.
	#[error("text {at} has a token {token}, but the tokenizer ends at {most}")]
	UnknownToken {
		/// Which text, from 0.
		at: usize,
		/// What stands there.
		token: i64,
		/// The largest there is.
		most: i64,
	},
	/// A mask is not one.
	#[error(
		"'{mask}' must be INT64 [texts, tokens] like '{ids}', each row ones and then zeros, beginning \
		 with a one, and one row all ones"
	)]
	Mask {
		/// The mask's name.
		mask: String,
		/// The tokens' name.
		ids: String,
	},
	/// A model's tensor is missing.
	#[error(
		"input '{0}' is missing; send it, or one tensor '{TEXT}' of BYTES instead of them all"
	)]
	Missing(String),
	/// The text is no list of texts.
	#[error("'{TEXT}' must be BYTES of shape [texts]")]
	Shape,
	/// The tokenizer failed.
	#[error("text {at} cannot be tokenised: {why}")]
	Tokenizer {
		/// Which, from 0.
		at: usize,
		/// Why.
		why: String,
	},
}
