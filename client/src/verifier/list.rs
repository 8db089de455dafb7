//! An operator's list: who is enrolled at a school, a co-operative, a municipality.
//!
//! The list is CSV with a header and the columns `id`, `code` and, if wanted, `region`. The id is what
//! the operator tells its people apart by; the code is a secret of at least [`MIN_CODE`] characters
//! that it gave to that human alone. Only keyed hashes of both stay in memory.

use super::{
	issuer::{Human, Issuer},
	limit::Limiter,
	method::{Answer, Asker, Field, Method, MethodError, Step},
};
use futures::future::BoxFuture;
use serde::Deserialize;
use std::{
	collections::HashMap,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};
use usufruct_primitives::Hash;

/// The shortest code: with letters and digits, and so few tries, nobody guesses it.
pub const MIN_CODE: usize = 8;
/// Tries for one id, and how long until there is one more: 20 wrong ones a day at the most.
const TRIES: (u32, Duration) = (5, Duration::from_secs(4_320));

/// A row as it stands in the file.
#[derive(Deserialize)]
struct Row {
	id: String,
	code: String,
	#[serde(default)]
	region: Option<u16>,
}

/// What is kept of it.
struct Entry {
	code: Hash,
	region: u16,
}

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
	/// It cannot be read.
	#[error("cannot read the list {0}")]
	Read(PathBuf, #[source] csv::Error),
	/// A row has no id.
	#[error("row {0} of the list has no id")]
	NoId(usize),
	/// A code is too short.
	#[error(
		"the code in row {0} of the list has less than {MIN_CODE} characters: it could be guessed"
	)]
	ShortCode(usize),
	/// An id stands there twice.
	#[error("the id in row {0} of the list stands there before; each human has one")]
	Twice(usize),
	/// Nobody is on it.
	#[error("nobody is on the list; it needs a header `id,code,region` and a row for each human")]
	Empty,
}

/// The people on a list.
pub struct List {
	entries: HashMap<Hash, Entry>,
	/// Keyed hash of an id, or of an id and its code.
	keyed: Box<dyn Fn(&str) -> Hash + Send + Sync>,
	tries: Limiter<Hash>,
}

impl List {
	/// Reads a list; the hashes are those of the verifier's domain.
	pub fn read(path: &Path, issuer: &std::sync::Arc<Issuer>) -> Result<Self, ListError> {
		let issuer = std::sync::Arc::clone(issuer);
		Self::with(path, Box::new(move |text| issuer.keyed(text)))
	}

	fn with(
		path: &Path,
		keyed: Box<dyn Fn(&str) -> Hash + Send + Sync>,
	) -> Result<Self, ListError> {
		let read = |error| ListError::Read(path.into(), error);
		let mut reader =
			csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(read)?;
		let mut list =
			Self { entries: HashMap::new(), keyed, tries: Limiter::new(TRIES.0, TRIES.1) };
		for (row, number) in reader.deserialize::<Row>().zip(1..) {
			let row = row.map_err(read)?;
			if row.id.is_empty() {
				return Err(ListError::NoId(number));
			}
			if row.code.chars().count() < MIN_CODE {
				return Err(ListError::ShortCode(number));
			}
			let code = list.code(&row.id, &row.code);
			let entry = Entry { code, region: row.region.unwrap_or(0) };
			if list.entries.insert((list.keyed)(&row.id), entry).is_some() {
				return Err(ListError::Twice(number));
			}
		}
		// Each has tries of his own, however many there are.
		list.tries = list.tries.with_most(list.entries.len());
		match list.entries.is_empty() {
			true => Err(ListError::Empty),
			false => Ok(list),
		}
	}

	/// How many people are on it.
	pub fn people(&self) -> usize {
		self.entries.len()
	}

	fn code(&self, id: &str, code: &str) -> Hash {
		(self.keyed)(&format!("code\n{id}\n{code}"))
	}

	/// The human of that id, if that is its code. Who is not on the list is told the same as who has a
	/// wrong code; tries are counted only for who is, so that no number of others uses them up.
	fn check(&self, id: &str, code: &str, now: Instant) -> Result<Human, MethodError> {
		let (id, code) = (id.trim(), code.trim());
		// Both are hashed, so that the time it takes says nothing about who is on the list; and hashes are
		// compared, so that it says nothing about the code.
		let (key, said) = ((self.keyed)(id), self.code(id, code));
		let entry = self.entries.get(&key).ok_or(MethodError::Wrong)?;
		self.tries.take(key, now).map_err(|_| MethodError::Wrong)?;
		match entry.code == said {
			true => Ok(Human { evidence: id.into(), region: entry.region }),
			false => Err(MethodError::Wrong),
		}
	}
}

impl Method for List {
	fn name(&self) -> &'static str {
		"list"
	}

	fn about(&self) -> String {
		"You are recognised by the number and the code that you were given.".into()
	}

	fn step(&self, _: &Asker, answer: Answer) -> BoxFuture<'_, Result<Step, MethodError>> {
		let step = match (answer.get("id"), answer.get("code")) {
			(Some(id), Some(code)) => self.check(id, code, Instant::now()).map(Step::Recognised),
			_ => Ok(Step::Fill(&[
				Field { name: "id", label: "Your number" },
				Field { name: "code", label: "Your code" },
			])),
		};
		Box::pin(async { step })
	}
}

#[cfg(test)]
pub(crate) mod tests;
