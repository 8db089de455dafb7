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
		// The quickest run took 121_240 ns.
		Weight::from_parts(141_640_000, 3823)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn top_up() -> Weight {
		// The quickest run took 80_430 ns.
		Weight::from_parts(94_580_000, 3690)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// `c` is 1 to 256.
	fn settle(c: u32) -> Weight {
		// The quickest run took 278_070 ns.
		Weight::from_parts(305_540_000, 6196)
			// Standard error: 16_827_050 ps.
			.saturating_add(Weight::from_parts(628_030_662, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(5_u64.saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes(8))
			.saturating_add(T::DbWeight::get().writes(4_u64.saturating_mul(c.into())))
			.saturating_add(Weight::from_parts(0, 2921).saturating_mul(c.into()))
	}
	fn request_close() -> Weight {
		// The quickest run took 17_680 ns.
		Weight::from_parts(27_740_000, 3690)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn finalise_close() -> Weight {
		// The quickest run took 50_510 ns.
		Weight::from_parts(75_620_000, 3690)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_split() -> Weight {
		// The quickest run took 7_960 ns.
		Weight::from_parts(8_900_000, 1505)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn flush() -> Weight {
		// The quickest run took 156_170 ns.
		Weight::from_parts(176_320_000, 11402)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn collect() -> Weight {
		// The quickest run took 61_550 ns.
		Weight::from_parts(72_320_000, 6196)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn on_epoch_close() -> Weight {
		// The quickest run took 156_630 ns.
		Weight::from_parts(166_830_000, 11402)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
}
