//! The parts of a bond that stand for recent settlements.
//!
//! A settlement in block n locks part of the bond for the challenge window. Time is cut into buckets
//! of a thirty-second of the window; what is locked within a bucket is kept as one [`Lock`], which ends
//! a whole window after the bucket's end. So every lock lasts the window and up to a bucket more, an
//! oracle never has more than [`MAX_LOCKS`] of them, and locking costs the same however much it
//! settles. [`lock_end`] finds the lock of a settlement again from the block it was settled in.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
use usufruct_primitives::{Balance, BlockNumber, PPM};

/// Into how many buckets the challenge window is cut.
pub const BUCKETS: u32 = 32;
/// Most locks that can be live: those of the buckets within a window, and the bucket of now.
pub const MAX_LOCKS: u32 = BUCKETS + 1;

/// What was locked within one bucket of time.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug,
)]
pub struct Lock {
	/// The first block in which it no longer holds.
	pub until: BlockNumber,
	/// How much, in planck.
	pub amount: Balance,
}

/// All locks of an oracle, the oldest first. Expired ones may still stand in it; they count for
/// nothing.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Clone,
	PartialEq,
	Eq,
	Debug,
	Default,
)]
pub struct LockRing(BoundedVec<Lock, ConstU32<MAX_LOCKS>>);

/// When a lock made in block `now` ends, with a challenge window of `window` blocks: a window after
/// the end of the bucket.
pub fn lock_end(now: BlockNumber, window: BlockNumber) -> BlockNumber {
	let bucket = window.div_ceil(BUCKETS).max(1);
	(now / bucket).saturating_add(1).saturating_mul(bucket).saturating_add(window)
}

/// What is locked for `settled` planck at `ratio` parts per million, rounded up; `None` if that is no
/// `u128`.
pub fn lock_amount(settled: Balance, ratio: u32) -> Option<Balance> {
	multiply_by_rational_with_rounding(settled, ratio.into(), PPM.into(), Rounding::Up)
}

impl LockRing {
	/// What is locked in block `now`, in planck.
	pub fn locked(&self, now: BlockNumber) -> Balance {
		self.0
			.iter()
			.filter(|lock| now < lock.until)
			.fold(0, |sum, lock| sum.saturating_add(lock.amount))
	}

	/// Forgets what no longer holds in block `now`.
	pub fn drop_expired(&mut self, now: BlockNumber) {
		self.0.retain(|lock| now < lock.until);
	}

	/// Locks `amount` until block `until`. Expired locks must have been dropped.
	pub fn add(&mut self, until: BlockNumber, amount: Balance) {
		if let Some(lock) = self.0.iter_mut().find(|lock| lock.until == until) {
			lock.amount = lock.amount.saturating_add(amount);
		} else if self.0.try_push(Lock { until, amount }).is_err() {
			// The ring is full only if the window was made shorter since. The newest lock then takes
			// it in and lasts long enough for both.
			if let Some(lock) = self.0.last_mut() {
				lock.amount = lock.amount.saturating_add(amount);
				lock.until = lock.until.max(until);
			}
		}
	}

	/// The locks, expired ones included, the oldest first.
	pub fn iter(&self) -> impl Iterator<Item = &Lock> {
		self.0.iter()
	}
}
