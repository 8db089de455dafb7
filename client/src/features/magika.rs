//! Features of a file for magika, Google's model that recognises file types.
//!
//! The rule is that of the `magika` package, version 1.0 with model `standard_v3_3`:
//! - read at most `block_size` (4096) bytes from the beginning and as many from the end;
//! - strip ASCII white space: at the left of what stands at the beginning, at the right of what
//!   stands at the end;
//! - take the first `beg_size` (1024) bytes of the one, padded at its end, and the last `end_size`
//!   (1024) of the other, padded at its beginning; the padding token is 256;
//! - a file with fewer than `min_file_size_for_dl` (8) bytes, or fewer left after stripping, says too
//!   little and is not given to the model.
//!
//! The model takes both parts, one after the other, as `bytes`: INT32 [N, 2048].

use serde::Deserialize;
use std::{
	collections::BTreeMap,
	io::{self, Read, Seek, SeekFrom},
};

/// A model's parameters; the file `config.min.json` next to it holds them.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
	/// Tokens from the beginning.
	pub beg_size: usize,
	/// Tokens from the end.
	pub end_size: usize,
	/// Bytes read at either side.
	pub block_size: usize,
	/// What stands where there is no byte.
	pub padding_token: i32,
	/// Fewer bytes than these say too little.
	pub min_file_size_for_dl: usize,
	/// Tokens from the middle; only 0 is known here.
	#[serde(default)]
	mid_size: usize,
	/// Whether bytes at fixed offsets are taken too; only false is known here.
	#[serde(default)]
	use_inputs_at_offsets: bool,
	/// The names of the model's outputs.
	#[serde(default)]
	pub target_labels_space: Vec<String>,
	/// Labels that need another score than [`Config::medium_confidence_threshold`].
	#[serde(default)]
	pub thresholds: BTreeMap<String, f32>,
	/// The score from which a label is trusted.
	#[serde(default)]
	pub medium_confidence_threshold: f32,
	/// Labels that are shown as others.
	#[serde(default)]
	pub overwrite_map: BTreeMap<String, String>,
}

/// What a model says about a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
	/// The most likely type.
	pub label: String,
	/// How likely, 0 to 1.
	pub score: f32,
	/// Whether the score is high enough for that type.
	pub confident: bool,
}

impl Config {
	/// The sizes of `standard_v3_3`, for as many tokens as a tensor has; without labels.
	pub fn for_tokens(tokens: usize) -> Self {
		Self {
			beg_size: tokens / 2,
			end_size: tokens - tokens / 2,
			block_size: tokens.max(2) * 2,
			padding_token: 256,
			min_file_size_for_dl: 8,
			mid_size: 0,
			use_inputs_at_offsets: false,
			target_labels_space: vec![],
			thresholds: BTreeMap::new(),
			medium_confidence_threshold: 0.5,
			overwrite_map: BTreeMap::new(),
		}
	}

	/// Reads a model's `config.min.json`.
	pub fn parse(json: &str) -> Result<Self, String> {
		let config: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
		if config.mid_size != 0 || config.use_inputs_at_offsets {
			return Err("the model takes features that this release cannot extract".into());
		}
		if config.beg_size > config.block_size || config.end_size > config.block_size {
			return Err("block_size is smaller than what is taken of it".into());
		}
		if config.min_file_size_for_dl == 0 || config.min_file_size_for_dl > config.beg_size {
			return Err("min_file_size_for_dl must be between 1 and beg_size".into());
		}
		Ok(config)
	}

	/// How many tokens there are.
	pub fn tokens(&self) -> usize {
		self.beg_size + self.end_size
	}

	/// The tokens of a file; `None` if it says too little.
	pub fn features(&self, file: &mut (impl Read + Seek)) -> io::Result<Option<Vec<i32>>> {
		let size = file.seek(SeekFrom::End(0))?;
		if size < self.min_file_size_for_dl as u64 {
			return Ok(None);
		}
		let block = size.min(self.block_size as u64);
		let beginning = read_at(file, 0, block)?;
		let beginning = &beginning[beginning.iter().take_while(|byte| is_space(byte)).count()..];
		if beginning.len() < self.min_file_size_for_dl {
			return Ok(None);
		}
		let end = read_at(file, size - block, block)?;
		let end = &end[..end.len() - end.iter().rev().take_while(|byte| is_space(byte)).count()];

		let beginning = &beginning[..beginning.len().min(self.beg_size)];
		let end = &end[end.len().saturating_sub(self.end_size)..];
		let mut tokens = Vec::with_capacity(self.tokens());
		tokens.extend(beginning.iter().map(|byte| i32::from(*byte)));
		tokens.resize(self.tokens() - end.len(), self.padding_token);
		tokens.extend(end.iter().map(|byte| i32::from(*byte)));
		Ok(Some(tokens))
	}

	/// What the model's scores say; `None` if they are not one per label.
	pub fn predict(&self, scores: &[f32]) -> Option<Prediction> {
		if scores.len() != self.target_labels_space.len() {
			return None;
		}
		let (index, score) = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
		let label = &self.target_labels_space[index];
		let threshold = self.thresholds.get(label).unwrap_or(&self.medium_confidence_threshold);
		Some(Prediction {
			label: self.overwrite_map.get(label).unwrap_or(label).clone(),
			score: *score,
			confident: score >= threshold,
		})
	}
}

/// Python's `bytes.strip()`.
fn is_space(byte: &u8) -> bool {
	matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn read_at(file: &mut (impl Read + Seek), at: u64, length: u64) -> io::Result<Vec<u8>> {
	file.seek(SeekFrom::Start(at))?;
	let mut bytes = Vec::with_capacity(length as usize);
	file.take(length).read_to_end(&mut bytes)?;
	Ok(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::io::Cursor;

	/// Eight tokens of either side, blocks of sixteen bytes.
	fn small() -> Config {
		Config { beg_size: 8, end_size: 8, block_size: 16, ..Config::for_tokens(16) }
	}

	fn features(bytes: &[u8]) -> Option<Vec<i32>> {
		small().features(&mut Cursor::new(bytes)).unwrap()
	}

	fn tokens(beginning: &str, padding: usize, end: &str) -> Option<Vec<i32>> {
		let ints = |text: &str| text.bytes().map(i32::from).collect::<Vec<_>>();
		Some([ints(beginning), vec![256; padding], ints(end)].concat())
	}

	#[test]
	fn takes_the_first_and_the_last_bytes() {
		assert_eq!(features(b"abcdefghijklmnopqrstuvwxyz"), tokens("abcdefgh", 0, "stuvwxyz"));
		assert_eq!(features(b"abcdefgh"), tokens("abcdefgh", 0, "abcdefgh"));
	}

	#[test]
	fn pads_what_is_short_in_the_middle() {
		let mut config = small();
		config.min_file_size_for_dl = 3;
		let found = config.features(&mut Cursor::new(b"abc")).unwrap();
		assert_eq!(found, tokens("abc", 10, "abc"));
	}

	#[test]
	fn strips_white_space_at_the_outer_sides_only() {
		assert_eq!(features(b" \t\n\r\x0b\x0cabc defgh"), tokens("abc defg", 0, "bc defgh"));
		// Of a short file the other side is left as it is.
		let mut config = small();
		config.min_file_size_for_dl = 3;
		let found = config.features(&mut Cursor::new(b" abc ")).unwrap();
		assert_eq!(found, tokens("abc ", 8, " abc"));
		// No other byte is white space.
		assert_eq!(features(b"\0bcdefg\0"), tokens("\0bcdefg\0", 0, "\0bcdefg\0"));
	}

	#[test]
	fn reads_no_further_than_a_block() {
		// The beginning is blank as far as it is read, although more follows.
		assert_eq!(features(b"                    something"), None);
		let mut file = b"something".to_vec();
		file.extend([b' '; 20]);
		assert_eq!(features(&file), tokens("somethin", 8, ""));
	}

	#[test]
	fn what_says_too_little_is_not_for_the_model() {
		assert_eq!(features(b""), None);
		assert_eq!(features(b"abcdefg"), None);
		assert_eq!(features(b"  abcdefg"), None);
	}

	#[test]
	fn the_sizes_of_the_standard_model_are_the_default() {
		let config = Config::for_tokens(2048);
		assert_eq!((config.beg_size, config.end_size, config.block_size), (1024, 1024, 4096));
		let file: Vec<u8> = (0..10_000u32).map(|i| (i % 251) as u8).collect();
		let tokens = config.features(&mut Cursor::new(&file)).unwrap().unwrap();
		assert_eq!(tokens.len(), 2048);
		let of = |at: usize| i32::from(file[at]);
		assert_eq!(
			(tokens[0], tokens[1023], tokens[1024], tokens[2047]),
			(of(0), of(1023), of(8976), of(9999))
		);
	}

	#[test]
	fn scores_name_the_likeliest_label() {
		let json = r#"{"beg_size":8,"mid_size":0,"end_size":8,"use_inputs_at_offsets":false,
			"medium_confidence_threshold":0.5,"min_file_size_for_dl":8,"padding_token":256,
			"block_size":16,"target_labels_space":["elf","randomtxt","rust"],
			"thresholds":{"rust":0.9},"overwrite_map":{"randomtxt":"txt"}}"#;
		let config = Config::parse(json).unwrap();
		let predict = |scores: &[f32]| config.predict(scores).map(|it| (it.label, it.confident));
		assert_eq!(predict(&[0.5, 0.3, 0.2]), Some(("elf".into(), true)));
		assert_eq!(predict(&[0.1, 0.4, 0.2]), Some(("txt".into(), false)));
		assert_eq!(predict(&[0.1, 0.05, 0.85]), Some(("rust".into(), false)));
		assert_eq!(predict(&[0.1]), None);
		for (from, to) in [
			("\"mid_size\":0", "\"mid_size\":1"),
			("offsets\":false", "offsets\":true"),
			("\"block_size\":16", "\"block_size\":7"),
			("dl\":8", "dl\":0"),
		] {
			assert!(Config::parse(&json.replace(from, to)).is_err(), "{to}");
		}
	}
}
