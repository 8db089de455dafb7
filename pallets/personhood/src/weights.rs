//! What each call and the hook cost.

use frame_support::weights::Weight;

/// The cost of each call and of the hook. `a`: number of attestations.
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
	/// [`crate::Pallet::post_bond`].
	fn post_bond() -> Weight;
	/// [`crate::Pallet::withdraw_bond`].
	fn withdraw_bond() -> Weight;
	/// [`crate::Pallet::suspend_verifier`].
	fn suspend_verifier() -> Weight;
	/// [`crate::Pallet::resume_verifier`].
	fn resume_verifier() -> Weight;
	/// [`crate::Pallet::confirm_suspension`].
	fn confirm_suspension() -> Weight;
	/// [`crate::Pallet::recover`].
	fn recover(a: u32) -> Weight;
	/// [`crate::Pallet::veto`].
	fn veto() -> Weight;
	/// [`crate::Pallet::complete_recovery`].
	fn complete_recovery() -> Weight;
	/// [`crate::Pallet::challenge`].
	fn challenge() -> Weight;
	/// [`crate::Pallet::draw_jury`].
	fn draw_jury() -> Weight;
	/// [`crate::Pallet::vote_case`].
	fn vote_case() -> Weight;
	/// [`crate::Pallet::resolve_case`].
	fn resolve_case() -> Weight;
	/// [`crate::Pallet::decide_appeal`].
	fn decide_appeal() -> Weight;
	/// [`crate::Pallet::close_case`].
	fn close_case() -> Weight;
	/// [`crate::Pallet::reinstate`].
	fn reinstate() -> Weight;
	/// Whether [`crate::Pallet::register`] may go in by itself.
	fn authorize_register(a: u32) -> Weight;
	/// Whether [`crate::Pallet::renew`] may go in by itself.
	fn authorize_renew(a: u32) -> Weight;
	/// Whether [`crate::Pallet::recover`] may go in by itself.
	fn authorize_recover(a: u32) -> Weight;
	/// Whether [`crate::Pallet::complete_recovery`] may go in by itself.
	fn authorize_complete_recovery() -> Weight;
	/// A block in which no jury waits for its seed.
	fn idle() -> Weight;
	/// A block in which a round gets its seed.
	fn turn_round() -> Weight;
}

/// A signature for each attestation, and up to three checks of the consent.
fn attested(a: u32) -> Weight {
	Weight::from_parts(200_000_000, 0)
		.saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(a.into()))
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
		attested(a)
	}
	fn renew(a: u32) -> Weight {
		attested(a)
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
	fn post_bond() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn withdraw_bond() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn suspend_verifier() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn resume_verifier() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn confirm_suspension() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn recover(a: u32) -> Weight {
		attested(a)
	}
	fn veto() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn complete_recovery() -> Weight {
		Weight::from_parts(70_000_000, 0)
	}
	fn challenge() -> Weight {
		Weight::from_parts(200_000_000, 0)
	}
	fn draw_jury() -> Weight {
		Weight::from_parts(600_000_000, 0)
	}
	fn vote_case() -> Weight {
		Weight::from_parts(40_000_000, 0)
	}
	fn resolve_case() -> Weight {
		Weight::from_parts(200_000_000, 0)
	}
	fn decide_appeal() -> Weight {
		Weight::from_parts(600_000_000, 0)
	}
	fn close_case() -> Weight {
		Weight::from_parts(600_000_000, 0)
	}
	fn reinstate() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}
	fn authorize_register(a: u32) -> Weight {
		attested(a)
	}
	fn authorize_renew(a: u32) -> Weight {
		attested(a)
	}
	fn authorize_recover(a: u32) -> Weight {
		attested(a)
	}
	fn authorize_complete_recovery() -> Weight {
		Weight::from_parts(70_000_000, 0)
	}
	fn idle() -> Weight {
		Weight::from_parts(2_000_000, 0)
	}
	fn turn_round() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
}
