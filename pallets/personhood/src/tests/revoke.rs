use super::*;
use crate::{Nullifiers, People};
use usufruct_primitives::traits::People as _;

#[test]
fn recognition_ends_and_the_account_keeps_its_reference() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(2);
		assert_ok!(Personhood::revoke(everybody(), person));
		assert_eq!(last_event(), Event::PersonRevoked { person, account: ALICE.to_account_id() });
		assert!(People::<Test>::get(person).unwrap().revoked);
		assert!(!Personhood::may_claim(person));
		assert_eq!(Personhood::people(), 0);
		let info = info(ALICE).unwrap();
		assert_eq!((info.from, info.until, info.revoked), (1, 1, true));
		assert_eq!(System::sufficients(&ALICE.to_account_id()), 1);
	});
}

#[test]
fn neither_the_human_nor_the_account_is_recognised_again() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		assert_ok!(Personhood::revoke(everybody(), person));
		assert_eq!(Nullifiers::<Test>::get(0, nullifier(0, 1)), Some(person));
		for verifiers in [[0, 1], [0, 2], [1, 2]] {
			assert_noop!(
				Application::register(BOB, 1, &verifiers).submit(),
				Error::<Test>::NullifierUsed
			);
		}
		assert_noop!(
			Application::register(ALICE, 2, &[0, 1]).submit(),
			Error::<Test>::AlreadyAPerson
		);
		close_epochs(TERM);
		assert_noop!(
			Application::renew(ALICE, 1, &[0, 1]).submit(),
			Error::<Test>::PersonIsRevoked
		);
	});
}

#[test]
fn only_all_people_revoke_somebody_and_only_once() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		for origin in [signed(), root()] {
			assert_noop!(Personhood::revoke(origin, person), DispatchError::BadOrigin);
		}
		assert_noop!(Personhood::revoke(everybody(), person + 1), Error::<Test>::UnknownPerson);
		assert_ok!(Personhood::revoke(everybody(), person));
		assert_noop!(Personhood::revoke(everybody(), person), Error::<Test>::AlreadyRevoked);
	});
}
