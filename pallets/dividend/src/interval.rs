//! The intervals in which people share: how they begin, move and end.
//!
//! Driven by whoever recognises people, inside its calls: what fails here undoes the whole call.

use crate::{ledger::Ledger, pallet::*, Share};
use frame_support::pallet_prelude::*;
use sp_runtime::ArithmeticError;
use usufruct_primitives::{traits::Eligibility, Balance, EpochIndex, PersonId};

impl<T: Config> Ledger<T> {
	/// One interval more starts with this epoch.
	fn count_join(self, epoch: EpochIndex) -> DispatchResult {
		self.change_row(epoch, |row| {
			row.join = row.join.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})
	}

	/// One interval more ends before this epoch.
	fn count_leave(self, epoch: EpochIndex) -> DispatchResult {
		self.change_row(epoch, |row| {
			row.leave = row.leave.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})
	}

	/// An interval that was to end before this epoch will not.
	fn uncount_leave(self, epoch: EpochIndex) -> DispatchResult {
		self.change_row(epoch, |row| {
			row.leave = row.leave.checked_sub(1).ok_or(Error::<T>::Unexpected)?;
			Ok(())
		})
	}

	/// Begins an interval in the epoch after this open one, which is less than `until`. What is owed,
	/// and since when, is kept of the one before.
	pub(crate) fn begin(
		self,
		person: PersonId,
		open: EpochIndex,
		until: EpochIndex,
		owed: Balance,
		since: EpochIndex,
	) -> Result<Share, DispatchError> {
		// Saturating: `until` is more, and less than the last epoch there can be.
		let from = open.saturating_add(1);
		self.count_join(from)?;
		self.count_leave(until.saturating_add(1))?;
		let share = Share { from, until, next: from, owed, since };
		self.put_share(person, share)?;
		Ok(share)
	}

	/// Moves the end of an interval that is not over.
	pub(crate) fn extend(
		self,
		person: PersonId,
		mut share: Share,
		until: EpochIndex,
	) -> Result<Share, DispatchError> {
		self.uncount_leave(share.until.saturating_add(1))?;
		self.count_leave(until.saturating_add(1))?;
		share.until = until;
		self.put_share(person, share)?;
		Ok(share)
	}

	/// Ends an interval with the epoch before this open one; nothing of it can be claimed any more.
	/// What is owed is for the caller to see to.
	pub(crate) fn end(
		self,
		person: PersonId,
		mut share: Share,
		open: EpochIndex,
	) -> Result<Share, DispatchError> {
		if share.until >= open {
			let first_lost = share.from.max(open);
			self.uncount_leave(share.until.saturating_add(1))?;
			self.count_leave(first_lost)?;
			// Saturating: intervals start with epoch 1 at the earliest.
			share.until = first_lost.saturating_sub(1);
		}
		// Nothing is left to claim, whatever the caller says of this person later; the epochs it
		// had not claimed count as unclaimed and are swept.
		share.next = share.until.saturating_add(1);
		share.owed = 0;
		self.put_share(person, share)?;
		Ok(share)
	}
}

impl<T: Config> Pallet<T> {
	/// The last epoch of a term that is given now. The one after it must be countable too.
	fn term_end() -> Result<EpochIndex, DispatchError> {
		let until = Books::<T>::get()
			.epoch
			.checked_add(Params::<T>::get().term)
			.ok_or(ArithmeticError::Overflow)?;
		ensure!(until < EpochIndex::MAX, ArithmeticError::Overflow);
		Ok(until)
	}

	/// Begins an interval of a whole term in the next epoch.
	fn begin_term(
		person: PersonId,
		owed: Balance,
		since: EpochIndex,
	) -> Result<Share, DispatchError> {
		let until = Self::term_end()?;
		Ledger::<T>::dividend().begin(person, Books::<T>::get().epoch, until, owed, since)
	}
}

impl<T: Config> Eligibility for Pallet<T> {
	fn current_epoch() -> EpochIndex {
		Books::<T>::get().epoch
	}

	fn interval(person: PersonId) -> Option<(EpochIndex, EpochIndex)> {
		Shares::<T>::get(person).map(|share| (share.from, share.until))
	}

	fn join(person: PersonId) -> Result<(EpochIndex, EpochIndex), DispatchError> {
		ensure!(!Shares::<T>::contains_key(person), Error::<T>::AlreadyJoined);
		let share = Self::begin_term(person, 0, 0)?;
		Ok((share.from, share.until))
	}

	/// Whether a revoked person may come back is for the caller to say. If it does, what it
	/// forfeited stays forfeited, in programmes too, where its shares may have gone on meanwhile.
	fn renew(person: PersonId) -> Result<(EpochIndex, EpochIndex), DispatchError> {
		let mut share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let totals = Books::<T>::get();
		if share.is_revoked() {
			// Saturating: a term that would end with the last epoch there can be is not given.
			share.since = totals.epoch.saturating_add(1);
		}

		let Some(left) = share.until.checked_sub(totals.epoch) else {
			// Lapsed: what was earned is put aside before the interval is overwritten.
			let unclaimed = Ledger::<T>::dividend().unclaimed(person, &share, &totals)?;
			let owed = Self::put_aside(person, &share, &unclaimed)?;
			let share = Self::begin_term(person, owed, share.since)?;
			return Ok((share.from, share.until));
		};

		ensure!(left < Params::<T>::get().renew_window(), Error::<T>::TooEarlyToRenew);
		let share = Ledger::<T>::dividend().extend(person, share, Self::term_end()?)?;
		Ok((share.from, share.until))
	}

	fn revoke(person: PersonId) -> DispatchResult {
		let share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let mut totals = Books::<T>::get();
		let forfeited = share.owed;
		totals.liability = totals.liability.checked_sub(forfeited).ok_or(Error::<T>::Unexpected)?;
		let share = Share { since: EpochIndex::MAX, ..share };
		Ledger::<T>::dividend().end(person, share, totals.epoch)?;
		if forfeited > 0 {
			Books::<T>::put(totals);
			// It came in long ago: no programme gets a part of it.
			Counted::<T>::mutate(|counted| *counted = counted.saturating_add(forfeited));
			Self::deposit_event(Event::Forfeited { person, amount: forfeited });
		}
		Ok(())
	}

	/// Does not ask whether the person may claim, nor whether claims are paused: no money leaves the
	/// pots. What programmes owe moves to the pot of all people, and is owed by it.
	fn settle(person: PersonId) -> DispatchResult {
		let mut share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let mut totals = Books::<T>::get();
		let unclaimed = Ledger::<T>::dividend().unclaimed(person, &share, &totals)?;
		if unclaimed.amount > 0 {
			share.owed = Self::put_aside(person, &share, &unclaimed)?;
			share.next = unclaimed.end;
		}
		let of_programmes = Self::settle_programmes(person)?;
		share.owed = share.owed.checked_add(of_programmes).ok_or(Error::<T>::Unexpected)?;
		totals.liability =
			totals.liability.checked_add(of_programmes).ok_or(Error::<T>::Unexpected)?;
		Books::<T>::put(totals);
		Shares::<T>::insert(person, share);
		Ok(())
	}

	fn cancel_payout(person: PersonId) {
		Self::forget_payout(person);
	}

	fn last_per_head() -> Balance {
		let open = Books::<T>::get().epoch;
		// It is not swept: a claim window lasts an epoch at least.
		open.checked_sub(1).map_or(0, |last| Epochs::<T>::get(last).per_head)
	}

	fn forget(person: PersonId) -> DispatchResult {
		let share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		// Only closed epochs are swept: an interval whose last epoch is swept is over.
		let over = share.until < Books::<T>::get().next_sweep;
		ensure!(over && share.owed == 0, Error::<T>::ShareNotOver);
		Self::forget_programmes(person)?;
		Shares::<T>::remove(person);
		Payouts::<T>::remove(person);
		ClaimsAlone::<T>::remove(person);
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_close_epoch() {
		use sp_runtime::SaturatedConversion;
		Self::close(frame_system::Pallet::<T>::block_number().saturated_into());
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_due(person: PersonId) -> DispatchResult {
		crate::benchmarking::be_due_of_everything::<T>(person)
	}
}
