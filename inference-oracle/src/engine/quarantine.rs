//! What ended its worker is not run again, and who sends such things again and again is slowed down:
//! a request that fails costs its sender nothing, but everybody else a worker that must be started
//! again.
//!
//! A first time may be an accident. From the second on within an hour, nothing of that key is accepted
//! for a while, twice as long each time.

use super::EngineError;
use std::{
	collections::HashMap,
	hash::{BuildHasher, RandomState},
	sync::{
		atomic::{AtomicUsize, Ordering},
		Mutex, MutexGuard, PoisonError,
	},
	time::{Duration, Instant},
};
use usufruct_client::tensors::{canonical, Tensor};
use usufruct_primitives::{PublicKey, VersionId};

/// How long an input is not run again, and how long a key is remembered.
const REMEMBERED: Duration = Duration::from_secs(3_600);
/// How long a key is slowed down after it ended a second worker; doubled with every further one.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause.
const LONGEST_PAUSE: Duration = REMEMBERED;
/// The most inputs that are kept: then the oldest is forgotten.
const MOST_INPUTS: usize = 4_096;
/// The most keys that are kept: then the one that was good the longest is forgotten.
const MOST_KEYS: usize = 4_096;

/// Why a request is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
	/// This very input ended its worker.
	#[error("this input ended a worker before")]
	Input,
	/// The key ended too many.
	#[error("its key ended {ended} workers and is barred for {left:?}")]
	Key {
		/// How many.
		ended: u32,
		/// For how long.
		left: Duration,
	},
}

#[derive(Debug)]
struct Record {
	ended: u32,
	last: Instant,
}

impl Record {
	fn pause(&self) -> Duration {
		match self.ended {
			0 | 1 => Duration::ZERO,
			more => FIRST_PAUSE
				.saturating_mul(1u32.checked_shl(more - 2).unwrap_or(u32::MAX))
				.min(LONGEST_PAUSE),
		}
	}

	fn left(&self, now: Instant) -> Duration {
		self.pause().saturating_sub(now.saturating_duration_since(self.last))
	}
}

#[derive(Debug, Default)]
struct Kept {
	/// By a keyed hash of the model and the input, which nobody outside can make collide.
	inputs: HashMap<u64, Instant>,
	keys: HashMap<PublicKey, Record>,
}

/// See the module. One for all models.
#[derive(Debug, Default)]
pub struct Quarantine {
	hasher: RandomState,
	kept: Mutex<Kept>,
	/// How much is kept: mostly nothing.
	noted: AtomicUsize,
}

impl Quarantine {
	/// Whether a request may be accepted.
	pub fn check(
		&self,
		key: &PublicKey,
		version: VersionId,
		inputs: &[Tensor],
		now: Instant,
	) -> Result<(), Barred> {
		self.check_key(key, now)?;
		if self.noted.load(Ordering::Relaxed) == 0 {
			return Ok(());
		}
		let Some(digest) = self.digest(version, inputs) else { return Ok(()) };
		match self.kept().inputs.get(&digest) {
			Some(since) if now.saturating_duration_since(*since) < REMEMBERED => Err(Barred::Input),
			_ => Ok(()),
		}
	}

	/// Whether anything of that key may be accepted or run.
	pub fn check_key(&self, key: &PublicKey, now: Instant) -> Result<(), Barred> {
		if self.noted.load(Ordering::Relaxed) == 0 {
			return Ok(());
		}
		match self.kept().keys.get(key) {
			Some(record) if !record.left(now).is_zero() => {
				Err(Barred::Key { ended: record.ended, left: record.left(now) })
			},
			_ => Ok(()),
		}
	}

	/// Takes note of a run that ended its worker, if that is how this one ended. Returns whether it is.
	pub fn note(
		&self,
		key: &PublicKey,
		version: VersionId,
		inputs: &[Tensor],
		error: &EngineError,
		now: Instant,
	) -> bool {
		use EngineError::*;
		if !matches!(error, Died(_) | TimedOut(_) | Broken(_)) {
			return false;
		}
		let digest = self.digest(version, inputs);
		let mut kept = self.kept();
		let old = |since: &Instant| now.saturating_duration_since(*since) >= REMEMBERED;
		if let Some(digest) = digest {
			kept.inputs.retain(|_, since| !old(since));
			make_room(&mut kept.inputs, MOST_INPUTS, |since| *since);
			kept.inputs.insert(digest, now);
		}
		kept.keys.retain(|_, record| !old(&record.last));
		if !kept.keys.contains_key(key) {
			make_room(&mut kept.keys, MOST_KEYS, |record| record.last + record.pause());
		}
		let record = kept.keys.entry(*key).or_insert(Record { ended: 0, last: now });
		record.ended = record.ended.saturating_add(1);
		record.last = now;
		self.noted.store(kept.keys.len(), Ordering::Relaxed);
		true
	}

	fn digest(&self, version: VersionId, inputs: &[Tensor]) -> Option<u64> {
		// What has no canonical form was refused before.
		Some(self.hasher.hash_one((version, canonical(inputs).ok()?)))
	}

	fn kept(&self) -> MutexGuard<'_, Kept> {
		self.kept.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// Forgets the entry with the least rank if there are as many as may be.
fn make_room<K: Copy + Eq + std::hash::Hash, V, R: Ord>(
	map: &mut HashMap<K, V>,
	most: usize,
	rank: impl Fn(&V) -> R,
) {
	if map.len() >= most {
		let least = map.iter().min_by_key(|(_, value)| rank(value)).map(|(key, _)| *key);
		least.map(|key| map.remove(&key));
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const A: PublicKey = [1; 32];
	const B: PublicKey = [2; 32];

	fn input(value: u64) -> Vec<Tensor> {
		vec![Tensor::from_elements("x", vec![1], &[value]).unwrap()]
	}

	fn died() -> EngineError {
		EngineError::Died("SIGFPE".into())
	}

	#[test]
	fn what_ended_its_worker_is_not_run_again_for_an_hour() {
		let (quarantine, now) = (Quarantine::default(), Instant::now());
		assert_eq!(quarantine.check(&A, 1, &input(1), now), Ok(()));
		assert!(quarantine.note(&A, 1, &input(1), &died(), now));
		// From anybody; and nothing else is barred, for anybody.
		assert_eq!(quarantine.check(&A, 1, &input(1), now), Err(Barred::Input));
		assert_eq!(quarantine.check(&B, 1, &input(1), now), Err(Barred::Input));
		assert_eq!(quarantine.check(&A, 2, &input(1), now), Ok(()));
		assert_eq!(quarantine.check(&A, 1, &input(2), now), Ok(()));
		assert_eq!(quarantine.check(&A, 1, &input(1), now + REMEMBERED), Ok(()));
	}

	#[test]
	fn a_run_that_only_fails_is_no_offence() {
		let (quarantine, now) = (Quarantine::default(), Instant::now());
		for error in [EngineError::Run("no".into()), EngineError::Stopped, EngineError::Late] {
			assert!(!quarantine.note(&A, 1, &input(1), &error, now));
		}
		assert_eq!(quarantine.check(&A, 1, &input(1), now), Ok(()));
	}

	#[test]
	fn who_ends_workers_again_and_again_waits_ever_longer() {
		let (quarantine, mut now) = (Quarantine::default(), Instant::now());
		let mut pauses = Vec::new();
		for value in 0..16 {
			assert!(quarantine.note(&A, 1, &input(value), &died(), now));
			let left = match quarantine.check_key(&A, now) {
				Err(Barred::Key { left, ended }) => {
					assert_eq!(u64::from(ended), value + 1);
					left
				},
				_ => Duration::ZERO,
			};
			now += left;
			assert_eq!(quarantine.check_key(&A, now), Ok(()), "after {left:?}");
			assert_eq!(quarantine.check_key(&B, now), Ok(()));
			pauses.push(left.as_secs());
			if left >= LONGEST_PAUSE {
				break;
			}
		}
		assert_eq!(pauses, [0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600]);
		// An hour without is forgotten.
		now += REMEMBERED;
		quarantine.note(&A, 1, &input(99), &died(), now);
		assert_eq!(quarantine.check_key(&A, now), Ok(()));
	}

	#[test]
	fn what_is_kept_is_bounded_and_an_offender_cannot_be_pushed_out() {
		let (quarantine, mut now) = (Quarantine::default(), Instant::now());
		for value in 0..10 {
			quarantine.note(&A, 1, &input(value), &died(), now);
		}
		for number in 0..MOST_KEYS as u64 + 10 {
			now += Duration::from_millis(10);
			let mut key = [7; 32];
			key[..8].copy_from_slice(&number.to_le_bytes());
			quarantine.note(&key, 1, &input(100 + number), &died(), now);
		}
		let kept = quarantine.kept();
		assert_eq!((kept.inputs.len(), kept.keys.len()), (MOST_INPUTS, MOST_KEYS));
		drop(kept);
		assert!(matches!(quarantine.check_key(&A, now), Err(Barred::Key { ended: 10, .. })));
	}
}
