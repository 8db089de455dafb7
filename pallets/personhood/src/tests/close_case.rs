use super::{trial::*, *};
use crate::{
	dispute::{Outcome, Reason, MAX_PRIORS},
	Call, Cases, HoldReason, People as PeopleMap, Priors,
};
use frame_support::{dispatch::CheckIfFeeless, traits::fungible::InspectHold};
use usufruct_primitives::traits::{Eligibility, People};

fn close(id: u32) -> sp_runtime::DispatchResult {
	Personhood::close_case(signed(), id)
}

fn upheld() -> u32 {
	let id = seated();
	resolved(id, 15, 0);
	id
}

#[test]
fn an_upheld_challenge_is_carried_out_when_nobody_can_appeal_any_more() {
	ExtBuilder::default().build_and_execute(|| {
		let id = upheld();
		let call = Call::<Test>::close_case { case: id };
		pass(APPEAL - 1);
		assert!(!call.is_feeless(&signed()));
		assert_noop!(close(id), Error::<Test>::NotDecided);
		pass(1);
		assert!(call.is_feeless(&signed()));
		assert_ok!(close(id));

		let record = PeopleMap::<Test>::get(0).unwrap();
		assert_eq!((record.revoked, record.frozen_by), (true, None));
		assert_eq!(MockDividend::interval(0), Some((1, 4)));
		assert!(!Personhood::may_claim(0));
		assert_eq!(Personhood::people(), 40);
		let Event::CaseClosed { outcome, bond, .. } = last_event() else { panic!("not closed") };
		assert_eq!((outcome, bond), (Outcome::Upheld, CHALLENGE));
		assert_eq!(Cases::<Test>::get(id), None);
		assert_eq!(Priors::<Test>::get(0).len(), 0);
		assert_noop!(close(id), Error::<Test>::UnknownCase);
	});
}

#[test]
fn the_verifiers_that_attested_pay_the_challenger_and_the_dividend() {
	ExtBuilder::default().build_and_execute(|| {
		let id = upheld();
		set_per_head(100);
		pass(APPEAL);
		assert_ok!(close(id));
		// Eight shares each; a tenth is the challenger's.
		let (taken, reward) = (800, 80);
		for verifier in [0, 1] {
			let record = Personhood::verifier(verifier).unwrap();
			assert_eq!((record.bond, record.upheld, record.open_cases), (BOND - taken, 1, 0));
			let operator = operator(verifier as u8);
			let verifiers = if verifier == 0 { 2 } else { 1 };
			assert_eq!(free(&operator), ENDOWMENT - verifiers * BOND);
			let held = Balances::balance_on_hold(&HoldReason::VerifierBond.into(), &operator);
			assert_eq!(held, verifiers * BOND - taken);
		}
		assert_eq!(Personhood::verifier(2).unwrap().bond, BOND);
		assert_eq!((free(&challenger()), on_hold()), (ENDOWMENT + 2 * reward, 0));
		assert_eq!(free(&DividendPot::get()), ED + 2 * (taken - reward));
		assert_eq!(free(&ALICE.to_account_id()), 0);
		let slashed = Event::VerifierSlashed {
			verifier: 1,
			operator: operator(1),
			challenger: challenger(),
			reward,
			to_pot: taken - reward,
			bond: BOND - taken,
		};
		System::assert_has_event(RuntimeEvent::Personhood(slashed));
	});
}

#[test]
fn a_verifier_loses_at_least_a_challengers_bond_and_at_most_its_own() {
	ExtBuilder::default().build_and_execute(|| {
		let id = upheld();
		pass(APPEAL);
		hypothetically!({
			assert_ok!(close(id));
			assert_eq!(Personhood::verifier(1).unwrap().bond, BOND - CHALLENGE);
		});
		hypothetically!({
			set_per_head(u128::MAX);
			assert_ok!(close(id));
			assert_eq!(Personhood::verifier(1).unwrap().bond, 0);
			assert_eq!(free(&DividendPot::get()), ED + 2 * (BOND - BOND / 10));
			// Below the least bond it attests nobody.
			assert_noop!(
				Application::register(BOB, 2, &[1, 2]).submit(),
				Error::<Test>::BondTooSmall
			);
			check_state();
		});
	});
}

#[test]
fn an_operator_is_not_rewarded_for_what_it_attested() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let reason = Reason::NotAPerson;
		assert_ok!(Personhood::challenge(by(&operator(1)), 0, reason, EVIDENCE));
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), 0));
		resolved(0, 15, 0);
		pass(APPEAL);
		assert_ok!(close(0));
		// It gets its part of what the other loses, and nothing of its own.
		let reward = CHALLENGE / 10;
		assert_eq!(free(&operator(1)), ENDOWMENT - BOND + reward);
		assert_eq!(free(&DividendPot::get()), ED + 2 * CHALLENGE - reward);
	});
}

#[test]
fn those_that_attest_it_later_have_no_part_in_it() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		crowd(40);
		close_epochs(TERM);
		let id = challenge();
		assert_ok!(Application::renew(ALICE, 1, &[2, 3]).submit());
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), id));
		resolved(id, 15, 0);
		pass(APPEAL);
		assert_ok!(close(id));
		for (verifier, lost) in [(0, CHALLENGE), (1, CHALLENGE), (2, 0), (3, 0)] {
			assert_eq!(Personhood::verifier(verifier).unwrap().bond, BOND - lost);
		}
	});
}

#[test]
fn without_a_verdict_the_person_goes_free_and_the_bond_is_shared() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		resolved(id, 8, 0);
		pass(APPEAL);
		assert_ok!(close(id));
		let half = CHALLENGE / 2;
		assert_eq!(free(&ALICE.to_account_id()), half);
		assert_eq!((free(&challenger()), on_hold()), (ENDOWMENT - half, 0));
		assert_eq!(free(&DividendPot::get()), ED);
		assert!(Personhood::may_claim(0));
		let Event::CaseClosed { outcome, .. } = last_event() else { panic!("not closed") };
		assert_eq!(outcome, Outcome::NoVerdict);
		// Nobody has judged the evidence, but freezing Alice again costs double.
		assert_eq!(Personhood::challenge_bond(0, Reason::Duplicate), 2 * CHALLENGE);
		rest();
		challenge();
		assert_eq!(on_hold(), 2 * CHALLENGE);
	});
}

#[test]
fn only_so_many_disputes_are_remembered() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		for number in 0..=MAX_PRIORS as u8 {
			dismissed(challenge_for(Reason::Incorrect, [number; 32]));
			rest();
			check_state();
		}
		let priors = Priors::<Test>::get(0);
		assert_eq!(priors.len() as u32, MAX_PRIORS);
		let barred: Vec<_> = priors.iter().map(|prior| prior.barred.unwrap()[0]).collect();
		assert_eq!(barred, [1, 2, 3, 4, 5, 6, 7, 8]);
	});
}

#[test]
fn nothing_is_left_of_a_person_that_is_removed_but_its_nullifiers() {
	ExtBuilder::default().build_and_execute(|| {
		let first = seated();
		resolved(first, 0, 15);
		rest();
		let id = challenge_for(Reason::Deceased, [9; 32]);
		assert_ok!(Application::recover(0, BOB, 1, &[0, 2]).submit());
		new_randomness(3);
		new_randomness(4);
		assert_ok!(Personhood::draw_jury(signed(), id));
		resolved(id, 15, 0);
		pass(APPEAL);
		assert_ok!(close(id));
		assert_eq!(Priors::<Test>::iter().count(), 1);
		close_epochs(SWEPT_AFTER + 2);
		assert_ok!(Personhood::remove(signed(), 0));
		assert_eq!(Priors::<Test>::iter().count(), 0);
		assert_eq!(crate::Recoveries::<Test>::iter().count(), 0);
		assert_eq!(crate::ReservedFor::<Test>::iter().count(), 0);
		assert_eq!(Cases::<Test>::iter().count(), 0);
		assert_eq!(PeopleMap::<Test>::get(0), None);
		let of_alice = crate::Nullifiers::<Test>::iter().filter(|(.., person)| *person == 0);
		assert_eq!(of_alice.count(), 2);
	});
}

#[test]
fn only_a_case_the_jury_has_spoken_on() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(close(0), Error::<Test>::UnknownCase);
		let id = seated();
		assert_noop!(close(id), Error::<Test>::NotDecided);
		assert_noop!(Personhood::close_case(root(), id), DispatchError::BadOrigin);
	});
}
