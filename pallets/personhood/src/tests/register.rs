use super::*;
use crate::{AccountOf, Call, NextPerson, Nullifiers, People};
use frame_support::dispatch::{GetDispatchInfo, Pays};
use sp_runtime::traits::Dispatchable;
use usufruct_primitives::{
	personhood::MAX_ATTESTATION_AGE,
	traits::{Attested, Eligibility},
	Class, Purpose,
};

#[test]
fn an_account_without_a_balance_becomes_a_person() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = ALICE.to_account_id();
		assert!(!System::account_exists(&alice));
		assert_ok!(Application::register(ALICE, 1, &[0, 1]).submit());

		let expected = Person {
			account: alice.clone(),
			nonce: 1,
			revoked: false,
			attested: BoundedVec::truncate_from(vec![0, 1]),
			region: 276,
			marks: BoundedVec::truncate_from(vec![
				Mark { domain: 0, nullifier: nullifier(0, 1) },
				Mark { domain: 1, nullifier: nullifier(1, 1) },
			]),
			frozen_by: None,
			vetoed: Default::default(),
		};
		assert_eq!(People::<Test>::get(0), Some(expected));
		assert_eq!(AccountOf::<Test>::get(&alice), Some(0));
		assert_eq!(Nullifiers::<Test>::get(0, nullifier(0, 1)), Some(0));
		assert_eq!(Nullifiers::<Test>::get(1, nullifier(1, 1)), Some(0));
		assert_eq!(MockDividend::interval(0), Some((1, TERM)));
		assert_eq!(
			last_event(),
			Event::PersonRegistered {
				person: 0,
				account: alice.clone(),
				verifiers: BoundedVec::truncate_from(vec![0, 1]),
				from: 1,
				until: TERM,
			}
		);
		assert_eq!(System::sufficients(&alice), 1);
		assert!(System::account_exists(&alice));
		assert_eq!(Balances::free_balance(&alice), 0);
	});
}

#[test]
fn ids_are_dense() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(registered(ALICE, 1), 0);
		assert_eq!(registered(BOB, 2), 1);
		assert_eq!(registered(CHARLIE, 3), 2);
	});
}

#[test]
fn more_than_the_quorum_may_attest() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Application::register(ALICE, 1, &[0, 1, 2]).submit());
		assert_eq!(People::<Test>::get(0).unwrap().marks.len(), 3);
	});
}

#[test]
fn all_that_attest_must_hold_also_those_beyond_the_quorum() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1, 2]);
		let mut signed = application.signed();
		signed[2].signature = signed[1].signature;
		assert_noop!(
			application.submit_as(signed, application.consent()),
			Error::<Test>::BadSignature
		);
	});
}

#[test]
fn the_fee_is_returned_on_success_and_due_on_failure() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		let (attestations, consent) = (application.signed(), application.consent());
		let call =
			Call::<Test>::register { account: application.account.clone(), attestations, consent };
		assert_eq!(call.get_dispatch_info().pays_fee, Pays::Yes, "the fee is needed up front");
		assert_eq!(application.submit().unwrap().pays_fee, Pays::No);

		let failed = application.submit().unwrap_err();
		assert_eq!(failed.error, Error::<Test>::AlreadyAPerson.into());
		assert_eq!(failed.post_info.pays_fee, Pays::Yes);
	});
}

#[test]
fn somebody_has_to_submit_it() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		let call = RuntimeCall::from(Call::register {
			account: application.account.clone(),
			attestations: application.signed(),
			consent: application.consent(),
		});
		assert_noop!(call.clone().dispatch(RuntimeOrigin::none()), DispatchError::BadOrigin);
		assert_ok!(call.dispatch(RuntimeOrigin::signed(ALICE.to_account_id())));
	});
}

#[test]
fn too_few() {
	ExtBuilder::default().build_and_execute(|| {
		for verifiers in [&[][..], &[0]] {
			assert_noop!(
				Application::register(ALICE, 1, verifiers).submit(),
				Error::<Test>::TooFewAttestations
			);
		}
	});
}

#[test]
fn one_less_than_any_quorum() {
	for quorum in MIN_QUORUM..=MAX_ATTESTATIONS {
		ExtBuilder::of_quorum(quorum).build_and_execute(|| {
			let verifiers: Vec<u32> = (0..quorum).map(|domain| 2 * domain).collect();
			assert_noop!(
				Application::register(ALICE, 1, &verifiers[1..]).submit(),
				Error::<Test>::TooFewAttestations
			);
			assert_ok!(Application::register(ALICE, 1, &verifiers).submit());
		});
	}
}

#[test]
fn replayed() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		assert_ok!(application.submit());
		assert_noop!(application.submit(), Error::<Test>::AlreadyAPerson);
		// Nor for another account, or as a renewal.
		let mut stolen = application.clone();
		stolen.account = BOB.to_account_id();
		stolen.signer = BOB.pair();
		assert_noop!(
			stolen.submit_as(application.signed(), stolen.consent()),
			Error::<Test>::NullifierUsed
		);
		close_epochs(TERM);
		let mut renewal = application.clone();
		renewal.purpose = Purpose::Renew;
		assert_noop!(renewal.submit(), Error::<Test>::WrongNonce);
	});
}

#[test]
fn for_another_account() {
	ExtBuilder::default().build_and_execute(|| {
		let theirs = Application::register(ALICE, 1, &[0, 1]);
		let mine = Application::register(BOB, 1, &[0, 1]);
		assert_noop!(mine.submit_as(theirs.signed(), mine.consent()), Error::<Test>::BadSignature);
	});
}

#[test]
fn for_another_chain() {
	ExtBuilder::default().build_and_execute(|| {
		let here = Application::register(ALICE, 1, &[0, 1]);
		let mut there = here.clone();
		there.genesis = [0x77; 32];
		assert_noop!(there.submit(), Error::<Test>::BadSignature);
		assert_noop!(here.submit_as(here.signed(), there.consent()), Error::<Test>::BadConsent);
		assert_noop!(here.submit_as(there.signed(), here.consent()), Error::<Test>::BadSignature);
	});
}

#[test]
fn for_another_purpose() {
	ExtBuilder::default().build_and_execute(|| {
		let register = Application::register(ALICE, 1, &[0, 1]);
		for purpose in [Purpose::Renew, Purpose::Recover] {
			let other = Application::new(purpose, &ALICE.pair(), 0, 1, &[0, 1]);
			assert_noop!(
				register.submit_as(other.signed(), register.consent()),
				Error::<Test>::BadSignature
			);
		}
	});
}

#[test]
fn with_another_nonce() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::new(Purpose::Register, &ALICE.pair(), 1, 1, &[0, 1]);
		assert_noop!(application.submit(), Error::<Test>::WrongNonce);
	});
}

#[test]
fn expired() {
	ExtBuilder::default().build_and_execute(|| {
		let application =
			Application::register(ALICE, 1, &[0, 1]).with(1, |a| a.expires = NOW + 10);
		System::set_block_number(NOW + 10);
		assert_noop!(application.submit(), Error::<Test>::Expired);
		System::set_block_number(NOW + 9);
		assert_ok!(application.submit());
	});
}

#[test]
fn not_yet_valid() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]).with(0, |a| a.issued = NOW + 1);
		assert_noop!(application.submit(), Error::<Test>::NotYetValid);
		System::set_block_number(NOW + 1);
		assert_ok!(application.submit());
	});
}

#[test]
fn valid_for_too_long() {
	ExtBuilder::default().build_and_execute(|| {
		let longest = NOW + MAX_ATTESTATION_AGE;
		for expires in [longest + 1, u32::MAX] {
			assert_noop!(
				Application::register(ALICE, 1, &[0, 1]).with(1, |a| a.expires = expires).submit(),
				Error::<Test>::ValidTooLong
			);
		}
		assert_ok!(Application::register(ALICE, 1, &[0, 1])
			.with(1, |a| a.expires = longest)
			.submit());
	});
}

#[test]
fn by_the_same_verifier_twice() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Application::register(ALICE, 1, &[1, 1]).submit(),
			Error::<Test>::SameVerifierTwice
		);
		assert_noop!(
			Application::register(ALICE, 1, &[0, 0, 1]).submit(),
			Error::<Test>::SameVerifierTwice
		);
	});
}

#[test]
fn unsorted() {
	ExtBuilder::default().build_and_execute(|| {
		for verifiers in [&[1, 0][..], &[0, 2, 1], &[1, 0, 1]] {
			assert_noop!(
				Application::register(ALICE, 1, verifiers).submit(),
				Error::<Test>::NotSorted
			);
		}
	});
}

#[test]
fn by_two_verifiers_of_one_domain() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Application::register(ALICE, 1, &[0, 3]).submit(), Error::<Test>::SameDomain);
		assert_noop!(
			Application::register(ALICE, 1, &[0, 1, 3]).submit(),
			Error::<Test>::SameDomain
		);
	});
}

#[test]
fn by_two_verifiers_of_one_operator() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Application::register(ALICE, 1, &[0, 4]).submit(),
			Error::<Test>::SameOperator
		);
		assert_noop!(
			Application::register(ALICE, 1, &[0, 1, 4]).submit(),
			Error::<Test>::SameOperator
		);
		assert_ok!(Application::register(ALICE, 1, &[1, 4]).submit());
	});
}

#[test]
fn by_an_unknown_verifier() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Application::register(ALICE, 1, &[0, 6]).submit(),
			Error::<Test>::UnknownVerifier
		);
	});
}

#[test]
fn by_a_verifier_of_another_class() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Application::register(ALICE, 1, &[0, 1])
				.with(0, |a| a.class = Class::Biometric)
				.submit(),
			Error::<Test>::WrongClass
		);
	});
}

#[test]
fn over_the_quota_until_the_next_epoch() {
	ExtBuilder::default().build_and_execute(|| {
		close_epochs(3);
		assert_ok!(Application::register(ALICE, 1, &[0, 5]).submit());
		assert_eq!(Personhood::verifier(5).unwrap().used, Used { epoch: 3, count: 1 });
		let application = Application::register(BOB, 2, &[0, 5]);
		assert_noop!(application.submit(), Error::<Test>::QuotaExhausted);
		assert_eq!(Personhood::verifier(0).unwrap().used, Used { epoch: 3, count: 1 });

		close_epochs(1);
		assert_ok!(application.submit());
		assert_eq!(Personhood::verifier(5).unwrap().used, Used { epoch: 4, count: 1 });
		assert_eq!(Personhood::verifier(0).unwrap().used, Used { epoch: 4, count: 1 });
	});
}

#[test]
fn with_a_used_nullifier() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		// Verifiers 0 and 3 are of one domain, and compute the same.
		for verifiers in [[0, 2], [1, 2], [2, 3], [1, 3]] {
			assert_noop!(
				Application::register(BOB, 1, &verifiers).submit(),
				Error::<Test>::NullifierUsed
			);
		}
		// The same bytes mean nothing in another domain.
		assert_ok!(Application::register(BOB, 2, &[1, 2])
			.with(0, |a| a.nullifier = nullifier(0, 1))
			.with(1, |a| a.nullifier = nullifier(0, 1))
			.submit());
	});
}

#[test]
fn with_a_bad_signature() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		let good = application.signed();
		for index in 0..good.len() {
			for byte in [0, 31, 32, 63] {
				let mut bad = good.clone();
				bad[index].signature[byte] ^= 1;
				assert_noop!(
					application.submit_as(bad, application.consent()),
					Error::<Test>::BadSignature
				);
			}
		}
		let mut swapped = good.clone();
		(swapped[0].signature, swapped[1].signature) = (good[1].signature, good[0].signature);
		assert_noop!(
			application.submit_as(swapped, application.consent()),
			Error::<Test>::BadSignature
		);
	});
}

#[test]
fn with_a_malleable_signature() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		let mut signed = application.signed();
		signed[0].signature = in_another_encoding(signed[0].signature);
		assert_noop!(
			application.submit_as(signed, application.consent()),
			Error::<Test>::BadSignature
		);
	});
}

#[test]
fn with_a_field_changed_after_the_signature() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		let good = application.signed();
		let changed = [
			application.clone().with(0, |a| a.nullifier = nullifier(0, 2)),
			application.clone().with(0, |a| a.region += 1),
			application.clone().with(0, |a| a.issued -= 1).with(0, |a| a.expires -= 1),
			application.clone().with(0, |a| a.expires -= 1),
		];
		for application in changed {
			let mut signed = application.signed();
			signed[0].signature = good[0].signature;
			assert_noop!(
				application.submit_as(signed, application.consent()),
				Error::<Test>::BadSignature
			);
		}
	});
}

#[test]
fn for_an_account_that_is_a_person() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		assert_noop!(
			Application::register(ALICE, 2, &[0, 1]).submit(),
			Error::<Test>::AlreadyAPerson
		);
	});
}

#[test]
fn ids_end() {
	ExtBuilder::default().build_and_execute(|| {
		hypothetically!({
			NextPerson::<Test>::put(u32::MAX);
			assert_noop!(
				Application::register(ALICE, 1, &[0, 1]).submit(),
				Error::<Test>::CounterExhausted
			);
		});
	});
}

#[test]
fn somebody_lives_where_all_say_who_say_anything() {
	for (regions, agreed) in [
		([276, 276], Some(276)),
		([276, 0], Some(276)),
		([0, 40], Some(40)),
		([276, 40], None),
		([0, 0], None),
	] {
		ExtBuilder::default().build_and_execute(|| {
			assert_ok!(Application::register(ALICE, 1, &[0, 1])
				.with(0, |a| a.region = regions[0])
				.with(1, |a| a.region = regions[1])
				.submit());
			assert_eq!(<Personhood as Attested>::region(0), agreed, "{regions:?}");
			assert_eq!(<Personhood as Attested>::region(1), None, "nobody");
		});
	}
}
