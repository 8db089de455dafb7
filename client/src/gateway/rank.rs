//! Whom to ask first: what an oracle asks for, how long it takes, and how often it answers.
//!
//! The price counts as it is; a second of latency counts like as much again; and it is divided by the
//! share of questions that were answered. So of two oracles at one price the faster is asked, a slow
//! one must be cheaper, and one that answers half the time must ask half. Whoever has just failed waits
//! behind the others, longer each time. Who signed a lie is not asked at all.

use codec::{Decode, Encode};
use std::{
	cmp::Reverse,
	time::{Duration, Instant},
};
use usufruct_primitives::Balance;

/// The latency that counts like the price once more, in microseconds.
const SCALE: u64 = 1_000_000;
/// A new measurement counts for an eighth.
const SMOOTH: u64 = 8;
/// What a score is a multiple of, so that small prices differ, too.
const FINE: Balance = 1_000;
/// One, in parts per million.
const WHOLE: u64 = 1_000_000;
/// The share of answers below which it does not count as less: everybody is tried again some day.
const LEAST: u64 = WHOLE / 20;
/// How long one that failed waits: the first time, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));

/// How an oracle did at a model, as far as this gateway has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Record {
	/// Questions that it answered.
	pub answered: u64,
	/// Questions that it refused, failed at or left unanswered.
	pub failed: u64,
	/// Smoothed time to an answer, in microseconds; 0 if there was none.
	pub latency_us: u64,
	/// Smoothed share of questions that were not answered, in parts per million.
	pub failing_ppm: u32,
	/// What went wrong last.
	pub last_error: Option<String>,
}

impl Record {
	/// It answered.
	pub fn answer(&mut self, took: Duration) {
		let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
		self.latency_us = match self.latency_us {
			0 => took,
			before => smooth(before, took),
		};
		self.answered = self.answered.saturating_add(1);
		self.failing_ppm = smooth(self.failing_ppm.into(), 0) as u32;
	}

	/// It did not.
	pub fn fail(&mut self, why: String) {
		self.failed = self.failed.saturating_add(1);
		self.failing_ppm = smooth(self.failing_ppm.into(), WHOLE) as u32;
		self.last_error = Some(why);
	}

	/// What one unit is worth waiting for: the smaller the better.
	pub fn score(&self, price: Balance) -> Balance {
		let answering = WHOLE.saturating_sub(self.failing_ppm.into()).max(LEAST);
		// A free oracle that is slow is still behind a free one that is fast.
		let price = price.max(1);
		let weighed = price.saturating_mul(SCALE.saturating_add(self.latency_us).into());
		let weighed = weighed.saturating_mul(FINE);
		weighed / Balance::from(answering)
	}
}

/// Between the two, nearer to what was before; towards the new one where they differ by little.
fn smooth(before: u64, now: u64) -> u64 {
	match before <= now {
		true => before + (now - before).div_ceil(SMOOTH),
		false => before - (before - now).div_ceil(SMOOTH),
	}
}

/// When one that failed is asked again before others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pause {
	failures: u32,
	until: Option<Instant>,
}

impl Pause {
	/// It failed; again, if it did not answer since.
	pub fn fail(&mut self, now: Instant) {
		let pause = PAUSES.0.saturating_mul(1 << self.failures.min(16)).min(PAUSES.1);
		self.failures = self.failures.saturating_add(1);
		self.until = Some(now + pause);
	}

	/// It answered.
	pub fn answer(&mut self) {
		*self = Self::default();
	}

	/// Whether it waits behind the others.
	pub fn over(&self, now: Instant) -> bool {
		self.until.is_none_or(|until| until <= now)
	}
}

/// What is known of somebody who can be asked.
#[derive(Clone, Debug)]
pub struct Candidate<T> {
	/// Who.
	pub who: T,
	/// What a unit costs, in planck.
	pub price: Balance,
	/// How it did so far.
	pub record: Record,
	/// Whether it failed just now.
	pub pause: Pause,
}

/// The order in which to ask.
pub fn rank<T>(mut candidates: Vec<Candidate<T>>, now: Instant) -> Vec<Candidate<T>> {
	candidates.sort_by_key(|it| (Reverse(it.pause.over(now)), it.record.score(it.price), it.price));
	candidates
}

#[cfg(test)]
mod tests {
	use super::*;

	fn candidate(who: &str, price: Balance, record: &Record) -> Candidate<String> {
		Candidate { who: who.into(), price, record: record.clone(), pause: Pause::default() }
	}

	fn order(candidates: Vec<Candidate<String>>) -> Vec<String> {
		rank(candidates, Instant::now()).into_iter().map(|it| it.who).collect()
	}

	fn of(latency: u64, failures: u32) -> Record {
		let mut record = Record::default();
		for _ in 0..20 {
			record.answer(Duration::from_millis(latency));
		}
		for _ in 0..failures {
			record.fail("no".into());
		}
		record
	}

	#[test]
	fn the_cheaper_the_faster_and_the_more_reliable_comes_first() {
		let new = Record::default();
		assert_eq!(order(vec![candidate("a", 2, &new), candidate("b", 1, &new)]), ["b", "a"]);
		let (fast, slow) = (of(10, 0), of(900, 0));
		assert_eq!(order(vec![candidate("s", 5, &slow), candidate("f", 5, &fast)]), ["f", "s"]);
		// Almost a second counts like almost the price once more.
		assert_eq!(order(vec![candidate("s", 5, &slow), candidate("f", 10, &fast)]), ["s", "f"]);
		let shaky = of(10, 6);
		assert_eq!(order(vec![candidate("s", 5, &shaky), candidate("f", 8, &fast)]), ["f", "s"]);
		assert_eq!(order(vec![candidate("s", 1, &shaky), candidate("f", 8, &fast)]), ["s", "f"]);
	}

	#[test]
	fn one_that_has_just_failed_waits_behind_the_others_longer_each_time() {
		let now = Instant::now();
		let mut failed = candidate("cheap", 1, &Record::default());
		failed.pause.fail(now);
		let other = candidate("dear", 100, &Record::default());
		let first = |now| rank(vec![failed.clone(), other.clone()], now)[0].who.clone();
		assert_eq!(first(now), "dear");
		assert_eq!(first(now + PAUSES.0), "cheap");
		let mut pause = Pause::default();
		for _ in 0..40 {
			pause.fail(now);
		}
		assert!(
			!pause.over(now + PAUSES.1 - Duration::from_millis(1)) && pause.over(now + PAUSES.1)
		);
		pause.answer();
		assert!(pause.over(now));
	}

	#[test]
	fn a_record_forgets_what_is_long_past() {
		let mut record = of(10, 40);
		assert!(record.failing_ppm > 900_000, "{record:?}");
		for _ in 0..60 {
			record.answer(Duration::from_millis(500));
		}
		assert!(record.failing_ppm < 1_000, "{record:?}");
		assert!(record.latency_us.abs_diff(500_000) < 5_000, "{record:?}");
		assert_eq!((record.answered, record.failed), (80, 40));
	}

	#[test]
	fn no_price_and_no_record_overflow() {
		let mut worst = Record { latency_us: u64::MAX, ..Record::default() };
		worst.fail("no".into());
		worst.answer(Duration::MAX);
		assert!(worst.score(Balance::MAX) >= worst.score(1));
		assert!(worst.score(0) > 0);
	}
}
