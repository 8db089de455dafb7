//! Epochs close, and the pot is divided.

use super::*;
use crate::epoch::Division;
use frame_support::weights::Weight;
use proptest::prelude::*;

/// The event of a close at which nothing was swept.
fn closed(
	epoch: u32,
	eligible: u32,
	per_head: u128,
	distributed: u128,
	carried: u128,
) -> Event<Test> {
	Event::EpochClosed { epoch, eligible, per_head, distributed, carried, swept: 0 }
}

#[test]
fn an_epoch_closes_in_the_block_it_is_due_and_not_before() {
	ExtBuilder::default().build_and_execute(|| {
		for number in 1..LENGTH {
			assert_eq!(block(number), <() as WeightInfo>::idle());
			assert_eq!(totals().epoch, 0);
		}
		assert_eq!(block(LENGTH), <() as WeightInfo>::close());
		assert_eq!(
			totals(),
			Totals { epoch: 1, opened_at: LENGTH, closes_at: 2 * LENGTH, ..Default::default() }
		);
		assert_eq!(last_event(), closed(0, 0, 0, 0, 0));
		assert_eq!(block(2 * LENGTH - 1), <() as WeightInfo>::idle());
		assert_eq!(block(2 * LENGTH), <() as WeightInfo>::close());
		assert_eq!(totals().epoch, 2);
	});
}

#[test]
fn the_pot_is_divided_equally_and_the_rest_carried() {
	ExtBuilder::default().build_and_execute(|| {
		for account in [ALICE, BOB, CAROL] {
			Register::admit(account);
		}
		go_to(1);
		assert_eq!(close_with(10_000), closed(1, 3, 3_333, 9_999, 1));
		assert_eq!(totals().liability, 9_999);
		assert_eq!(totals().active, 3);
		// One planck was carried: with it the next division comes out even.
		assert_eq!(close_with(8_999), closed(2, 3, 3_000, 9_000, 0));
		assert_eq!(totals().liability, 18_999);
		assert_eq!(balance(pot()), ED + 18_999);
	});
}

#[test]
fn nothing_flowed_in_and_nothing_is_divided() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		assert_eq!(close(), closed(1, 1, 0, 0, 0));
		assert_eq!(close_with(5_000), closed(2, 1, 5_000, 5_000, 0));
		// What is promised is not divided again.
		assert_eq!(close(), closed(3, 1, 0, 0, 0));
	});
}

#[test]
fn where_nobody_shares_everything_is_carried() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(close_with(9_000), closed(0, 0, 9_000, 0, 9_000));
		Register::admit(ALICE);
		assert_eq!(close(), closed(1, 0, 9_000, 0, 9_000));
		assert_eq!(totals().liability, 0);
		assert_eq!(close(), closed(2, 1, 9_000, 9_000, 0));
		// The epochs without her are not hers, whatever they would have been worth.
		assert_eq!(claim(ALICE), Ok(9_000));
	});
}

#[test]
fn one_person_alone_gets_all() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		assert_eq!(close_with(123_457), closed(1, 1, 123_457, 123_457, 0));
		assert_eq!(claim(ALICE), Ok(123_457));
		assert_eq!(balance(pot()), ED);
	});
}

#[test]
fn the_first_few_do_not_take_all() {
	ExtBuilder::default().min_people(10).build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		assert_eq!(close_with(100_009), closed(1, 2, 10_000, 20_000, 80_009));
		assert_eq!(totals().liability, 20_000);
		// The rest is there for the next epoch.
		assert_eq!(close(), closed(2, 2, 8_000, 16_000, 64_009));
	});
}

#[test]
fn a_share_below_the_minimum_is_carried_until_it_is_worth_paying() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		assert_eq!(close_with(2 * ED - 1), closed(1, 2, 0, 0, 2 * ED - 1));
		assert_noop!(Dividend::claim(RuntimeOrigin::signed(ALICE)), Error::<Test>::NothingToClaim);
		// One planck more makes exactly the minimum.
		assert_eq!(close_with(1), closed(2, 2, ED, 2 * ED, 0));
		assert_eq!(claim(ALICE), Ok(ED));
	});
}

#[test]
fn what_comes_in_while_an_epoch_closes_is_divided_by_that_close() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		InflowAtClose::set(7_000);
		assert_eq!(close(), closed(1, 1, 7_000, 7_000, 0));
		// Told once of each epoch, under its own number.
		assert_eq!(Told::get(), [0, 1]);
	});
}

#[test]
fn a_transfer_straight_into_the_pot_is_divided() {
	ExtBuilder::default().build_and_execute(|| {
		pays(TREASURE, BOB, 50_000);
		Register::admit(ALICE);
		go_to(1);
		pays(BOB, pot(), 20_000);
		assert_eq!(close(), closed(1, 1, 20_000, 20_000, 0));
		assert_eq!(balance(BOB), 30_000);
	});
}

#[test]
fn a_stall_of_ten_epochs_makes_one_long_epoch() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		flow_in(10_000);
		let late = totals().opened_at + 10 * LENGTH;
		assert_eq!(close_after(late), closed(1, 1, 10_000, 10_000, 0));
		// None is overdue: the next one lasts as long as any.
		assert_eq!(totals().epoch, 2);
		assert_eq!((totals().opened_at, totals().closes_at), (late, late + LENGTH));
		assert_eq!(block(late + 1), <() as WeightInfo>::idle());
	});
}

#[test]
fn who_joins_in_the_last_block_of_an_epoch_shares_from_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		block(totals().closes_at - 1);
		let bob = Register::admit(BOB);
		assert_eq!(Dividend::interval(bob), Some((2, 1 + TERM)));
		assert_eq!(close_with(6_000), closed(1, 1, 6_000, 6_000, 0));
		assert_eq!(close_with(6_000), closed(2, 2, 3_000, 6_000, 0));
		assert_eq!(claim(ALICE), Ok(9_000));
		assert_eq!(claim(BOB), Ok(3_000));
	});
}

#[test]
fn who_joins_in_the_block_that_closes_an_epoch_joined_in_the_one_it_opens() {
	ExtBuilder::default().build_and_execute(|| {
		close();
		let alice = Register::admit(ALICE);
		assert_eq!(Dividend::interval(alice), Some((2, 1 + TERM)));
	});
}

#[test]
fn a_person_shares_in_every_epoch_of_its_interval_and_in_no_other() {
	ExtBuilder::default().build_and_execute(|| {
		go_to(2);
		let alice = Register::admit(ALICE);
		assert_eq!(Dividend::interval(alice), Some((3, 2 + TERM)));
		for epoch in 2..TERM + 5 {
			let within = (3..=2 + TERM).contains(&epoch);
			let Event::EpochClosed { epoch: number, eligible, .. } = close() else { panic!() };
			assert_eq!((number, eligible), (epoch, u32::from(within)));
		}
	});
}

#[test]
fn a_new_length_applies_from_the_next_epoch_on() {
	ExtBuilder::default().build_and_execute(|| {
		set_params(|params| params.epoch_length = 50);
		assert_eq!(block(LENGTH), <() as WeightInfo>::close());
		assert_eq!(totals().closes_at, LENGTH + 50);
	});
}

#[test]
fn a_pot_that_holds_less_than_it_must_carries() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		close_with(10_000);
		// The existential deposit is raised above what the pot holds.
		ExistentialDeposit::set(50_000);
		assert_eq!(close(), closed(2, 1, 0, 0, 0));
		assert_eq!(totals().liability, 10_000);
		// And nothing of what is promised may be paid out of it.
		assert_noop!(
			Dividend::claim(RuntimeOrigin::signed(ALICE)),
			Error::<Test>::TooLittleForAccount
		);
		pays(TREASURE, ALICE, 50_000);
		assert_noop!(Dividend::claim(RuntimeOrigin::signed(ALICE)), Error::<Test>::Unexpected);
		assert!(!is_free(ALICE));
		// Somebody makes up for it.
		flow_in(50_000 - ED);
		assert_eq!(claim(ALICE), Ok(10_000));
	});
}

#[test]
fn the_last_epoch_there_can_be_stays_open() {
	ExtBuilder::default().build_and_execute(|| {
		let last = Totals { epoch: u32::MAX, next_sweep: u32::MAX, ..totals() };
		Books::<Test>::put(last);
		assert_eq!(block(LENGTH), Weight::from_parts(200, 200));
		assert_eq!(totals(), last);
		assert_eq!(Told::get(), [] as [u32; 0]);
		assert_eq!(events(), []);
	});
}

#[test]
#[should_panic = "more people left than had joined"]
fn a_count_that_cannot_be_is_noticed() {
	ExtBuilder::default().build().execute_with(|| {
		Epochs::<Test>::mutate(0, |row| row.leave = 1);
		close();
	});
}

#[test]
fn dividing_among_nobody_carries() {
	let params = Parameters { min_people: 0, min_per_head: 0, ..Parameters::defaults(ED) };
	assert_eq!(Division::of(5, 0, &params), Division::carry(5));
}

proptest! {
	#[test]
	fn a_division_loses_nothing(
		distributable: u128,
		active: u32,
		min_people in 1..=u32::MAX,
		min_per_head in 1..=u128::MAX,
	) {
		let params = Parameters { min_people, min_per_head, ..Parameters::defaults(ED) };
		let division = Division::of(distributable, active, &params);
		prop_assert_eq!(division.distributed.checked_add(division.carried), Some(distributable));
		prop_assert_eq!(division.per_head.checked_mul(active.into()), Some(division.distributed));
		prop_assert!(division.per_head == 0 || division.per_head >= min_per_head);
		// It carries less than a planck per sharer, unless there is too little or too few.
		let sharers = u128::from(active.max(min_people));
		if distributable / sharers >= min_per_head {
			prop_assert_eq!(division.per_head, distributable / sharers);
			prop_assert!(active < min_people || division.carried < sharers);
		} else {
			prop_assert_eq!(division, Division::carry(distributable));
		}
	}

	#[test]
	fn what_a_sweep_finds_unclaimed_and_what_was_claimed_make_the_whole(
		eligible in 0..1_000u32,
		running in 0..1_000u32,
		claim_in in 0..1_000u32,
		claim_out in 0..1_000u32,
		per_head in 0..1_000_000_000u128,
	) {
		let row = Epoch { eligible, claim_in, claim_out, per_head, ..Default::default() };
		let claimed = i64::from(running) + i64::from(claim_in) - i64::from(claim_out);
		match row.unclaimed(running) {
			Some((count, unclaimed)) => {
				prop_assert_eq!(i64::from(count), claimed);
				let whole = u128::from(eligible) * per_head;
				prop_assert_eq!(unclaimed + u128::from(count) * per_head, whole);
			},
			None => prop_assert!(claimed < 0 || claimed > i64::from(eligible)),
		}
	}
}
