use super::*;
use crate::People;
use usufruct_primitives::traits::{Eligibility, People as _};

#[test]
fn somebody_wrongly_revoked_comes_back_with_the_same_account() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(3);
		assert_ok!(Personhood::revoke(everybody(), person));
		assert_ok!(Personhood::reinstate(everybody(), person));
		let (from, until) = (4, 3 + TERM);
		assert_eq!(
			last_event(),
			Event::PersonReinstated { person, account: ALICE.to_account_id(), from, until }
		);
		assert_eq!(MockDividend::interval(person), Some((from, until)));
		assert!(!People::<Test>::get(person).unwrap().revoked);
		assert!(Personhood::may_claim(person));
		assert_eq!(Personhood::people(), 1);
		assert_eq!(System::sufficients(&ALICE.to_account_id()), 1);
		close_epochs(TERM);
		assert_ok!(Application::renew(ALICE, 1, &[0, 1]).submit());
	});
}

#[test]
fn as_long_as_the_record_is_there() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		assert_ok!(Personhood::revoke(everybody(), person));
		close_epochs(SWEPT_AFTER + 1);
		assert_ok!(Personhood::remove(signed(), person));
		assert_noop!(Personhood::reinstate(everybody(), person), Error::<Test>::UnknownPerson);
	});
}

#[test]
fn only_all_people_reinstate_somebody_revoked() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		assert_noop!(Personhood::reinstate(everybody(), person), Error::<Test>::NotRevoked);
		assert_ok!(Personhood::revoke(everybody(), person));
		for origin in [root(), signed()] {
			assert_noop!(Personhood::reinstate(origin, person), DispatchError::BadOrigin);
		}
	});
}
