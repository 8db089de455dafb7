//! The weights this pallet needs.

use frame_support::weights::Weight;

/// What each call costs at most.
pub trait WeightInfo {
	/// Cost of `register`.
	fn register() -> Weight;
	/// Cost of `set_ask`.
	fn set_ask() -> Weight;
	/// Cost of `bond_more`.
	fn bond_more() -> Weight;
	/// Cost of `unbond`.
	fn unbond() -> Weight;
	/// Cost of `withdraw_unbonded` that removes `a` asks.
	fn withdraw_unbonded(a: u32) -> Weight;
	/// Cost of `set_endpoint`.
	fn set_endpoint() -> Weight;
	/// Cost of `set_receipt_key`.
	fn set_receipt_key() -> Weight;
	/// Cost of `forget_keys`.
	fn forget_keys() -> Weight;
	/// Cost of `set_settle_limit`.
	fn set_settle_limit() -> Weight;
}

/// For mocks only: a runtime takes what its benchmarks measured.
impl WeightInfo for () {
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
	fn forget_keys() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_settle_limit() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
