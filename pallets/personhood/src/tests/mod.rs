//! One module for each call, one for what genesis builds, and one for what it is all for: no human
//! is two people.

mod add_domain;
mod add_verifier;
mod consent;
mod genesis;
mod register;
mod remove;
mod renew;
mod retire_verifier;
mod revoke;
mod set_quorum;
mod uniqueness;
mod views;

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
