//! The set from session to session.

use crate::mock::*;
use frame_support::{assert_ok, traits::KeyOwnerProofSystem};
use pallet_session::historical::{HistoricalSessions, StoredRange};
use sp_runtime::{testing::UintAuthorityId, RuntimeAppPublic};

/// Changes an account's session keys, without a proof.
pub fn set_keys(account: &sp_runtime::AccountId32, version: u64) {
	assert_ok!(<Session as pallet_session::SessionInterface>::set_keys(
		account,
		keys(account, version)
	));
}

#[test]
fn the_genesis_set_is_that_of_the_session_keys_in_the_order_of_the_accounts() {
	ExtBuilder::default().validators(vec![DAVE, ALICE, CHARLIE]).build_and_execute(|| {
		assert_eq!(Validators::members(), vec![ALICE, CHARLIE, DAVE]);
		assert_eq!(Validators::validators(), vec![ALICE, CHARLIE, DAVE]);
		assert_eq!(ActiveSet::get(), vec![ALICE, CHARLIE, DAVE]);
		// Both sessions that are planned at genesis have a root, so offences in them can be proven.
		assert!(HistoricalSessions::<Test>::contains_key(0));
		assert!(HistoricalSessions::<Test>::contains_key(1));
	});
}

#[test]
#[should_panic(expected = "at most MaxValidators")]
fn a_genesis_set_that_is_too_large_is_refused() {
	let many = (0u8..21).map(|index| sp_runtime::AccountId32::new([index; 32])).collect();
	ExtBuilder::default().validators(many).build();
}

#[test]
fn an_unchanged_set_is_not_announced_again() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..3 {
			next_session();
			assert!(!ChangedSession::get());
			assert_eq!(ActiveSet::get(), vec![ALICE, BOB, CHARLIE, DAVE]);
		}
	});
}

#[test]
fn new_keys_are_announced_and_can_be_proven_of_a_past_session() {
	ExtBuilder::default().endowed(BOB).build_and_execute(|| {
		next_session();
		set_keys(&BOB, 1);
		next_session();
		assert!(!ChangedSession::get());
		next_session();
		assert!(ChangedSession::get());

		let key = (UintAuthorityId::ID, keys(&BOB, 1).dummy.to_raw_vec());
		let proof = Historical::prove(key.clone()).expect("the key is of this session");
		assert_eq!(proof.session, 3);
		next_session();
		next_session();
		assert_eq!(Historical::check_proof(key, proof), Some((BOB, ())));
	});
}

#[test]
fn a_member_without_keys_is_passed_over_until_it_has_some() {
	ExtBuilder::default().endowed(BOB).build_and_execute(|| {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(BOB)));
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, CHARLIE, DAVE]);
		assert_eq!(Validators::members(), vec![ALICE, BOB, CHARLIE, DAVE]);

		set_keys(&BOB, 1);
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, BOB, CHARLIE, DAVE]);
	});
}

#[test]
fn an_account_that_sets_keys_later_does_not_become_a_member() {
	ExtBuilder::default().validators(vec![ALICE, BOB]).build_and_execute(|| {
		set_keys(&CHARLIE, 0);
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, BOB]);
	});
}

#[test]
fn roots_older_than_the_longevity_of_reports_are_pruned() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..LONGEVITY {
			next_session();
		}
		assert!(HistoricalSessions::<Test>::contains_key(0));
		next_session();
		assert!(!HistoricalSessions::<Test>::contains_key(0));
		assert!(HistoricalSessions::<Test>::contains_key(1));
		for _ in 0..20 {
			next_session();
		}
		let current = Session::current_index();
		assert_eq!(StoredRange::<Test>::get(), Some((current - LONGEVITY, current + 2)));
		assert_eq!(HistoricalSessions::<Test>::iter().count() as u32, LONGEVITY + 2);
	});
}
