//! Oracles as other pallets see them.

use crate::{
	locks::{lock_amount, lock_end},
	Config, Locks, Oracles, Pallet,
};
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{AccountId32, SaturatedConversion};
use usufruct_primitives::{
	traits::{self, BondShort},
	Balance, BlockNumber, PublicKey,
};

impl<T: Config> Pallet<T> {
	/// The present block.
	pub(crate) fn now() -> BlockNumber {
		let now: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
		now.saturated_into()
	}

	/// What of the oracle's bond is locked now, in planck.
	pub(crate) fn locked(oracle: &AccountId32) -> Balance {
		Locks::<T>::get(oracle).locked(Self::now())
	}
}

impl<T: Config> traits::Oracles<AccountId32> for Pallet<T> {
	fn is_active(oracle: &AccountId32) -> bool {
		Oracles::<T>::get(oracle).is_some_and(|oracle| oracle.bond >= T::MinBond::get())
	}

	fn is_registered(oracle: &AccountId32) -> bool {
		Oracles::<T>::contains_key(oracle)
	}

	fn receipt_key(oracle: &AccountId32) -> Option<PublicKey> {
		Oracles::<T>::get(oracle).map(|oracle| oracle.receipt_key)
	}

	fn lock(oracle: &AccountId32, settled: Balance) -> Result<(), BondShort> {
		// Who is not registered has no bond; what is no `u128` is more than any bond.
		let bond = Oracles::<T>::get(oracle).map(|oracle| oracle.bond).unwrap_or_default();
		let amount = lock_amount(settled, T::LockRatio::get()).unwrap_or(Balance::MAX);

		let now = Self::now();
		let mut locks = Locks::<T>::get(oracle);
		locks.drop_expired(now);
		let free = bond.saturating_sub(locks.locked(now));
		if let Some(missing) = amount.checked_sub(free).filter(|missing| *missing > 0) {
			return Err(BondShort { missing });
		}
		if amount > 0 {
			locks.add(lock_end(now, T::ChallengeWindow::get()), amount);
			Locks::<T>::insert(oracle, locks);
		}
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_oracle(oracle: &AccountId32) {
		crate::benchmarking::new_oracle::<T>(oracle, u64::MAX.into());
	}
}
