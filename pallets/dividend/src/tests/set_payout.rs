//! A person names the account that its dividend is paid to.

use super::*;
use sp_runtime::{transaction_validity::InvalidTransaction, DispatchError};

fn set_payout(who: AccountId, account: AccountId) -> sp_runtime::DispatchResult {
	Dividend::set_payout(RuntimeOrigin::signed(who), account)
}

/// The account that is paid now, and the one that is to be.
fn payout(who: AccountId) -> (AccountId, Option<(Option<AccountId>, u32)>) {
	let (account, change) = Dividend::payout(who).expect("a person has this account");
	(account, change.map(|change| (change.account, change.from)))
}

#[test]
fn takes_a_whole_epoch_and_what_is_left_of_the_open_one() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		// In the last block of an epoch.
		block(totals().closes_at - 1);
		assert_ok!(set_payout(ALICE, BOB));
		let set = Event::PayoutSet { person: alice, old: ALICE, new: BOB, from: 4 };
		assert_eq!(last_event(), set);
		assert_eq!(payout(ALICE), (ALICE, Some((Some(BOB), 4))));
		assert_eq!(claim(ALICE), Ok(20_000));
		close_with(20_000);
		block(totals().closes_at - 1);
		assert_eq!(claim(ALICE), Ok(20_000));
		assert_eq!((balance(ALICE), balance(BOB)), (40_000, 0));
		// The epoch after the open one has closed.
		close_with(20_000);
		assert_eq!(payout(ALICE), (BOB, None));
		assert_eq!(claim(ALICE), Ok(20_000));
		assert_eq!((balance(ALICE), balance(BOB)), (40_000, 20_000));
		let paid = Event::Claimed { person: alice, account: BOB, from: 3, to: 3, amount: 20_000 };
		assert_eq!(last_event(), paid);
		close_with(20_000);
		assert_eq!(claim_for(alice), Ok(20_000));
		assert_eq!((balance(ALICE), balance(BOB)), (40_000, 40_000));
	});
}

#[test]
fn a_change_replaces_one_that_waits_and_begins_to_wait_anew() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(set_payout(ALICE, BOB));
		go_to(1);
		assert_ok!(set_payout(ALICE, CAROL));
		assert_eq!(payout(ALICE), (ALICE, Some((Some(CAROL), 3))));
		go_to(2);
		assert_eq!(payout(ALICE), (ALICE, Some((Some(CAROL), 3))));
		go_to(3);
		assert_eq!(payout(ALICE), (CAROL, None));
		// What took effect stays while the next change waits.
		assert_ok!(set_payout(ALICE, BOB));
		let set = Event::PayoutSet { person: alice, old: CAROL, new: BOB, from: 5 };
		assert_eq!(last_event(), set);
		assert_eq!(payout(ALICE), (CAROL, Some((Some(BOB), 5))));
		go_to(5);
		assert_eq!(payout(ALICE), (BOB, None));
	});
}

#[test]
fn naming_what_is_in_force_withdraws_a_change() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(set_payout(ALICE, BOB));
		assert_ok!(set_payout(ALICE, ALICE));
		let set = Event::PayoutSet { person: alice, old: ALICE, new: ALICE, from: 0 };
		assert_eq!(last_event(), set);
		assert_eq!(payout(ALICE), (ALICE, None));
		assert!(!Payouts::<Test>::contains_key(alice));

		assert_ok!(set_payout(ALICE, BOB));
		go_to(2);
		assert_ok!(set_payout(ALICE, CAROL));
		assert_ok!(set_payout(ALICE, BOB));
		assert_eq!(payout(ALICE), (BOB, None));
		go_to(5);
		assert_eq!(payout(ALICE), (BOB, None));
	});
}

#[test]
fn going_back_to_ones_own_account_takes_as_long() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(set_payout(ALICE, BOB));
		go_to(2);
		assert_ok!(set_payout(ALICE, ALICE));
		assert_eq!(payout(ALICE), (BOB, Some((None, 4))));
		go_to(4);
		assert_eq!(payout(ALICE), (ALICE, None));
		// Said once more, it leaves no row behind.
		assert_ok!(set_payout(ALICE, ALICE));
		assert!(!Payouts::<Test>::contains_key(alice));
	});
}

#[test]
fn a_recovery_forgets_a_change_that_waits() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		// A thief has Alice's key.
		assert_ok!(set_payout(ALICE, BOB));
		go_to(2);
		Register::recover(alice, CAROL);
		let change = Some(PayoutChange { account: Some(BOB), from: 3 });
		let forgotten = Payout { account: None, change };
		assert_eq!(last_event(), Event::PayoutForgotten { person: alice, payout: forgotten });
		go_to(3);
		close_with(20_000);
		assert_eq!(payout(CAROL), (CAROL, None));
		assert_eq!(claim(CAROL), Ok(20_000));
		assert_eq!(claim(ALICE), Err(Error::<Test>::NotAPerson.into()));
		assert_eq!((balance(ALICE), balance(BOB)), (0, 0));
		assert!(!Payouts::<Test>::contains_key(alice));
	});
}

#[test]
fn a_recovery_ends_a_payout_that_is_in_force() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		// A thief has Alice's key, she notices late, and the thief is paid and names another account.
		assert_ok!(set_payout(ALICE, BOB));
		go_to(2);
		close_with(20_000);
		assert_eq!(claim_for(alice), Ok(20_000));
		assert_ok!(set_payout(ALICE, TREASURE));
		close_with(30_000);
		let before = (balance(BOB), balance(TREASURE));
		Register::recover(alice, CAROL);
		assert_eq!(payout(CAROL), (CAROL, None));
		assert!(!Payouts::<Test>::contains_key(alice));
		// What was not paid yet is hers, whoever claims it, and so is all that follows.
		assert_eq!(claim_for(alice), Ok(30_000));
		for _ in 0..3 {
			flow_in(10_000);
			close();
			assert_eq!(claim(CAROL), Ok(10_000));
		}
		assert_eq!(balance(CAROL), 60_000);
		assert_eq!((balance(BOB), balance(TREASURE)), (before.0, before.1 - 30_000));
	});
}

#[test]
fn a_recovery_says_nothing_of_a_payout_where_there_is_none() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		System::reset_events();
		Register::recover(alice, CAROL);
		Dividend::cancel_payout(77);
		assert_eq!(events(), []);
		// The new account names another one as any does.
		assert_ok!(set_payout(CAROL, BOB));
		assert_eq!(payout(CAROL), (CAROL, Some((Some(BOB), 2))));
	});
}

#[test]
fn a_payout_that_was_emptied_waits_until_it_can_hold_what_is_due() {
	ExtBuilder::default().build_and_execute(|| {
		set_params(|params| params.min_per_head = 1);
		let alice = Register::admit(ALICE);
		pays(TREASURE, ALICE, ED);
		pays(TREASURE, BOB, ED);
		assert_ok!(set_payout(ALICE, BOB));
		go_to(2);
		close_with(10);
		assert_eq!(claim(ALICE), Ok(10));
		// Bob's account is reaped. That Alice's could hold it does not matter.
		pays(BOB, TREASURE, balance(BOB));
		assert!(!System::account_exists(&BOB));
		close_with(20);
		assert_eq!(claim(ALICE), Err(Error::<Test>::TooLittleForAccount.into()));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Future));
		// It waits, and is not lost.
		close_with(ED - 20);
		assert_eq!(claim(ALICE), Ok(ED));
		assert_eq!(balance(BOB), ED);
	});
}

#[test]
fn the_pot_is_paid_by_no_claim() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_noop!(set_payout(ALICE, pot()), Error::<Test>::PayoutIsPot);
	});
}

#[test]
fn several_people_may_name_the_same_account() {
	ExtBuilder::default().build_and_execute(|| {
		for account in [ALICE, BOB] {
			Register::admit(account);
			assert_ok!(set_payout(account, CAROL));
		}
		go_to(2);
		close_with(20_000);
		assert_eq!(claim(ALICE), Ok(10_000));
		assert_eq!(claim(BOB), Ok(10_000));
		assert_eq!(balance(CAROL), 20_000);
	});
}

#[test]
fn is_for_people_only() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(set_payout(ALICE, BOB), Error::<Test>::NotAPerson);
		Register::enter(ALICE);
		assert_noop!(set_payout(ALICE, BOB), Error::<Test>::NoShare);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Dividend::set_payout(origin, BOB), DispatchError::BadOrigin);
		}
		assert_eq!(Dividend::payout(BOB), None);
	});
}

#[test]
fn is_forgotten_with_the_share() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(set_payout(ALICE, BOB));
		assert_ok!(Dividend::set_claims_alone(RuntimeOrigin::signed(ALICE), true));
		go_to(TERM + WINDOW + 1);
		assert_ok!(Dividend::forget(alice));
		assert!(!Payouts::<Test>::contains_key(alice));
		assert!(!ClaimsAlone::<Test>::contains_key(alice));
	});
}
