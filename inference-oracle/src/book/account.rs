//! One channel's account: what was charged, what is in flight, what was acknowledged.

use super::{
	failures::Failed,
	refusal::Refusal,
	rows::{is_newest, rank, Accepted, Completed, RequestId, Restored},
	Outcome,
};
use ed25519_dalek::VerifyingKey;
use std::collections::{HashMap, VecDeque};
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	commitment::Request, usage::Receipt, AccountBytes, Balance, BlockNumber, ChannelId, Hash,
	ModelId, PublicKey, Seq, Status,
};

/// How many receipts before the newest acknowledgement can still be acknowledged: vouchers of
/// parallel requests arrive in any order.
const KEPT_TOTALS: u64 = 1_024;
/// The most receipts without acknowledgement, whatever they cost: some cost nothing, and the account keeps
/// a total for each.
const MAX_UNACKNOWLEDGED: u64 = 65_536;

/// A channel at the finalised head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
	/// Who pays.
	pub consumer: AccountBytes,
	/// Who is paid.
	pub oracle: AccountBytes,
	/// For which model.
	pub model: ModelId,
	/// The key that signs its vouchers.
	pub key: PublicKey,
	/// What is left to be settled from, in planck.
	pub escrow: Balance,
	/// The most one unit may cost, in planck.
	pub max_unit_price: Balance,
	/// The most that may be charged beyond the acknowledged total, in planck.
	pub max_unacked: Balance,
	/// Receipts settled.
	pub settled_seq: Seq,
	/// Their total, in planck.
	pub settled_total: Balance,
	/// The first block in which it can be closed for good, if it is closing.
	pub closes_at: Option<BlockNumber>,
	/// The first block in which vouchers of the key before this one are worth nothing, if there was one.
	pub former_until: Option<BlockNumber>,
}

/// Where a channel stands at the oracle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
	/// The last receipt.
	pub seq: Seq,
	/// Its total, in planck.
	pub total: Balance,
	/// Σ maxima of the requests in flight, in planck.
	pub in_flight: Balance,
	/// What the two must not exceed, by the newest voucher and the chain.
	pub limit: Balance,
}

enum InFlight {
	/// Accepted; its maximum is reserved.
	Running(Accepted),
	/// Its receipt is on the way to disk.
	Landing { commit: Hash },
}

/// See the module.
pub(super) struct Account {
	pub(super) channel_id: ChannelId,
	pub(super) terms: Option<Terms>,
	/// The key in the terms, read once for all vouchers; none if it is no point of the curve.
	pub(super) key: Option<VerifyingKey>,
	pub(super) seq: Seq,
	pub(super) total: Balance,
	pub(super) newest: Option<SignedVoucher>,
	/// Whether the newest voucher is signed by a key that was replaced.
	key_replaced: bool,
	reserved: Balance,
	in_flight: HashMap<RequestId, InFlight>,
	/// Failed receipts that are not settled.
	failed: VecDeque<Seq>,
	/// Totals after the receipts `first..=seq`; receipt 0 stands for none.
	totals: VecDeque<Balance>,
	first: Seq,
}

impl Account {
	pub(super) fn new(channel_id: ChannelId) -> Self {
		Self {
			channel_id,
			terms: None,
			key: None,
			seq: 0,
			total: 0,
			newest: None,
			key_replaced: false,
			reserved: 0,
			in_flight: HashMap::new(),
			failed: VecDeque::new(),
			totals: VecDeque::from([0]),
			first: 0,
		}
	}

	pub(super) fn restore(restored: Restored) -> Self {
		let mut account = Self::new(restored.channel_id);
		account.seq = restored.seq;
		account.total = restored.total;
		account.newest = restored.voucher;
		account.failed = restored.failed.into();
		if !restored.totals.is_empty() {
			account.first = (restored.seq + 1).saturating_sub(restored.totals.len() as u64);
			account.totals = restored.totals.into();
			if account.first == 1 {
				account.first = 0;
				account.totals.push_front(0);
			}
		}
		for accepted in restored.open {
			account.reserve(accepted);
		}
		account
	}

	/// What the oracle stands to be paid for on this channel and is not yet, at most.
	pub(super) fn exposure(&self) -> Balance {
		match &self.terms {
			Some(terms) => {
				self.total.saturating_add(self.reserved).saturating_sub(terms.settled_total)
			},
			None => 0,
		}
	}

	/// How many failed receipts are not settled.
	pub(super) fn failed(&self) -> u64 {
		self.failed.len() as u64
	}

	/// The same, with the key that asked for them, if it is known.
	pub(super) fn failed_of(&self) -> Failed {
		Some((self.terms.as_ref()?.key, self.failed()))
	}

	/// Accepted requests without a receipt, each with its salt.
	pub(super) fn running(&self) -> impl Iterator<Item = (ChannelId, RequestId, Hash)> + '_ {
		self.in_flight.iter().filter_map(|(id, state)| match state {
			InFlight::Running(accepted) => Some((self.channel_id, *id, accepted.salt)),
			InFlight::Landing { .. } => None,
		})
	}

	/// Whether a request of that id is being served.
	pub(super) fn is_serving(&self, id: &RequestId) -> bool {
		self.in_flight.contains_key(id)
	}

	/// Whether this very request is being served.
	pub(super) fn in_progress(&self, request: &Request, commit: &Hash) -> Result<bool, Refusal> {
		let Some(state) = self.in_flight.get(&request.request_id) else { return Ok(false) };
		let held = match state {
			InFlight::Running(accepted) => &accepted.voucher.voucher.request_commit,
			InFlight::Landing { commit } => commit,
		};
		if held != commit {
			return Err(Refusal::RequestIdReused);
		}
		Ok(true)
	}

	/// Whether the channel may pay for this request on this voucher. `max_amount` is what it can
	/// cost at most.
	pub(super) fn check(
		&self,
		request: &Request,
		max_amount: Balance,
		signed: &SignedVoucher,
		terms: &Terms,
		head: BlockNumber,
	) -> Result<(), Refusal> {
		if terms.closes_at.is_some() {
			return Err(Refusal::ChannelClosing);
		}
		if terms.settled_seq > self.seq {
			return Err(Refusal::LogBehindChain { settled: terms.settled_seq, held: self.seq });
		}
		if request.unit_price > terms.max_unit_price {
			return Err(Refusal::PriceTooHigh {
				price: request.unit_price,
				maximum: terms.max_unit_price,
			});
		}
		let serve_until = signed.voucher.serve_until;
		if head > serve_until {
			return Err(Refusal::Expired { serve_until, head });
		}
		self.check_acknowledgement(signed)?;
		let newest = self.newest_with(signed)?;

		let needed = self
			.total
			.checked_add(self.reserved)
			.and_then(|sum| sum.checked_add(max_amount))
			.ok_or(Refusal::AmountTooLarge)?;
		if needed > newest.voucher.cap {
			return Err(Refusal::CapTooLow { needed, cap: newest.voucher.cap });
		}
		let unacknowledged = needed.saturating_sub(newest.voucher.ack_total);
		if unacknowledged > terms.max_unacked {
			return Err(Refusal::Unacknowledged { unacknowledged, maximum: terms.max_unacked });
		}
		let count = self
			.seq
			.saturating_add(self.in_flight.len() as u64)
			.saturating_sub(newest.voucher.ack_seq);
		if count >= MAX_UNACKNOWLEDGED {
			return Err(Refusal::TooManyUnacknowledged { count });
		}
		let covered = terms.settled_total.saturating_add(terms.escrow);
		if needed > covered {
			return Err(Refusal::EscrowTooLow { needed, covered, missing: needed - covered });
		}
		Ok(())
	}

	/// The acknowledged total must be that of the receipt acknowledged.
	fn check_acknowledgement(&self, signed: &SignedVoucher) -> Result<(), Refusal> {
		let (ack_seq, ack_total) = (signed.voucher.ack_seq, signed.voucher.ack_total);
		if ack_seq > self.seq {
			return Err(Refusal::AckUnknown { ack_seq, issued: self.seq });
		}
		let total = ack_seq
			.checked_sub(self.first)
			.and_then(|at| self.totals.get(usize::try_from(at).ok()?))
			.ok_or(Refusal::AckTooOld { ack_seq, first: self.first })?;
		if ack_total != *total {
			return Err(Refusal::AckMismatch { ack_seq, ack_total, total: *total });
		}
		Ok(())
	}

	/// The newest voucher once this one is held too. As cap and acknowledgement never fall, of two
	/// vouchers one is at least the other in both.
	///
	/// What a key signed that was replaced can soon be settled no longer, so nothing new is covered by
	/// it: then this one must be the newest itself, and settles what came before it as well.
	fn newest_with<'a>(&'a self, signed: &'a SignedVoucher) -> Result<&'a SignedVoucher, Refusal> {
		let Some(newest) = &self.newest else { return Ok(signed) };
		let rises = rank(signed) >= rank(newest);
		let (low, high) = if rises { (newest, signed) } else { (signed, newest) };
		if low.voucher.ack_seq > high.voucher.ack_seq || self.key_replaced && !rises {
			return Err(Refusal::VoucherFell {
				cap: newest.voucher.cap,
				ack_seq: newest.voucher.ack_seq,
			});
		}
		Ok(high)
	}

	/// Takes a checked request in.
	pub(super) fn accept(&mut self, accepted: Accepted) {
		if is_newest(&accepted.voucher, self.newest.as_ref()) {
			self.newest = Some(accepted.voucher.clone());
			self.key_replaced = false;
			self.forget_old_totals();
		}
		self.reserve(accepted);
	}

	fn reserve(&mut self, accepted: Accepted) {
		let max_amount = accepted.request.max_amount().unwrap_or(Balance::MAX);
		self.reserved = self.reserved.saturating_add(max_amount);
		self.in_flight.insert(accepted.request.request_id, InFlight::Running(accepted));
	}

	fn forget_old_totals(&mut self) {
		let acknowledged = self.newest.as_ref().map_or(0, |newest| newest.voucher.ack_seq);
		while self.first.saturating_add(KEPT_TOTALS) < acknowledged && self.totals.len() > 1 {
			self.totals.pop_front();
			self.first += 1;
		}
	}

	/// Gives a running request its receipt; `None` if there is no such request. More units than the
	/// request allowed are charged as what it allowed.
	pub(super) fn complete(&mut self, id: &RequestId, outcome: Outcome) -> Option<Completed> {
		let state = self.in_flight.get_mut(id)?;
		let InFlight::Running(running) = state else { return None };
		let commit = running.voucher.voucher.request_commit;
		let InFlight::Running(accepted) = std::mem::replace(state, InFlight::Landing { commit })
		else {
			return None;
		};

		let request = &accepted.request;
		let units = match outcome.status {
			Status::Failed => 0,
			_ => outcome.units.min(request.max_units),
		};
		// Neither product nor sums exceed what was checked when the request was accepted.
		let amount = request.unit_price.saturating_mul(units.into());
		self.reserved = self.reserved.saturating_sub(request.max_amount().unwrap_or(Balance::MAX));
		self.seq += 1;
		self.total = self.total.saturating_add(amount);
		self.totals.push_back(self.total);
		if outcome.status == Status::Failed {
			self.failed.push_back(self.seq);
		}
		let receipt = Receipt {
			channel_id: self.channel_id,
			seq: self.seq,
			model: accepted.model,
			model_version: request.model_version,
			meter: request.meter,
			status: outcome.status,
			units,
			unit_price: request.unit_price,
			amount,
			total: self.total,
			request_commit: commit,
			output_commit: outcome.output_commit,
			started_ms: outcome.started_ms,
			took_ms: outcome.took_ms,
		};
		Some(Completed { accepted, receipt })
	}

	/// The receipt is on disk; from here on the log answers for it.
	pub(super) fn landed(&mut self, id: &RequestId) {
		if matches!(self.in_flight.get(id), Some(InFlight::Landing { .. })) {
			self.in_flight.remove(id);
		}
	}

	/// Takes the finalised state of the channel in, on the chain of that genesis hash.
	pub(super) fn observe(&mut self, terms: Terms, genesis: &Hash) {
		if self.terms.as_ref().is_none_or(|before| before.key != terms.key) {
			self.key = VerifyingKey::from_bytes(&terms.key).ok();
			// The voucher itself says by which key it is: the log does not, nor whether the key was
			// replaced while no oracle ran.
			let newest = self.newest.as_ref();
			self.key_replaced = newest.is_some_and(|it| !it.verify(&terms.key, genesis));
		}
		let settled = terms.settled_seq;
		while self.failed.front().is_some_and(|seq| *seq <= settled) {
			self.failed.pop_front();
		}
		self.terms = Some(terms);
	}

	/// The first block in which what is unsettled may no longer be settled, if there is one.
	pub(super) fn deadline(&self, head: BlockNumber) -> Option<BlockNumber> {
		let terms = self.terms.as_ref()?;
		// A key that is worth nothing already had its deadline.
		let replaced = terms.former_until.filter(|until| self.key_replaced && *until > head);
		terms.closes_at.into_iter().chain(replaced).min()
	}

	/// The channel is no more at the finalised head.
	pub(super) fn gone(&mut self) {
		(self.terms, self.key) = (None, None);
	}

	/// Whether nothing is in flight.
	pub(super) fn idle(&self) -> bool {
		self.in_flight.is_empty()
	}

	/// Where the account stands.
	pub(super) fn position(&self) -> Option<Position> {
		let terms = self.terms.as_ref()?;
		let promised =
			self.newest.as_ref().map_or(0, |newest| newest.voucher.chargeable(terms.max_unacked));
		Some(Position {
			seq: self.seq,
			total: self.total,
			in_flight: self.reserved,
			limit: promised.min(terms.settled_total.saturating_add(terms.escrow)),
		})
	}

	/// Everything that must always hold.
	#[cfg(test)]
	pub(super) fn audit(&self) {
		let reserved = self.in_flight.values().map(|state| match state {
			InFlight::Running(accepted) => accepted.request.max_amount().unwrap(),
			InFlight::Landing { .. } => 0,
		});
		assert_eq!(self.reserved, reserved.sum::<Balance>());
		let key = self.terms.as_ref().map(|terms| VerifyingKey::from_bytes(&terms.key));
		assert_eq!(self.key, key.and_then(Result::ok));
		assert_eq!(self.first + self.totals.len() as u64, self.seq + 1);
		assert_eq!(self.totals.back(), Some(&self.total));
		assert!(self.totals.iter().zip(self.totals.iter().skip(1)).all(|(a, b)| a <= b));
		let settled = self.terms.as_ref().map_or(0, |terms| terms.settled_seq);
		let unsettled = |seq: &Seq| settled < *seq && *seq <= self.seq;
		assert!(self.failed.iter().all(unsettled) && self.failed.iter().is_sorted());
	}
}
