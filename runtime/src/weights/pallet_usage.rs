//! Weights of `pallet_usage`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_usage`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_usage::WeightInfo for WeightInfo<T> {
	fn open_channel() -> Weight {
		// The quickest run took 107_450 ns.
		Weight::from_parts(111_815_000, 3862)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn top_up() -> Weight {
		// The quickest run took 70_524 ns.
		Weight::from_parts(73_959_000, 3888)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn settle_one() -> Weight {
		// The quickest run took 295_788 ns.
		Weight::from_parts(313_904_000, 4190)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `c` is 0 to 128.
	/// `v` is 1 to 128.
	fn settle(c: u32, v: u32) -> Weight {
		// The quickest run took 22_740_738 ns.
		Weight::from_parts(1_135_929_002, 4190)
			.saturating_add(Weight::from_parts(176_412_703, 0).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(218_888_919, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().reads(9_u64.saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64.saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 2898).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 2999).saturating_mul(v.into()))
	}
	fn request_close() -> Weight {
		// The quickest run took 14_912 ns.
		Weight::from_parts(16_945_000, 3888)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn finalise_close() -> Weight {
		// The quickest run took 103_473 ns.
		Weight::from_parts(113_458_000, 6196)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn set_split() -> Weight {
		// The quickest run took 7_070 ns.
		Weight::from_parts(7_962_000, 1505)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn flush() -> Weight {
		// The quickest run took 138_986 ns.
		Weight::from_parts(143_673_000, 8799)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn collect() -> Weight {
		// The quickest run took 58_547 ns.
		Weight::from_parts(61_361_000, 3593)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn set_channel_key() -> Weight {
		// The quickest run took 32_428 ns.
		Weight::from_parts(36_394_000, 3888)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn close_together() -> Weight {
		// The quickest run took 153_026 ns.
		Weight::from_parts(164_784_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn checkpoint() -> Weight {
		// The quickest run took 103_944 ns.
		Weight::from_parts(109_201_000, 3888)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn pay_royalty() -> Weight {
		// The quickest run took 131_335 ns.
		Weight::from_parts(136_502_000, 3989)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_organisation() -> Weight {
		// The quickest run took 7_711 ns.
		Weight::from_parts(8_703_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_slope() -> Weight {
		// The quickest run took 6_860 ns.
		Weight::from_parts(7_781_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn on_epoch_close() -> Weight {
		// The quickest run took 147_588 ns.
		Weight::from_parts(152_986_000, 8799)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn signed_receipt() -> Weight {
		// The quickest run took 42_332 ns.
		Weight::from_parts(45_047_000, 0)
	}
	/// `p` is 1 to 20.
	/// `c` is 1 to 256.
	fn report_double(p: u32, c: u32) -> Weight {
		// The quickest run took 269_349 ns.
		Weight::from_parts(233_309_271, 11402)
			.saturating_add(Weight::from_parts(2_612_333, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(619_543, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `p` is 0 to 20.
	/// `c` is 1 to 256.
	fn report_leaf(p: u32, c: u32) -> Weight {
		// The quickest run took 247_186 ns.
		Weight::from_parts(239_960_744, 11402)
			.saturating_add(Weight::from_parts(888_000, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(630_297, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `p` is 1 to 20.
	/// `c` is 1 to 256.
	fn report_pair(p: u32, c: u32) -> Weight {
		// The quickest run took 262_829 ns.
		Weight::from_parts(221_428_563, 11402)
			.saturating_add(Weight::from_parts(2_381_357, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(615_628, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `c` is 1 to 256.
	fn demand(c: u32) -> Weight {
		// The quickest run took 106_578 ns.
		Weight::from_parts(112_779_231, 6129)
			.saturating_add(Weight::from_parts(618_768, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// `p` is 0 to 20.
	fn answer_demand(p: u32) -> Weight {
		// The quickest run took 334_155 ns.
		Weight::from_parts(374_468_000, 6196)
			.saturating_add(Weight::from_parts(287_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn enforce_demand() -> Weight {
		// The quickest run took 271_031 ns.
		Weight::from_parts(318_331_000, 11402)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	/// `n` is 1 to 16.
	fn sweep_batches(n: u32) -> Weight {
		// The quickest run took 28_012 ns.
		Weight::from_parts(18_457_727, 3578)
			.saturating_add(Weight::from_parts(13_049_272, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2643).saturating_mul(n.into()))
	}
	fn sweep_fees() -> Weight {
		// The quickest run took 14_371 ns.
		Weight::from_parts(15_703_000, 3550)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
