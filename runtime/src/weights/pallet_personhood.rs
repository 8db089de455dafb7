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
		// The quickest run took 24_776 ns.
		Weight::from_parts(31_617_000, 2080)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn add_verifier() -> Weight {
		// The quickest run took 48_401 ns.
		Weight::from_parts(60_710_000, 3517)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `a` is 2 to 5.
	fn register(a: u32) -> Weight {
		// The quickest run took 307_525 ns.
		Weight::from_parts(208_848_000, 6068)
			.saturating_add(Weight::from_parts(59_198_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2611).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn renew(a: u32) -> Weight {
		// The quickest run took 318_301 ns.
		Weight::from_parts(208_007_000, 13685)
			.saturating_add(Weight::from_parts(60_760_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 5222).saturating_mul(a.into()))
	}
	fn revoke() -> Weight {
		// The quickest run took 50_405 ns.
		Weight::from_parts(57_976_000, 6068)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn set_quorum() -> Weight {
		// The quickest run took 28_342 ns.
		Weight::from_parts(33_109_000, 2080)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn retire_verifier() -> Weight {
		// The quickest run took 18_798 ns.
		Weight::from_parts(22_483_000, 3601)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn remove() -> Weight {
		// The quickest run took 49_894 ns.
		Weight::from_parts(58_347_000, 3904)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn post_bond() -> Weight {
		// The quickest run took 70_474 ns.
		Weight::from_parts(75_221_000, 3748)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn withdraw_bond() -> Weight {
		// The quickest run took 61_681 ns.
		Weight::from_parts(66_348_000, 3748)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn suspend_verifier() -> Weight {
		// The quickest run took 24_647 ns.
		Weight::from_parts(28_352_000, 3601)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resume_verifier() -> Weight {
		// The quickest run took 24_015 ns.
		Weight::from_parts(27_431_000, 3601)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn confirm_suspension() -> Weight {
		// The quickest run took 23_915 ns.
		Weight::from_parts(27_581_000, 3601)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// `a` is 2 to 5.
	fn recover(a: u32) -> Weight {
		// The quickest run took 296_299 ns.
		Weight::from_parts(184_337_000, 3904)
			.saturating_add(Weight::from_parts(61_242_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2611).saturating_mul(a.into()))
	}
	fn veto() -> Weight {
		// The quickest run took 49_954 ns.
		Weight::from_parts(55_442_000, 3904)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn complete_recovery() -> Weight {
		// The quickest run took 64_596 ns.
		Weight::from_parts(75_102_000, 6196)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn challenge() -> Weight {
		// The quickest run took 153_747 ns.
		Weight::from_parts(170_022_000, 14045)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(14))
	}
	fn draw_jury() -> Weight {
		// The quickest run took 692_675 ns.
		Weight::from_parts(742_459_000, 164174)
			.saturating_add(T::DbWeight::get().reads(116))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn vote_case() -> Weight {
		// The quickest run took 40_590 ns.
		Weight::from_parts(46_278_000, 3904)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resolve_case() -> Weight {
		// The quickest run took 187_237 ns.
		Weight::from_parts(202_820_000, 14045)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn decide_appeal() -> Weight {
		// The quickest run took 623_052 ns.
		Weight::from_parts(642_210_000, 19211)
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(32))
	}
	fn close_case() -> Weight {
		// The quickest run took 623_673 ns.
		Weight::from_parts(652_156_000, 19211)
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(32))
	}
	fn reinstate() -> Weight {
		// The quickest run took 50_354 ns.
		Weight::from_parts(63_694_000, 6068)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// `a` is 2 to 5.
	fn authorize_register(a: u32) -> Weight {
		// The quickest run took 303_900 ns.
		Weight::from_parts(220_186_000, 6068)
			.saturating_add(Weight::from_parts(57_305_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2611).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn authorize_renew(a: u32) -> Weight {
		// The quickest run took 320_975 ns.
		Weight::from_parts(225_914_666, 13685)
			.saturating_add(Weight::from_parts(59_277_666, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 5222).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn authorize_recover(a: u32) -> Weight {
		// The quickest run took 294_306 ns.
		Weight::from_parts(180_006_000, 3904)
			.saturating_add(Weight::from_parts(70_164_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2611).saturating_mul(a.into()))
	}
	fn authorize_complete_recovery() -> Weight {
		// The quickest run took 78_156 ns.
		Weight::from_parts(89_782_000, 6196).saturating_add(T::DbWeight::get().reads(6))
	}
	fn idle() -> Weight {
		// The quickest run took 3_244 ns.
		Weight::from_parts(3_886_000, 1501).saturating_add(T::DbWeight::get().reads(1))
	}
	fn turn_round() -> Weight {
		// The quickest run took 11_547 ns.
		Weight::from_parts(12_849_000, 1517)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}
