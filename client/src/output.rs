//! What commands print: tables for people, JSON for programs.

use crate::{amount::ufr, keys};
use serde::{ser::SerializeMap, Serialize, Serializer};
use std::{
	error::Error,
	fmt,
	io::{self, Write},
};
use usufruct_primitives::{AccountBytes, Balance};

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
	/// For people.
	#[default]
	Table,
	/// For programs: amounts in planck as decimal strings.
	Json,
}

/// Something a command has to say.
pub trait Report: Serialize {
	/// The same for people.
	fn table(&self) -> Table;
}

impl Format {
	/// Writes a report to standard output. A reader that has seen enough is no error.
	pub fn print<R: Report>(self, report: &R) -> io::Result<()> {
		let text = match self {
			Self::Table => report.table().to_string(),
			Self::Json => serde_json::to_string_pretty(report)? + "\n",
		};
		print_text(&text)
	}
}

/// Writes text to standard output, as [`Format::print`] does.
pub fn print_text(text: &str) -> io::Result<()> {
	let mut stdout = io::stdout().lock();
	match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
		Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
		written => written,
	}
}

/// An error with all that caused it, each said once.
pub struct Causes<'a>(pub &'a dyn Error);

impl fmt::Display for Causes<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let mut said = self.0.to_string();
		f.write_str(&said)?;
		let mut cause = self.0.source();
		while let Some(error) = cause {
			let more = error.to_string();
			if !said.ends_with(&more) {
				write!(f, ": {more}")?;
				said = more;
			}
			cause = error.source();
		}
		Ok(())
	}
}

/// Rows and columns of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
	header: Option<Vec<String>>,
	rows: Vec<Vec<String>>,
	notes: Vec<String>,
}

impl Table {
	/// A table with these columns.
	pub fn new<const N: usize>(columns: [&str; N]) -> Self {
		Self { header: Some(columns.map(str::to_owned).into()), ..Self::default() }
	}

	/// Appends rows.
	pub fn rows<const N: usize>(mut self, rows: impl IntoIterator<Item = [String; N]>) -> Self {
		self.rows.extend(rows.into_iter().map(Vec::from));
		self
	}

	/// Appends a line below the table.
	pub fn note(mut self, note: impl Into<String>) -> Self {
		self.notes.push(note.into());
		self
	}
}

impl fmt::Display for Table {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let lines: Vec<&Vec<String>> = self.header.iter().chain(&self.rows).collect();
		let columns = lines.iter().map(|line| line.len()).max().unwrap_or(0);
		let width = |column: usize| {
			lines
				.iter()
				.filter_map(|line| line.get(column))
				.map(|cell| cell.chars().count())
				.max()
				.unwrap_or(0)
		};
		let widths: Vec<usize> = (0..columns).map(width).collect();
		let write = |f: &mut fmt::Formatter<'_>, line: &[String]| {
			let cells: Vec<String> =
				line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
			writeln!(f, "{}", cells.join("  ").trim_end())
		};
		if let Some(header) = &self.header {
			write(f, header)?;
			let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
			write(f, &rule)?;
			if self.rows.is_empty() {
				writeln!(f, "(none)")?;
			}
		}
		for row in &self.rows {
			write(f, row)?;
		}
		for note in &self.notes {
			writeln!(f, "{note}")?;
		}
		Ok(())
	}
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
	/// An amount in planck.
	Amount(Balance),
	/// An account.
	Account(AccountBytes),
	/// Hashes, keys, ids.
	Hex(Vec<u8>),
	/// Anything that is counted.
	Number(u64),
	/// Yes or no.
	Flag(bool),
	/// Words.
	Text(String),
	/// Nothing there.
	Nothing,
}

impl<const N: usize> From<[u8; N]> for Fact {
	fn from(bytes: [u8; N]) -> Self {
		Self::Hex(bytes.into())
	}
}

impl From<u64> for Fact {
	fn from(number: u64) -> Self {
		Self::Number(number)
	}
}

impl From<u32> for Fact {
	fn from(number: u32) -> Self {
		Self::Number(number.into())
	}
}

impl From<u16> for Fact {
	fn from(number: u16) -> Self {
		Self::Number(number.into())
	}
}

impl From<bool> for Fact {
	fn from(flag: bool) -> Self {
		Self::Flag(flag)
	}
}

impl From<String> for Fact {
	fn from(text: String) -> Self {
		Self::Text(text)
	}
}

impl From<&str> for Fact {
	fn from(text: &str) -> Self {
		Self::Text(text.into())
	}
}

impl<T: Into<Fact>> From<Option<T>> for Fact {
	fn from(fact: Option<T>) -> Self {
		fact.map_or(Self::Nothing, Into::into)
	}
}

impl fmt::Display for Fact {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Amount(amount) => f.write_str(&ufr(*amount)),
			Self::Account(account) => f.write_str(&keys::address(account)),
			Self::Hex(bytes) => f.write_str(&hex0x(bytes)),
			Self::Number(number) => write!(f, "{number}"),
			Self::Flag(true) => f.write_str("yes"),
			Self::Flag(false) => f.write_str("no"),
			Self::Text(text) => f.write_str(text),
			Self::Nothing => f.write_str("-"),
		}
	}
}

impl Serialize for Fact {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		match self {
			Self::Amount(amount) => serializer.collect_str(amount),
			Self::Number(number) => serializer.serialize_u64(*number),
			Self::Flag(flag) => serializer.serialize_bool(*flag),
			Self::Nothing => serializer.serialize_none(),
			other => serializer.collect_str(other),
		}
	}
}

/// Named facts: an object in JSON, a table of two columns for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(Vec<(&'static str, Fact)>);

impl Facts {
	/// None yet.
	pub fn new() -> Self {
		Self::default()
	}

	/// Appends a fact.
	pub fn and(mut self, name: &'static str, fact: impl Into<Fact>) -> Self {
		self.0.push((name, fact.into()));
		self
	}

	/// Appends an amount in planck.
	pub fn amount(self, name: &'static str, amount: Balance) -> Self {
		self.and(name, Fact::Amount(amount))
	}

	/// Appends an account.
	pub fn account(self, name: &'static str, account: AccountBytes) -> Self {
		self.and(name, Fact::Account(account))
	}

	/// Appends other facts.
	pub fn join(mut self, other: Self) -> Self {
		self.0.extend(other.0);
		self
	}
}

impl Serialize for Facts {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		let mut map = serializer.serialize_map(Some(self.0.len()))?;
		for (name, fact) in &self.0 {
			map.serialize_entry(name, fact)?;
		}
		map.end()
	}
}

impl Report for Facts {
	fn table(&self) -> Table {
		let rows = self.0.iter().map(|(name, fact)| [name.replace('_', " "), fact.to_string()]);
		Table::default().rows(rows)
	}
}

/// Bytes as people read them.
pub fn hex0x(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn columns_are_as_wide_as_their_widest_cell() {
		let table = Table::new(["id", "name"])
			.rows([["1".into(), "größe".into()], ["100".into(), "b".into()]])
			.note("two");
		assert_eq!(table.to_string(), "id   name\n---  -----\n1    größe\n100  b\ntwo\n");
		assert_eq!(Table::new(["id"]).to_string(), "id\n--\n(none)\n");
	}

	#[test]
	fn facts_are_for_people_and_for_programs() {
		let facts = Facts::new()
			.amount("unit_price", 1_500_000_000_000)
			.and("key", [1u8, 2])
			.and("open", true)
			.and("row", None::<u16>)
			.join(Facts::new().and("block", 7u32));
		assert_eq!(
			facts.table().to_string(),
			"unit price  1.5 UFR\nkey         0x0102\nopen        yes\nrow         -\nblock       7\n"
		);
		assert_eq!(
			serde_json::to_string(&facts).unwrap(),
			r#"{"unit_price":"1500000000000","key":"0x0102","open":true,"row":null,"block":7}"#
		);
	}
}
