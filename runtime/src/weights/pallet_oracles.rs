//! Weights of `pallet_oracles`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_oracles`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_oracles::WeightInfo for WeightInfo<T> {
	fn register() -> Weight {
		// The quickest run took 62_640 ns.
		Weight::from_parts(68_060_000, 3823)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_ask() -> Weight {
		// The quickest run took 20_600 ns.
		Weight::from_parts(23_040_000, 3911)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn bond_more() -> Weight {
		// The quickest run took 52_820 ns.
		Weight::from_parts(57_800_000, 3823)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn unbond() -> Weight {
		// The quickest run took 23_660 ns.
		Weight::from_parts(25_650_000, 4174)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `a` is 0 to 64.
	fn withdraw_unbonded(a: u32) -> Weight {
		// The quickest run took 62_160 ns.
		Weight::from_parts(66_931_866, 3834)
			// Standard error: 1_742 ps.
			.saturating_add(Weight::from_parts(1_060_705, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2551).saturating_mul(a.into()))
	}
	fn set_endpoint() -> Weight {
		// The quickest run took 12_050 ns.
		Weight::from_parts(13_180_000, 3823)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
