//! Arithmetic of the tally.

use super::*;
use core::marker::PhantomData;
use frame_support::traits::VoteTally;
use sp_runtime::Perbill;

fn of(ayes: u32, nays: u32, electorate: u32) -> Tally<Test> {
	Tally { ayes, nays, electorate, snapshot_epoch: 0, config: PhantomData }
}

#[test]
fn support_is_of_the_electorate_and_approval_of_the_votes() {
	let tally = of(30, 10, 200);
	assert_eq!(VoteTally::<u32, u16>::support(&tally, 0), Perbill::from_percent(15));
	assert_eq!(VoteTally::<u32, u16>::approval(&tally, 0), Perbill::from_percent(75));
	assert_eq!(VoteTally::<u32, u16>::ayes(&tally, 0), 30);
	assert_eq!(tally.turnout(), 40);
}

#[test]
fn nothing_is_no_approval() {
	let nobody = of(0, 0, 200);
	assert_eq!(VoteTally::<u32, u16>::support(&nobody, 0), Perbill::zero());
	assert_eq!(VoteTally::<u32, u16>::approval(&nobody, 0), Perbill::zero());
	let empty = of(0, 0, 0);
	assert_eq!(VoteTally::<u32, u16>::support(&empty, 0), Perbill::zero());
	assert_eq!(VoteTally::<u32, u16>::approval(&empty, 0), Perbill::zero());
}

#[test]
fn the_largest_numbers_are_divided_right() {
	let all = of(u32::MAX, 0, u32::MAX);
	assert_eq!(VoteTally::<u32, u16>::support(&all, 0), Perbill::one());
	assert_eq!(VoteTally::<u32, u16>::approval(&all, 0), Perbill::one());
}

#[test]
fn a_new_tally_takes_its_snapshot() {
	run(|| {
		let poll = submitted();
		assert_eq!(tally(poll), Tally { snapshot_epoch: 3, ..of(0, 0, 4) });
		// What happens later does not change it.
		Register::admit(ERIN);
		Register::revoke(3);
		Register::close_epochs(3);
		assert_eq!(tally(poll), Tally { snapshot_epoch: 3, ..of(0, 0, 4) });
	});
	ExtBuilder::empty().build_and_execute(|| {
		let tally = <Tally<Test> as VoteTally<u32, u16>>::new(0);
		assert_eq!(tally, of(0, 0, 0));
	});
}

#[test]
fn counts_stay_within_their_bounds() {
	let mut tally = of(0, 0, 1);
	assert_eq!(tally.count(Some(true), None), None);
	assert_eq!(tally.count(Some(false), Some(true)), None);
	let mut full = of(u32::MAX, u32::MAX, 1);
	assert_eq!(full.count(None, Some(true)), None);
	assert_eq!(full.count(None, Some(false)), None);
}

#[test]
fn a_broken_count_is_refused_and_nothing_changes() {
	run(|| {
		let poll = submitted();
		// A vote that is not in the tally.
		Votes::<Test>::insert(poll, 0, true);
		assert_noop!(
			Suffrage::vote(RuntimeOrigin::signed(ALICE), poll, false),
			Error::<Test>::Unexpected
		);
		Register::revoke(0);
		assert_err!(
			Suffrage::remove_vote(RuntimeOrigin::signed(RICH), poll, 0).map_err(|e| e.error),
			Error::<Test>::Unexpected
		);
		Votes::<Test>::remove(poll, 0);
	});
}
