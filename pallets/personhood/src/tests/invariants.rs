//! That the checks see what they are for.

use super::{trial::*, *};
use crate::{Cases, Docket, Nullifiers, People, Priors, Recoveries, ReservedFor, Seeds, Verifiers};

/// Spoils the state of a chain with a dispute and a recovery, and expects that to be found.
#[track_caller]
fn found(name: &str, spoil: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		town();
		let id = challenge();
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), id));
		resolved(id, 0, 15);
		rest();
		challenge_for(crate::dispute::Reason::Deceased, [1; 32]);
		assert_ok!(Application::recover(0, BOB, 1, &[0, 2]).submit());
		check_state();
		spoil();
		let found = Personhood::do_try_state().expect_err("it is not found");
		let sp_runtime::TryRuntimeError::Other(found) = found else { panic!("{found:?}") };
		assert!(found.starts_with(name), "{found}");
	});
}

/// The one that is open.
const OPEN: u32 = 1;

#[test]
fn a_nullifier_of_nobody() {
	found("I9", || Nullifiers::<Test>::insert(2, [9; 32], 0));
}

#[test]
fn an_account_reserved_for_nothing() {
	found("I15", || ReservedFor::<Test>::insert(CHARLIE.to_account_id(), 0));
}

#[test]
fn a_recovery_without_its_account() {
	found("I15", || ReservedFor::<Test>::remove(BOB.to_account_id()));
}

#[test]
fn a_recovery_of_nobody() {
	found("I15", || {
		let recovery = Recoveries::<Test>::get(0).unwrap();
		Recoveries::<Test>::insert(99, recovery);
	});
}

#[test]
fn somebody_frozen_by_nothing() {
	found("I16", || {
		People::<Test>::mutate(3, |person| person.as_mut().unwrap().frozen_by = Some(OPEN))
	});
}

#[test]
fn a_case_that_freezes_nobody() {
	found("I16", || People::<Test>::mutate(0, |person| person.as_mut().unwrap().frozen_by = None));
}

#[test]
fn a_jury_too_soon() {
	found("I17", || {
		Cases::<Test>::mutate(OPEN, |case| {
			let seat = crate::jury::Seat { person: 3, vote: None };
			case.as_mut().unwrap().jury.try_push(seat).unwrap();
		})
	});
}

#[test]
fn a_dispute_its_verifiers_do_not_count() {
	found("I18", || Verifiers::<Test>::mutate(1, |record| record.as_mut().unwrap().open_cases = 0));
}

#[test]
fn disputes_remembered_about_nobody() {
	found("I19", || Priors::<Test>::insert(99, Priors::<Test>::get(0)));
}

#[test]
fn a_seed_for_nobody() {
	found("I20", || {
		Seeds::<Test>::insert(77, crate::jury::Seed { value: Default::default(), waiting: 1 })
	});
}

#[test]
fn a_case_that_nobody_gives_a_seed() {
	found("I20", Docket::<Test>::kill);
}

#[test]
fn a_bond_that_is_not_there() {
	found("I21", || Verifiers::<Test>::mutate(1, |record| record.as_mut().unwrap().bond += 1));
	found("I21", || Cases::<Test>::mutate(OPEN, |case| case.as_mut().unwrap().bond -= 1));
}
