use super::*;

#[test]
fn holds_more_and_makes_it_free_for_locks() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::bond_more(signed(ODA), 5 * UFR));
		System::assert_last_event(
			Event::BondIncreased { oracle: ODA, amount: 5 * UFR, bond: MIN_BOND + 5 * UFR }.into(),
		);
		assert_eq!(held(&ODA), MIN_BOND + 5 * UFR);
		assert_eq!(free(&ODA), ENDOWMENT - MIN_BOND - 5 * UFR);
		assert_eq!(info(&ODA).free, MIN_BOND + 5 * UFR);
	});
}

#[test]
fn exactly_what_was_short_is_enough_to_settle() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::lock(&ODA, 400 * UFR));
		assert_eq!(Oracles::lock(&ODA, 300 * UFR), Err(LockError::BondShort { missing: 50 * UFR }));
		assert_ok!(Oracles::bond_more(signed(ODA), 50 * UFR - 1));
		assert_eq!(Oracles::lock(&ODA, 300 * UFR), Err(LockError::BondShort { missing: 1 }));
		assert_ok!(Oracles::bond_more(signed(ODA), 1));
		assert_ok!(Oracles::lock(&ODA, 300 * UFR));
		assert_eq!(info(&ODA).free, 0);
	});
}

#[test]
fn makes_an_oracle_active_that_was_not() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert!(!Oracles::is_active(&ODA));
		// A little may be bonded only to settle.
		assert_ok!(Oracles::bond_more(signed(ODA), UFR));
		assert!(!Oracles::is_active(&ODA));
		assert_ok!(Oracles::bond_more(signed(ODA), MIN_BOND - UFR));
		assert!(Oracles::is_active(&ODA));
		assert_eq!(held(&ODA), 2 * MIN_BOND);
	});
}

#[test]
fn the_caller_must_be_an_oracle() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(Oracles::bond_more(signed(ODA), 1), Error::<Test>::NotRegistered);
		assert_noop!(Oracles::bond_more(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
	});
}

#[test]
fn nothing_is_no_amount() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(Oracles::bond_more(signed(ODA), 0), Error::<Test>::ZeroAmount);
	});
}

#[test]
fn the_oracle_must_afford_it() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(
			Oracles::bond_more(signed(ODA), ENDOWMENT - MIN_BOND),
			TokenError::FundsUnavailable
		);
		assert_noop!(Oracles::bond_more(signed(ODA), Balance::MAX), ArithmeticError::Overflow);
	});
}
