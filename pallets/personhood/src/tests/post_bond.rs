use super::*;
use crate::{HoldReason, Verifiers};
use frame_support::traits::fungible::InspectHold;
use sp_runtime::TokenError;
use usufruct_primitives::Class;

fn held(number: u8) -> u128 {
	Balances::balance_on_hold(&HoldReason::VerifierBond.into(), &operator(number))
}

#[test]
fn it_is_held_from_the_operator_beside_what_is_there() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!((free(&operator(1)), held(1)), (ENDOWMENT - BOND, BOND));
		assert_ok!(Personhood::post_bond(by(&operator(1)), 1, 5));
		assert_eq!((free(&operator(1)), held(1)), (ENDOWMENT - BOND - 5, BOND + 5));
		assert_eq!(Verifiers::<Test>::get(1).unwrap().bond, BOND + 5);
		assert_eq!(
			last_event(),
			Event::BondChanged { verifier: 1, operator: operator(1), old: BOND, new: BOND + 5 }
		);
	});
}

#[test]
fn two_verifiers_of_one_operator_have_a_bond_each() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(held(0), 2 * BOND);
		assert_ok!(Personhood::post_bond(by(&operator(0)), 4, 7));
		assert_eq!(held(0), 2 * BOND + 7);
		assert_eq!(Verifiers::<Test>::get(0).unwrap().bond, BOND);
		assert_eq!(Verifiers::<Test>::get(4).unwrap().bond, BOND + 7);
	});
}

#[test]
fn only_by_the_operator_of_a_verifier_that_works() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Personhood::post_bond(by(&operator(0)), 1, 5), Error::<Test>::NotTheOperator);
		assert_noop!(Personhood::post_bond(root(), 1, 5), DispatchError::BadOrigin);
		assert_noop!(Personhood::post_bond(by(&operator(1)), 6, 5), Error::<Test>::UnknownVerifier);
		assert_ok!(Personhood::retire_verifier(root(), 1));
		assert_noop!(Personhood::post_bond(by(&operator(1)), 1, 5), Error::<Test>::VerifierRetired);
	});
}

#[test]
fn not_more_than_the_operator_has() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Personhood::post_bond(by(&operator(1)), 1, ENDOWMENT),
			TokenError::FundsUnavailable
		);
		assert_noop!(
			Personhood::post_bond(by(&operator(1)), 1, u128::MAX),
			sp_runtime::ArithmeticError::Overflow
		);
	});
}

#[test]
fn nothing_counts_before_the_least_bond_is_there() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Personhood::add_verifier(
			root(),
			0,
			operator(9),
			Class::Document,
			verifier_public(6),
			10
		));
		let application = Application::register(ALICE, 1, &[1, 6]);
		assert_noop!(application.submit(), Error::<Test>::BondTooSmall);
		assert_ok!(Personhood::post_bond(by(&operator(9)), 6, MIN_BOND - 1));
		assert_noop!(application.submit(), Error::<Test>::BondTooSmall);
		assert_eq!(Personhood::quota_left(6), 0);
		assert_ok!(Personhood::post_bond(by(&operator(9)), 6, 1));
		assert_eq!(Personhood::quota_left(6), 10);
		assert_ok!(application.submit());
		assert_eq!(Personhood::quota_left(6), 9);
	});
}

#[test]
fn a_bond_stands_for_an_eighth_of_itself_in_shares_of_the_last_epoch() {
	ExtBuilder::default().build_and_execute(|| {
		// Two people, less one planck; then two; then more than the quota.
		for (per_head, people) in [(BOND / 16 + 1, 1), (BOND / 16, 2), (1, 10), (0, 10)] {
			set_per_head(per_head);
			assert_eq!(Personhood::quota_left(0), people, "{per_head}");
		}
		set_per_head(BOND / 16);
		assert_ok!(Application::register(ALICE, 1, &[0, 1]).submit());
		assert_ok!(Application::register(BOB, 2, &[0, 1]).submit());
		let third = Application::register(CHARLIE, 3, &[0, 1]);
		assert_noop!(third.submit(), Error::<Test>::QuotaExhausted);
		assert_ok!(Personhood::post_bond(by(&operator(0)), 0, BOND / 2));
		assert_noop!(third.submit(), Error::<Test>::QuotaExhausted);
		assert_ok!(Personhood::post_bond(by(&operator(1)), 1, BOND / 2));
		assert_ok!(third.submit());
		// More than there is: no bond stands for anybody.
		set_per_head(u128::MAX);
		assert_eq!(Personhood::quota_left(0), 0);
	});
}
