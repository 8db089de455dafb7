//! Weights of `pallet_free_lane`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_free_lane`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_free_lane::WeightInfo for WeightInfo<T> {
	fn check_free_lane() -> Weight {
		// The quickest run took 4_808 ns.
		Weight::from_parts(5_398_000, 1501)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn on_finalize() -> Weight {
		// The quickest run took 571 ns.
		Weight::from_parts(852_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}
