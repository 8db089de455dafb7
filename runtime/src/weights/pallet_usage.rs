//! Weights of `pallet_usage`.

#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::weights::Weight;

fn proof(siblings: u32, claims: u32) -> Weight {
	Weight::from_parts(1_500_000, 0)
		.saturating_mul(siblings.into())
		.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(claims.into()))
}

/// Weight functions for `pallet_usage`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_usage::WeightInfo for WeightInfo<T> {
	fn open_channel() -> Weight {
		Weight::from_parts(100_000_000, 0)
	}
	fn top_up() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn settle(c: u32, _v: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(300_000_000, 0).saturating_mul(c.into()))
	}
	fn request_close() -> Weight {
		Weight::from_parts(30_000_000, 0)
	}
	fn finalise_close() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn set_split() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn flush() -> Weight {
		Weight::from_parts(150_000_000, 0)
	}
	fn collect() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn set_channel_key() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn close_together() -> Weight {
		Weight::from_parts(120_000_000, 0)
	}
	fn checkpoint() -> Weight {
		Weight::from_parts(150_000_000, 0)
	}
	fn pay_royalty() -> Weight {
		Weight::from_parts(180_000_000, 0)
	}
	fn set_organisation() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn set_slope() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn on_epoch_close() -> Weight {
		Weight::from_parts(200_000_000, 0)
	}
	fn signed_receipt() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn report_double(p: u32, c: u32) -> Weight {
		Weight::from_parts(300_000_000, 0).saturating_add(proof(p.saturating_mul(2), c))
	}
	fn report_leaf(p: u32, c: u32) -> Weight {
		Weight::from_parts(300_000_000, 0).saturating_add(proof(p, c))
	}
	fn report_pair(p: u32, c: u32) -> Weight {
		Weight::from_parts(300_000_000, 0).saturating_add(proof(p.saturating_mul(2), c))
	}
	fn demand(c: u32) -> Weight {
		Weight::from_parts(150_000_000, 0).saturating_add(proof(0, c))
	}
	fn answer_demand(p: u32) -> Weight {
		Weight::from_parts(250_000_000, 0).saturating_add(proof(p, 0))
	}
	fn enforce_demand() -> Weight {
		Weight::from_parts(300_000_000, 0)
	}
}
