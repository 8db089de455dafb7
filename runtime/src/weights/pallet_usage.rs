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
		// The quickest run took 103_980 ns.
		Weight::from_parts(110_400_000, 3823)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn top_up() -> Weight {
		// The quickest run took 70_890 ns.
		Weight::from_parts(75_190_000, 3780)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `c` is 0 to 128.
	/// `v` is 1 to 128.
	fn settle(c: u32, v: u32) -> Weight {
		// The quickest run took 21_771_369 ns.
		// By hand on top of that: a settlement that is over is removed.
		Weight::from_parts(15_000_000, 6196)
			.saturating_add(Weight::from_parts(168_377_857, 0).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(199_970_869, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().reads(9_u64.saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(7))
			.saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64.saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 2790).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 2999).saturating_mul(v.into()))
	}
	fn request_close() -> Weight {
		// The quickest run took 13_540 ns.
		Weight::from_parts(14_820_000, 3780)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn finalise_close() -> Weight {
		// The quickest run took 54_950 ns.
		Weight::from_parts(59_490_000, 3780)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_split() -> Weight {
		// The quickest run took 6_890 ns.
		Weight::from_parts(7_590_000, 1505)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn flush() -> Weight {
		// The quickest run took 145_130 ns.
		Weight::from_parts(156_110_000, 11402)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn collect() -> Weight {
		// The quickest run took 58_420 ns.
		Weight::from_parts(64_270_000, 6196)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_channel_key() -> Weight {
		// The quickest run took 25_700 ns.
		Weight::from_parts(27_660_000, 3780)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn close_together() -> Weight {
		// The quickest run took 98_250 ns.
		Weight::from_parts(105_390_000, 3780)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn checkpoint() -> Weight {
		// The quickest run took 93_400 ns.
		Weight::from_parts(99_180_000, 3780)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn pay_royalty() -> Weight {
		// The quickest run took 134_740 ns.
		Weight::from_parts(145_640_000, 8799)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn set_organisation() -> Weight {
		// The quickest run took 6_110 ns.
		Weight::from_parts(7_060_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_slope() -> Weight {
		// The quickest run took 6_590 ns.
		Weight::from_parts(7_170_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn on_epoch_close() -> Weight {
		// The quickest run took 148_970 ns.
		Weight::from_parts(160_039_000, 11402)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn signed_receipt() -> Weight {
		// The quickest run took 37_210 ns.
		Weight::from_parts(39_820_000, 0)
	}
	/// `p` is 1 to 20.
	/// `c` is 1 to 256.
	fn report_double(p: u32, c: u32) -> Weight {
		// The quickest run took 256_190 ns.
		Weight::from_parts(223_791_791, 11402)
			.saturating_add(Weight::from_parts(2_200_000, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(620_149, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(10))
	}
	/// `p` is 0 to 20.
	/// `c` is 1 to 256.
	fn report_leaf(p: u32, c: u32) -> Weight {
		// The quickest run took 241_160 ns.
		Weight::from_parts(227_942_857, 11402)
			.saturating_add(Weight::from_parts(1_144_285, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(640_000, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `p` is 1 to 20.
	/// `c` is 1 to 256.
	fn report_pair(p: u32, c: u32) -> Weight {
		// The quickest run took 264_310 ns.
		Weight::from_parts(229_174_666, 11402)
			.saturating_add(Weight::from_parts(2_192_000, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(629_333, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	/// `c` is 1 to 256.
	fn demand(c: u32) -> Weight {
		// The quickest run took 106_210 ns.
		Weight::from_parts(111_018_510, 6069)
			.saturating_add(Weight::from_parts(633_404, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// `p` is 0 to 20.
	fn answer_demand(p: u32) -> Weight {
		// The quickest run took 158_510 ns.
		// By hand on top of that: four more signatures, of keys that were replaced.
		Weight::from_parts(420_000_000, 6196)
			.saturating_add(Weight::from_parts(1_185_444, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn enforce_demand() -> Weight {
		// The quickest run took 250_590 ns.
		Weight::from_parts(270_520_000, 11402)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	/// `n` is 1 to 16.
	fn sweep_batches(n: u32) -> Weight {
		// Set by hand: a settlement is read and removed with what stands against it.
		Weight::from_parts(20_000_000, 3664)
			.saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2700).saturating_mul(n.into()))
	}
	fn sweep_fees() -> Weight {
		// Set by hand.
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
