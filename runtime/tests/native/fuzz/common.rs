//! What is of no pallet of ours: time, transfers, proxies, and doing again what was done.

use super::{
	dice::Dice,
	market::{root, signed},
	world::{Caller, Move, World},
};
use crate::keys::account;
use usufruct_primitives::{DAYS, UFR};
use usufruct_runtime::{
	configs::{
		accounts::ProxyType,
		money::{CommonsPot, SecurityPot},
	},
	Dividend, Models, Runtime, RuntimeCall, Usage, Validators,
};

/// A few blocks, one after the other.
pub fn blocks(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let blocks = 1 + dice.below(4);
	for _ in 0..blocks {
		world.skip(1);
	}
	None
}

/// A long time without blocks.
pub fn jump(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let days = *dice.pick(&[1, 7, 8, 14, 15, 30, 31, 90, 180, 181])?;
	world.skip(days * DAYS + u32::from(dice.byte()));
	// The first block of a session takes no transactions.
	world.skip(1);
	None
}

/// Some epochs of the dividend.
pub fn epochs(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let length = pallet_dividend::Params::<Runtime>::get().epoch_length;
	for _ in 0..1 + dice.below(12) {
		world.skip(length);
	}
	None
}

pub fn transfer(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (from, to) = (account(dice.below(8)), account(dice.below(8)));
	let call = pallet_balances::Call::<Runtime>::transfer_allow_death {
		dest: to.into(),
		value: dice.amount(20 * UFR),
	};
	signed(from, call)
}

/// Money for a pot that nobody asked for it.
pub fn give(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let pots =
		[Dividend::pot(), Usage::account(), Models::pot(), CommonsPot::get(), SecurityPot::get()];
	let dest = dice.pick(&pots)?.clone().into();
	let value = dice.amount(UFR);
	signed(
		account(dice.below(6)),
		pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value },
	)
}

pub fn add_proxy(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (real, delegate) = (account(dice.below(8)), account(dice.below(8)));
	let proxy_type = *dice.pick(&[ProxyType::Any, ProxyType::Oracle, ProxyType::Collect])?;
	signed(
		real,
		pallet_proxy::Call::<Runtime>::add_proxy {
			delegate: delegate.into(),
			proxy_type,
			delay: 0,
		},
	)
}

pub fn withdraw(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = if dice.rarely() { account(dice.below(8)) } else { account(0) };
	signed(caller, pallet_validators::Call::<Runtime>::withdraw {})
}

/// Somebody who has session keys, and may be a member already.
pub fn admit(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let mut keyed: Vec<_> = pallet_session::NextKeys::<Runtime>::iter_keys().collect();
	keyed.sort();
	let validator = dice.pick(&keyed)?.clone();
	root(pallet_validators::Call::<Runtime>::admit { validator })
}

pub fn dismiss(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let validator = dice.pick(&Validators::members())?.clone();
	root(pallet_validators::Call::<Runtime>::dismiss { validator })
}

/// A call that was made before, perhaps by somebody else.
pub fn again(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let mut again = dice.pick(&world.past)?.clone();
	if dice.byte() < 64 && matches!(again.caller, Caller::Signed(_)) {
		again.caller = Caller::Signed(account(dice.below(8)));
	}
	Some(again)
}

/// Wraps a call so that it is made through a proxy.
pub fn through_proxy(real: &usufruct_runtime::AccountId, call: RuntimeCall) -> RuntimeCall {
	pallet_proxy::Call::<Runtime>::proxy {
		real: real.clone().into(),
		force_proxy_type: None,
		call: Box::new(call),
	}
	.into()
}
