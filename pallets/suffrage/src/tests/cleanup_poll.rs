//! Votes of ended polls leave the state, a few at a time.

use super::*;

fn clean(poll: PollIndex, max: u32) -> Result<u32, sp_runtime::DispatchError> {
	let used = keep(RICH, Call::cleanup_poll { poll, max })?.expect("the weight is corrected");
	let Event::PollCleaned { poll: of, removed } = last_event() else { panic!("nothing cleaned") };
	assert_eq!(of, poll);
	assert_eq!(used, <() as WeightInfo>::cleanup_poll(removed));
	Ok(removed)
}

#[test]
fn votes_are_removed_in_portions() {
	run(|| {
		let (poll, other) = (poll_on(Origin::Parameters, remark()), submitted());
		for who in PEOPLE {
			assert_ok!(vote(who, poll, who != DAVE));
			assert_ok!(vote(who, other, true));
		}
		assert_err!(clean(poll, 10), Error::<Test>::StillOngoing);
		blocks(PREPARE + CONFIRM + 1);
		assert_eq!(ended(poll), Some(true));

		assert_eq!(clean(poll, 3), Ok(3));
		assert_eq!(Votes::<Test>::iter_prefix(poll).count(), 1);
		assert_eq!(clean(poll, 3), Ok(1));
		assert_err!(clean(poll, 3), Error::<Test>::NothingToClean);
		assert_eq!(Votes::<Test>::iter_prefix(other).count(), 4);
	});
}

#[test]
fn polls_that_expired_are_cleaned_too() {
	run(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		blocks(TIMEOUT + 1);
		assert_eq!(clean(poll, u32::MAX), Ok(1));
	});
}

#[test]
fn nothing_is_not_worth_a_free_call() {
	run(|| {
		let poll = submitted();
		assert_ok!(vote(ALICE, poll, true));
		blocks(TIMEOUT + 1);
		assert_err!(clean(poll, 0), Error::<Test>::NothingToClean);
		assert_err!(clean(99, 1), Error::<Test>::NothingToClean);
		assert_eq!(clean(poll, 1), Ok(1));
	});
}
