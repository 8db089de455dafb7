//! Members that a vote takes in and dismisses.

use super::{offences::offence, sessions::set_keys};
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{AccountId32, DispatchError};

const EVE: AccountId32 = AccountId32::new([5; 32]);

fn admit(account: AccountId32) -> sp_runtime::DispatchResult {
	Validators::admit(RuntimeOrigin::root(), account)
}

fn dismiss(account: AccountId32) -> sp_runtime::DispatchResult {
	Validators::dismiss(RuntimeOrigin::root(), account)
}

#[test]
fn who_is_admitted_authors_from_the_session_after_the_next() {
	ExtBuilder::default().validators(vec![ALICE, BOB]).build_and_execute(|| {
		set_keys(&EVE, 0);
		assert_ok!(admit(EVE));
		System::assert_last_event(Event::Admitted { validator: EVE, members: 3 }.into());
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, BOB]);
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, BOB, EVE]);
		assert_eq!(ActiveSet::get(), vec![ALICE, BOB, EVE]);
	});
}

#[test]
fn who_is_dismissed_authors_no_more_from_the_session_after_the_next() {
	ExtBuilder::default().validators(vec![ALICE, BOB, CHARLIE]).build_and_execute(|| {
		assert_ok!(dismiss(BOB));
		System::assert_last_event(Event::Dismissed { validator: BOB, remaining: 2 }.into());
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, BOB, CHARLIE]);
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, CHARLIE]);

		// Nothing but another vote brings it back.
		set_keys(&BOB, 1);
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, CHARLIE]);
		assert_ok!(admit(BOB));
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, CHARLIE, BOB]);
	});
}

#[test]
fn an_offender_can_be_admitted_again_and_its_offence_is_still_known() {
	ExtBuilder::default().validators(vec![ALICE, BOB, CHARLIE]).build_and_execute(|| {
		offence(&[BOB], 50, 0);
		assert_eq!(Validators::members(), vec![ALICE, CHARLIE]);
		assert_ok!(admit(BOB));
		assert_eq!(Validators::members(), vec![ALICE, CHARLIE, BOB]);
		assert_eq!(Validators::offences(BOB).len(), 1);
	});
}

#[test]
fn only_the_admission_origin_admits_and_dismisses() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(&EVE, 0);
		for origin in [RuntimeOrigin::signed(ALICE), RuntimeOrigin::none()] {
			assert_noop!(Validators::admit(origin.clone(), EVE), DispatchError::BadOrigin);
			assert_noop!(Validators::dismiss(origin, ALICE), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn who_has_no_session_keys_is_not_admitted() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(admit(EVE), Error::<Test>::NoSessionKeys);
	});
}

#[test]
fn a_member_is_not_admitted_again() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(admit(ALICE), Error::<Test>::AlreadyMember);
	});
}

#[test]
fn a_full_set_admits_nobody() {
	let many: Vec<_> = (0u8..20).map(|index| AccountId32::new([100 + index; 32])).collect();
	ExtBuilder::default().validators(many.clone()).build_and_execute(|| {
		set_keys(&EVE, 0);
		assert_noop!(admit(EVE), Error::<Test>::TooManyMembers);
		assert_ok!(dismiss(many[7].clone()));
		assert_ok!(admit(EVE));
	});
}

#[test]
fn who_is_no_member_is_not_dismissed() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(&EVE, 0);
		assert_noop!(dismiss(EVE), Error::<Test>::NotAMember);
	});
}

#[test]
fn the_last_member_with_keys_is_not_dismissed() {
	ExtBuilder::default().validators(vec![ALICE, BOB]).build_and_execute(|| {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(ALICE)));
		assert_noop!(dismiss(BOB), Error::<Test>::LastWithKeys);
		assert_ok!(dismiss(ALICE));
		assert_noop!(dismiss(BOB), Error::<Test>::LastWithKeys);
	});
}
