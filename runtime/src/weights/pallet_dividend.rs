//! Weights of `pallet_dividend`: estimates from those of `claim`, `close` and `idle`, which were
//! measured, and from the storage that was added, until `scripts/weights` measures them anew on this
//! runtime's blob.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_dividend`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_dividend::WeightInfo for WeightInfo<T> {
	fn claim() -> Weight {
		Weight::from_parts(110_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn claim_for() -> Weight {
		Weight::from_parts(115_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn claim_to_channel() -> Weight {
		Weight::from_parts(300_000_000, 8799)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	fn set_payout() -> Weight {
		Weight::from_parts(35_000_000, 3631)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_claims_alone() -> Weight {
		Weight::from_parts(25_000_000, 3631)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn donate() -> Weight {
		Weight::from_parts(75_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn pause() -> Weight {
		Weight::from_parts(18_000_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn resume() -> Weight {
		Weight::from_parts(18_000_000, 1493)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_params() -> Weight {
		Weight::from_parts(18_000_000, 1525)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_bonus() -> Weight {
		Weight::from_parts(16_000_000, 1493)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn close() -> Weight {
		Weight::from_parts(55_000_000, 11146)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn open_programme() -> Weight {
		Weight::from_parts(120_000_000, 42_915)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn join_programme() -> Weight {
		Weight::from_parts(75_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn leave_programme() -> Weight {
		Weight::from_parts(55_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn claim_programme() -> Weight {
		Weight::from_parts(115_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn close_programme() -> Weight {
		Weight::from_parts(110_000_000, 11_146)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn authorize_claim_for() -> Weight {
		Weight::from_parts(55_000_000, 6196).saturating_add(T::DbWeight::get().reads(11))
	}
	fn idle() -> Weight {
		Weight::from_parts(6_000_000, 1525).saturating_add(T::DbWeight::get().reads(2))
	}
}
