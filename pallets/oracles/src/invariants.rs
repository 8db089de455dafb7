//! What always holds between the pallet's records and the money they speak of.

use crate::{
	is_valid_endpoint, limit::is_higher, Asks, Config, HoldReason, Locks, Oracles, Pallet,
	ReceiptKeys, RetiredKeys, SettleLimit, UnbondingQueues, MAX_ASKS,
};
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::{AccountId32, TryRuntimeError};
use usufruct_primitives::{keys::is_valid_ed25519, Balance};

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// - **O1** what is held from each oracle is its bond and what is unbonding.
	/// - **O2** what is locked of a bond, kept or not, is no more than the bond.
	/// - **O3** locks stand in order, each above 0.
	/// - **O4** every receipt key and every retired one stands in the index, for its oracle and no
	///   other, and nothing else does.
	/// - **O5** the asks of every oracle are as many as it counts, and no more than the limit.
	/// - **O6** asks, locks, retired keys and unbonding parts belong to an oracle, and no empty list is
	///   stored.
	/// - **O7** parts that are unbonding stand in order, each above 0.
	/// - **O8** receipt keys and endpoints are valid.
	/// - **O9** a limit to come is higher than the one that holds.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut keys = 0;
		for (account, oracle) in Oracles::<T>::iter() {
			Self::check_money(&account, oracle.bond)?;
			keys += Self::check_keys(&account, oracle.receipt_key)?;
			ensure!(
				Asks::<T>::iter_prefix(&account).count() == oracle.asks as usize
					&& oracle.asks <= MAX_ASKS,
				"O5: an oracle miscounts its asks"
			);
			ensure!(is_valid_endpoint(&oracle.endpoint), "O8: an endpoint is not valid");
			let SettleLimit { present, rise } = oracle.settle_limit;
			ensure!(
				rise.is_none_or(|rise| is_higher(rise.limit, present)),
				"O9: a limit to come is not higher"
			);
		}
		ensure!(ReceiptKeys::<T>::iter().count() == keys, "O4: a receipt key without its oracle");
		Self::check_orphans()
	}

	/// O1 to O3, and O7.
	fn check_money(account: &AccountId32, bond: Balance) -> Result<(), TryRuntimeError> {
		let queue = UnbondingQueues::<T>::get(account);
		let unbonding = queue
			.iter()
			.try_fold(0, |sum: Balance, part| sum.checked_add(part.amount))
			.ok_or("O1: what is unbonding overflows")?;
		ensure!(
			bond.checked_add(unbonding)
				== Some(T::Currency::balance_on_hold(&HoldReason::Bond.into(), account)),
			"O1: what is held is not bond and unbonding"
		);
		ensure!(
			queue.iter().zip(queue.iter().skip(1)).all(|(old, new)| old.ready_at < new.ready_at)
				&& queue.iter().all(|part| part.amount > 0),
			"O7: unbonding parts out of order or empty"
		);

		let locks = Locks::<T>::get(account);
		ensure!(locks.locked(Self::now()) <= bond, "O2: more is locked than bonded");
		ensure!(
			locks.iter().zip(locks.iter().skip(1)).all(|(old, new)| old.until < new.until)
				&& locks.iter().all(|lock| lock.amount > 0),
			"O3: locks out of order or empty"
		);
		Ok(())
	}

	/// O4 and O8 for the keys of an oracle; returns how many there are. A key that stood twice among
	/// all of them would be one fewer in the index.
	fn check_keys(account: &AccountId32, current: [u8; 32]) -> Result<usize, TryRuntimeError> {
		let retired = RetiredKeys::<T>::get(account);
		let keys = || retired.iter().map(|retired| retired.key).chain([current]);
		for key in keys() {
			ensure!(
				ReceiptKeys::<T>::get(key).as_ref() == Some(account),
				"O4: an oracle is not in the index of receipt keys"
			);
			ensure!(is_valid_ed25519(&key), "O8: a receipt key is not valid");
		}
		Ok(keys().count())
	}

	/// O6.
	fn check_orphans() -> Result<(), TryRuntimeError> {
		for (account, _) in Asks::<T>::iter_keys() {
			ensure!(Oracles::<T>::contains_key(account), "O6: an ask without its oracle");
		}
		for account in Locks::<T>::iter_keys() {
			ensure!(Oracles::<T>::contains_key(account), "O6: locks without their oracle");
		}
		for (account, retired) in RetiredKeys::<T>::iter() {
			ensure!(Oracles::<T>::contains_key(account), "O6: retired keys without their oracle");
			ensure!(!retired.is_empty(), "O6: an empty list of retired keys is stored");
		}
		for (account, queue) in UnbondingQueues::<T>::iter() {
			ensure!(Oracles::<T>::contains_key(account), "O6: unbonding without its oracle");
			ensure!(!queue.is_empty(), "O6: an empty queue is stored");
		}
		Ok(())
	}
}
