use super::*;
use usufruct_primitives::{traits::Models as _, VersionId};

/// The present and the previous floor, as other pallets see them.
fn floors(version: VersionId) -> (Balance, Balance) {
	let terms = Models::terms(version).expect("there is such a version");
	(terms.floor_price, terms.previous_floor)
}

fn announce(version: VersionId, price: Balance) -> sp_runtime::DispatchResult {
	Models::announce_floor(signed(ADA), version, price)
}

#[test]
fn a_rise_holds_after_notice_and_by_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_eq!(floors(version), (FLOOR, FLOOR));
		let from = System::block_number() + FLOOR_NOTICE;
		assert_ok!(announce(version, 2 * FLOOR));
		System::assert_last_event(
			Event::FloorAnnounced { version, old: FLOOR, price: 2 * FLOOR, from }.into(),
		);
		let rise = Some(Rise { price: 2 * FLOOR, from });
		let before = Floor { present: FLOOR, previous: FLOOR, since: 0, rise };
		assert_eq!(Models::floor(version), Some(before));
		pass(FLOOR_NOTICE - 1);
		assert_eq!(floors(version), (FLOOR, FLOOR));
		pass(1);
		assert_eq!(floors(version), (2 * FLOOR, FLOOR));
		assert_eq!(
			Models::floor(version),
			Some(Floor { present: 2 * FLOOR, previous: FLOOR, since: from, rise: None })
		);
	});
}

#[test]
fn a_fall_holds_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let from = System::block_number();
		assert_ok!(announce(version, 0));
		System::assert_last_event(
			Event::FloorAnnounced { version, old: FLOOR, price: 0, from }.into(),
		);
		assert_eq!(floors(version), (0, FLOOR));
	});
}

#[test]
fn one_announcement_takes_the_place_of_another() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_ok!(announce(version, 2 * FLOOR));
		pass(FLOOR_NOTICE - 1);
		// The notice begins anew.
		assert_ok!(announce(version, 3 * FLOOR));
		pass(FLOOR_NOTICE - 1);
		assert_eq!(floors(version), (FLOOR, FLOOR));
		// The present floor takes the rise back.
		assert_ok!(announce(version, FLOOR));
		pass(FLOOR_NOTICE);
		assert_eq!(floors(version), (FLOOR, FLOOR));
		// And so does a fall.
		assert_ok!(announce(version, 2 * FLOOR));
		assert_ok!(announce(version, FLOOR / 2));
		pass(FLOOR_NOTICE);
		assert_eq!(floors(version), (FLOOR / 2, FLOOR));
	});
}

#[test]
fn a_second_rise_counts_from_the_first() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_ok!(announce(version, 2 * FLOOR));
		pass(FLOOR_NOTICE);
		assert_ok!(announce(version, 3 * FLOOR));
		assert_eq!(floors(version), (2 * FLOOR, FLOOR));
		pass(FLOOR_NOTICE);
		assert_eq!(floors(version), (3 * FLOOR, 2 * FLOOR));
	});
}

#[test]
fn what_was_settled_before_the_last_rise_is_judged_by_no_floor() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let since = || Models::terms(version).expect("there is such a version").floor_since;
		let first = System::block_number() + FLOOR_NOTICE;
		assert_ok!(announce(version, FLOOR + 1));
		pass(FLOOR_NOTICE - 1);
		assert_eq!(since(), 0);
		pass(1);
		assert_eq!(since(), first);
		// Another one by a planck, that pushes the first floor out.
		assert_ok!(announce(version, FLOOR + 2));
		assert_eq!(since(), first);
		pass(FLOOR_NOTICE);
		assert_eq!(floors(version), (FLOOR + 2, FLOOR + 1));
		assert_eq!(since(), first + FLOOR_NOTICE);
		// A fall is no rise, and neither is one that is taken back.
		pass(1);
		assert_ok!(announce(version, FLOOR));
		assert_ok!(announce(version, 9 * FLOOR));
		assert_ok!(announce(version, FLOOR));
		pass(FLOOR_NOTICE);
		assert_eq!((floors(version), since()), ((FLOOR, FLOOR + 1), first + FLOOR_NOTICE));
	});
}

#[test]
fn an_owner_cannot_make_fraud_of_what_was_agreed_before_a_rise() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_ok!(announce(version, 10 * FLOOR));
		pass(FLOOR_NOTICE);
		// In the block the rise holds from, two falls to push what was before it out of memory.
		assert_ok!(announce(version, 9 * FLOOR));
		assert_ok!(announce(version, 8 * FLOOR));
		assert_eq!(floors(version), (8 * FLOOR, FLOOR));
	});
}

#[test]
fn the_present_floor_needs_no_announcement() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_noop!(announce(version, FLOOR), Error::<Test>::FloorUnchanged);
		assert_ok!(announce(version, 2 * FLOOR));
		pass(FLOOR_NOTICE);
		assert_noop!(announce(version, 2 * FLOOR), Error::<Test>::FloorUnchanged);
	});
}

#[test]
fn the_last_block_there_is_is_late_enough() {
	let floor = Floor::new(1).announce(2, u32::MAX - 1, 7).unwrap();
	assert_eq!(floor.rise, Some(Rise { price: 2, from: u32::MAX }));
}

#[test]
fn only_the_owner_announces() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(announce(0, 1), Error::<Test>::UnknownVersion);
		let version = new_version(three_rows());
		assert_noop!(Models::announce_floor(signed(BEN), version, 1), Error::<Test>::NotOwner);
		assert_noop!(
			Models::announce_floor(RuntimeOrigin::root(), version, 1),
			DispatchError::BadOrigin
		);
	});
}
