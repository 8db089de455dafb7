//! Locks of settlements in dispute: kept, and released.

use super::*;

#[test]
fn a_kept_lock_outlasts_the_window() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		assert_ok!(Oracles::keep(&ODA, settlement));
		assert_eq!((info(&ODA).locked, info(&ODA).kept), (600 * UFR, 600 * UFR));
		advance(10 * WINDOW);
		assert_eq!((info(&ODA).locked, info(&ODA).free), (600 * UFR, 400 * UFR));
		// It is neither to be unbonded nor to be locked for others.
		assert_noop!(Oracles::unbond(signed(ODA), MIN_BOND), Error::<Test>::BondNotFree);
		assert_eq!(
			Oracles::lock(&ODA, 400 * UFR),
			Err(LockError::BondShort { missing: 200 * UFR })
		);
		// Nothing moved.
		assert_eq!((held(&ODA), free(&ODA)), (MIN_BOND, ENDOWMENT - MIN_BOND));
	});
}

#[test]
fn only_its_own_part_of_the_bucket_is_kept() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let a = settle(&ODA, 100 * UFR);
		settle(&ODA, 200 * UFR);
		assert_ok!(Oracles::keep(&ODA, a));
		assert_eq!((info(&ODA).locked, info(&ODA).kept), (450 * UFR, 150 * UFR));
		advance(2 * WINDOW);
		assert_eq!((info(&ODA).locked, info(&ODA).kept), (150 * UFR, 150 * UFR));
	});
}

#[test]
fn a_lock_is_kept_until_its_last_block() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		System::set_block_number(WINDOW + 1);
		assert!(Oracles::is_locked(&ODA, settlement.at));
		hypothetically!({
			assert_ok!(Oracles::keep(&ODA, settlement));
		});
		System::set_block_number(WINDOW + 2);
		assert!(!Oracles::is_locked(&ODA, settlement.at));
		assert_noop!(Oracles::keep(&ODA, settlement), Error::<Test>::LockEnded);
	});
}

#[test]
fn no_more_is_kept_than_is_locked() {
	ExtBuilder.build_and_execute(|| {
		let at = System::block_number();
		let nothing = Settlement { at, accepted: UFR };
		assert_noop!(Oracles::keep(&ODA, nothing), Error::<Test>::NotLocked);
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		let more = Settlement { at, accepted: 400 * UFR + 1 };
		assert_noop!(Oracles::keep(&ODA, more), Error::<Test>::NotLocked);
		let most = Settlement { at, accepted: Balance::MAX };
		assert_noop!(Oracles::keep(&ODA, most), Error::<Test>::NotLocked);
		assert_ok!(Oracles::keep(&ODA, settlement));
		assert_noop!(Oracles::keep(&ODA, settlement), Error::<Test>::NotLocked);
		// What another bucket holds is no help.
		advance(2);
		settle(&ODA, 200 * UFR);
		assert_noop!(Oracles::keep(&ODA, settlement), Error::<Test>::NotLocked);
	});
}

#[test]
fn a_released_lock_ends_with_its_window() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 200 * UFR);
		assert_ok!(Oracles::keep(&ODA, settlement));
		advance(10);
		settle(&ODA, 100 * UFR);
		let before = Locks::<Test>::get(ODA);
		assert_ok!(Oracles::release(&ODA, settlement));
		assert_ne!(Locks::<Test>::get(ODA), before);
		assert_eq!((info(&ODA).locked, info(&ODA).kept), (450 * UFR, 0));
		// As if it had never been kept; it could be again.
		hypothetically!({
			assert_ok!(Oracles::keep(&ODA, settlement));
		});
		System::set_block_number(WINDOW + 1);
		assert_eq!(info(&ODA).locked, 450 * UFR);
		System::set_block_number(WINDOW + 2);
		assert_eq!(info(&ODA).locked, 150 * UFR);
	});
}

#[test]
fn a_lock_released_after_its_window_is_free() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		assert_ok!(Oracles::keep(&ODA, settlement));
		System::set_block_number(WINDOW + 2);
		assert_ok!(Oracles::release(&ODA, settlement));
		assert_eq!((info(&ODA).locked, info(&ODA).free), (0, MIN_BOND));
		assert_eq!(Locks::<Test>::get(ODA).iter().count(), 0);
	});
}

#[test]
fn no_more_is_released_than_is_kept() {
	ExtBuilder.build_and_execute(|| {
		let at = System::block_number();
		let nothing = Settlement { at, accepted: UFR };
		assert_noop!(Oracles::release(&ODA, nothing), Error::<Test>::NotKept);
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		assert_noop!(Oracles::release(&ODA, settlement), Error::<Test>::NotKept);
		assert_ok!(Oracles::keep(&ODA, settlement));
		let more = Settlement { at, accepted: 400 * UFR + 1 };
		assert_noop!(Oracles::release(&ODA, more), Error::<Test>::NotKept);
		assert_ok!(Oracles::release(&ODA, settlement));
		assert_noop!(Oracles::release(&ODA, settlement), Error::<Test>::NotKept);
	});
}

#[test]
fn a_settlement_of_nothing_keeps_nothing() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 0);
		assert_ok!(Oracles::keep(&ODA, settlement));
		assert_ok!(Oracles::release(&ODA, settlement));
		assert!(!Locks::<Test>::contains_key(ODA));
	});
}

#[test]
fn all_locks_of_a_window_return_to_their_places() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		// One in each of the 33 buckets that can be live.
		let settlements: Vec<_> = (0..=32)
			.map(|bucket| {
				System::set_block_number(2 * bucket + 1);
				settle(&ODA, 2 * UFR)
			})
			.collect();
		let full = Locks::<Test>::get(ODA);
		assert_eq!(full.iter().count(), 33);
		settlements.iter().for_each(|settlement| {
			assert_ok!(Oracles::keep(&ODA, *settlement));
		});
		assert_eq!(info(&ODA).kept, 99 * UFR);
		assert_eq!(Locks::<Test>::get(ODA).iter().count(), 0);
		settlements.iter().rev().for_each(|settlement| {
			assert_ok!(Oracles::release(&ODA, *settlement));
		});
		assert_eq!(Locks::<Test>::get(ODA), full);
	});
}
