//! What the calls cost; the runtime measures it.

use frame_support::weights::Weight;

/// Weight functions of `pallet_suffrage`.
pub trait WeightInfo {
	/// A vote, first or changed.
	fn vote() -> Weight;
	/// A vote taken away.
	fn remove_vote() -> Weight;
	/// `n` votes of an ended poll removed.
	fn cleanup_poll(n: u32) -> Weight;
	/// A proposal made.
	fn propose() -> Weight;
	/// A proposal signed.
	fn cosign() -> Weight;
	/// A proposal submitted as a poll.
	fn submit_proposal() -> Weight;
	/// `n` signatures of a closed proposal removed.
	fn cleanup_proposal(n: u32) -> Weight;
	/// A runtime authorised.
	fn authorise_upgrade() -> Weight;
}

/// For mocks: large enough to be told from nothing.
#[cfg(any(feature = "std", test))]
impl WeightInfo for () {
	fn vote() -> Weight {
		Weight::from_parts(100, 100)
	}
	fn remove_vote() -> Weight {
		Weight::from_parts(100, 100)
	}
	fn cleanup_poll(n: u32) -> Weight {
		Weight::from_parts(100, 100).saturating_mul(u64::from(n).saturating_add(1))
	}
	fn propose() -> Weight {
		Weight::from_parts(100, 100)
	}
	fn cosign() -> Weight {
		Weight::from_parts(100, 100)
	}
	fn submit_proposal() -> Weight {
		Weight::from_parts(200, 200)
	}
	fn cleanup_proposal(n: u32) -> Weight {
		Weight::from_parts(100, 100).saturating_mul(u64::from(n).saturating_add(1))
	}
	fn authorise_upgrade() -> Weight {
		Weight::from_parts(100, 100)
	}
}
