//! The life of polls, as the real referenda lead it with this tally.

use super::*;
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};
use sp_runtime::DispatchError;

fn upgrade() -> PollIndex {
	poll_on(Origin::Upgrade, bound(Call::authorise_upgrade { code_hash: code_hash() }))
}

#[test]
fn what_enough_people_want_is_done_by_the_origin_they_chose() {
	run(|| {
		let poll = upgrade();
		for who in [ALICE, BOB, CAROL] {
			assert_ok!(vote(who, poll, true));
		}
		assert_ok!(vote(DAVE, poll, false));
		// Three of four votes is exactly the approval that is needed.
		blocks(PREPARE + CONFIRM - 1);
		assert_eq!(ended(poll), None);
		blocks(1);
		assert_eq!(ended(poll), Some(true));
		assert!(!authorised());
		blocks(ENACT);
		assert!(authorised());
	});
}

#[test]
fn too_few_votes_decide_nothing_however_unanimous() {
	run(|| {
		let poll = upgrade();
		assert_ok!(vote(ALICE, poll, true));
		blocks(PREPARE + DECISION + CONFIRM + 1);
		assert_eq!(ended(poll), Some(false));
	});
}

#[test]
fn too_many_against_it_stop_it() {
	run(|| {
		let poll = upgrade();
		for (who, aye) in [(ALICE, true), (BOB, true), (CAROL, false)] {
			assert_ok!(vote(who, poll, aye));
		}
		blocks(PREPARE + DECISION + CONFIRM + 1);
		assert_eq!(ended(poll), Some(false));
		blocks(ENACT + 1);
		assert!(!authorised());
	});
}

#[test]
fn a_vote_that_changes_during_the_confirmation_ends_it() {
	run(|| {
		let poll = upgrade();
		for who in [ALICE, BOB] {
			assert_ok!(vote(who, poll, true));
		}
		blocks(PREPARE + 1);
		assert_ok!(vote(BOB, poll, false));
		blocks(DECISION + CONFIRM + 1);
		assert_eq!(ended(poll), Some(false));
	});
}

#[test]
fn nothing_is_submitted_before_enough_people_share() {
	ExtBuilder::empty().build_and_execute(|| {
		// Nobody is there, and no epoch was ever closed.
		assert_err!(try_submit(Origin::Parameters, remark()), DispatchError::BadOrigin);
		Register::close_epochs(1);
		assert_err!(try_submit(Origin::Parameters, remark()), DispatchError::BadOrigin);
		Register::admit(ALICE);
		Register::admit(BOB);
		Register::close_epochs(2);
		assert_err!(try_submit(Origin::Parameters, remark()), DispatchError::BadOrigin);
		// Three are enough.
		Register::admit(CAROL);
		Register::close_epochs(1);
		assert_err!(try_submit(Origin::Parameters, remark()), DispatchError::BadOrigin);
		Register::close_epochs(1);
		let poll = try_submit(Origin::Parameters, remark()).expect("a poll");
		assert_eq!((tally(poll).snapshot_epoch, tally(poll).electorate), (4, 3));
		// Alice shares since epoch 2, and Carol since epoch 4.
		assert_ok!(vote(ALICE, poll, true));
		assert_err!(vote(CAROL, poll, true), Error::<Test>::TooRecent);
	});
}

#[test]
fn root_is_no_poll() {
	run(|| {
		for origin in [
			frame_system::RawOrigin::Root,
			frame_system::RawOrigin::None,
			frame_system::RawOrigin::Signed(RICH),
		] {
			assert_noop!(
				try_submit(OriginCaller::system(origin), remark()),
				pallet_referenda::Error::<Test>::NoTrack
			);
		}
	});
}

#[test]
fn without_a_decision_deposit_it_expires() {
	run(|| {
		let poll = submitted();
		for who in PEOPLE {
			assert_ok!(vote(who, poll, true));
		}
		blocks(TIMEOUT - 1);
		assert_eq!(count(poll), (4, 0));
		blocks(2);
		assert!(matches!(ReferendumInfoFor::<Test>::get(poll), Some(ReferendumInfo::TimedOut(..))));
	});
}
