//! Weights of `pallet_models`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_models`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_models::WeightInfo for WeightInfo<T> {
	fn register_model() -> Weight {
		// The quickest run took 47_830 ns.
		Weight::from_parts(51_490_000, 3604)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `r` is 1 to 64.
	fn add_version(r: u32) -> Weight {
		// The quickest run took 67_780 ns.
		Weight::from_parts(73_414_720, 3604)
			// Standard error: 713 ps.
			.saturating_add(Weight::from_parts(12_908, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn deprecate() -> Weight {
		// The quickest run took 14_730 ns.
		Weight::from_parts(16_280_000, 3911)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn claim_revenue() -> Weight {
		// The quickest run took 62_880 ns.
		Weight::from_parts(67_320_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_licence() -> Weight {
		// The quickest run took 5_960 ns.
		Weight::from_parts(6_710_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}
