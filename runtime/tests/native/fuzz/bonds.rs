//! Oracles and their bonds.

use super::{
	dice::Dice,
	market::{oracles, signed},
	world::{Move, World},
};
use crate::keys::{account, key, Use};
use pallet_oracles::Call;
use usufruct_primitives::{MILLI_UFR, UFR};
use usufruct_runtime::Runtime;

fn endpoint(nth: u8) -> pallet_oracles::Endpoint {
	let text = format!("https://oracle-{nth}.example:8080");
	text.into_bytes().try_into().expect("the address is short")
}

pub fn register(_: &mut World, dice: &mut Dice) -> Option<Move> {
	signed(
		account(dice.below(8)),
		Call::register {
			bond: dice.amount(2_000 * UFR),
			receipt_key: key(Use::Receipt, dice.below(16)),
			endpoint: endpoint(dice.byte()),
		},
	)
}

pub fn set_ask(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let oracle = dice.pick(&oracles())?.clone();
	let versions = pallet_models::NextVersion::<Runtime>::get();
	signed(
		oracle,
		Call::set_ask {
			version: dice.below(versions as usize) as u32,
			unit_price: Some(dice.amount(2 * MILLI_UFR)).filter(|_| dice.byte() < 192),
		},
	)
}

pub fn bond_more(_: &mut World, dice: &mut Dice) -> Option<Move> {
	signed(dice.pick(&oracles())?.clone(), Call::bond_more { amount: dice.amount(100 * UFR) })
}

pub fn unbond(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let oracle = dice.pick(&oracles())?.clone();
	let bond = pallet_oracles::Oracles::<Runtime>::get(&oracle)?.bond;
	let usual = if dice.byte() < 128 { bond } else { bond.saturating_sub(1_000 * UFR) };
	signed(oracle, Call::unbond { amount: dice.amount(usual) })
}

pub fn withdraw_unbonded(_: &mut World, dice: &mut Dice) -> Option<Move> {
	signed(dice.pick(&oracles())?.clone(), Call::withdraw_unbonded {})
}

pub fn set_endpoint(_: &mut World, dice: &mut Dice) -> Option<Move> {
	signed(dice.pick(&oracles())?.clone(), Call::set_endpoint { endpoint: endpoint(dice.byte()) })
}

pub fn set_receipt_key(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let oracle = dice.pick(&oracles())?.clone();
	signed(oracle, Call::set_receipt_key { new_key: key(Use::Receipt, dice.below(16)) })
}

pub fn forget_keys(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let oracle = dice.pick(&oracles())?.clone();
	signed(account(dice.below(8)), Call::forget_keys { oracle })
}

pub fn set_settle_limit(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let oracle = dice.pick(&oracles())?.clone();
	let limit = Some(dice.amount(UFR)).filter(|_| dice.byte() < 192);
	signed(oracle, Call::set_settle_limit { limit })
}
