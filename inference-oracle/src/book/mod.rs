//! The money core: which request is accepted, what it is charged, what is due. Pure: no clock, no
//! disk, no chain; what it decides is written down by [`crate::ledger`].
//!
//! A request is accepted only if all of this holds at the finalised head:
//! - the oracle is bonded, its free bond covers one and a half times what would be unsettled, and it is
//!   not paused because little would be left;
//! - the channel is final, open, pays this oracle for this model, and allows the price; it and its key
//!   have not too many failed receipts that wait to be settled;
//! - the voucher is signed by the channel's key, asks for exactly this request, may still be served,
//!   and acknowledges what receipts say;
//! - total + Σ maxima in flight, this one included, ≤ min(cap, ack_total + max_unacked,
//!   settled_total + escrow), where cap and acknowledgement are those of the newest voucher of the
//!   channel's present key: what a former key signed covers nothing new.
//!
//! Every accepted request gets exactly one receipt; its number and total are assigned when it
//! completes. Records leave in the order in which numbers were assigned, so whatever prefix of them
//! reached the disk is a log without gaps.

mod account;
mod bond;
mod failures;
mod refusal;
mod rows;
#[cfg(test)]
mod tests;

pub use account::{Position, Terms};
pub use bond::{bond_for, Standing};
pub use failures::{MOST_OF_CHANNEL, MOST_OF_KEY};
pub use refusal::{Hindrance, Refusal};
pub use rows::{is_newest, Accepted, Completed, Record, RequestId, Restored};

use account::Account;
use bond::Gate;
use ed25519_dalek::VerifyingKey;
use failures::Failures;
use std::collections::HashMap;
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	commitment::{payload_commit, Request},
	AccountBytes, Balance, BlockNumber, ChannelId, Hash, ModelId, PublicKey, Seq, Status,
};

/// A request as it reached the oracle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
	/// What is asked; everything the voucher commits to.
	pub request: Request,
	/// The model of the version.
	pub model: ModelId,
	/// The salt of input and output.
	pub salt: Hash,
	/// Its units, as counted from its input.
	pub units: u64,
}

/// On what terms the oracle serves the version asked for, now. A stored answer is given on any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
	/// Whether the version is open on the chain.
	pub open: bool,
	/// The oracle's ask, in planck per unit.
	pub ask: Option<Balance>,
	/// Whether it can be run now.
	pub room: Result<(), Hindrance>,
}

impl Order {
	/// Whether it fits the offer.
	fn check(&self, offer: &Offer) -> Result<(), Refusal> {
		let version = self.request.model_version;
		if !offer.open {
			return Err(Refusal::Deprecated { version });
		}
		let ask = offer.ask.ok_or(Refusal::NotOffered { version })?;
		let (named, max_units) = (self.request.unit_price, self.request.max_units);
		if named != ask {
			return Err(Refusal::PriceMismatch { named, ask });
		}
		if self.units > max_units {
			return Err(Refusal::MaxUnitsTooLow { units: self.units, max_units });
		}
		Ok(offer.room?)
	}
}

/// What is to become of a request that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
	/// It is in order, and was never asked before.
	New,
	/// It was answered before, by the receipt of this number.
	Answered(Seq),
}

/// What was decided on a request that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
	/// It is accepted and must be run, once its record is on its way to the disk.
	Run(Accepted),
	/// It was answered before, by the receipt of this number: the stored answer is due.
	Answered(Seq),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
	/// Served, partly, or failed.
	pub status: Status,
	/// Units to charge.
	pub units: u64,
	/// Commitment to the output.
	pub output_commit: Hash,
	/// When the run began, in milliseconds since the Unix epoch.
	pub started_ms: u64,
	/// How long it took, in milliseconds.
	pub took_ms: u32,
}

impl Outcome {
	/// A run that delivered nothing.
	pub fn failed(salt: &Hash, started_ms: u64, took_ms: u32) -> Self {
		Self {
			status: Status::Failed,
			units: 0,
			output_commit: payload_commit(salt, &[]),
			started_ms,
			took_ms,
		}
	}
}

/// What the log holds of requests that were answered.
pub trait History {
	/// Why the log could not be read.
	type Error;
	/// The number of the receipt of that request, and its request_commit, if it has one.
	fn answered(
		&self,
		channel: &ChannelId,
		id: &RequestId,
	) -> Result<Option<(Seq, Hash)>, Self::Error>;
}

/// Why a request was not admitted.
#[derive(Debug)]
pub enum NotAdmitted<E> {
	/// By the rules.
	Refused(Refusal),
	/// The log failed.
	History(E),
}

impl<E> From<Refusal> for NotAdmitted<E> {
	fn from(refusal: Refusal) -> Self {
		Self::Refused(refusal)
	}
}

/// A channel with receipts that are not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
	/// The channel.
	pub channel_id: ChannelId,
	/// The last receipt that is settled.
	pub settled_seq: Seq,
	/// The total that is settled, in planck.
	pub settled_total: Balance,
	/// The last receipt.
	pub seq: Seq,
	/// Its total, in planck.
	pub total: Balance,
	/// The first block in which they may no longer be settled, if there is one.
	pub deadline: Option<BlockNumber>,
}

impl Due {
	/// What they are worth, in planck.
	pub fn value(&self) -> Balance {
		self.total.saturating_sub(self.settled_total)
	}
}

/// See the module.
pub struct Book {
	genesis: Hash,
	oracle: AccountBytes,
	standing: Standing,
	accounts: HashMap<ChannelId, Account>,
	/// Σ of the accounts' exposure.
	unsettled: Balance,
	/// Failed receipts of the accounts that are not settled.
	failures: Failures,
	gate: Gate,
	/// Σ of the maxima accepted since the state of the chain was that of now.
	unseen: Balance,
	/// The most that may be, while the chain is not seen.
	blind: Option<Balance>,
}

impl Book {
	/// A book of `oracle` on the chain of that genesis hash, with what its log holds.
	pub fn new(genesis: Hash, oracle: AccountBytes, log: Vec<Restored>) -> Self {
		let accounts = log
			.into_iter()
			.map(|restored| (restored.channel_id, Account::restore(restored)))
			.collect();
		Self {
			genesis,
			oracle,
			standing: Standing::default(),
			accounts,
			unsettled: 0,
			failures: Failures::default(),
			gate: Gate::default(),
			unseen: 0,
			blind: None,
		}
	}

	/// The most that may be accepted since the last finalised block, in planck; `None` while blocks are
	/// seen.
	pub fn blind(&mut self, limit: Option<Balance>) {
		self.blind = limit;
	}

	/// Nothing new is accepted while less than that is spare of the bond, in planck; without it, less
	/// than a twentieth of the bond.
	pub fn pause_below(&mut self, spare: Option<Balance>) {
		self.gate.below = spare;
	}

	/// Whether nothing new is accepted for want of bond, as things are now.
	pub fn paused(&mut self) -> bool {
		self.gate.look(&self.standing, self.unsettled);
		self.gate.closed
	}

	/// The key that signs the channel's vouchers, as final on the chain.
	pub fn key(&self, channel: &ChannelId) -> Option<VerifyingKey> {
		self.accounts.get(channel)?.key
	}

	/// The channel at the finalised head.
	pub fn terms(&self, channel: &ChannelId) -> Option<&Terms> {
		self.accounts.get(channel)?.terms.as_ref()
	}

	/// All channels.
	pub fn channels(&self) -> Vec<ChannelId> {
		self.accounts.keys().copied().collect()
	}

	/// Requests that were accepted and have no receipt yet, each with its salt.
	pub fn running(&self) -> Vec<(ChannelId, RequestId, Hash)> {
		self.accounts.values().flat_map(Account::running).collect()
	}

	/// Whether a request of that id is being served.
	pub fn is_serving(&self, channel: &ChannelId, id: &RequestId) -> bool {
		self.accounts.get(channel).is_some_and(|account| account.is_serving(id))
	}

	/// What is against a new request, whatever it commits to. One of which only the headers came has no units
	/// yet.
	pub fn vet(
		&mut self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
	) -> Result<(), Refusal> {
		let head = self.standing.head;
		let (account, terms) = self.signed(order, voucher, key)?;
		if !self.standing.active {
			return Err(Refusal::OracleNotBonded { head });
		}
		if terms.model != order.model {
			return Err(Refusal::ChannelOfAnotherModel {
				channel: terms.model,
				model: order.model,
			});
		}
		order.check(offer)?;
		let max_amount = order.request.max_amount().ok_or(Refusal::AmountTooLarge)?;
		account.check(&order.request, max_amount, voucher, terms, head)?;
		self.failures.check(account.failed(), &terms.key)?;
		// By what is spare without it: nobody's large request closes the oracle to others.
		if self.paused() {
			let spare = self.standing.spare_bond(self.unsettled);
			let wanted = self.gate.level(self.standing.bond);
			let retry_s = self.standing.retry_s(self.unsettled, wanted);
			return Err(Refusal::Paused { spare, wanted, retry_s });
		}
		if let Some(limit) = self.blind {
			if self.unseen.saturating_add(max_amount) > limit {
				return Err(Refusal::ChainUnseen { head, limit });
			}
		}
		let exposed = self.unsettled.checked_add(max_amount).ok_or(Refusal::AmountTooLarge)?;
		let missing = bond_for(exposed).saturating_sub(self.standing.free_bond);
		if missing > 0 {
			let retry_s = self.standing.retry_s(exposed, 0);
			return Err(Refusal::BondTooLow { missing, retry_s });
		}
		Ok(())
	}

	/// What is to become of a request; nothing changes. `voucher` was verified with `key`; if the channel has
	/// another key by now, the voucher's signature is worth nothing.
	pub fn decide<H: History>(
		&mut self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
		history: &H,
	) -> Result<Decision, NotAdmitted<H::Error>> {
		let request = &order.request;
		let (account, _) = self.signed(order, voucher, key)?;
		let commit = request.commit(&self.genesis);
		if voucher.voucher.request_commit != commit {
			return Err(Refusal::VoucherForAnotherRequest.into());
		}

		if account.in_progress(request, &commit)? {
			return Err(Refusal::InProgress.into());
		}
		let answered = history
			.answered(&request.channel_id, &request.request_id)
			.map_err(NotAdmitted::History)?;
		if let Some((seq, answered_commit)) = answered {
			if answered_commit != commit {
				return Err(Refusal::RequestIdReused.into());
			}
			return Ok(Decision::Answered(seq));
		}
		self.vet(order, voucher, key, offer)?;
		Ok(Decision::New)
	}

	/// [Decides](Self::decide) on a request, and accepts it if it is a new one.
	pub fn admit<H: History>(
		&mut self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
		history: &H,
		now_ms: u64,
	) -> Result<Admission, NotAdmitted<H::Error>> {
		if let Decision::Answered(seq) = self.decide(order, voucher, key, offer, history)? {
			return Ok(Admission::Answered(seq));
		}
		let request = &order.request;
		let accepted = Accepted {
			request: request.clone(),
			model: order.model,
			salt: order.salt,
			voucher: voucher.clone(),
			accepted_ms: now_ms,
		};
		self.change(&request.channel_id, |account| account.accept(accepted.clone()));
		let max_amount = request.max_amount().unwrap_or(Balance::MAX);
		self.unseen = self.unseen.saturating_add(max_amount);
		Ok(Admission::Run(accepted))
	}

	/// The account that pays for it and its channel, if the channel's key is that one.
	fn signed(
		&self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
	) -> Result<(&Account, &Terms), Refusal> {
		let channel = &order.request.channel_id;
		let unknown = Refusal::ChannelUnknown { head: self.standing.head };
		let found = self.accounts.get(channel);
		let (account, terms) =
			found.and_then(|it| Some((it, it.terms.as_ref()?))).ok_or(unknown)?;
		if terms.key != *key || voucher.voucher.channel_id != *channel {
			return Err(Refusal::BadSignature);
		}
		Ok((account, terms))
	}

	/// Gives a running request its one receipt; `None` if it is not running.
	pub fn complete(
		&mut self,
		channel: &ChannelId,
		id: &RequestId,
		outcome: Outcome,
	) -> Option<Completed> {
		self.change(channel, |account| account.complete(id, outcome)).flatten()
	}

	/// The receipt of this request is on disk.
	pub fn landed(&mut self, channel: &ChannelId, id: &RequestId) {
		if let Some(account) = self.accounts.get_mut(channel) {
			account.landed(id);
		}
	}

	/// Takes the oracle's own state at a finalised block in.
	pub fn stand(&mut self, standing: Standing) {
		self.standing = standing;
	}

	/// What was accepted so far is not at risk any more: the state that was taken in is that of now.
	pub fn seen(&mut self) {
		self.unseen = 0;
	}

	/// Whether the channel is in the book.
	pub fn holds(&self, channel: &ChannelId) -> bool {
		self.accounts.contains_key(channel)
	}

	/// Takes a channel into the book that the chain was asked for; `log` is what the log holds of
	/// it.
	pub fn adopt(
		&mut self,
		channel: ChannelId,
		terms: Option<Terms>,
		log: Option<Restored>,
	) -> Result<(), Refusal> {
		let terms = terms.ok_or(Refusal::ChannelUnknown { head: self.standing.head })?;
		if terms.oracle != self.oracle {
			return Err(Refusal::ChannelOfAnotherOracle);
		}
		// Whatever a node says: what it answered is forgotten, and would be answered twice.
		if log.as_ref().is_some_and(|log| log.dropped) {
			return Err(Refusal::ChannelClosing);
		}
		self.accounts.entry(channel).or_insert_with(|| match log {
			Some(log) => Account::restore(log),
			None => Account::new(channel),
		});
		let genesis = self.genesis;
		self.change(&channel, |account| account.observe(terms, &genesis));
		Ok(())
	}

	/// Takes the state at a finalised block of a channel of the book in; `None` if it was closed.
	/// Returns whether it left the book.
	pub fn observe(&mut self, channel: &ChannelId, terms: Option<Terms>) -> bool {
		let genesis = self.genesis;
		self.change(channel, |account| match terms {
			Some(terms) => account.observe(terms, &genesis),
			None => account.gone(),
		});
		let left = self
			.accounts
			.get(channel)
			.is_some_and(|account| account.terms.is_none() && account.idle());
		if left {
			self.accounts.remove(channel);
		}
		left
	}

	/// Channels with something to settle.
	pub fn due(&self) -> Vec<Due> {
		self.accounts
			.values()
			.filter_map(|account| {
				let terms = account.terms.as_ref()?;
				(account.total > terms.settled_total).then(|| Due {
					channel_id: account.channel_id,
					settled_seq: terms.settled_seq,
					settled_total: terms.settled_total,
					seq: account.seq,
					total: account.total,
					deadline: account.deadline(self.standing.head),
				})
			})
			.collect()
	}

	/// What would be unsettled if everything in flight cost its maximum, in planck.
	pub fn unsettled(&self) -> Balance {
		self.unsettled
	}

	/// The oracle's own state.
	pub fn standing(&self) -> &Standing {
		&self.standing
	}

	/// Where a channel stands.
	pub fn position(&self, channel: &ChannelId) -> Option<Position> {
		self.accounts.get(channel)?.position()
	}

	fn change<T>(&mut self, channel: &ChannelId, f: impl FnOnce(&mut Account) -> T) -> Option<T> {
		let account = self.accounts.get_mut(channel)?;
		let (exposed, failed) = (account.exposure(), account.failed_of());
		let result = f(account);
		self.unsettled = self.unsettled.saturating_sub(exposed).saturating_add(account.exposure());
		self.failures.change(failed, account.failed_of());
		Some(result)
	}
}
