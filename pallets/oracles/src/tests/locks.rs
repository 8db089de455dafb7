//! The ring of locks by itself.

use super::*;
use crate::locks::{lock_amount, lock_end, BUCKETS, MAX_LOCKS};
use proptest::prelude::*;

/// Seven days of three seconds each.
const WEEK: BlockNumber = 201_600;

#[test]
fn a_lock_ends_a_window_after_its_bucket() {
	// Buckets of 6,300 blocks.
	assert_eq!(lock_end(0, WEEK), WEEK + 6_300);
	assert_eq!(lock_end(6_299, WEEK), WEEK + 6_300);
	assert_eq!(lock_end(6_300, WEEK), WEEK + 12_600);
	assert_eq!(lock_end(BlockNumber::MAX, WEEK), BlockNumber::MAX);
	// A window too short to be cut has buckets of a block.
	assert_eq!(lock_end(5, 1), 7);
}

#[test]
fn what_is_locked_is_rounded_up() {
	assert_eq!(lock_amount(0, 1_500_000), Some(0));
	assert_eq!(lock_amount(1, 1_500_000), Some(2));
	assert_eq!(lock_amount(2, 1_500_000), Some(3));
	assert_eq!(lock_amount(400 * UFR, 1_500_000), Some(600 * UFR));
	assert_eq!(lock_amount(Balance::MAX / 3 * 2, 1_500_000), Some(Balance::MAX));
	assert_eq!(lock_amount(Balance::MAX / 3 * 2 + 1, 1_500_000), None);
}

#[test]
fn locks_of_a_bucket_are_one_lock() {
	let mut ring = LockRing::default();
	ring.add(10, 1);
	ring.add(10, 2);
	ring.add(20, 4);
	let locks: Vec<_> = ring.iter().cloned().collect();
	assert_eq!(locks, [Lock { until: 10, amount: 3 }, Lock { until: 20, amount: 4 }]);
	assert_eq!((ring.locked(9), ring.locked(10), ring.locked(20)), (7, 4, 0));
}

#[test]
fn what_is_taken_is_of_one_bucket_and_no_more_than_it_has() {
	let mut ring = LockRing::default();
	ring.add(10, 3);
	ring.add(20, 4);
	assert_eq!((ring.take(10, 1), ring.locked_until(10)), (1, 2));
	assert_eq!((ring.take(10, 9), ring.locked_until(10)), (2, 0));
	assert_eq!((ring.take(10, 1), ring.take(15, 1)), (0, 0));
	assert_eq!(ring.iter().cloned().collect::<Vec<_>>(), [Lock { until: 20, amount: 4 }]);
}

#[test]
fn what_is_kept_is_locked_for_ever() {
	let mut ring = LockRing::default();
	ring.add(10, 3);
	ring.add_kept(4);
	ring.add_kept(1);
	assert_eq!((ring.locked(9), ring.locked(10), ring.locked(BlockNumber::MAX)), (8, 5, 5));
	ring.drop_expired(10);
	assert_eq!((ring.kept(), ring.take_kept(2), ring.kept()), (5, 2, 3));
	assert_eq!((ring.take_kept(9), ring.take_kept(9), ring.locked(10)), (3, 0, 0));
}

#[test]
fn a_lock_that_returns_takes_its_old_place() {
	let mut ring = LockRing::default();
	[10, 30, 20, 40, 20, 5].into_iter().for_each(|until| ring.add(until, 1));
	let locks: Vec<_> = ring.iter().map(|lock| (lock.until, lock.amount)).collect();
	assert_eq!(locks, [(5, 1), (10, 1), (20, 2), (30, 1), (40, 1)]);
}

#[test]
fn a_full_ring_locks_longer_rather_than_not_at_all() {
	let mut ring = LockRing::default();
	(1..=MAX_LOCKS).for_each(|until| ring.add(100 * until, 1));
	// After the window was made shorter: between two of those that stand, and after all of them.
	ring.add(150, 5);
	assert_eq!(ring.iter().count(), MAX_LOCKS as usize);
	assert_eq!(ring.locked(100 * MAX_LOCKS - 1), 6);
	ring.add(100 * MAX_LOCKS + 1, 7);
	assert_eq!(ring.locked(100 * MAX_LOCKS), 13);
	assert_eq!(ring.locked(100 * MAX_LOCKS + 1), 0);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	/// However often something is locked: the ring always has room, nothing is released within the
	/// window, and everything is released within a bucket after it.
	#[test]
	fn locks_last_the_window_and_at_most_a_bucket_more(
		window in prop_oneof![1..100u32, Just(WEEK)],
		steps in proptest::collection::vec((0..20u32, 1..1_000u128), 1..300),
	) {
		let bucket = window.div_ceil(BUCKETS);
		// Steps of about a third of a bucket, so that rings fill.
		let scale = (bucket / 30).max(1);
		let mut ring = LockRing::default();
		let mut made = Vec::new();
		let mut now = 0;
		for (pause, amount) in steps {
			now += pause * scale;
			ring.drop_expired(now);
			ring.add(lock_end(now, window), amount);
			made.push((now, amount));

			for later in [now, now + window / 2, now + window, now + window + bucket] {
				let sum = |older_than: BlockNumber| -> Balance {
					made.iter().filter(|(at, _)| at + older_than >= later).map(|lock| lock.1).sum()
				};
				prop_assert!(ring.locked(later) >= sum(window));
				prop_assert!(ring.locked(later) <= sum(window + bucket));
			}
			prop_assert!(ring.locked(now + window + bucket + 1) == 0);
		}
	}
}
