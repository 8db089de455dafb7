//! Votes of people who were revoked after they voted.

use super::*;

fn remove(poll: PollIndex, person: u32) -> Result<(), sp_runtime::DispatchError> {
	keep(RICH, Call::remove_vote { poll, person }).map(|_| ())
}

#[test]
fn anybody_takes_the_vote_of_a_revoked_person_away() {
	run(|| {
		let poll = submitted();
		for (who, aye) in [(ALICE, true), (BOB, true), (CAROL, false)] {
			assert_ok!(vote(who, poll, aye));
		}
		Register::revoke(0);
		Register::revoke(2);
		assert_ok!(remove(poll, 0));
		assert_eq!(count(poll), (1, 1));
		assert_eq!(
			last_event(),
			Event::VoteRemoved { poll, person: 0, aye: true, ayes: 1, nays: 1 }
		);
		assert_ok!(remove(poll, 2));
		assert_eq!(count(poll), (1, 0));
		assert_err!(remove(poll, 0), Error::<Test>::NoVote);
		assert_err!(vote(ALICE, poll, true), Error::<Test>::Barred);
	});
}

#[test]
fn votes_of_others_stay() {
	run(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		assert_err!(remove(poll, 0), Error::<Test>::StillEntitled);
		// Neither a challenge nor the end of a term takes a vote away.
		Register::freeze(0);
		assert_err!(remove(poll, 0), Error::<Test>::StillEntitled);
		Register::close_epochs(8);
		assert_err!(remove(poll, 0), Error::<Test>::StillEntitled);
		assert_eq!(count(poll), (1, 0));
	});
}

#[test]
fn there_must_be_a_vote() {
	run(|| {
		let poll = submitted();
		Register::revoke(0);
		assert_err!(remove(poll, 0), Error::<Test>::NoVote);
		assert_err!(remove(poll, 77), Error::<Test>::NoVote);
	});
}

#[test]
fn what_was_decided_stays_decided() {
	run(|| {
		let poll = poll_on(Origin::Parameters, remark());
		assert_ok!(vote(ALICE, poll, true));
		Register::revoke(0);
		blocks(PREPARE + CONFIRM + 1);
		assert_eq!(ended(poll), Some(true));
		assert_err!(remove(poll, 0), Error::<Test>::NotOngoing);
		assert_err!(remove(poll + 1, 0), Error::<Test>::NotOngoing);
	});
}

#[test]
fn a_poll_carried_by_false_people_fails_when_they_are_found_out() {
	run(|| {
		let poll = poll_on(Origin::Parameters, remark());
		assert_ok!(vote(ALICE, poll, true));
		assert_ok!(vote(BOB, poll, true));
		assert_ok!(vote(CAROL, poll, false));
		// Two of three: it is being confirmed.
		blocks(PREPARE + 1);
		assert_eq!(ended(poll), None);
		Register::revoke(1);
		assert_ok!(remove(poll, 1));
		blocks(DECISION + CONFIRM);
		assert_eq!(ended(poll), Some(false));
	});
}
