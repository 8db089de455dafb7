use super::*;
use proptest::{collection::vec, prelude::*};
use usufruct_primitives::{traits::Models as _, VersionId};

/// The present and the previous floor.
fn floors(version: VersionId) -> (Balance, Balance) {
	let floor = Models::floor(version).expect("there is such a version");
	let terms = Models::terms(version).expect("there is such a version");
	assert_eq!(terms.floor_price, floor.present);
	(floor.present, floor.previous)
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
		let before = Floor { rise, ..Floor::new(FLOOR) };
		assert_eq!(Models::floor(version), Some(before));
		pass(FLOOR_NOTICE - 1);
		assert_eq!(floors(version), (FLOOR, FLOOR));
		pass(1);
		assert_eq!(floors(version), (2 * FLOOR, FLOOR));
		let risen = Floor {
			present: 2 * FLOOR,
			previous: FLOOR,
			since: from,
			before: FLOOR,
			before_since: 0,
			rise: None,
		};
		assert_eq!(Models::floor(version), Some(risen));
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
fn what_was_settled_is_judged_by_the_floors_of_its_time() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let judging = |settled_at| Models::judging_floor(version, settled_at);
		let rise = |price| {
			assert_ok!(announce(version, price));
			pass(FLOOR_NOTICE);
			System::block_number()
		};
		let first = rise(10 * FLOOR);
		// The last block before it holds is none in which a unit may cost nothing.
		assert_eq!([0, first - 1, first].map(judging), [FLOOR; 3]);
		// What was agreed before it is honest after the next one still, if it was settled before that. Of
		// three times the first is forgotten.
		let second = rise(20 * FLOOR);
		let expected = [0, 0, FLOOR, FLOOR, 10 * FLOOR];
		assert_eq!([0, first - 1, first, second - 1, second].map(judging), expected);
		let third = rise(30 * FLOOR);
		let expected = [0, 0, 10 * FLOOR, 10 * FLOOR, 20 * FLOOR];
		assert_eq!([0, second - 1, second, third - 1, third].map(judging), expected);
	});
}

#[test]
fn two_rises_by_a_planck_make_no_fraud_of_what_was_honest() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		let before = System::block_number();
		let mut between = 0;
		for price in [FLOOR + 1, FLOOR + 2] {
			assert_ok!(announce(version, price));
			between = System::block_number();
			pass(FLOOR_NOTICE);
		}
		assert_eq!(floors(version), (FLOOR + 2, FLOOR + 1));
		let judging = [before, between].map(|at| Models::judging_floor(version, at));
		assert_eq!(judging, [0, FLOOR]);
		// A fall is no rise, and neither is one that is taken back.
		let since = System::block_number();
		pass(1);
		assert_ok!(announce(version, FLOOR / 2));
		assert_ok!(announce(version, 9 * FLOOR));
		assert_ok!(announce(version, FLOOR / 2));
		pass(FLOOR_NOTICE);
		assert_eq!(floors(version), (FLOOR / 2, FLOOR + 1));
		let judging = [between, since].map(|at| Models::judging_floor(version, at));
		assert_eq!(judging, [FLOOR, FLOOR / 2]);
	});
}

proptest! {
	#[test]
	fn judges_as_who_remembers_every_floor(
		steps in vec((1..6u128, 0..2 * FLOOR_NOTICE), 1..40),
	) {
		let (mut floor, mut present, mut now): (_, Balance, BlockNumber) = (Floor::new(3), 3, 0);
		let mut rise: Option<(Balance, BlockNumber)> = None;
		// All times between rises there ever were: the first block of each, and the least that was
		// honest in it.
		let mut times = vec![(now, present)];
		let mut judged: Vec<Balance> = vec![];
		for (price, blocks) in steps {
			for _ in 0..blocks {
				now += 1;
				if let Some((to, _)) = rise.take_if(|(_, from)| *from == now) {
					times.push((now, present));
					present = to;
				}
			}
			floor = floor.announce(price, now, FLOOR_NOTICE).unwrap_or(floor);
			rise = (price > present).then_some((price, now + FLOOR_NOTICE));
			present = present.min(price);
			let last = times.last_mut().unwrap();
			last.1 = last.1.min(present);

			assert_eq!(floor.at(now).present, present);
			for settled_at in 0..=now {
				let time = times.iter().rposition(|(since, _)| *since <= settled_at).unwrap();
				let known = time + 2 >= times.len();
				let judging = floor.at(now).judging(settled_at);
				assert_eq!(judging, if known { times[time].1 } else { 0 });
				// Nothing makes fraud of what was settled.
				match judged.get_mut(settled_at as usize) {
					Some(before) => assert!(judging <= core::mem::replace(before, judging)),
					None => judged.push(judging),
				}
			}
		}
	}
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
