//! A programme ends, in its time or because governance ends it, and what is left is everybody's.

use super::*;
use usufruct_primitives::{EpochIndex, PersonId};

fn interval_of_programme(programme: ProgrammeId, person: PersonId) -> (EpochIndex, EpochIndex) {
	let ledger = crate::ledger::Ledger::<Test>::programme(programme);
	ledger.share(person).map(|share| (share.from, share.until)).expect("it joined")
}

fn end(programme: ProgrammeId) -> DispatchResult {
	Dividend::end_programme(RuntimeOrigin::root(), programme)
}

#[test]
fn what_governance_ends_shares_out_the_open_epoch_and_is_wound_up() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob, carol] = [ALICE, BOB, CAROL].map(Register::admit);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(join(BOB, 0));
		go_to(1);
		close_with(30_000);
		assert_eq!(claim_of(0, ALICE), Ok(1_000));
		// Carol joined, and would have begun with the next epoch.
		assert_ok!(join(CAROL, 0));
		assert_ok!(end(0));
		assert_eq!(last_event(), Event::ProgrammeCutShort { programme: 0, old: 100, new: 2 });
		assert_ok!(Dividend::do_try_state());
		assert_eq!(Dividend::programme(0).expect("it is kept").terms.until, 2);
		assert_eq!(interval_of_programme(0, alice), (1, 2));
		assert_eq!(interval_of_programme(0, carol), (3, 2));
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);

		close_with(30_000);
		assert_eq!(per_heads(0), (9_000, 1_500));
		assert_eq!(claim_of(0, ALICE), Ok(1_500));
		// Nothing flows in any more, nobody joins, and what is promised can be claimed.
		let joined = Register::admit(4);
		assert_noop!(join(4, 0), Error::<Test>::TooLateToJoin);
		assert_eq!(Dividend::interval(joined), Some((4, 3 + TERM)));
		close_with(30_000);
		assert_eq!(outcome(0).received, 6_000);
		assert_eq!(balance(pot_of(0)), ED + 2_500);
		for who in [ALICE, CAROL] {
			assert_eq!(claim_of(0, who), Err(Error::<Test>::NothingToClaim.into()));
		}
		assert_eq!(claim_of(0, BOB), Ok(2_500));
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);

		// All of its rows go, and with the last epoch swept the programme.
		go_to(3 + WINDOW);
		assert!(Dividend::programmes().is_empty());
		assert_eq!(ProgrammeEpochs::<Test>::iter_prefix(0).count(), 0);
		assert!(!System::account_exists(&pot_of(0)));
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);
		assert_eq!(outcome(0).received, outcome(0).paid + outcome(0).returned);
		for person in [alice, bob, carol] {
			assert_ok!(Dividend::leave_programme(RuntimeOrigin::signed(4), 0, person));
		}
		assert_eq!(ProgrammeShares::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_nobody_claims_of_a_programme_that_was_ended_is_everybodys() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(30_000);
		assert_ok!(end(0));
		close_with(30_000);
		go_to(3 + WINDOW);
		assert_eq!(outcome(0).returned, 6_000);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
	});
}

#[test]
fn who_was_revoked_is_struck_off_also_while_it_ends() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(join(BOB, 0));
		go_to(2);
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		assert_ok!(end(0));
		let leave = |person| Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, person);
		assert_noop!(leave(bob), Error::<Test>::StillEligible);
		assert_ok!(leave(alice));
		assert_noop!(leave(alice), Error::<Test>::StillEligible);
		assert_ok!(Dividend::do_try_state());
		close_with(30_000);
		assert_eq!(per_heads(0).1, 2_000);
	});
}

#[test]
fn what_was_ended_before_it_began_shares_out_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		assert_ok!(open(SHARE, &[], 104, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(end(0));
		assert_eq!(interval_of_programme(0, alice), (2, 1));
		for _ in 0..3 {
			close_with(30_000);
		}
		assert_eq!(outcome(0).received, 0);
		assert_eq!(balance(pot_of(0)), 0);
		go_to(2 + WINDOW);
		assert!(Dividend::programmes().is_empty());
	});
}

#[test]
fn is_ended_by_whoever_can_open_one_only() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(open(SHARE, &[], 5, 1));
		for origin in [RuntimeOrigin::signed(GUARD), RuntimeOrigin::none()] {
			assert_noop!(Dividend::end_programme(origin, 0), DispatchError::BadOrigin);
		}
		assert_noop!(end(1), Error::<Test>::NoProgramme);
		// Its last epoch is open.
		go_to(5);
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);
	});
}

#[test]
fn what_is_left_at_the_end_is_everybodys() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, _] = [ALICE, BOB].map(Register::admit);
		assert_ok!(open(SHARE, &[], 3, 2));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		for _ in 0..3 {
			close_with(30_000);
		}
		// Divided by two at least, so half of it returned each time.
		assert_eq!(Dividend::claimable_of_programme(0, ALICE), 1_000 + 1_500 + 1_500);
		assert_eq!((outcome(0).received, outcome(0).returned), (9_000, 4_000));
		assert_eq!(balance(pot_of(0)), ED + 4_000);
		// It is over: nothing flows in, and what is not owed returns at once, with what is swept.
		close_with(30_000);
		assert_eq!(Dividend::claimable_of_programme(0, ALICE), 1_500 + 1_500);
		assert_eq!(balance(pot_of(0)), ED + 3_000);
		assert_eq!((outcome(0).received, outcome(0).returned), (9_000, 5_000));
		assert_eq!(Dividend::programmes(), [0]);
		// What returned is divided among all, and no programme gets a part of it.
		assert_ok!(open(SHARE, &[], 30, 1));
		close();
		assert_eq!(Dividend::programmes(), [0, 1]);
		// Nobody claimed, so the window passes and everything returns, the deposit too.
		close();
		assert_eq!(totals().epoch, 4 + WINDOW);
		assert_eq!(Dividend::programmes(), [1]);
		assert_eq!(balance(pot_of(1)), 0);
		assert_eq!((balance(pot_of(0)), System::account_exists(&pot_of(0))), (0, false));
		let expected =
			Outcome { joined: 1, received: 9_000, returned: 9_000, ..Default::default() };
		assert_eq!(outcome(0), expected);
		assert!(events().contains(&Event::ProgrammeEnded { programme: 0, outcome: expected }));
		assert_eq!(ProgrammeEpochs::<Test>::iter_prefix(0).count(), 0);
		// Its shares are forgotten by whoever wants to.
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
		assert_ok!(Dividend::leave_programme(RuntimeOrigin::signed(BOB), 0, alice));
		assert_eq!(ProgrammeShares::<Test>::iter().count(), 0);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NoShare.into()));
	});
}
