//! Tests: one module per call, then the locks, slashes, what other pallets see, and the invariants
//! themselves.

mod api;
mod bond_more;
mod invariants;
mod keep;
mod locks;
mod property;
mod register;
mod set_ask;
mod set_endpoint;
mod set_receipt_key;
mod slash;
mod unbond;
mod withdraw_unbonded;

use crate::{
	mock::{Oracles, *},
	*,
};
use frame_support::{
	assert_noop, assert_ok, hypothetically,
	traits::fungible::{InspectHold, MutateHold},
};
use sp_runtime::{AccountId32, ArithmeticError, DispatchError, TokenError};
use usufruct_primitives::{
	traits::{BondShort, Oracles as _, Settlement, Slashed},
	Balance, BlockNumber, UFR,
};

fn signed(who: AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// What is held from `who` as bond.
fn held(who: &AccountId32) -> Balance {
	Balances::balance_on_hold(&HoldReason::Bond.into(), who)
}

fn free(who: &AccountId32) -> Balance {
	Balances::free_balance(who)
}

fn info(who: &AccountId32) -> OracleInfo {
	Oracles::oracle(who.clone()).expect("registered")
}

/// Settles that much now.
fn settle(who: &AccountId32, accepted: Balance) -> Settlement {
	assert_ok!(Oracles::lock(who, accepted));
	Settlement { at: System::block_number(), accepted }
}
