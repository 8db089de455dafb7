//! Who shared in which epochs, for those who vote.

use crate::pallet::*;
use usufruct_primitives::{
	traits::{Electorate, Eligibility},
	EpochIndex, PersonId,
};

impl<T: Config> Electorate for Pallet<T> {
	fn last_closed() -> Option<(EpochIndex, u32)> {
		let totals = Books::<T>::get();
		// `active` is of the last closed epoch until the open one closes.
		Some((totals.epoch.checked_sub(1)?, totals.active))
	}

	fn interval(person: PersonId) -> Option<(EpochIndex, EpochIndex)> {
		<Self as Eligibility>::interval(person)
	}

	fn current_epoch() -> EpochIndex {
		<Self as Eligibility>::current_epoch()
	}
}
