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
		// The quickest run took 106_157 ns.
		Weight::from_parts(109_973_000, 3862)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn top_up() -> Weight {
		// The quickest run took 68_061 ns.
		Weight::from_parts(71_225_000, 3888)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn settle_one() -> Weight {
		Weight::from_parts(315_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	/// `c` is 0 to 128.
	/// `v` is 1 to 128.
	fn settle(c: u32, v: u32) -> Weight {
		// The quickest run took 22_242_870 ns.
		Weight::from_parts(0, 6196)
			.saturating_add(Weight::from_parts(188_753_259, 0).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(205_254_025, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().reads(9_u64.saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64.saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 2898).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 2999).saturating_mul(v.into()))
	}
	fn request_close() -> Weight {
		// The quickest run took 15_834 ns.
		Weight::from_parts(17_676_000, 3888)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn finalise_close() -> Weight {
		// The quickest run took 55_943 ns.
		Weight::from_parts(58_637_000, 3888)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_split() -> Weight {
		// The quickest run took 7_532 ns.
		Weight::from_parts(8_493_000, 1505)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn flush() -> Weight {
		// The quickest run took 141_129 ns.
		Weight::from_parts(146_637_000, 11402)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn collect() -> Weight {
		// The quickest run took 58_676 ns.
		Weight::from_parts(61_791_000, 6196)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_channel_key() -> Weight {
		// The quickest run took 33_189 ns.
		Weight::from_parts(37_205_000, 3888)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn close_together() -> Weight {
		// The quickest run took 103_924 ns.
		Weight::from_parts(115_301_000, 3888)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn checkpoint() -> Weight {
		// The quickest run took 102_432 ns.
		Weight::from_parts(111_585_000, 3888)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn pay_royalty() -> Weight {
		// The quickest run took 134_379 ns.
		Weight::from_parts(141_760_000, 8799)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn set_organisation() -> Weight {
		// The quickest run took 7_351 ns.
		Weight::from_parts(8_503_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_slope() -> Weight {
		// The quickest run took 7_381 ns.
		Weight::from_parts(8_423_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn on_epoch_close() -> Weight {
		// The quickest run took 148_940 ns.
		Weight::from_parts(154_319_000, 11402)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn signed_receipt() -> Weight {
		// The quickest run took 42_092 ns.
		Weight::from_parts(44_917_000, 0)
	}
	/// `p` is 1 to 20.
	/// `c` is 1 to 256.
	fn report_double(p: u32, c: u32) -> Weight {
		// The quickest run took 271_772 ns.
		Weight::from_parts(237_445_720, 11402)
			.saturating_add(Weight::from_parts(2_265_875, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(619_638, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `p` is 0 to 20.
	/// `c` is 1 to 256.
	fn report_leaf(p: u32, c: u32) -> Weight {
		// The quickest run took 246_845 ns.
		Weight::from_parts(228_800_604, 11402)
			.saturating_add(Weight::from_parts(1_579_850, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(638_925, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `p` is 1 to 20.
	/// `c` is 1 to 256.
	fn report_pair(p: u32, c: u32) -> Weight {
		// The quickest run took 269_188 ns.
		Weight::from_parts(231_585_324, 11402)
			.saturating_add(Weight::from_parts(2_420_714, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(620_084, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `c` is 1 to 256.
	fn demand(c: u32) -> Weight {
		// The quickest run took 111_355 ns.
		Weight::from_parts(115_238_111, 6177)
			.saturating_add(Weight::from_parts(610_722, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// `p` is 0 to 20.
	fn answer_demand(p: u32) -> Weight {
		// The quickest run took 322_377 ns.
		Weight::from_parts(333_558_444, 6196)
			.saturating_add(Weight::from_parts(1_334_222, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn enforce_demand() -> Weight {
		// The quickest run took 263_780 ns.
		Weight::from_parts(273_164_000, 11402)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	/// `n` is 1 to 16.
	fn sweep_batches(n: u32) -> Weight {
		// The quickest run took 27_310 ns.
		Weight::from_parts(18_086_000, 3578)
			.saturating_add(Weight::from_parts(12_944_250, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2643).saturating_mul(n.into()))
	}
	fn sweep_fees() -> Weight {
		// The quickest run took 16_374 ns.
		Weight::from_parts(17_966_000, 3550)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
