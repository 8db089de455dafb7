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
			.saturating_add(T::DbWeight::get().reads(12))
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
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2569).saturating_mul(a.into()))
	}
	fn revoke() -> Weight {
		// The quickest run took 39_880 ns.
		Weight::from_parts(46_810_000, 6068)
			.saturating_add(T::DbWeight::get().reads(7))
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
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn post_bond() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(60_000_000, 3800)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn withdraw_bond() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(60_000_000, 3800)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn suspend_verifier() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(20_000_000, 3700)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resume_verifier() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(20_000_000, 3700)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn confirm_suspension() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(20_000_000, 3700)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// `a` is 2 to 5.
	fn recover(a: u32) -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(210_000_000, 11146)
			.saturating_add(Weight::from_parts(56_000_000, 2700).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(10))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
	}
	fn veto() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(60_000_000, 13800)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn complete_recovery() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(70_000_000, 6200)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn challenge() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(200_000_000, 15200)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(14))
	}
	fn draw_jury() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(700_000_000, 330000)
			.saturating_add(T::DbWeight::get().reads(126))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn vote_case() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(40_000_000, 4100)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resolve_case() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(220_000_000, 15200)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(13))
	}
	fn decide_appeal() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(600_000_000, 24000)
			.saturating_add(T::DbWeight::get().reads(40))
			.saturating_add(T::DbWeight::get().writes(40))
	}
	fn close_case() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(600_000_000, 24000)
			.saturating_add(T::DbWeight::get().reads(40))
			.saturating_add(T::DbWeight::get().writes(40))
	}
	fn reinstate() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(55_000_000, 6100)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// `a` is 2 to 5.
	fn authorize_register(a: u32) -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(200_000_000, 6068)
			.saturating_add(Weight::from_parts(56_000_000, 2569).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
	}
	/// `a` is 2 to 5.
	fn authorize_renew(a: u32) -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(205_000_000, 11146)
			.saturating_add(Weight::from_parts(56_000_000, 2569).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
	}
	/// `a` is 2 to 5.
	fn authorize_recover(a: u32) -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(215_000_000, 11146)
			.saturating_add(Weight::from_parts(56_000_000, 2700).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(10))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
	}
	fn authorize_complete_recovery() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(75_000_000, 6200)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn idle() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(2_000_000, 1500)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(0))
	}
	fn turn_round() -> Weight {
		// Estimated, until it is measured.
		Weight::from_parts(12_000_000, 1700)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}
