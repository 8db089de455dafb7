//! Weights of `pallet_validators`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_validators`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_validators::WeightInfo for WeightInfo<T> {
	fn withdraw() -> Weight {
		// The quickest run took 62_112 ns.
		Weight::from_parts(65_056_000, 3593)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn admit() -> Weight {
		// The quickest run took 24_836 ns.
		Weight::from_parts(27_831_000, 7612)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn dismiss() -> Weight {
		// The quickest run took 205_965 ns.
		Weight::from_parts(213_136_000, 249649)
			.saturating_add(T::DbWeight::get().reads(100))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn note_author() -> Weight {
		// The quickest run took 16_625 ns.
		Weight::from_parts(18_197_000, 3593)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `o` is 1 to 10.
	fn on_offence(o: u32) -> Weight {
		// The quickest run took 41_181 ns.
		Weight::from_parts(24_016_250, 7663)
			.saturating_add(Weight::from_parts(21_561_750, 0).saturating_mul(o.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(o.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(o.into())))
			.saturating_add(Weight::from_parts(0, 2716).saturating_mul(o.into()))
	}
}
