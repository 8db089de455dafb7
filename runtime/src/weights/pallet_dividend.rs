//! Weights of `pallet_dividend`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_dividend`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_dividend::WeightInfo for WeightInfo<T> {
	fn claim() -> Weight {
		// The quickest run took 90_730 ns.
		Weight::from_parts(99_490_000, 6196)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn close() -> Weight {
		// The quickest run took 39_220 ns.
		Weight::from_parts(42_570_000, 11146)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn idle() -> Weight {
		// The quickest run took 3_440 ns.
		Weight::from_parts(3_830_000, 1525).saturating_add(T::DbWeight::get().reads(1))
	}
}
