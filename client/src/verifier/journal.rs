//! What a verifier has signed, in a file that only ever grows and in which each line seals all
//! before it.
//!
//! A line is `HASH ENTRY`: the entry as JSON, and `H("usufruct/journal" | the hash before | entry)`
//! in hex. It is on the disk before the attestation leaves, so the quota and the answers it holds
//! survive whatever kills the process; and so is its [`Head`], in a file of its own, which tells at the
//! next start whether lines are missing at the end. It has no personal data: the nullifier, a keyed hash
//! of the account, and what the attestation says besides.
//!
//! The first line says [whose](Owner) it is: quotas, epochs and blocks of another chain say nothing of
//! this one.

mod head;

use crate::output::hex0x;
use head::sync_folder;
pub use head::Head;
use serde::{Deserialize, Serialize};
use std::{
	collections::{BTreeMap, BTreeSet},
	fs::{self, File, OpenOptions, TryLockError},
	io::{self, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
};
use usufruct_primitives::{BlockNumber, EpochIndex, Hash, Purpose, VerifierId};

/// Whose journal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
	/// The genesis hash of the chain.
	#[serde(with = "hexed")]
	pub genesis: Hash,
	/// The verifier on it.
	pub verifier: VerifierId,
}

/// What is known about one attestation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attested {
	/// Who attested.
	pub verifier: VerifierId,
	/// By which method the human was recognised.
	pub method: String,
	/// What for.
	pub purpose: Purpose,
	/// The keyed hash of the evidence.
	#[serde(with = "hexed")]
	pub nullifier: Hash,
	/// A keyed hash of the account.
	#[serde(with = "hexed")]
	pub account: Hash,
	/// The stated region.
	pub region: u16,
	/// The first block it is valid in.
	pub issued: BlockNumber,
	/// The first block it is no longer valid in.
	pub expires: BlockNumber,
	/// The person's counter.
	pub nonce: u32,
	/// The epoch of the dividend it was signed in.
	pub epoch: EpochIndex,
	/// Whether the human was new to the domain, and so counts against the quota.
	pub new: bool,
}

/// Why there is no journal, or none that can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
	/// The file system.
	#[error("cannot use the journal {path}")]
	Io {
		/// The file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// Another process has it.
	#[error("another process uses the journal {0}; a verifier has one service")]
	InUse(PathBuf),
	/// A line is not what was written.
	#[error(
		"line {line} of the journal {path} was changed, or lines before it were; put the last good copy \
		 back, and do not attest before you know who did it"
	)]
	Broken {
		/// The file.
		path: PathBuf,
		/// The line, from 1.
		line: usize,
	},
	/// Lines are missing at its end.
	#[error(
		"the journal {path} has {found} lines, and {written} were written: the last ones are missing, and \
		 whoever stands in them could be attested anew; put the newest copy back, which has them all"
	)]
	Cut {
		/// The file.
		path: PathBuf,
		/// How many lines there are.
		found: usize,
		/// How many there were.
		written: usize,
	},
	/// Nothing says how far it goes.
	#[error(
		"{head} is missing, which says how far the journal {path} goes; put it back. If it is lost, compare \
		 the journal's {} lines and its hash {} with what you noted elsewhere; only if none is missing, note \
		 them anew: usufruct verifier journal {path} --trust", .found.lines, hex0x(.found.seal)
	)]
	NoHead {
		/// The journal.
		path: PathBuf,
		/// The file that is missing.
		head: PathBuf,
		/// How far the journal goes.
		found: Head,
	},
	/// What says how far it goes is no such thing, or another journal's.
	#[error(
		"{head} does not say how far the journal {path} goes: one of them was changed, is an older copy or \
		 another journal's; put the newest copy of both back. If only {head} is wrong, compare the journal's \
		 {} lines and its hash {} with what you noted elsewhere; only if none is missing, note them anew: \
		 usufruct verifier journal {path} --trust", .found.lines, hex0x(.found.seal)
	)]
	OtherHead {
		/// The journal.
		path: PathBuf,
		/// The file beside it.
		head: PathBuf,
		/// How far the journal goes.
		found: Head,
	},
	/// It is another chain's.
	#[error(
		"the journal {path} is of the chain with genesis {}, and the node's chain has {}; name the journal of \
		 this chain with --journal (a new file, if the verifier has never attested on it), or the other \
		 chain's node with --url", hex0x(.found), hex0x(.wanted)
	)]
	OtherChain {
		/// The file.
		path: PathBuf,
		/// The genesis hash in it.
		found: Hash,
		/// The one of the chain.
		wanted: Hash,
	},
	/// It is another verifier's.
	#[error(
		"the journal {path} is of verifier {found}, not of verifier {wanted}; name the one of verifier \
		 {wanted} with --journal (a new file, if it has never attested)"
	)]
	OtherVerifier {
		/// The file.
		path: PathBuf,
		/// Whose it is.
		found: VerifierId,
		/// Whose was wanted.
		wanted: VerifierId,
	},
	/// A write failed and could not be taken back.
	#[error("the journal could not be written; start the service again")]
	Poisoned,
}

/// What a line says.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
	Owner(Owner),
	Attested(Attested),
}

/// What is in a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
	head: Head,
	/// Not in one that was begun before journals said so.
	owner: Option<Owner>,
	/// Who has attested in it.
	verifiers: BTreeSet<VerifierId>,
	last: BTreeMap<Hash, Attested>,
	/// The newest epoch, and the humans who were new in it.
	epoch: (EpochIndex, BTreeSet<Hash>),
}

/// The journal of one verifier, which nobody else writes to meanwhile.
#[derive(Debug)]
pub struct Journal {
	path: PathBuf,
	file: File,
	/// Up to where the file is whole.
	length: u64,
	poisoned: bool,
	adopted: bool,
	contents: Contents,
}

impl Journal {
	/// Opens the journal of that owner, or begins it, and checks every line of it and that none is missing.
	/// The end of a line that was being written when the process died is cut off: what it stood for never
	/// left. A last line that is whole and was not noted yet counts as any other.
	///
	/// One that does not say whose it is and has attestations of no other verifier is
	/// [adopted](Self::adopted): with a new one the quota and the answers in it would be forgotten.
	pub fn open(path: &Path, owner: Owner) -> Result<Self, JournalError> {
		let io = |source| JournalError::Io { path: path.into(), source };
		let mut options = OpenOptions::new();
		options.read(true).write(true).create(true).truncate(false);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let (file, text) = take(path, &options)?;
		let whole = whole(&text);
		let contents = Contents::parse(path, whole)?;
		// Before anything is changed: it may not be ours.
		contents.check(path, &owner)?;
		let noted = contents.compare(path, whole, Head::read(path)?)?;
		// One line more is what a crash leaves.
		if noted.is_some_and(|noted| contents.head.lines.saturating_sub(noted.lines) > 1) {
			return Err(contents.other_head(path));
		}
		let length = whole.len() as u64;
		file.set_len(length).map_err(io)?;
		file.sync_all().map_err(io)?;
		sync_folder(path).map_err(io)?;
		if contents.head != noted.unwrap_or_default() {
			contents.head.note(path).map_err(io)?;
		}
		let (poisoned, nameless) = (false, contents.owner.is_none());
		let adopted = nameless && contents.head.lines > 0;
		let mut journal = Self { path: path.into(), file, length, poisoned, adopted, contents };
		if nameless {
			journal.write(Entry::Owner(owner))?;
		}
		Ok(journal)
	}

	/// Notes anew how far a journal goes, for an operator who knows that no line is missing.
	pub fn trust(path: &Path) -> Result<(), JournalError> {
		// Held until the end: nobody writes to it meanwhile.
		let (_file, text) = take(path, OpenOptions::new().read(true))?;
		let contents = Contents::parse(path, whole(&text))?;
		contents.head.note(path).map_err(|source| JournalError::Io { path: path.into(), source })
	}

	/// Whether it did not say whose it was until it was opened now, though there were attestations in it.
	pub fn adopted(&self) -> bool {
		self.adopted
	}

	/// What is in it.
	pub fn contents(&self) -> &Contents {
		&self.contents
	}

	/// Appends an attestation. It is on the disk when this returns, and so is that it is there.
	pub fn append(&mut self, attested: Attested) -> Result<(), JournalError> {
		self.write(Entry::Attested(attested))
	}

	fn write(&mut self, entry: Entry) -> Result<(), JournalError> {
		if self.poisoned {
			return Err(JournalError::Poisoned);
		}
		let io = |source| JournalError::Io { path: self.path.clone(), source };
		let json = serde_json::to_string(&entry).map_err(|error| io(error.into()))?;
		let head = self.contents.head.then(json.as_bytes());
		let line = format!("{} {json}\n", hex::encode(head.seal));
		head.prepare(&self.path).map_err(io)?;
		let written = self
			.file
			.seek(SeekFrom::Start(self.length))
			.and_then(|_| self.file.write_all(line.as_bytes()))
			.and_then(|()| self.file.sync_data());
		if let Err(error) = written {
			// A part of a line would make the next one unreadable.
			let undone = self.file.set_len(self.length).and_then(|()| self.file.sync_data());
			self.poisoned = undone.is_err();
			return Err(io(error));
		}
		if let Err(error) = Head::commit(&self.path) {
			// The line stays, for it may be noted: whoever starts next finds out.
			self.poisoned = true;
			return Err(io(error));
		}
		self.length = self.length.saturating_add(line.len() as u64);
		self.contents.note(head, entry);
		Ok(())
	}
}

impl Contents {
	/// Reads and checks a journal, also one that a service is writing to.
	pub fn read(path: &Path) -> Result<Self, JournalError> {
		let io = |source| JournalError::Io { path: path.into(), source };
		// First what was noted: lines that come meanwhile are not missing.
		let noted = Head::read(path)?;
		let text = fs::read(path).map_err(io)?;
		let contents = Self::parse(path, whole(&text))?;
		contents.compare(path, whole(&text), noted)?;
		Ok(contents)
	}

	fn parse(path: &Path, text: &[u8]) -> Result<Self, JournalError> {
		let mut contents = Self::default();
		for line in text.split_inclusive(|byte| *byte == b'\n') {
			let (head, entry) = read_line(&contents.head, line)
				// It is said once whose it is.
				.filter(|(_, entry)| !matches!(entry, Entry::Owner(_)) || contents.owner.is_none())
				.ok_or_else(|| JournalError::Broken {
					path: path.into(),
					line: contents.head.lines + 1,
				})?;
			contents.note(head, entry);
		}
		Ok(contents)
	}

	/// Fails if lines are missing at its end, or nothing says that none are; returns what was noted.
	fn compare(
		&self,
		path: &Path,
		text: &[u8],
		noted: Option<Vec<u8>>,
	) -> Result<Option<Head>, JournalError> {
		let Some(noted) = noted else {
			// It was being begun, or was before heads were noted.
			if self.head.lines <= 1 || self.owner.is_none() {
				return Ok(None);
			}
			let (head, found) = (Head::beside(path), self.head);
			return Err(JournalError::NoHead { path: path.into(), head, found });
		};
		let noted = Head::parse(&noted).ok_or_else(|| self.other_head(path))?;
		if self.head.lines < noted.lines {
			let (found, written) = (self.head.lines, noted.lines);
			return Err(JournalError::Cut { path: path.into(), found, written });
		}
		match noted.is_in(text) {
			true => Ok(Some(noted)),
			false => Err(self.other_head(path)),
		}
	}

	fn other_head(&self, path: &Path) -> JournalError {
		let (head, found) = (Head::beside(path), self.head);
		JournalError::OtherHead { path: path.into(), head, found }
	}

	/// Fails if it is of another chain, or of another verifier.
	fn check(&self, path: &Path, wanted: &Owner) -> Result<(), JournalError> {
		if let Some(owner) = self.owner.filter(|owner| owner.genesis != wanted.genesis) {
			let (found, wanted) = (owner.genesis, wanted.genesis);
			return Err(JournalError::OtherChain { path: path.into(), found, wanted });
		}
		let named = self.owner.map(|owner| owner.verifier);
		let wanted = wanted.verifier;
		match named.iter().chain(&self.verifiers).find(|found| **found != wanted) {
			Some(found) => {
				Err(JournalError::OtherVerifier { path: path.into(), found: *found, wanted })
			},
			None => Ok(()),
		}
	}

	/// Whose it is, if it says so.
	pub fn owner(&self) -> Option<Owner> {
		self.owner
	}

	/// The last attestation about a human.
	pub fn last(&self, nullifier: &Hash) -> Option<&Attested> {
		self.last.get(nullifier)
	}

	/// The newest epoch in which anybody was attested; 0 if nobody was.
	pub fn epoch(&self) -> EpochIndex {
		self.epoch.0
	}

	/// How many humans new to the domain were attested in an epoch; nothing is known of those before the
	/// [newest](Self::epoch).
	pub fn new_in(&self, epoch: EpochIndex) -> u32 {
		match self.epoch.0 == epoch {
			true => self.epoch.1.len().try_into().unwrap_or(u32::MAX),
			false => 0,
		}
	}

	/// Whether a human was counted as new in an epoch, of which the same holds.
	pub fn counted(&self, epoch: EpochIndex, nullifier: &Hash) -> bool {
		self.epoch.0 == epoch && self.epoch.1.contains(nullifier)
	}

	/// Where it ends.
	pub fn head(&self) -> Head {
		self.head
	}

	/// How many attestations there are in it.
	pub fn attestations(&self) -> usize {
		self.head.lines.saturating_sub(usize::from(self.owner.is_some()))
	}

	/// How many different humans there are in it.
	pub fn humans(&self) -> usize {
		self.last.len()
	}

	fn note(&mut self, head: Head, entry: Entry) {
		self.head = head;
		let entry = match entry {
			Entry::Owner(owner) => {
				self.owner = Some(owner);
				return;
			},
			Entry::Attested(entry) => entry,
		};
		self.verifiers.insert(entry.verifier);
		if entry.epoch > self.epoch.0 {
			self.epoch = (entry.epoch, BTreeSet::new());
		}
		if entry.new && entry.epoch == self.epoch.0 {
			self.epoch.1.insert(entry.nullifier);
		}
		self.last.insert(entry.nullifier, entry);
	}
}

/// Takes a journal, which nobody else may have, and reads it.
fn take(path: &Path, options: &OpenOptions) -> Result<(File, Vec<u8>), JournalError> {
	let io = |source| JournalError::Io { path: path.into(), source };
	let mut file = options.open(path).map_err(io)?;
	match file.try_lock() {
		Ok(()) => (),
		Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(path.into())),
		Err(TryLockError::Error(error)) => return Err(io(error)),
	}
	let mut text = Vec::new();
	file.read_to_end(&mut text).map_err(io)?;
	Ok((file, text))
}

/// Without the end of a line that was never written to its end.
fn whole(text: &[u8]) -> &[u8] {
	let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
	&text[..end]
}

/// Hashes as hex.
mod hexed {
	use crate::keys::parse_hex_32;
	use serde::{de::Error, Deserialize, Deserializer, Serializer};
	use usufruct_primitives::Hash;

	pub fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&hex::encode(hash))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
		let text = String::deserialize(deserializer)?;
		parse_hex_32(&text).ok_or_else(|| D::Error::custom("not 32 bytes in hex"))
	}
}

/// The new head and the entry of a line that continues after `before`.
fn read_line(before: &Head, line: &[u8]) -> Option<(Head, Entry)> {
	let line = line.strip_suffix(b"\n")?;
	let (hash, rest) = line.split_at_checked(64)?;
	let entry = rest.strip_prefix(b" ")?;
	let head = before.then(entry);
	(hex::encode(head.seal).as_bytes() == hash).then_some(())?;
	Some((head, serde_json::from_slice(entry).ok()?))
}

#[cfg(test)]
mod tests;
