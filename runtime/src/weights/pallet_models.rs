//! Weights of `pallet_models`.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::weights::Weight;

/// Weight functions for `pallet_models`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_models::WeightInfo for WeightInfo<T> {
	fn register_model() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn add_version(r: u32, p: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(100, 0).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(p.into()))
	}
	fn deprecate() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn claim_revenue() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_licence() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn move_royalty() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn accept_row() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn forfeit_row() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn announce_floor() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn contest() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn resolve_contest() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn transfer_row() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn transfer_model() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn accept_model() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn prove_reuse(n: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(n.into()))
	}
	fn settle_reuse() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
