//! What always holds between the pallet's records and the money they speak of.

use crate::{
	is_valid_endpoint, Asks, Config, HoldReason, Locks, Oracles, Pallet, ReceiptKeys,
	UnbondingQueues, MAX_ASKS,
};
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::TryRuntimeError;
use usufruct_primitives::{keys::is_valid_ed25519, Balance};

impl<T: Config> Pallet<T> {
	/// Checks the invariants:
	///
	/// - **O1** what is held from each oracle is its bond and what is unbonding.
	/// - **O2** what is locked of a bond is no more than the bond.
	/// - **O3** locks stand in order, each above 0.
	/// - **O4** every oracle stands in the index of receipt keys, and nothing else does.
	/// - **O5** the asks of every oracle are as many as it counts, and no more than the limit.
	/// - **O6** asks, locks and unbonding parts belong to an oracle, and no empty queue is stored.
	/// - **O7** an oracle has something bonded or unbonding; otherwise it would have been removed.
	/// - **O8** receipt keys and endpoints are valid.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_oracles()?;
		Self::check_orphans()
	}

	/// O1 to O5, O7 and O8.
	fn check_oracles() -> Result<(), TryRuntimeError> {
		for (account, oracle) in Oracles::<T>::iter() {
			let unbonding = UnbondingQueues::<T>::get(&account)
				.iter()
				.try_fold(0, |sum: Balance, part| sum.checked_add(part.amount))
				.ok_or("O1: what is unbonding overflows")?;
			ensure!(
				oracle.bond.checked_add(unbonding)
					== Some(T::Currency::balance_on_hold(&HoldReason::Bond.into(), &account)),
				"O1: what is held is not bond and unbonding"
			);
			ensure!(oracle.bond > 0 || unbonding > 0, "O7: an oracle with nothing at stake");

			let locks = Locks::<T>::get(&account);
			ensure!(locks.locked(Self::now()) <= oracle.bond, "O2: more is locked than bonded");
			ensure!(
				locks.iter().zip(locks.iter().skip(1)).all(|(old, new)| old.until < new.until)
					&& locks.iter().all(|lock| lock.amount > 0),
				"O3: locks out of order or empty"
			);

			ensure!(
				ReceiptKeys::<T>::get(oracle.receipt_key) == Some(account.clone()),
				"O4: an oracle is not in the index of receipt keys"
			);
			ensure!(
				Asks::<T>::iter_prefix(&account).count() == oracle.asks as usize
					&& oracle.asks <= MAX_ASKS,
				"O5: an oracle miscounts its asks"
			);
			ensure!(is_valid_ed25519(&oracle.receipt_key), "O8: a receipt key is not valid");
			ensure!(is_valid_endpoint(&oracle.endpoint), "O8: an endpoint is not valid");
		}
		ensure!(
			ReceiptKeys::<T>::iter().count() == Oracles::<T>::iter().count(),
			"O4: a receipt key without its oracle"
		);
		Ok(())
	}

	/// O6.
	fn check_orphans() -> Result<(), TryRuntimeError> {
		for (account, _) in Asks::<T>::iter_keys() {
			ensure!(Oracles::<T>::contains_key(account), "O6: an ask without its oracle");
		}
		for account in Locks::<T>::iter_keys() {
			ensure!(Oracles::<T>::contains_key(account), "O6: locks without their oracle");
		}
		for (account, queue) in UnbondingQueues::<T>::iter() {
			ensure!(Oracles::<T>::contains_key(account), "O6: unbonding without its oracle");
			ensure!(!queue.is_empty(), "O6: an empty queue is stored");
		}
		Ok(())
	}
}
