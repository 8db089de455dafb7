use super::*;
use crate::Verifiers;
use usufruct_primitives::traits::People;

#[test]
fn a_resumed_verifier_attests_again_and_its_people_claim() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		close_epochs(2);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		close_epochs(1);
		assert_ok!(Personhood::resume_verifier(root(), 1));
		assert_eq!(last_event(), Event::VerifierResumed { verifier: 1 });
		assert_eq!(Verifiers::<Test>::get(1).unwrap().suspension, Some(Suspension::Until(3)));
		assert!(Personhood::may_claim(alice));
		assert_ok!(Application::register(BOB, 2, &[0, 1]).submit());
	});
}

#[test]
fn what_all_people_confirmed_only_all_people_end() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert_ok!(Personhood::confirm_suspension(everybody(), 1));
		assert_noop!(Personhood::resume_verifier(root(), 1), Error::<Test>::ConfirmedByReferendum);
		assert_ok!(Personhood::resume_verifier(everybody(), 1));
		assert!(!Verifiers::<Test>::get(1).unwrap().is_suspended(0));
	});
}

#[test]
fn only_one_that_is_suspended() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Personhood::resume_verifier(root(), 1), Error::<Test>::NotSuspended);
		assert_noop!(Personhood::resume_verifier(root(), 6), Error::<Test>::UnknownVerifier);
		assert_noop!(Personhood::resume_verifier(signed(), 1), DispatchError::BadOrigin);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		close_epochs(crate::suspension::SUSPENSION);
		assert_noop!(Personhood::resume_verifier(root(), 1), Error::<Test>::NotSuspended);
	});
}
