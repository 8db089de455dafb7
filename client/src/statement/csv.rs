//! Entries as comma-separated values (RFC 4180, but for bare line feeds), for spreadsheets.

use super::Entry;
use crate::{amount::Amount, keys, output::hex0x};

/// The columns. Amounts stand in them twice: in planck, and in UFR with all decimals it takes.
const HEADER: [&str; 16] = [
	"block",
	"event",
	"kind",
	"direction",
	"amount_planck",
	"amount_ufr",
	"counterparty",
	"batch",
	"model",
	"version",
	"row",
	"channel",
	"from_epoch",
	"to_epoch",
	"programme",
	"memo",
];

/// A header and one line for each entry. Sums are left out: what a program adds up must not hold
/// them as well.
pub fn csv(entries: &[Entry]) -> String {
	let mut text = line(&HEADER.map(str::to_owned));
	for entry in entries {
		text.push_str(&line(&cells(entry)));
	}
	text
}

fn cells(entry: &Entry) -> [String; 16] {
	let source = &entry.source;
	[
		entry.block.to_string(),
		entry.event.to_string(),
		entry.kind.name().into(),
		entry.direction.name().into(),
		entry.amount.to_string(),
		Amount(entry.amount).to_string(),
		source.counterparty.as_ref().map(keys::address).unwrap_or_default(),
		number(source.batch),
		number(source.model),
		number(source.version),
		number(source.row),
		source.channel.map(hex0x).unwrap_or_default(),
		number(source.from_epoch),
		number(source.to_epoch),
		number(source.programme),
		source.memo.as_deref().map(inert).unwrap_or_default(),
	]
}

fn number<T: ToString>(number: Option<T>) -> String {
	number.map(|number| number.to_string()).unwrap_or_default()
}

/// A text that others chose, so that no spreadsheet takes it for a formula.
fn inert(text: &str) -> String {
	match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
		true => format!("'{text}"),
		false => text.into(),
	}
}

fn line(cells: &[String]) -> String {
	let quoted: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
	quoted.join(",") + "\n"
}

fn quote(cell: &str) -> String {
	match cell.contains([',', '"', '\n', '\r']) {
		true => format!("\"{}\"", cell.replace('"', "\"\"")),
		false => cell.into(),
	}
}
