//! What a programme gets of what flows in.

use super::*;

#[test]
fn gets_its_part_of_what_flows_in_before_it_is_divided() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		assert_ok!(open(SHARE, &[], 10, 1));
		let terms = Terms {
			share: SHARE,
			classes: Default::default(),
			regions: Default::default(),
			from: 2,
			until: 11,
			min_people: 1,
		};
		assert_eq!(last_event(), Event::ProgrammeOpened { programme: 0, terms });
		assert_ok!(join(ALICE, 0));
		let joined = Event::ProgrammeJoined { programme: 0, person: alice, from: 2, until: TERM };
		assert_eq!(last_event(), joined);
		// The epoch in which it was opened is everybody's.
		close_with(20_000);
		assert_eq!(per_heads(0), (10_000, 0));
		close_with(30_000);
		// A tenth, of which the first existential deposit keeps its pot alive.
		assert_eq!(per_heads(0), (13_500, 2_000));
		let closed = Event::ProgrammeEpochClosed {
			programme: 0,
			epoch: 2,
			received: 3_000,
			eligible: 1,
			per_head: 2_000,
			distributed: 2_000,
			carried: 0,
			returned: 0,
			swept: 0,
		};
		assert_eq!(last_closed(), closed);
		close_with(30_000);
		assert_eq!(per_heads(0), (13_500, 3_000));
		assert_eq!(claim_of(0, ALICE), Ok(5_000));
		let paid = Event::ProgrammeClaimed {
			programme: 0,
			person: alice,
			account: ALICE,
			from: 2,
			to: 3,
			amount: 5_000,
		};
		assert_eq!(last_event(), paid);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
		assert_eq!(claim_of(0, BOB), Err(Error::<Test>::NoShare.into()));
		assert_eq!(claim(ALICE), Ok(37_000));
		assert_eq!(balance(pot_of(0)), ED);
		let expected =
			Outcome { joined: 1, claims: 1, received: 6_000, paid: 5_000, ..Default::default() };
		assert_eq!(outcome(0), expected);
	});
}

#[test]
fn what_was_there_before_is_not_shared_out_again() {
	ExtBuilder::default().min_people(4).build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		// Half of it is carried, and promised to nobody.
		close_with(40_000);
		assert_ok!(open(SHARE, &[], 20, 4));
		close();
		assert_eq!(balance(pot_of(0)), 0);
		for _ in 0..2 {
			close();
			assert_eq!(balance(pot_of(0)), 0);
		}
		// Nor is what is forfeited,
		assert_ok!(Dividend::settle(alice));
		assert_ok!(Dividend::revoke(alice));
		close();
		assert_eq!(balance(pot_of(0)), 0);
		// nor what nobody claims.
		let liability = totals().liability;
		go_to(totals().epoch + WINDOW + 1);
		assert!(totals().liability < liability);
		assert_eq!(balance(pot_of(0)), 0);
		// What flows in is.
		close_with(20_000);
		assert_eq!(balance(pot_of(0)), 2_000);
		assert_eq!(outcome(0).received, 2_000);
	});
}

#[test]
fn too_little_for_its_pot_stays_with_all_people() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 20, 1));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(10 * ED - 1);
		assert_eq!(per_heads(0), (10 * ED - 1, 0));
		close_with(10 * ED);
		assert_eq!(per_heads(0), (9 * ED, 0));
		assert_eq!(balance(pot_of(0)), ED);
	});
}
