//! What goes in although nobody signs it and nobody pays.

use super::*;
use crate::{Call, People, WeightInfo};
use frame_support::{
	dispatch::GetDispatchInfo,
	pallet_prelude::{
		Authorize, InvalidTransaction, TransactionSource, TransactionValidityError,
		ValidTransaction,
	},
	weights::Weight,
};
use frame_system::AuthorizeCall;
use sp_runtime::{
	traits::{DispatchTransaction, TransactionExtension},
	ModuleError,
};
use usufruct_primitives::personhood::MAX_ATTESTATION_AGE;

/// Sends a call as a general transaction, with the runtime's extension.
fn send(call: RuntimeCall) -> Result<(), TransactionValidityError> {
	let info = call.get_dispatch_info();
	let origin = RuntimeOrigin::none();
	let extension = AuthorizeCall::<Test>::new();
	let result = extension.dispatch_transaction(origin, call, &info, 0, 0)?;
	assert!(result.is_ok(), "what goes in succeeds: {result:?}");
	Ok(())
}

/// Asks the pool, which must change nothing.
fn validity(call: &RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
	let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let events = System::events().len();
	let answer = call.authorize(TransactionSource::External).expect("it can be authorised");
	assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), before);
	assert_eq!(System::events().len(), events);
	answer.map(|(valid, refund)| {
		assert_eq!(refund, Weight::zero());
		valid
	})
}

/// The refusal that names this error.
fn refused(error: Error<Test>) -> Result<(), TransactionValidityError> {
	let DispatchError::Module(ModuleError { error, .. }) = DispatchError::from(error) else {
		panic!("errors are the module's")
	};
	Err(InvalidTransaction::Custom(error[0]).into())
}

#[test]
fn a_human_with_nothing_registers_renews_and_moves() {
	ExtBuilder::default().build_and_execute(|| {
		let none = System::account_nonce(RELAYER.to_account_id());
		assert_ok!(send(Application::register(ALICE, 1, &[0, 1]).call()));
		let person = info(ALICE).unwrap().person;
		close_epochs(TERM);
		assert_ok!(send(Application::renew(ALICE, 1, &[0, 2]).call()));
		assert_ok!(send(Application::recover(person, BOB, 1, &[1, 2]).call()));
		pass(DELAY);
		assert_ok!(send(Call::complete_recovery { person }.into()));
		assert_eq!(info(BOB).unwrap().person, person);
		assert_eq!(info(ALICE), None);
		// Nobody paid or was needed for it.
		assert_eq!(System::account_nonce(RELAYER.to_account_id()), none);
		assert_eq!(free(&BOB.to_account_id()), 0);
	});
}

#[test]
fn the_pool_is_told_what_it_provides_and_how_long() {
	ExtBuilder::default().build_and_execute(|| {
		let call = Application::register(ALICE, 1, &[0, 1]).with(1, |a| a.expires = NOW + 9).call();
		let valid = validity(&call).unwrap();
		assert_eq!(valid.longevity, 9, "as long as the first attestation that ends");
		assert!(valid.propagate && valid.priority > 0 && valid.requires.is_empty());
		// The same account by others is the same place in the pool; another account is not.
		let other = validity(&Application::register(ALICE, 1, &[1, 2]).call()).unwrap();
		assert_eq!(other.longevity, u64::from(MAX_ATTESTATION_AGE));
		assert_eq!(other.provides, valid.provides);
		let bob = validity(&Application::register(BOB, 2, &[0, 1]).call()).unwrap();
		assert_ne!(bob.provides, valid.provides);
		assert_eq!(valid.provides.len(), 1);

		// One recovery of each person, whatever account it leads to; other purposes beside it.
		registered(ALICE, 1);
		close_epochs(TERM);
		let tags: Vec<_> = [
			Application::renew(ALICE, 1, &[0, 1]).call(),
			Application::recover(0, BOB, 1, &[0, 1]).call(),
			Application::recover(0, CHARLIE, 1, &[0, 1]).call(),
		]
		.iter()
		.map(|call| validity(call).unwrap().provides)
		.collect();
		assert_ne!(tags[0], tags[1]);
		assert_eq!(tags[1], tags[2]);
	});
}

#[test]
fn it_goes_in_exactly_if_it_would_succeed() {
	ExtBuilder::default().build_and_execute(|| {
		let good = Application::register(ALICE, 1, &[0, 1]);
		let mut forged = good.signed();
		forged[1].signature[0] ^= 1;
		let forged = Call::register {
			account: good.account.clone(),
			attestations: forged,
			consent: good.consent(),
		};
		assert_eq!(send(forged.into()), refused(Error::BadSignature));
		let mut by_bob = good.clone();
		by_bob.signer = BOB.pair();
		assert_eq!(send(by_bob.call()), refused(Error::BadConsent));
		for (verifiers, error) in [
			(&[0][..], Error::TooFewAttestations),
			(&[1, 1], Error::SameVerifierTwice),
			(&[0, 9], Error::UnknownVerifier),
		] {
			assert_eq!(send(Application::register(ALICE, 1, verifiers).call()), refused(error));
		}
		let mut there = good.clone();
		there.genesis = [0x77; 32];
		assert_eq!(send(there.call()), refused(Error::BadSignature));
		let early = good.clone().with(0, |a| a.issued = NOW + 1);
		assert_eq!(send(early.call()), refused(Error::NotYetValid));
		let late = good.clone().with(0, |a| a.expires = NOW);
		assert_eq!(send(late.call()), refused(Error::Expired));

		assert_ok!(send(good.call()));
		assert_eq!(send(good.call()), refused(Error::AlreadyAPerson), "not twice");
		let again = Application::register(BOB, 1, &[1, 2]);
		assert_eq!(send(again.call()), refused(Error::NullifierUsed));
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		let suspended = Application::register(BOB, 2, &[0, 1]);
		assert_eq!(send(suspended.call()), refused(Error::VerifierSuspended));
	});
}

#[test]
fn a_quota_bounds_what_goes_in() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(send(Application::register(ALICE, 1, &[0, 5]).call()));
		let second = Application::register(BOB, 2, &[0, 5]);
		assert_eq!(send(second.call()), refused(Error::QuotaExhausted));
	});
}

#[test]
fn what_the_dividend_would_refuse_does_not_go_in() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		// Too early; and a failing call would have been a free one.
		let renewal = Application::renew(ALICE, 1, &[0, 1]);
		assert_eq!(send(renewal.call()), Err(InvalidTransaction::Call.into()));
		close_epochs(TERM);
		assert_ok!(send(renewal.call()));
		assert_eq!(send(renewal.call()), refused(Error::WrongNonce));
	});
}

#[test]
fn nor_does_a_completion_before_it_is_due_or_of_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		let call = RuntimeCall::from(Call::complete_recovery { person });
		assert_eq!(send(call.clone()), refused(Error::NoRecovery));
		assert_ok!(send(Application::recover(person, BOB, 1, &[0, 1]).call()));
		let again = Application::recover(person, CHARLIE, 1, &[0, 1]);
		assert_eq!(send(again.call()), refused(Error::RecoveryPending));
		assert_eq!(send(call.clone()), refused(Error::RecoveryNotDue));
		pass(DELAY);
		assert_ok!(send(call.clone()));
		assert_eq!(send(call), refused(Error::NoRecovery));
	});
}

#[test]
fn nothing_else_goes_in() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		for call in [
			Call::<Test>::veto {},
			Call::remove { person: 0 },
			Call::revoke { person: 0 },
			Call::draw_jury { case: 0 },
			Call::challenge {
				person: 0,
				reason: crate::dispute::Reason::Duplicate,
				evidence: [0; 32],
			},
		] {
			assert!(call.authorize(TransactionSource::External).is_none());
		}
		assert!(!People::<Test>::get(0).unwrap().revoked);
	});
}

#[test]
fn the_block_is_charged_for_the_authorisation() {
	ExtBuilder::default().build_and_execute(|| {
		for (application, weight) in [
			(Application::register(ALICE, 1, &[0, 1]), <() as WeightInfo>::authorize_register(2)),
			(Application::renew(ALICE, 1, &[0, 1, 2]), <() as WeightInfo>::authorize_renew(3)),
			(Application::recover(0, BOB, 1, &[0, 1]), <() as WeightInfo>::authorize_recover(2)),
		] {
			let extension = AuthorizeCall::<Test>::new();
			assert_eq!(extension.weight(&application.call()), weight);
		}
	});
}
