//! By how many people what it got is divided, and what is left over.

use super::*;
use usufruct_primitives::Balance;

#[test]
fn is_divided_by_no_fewer_than_the_pot_of_all_people_is() {
	ExtBuilder::default().min_people(1_000).build_and_execute(|| {
		let open_for = |min_people| open_in(&[276], 200_000, &[], 104, min_people);
		for too_few in [0, 1, 999] {
			assert_noop!(open_for(too_few), Error::<Test>::TooFewPeople);
		}
		assert_ok!(open_for(1_000));
		// The one person of that region does not get a fifth of everything.
		let alice = Register::admit(ALICE);
		Register::settle_in(alice, 276);
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(1_000_000 * ED);
		assert_eq!(Dividend::claimable_of_programme(0, ALICE), (200_000 * ED - ED) / 1_000);
		// A change of the parameters changes nothing of it.
		set_params(|params| params.min_people = 1);
		close_with(1_000_000 * ED);
		assert_eq!(per_heads(0).1, 200_000 * ED / 1_000);
	});
}

#[test]
fn what_falls_to_those_who_are_missing_never_piles_up_for_the_few() {
	for few in [1, 10] {
		ExtBuilder::default().min_people(1_000).build_and_execute(|| {
			set_params(|params| params.term = MAX_PROGRAMME_EPOCHS + 2);
			assert_ok!(open(200_000, &[], MAX_PROGRAMME_EPOCHS, 1_000));
			for who in 1..=few {
				Register::admit(who);
				assert_ok!(join(who, 0));
			}
			Register::admit(few + 1);
			go_to(1);
			set_params(|params| params.min_people = 1);
			let inflow = 1_000_000 * ED + 7_777;
			for _ in 0..MAX_PROGRAMME_EPOCHS {
				close_with(inflow);
				for who in 1..=few {
					let due = claim_of(0, who).expect("something is due");
					assert!(due <= inflow / 5 / 1_000 + 1, "more than one of a thousand parts");
				}
			}
			let Outcome { received, paid, returned, .. } = outcome(0);
			// What returned was no inflow again.
			assert_eq!(received, Balance::from(MAX_PROGRAMME_EPOCHS) * (inflow / 5));
			assert!(paid <= Balance::from(few) * received / 1_000);
			// Beside the deposit, rounding is left.
			assert_eq!(received - paid - returned, balance(pot_of(0)));
			assert!(balance(pot_of(0)) < ED + 1_000);
			let Event::ProgrammeEpochClosed { per_head, returned, .. } = last_closed() else {
				panic!("no epoch of it was closed");
			};
			assert_eq!(returned, per_head * (1_000 - Balance::from(few)));
			// The next close divides it among all people, with what nobody had claimed.
			let Event::EpochClosed { swept, .. } = close() else { panic!("no epoch was closed") };
			let people = Balance::from(few) + 1;
			assert!((per_heads(0).0 * people).abs_diff(returned + swept) < people);
		});
	}
}

#[test]
fn who_joins_late_gets_nothing_of_the_epochs_before() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		assert_ok!(open(SHARE, &[], 10, 1));
		go_to(1);
		// Nobody shares in it, so all but the deposit returns at once.
		close_with(30_000);
		assert_eq!(
			last_closed(),
			Event::ProgrammeEpochClosed {
				programme: 0,
				epoch: 1,
				received: 3_000,
				eligible: 0,
				per_head: 2_000,
				distributed: 0,
				carried: 0,
				returned: 2_000,
				swept: 0,
			}
		);
		assert_eq!((outcome(0).returned, balance(pot_of(0))), (2_000, ED));
		assert_ok!(join(ALICE, 0));
		close_with(30_000);
		assert_eq!(per_heads(0), ((27_000 + 2_000) / 2, 3_000));
		close_with(30_000);
		assert_eq!(per_heads(0), (27_000 / 2 + 3_000 / 2, 3_000));
		assert_eq!(claim_of(0, ALICE), Ok(3_000));
	});
}

#[test]
fn what_is_too_little_to_be_divided_is_kept_until_it_is_enough() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 10, 4));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(40_000);
		assert_eq!((per_heads(0).1, outcome(0).returned, balance(pot_of(0))), (0, 0, 4 * ED));
		close_with(40_000);
		assert_eq!(per_heads(0).1, 7 * ED / 4);
		assert_eq!((outcome(0).returned, balance(pot_of(0))), (3 * 7 * ED / 4, ED + 7 * ED / 4));
	});
}
