//! Oracles as other pallets see them.

use crate::{locks::lock_amount, Config, Error, LockRing, Locks, Oracles, Pallet, SettleLimit};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{AccountId32, DispatchError, DispatchResult, SaturatedConversion};
use usufruct_primitives::{
	traits::{self, LockError, ReceiptKeyState, Settlement, Slashed},
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

	/// What stands for `settled` planck, in planck; what is no `u128` is more than any bond.
	pub(crate) fn to_lock(settled: Balance) -> Balance {
		lock_amount(settled, T::LockRatio::get()).unwrap_or(Balance::MAX)
	}

	/// By how much `amount` is more than can be locked of `most` with these locks, in planck.
	pub(crate) fn missing(most: Balance, locks: &LockRing, amount: Balance) -> Balance {
		amount.saturating_sub(most.saturating_sub(locks.locked(Self::now())))
	}

	/// The most that the operator lets be locked at a time, in planck.
	pub(crate) fn most_locked(limit: SettleLimit) -> Balance {
		limit.at(Self::now()).present.map_or(Balance::MAX, Self::to_lock)
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

	fn receipt_key_state(oracle: &AccountId32, key: &PublicKey) -> Option<ReceiptKeyState> {
		if Self::receipt_key(oracle)? == *key {
			return Some(ReceiptKeyState::Present);
		}
		let retired = Self::retired_keys(oracle).into_iter().find(|retired| retired.key == *key)?;
		Some(ReceiptKeyState::Retired { at: retired.retired_at })
	}

	fn lock(oracle: &AccountId32, settled: Balance) -> Result<(), LockError> {
		// Who is not registered has no bond.
		let (bond, limit) = Oracles::<T>::get(oracle)
			.map(|oracle| (oracle.bond, oracle.settle_limit))
			.unwrap_or_default();
		let amount = Self::to_lock(settled);

		let now = Self::now();
		let mut locks = Locks::<T>::get(oracle);
		locks.drop_expired(now);
		let missing = Self::missing(bond, &locks, amount);
		if missing > 0 {
			return Err(LockError::BondShort { missing });
		}
		let missing = Self::missing(Self::most_locked(limit), &locks, amount);
		if missing > 0 {
			return Err(LockError::OverLimit { missing });
		}
		if amount > 0 {
			locks.add(Self::end_of_lock(now), amount);
			Locks::<T>::insert(oracle, locks);
		}
		Ok(())
	}

	fn is_locked(_: &AccountId32, settled_at: BlockNumber) -> bool {
		Self::now() < Self::end_of_lock(settled_at)
	}

	fn keep(oracle: &AccountId32, settlement: Settlement) -> DispatchResult {
		ensure!(Self::is_locked(oracle, settlement.at), Error::<T>::LockEnded);
		let until = Self::end_of_lock(settlement.at);
		let amount = Self::to_lock(settlement.accepted);
		let mut locks = Locks::<T>::get(oracle);
		ensure!(amount <= locks.locked_until(until), Error::<T>::NotLocked);
		if amount > 0 {
			let taken = locks.take(until, amount);
			locks.add_kept(taken);
			Locks::<T>::insert(oracle, locks);
		}
		Ok(())
	}

	fn release(oracle: &AccountId32, settlement: Settlement) -> DispatchResult {
		let amount = Self::to_lock(settlement.accepted);
		let mut locks = Locks::<T>::get(oracle);
		ensure!(amount <= locks.kept(), Error::<T>::NotKept);
		if amount > 0 {
			locks.drop_expired(Self::now());
			locks.take_kept(amount);
			if Self::is_locked(oracle, settlement.at) {
				locks.add(Self::end_of_lock(settlement.at), amount);
			}
			Locks::<T>::insert(oracle, locks);
		}
		Ok(())
	}

	fn slash(
		oracle: &AccountId32,
		settlement: Option<Settlement>,
		kept: bool,
		consumer: Option<(AccountId32, Balance)>,
		reporter: Option<AccountId32>,
	) -> Result<Slashed, DispatchError> {
		Self::do_slash(oracle, settlement, kept, consumer, reporter)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_oracle(oracle: &AccountId32) {
		crate::benchmarking::busy_oracle::<T>(oracle);
	}
}
