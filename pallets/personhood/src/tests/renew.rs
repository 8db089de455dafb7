use super::*;
use crate::{Call, Nullifiers, People};
use frame_support::dispatch::Pays;
use sp_runtime::traits::Dispatchable;
use usufruct_primitives::{
	traits::{Attested, Eligibility},
	Class, Purpose,
};

#[test]
fn the_same_human_is_recognised_for_a_further_term() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(TERM);
		let renewed = Application::renew(ALICE, 1, &[0, 1]).submit().unwrap();
		assert_eq!(renewed.pays_fee, Pays::No);
		assert_eq!(MockDividend::interval(person), Some((1, 2 * TERM)));
		assert_eq!(
			last_event(),
			Event::PersonRenewed {
				person,
				account: ALICE.to_account_id(),
				verifiers: BoundedVec::truncate_from(vec![0, 1]),
				from: 1,
				until: 2 * TERM,
			}
		);
		assert_eq!(info(ALICE).unwrap().nonce, 2);
		assert_eq!(Personhood::verifier(0).unwrap().used.count, 1, "a renewal uses no quota");
		assert_eq!(System::sufficients(&ALICE.to_account_id()), 1);
	});
}

#[test]
fn says_anew_where_the_person_lives() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		assert_eq!(Personhood::region(person), Some(276));
		close_epochs(TERM);
		assert_ok!(Application::renew(ALICE, 1, &[0, 1])
			.with(0, |a| a.region = 40)
			.with(1, |a| a.region = 40)
			.submit());
		assert_eq!(Personhood::region(person), Some(40));
	});
}

#[test]
fn also_after_a_lapse() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(TERM + 5);
		assert_ok!(Application::renew(ALICE, 1, &[0, 1]).submit());
		assert_eq!(MockDividend::interval(person), Some((TERM + 6, 2 * TERM + 5)));
	});
}

#[test]
fn the_counter_starts_at_one_and_each_renewal_takes_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		for nonce in 1..4 {
			close_epochs(TERM);
			for wrong in [0, nonce - 1, nonce + 1] {
				assert_noop!(
					Application::new(Purpose::Renew, &ALICE.pair(), wrong, 1, &[0, 1]).submit(),
					Error::<Test>::WrongNonce
				);
			}
			let right = Application::new(Purpose::Renew, &ALICE.pair(), nonce, 1, &[0, 1]);
			assert_ok!(right.submit());
			assert_noop!(right.submit(), Error::<Test>::WrongNonce);
		}
	});
}

#[test]
fn a_further_domain_learns_to_know_the_person() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(TERM);
		assert_ok!(Application::renew(ALICE, 1, &[1, 2]).submit());
		let record = People::<Test>::get(person).unwrap();
		let domains: Vec<u32> = record.marks.iter().map(|mark| mark.domain).collect();
		assert_eq!(domains, [0, 1, 2]);
		assert_eq!(record.attested.into_inner(), [1, 2]);
		assert_eq!(Nullifiers::<Test>::get(2, nullifier(2, 1)), Some(person));
		// Now also the domains 0 and 2 are a quorum that knows Alice.
		close_epochs(TERM);
		assert_ok!(Application::renew(ALICE, 1, &[0, 2]).submit());
	});
}

#[test]
fn another_verifier_of_the_same_domain_knows_the_person() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(TERM);
		assert_ok!(Application::renew(ALICE, 1, &[2, 3]).submit());
	});
}

#[test]
fn a_person_is_marked_by_every_domain_at_most() {
	ExtBuilder::of_quorum(5).build_and_execute(|| {
		assert_ok!(Application::register(ALICE, 1, &[0, 2, 4, 6, 8]).submit());
		close_epochs(TERM);
		assert_ok!(Application::renew(ALICE, 1, &[9, 10, 12, 14, 16]).submit());
		let record = People::<Test>::get(0).unwrap();
		assert_eq!(record.marks.len() as u32, MAX_DOMAINS);
	});
}

#[test]
fn another_human_cannot_renew_the_person() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(TERM);
		// Two humans at two verifiers: domain 0 knows Alice, domain 1 sees Bob.
		let mixed =
			Application::renew(ALICE, 1, &[0, 1]).with(1, |a| a.nullifier = nullifier(1, 2));
		assert_noop!(mixed.submit(), Error::<Test>::AnotherHuman);
		assert_noop!(Application::renew(ALICE, 2, &[0, 1]).submit(), Error::<Test>::AnotherHuman);
	});
}

#[test]
fn a_human_who_is_a_person_lends_nobody_a_nullifier() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		assert_ok!(Application::register(BOB, 2, &[1, 2]).submit());
		close_epochs(TERM);
		let mixed =
			Application::renew(ALICE, 1, &[0, 2]).with(1, |a| a.nullifier = nullifier(2, 2));
		assert_noop!(mixed.submit(), Error::<Test>::NullifierUsed);
	});
}

#[test]
fn somebody_must_know_the_person() {
	// Under one quorum any two share a domain; with marks in domains 0 and 1 and a quorum of two
	// over three domains nobody gets here. It takes more domains than the rule allows.
	ExtBuilder::of_quorum(3).build_and_execute(|| {
		hypothetically!({
			crate::Quorum::<Test>::put(2);
			assert_ok!(Application::register(ALICE, 1, &[0, 2]).submit());
			close_epochs(TERM);
			assert_noop!(
				Application::renew(ALICE, 1, &[4, 6]).submit(),
				Error::<Test>::NobodyKnowsThisPerson
			);
		});
	});
}

#[test]
fn not_before_the_last_part_of_the_term() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(TERM - 1);
		let application = Application::renew(ALICE, 1, &[1, 2]);
		assert_noop!(application.submit(), TOO_EARLY);
		assert_eq!(info(ALICE).unwrap().nonce, 1);
		close_epochs(1);
		assert_ok!(application.submit());
	});
}

#[test]
fn only_a_person_renews() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		let failed = Application::renew(BOB, 2, &[0, 1]).submit().unwrap_err();
		assert_eq!(failed.error, Error::<Test>::NotAPerson.into());
		assert_eq!(failed.post_info.pays_fee, Pays::Yes);
	});
}

#[test]
fn an_attestation_to_register_renews_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(TERM);
		let renewal = Application::renew(ALICE, 1, &[0, 1]);
		let registration = Application::new(Purpose::Register, &ALICE.pair(), 1, 1, &[0, 1]);
		assert_noop!(
			renewal.submit_as(registration.signed(), renewal.consent()),
			Error::<Test>::BadSignature
		);
		assert_noop!(
			renewal.submit_as(renewal.signed(), registration.consent()),
			Error::<Test>::BadConsent
		);
	});
}

#[test]
fn attestations_are_for_this_purpose_account_chain_and_counter_and_for_now() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(TERM);
		let good = Application::renew(ALICE, 1, &[0, 1]);
		for purpose in [Purpose::Register, Purpose::Recover] {
			let other = Application::new(purpose, &ALICE.pair(), 1, 1, &[0, 1]);
			assert_noop!(
				good.submit_as(other.signed(), good.consent()),
				Error::<Test>::BadSignature
			);
			assert_noop!(good.submit_as(good.signed(), other.consent()), Error::<Test>::BadConsent);
		}
		let for_bob = Application::new(Purpose::Renew, &BOB.pair(), 1, 1, &[0, 1]);
		assert_noop!(good.submit_as(for_bob.signed(), good.consent()), Error::<Test>::BadSignature);
		let mut there = good.clone();
		there.genesis = [0x77; 32];
		assert_noop!(there.submit(), Error::<Test>::BadSignature);
		for nonce in [0, 2] {
			let other = Application::new(Purpose::Renew, &ALICE.pair(), nonce, 1, &[0, 1]);
			assert_noop!(other.submit(), Error::<Test>::WrongNonce);
		}
		let mut signed = good.signed();
		signed[0].signature = in_another_encoding(signed[0].signature);
		assert_noop!(good.submit_as(signed, good.consent()), Error::<Test>::BadSignature);
		let now = System::block_number();
		for (changed, error) in [
			(good.clone().with(0, |a| a.expires = now), Error::<Test>::Expired),
			(good.clone().with(0, |a| a.issued = now + 1), Error::<Test>::NotYetValid),
			(good.clone().with(0, |a| a.expires += 1), Error::<Test>::ValidTooLong),
			(good.clone().with(0, |a| a.class = Class::Biometric), Error::<Test>::WrongClass),
		] {
			assert_noop!(changed.submit(), error);
		}
		for (verifiers, error) in [
			(&[0][..], Error::<Test>::TooFewAttestations),
			(&[1, 1], Error::<Test>::SameVerifierTwice),
			(&[1, 0], Error::<Test>::NotSorted),
			(&[0, 3], Error::<Test>::SameDomain),
			(&[0, 4], Error::<Test>::SameOperator),
			(&[0, 9], Error::<Test>::UnknownVerifier),
		] {
			assert_noop!(Application::renew(ALICE, 1, verifiers).submit(), error);
		}
		assert_ok!(good.submit());
		assert_noop!(good.submit(), Error::<Test>::WrongNonce);
	});
}

#[test]
fn a_used_up_quota_does_not_matter() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Application::register(ALICE, 1, &[0, 5]).submit());
		close_epochs(TERM);
		assert_ok!(Application::register(BOB, 2, &[0, 5]).submit());
		assert_ok!(Application::renew(ALICE, 1, &[0, 5]).submit());
	});
}

#[test]
fn somebody_has_to_submit_it() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(TERM);
		let application = Application::renew(ALICE, 1, &[0, 1]);
		let call = RuntimeCall::from(Call::renew {
			account: application.account.clone(),
			attestations: application.signed(),
			consent: application.consent(),
		});
		assert_noop!(call.dispatch(RuntimeOrigin::none()), DispatchError::BadOrigin);
	});
}

#[test]
fn counters_end() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(TERM);
		People::<Test>::mutate(person, |p| p.as_mut().unwrap().nonce = u32::MAX);
		assert_noop!(
			Application::renew(ALICE, 1, &[0, 1]).submit(),
			Error::<Test>::CounterExhausted
		);
	});
}
