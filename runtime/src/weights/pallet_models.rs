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
		// The quickest run took 55_862 ns.
		Weight::from_parts(58_546_000, 3748)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `r` is 1 to 64.
	/// `p` is 0 to 8.
	fn add_version(r: u32, p: u32) -> Weight {
		// The quickest run took 86_928 ns.
		Weight::from_parts(90_314_215, 3748)
			.saturating_add(Weight::from_parts(33_846, 0).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(15_474_800, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(Weight::from_parts(0, 3256).saturating_mul(p.into()))
	}
	fn deprecate() -> Weight {
		// The quickest run took 31_406 ns.
		Weight::from_parts(33_810_000, 4013)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn claim_revenue() -> Weight {
		// The quickest run took 96_363 ns.
		Weight::from_parts(101_480_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn set_licence() -> Weight {
		// The quickest run took 7_781 ns.
		Weight::from_parts(8_773_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn move_royalty() -> Weight {
		// The quickest run took 28_463 ns.
		Weight::from_parts(31_367_000, 4246)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn accept_row() -> Weight {
		// The quickest run took 159_336 ns.
		Weight::from_parts(168_850_000, 6231)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn forfeit_row() -> Weight {
		// The quickest run took 99_597 ns.
		Weight::from_parts(103_914_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn announce_floor() -> Weight {
		// The quickest run took 19_880 ns.
		Weight::from_parts(21_652_000, 4013)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn contest() -> Weight {
		// The quickest run took 77_605 ns.
		Weight::from_parts(83_123_000, 4013)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn resolve_contest() -> Weight {
		// The quickest run took 139_416 ns.
		Weight::from_parts(148_640_000, 6506)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn transfer_row() -> Weight {
		// The quickest run took 50_495 ns.
		Weight::from_parts(53_880_000, 6231)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn transfer_model() -> Weight {
		// The quickest run took 11_928 ns.
		Weight::from_parts(13_430_000, 3636)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn accept_model() -> Weight {
		// The quickest run took 97_785 ns.
		Weight::from_parts(103_072_000, 6506)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// `n` is 1 to 32.
	fn prove_reuse(n: u32) -> Weight {
		// The quickest run took 144_564 ns.
		Weight::from_parts(104_195_375, 7036)
			.saturating_add(Weight::from_parts(52_957_812, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn settle_reuse() -> Weight {
		// The quickest run took 33_640 ns.
		Weight::from_parts(38_537_000, 4013)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `n` is 1 to 32.
	fn refute_reuse(n: u32) -> Weight {
		// The quickest run took 215_829 ns.
		Weight::from_parts(206_505_500, 7036)
			.saturating_add(Weight::from_parts(27_195_250, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn confirm_reuse() -> Weight {
		// The quickest run took 116_973 ns.
		Weight::from_parts(127_799_000, 7502)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn lapse_contest() -> Weight {
		// The quickest run took 113_638 ns.
		Weight::from_parts(119_466_000, 6196)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
}
