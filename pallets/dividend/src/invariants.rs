//! What always holds of the dividend's state; checked by brute force over all people and epochs.
//!
//! The numbers are those of the economy's design. I1 (what came in, less what was paid, is in the
//! pot) and I7 (right after a close less than one planck per head is undivided) speak of the past,
//! so the randomised model checks them; I8 (the account's sufficient reference) is of the pallet
//! that recognises people.

use crate::{ledger::Ledger, pallet::*, payout::CHANGE_TAKES, Epoch, Share};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	ensure,
	traits::{fungible::Inspect, Get},
};
use sp_runtime::TryRuntimeError;
use usufruct_primitives::{Balance, EpochIndex, PPM};

/// A number per epoch, given by its changes.
#[derive(Default)]
struct Count(BTreeMap<EpochIndex, i64>);

impl Count {
	/// One more in each epoch from `from` up to, but not including, `end`.
	fn add(&mut self, from: EpochIndex, end: EpochIndex) {
		if from < end {
			*self.0.entry(from).or_default() += 1;
			*self.0.entry(end).or_default() -= 1;
		}
	}

	fn change(&self, epoch: EpochIndex) -> i64 {
		self.0.get(&epoch).copied().unwrap_or_default()
	}
}

impl<T: Config> Pallet<T> {
	/// Checks every invariant that can be seen in the state.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let totals = Books::<T>::get();
		for params in [Some(Params::<T>::get()), NextParams::<T>::get()].into_iter().flatten() {
			ensure!(
				params.epoch_length > 0
					&& params.claim_window > 0
					&& params.term > 0
					&& params.min_per_head > 0
					&& params.min_people > 0,
				"a parameter is zero"
			);
		}
		if let Some(pause) = LastPause::<T>::get() {
			let lasts =
				pause.until.checked_sub(pause.from).ok_or("a pause ends before it begins")?;
			ensure!(lasts <= T::MaxPause::get(), "a pause is too long");
		}
		ensure!(Bonus::<T>::get() <= PPM, "the bonus is more than what it is added to");
		for (person, payout) in Payouts::<T>::iter() {
			ensure!(Shares::<T>::contains_key(person), "a payout without a share");
			ensure!(
				payout.account.is_some() || payout.change.is_some(),
				"a payout that says nothing"
			);
			let change = payout.change.as_ref();
			ensure!(
				change.is_none_or(|change| change.account != payout.account),
				"a change of payout that changes nothing"
			);
			ensure!(
				change.is_none_or(|change| {
					change.from <= totals.epoch.saturating_add(CHANGE_TAKES)
				}),
				"a change of payout takes too long"
			);
		}
		for person in ClaimsAlone::<T>::iter_keys() {
			ensure!(Shares::<T>::contains_key(person), "somebody without a share claims alone");
		}
		let rows = Epochs::<T>::iter().collect();
		let shares: Vec<_> = Shares::<T>::iter_values().collect();
		for share in &shares {
			let lost = share.next.checked_sub(1) == Some(share.until) && share.owed == 0;
			let since = if share.is_revoked() { lost } else { share.since <= share.from };
			ensure!(since, "a revoked person is due something, or nothing once it came back");
		}
		Ledger::<T>::dividend().check(rows, shares)?;

		let running = Running::<T>::get();
		let joined: Vec<_> = ProgrammeShares::<T>::iter_keys().collect();
		for (person, list) in ProgrammeShares::<T>::iter() {
			ensure!(Shares::<T>::contains_key(person), "somebody without a share has programmes");
			let ids: BTreeSet<_> = list.iter().map(|(id, _)| *id).collect();
			ensure!(
				!list.is_empty() && ids.len() == list.len(),
				"a list of programmes is empty, or names one twice"
			);
			ensure!(
				ids.into_iter().all(Programmes::<T>::contains_key),
				"a share in a programme that never was"
			);
		}
		for id in &running {
			let programme = Programmes::<T>::get(id).ok_or("a programme is nowhere")?;
			let rows = ProgrammeEpochs::<T>::iter_prefix(id).collect();
			let ledger = Ledger::<T>::programme(*id);
			let shares: Vec<_> = joined.iter().filter_map(|person| ledger.share(*person)).collect();
			ensure!(
				shares.iter().all(|share| share.since == 0 && share.owed == 0),
				"a share in a programme is owed something, or was revoked"
			);
			let last = totals.epoch.min(programme.terms.until.saturating_add(1));
			ensure!(programme.totals.epoch == last, "a programme does not keep time");
			ledger.check(rows, shares)?;
		}
		for (id, _) in ProgrammeEpochs::<T>::iter_keys() {
			ensure!(running.contains(&id), "a programme that has ended has a row");
		}
		let free = Ledger::<T>::dividend().holding().saturating_sub(totals.liability);
		ensure!(Counted::<T>::get() <= free, "more was counted than can be divided");
		Ok(())
	}
}

impl<T: Config> Ledger<T> {
	/// Checks one pot and its books.
	fn check(
		self,
		rows: BTreeMap<EpochIndex, Epoch>,
		shares: Vec<Share>,
	) -> Result<(), TryRuntimeError> {
		let totals = self.totals();
		let row = |epoch| rows.get(&epoch).copied().unwrap_or_default();
		ensure!(totals.next_sweep <= totals.epoch, "the open epoch was swept");
		ensure!(rows.keys().all(|epoch| *epoch >= totals.next_sweep), "a swept epoch has a row");
		for (epoch, row) in rows.iter().filter(|(epoch, _)| **epoch >= totals.epoch) {
			ensure!(
				row.per_head == 0 && row.eligible == 0,
				"an epoch is worth money before it closed"
			);
			ensure!(row.claim_in == 0, "an epoch was claimed before it closed");
			ensure!(
				*epoch == totals.epoch || (row.claim_out == 0 && row.cum == 0),
				"an epoch to come has a past"
			);
		}

		// People, by brute force: who shares in which epoch from the open one on, and who can still
		// claim which of the closed ones.
		let mut sharing = Count::default();
		let mut claimable = Count::default();
		let mut owed: Balance = 0;
		for share in &shares {
			let end = share.until.checked_add(1).ok_or("an interval ends with the last epoch")?;
			ensure!(share.from >= 1 && share.from <= end, "an interval is inside out");
			ensure!(
				share.next >= share.from && share.next <= end,
				"I5: a claim outside the interval"
			);
			ensure!(
				share.next <= share.from.max(totals.epoch),
				"I5: an epoch was claimed before it closed"
			);
			sharing.add(share.from.max(totals.epoch), end);
			claimable.add(share.next.max(totals.next_sweep), end.min(totals.epoch));
			owed = owed.checked_add(share.owed).ok_or("I3: what is owed overflows")?;
		}

		// Closed epochs.
		let mut claimed = i64::from(totals.running);
		let mut waiting = 0i64;
		let mut unclaimed: Balance = 0;
		for epoch in totals.next_sweep..totals.epoch {
			let (this, next) = (row(epoch), row(epoch.saturating_add(1)));
			claimed += i64::from(this.claim_in) - i64::from(this.claim_out);
			waiting += claimable.change(epoch);
			let absent = i64::from(this.eligible) - claimed;
			ensure!(
				claimed >= 0 && absent >= 0,
				"I5: an epoch was claimed by more than shared in it"
			);
			ensure!(waiting <= absent, "I5: more people can claim an epoch than did not");
			unclaimed = this
				.per_head
				.checked_mul(absent.unsigned_abs().into())
				.and_then(|amount| unclaimed.checked_add(amount))
				.ok_or("I3: what is unclaimed overflows")?;
			ensure!(
				this.cum.checked_add(this.per_head) == Some(next.cum),
				"I6: the sum of all shares is not the sum of the shares"
			);
		}
		ensure!(
			claimed == i64::from(row(totals.epoch).claim_out),
			"I5: a claim does not end with the last closed epoch"
		);
		ensure!(
			totals.epoch == totals.next_sweep
				|| row(totals.epoch.saturating_sub(1)).eligible == totals.active,
			"I4: the last closed epoch had another number of people"
		);

		let liability = unclaimed.checked_add(owed).ok_or("I3: the liability overflows")?;
		ensure!(totals.liability == liability, "I3: liability is not unclaimed and owed");
		// A programme that never got anything has no account. Written as a sum: the deposit counts even where the difference would saturate.
		let kept = T::Currency::minimum_balance().checked_add(liability);
		ensure!(
			liability == 0 && self != Self::dividend()
				|| kept.is_some_and(|kept| kept <= T::Currency::balance(&self.pot())),
			"I2: the pot holds less than it owes"
		);

		// The open epoch and those to come.
		let mut counted = i64::from(totals.active);
		let mut people = 0i64;
		let mut last = totals.epoch;
		for epoch in rows.keys().chain(sharing.0.keys()).filter(|epoch| **epoch >= totals.epoch) {
			last = last.max(*epoch);
		}
		for epoch in totals.epoch..=last {
			let this = row(epoch);
			counted += i64::from(this.join) - i64::from(this.leave);
			people += sharing.change(epoch);
			ensure!(counted == people, "I4: the count of people is not the number of people");
		}
		Ok(())
	}
}
