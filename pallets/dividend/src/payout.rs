//! Where a person's dividend is paid, and when that changes.
//!
//! A change takes at least one whole epoch, so that a stolen key does not divert the dividend before
//! its owner can recover the account or withdraw the change. Who recovers an account is paid on the
//! new one from then on, whatever the old key had named, and when.

use crate::{pallet::*, Payout, PayoutChange};
use usufruct_primitives::{EpochIndex, PersonId};

/// How many epochs after the open one a change takes effect: the first whole one passes in between.
pub(crate) const CHANGE_TAKES: EpochIndex = 2;

impl<T: Config> Pallet<T> {
	/// The account that is paid while this epoch is open, for a person with that account.
	pub(crate) fn payout_in_force(
		person: PersonId,
		own: &T::AccountId,
		epoch: EpochIndex,
	) -> T::AccountId {
		Payouts::<T>::get(person)
			.and_then(|payout| payout.in_force(epoch))
			.unwrap_or_else(|| own.clone())
	}

	/// Lets a change be the last word on where the dividend goes, or takes back the one that waits
	/// if nothing would change. Returns the epoch that is open when it takes effect.
	pub(crate) fn change_payout(person: PersonId, account: Option<T::AccountId>) -> EpochIndex {
		let epoch = Books::<T>::get().epoch;
		let present = Payouts::<T>::get(person).and_then(|payout| payout.in_force(epoch));
		if present == account {
			Self::store_payout(person, Payout { account, change: None });
			return epoch;
		}
		// Saturating: the epochs do not end within the life of the sun.
		let from = epoch.saturating_add(CHANGE_TAKES);
		let change = Some(PayoutChange { account, from });
		Self::store_payout(person, Payout { account: present, change });
		from
	}

	/// Lets a person be paid on its own account, at once.
	pub(crate) fn forget_payout(person: PersonId) {
		if let Some(payout) = Payouts::<T>::take(person) {
			Self::deposit_event(Event::PayoutForgotten { person, payout });
		}
	}

	/// Keeps no row of a person that is paid on its own account, and will be.
	fn store_payout(person: PersonId, payout: Payout<T::AccountId>) {
		if payout.account.is_none() && payout.change.is_none() {
			Payouts::<T>::remove(person);
		} else {
			Payouts::<T>::insert(person, payout);
		}
	}
}
