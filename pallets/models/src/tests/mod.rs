//! Tests: one module per call, then genesis, lineage, what other pallets see, attacks, random
//! histories, and the invariants themselves.

mod accept_row;
mod add_version;
mod announce_floor;
mod api;
mod attacks;
mod claim_revenue;
mod contest;
mod deprecate;
mod forfeit_row;
mod genesis;
mod histories;
mod invariants;
mod lineage;
mod move_royalty;
mod property;
mod prove_reuse;
mod refute_reuse;
mod register_model;
mod set_licence;
mod settle_reuse;
mod transfer_model;
mod transfer_row;

use crate::{
	mock::{Models, *},
	*,
};
use frame_support::{
	assert_noop, assert_ok, hypothetically,
	traits::fungible::{InspectHold, Mutate},
};
use sp_runtime::{ArithmeticError, DispatchError, TokenError};
use usufruct_primitives::{Balance, BlockNumber, UFR};

fn signed(who: sp_runtime::AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// What is held from `who` as deposit.
fn held(who: &sp_runtime::AccountId32) -> Balance {
	Balances::balance_on_hold(&HoldReason::Deposit.into(), who)
}

/// What is held from `who` for claims of reuse.
fn held_for_claims(who: &sp_runtime::AccountId32) -> Balance {
	Balances::balance_on_hold(&HoldReason::Reuse.into(), who)
}

fn free(who: &sp_runtime::AccountId32) -> Balance {
	Balances::free_balance(who)
}
