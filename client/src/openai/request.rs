//! What `/v1/embeddings` is asked.

use crate::{
	tensors::Tensor,
	text::{Text, TextError, MAX_CELLS, MAX_TEXTS, TEXT},
};
use serde::{
	de::{self, DeserializeSeed, SeqAccess, Visitor},
	Deserialize, Deserializer,
};
use std::fmt;

/// The body of a request. What else OpenAI's clients send, such as `user`, means nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Request {
	/// The model's name.
	pub model: String,
	/// What to embed.
	pub input: Input,
	/// How the vectors are written.
	#[serde(default)]
	pub encoding_format: Encoding,
	/// How long the vectors are to be; only as long as they are.
	pub dimensions: Option<u64>,
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
	/// As JSON numbers.
	#[default]
	Float,
	/// As base64 of 32-bit floats, little endian.
	Base64,
}

/// One text, or several; or one text's tokens, or several texts'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
	/// Texts.
	Texts(Vec<String>),
	/// Tokens, as the model takes them.
	Tokens(Vec<Vec<i64>>),
}

impl Input {
	/// The tensors that ask a version for it.
	pub fn tensors(self, text: &Text) -> Result<Vec<Tensor>, TextError> {
		match self {
			Self::Texts(texts) => {
				let tensor = Tensor::from_texts(TEXT, vec![texts.len() as u64], &texts);
				Ok(vec![tensor.map_err(|_| TextError::Shape)?])
			},
			Self::Tokens(rows) => Ok(text.tensors(&rows)?.inputs),
		}
	}
}

impl<'de> Deserialize<'de> for Input {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		deserializer.deserialize_any(InputVisitor)
	}
}

/// An element of the array of inputs.
enum Item {
	Text(String),
	Token(i64),
	Tokens(Vec<i64>),
}

struct InputVisitor;

impl<'de> Visitor<'de> for InputVisitor {
	type Value = Input;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("a string, an array of strings, an array of tokens, or an array of such arrays")
	}

	fn visit_str<E: de::Error>(self, text: &str) -> Result<Input, E> {
		Ok(Input::Texts(vec![text.into()]))
	}

	fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Input, A::Error> {
		let mixed = || de::Error::custom("input mixes strings, tokens and arrays of tokens");
		let many = || de::Error::custom(format_args!("input has more than {MAX_TEXTS} texts"));
		let mut room = MAX_CELLS;
		let Some(first) = seq.next_element_seed(ItemSeed(&mut room))? else {
			return Err(de::Error::custom("input is empty; send at least one text"));
		};
		match first {
			Item::Text(first) => {
				let mut texts = vec![first];
				while let Some(item) = seq.next_element_seed(ItemSeed(&mut room))? {
					let Item::Text(text) = item else { return Err(mixed()) };
					texts.push(text);
					if texts.len() > MAX_TEXTS {
						return Err(many());
					}
				}
				Ok(Input::Texts(texts))
			},
			Item::Token(first) => {
				let mut tokens = vec![first];
				while let Some(item) = seq.next_element_seed(ItemSeed(&mut room))? {
					let Item::Token(token) = item else { return Err(mixed()) };
					tokens.push(token);
				}
				Ok(Input::Tokens(vec![tokens]))
			},
			Item::Tokens(first) => {
				let mut rows = vec![first];
				while let Some(item) = seq.next_element_seed(ItemSeed(&mut room))? {
					let Item::Tokens(row) = item else { return Err(mixed()) };
					rows.push(row);
					if rows.len() > MAX_TEXTS {
						return Err(many());
					}
				}
				Ok(Input::Tokens(rows))
			},
		}
	}
}

/// Reads an item, as long as there is room for its tokens.
struct ItemSeed<'a>(&'a mut usize);

impl ItemSeed<'_> {
	fn token<E: de::Error>(&mut self, token: i64) -> Result<i64, E> {
		*self.0 = self.0.checked_sub(1).ok_or_else(|| {
			E::custom(format_args!("input has more than {MAX_CELLS} tokens; send less at once"))
		})?;
		Ok(token)
	}
}

impl<'de> DeserializeSeed<'de> for ItemSeed<'_> {
	type Value = Item;

	fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item, D::Error> {
		deserializer.deserialize_any(self)
	}
}

impl<'de> Visitor<'de> for ItemSeed<'_> {
	type Value = Item;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("a string, a token, or an array of tokens")
	}

	fn visit_str<E: de::Error>(self, text: &str) -> Result<Item, E> {
		Ok(Item::Text(text.into()))
	}

	fn visit_u64<E: de::Error>(mut self, token: u64) -> Result<Item, E> {
		let wrong = |_| E::custom(format_args!("{token} is no token"));
		let token = i64::try_from(token).map_err(wrong)?;
		self.token(token).map(Item::Token)
	}

	fn visit_i64<E: de::Error>(self, token: i64) -> Result<Item, E> {
		Err(E::custom(format_args!("{token} is no token")))
	}

	fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Item, A::Error> {
		let mut tokens = Vec::new();
		while let Some(token) = seq.next_element::<i64>()? {
			tokens.push(self.token(token)?);
		}
		Ok(Item::Tokens(tokens))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn input(text: &str) -> Result<Input, String> {
		let body = format!(r#"{{"model":"m","input":{text},"user":"u","new":[1]}}"#);
		serde_json::from_str::<Request>(&body)
			.map(|request| request.input)
			.map_err(|error| error.to_string())
	}

	#[test]
	fn all_forms_of_input_are_read() {
		let texts =
			|texts: &[&str]| Ok(Input::Texts(texts.iter().map(|it| (*it).into()).collect()));
		assert_eq!(input(r#""a\nb""#), texts(&["a\nb"]));
		assert_eq!(input(r#"["a",""]"#), texts(&["a", ""]));
		assert_eq!(input("[1,2]"), Ok(Input::Tokens(vec![vec![1, 2]])));
		assert_eq!(input("[[1],[],[2,3]]"), Ok(Input::Tokens(vec![vec![1], vec![], vec![2, 3]])));
	}

	#[test]
	fn what_is_no_input_is_refused() {
		for wrong in [
			"[]",
			"3",
			"null",
			"{}",
			"true",
			"[null]",
			"[1.5]",
			"[-1]",
			"[18446744073709551615]",
			"[[1.5]]",
			"[[[1]]]",
			r#"["a",1]"#,
			r#"[1,"a"]"#,
			"[1,[1]]",
			r#"[[1],"a"]"#,
		] {
			assert!(input(wrong).is_err(), "{wrong}");
		}
		for body in [
			r#"{"input":"a"}"#,
			r#"{"model":"m"}"#,
			r#"{"model":"m","input":"a","encoding_format":"int8"}"#,
			r#"{"model":"m","input":"a","dimensions":-1}"#,
		] {
			assert!(serde_json::from_str::<Request>(body).is_err(), "{body}");
		}
	}

	#[test]
	fn more_than_fits_is_not_read_to_its_end() {
		let many = |item: &str, count: usize| format!("[{}]", vec![item; count].join(","));
		assert!(input(&many("1", MAX_CELLS)).is_ok());
		assert!(input(&many("1", MAX_CELLS + 1)).unwrap_err().contains("tokens"));
		assert!(input(&many("[1]", MAX_TEXTS + 1)).unwrap_err().contains("texts"));
		assert!(input(&many("\"\"", MAX_TEXTS)).is_ok());
		assert!(input(&many("\"\"", MAX_TEXTS + 1)).unwrap_err().contains("texts"));
		let long = format!("[{}]", many("1", MAX_CELLS + 1));
		assert!(input(&long).unwrap_err().contains("tokens"));
	}

	#[test]
	fn vectors_are_numbers_unless_something_else_is_said() {
		let request = |more: &str| {
			let body = format!(r#"{{"model":"m","input":"a"{more}}}"#);
			serde_json::from_str::<Request>(&body).unwrap()
		};
		assert_eq!(request("").encoding_format, Encoding::Float);
		let asked = request(r#","encoding_format":"base64","dimensions":384"#);
		assert_eq!((asked.encoding_format, asked.dimensions), (Encoding::Base64, Some(384)));
		assert_eq!(request(r#","dimensions":null"#).dimensions, None);
	}
}
