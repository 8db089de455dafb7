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
		// The quickest run took 16_730 ns.
		Weight::from_parts(19_060_000, 2080)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn add_verifier() -> Weight {
		// The quickest run took 39_530 ns.
		Weight::from_parts(55_370_000, 3517)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `a` is 2 to 5.
	fn register(a: u32) -> Weight {
		// The quickest run took 251_740 ns.
		Weight::from_parts(176_256_248, 6068)
			// Standard error: 1_387_526 ps.
			.saturating_add(Weight::from_parts(59_104_882, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2569).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn renew(a: u32) -> Weight {
		// The quickest run took 274_550 ns.
		Weight::from_parts(167_268_604, 11146)
			// Standard error: 3_373_598 ps.
			.saturating_add(Weight::from_parts(101_943_519, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2569).saturating_mul(a.into()))
	}
	fn revoke() -> Weight {
		// The quickest run took 67_410 ns.
		Weight::from_parts(73_200_000, 6068)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn set_quorum() -> Weight {
		// The quickest run took 38_370 ns.
		Weight::from_parts(47_940_000, 2080)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn retire_verifier() -> Weight {
		// The quickest run took 21_200 ns.
		Weight::from_parts(37_260_000, 3559)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn remove() -> Weight {
		// The quickest run took 49_250 ns.
		Weight::from_parts(67_570_000, 3860)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
