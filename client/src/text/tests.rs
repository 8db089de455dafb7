//! A tokenizer of three words, and what it takes.

use super::*;
use crate::{manifest, tensors::Tensor};
use serde_json::{json, Value};

/// Knows "one", "two" and "three"; puts a mark before and after. Comes with padding and truncation
/// switched on, as published ones do.
fn tokenizer() -> Vec<u8> {
	let marks = |id: &str| json!({ "SpecialToken": { "id": id, "type_id": 0 } });
	let special = |id: &str, number: u32| json!({ "id": id, "ids": [number], "tokens": [id] });
	let added = |id: u32, content: &str| {
		json!({ "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
			"normalized": false, "special": true })
	};
	let file = json!({
		"version": "1.0",
		"truncation": { "max_length": 3, "strategy": "LongestFirst", "stride": 0, "direction": "Right" },
		"padding": { "strategy": { "Fixed": 9 }, "direction": "Right", "pad_to_multiple_of": null,
			"pad_id": 5, "pad_type_id": 0, "pad_token": "[PAD]" },
		"added_tokens": [added(0, "[UNK]"), added(1, "["), added(2, "]"), added(5, "[PAD]")],
		"normalizer": null,
		"pre_tokenizer": { "type": "Whitespace" },
		"post_processor": { "type": "TemplateProcessing",
			"single": [marks("["), { "Sequence": { "id": "A", "type_id": 0 } }, marks("]")],
			"pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
			"special_tokens": { "[": special("[", 1), "]": special("]", 2) } },
		"decoder": null,
		"model": { "type": "WordLevel", "unk_token": "[UNK]",
			"vocab": { "[UNK]": 0, "[": 1, "]": 2, "one": 3, "two": 4, "[PAD]": 5, "three": 6 } },
	});
	serde_json::to_vec(&file).unwrap()
}

/// One that puts no marks, so that it counts two tokens fewer.
fn without_marks() -> Vec<u8> {
	let mut file: Value = serde_json::from_slice(&tokenizer()).unwrap();
	file["post_processor"] = Value::Null;
	serde_json::to_vec(&file).unwrap()
}

fn metadata(change: impl FnOnce(&mut Value)) -> Vec<u8> {
	let mut document = json!({ "name": "words", "text": {
		"tokenizer": hex::encode(manifest::of_bytes(&tokenizer()).hash),
		"max_tokens": 6, "ids": "ids", "mask": "mask", "types": "types", "embedding": "vector",
	} });
	change(&mut document);
	serde_json::to_vec(&document).unwrap()
}

fn load(change: impl FnOnce(&mut Value)) -> Result<Text, LoadError> {
	let metadata = metadata(change);
	let hash = manifest::of_bytes(&metadata).hash;
	Text::load(metadata, tokenizer(), &hash)
}

/// The metadata and the tokenizer of [`words`].
pub(crate) fn documents() -> [Vec<u8>; 2] {
	[metadata(|_| ()), tokenizer()]
}

pub(crate) fn words() -> Text {
	load(|_| ()).unwrap()
}

/// The same words in another version.
pub(crate) fn words_without_marks() -> Text {
	let file = without_marks();
	let metadata = metadata(|it| {
		it["text"]["tokenizer"] = hex::encode(manifest::of_bytes(&file).hash).into();
	});
	let hash = manifest::of_bytes(&metadata).hash;
	Text::load(metadata, file, &hash).unwrap()
}

fn texts(texts: &[&str]) -> Vec<Tensor> {
	vec![Tensor::from_texts(TEXT, vec![texts.len() as u64], texts).unwrap()]
}

fn rows(name: &str, shape: [u64; 2], elements: &[i64]) -> Tensor {
	Tensor::from_elements(name, shape.to_vec(), elements).unwrap()
}

#[test]
fn texts_become_tensors_padded_to_the_longest_of_them() {
	let prepared = words().prepare(&texts(&["two", "one two three", "what?"])).unwrap();
	let expected = [
		rows("ids", [3, 5], &[1, 4, 2, 5, 5, 1, 3, 4, 6, 2, 1, 0, 0, 2, 5]),
		rows("mask", [3, 5], &[1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]),
		rows("types", [3, 5], &[0; 15]),
	];
	assert_eq!(prepared.inputs, expected);
	assert_eq!(prepared.tokens, 3 + 5 + 4);
	// The very same as tensors: the same tokens.
	assert_eq!(words().prepare(&expected).unwrap(), prepared);
	let alone = words().prepare(&texts(&[""])).unwrap();
	assert_eq!((alone.inputs[0].shape(), alone.tokens), (&[1, 2][..], 2));
}

#[test]
fn a_model_without_types_gets_none() {
	let text = load(|it| drop(it["text"].as_object_mut().unwrap().remove("types"))).unwrap();
	let prepared = text.prepare(&texts(&["one"])).unwrap();
	let names: Vec<_> = prepared.inputs.iter().map(Tensor::name).collect();
	assert_eq!(names, ["ids", "mask"]);
	assert_eq!(text.description().inputs().collect::<Vec<_>>(), ["ids", "mask"]);
}

#[test]
fn texts_that_are_too_many_or_too_long_are_refused_and_not_cut() {
	let text = words();
	let refused = |of: &[&str]| text.prepare(&texts(of)).unwrap_err();
	assert_eq!(refused(&[]), TextError::None);
	assert_eq!(refused(&["one"; MAX_TEXTS + 1]), TextError::TooMany(MAX_TEXTS + 1));
	assert_eq!(
		refused(&["one", "one one one one one"]),
		TextError::TooLong { at: 1, tokens: 7, most: 6 }
	);
	let long = "one ".repeat(1_000);
	assert_eq!(refused(&[&long]), TextError::TooManyBytes { at: 0, bytes: 4_000, most: 6 * 256 });
	let large = load(|it| it["text"]["max_tokens"] = 1_000.into()).unwrap();
	let long = "one ".repeat(900);
	let error = large.prepare(&texts(&[long.as_str(); 100])).unwrap_err();
	assert_eq!(error, TextError::TooLarge { texts: 100, longest: 902 });
	let matrix = vec![Tensor::from_texts(TEXT, vec![1, 1], &["one"]).unwrap()];
	assert_eq!(text.prepare(&matrix), Err(TextError::Shape));
	let numbers = vec![Tensor::from_elements(TEXT, vec![1], &[1i64]).unwrap()];
	assert_eq!(text.prepare(&numbers), Err(TextError::Shape));
}

#[test]
fn tokens_must_be_ones_that_there_are() {
	let text = words();
	let prepared = text.tensors(&[vec![3], vec![4, 6]]).unwrap();
	assert_eq!(prepared.inputs[0], rows("ids", [2, 2], &[3, 5, 4, 6]));
	assert_eq!(prepared.tokens, 3);
	assert_eq!(text.tensors(&[]), Err(TextError::None));
	assert_eq!(text.tensors(&[vec![1], vec![]]), Err(TextError::Empty(1)));
	for token in [-1, 7, i64::MAX, i64::MIN] {
		let error = TextError::UnknownToken { at: 0, token, most: 6 };
		assert_eq!(text.tensors(&[vec![token]]), Err(error));
	}
	let error = TextError::TooLong { at: 0, tokens: 7, most: 6 };
	assert_eq!(text.tensors(&[vec![1; 7]]), Err(error));
}

#[test]
fn tensors_whose_mask_hides_what_is_computed_are_refused() {
	let text = words();
	let prepare = |ids: Tensor, mask: Tensor| text.prepare(&[ids, mask]);
	let ids = |shape| rows("ids", shape, &vec![1; (shape[0] * shape[1]) as usize]);
	let wrong = TextError::Mask { mask: "mask".into(), ids: "ids".into() };
	let counted = prepare(ids([2, 3]), rows("mask", [2, 3], &[1, 1, 1, 1, 0, 0])).unwrap();
	assert_eq!(counted.tokens, 4);
	for mask in [
		[0, 0, 0, 1, 1, 1],
		[1, 1, 0, 1, 1, 0],
		[1, 0, 1, 1, 1, 1],
		[2, 2, 2, 1, 1, 1],
		[1, 1, 1, -1, 0, 0],
	] {
		assert_eq!(prepare(ids([2, 3]), rows("mask", [2, 3], &mask)), Err(wrong.clone()));
	}
	assert_eq!(prepare(ids([2, 3]), rows("mask", [3, 2], &[1; 6])), Err(wrong.clone()));
	let floats = Tensor::from_elements("mask", vec![1, 1], &[1f32]).unwrap();
	assert_eq!(prepare(ids([1, 1]), floats), Err(wrong));
	assert_eq!(prepare(ids([0, 3]), rows("mask", [0, 3], &[])), Err(TextError::None));
	assert_eq!(prepare(ids([1, 0]), rows("mask", [1, 0], &[])), Err(TextError::Empty(0)));
	let error = TextError::TooLong { at: 0, tokens: 7, most: 6 };
	assert_eq!(prepare(ids([1, 7]), rows("mask", [1, 7], &[1; 7])), Err(error));
	assert_eq!(text.prepare(&[ids([1, 1])]), Err(TextError::Missing("mask".into())));
	assert_eq!(text.prepare(&[]), Err(TextError::Missing("ids".into())));
	// Nothing that large is ever counted.
	let huge = Tensor::from_elements("ids", vec![1 << 63, 0], &[0i64; 0]).unwrap();
	let mask = Tensor::from_elements("mask", vec![1 << 63, 0], &[0i64; 0]).unwrap();
	assert_eq!(prepare(huge, mask), Err(TextError::TooMany(1 << 63)));
}

#[test]
fn only_what_the_chain_names_is_loaded() {
	let metadata = metadata(|_| ());
	let hash = manifest::of_bytes(&metadata).hash;
	let other = Text::load(metadata.clone(), tokenizer(), &[7; 32]).unwrap_err();
	assert_eq!(other, LoadError::WrongMetadata { found: hash, expected: [7; 32] });
	let other = Text::load(metadata.clone(), b"{}".to_vec(), &hash).unwrap_err();
	assert!(matches!(other, LoadError::WrongTokenizer { .. }), "{other}");
	let text = words();
	assert_eq!(text.file(&hash), Some(&metadata[..]));
	assert_eq!(text.file(&text.description().tokenizer), Some(&tokenizer()[..]));
	assert_eq!(text.file(&[7; 32]), None);

	let broken = load(|it| {
		let hash = manifest::of_bytes(b"{}").hash;
		it["text"]["tokenizer"] = hex::encode(hash).into();
	});
	assert!(matches!(broken, Err(LoadError::WrongTokenizer { .. })));
	let plain = load(|it| drop(it.as_object_mut().unwrap().remove("text")));
	assert_eq!(plain.unwrap_err(), LoadError::NoText);
	for (member, value) in [
		("max_tokens", json!(0)),
		("max_tokens", json!(-1)),
		("tokenizer", json!("be50")),
		("ids", json!(3)),
		("idss", json!("x")),
	] {
		let wrong = load(|it| it["text"][member] = value).unwrap_err();
		assert!(matches!(wrong, LoadError::Metadata(_)), "{member}: {wrong}");
	}
	for noise in [&b""[..], b"[", b"\xff", b"3"] {
		let wrong = Description::read(noise, &manifest::of_bytes(noise).hash).unwrap_err();
		assert!(matches!(wrong, LoadError::Metadata(_)), "{wrong}");
	}
}

#[test]
fn a_file_that_is_no_tokenizer_is_refused() {
	let file = b"{}".to_vec();
	let metadata = metadata(|it| {
		it["text"]["tokenizer"] = hex::encode(manifest::of_bytes(&file).hash).into();
	});
	let hash = manifest::of_bytes(&metadata).hash;
	let error = Text::load(metadata, file, &hash).unwrap_err();
	assert!(matches!(error, LoadError::Tokenizer(_)), "{error}");
}
