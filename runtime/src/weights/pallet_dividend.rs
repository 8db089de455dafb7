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
		// The quickest run took 122_572 ns.
		Weight::from_parts(127_629_000, 14045)
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn claim_for() -> Weight {
		// The quickest run took 122_972 ns.
		Weight::from_parts(127_779_000, 14045)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn authorize_claim_for() -> Weight {
		// The quickest run took 61_541 ns.
		Weight::from_parts(64_846_000, 14045).saturating_add(T::DbWeight::get().reads(16))
	}
	fn claim_to_channel() -> Weight {
		// The quickest run took 247_166 ns.
		Weight::from_parts(254_016_000, 14045)
			.saturating_add(T::DbWeight::get().reads(21))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn set_payout() -> Weight {
		// The quickest run took 27_270 ns.
		Weight::from_parts(29_494_000, 3548)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_claims_alone() -> Weight {
		// The quickest run took 18_177 ns.
		Weight::from_parts(19_980_000, 3517)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn donate() -> Weight {
		// The quickest run took 48_332 ns.
		Weight::from_parts(51_116_000, 6196)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn pause() -> Weight {
		// The quickest run took 10_055 ns.
		Weight::from_parts(11_237_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resume() -> Weight {
		// The quickest run took 10_055 ns.
		Weight::from_parts(11_167_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_params() -> Weight {
		// The quickest run took 12_509 ns.
		Weight::from_parts(13_811_000, 1517)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_bonus() -> Weight {
		// The quickest run took 9_564 ns.
		Weight::from_parts(10_836_000, 1505)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn open_programme() -> Weight {
		// The quickest run took 63_574 ns.
		Weight::from_parts(67_119_000, 40170)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn join_programme() -> Weight {
		// The quickest run took 85_767 ns.
		Weight::from_parts(89_683_000, 14045)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn leave_programme() -> Weight {
		// The quickest run took 38_767 ns.
		Weight::from_parts(41_491_000, 6092)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn claim_programme() -> Weight {
		// The quickest run took 139_887 ns.
		Weight::from_parts(145_535_000, 14045)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn close_programme() -> Weight {
		// The quickest run took 88_330 ns.
		Weight::from_parts(92_466_000, 11194)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn close() -> Weight {
		// The quickest run took 57_095 ns.
		Weight::from_parts(60_159_000, 11146)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn idle() -> Weight {
		// The quickest run took 5_759 ns.
		Weight::from_parts(6_599_000, 1525).saturating_add(T::DbWeight::get().reads(2))
	}
}
