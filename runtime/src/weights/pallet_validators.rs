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
		// The quickest run took 60_881 ns.
		Weight::from_parts(64_135_000, 3593)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	// As an offence of one, which finds and removes it likewise, and more; then the keys of all members.
	fn admit() -> Weight {
		Self::on_offence(1)
	}
	fn dismiss() -> Weight {
		Self::on_offence(1)
			.saturating_add(Weight::from_parts(0, 2716).saturating_mul(100))
			.saturating_add(T::DbWeight::get().reads(100))
	}
	fn note_author() -> Weight {
		// The quickest run took 15_322 ns.
		Weight::from_parts(16_815_000, 3593)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// `o` is 1 to 10.
	fn on_offence(o: u32) -> Weight {
		// The quickest run took 38_598 ns.
		Weight::from_parts(19_864_000, 7663)
			.saturating_add(Weight::from_parts(22_114_000, 0).saturating_mul(o.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(o.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(o.into())))
			.saturating_add(Weight::from_parts(0, 2716).saturating_mul(o.into()))
	}
}
