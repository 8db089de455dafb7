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
		// The quickest run took 54_591 ns.
		Weight::from_parts(57_134_000, 3712)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `r` is 1 to 64.
	/// `p` is 0 to 8.
	fn add_version(r: u32, p: u32) -> Weight {
		// The quickest run took 84_465 ns.
		Weight::from_parts(92_806_666, 3712)
			.saturating_add(Weight::from_parts(48_235, 0).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(14_882_166, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(Weight::from_parts(0, 3256).saturating_mul(p.into()))
	}
	fn deprecate() -> Weight {
		// The quickest run took 26_279 ns.
		Weight::from_parts(28_242_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn claim_revenue() -> Weight {
		// The quickest run took 94_600 ns.
		Weight::from_parts(99_017_000, 6231)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_licence() -> Weight {
		// The quickest run took 7_511 ns.
		Weight::from_parts(8_373_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn move_royalty() -> Weight {
		// The quickest run took 26_900 ns.
		Weight::from_parts(29_063_000, 4246)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn accept_row() -> Weight {
		// The quickest run took 145_715 ns.
		Weight::from_parts(152_305_000, 6231)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn forfeit_row() -> Weight {
		// The quickest run took 98_686 ns.
		Weight::from_parts(102_492_000, 6231)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn announce_floor() -> Weight {
		// The quickest run took 17_466 ns.
		Weight::from_parts(18_978_000, 3989)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn contest() -> Weight {
		// The quickest run took 66_008 ns.
		Weight::from_parts(68_721_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn resolve_contest() -> Weight {
		// The quickest run took 124_234 ns.
		Weight::from_parts(129_452_000, 6434)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn transfer_row() -> Weight {
		// The quickest run took 45_797 ns.
		Weight::from_parts(48_782_000, 6231)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn transfer_model() -> Weight {
		// The quickest run took 11_838 ns.
		Weight::from_parts(12_999_000, 3636)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn accept_model() -> Weight {
		// The quickest run took 94_280 ns.
		Weight::from_parts(98_195_000, 6434)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// `n` is 1 to 32.
	fn prove_reuse(n: u32) -> Weight {
		// The quickest run took 139_777 ns.
		Weight::from_parts(92_266_666, 6988)
			.saturating_add(Weight::from_parts(51_531_166, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn settle_reuse() -> Weight {
		// The quickest run took 33_229 ns.
		Weight::from_parts(35_202_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `n` is 1 to 32.
	fn refute_reuse(n: u32) -> Weight {
		// The quickest run took 211_433 ns.
		Weight::from_parts(191_949_227, 6988)
			.saturating_add(Weight::from_parts(26_347_590, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn confirm_reuse() -> Weight {
		// The quickest run took 95_942 ns.
		Weight::from_parts(100_138_000, 7502)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn lapse_contest() -> Weight {
		// The quickest run took 103_473 ns.
		Weight::from_parts(107_519_000, 6196)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
