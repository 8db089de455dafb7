//! Recorded inputs: a record to a line, in hex, and behind `#` what it does.

use super::{dice::RECORD, play::MAKERS};
use std::{
	fs,
	path::{Path, PathBuf},
};

fn folder() -> PathBuf {
	"tests/corpus".into()
}

/// Reads an input.
pub fn read(path: &Path) -> Vec<u8> {
	let text = fs::read_to_string(path)
		.unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
	text.lines()
		.map(|line| line.split('#').next().unwrap_or_default().trim())
		.flat_map(|line| {
			let record = sp_core::bytes::from_hex(&format!("0x{line}")).ok();
			record
				.filter(|record| record.len() == RECORD)
				.unwrap_or_else(|| panic!("{}: {line} is no record", path.display()))
		})
		.collect()
}

fn text(input: &[u8]) -> String {
	input
		.chunks(RECORD)
		.map(|record| {
			let name = MAKERS.get(usize::from(record[0])).map_or("nothing", |(name, _)| name);
			let hex = sp_core::bytes::to_hex(record, false);
			format!("{} # {name}\n", hex.trim_start_matches("0x"))
		})
		.collect()
}

/// All recorded inputs with their names, in the order of these.
pub fn all() -> Vec<(String, Vec<u8>)> {
	let entries = fs::read_dir(folder()).expect("the corpus is there");
	let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
	paths.sort();
	paths
		.into_iter()
		.map(|path| {
			let name = path.file_name().expect("a file").to_string_lossy().into_owned();
			(name, read(&path))
		})
		.collect()
}

/// Records an input that reaches a call.
pub fn record((pallet, call): &(&str, &str), input: &[u8]) -> (String, Vec<u8>) {
	let name = format!("{}-{call}", pallet.to_lowercase());
	fs::write(folder().join(&name), text(input)).expect("the corpus can be written");
	println!("recorded corpus/{name}");
	(name, input.to_vec())
}

/// Writes an input that broke something outside of the corpus.
pub fn write_failure(input: &[u8]) -> PathBuf {
	let hash = usufruct_primitives::domain::hash(input);
	let path = std::env::temp_dir().join(format!("usufruct-fuzz-{:02x}{:02x}", hash[0], hash[1]));
	fs::write(&path, text(input)).expect("a file can be written");
	path
}
