//! What a person is due, and paying it.

use crate::{pallet::*, Share, Totals};
use frame_support::{
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{DepositConsequence, Fortitude, Preservation, Provenance},
	},
};
use usufruct_primitives::{traits::People, Balance, EpochIndex, PersonId};

/// Closed epochs in which a person shared and which it has neither claimed nor lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unclaimed {
	/// The first of them.
	pub from: EpochIndex,
	/// The one after the last; `from` if there are none.
	pub end: EpochIndex,
	/// The sum of their shares.
	pub amount: Balance,
}

impl Unclaimed {
	/// Whether there are none.
	pub(crate) fn is_empty(&self) -> bool {
		self.end <= self.from
	}

	/// The last of them; less than `from` if there are none.
	pub(crate) fn to(&self) -> EpochIndex {
		// Saturating: intervals start with epoch 1 at the earliest.
		self.end.saturating_sub(1)
	}
}

/// A claim that will succeed, and the state it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
	pub person: PersonId,
	pub unclaimed: Unclaimed,
	/// All that is paid, settled money included.
	pub amount: Balance,
	pub share_after: Share,
	pub totals_after: Totals,
}

impl<T: Config> Pallet<T> {
	/// What of the closed epochs of its interval is still to be claimed. Reads only.
	pub(crate) fn unclaimed(share: &Share, totals: &Totals) -> Result<Unclaimed, Error<T>> {
		let from = share.next.max(totals.next_sweep);
		// Saturating: no interval is given that ends with the last epoch there can be.
		let end = share.until.saturating_add(1).min(totals.epoch);
		if end <= from {
			return Ok(Unclaimed { from, end: from, amount: 0 });
		}
		let amount = Epochs::<T>::get(end)
			.cum
			.checked_sub(Epochs::<T>::get(from).cum)
			.ok_or(Error::<T>::Unexpected)?;
		Ok(Unclaimed { from, end, amount })
	}

	/// What a claim by this account would do, or why it would fail: both the call and the condition
	/// under which it is free. Reads only, and a constant number of values.
	pub(crate) fn due(account: &T::AccountId) -> Result<Due, Error<T>> {
		let person = T::People::person_of(account).ok_or(Error::<T>::NotAPerson)?;
		ensure!(T::People::may_claim(person), Error::<T>::MayNotClaim);
		let mut share = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let mut totals = Books::<T>::get();

		let unclaimed = Self::unclaimed(&share, &totals)?;
		let amount = unclaimed.amount.checked_add(share.owed).ok_or(Error::<T>::Unexpected)?;
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		totals.liability = totals.liability.checked_sub(amount).ok_or(Error::<T>::Unexpected)?;
		share.owed = 0;
		if !unclaimed.is_empty() {
			share.next = unclaimed.end;
		}

		match T::Currency::can_deposit(account, amount, Provenance::Extant) {
			DepositConsequence::Success => (),
			DepositConsequence::BelowMinimum | DepositConsequence::CannotCreate => {
				return Err(Error::<T>::TooLittleForAccount)
			},
			_ => return Err(Error::<T>::Unexpected),
		}
		let free =
			T::Currency::reducible_balance(&Self::pot(), Preservation::Preserve, Fortitude::Polite);
		ensure!(amount <= free, Error::<T>::Unexpected);
		Ok(Due { person, unclaimed, amount, share_after: share, totals_after: totals })
	}

	/// Counts one person as having claimed these epochs.
	pub(crate) fn count_claim(unclaimed: &Unclaimed) {
		if unclaimed.is_empty() {
			return;
		}
		// Saturating both: there are no more claims of an epoch than people, who are counted by the
		// same type.
		Epochs::<T>::mutate(unclaimed.from, |row| row.claim_in = row.claim_in.saturating_add(1));
		Epochs::<T>::mutate(unclaimed.end, |row| row.claim_out = row.claim_out.saturating_add(1));
	}

	/// Makes the claim that [`Self::due`] found.
	pub(crate) fn pay(account: T::AccountId, due: Due) -> DispatchResult {
		Self::count_claim(&due.unclaimed);
		Shares::<T>::insert(due.person, due.share_after);
		Books::<T>::put(due.totals_after);
		T::Currency::transfer(&Self::pot(), &account, due.amount, Preservation::Preserve)?;
		Self::deposit_event(Event::Claimed {
			person: due.person,
			account,
			from: due.unclaimed.from,
			to: due.unclaimed.to(),
			amount: due.amount,
		});
		Ok(())
	}
}
