//! The check of the state finds what is wrong with it.

use super::*;
use pallet_referenda::{ReferendumCount, ReferendumInfo, ReferendumInfoFor};
use sp_runtime::TryRuntimeError;

/// Breaks a sound state, and says what the check says.
fn broken(damage: impl FnOnce(PollIndex, ProposalId)) -> &'static str {
	let mut found = "";
	ExtBuilder::default().build().execute_with(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		assert_ok!(vote(BOB, poll, false));
		let proposal = propose(ALICE).expect("proposes");
		assert_ok!(cosign(BOB, proposal));
		assert_ok!(Suffrage::do_try_state());
		damage(poll, proposal);
		match Suffrage::do_try_state() {
			Err(TryRuntimeError::Other(problem)) => found = problem,
			other => panic!("{other:?}"),
		}
	});
	found
}

fn tamper(poll: PollIndex, change: impl FnOnce(&mut Tally<Test>)) {
	ReferendumInfoFor::<Test>::mutate(poll, |info| {
		let Some(ReferendumInfo::Ongoing(status)) = info else { panic!("over") };
		change(&mut status.tally);
	});
}

fn tamper_proposal(id: ProposalId, change: impl FnOnce(&mut ProposalOf<Test>)) {
	Proposals::<Test>::mutate(id, |record| change(record.as_mut().expect("there")));
}

#[test]
fn a_constitution_out_of_bounds() {
	let problem = broken(|_, _| Rules::<Test>::mutate(|rules| rules.day = 0));
	assert_eq!(problem, "day is 1 block to 24 hours");
}

#[test]
fn a_vote_without_a_poll() {
	let problem = broken(|poll, _| Votes::<Test>::insert(poll + 1, 0, true));
	assert_eq!(problem, "I2: a vote on a poll that never was");
}

#[test]
fn a_tally_that_is_not_its_votes() {
	let wrong = "I3: a tally is not its votes";
	assert_eq!(broken(|poll, _| Votes::<Test>::insert(poll, 2, true)), wrong);
	assert_eq!(broken(|poll, _| Votes::<Test>::insert(poll, 0, false)), wrong);
	assert_eq!(broken(|poll, _| Votes::<Test>::remove(poll, 1)), wrong);
	assert_eq!(broken(|poll, _| tamper(poll, |tally| tally.ayes = 2)), wrong);
}

#[test]
fn more_voters_than_people() {
	let problem = broken(|poll, _| tamper(poll, |tally| tally.electorate = 1));
	assert_eq!(problem, "I4: more voters than electorate");
}

#[test]
fn a_snapshot_that_cannot_be() {
	let problem = broken(|poll, _| tamper(poll, |tally| tally.snapshot_epoch = 4));
	assert_eq!(problem, "I5: the snapshot of a poll was not closed");
	let problem = broken(|poll, _| tamper(poll, |tally| tally.electorate = 2));
	assert_eq!(problem, "I5: a poll below the least electorate");
}

#[test]
fn proposals_out_of_order() {
	let problem = broken(|_, _| NextProposal::<Test>::put(0));
	assert_eq!(problem, "I6: a proposal's number was not given yet");
	let problem = broken(|_, id| {
		let never = ReferendumCount::<Test>::get();
		tamper_proposal(id, |proposal| proposal.poll = Some(never));
	});
	assert_eq!(problem, "I6: a proposal became a poll that never was");
}

#[test]
fn signatures_that_are_not_counted() {
	let wrong = "I7: a proposal's signatures are not counted";
	assert_eq!(broken(|_, id| Cosigners::<Test>::insert(id, 2, ())), wrong);
	assert_eq!(broken(|_, id| Cosigners::<Test>::remove(id, 0)), wrong);
	let problem = broken(|_, id| Cosigners::<Test>::insert(id + 1, 2, ()));
	assert_eq!(problem, "I7: a signature without a proposal");
}

#[test]
fn proposers_that_are_forgotten() {
	let problem = broken(|_, _| ProposalBy::<Test>::remove(0));
	assert_eq!(problem, "I8: a proposal its proposer does not know");
	let problem = broken(|_, id| ProposalBy::<Test>::insert(1, id));
	assert_eq!(problem, "I8: a proposal that is not there");
}
