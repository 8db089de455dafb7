//! Polls: with money, with people, and what decided ones do.

use super::{
	dice::Dice,
	market::signed,
	people::some_person,
	world::{Caller, Move, World},
};
use crate::keys::account;
use codec::Encode;
use frame_support::traits::{schedule::DispatchTime, Bounded};
use pallet_referenda::{ReferendumCount, ReferendumInfoFor};
use pallet_suffrage::{Call, Origin};
use usufruct_primitives::{split::Split, UFR};
use usufruct_runtime::{AccountId, OriginCaller, Runtime, RuntimeCall};

type BoundedCall = Bounded<RuntimeCall, <Runtime as frame_system::Config>::Hashing>;

pub(super) fn decided(origin: Origin, call: impl Into<RuntimeCall>) -> Option<Move> {
	Some(Move { caller: Caller::Poll(origin), call: call.into() })
}

/// What a poll may be about: mostly what its track may do.
fn question(dice: &mut Dice) -> Option<(Box<OriginCaller>, BoundedCall)> {
	let (person, _) = some_person(dice)?;
	let split = Split { commons: 70_000, security: 30_000, ..Split::default() };
	let beneficiary = account(dice.below(8));
	let questions: [(Origin, RuntimeCall); 6] = [
		(Origin::Parameters, pallet_usage::Call::set_split { split }.into()),
		(
			Origin::Grants,
			pallet_treasury::Call::spend {
				asset_kind: Box::new(()),
				amount: UFR,
				beneficiary: Box::new(beneficiary),
				valid_from: None,
			}
			.into(),
		),
		(Origin::Verifiers, pallet_personhood::Call::set_quorum { k: 2 }.into()),
		(Origin::Pause, pallet_safe_mode::Call::force_enter {}.into()),
		(Origin::Pause, pallet_safe_mode::Call::force_exit {}.into()),
		(Origin::Disputes, pallet_personhood::Call::revoke { person }.into()),
	];
	let (mut origin, call) = dice.pick(&questions)?.clone();
	if dice.rarely() {
		origin = *dice.pick(&Origin::ALL)?;
	}
	Some((Box::new(origin.into()), Bounded::Inline(call.encode().try_into().ok()?)))
}

fn some_poll(dice: &mut Dice) -> u32 {
	dice.below(ReferendumCount::<Runtime>::get() as usize) as u32
}

fn some_proposal(dice: &mut Dice) -> u32 {
	dice.below(pallet_suffrage::NextProposal::<Runtime>::get() as usize) as u32
}

/// The account of a person.
fn somebody(dice: &mut Dice) -> Option<AccountId> {
	Some(some_person(dice)?.1.account)
}

pub fn submit(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let (proposal_origin, proposal) = question(dice)?;
	signed(
		caller,
		pallet_referenda::Call::<Runtime>::submit {
			proposal_origin,
			proposal,
			enactment_moment: DispatchTime::After(0),
		},
	)
}

pub fn place_deposit(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let index = some_poll(dice);
	signed(caller, pallet_referenda::Call::<Runtime>::place_decision_deposit { index })
}

pub fn refund(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let index = some_poll(dice);
	if dice.byte() < 128 {
		return signed(
			caller,
			pallet_referenda::Call::<Runtime>::refund_decision_deposit { index },
		);
	}
	signed(caller, pallet_referenda::Call::<Runtime>::refund_submission_deposit { index })
}

/// On the last poll, or another one.
pub fn vote(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let who = somebody(dice)?;
	let last = ReferendumCount::<Runtime>::get().checked_sub(1)?;
	let poll = if dice.rarely() { some_poll(dice) } else { last };
	signed(who, Call::vote { poll, aye: dice.byte() < 192 })
}

/// Of somebody who was revoked, if that person had a vote.
pub fn remove_vote(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let mut votes: Vec<_> = pallet_suffrage::Votes::<Runtime>::iter_keys().collect();
	votes.sort_unstable();
	let revoked: Vec<_> = votes
		.iter()
		.filter(|(_, person)| {
			pallet_personhood::People::<Runtime>::get(person).is_none_or(|person| person.revoked)
		})
		.collect();
	let (poll, person) = match dice.pick(&revoked) {
		Some(vote) => **vote,
		None => *dice.pick(&votes)?,
	};
	signed(caller, Call::remove_vote { poll, person })
}

pub fn cleanup_poll(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let mut over: Vec<_> = ReferendumInfoFor::<Runtime>::iter()
		.filter(|(_, info)| !matches!(info, pallet_referenda::ReferendumInfo::Ongoing(_)))
		.map(|(index, _)| index)
		.collect();
	over.sort_unstable();
	let poll = dice.pick(&over).copied().unwrap_or_else(|| some_poll(dice));
	signed(caller, Call::cleanup_poll { poll, max: 1 + u32::from(dice.byte()) })
}

pub fn propose(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let who = somebody(dice)?;
	let (proposal_origin, proposal) = question(dice)?;
	let enactment = DispatchTime::After(0);
	signed(who, Call::propose { proposal_origin, call: proposal, enactment })
}

pub fn cosign(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let who = somebody(dice)?;
	signed(who, Call::cosign { proposal: some_proposal(dice) })
}

pub fn submit_proposal(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	signed(caller, Call::submit_proposal { proposal: some_proposal(dice) })
}

pub fn cleanup_proposal(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let proposal = some_proposal(dice);
	signed(caller, Call::cleanup_proposal { proposal, max: 1 + u32::from(dice.byte()) })
}

pub fn authorise_upgrade(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let code_hash = sp_core::H256([dice.byte(); 32]);
	decided(Origin::Upgrade, Call::authorise_upgrade { code_hash })
}

/// One of the calls that this world makes most stops for a few blocks.
pub fn pause_call(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let calls = [
		("Usage", "settle"),
		("Balances", "transfer_allow_death"),
		("Personhood", "register"),
		("Dividend", "claim"),
	];
	let (pallet, call) = *dice.pick(&calls)?;
	decided(
		Origin::Pause,
		pallet_call_pause::Call::<Runtime>::pause {
			pallet: pallet.as_bytes().to_vec().try_into().ok()?,
			call: call.as_bytes().to_vec().try_into().ok()?,
			blocks: 1 + u32::from(dice.byte() % 10),
		},
	)
}
