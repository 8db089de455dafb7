//! Whether the entries explain how what stands on the chain changed.

use super::{Book, Direction, Kind};
use serde::Serialize;
use std::collections::BTreeMap;
use usufruct_primitives::{AccountBytes, Balance, ChannelId, ModelId, VersionId};

/// What stands on the chain about an account's money, after one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
	/// What it can collect as an oracle, in planck.
	pub credit: Balance,
	/// Its bond and what is on its way out of it, in planck.
	pub bond: Balance,
	/// The channels in which it is the consumer.
	pub channels: BTreeMap<ChannelId, Escrow>,
	/// What rows were paid so far, in planck.
	pub paid: BTreeMap<(VersionId, u16), Balance>,
}

/// A channel's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
	/// Who can claim it.
	pub oracle: AccountBytes,
	/// The model it is for.
	pub model: ModelId,
	/// What is held and not settled, in planck.
	pub escrow: Balance,
	/// All that is settled, in planck.
	pub settled_total: Balance,
}

/// A sum by the statement, and the same by the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
	/// What it is.
	pub what: String,
	/// What it is by what stood on the chain before the range and the entries, in planck; nothing if
	/// they take more away than there was.
	#[serde(serialize_with = "as_decimal")]
	pub statement: Option<Balance>,
	/// What it is by the chain at the end of the range, in planck.
	#[serde(with = "crate::decimal")]
	pub chain: Balance,
	/// Whether they are the same.
	pub adds_up: bool,
}

fn as_decimal<S: serde::Serializer>(amount: &Option<Balance>, to: S) -> Result<S::Ok, S::Error> {
	amount.map(|amount| amount.to_string()).serialize(to)
}

impl Check {
	fn new(what: impl Into<String>, statement: Option<Balance>, chain: Balance) -> Self {
		Self { what: what.into(), statement, chain, adds_up: statement == Some(chain) }
	}
}

/// What went through a channel.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
	held: Balance,
	returned: Balance,
	paid: Balance,
}

/// Compares the entries of a book with the account's positions before and after them.
pub fn checks(book: &Book, before: &Position, after: &Position) -> Vec<Check> {
	let sum = |kind: Kind, direction: Direction| {
		let entries = book.entries.iter();
		entries
			.filter(|entry| (entry.kind, entry.direction) == (kind, direction))
			.fold(0, |sum: Balance, entry| sum.saturating_add(entry.amount))
	};
	let mut checks = Vec::new();

	let credited = sum(Kind::Settlement, Direction::Credited);
	let collected = sum(Kind::Collection, Direction::Received);
	if [before.credit, credited, collected, after.credit] != [0; 4] {
		let left = balance(before.credit, credited, &[collected]);
		checks.push(Check::new("credit of the oracle", left, after.credit));
	}

	let bonded = sum(Kind::Bond, Direction::Held);
	let withdrawn = sum(Kind::Bond, Direction::Returned);
	let slashed = sum(Kind::Slash, Direction::Paid);
	if [before.bond, bonded, withdrawn, slashed, after.bond] != [0; 5] {
		let left = balance(before.bond, bonded, &[withdrawn, slashed]);
		checks.push(Check::new("bond, with what is unbonding", left, after.bond));
	}

	checks.extend(check_channels(book, before, after));

	for (version, row) in book.own_rows() {
		let key = (version, row);
		let of = |paid: &BTreeMap<(VersionId, u16), Balance>| paid.get(&key).copied().unwrap_or(0);
		checks.push(Check::new(
			format!("paid to date for row {row} of version {version}"),
			balance(of(&before.paid), of(&book.rows), &[]),
			of(&after.paid),
		));
	}
	checks
}

/// The sums over all channels, and each channel that is at fault for one that does not add up.
fn check_channels(book: &Book, before: &Position, after: &Position) -> Vec<Check> {
	let mut flows = BTreeMap::<ChannelId, Flow>::new();
	for channel in before.channels.keys().chain(after.channels.keys()) {
		flows.entry(*channel).or_default();
	}
	for entry in &book.entries {
		let Some(channel) = entry.source.channel else { continue };
		let into = |sum: &mut Balance| *sum = sum.saturating_add(entry.amount);
		match (entry.kind, entry.direction) {
			(Kind::Escrow, Direction::Held) => into(&mut flows.entry(channel).or_default().held),
			(Kind::Escrow, Direction::Returned) => {
				into(&mut flows.entry(channel).or_default().returned)
			},
			(Kind::Use, Direction::Paid) => into(&mut flows.entry(channel).or_default().paid),
			_ => (),
		}
	}

	let (mut open, mut closed, mut escrow) = (Vec::new(), Vec::new(), Vec::new());
	for (channel, flow) in &flows {
		let was = before.channels.get(channel);
		let had = was.map_or(0, |was| was.escrow);
		let name = |what: &str| format!("{what} of channel {}", crate::output::hex0x(channel));
		match after.channels.get(channel) {
			Some(is) => {
				let settled = was.map_or(0, |was| was.settled_total);
				let settled = balance(settled, flow.paid, &[]);
				open.push(Check::new(name("settled total"), settled, is.settled_total));
				let left = balance(had, flow.held, &[flow.returned, flow.paid]);
				escrow.push(Check::new(name("escrow"), left, is.escrow));
			},
			None => {
				// All that the chain still says of it is what was put aside and did not come back.
				let spent = had.saturating_add(flow.held).saturating_sub(flow.returned);
				closed.push(Check::new(name("settled"), Some(flow.paid), spent));
			},
		}
	}
	[
		("settled total of open channels", open),
		("settled in the range of channels closed since", closed),
		("escrow in open channels", escrow),
	]
	.into_iter()
	.flat_map(|(what, each)| summed(what, each))
	.collect()
}

/// The sum of checks, followed by those of them that do not add up.
fn summed(what: &str, each: Vec<Check>) -> Vec<Check> {
	if each.is_empty() {
		return each;
	}
	let statement =
		each.iter().try_fold(0, |sum: Balance, check| sum.checked_add(check.statement?));
	let chain = each.iter().fold(0, |sum: Balance, check| sum.saturating_add(check.chain));
	let sum = Check::new(what, statement, chain);
	[sum].into_iter().chain(each.into_iter().filter(|check| !check.adds_up)).collect()
}

/// What is left of what was there and came in; `None` if more went out.
fn balance(was: Balance, into: Balance, out: &[Balance]) -> Option<Balance> {
	out.iter().try_fold(was.checked_add(into)?, |left, out| left.checked_sub(*out))
}
