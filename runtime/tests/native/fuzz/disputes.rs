//! Disputes about people, from the challenge to the verdict and its appeal.

use super::{
	dice::Dice,
	market::{root, signed},
	people::some_person,
	world::{Move, World},
};
use crate::{chain::now, keys::account};
use pallet_personhood::{
	dispute::{Case, CaseId, Reason, Stage},
	Call, Cases, People,
};
use usufruct_runtime::Runtime;

/// The open cases that `is` says, in the order of their numbers.
fn some_case(dice: &mut Dice, is: impl Fn(&Case) -> bool) -> Option<(CaseId, Case)> {
	let mut cases: Vec<_> = Cases::<Runtime>::iter().filter(|(_, case)| is(case)).collect();
	cases.sort_by_key(|(id, _)| *id);
	dice.pick(&cases).cloned()
}

pub fn challenge(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let reasons = [Reason::Duplicate, Reason::NotAPerson, Reason::Deceased, Reason::Incorrect];
	let (challenger, person) = (account(dice.below(8)), some_person(dice)?.0);
	let reason = *dice.pick(&reasons)?;
	signed(challenger, Call::challenge { person, reason, evidence: [dice.byte(); 32] })
}

pub fn draw_jury(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let (case, _) = some_case(dice, |case| case.stage == Stage::Waiting)?;
	signed(caller, Call::draw_jury { case })
}

/// The first of a jury that has not voted yet.
pub fn vote_case(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (case, record) = some_case(dice, |case| {
		matches!(case.stage, Stage::Voting { ends } if now() < ends)
			&& case.jury.iter().any(|seat| seat.vote.is_none())
	})?;
	let seat = record.jury.iter().find(|seat| seat.vote.is_none())?;
	let juror = People::<Runtime>::get(seat.person)?.account;
	signed(juror, Call::vote_case { case, uphold: dice.byte() < 192 })
}

pub fn resolve_case(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let (case, _) = some_case(dice, |case| matches!(case.stage, Stage::Voting { .. }))?;
	signed(caller, Call::resolve_case { case })
}

pub fn decide_appeal(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (case, _) = some_case(dice, |case| matches!(case.stage, Stage::Appealable { .. }))?;
	root(Call::decide_appeal { case, uphold: dice.byte() < 128 })
}

pub fn close_case(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let (case, _) = some_case(dice, |case| matches!(case.stage, Stage::Appealable { .. }))?;
	signed(caller, Call::close_case { case })
}
