//! The weights this pallet needs.

use frame_support::weights::Weight;

/// What each call costs at most.
pub trait WeightInfo {
	/// Cost of `register_model`.
	fn register_model() -> Weight;
	/// Cost of `add_version` with `r` contributors and `p` parents.
	fn add_version(r: u32, p: u32) -> Weight;
	/// Cost of `deprecate`.
	fn deprecate() -> Weight;
	/// Cost of `claim_revenue`.
	fn claim_revenue() -> Weight;
	/// Cost of `set_licence`.
	fn set_licence() -> Weight;
	/// Cost of `move_royalty`.
	fn move_royalty() -> Weight;
	/// Cost of `accept_row`.
	fn accept_row() -> Weight;
	/// Cost of `forfeit_row`.
	fn forfeit_row() -> Weight;
	/// Cost of `announce_floor`.
	fn announce_floor() -> Weight;
	/// Cost of `contest`.
	fn contest() -> Weight;
	/// Cost of `resolve_contest`.
	fn resolve_contest() -> Weight;
	/// Cost of `transfer_row`.
	fn transfer_row() -> Weight;
	/// Cost of `transfer_model`.
	fn transfer_model() -> Weight;
	/// Cost of `accept_model`.
	fn accept_model() -> Weight;
	/// Cost of `prove_reuse` with `n` tensors.
	fn prove_reuse(n: u32) -> Weight;
	/// Cost of `settle_reuse`.
	fn settle_reuse() -> Weight;
	/// Cost of `refute_reuse` of a claim by `n` tensors.
	fn refute_reuse(n: u32) -> Weight;
	/// Cost of `confirm_reuse`.
	fn confirm_reuse() -> Weight;
	/// Cost of `lapse_contest`.
	fn lapse_contest() -> Weight;
}

/// For mocks only: a runtime takes what its benchmarks measured.
impl WeightInfo for () {
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
	fn refute_reuse(n: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(n.into()))
	}
	fn confirm_reuse() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn lapse_contest() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
