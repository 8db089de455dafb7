//! Pulling a credit.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn credit(account: &sp_runtime::AccountId32, amount: u128) {
	Credits::<Test>::insert(account, amount);
	Credited::<Test>::mutate(|credited| *credited += amount);
}

#[test]
fn pays_the_whole_credit_out_of_the_pot() {
	ExtBuilder::default().pot(1_000).build_and_execute(|| {
		credit(&ALICE, 300);
		credit(&BOB, 200);

		assert_ok!(Validators::withdraw(RuntimeOrigin::signed(ALICE)));

		assert_eq!(Balances::free_balance(ALICE), 300);
		assert_eq!(Balances::free_balance(Validators::pot()), EXISTENTIAL_DEPOSIT + 700);
		assert_eq!(credits(&ALICE), (0, 200));
		assert_eq!(credits(&BOB), (200, 200));
		System::assert_last_event(Event::Withdrawn { account: ALICE, amount: 300 }.into());
	});
}

#[test]
fn leaves_the_pot_its_existential_deposit() {
	ExtBuilder::default().pot(500).build_and_execute(|| {
		credit(&ALICE, 500);
		assert_ok!(Validators::withdraw(RuntimeOrigin::signed(ALICE)));
		assert_eq!(Balances::free_balance(Validators::pot()), EXISTENTIAL_DEPOSIT);
		assert_eq!(Balances::free_balance(ALICE), 500);
	});
}

#[test]
fn is_refused_without_a_credit() {
	ExtBuilder::default().pot(1_000).build_and_execute(|| {
		assert_noop!(
			Validators::withdraw(RuntimeOrigin::signed(ALICE)),
			Error::<Test>::NothingToWithdraw
		);
		credit(&ALICE, 100);
		assert_ok!(Validators::withdraw(RuntimeOrigin::signed(ALICE)));
		assert_noop!(
			Validators::withdraw(RuntimeOrigin::signed(ALICE)),
			Error::<Test>::NothingToWithdraw
		);
	});
}

#[test]
fn waits_while_the_account_could_not_hold_it() {
	ExtBuilder::default().pot(1_000).build_and_execute(|| {
		credit(&ALICE, EXISTENTIAL_DEPOSIT - 1);
		assert_noop!(
			Validators::withdraw(RuntimeOrigin::signed(ALICE)),
			Error::<Test>::CreditBelowExistentialDeposit
		);

		// An account that has a balance can hold any amount.
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), ALICE, EXISTENTIAL_DEPOSIT));
		assert_ok!(Validators::withdraw(RuntimeOrigin::signed(ALICE)));
		assert_eq!(Balances::free_balance(ALICE), 2 * EXISTENTIAL_DEPOSIT - 1);
	});
}

#[test]
fn needs_a_signature() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Validators::withdraw(RuntimeOrigin::root()), DispatchError::BadOrigin);
		assert_noop!(Validators::withdraw(RuntimeOrigin::none()), DispatchError::BadOrigin);
	});
}
