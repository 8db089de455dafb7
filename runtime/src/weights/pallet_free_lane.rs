//! Weights of `pallet_free_lane`: estimates from the storage it touches, until `scripts/weights`
//! measures them on this runtime's blob.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_free_lane`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_free_lane::WeightInfo for WeightInfo<T> {
	fn check_free_lane() -> Weight {
		Weight::from_parts(5_000_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn on_finalize() -> Weight {
		Weight::from_parts(2_000_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}
