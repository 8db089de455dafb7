//! What is settled now, and what waits: as much value for each fee as can be had, and nothing that is
//! worth its fee is ever late. Pure: no clock, no chain.
//!
//! A settlement costs about so much for each claim, and a claim takes in all receipts of a channel: what
//! waits longer costs less for each planck. So nothing is settled before the policy says so, or before
//! a channel's deadline comes near; then as many channels as fit are taken along, the deadlines first,
//! then what is worth most. What is worth less than its claim costs waits until it is worth more.

use super::Policy;
use crate::book::{bond_for, Due, Standing};
use std::collections::HashMap;
use usufruct_primitives::{settlement::MAX_CLAIMS, Balance, BlockNumber, ChannelId, Seq};

/// How many blocks before its deadline a channel is settled whatever else there is: a day, in which a
/// node, or an operator, may be away.
pub const MARGIN: BlockNumber = 28_800;

/// What is known of fees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
	/// What a claim of the last settlement cost, in planck; 0 as long as there was none.
	pub claim: Balance,
}

impl Fees {
	/// After a settlement of so many claims for that fee.
	pub fn learn(&mut self, fee: Balance, claims: usize) {
		if let Some(claim) = fee.checked_div(claims as Balance) {
			self.claim = claim;
		}
	}

	fn pays(&self, due: &Due) -> bool {
		due.value() > self.claim
	}
}

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
	fees: &Fees,
	standing: &Standing,
	steady_ms: u64,
	all: bool,
) -> Option<Choice> {
	let mut due: Vec<Due> = due.into_iter().filter(|it| fees.pays(it)).collect();
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
	due.sort_by_key(|it| {
		let deadline = it.deadline.filter(|_| near(it)).unwrap_or(BlockNumber::MAX);
		(deadline, std::cmp::Reverse(it.value()), it.channel_id)
	});
	due.truncate(MAX_CLAIMS as usize);
	Some(Choice { why, due })
}

#[cfg(test)]
mod tests;
