use super::*;
use usufruct_primitives::traits::Models as _;

#[test]
fn closes_one_version_and_leaves_the_others_open() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		assert_ok!(NewVersion::of(model, 0).add());
		assert_ok!(NewVersion::of(model, 1).add());
		let before = held(&ADA);

		assert_ok!(Models::deprecate(signed(ADA), 0));
		System::assert_last_event(Event::VersionDeprecated { version: 0 }.into());
		assert!(!Models::version(0).unwrap().open);
		assert!(Models::version(1).unwrap().open);
		assert_eq!(Models::model(model).unwrap().versions, 2);
		assert_eq!(Models::model(model).unwrap().open_versions, 1);
		// The record stays, and so does the deposit.
		assert_eq!(held(&ADA), before);
	});
}

#[test]
fn a_deprecated_version_still_earns_and_pays() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_ok!(Models::deprecate(signed(ADA), version));
		assert!(!Models::is_open(0));
		earn(version, UFR);
		assert_ok!(Models::claim_revenue(signed(ADA), version, 1));
		assert_eq!(free(&BEN), ENDOWMENT + 3 * UFR / 10);
	});
}

#[test]
fn only_the_owner_deprecates() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_noop!(Models::deprecate(signed(BEN), version), Error::<Test>::NotOwner);
		assert_noop!(Models::deprecate(RuntimeOrigin::root(), version), DispatchError::BadOrigin);
	});
}

#[test]
fn the_version_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Models::deprecate(signed(ADA), 0), Error::<Test>::UnknownVersion);
	});
}

#[test]
fn a_second_time_is_an_error() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_ok!(Models::deprecate(signed(ADA), version));
		assert_noop!(Models::deprecate(signed(ADA), version), Error::<Test>::AlreadyDeprecated);
	});
}
