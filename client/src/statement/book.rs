//! Which events concern an account, and what they moved.

use super::{
	Direction::{Credited, Held, Paid, Received, Returned},
	Entry, Kind, Settlement, Source,
};
use crate::{
	keys,
	runtime::{
		runtime_types::{
			pallet_dividend::pallet::Event as Dividend, pallet_models::pallet::Event as Models,
			pallet_oracles::pallet::Event as Oracles,
			pallet_transaction_payment::pallet::Event as TransactionPayment,
			pallet_usage::pallet::Event as Usage, pallet_validators::pallet::Event as Validators,
		},
		Event,
	},
};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, EpochIndex, ModelId, VersionId,
};

/// Where an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
	/// The block.
	pub block: BlockNumber,
	/// Its number in the block.
	pub event: u32,
}

/// A settlement whose call could not be found among the block's transactions: what the account's
/// channels paid in it is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
	/// The block.
	pub block: BlockNumber,
	/// Who settled.
	#[serde(serialize_with = "as_address")]
	pub oracle: AccountBytes,
	/// The number of its batch.
	pub batch: BatchNo,
}

fn as_address<S: Serializer>(account: &AccountBytes, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&keys::address(account))
}

/// What a channel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terms {
	oracle: AccountBytes,
	model: ModelId,
}

/// The entries of one account, made from the events of the chain in their order.
#[derive(Clone, Debug)]
pub struct Book {
	/// Whose.
	pub account: AccountBytes,
	/// The entries so far.
	pub entries: Vec<Entry>,
	/// What every row of every version was paid so far, whoever got it, in planck.
	pub rows: BTreeMap<(VersionId, u16), Balance>,
	/// The settlements whose claims could not be found.
	pub unread: Vec<Unread>,
	/// The channels in which the account is the consumer.
	channels: BTreeMap<ChannelId, Terms>,
}

impl Book {
	/// A book for `account`, without channels.
	pub fn new(account: AccountBytes) -> Self {
		Self {
			account,
			entries: Vec::new(),
			rows: BTreeMap::new(),
			unread: Vec::new(),
			channels: BTreeMap::new(),
		}
	}

	/// Notes that a channel is the account's.
	pub fn own_channel(&mut self, channel: ChannelId, oracle: AccountBytes, model: ModelId) {
		self.channels.insert(channel, Terms { oracle, model });
	}

	/// The rows that the account was paid for.
	pub fn own_rows(&self) -> BTreeSet<(VersionId, u16)> {
		let revenue = self.entries.iter().filter(|entry| entry.kind == Kind::Revenue);
		revenue.filter_map(|entry| Some((entry.source.version?, entry.source.row?))).collect()
	}

	/// Whether the claims behind an event are needed to enter it: it is a settlement by an oracle to
	/// which the account has a channel.
	pub fn needs_claims(&self, event: &Event) -> bool {
		match event {
			Event::Usage(Usage::Settled { oracle, .. }) => self.has_channel_to(&oracle.0),
			_ => false,
		}
	}

	/// Enters an event; `settlements` are those of the transaction it came from, if
	/// [`Book::needs_claims`].
	pub fn enter(&mut self, place: Place, event: &Event, settlements: &[Settlement]) {
		match event {
			Event::Usage(event) => self.enter_usage(place, event, settlements),
			Event::Oracles(event) => self.enter_bond(place, event),
			Event::Models(Models::RevenuePaid { version, row, account, amount }) => {
				let paid = self.rows.entry((*version, *row)).or_default();
				*paid = paid.saturating_add(*amount);
				if self.is_own(account) {
					let source =
						Source { version: Some(*version), row: Some(*row), ..Source::default() };
					self.push(place, Kind::Revenue, Received, *amount, source);
				}
			},
			Event::Dividend(event) => self.enter_dividend(place, event),
			Event::Validators(Validators::Withdrawn { account, amount })
				if self.is_own(account) =>
			{
				self.push(place, Kind::Authoring, Received, *amount, Source::default());
			},
			Event::TransactionPayment(TransactionPayment::TransactionFeePaid {
				who,
				actual_fee,
				..
			}) if self.is_own(who) => {
				self.push(place, Kind::Fee, Paid, *actual_fee, Source::default());
			},
			_ => (),
		}
	}

	/// A claim into a channel is paid to the account and then put into the channel; the fund's bonus
	/// comes on top of it.
	fn enter_dividend(&mut self, place: Place, event: &Dividend) {
		match event {
			Dividend::Claimed { account, from, to, amount, .. } if self.is_own(account) => {
				self.push(place, Kind::Dividend, Received, *amount, epochs(*from, *to));
			},
			Dividend::ProgrammeClaimed { programme, account, from, to, amount, .. }
				if self.is_own(account) =>
			{
				let source = Source { programme: Some(*programme), ..epochs(*from, *to) };
				self.push(place, Kind::Programme, Received, *amount, source);
			},
			Dividend::Credited { account, channel, bonus, .. } if self.is_own(account) => {
				let source = Source { channel: Some(*channel), ..Source::default() };
				self.push(place, Kind::Bonus, Received, *bonus, source);
			},
			Dividend::Donated { donor, amount } if self.is_own(donor) => {
				self.push(place, Kind::Donation, Paid, *amount, Source::default());
			},
			_ => (),
		}
	}

	fn enter_usage(&mut self, place: Place, event: &Usage, settlements: &[Settlement]) {
		match event {
			Usage::ChannelOpened { channel_id, consumer, oracle, model, escrow }
				if self.is_own(consumer) =>
			{
				self.own_channel(*channel_id, oracle.0, *model);
				self.push_escrow(place, channel_id, Held, *escrow);
			},
			Usage::ToppedUp { channel_id, amount, .. } => {
				self.push_escrow(place, channel_id, Held, *amount);
			},
			Usage::BonusReturned { channel_id, amount }
				if self.channels.contains_key(channel_id) =>
			{
				let source = Source { channel: Some(*channel_id), ..Source::default() };
				self.push(place, Kind::Bonus, Paid, *amount, source);
			},
			Usage::EscrowReturned { channel_id, returned, .. }
			| Usage::ChannelClosed { channel_id, returned } => {
				self.push_escrow(place, channel_id, Returned, *returned);
			},
			Usage::Settled {
				oracle,
				batch_no,
				root,
				count,
				total,
				accepted_total,
				parts,
				skipped,
			} => {
				if self.is_own(oracle) {
					let source = Source { batch: Some(*batch_no), ..Source::default() };
					self.push(place, Kind::Settlement, Credited, parts.0.oracle, source);
				}
				if self.has_channel_to(&oracle.0) {
					let skipped: BTreeSet<usize> =
						skipped.0.iter().map(|skipped| usize::from(skipped.index)).collect();
					let is_it = |it: &&Settlement| {
						(it.batch_no, it.root, it.count, it.total)
							== (*batch_no, *root, *count, *total)
							&& accepted(it, &skipped) == Some(*accepted_total)
					};
					match settlements.iter().find(is_it) {
						Some(settlement) => {
							self.enter_claims(place, oracle.0, settlement, &skipped);
						},
						None => self.unread.push(Unread {
							block: place.block,
							oracle: oracle.0,
							batch: *batch_no,
						}),
					}
				}
			},
			Usage::Collected { oracle, amount } if self.is_own(oracle) => {
				self.push(place, Kind::Collection, Received, *amount, Source::default());
			},
			Usage::RoyaltyPaid { payer, version, amount, memo, .. } if self.is_own(payer) => {
				let source = Source {
					version: Some(*version),
					memo: Some(String::from_utf8_lossy(&memo.0).into_owned()),
					..Source::default()
				};
				self.push(place, Kind::Royalty, Paid, *amount, source);
			},
			Usage::OracleConvicted {
				oracle,
				batch_no,
				channel_id,
				taken,
				consumer,
				to_consumer,
				reporter,
				to_reporter,
				..
			} => {
				let source = |counterparty: Option<AccountBytes>| Source {
					counterparty,
					batch: *batch_no,
					channel: Some(*channel_id),
					..Source::default()
				};
				if self.is_own(oracle) {
					self.push(place, Kind::Slash, Paid, *taken, source(None));
				}
				for (who, amount) in [(consumer, to_consumer), (reporter, to_reporter)] {
					if who.as_ref().is_some_and(|who| self.is_own(who)) {
						self.push(place, Kind::Slash, Received, *amount, source(Some(oracle.0)));
					}
				}
			},
			Usage::Demanded { oracle, batch_no, channel_id, by, deposit, .. }
				if self.is_own(by) =>
			{
				let source = demand(oracle.0, *batch_no, *channel_id);
				self.push(place, Kind::Demand, Held, *deposit, source);
			},
			Usage::DepositReturned { oracle, batch_no, channel_id, by, deposit, .. }
				if self.is_own(by) =>
			{
				let source = demand(oracle.0, *batch_no, *channel_id);
				self.push(place, Kind::Demand, Returned, *deposit, source);
			},
			Usage::DemandAnswered { oracle, batch_no, receipt, by, deposit } => {
				if self.is_own(by) {
					let source = demand(oracle.0, *batch_no, receipt.channel_id);
					self.push(place, Kind::Demand, Paid, *deposit, source);
				}
				if self.is_own(oracle) {
					let source = demand(by.0, *batch_no, receipt.channel_id);
					self.push(place, Kind::Demand, Received, *deposit, source);
				}
			},
			_ => (),
		}
	}

	/// What is taken from a bond is in the conviction, with what for.
	fn enter_bond(&mut self, place: Place, event: &Oracles) {
		let (oracle, direction, amount) = match event {
			Oracles::OracleRegistered { oracle, bond, .. } => (oracle, Held, bond),
			Oracles::BondIncreased { oracle, amount, .. } => (oracle, Held, amount),
			Oracles::Withdrawn { oracle, amount } => (oracle, Returned, amount),
			_ => return,
		};
		if self.is_own(oracle) {
			self.push(place, Kind::Bond, direction, *amount, Source::default());
		}
	}

	/// Enters the accepted claims on the account's channels.
	fn enter_claims(
		&mut self,
		place: Place,
		oracle: AccountBytes,
		settlement: &Settlement,
		skipped: &BTreeSet<usize>,
	) {
		for (index, claim) in settlement.claims.iter().enumerate() {
			if skipped.contains(&index) {
				continue;
			}
			let channel = self.channels.get(&claim.channel_id).copied();
			if let (Some(channel), Some(amount)) = (channel, claim.amount()) {
				let source = Source {
					counterparty: Some(oracle),
					batch: Some(settlement.batch_no),
					model: Some(channel.model),
					version: Some(claim.model_version),
					channel: Some(claim.channel_id),
					..Source::default()
				};
				self.push(place, Kind::Use, Paid, amount, source);
			}
		}
	}

	fn has_channel_to(&self, oracle: &AccountBytes) -> bool {
		self.channels.values().any(|channel| channel.oracle == *oracle)
	}

	/// Enters what was put into a channel, or came back, if it is the account's.
	fn push_escrow(
		&mut self,
		place: Place,
		channel: &ChannelId,
		direction: super::Direction,
		amount: Balance,
	) {
		if let Some(Terms { oracle, model }) = self.channels.get(channel).copied() {
			let source = Source {
				counterparty: Some(oracle),
				model: Some(model),
				channel: Some(*channel),
				..Source::default()
			};
			self.push(place, Kind::Escrow, direction, amount, source);
		}
	}

	fn push(
		&mut self,
		Place { block, event }: Place,
		kind: Kind,
		direction: super::Direction,
		amount: Balance,
		source: Source,
	) {
		if amount > 0 {
			self.entries.push(Entry { block, event, kind, direction, amount, source });
		}
	}

	fn is_own(&self, account: &subxt::utils::AccountId32) -> bool {
		account.0 == self.account
	}
}

/// The epochs that were paid for.
fn epochs(from: EpochIndex, to: EpochIndex) -> Source {
	Source { from_epoch: Some(from), to_epoch: Some(to), ..Source::default() }
}

/// The sum of a settlement's claims but for those that were skipped; `None` if there is none.
fn accepted(settlement: &Settlement, skipped: &BTreeSet<usize>) -> Option<Balance> {
	let claims = settlement.claims.iter().enumerate();
	claims
		.filter(|(index, _)| !skipped.contains(index))
		.try_fold(0, |sum: Balance, (_, claim)| sum.checked_add(claim.amount()?))
}

/// What a demand's deposit is about.
fn demand(counterparty: AccountBytes, batch: BatchNo, channel: ChannelId) -> Source {
	Source {
		counterparty: Some(counterparty),
		batch: Some(batch),
		channel: Some(channel),
		..Source::default()
	}
}
