use super::{trial::*, *};
use crate::{
	dispute::{CaseId, Reason, Stage, DEARER, DEAREST, MAX_PRIORS, RESPITE},
	Cases, NextCase, People,
};
use sp_runtime::TokenError;
use usufruct_primitives::traits::{Eligibility, People as _};

#[test]
fn it_freezes_the_person_for_a_bond() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let interval = MockDividend::interval(0);
		let id = challenge();
		assert_eq!(
			last_event(),
			Event::PersonChallenged {
				case: id,
				person: 0,
				account: ALICE.to_account_id(),
				challenger: challenger(),
				reason: Reason::Duplicate,
				evidence: EVIDENCE,
				bond: CHALLENGE,
			}
		);
		assert_eq!((free(&challenger()), on_hold()), (ENDOWMENT - CHALLENGE, CHALLENGE));
		assert_eq!(settled(0), 1, "what it could claim is put aside");
		assert_eq!(MockDividend::interval(0), interval, "and it goes on sharing");
		assert!(!Personhood::may_claim(0));
		assert_eq!(Personhood::frozen_since(0), Some(NOW));
		assert_eq!(Personhood::frozen_since(1), None);
		// It votes on what was opened before.
		for (opened, may_vote) in [(0, true), (NOW, true), (NOW + 1, false)] {
			assert_eq!(Personhood::may_vote(0, opened), may_vote);
			assert!(Personhood::may_vote(1, opened));
		}
		assert_eq!(info(ALICE).unwrap().frozen_by, Some(id));
		let case = Personhood::case(id).unwrap();
		assert_eq!((case.stage, case.people, case.epoch), (Stage::Waiting, 41, 5));
		assert_eq!(case.attested.into_inner(), [0, 1]);
		for verifier in [0, 1] {
			let record = Personhood::verifier(verifier).unwrap();
			assert_eq!((record.disputed, record.open_cases, record.upheld), (1, 1, 0));
		}
		assert_eq!(Personhood::verifier(2).unwrap().disputed, 0);
	});
}

#[test]
fn a_frozen_person_can_renew() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(TERM);
		challenge();
		assert_ok!(Application::renew(ALICE, 1, &[1, 2]).submit());
		assert_eq!(MockDividend::interval(0), Some((1, 2 * TERM)));
		assert!(!Personhood::may_claim(0));
	});
}

#[test]
fn nobody_is_challenged_twice_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		challenge();
		for reason in [Reason::Duplicate, Reason::Deceased] {
			assert_noop!(
				Personhood::challenge(by(&challenger()), 0, reason, [8; 32]),
				Error::<Test>::PersonIsFrozen
			);
		}
		assert_noop!(Personhood::revoke(everybody(), 0), Error::<Test>::PersonIsFrozen);
	});
}

#[test]
fn only_somebody_is_challenged_by_somebody() {
	ExtBuilder::default().build_and_execute(|| {
		let reason = Reason::NotAPerson;
		assert_noop!(
			Personhood::challenge(by(&challenger()), 0, reason, EVIDENCE),
			Error::<Test>::UnknownPerson
		);
		registered(ALICE, 1);
		assert_noop!(Personhood::challenge(root(), 0, reason, EVIDENCE), DispatchError::BadOrigin);
		assert_ok!(Personhood::revoke(everybody(), 0));
		assert_noop!(
			Personhood::challenge(by(&challenger()), 0, reason, EVIDENCE),
			Error::<Test>::PersonIsRevoked
		);
	});
}

#[test]
fn nobody_challenges_without_the_bond() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		registered(BOB, 2);
		assert_noop!(
			Personhood::challenge(by(&BOB.to_account_id()), 0, Reason::Duplicate, EVIDENCE),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn evidence_that_was_judged_counts_never_again() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		resolved(id, 0, 10);
		for reason in [Reason::Duplicate, Reason::Incorrect] {
			assert_noop!(
				Personhood::challenge(by(&challenger()), 0, reason, EVIDENCE),
				Error::<Test>::EvidenceBarred
			);
		}
		// It says nothing about anybody else.
		assert_ok!(Personhood::challenge(by(&challenger()), 1, Reason::Duplicate, EVIDENCE));
	});
}

#[test]
fn nobody_is_challenged_again_before_it_could_claim_and_vote() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		close_epochs(5);
		let again = |evidence| {
			let reason = Reason::Incorrect;
			Personhood::challenge(by(&challenger()), 0, reason, evidence)
		};
		dismissed(challenge());
		for _ in 0..RESPITE {
			assert!(Personhood::may_claim(0) && Personhood::may_vote(0, System::block_number()));
			assert_noop!(again([8; 32]), Error::<Test>::ChallengedLately);
			assert_noop!(again(EVIDENCE), Error::<Test>::EvidenceBarred);
			pass(1_000);
			close_epochs(1);
		}
		assert_ok!(again([8; 32]));
	});
}

#[test]
fn nor_after_a_dispute_without_a_verdict() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		let id = challenge();
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), id));
		pass(APPEAL);
		assert_ok!(Personhood::close_case(signed(), id));
		assert_noop!(
			Personhood::challenge(by(&challenger()), 0, Reason::Duplicate, EVIDENCE),
			Error::<Test>::ChallengedLately
		);
		// It says nothing about anybody else.
		registered(BOB, 2);
		assert_ok!(Personhood::challenge(by(&challenger()), 1, Reason::Duplicate, EVIDENCE));
	});
}

/// How many epochs the disputes of a test last: an epoch is a week, and the longest takes 35 days.
const LONG: u32 = 5;

#[test]
fn whatever_the_reason_the_same_person_is_ever_dearer_to_freeze() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		let reasons = [Reason::Duplicate, Reason::NotAPerson, Reason::Deceased, Reason::Incorrect];
		let price = |person| reasons.map(|reason| Personhood::challenge_bond(person, reason));
		for (times, reason) in (0..3 * MAX_PRIORS).zip(reasons.into_iter().cycle()) {
			let bond = (CHALLENGE << times).min(16 * CHALLENGE);
			assert_eq!(price(0), [bond; 4]);
			let rich = RELAYER.to_account_id();
			assert_ok!(Balances::force_set_balance(root(), rich, bond + ED));
			let id = challenge_for(reason, [times as u8; 32]);
			assert_eq!(on_hold(), bond);
			close_epochs(LONG);
			dismissed(id);
			// As late as it can be without being free for as long as it was frozen, and longer.
			close_epochs(LONG + DEARER - 1);
		}
		assert_eq!(price(1), [CHALLENGE; 4]);
		close_epochs(1);
		assert_eq!(price(0), [CHALLENGE; 4]);
	});
}

/// Whom an accomplice challenges with an empty case, again and again, others can challenge for a price
/// that has an end, and win.
fn is_not_sheltered_by(comes_to_nothing: impl Fn(CaseId)) {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		for times in 0..3 * MAX_PRIORS as u8 {
			let bond = Personhood::challenge_bond(0, Reason::NotAPerson);
			assert_eq!(bond, CHALLENGE * (1 << times).min(DEAREST));
			assert_ok!(Balances::force_set_balance(root(), challenger(), bond + ED));
			comes_to_nothing(challenge_for(Reason::NotAPerson, [times; 32]));
			rest();
		}
		assert_ok!(Balances::force_set_balance(root(), challenger(), DEAREST * CHALLENGE + ED));
		let id = challenge_for(Reason::NotAPerson, EVIDENCE);
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), id));
		assert_ok!(Personhood::decide_appeal(everybody(), id, true));
		assert!(People::<Test>::get(0).unwrap().revoked);
		assert_eq!(on_hold(), 0);
		assert!(free(&challenger()) > DEAREST * CHALLENGE + ED, "all of it, and a reward");
	});
}

#[test]
fn no_accomplice_shelters_a_person_by_cases_without_a_verdict() {
	is_not_sheltered_by(|id| {
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), id));
		pass(APPEAL);
		assert_ok!(Personhood::close_case(signed(), id));
	});
}

#[test]
fn nor_by_cases_that_are_dismissed() {
	is_not_sheltered_by(dismissed);
}

#[test]
fn what_an_accomplice_opened_is_upheld_by_all_people() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		// The jury knows nothing of it.
		resolved(id, 8, 0);
		assert_ok!(Personhood::decide_appeal(everybody(), id, true));
		assert!(People::<Test>::get(0).unwrap().revoked);
	});
}

#[test]
fn a_short_dispute_is_forgiven_sooner() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		dismissed(challenge());
		close_epochs(DEARER - 1);
		assert_eq!(Personhood::challenge_bond(0, Reason::Duplicate), 2 * CHALLENGE);
		close_epochs(1);
		assert_eq!(Personhood::challenge_bond(0, Reason::Duplicate), CHALLENGE);
	});
}

#[test]
fn the_dearest_that_is_not_forgiven_counts() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		// Long and cheap, then short and dear.
		let id = challenge();
		close_epochs(2 * LONG);
		dismissed(id);
		rest();
		dismissed(challenge_for(Reason::Duplicate, [1; 32]));
		assert_eq!(Personhood::challenge_bond(0, Reason::Duplicate), 4 * CHALLENGE);
		close_epochs(DEARER);
		assert_eq!(Personhood::challenge_bond(0, Reason::Duplicate), 2 * CHALLENGE);
		close_epochs(2 * LONG - RESPITE);
		assert_eq!(Personhood::challenge_bond(0, Reason::Duplicate), CHALLENGE);
	});
}

#[test]
fn counters_end() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		hypothetically!({
			NextCase::<Test>::put(u32::MAX);
			assert_noop!(
				Personhood::challenge(by(&challenger()), 0, Reason::Duplicate, EVIDENCE),
				Error::<Test>::CounterExhausted
			);
		});
		assert_eq!(Cases::<Test>::iter().count(), 0);
		assert_eq!(People::<Test>::get(0).unwrap().frozen_by, None);
	});
}
