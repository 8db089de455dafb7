//! A human who has nothing but a key is recognised, recognised again, and moved to another account, by
//! transactions that nobody signs, with all that the runtime asks of one.

use crate::{
	chain::{events_from, now, Clock},
	free::validate,
	stage::*,
	transactions::general,
};
use pallet_free_lane::{Used, PAYING_PRIORITY};
use pallet_personhood::Error;
use sp_keyring::Sr25519Keyring::{self, One, Two};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchError, ModuleError,
};
use usufruct_primitives::Purpose;
use usufruct_runtime::{
	Babe, Dividend, Executive, Personhood, Runtime, RuntimeCall, RuntimeEvent, System,
};

type People = pallet_personhood::Call<Runtime>;

/// Goes on to a block that has room for transactions: the first one of a session has none.
fn to_one_with_room(clock: &mut Clock) {
	loop {
		let session = Babe::current_epoch().epoch_index;
		clock.skip(1);
		if Babe::current_epoch().epoch_index == session {
			return;
		}
	}
}

/// Sends a call that nobody signs: it succeeds, nobody pays for it, and it is counted as free.
fn sent_by_nobody(call: People) {
	let call = RuntimeCall::from(call);
	let transaction = general(call.clone());
	let valid = validate(&transaction).expect("a pool takes it");
	assert!(valid.priority < PAYING_PRIORITY, "{call:?}");
	let (used, seen) = (Used::<Runtime>::get(), events_from(0).len());
	assert_eq!(Executive::apply_extrinsic(transaction.clone()), Ok(Ok(())), "{call:?}");
	assert!(Used::<Runtime>::get().all_gt(used), "{call:?} is not counted");
	let events = events_from(seen);
	let is_fee = |event: &RuntimeEvent| matches!(event, RuntimeEvent::TransactionPayment(_));
	assert!(!events.iter().any(is_fee), "{events:?}");
	// A second time it is no longer true.
	assert!(Executive::apply_extrinsic(transaction).is_err(), "{call:?} goes in twice");
}

/// The refusal that names this error.
fn refusal(error: Error<Runtime>) -> TransactionValidityError {
	let DispatchError::Module(ModuleError { error, .. }) = DispatchError::from(error) else {
		panic!("errors are the module's")
	};
	InvalidTransaction::Custom(error[0]).into()
}

fn exists(who: Sr25519Keyring) -> bool {
	System::account_exists(&who.to_account_id())
}

#[test]
fn a_human_with_nothing_is_recognised_again_and_moves() {
	play(|clock| {
		let (one, two) = (One.to_account_id(), Two.to_account_id());
		assert!(!exists(One) && !exists(Two), "they were to have nothing, not even an account");
		let (attestations, consent) = recognition(Purpose::Register, One, 0);
		sent_by_nobody(People::register { account: one.clone(), attestations, consent });
		let registered = Personhood::person(one.clone()).expect("it is a person");

		rich_epochs(clock, registered.until - Dividend::epoch().index);
		to_one_with_room(clock);
		let (attestations, consent) = recognition(Purpose::Renew, One, registered.nonce);
		sent_by_nobody(People::renew { account: one.clone(), attestations, consent });
		let renewed = Personhood::person(one.clone()).expect("it is a person");
		assert!(renewed.until > registered.until, "{renewed:?} was {registered:?}");

		let person = registered.person;
		let (attestations, consent) = recognition_as(Purpose::Recover, &one, &two, renewed.nonce);
		let new_account = two.clone();
		sent_by_nobody(People::recover { person, new_account, attestations, consent });
		let complete = || People::complete_recovery { person };
		let early = refusal(Error::RecoveryNotDue);
		assert_eq!(validate(&general(complete().into())), Err(early));
		let pending = Personhood::recovery(person).expect("it was asked for");
		clock.skip(pending.ready_at - now());
		to_one_with_room(clock);
		sent_by_nobody(complete());

		assert_eq!(Personhood::person(one), None);
		assert_eq!(Personhood::person(two).map(|moved| moved.person), Some(person));
		assert_eq!((free(One), free(Two)), (0, 0));
		assert!(!exists(One) && exists(Two));
	});
}
