//! Bounties of the commons fund, and whom they pay.

use super::{
	dice::Dice,
	market::signed,
	polls::decided,
	world::{Move, World},
};
use crate::keys::account;
use frame_support::traits::StorePreimage;
use pallet_multi_asset_bounties::{BountyStatus, Call};
use pallet_suffrage::Origin;
use usufruct_primitives::UFR;
use usufruct_runtime::{configs::bounties::Payee, AccountId, Preimage, Runtime};

type Bounties = pallet_multi_asset_bounties::Bounties<Runtime>;
type Children = pallet_multi_asset_bounties::ChildBounties<Runtime>;

/// A bounty or a part of one.
type Place = (u32, Option<u32>);

/// What is to be done, which must be noted before it is asked for.
fn metadata() -> Option<sp_core::H256> {
	Preimage::note(b"what is to be done".as_slice().into()).ok()
}

fn status((bounty, child): Place) -> Option<BountyStatus<AccountId, (), Payee>> {
	match child {
		None => Some(Bounties::get(bounty)?.status),
		Some(child) => Some(Children::get(bounty, child)?.status),
	}
}

/// One of all that there are, in their order.
fn some_bounty(dice: &mut Dice) -> Option<Place> {
	let mut places: Vec<Place> = Bounties::iter_keys().map(|bounty| (bounty, None)).collect();
	places.extend(Children::iter_keys().map(|(bounty, child)| (bounty, Some(child))));
	places.sort_unstable();
	dice.pick(&places).copied()
}

/// Who is, or is to be, the curator.
fn curator(place: Place) -> Option<AccountId> {
	match status(place)? {
		BountyStatus::FundingAttempted { curator, .. }
		| BountyStatus::Funded { curator }
		| BountyStatus::Active { curator }
		| BountyStatus::PayoutAttempted { curator, .. } => Some(curator),
		_ => None,
	}
}

pub fn fund(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let curator = account(dice.below(6)).into();
	let value = dice.amount(10 * UFR);
	let metadata = metadata()?;
	decided(
		Origin::Grants,
		Call::<Runtime>::fund_bounty { asset_kind: Box::new(()), value, curator, metadata },
	)
}

pub fn fund_child(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (parent_bounty_id, _) = some_bounty(dice)?;
	let curator = (dice.byte() < 128).then(|| account(dice.below(6)).into());
	signed(
		self::curator((parent_bounty_id, None))?,
		Call::<Runtime>::fund_child_bounty {
			parent_bounty_id,
			value: dice.amount(UFR),
			metadata: metadata()?,
			curator,
		},
	)
}

pub fn propose_curator(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (parent_bounty_id, child_bounty_id) = some_bounty(dice)?;
	let curator = account(dice.below(6)).into();
	let call = Call::<Runtime>::propose_curator { parent_bounty_id, child_bounty_id, curator };
	match child_bounty_id {
		None => decided(Origin::Grants, call),
		Some(_) => signed(self::curator((parent_bounty_id, None))?, call),
	}
}

pub fn accept_curator(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let place = some_bounty(dice)?;
	let (parent_bounty_id, child_bounty_id) = place;
	signed(curator(place)?, Call::<Runtime>::accept_curator { parent_bounty_id, child_bounty_id })
}

pub fn unassign_curator(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let place = some_bounty(dice)?;
	let (parent_bounty_id, child_bounty_id) = place;
	let call = Call::<Runtime>::unassign_curator { parent_bounty_id, child_bounty_id };
	if dice.byte() < 128 {
		return decided(Origin::Grants, call);
	}
	signed(curator(place)?, call)
}

pub fn award(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let place = some_bounty(dice)?;
	let (parent_bounty_id, child_bounty_id) = place;
	let versions = pallet_models::NextVersion::<Runtime>::get() as usize;
	let beneficiary = if dice.byte() < 128 {
		Payee::Version(dice.below(versions) as u32)
	} else {
		Payee::Account(account(dice.below(8)))
	};
	signed(
		curator(place)?,
		Call::<Runtime>::award_bounty { parent_bounty_id, child_bounty_id, beneficiary },
	)
}

pub fn close(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (parent_bounty_id, child_bounty_id) = some_bounty(dice)?;
	decided(Origin::Grants, Call::<Runtime>::close_bounty { parent_bounty_id, child_bounty_id })
}

pub fn check_status(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let (parent_bounty_id, child_bounty_id) = some_bounty(dice)?;
	signed(caller, Call::<Runtime>::check_status { parent_bounty_id, child_bounty_id })
}

pub fn increase_value(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (parent_bounty_id, _) = some_bounty(dice)?;
	signed(
		curator((parent_bounty_id, None))?,
		Call::<Runtime>::increase_value { parent_bounty_id, amount: dice.amount(UFR) },
	)
}
