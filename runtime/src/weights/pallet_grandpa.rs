//! Weights of `pallet_grandpa`, of which its crate has defaults for mocks only.

use super::report_of_equivocation;
use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::WEIGHT_REF_TIME_PER_MICROS, Weight},
};

/// Weight functions for `pallet_grandpa`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_grandpa::WeightInfo for WeightInfo<T> {
	fn report_equivocation(validator_count: u32, _max_nominators_per_validator: u32) -> Weight {
		Weight::from_parts(95 * WEIGHT_REF_TIME_PER_MICROS, 0)
			.saturating_add(report_of_equivocation::<T>(validator_count))
			// From a set to its session.
			.saturating_add(T::DbWeight::get().reads(2))
	}
	fn note_stalled() -> Weight {
		Weight::from_parts(3 * WEIGHT_REF_TIME_PER_MICROS, 0)
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
