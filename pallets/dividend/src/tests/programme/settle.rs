//! Who is frozen loses nothing of its programmes, and who is gone leaves nothing in them.

use super::*;
use usufruct_primitives::PersonId;

/// Alice and Bob share in two programmes, each of a tenth of what flows in, and are due an epoch of
/// both; of the dividend each is due 12,000.
fn two_programmes(test: impl FnOnce(PersonId, PersonId)) {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		for programme in [0, 1] {
			assert_ok!(open(SHARE, &[], 100, 1));
			assert_ok!(join(ALICE, programme));
			assert_ok!(join(BOB, programme));
		}
		go_to(1);
		close_with(30_000);
		assert_eq!(per_heads(0), (12_000, 1_000));
		assert_eq!(per_heads(1), (12_000, 1_000));
		test(alice, bob);
	});
}

#[test]
fn what_programmes_owe_is_put_aside_with_the_dividend_and_never_swept() {
	two_programmes(|alice, _| {
		let liability = totals().liability;
		assert_ok!(Dividend::settle(alice));
		let settled = |programme| Event::ProgrammeSettled {
			programme,
			person: alice,
			from: 1,
			to: 1,
			amount: 1_000,
		};
		for programme in [0, 1] {
			assert!(events().contains(&settled(programme)));
			assert_eq!(balance(pot_of(programme)), ED + 1_000);
			assert_eq!(outcome(programme).paid, 1_000);
			assert_eq!(Dividend::programme(programme).unwrap().totals.liability, 1_000);
		}
		assert_eq!(share(alice).owed, 14_000);
		assert_eq!(totals().liability, liability + 2_000);
		assert_ok!(Dividend::do_try_state());
		// Once.
		assert_ok!(Dividend::settle(alice));
		assert_eq!(share(alice).owed, 14_000);

		// All of Bob's is swept meanwhile, and none of hers.
		Register::bar(alice, true);
		go_to(3 + WINDOW);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::MayNotClaim.into()));
		assert_eq!(claim_of(0, BOB), Err(Error::<Test>::NothingToClaim.into()));
		Register::bar(alice, false);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
		assert_eq!(claim(ALICE).map(|due| due >= 14_000), Ok(true));
	});
}

#[test]
fn no_programme_gets_a_part_of_what_was_put_aside() {
	two_programmes(|alice, _| {
		assert_ok!(Dividend::settle(alice));
		let received = [0, 1].map(|programme| outcome(programme).received);
		close();
		assert_eq!([0, 1].map(|programme| outcome(programme).received), received);
		// Nor when it is forfeited.
		assert_ok!(Dividend::revoke(alice));
		let forfeited = Event::Forfeited { person: alice, amount: 14_000 };
		assert!(events().contains(&forfeited));
		close();
		assert_eq!([0, 1].map(|programme| outcome(programme).received), received);
	});
}

#[test]
fn a_programme_whose_pot_lacks_what_it_owes_stops_no_other_and_no_challenge() {
	two_programmes(|alice, _| {
		let robbed = pot_of(0);
		let half = balance(robbed) - ED - 900;
		pays(robbed, TREASURE, half);
		assert_ok!(Dividend::settle(alice));
		assert_eq!(share(alice).owed, 12_000 + 1_000);
		assert_eq!((outcome(0).paid, outcome(1).paid), (0, 1_000));
		// What it owes is there still, for when the pot has it again.
		assert_eq!(Dividend::programme(0).unwrap().totals.liability, 2_000);
		pays(TREASURE, robbed, half);
		assert_ok!(Dividend::settle(alice));
		assert_eq!(share(alice).owed, 14_000);
	});
}

#[test]
fn whoever_is_forgotten_is_counted_in_no_programme_and_leaves_nothing() {
	two_programmes(|alice, bob| {
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		while Dividend::forget(alice).is_err() {
			assert_eq!(ProgrammeShares::<Test>::get(alice).len(), 2);
			close();
		}
		assert!(Dividend::programmes() == [0, 1] && outcome(0).left == 1);
		assert!(!ProgrammeShares::<Test>::contains_key(alice));
		assert_noop!(
			Dividend::leave_programme(RuntimeOrigin::signed(BOB), 0, alice),
			Error::<Test>::NoShare
		);
		assert_ok!(Dividend::do_try_state());
		close_with(30_000);
		// Bob has it to himself.
		let last = totals().epoch - 1;
		assert_eq!(Dividend::programme_epoch(0, last).map(|row| row.eligible), Some(1));
		assert_eq!(ProgrammeShares::<Test>::get(bob).len(), 2);
	});
}

#[test]
fn programmes_that_have_ended_make_room_for_others() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		let share = 200_000 / MAX_PROGRAMMES;
		for programme in 0..MAX_PROGRAMMES {
			assert_ok!(open(share, &[], 2, 1));
			assert_ok!(join(ALICE, programme));
		}
		assert_eq!(ProgrammeShares::<Test>::get(alice).len() as u32, MAX_PROGRAMMES);
		go_to(4 + WINDOW);
		assert!(Dividend::programmes().is_empty());
		assert_eq!(Dividend::programme_count(), MAX_PROGRAMMES);
		assert_ok!(open(share, &[], 2, 1));
		assert_ok!(join(ALICE, MAX_PROGRAMMES));
		let kept = ProgrammeShares::<Test>::get(alice);
		assert_eq!(kept.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [MAX_PROGRAMMES]);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NoShare.into()));
	});
}
