use super::*;

#[test]
fn what_is_due_goes_to_the_dividend_and_so_does_all_that_follows() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		earn(version, 10 * UFR);
		pass(ACCEPTANCE_TERM);
		assert_ok!(Models::forfeit_row(signed(MALLORY), version, 1));
		System::assert_last_event(
			Event::RowForfeited { version, row: 1, account: BEN, amount: 3 * UFR }.into(),
		);
		assert_eq!(free(&DIVIDEND), ED + 3 * UFR);
		assert_eq!(pot(), ED + 7 * UFR);
		assert_eq!(free(&BEN), ENDOWMENT);

		earn(version, 10 * UFR);
		assert_ok!(Models::claim_revenue(signed(MALLORY), version, 1));
		System::assert_last_event(
			Event::RevenuePaid { version, row: 1, account: DIVIDEND, amount: 3 * UFR }.into(),
		);
		assert_eq!(free(&DIVIDEND), ED + 6 * UFR);
		assert_eq!(free(&BEN), ENDOWMENT);
		// The table still says whose row it was.
		let row = Models::contributors(version).remove(1);
		assert_eq!((row.account, row.state), (BEN, RowState::Forfeited));
	});
}

#[test]
fn a_row_that_is_due_nothing_yet_is_forfeited_all_the_same() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		pass(ACCEPTANCE_TERM);
		assert_ok!(Models::forfeit_row(signed(MALLORY), version, 2));
		assert_eq!(free(&DIVIDEND), ED);
		earn(version, 10 * UFR);
		assert_ok!(Models::claim_revenue(signed(MALLORY), version, 2));
		assert_eq!(free(&DIVIDEND), ED + UFR);
	});
}

#[test]
fn not_a_block_before_the_term_is_over() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		pass(ACCEPTANCE_TERM - 1);
		assert_noop!(
			Models::forfeit_row(signed(MALLORY), version, 1),
			Error::<Test>::AcceptanceTermRuns
		);
		pass(1);
		assert_ok!(Models::forfeit_row(signed(MALLORY), version, 1));
	});
}

#[test]
fn never_a_row_that_was_accepted_and_never_twice() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		assert_ok!(Models::accept_row(signed(BEN), version, 1, None));
		pass(ACCEPTANCE_TERM);
		for row in [0, 1] {
			assert_noop!(
				Models::forfeit_row(signed(MALLORY), version, row),
				Error::<Test>::AlreadyAccepted
			);
		}
		assert_ok!(Models::forfeit_row(signed(MALLORY), version, 2));
		assert_noop!(Models::forfeit_row(signed(MALLORY), version, 2), Error::<Test>::RowForfeited);
	});
}

#[test]
fn the_owners_share_is_not_forfeited_while_it_is_held() {
	ExtBuilder::default().build_and_execute(|| {
		let mut contributors = three_rows();
		contributors[2].role = usufruct_primitives::Role::Owner;
		let version = NewVersion { contributors, ..Default::default() }.registered();
		assert_ok!(Models::contest(signed(BEN), version, [1; 32]));
		pass(ACCEPTANCE_TERM);
		assert_noop!(
			Models::forfeit_row(signed(MALLORY), version, 2),
			Error::<Test>::OwnerShareHeld
		);
		assert_ok!(Models::forfeit_row(signed(MALLORY), version, 1));
	});
}

#[test]
fn a_dividend_pot_that_cannot_take_it_gets_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		earn(version, 1_000);
		pass(ACCEPTANCE_TERM);
		assert_ok!(Balances::burn_from(
			&DIVIDEND,
			ED,
			frame_support::traits::tokens::Preservation::Expendable,
			frame_support::traits::tokens::Precision::Exact,
			frame_support::traits::tokens::Fortitude::Polite,
		));
		assert_noop!(
			Models::forfeit_row(signed(MALLORY), version, 1),
			Error::<Test>::AccountCannotHold
		);
	});
}

#[test]
fn the_row_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Models::forfeit_row(signed(BEN), 0, 0), Error::<Test>::UnknownVersion);
		let version = NewVersion::default().registered();
		assert_noop!(Models::forfeit_row(signed(BEN), version, 3), Error::<Test>::UnknownRow);
		assert_noop!(
			Models::forfeit_row(RuntimeOrigin::none(), version, 1),
			DispatchError::BadOrigin
		);
	});
}
