use super::*;
use crate::{AccountOf, Call, Nullifiers, People};
use frame_support::dispatch::{DispatchResultWithPostInfo, Pays};
use sp_runtime::traits::Dispatchable;

fn remove(person: u32) -> DispatchResultWithPostInfo {
	RuntimeCall::from(Call::remove { person })
		.dispatch(RuntimeOrigin::signed(RELAYER.to_account_id()))
}

#[test]
fn anybody_removes_a_revoked_person_whose_epochs_are_swept() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(2);
		assert_ok!(Personhood::revoke(everybody(), person));
		close_epochs(SWEPT_AFTER + 1);
		assert_eq!(remove(person).unwrap().pays_fee, Pays::No);
		assert_eq!(last_event(), Event::PersonRemoved { person, account: ALICE.to_account_id() });
		assert_eq!(People::<Test>::get(person), None);
		assert_eq!(AccountOf::<Test>::get(ALICE.to_account_id()), None);
		assert!(!System::account_exists(&ALICE.to_account_id()), "it held nothing");
		assert_eq!(Personhood::people(), 0);
	});
}

#[test]
fn an_account_with_a_balance_outlives_the_person() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		let alice = ALICE.to_account_id();
		let relayer = RuntimeOrigin::signed(RELAYER.to_account_id());
		assert_ok!(Balances::transfer_keep_alive(relayer, alice.clone(), ED));
		assert_ok!(Personhood::revoke(everybody(), person));
		close_epochs(SWEPT_AFTER + 1);
		assert_ok!(remove(person));
		assert_eq!(System::sufficients(&alice), 0);
		assert_eq!(Balances::free_balance(&alice), ED);
	});
}

#[test]
fn the_human_stays_known_and_the_account_is_free_for_another() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		assert_ok!(Personhood::revoke(everybody(), person));
		close_epochs(SWEPT_AFTER + 1);
		assert_ok!(remove(person));
		assert_eq!(Nullifiers::<Test>::get(1, nullifier(1, 1)), Some(person));
		for who in [ALICE, BOB] {
			assert_noop!(
				Application::register(who, 1, &[1, 2]).submit(),
				Error::<Test>::NullifierUsed
			);
		}
		assert_eq!(registered(ALICE, 2), person + 1, "ids are not given twice");
	});
}

#[test]
fn not_before_the_dividend_has_swept() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(1);
		assert_ok!(Personhood::revoke(everybody(), person));
		close_epochs(1);
		assert_noop!(remove(person), NOT_SWEPT);
		close_epochs(1);
		assert_ok!(remove(person));
	});
}

#[test]
fn a_lapsed_person_stays() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		close_epochs(TERM + SWEPT_AFTER + 10);
		assert_noop!(remove(person), Error::<Test>::NotRevoked);
		assert_ok!(Application::renew(ALICE, 1, &[0, 1]).submit());
	});
}

#[test]
fn nobody_is_removed_twice_nor_by_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(remove(0), Error::<Test>::UnknownPerson);
		assert_noop!(Personhood::remove(RuntimeOrigin::none(), 0), DispatchError::BadOrigin);
		let person = registered(ALICE, 1);
		assert_ok!(Personhood::revoke(everybody(), person));
		close_epochs(SWEPT_AFTER + 1);
		assert_ok!(remove(person));
		assert_noop!(remove(person), Error::<Test>::UnknownPerson);
	});
}
