//! What always holds between the pallet's records and the money they speak of.

use crate::{
	is_whole, Config, Contributors, HoldReason, Licences, Manifests, Models, NextModel,
	NextVersion, Paid, Pallet, Revenue, Versions,
};
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::fungible::{hold::Inspect as InspectHold, Inspect},
};
use sp_runtime::{AccountId32, TryRuntimeError};
use usufruct_primitives::{split::entitlement, Balance, ModelId, PPM};

impl<T: Config> Pallet<T> {
	/// What all rows of all versions, and the planck that no row gets yet, have in the pot.
	pub(crate) fn unpaid() -> Result<Balance, TryRuntimeError> {
		let mut unpaid: Balance = 0;
		for (version, revenue) in Revenue::<T>::iter() {
			let paid = Paid::<T>::iter_prefix_values(version)
				.try_fold(0, Balance::checked_add)
				.ok_or("what was paid overflows")?;
			unpaid = revenue
				.checked_sub(paid)
				.and_then(|left| unpaid.checked_add(left))
				.ok_or("more was paid of a version than it earned")?;
		}
		Ok(unpaid)
	}

	/// Checks the invariants:
	///
	/// - **M1** ids of models and versions are dense from 0.
	/// - **M2** every version belongs to a model, whose counts of versions and open versions are
	///   right.
	/// - **M3** every version stands in the index of manifests, and nothing else does.
	/// - **M4** every version, and nothing else, has a contributor table, a whole one, and a revenue.
	/// - **M5** only rows that exist were paid, and none more than it is entitled to.
	/// - **M6** the pot holds the existential deposit and all that is unpaid.
	/// - **M7** what is held from each owner is the sum of the deposits of its models and versions.
	/// - **M8** every allowed licence is printable ASCII.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let deposits = Self::check_records()?;
		Self::check_tables()?;
		Self::check_money(deposits)?;
		for licence in Licences::<T>::iter_keys() {
			ensure!(crate::is_valid_licence(&licence), "M8: a licence is not printable");
		}
		Ok(())
	}

	/// M1 to M3; returns each owner's deposits.
	fn check_records() -> Result<BTreeMap<AccountId32, Balance>, TryRuntimeError> {
		let mut deposits = BTreeMap::<AccountId32, Balance>::new();
		let mut deposit = |owner: &AccountId32, amount: Balance| {
			let held = deposits.entry(owner.clone()).or_default();
			*held = held.saturating_add(amount);
		};

		let mut counts = BTreeMap::<ModelId, (u32, u32)>::new();
		let mut versions = 0;
		for (id, version) in Versions::<T>::iter() {
			ensure!(id < NextVersion::<T>::get(), "M1: a version's id was not given out yet");
			let model = Models::<T>::get(version.model).ok_or("M2: a version without its model")?;
			ensure!(
				Manifests::<T>::get(version.manifest_hash) == Some(id),
				"M3: a version is not in the index of manifests"
			);
			let (all, open) = counts.entry(version.model).or_default();
			*all += 1;
			*open += u32::from(version.open);
			deposit(&model.owner, version.deposit);
			versions += 1;
		}
		ensure!(versions == NextVersion::<T>::get(), "M1: a version is missing");
		ensure!(
			Manifests::<T>::iter().count() == versions as usize,
			"M3: a manifest without its version"
		);

		let mut models = 0;
		for (id, model) in Models::<T>::iter() {
			ensure!(id < NextModel::<T>::get(), "M1: a model's id was not given out yet");
			ensure!(
				counts.get(&id).copied().unwrap_or_default()
					== (model.versions, model.open_versions),
				"M2: a model miscounts its versions"
			);
			deposit(&model.owner, model.deposit);
			models += 1;
		}
		ensure!(models == NextModel::<T>::get(), "M1: a model is missing");
		Ok(deposits)
	}

	/// M4 and M5.
	fn check_tables() -> Result<(), TryRuntimeError> {
		for (version, table) in Contributors::<T>::iter() {
			ensure!(Versions::<T>::contains_key(version), "M4: a table without its version");
			ensure!(is_whole(&table), "M4: a table's shares are not whole");
		}
		for version in Revenue::<T>::iter_keys() {
			ensure!(Versions::<T>::contains_key(version), "M4: revenue without its version");
		}
		for version in Versions::<T>::iter_keys() {
			ensure!(Contributors::<T>::contains_key(version), "M4: a version without its table");
			ensure!(Revenue::<T>::contains_key(version), "M4: a version without its revenue");
		}
		for (version, row, paid) in Paid::<T>::iter() {
			let table = Contributors::<T>::get(version).unwrap_or_default();
			let share = table
				.get(usize::from(row))
				.map(|row| row.share)
				.ok_or("M5: a row was paid that does not exist")?;
			let revenue = Revenue::<T>::get(version).unwrap_or_default();
			ensure!(
				entitlement(revenue, share, PPM).is_some_and(|entitled| paid <= entitled),
				"M5: a row was paid more than it is entitled to"
			);
		}
		Ok(())
	}

	/// M6 and M7.
	fn check_money(deposits: BTreeMap<AccountId32, Balance>) -> Result<(), TryRuntimeError> {
		let needed = Self::unpaid()?
			.checked_add(T::Currency::minimum_balance())
			.ok_or("M6: what is unpaid overflows")?;
		ensure!(
			T::Currency::balance(&Self::pot()) >= needed,
			"M6: the pot lacks some of what is unpaid"
		);
		for (owner, deposit) in deposits {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Deposit.into(), &owner) == deposit,
				"M7: an owner's deposits are not what is held"
			);
		}
		Ok(())
	}
}
