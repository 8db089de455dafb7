//! When a version is open, without counting blocks: each closes in a block that was said before.

use crate::{Config, Error, Event, Models, Pallet, Version, Versions};
use frame_support::ensure;
use sp_runtime::{traits::SaturatedConversion, AccountId32, ArithmeticError, DispatchResult};
use usufruct_primitives::{BlockNumber, VersionId};

impl<T: Config> Pallet<T> {
	/// The present block.
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// Deprecates a version at the owner's wish: in block `at`, or now.
	pub(crate) fn do_deprecate(
		caller: AccountId32,
		version: VersionId,
		at: Option<BlockNumber>,
	) -> DispatchResult {
		let mut record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let model = Models::<T>::get(record.model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(model.owner == caller, Error::<T>::NotOwner);
		ensure!(record.closes.is_none(), Error::<T>::AlreadyDeprecated);
		let now = Self::now();
		if let Some(at) = at {
			ensure!(at > now, Error::<T>::ClosesInPast);
			ensure!(Self::is_settled(version, &record), Error::<T>::WindowOpen);
		}
		Self::close(version, &mut record, at.unwrap_or(now))
	}

	/// Books that a version, which has no closing block yet, closes in block `at`. As that is said
	/// once, the last closing block of a model is known without looking at its versions.
	pub(crate) fn close(
		version: VersionId,
		record: &mut Version,
		at: BlockNumber,
	) -> DispatchResult {
		let mut model = Models::<T>::get(record.model).ok_or(Error::<T>::UnknownModel)?;
		model.open_versions =
			model.open_versions.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
		model.last_close = model.last_close.max(at);
		record.closes = Some(at);

		Models::<T>::insert(record.model, model);
		Versions::<T>::insert(version, &*record);
		Self::deposit_event(Event::VersionDeprecated { version, closes: at });
		Ok(())
	}
}
