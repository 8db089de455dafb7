//! The pay of block authors: each is credited an equal part of what the security pot holds.

use crate::{pallet::CurrencyOf, Config, Credited, Credits, Pallet, WeightInfo};
use frame_support::{
	dispatch::DispatchClass,
	traits::{fungible::Inspect, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::AccountId32;
use usufruct_primitives::Balance;

impl<T: Config> Pallet<T> {
	/// What the pot holds and nobody is credited with yet, in planck; the existential deposit is
	/// never divided.
	pub fn undivided() -> Balance {
		CurrencyOf::<T>::balance(&Self::pot())
			.saturating_sub(CurrencyOf::<T>::minimum_balance())
			.saturating_sub(Credited::<T>::get())
	}
}

impl<T: Config> pallet_authorship::EventHandler<AccountId32, BlockNumberFor<T>> for Pallet<T> {
	fn note_author(author: AccountId32) {
		// The authorship pallet declares no weight for its handlers.
		frame_system::Pallet::<T>::register_extra_weight_unchecked(
			<T as Config>::WeightInfo::note_author(),
			DispatchClass::Mandatory,
		);
		let share = Self::undivided() / Balance::from(T::BlocksPerEpoch::get().max(1));
		if share == 0 {
			return;
		}
		// Neither sum can overflow: both stay below the balance of the pot.
		Credited::<T>::mutate(|credited| *credited = credited.saturating_add(share));
		Credits::<T>::mutate(author, |credit| *credit = credit.saturating_add(share));
	}
}
