//! Who may join, and when.

use super::*;

#[test]
fn is_for_people_whom_certain_verifiers_attested() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		Register::admit(CAROL);
		assert_ok!(open(SHARE, &[Class::Community, Class::InPerson], 20, 1));
		Register::attest(alice, &[Class::Document, Class::Community]);
		Register::attest(bob, &[Class::Document, Class::Biometric]);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(BOB, 0), Error::<Test>::NotEligible);
		assert_noop!(join(CAROL, 0), Error::<Test>::NotEligible);
	});
}

#[test]
fn is_for_people_of_certain_regions() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		Register::admit(CAROL);
		assert_ok!(open_in(&[276, 40], SHARE, &[], 20, 1));
		Register::settle_in(alice, 40);
		Register::settle_in(bob, 756);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(BOB, 0), Error::<Test>::NotEligible);
		// Nobody has said where she lives.
		assert_noop!(join(CAROL, 0), Error::<Test>::NotEligible);
	});
}

#[test]
fn needs_both_if_it_names_classes_and_regions() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob, carol] = [ALICE, BOB, CAROL].map(Register::admit);
		assert_ok!(open_in(&[276], SHARE, &[Class::Document], 20, 1));
		Register::attest(alice, &[Class::Document]);
		Register::settle_in(alice, 276);
		Register::attest(bob, &[Class::Document]);
		Register::settle_in(carol, 276);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(BOB, 0), Error::<Test>::NotEligible);
		assert_noop!(join(CAROL, 0), Error::<Test>::NotEligible);
	});
}

#[test]
fn is_joined_by_recognised_people_only_and_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(open(SHARE, &[], 20, 1));
		assert_noop!(join(ALICE, 0), Error::<Test>::NotAPerson);
		let alice = Register::enter(ALICE);
		assert_noop!(join(ALICE, 0), Error::<Test>::NoShare);
		assert_ok!(Dividend::join(alice));
		Register::bar(alice, true);
		assert_noop!(join(ALICE, 0), Error::<Test>::MayNotClaim);
		Register::bar(alice, false);
		assert_noop!(join(ALICE, 1), Error::<Test>::NoProgramme);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(ALICE, 0), Error::<Test>::AlreadyJoined);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Dividend::join_programme(origin.clone(), 0), DispatchError::BadOrigin);
			assert_noop!(Dividend::claim_programme(origin, 0), DispatchError::BadOrigin);
		}
		// No epoch is left.
		go_to(TERM);
		Register::admit(BOB);
		assert_noop!(join(ALICE, 0), Error::<Test>::TooLateToJoin);
		go_to(20);
		assert_noop!(join(BOB, 0), Error::<Test>::TooLateToJoin);
	});
}

#[test]
fn who_is_renewed_joins_again_to_stay() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		go_to(TERM);
		assert_ok!(Dividend::renew(alice));
		assert_ok!(join(ALICE, 0));
		let joined =
			Event::ProgrammeJoined { programme: 0, person: alice, from: 1, until: 2 * TERM };
		assert_eq!(last_event(), joined);
		assert_eq!((outcome(0).joined, outcome(0).extended), (1, 1));
		// After a lapse what is due must be claimed first.
		go_to(2 * TERM);
		close_with(50_000);
		assert_ok!(Dividend::renew(alice));
		assert_noop!(join(ALICE, 0), Error::<Test>::ClaimFirst);
		assert_eq!(claim_of(0, ALICE), Ok(5_000 - ED));
		assert_ok!(join(ALICE, 0));
		assert_eq!((outcome(0).joined, outcome(0).extended), (2, 1));
	});
}

#[test]
fn who_lapsed_and_was_renewed_is_still_due_the_time_before() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		go_to(TERM);
		close_with(50_000);
		assert_ok!(Dividend::renew(alice));
		assert_eq!(claim_of(0, ALICE), Ok(5_000 - ED));
	});
}
