//! What a consumer has promised and accepted on one channel: a state machine without any I/O.
//!
//! Operations do not change the ledger. Each returns a [`Change`], which is first written to disk
//! and then [applied](Ledger::apply); so the ledger in memory is never ahead of the disk, and a
//! voucher that left the process is always on it.
//!
//! A request is *open* from its reservation until its receipt is acknowledged, or until the oracle
//! refused it for good. Nobody signs a refusal, and it may come from somebody in between: so a request
//! that was refused is *released*. Its money serves others, but its receipt is taken if there is one
//! after all. It is forgotten once the oracle has accounted for a request that was asked when its
//! voucher was over, or when there are too many. At any time:
//!
//! 1. `ack_total + Σ maxima of open requests ≤ cap`, so each open request has money of its own under
//!    the cap, and no part of the cap is promised twice; only when a released request was charged
//!    after all may it be more, until the next voucher;
//! 2. `cap ≤ ack_total + max_unacked`, so a dishonest oracle gets at most `max_unacked` more than what
//!    was accepted, whichever voucher it shows;
//! 3. `cap`, `ack_seq` and `ack_total` never fall.

use crate::oracle_api::SignedReceipt;
use codec::{Decode, Encode};
use std::collections::BTreeMap;
use usufruct_primitives::{
	commitment::Request, usage::Voucher, Balance, BlockNumber, ChannelId, Hash, Seq,
};

/// For how many blocks a voucher is good at most.
pub const SERVE_WINDOW: BlockNumber = 200;

/// For how many blocks after its last block a voucher may still be served: its oracle may see the
/// chain later.
const SLACK: BlockNumber = 10;

/// How many released requests are known at most.
const MOST_RELEASED: usize = 64;

/// Whether no honest oracle serves a voucher any more, when the finalised block is that.
pub fn is_over(voucher: &Voucher, head: BlockNumber) -> bool {
	voucher.serve_until.saturating_add(SLACK) < head
}

/// Whether an honest oracle may keep the answer to a voucher no longer, when the finalised block is that:
/// it does for the chain's closing window, in blocks, after the voucher's last one.
pub fn may_be_gone(voucher: &Voucher, closing_window: BlockNumber, head: BlockNumber) -> bool {
	voucher.serve_until.saturating_add(closing_window) < head
}

/// What the channel allows, from the finalised chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Limits {
	/// The highest price of a unit, in planck.
	pub max_unit_price: Balance,
	/// The most that may be unacknowledged, in planck.
	pub max_unacked: Balance,
	/// All that can ever be charged as things are: what is settled and the escrow, in planck.
	pub funds: Balance,
}

/// Where a channel stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Head {
	/// The highest cap ever signed.
	pub cap: Balance,
	/// The receipts 1..=`ack_seq` are accepted.
	pub ack_seq: Seq,
	/// Their total.
	pub ack_total: Balance,
	/// Why nothing more is signed: the oracle lied.
	pub halted: Option<String>,
}

/// An open request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Open {
	/// What was asked.
	pub request: Request,
	/// The most it may cost.
	pub max_amount: Balance,
	/// The voucher that asked for it.
	pub voucher: Voucher,
	/// Its receipt, if that came before an earlier one did.
	pub receipt: Option<SignedReceipt>,
}

/// What an operation changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
	/// The channel's new state.
	pub head: Head,
	/// Requests that are new or have got their receipt.
	pub put: Vec<(Hash, Open)>,
	/// Requests that are no longer open.
	pub remove: Vec<Hash>,
	/// Receipts that are now accepted, in order.
	pub accepted: Vec<SignedReceipt>,
	/// Requests that are now released.
	pub released: Vec<(Hash, Open)>,
	/// Requests that are no longer released.
	pub forgotten: Vec<Hash>,
}

/// Why no voucher is signed for a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
	/// The oracle lied on this channel.
	#[error(
		"nothing more is signed on this channel, because the oracle lied: {0}; close the channel"
	)]
	Halted(String),
	/// The request is for another channel.
	#[error("the request is for another channel")]
	OtherChannel,
	/// The same request is already open.
	#[error("the same request is already open; send its voucher again")]
	AlreadyOpen,
	/// The price is above the channel's maximum.
	#[error(
		"{price} planck per unit is above the channel's maximum of {maximum}; \
		 find a cheaper oracle or open a channel that allows it"
	)]
	PriceAboveMaximum {
		/// What is asked.
		price: Balance,
		/// What the channel allows.
		maximum: Balance,
	},
	/// It alone is more than may be unacknowledged.
	#[error(
		"the request may cost {amount} planck, more than the {max_unacked} that may be \
		 unacknowledged on this channel; open one with a larger max_unacked"
	)]
	TooLarge {
		/// The most it may cost.
		amount: Balance,
		/// The channel's limit.
		max_unacked: Balance,
	},
	/// Too much is open: it fits once some of it is answered.
	#[error("{open} planck are open and {max_unacked} may be; wait for an answer")]
	WindowFull {
		/// The maxima of all open requests.
		open: Balance,
		/// The channel's limit.
		max_unacked: Balance,
	},
	/// The escrow does not cover it.
	#[error("the channel has {funds} planck for all its requests, {needed} are needed; top it up")]
	EscrowShort {
		/// What the cap would be.
		needed: Balance,
		/// What is settled and the escrow.
		funds: Balance,
	},
	/// It may cost more than can be written.
	#[error("the request may cost more than can be written as an amount")]
	Overflow,
}

/// What is wrong with the place of a receipt among the others. All are said under the oracle's
/// signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disorder {
	/// Another receipt has that number.
	#[error("receipt {0} is a second one of that number")]
	SeqTaken(Seq),
	/// The request has another receipt.
	#[error("receipt {0} is a second one for the same request")]
	SecondReceipt(Seq),
	/// Totals do not add up.
	#[error("receipt {seq} says a total of {said} planck where {expected} are owed")]
	Total {
		/// Which receipt.
		seq: Seq,
		/// What it says.
		said: Balance,
		/// The total before it and its amount.
		expected: Balance,
	},
	/// It charges more than was promised for the request.
	#[error("receipt {seq} charges {amount} planck where at most {max_amount} were promised")]
	Amount {
		/// Which receipt.
		seq: Seq,
		/// What it charges.
		amount: Balance,
		/// The request's maximum.
		max_amount: Balance,
	},
}

/// Why a receipt is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
	/// No open request has that commitment.
	#[error("the receipt belongs to no open request")]
	NotOpen,
	/// The oracle lied.
	#[error(transparent)]
	Disorder(#[from] Disorder),
}

/// The state of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
	channel_id: ChannelId,
	genesis: Hash,
	limits: Limits,
	head: Head,
	open: BTreeMap<Hash, Open>,
	released: BTreeMap<Hash, Open>,
}

impl Ledger {
	/// A ledger as it was when `head` and `open` were written.
	pub fn new(
		channel_id: ChannelId,
		genesis: Hash,
		limits: Limits,
		head: Head,
		open: impl IntoIterator<Item = (Hash, Open)>,
	) -> Self {
		let (open, released) = (open.into_iter().collect(), BTreeMap::new());
		Self { channel_id, genesis, limits, head, open, released }
	}

	/// The same with the released requests as they were written.
	pub fn with_released(mut self, released: impl IntoIterator<Item = (Hash, Open)>) -> Self {
		self.released = released.into_iter().collect();
		self
	}

	/// Where it stands.
	pub fn head(&self) -> &Head {
		&self.head
	}

	/// What the channel allows.
	pub fn limits(&self) -> Limits {
		self.limits
	}

	/// Takes what the chain now says.
	pub fn set_limits(&mut self, limits: Limits) {
		self.limits = limits;
	}

	/// The open requests, by their commitments.
	pub fn open(&self) -> &BTreeMap<Hash, Open> {
		&self.open
	}

	/// Whether a request is released.
	pub fn is_released(&self, commit: &Hash) -> bool {
		self.released.contains_key(commit)
	}

	/// The released requests, by their commitments, the oldest first.
	pub fn released(&self) -> Vec<(&Hash, &Open)> {
		let mut released: Vec<_> = self.released.iter().collect();
		released.sort_by_key(|(_, it)| (it.voucher.serve_until, it.voucher.cap));
		released
	}

	/// Whether a receipt is missing for which no open request waits: the oracle signed it for one that
	/// it refused, too. Until that is here, none after it can be acknowledged.
	pub fn lacks_released(&self) -> bool {
		let Some(last) = self.last_waiting() else { return false };
		last.receipt.seq.saturating_sub(self.head.ack_seq) > self.open.len() as Seq
	}

	/// Whether it is of no use for a request of so much: by its last receipt the oracle has charged as
	/// much as it may without an acknowledgement, and what would allow one is missing.
	pub fn is_stuck(&self, amount: Balance) -> bool {
		let Some(last) = self.last_waiting().filter(|_| self.lacks_released()) else {
			return false;
		};
		let charged = last.receipt.total.saturating_sub(self.head.ack_total);
		let unanswered = self.open.values().filter(|open| open.receipt.is_none());
		let unacked = unanswered.map(|it| it.max_amount).fold(charged, Balance::saturating_add);
		unacked.saturating_add(amount) > self.limits.max_unacked
	}

	/// The last of the receipts that came before an earlier one did.
	fn last_waiting(&self) -> Option<&SignedReceipt> {
		let waiting = self.open.values().filter_map(|open| open.receipt.as_ref());
		waiting.max_by_key(|it| it.receipt.seq)
	}

	/// The maxima of all open requests.
	pub fn open_amount(&self) -> Balance {
		sum(&self.open)
	}

	/// What of the channel's funds is spoken for: the accepted receipts and all open requests.
	pub fn promised(&self) -> Balance {
		self.head.ack_total.saturating_add(self.open_amount())
	}

	/// Opens a request: the voucher to sign for it is in the change.
	pub fn reserve(
		&self,
		request: &Request,
		serve_until: BlockNumber,
	) -> Result<(Voucher, Change), Refused> {
		let Limits { max_unit_price, max_unacked, funds } = self.limits;
		if let Some(reason) = &self.head.halted {
			return Err(Refused::Halted(reason.clone()));
		}
		if request.channel_id != self.channel_id {
			return Err(Refused::OtherChannel);
		}
		let commit = request.commit(&self.genesis);
		if self.open.contains_key(&commit) || self.released.contains_key(&commit) {
			return Err(Refused::AlreadyOpen);
		}
		if request.unit_price > max_unit_price {
			let price = request.unit_price;
			return Err(Refused::PriceAboveMaximum { price, maximum: max_unit_price });
		}
		let amount = request.max_amount().ok_or(Refused::Overflow)?;
		if amount > max_unacked {
			return Err(Refused::TooLarge { amount, max_unacked });
		}
		let open = self.open_amount().checked_add(amount).ok_or(Refused::Overflow)?;
		if open > max_unacked {
			return Err(Refused::WindowFull { open: self.open_amount(), max_unacked });
		}
		let needed = self.head.ack_total.checked_add(open).ok_or(Refused::Overflow)?;
		if needed > funds {
			return Err(Refused::EscrowShort { needed, funds });
		}

		// If a released request was charged after all, this one is paid for all the same, as far as there
		// may be so much.
		let bound = funds.min(self.head.ack_total.saturating_add(max_unacked));
		let generous = needed.saturating_add(sum(&self.released)).min(bound);
		let head = Head { cap: self.head.cap.max(needed).max(generous), ..self.head.clone() };
		let voucher = Voucher {
			channel_id: self.channel_id,
			cap: head.cap,
			request_commit: commit,
			ack_seq: head.ack_seq,
			ack_total: head.ack_total,
			serve_until,
		};
		let open = Open {
			request: request.clone(),
			max_amount: amount,
			voucher: voucher.clone(),
			receipt: None,
		};
		Ok((voucher, Change { head, put: vec![(commit, open)], ..Change::default() }))
	}

	/// Takes a receipt that was checked against its request. It is accepted at once if all before it
	/// are; else it waits for them, and its request stays open.
	pub fn complete(&self, signed: &SignedReceipt) -> Result<Change, NotAccepted> {
		let receipt = &signed.receipt;
		let open = self.asked(&receipt.request_commit).ok_or(NotAccepted::NotOpen)?;
		if let Some(known) = &open.receipt {
			// The same again changes nothing; a signature may differ, what it signs may not.
			if known.receipt == *receipt {
				return Ok(Change { head: self.head.clone(), ..Change::default() });
			}
			return Err(Disorder::SecondReceipt(receipt.seq).into());
		}
		let taken =
			|open: &Open| open.receipt.as_ref().is_some_and(|r| r.receipt.seq == receipt.seq);
		if receipt.seq <= self.head.ack_seq || self.open.values().any(taken) {
			return Err(Disorder::SeqTaken(receipt.seq).into());
		}
		if receipt.amount > open.max_amount {
			let (seq, amount, max_amount) = (receipt.seq, receipt.amount, open.max_amount);
			return Err(Disorder::Amount { seq, amount, max_amount }.into());
		}

		let mut waiting: BTreeMap<Seq, &SignedReceipt> = self
			.open
			.values()
			.filter_map(|open| open.receipt.as_ref())
			.map(|signed| (signed.receipt.seq, signed))
			.collect();
		waiting.insert(receipt.seq, signed);

		let mut change = Change { head: self.head.clone(), ..Change::default() };
		let head = &mut change.head;
		let mut asked_at = 0;
		while let Some(signed) = head.ack_seq.checked_add(1).and_then(|seq| waiting.remove(&seq)) {
			let next = &signed.receipt;
			let expected = head.ack_total.saturating_add(next.amount);
			if next.total != expected {
				return Err(Disorder::Total { seq: next.seq, said: next.total, expected }.into());
			}
			(head.ack_seq, head.ack_total) = (next.seq, next.total);
			let serve_until = self.asked(&next.request_commit).map(|it| it.voucher.serve_until);
			asked_at = serve_until.unwrap_or(0).saturating_sub(SERVE_WINDOW).max(asked_at);
			change.remove.push(next.request_commit);
			change.accepted.push(signed.clone());
		}
		if waiting.contains_key(&receipt.seq) {
			let open = Open { receipt: Some(signed.clone()), ..open.clone() };
			change.put.push((receipt.request_commit, open));
		}
		let forgotten = self.released.iter().filter(|(commit, it)| {
			**commit == receipt.request_commit || is_over(&it.voucher, asked_at)
		});
		change.forgotten.extend(forgotten.map(|it| *it.0));
		Ok(change)
	}

	/// A request that is open or released.
	pub fn asked(&self, commit: &Hash) -> Option<&Open> {
		self.open.get(commit).or_else(|| self.released.get(commit))
	}

	/// Frees the money of a request that the oracle refused for good. One that has a receipt stays open.
	/// Besides it, what may cost `max_unacked` and is less than [a number](MOST_RELEASED) stays released;
	/// the oldest are forgotten.
	pub fn release(&self, commit: &Hash) -> Option<Change> {
		let open = self.open.get(commit).filter(|open| open.receipt.is_none())?;
		let (mut count, mut amount) = (1, 0);
		let mut forgotten = Vec::new();
		for (commit, older) in self.released().into_iter().rev() {
			(count, amount) = (count + 1, older.max_amount.saturating_add(amount));
			if count > MOST_RELEASED || amount > self.limits.max_unacked {
				forgotten.push(*commit);
			}
		}
		let (remove, released) = (vec![*commit], vec![(*commit, open.clone())]);
		Some(Change { head: self.head.clone(), remove, released, forgotten, ..Change::default() })
	}

	/// Signs nothing more.
	pub fn halt(&self, reason: &str) -> Change {
		let halted = self.head.halted.clone().or_else(|| Some(reason.into()));
		Change { head: Head { halted, ..self.head.clone() }, ..Change::default() }
	}

	/// Takes a change that is on disk.
	pub fn apply(&mut self, change: &Change) {
		self.head = change.head.clone();
		for (commit, open) in &change.put {
			self.open.insert(*commit, open.clone());
		}
		for commit in &change.remove {
			self.open.remove(commit);
		}
		self.released.extend(change.released.iter().cloned());
		for commit in &change.forgotten {
			self.released.remove(commit);
		}
	}
}

/// The maxima of requests.
fn sum(requests: &BTreeMap<Hash, Open>) -> Balance {
	requests.values().map(|it| it.max_amount).fold(0, Balance::saturating_add)
}

#[cfg(test)]
mod tests;
