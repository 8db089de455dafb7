//! What each call costs.

use frame_support::weights::Weight;

/// The cost of each call. `a`: number of attestations.
pub trait WeightInfo {
	/// [`crate::Pallet::add_domain`].
	fn add_domain() -> Weight;
	/// [`crate::Pallet::add_verifier`].
	fn add_verifier() -> Weight;
	/// [`crate::Pallet::register`].
	fn register(a: u32) -> Weight;
	/// [`crate::Pallet::renew`].
	fn renew(a: u32) -> Weight;
	/// [`crate::Pallet::revoke`].
	fn revoke() -> Weight;
	/// [`crate::Pallet::set_quorum`].
	fn set_quorum() -> Weight;
	/// [`crate::Pallet::retire_verifier`].
	fn retire_verifier() -> Weight;
	/// [`crate::Pallet::remove`].
	fn remove() -> Weight;
}

/// For mocks only: plausible and unmeasured.
impl WeightInfo for () {
	fn add_domain() -> Weight {
		Weight::from_parts(10_000_000, 0)
	}
	fn add_verifier() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}
	fn register(a: u32) -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(a.into()))
	}
	fn renew(a: u32) -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(a.into()))
	}
	fn revoke() -> Weight {
		Weight::from_parts(30_000_000, 0)
	}
	fn set_quorum() -> Weight {
		Weight::from_parts(10_000_000, 0)
	}
	fn retire_verifier() -> Weight {
		Weight::from_parts(10_000_000, 0)
	}
	fn remove() -> Weight {
		Weight::from_parts(30_000_000, 0)
	}
}
