//! Statements for people.

use super::{Check, Source, Statement};
use crate::{
	amount::ufr,
	keys,
	output::{hex0x, Report, Table},
};

impl Statement {
	/// The sums, how they compare with the chain, and what is missing: one line each.
	pub fn summary(&self) -> Vec<String> {
		let totals = self.totals.iter().map(|total| {
			let (kind, direction) = (total.kind.name(), total.direction.name());
			format!("{kind} {direction}: {} ({} entries)", ufr(total.amount), total.entries)
		});
		let unread = self.unread.iter().map(|unread| {
			let oracle = keys::address(&unread.oracle);
			format!(
				"missing: what was paid in batch {} of {oracle}, block {}, whose claims stand in no \
				 transaction of the block",
				unread.batch, unread.block
			)
		});
		let title =
			format!("{}, blocks {} to {}", keys::address(&self.account), self.from, self.to);
		let checks = self.checks.iter().map(verdict);
		[title].into_iter().chain(totals).chain(checks).chain(unread).collect()
	}
}

/// What came of a check.
fn verdict(check: &Check) -> String {
	let Check { what, statement, chain, adds_up } = check;
	let chain_says = ufr(*chain);
	match statement {
		Some(_) if *adds_up => format!("{what}: {chain_says}: adds up"),
		Some(statement) => {
			let difference = ufr(statement.abs_diff(*chain));
			let side = if statement > chain { "more" } else { "less" };
			format!("{what}: {chain_says}: DIFFERS, by the entries it is {difference} {side}")
		},
		None => format!("{what}: {chain_says}: DIFFERS, by the entries it is less than nothing"),
	}
}

impl Source {
	/// In one line.
	fn describe(&self) -> String {
		let named =
			|name: &str, value: Option<String>| value.map(|value| format!("{name} {value}"));
		let epochs = match (self.from_epoch, self.to_epoch) {
			(Some(from), Some(to)) if from <= to => Some(format!("epochs {from} to {to}")),
			_ => None,
		};
		let facts = [
			named("batch", self.batch.map(|it| it.to_string())),
			named("model", self.model.map(|it| it.to_string())),
			named("version", self.version.map(|it| it.to_string())),
			named("row", self.row.map(|it| it.to_string())),
			named("programme", self.programme.map(|it| it.to_string())),
			epochs,
			named("channel", self.channel.map(hex0x)),
			named("with", self.counterparty.as_ref().map(keys::address)),
			// Control characters of a memo must not reach the terminal.
			self.memo.as_ref().filter(|memo| !memo.is_empty()).map(|memo| format!("{memo:?}")),
		];
		let facts: Vec<String> = facts.into_iter().flatten().collect();
		facts.join(", ")
	}
}

impl Report for Statement {
	fn table(&self) -> Table {
		let rows = self.entries.iter().map(|entry| {
			[
				entry.block.to_string(),
				entry.kind.name().into(),
				entry.direction.name().into(),
				ufr(entry.amount),
				entry.source.describe(),
			]
		});
		let table = Table::new(["block", "kind", "direction", "amount", "source"]).rows(rows);
		self.summary().into_iter().fold(table, Table::note)
	}
}
