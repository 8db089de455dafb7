use super::*;
use usufruct_primitives::traits::{Holders, People};

#[test]
fn a_person_is_read_by_its_account() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(info(ALICE), None);
		let person = registered(ALICE, 1);
		let expected = PersonInfo {
			person,
			account: ALICE.to_account_id(),
			nonce: 1,
			revoked: false,
			from: 1,
			until: TERM,
			frozen_by: None,
			needs_attestation: false,
			may_claim: true,
		};
		assert_eq!(info(ALICE), Some(expected));
	});
}

#[test]
fn verifiers_and_the_quorum_are_read() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Personhood::verifier(3).unwrap().domain, 0);
		assert_eq!(Personhood::verifier(6), None);
		assert_eq!(Personhood::quorum(), 2);
	});
}

#[test]
fn people_are_counted_until_revoked() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Personhood::people(), 0);
		let alice = registered(ALICE, 1);
		registered(BOB, 2);
		assert_eq!(Personhood::people(), 2);
		close_epochs(TERM + 1);
		assert_eq!(Personhood::people(), 2, "a lapse is no end");
		assert_ok!(Personhood::revoke(everybody(), alice));
		assert_eq!(Personhood::people(), 1);
	});
}

#[test]
fn other_pallets_see_who_may_claim() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = registered(ALICE, 1);
		assert_eq!(Personhood::person_of(&ALICE.to_account_id()), Some(alice));
		assert_eq!(Personhood::person_of(&BOB.to_account_id()), None);
		assert!(Personhood::may_claim(alice));
		assert!(!Personhood::may_claim(alice + 1));
		assert!(Personhood::may_vote(alice, NOW) && !Personhood::may_vote(alice + 1, NOW));
		assert_eq!(Personhood::account_of(alice), Some(ALICE.to_account_id()));
		assert_eq!(Personhood::account_of(alice + 1), None);
		assert_ok!(Personhood::revoke(everybody(), alice));
		assert!(!Personhood::may_claim(alice));
		assert!(!Personhood::may_vote(alice, NOW));
	});
}
