//! Weights of `pallet_suffrage`, measured by `scripts/weights` on this runtime's blob.
//!
//! 20 steps, 10 repetitions each, one core of AMD EPYC, bencher 64.0.0.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_suffrage`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_suffrage::WeightInfo for WeightInfo<T> {
	fn vote() -> Weight {
		// The quickest run took 66_379 ns.
		Weight::from_parts(70_425_000, 219984)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn remove_vote() -> Weight {
		// The quickest run took 51_857 ns.
		Weight::from_parts(55_442_000, 219984)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// `n` is 1 to 256.
	fn cleanup_poll(n: u32) -> Weight {
		// The quickest run took 23_675 ns.
		Weight::from_parts(18_496_917, 3799)
			.saturating_add(Weight::from_parts(3_856_082, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2500).saturating_mul(n.into()))
	}
	fn propose() -> Weight {
		// The quickest run took 43_915 ns.
		Weight::from_parts(47_000_000, 3902)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn cosign() -> Weight {
		// The quickest run took 45_978 ns.
		Weight::from_parts(48_802_000, 3902)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn submit_proposal() -> Weight {
		// The quickest run took 112_036 ns.
		Weight::from_parts(118_956_000, 219984)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	/// `n` is 1 to 256.
	fn cleanup_proposal(n: u32) -> Weight {
		// The quickest run took 22_914 ns.
		Weight::from_parts(19_269_869, 3672)
			.saturating_add(Weight::from_parts(3_461_916, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2499).saturating_mul(n.into()))
	}
	fn authorise_upgrade() -> Weight {
		// The quickest run took 9_234 ns.
		Weight::from_parts(10_215_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}
