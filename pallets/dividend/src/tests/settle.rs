//! What a person could claim is put aside.

use super::*;

#[test]
fn what_is_claimable_is_owed_and_never_swept() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		close_with(10_000);
		Register::bar(alice, true);
		let books = totals();
		assert_ok!(Dividend::settle(alice));
		assert_eq!(last_event(), Event::Settled { person: alice, from: 1, to: 2, amount: 15_000 });
		assert_eq!(totals(), books);
		assert_eq!((share(alice).owed, share(alice).next), (15_000, 3));
		// Twice changes nothing.
		System::reset_events();
		assert_ok!(Dividend::settle(alice));
		assert_eq!((share(alice).owed, events()), (15_000, vec![]));
		// It goes on sharing, and what it earns meanwhile may be swept.
		close_with(8_000);
		go_to(3 + WINDOW);
		assert_eq!(totals().next_sweep, 3);
		// The epochs that Bob did not claim were swept; Alice's part of them was not.
		assert_eq!(share(alice).owed, 15_000);
		Register::bar(alice, false);
		let due = Dividend::claimable(ALICE);
		assert!(due > 15_000 + 4_000);
		assert_eq!(claim(ALICE), Ok(due));
		assert_eq!(share(alice).owed, 0);
	});
}

#[test]
fn a_freeze_over_the_end_of_the_window_loses_nothing_that_was_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		Register::bar(alice, true);
		assert_ok!(Dividend::settle(alice));
		go_to(TERM + 2 * WINDOW);
		assert_eq!(totals().liability, 20_000);
		Register::bar(alice, false);
		assert_eq!(claim(ALICE), Ok(20_000));
		assert_eq!(balance(pot()), ED);
	});
}

#[test]
fn nothing_to_settle_succeeds_and_changes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(3);
		let before = (share(alice), totals(), row(1));
		System::reset_events();
		assert_ok!(Dividend::settle(alice));
		assert_eq!((share(alice), totals(), row(1)), before);
		assert_eq!(events(), []);
		assert_noop!(Dividend::settle(77), Error::<Test>::NoShare);
	});
}

#[test]
fn what_was_settled_of_who_is_revoked_is_divided() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		assert_ok!(Dividend::settle(alice));
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(last_event(), Event::Forfeited { person: alice, amount: 10_000 });
		assert_eq!(totals().liability, 10_000);
		close();
		assert_eq!(claim(BOB), Ok(20_000));
		// It was counted as claimed: no sweep brings it back a second time.
		go_to(2 + WINDOW);
		assert_eq!((totals().liability, balance(pot())), (0, ED));
	});
}

#[test]
fn counts_that_cannot_be_stop_it() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		let before = share(alice);
		Shares::<Test>::insert(alice, Share { owed: u128::MAX, ..before });
		assert_noop!(Dividend::settle(alice), Error::<Test>::Unexpected);
		Shares::<Test>::insert(alice, before);
	});
}

#[test]
fn what_each_was_due_last_is_known() {
	use usufruct_primitives::traits::Electorate;
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		assert_eq!((Dividend::last_per_head(), Dividend::last_closed()), (0, None));
		close();
		assert_eq!((Dividend::last_per_head(), Dividend::last_closed()), (0, Some((0, 0))));
		close_with(20_000);
		assert_eq!((Dividend::last_per_head(), Dividend::last_closed()), (10_000, Some((1, 2))));
		close();
		assert_eq!((Dividend::last_per_head(), Dividend::last_closed()), (0, Some((2, 2))));
		// With the shortest window, too.
		set_params(|params| params.claim_window = 1);
		go_to(6);
		close_with(30_000);
		assert_eq!(Dividend::last_per_head(), row(6).per_head);
		assert!(Dividend::last_per_head() >= 15_000);
		assert_eq!(<Dividend as Electorate>::current_epoch(), 7);
		assert_eq!(<Dividend as Electorate>::interval(0), Some((1, TERM)));
		assert_eq!(<Dividend as Electorate>::interval(77), None);
	});
}
