use super::*;
use crate::LeastQuorum;

#[test]
fn another_number_of_verifiers_must_agree_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Personhood::set_quorum(root(), 3));
		assert_eq!(last_event(), Event::QuorumChanged { old: 2, new: 3 });
		assert_eq!(Personhood::quorum(), 3);
		assert_noop!(
			Application::register(ALICE, 1, &[0, 1]).submit(),
			Error::<Test>::TooFewAttestations
		);
		assert_ok!(Application::register(ALICE, 1, &[0, 1, 2]).submit());
	});
}

#[test]
fn a_renewal_needs_the_present_quorum() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		assert_ok!(Personhood::set_quorum(root(), 3));
		close_epochs(TERM);
		assert_noop!(
			Application::renew(ALICE, 1, &[0, 1]).submit(),
			Error::<Test>::TooFewAttestations
		);
		assert_ok!(Application::renew(ALICE, 1, &[0, 1, 2]).submit());
	});
}

#[test]
fn only_root_sets_it() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Personhood::set_quorum(signed(), 3), DispatchError::BadOrigin);
	});
}

#[test]
fn it_is_from_two_to_five() {
	ExtBuilder { domains: 0, verifiers: vec![], bond: BOND, quorum: 2 }.build_and_execute(|| {
		for bad in [0, 1, 6, u32::MAX] {
			assert_noop!(Personhood::set_quorum(root(), bad), Error::<Test>::QuorumOutOfBounds);
		}
		for good in [2, 5] {
			assert_ok!(Personhood::set_quorum(root(), good));
		}
	});
}

#[test]
fn it_stays_above_half_the_domains() {
	ExtBuilder::of_quorum(3).with_domains(4).build_and_execute(|| {
		assert_noop!(Personhood::set_quorum(root(), 2), Error::<Test>::QuorumTooSmall);
		assert_ok!(Personhood::set_quorum(root(), 3));
	});
}

#[test]
fn the_least_one_counts_once_somebody_is_recognised() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Personhood::set_quorum(root(), 4));
		assert_eq!(LeastQuorum::<Test>::get(), 4, "nobody was recognised under the smaller one");
		assert_ok!(Personhood::set_quorum(root(), 2));
		registered(ALICE, 1);
		assert_ok!(Personhood::set_quorum(root(), 5));
		assert_eq!(LeastQuorum::<Test>::get(), 2);
	});
}
