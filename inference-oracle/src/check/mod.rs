//! Checks everything that serving needs, and starts nothing.

mod memory;
mod run;
#[cfg(test)]
mod tests;

pub use run::check;

use std::fmt;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
	/// All is well.
	Ok,
	/// It serves all the same; somebody should look.
	Warn,
	/// It does not serve.
	Fail,
	/// It could not be checked, because of what failed before.
	Skipped,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
	/// What was checked.
	pub what: String,
	/// How it ended.
	pub state: State,
	/// What was found, or what to do.
	pub detail: String,
}

/// All checks, in order. Displays as a table.
#[derive(Clone, Debug, Default)]
pub struct Report(pub Vec<Row>);

impl Report {
	/// Notes a check.
	pub fn note(&mut self, what: impl Into<String>, state: State, detail: impl Into<String>) {
		self.0.push(Row { what: what.into(), state, detail: detail.into() });
	}

	/// Notes one that found something or failed; returns what it found.
	pub fn take<T, E: fmt::Display>(
		&mut self,
		what: impl Into<String>,
		result: Result<(T, String), E>,
	) -> Option<T> {
		match result {
			Ok((found, detail)) => {
				self.note(what, State::Ok, detail);
				Some(found)
			},
			Err(error) => {
				self.note(what, State::Fail, format!("{error:#}"));
				None
			},
		}
	}

	/// Whether the oracle would serve.
	pub fn serves(&self) -> bool {
		self.0.iter().all(|row| row.state != State::Fail)
	}
}

impl fmt::Display for State {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.pad(match self {
			Self::Ok => "ok",
			Self::Warn => "WARN",
			Self::Fail => "FAIL",
			Self::Skipped => "skipped",
		})
	}
}

impl fmt::Display for Report {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let width = self.0.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
		for row in &self.0 {
			let mut lines = row.detail.lines();
			let first = lines.next().unwrap_or_default();
			writeln!(f, "{:<width$}  {:<7}  {first}", row.what, row.state)?;
			for line in lines {
				writeln!(f, "{:<width$}  {:<7}  {line}", "", "")?;
			}
		}
		let failed = self.0.iter().filter(|row| row.state == State::Fail).count();
		match failed {
			0 => write!(f, "\nThe oracle would serve."),
			_ => write!(
				f,
				"\nThe oracle would not serve: {failed} of {} checks failed.",
				self.0.len()
			),
		}
	}
}
