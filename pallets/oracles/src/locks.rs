//! The parts of a bond that stand for recent settlements.
//!
//! A settlement in block n locks part of the bond for the challenge window. Time is cut into buckets
//! of a thirty-second of the window; what is locked within a bucket is kept as one [`Lock`], which ends
//! a whole window after the bucket's end. So every lock lasts the window and up to a bucket more, an
//! oracle never has more than [`MAX_LOCKS`] of them, and locking costs the same however much it
//! settles. [`lock_end`] finds the lock of a settlement again from the block it was settled in.
//!
//! A settlement in dispute must not lose its lock while the dispute lasts. Its part is then taken out
//! of the bucket and *kept*, in one sum with all others that are, until the dispute is over. Whoever
//! keeps, releases or slashes must do so once for each settlement, with what it settled: a bucket does
//! not know whose locks it holds.

use frame_support::{stored, traits::ConstU32, BoundedVec};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
use usufruct_primitives::{Balance, BlockNumber, PPM};

/// Into how many buckets the challenge window is cut.
pub const BUCKETS: u32 = 32;
/// Most locks that can be live: those of the buckets within a window, and the bucket of now.
pub const MAX_LOCKS: u32 = BUCKETS + 1;

/// What was locked within one bucket of time.
#[stored]
pub struct Lock {
	/// The first block in which it no longer holds.
	pub until: BlockNumber,
	/// How much, in planck.
	pub amount: Balance,
}

/// All locks of an oracle. Expired ones may still stand in it; they count for nothing.
#[stored]
#[derive(Default)]
pub struct LockRing {
	/// Those that end with time, the oldest first.
	timed: BoundedVec<Lock, ConstU32<MAX_LOCKS>>,
	/// The sum of those that are kept, in planck.
	kept: Balance,
}

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
	/// What is locked in block `now`, in planck, kept locks included.
	pub fn locked(&self, now: BlockNumber) -> Balance {
		self.timed
			.iter()
			.filter(|lock| now < lock.until)
			.fold(self.kept, |sum, lock| sum.saturating_add(lock.amount))
	}

	/// What is kept, in planck.
	pub fn kept(&self) -> Balance {
		self.kept
	}

	/// Forgets what no longer holds in block `now`.
	pub fn drop_expired(&mut self, now: BlockNumber) {
		self.timed.retain(|lock| now < lock.until);
	}

	/// Locks `amount` until block `until`. Expired locks must have been dropped.
	pub fn add(&mut self, until: BlockNumber, amount: Balance) {
		// A released lock may go before others.
		match self.timed.binary_search_by_key(&until, |lock| lock.until) {
			Ok(place) => {
				if let Some(lock) = self.timed.get_mut(place) {
					lock.amount = lock.amount.saturating_add(amount);
				}
			},
			Err(place) => {
				if self.timed.try_insert(place, Lock { until, amount }).is_err() {
					// The ring is full only if the window was made shorter since. The newest lock then
					// takes it in and lasts long enough for both.
					if let Some(lock) = self.timed.last_mut() {
						lock.amount = lock.amount.saturating_add(amount);
						lock.until = lock.until.max(until);
					}
				}
			},
		}
	}

	/// What is locked until block `until`, in planck.
	pub fn locked_until(&self, until: BlockNumber) -> Balance {
		self.timed.iter().find(|lock| lock.until == until).map_or(0, |lock| lock.amount)
	}

	/// Takes `amount` out of what is locked until block `until`, or what there is; returns it.
	pub fn take(&mut self, until: BlockNumber, amount: Balance) -> Balance {
		let taken = amount.min(self.locked_until(until));
		for lock in self.timed.iter_mut().filter(|lock| lock.until == until) {
			lock.amount = lock.amount.saturating_sub(taken);
		}
		self.timed.retain(|lock| lock.amount > 0);
		taken
	}

	/// Locks `amount` until it is taken by [`LockRing::take_kept`].
	pub fn add_kept(&mut self, amount: Balance) {
		self.kept = self.kept.saturating_add(amount);
	}

	/// Takes `amount` out of what is kept, or what there is; returns it.
	pub fn take_kept(&mut self, amount: Balance) -> Balance {
		let taken = amount.min(self.kept);
		self.kept = self.kept.saturating_sub(taken);
		taken
	}

	/// The locks that end with time, expired ones included, the oldest first.
	pub fn iter(&self) -> impl Iterator<Item = &Lock> {
		self.timed.iter()
	}
}
