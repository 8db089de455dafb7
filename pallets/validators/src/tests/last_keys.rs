//! Whoever purges its keys, in whatever order, somebody can author.

use super::{offences::offence, sessions::set_keys};
use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use pallet_session::SessionInterface;
use sp_runtime::{traits::Dispatchable, AccountId32, DispatchError, DispatchResult};

const ALL: [AccountId32; 4] = [ALICE, BOB, CHARLIE, DAVE];

/// A chain of these validators on which everybody has a balance.
fn chain(validators: &[AccountId32]) -> ExtBuilder {
	let chain = ExtBuilder::default().validators(validators.to_vec());
	ALL.into_iter().fold(chain, ExtBuilder::endowed)
}

/// As a transaction does it, through the call filter.
fn purge(account: &AccountId32) -> DispatchResult {
	let call = RuntimeCall::from(pallet_session::Call::purge_keys {});
	let done = call.dispatch(RuntimeOrigin::signed(account.clone()));
	done.map(|_| ()).map_err(|failure| failure.error)
}

fn filtered() -> DispatchError {
	frame_system::Error::<Test>::CallFiltered.into()
}

/// The accounts of the session that is planned.
fn planned() -> Vec<AccountId32> {
	Session::queued_keys().into_iter().map(|(account, _)| account).collect()
}

#[test]
fn all_but_one_go_in_one_session_or_one_after_the_other() {
	for wait in [false, true] {
		chain(&ALL).build_and_execute(|| {
			for leaving in [DAVE, ALICE, CHARLIE] {
				assert_ok!(purge(&leaving));
				if wait {
					next_session();
					assert!(!planned().contains(&leaving));
				}
			}
			assert_noop!(purge(&BOB), filtered());

			for _ in 0..4 {
				next_session();
				assert_eq!(planned(), vec![BOB]);
				assert_noop!(purge(&BOB), filtered());
			}
			assert_eq!(ActiveSet::get(), vec![BOB]);
			assert_eq!(Validators::validators(), vec![BOB]);
		});
	}
}

#[test]
fn offences_in_between_leave_nobody_free_to_go() {
	chain(&ALL).build_and_execute(|| {
		assert_ok!(purge(&DAVE));
		offence(&[ALICE], 100, 0);
		assert_ok!(purge(&BOB));
		// Alice has keys, but is out; Bob and Dave are in without keys.
		assert_eq!(Validators::members(), vec![BOB, CHARLIE, DAVE]);
		assert_noop!(purge(&CHARLIE), filtered());
		offence(&[CHARLIE, DAVE], 100, 0);
		System::assert_has_event(Event::LastKept { validator: CHARLIE }.into());
		assert_noop!(purge(&CHARLIE), filtered());
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![CHARLIE]);

		// Bob is back, so Charlie can go, and then Bob is the last.
		set_keys(&BOB, 1);
		assert_ok!(purge(&CHARLIE));
		assert_noop!(purge(&BOB), filtered());
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![BOB]);
	});
}

#[test]
fn an_offender_that_was_kept_can_go_when_another_has_keys() {
	chain(&[ALICE, BOB]).build_and_execute(|| {
		assert_ok!(purge(&BOB));
		offence(&[ALICE], 100, 0);
		assert_noop!(purge(&ALICE), filtered());
		set_keys(&BOB, 1);
		assert_ok!(purge(&ALICE));
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![BOB]);
	});
}

#[test]
fn the_last_keys_cannot_be_moved_to_an_account_that_is_no_member() {
	chain(&[ALICE]).build_and_execute(|| {
		assert_noop!(purge(&ALICE), filtered());
		assert_noop!(
			<Session as SessionInterface>::set_keys(&BOB, keys(&ALICE, 0)),
			pallet_session::Error::<Test>::DuplicatedKey
		);
		// Other keys of the same account are no danger.
		set_keys(&ALICE, 1);
		assert_noop!(purge(&ALICE), filtered());
		next_session();
		next_session();
		assert_eq!(Session::queued_keys(), vec![(ALICE, keys(&ALICE, 1))]);
	});
}

#[test]
fn who_is_no_member_waits_as_long_as_the_last_member_does() {
	chain(&[ALICE, BOB]).build_and_execute(|| {
		set_keys(&CHARLIE, 0);
		assert_ok!(purge(&BOB));
		assert_noop!(purge(&CHARLIE), filtered());
		set_keys(&BOB, 1);
		assert_ok!(purge(&CHARLIE));
	});
}

#[test]
fn nothing_else_is_refused() {
	chain(&[ALICE]).build_and_execute(|| {
		let call = RuntimeCall::from(frame_system::Call::remark { remark: vec![] });
		assert_ok!(call.dispatch(RuntimeOrigin::signed(ALICE)));
	});
}

/// Why the filter is needed: neither a set without accounts nor the word that nothing has changed
/// would keep anybody in the session that is planned.
#[test]
fn keys_that_are_gone_all_the_same_leave_a_session_without_authors() {
	chain(&[ALICE, BOB]).build().execute_with(|| {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(ALICE)));
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(BOB)));
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, BOB]);
		assert_eq!(planned(), vec![]);
		next_session();
		assert_eq!(Validators::validators(), vec![]);
	});
}

#[test]
fn whatever_the_order_somebody_is_planned() {
	use proptest::prelude::*;

	#[derive(Clone, Debug)]
	enum Step {
		Purge(usize),
		SetKeys(usize, u64),
		Offence(usize),
		Admit(usize),
		Dismiss(usize),
		Session,
	}

	let step = prop_oneof![
		3 => (0..ALL.len()).prop_map(Step::Purge),
		1 => (0..ALL.len(), 0u64..3).prop_map(|(who, version)| Step::SetKeys(who, version)),
		1 => (0..ALL.len()).prop_map(Step::Offence),
		1 => (0..ALL.len()).prop_map(Step::Admit),
		1 => (0..ALL.len()).prop_map(Step::Dismiss),
		2 => Just(Step::Session),
	];
	let steps = prop::collection::vec(step, 1..60);
	proptest!(ProptestConfig::with_cases(64), |(founders in 1..=ALL.len(), steps in steps)| {
		chain(&ALL[..founders]).build_and_execute(|| {
			for step in &steps {
				let root = RuntimeOrigin::root();
				match step {
					// Each of these three may be refused.
					Step::Purge(who) => {
						let _ = purge(&ALL[*who]);
					},
					Step::Admit(who) => {
						let _ = Validators::admit(root, ALL[*who].clone());
					},
					Step::Dismiss(who) => {
						let _ = Validators::dismiss(root, ALL[*who].clone());
					},
					Step::SetKeys(who, version) => set_keys(&ALL[*who], *version),
					Step::Offence(who) => offence(&[ALL[*who].clone()], 100, Session::current_index()),
					Step::Session => next_session(),
				}
				Validators::do_try_state().expect("the invariants hold");
				assert!(!planned().is_empty());
				assert!(!Validators::validators().is_empty());
			}
		});
	});
}
