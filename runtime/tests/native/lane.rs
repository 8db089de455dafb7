//! What has its fee returned is in the free lane: it fills that, and takes no more of a block.

use crate::{
	chain::{externalities, genesis, Clock},
	free::{fee_of, names, pair, validate, within, PAYER},
	returned::{lines, marked, sources_of_ours, IN_THE_LANE, TABLE},
	stage::*,
	transactions::{general, signed},
};
use codec::Decode;
use frame_support::traits::PalletsInfoAccess;
use pallet_free_lane::{Returned as _, Used, FREE_PRIORITY, PAYING_PRIORITY};
use pallet_suffrage::Votes;
use sp_keyring::Sr25519Keyring::Two;
use sp_runtime::{
	traits::TrailingZeroInput,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};
use std::collections::BTreeSet;
use usufruct_primitives::Purpose;
use usufruct_runtime::{
	configs::usufruct::Returned, AllPalletsWithSystem, Executive, FreeLane, Runtime, RuntimeCall,
};

const FULL: TransactionValidityError =
	TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);

type Names = BTreeSet<(&'static str, String)>;

/// The names of the calls that are in the lane because their fee is returned. They are asked for with
/// arguments made of zeros.
fn in_the_lane() -> Names {
	let numbers = || 0..=u8::MAX;
	let calls: Vec<RuntimeCall> = numbers()
		.flat_map(|pallet| numbers().map(move |call| [pallet, call]))
		.filter_map(|bytes| RuntimeCall::decode(&mut TrailingZeroInput::new(&bytes)).ok())
		.filter(|call| Returned::priority(call).is_some())
		.collect();
	names(&calls).into_iter().map(|(pallet, call)| (pallet, call.to_string())).collect()
}

/// The names of the calls of ours that have their fee returned, as the pallets' sources say.
pub fn returned_by_ours() -> Names {
	let mut found = Names::new();
	for pallet in AllPalletsWithSystem::infos() {
		// It has no calls, and speaks of others'.
		if pallet.name == "FreeLane" {
			continue;
		}
		let Some(sources) = sources_of_ours(&pallet) else { continue };
		let calls = marked(&lines(&sources), &["Pays::No"]);
		found.extend(calls.into_iter().map(|call| (pallet.name, call)));
	}
	found
}

#[test]
fn what_has_its_fee_returned_is_in_it_and_nothing_else() {
	let of_others = TABLE.iter().filter(|(_, _, why)| *why == IN_THE_LANE);
	let mut expected = returned_by_ours();
	expected.extend(of_others.map(|(pallet, call, _)| (*pallet, call.to_string())));
	assert_eq!(in_the_lane(), expected);
}

fn cleanup(poll: u32, max: u32) -> RuntimeCall {
	pallet_suffrage::Call::<Runtime>::cleanup_poll { poll, max }.into()
}

/// Votes on polls that are over, one on each, are removed by one account with the fee of one call.
#[test]
fn calls_that_succeed_fill_it_and_no_more() {
	externalities(genesis()).execute_with(|| {
		Clock::start();
		let polls = 1_000;
		for poll in 0..polls {
			Votes::<Runtime>::insert(poll, 0, true);
		}
		let before = free(PAYER);
		let mut done = 0;
		let refused = loop {
			match Executive::apply_extrinsic(signed(pair(PAYER), cleanup(done, 100))) {
				Ok(outcome) => assert_eq!(outcome, Ok(())),
				Err(refused) => break refused,
			}
			done += 1;
		};
		assert_eq!(refused, FULL);
		assert!(done > 10 && done < polls, "{done} went in");
		assert_eq!(free(PAYER), before);
		let (used, limit) = (Used::<Runtime>::get(), FreeLane::limit());
		assert!(used.all_lte(limit));
		// One more would have been too many.
		let each = used.checked_div(done.into()).expect("some went in");
		assert!((used + each).any_gt(limit));

		// Whoever cannot wait pays, and has the rest of the block.
		let call = cleanup(done, 100);
		for paying in within(&call, &PAYER.to_account_id()).into_iter().take(3) {
			assert!(fee_of(signed(pair(PAYER), paying)) > 0);
			Votes::<Runtime>::insert(done, 0, true);
		}
		assert_eq!(Used::<Runtime>::get(), used);
	});
}

#[test]
fn one_call_removes_two_thousand_votes() {
	play(|_| {
		let fits = |max| validate(&signed(pair(PAYER), cleanup(7, max)));
		assert!(fits(2_000).is_ok());
		assert_eq!(fits(4_000), Err(FULL));
	});
}

#[test]
fn what_verifiers_attest_comes_first_whoever_sends_it() {
	play(|_| {
		let (attestations, consent) = recognition(Purpose::Register, Two, 0);
		let account = Two.to_account_id();
		let register = RuntimeCall::from(pallet_personhood::Call::<Runtime>::register {
			account,
			attestations,
			consent,
		});
		let by_nobody = validate(&general(register.clone())).expect("it would succeed");
		let relayed = validate(&signed(pair(PAYER), register)).expect("it is paid up front");
		assert_eq!(relayed.priority, by_nobody.priority);
		assert!((FREE_PRIORITY + 1..PAYING_PRIORITY).contains(&relayed.priority));
	});
}
