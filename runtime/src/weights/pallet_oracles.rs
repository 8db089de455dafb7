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
		// The quickest run took 97_764 ns.
		Weight::from_parts(103_182_000, 6734)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn set_ask() -> Weight {
		// The quickest run took 25_577 ns.
		Weight::from_parts(27_731_000, 3989)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn bond_more() -> Weight {
		// The quickest run took 59_298 ns.
		Weight::from_parts(61_812_000, 3862)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn unbond() -> Weight {
		// The quickest run took 25_728 ns.
		Weight::from_parts(27_531_000, 4190)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `a` is 0 to 64.
	fn withdraw_unbonded(a: u32) -> Weight {
		// The quickest run took 92_147 ns.
		Weight::from_parts(97_007_735, 3862)
			.saturating_add(Weight::from_parts(1_031_794, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(14))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2551).saturating_mul(a.into()))
	}
	fn set_endpoint() -> Weight {
		// The quickest run took 14_512 ns.
		Weight::from_parts(15_724_000, 3862)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_receipt_key() -> Weight {
		// The quickest run took 81_310 ns.
		Weight::from_parts(84_846_000, 6734)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn forget_keys() -> Weight {
		// The quickest run took 27_140 ns.
		Weight::from_parts(29_544_000, 3834)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn set_settle_limit() -> Weight {
		// The quickest run took 13_981 ns.
		Weight::from_parts(15_203_000, 3862)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
