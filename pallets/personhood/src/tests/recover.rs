use super::*;
use crate::{AccountOf, Nullifiers, People, Recoveries, ReservedFor};
use frame_support::dispatch::Pays;
use sp_runtime::traits::Dispatchable;
use usufruct_primitives::{Class, Purpose};

/// Alice, by the domains 0 and 1.
fn alice() -> u32 {
	registered(ALICE, 1)
}

#[test]
fn the_same_human_gets_another_account_reserved() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		let paid = Application::recover(person, BOB, 1, &[0, 2]).submit().unwrap();
		assert_eq!(paid.pays_fee, Pays::No);
		let (old, new) = (ALICE.to_account_id(), BOB.to_account_id());
		assert_eq!(
			Recoveries::<Test>::get(person),
			Some(Recovery {
				account: new.clone(),
				attested: BoundedVec::truncate_from(vec![0, 2]),
				region: 276,
				marks: BoundedVec::truncate_from(vec![Mark {
					domain: 2,
					nullifier: nullifier(2, 1)
				}]),
				tried: BoundedVec::truncate_from(vec![0, 2]),
				ready_at: NOW + DELAY,
			})
		);
		assert_eq!(Personhood::recovery(person), Recoveries::<Test>::get(person));
		assert_eq!(
			last_event(),
			Event::RecoveryRequested {
				person,
				account: old.clone(),
				new_account: new.clone(),
				verifiers: BoundedVec::truncate_from(vec![0, 2]),
				ready_at: NOW + DELAY,
			}
		);
		// Nothing has moved yet.
		assert_eq!(AccountOf::<Test>::get(&old), Some(person));
		assert_eq!(AccountOf::<Test>::get(&new), None);
		assert_eq!((System::sufficients(&old), System::sufficients(&new)), (1, 0));
		assert_eq!(People::<Test>::get(person).unwrap().marks.len(), 2);
		assert_eq!(info(ALICE).unwrap().nonce, 2);
		assert_eq!(Personhood::verifier(2).unwrap().attested, 1);
		assert_eq!(Personhood::verifier(2).unwrap().used.count, 0, "no quota");
	});
}

#[test]
fn the_account_is_nobody_elses_from_then_on() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		let other = registered(CHARLIE, 3);
		assert_ok!(Application::recover(person, BOB, 1, &[0, 1]).submit());
		assert_eq!(ReservedFor::<Test>::get(BOB.to_account_id()), Some(person));
		assert_noop!(
			Application::register(BOB, 2, &[0, 1]).submit(),
			Error::<Test>::AccountReserved
		);
		assert_noop!(
			Application::recover(other, BOB, 3, &[0, 1]).submit(),
			Error::<Test>::AccountReserved
		);
	});
}

#[test]
fn nor_is_the_nullifier_a_further_domain_gave() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		assert_ok!(Application::recover(person, BOB, 1, &[0, 2]).submit());
		assert_eq!(Nullifiers::<Test>::get(2, nullifier(2, 1)), Some(person));
		let lent =
			Application::register(CHARLIE, 3, &[1, 2]).with(1, |a| a.nullifier = nullifier(2, 1));
		assert_noop!(lent.submit(), Error::<Test>::NullifierUsed);
	});
}

#[test]
fn another_human_cannot_take_the_person() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		registered(CHARLIE, 3);
		assert_noop!(
			Application::recover(person, BOB, 2, &[0, 1]).submit(),
			Error::<Test>::AnotherHuman
		);
		// One domain sees Alice and the other somebody else, who is or is not a person.
		for human in [2, 3] {
			let mixed = Application::recover(person, BOB, 1, &[0, 1])
				.with(1, |a| a.nullifier = nullifier(1, human));
			assert_noop!(mixed.submit(), Error::<Test>::AnotherHuman);
		}
		assert_ok!(Application::recover(1, Keyring::Dave, 3, &[1, 2]).submit());
		let mixed = Application::recover(person, BOB, 1, &[0, 2])
			.with(1, |a| a.nullifier = nullifier(2, 3));
		assert_noop!(mixed.submit(), Error::<Test>::NullifierUsed);
	});
}

#[test]
fn somebody_must_know_the_person() {
	ExtBuilder::of_quorum(3).build_and_execute(|| {
		hypothetically!({
			crate::Quorum::<Test>::put(2);
			assert_ok!(Application::register(ALICE, 1, &[0, 2]).submit());
			assert_noop!(
				Application::recover(0, BOB, 1, &[4, 6]).submit(),
				Error::<Test>::NobodyKnowsThisPerson
			);
		});
	});
}

#[test]
fn attestations_are_for_this_purpose_account_chain_and_counter_and_for_now() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		let good = Application::recover(person, BOB, 1, &[0, 1]);
		for purpose in [Purpose::Register, Purpose::Renew] {
			let other = Application::new(purpose, &BOB.pair(), 1, 1, &[0, 1]);
			assert_noop!(
				good.submit_as(other.signed(), good.consent()),
				Error::<Test>::BadSignature
			);
			assert_noop!(good.submit_as(good.signed(), other.consent()), Error::<Test>::BadConsent);
		}
		let for_charlie = Application::recover(person, CHARLIE, 1, &[0, 1]);
		assert_noop!(
			good.submit_as(for_charlie.signed(), good.consent()),
			Error::<Test>::BadSignature
		);
		let mut there = good.clone();
		there.genesis = [0x77; 32];
		assert_noop!(there.submit(), Error::<Test>::BadSignature);
		for nonce in [0, 2] {
			let other = Application::new(Purpose::Recover, &BOB.pair(), nonce, 1, &[0, 1]);
			assert_noop!(other.submit(), Error::<Test>::WrongNonce);
		}
		let late = good.clone().with(0, |a| a.expires = NOW);
		assert_noop!(late.submit(), Error::<Test>::Expired);
		let early = good.clone().with(0, |a| a.issued = NOW + 1);
		assert_noop!(early.submit(), Error::<Test>::NotYetValid);
		let long = good.clone().with(0, |a| a.expires += 1);
		assert_noop!(long.submit(), Error::<Test>::ValidTooLong);
		let other_class = good.clone().with(0, |a| a.class = Class::Biometric);
		assert_noop!(other_class.submit(), Error::<Test>::WrongClass);
		let mut signed = good.signed();
		signed[1].signature = in_another_encoding(signed[1].signature);
		assert_noop!(good.submit_as(signed, good.consent()), Error::<Test>::BadSignature);
		for (verifiers, error) in [
			(&[0][..], Error::<Test>::TooFewAttestations),
			(&[1, 1], Error::<Test>::SameVerifierTwice),
			(&[1, 0], Error::<Test>::NotSorted),
			(&[0, 3], Error::<Test>::SameDomain),
			(&[0, 4], Error::<Test>::SameOperator),
			(&[0, 9], Error::<Test>::UnknownVerifier),
		] {
			assert_noop!(Application::recover(person, BOB, 1, verifiers).submit(), error);
		}
		assert_ok!(good.submit());
		assert_noop!(good.submit(), Error::<Test>::WrongNonce);
	});
}

#[test]
fn a_used_up_quota_does_not_matter() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Application::register(ALICE, 1, &[0, 5]).submit());
		assert_ok!(Application::recover(0, BOB, 1, &[0, 5]).submit());
	});
}

#[test]
fn the_new_account_is_no_persons() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		registered(BOB, 2);
		for who in [ALICE, BOB] {
			assert_noop!(
				Application::recover(person, who, 1, &[0, 1]).submit(),
				Error::<Test>::AlreadyAPerson
			);
		}
	});
}

#[test]
fn nobody_who_is_not_a_person_is_recovered() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Application::recover(0, BOB, 1, &[0, 1]).submit(),
			Error::<Test>::UnknownPerson
		);
		let person = alice();
		assert_ok!(Personhood::revoke(everybody(), person));
		assert_noop!(
			Application::recover(person, BOB, 1, &[0, 1]).submit(),
			Error::<Test>::PersonIsRevoked
		);
	});
}

#[test]
fn a_pending_request_is_replaced_only_by_one_with_a_further_domain() {
	ExtBuilder::of_quorum(3).build_and_execute(|| {
		assert_ok!(Application::register(ALICE, 1, &[0, 2, 4]).submit());
		let ask = |who, verifiers: &[u32]| Application::recover(0, who, 1, verifiers).submit();
		assert_ok!(ask(BOB, &[0, 2, 6]));
		// The same domains, by other verifiers.
		assert_noop!(ask(CHARLIE, &[1, 3, 7]).map_err(|e| e.error), Error::<Test>::RecoveryPending);
		pass(5);
		assert_ok!(ask(CHARLIE, &[1, 4, 6]));
		assert_eq!(ReservedFor::<Test>::get(BOB.to_account_id()), None);
		assert_eq!(ReservedFor::<Test>::get(CHARLIE.to_account_id()), Some(0));
		let recovery = Recoveries::<Test>::get(0).unwrap();
		assert_eq!(recovery.ready_at, NOW + 5 + DELAY, "the delay begins anew");
		assert_eq!(recovery.tried.into_inner(), [0, 1, 3, 2]);
		assert_eq!(recovery.marks.len(), 1);
		check_state();
		// No domain that was in any of them: there is an end to it.
		assert_noop!(ask(BOB, &[0, 2, 6]).map_err(|e| e.error), Error::<Test>::RecoveryPending);
		// The same account may be asked for again.
		assert_ok!(ask(CHARLIE, &[0, 4, 8]));
		assert_eq!(Nullifiers::<Test>::get(3, nullifier(3, 1)), None, "free again");
		check_state();
		for verifiers in [[0, 2, 4], [0, 6, 8], [4, 6, 8]] {
			assert_noop!(ask(BOB, &verifiers).map_err(|e| e.error), Error::<Test>::RecoveryPending);
		}
	});
}

#[test]
fn a_renewal_waits_until_it_is_over() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		close_epochs(TERM);
		assert_ok!(Application::recover(person, BOB, 1, &[0, 2]).submit());
		assert_noop!(
			Application::renew(ALICE, 1, &[0, 1]).submit(),
			Error::<Test>::RecoveryPending
		);
		assert_ok!(Personhood::veto(signed()));
		assert_ok!(Application::renew(ALICE, 1, &[0, 1]).submit());
	});
}

#[test]
fn revoking_the_person_ends_it() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		assert_ok!(Application::recover(person, BOB, 1, &[0, 2]).submit());
		assert_ok!(Personhood::revoke(everybody(), person));
		assert_eq!(Recoveries::<Test>::get(person), None);
		assert_eq!(ReservedFor::<Test>::get(BOB.to_account_id()), None);
		assert_eq!(Nullifiers::<Test>::get(2, nullifier(2, 1)), None);
		assert_ok!(Application::register(BOB, 2, &[0, 1]).submit());
	});
}

#[test]
fn somebody_has_to_submit_it() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		let call = Application::recover(person, BOB, 1, &[0, 1]).call();
		assert_noop!(call.dispatch(RuntimeOrigin::none()), DispatchError::BadOrigin);
	});
}

#[test]
fn counters_end() {
	ExtBuilder::default().build_and_execute(|| {
		let person = alice();
		People::<Test>::mutate(person, |p| p.as_mut().unwrap().nonce = u32::MAX);
		assert_noop!(
			Application::recover(person, BOB, 1, &[0, 1]).submit(),
			Error::<Test>::CounterExhausted
		);
	});
}
