//! Weights of `pallet_dividend`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_dividend`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_dividend::WeightInfo for WeightInfo<T> {
	fn claim() -> Weight {
		// The quickest run took 121_930 ns.
		Weight::from_parts(127_078_000, 14045)
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn claim_for() -> Weight {
		// The quickest run took 122_491 ns.
		Weight::from_parts(130_894_000, 14045)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn authorize_claim_for() -> Weight {
		// The quickest run took 62_743 ns.
		Weight::from_parts(67_330_000, 14045).saturating_add(T::DbWeight::get().reads(16))
	}
	fn claim_to_channel() -> Weight {
		// The quickest run took 249_068 ns.
		Weight::from_parts(265_793_000, 14045)
			.saturating_add(T::DbWeight::get().reads(21))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn set_payout() -> Weight {
		// The quickest run took 30_115 ns.
		Weight::from_parts(33_239_000, 3548)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_claims_alone() -> Weight {
		// The quickest run took 19_339 ns.
		Weight::from_parts(22_062_000, 3517)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn donate() -> Weight {
		// The quickest run took 48_502 ns.
		Weight::from_parts(50_905_000, 6196)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn pause() -> Weight {
		// The quickest run took 10_205 ns.
		Weight::from_parts(11_467_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resume() -> Weight {
		// The quickest run took 9_994 ns.
		Weight::from_parts(11_016_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_params() -> Weight {
		// The quickest run took 12_298 ns.
		Weight::from_parts(13_811_000, 1517)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_bonus() -> Weight {
		// The quickest run took 9_805 ns.
		Weight::from_parts(10_986_000, 1505)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn open_programme() -> Weight {
		// The quickest run took 66_879 ns.
		Weight::from_parts(70_114_000, 40665)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn join_programme() -> Weight {
		// The quickest run took 88_081 ns.
		Weight::from_parts(92_487_000, 14045)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn leave_programme() -> Weight {
		// The quickest run took 39_168 ns.
		Weight::from_parts(41_762_000, 6092)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn claim_programme() -> Weight {
		// The quickest run took 141_349 ns.
		// Counted beside it: the person's share in the dividend is read.
		Weight::from_parts(147_638_000, 14045)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn end_programme() -> Weight {
		// Counted, not measured: 108 values are read and 106 written, most of them rows, of which
		// `leave_programme` reads seven and writes four.
		<Self as pallet_dividend::WeightInfo>::leave_programme().saturating_mul(27)
	}
	fn close_programme() -> Weight {
		// The quickest run took 89_282 ns.
		Weight::from_parts(93_679_000, 11194)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn close() -> Weight {
		// The quickest run took 56_674 ns.
		Weight::from_parts(61_170_000, 11146)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn idle() -> Weight {
		// The quickest run took 5_909 ns.
		Weight::from_parts(6_749_000, 1525).saturating_add(T::DbWeight::get().reads(2))
	}
}
