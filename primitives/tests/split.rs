//! Properties of dividing money: exact, conserving, and blind to how amounts are cut.

use primitive_types::U256;
use proptest::prelude::*;
use usufruct_primitives::{
	split::{entitlement, Ledger, Split, SplitError},
	Balance, PPM,
};

const PARTIES: usize = 5;
type Weights = [u32; PARTIES];

/// Amounts of every magnitude; uniform ones would all be of 127 or 128 bits.
fn amount() -> impl Strategy<Value = Balance> {
	(any::<Balance>(), 0u32..128).prop_map(|(value, shift)| value >> shift)
}

/// Weights that sum to exactly `whole`.
fn weights(whole: u32) -> impl Strategy<Value = Weights> {
	proptest::array::uniform4(0..=whole).prop_map(move |mut cuts| {
		cuts.sort_unstable();
		let [a, b, c, d] = cuts;
		[a, b - a, c - b, d - c, whole - d]
	})
}

/// A whole, weights that sum to it, and amounts whose sum is a `u128`.
fn batches() -> impl Strategy<Value = (u32, Weights, Vec<Balance>)> {
	let whole = prop_oneof![Just(PPM), 1..=PPM];
	(whole, proptest::collection::vec(amount(), 1..50)).prop_flat_map(|(whole, amounts)| {
		let largest = Balance::MAX / amounts.len() as u128;
		let amounts = amounts.into_iter().map(|amount| amount.min(largest)).collect::<Vec<_>>();
		(Just(whole), weights(whole), Just(amounts))
	})
}

fn sum(parts: &[Balance]) -> Balance {
	parts.iter().sum()
}

proptest! {
	#[test]
	fn an_entitlement_is_the_floor_of_the_exact_quotient(
		total in amount(),
		weight: u32,
		whole in 1..=u32::MAX,
	) {
		let exact = U256::from(total) * U256::from(weight) / U256::from(whole);
		prop_assert_eq!(entitlement(total, weight, whole), Balance::try_from(exact).ok());
		if weight <= whole {
			prop_assert!(entitlement(total, weight, whole).is_some());
		}
	}

	#[test]
	fn money_is_conserved_after_every_batch((whole, weights, amounts) in batches()) {
		let mut ledger = Ledger::default();
		let (mut paid_in, mut paid_out) = (0, [0; PARTIES]);
		for amount in amounts {
			let dust_before = ledger.dust();
			let parts = ledger.divide(amount, &weights, whole).unwrap();
			paid_in += amount;
			for (all, part) in paid_out.iter_mut().zip(parts) {
				*all += part;
			}
			prop_assert_eq!(ledger.total, paid_in);
			prop_assert_eq!(ledger.credited, paid_out);
			prop_assert!(sum(&paid_out) <= paid_in);
			prop_assert_eq!(ledger.dust(), paid_in - sum(&paid_out));
			prop_assert!(ledger.dust() < PARTIES as u128);
			prop_assert_eq!(sum(&parts) + ledger.dust(), amount + dust_before);
		}
	}

	#[test]
	fn every_party_has_its_share_to_within_one_planck((whole, weights, amounts) in batches()) {
		let mut ledger = Ledger::default();
		for amount in amounts {
			ledger.divide(amount, &weights, whole).unwrap();
		}
		for (credited, weight) in ledger.credited.iter().zip(weights) {
			let due = U256::from(ledger.total) * U256::from(weight);
			let got = U256::from(*credited) * U256::from(whole);
			prop_assert!(got <= due && due - got < U256::from(whole));
		}
	}

	#[test]
	fn it_does_not_matter_how_an_amount_is_cut((whole, weights, amounts) in batches()) {
		let mut cut = Ledger::default();
		for amount in &amounts {
			cut.divide(*amount, &weights, whole).unwrap();
		}
		let mut uncut = Ledger::default();
		uncut.divide(sum(&amounts), &weights, whole).unwrap();
		prop_assert_eq!(cut, uncut);
	}

	#[test]
	fn a_thousand_batches_of_one_planck_divide_as_one_of_a_thousand(weights in weights(PPM)) {
		let mut cut = Ledger::default();
		for _ in 0..1_000 {
			cut.divide(1, &weights, PPM).unwrap();
		}
		let mut uncut = Ledger::default();
		uncut.divide(1_000, &weights, PPM).unwrap();
		prop_assert_eq!(cut, uncut);
	}

	#[test]
	fn a_change_of_weights_never_gives_out_more_than_came_in(
		(whole, first, second) in (1..=PPM)
			.prop_flat_map(|whole| (Just(whole), weights(whole), weights(whole))),
		excess in prop_oneof![3 => Just(0), 1 => 1..=u32::MAX],
		amounts in (amount(), amount()),
	) {
		let second = second.map(|weight| weight.saturating_add(excess));
		let mut ledger = Ledger::default();
		for (amount, weights) in [(amounts.0, first), (amounts.1, second)] {
			let before = ledger.clone();
			if ledger.divide(amount, &weights, whole).is_none() {
				prop_assert_eq!(&ledger, &before);
			}
			let credited = ledger.credited.iter().fold(U256::zero(), |sum, part| sum + *part);
			prop_assert!(credited <= U256::from(ledger.total));
			for (now, then) in ledger.credited.iter().zip(before.credited) {
				prop_assert!(*now >= then, "nobody gives back");
			}
		}
	}

	#[test]
	fn a_split_is_accepted_exactly_within_its_bounds(
		// Each reaches a little beyond its bounds; the model takes the rest, or one part too many.
		commons in 15_000..220_000u32,
		security in 5_000..110_000u32,
		oracle in 180_000..720_000u32,
		model in 0..=PPM,
		excess in prop_oneof![3 => Just(0), 1 => 1..3u32],
	) {
		let rest = PPM.saturating_sub(commons + security + oracle);
		let model = model.min(rest);
		let dividend = rest - model;
		let split = Split { dividend, commons, security, oracle, model: model + excess };
		let whole = commons + security + oracle <= PPM && excess == 0;
		let within = [
			(dividend, 100_000, PPM),
			(commons, 20_000, 200_000),
			(security, 10_000, 100_000),
			(oracle, 200_000, 700_000),
			(model, 100_000, PPM),
		]
		.iter()
		.all(|(weight, low, high)| (low..=high).contains(&weight));
		prop_assert_eq!(split.check().is_ok(), whole && within);
		prop_assert_eq!(split.check() == Err(SplitError::NotWhole), !whole);
	}
}
