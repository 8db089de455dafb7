use super::*;
use crate::testing::standing;
use proptest::prelude::*;
use std::time::Duration;

const POLICY: Policy =
	Policy { value: 1_000, count: 100, age: Duration::from_millis(50), losses: false };

const NEAR: &str = "a channel can soon be settled no longer";

fn due(channel: u8, value: Balance) -> Due {
	Due {
		channel_id: [channel; 32],
		settled_seq: 5,
		settled_total: 7,
		seq: 6,
		total: 7 + value,
		deadline: None,
	}
}

fn ask(due: &[Due], ages: &Ages, prices: Prices, now: u64) -> Option<&'static str> {
	choose(&POLICY, due.to_vec(), ages, &prices, &standing(), now, false).map(|it| it.why)
}

fn young(due: &[Due], since: u64) -> Ages {
	let mut ages = Ages::default();
	ages.update(&[], 0);
	ages.update(due, since);
	ages
}

#[test]
fn a_settlement_is_due_by_value_count_age_deadline_and_bond() {
	let quiet = due(0, 10);
	let with = |other: Due| {
		let due = [quiet.clone(), other];
		ask(&due, &young(&due, 1_000), Prices::FREE, 1_049)
	};
	assert_eq!(with(due(1, 10)), None);
	assert_eq!(with(due(1, 990)), Some("value"));
	assert_eq!(with(Due { seq: 104, ..due(1, 10) }), Some("count"));
	let deadline = standing().head + MARGIN;
	let soon = Some(NEAR);
	assert_eq!(with(Due { deadline: Some(deadline), ..due(1, 10) }), soon);
	assert_eq!(with(Due { deadline: Some(deadline + 1), ..due(1, 10) }), None);
	let both = [quiet.clone(), due(1, 10)];
	assert_eq!(ask(&both, &young(&both, 1_000), Prices::FREE, 1_050), Some("age"));
	let mut restored = Ages::default();
	restored.update(&both, 1_000);
	assert_eq!(ask(&both, &restored, Prices::FREE, 1_000), Some("age"));
	let small = Standing { free_bond: 50, ..standing() };
	let ages = young(&both, 1_000);
	let choice = choose(&POLICY, both.to_vec(), &ages, &Prices::FREE, &small, 1_010, false);
	assert_eq!(choice.unwrap().why, "the bond is half used");
	let stop = choose(&POLICY, both.to_vec(), &ages, &Prices::FREE, &standing(), 1_010, true);
	assert_eq!(stop.unwrap().why, "the oracle stops");
	assert_eq!(ask(&[], &ages, Prices::FREE, u64::MAX), None);
}

/// An oracle that gets two fifths.
fn prices(settlement: Balance, claim: Balance) -> Prices {
	Prices { settlement, claim, share: 400_000 }
}

#[test]
fn what_costs_more_than_it_brings_waits() {
	let dear = prices(0, 1_000);
	// Two fifths of 2,500 are the fee.
	let poor = [due(1, 2_500), Due { deadline: Some(0), ..due(2, 999) }];
	assert_eq!(ask(&poor, &young(&poor, 0), dear, u64::MAX), None);
	let rich = [poor[0].clone(), poor[1].clone(), due(3, 2_503)];
	let choice = choose(&POLICY, rich.to_vec(), &young(&rich, 0), &dear, &standing(), 0, false);
	assert_eq!(choice.unwrap().due, [due(3, 2_503)]);
	assert_eq!(ask(&poor, &young(&poor, 0), Prices::FREE, u64::MAX), Some(NEAR), "not for ever");
}

#[test]
fn what_is_not_worth_a_settlement_of_its_own_goes_with_others() {
	let prices = prices(1_000, 10);
	let few = [due(1, 1_525), due(2, 1_025)];
	assert_eq!(
		ask(&few, &young(&few, 0), prices, u64::MAX),
		None,
		"it brings 600 and 400, not more"
	);
	let more = [few[0].clone(), few[1].clone(), due(3, 28)];
	let choice = choose(&POLICY, more.to_vec(), &young(&more, 0), &prices, &standing(), 0, true);
	assert_eq!(choice.unwrap().due.len(), 3, "each a little more than its claim");
}

#[test]
fn a_settlement_is_within_the_bond_and_what_is_near_its_deadline_has_it_first() {
	let soon = Due { deadline: Some(standing().head), ..due(9, 60) };
	let all = [due(1, 500), soon.clone(), due(2, 30)];
	let small = Standing { free_bond: 150, ..standing() };
	let choice = choose(&POLICY, all.to_vec(), &Ages::default(), &Prices::FREE, &small, 0, true);
	assert_eq!(choice.unwrap().due, [soon, due(2, 30)], "the chain would have taken the first");
	let none = Standing { free_bond: 44, ..standing() };
	assert_eq!(
		choose(&POLICY, all.to_vec(), &Ages::default(), &Prices::FREE, &none, 0, true),
		None
	);
}

#[test]
fn shares_of_any_amount_are_counted() {
	let prices = Prices { settlement: 0, claim: 0, share: 1_000_000 };
	assert_eq!(prices.gain(&due(1, u128::MAX - 7)), Some(u128::MAX - 7));
	assert_eq!(Prices { share: 333_333, ..prices }.gain(&due(1, 3_000_003)), Some(999_999));
	assert_eq!(Prices { claim: 999_999, share: 333_333, ..prices }.gain(&due(1, 3_000_003)), None);
}

#[test]
fn a_deadline_comes_before_value_and_value_before_the_rest() {
	let head = standing().head;
	let mut all: Vec<_> = (0..255).map(|it| due(it, 10 + Balance::from(it))).collect();
	all.push(Due { deadline: Some(head + 9), ..due(255, 1) });
	let mut other = Due { deadline: Some(head + 3), ..due(1, 2) };
	other.channel_id[0] = 0;
	all.push(other.clone());
	let choice = choose(&POLICY, all, &Ages::default(), &Prices::FREE, &standing(), 0, true);
	let chosen = choice.unwrap().due;
	assert_eq!(chosen.len(), MAX_CLAIMS as usize);
	assert_eq!((&chosen[0], chosen[1].value(), chosen[2].value()), (&other, 1, 264));
	assert!(chosen.iter().all(|it| it.value() != 10), "the least is left out");
}

#[test]
fn next_to_nothing_at_the_nearest_deadlines_keeps_out_nothing_that_pays() {
	let head = standing().head;
	let prices = Prices { settlement: 1_000, claim: 10, share: 1_000_000 };
	// As many as a settlement can claim, each a planck more than its claim.
	let mut all: Vec<_> = (0..MAX_CLAIMS)
		.map(|it| {
			let mut channel_id = [0; 32];
			channel_id[..4].copy_from_slice(&it.to_le_bytes());
			Due { channel_id, deadline: Some(head + 1), ..due(0, 11) }
		})
		.collect();
	assert_eq!(ask(&all, &Ages::default(), prices, 0), None);
	let rich = Due { deadline: Some(head + 2), ..due(255, 5_000) };
	all.push(rich.clone());
	let choice = choose(&POLICY, all, &Ages::default(), &prices, &standing(), 0, false);
	let chosen = choice.unwrap().due;
	assert_eq!((chosen.len(), &chosen[0]), (MAX_CLAIMS as usize, &rich));
}

#[test]
fn what_is_left_after_a_settlement_begins_anew() {
	let first = due(1, 10);
	let mut ages = young(std::slice::from_ref(&first), 1_000);
	let more = Due { seq: 9, total: 99, ..first.clone() };
	ages.update(std::slice::from_ref(&more), 1_040);
	assert_eq!(ages.oldest_ms(std::slice::from_ref(&more), 1_050), 50, "more came to it");
	let left = Due { settled_seq: 6, settled_total: 17, ..more };
	ages.update(std::slice::from_ref(&left), 1_060);
	assert_eq!(ages.oldest_ms(&[left], 1_070), 10);
}

/// A channel of the simulation: when something is earned, how much, and when it closes.
#[derive(Clone, Debug)]
struct Story {
	earns: Vec<(BlockNumber, Balance)>,
	closes: Option<BlockNumber>,
}

fn stories() -> impl Strategy<Value = Vec<Story>> {
	let earns = prop::collection::vec((0..60_000u32, 1..400u128), 0..6);
	let closes = prop::option::of(30_000..120_000u32);
	let story = (earns, closes).prop_map(|(earns, closes)| Story { earns, closes });
	prop::collection::vec(story, 1..600)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
	#[test]
	fn nothing_worth_its_fee_is_late_and_no_claim_costs_more_than_it_brings(
		stories in stories(),
		settlement in prop_oneof![Just(0u128), 1..2_000u128],
		claim in 0..200u128,
		value in 1..100_000u128,
		hold_up in 1..3_000u32,
	) {
		let policy = Policy { value, count: u64::MAX, age: Duration::from_secs(u32::MAX.into()), losses: false };
		let prices = Prices { settlement, claim, share: 1_000_000 };
		let mut ages = Ages::default();
		ages.update(&[], 0);
		let mut settled = vec![0u128; stories.len()];
		let earned = |at: usize, head| -> Balance {
			stories[at].earns.iter().filter(|(block, _)| *block <= head).map(|(_, it)| it).sum()
		};
		// A settlement is final some blocks after it was chosen, the next one is chosen then.
		for head in (0..120_000).step_by(hold_up as usize) {
			let open = |at: &usize| stories[*at].closes.is_none_or(|closes| head < closes);
			let due: Vec<Due> = (0..stories.len())
				.filter(open)
				.filter(|at| earned(*at, head) > settled[*at])
				.map(|at| {
					let mut channel_id = [0; 32];
					channel_id[..8].copy_from_slice(&(at as u64).to_le_bytes());
					// The consumer asked to close it seven days before.
					let asked = stories[at].closes.filter(|closes| head + 201_600 >= *closes);
					Due {
						channel_id,
						settled_seq: 0,
						settled_total: settled[at],
						seq: 1,
						total: earned(at, head),
						deadline: asked,
					}
				})
				.collect();
			let standing = Standing { head, free_bond: u128::MAX, ..standing() };
			ages.update(&due, head.into());
			let choice = choose(&policy, due.clone(), &ages, &prices, &standing, head.into(), false);
			let Some(choice) = choice else {
				// Nothing made it due, or all that one settlement could bring would not pay for it.
				let waits: u128 = due.iter().filter(|it| prices.gain(it).is_some()).map(Due::value).sum();
				let mut gains: Vec<u128> = due.iter().filter_map(|it| prices.gain(it)).collect();
				gains.sort_unstable_by(|a, b| b.cmp(a));
				let most: u128 = gains.iter().take(MAX_CLAIMS as usize).sum();
				prop_assert!(waits < value || most <= settlement);
				continue;
			};
			prop_assert!(prices.pays(&choice.due));
			let least = choice.due.iter().filter(|it| it.deadline.is_none()).map(Due::value).min();
			for left in due.iter().filter(|it| prices.gain(it).is_some() && !choice.due.contains(it)) {
				prop_assert_eq!(choice.due.len(), MAX_CLAIMS as usize);
				if left.deadline.is_none() {
					prop_assert!(least.is_none_or(|least| left.value() <= least));
				}
			}
			for it in choice.due {
				prop_assert!(it.value() > claim);
				let at = u64::from_le_bytes(it.channel_id[..8].try_into().unwrap()) as usize;
				settled[at] = it.total;
			}
		}
		for (at, story) in stories.iter().enumerate() {
			let Some(closes) = story.closes else { continue };
			// What came too late for anybody to settle it does not count.
			let in_time = earned(at, closes.saturating_sub(4 * hold_up));
			// What is lost was not worth both fees: with more, it would have paid for a settlement alone.
			prop_assert!(
				in_time <= settled[at] + claim + settlement,
				"{story:?}: {} of {in_time}", settled[at]
			);
		}
	}
}
