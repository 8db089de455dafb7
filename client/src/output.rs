//! What commands print: tables for people, JSON for programs.

use serde::Serialize;
use std::fmt;

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
	/// Writes a report to standard output.
	pub fn print<R: Report>(self, report: &R) -> serde_json::Result<()> {
		match self {
			Self::Table => print!("{}", report.table()),
			Self::Json => println!("{}", serde_json::to_string_pretty(report)?),
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

	/// A table of names and values.
	pub fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Self {
		Self { rows: pairs.map(|(name, value)| vec![name.into(), value]).into(), ..Self::default() }
	}

	/// Appends a row.
	pub fn row<const N: usize>(mut self, cells: [String; N]) -> Self {
		self.rows.push(cells.into());
		self
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
			let cells: Vec<String> = line
				.iter()
				.zip(&widths)
				.map(|(cell, width)| format!("{cell:<width$}"))
				.collect();
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
			.row(["1".into(), "größe".into()])
			.rows([["100".into(), "b".into()]])
			.note("two");
		assert_eq!(
			table.to_string(),
			"id   name\n---  -----\n1    größe\n100  b\ntwo\n"
		);
		assert_eq!(Table::new(["id"]).to_string(), "id\n--\n(none)\n");
		let pairs = Table::pairs([("a", "1".into()), ("bcd", "2".into())]);
		assert_eq!(pairs.to_string(), "a    1\nbcd  2\n");
	}
}
