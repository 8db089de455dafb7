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
		// The quickest run took 124_334 ns.
		Weight::from_parts(130_554_000, 14050)
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn claim_for() -> Weight {
		// The quickest run took 124_534 ns.
		Weight::from_parts(129_872_000, 14050)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn authorize_claim_for() -> Weight {
		// The quickest run took 64_246 ns.
		Weight::from_parts(68_422_000, 14050).saturating_add(T::DbWeight::get().reads(16))
	}
	fn claim_to_channel() -> Weight {
		// The quickest run took 239_865 ns.
		Weight::from_parts(249_730_000, 14050)
			.saturating_add(T::DbWeight::get().reads(21))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn set_payout() -> Weight {
		// The quickest run took 30_255 ns.
		Weight::from_parts(32_608_000, 3548)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_claims_alone() -> Weight {
		// The quickest run took 21_251 ns.
		Weight::from_parts(23_144_000, 3517)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn donate() -> Weight {
		// The quickest run took 48_572 ns.
		Weight::from_parts(51_166_000, 6196)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn pause() -> Weight {
		// The quickest run took 10_456 ns.
		Weight::from_parts(12_398_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resume() -> Weight {
		// The quickest run took 10_345 ns.
		Weight::from_parts(11_567_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_params() -> Weight {
		// The quickest run took 14_321 ns.
		Weight::from_parts(15_924_000, 1517)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_bonus() -> Weight {
		// The quickest run took 9_173 ns.
		Weight::from_parts(10_215_000, 1505)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn open_programme() -> Weight {
		// The quickest run took 70_003 ns.
		Weight::from_parts(73_198_000, 40665)
			.saturating_add(T::DbWeight::get().reads(19))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn join_programme() -> Weight {
		// The quickest run took 97_565 ns.
		Weight::from_parts(101_901_000, 14050)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn leave_programme() -> Weight {
		// The quickest run took 44_426 ns.
		Weight::from_parts(47_380_000, 6092)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn claim_programme() -> Weight {
		// The quickest run took 148_610 ns.
		Weight::from_parts(154_609_000, 14050)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn end_programme() -> Weight {
		// The quickest run took 469_985 ns.
		Weight::from_parts(483_525_000, 271396)
			.saturating_add(T::DbWeight::get().reads(108))
			.saturating_add(T::DbWeight::get().writes(106))
	}
	fn close_programme() -> Weight {
		// The quickest run took 130_132 ns.
		Weight::from_parts(135_090_000, 11194)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn close() -> Weight {
		// The quickest run took 54_410 ns.
		Weight::from_parts(58_968_000, 11146)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn idle() -> Weight {
		// The quickest run took 5_919 ns.
		Weight::from_parts(6_770_000, 1525).saturating_add(T::DbWeight::get().reads(2))
	}
}
