use super::*;
use crate::{HoldReason, Verifiers};
use frame_support::traits::fungible::InspectHold;

fn withdraw(number: u8, verifier: u32) -> sp_runtime::DispatchResult {
	Personhood::withdraw_bond(by(&operator(number)), verifier)
}

#[test]
fn it_returns_after_retirement_and_the_longest_dispute() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Personhood::retire_verifier(root(), 1));
		pass(BOND_RELEASE - 1);
		assert_noop!(withdraw(1, 1), Error::<Test>::BondStays);
		pass(1);
		assert_ok!(withdraw(1, 1));
		assert_eq!(free(&operator(1)), ENDOWMENT);
		let held = Balances::balance_on_hold(&HoldReason::VerifierBond.into(), &operator(1));
		assert_eq!(held, 0);
		assert_eq!(Verifiers::<Test>::get(1).unwrap().bond, 0);
		assert_eq!(
			last_event(),
			Event::BondChanged { verifier: 1, operator: operator(1), old: BOND, new: 0 }
		);
		assert_noop!(withdraw(1, 1), Error::<Test>::NoBond);
	});
}

#[test]
fn only_by_the_operator_of_a_retired_verifier() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(withdraw(1, 1), Error::<Test>::NotRetired);
		assert_noop!(withdraw(1, 0), Error::<Test>::NotTheOperator);
		assert_noop!(withdraw(1, 6), Error::<Test>::UnknownVerifier);
		assert_noop!(Personhood::withdraw_bond(root(), 1), DispatchError::BadOrigin);
	});
}

#[test]
fn not_while_a_dispute_about_somebody_it_attested_is_open() {
	ExtBuilder::default().build_and_execute(|| {
		let case = trial::seated();
		assert_ok!(Personhood::retire_verifier(root(), 1));
		// However long it takes, and also if nobody does anything.
		pass(10 * BOND_RELEASE);
		assert_noop!(withdraw(1, 1), Error::<Test>::CasesOpen);
		assert_ok!(Personhood::resolve_case(signed(), case));
		assert_noop!(withdraw(1, 1), Error::<Test>::CasesOpen);
		pass(APPEAL);
		assert_ok!(Personhood::close_case(signed(), case));
		assert_ok!(withdraw(1, 1));
	});
}
