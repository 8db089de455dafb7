//! One module for each call, one for what genesis builds, one for calls without a fee, and one for
//! what it is all for: no human is two people.

mod add_domain;
mod add_verifier;
mod authorize;
mod challenge;
mod close_case;
mod complete_recovery;
mod confirm_suspension;
mod consent;
mod decide_appeal;
mod draw_jury;
mod genesis;
mod histories;
mod invariants;
mod post_bond;
mod recover;
mod register;
mod reinstate;
mod remove;
mod renew;
mod resolve_case;
mod resume_verifier;
mod retire_verifier;
mod revoke;
mod rounds;
mod set_quorum;
mod suspend_verifier;
mod trial;
mod uniqueness;
mod veto;
mod views;
mod vote_case;
mod withdraw_bond;

pub(crate) use crate::{mock::*, types::*, Error, Event};
pub(crate) use frame_support::{assert_noop, assert_ok, hypothetically, BoundedVec};
pub(crate) use sp_runtime::DispatchError;

/// Not root.
pub(crate) fn signed() -> RuntimeOrigin {
	RuntimeOrigin::signed(ALICE.to_account_id())
}

pub(crate) fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

/// All people, in a referendum.
pub(crate) fn everybody() -> RuntimeOrigin {
	RuntimeOrigin::signed(Everybody::get())
}

/// Whoever that is.
pub(crate) fn by(account: &sp_runtime::AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(account.clone())
}
