//! Where a programme pays, and when it does not.

use super::*;

#[test]
fn is_paid_where_the_dividend_is_and_waits_as_it_does() {
	ExtBuilder::default().build_and_execute(|| {
		set_params(|params| params.min_per_head = 1);
		Register::admit(ALICE);
		assert_ok!(Dividend::set_payout(RuntimeOrigin::signed(ALICE), BOB));
		assert_ok!(open(SHARE, &[], 30, 1));
		assert_ok!(join(ALICE, 0));
		go_to(2);
		close_with(10 * ED);
		close_with(10 * ED - 10);
		// One planck less than an account may hold.
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::TooLittleForAccount.into()));
		close_with(10);
		assert_ok!(Dividend::pause(RuntimeOrigin::signed(GUARD), 1));
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::Paused.into()));
		block(System::block_number() + 1);
		assert_eq!(claim_of(0, ALICE), Ok(ED));
		assert_eq!((balance(ALICE), balance(BOB)), (0, ED));
	});
}
