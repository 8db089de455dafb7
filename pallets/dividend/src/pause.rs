//! The emergency pause: for a short while nobody claims and no epoch closes. Nothing moves by it.

use crate::{pallet::*, Pause};
use frame_support::pallet_prelude::*;
use sp_runtime::SaturatedConversion;
use usufruct_primitives::BlockNumber;

impl<T: Config> Pallet<T> {
	/// The number of this block.
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// Whether claims and closes are stopped in this block.
	pub(crate) fn is_paused() -> bool {
		LastPause::<T>::get().is_some_and(|pause| pause.holds(Self::now()))
	}

	/// Begins a pause with this block, if there may be one.
	pub(crate) fn begin_pause(blocks: BlockNumber) -> Result<Pause, Error<T>> {
		ensure!(blocks > 0 && blocks <= T::MaxPause::get(), Error::<T>::PauseTooLong);
		let now = Self::now();
		// Saturating both: the number of the last block there can be.
		let again = LastPause::<T>::get()
			.map_or(0, |last| last.until.saturating_add(T::PauseInterval::get()));
		ensure!(now >= again, Error::<T>::PausedRecently);
		let pause = Pause { from: now, until: now.saturating_add(blocks) };
		LastPause::<T>::put(pause);
		Ok(pause)
	}

	/// Ends the pause with the block before this one.
	pub(crate) fn end_pause() -> Result<Pause, Error<T>> {
		let now = Self::now();
		let pause =
			LastPause::<T>::get().filter(|pause| pause.holds(now)).ok_or(Error::<T>::NotPaused)?;
		let ended = Pause { until: now, ..pause };
		LastPause::<T>::put(ended);
		Ok(ended)
	}
}
