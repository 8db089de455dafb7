//! The weights this pallet needs.

use frame_support::weights::Weight;

/// What each call costs at most.
pub trait WeightInfo {
	/// Cost of `register_model`.
	fn register_model() -> Weight;
	/// Cost of `add_version` with `r` contributors.
	fn add_version(r: u32) -> Weight;
	/// Cost of `deprecate`.
	fn deprecate() -> Weight;
	/// Cost of `claim_revenue`.
	fn claim_revenue() -> Weight;
	/// Cost of `set_licence`.
	fn set_licence() -> Weight;
}

/// For mocks only: a runtime takes what its benchmarks measured.
impl WeightInfo for () {
	fn register_model() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn add_version(r: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(100, 0).saturating_mul(r.into()))
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
}
