//! Weights of `pallet_oracles`.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::weights::Weight;

/// Weight functions for `pallet_oracles`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_oracles::WeightInfo for WeightInfo<T> {
	fn register() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_ask() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn bond_more() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn unbond() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn withdraw_unbonded(a: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(100, 0).saturating_mul(a.into()))
	}
	fn set_endpoint() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_receipt_key() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
