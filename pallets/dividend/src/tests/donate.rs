//! Somebody gives money to all people.

use super::*;
use sp_runtime::{DispatchError, TokenError};

fn donate(who: AccountId, amount: u128) -> sp_runtime::DispatchResult {
	Dividend::donate(RuntimeOrigin::signed(who), amount)
}

#[test]
fn what_is_given_is_divided_with_the_open_epoch() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		pays(TREASURE, CAROL, 20_000 + ED);
		go_to(1);
		assert_ok!(donate(CAROL, 20_000));
		assert_eq!(last_event(), Event::Donated { donor: CAROL, amount: 20_000 });
		assert_eq!((balance(CAROL), balance(pot())), (ED, ED + 20_000));
		assert_eq!(totals().liability, 0);
		close();
		assert_eq!(claim(ALICE), Ok(10_000));
		assert_eq!(claim(BOB), Ok(10_000));
	});
}

#[test]
fn the_donor_keeps_its_existential_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		pays(TREASURE, CAROL, 2 * ED);
		assert_noop!(donate(CAROL, ED + 1), TokenError::NotExpendable);
		assert_noop!(donate(CAROL, 2 * ED + 1), TokenError::FundsUnavailable);
		assert_ok!(donate(CAROL, ED));
	});
}

#[test]
fn nothing_is_no_gift() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(donate(TREASURE, 0), Error::<Test>::NothingGiven);
		assert_noop!(Dividend::donate(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
	});
}
