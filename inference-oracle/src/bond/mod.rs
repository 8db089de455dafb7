//! Adds to the bond from the oracle's own account before it runs out, if its operator says so.
//!
//! Without that, or when the account has no more, the oracle accepts nothing new while little of the
//! bond is spare (see [`crate::book`]), and goes on by itself when locks end.

#[cfg(test)]
mod tests;

use crate::{
	chain::{Bonding, Head, SubmitError},
	config::Ufr,
	ledger::Ledger,
	metrics::Metrics,
	pause::Pause,
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use usufruct_client::amount::ufr;
use usufruct_primitives::{Balance, BlockNumber, UFR};

/// What stays in the account, for fees, in planck.
const KEPT: Balance = UFR;
/// How long one submission is waited for before it counts as lost.
const SUBMISSION: Duration = Duration::from_secs(120);
/// For how many blocks nothing more is added after a submission of which nothing was heard: it may be
/// included as long as it is valid, which is for 64 blocks, and money must not be bonded twice.
const DOUBTFUL: BlockNumber = 70;

/// When to add to the bond, and how much: by what of it is spare, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopUp {
	/// As soon as less is spare.
	pub below: Balance,
	/// Until so much is.
	pub to: Balance,
}

/// What the operator says of the bond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
	/// Nothing new is accepted while less is spare, in planck; a twentieth of the bond if nothing is
	/// said.
	pub pause_below: Option<Balance>,
	/// Whether to add to it.
	pub top_up: Option<TopUp>,
}

/// The policy in the configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
	/// Nothing new while less is spare.
	pause_below: Option<Ufr>,
	/// With `top_up_to`.
	top_up_below: Option<Ufr>,
	/// With `top_up_below`.
	top_up_to: Option<Ufr>,
}

/// The policy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
	/// Half of it is missing.
	#[error("top_up_below and top_up_to belong together; set both, or neither")]
	Half,
	/// It adds nothing.
	#[error("top_up_to must be more than top_up_below")]
	Empty,
}

impl PolicyFile {
	/// The policy.
	pub fn policy(&self) -> Result<Policy, PolicyError> {
		let top_up = match (self.top_up_below, self.top_up_to) {
			(Some(Ufr(below)), Some(Ufr(to))) if to > below => Some(TopUp { below, to }),
			(Some(_), Some(_)) => return Err(PolicyError::Empty),
			(None, None) => None,
			_ => return Err(PolicyError::Half),
		};
		Ok(Policy { pause_below: self.pause_below.map(|it| it.0), top_up })
	}
}

/// See the module.
pub struct Keeper {
	ledger: Arc<Ledger>,
	chain: Arc<dyn Bonding>,
	heads: watch::Receiver<Arc<Head>>,
	top_up: TopUp,
	metrics: Arc<Metrics>,
	pause: Pause,
}

impl Keeper {
	/// Keeps the bond behind that ledger.
	pub fn new(
		ledger: Arc<Ledger>,
		chain: Arc<dyn Bonding>,
		heads: watch::Receiver<Arc<Head>>,
		top_up: TopUp,
		metrics: Arc<Metrics>,
	) -> Self {
		Self { ledger, chain, heads, top_up, metrics, pause: Pause::default() }
	}

	/// Runs for as long as there are heads. It can be stopped anywhere.
	pub async fn run(mut self) {
		loop {
			self.heads.mark_unchanged();
			self.step().await;
			if self.heads.changed().await.is_err() {
				return;
			}
		}
	}

	/// Adds to the bond if it is time.
	async fn step(&mut self) {
		let now = self.heads.borrow().standing.head;
		let (unsettled, standing) = self.ledger.exposure();
		let spare = standing.spare_bond(unsettled);
		// Who has no bond has not registered, or has left.
		if !self.pause.over(now) || standing.bond == 0 || spare >= self.top_up.below {
			return;
		}
		let balance = match self.chain.balance().await {
			Ok(balance) => balance,
			Err(error) => return self.failed(now, &error.to_string()),
		};
		let wanted = self.top_up.to.saturating_sub(spare);
		let amount = wanted.min(balance.saturating_sub(KEPT));
		if amount == 0 {
			let why = format!(
				"the account holds {} and keeps {} for fees; send more to it",
				ufr(balance),
				ufr(KEPT)
			);
			return self.failed(now, &why);
		}
		tracing::info!(amount = %ufr(amount), spare = %ufr(spare), "adding to the bond");
		let submission = tokio::time::timeout(SUBMISSION, self.chain.bond_more(amount)).await;
		let silent = || Err(SubmitError::Lost("no word from the node in time".into()));
		let outcome = submission.unwrap_or_else(|_| silent());
		// That took many blocks.
		let now = self.heads.borrow().standing.head;
		match outcome {
			Ok(()) => {
				self.metrics.bond_top_ups.inc();
				tracing::info!(amount = %ufr(amount), "the bond is increased");
				// The head that shows it is on its way.
				self.pause = Pause::first(now);
			},
			Err(SubmitError::Refused(why)) => self.failed(now, &why),
			Err(SubmitError::Lost(why)) => {
				self.failed(now, &why);
				self.pause = Pause::of(now, DOUBTFUL);
			},
		}
	}

	fn failed(&mut self, now: BlockNumber, why: &str) {
		self.metrics.bond_top_up_failures.inc();
		tracing::warn!(why, "the bond is low and could not be added to; it is tried again");
		self.pause.longer(now);
	}
}
