//! Texts to tokens, tokens to tensors, and how many tokens a request has.

use super::{Description, LoadError, TextError};
use crate::{
	manifest,
	tensors::{DataType, Tensor},
};
use tokenizers::Tokenizer;
use usufruct_primitives::Hash;

/// The input that takes text instead of the model's own.
pub const TEXT: &str = "text";
/// The most texts of a request, as in OpenAI's interface.
pub const MAX_TEXTS: usize = 2_048;
/// The most tokens of a request, each text counted as long as the longest: what is computed.
pub const MAX_CELLS: usize = 1 << 16;
/// A text has at most so many bytes for each token that it may have: what is longer is refused before it
/// is read.
const BYTES_PER_TOKEN: usize = 256;

/// A version that takes text.
pub struct Text {
	description: Description,
	tokenizer: Tokenizer,
	/// What stands where there is no token.
	padding: i64,
	/// The largest token there is.
	most: i64,
	metadata: Vec<u8>,
	file: Vec<u8>,
}

/// A request's inputs as the model takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
	/// The model's own tensors.
	pub inputs: Vec<Tensor>,
	/// How many tokens there are; padding does not count.
	pub tokens: u64,
}

impl std::fmt::Debug for Text {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_tuple("Text").field(&self.description).finish_non_exhaustive()
	}
}

impl Text {
	/// From the document that the chain names by `expected`, and the file that it names.
	pub fn load(metadata: Vec<u8>, file: Vec<u8>, expected: &Hash) -> Result<Self, LoadError> {
		let description = Description::read(&metadata, expected)?;
		let found = manifest::of_bytes(&file).hash;
		if found != description.tokenizer {
			return Err(LoadError::WrongTokenizer { found, expected: description.tokenizer });
		}
		let unusable = |error: tokenizers::Error| LoadError::Tokenizer(error.to_string());
		let mut tokenizer = Tokenizer::from_bytes(&file).map_err(unusable)?;
		let padding = tokenizer.get_padding().map_or(0, |padding| padding.pad_id.into());
		// Files come with either switched on: a short text would cost as much as the longest, and of a
		// long one a part would be left out without a word.
		tokenizer.with_padding(None);
		tokenizer.with_truncation(None).map_err(unusable)?;
		let most = tokenizer.get_vocab(true).into_values().max().map_or(-1, i64::from);
		Ok(Self { description, tokenizer, padding, most, metadata, file })
	}

	/// What the metadata says.
	pub fn description(&self) -> &Description {
		&self.description
	}

	/// The document or the tokenizer's file, by its hash.
	pub fn file(&self, hash: &Hash) -> Option<&[u8]> {
		[&self.metadata, &self.file]
			.into_iter()
			.find(|bytes| manifest::of_bytes(bytes).hash == *hash)
			.map(Vec::as_slice)
	}

	/// The inputs as the model takes them, and how many tokens they are.
	///
	/// A token is a one in the mask. Texts are tokenised first, with the marks that the tokenizer puts
	/// around them; a text is never cut short. Tensors are taken as they are.
	pub fn prepare(&self, inputs: &[Tensor]) -> Result<Prepared, TextError> {
		if let [text] = inputs {
			if text.name() == TEXT {
				return self.prepare_texts(text);
			}
		}
		Ok(Prepared { tokens: self.count(inputs)?, inputs: inputs.to_vec() })
	}

	/// The model's tensors for rows of tokens, each padded to the longest.
	pub fn tensors(&self, rows: &[Vec<i64>]) -> Result<Prepared, TextError> {
		let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
		self.check_size(rows.len(), longest)?;
		for (at, row) in rows.iter().enumerate() {
			if row.is_empty() {
				return Err(TextError::Empty(at));
			}
			self.check_length(at, row.len())?;
			if let Some(token) = row.iter().find(|token| !(0..=self.most).contains(*token)) {
				return Err(TextError::UnknownToken { at, token: *token, most: self.most });
			}
		}
		let padded = |of: &dyn Fn(Option<i64>) -> i64| -> Vec<i64> {
			let cells = rows.iter().flat_map(|row| (0..longest).map(|at| row.get(at).copied()));
			cells.map(of).collect()
		};
		let shape = vec![rows.len() as u64, longest as u64];
		let tensor = |name: &str, elements: Vec<i64>| {
			// As many elements as the shape says.
			Tensor::from_elements(name, shape.clone(), &elements).map_err(|_| TextError::Shape)
		};
		let Description { ids, mask, types, .. } = &self.description;
		let mut inputs = vec![
			tensor(ids, padded(&|token| token.unwrap_or(self.padding)))?,
			tensor(mask, padded(&|token| token.is_some().into()))?,
		];
		if let Some(types) = types {
			inputs.push(tensor(types, padded(&|_| 0))?);
		}
		let tokens = rows.iter().map(|row| row.len() as u64).sum();
		Ok(Prepared { inputs, tokens })
	}

	fn prepare_texts(&self, text: &Tensor) -> Result<Prepared, TextError> {
		if text.datatype() != DataType::Bytes || text.shape().len() != 1 {
			return Err(TextError::Shape);
		}
		// Before they are made: an empty one is four bytes long, and takes ten times as many.
		self.check_size(usize::try_from(text.elements()).unwrap_or(usize::MAX), 1)?;
		let texts = text.to_texts().map_err(|_| TextError::Shape)?;
		let most = self.description.max_tokens.saturating_mul(BYTES_PER_TOKEN);
		let mut rows: Vec<Vec<i64>> = Vec::with_capacity(texts.len());
		let mut longest = 0;
		for (at, text) in texts.iter().enumerate() {
			if text.len() > most {
				return Err(TextError::TooManyBytes { at, bytes: text.len(), most });
			}
			let encoded = self
				.tokenizer
				.encode(text.as_str(), true)
				.map_err(|error| TextError::Tokenizer { at, why: error.to_string() })?;
			// What is too much is not tokenised to its end.
			self.check_length(at, encoded.len())?;
			longest = longest.max(encoded.len());
			self.check_size(texts.len(), longest)?;
			rows.push(encoded.get_ids().iter().map(|id| i64::from(*id)).collect());
		}
		self.tensors(&rows)
	}

	/// How many tokens the model's own tensors hold.
	fn count(&self, inputs: &[Tensor]) -> Result<u64, TextError> {
		let Description { ids, mask, .. } = &self.description;
		let find = |name: &str| {
			let found = inputs.iter().find(|tensor| tensor.name() == name);
			found.ok_or_else(|| TextError::Missing(name.into()))
		};
		let wrong = || TextError::Mask { mask: mask.clone(), ids: ids.clone() };
		let (of_ids, of_mask) = (find(ids)?, find(mask)?);
		let &[rows, width] = of_ids.shape() else { return Err(wrong()) };
		let marks = of_mask.to_elements::<i64>().map_err(|_| wrong())?;
		let sizes = usize::try_from(rows).ok().zip(usize::try_from(width).ok());
		let Some((rows, width)) = sizes.filter(|_| of_mask.shape() == of_ids.shape()) else {
			return Err(wrong());
		};
		self.check_size(rows, width)?;
		self.check_length(0, width)?;
		if width == 0 {
			return Err(TextError::Empty(0));
		}
		let mut longest = 0;
		let mut tokens = 0;
		for row in marks.chunks_exact(width) {
			let ones = row.iter().take_while(|mark| **mark == 1).count();
			if ones == 0 || row.iter().skip(ones).any(|mark| *mark != 0) {
				return Err(wrong());
			}
			longest = longest.max(ones);
			tokens += ones as u64;
		}
		// Nobody computes what nobody counts.
		if longest < width {
			return Err(wrong());
		}
		Ok(tokens)
	}

	fn check_size(&self, texts: usize, longest: usize) -> Result<(), TextError> {
		match texts {
			0 => Err(TextError::None),
			_ if texts > MAX_TEXTS => Err(TextError::TooMany(texts)),
			_ if texts.saturating_mul(longest) > MAX_CELLS => {
				Err(TextError::TooLarge { texts, longest })
			},
			_ => Ok(()),
		}
	}

	fn check_length(&self, at: usize, tokens: usize) -> Result<(), TextError> {
		let most = self.description.max_tokens;
		if tokens > most {
			return Err(TextError::TooLong { at, tokens, most });
		}
		Ok(())
	}
}
