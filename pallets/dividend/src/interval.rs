//! The intervals in which people share: how they begin, move and end.
//!
//! Driven by whoever recognises people, inside its calls: what fails here undoes the whole call.

use crate::{pallet::*, Share};
use frame_support::pallet_prelude::*;
use sp_runtime::ArithmeticError;
use usufruct_primitives::{
	traits::{Electorate, Eligibility},
	Balance, EpochIndex, PersonId,
};

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

	/// One interval more starts with this epoch.
	fn count_join(epoch: EpochIndex) -> DispatchResult {
		Epochs::<T>::try_mutate(epoch, |row| -> DispatchResult {
			row.join = row.join.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})
	}

	/// One interval more ends before this epoch.
	fn count_leave(epoch: EpochIndex) -> DispatchResult {
		Epochs::<T>::try_mutate(epoch, |row| -> DispatchResult {
			row.leave = row.leave.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})
	}

	/// An interval that was to end before this epoch will not.
	fn uncount_leave(epoch: EpochIndex) -> DispatchResult {
		Epochs::<T>::try_mutate(epoch, |row| -> DispatchResult {
			row.leave = row.leave.checked_sub(1).ok_or(Error::<T>::Unexpected)?;
			Ok(())
		})
	}

	/// Begins an interval in the next epoch.
	fn begin(person: PersonId, owed: Balance) -> Result<Share, DispatchError> {
		let until = Self::term_end()?;
		// Saturating: `until` is at least one more than the open epoch.
		let from = Books::<T>::get().epoch.saturating_add(1);
		Self::count_join(from)?;
		Self::count_leave(until.saturating_add(1))?;
		let share = Share { from, until, next: from, owed };
		Shares::<T>::insert(person, share);
		Ok(share)
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
		let share = Self::begin(person, 0)?;
		Ok((share.from, share.until))
	}

	/// Whether a revoked person may come back is for the caller to say. If it does, what it
	/// forfeited stays forfeited.
	fn renew(person: PersonId) -> Result<(EpochIndex, EpochIndex), DispatchError> {
		let mut share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let totals = Books::<T>::get();

		let Some(left) = share.until.checked_sub(totals.epoch) else {
			// Lapsed: what was earned is put aside before the interval is overwritten.
			let unclaimed = Self::unclaimed(&share, &totals)?;
			let owed = Self::put_aside(person, &share, &unclaimed)?;
			let share = Self::begin(person, owed)?;
			return Ok((share.from, share.until));
		};

		ensure!(left < Params::<T>::get().renew_window(), Error::<T>::TooEarlyToRenew);
		let until = Self::term_end()?;
		Self::uncount_leave(share.until.saturating_add(1))?;
		Self::count_leave(until.saturating_add(1))?;
		share.until = until;
		Shares::<T>::insert(person, share);
		Ok((share.from, share.until))
	}

	fn revoke(person: PersonId) -> DispatchResult {
		let mut share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let mut totals = Books::<T>::get();
		let forfeited = share.owed;
		totals.liability = totals.liability.checked_sub(forfeited).ok_or(Error::<T>::Unexpected)?;

		if share.until >= totals.epoch {
			let first_lost = share.from.max(totals.epoch);
			Self::uncount_leave(share.until.saturating_add(1))?;
			Self::count_leave(first_lost)?;
			// Saturating: intervals start with epoch 1 at the earliest.
			share.until = first_lost.saturating_sub(1);
		}
		// Nothing is left to claim, whatever the caller says of this person later; the epochs it
		// had not claimed count as unclaimed and are swept.
		share.next = share.until.saturating_add(1);
		share.owed = 0;
		Shares::<T>::insert(person, share);
		if forfeited > 0 {
			Books::<T>::put(totals);
			Self::deposit_event(Event::Forfeited { person, amount: forfeited });
		}
		Ok(())
	}

	/// Does not ask whether the person may claim, nor whether claims are paused: no money moves.
	fn settle(person: PersonId) -> DispatchResult {
		let mut share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let unclaimed = Self::unclaimed(&share, &Books::<T>::get())?;
		if unclaimed.amount > 0 {
			share.owed = Self::put_aside(person, &share, &unclaimed)?;
			share.next = unclaimed.end;
			Shares::<T>::insert(person, share);
		}
		Ok(())
	}

	fn cancel_payout(person: PersonId) {
		Self::withdraw_change(person);
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
}

impl<T: Config> Electorate for Pallet<T> {
	fn last_closed() -> Option<(EpochIndex, u32)> {
		let totals = Books::<T>::get();
		totals.epoch.checked_sub(1).map(|last| (last, totals.active))
	}

	fn interval(person: PersonId) -> Option<(EpochIndex, EpochIndex)> {
		<Self as Eligibility>::interval(person)
	}

	fn current_epoch() -> EpochIndex {
		<Self as Eligibility>::current_epoch()
	}
}
