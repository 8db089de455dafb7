//! Who may vote, how often, and what it costs.

use super::*;

#[test]
fn a_vote_counts_one_on_its_side() {
	run(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		assert_ok!(vote(BOB, poll, false));
		assert_ok!(vote(CAROL, poll, true));
		assert_eq!(count(poll), (2, 1));
		assert_eq!(
			last_event(),
			Event::Voted {
				poll,
				person: 2,
				account: CAROL,
				aye: true,
				before: None,
				ayes: 2,
				nays: 1
			}
		);
	});
}

#[test]
fn people_without_any_money_vote() {
	run(|| {
		assert_eq!(Balances::free_balance(ALICE), 0);
		assert_ok!(vote(ALICE, submitted(), true));
	});
}

#[test]
fn a_changed_vote_moves_to_the_other_side_and_pays() {
	run(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		// `vote` checks that this one is not free.
		assert_ok!(vote(ALICE, poll, false));
		assert_eq!(count(poll), (0, 1));
		assert_eq!(
			last_event(),
			Event::Voted {
				poll,
				person: 0,
				account: ALICE,
				aye: false,
				before: Some(true),
				ayes: 0,
				nays: 1
			}
		);
		assert_ok!(vote(ALICE, poll, true));
		assert_eq!(count(poll), (1, 0));
	});
}

#[test]
fn the_same_vote_twice_is_refused() {
	run(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		assert_err!(vote(ALICE, poll, true), Error::<Test>::SameVote);
		assert_eq!(count(poll), (1, 0));
	});
}

#[test]
fn votes_on_different_polls_are_independent() {
	run(|| {
		let (one, other) = (submitted(), submitted());
		assert_ok!(vote(ALICE, one, true));
		assert_ok!(vote(ALICE, other, false));
		assert_eq!((count(one), count(other)), ((1, 0), (0, 1)));
	});
}

#[test]
fn recovering_an_account_gives_no_second_vote() {
	run(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		Register::recover(ALICE, ERIN);
		assert_err!(vote(ERIN, poll, true), Error::<Test>::SameVote);
		assert_err!(vote(ALICE, poll, false), Error::<Test>::NotAPerson);
		// The person changes its one vote.
		assert_ok!(vote(ERIN, poll, false));
		assert_eq!(count(poll), (0, 1));
	});
}

#[test]
fn money_has_no_vote() {
	run(|| {
		assert_err!(vote(RICH, submitted(), true), Error::<Test>::NotAPerson);
	});
}

#[test]
fn nobody_votes_on_a_poll_that_is_not_there() {
	run(|| {
		assert_err!(vote(ALICE, 0, true), Error::<Test>::NotOngoing);
		submitted();
		assert_err!(vote(ALICE, 1, true), Error::<Test>::NotOngoing);
	});
}

#[test]
fn nobody_votes_after_the_end() {
	run(|| {
		let approved = poll_on(Origin::Parameters, remark());
		let expired = submitted();
		for who in [ALICE, BOB] {
			assert_ok!(vote(who, approved, true));
		}
		blocks(PREPARE + CONFIRM + 1);
		assert_eq!(ended(approved), Some(true));
		assert_err!(vote(CAROL, approved, false), Error::<Test>::NotOngoing);
		assert_err!(vote(ALICE, approved, false), Error::<Test>::NotOngoing);

		blocks(TIMEOUT);
		assert_err!(vote(ALICE, expired, true), Error::<Test>::NotOngoing);
	});
}

#[test]
fn who_joined_after_the_snapshot_has_no_vote() {
	run(|| {
		Register::admit(ERIN);
		let poll = submitted();
		assert_err!(vote(ERIN, poll, true), Error::<Test>::NotInElectorate);
		// Not even when it has shared for long.
		Register::close_epochs(6);
		assert_err!(vote(ERIN, poll, true), Error::<Test>::NotInElectorate);
		assert_ok!(vote(ERIN, submitted(), true));
	});
}

#[test]
fn who_joined_a_little_before_the_snapshot_has_no_vote() {
	run(|| {
		// It begins with epoch 5: epochs 5, 6 and 7 must be closed before a poll is opened.
		Register::admit(ERIN);
		Register::close_epochs(3);
		let early = submitted();
		assert_eq!(tally(early).snapshot_epoch, 6);
		assert_err!(vote(ERIN, early, true), Error::<Test>::TooRecent);
		Register::close_epochs(1);
		let late = submitted();
		assert_eq!(tally(late).snapshot_epoch, 7);
		assert_ok!(vote(ERIN, late, true));
		assert_err!(vote(ERIN, early, true), Error::<Test>::TooRecent);
	});
}

#[test]
fn whose_recognition_ran_out_has_no_vote_until_long_after_it_is_renewed() {
	run(|| {
		let poll = submitted();
		// They share up to epoch 10. In it they vote.
		Register::close_epochs(6);
		assert_ok!(vote(BOB, poll, true));
		Register::close_epochs(1);
		assert_err!(vote(ALICE, poll, true), Error::<Test>::Lapsed);

		for person in 0..3 {
			Register::renew(person);
		}
		// The interval begins anew, after the snapshot.
		assert_err!(vote(ALICE, poll, true), Error::<Test>::NotInElectorate);
		// A vote cast in time stays.
		assert_eq!(count(poll), (1, 0));

		Register::close_epochs(4);
		assert_ok!(vote(ALICE, submitted(), true));
	});
}

#[test]
fn who_renews_in_time_keeps_its_vote() {
	run(|| {
		let poll = submitted();
		Register::close_epochs(6);
		Register::renew(0);
		Register::close_epochs(5);
		assert_ok!(vote(ALICE, poll, true));
	});
}

#[test]
fn a_revoked_person_has_no_vote() {
	run(|| {
		let poll = submitted();
		Register::revoke(0);
		assert_err!(vote(ALICE, poll, true), Error::<Test>::Barred);
	});
}

#[test]
fn a_challenge_bars_only_from_polls_submitted_after_it() {
	run(|| {
		let before = submitted();
		Register::freeze(0);
		blocks(1);
		let after = submitted();
		assert_ok!(vote(ALICE, before, true));
		assert_err!(vote(ALICE, after, true), Error::<Test>::Barred);
	});
}

#[test]
fn the_origins_of_polls_do_not_vote() {
	run(|| {
		let poll = submitted();
		let call = RuntimeCall::from(Call::<Test>::vote { poll, aye: true });
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), Origin::Upgrade.into()] {
			assert_noop!(
				sp_runtime::traits::Dispatchable::dispatch(call.clone(), origin)
					.map_err(|failure| failure.error),
				sp_runtime::DispatchError::BadOrigin
			);
		}
	});
}
