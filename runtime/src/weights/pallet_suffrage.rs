//! Weights of `pallet_suffrage`: estimates by hand from what each call reads and writes, until
//! `scripts/weights` measures them on this runtime's blob.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_suffrage`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_suffrage::WeightInfo for WeightInfo<T> {
	/// The person, its share, the rules, the poll and its wake-up, which leaves one agenda of the
	/// scheduler for another.
	fn vote() -> Weight {
		Weight::from_parts(160_000_000, 120_000)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn remove_vote() -> Weight {
		Weight::from_parts(140_000_000, 120_000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// `n`: number of votes removed.
	fn cleanup_poll(n: u32) -> Weight {
		Weight::from_parts(40_000_000, 4_000)
			.saturating_add(Weight::from_parts(4_000_000, 2_600).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads_writes(1, 1).saturating_mul(n.into()))
	}
	fn propose() -> Weight {
		Weight::from_parts(100_000_000, 6_000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn cosign() -> Weight {
		Weight::from_parts(100_000_000, 6_000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// A submission and a decision deposit of `pallet-referenda`.
	fn submit_proposal() -> Weight {
		Weight::from_parts(350_000_000, 240_000)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	/// `n`: number of signatures removed.
	fn cleanup_proposal(n: u32) -> Weight {
		Weight::from_parts(50_000_000, 6_000)
			.saturating_add(Weight::from_parts(4_000_000, 2_600).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads_writes(2, 2))
			.saturating_add(T::DbWeight::get().reads_writes(1, 1).saturating_mul(n.into()))
	}
	fn authorise_upgrade() -> Weight {
		Weight::from_parts(25_000_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}
