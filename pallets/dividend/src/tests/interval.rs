//! Intervals begin, move and end.

use super::*;
use sp_runtime::ArithmeticError;

#[test]
fn a_share_begins_with_the_next_epoch_and_lasts_a_term() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::enter(ALICE);
		assert_eq!(Dividend::interval(alice), None);
		assert_eq!(Dividend::current_epoch(), 0);
		assert_eq!(Dividend::join(alice), Ok((1, TERM)));
		assert_eq!(Dividend::interval(alice), Some((1, TERM)));
		assert_eq!(share(alice), Share { from: 1, until: TERM, next: 1, owed: 0, since: 0 });
		assert_eq!((row(1).join, row(TERM + 1).leave), (1, 1));
	});
}

#[test]
fn nobody_joins_twice() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_noop!(Dividend::join(alice), Error::<Test>::AlreadyJoined);
		go_to(TERM + 2);
		// Not even after a lapse: that is a renewal.
		assert_noop!(Dividend::join(alice), Error::<Test>::AlreadyJoined);
	});
}

#[test]
fn who_has_no_share_can_do_nothing_with_it() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::enter(ALICE);
		assert_noop!(Dividend::renew(alice), Error::<Test>::NoShare);
		assert_noop!(Dividend::revoke(alice), Error::<Test>::NoShare);
		assert_noop!(Dividend::forget(alice), Error::<Test>::NoShare);
	});
}

#[test]
fn a_term_is_renewed_in_its_last_quarter_only() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		for epoch in 0..=TERM - 2 {
			go_to(epoch);
			assert_noop!(Dividend::renew(alice), Error::<Test>::TooEarlyToRenew);
		}
		go_to(TERM - 1);
		assert_eq!(Dividend::renew(alice), Ok((1, 2 * TERM - 1)));
		assert_eq!(
			share(alice),
			Share { from: 1, until: 2 * TERM - 1, next: 1, owed: 0, since: 0 }
		);
		assert_eq!((row(TERM + 1).leave, row(2 * TERM).leave), (0, 1));
		// And not twice.
		assert_noop!(Dividend::renew(alice), Error::<Test>::TooEarlyToRenew);
	});
}

#[test]
fn a_renewal_in_the_last_valid_epoch_leaves_no_gap() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		flow_in(10_000);
		block(totals().closes_at - 1);
		assert_eq!(Dividend::renew(alice), Ok((1, 2 * TERM)));
		close();
		close_with(10_000);
		assert_eq!(totals().active, 1);
		assert_eq!(claim(ALICE), Ok(20_000));
	});
}

#[test]
fn a_renewal_after_a_lapse_keeps_what_was_earned_and_begins_anew() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM - 1);
		close_with(10_000);
		close_with(20_000);
		assert_eq!(totals().epoch, TERM + 1);
		flow_in(3_000);
		// One epoch too late: it is lost, and so is this one.
		assert_eq!(Dividend::renew(alice), Ok((TERM + 2, 2 * TERM + 1)));
		assert_eq!(
			last_event(),
			Event::Settled { person: alice, from: TERM + 1 - WINDOW, to: TERM, amount: 30_000 }
		);
		let (from, until) = (TERM + 2, 2 * TERM + 1);
		let renewed = Share { from, until, next: from, owed: 30_000, since: 0 };
		assert_eq!(share(alice), renewed);
		assert_eq!(totals().liability, 30_000);
		close();
		assert_eq!(totals().active, 0);
		// What is settled outlives the claim window.
		for _ in 0..WINDOW + 2 {
			close();
		}
		assert!(totals().next_sweep > TERM);
		assert_eq!(totals().active, 1);
		assert_eq!(claim(ALICE), Ok(33_000));
		assert_eq!(share(alice).owed, 0);
		assert_eq!(balance(pot()), ED);
	});
}

#[test]
fn settled_money_alone_is_paid_as_an_empty_range() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		close_with(10_000);
		assert_ok!(Dividend::renew(alice));
		let until = share(alice);
		assert_eq!(claim(ALICE), Ok(10_000));
		assert_eq!(
			last_event(),
			Event::Claimed {
				person: alice,
				account: ALICE,
				from: TERM + 2,
				to: TERM + 1,
				amount: 10_000
			}
		);
		assert_eq!(share(alice), Share { owed: 0, ..until });
		assert_noop!(Dividend::claim(RuntimeOrigin::signed(ALICE)), Error::<Test>::NothingToClaim);
	});
}

#[test]
fn a_lapse_without_anything_due_settles_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		close_with(10_000);
		assert_eq!(claim(ALICE), Ok(10_000));
		System::reset_events();
		assert_ok!(Dividend::renew(alice));
		assert_eq!(share(alice).owed, 0);
		assert_eq!(events(), []);
	});
}

#[test]
fn two_lapses_add_up() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		close_with(10_000);
		assert_ok!(Dividend::renew(alice));
		go_to(share(alice).until);
		close_with(20_000);
		assert_ok!(Dividend::renew(alice));
		assert_eq!(share(alice).owed, 30_000);
		assert_eq!(claim(ALICE), Ok(30_000));
	});
}

#[test]
fn revoked_before_it_began_a_person_never_shares() {
	ExtBuilder::default().build_and_execute(|| {
		go_to(2);
		let alice = Register::admit(ALICE);
		assert_ok!(Dividend::revoke(alice));
		// An empty interval.
		assert_eq!(Dividend::interval(alice), Some((3, 2)));
		assert_eq!((row(3).join, row(3).leave, row(3 + TERM).leave), (1, 1, 0));
		close_with(10_000);
		close();
		assert_eq!(totals().active, 0);
		assert_noop!(Dividend::claim(RuntimeOrigin::signed(ALICE)), Error::<Test>::NothingToClaim);
		// Doing it again changes nothing.
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(Dividend::interval(alice), Some((3, 2)));
	});
}

#[test]
fn revoked_twice_in_the_epoch_it_joined_in_changes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(Dividend::revoke(alice));
		let (before, rows) = (share(alice), Epochs::<Test>::iter().count());
		assert_ok!(Dividend::revoke(alice));
		assert_eq!((share(alice), Epochs::<Test>::iter().count()), (before, rows));
	});
}

#[test]
fn revoked_in_an_open_epoch_a_person_does_not_share_in_it() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		flow_in(20_000);
		block(totals().closes_at - 1);
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(Dividend::interval(alice), Some((1, 1)));
		close();
		assert_eq!(totals().active, 1);
		// All of the second epoch is Bob's; of the first nothing is Alice's any more.
		assert_eq!(Dividend::claimable(ALICE), 0);
		assert_noop!(Dividend::claim(RuntimeOrigin::signed(ALICE)), Error::<Test>::NothingToClaim);
		assert_eq!(claim(BOB), Ok(30_000));
		// Her part stays reserved until it is swept; then it is Bob's too.
		assert_eq!(totals().liability, 10_000);
		go_to(2 + WINDOW);
		assert_eq!(claim(BOB), Ok(10_000));
		assert_eq!(totals().liability, 0);
		assert_eq!(balance(pot()), ED);
	});
}

#[test]
fn what_was_owed_to_a_revoked_person_is_divided_at_the_next_close() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		close_with(20_000);
		assert_ok!(Dividend::renew(alice));
		go_to(TERM + 1);
		Register::admit(BOB);
		go_to(TERM + 2);
		assert_eq!((totals().liability, share(alice).owed), (20_000, 20_000));
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(last_event(), Event::Forfeited { person: alice, amount: 20_000 });
		assert_eq!((totals().liability, share(alice).owed), (0, 0));
		assert_eq!(balance(pot()), ED + 20_000);
		close();
		assert_eq!(claim(BOB), Ok(20_000));
	});
}

#[test]
fn revoked_after_a_lapse_a_person_loses_what_it_had_not_claimed() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		close_with(20_000);
		close();
		let counts = |epoch| (row(epoch).join, row(epoch).leave);
		let before = [TERM, TERM + 1, TERM + 2].map(counts);
		assert_ok!(Dividend::revoke(alice));
		// The interval is over and stays as it was.
		assert_eq!(Dividend::interval(alice), Some((1, TERM)));
		assert_eq!([TERM, TERM + 1, TERM + 2].map(counts), before);
		assert_noop!(Dividend::claim(RuntimeOrigin::signed(ALICE)), Error::<Test>::NothingToClaim);
		assert_eq!(totals().liability, 20_000);
		go_to(TERM + WINDOW + 1);
		assert_eq!(totals().liability, 0);
	});
}

#[test]
fn who_is_renewed_after_a_revocation_has_lost_what_was_forfeited() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(Dividend::renew(alice), Ok((3, 2 + TERM)));
		assert_eq!(share(alice).owed, 0);
		close();
		close_with(1_000);
		assert_eq!(claim(ALICE), Ok(1_000));
	});
}

#[test]
fn a_share_is_forgotten_once_nothing_can_come_of_it() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		for epoch in 0..=TERM + WINDOW {
			go_to(epoch);
			assert_noop!(Dividend::forget(alice), Error::<Test>::ShareNotOver);
		}
		go_to(TERM + WINDOW + 1);
		assert_eq!(totals().next_sweep, TERM + 1);
		assert_ok!(Dividend::forget(alice));
		assert_eq!(Dividend::interval(alice), None);
		assert_noop!(Dividend::forget(alice), Error::<Test>::NoShare);
		// The slate is clean.
		assert_eq!(Dividend::join(alice), Ok((TERM + WINDOW + 2, 2 * TERM + WINDOW + 1)));
	});
}

#[test]
fn a_share_of_which_something_is_owed_is_not_forgotten() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		close_with(20_000);
		assert_ok!(Dividend::renew(alice));
		let until = share(alice).until;
		go_to(until + WINDOW + 2);
		assert!(totals().next_sweep > until);
		assert_noop!(Dividend::forget(alice), Error::<Test>::ShareNotOver);
		let before = share(alice);
		assert_eq!(claim(ALICE), Ok(20_000));
		// Her interval was swept whole, so nothing of it was claimed.
		assert_eq!(share(alice), Share { owed: 0, ..before });
		assert_ok!(Dividend::forget(alice));
	});
}

#[test]
fn a_revoked_share_is_forgotten_once_its_last_epoch_is_swept() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(3);
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(Dividend::interval(alice), Some((1, 2)));
		go_to(2 + WINDOW);
		assert_noop!(Dividend::forget(alice), Error::<Test>::ShareNotOver);
		go_to(3 + WINDOW);
		assert_ok!(Dividend::forget(alice));
	});
}

#[test]
fn a_changed_term_applies_to_what_is_given_from_then_on() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		set_params(|params| params.term = 40);
		assert_eq!(Dividend::interval(alice), Some((1, TERM)));
		// A quarter of the new term is more than all of the old.
		assert_eq!(Dividend::renew(alice), Ok((1, 40)));
		set_params(|params| params.term = 1);
		go_to(40);
		assert_eq!(Dividend::renew(alice), Ok((1, 41)));
	});
}

#[test]
fn no_interval_reaches_the_end_of_all_epochs() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::enter(ALICE);
		let at = |epoch| {
			Books::<Test>::mutate(|totals| {
				totals.epoch = epoch;
				totals.next_sweep = epoch;
			})
		};
		at(u32::MAX);
		assert_noop!(Dividend::join(alice), ArithmeticError::Overflow);
		at(u32::MAX - TERM);
		assert_noop!(Dividend::join(alice), ArithmeticError::Overflow);
		at(u32::MAX - TERM - 1);
		assert_eq!(Dividend::join(alice), Ok((u32::MAX - TERM, u32::MAX - 1)));
		at(u32::MAX - 1);
		Books::<Test>::mutate(|totals| totals.active = 1);
		Epochs::<Test>::remove(u32::MAX - TERM);
		assert_noop!(Dividend::renew(alice), ArithmeticError::Overflow);
	});
}

#[test]
fn counts_that_cannot_be_stop_the_call() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(TERM);
		close_with(10_000);
		let books = totals();
		let before = share(alice);

		// Lapsed, and what is owed would overflow.
		Shares::<Test>::insert(alice, Share { owed: u128::MAX, ..before });
		assert_noop!(Dividend::renew(alice), Error::<Test>::Unexpected);
		assert_noop!(Dividend::revoke(alice), Error::<Test>::Unexpected);
		Shares::<Test>::insert(alice, before);
		assert_eq!(totals(), books);

		// An end that was never counted.
		assert_ok!(Dividend::renew(alice));
		let end = share(alice).until + 1;
		go_to(end - 1);
		Epochs::<Test>::mutate(end, |row| row.leave = 0);
		assert_noop!(Dividend::renew(alice), Error::<Test>::Unexpected);
		assert_noop!(Dividend::revoke(alice), Error::<Test>::Unexpected);
		Epochs::<Test>::mutate(end, |row| row.leave = 1);

		// More than can be counted.
		let next = Epochs::<Test>::get(end + TERM);
		Epochs::<Test>::mutate(end + TERM, |row| row.leave = u32::MAX);
		assert_err!(
			frame_support::storage::with_storage_layer(|| Dividend::renew(alice)),
			ArithmeticError::Overflow
		);
		let bob = Register::enter(BOB);
		assert_err!(
			frame_support::storage::with_storage_layer(|| Dividend::join(bob)),
			ArithmeticError::Overflow
		);
		Epochs::<Test>::insert(end + TERM, next);
		Epochs::<Test>::mutate(end, |row| row.join = u32::MAX);
		assert_noop!(Dividend::join(bob), ArithmeticError::Overflow);
		Epochs::<Test>::mutate(end, |row| row.join = 0);
	});
}
