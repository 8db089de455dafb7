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
		// The quickest run took 47_080 ns.
		Weight::from_parts(59_820_000, 3640)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `r` is 1 to 64.
	/// `p` is 0 to 8.
	fn add_version(r: u32, p: u32) -> Weight {
		// The quickest run took 85_780 ns.
		Weight::from_parts(94_912_354, 3640)
			// Standard error: 4_500 ps.
			.saturating_add(Weight::from_parts(48_794, 0).saturating_mul(r.into()))
			// Standard error: 33_380 ps.
			.saturating_add(Weight::from_parts(12_510_036, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(8))
			.saturating_add(Weight::from_parts(0, 3256).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 3).saturating_mul(r.into()))
	}
	fn deprecate() -> Weight {
		// The quickest run took 20_710 ns.
		Weight::from_parts(22_700_000, 3989)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn claim_revenue() -> Weight {
		// The quickest run took 91_010 ns.
		Weight::from_parts(99_690_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_licence() -> Weight {
		// The quickest run took 6_640 ns.
		Weight::from_parts(7_500_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn move_royalty() -> Weight {
		// The quickest run took 26_180 ns.
		Weight::from_parts(28_060_000, 4246)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn accept_row() -> Weight {
		// The quickest run took 135_810 ns.
		Weight::from_parts(144_990_000, 6231)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn forfeit_row() -> Weight {
		// The quickest run took 97_150 ns.
		Weight::from_parts(103_930_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn announce_floor() -> Weight {
		// The quickest run took 17_390 ns.
		Weight::from_parts(18_870_000, 3989)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn contest() -> Weight {
		// The quickest run took 69_360 ns.
		Weight::from_parts(75_340_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn resolve_contest() -> Weight {
		// The quickest run took 125_850 ns.
		Weight::from_parts(135_770_000, 6290)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn transfer_row() -> Weight {
		// The quickest run took 41_570 ns.
		Weight::from_parts(45_420_000, 6231)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn transfer_model() -> Weight {
		// The quickest run took 11_170 ns.
		Weight::from_parts(12_390_000, 3636)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn accept_model() -> Weight {
		// The quickest run took 98_850 ns.
		Weight::from_parts(107_480_000, 6290)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// `n` is 1 to 32.
	fn prove_reuse(n: u32) -> Weight {
		// The quickest run took 98_300 ns.
		Weight::from_parts(49_031_336, 7502)
			// Standard error: 20_692 ps.
			.saturating_add(Weight::from_parts(53_681_993, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn settle_reuse() -> Weight {
		// The quickest run took 31_500 ns.
		Weight::from_parts(34_100_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}
