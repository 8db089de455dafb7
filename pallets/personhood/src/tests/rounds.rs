//! When a jury gets its seed: never from anything that was known when the challenge was made.

use super::{trial::*, *};
use crate::{Docket, Seeds};
use frame_support::{traits::Hooks, weights::Weight};

fn draw(id: u32) -> sp_runtime::DispatchResult {
	Personhood::draw_jury(by(&challenger()), id)
}

#[test]
fn a_jury_waits_for_the_second_change_after_its_challenge() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let id = challenge();
		assert_noop!(draw(id), Error::<Test>::NoSeedYet);
		// Blocks without a change.
		for _ in 0..5 {
			pass(1);
			Personhood::on_initialize(System::block_number());
			check_state();
		}
		assert_noop!(draw(id), Error::<Test>::NoSeedYet);
		new_randomness(1);
		check_state();
		assert_noop!(draw(id), Error::<Test>::NoSeedYet);
		new_randomness(2);
		check_state();
		assert_ok!(draw(id));
		assert!(Docket::<Test>::get().is_idle());
		assert_eq!(Seeds::<Test>::iter().count(), 0, "the seed is forgotten");
	});
}

#[test]
fn challenges_of_one_round_share_a_seed_and_those_of_the_next_have_another() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let by_relayer = |person| {
			let reason = crate::dispute::Reason::Duplicate;
			assert_ok!(Personhood::challenge(by(&challenger()), person, reason, EVIDENCE));
			crate::NextCase::<Test>::get() - 1
		};
		let (first, second) = (by_relayer(0), by_relayer(1));
		new_randomness(1);
		let third = by_relayer(2);
		assert_eq!(case(first).round, case(second).round);
		assert_ne!(case(second).round, case(third).round);
		new_randomness(2);
		check_state();
		assert_ok!(draw(first));
		check_state();
		assert_noop!(draw(third), Error::<Test>::NoSeedYet);
		new_randomness(3);
		check_state();
		assert_eq!(Seeds::<Test>::iter().count(), 2);
		assert_ok!(draw(second));
		assert_ok!(draw(third));
		assert_eq!(Seeds::<Test>::iter().count(), 0);
	});
}

#[test]
fn waiting_for_a_better_seed_is_in_vain() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let id = challenge();
		ripen();
		let drawn = |later: u8| {
			hypothetically!({
				for seed in 0..later {
					new_randomness(100 + seed);
				}
				assert_ok!(draw(id));
				jurors(id)
			})
		};
		let now = drawn(0);
		assert_eq!(drawn(1), now);
		assert_eq!(drawn(10), now);
	});
}

#[test]
fn another_seed_is_another_jury() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let id = challenge();
		let drawn = |first: u8, second: u8| {
			hypothetically!({
				new_randomness(first);
				new_randomness(second);
				assert_ok!(draw(id));
				jurors(id)
			})
		};
		assert_ne!(drawn(1, 2), drawn(1, 3));
		assert_eq!(drawn(1, 2), drawn(9, 2), "what was known a change later does not matter");
	});
}

#[test]
fn nobody_waits_at_no_cost() {
	ExtBuilder::default().build_and_execute(|| {
		use crate::WeightInfo;
		let idle: Weight = <() as WeightInfo>::idle();
		assert_eq!(Personhood::on_initialize(NOW), idle);
		new_randomness(1);
		assert_eq!(Docket::<Test>::get(), Default::default());
		town();
		challenge();
		assert_eq!(Personhood::on_initialize(NOW), <() as WeightInfo>::turn_round());
	});
}
