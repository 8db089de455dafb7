//! A person, as the reference knows it.

use super::*;

/// What the reference knows of a person.
#[derive(Default)]
pub(super) struct Human {
	pub(super) account: AccountId,
	/// All intervals it ever had, as they were when they ended; the last may be the present one.
	pub(super) intervals: Vec<(EpochIndex, EpochIndex)>,
	/// Closed epochs it shared in that are neither paid, settled, lost nor swept.
	pub(super) unclaimed: BTreeSet<EpochIndex>,
	/// The same, of what was settled at a renewal and not paid since.
	pub(super) owed: BTreeSet<EpochIndex>,
	/// The same, of what was lost by revocation and is not swept.
	pub(super) lost: BTreeSet<EpochIndex>,
	/// Epochs that were ever settled.
	pub(super) settled: BTreeSet<EpochIndex>,
	/// Epochs it was paid for.
	pub(super) paid: BTreeSet<EpochIndex>,
	pub(super) barred: bool,
	/// Whether it was revoked and has not come back.
	pub(super) revoked: bool,
	pub(super) forgotten: bool,
	/// The account it is paid on, if that is not its own.
	pub(super) payout: Option<AccountId>,
	/// What replaces that, and in which epoch.
	pub(super) change: Option<(Option<AccountId>, EpochIndex)>,
	pub(super) alone: bool,
}

impl Human {
	pub(super) fn shares_in(&self, epoch: EpochIndex) -> bool {
		self.intervals.iter().any(|(from, until)| (*from..=*until).contains(&epoch))
	}

	/// The account that a claim pays in this epoch.
	pub(super) fn paid_on(&self, epoch: EpochIndex) -> AccountId {
		let payout = match self.change {
			Some((account, from)) if from <= epoch => account,
			_ => self.payout,
		};
		payout.unwrap_or(self.account)
	}

	pub(super) fn interval(&self) -> (EpochIndex, EpochIndex) {
		*self.intervals.last().expect("everybody has had an interval")
	}
}
