//! Weights of `pallet_personhood`: estimates from the storage each call touches, until the benchmarks
//! have been run against this runtime.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_personhood`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_personhood::WeightInfo for WeightInfo<T> {
	fn add_domain() -> Weight {
		Weight::from_parts(25_000_000, 2500)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn add_verifier() -> Weight {
		Weight::from_parts(150_000_000, 8000)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn register(a: u32) -> Weight {
		Weight::from_parts(250_000_000, 12000)
			.saturating_add(Weight::from_parts(80_000_000, 6000).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(a.into())))
	}
	fn renew(a: u32) -> Weight {
		Weight::from_parts(250_000_000, 12000)
			.saturating_add(Weight::from_parts(80_000_000, 6000).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(a.into())))
	}
	fn revoke() -> Weight {
		Weight::from_parts(80_000_000, 12000)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn set_quorum() -> Weight {
		Weight::from_parts(25_000_000, 2500)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn retire_verifier() -> Weight {
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn remove() -> Weight {
		Weight::from_parts(100_000_000, 12000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(9))
	}
}
