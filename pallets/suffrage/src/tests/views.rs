//! What can be read without a transaction.

use super::*;

#[test]
fn the_electorate_is_shown_once_it_suffices() {
	ExtBuilder::empty().build_and_execute(|| {
		assert_eq!(Suffrage::electorate(), None);
		for account in PEOPLE {
			Register::admit(account);
		}
		Register::close_epochs(1);
		assert_eq!(Suffrage::electorate(), None);
		Register::close_epochs(1);
		assert_eq!(Suffrage::electorate(), Some((1, 4)));
	});
}

#[test]
fn votes_can_be_read() {
	run(|| {
		let poll = submitted();
		assert_eq!(Suffrage::vote_of(poll, 0), None);
		assert!(Suffrage::can_vote(poll, ALICE, true));
		assert_ok!(vote(ALICE, poll, true));
		assert_eq!(Suffrage::vote_of(poll, 0), Some(true));
		assert!(!Suffrage::can_vote(poll, ALICE, true));
		assert!(Suffrage::can_vote(poll, ALICE, false));
		assert!(!Suffrage::can_vote(poll, RICH, false));
	});
}

#[test]
fn proposals_can_be_read() {
	run(|| {
		assert_eq!(Suffrage::proposal(0), None);
		assert_ok!(propose(ALICE));
		assert_eq!(Suffrage::proposal(0), Some((1, 29, None)));
	});
}
