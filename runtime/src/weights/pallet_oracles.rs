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
		// The quickest run took 96_910 ns.
		Weight::from_parts(103_260_000, 6656)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn set_ask() -> Weight {
		// The quickest run took 24_670 ns.
		Weight::from_parts(26_710_000, 3989)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn bond_more() -> Weight {
		// The quickest run took 60_950 ns.
		Weight::from_parts(65_260_000, 3823)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn unbond() -> Weight {
		// The quickest run took 25_530 ns.
		Weight::from_parts(27_320_000, 4190)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `a` is 0 to 64.
	fn withdraw_unbonded(a: u32) -> Weight {
		// The quickest run took 93_130 ns.
		Weight::from_parts(96_515_455, 3834)
			// Standard error: 970 ps.
			.saturating_add(Weight::from_parts(1_159_787, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(14))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2551).saturating_mul(a.into()))
	}
	fn set_endpoint() -> Weight {
		// The quickest run took 13_760 ns.
		Weight::from_parts(15_080_000, 3823)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_receipt_key() -> Weight {
		// The quickest run took 75_390 ns.
		Weight::from_parts(82_150_000, 6656)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn forget_keys() -> Weight {
		// Set by hand: as many keys as there can be are removed.
		Weight::from_parts(50_000_000, 4100)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn set_settle_limit() -> Weight {
		// Set by hand, as `set_endpoint`.
		Weight::from_parts(16_000_000, 3900)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
