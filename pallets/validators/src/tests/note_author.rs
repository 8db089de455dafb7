//! Crediting the authors of blocks.

use crate::{mock::*, *};
use frame_support::assert_ok;

#[test]
fn credits_the_author_one_nth_of_what_is_undivided() {
	ExtBuilder::default().pot(1_000).build_and_execute(|| {
		next_block(Some(&ALICE));
		assert_eq!(credits(&ALICE), (100, 100));
		assert_eq!(Validators::undivided(), 900);

		next_block(Some(&BOB));
		assert_eq!(credits(&BOB), (90, 190));
		assert_eq!(Validators::reward(BOB), 90);
		// Nothing has moved yet.
		assert_eq!(Balances::free_balance(Validators::pot()), EXISTENTIAL_DEPOSIT + 1_000);
	});
}

#[test]
fn never_divides_the_existential_deposit() {
	ExtBuilder::default().pot(0).build_and_execute(|| {
		next_block(Some(&ALICE));
		assert_eq!(credits(&ALICE), (0, 0));
		assert_eq!(Validators::undivided(), 0);
	});
}

#[test]
fn stores_nothing_for_a_share_below_one_planck() {
	ExtBuilder::default().pot(9).build_and_execute(|| {
		next_block(Some(&ALICE));
		assert!(!Credits::<Test>::contains_key(ALICE));
		assert_eq!(Validators::undivided(), 9);
	});
}

#[test]
fn follows_a_changed_epoch_length_and_survives_none() {
	ExtBuilder::default().pot(1_000).build_and_execute(|| {
		BlocksPerEpoch::set(4);
		next_block(Some(&ALICE));
		assert_eq!(credits(&ALICE), (250, 250));
		BlocksPerEpoch::set(0);
		next_block(Some(&ALICE));
		assert_eq!(credits(&ALICE), (1_000, 1_000));
	});
}

#[test]
fn a_block_without_a_known_author_credits_nobody() {
	ExtBuilder::default().pot(1_000).build_and_execute(|| {
		next_block(None);
		assert_eq!(Credited::<Test>::get(), 0);
	});
}

#[test]
fn whatever_the_order_of_income_blocks_and_withdrawals_the_pot_covers_the_credits() {
	use proptest::prelude::*;

	#[derive(Clone, Debug)]
	enum Step {
		Income(u128),
		Block(u8),
		Withdraw(u8),
	}

	let step = prop_oneof![
		(0u128..1_000_000).prop_map(Step::Income),
		(0u8..4).prop_map(Step::Block),
		(0u8..4).prop_map(Step::Withdraw),
	];
	let accounts = [ALICE, BOB, CHARLIE, DAVE];
	proptest!(ProptestConfig::with_cases(64), |(steps in prop::collection::vec(step, 1..80))| {
		ExtBuilder::default().build_and_execute(|| {
			let mut income = 0;
			let mut paid = 0;
			for step in &steps {
				match step {
					Step::Income(amount) => {
						let pot = Balances::free_balance(Validators::pot());
						assert_ok!(Balances::force_set_balance(
							RuntimeOrigin::root(),
							Validators::pot(),
							pot + amount
						));
						income += amount;
					},
					Step::Block(author) => next_block(Some(&accounts[usize::from(*author)])),
					Step::Withdraw(who) => {
						let who = accounts[usize::from(*who)].clone();
						let credit = Validators::reward(who.clone());
						if Validators::withdraw(RuntimeOrigin::signed(who)).is_ok() {
							paid += credit;
						}
					},
				}
				Validators::do_try_state().expect("the invariants hold");
			}
			let left = Balances::free_balance(Validators::pot()) - EXISTENTIAL_DEPOSIT;
			assert_eq!(left, income - paid);
			let held: u128 = accounts.iter().map(Balances::free_balance).sum();
			assert_eq!(held, paid);
		});
	});
}
