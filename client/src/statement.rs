//! Statements: all that an account received or paid in a range of blocks, and from what.
//!
//! [`Book`] turns the chain's events into [`Entry`]s, [`checks`] compares their sums with what stands
//! on the chain before and after the range, and [`read()`] does both with a node. What a consumer's
//! channels paid is no event of its own: it is read claim by claim from the call that settled them,
//! and checked against the channels' settled totals.
//!
//! Not in it: transfers, and the deposits of the registry.

mod book;
mod calls;
mod check;
mod csv;
mod print;
mod read;
#[cfg(test)]
mod tests;

pub use book::{Book, Place, Unread};
pub(crate) use calls::for_each;
pub use calls::{settlements, Settlement};
pub use check::{checks, Check, Escrow, Position};
pub use csv::csv;
pub use read::{read, Epochs, EpochsError, Range, StatementError};

use crate::{decimal, keys, output::hex0x};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use usufruct_primitives::{
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, EpochIndex, ModelId, VersionId,
};

/// Where money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
	/// Into the account.
	Received,
	/// Out of the account, whether it was held before or not.
	Paid,
	/// Out of what the account can spend; it stays the account's.
	Held,
	/// Back into what the account can spend.
	Returned,
	/// Nowhere yet: the account can collect it.
	Credited,
}

impl Direction {
	/// The word for it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Received => "received",
			Self::Paid => "paid",
			Self::Held => "held",
			Self::Returned => "returned",
			Self::Credited => "credited",
		}
	}
}

/// What money was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
	/// An oracle's part of a batch it settled.
	Settlement,
	/// What an oracle collected of its credit.
	Collection,
	/// What a channel of the account's paid in a batch.
	Use,
	/// What is put aside in a channel.
	Escrow,
	/// A royalty for use outside the chain.
	Royalty,
	/// What a contributor row was paid.
	Revenue,
	/// The dividend.
	Dividend,
	/// What a programme paid.
	Programme,
	/// What the commons fund added to a dividend that went into a channel.
	Bonus,
	/// A gift to all people.
	Donation,
	/// What an author of blocks withdrew.
	Authoring,
	/// An oracle's bond.
	Bond,
	/// What was taken from an oracle that was convicted.
	Slash,
	/// The deposit of a demand to show a receipt.
	Demand,
	/// The fee of a transaction, its tip included.
	Fee,
}

impl Kind {
	/// The word for it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Settlement => "settlement",
			Self::Collection => "collection",
			Self::Use => "use",
			Self::Escrow => "escrow",
			Self::Royalty => "royalty",
			Self::Revenue => "revenue",
			Self::Dividend => "dividend",
			Self::Programme => "programme",
			Self::Bonus => "bonus",
			Self::Donation => "donation",
			Self::Authoring => "authoring",
			Self::Bond => "bond",
			Self::Slash => "slash",
			Self::Demand => "demand",
			Self::Fee => "fee",
		}
	}
}

/// What an entry comes from; whatever does not apply is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Source {
	/// The other side.
	#[serde(serialize_with = "as_address")]
	pub counterparty: Option<AccountBytes>,
	/// The number of the oracle's batch.
	pub batch: Option<BatchNo>,
	/// The model.
	pub model: Option<ModelId>,
	/// The model's version.
	pub version: Option<VersionId>,
	/// The row of the version's contributor table.
	pub row: Option<u16>,
	/// The channel.
	#[serde(serialize_with = "as_hex")]
	pub channel: Option<ChannelId>,
	/// The first epoch of a dividend; after the last if only settled money was paid.
	pub from_epoch: Option<EpochIndex>,
	/// The last epoch of a dividend.
	pub to_epoch: Option<EpochIndex>,
	/// The programme.
	pub programme: Option<u32>,
	/// What the payer said about it.
	pub memo: Option<String>,
}

/// One amount that was received, paid, held, returned or credited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
	/// The block.
	pub block: BlockNumber,
	/// The number of the event in the block.
	pub event: u32,
	/// What it was for.
	pub kind: Kind,
	/// Where it went.
	pub direction: Direction,
	/// How much, in planck; never 0.
	#[serde(with = "decimal")]
	pub amount: Balance,
	/// What it comes from.
	#[serde(flatten)]
	pub source: Source,
}

/// The sum of all entries of one kind and direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
	/// What they were for.
	pub kind: Kind,
	/// Where they went.
	pub direction: Direction,
	/// How many there are.
	pub entries: usize,
	/// Their sum, in planck.
	#[serde(with = "decimal")]
	pub amount: Balance,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
	/// Whose.
	#[serde(serialize_with = "address")]
	pub account: AccountBytes,
	/// The first block.
	pub from: BlockNumber,
	/// The last block.
	pub to: BlockNumber,
	/// What happened, in its order.
	pub entries: Vec<Entry>,
	/// The sums of the entries.
	pub totals: Vec<Total>,
	/// How they compare with what stands on the chain.
	pub checks: Vec<Check>,
	/// Settlements whose claims could not be found.
	pub unread: Vec<Unread>,
}

impl Statement {
	/// The statement of what was entered in `book`, between two positions.
	pub fn new(
		book: Book,
		from: BlockNumber,
		to: BlockNumber,
		before: &Position,
		after: &Position,
	) -> Self {
		let checks = checks(&book, before, after);
		let Book { account, entries, unread, .. } = book;
		let totals = totals(&entries);
		Self { account, from, to, entries, totals, checks, unread }
	}

	/// Whether it agrees with the chain in all that was compared.
	pub fn adds_up(&self) -> bool {
		self.checks.iter().all(|check| check.adds_up)
	}
}

/// The sums of entries, by kind and direction.
pub fn totals(entries: &[Entry]) -> Vec<Total> {
	let mut sums = BTreeMap::<(Kind, Direction), (usize, Balance)>::new();
	for entry in entries {
		let (count, sum) = sums.entry((entry.kind, entry.direction)).or_default();
		*count += 1;
		// Not even all money there is, moved in every entry, comes near the end of 128 bits.
		*sum = sum.saturating_add(entry.amount);
	}
	sums.into_iter()
		.map(|((kind, direction), (entries, amount))| Total { kind, direction, entries, amount })
		.collect()
}

fn address<S: Serializer>(account: &AccountBytes, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&keys::address(account))
}

fn as_address<S: Serializer>(
	account: &Option<AccountBytes>,
	serializer: S,
) -> Result<S::Ok, S::Error> {
	account.as_ref().map(keys::address).serialize(serializer)
}

fn as_hex<S: Serializer>(bytes: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
	bytes.map(hex0x).serialize(serializer)
}
