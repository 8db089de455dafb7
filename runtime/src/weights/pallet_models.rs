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
		// The quickest run took 53_830 ns.
		Weight::from_parts(58_010_000, 3640)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `r` is 1 to 64.
	/// `p` is 0 to 8.
	fn add_version(r: u32, p: u32) -> Weight {
		// The quickest run took 83_660 ns.
		Weight::from_parts(92_658_695, 3640)
			.saturating_add(Weight::from_parts(13_043, 0).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(11_805_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(Weight::from_parts(0, 3256).saturating_mul(p.into()))
	}
	fn deprecate() -> Weight {
		// The quickest run took 20_090 ns.
		Weight::from_parts(22_010_000, 3989)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn claim_revenue() -> Weight {
		// The quickest run took 87_920 ns.
		Weight::from_parts(95_420_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_licence() -> Weight {
		// The quickest run took 6_620 ns.
		Weight::from_parts(7_390_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn move_royalty() -> Weight {
		// The quickest run took 24_980 ns.
		Weight::from_parts(26_860_000, 4246)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn accept_row() -> Weight {
		// The quickest run took 130_880 ns.
		Weight::from_parts(140_910_000, 6231)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn forfeit_row() -> Weight {
		// The quickest run took 91_520 ns.
		Weight::from_parts(99_680_000, 6231)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn announce_floor() -> Weight {
		// The quickest run took 16_310 ns.
		Weight::from_parts(17_900_000, 3989)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn contest() -> Weight {
		// The quickest run took 66_610 ns.
		Weight::from_parts(71_550_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn resolve_contest() -> Weight {
		// The quickest run took 121_930 ns.
		Weight::from_parts(132_140_000, 6290)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn transfer_row() -> Weight {
		// The quickest run took 39_300 ns.
		Weight::from_parts(43_690_000, 6231)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn transfer_model() -> Weight {
		// The quickest run took 10_810 ns.
		Weight::from_parts(12_010_000, 3636)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn accept_model() -> Weight {
		// The quickest run took 98_010 ns.
		Weight::from_parts(103_980_000, 6290)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// `n` is 1 to 32.
	fn prove_reuse(n: u32) -> Weight {
		// The quickest run took 92_660 ns.
		Weight::from_parts(110_000_000, 7502)
			.saturating_add(Weight::from_parts(50_549_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn settle_reuse() -> Weight {
		// The quickest run took 29_730 ns.
		Weight::from_parts(32_900_000, 3989)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `n` is 1 to 32.
	fn refute_reuse(n: u32) -> Weight {
		// Set by hand: half of the hashes of `prove_reuse`, two payments and a hold.
		Weight::from_parts(220_000_000, 7502)
			.saturating_add(Weight::from_parts(26_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn confirm_reuse() -> Weight {
		// Set by hand.
		Weight::from_parts(130_000_000, 7502)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn lapse_contest() -> Weight {
		// Set by hand, as `resolve_contest` without the tables.
		Weight::from_parts(120_000_000, 6290)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
