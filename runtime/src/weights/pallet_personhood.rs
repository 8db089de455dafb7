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
		// The quickest run took 26_810 ns.
		Weight::from_parts(33_750_000, 2080)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn add_verifier() -> Weight {
		// The quickest run took 52_358 ns.
		Weight::from_parts(67_160_000, 3517)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `a` is 2 to 5.
	fn register(a: u32) -> Weight {
		// The quickest run took 302_278 ns.
		Weight::from_parts(211_223_000, 6068)
			.saturating_add(Weight::from_parts(59_583_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2612).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn renew(a: u32) -> Weight {
		// The quickest run took 329_087 ns.
		Weight::from_parts(232_053_000, 13685)
			.saturating_add(Weight::from_parts(59_808_666, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 5224).saturating_mul(a.into()))
	}
	fn revoke() -> Weight {
		// The quickest run took 58_547 ns.
		Weight::from_parts(67_289_000, 6068)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn set_quorum() -> Weight {
		// The quickest run took 34_030 ns.
		Weight::from_parts(38_747_000, 2080)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn retire_verifier() -> Weight {
		// The quickest run took 21_842 ns.
		Weight::from_parts(26_118_000, 3602)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn remove() -> Weight {
		// The quickest run took 566_900 ns.
		Weight::from_parts(587_390_000, 82622)
			.saturating_add(T::DbWeight::get().reads(54))
			.saturating_add(T::DbWeight::get().writes(56))
	}
	fn post_bond() -> Weight {
		// The quickest run took 71_266 ns.
		Weight::from_parts(76_283_000, 3748)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn withdraw_bond() -> Weight {
		// The quickest run took 63_034 ns.
		Weight::from_parts(67_360_000, 3748)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn suspend_verifier() -> Weight {
		// The quickest run took 25_457 ns.
		Weight::from_parts(29_624_000, 3602)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resume_verifier() -> Weight {
		// The quickest run took 25_198 ns.
		Weight::from_parts(29_404_000, 3602)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn confirm_suspension() -> Weight {
		// The quickest run took 25_758 ns.
		Weight::from_parts(32_458_000, 3602)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// `a` is 2 to 5.
	fn recover(a: u32) -> Weight {
		// The quickest run took 304_761 ns.
		Weight::from_parts(194_599_000, 3909)
			.saturating_add(Weight::from_parts(63_704_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2612).saturating_mul(a.into()))
	}
	fn veto() -> Weight {
		// The quickest run took 51_096 ns.
		Weight::from_parts(64_775_000, 3909)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn complete_recovery() -> Weight {
		// The quickest run took 59_908 ns.
		Weight::from_parts(68_782_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn challenge() -> Weight {
		// The quickest run took 1_394_443 ns.
		Weight::from_parts(1_462_525_000, 82622)
			.saturating_add(T::DbWeight::get().reads(84))
			.saturating_add(T::DbWeight::get().writes(81))
	}
	fn draw_jury() -> Weight {
		// The quickest run took 750_571 ns.
		Weight::from_parts(797_070_000, 161535)
			.saturating_add(T::DbWeight::get().reads(114))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn vote_case() -> Weight {
		// The quickest run took 43_835 ns.
		Weight::from_parts(54_440_000, 3909)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resolve_case() -> Weight {
		// The quickest run took 190_912 ns.
		Weight::from_parts(209_019_000, 14050)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn decide_appeal() -> Weight {
		// The quickest run took 622_361 ns.
		Weight::from_parts(640_768_000, 19211)
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(32))
	}
	fn close_case() -> Weight {
		// The quickest run took 625_556 ns.
		Weight::from_parts(647_228_000, 19211)
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(32))
	}
	fn reinstate() -> Weight {
		// The quickest run took 53_018 ns.
		Weight::from_parts(62_162_000, 6068)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// `a` is 2 to 5.
	fn authorize_register(a: u32) -> Weight {
		// The quickest run took 306_734 ns.
		Weight::from_parts(235_767_000, 6068)
			.saturating_add(Weight::from_parts(52_949_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2612).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn authorize_renew(a: u32) -> Weight {
		// The quickest run took 327_304 ns.
		Weight::from_parts(218_764_000, 13685)
			.saturating_add(Weight::from_parts(70_138_500, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 5224).saturating_mul(a.into()))
	}
	/// `a` is 2 to 5.
	fn authorize_recover(a: u32) -> Weight {
		// The quickest run took 305_562 ns.
		Weight::from_parts(198_895_000, 3909)
			.saturating_add(Weight::from_parts(64_866_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 2612).saturating_mul(a.into()))
	}
	fn authorize_complete_recovery() -> Weight {
		// The quickest run took 72_908 ns.
		Weight::from_parts(83_153_000, 6196).saturating_add(T::DbWeight::get().reads(5))
	}
	fn idle() -> Weight {
		// The quickest run took 3_265 ns.
		Weight::from_parts(3_846_000, 1501).saturating_add(T::DbWeight::get().reads(1))
	}
	fn turn_round() -> Weight {
		// The quickest run took 11_898 ns.
		Weight::from_parts(13_040_000, 1517)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}
