//! How often something may be tried: buckets that fill again with time.

use crate::sync::lock;
use std::{
	collections::HashMap,
	hash::Hash,
	sync::Mutex,
	time::{Duration, Instant},
};

/// Who is counted one by one, if nothing else is said; beyond that everybody new is counted together.
const MOST: usize = 10_000;

/// Tries for each of many.
#[derive(Debug)]
pub struct Limiter<K> {
	/// How many at once.
	burst: u32,
	/// How long until there is one more.
	refill: Duration,
	/// Who is counted one by one.
	most: usize,
	buckets: Mutex<HashMap<Option<K>, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
	left: u32,
	/// Since when it fills.
	since: Instant,
}

impl Bucket {
	fn refilled(self, burst: u32, refill: Duration, now: Instant) -> Self {
		let passed = now.saturating_duration_since(self.since);
		let more = u32::try_from(passed.as_nanos() / refill.as_nanos().max(1)).unwrap_or(u32::MAX);
		match self.left.saturating_add(more) {
			left if left >= burst => Self { left: burst, since: now },
			left => Self { left, since: self.since + refill.saturating_mul(more) },
		}
	}
}

impl<K: Eq + Hash> Limiter<K> {
	/// So many at once, and one more after each `refill`.
	pub fn new(burst: u32, refill: Duration) -> Self {
		Self { burst, refill, most: MOST, buckets: Mutex::default() }
	}

	/// The same, where so many are counted one by one.
	pub fn with_most(mut self, most: usize) -> Self {
		self.most = most;
		self
	}

	/// Takes one try; otherwise says how long to wait.
	pub fn take(&self, who: K, now: Instant) -> Result<(), Duration> {
		let (burst, refill, most) = (self.burst, self.refill, self.most);
		let mut buckets = lock(&self.buckets);
		if buckets.len() >= most {
			buckets.retain(|_, bucket| bucket.refilled(burst, refill, now).left < burst);
		}
		let mut who = Some(who);
		if buckets.len() >= most && !buckets.contains_key(&who) {
			who = None;
		}
		let bucket = buckets.entry(who).or_insert(Bucket { left: burst, since: now });
		*bucket = bucket.refilled(burst, refill, now);
		match bucket.left.checked_sub(1) {
			Some(left) => {
				bucket.left = left;
				Ok(())
			},
			None => Err((bucket.since + refill).saturating_duration_since(now)),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const SECOND: Duration = Duration::from_secs(1);

	#[test]
	fn tries_are_used_up_and_come_back_one_by_one() {
		let limiter = Limiter::new(3, SECOND);
		let start = Instant::now();
		for _ in 0..3 {
			assert_eq!(limiter.take("a", start), Ok(()));
		}
		assert_eq!(limiter.take("a", start), Err(SECOND));
		assert_eq!(limiter.take("b", start), Ok(()));
		assert_eq!(limiter.take("a", start + SECOND * 2 / 4), Err(SECOND / 2));
		assert_eq!(limiter.take("a", start + SECOND), Ok(()));
		assert!(limiter.take("a", start + SECOND).is_err());
		let later = start + SECOND * 1_000;
		assert_eq!((0..9).filter(|_| limiter.take("a", later).is_ok()).count(), 3);
	}

	#[test]
	fn many_names_do_not_make_more_tries_nor_fill_the_memory() {
		let limiter = Limiter::new(1, SECOND);
		let now = Instant::now();
		let taken = (0..3 * MOST).filter(|n| limiter.take(*n, now).is_ok()).count();
		assert_eq!(taken, MOST + 1);
		assert!(limiter.buckets.lock().unwrap().len() <= MOST + 1);
		// When they are full again they are forgotten.
		assert_eq!(limiter.take(5 * MOST, now + SECOND * 2), Ok(()));
		assert_eq!(limiter.buckets.lock().unwrap().len(), 1);
	}
}
