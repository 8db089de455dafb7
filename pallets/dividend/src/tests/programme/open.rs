//! How many there are, of what size and for how long.

use super::*;

#[test]
fn all_of_them_get_no_more_than_the_ceiling() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(open(150_000, &[], 5, 1));
		assert_noop!(open(50_001, &[], 5, 1), Error::<Test>::ProgrammesTooLarge);
		assert_ok!(open(50_000, &[], 5, 1));
		assert_noop!(open(1, &[], 5, 1), Error::<Test>::ProgrammesTooLarge);
		// Those that are over are not counted.
		go_to(6);
		assert_ok!(open(200_000, &[], 5, 1));
	});
}

#[test]
fn there_are_sixteen_at_most_and_each_means_something() {
	ExtBuilder::default().build_and_execute(|| {
		let empty = Error::<Test>::EmptyProgramme;
		assert_noop!(open(0, &[], 5, 1), empty);
		assert_noop!(open(1, &[], 0, 1), Error::<Test>::EmptyProgramme);
		assert_noop!(open(1, &[], 105, 1), Error::<Test>::EmptyProgramme);
		let signed = RuntimeOrigin::signed(GUARD);
		let open_signed =
			Dividend::open_programme(signed, 1, Default::default(), Default::default(), 5, 1);
		assert_noop!(open_signed, DispatchError::BadOrigin);
		for _ in 0..MAX_PROGRAMMES {
			assert_ok!(open(1, &[], 104, 1));
		}
		assert_noop!(open(1, &[], 5, 1), Error::<Test>::TooManyProgrammes);
		// Each is booked when an epoch closes.
		close();
	});
}

#[test]
fn is_not_for_people_of_no_region() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(open_in(&[276, 0], SHARE, &[], 20, 1), Error::<Test>::NoRegion);
	});
}
