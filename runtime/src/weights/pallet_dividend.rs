//! Weights of `pallet_dividend`: estimates from the storage each call touches, until the benchmarks
//! have been run against this runtime.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_dividend`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_dividend::WeightInfo for WeightInfo<T> {
	fn claim() -> Weight {
		Weight::from_parts(120_000_000, 12000)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn close() -> Weight {
		Weight::from_parts(100_000_000, 12000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn idle() -> Weight {
		Weight::from_parts(5_000_000, 1500).saturating_add(T::DbWeight::get().reads(1))
	}
}
