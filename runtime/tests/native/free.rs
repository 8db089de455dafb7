//! Whatever is free is free exactly when it succeeds: nobody can fill blocks with it.
//!
//! What is written down here is compared with the pallets' sources, so that no call becomes free
//! without standing in these tables.

use crate::{
	chain::{events_from, Clock},
	keys::actor,
	stage::*,
	transactions::{general, signed},
};
use frame_support::{
	dispatch::GetDispatchInfo,
	storage::{with_transaction_unchecked, TransactionOutcome},
	traits::GetCallMetadata,
	weights::Weight,
};
use pallet_free_lane::{Returned as _, Used, FREE_PRIORITY, PAYING_PRIORITY};
use sp_core::sr25519;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, One, Two};
use sp_runtime::{
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
	},
	DispatchResult,
};
use std::{collections::BTreeSet, fs};
use usufruct_primitives::{Balance, Purpose, UFR};
use usufruct_runtime::{
	configs::usufruct::Returned, AccountId, Dividend, Executive, Runtime, RuntimeCall,
	RuntimeEvent, System, UncheckedExtrinsic,
};

pub const REFUSED_FOR_PAYMENT: TransactionValidityError =
	TransactionValidityError::Invalid(InvalidTransaction::Payment);

/// A person that holds nothing.
const PERSON: Sr25519Keyring = One;
/// Somebody who is no person, and rich.
pub const PAYER: Sr25519Keyring = Bob;

/// Every call that an account can make for nothing, in a way that fails.
pub fn feeless() -> Vec<RuntimeCall> {
	use pallet_dividend::Call as Money;
	use pallet_personhood::Call as People;
	use pallet_suffrage::Call as Voting;

	vec![
		Money::<Runtime>::claim {}.into(),
		Money::<Runtime>::claim_to_channel { channel: [7; 32] }.into(),
		Money::<Runtime>::join_programme { programme: 7 }.into(),
		Money::<Runtime>::claim_programme { programme: 7 }.into(),
		People::<Runtime>::veto {}.into(),
		People::<Runtime>::draw_jury { case: 7 }.into(),
		People::<Runtime>::vote_case { case: 7, uphold: true }.into(),
		People::<Runtime>::resolve_case { case: 7 }.into(),
		People::<Runtime>::close_case { case: 7 }.into(),
		Voting::<Runtime>::vote { poll: 7, aye: true }.into(),
		Voting::<Runtime>::cosign { proposal: 7 }.into(),
	]
}

/// Every call that needs nobody's signature, in a way that fails: what is attested is of the past.
fn authorised(clock: &mut Clock) -> Vec<RuntimeCall> {
	use pallet_personhood::Call as People;

	let (attestations, consent) = recognition(Purpose::Register, Two, 0);
	let account = Two.to_account_id();
	clock.skip(101);
	vec![
		pallet_dividend::Call::<Runtime>::claim_for { person: 7 }.into(),
		People::<Runtime>::register {
			account: account.clone(),
			attestations: attestations.clone(),
			consent: consent.clone(),
		}
		.into(),
		People::<Runtime>::renew {
			account: account.clone(),
			attestations: attestations.clone(),
			consent: consent.clone(),
		}
		.into(),
		People::<Runtime>::recover { person: 0, new_account: account, attestations, consent }
			.into(),
		People::<Runtime>::complete_recovery { person: 0 }.into(),
	]
}

/// Every call whose fee is returned if it succeeds, in a way that fails.
fn refunded() -> Vec<RuntimeCall> {
	let nobody = Two.to_account_id();
	vec![
		pallet_dividend::Call::<Runtime>::leave_programme { programme: 7, person: 7 }.into(),
		pallet_oracles::Call::<Runtime>::forget_keys { oracle: nobody.clone() }.into(),
		pallet_personhood::Call::<Runtime>::remove { person: 7 }.into(),
		pallet_suffrage::Call::<Runtime>::remove_vote { poll: 7, person: 7 }.into(),
		pallet_suffrage::Call::<Runtime>::cleanup_poll { poll: 7, max: 1 }.into(),
		pallet_suffrage::Call::<Runtime>::submit_proposal { proposal: 7 }.into(),
		pallet_suffrage::Call::<Runtime>::cleanup_proposal { proposal: 7, max: 1 }.into(),
		pallet_usage::Call::<Runtime>::sweep_batches { oracle: nobody.clone() }.into(),
		pallet_usage::Call::<Runtime>::sweep_fees {
			owner: pallet_usage::Owner::Organisation(nobody),
		}
		.into(),
	]
}

/// How often a text stands in the sources of our pallets, their tests and mocks left out.
fn in_the_sources(text: &str) -> usize {
	let mut count = 0;
	for pallet in fs::read_dir("../pallets").expect("the pallets are there") {
		let sources = pallet.expect("an entry").path().join("src");
		for source in fs::read_dir(sources).expect("each has sources") {
			let path = source.expect("an entry").path();
			let name = path.file_name().expect("a name").to_string_lossy().into_owned();
			if !path.is_file() || name.starts_with("mock") || name.starts_with("tests") {
				continue;
			}
			let source = fs::read_to_string(path).expect("it can be read");
			let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
			count += code.map(|line| line.matches(text).count()).sum::<usize>();
		}
	}
	count
}

pub fn names(calls: &[RuntimeCall]) -> BTreeSet<(&'static str, &'static str)> {
	calls
		.iter()
		.map(|call| {
			let metadata = call.get_call_metadata();
			(metadata.pallet_name, metadata.function_name)
		})
		.collect()
}

pub fn pair(who: Sr25519Keyring) -> &'static sr25519::Pair {
	actor(&who.to_account_id()).expect("everybody here has a key")
}

/// What a pool thinks of a transaction; the state is left as it is.
pub fn validate(transaction: &UncheckedExtrinsic) -> TransactionValidity {
	with_transaction_unchecked(|| {
		TransactionOutcome::Rollback(Executive::validate_transaction(
			TransactionSource::External,
			transaction.clone(),
			System::parent_hash(),
		))
	})
}

/// The fee that a transaction took of the payer, which its call did not deserve.
pub fn fee_of_failure(call: RuntimeCall) -> u128 {
	let before = free(PAYER);
	let transaction = signed(pair(PAYER), call.clone());
	let valid = validate(&transaction).expect("whoever pays may try");
	match Returned::priority(&call) {
		Some(priority) => assert_eq!(valid.priority, priority, "{call:?}"),
		None => assert!(valid.priority >= PAYING_PRIORITY, "{call:?}"),
	}
	let applied = Executive::apply_extrinsic(transaction).expect("it is valid");
	assert!(applied.is_err(), "{call:?} was to fail");
	before - free(PAYER)
}

#[test]
fn no_call_is_free_that_is_not_in_the_tables() {
	play(|clock| {
		let (feeless, refunded) = (feeless(), refunded());
		let authorised = authorised(clock);
		assert_eq!(in_the_sources("#[pallet::feeless_if("), names(&feeless).len());
		assert_eq!(in_the_sources("#[pallet::authorize("), names(&authorised).len());
		let returned = in_the_sources("Pays::No.into()") + in_the_sources("Pays::No).into()");
		// Whoever relays what needs no signature gets the fee back too, but for claims.
		assert_eq!(returned, names(&refunded).len() + names(&authorised).len() - 1);
	});
}

#[test]
fn a_free_call_that_would_fail_is_refused_or_pays() {
	play(|clock| {
		recognise(&PERSON.to_account_id());
		clock.skip(1);
		for call in feeless() {
			let unpaid = signed(pair(PERSON), call.clone());
			assert_eq!(validate(&unpaid), Err(REFUSED_FOR_PAYMENT), "{call:?}");
			assert!(Executive::apply_extrinsic(unpaid).is_err(), "{call:?} is in a block");
			assert!(fee_of_failure(call.clone()) > 0, "{call:?} failed for nothing");
		}
	});
}

#[test]
fn a_call_that_needs_no_signature_and_would_fail_is_refused_or_pays() {
	play(|clock| {
		recognise(&PERSON.to_account_id());
		for call in authorised(clock) {
			let unsigned = general(call.clone());
			assert!(validate(&unsigned).is_err(), "{call:?}");
			assert!(Executive::apply_extrinsic(unsigned).is_err(), "{call:?} is in a block");
			assert!(fee_of_failure(call.clone()) > 0, "{call:?} failed for nothing");
		}
	});
}

#[test]
fn a_call_that_returns_its_fee_keeps_it_when_it_fails() {
	play(|_| {
		for call in refunded() {
			assert!(fee_of_failure(call.clone()) > 0, "{call:?} failed for nothing");
			assert_eq!(Used::<Runtime>::get(), Weight::zero(), "{call:?} is in the lane");
		}
	});
}

/// A call in the ways of making it within another one, as `who` would.
pub fn within(call: &RuntimeCall, who: &AccountId) -> Vec<RuntimeCall> {
	let calls = vec![call.clone()];
	let boxed = || Box::new(call.clone());
	let other_signatories = vec![Charlie.to_account_id()];
	vec![
		pallet_utility::Call::<Runtime>::batch { calls: calls.clone() }.into(),
		pallet_utility::Call::<Runtime>::batch_all { calls: calls.clone() }.into(),
		pallet_utility::Call::<Runtime>::force_batch { calls }.into(),
		pallet_utility::Call::<Runtime>::if_else { main: boxed(), fallback: boxed() }.into(),
		pallet_utility::Call::<Runtime>::as_derivative { index: 0, call: boxed() }.into(),
		pallet_proxy::Call::<Runtime>::proxy {
			real: who.clone().into(),
			force_proxy_type: None,
			call: boxed(),
		}
		.into(),
		pallet_multisig::Call::<Runtime>::as_multi_threshold_1 {
			other_signatories: other_signatories.clone(),
			call: boxed(),
		}
		.into(),
		pallet_multisig::Call::<Runtime>::as_multi {
			threshold: 2,
			other_signatories,
			maybe_timepoint: None,
			call: boxed(),
			max_weight: call.get_dispatch_info().call_weight,
		}
		.into(),
	]
}

/// How a valid transaction ends, and what it costs.
pub fn outcome_of(transaction: UncheckedExtrinsic) -> (DispatchResult, Balance) {
	let seen = events_from(0).len();
	let outcome = Executive::apply_extrinsic(transaction).expect("it is valid");
	let fee = events_from(seen).into_iter().find_map(|event| match event {
		RuntimeEvent::TransactionPayment(
			pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
		) => Some(actual_fee),
		_ => None,
	});
	(outcome, fee.expect("it says what it cost"))
}

/// What a transaction that succeeds cost in the end.
pub fn fee_of(transaction: UncheckedExtrinsic) -> Balance {
	let (outcome, fee) = outcome_of(transaction);
	assert_eq!(outcome, Ok(()));
	fee
}

#[test]
fn within_another_call_nothing_is_free() {
	play(|clock| {
		recognise(&PERSON.to_account_id());
		let unsigned = authorised(clock);
		for call in feeless().iter().chain(&unsigned) {
			for call in within(call, &PERSON.to_account_id()) {
				let unpaid = signed(pair(PERSON), call.clone());
				assert_eq!(validate(&unpaid), Err(REFUSED_FOR_PAYMENT), "{call:?}");
				let unsigned = general(call.clone());
				assert!(validate(&unsigned).is_err(), "{call:?}");
			}
		}
	});
}

#[test]
fn a_claim_that_is_free_by_itself_pays_within_another_call() {
	play(|clock| {
		recognise(&PERSON.to_account_id());
		recognise(&PAYER.to_account_id());
		let pot = Dividend::pot().into();
		must(
			Alice,
			pallet_balances::Call::<Runtime>::transfer_keep_alive { dest: pot, value: 90 * UFR },
		);
		let epoch = Dividend::epoch().index;
		while Dividend::epoch().index < epoch + 2 {
			clock.skip(1);
		}
		let claim = RuntimeCall::from(pallet_dividend::Call::<Runtime>::claim {});
		let due = Dividend::claimable(PERSON.to_account_id());
		assert!(due > 0);

		for call in within(&claim, &PERSON.to_account_id()) {
			assert_eq!(validate(&signed(pair(PERSON), call)), Err(REFUSED_FOR_PAYMENT));
		}
		let alone = signed(pair(PERSON), claim.clone());
		assert_eq!(validate(&alone).expect("it is free").priority, FREE_PRIORITY);
		assert_eq!(Executive::apply_extrinsic(alone), Ok(Ok(())));
		assert_eq!(free(PERSON), due);

		let before = free(PAYER);
		let batch = within(&claim, &PAYER.to_account_id()).swap_remove(0);
		let fee = fee_of(signed(pair(PAYER), batch));
		assert!(fee > 0);
		assert_eq!(free(PAYER), before + due - fee);
	});
}

/// Substrate gives the fee back of what is noted because somebody asked for it: a live bounty's text, or the call of a
/// poll. Whoever notes it again would fill blocks for nothing.
#[test]
fn what_is_asked_for_is_noted_at_a_cost() {
	play(|_| {
		let bytes = vec![7; 4_096];
		let hash = sp_io::hashing::blake2_256(&bytes).into();
		let request = pallet_preimage::Call::<Runtime>::request_preimage { hash };
		must(Alice, pallet_sudo::Call::<Runtime>::sudo { call: Box::new(request.into()) });
		for _ in 0..3 {
			let note = pallet_preimage::Call::<Runtime>::note_preimage { bytes: bytes.clone() };
			assert!(fee_of(signed(pair(PAYER), note.into())) > 0);
		}
	});
}

#[test]
fn what_is_paused_is_not_free() {
	play(|_| {
		let (attestations, consent) = recognition(Purpose::Register, Two, 0);
		let account = Two.to_account_id();
		let call = RuntimeCall::from(pallet_personhood::Call::<Runtime>::register {
			account,
			attestations,
			consent,
		});
		assert!(validate(&general(call.clone())).is_ok());
		let pause = pallet_call_pause::Call::<Runtime>::pause {
			pallet: b"Personhood".to_vec().try_into().expect("short"),
			call: b"register".to_vec().try_into().expect("short"),
			blocks: 3,
		};
		let sudo = pallet_sudo::Call::<Runtime>::sudo { call: Box::new(pause.into()) };
		must(Alice, sudo);
		let refused = TransactionValidityError::Invalid(InvalidTransaction::Call);
		assert_eq!(validate(&general(call.clone())), Err(refused));
		assert_eq!(Executive::apply_extrinsic(general(call.clone())), Err(refused));
		assert_eq!(validate(&signed(pair(PAYER), call)), Err(refused));
	});
}
