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
		// The quickest run took 55_282 ns.
		Weight::from_parts(57_895_000, 3748)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `r` is 1 to 64.
	/// `p` is 0 to 8.
	fn add_version(r: u32, p: u32) -> Weight {
		// The quickest run took 86_869 ns.
		Weight::from_parts(91_284_000, 3748)
			.saturating_add(Weight::from_parts(51_666, 0).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(14_612_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(Weight::from_parts(0, 3256).saturating_mul(p.into()))
	}
	fn deprecate() -> Weight {
		// The quickest run took 28_813 ns.
		Weight::from_parts(31_146_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn claim_revenue() -> Weight {
		// The quickest run took 93_398 ns.
		Weight::from_parts(97_664_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn set_licence() -> Weight {
		// The quickest run took 7_702 ns.
		Weight::from_parts(8_683_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn move_royalty() -> Weight {
		// The quickest run took 28_993 ns.
		Weight::from_parts(31_096_000, 4246)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn accept_row() -> Weight {
		// The quickest run took 143_532 ns.
		Weight::from_parts(149_301_000, 6231)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn forfeit_row() -> Weight {
		// The quickest run took 97_795 ns.
		Weight::from_parts(101_650_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn announce_floor() -> Weight {
		// The quickest run took 20_009 ns.
		Weight::from_parts(21_622_000, 3989)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn contest() -> Weight {
		// Measured without the count of open contests, whose read and write are added.
		// The quickest run took 68_371 ns.
		Weight::from_parts(71_496_000, 3989)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn resolve_contest() -> Weight {
		// Measured without the count of open contests, whose read and write are added.
		// The quickest run took 127_269 ns.
		Weight::from_parts(131_985_000, 6506)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn transfer_row() -> Weight {
		// The quickest run took 48_502 ns.
		Weight::from_parts(51_837_000, 6231)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn transfer_model() -> Weight {
		// The quickest run took 13_820 ns.
		Weight::from_parts(15_272_000, 3636)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn accept_model() -> Weight {
		// The quickest run took 96_824 ns.
		Weight::from_parts(104_654_000, 6506)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// `n` is 1 to 32.
	fn prove_reuse(n: u32) -> Weight {
		// The quickest run took 143_712 ns.
		Weight::from_parts(100_940_000, 6988)
			.saturating_add(Weight::from_parts(51_316_600, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn settle_reuse() -> Weight {
		// The quickest run took 34_020 ns.
		Weight::from_parts(36_273_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `n` is 1 to 32.
	fn refute_reuse(n: u32) -> Weight {
		// The quickest run took 214_187 ns.
		Weight::from_parts(193_377_733, 6988)
			.saturating_add(Weight::from_parts(26_307_533, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn confirm_reuse() -> Weight {
		// Measured without asking whether the older version is settled, which is two reads more.
		// The quickest run took 97_184 ns.
		Weight::from_parts(101_801_000, 7502)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn lapse_contest() -> Weight {
		// Measured without the count of open contests, whose read and write are added.
		// The quickest run took 105_216 ns.
		Weight::from_parts(109_342_000, 6196)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
}
