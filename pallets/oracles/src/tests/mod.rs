//! Tests: one module per call, then the locks, slashes, what other pallets see, and the invariants
//! themselves.

mod api;
mod bond_more;
mod forget_keys;
mod invariants;
mod keep;
mod locks;
mod property;
mod register;
mod set_ask;
mod set_endpoint;
mod set_receipt_key;
mod set_settle_limit;
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
	traits::{LockError, Oracles as _, ReceiptKeyState, Settlement, Slashed},
	Balance, BlockNumber, PublicKey, UFR,
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

/// Whether the oracle answers for anything that the key signed.
fn answers_for(who: &AccountId32, key: &PublicKey) -> bool {
	Oracles::receipt_key_state(who, key).is_some()
}

/// Settles that much now.
fn settle(who: &AccountId32, accepted: Balance) -> Settlement {
	assert_ok!(Oracles::lock(who, accepted));
	Settlement { at: System::block_number(), accepted }
}
