//! Tests: one module per call, then genesis, what other pallets see, and the invariants themselves.

mod add_version;
mod api;
mod claim_revenue;
mod deprecate;
mod genesis;
mod invariants;
mod property;
mod register_model;
mod set_licence;

use crate::{
	mock::{Models, *},
	*,
};
use frame_support::{
	assert_noop, assert_ok, hypothetically,
	traits::fungible::{InspectHold, Mutate},
};
use sp_runtime::{ArithmeticError, DispatchError, TokenError};
use usufruct_primitives::{Balance, UFR};

fn signed(who: sp_runtime::AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// What is held from `who` as deposit.
fn held(who: &sp_runtime::AccountId32) -> Balance {
	Balances::balance_on_hold(&HoldReason::Deposit.into(), who)
}

fn free(who: &sp_runtime::AccountId32) -> Balance {
	Balances::free_balance(who)
}
