//! Weights of `pallet_personhood`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_personhood`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_personhood::WeightInfo for WeightInfo<T> {
	fn add_domain() -> Weight {
		// The quickest run took 19_300 ns.
		Weight::from_parts(21_400_000, 2080)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn add_verifier() -> Weight {
		// The quickest run took 37_700 ns.
		Weight::from_parts(43_530_000, 3517)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `a` is 2 to 5.
	fn register(a: u32) -> Weight {
		// The quickest run took 280_109 ns.
		Weight::from_parts(190_801_315, 6068)
			// Standard error: 312_777 ps.
			.saturating_add(Weight::from_parts(54_383_481, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2569).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn renew(a: u32) -> Weight {
		// The quickest run took 282_830 ns.
		Weight::from_parts(194_380_729, 11146)
			// Standard error: 245_549 ps.
			.saturating_add(Weight::from_parts(53_147_137, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2569).saturating_mul(a.into()))
	}
	fn revoke() -> Weight {
		// The quickest run took 39_880 ns.
		Weight::from_parts(46_810_000, 6068)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn set_quorum() -> Weight {
		// The quickest run took 20_520 ns.
		Weight::from_parts(22_210_000, 2080)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn retire_verifier() -> Weight {
		// The quickest run took 15_560 ns.
		Weight::from_parts(17_200_000, 3559)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn remove() -> Weight {
		// The quickest run took 39_020 ns.
		Weight::from_parts(44_860_000, 3860)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
