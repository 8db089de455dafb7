use super::*;
use crate::Verifiers;

#[test]
fn a_retired_verifier_attests_no_more_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		assert_ok!(Personhood::retire_verifier(root(), 1));
		assert_eq!(
			last_event(),
			Event::VerifierRetired {
				verifier: 1,
				domain: 1,
				operator: operator(1),
				bond_free_at: NOW + BOND_RELEASE,
			}
		);
		assert!(Verifiers::<Test>::get(1).unwrap().retired);
		assert_noop!(application.submit(), Error::<Test>::VerifierRetired);
		assert_ok!(Application::register(ALICE, 1, &[0, 2]).submit());
	});
}

#[test]
fn people_it_attested_stay_and_renew_by_others() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		assert_ok!(Personhood::retire_verifier(root(), 0));
		close_epochs(TERM);
		assert_noop!(
			Application::renew(ALICE, 1, &[0, 1]).submit(),
			Error::<Test>::VerifierRetired
		);
		// Verifier 3 is of the same domain, so it knows Alice.
		assert_ok!(Application::renew(ALICE, 1, &[2, 3]).submit());
	});
}

#[test]
fn only_root_retires_one_that_is_there_and_only_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Personhood::retire_verifier(signed(), 0), DispatchError::BadOrigin);
		assert_noop!(Personhood::retire_verifier(root(), 6), Error::<Test>::UnknownVerifier);
		assert_ok!(Personhood::retire_verifier(root(), 0));
		assert_noop!(Personhood::retire_verifier(root(), 0), Error::<Test>::AlreadyRetired);
	});
}
