//! Programmes: a part of what flows in, for a while, for some of all people.

use super::*;
use frame_support::dispatch::CheckIfFeeless;
use sp_runtime::{DispatchError, DispatchResult};
use usufruct_primitives::{Class, Region};

mod divide;
mod end;
mod inflow;
mod join;
mod open;
mod pay;
mod revoke;
mod settle;

/// A tenth.
const SHARE: u32 = 100_000;

fn open(share: u32, classes: &[Class], epochs: u32, min_people: u32) -> DispatchResult {
	open_in(&[], share, classes, epochs, min_people)
}

fn open_in(
	regions: &[Region],
	share: u32,
	classes: &[Class],
	epochs: u32,
	min_people: u32,
) -> DispatchResult {
	let classes = classes.to_vec().try_into().unwrap();
	let regions = regions.to_vec().try_into().unwrap();
	Dividend::open_programme(RuntimeOrigin::root(), share, classes, regions, epochs, min_people)
}

/// Joins as a transaction does, and checks that it was free exactly if it succeeds.
fn join(who: AccountId, programme: ProgrammeId) -> DispatchResult {
	let call = Call::<Test>::join_programme { programme };
	let free = call.is_feeless(&RuntimeOrigin::signed(who));
	let joined = Dividend::join_programme(RuntimeOrigin::signed(who), programme);
	assert_eq!(free, joined.is_ok());
	joined
}

/// Claims as a transaction does, and checks that it was free exactly if it succeeds, and that it paid
/// what was said before.
fn claim_of(programme: ProgrammeId, who: AccountId) -> Result<u128, DispatchError> {
	let call = Call::<Test>::claim_programme { programme };
	let free = call.is_feeless(&RuntimeOrigin::signed(who));
	let (paid_to, due) = (paid_to(who), Dividend::claimable_of_programme(programme, who));
	let before = (balance(paid_to), balance(pot_of(programme)), balance(pot()));
	let claimed = Dividend::claim_programme(RuntimeOrigin::signed(who), programme);
	assert_eq!(free, claimed.is_ok());
	let after = (balance(paid_to), balance(pot_of(programme)), balance(pot()));
	assert_eq!(after, (before.0 + due, before.1 - due, before.2));
	claimed.map(|()| due)
}

fn pot_of(programme: ProgrammeId) -> AccountId {
	crate::ledger::Ledger::<Test>::programme(programme).pot()
}

fn outcome(programme: ProgrammeId) -> Outcome {
	Dividend::programme(programme).expect("there is such a programme").outcome
}

/// What was said of the last close of a programme.
fn last_closed() -> Event<Test> {
	let closed = |event: &Event<Test>| matches!(event, Event::ProgrammeEpochClosed { .. });
	events().into_iter().rfind(closed).expect("an epoch of a programme was closed")
}

/// What each was due for the last closed epoch of the dividend, and of the programme.
fn per_heads(programme: ProgrammeId) -> (u128, u128) {
	let last = totals().epoch - 1;
	let of_programme = Dividend::programme_epoch(programme, last).map_or(0, |row| row.per_head);
	(row(last).per_head, of_programme)
}
