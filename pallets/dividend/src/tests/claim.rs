//! People are paid.

use super::*;
use sp_runtime::DispatchError;

fn no_claim(account: AccountId, error: Error<Test>) {
	assert!(!is_free(account));
	assert_eq!(Dividend::claimable(account), 0);
	assert_noop!(Dividend::claim(RuntimeOrigin::signed(account)), error);
}

#[test]
fn a_person_that_holds_nothing_is_paid_its_share() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		assert_eq!((balance(ALICE), System::providers(&ALICE)), (0, 0));
		assert!(is_free(ALICE));
		assert_ok!(Dividend::claim(RuntimeOrigin::signed(ALICE)));
		assert_eq!(balance(ALICE), 10_000);
		assert_eq!(balance(pot()), ED + 10_000);
		assert_eq!(balance(TREASURE), TREASURE_HOLDS - 20_000);
		assert_eq!(totals().liability, 10_000);
		assert_eq!(
			last_event(),
			Event::Claimed { person: alice, account: ALICE, from: 1, to: 1, amount: 10_000 }
		);
		assert_eq!(share(alice).next, 2);
	});
}

#[test]
fn three_missed_epochs_are_paid_in_one_claim_to_the_planck() {
	ExtBuilder::default().build_and_execute(|| {
		for account in [ALICE, BOB, CAROL] {
			Register::admit(account);
		}
		go_to(1);
		let mut sum = 0;
		for inflow in [10_000, 7_003, 31_415] {
			let Event::EpochClosed { per_head, .. } = close_with(inflow) else { panic!() };
			sum += per_head;
		}
		assert_eq!(sum, 3_333 + 2_334 + 10_472);
		assert_eq!(claim(ALICE), Ok(sum));
		assert_eq!(
			last_event(),
			Event::Claimed { person: 0, account: ALICE, from: 1, to: 3, amount: sum }
		);
		assert_eq!((row(1).claim_in, row(4).claim_out), (1, 1));
	});
}

#[test]
fn the_same_is_paid_however_the_claims_are_cut() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		let mut paid = 0;
		for inflow in [10_001, 12_345, 9_999] {
			close_with(inflow);
			paid += claim(ALICE).unwrap();
		}
		assert_eq!(claim(BOB), Ok(paid));
		// The counts of Alice's three claims cancel where they touch.
		assert_eq!((row(1).claim_in, row(2).claim_in, row(2).claim_out), (2, 1, 1));
		assert_eq!(balance(pot()), ED + 32_345 - 2 * paid);
	});
}

#[test]
fn a_second_claim_in_the_same_block_finds_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_eq!(claim(ALICE), Ok(20_000));
		no_claim(ALICE, Error::NothingToClaim);
		assert_eq!(balance(ALICE), 20_000);
	});
}

#[test]
fn two_people_claim_in_one_block() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		assert_eq!(claim(ALICE), Ok(10_000));
		assert_eq!(claim(BOB), Ok(10_000));
		assert_eq!(balance(pot()), ED);
		assert_eq!(totals().liability, 0);
	});
}

#[test]
fn what_is_due_does_not_depend_on_who_claims_first() {
	let outcome = |order: [AccountId; 3]| {
		let mut balances = [0; 3];
		ExtBuilder::default().build_and_execute(|| {
			for account in [ALICE, BOB, CAROL] {
				Register::admit(account);
			}
			go_to(1);
			close_with(100_000);
			for account in order {
				assert_ok!(claim(account));
			}
			close_with(50_000);
			for account in order {
				assert_ok!(claim(account));
			}
			balances = [ALICE, BOB, CAROL].map(balance);
		});
		balances
	};
	assert_eq!(outcome([ALICE, BOB, CAROL]), outcome([CAROL, ALICE, BOB]));
}

#[test]
fn who_is_no_person_claims_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		no_claim(ALICE, Error::NotAPerson);
		no_claim(pot(), Error::NotAPerson);
		no_claim(TREASURE, Error::NotAPerson);
	});
}

#[test]
fn a_person_without_a_share_claims_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		Register::enter(ALICE);
		close_with(20_000);
		no_claim(ALICE, Error::NoShare);
	});
}

#[test]
fn only_a_signed_claim_counts() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			use frame_support::dispatch::CheckIfFeeless;
			assert!(!Call::<Test>::claim {}.is_feeless(&origin));
			assert_noop!(Dividend::claim(origin), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn before_its_first_epoch_closed_a_person_is_due_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		no_claim(ALICE, Error::NothingToClaim);
		close_with(20_000);
		no_claim(ALICE, Error::NothingToClaim);
		close();
		assert_eq!(claim(ALICE), Ok(20_000));
	});
}

#[test]
fn a_barred_person_waits_and_goes_on_sharing() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		Register::bar(alice, true);
		no_claim(ALICE, Error::MayNotClaim);
		close_with(30_000);
		no_claim(ALICE, Error::MayNotClaim);
		Register::bar(alice, false);
		assert_eq!(claim(ALICE), Ok(50_000));
	});
}

#[test]
fn a_lapsed_person_is_still_paid_what_it_earned() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(TERM);
		close_with(20_000);
		close_with(5_000);
		assert_eq!(claim(ALICE), Ok(20_000));
		no_claim(ALICE, Error::NothingToClaim);
		go_to(TERM + 3);
		no_claim(ALICE, Error::NothingToClaim);
	});
}

#[test]
fn less_than_an_account_may_hold_waits_until_it_is_enough() {
	ExtBuilder::default().build_and_execute(|| {
		set_params(|params| params.min_per_head = 1);
		Register::admit(ALICE);
		Register::admit(BOB);
		pays(TREASURE, BOB, ED);
		go_to(1);
		close_with(2 * (ED - 1));
		no_claim(ALICE, Error::TooLittleForAccount);
		assert_eq!(totals().liability, 2 * (ED - 1));
		// Who holds something already is paid any amount.
		assert_eq!(claim(BOB), Ok(ED - 1));
		assert_eq!(balance(BOB), 2 * ED - 1);
		// It is not lost: one more planck makes it enough.
		close_with(2);
		assert_eq!(claim(ALICE), Ok(ED));
		assert_eq!(claim(BOB), Ok(1));
	});
}

#[test]
fn an_account_that_was_emptied_is_paid_again() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_eq!(claim(ALICE), Ok(20_000));
		pays(ALICE, TREASURE, 20_000);
		assert_eq!((balance(ALICE), System::providers(&ALICE)), (0, 0));
		assert_eq!(System::sufficients(&ALICE), 1);
		close_with(30_000);
		assert_eq!(claim(ALICE), Ok(30_000));
		assert_eq!((balance(ALICE), System::providers(&ALICE)), (30_000, 1));
	});
}

#[test]
fn the_pot_pays_all_but_its_existential_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		close_with(ED);
		assert_eq!(claim(ALICE), Ok(ED));
		assert_eq!(balance(pot()), ED);
		close_with(ED);
		assert_eq!(claim(ALICE), Ok(ED));
		assert_eq!(balance(pot()), ED);
	});
}

#[test]
fn books_that_do_not_add_up_pay_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		let (books, share, row) = (totals(), share(alice), row(2));

		Books::<Test>::mutate(|totals| totals.liability -= 1);
		no_claim(ALICE, Error::Unexpected);
		Books::<Test>::put(books);

		Epochs::<Test>::mutate(1, |row| row.cum = u128::MAX);
		no_claim(ALICE, Error::Unexpected);
		Epochs::<Test>::mutate(1, |row| row.cum = 0);

		Shares::<Test>::insert(alice, Share { owed: u128::MAX, ..share });
		no_claim(ALICE, Error::Unexpected);
		Shares::<Test>::insert(alice, share);

		// An account so rich that it cannot hold more.
		Epochs::<Test>::mutate(2, |row| row.cum = u128::MAX);
		Books::<Test>::mutate(|totals| totals.liability = u128::MAX);
		pays(TREASURE, ALICE, ED);
		no_claim(ALICE, Error::Unexpected);
		Epochs::<Test>::insert(2, row);
		Books::<Test>::put(books);

		pays(pot(), TREASURE, 1);
		no_claim(ALICE, Error::Unexpected);
		flow_in(1);
		assert_eq!(claim(ALICE), Ok(20_000));
	});
}
