//! What the chain starts with.

use super::*;
use usufruct_primitives::DAYS;

#[test]
fn a_chain_that_sets_nothing_gets_the_defaults() {
	let builder = ExtBuilder { params: Default::default(), ..Default::default() };
	builder.build_and_execute(|| {
		let params = Parameters {
			epoch_length: 7 * DAYS,
			claim_window: 26,
			term: 52,
			min_per_head: ED,
			min_people: 1_000,
		};
		assert_eq!(Params::<Test>::get(), params);
		assert_eq!(params.renew_window(), 13);
		assert_eq!(totals(), Totals { closes_at: 7 * DAYS, ..Default::default() });

		// Nor does a chain that never had a genesis of the dividend.
		Params::<Test>::kill();
		assert_eq!(Params::<Test>::get(), params);
	});
}

#[test]
fn what_is_set_is_used() {
	ExtBuilder::default().min_people(7).build_and_execute(|| {
		let params = Parameters {
			epoch_length: LENGTH,
			claim_window: WINDOW,
			term: TERM,
			min_per_head: ED,
			min_people: 7,
		};
		assert_eq!(Params::<Test>::get(), params);
		assert_eq!(totals(), Totals { closes_at: LENGTH, ..Default::default() });
	});
}

#[test]
fn the_pot_holds_the_existential_deposit_and_nothing_is_divided() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(balance(pot()), ED);
		assert_eq!(Dividend::epoch().pot, 0);
	});
}

#[test]
fn parameters_have_bounds() {
	let good = Parameters::defaults(ED);
	let check = |change: fn(&mut Parameters), problem| {
		let mut params = good;
		change(&mut params);
		assert_eq!(params.check(&Bounds::loosest(ED)), problem);
	};
	check(|_| (), Ok(()));
	let length = Err(OutOfBounds::EpochLength);
	check(|params| params.epoch_length = 0, length);
	check(|params| params.epoch_length = 1, Ok(()));
	check(|params| params.epoch_length = 31 * DAYS, Ok(()));
	check(|params| params.epoch_length = 31 * DAYS + 1, length);
	let window = Err(OutOfBounds::ClaimWindow);
	check(|params| params.claim_window = 0, window);
	check(|params| params.claim_window = 104, Ok(()));
	check(|params| params.claim_window = 105, window);
	let term = Err(OutOfBounds::Term);
	check(|params| params.term = 0, term);
	check(|params| params.term = 104, Ok(()));
	check(|params| params.term = 105, term);
	let minimum = Err(OutOfBounds::MinPerHead);
	check(|params| params.min_per_head = ED - 1, minimum);
	check(|params| params.min_per_head = 100 * ED, Ok(()));
	check(|params| params.min_per_head = 100 * ED + 1, minimum);
	check(|params| params.min_people = 0, Err(OutOfBounds::MinPeople));
	check(|params| params.min_people = u32::MAX, Ok(()));
}

#[test]
fn the_claim_window_outlasts_every_dispute() {
	let good = Parameters { epoch_length: 100, claim_window: 4, ..Parameters::defaults(ED) };
	let check = |longest_dispute| good.check(&Bounds { longest_dispute, ..Bounds::loosest(ED) });
	assert_eq!(check(399), Ok(()));
	assert_eq!(check(400), Err(OutOfBounds::WindowTooShort));
}

#[test]
#[should_panic = "ClaimWindow"]
fn a_chain_does_not_start_with_parameters_out_of_bounds() {
	let mut builder = ExtBuilder::default();
	builder.params.claim_window = 105;
	builder.build();
}

#[test]
fn a_term_of_any_length_can_be_renewed_in_its_last_epoch_at_least() {
	let window = |term| Parameters { term, ..Parameters::defaults(ED) }.renew_window();
	assert_eq!([1, 3, 4, 7, 8, 104].map(window), [1, 1, 1, 1, 2, 26]);
}
