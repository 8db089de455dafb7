use super::*;
use usufruct_primitives::PPM;

#[test]
fn pays_the_row_its_share_and_the_pot_loses_as_much() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, 10 * UFR);
		let ada = free(&ADA);

		// Anybody may call; the row's account is paid.
		assert_ok!(Models::claim_revenue(signed(MALLORY), version, 1));
		System::assert_last_event(
			Event::RevenuePaid { version, row: 1, account: BEN, amount: 3 * UFR }.into(),
		);
		assert_eq!(free(&BEN), ENDOWMENT + 3 * UFR);
		assert_eq!(free(&MALLORY), ENDOWMENT);
		assert_eq!(free(&ADA), ada);
		assert_eq!(pot(), ED + 7 * UFR);
		assert_eq!(Paid::<Test>::get(version, 1), 3 * UFR);
	});
}

#[test]
fn creates_the_account_of_a_contributor_that_had_none() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, 10 * UFR);
		assert_eq!(free(&CHIDI), 0);
		assert_ok!(Models::claim_revenue(signed(MALLORY), version, 2));
		assert_eq!(free(&CHIDI), UFR);
		assert_eq!(pot(), ED + 9 * UFR);
	});
}

#[test]
fn late_and_often_pay_the_same() {
	ExtBuilder::default().build_and_execute(|| {
		// Thirds of a planck: every credit rounds.
		let rows = [(BEN, 333_333), (CHIDI, 333_333), (ADA, 333_334)];
		let version = new_version(table(&rows));
		assert_ok!(Balances::mint_into(&CHIDI, ED));
		for _ in 0..100 {
			earn(version, 1);
			let _ = Models::claim_revenue(signed(MALLORY), version, 0);
		}
		assert_ok!(Models::claim_revenue(signed(MALLORY), version, 1));
		assert_eq!(free(&BEN), ENDOWMENT + 33);
		assert_eq!(free(&CHIDI), ED + 33);
		assert_eq!(pot(), ED + 34);
	});
}

#[test]
fn what_no_row_gets_yet_stays_in_the_pot() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(table(&[(ADA, PPM / 2), (BEN, PPM / 2)]));
		earn(version, 3);
		assert_ok!(Models::claim_revenue(signed(ADA), version, 0));
		assert_ok!(Models::claim_revenue(signed(ADA), version, 1));
		assert_eq!(pot(), ED + 1);
		// The next planck makes it whole.
		earn(version, 1);
		assert_ok!(Models::claim_revenue(signed(ADA), version, 0));
		assert_ok!(Models::claim_revenue(signed(ADA), version, 1));
		assert_eq!(pot(), ED);
	});
}

#[test]
fn one_version_never_pays_out_of_another() {
	ExtBuilder::default().build_and_execute(|| {
		let poor = new_version(table(&[(BEN, PPM)]));
		let rich = new_version(table(&[(ADA, PPM)]));
		earn(rich, 100 * UFR);
		earn(poor, UFR);
		assert_ok!(Models::claim_revenue(signed(BEN), poor, 0));
		assert_noop!(Models::claim_revenue(signed(BEN), poor, 0), Error::<Test>::NothingDue);
		assert_eq!(free(&BEN), ENDOWMENT + UFR);
		assert_eq!(pot(), ED + 100 * UFR);
	});
}

#[test]
fn an_account_with_two_rows_is_paid_for_each() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(table(&[(BEN, 250_000), (ADA, 500_000), (BEN, 250_000)]));
		earn(version, 4 * UFR);
		assert_ok!(Models::claim_revenue(signed(BEN), version, 0));
		assert_ok!(Models::claim_revenue(signed(BEN), version, 2));
		assert_eq!(free(&BEN), ENDOWMENT + 2 * UFR);
	});
}

#[test]
fn too_little_for_a_new_account_waits_until_it_is_enough() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		// Chidi's tenth is a planck short of the existential deposit.
		earn(version, 10 * ED - 1);
		assert_noop!(
			Models::claim_revenue(signed(CHIDI), version, 2),
			Error::<Test>::AccountCannotHold
		);
		assert_eq!(Models::revenue_due(version, 2), ED - 1);
		earn(version, 1);
		assert_ok!(Models::claim_revenue(signed(CHIDI), version, 2));
		assert_eq!(free(&CHIDI), ED);
	});
}

#[test]
fn too_little_for_a_new_account_is_fine_once_it_has_a_balance() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, 10);
		assert_noop!(
			Models::claim_revenue(signed(CHIDI), version, 2),
			Error::<Test>::AccountCannotHold
		);
		assert_ok!(Balances::mint_into(&CHIDI, ED));
		assert_ok!(Models::claim_revenue(signed(CHIDI), version, 2));
		assert_eq!(free(&CHIDI), ED + 1);
	});
}

#[test]
fn a_donation_to_the_pot_is_paid_to_nobody() {
	ExtBuilder::default().with_donation(5 * UFR).build_and_execute(|| {
		let version = new_version(table(&[(BEN, PPM)]));
		earn(version, UFR);
		assert_ok!(Models::claim_revenue(signed(BEN), version, 0));
		assert_eq!(free(&BEN), ENDOWMENT + UFR);
		assert_eq!(pot(), ED + 5 * UFR);
	});
}

#[test]
fn the_pot_never_pays_its_existential_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(table(&[(BEN, PPM)]));
		// Revenue is booked, and the money for it did not come.
		hypothetically!({
			assert_ok!(<Models as usufruct_primitives::traits::Models<_>>::credit(version, ED));
			assert_noop!(Models::claim_revenue(signed(BEN), version, 0), TokenError::NotExpendable);
			assert_eq!(pot(), ED);
		});
	});
}

#[test]
fn the_whole_issuance_can_be_revenue() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let all = Balance::MAX - Balances::total_issuance();
		earn(version, all);
		for row in 0..3 {
			assert_ok!(Models::claim_revenue(signed(BEN), version, row));
		}
		// Less than one planck per row is left.
		assert!(pot() - ED < 3);
	});
}

#[test]
fn the_version_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Models::claim_revenue(signed(BEN), 0, 0), Error::<Test>::UnknownVersion);
	});
}

#[test]
fn the_row_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, UFR);
		for row in [3, 64, u16::MAX] {
			assert_noop!(
				Models::claim_revenue(signed(BEN), version, row),
				Error::<Test>::UnknownRow
			);
		}
	});
}

#[test]
fn nothing_is_due_before_anything_is_earned() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_noop!(Models::claim_revenue(signed(BEN), version, 1), Error::<Test>::NothingDue);
	});
}

#[test]
fn a_row_that_was_not_accepted_waits() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		earn(version, 10 * UFR);
		assert_noop!(Models::claim_revenue(signed(BEN), version, 1), Error::<Test>::NotAccepted);
		assert_eq!(Models::revenue_due(version, 1), 3 * UFR);
		assert_ok!(Models::accept_row(signed(BEN), version, 1, None));
		assert_ok!(Models::claim_revenue(signed(BEN), version, 1));
		assert_eq!(free(&BEN), ENDOWMENT + 3 * UFR);
	});
}

#[test]
fn the_owners_share_is_held_through_the_contest_window_and_only_that() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().accepted();
		earn(version, 10 * UFR);
		assert_ok!(Models::claim_revenue(signed(ADA), version, 1));
		pass(CONTEST_WINDOW - 1);
		assert_noop!(Models::claim_revenue(signed(ADA), version, 0), Error::<Test>::OwnerShareHeld);
		pass(1);
		let ada = free(&ADA);
		assert_ok!(Models::claim_revenue(signed(ADA), version, 0));
		assert_eq!(free(&ADA), ada + 6 * UFR);
		assert_eq!(pot(), ED + UFR);
	});
}

#[test]
fn a_signature_is_needed() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, UFR);
		assert_noop!(
			Models::claim_revenue(RuntimeOrigin::none(), version, 1),
			DispatchError::BadOrigin
		);
	});
}
