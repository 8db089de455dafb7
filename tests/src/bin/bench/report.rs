//! The tables people read and the file programs read.

use std::{
	io::ErrorKind,
	path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{json, Map, Value};

/// The file, as it was and as it will be.
pub struct Report {
	path: PathBuf,
	figures: Map<String, Value>,
}

impl Report {
	/// What other runs and other programs left in the file stays.
	pub fn open(path: &Path) -> Result<Self> {
		let figures = match std::fs::read(path) {
			Ok(bytes) => serde_json::from_slice(&bytes)
				.with_context(|| format!("{} is no JSON object; remove it", path.display()))?,
			Err(error) if error.kind() == ErrorKind::NotFound => Map::new(),
			Err(error) => {
				return Err(error).with_context(|| format!("cannot read {}", path.display()))
			},
		};
		Ok(Self { path: path.into(), figures })
	}

	/// Where it is.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// Replaces one figure.
	pub fn set(&mut self, key: &str, value: Value) {
		self.figures.insert(key.into(), value);
	}

	/// Replaces one figure in a group, and leaves the others of the group.
	pub fn set_in(&mut self, group: &str, key: &str, value: Value) {
		let group = self.figures.entry(group).or_insert_with(|| json!({}));
		if !group.is_object() {
			*group = json!({});
		}
		group[key] = value;
	}

	/// Writes the file. Done after each section: what follows may fail.
	pub fn write(&self) -> Result<()> {
		let bytes = serde_json::to_vec_pretty(&self.figures)?;
		std::fs::write(&self.path, bytes)
			.with_context(|| format!("cannot write {}", self.path.display()))
	}
}

/// Prints a table: the first column left-aligned, the others right.
pub fn table(title: &str, head: &[String], rows: &[Vec<String>]) {
	let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
	for row in rows {
		for (width, cell) in widths.iter_mut().zip(row) {
			*width = (*width).max(cell.chars().count());
		}
	}
	println!("\n{title}\n");
	for row in std::iter::once(head).chain(rows.iter().map(Vec::as_slice)) {
		let mut line = String::from("   ");
		for (column, (cell, width)) in row.iter().zip(widths.iter().copied()).enumerate() {
			if column == 0 {
				line += &format!(" {cell:<width$}");
			} else {
				line += &format!("  {cell:>width$}");
			}
		}
		println!("{}", line.trim_end());
	}
}

/// A number for people: whole from a hundred on, else with two digits behind the point.
pub fn shown(number: f64) -> String {
	if number < 100.0 {
		return format!("{number:.2}");
	}
	let digits = format!("{number:.0}");
	let mut text = String::new();
	for (at, digit) in digits.chars().enumerate() {
		if at > 0 && (digits.len() - at).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

/// A number for programs: what is behind the second digit after the point is noise.
pub fn rounded(number: f64) -> Value {
	json!((number * 100.0).round() / 100.0)
}

/// The middle one; the mean of the two in the middle if their number is even.
pub fn median(values: &[f64]) -> f64 {
	let mut sorted = values.to_vec();
	sorted.sort_by(f64::total_cmp);
	let middle = sorted.len() / 2;
	match (sorted.get(middle), sorted.len() % 2) {
		(Some(high), 0) => (sorted[middle - 1] + high) / 2.0,
		(Some(value), _) => *value,
		(None, _) => 0.0,
	}
}
