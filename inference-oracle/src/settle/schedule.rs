//! What is settled now, and what waits: as much value for each fee as can be had, and nothing that is
//! worth its fee is ever late. Pure: no clock, no chain.
//!
//! A settlement has a fee, and one for each claim; a claim takes in all receipts of a channel, so what
//! waits longer costs less for each planck. So nothing is settled before the policy says so, or before
//! a channel's deadline comes near; then as many channels as fit are taken along, the deadlines first,
//! then what is worth most; if those do not pay for a settlement, what is worth most whatever its
//! deadline. A claim whose fee is more than what it brings the oracle waits until it is worth more, and
//! so does a settlement. Fees are those of now, so a chain that was dear for a while is not taken for
//! dear for ever.

use super::Policy;
use crate::book::{bond_for, Due, Standing};
use std::{cmp::Reverse, collections::HashMap};
use usufruct_primitives::{settlement::MAX_CLAIMS, Balance, BlockNumber, ChannelId, Seq};

/// How many blocks before its deadline a channel is settled whatever else there is: a day, in which a
/// node, or an operator, may be away.
pub const MARGIN: BlockNumber = 28_800;

/// What a settlement costs at the finalised head, and what of it is the oracle's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
	/// The fee of a settlement without claims, in planck.
	pub settlement: Balance,
	/// The fee of each claim in it, in planck.
	pub claim: Balance,
	/// What the oracle gets of what is settled, in parts per million.
	pub share: u32,
}

impl Prices {
	/// Everything is worth settling.
	pub const FREE: Self = Self { settlement: 0, claim: 0, share: 1_000_000 };

	/// What settling that brings the oracle, less the fee of its claim.
	fn gain(&self, due: &Due) -> Option<Balance> {
		let (whole, rest) = (due.value() / WHOLE, due.value() % WHOLE);
		let share = Balance::from(self.share);
		let earned = whole.saturating_mul(share).saturating_add(rest * share / WHOLE);
		earned.checked_sub(self.claim).filter(|gain| *gain > 0)
	}

	/// Whether a settlement of that brings more than it costs.
	fn pays(&self, due: &[Due]) -> bool {
		let gains = due.iter().filter_map(|it| self.gain(it));
		gains.fold(0u128, |sum, gain| sum.saturating_add(gain)) > self.settlement
	}
}

/// Of which a share is a part.
const WHOLE: Balance = 1_000_000;

/// A settlement that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
	/// In words.
	pub why: &'static str,
	/// Its channels: as many as a settlement can claim, what must not be left out first.
	pub due: Vec<Due>,
}

/// Since when channels have had something to settle. Counted by a clock that nobody sets.
#[derive(Clone, Debug, Default)]
pub struct Ages {
	since_ms: HashMap<ChannelId, (Seq, u64)>,
	started: bool,
}

impl Ages {
	/// Takes in what is due at that time. What was due when this began is as old as can be.
	pub fn update(&mut self, due: &[Due], steady_ms: u64) {
		let before = std::mem::take(&mut self.since_ms);
		let first = if self.started { steady_ms } else { 0 };
		for due in due {
			let known = before.get(&due.channel_id);
			// What is left after a settlement begins anew.
			let since = known.filter(|(settled, _)| *settled == due.settled_seq);
			let since = since.map_or(first, |(_, since)| *since);
			self.since_ms.insert(due.channel_id, (due.settled_seq, since));
		}
		self.started = true;
	}

	fn oldest_ms(&self, due: &[Due], steady_ms: u64) -> u64 {
		let since = due.iter().filter_map(|it| self.since_ms.get(&it.channel_id));
		since.map(|(_, since)| steady_ms.saturating_sub(*since)).max().unwrap_or(0)
	}
}

/// The settlement that is due now, if one is. With `all`, everything that is worth its fee is.
pub fn choose(
	policy: &Policy,
	due: Vec<Due>,
	ages: &Ages,
	prices: &Prices,
	standing: &Standing,
	steady_ms: u64,
	all: bool,
) -> Option<Choice> {
	let mut due: Vec<Due> = due.into_iter().filter(|it| prices.gain(it).is_some()).collect();
	if due.is_empty() {
		return None;
	}
	let near = |due: &Due| {
		due.deadline.is_some_and(|deadline| standing.head.saturating_add(MARGIN) >= deadline)
	};
	let value = due.iter().fold(0u128, |sum, it| sum.saturating_add(it.value()));
	let count = due.iter().fold(0u64, |sum, it| sum.saturating_add(it.seq - it.settled_seq));
	let age = u128::from(ages.oldest_ms(&due, steady_ms));
	let why = if due.iter().any(near) {
		"a channel can soon be settled no longer"
	} else if value >= policy.value {
		"value"
	} else if count >= policy.count {
		"count"
	} else if age >= policy.age.as_millis() {
		"age"
	} else if bond_for(value) > standing.free_bond / 2 {
		"the bond is half used"
	} else if all {
		"the oracle stops"
	} else {
		return None;
	};
	let by_value = |it: &Due| (Reverse(it.value()), it.channel_id);
	due.sort_by_key(|it| {
		let deadline = it.deadline.filter(|_| near(it)).unwrap_or(BlockNumber::MAX);
		(deadline, by_value(it))
	});
	let mut chosen = fit(&due, standing.free_bond);
	if !prices.pays(&chosen) {
		// Else a consumer could close so many channels of next to nothing that the one that is worth
		// something comes too late.
		due.sort_by_key(by_value);
		chosen = fit(&due, standing.free_bond);
	}
	prices.pays(&chosen).then_some(Choice { why, due: chosen })
}

/// The first that a settlement can claim and the bond can be locked for: what is too much is not left to
/// the order in which the chain takes claims.
fn fit(due: &[Due], mut bond: Balance) -> Vec<Due> {
	let fits = due.iter().filter(|it| match bond.checked_sub(bond_for(it.value())) {
		Some(left) => {
			bond = left;
			true
		},
		None => false,
	});
	fits.take(MAX_CLAIMS as usize).cloned().collect()
}

#[cfg(test)]
mod tests;
