//! The registry as other pallets see it.

use crate::{Config, Error, Event, Models, Pallet, Revenue, Versions};
use sp_runtime::{AccountId32, ArithmeticError, DispatchResult};
use usufruct_primitives::{
	traits::{self, VersionTerms},
	Balance, BlockNumber, ModelId, VersionId,
};

impl<T: Config> traits::Models<AccountId32> for Pallet<T> {
	fn terms(version: VersionId) -> Option<VersionTerms> {
		let now = Self::now();
		Versions::<T>::get(version).map(|version| VersionTerms {
			model: version.model,
			meter: version.meter,
			floor_price: version.floor.at(now).present,
			open: version.is_open(now),
		})
	}

	fn judging_floor(version: VersionId, settled_at: BlockNumber) -> Balance {
		Versions::<T>::get(version)
			.map_or(0, |version| version.floor.at(Self::now()).judging(settled_at))
	}

	fn owner(model: ModelId) -> Option<AccountId32> {
		Models::<T>::get(model).map(|model| model.owner)
	}

	fn is_open(model: ModelId) -> bool {
		Models::<T>::get(model)
			.is_some_and(|model| model.open_versions > 0 || Self::now() < model.last_close)
	}

	fn credit(version: VersionId, amount: Balance) -> DispatchResult {
		let revenue = Revenue::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let revenue = revenue.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		// A settlement too small for the model's part to be a planck.
		if amount > 0 {
			Revenue::<T>::insert(version, revenue);
			Self::deposit_event(Event::RevenueCredited { version, amount });
		}
		Ok(())
	}

	fn account() -> AccountId32 {
		Self::pot()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_version(owner: &AccountId32) -> VersionId {
		crate::benchmarking::new_version::<T>(owner, crate::MAX_ROWS)
	}
}
