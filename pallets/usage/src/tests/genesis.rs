//! What stands before the first block.

use super::*;

#[test]
fn the_settlement_account_is_given_its_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(free(&settlement_account()), ED);
	});
}

#[test]
fn a_settlement_account_that_has_money_is_given_none() {
	ExtBuilder::default().donated(UFR).build_and_execute(|| {
		assert_eq!(free(&settlement_account()), ED + UFR);
	});
}

#[test]
fn the_weights_are_the_default_ones() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(CurrentSplit::<Test>::get(), Split::default());
		assert_eq!(NextSplit::<Test>::get(), None);
	});
}
