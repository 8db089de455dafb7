//! What other pallets and readers see.

use super::*;
use usufruct_primitives::{
	traits::{self, Models as _, VersionTerms},
	Meter,
};

#[test]
fn terms_are_those_of_the_version() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!((Models::terms(0), Models::judging_floor(0, 0)), (None, 0));
		let version = new_version(three_rows());
		let terms =
			VersionTerms { model: 0, meter: Meter::Request, floor_price: FLOOR, open: true };
		assert_eq!(Models::terms(version), Some(terms));
		assert_ok!(Models::deprecate(signed(ADA), version, None));
		assert_eq!(Models::terms(version), Some(VersionTerms { open: false, ..terms }));
	});
}

#[test]
fn a_model_is_open_while_one_of_its_versions_is() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(!Models::is_open(0));
		let model = new_model();
		assert!(!Models::is_open(model));
		assert_ok!(NewVersion::of(model, 0).add());
		assert_ok!(NewVersion::of(model, 1).add());
		assert!(Models::is_open(model));
		assert_ok!(Models::deprecate(signed(ADA), 1, None));
		assert!(Models::is_open(model));
		assert_ok!(Models::deprecate(signed(ADA), 0, None));
		assert!(!Models::is_open(model));
	});
}

#[test]
fn a_model_is_open_until_the_last_of_its_versions_closes() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		for manifest in 0..3 {
			assert_ok!(NewVersion::of(model, manifest).add());
		}
		pass(CONTEST_WINDOW);
		// In another order than they close.
		for (version, blocks) in [(0, 5), (1, 9), (2, 2)] {
			assert_ok!(Models::deprecate(
				signed(ADA),
				version,
				Some(System::block_number() + blocks)
			));
		}
		pass(8);
		assert!(Models::is_open(model));
		assert!(Models::terms(1).unwrap().open);
		assert!(!Models::terms(0).unwrap().open);
		pass(1);
		assert!(!Models::is_open(model));
		assert!(!Models::terms(1).unwrap().open);
		// A new version opens it again.
		assert_ok!(NewVersion::of(model, 3).add());
		assert!(Models::is_open(model));
	});
}

#[test]
fn the_owner_of_a_model_is_known() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(<Models as traits::Models<_>>::owner(0), None);
		let model = new_model();
		assert_eq!(<Models as traits::Models<_>>::owner(model), Some(ADA));
	});
}

#[test]
fn a_credit_adds_to_the_lifetime_revenue() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, 100);
		System::assert_last_event(Event::RevenueCredited { version, amount: 100 }.into());
		earn(version, 50);
		assert_eq!(Revenue::<Test>::get(version), Some(150));
		assert_eq!(Models::revenue_due(version, 0), 90);
	});
}

#[test]
fn a_credit_of_nothing_says_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		System::reset_events();
		assert_ok!(Models::credit(version, 0));
		assert!(System::events().is_empty());
		assert_eq!(Revenue::<Test>::get(version), Some(0));
	});
}

#[test]
fn a_credit_needs_its_version_and_room() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Models::credit(0, 1), Error::<Test>::UnknownVersion);
		assert_noop!(Models::credit(0, 0), Error::<Test>::UnknownVersion);
		let version = new_version(three_rows());
		earn(version, 1);
		assert_noop!(Models::credit(version, Balance::MAX), ArithmeticError::Overflow);
	});
}

#[test]
fn views_of_what_is_not_there_are_empty() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Models::model(0), None);
		assert_eq!(Models::version(0), None);
		assert_eq!(Models::contributors(0), vec![]);
		assert_eq!(Models::floor(0), None);
		assert_eq!(Models::revenue_due(0, 0), 0);
		assert_eq!(Models::royalty_due(0, 0), 0);
		assert!(!Models::accepted(0, 0));
		assert_eq!((Models::parents(0), Models::ancestors(0)), (vec![], vec![]));
		assert_eq!((Models::open_contest(0, BEN), Models::open_contests(0)), (None, 0));
		assert_eq!(Models::bars(ADA), 0);
		let version = new_version(three_rows());
		earn(version, UFR);
		assert_eq!(Models::revenue_due(version, 3), 0);
		assert_eq!(Models::royalty_due(version, 0), 0);
		assert!(!Models::accepted(version, 3));
	});
}

#[test]
fn the_account_is_the_pot() {
	assert_eq!(<Models as usufruct_primitives::traits::Models<_>>::account(), Models::pot());
}
