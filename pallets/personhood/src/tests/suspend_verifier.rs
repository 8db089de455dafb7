use super::*;
use crate::{suspension::SUSPENSION, People, Verifiers};
use usufruct_primitives::traits::{Eligibility, People as _};

#[test]
fn a_suspended_verifier_attests_nobody_from_that_block_on() {
	ExtBuilder::default().build_and_execute(|| {
		close_epochs(3);
		registered(CHARLIE, 3);
		let register = Application::register(ALICE, 1, &[0, 1]);
		let recover = Application::recover(0, BOB, 3, &[0, 1]);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		let until = 3 + SUSPENSION;
		assert_eq!(last_event(), Event::VerifierSuspended { verifier: 1, until });
		assert_eq!(Verifiers::<Test>::get(1).unwrap().suspension, Some(Suspension::Until(until)));
		assert_eq!(Personhood::quota_left(1), 0);
		assert_noop!(register.submit(), Error::<Test>::VerifierSuspended);
		assert_noop!(recover.submit(), Error::<Test>::VerifierSuspended);
		assert_ok!(Personhood::confirm_suspension(everybody(), 1));
		close_epochs(TERM);
		assert_noop!(
			Application::renew(CHARLIE, 3, &[0, 1]).submit(),
			Error::<Test>::VerifierSuspended
		);
	});
}

#[test]
fn it_touches_nobodys_record_and_people_go_on_sharing() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		let (record, interval) = (People::<Test>::get(person), MockDividend::interval(person));
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert_eq!(People::<Test>::get(person), record);
		assert_eq!(MockDividend::interval(person), interval);
		assert_eq!(settled(person), 0);
		assert!(Personhood::may_vote(person, NOW), "and voting");
	});
}

#[test]
fn whoever_has_too_few_verifiers_left_cannot_claim_until_others_attest() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		assert_ok!(Application::register(BOB, 2, &[0, 1, 2]).submit());
		let interval = MockDividend::interval(alice);
		close_epochs(2);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert!(!Personhood::may_claim(alice));
		assert!(info(ALICE).unwrap().needs_attestation);
		assert!(Personhood::may_claim(1), "two of Bob's three stand");
		assert!(Personhood::may_vote(alice, NOW), "she goes on voting");
		assert_eq!(MockDividend::interval(alice), interval, "and sharing");

		// By its own domain's other verifier and another domain, long before the last part.
		assert_noop!(
			Application::renew(ALICE, 1, &[2]).submit(),
			Error::<Test>::TooFewAttestations
		);
		assert_ok!(Application::renew(ALICE, 1, &[0, 2]).submit());
		assert!(Personhood::may_claim(alice));
		assert_eq!(MockDividend::interval(alice), interval, "and the interval stays");
		let PersonInfo { needs_attestation, may_claim, nonce, .. } = info(ALICE).unwrap();
		assert_eq!((needs_attestation, may_claim, nonce), (false, true, 2));
		assert_eq!(
			last_event(),
			Event::PersonRenewed {
				person: alice,
				account: ALICE.to_account_id(),
				verifiers: BoundedVec::truncate_from(vec![0, 2]),
				from: 1,
				until: TERM,
			}
		);

		// Nobody else gains by it.
		assert_noop!(Application::renew(BOB, 2, &[0, 2]).submit(), TOO_EARLY);
		assert_noop!(Application::renew(ALICE, 1, &[0, 2]).submit(), TOO_EARLY);
	});
}

#[test]
fn in_the_last_part_of_the_term_that_renews_it_too() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		close_epochs(TERM);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert_ok!(Application::renew(ALICE, 1, &[0, 2]).submit());
		assert_eq!(MockDividend::interval(alice), Some((1, 2 * TERM)));
	});
}

#[test]
fn a_larger_quorum_of_later_bars_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		assert_ok!(Personhood::set_quorum(root(), 3));
		assert!(Personhood::may_claim(alice));
		assert_ok!(Personhood::suspend_verifier(root(), 0));
		assert!(!Personhood::may_claim(alice));
	});
}

#[test]
fn it_ends_by_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		close_epochs(1);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		close_epochs(SUSPENSION - 1);
		assert!(!Personhood::may_claim(alice));
		assert_noop!(
			Application::register(BOB, 2, &[0, 1]).submit(),
			Error::<Test>::VerifierSuspended
		);
		close_epochs(1);
		assert!(Personhood::may_claim(alice));
		assert_ok!(Application::register(BOB, 2, &[0, 1]).submit());
	});
}

#[test]
fn it_cannot_be_kept_up_by_suspending_again_and_again() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert_noop!(Personhood::suspend_verifier(root(), 1), Error::<Test>::AlreadySuspended);
		close_epochs(SUSPENSION);
		for _ in 0..SUSPENSION {
			assert_noop!(Personhood::suspend_verifier(root(), 1), Error::<Test>::SuspendedLately);
			close_epochs(1);
		}
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		// Nor by resuming in between.
		assert_ok!(Personhood::resume_verifier(root(), 1));
		assert_noop!(Personhood::suspend_verifier(root(), 1), Error::<Test>::SuspendedLately);
	});
}

#[test]
fn also_one_that_is_retired() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		assert_ok!(Personhood::retire_verifier(root(), 1));
		assert!(Personhood::may_claim(alice), "an office that closes harms nobody");
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert!(!Personhood::may_claim(alice));
	});
}

#[test]
fn only_governance_or_its_operator_bars_a_verifier_there_is() {
	ExtBuilder::default().build_and_execute(|| {
		for stranger in [signed(), everybody(), by(&operator(0))] {
			assert_noop!(Personhood::suspend_verifier(stranger, 1), Error::<Test>::NotTheOperator);
		}
		assert_noop!(
			Personhood::suspend_verifier(RuntimeOrigin::none(), 1),
			DispatchError::BadOrigin
		);
		for origin in [root(), by(&operator(1))] {
			assert_noop!(Personhood::suspend_verifier(origin, 6), Error::<Test>::UnknownVerifier);
		}
	});
}

/// The operator of verifier 1 stops it.
fn stop() -> sp_runtime::DispatchResult {
	Personhood::suspend_verifier(by(&operator(1)), 1)
}

#[test]
fn an_operator_stops_its_verifier_whose_key_was_stolen_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		let register = Application::register(BOB, 2, &[0, 1]);
		let recover = Application::recover(alice, CHARLIE, 1, &[0, 1]);
		assert_ok!(stop());
		assert_eq!(last_event(), Event::VerifierStopped { verifier: 1, operator: operator(1) });
		assert!(Verifiers::<Test>::get(1).unwrap().stopped);
		assert_eq!(Personhood::quota_left(1), 0);
		assert_noop!(register.submit(), Error::<Test>::VerifierSuspended);
		assert_noop!(recover.submit(), Error::<Test>::VerifierSuspended);
		// It does not end by itself.
		close_epochs(TERM);
		assert_noop!(
			Application::renew(ALICE, 1, &[0, 1]).submit(),
			Error::<Test>::VerifierSuspended
		);
		assert_noop!(stop(), Error::<Test>::AlreadySuspended);
		// Nor does the operator end it.
		assert_noop!(Personhood::resume_verifier(by(&operator(1)), 1), DispatchError::BadOrigin);
		assert_ok!(Personhood::resume_verifier(root(), 1));
		assert_eq!(last_event(), Event::VerifierResumed { verifier: 1 });
		assert_ok!(Application::register(BOB, 2, &[0, 1]).submit());
	});
}

#[test]
fn an_operator_does_not_hold_its_people_hostage_by_that() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		assert_ok!(stop());
		assert!(Personhood::may_claim(alice));
		assert!(!info(ALICE).unwrap().needs_attestation);
	});
}

#[test]
fn an_operator_neither_escapes_nor_shortens_a_suspension_by_that() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		assert_ok!(stop());
		assert_noop!(Personhood::confirm_suspension(everybody(), 1), Error::<Test>::NotSuspended);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert!(!Personhood::may_claim(alice));
		close_epochs(SUSPENSION);
		assert!(Personhood::may_claim(alice));
		assert_noop!(
			Application::register(BOB, 2, &[0, 1]).submit(),
			Error::<Test>::VerifierSuspended
		);

		// What was stopped and resumed can be suspended at once.
		assert_ok!(Personhood::suspend_verifier(by(&operator(2)), 2));
		assert_ok!(Personhood::resume_verifier(root(), 2));
		assert_eq!(Verifiers::<Test>::get(2).unwrap().suspension, None);
		assert_ok!(Personhood::suspend_verifier(root(), 2));

		// What was suspended and confirmed stays so.
		assert_ok!(Personhood::confirm_suspension(everybody(), 2));
		assert_ok!(Personhood::suspend_verifier(by(&operator(2)), 2));
		assert_eq!(Verifiers::<Test>::get(2).unwrap().suspension, Some(Suspension::Confirmed));
		assert_noop!(Personhood::resume_verifier(root(), 2), Error::<Test>::ConfirmedByReferendum);
		assert!(Verifiers::<Test>::get(2).unwrap().stopped);
		assert_ok!(Personhood::resume_verifier(everybody(), 2));
		let resumed = Verifiers::<Test>::get(2).unwrap();
		assert_eq!((resumed.stopped, resumed.is_suspended(SUSPENSION)), (false, false));
	});
}

#[test]
fn an_operator_escapes_no_slash_by_that() {
	ExtBuilder::default().build_and_execute(|| {
		let id = super::trial::seated();
		assert_ok!(stop());
		let withdraw = || Personhood::withdraw_bond(by(&operator(1)), 1);
		assert_noop!(withdraw(), Error::<Test>::NotRetired);
		super::trial::resolved(id, 15, 0);
		pass(APPEAL);
		assert_ok!(Personhood::close_case(signed(), id));
		let record = Verifiers::<Test>::get(1).unwrap();
		assert_eq!((record.bond, record.upheld), (BOND - CHALLENGE, 1));
		pass(BOND_RELEASE);
		assert_noop!(withdraw(), Error::<Test>::NotRetired);
	});
}

#[test]
fn what_is_retired_is_not_stopped() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Personhood::retire_verifier(root(), 1));
		assert_noop!(stop(), Error::<Test>::AlreadyRetired);
	});
}
