use super::*;
use crate::{suspension::SUSPENSION, Verifiers};
use usufruct_primitives::traits::People;

#[test]
fn a_confirmed_suspension_does_not_end() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		close_epochs(SUSPENSION - 1);
		assert_ok!(Personhood::confirm_suspension(everybody(), 1));
		assert_eq!(last_event(), Event::SuspensionConfirmed { verifier: 1 });
		assert_eq!(Verifiers::<Test>::get(1).unwrap().suspension, Some(Suspension::Confirmed));
		close_epochs(1_000);
		assert!(!Personhood::may_claim(alice));
		assert_noop!(
			Application::register(BOB, 2, &[0, 1]).submit(),
			Error::<Test>::VerifierSuspended
		);
		assert_noop!(Personhood::suspend_verifier(root(), 1), Error::<Test>::AlreadySuspended);
		assert_noop!(
			Personhood::confirm_suspension(everybody(), 1),
			Error::<Test>::AlreadyConfirmed
		);
	});
}

#[test]
fn only_all_people_confirm_one_that_has_not_ended() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Personhood::confirm_suspension(everybody(), 1), Error::<Test>::NotSuspended);
		assert_noop!(
			Personhood::confirm_suspension(everybody(), 6),
			Error::<Test>::UnknownVerifier
		);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		assert_noop!(Personhood::confirm_suspension(root(), 1), DispatchError::BadOrigin);
		close_epochs(SUSPENSION);
		assert_noop!(Personhood::confirm_suspension(everybody(), 1), Error::<Test>::NotSuspended);
	});
}
