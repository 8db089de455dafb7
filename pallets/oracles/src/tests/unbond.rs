use super::*;

#[test]
fn leaves_the_bond_at_once_and_the_hold_later() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 3 * MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		let ready_at = 1 + UNBONDING;
		System::assert_last_event(
			Event::UnbondingStarted { oracle: ODA, amount: MIN_BOND, ready_at, bond: 2 * MIN_BOND }
				.into(),
		);
		assert_eq!(held(&ODA), 3 * MIN_BOND);
		assert_eq!(free(&ODA), ENDOWMENT - 3 * MIN_BOND);
		let info = info(&ODA);
		assert_eq!((info.bond, info.free), (2 * MIN_BOND, 2 * MIN_BOND));
		assert_eq!(info.unbonding.into_inner(), [Unbonding { ready_at, amount: MIN_BOND }]);
	});
}

#[test]
fn parts_of_one_block_are_one_part() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 3 * MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), 1));
		assert_ok!(Oracles::unbond(signed(ODA), 2));
		advance(1);
		assert_ok!(Oracles::unbond(signed(ODA), 4));
		assert_eq!(
			info(&ODA).unbonding.into_inner(),
			[
				Unbonding { ready_at: 1 + UNBONDING, amount: 3 },
				Unbonding { ready_at: 2 + UNBONDING, amount: 4 },
			]
		);
	});
}

#[test]
fn what_is_locked_stays() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 2 * MIN_BOND);
		// Locks 600 of 2,000.
		assert_ok!(Oracles::lock(&ODA, 400 * UFR));
		assert_noop!(Oracles::unbond(signed(ODA), 1_400 * UFR + 1), Error::<Test>::BondNotFree);
		assert_noop!(Oracles::unbond(signed(ODA), 2 * MIN_BOND), Error::<Test>::BondNotFree);
		assert_noop!(Oracles::unbond(signed(ODA), Balance::MAX), Error::<Test>::BondNotFree);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert_eq!(info(&ODA).free, 400 * UFR);
		// Until the lock has expired.
		advance(2 * WINDOW);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert_eq!(info(&ODA).bond, 0);
	});
}

#[test]
fn the_minimum_or_nothing_is_left() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND + UFR);
		assert_noop!(Oracles::unbond(signed(ODA), UFR + 1), Error::<Test>::BelowMinBond);
		assert_noop!(Oracles::unbond(signed(ODA), MIN_BOND + UFR - 1), Error::<Test>::BelowMinBond);
		assert_ok!(Oracles::unbond(signed(ODA), UFR));
		assert!(Oracles::is_active(&ODA));
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert!(!Oracles::is_active(&ODA));
		assert!(Oracles::is_registered(&ODA));
	});
}

#[test]
fn sixteen_parts_are_on_their_way_at_most() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 2 * MIN_BOND);
		for _ in 0..MAX_UNBONDING {
			assert_ok!(Oracles::unbond(signed(ODA), UFR));
			advance(1);
		}
		assert_noop!(Oracles::unbond(signed(ODA), UFR), Error::<Test>::UnbondingFull);
		// In a block that has a part already there is room; withdrawing makes room too.
		hypothetically!({
			System::set_block_number(System::block_number() - 1);
			assert_ok!(Oracles::unbond(signed(ODA), UFR));
		});
		advance(UNBONDING - MAX_UNBONDING);
		assert_ok!(Oracles::withdraw_unbonded(signed(ODA)));
		assert_ok!(Oracles::unbond(signed(ODA), UFR));
	});
}

#[test]
fn the_caller_must_be_an_oracle() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(Oracles::unbond(signed(ODA), 1), Error::<Test>::NotRegistered);
		assert_noop!(Oracles::unbond(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
	});
}

#[test]
fn nothing_is_no_amount() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(Oracles::unbond(signed(ODA), 0), Error::<Test>::ZeroAmount);
	});
}

#[test]
fn the_end_of_time_is_no_panic() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		hypothetically!({
			System::set_block_number(BlockNumber::MAX);
			assert_noop!(Oracles::unbond(signed(ODA), MIN_BOND), ArithmeticError::Overflow);
			assert_ok!(Oracles::lock(&ODA, UFR));
		});
	});
}
