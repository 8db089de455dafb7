//! What the calls and the hook cost. A runtime measures its own; those for `()` are for mocks.

use frame_support::weights::Weight;

/// The costs of `pallet_usage`.
pub trait WeightInfo {
	/// Of `open_channel`.
	fn open_channel() -> Weight;
	/// Of `top_up`.
	fn top_up() -> Weight;
	/// Of `settle` with one claim.
	fn settle_one() -> Weight;
	/// Of `settle` with a claim for each of `v` versions and `c` further claims for them.
	fn settle(c: u32, v: u32) -> Weight;
	/// Of `request_close`.
	fn request_close() -> Weight;
	/// Of `finalise_close`.
	fn finalise_close() -> Weight;
	/// Of `set_split`.
	fn set_split() -> Weight;
	/// Of `flush`.
	fn flush() -> Weight;
	/// Of `collect`.
	fn collect() -> Weight;
	/// Of `set_channel_key`.
	fn set_channel_key() -> Weight;
	/// Of `close_together`.
	fn close_together() -> Weight;
	/// Of `checkpoint`.
	fn checkpoint() -> Weight;
	/// Of `pay_royalty`.
	fn pay_royalty() -> Weight;
	/// Of `set_organisation`.
	fn set_organisation() -> Weight;
	/// Of `set_slope`.
	fn set_slope() -> Weight;
	/// Of what the pallet does when an epoch closes.
	fn on_epoch_close() -> Weight;
	/// Of verifying the signature of a receipt.
	fn signed_receipt() -> Weight;
	/// Of `report_double` with `p` siblings in each proof and `c` claims, without signatures.
	fn report_double(p: u32, c: u32) -> Weight;
	/// Of `report_leaf` with `p` siblings in the proof and `c` claims.
	fn report_leaf(p: u32, c: u32) -> Weight;
	/// Of `report_pair` with `p` siblings in each proof and `c` claims.
	fn report_pair(p: u32, c: u32) -> Weight;
	/// Of `demand` with `c` claims.
	fn demand(c: u32) -> Weight;
	/// Of `answer_demand` with `p` siblings in the proof.
	fn answer_demand(p: u32) -> Weight;
	/// Of `enforce_demand`.
	fn enforce_demand() -> Weight;
	/// Of `sweep_batches` that removes `n`.
	fn sweep_batches(n: u32) -> Weight;
	/// Of `sweep_fees`.
	fn sweep_fees() -> Weight;
}

/// A sibling costs a hash, a claim another part of one and a comparison.
fn proof(siblings: u32, claims: u32) -> Weight {
	Weight::from_parts(1_500_000, 0)
		.saturating_mul(siblings.into())
		.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(claims.into()))
}

impl WeightInfo for () {
	fn open_channel() -> Weight {
		Weight::from_parts(100_000_000, 0)
	}
	fn top_up() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn settle_one() -> Weight {
		Weight::from_parts(400_000_000, 0)
	}
	fn settle(c: u32, v: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(200_000_000, 0).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(300_000_000, 0).saturating_mul(v.into()))
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
	fn sweep_batches(n: u32) -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(n.into()))
	}
	fn sweep_fees() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
}
