use super::*;
use usufruct_primitives::traits::Models as _;

#[test]
fn closes_one_version_and_leaves_the_others_open() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		assert_ok!(NewVersion::of(model, 0).add());
		assert_ok!(NewVersion::of(model, 1).add());
		let before = held(&ADA);

		assert_ok!(Models::deprecate(signed(ADA), 0, None));
		System::assert_last_event(Event::VersionDeprecated { version: 0, closes: 1 }.into());
		assert!(!Models::terms(0).unwrap().open);
		assert!(Models::terms(1).unwrap().open);
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
		assert_ok!(Models::deprecate(signed(ADA), version, None));
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
		assert_noop!(Models::deprecate(signed(BEN), version, None), Error::<Test>::NotOwner);
		assert_noop!(
			Models::deprecate(RuntimeOrigin::root(), version, None),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn the_version_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Models::deprecate(signed(ADA), 0, None), Error::<Test>::UnknownVersion);
	});
}

#[test]
fn a_second_time_is_an_error() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_ok!(Models::deprecate(signed(ADA), version, None));
		assert_noop!(
			Models::deprecate(signed(ADA), version, None),
			Error::<Test>::AlreadyDeprecated
		);
	});
}

#[test]
fn a_block_to_come_closes_it_by_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let closes = System::block_number() + 10;
		assert_ok!(Models::deprecate(signed(ADA), version, Some(closes)));
		System::assert_last_event(Event::VersionDeprecated { version, closes }.into());
		pass(9);
		assert!(Models::terms(version).unwrap().open);
		pass(1);
		assert!(!Models::terms(version).unwrap().open);
		assert!(!Models::is_open(0));
	});
}

#[test]
fn what_was_announced_is_neither_undone_nor_moved() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let now = System::block_number();
		assert_ok!(Models::deprecate(signed(ADA), version, Some(now + 10)));
		for at in [None, Some(now + 5), Some(now + 20)] {
			assert_noop!(
				Models::deprecate(signed(ADA), version, at),
				Error::<Test>::AlreadyDeprecated
			);
		}
	});
}

#[test]
fn the_block_must_be_in_the_future() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let now = System::block_number();
		for at in [0, now] {
			assert_noop!(
				Models::deprecate(signed(ADA), version, Some(at)),
				Error::<Test>::ClosesInPast
			);
		}
	});
}

#[test]
fn within_the_contest_window_it_closes_at_once_or_not_at_all() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		pass(CONTEST_WINDOW - 1);
		let at = Some(System::block_number() + 100);
		assert_noop!(Models::deprecate(signed(ADA), version, at), Error::<Test>::WindowOpen);
		hypothetically!({
			assert_ok!(Models::deprecate(signed(ADA), version, None));
		});
		pass(1);
		assert_ok!(Models::deprecate(signed(ADA), version, at));
	});
}
