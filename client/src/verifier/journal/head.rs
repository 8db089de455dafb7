//! How far a journal goes, noted in a small file beside it. A line seals those before it and says nothing of
//! those after it: without this file nobody would miss lines that were cut off the end.

use super::JournalError;
use crate::keys::parse_hex_32;
use std::{
	fs::{self, File, OpenOptions},
	io::{self, ErrorKind, Write},
	path::{Path, PathBuf},
};
use usufruct_primitives::{domain, Hash};

/// Where a journal ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
	/// How many lines it has.
	pub lines: usize,
	/// The hash that seals them; zeros if there are none. Whoever notes both elsewhere can tell later that no
	/// line was changed, and that none is missing.
	pub seal: Hash,
}

impl Head {
	/// The head after one more line.
	pub fn then(&self, entry: &[u8]) -> Self {
		let sealed = [b"usufruct/journal".as_slice(), &self.seal, entry].concat();
		Self { lines: self.lines.saturating_add(1), seal: domain::hash(&sealed) }
	}

	/// The file in which the head of a journal is noted.
	pub fn beside(journal: &Path) -> PathBuf {
		suffixed(journal, ".head")
	}

	/// What was noted for a journal, if anything was; [whatever it says](Self::parse).
	pub fn read(journal: &Path) -> Result<Option<Vec<u8>>, JournalError> {
		let path = Self::beside(journal);
		match fs::read(&path) {
			Ok(text) => Ok(Some(text)),
			Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
			Err(source) => Err(JournalError::Io { path, source }),
		}
	}

	/// Notes it for a journal.
	pub fn note(&self, journal: &Path) -> io::Result<()> {
		self.prepare(journal)?;
		Self::commit(journal)
	}

	/// Writes it beside what is noted, so that a full disk is met before the journal has a line more.
	pub fn prepare(&self, journal: &Path) -> io::Result<()> {
		let mut options = OpenOptions::new();
		options.write(true).create(true).truncate(true);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let mut file = options.open(prepared(journal))?;
		#[cfg(unix)]
		give(&file, journal)?;
		file.write_all(format!("{} {}\n", self.lines, hex::encode(self.seal)).as_bytes())?;
		file.sync_all()
	}

	/// Puts what was prepared in the place of what is noted: after a crash it is one or the other, and whole.
	pub fn commit(journal: &Path) -> io::Result<()> {
		fs::rename(prepared(journal), Self::beside(journal))?;
		sync_folder(journal)
	}

	/// Whether a journal whose seals were checked goes through it.
	pub fn is_in(&self, text: &[u8]) -> bool {
		let Some(before) = self.lines.checked_sub(1) else {
			return self.seal == Hash::default();
		};
		let line = text.split_inclusive(|byte| *byte == b'\n').nth(before);
		line.is_some_and(|line| line.starts_with(hex::encode(self.seal).as_bytes()))
	}

	/// What was noted, if it is a head.
	pub fn parse(text: &[u8]) -> Option<Self> {
		let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
		let (lines, seal) = text.split_once(' ')?;
		Some(Self { lines: lines.parse().ok()?, seal: parse_hex_32(seal)? })
	}
}

/// Makes sure that a file is found in its folder after a crash.
pub fn sync_folder(path: &Path) -> io::Result<()> {
	match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
		Some(folder) => File::open(folder)?.sync_all(),
		None => File::open(".")?.sync_all(),
	}
}

/// Gives a file to whom a journal belongs: the service must read it, also when the system's user notes it.
#[cfg(unix)]
fn give(file: &File, journal: &Path) -> io::Result<()> {
	use std::os::unix::fs::{fchown, MetadataExt};
	let owner = fs::metadata(journal)?;
	if file.metadata()?.uid() == owner.uid() {
		return Ok(());
	}
	fchown(file, Some(owner.uid()), Some(owner.gid()))
}

/// The head that is to be noted next.
pub fn prepared(journal: &Path) -> PathBuf {
	suffixed(journal, ".head.new")
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
	let mut name = path.as_os_str().to_owned();
	name.push(suffix);
	name.into()
}
