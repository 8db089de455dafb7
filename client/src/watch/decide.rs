//! What is to be done, decided from what is known and nothing else.
//!
//! Of each settlement that a channel of the consumer's is in:
//! 1. what is proved to be fraud is reported, at once; one report takes the whole lock;
//! 2. a settled receipt that the consumer cannot have accepted as it was settled is demanded, and one
//!    that it never got is, after a while in which the answer may still come. What the oracle shows is
//!    judged by 1; if it shows nothing in time, the demand is enforced;
//! 3. otherwise it is in order, and not looked at again.

mod closing;
mod demand;
mod doubles;
mod report;
mod step;

use super::{batch::Settled, holdings::Holdings, leaves::Proven, terms::Terms};
use crate::channel::ChannelRecord;
pub use closing::{checkpoint, finalise};
pub use doubles::{doubles, signer, ReceiptKey};
use std::collections::BTreeSet;
pub use step::{Action, Shown, Step};
use usufruct_primitives::{fraud::Fraud, AccountBytes, Balance, BlockNumber, Hash, Seq};

/// How many demands about one channel in one settlement its consumer can have open, and as many all
/// others together.
pub const DEMANDS_AT_ONCE: usize = 8;

/// A demand that is open, on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDemand {
	/// The receipt's number.
	pub seq: Seq,
	/// Who demands it.
	pub by: AccountBytes,
	/// The first block in which it can be enforced.
	pub due: BlockNumber,
	/// What is on hold for it, in planck.
	pub deposit: Balance,
}

/// What the chain says about a settlement and a channel in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docket {
	/// Whether the settlement's lock was slashed.
	pub slashed: bool,
	/// The first block in which it can no longer be challenged, unless a demand is open.
	pub challenge_ends: BlockNumber,
	/// How many demands about the settlement are open.
	pub demands: u32,
	/// Those about the channel.
	pub open: Vec<OpenDemand>,
	/// Whether the channel is on the chain still.
	pub channel_exists: bool,
}

/// Who watches, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watcher {
	/// The chain.
	pub genesis: Hash,
	/// Who signs.
	pub account: AccountBytes,
	/// The finalised block.
	pub now: BlockNumber,
	/// For how many blocks after a settlement the answer to a request may still come.
	pub grace: BlockNumber,
	/// How long an oracle has to answer a demand.
	pub demand_term: BlockNumber,
	/// The least that a channel must have paid in a settlement for anything in it to be demanded.
	pub min_stake: Balance,
	/// Drawn once, so that an oracle cannot know which of many receipts is demanded.
	pub seed: Hash,
}

/// One channel in one settlement.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
	/// Who watches.
	pub watcher: &'a Watcher,
	/// The channel.
	pub record: &'a ChannelRecord,
	/// The keys that the oracle answers for.
	pub keys: &'a [ReceiptKey],
	/// The settlement.
	pub batch: &'a Settled,
	/// What the chain says about it.
	pub docket: &'a Docket,
	/// What holds for the channel.
	pub terms: &'a Terms,
	/// What the consumer has.
	pub held: &'a Holdings,
	/// What the oracle has shown of the settlement.
	pub answers: &'a [Proven],
	/// The receipts of it that the watcher has demanded, ever.
	pub demanded: &'a BTreeSet<Seq>,
}

/// What a look at a settlement came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
	/// What is to be done.
	pub steps: Vec<Step>,
	/// What is not done, or not yet, and why.
	pub notes: Vec<String>,
	/// Whether all of it is explained, so that it need not be looked at again.
	pub clear: bool,
}

impl Case<'_> {
	/// Looks at it.
	pub fn decide(&self) -> Outcome {
		let mut outcome = Outcome::default();
		let own = |demand: &&OpenDemand| demand.by == self.watcher.account;
		let mut waiting = false;
		for demand in self.docket.open.iter().filter(own) {
			let why = if self.docket.slashed {
				"the oracle was convicted of something else in this settlement, so the deposit is \
				 returned"
					.into()
			} else if self.watcher.now >= demand.due {
				format!("the oracle has not shown receipt {} in time", demand.seq)
			} else {
				waiting = true;
				continue;
			};
			let action = Action::Enforce { batch_no: self.batch.batch_no, seq: demand.seq };
			outcome.steps.push(self.step(action, None, why));
		}
		if self.docket.slashed {
			outcome.clear = outcome.steps.is_empty();
			return outcome;
		}
		let over = self.watcher.now >= self.docket.challenge_ends && self.docket.demands == 0;
		if over {
			outcome.clear = true;
			return outcome;
		}

		let (proven, elsewhere) = self.proven();
		if let Some(report) = self.report(&proven) {
			// The lock is taken once; what is demanded is returned after that.
			outcome.steps = vec![report];
			return outcome;
		}
		let unexplained = self.demand(&proven, &elsewhere, &mut outcome);
		outcome.clear = !waiting && !unexplained && outcome.steps.is_empty();
		outcome
	}

	fn step(&self, action: Action, fraud: Option<Fraud>, why: String) -> Step {
		let ChannelRecord { channel_id, oracle, .. } = *self.record;
		Step { channel_id, oracle, action, fraud, why }
	}
}

/// The demands that fit what may be spent on deposits, and those that do not.
pub fn ration(steps: Vec<Step>, deposit: Balance, mut budget: Balance) -> (Vec<Step>, Vec<Step>) {
	steps.into_iter().partition(|step| {
		if !matches!(step.action, Action::Demand { .. }) {
			return true;
		}
		match budget.checked_sub(deposit) {
			Some(left) => {
				budget = left;
				true
			},
			None => false,
		}
	})
}

#[cfg(test)]
mod tests;
