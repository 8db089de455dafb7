//! How much memory requests hold: their bodies while they are read, then what these say until they are
//! answered, and then their answers until they are sent.
//!
//! It is taken before a byte is read, of what all have together, and each key has its share of that
//! ([`Shares`]): whoever sends much, or slowly, or one voucher many times, takes it from nobody. While it is
//! parsed a body takes more, up to 32 times its length; that is bounded too, as only so much is
//! parsed at a time.

use super::{
	app::Limits,
	infer::{away, INLINE},
	problem::Refused,
};
use crate::{
	book::Hindrance,
	engine::share::{Full, Shares},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use usufruct_client::{oracle_api::ProblemKind, tensors::Tensor};
use usufruct_primitives::PublicKey;

/// How many times its length a body takes at most while it is parsed. A number of JSON can have two bytes, and
/// takes 24 until its tensor is made and 8 in that; lists have room for twice what is in them.
#[cfg(test)]
pub(crate) const WHILE_PARSED: usize = 32;
/// How many of the longest bodies are parsed at a time, beside short ones, of which each thread parses one.
const PARSED_AT_A_TIME: usize = 2;
/// What a request takes besides, about, in bytes.
const BESIDES: usize = 4 << 10;
/// What a tensor takes besides its data, about, in bytes.
const TENSOR: usize = 128;
/// For requests that were asked before there is so much more, as a part of what there is for all.
const MORE: usize = 4;

/// See the module.
pub(super) struct Memory {
	shares: Arc<Mutex<Shares>>,
	/// For those that were asked before.
	more: usize,
	/// KiB of bodies.
	parsing: Arc<Semaphore>,
	/// How many there are.
	at_a_time: u32,
}

impl Memory {
	pub fn new(limits: &Limits) -> Self {
		let at_a_time = kib(limits.body).saturating_mul(PARSED_AT_A_TIME as u32);
		Self {
			shares: Arc::new(Mutex::new(Shares::new(limits.memory))),
			more: limits.memory / MORE,
			parsing: Arc::new(Semaphore::new(at_a_time as usize)),
			at_a_time,
		}
	}

	/// Takes so many bytes for a request of that key, which may have been asked `before`.
	pub fn hold(&self, key: &PublicKey, bytes: usize, before: bool) -> Result<Held, Hindrance> {
		let bytes = bytes.saturating_add(BESIDES);
		let free = if before { self.more } else { 0 };
		lock(&self.shares).take(key, bytes, free).map_err(too_much)?;
		Ok(Held { shares: Arc::clone(&self.shares), key: *key, bytes, free, more: self.more })
	}

	/// What all hold, in bytes.
	#[cfg(test)]
	pub fn held(&self) -> usize {
		lock(&self.shares).taken()
	}

	/// Parses a body; a long one in its turn, and where it holds nobody up.
	pub async fn parse<T: Send + 'static>(
		&self,
		body: Vec<u8>,
		held: Held,
		work: impl FnOnce(&[u8]) -> Result<T, Refused> + Send + 'static,
	) -> Result<(T, Held), Refused> {
		let long = body.len() > INLINE;
		let turn = match long {
			true => Some(self.turn(body.len()).await?),
			false => None,
		};
		// What is held goes along: whoever hangs up does not stop it.
		away(long, move || {
			let made = work(&body)?;
			drop((body, turn));
			Ok((made, held))
		})
		.await
	}

	async fn turn(&self, length: usize) -> Result<OwnedSemaphorePermit, Refused> {
		let parts = kib(length).min(self.at_a_time);
		let turn = Arc::clone(&self.parsing).acquire_many_owned(parts).await;
		turn.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))
	}
}

/// Memory that a request holds, as long as this is held.
pub(crate) struct Held {
	shares: Arc<Mutex<Shares>>,
	key: PublicKey,
	bytes: usize,
	free: usize,
	more: usize,
}

impl Held {
	/// From now on these and so many more bytes are all that it takes.
	pub fn becomes(&mut self, tensors: &[Tensor], more: usize) -> Result<(), Hindrance> {
		let of = |it: &Tensor| it.data().len() + it.name().len() + 8 * it.shape().len() + TENSOR;
		self.change(tensors.iter().map(of).sum::<usize>() + more, self.free)
	}

	/// It was run, and from now on takes so many bytes: what was accepted is answered, whatever there is room
	/// for.
	pub fn answers(&mut self, bytes: usize) {
		// Nothing is refused with so much room.
		let _ = self.change(bytes, usize::MAX);
	}

	/// An answer that is there is given again, and takes so many bytes: as all that was asked before it finds
	/// more room, and if need be as much as it takes, so that none is too long to be given.
	pub fn answers_again(&mut self, bytes: usize) -> Result<(), Hindrance> {
		self.change(bytes, self.more.max(bytes))
	}

	fn change(&mut self, bytes: usize, free: usize) -> Result<(), Hindrance> {
		let bytes = bytes.max(BESIDES);
		let mut shares = lock(&self.shares);
		if bytes > self.bytes {
			shares.take(&self.key, bytes - self.bytes, free).map_err(too_much)?;
		} else {
			shares.give(&self.key, self.bytes - bytes);
		}
		drop(shares);
		self.bytes = bytes;
		Ok(())
	}
}

impl Drop for Held {
	fn drop(&mut self) {
		lock(&self.shares).give(&self.key, self.bytes);
	}
}

fn too_much(full: Full) -> Hindrance {
	match full {
		Full::Share => Hindrance::HeldByKey,
		Full::All => Hindrance::Held,
	}
}

/// So many bytes in KiB, of which there is one at least.
fn kib(bytes: usize) -> u32 {
	u32::try_from(bytes >> 10).unwrap_or(u32::MAX - 1) + 1
}

fn lock(shares: &Mutex<Shares>) -> MutexGuard<'_, Shares> {
	shares.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::memory;
	use usufruct_client::{
		openai,
		tensors::{canonical, InferRequest},
	};

	const KEY: PublicKey = [1; 32];
	const OTHER: PublicKey = [2; 32];

	fn of(memory: usize) -> Memory {
		Memory::new(&Limits { body: 1 << 20, memory, requests: 8 })
	}

	#[test]
	fn a_key_holds_its_share_and_what_was_asked_before_finds_more() {
		let memory = of(100 * BESIDES);
		let hold = |key, before| memory.hold(key, 9 * BESIDES, before);
		let mut held = Vec::new();
		let why = loop {
			match hold(&KEY, false) {
				Ok(it) => held.push(it),
				Err(why) => break why,
			}
		};
		assert_eq!((held.len(), why), (5, Hindrance::HeldByKey));
		assert!(hold(&KEY, true).is_ok());
		while let Ok(it) = hold(&OTHER, false) {
			held.push(it);
		}
		assert_eq!(hold(&[3; 32], false).map(|_| ()), Ok(()), "there is room for the next key");
		held.clear();
		assert_eq!(lock(&memory.shares).taken(), 0);
		assert_eq!(memory.hold(&KEY, usize::MAX, true).map(|_| ()), Err(Hindrance::Held));
	}

	#[test]
	fn what_is_held_is_what_the_tensors_take() {
		let memory = of(100 * BESIDES);
		let mut held = memory.hold(&KEY, 9 * BESIDES, false).unwrap();
		let tensor = |length: usize| {
			vec![Tensor::from_elements("x", vec![length as u64], &vec![0u8; length]).unwrap()]
		};
		held.becomes(&tensor(1), 0).unwrap();
		assert_eq!(lock(&memory.shares).taken(), BESIDES);
		held.becomes(&tensor(40 * BESIDES), 2 * BESIDES).unwrap();
		assert_eq!(lock(&memory.shares).taken() / BESIDES, 42);
		let other = memory.hold(&OTHER, 20 * BESIDES, false).unwrap();
		assert_eq!(held.becomes(&tensor(60 * BESIDES), 0), Err(Hindrance::HeldByKey));
		assert_eq!(held.becomes(&tensor(90 * BESIDES), 0), Err(Hindrance::Held));
		assert_eq!(lock(&memory.shares).taken() / BESIDES, 42 + 21, "it has what it had");
		// Nothing more is always there.
		held.becomes(&tensor(40 * BESIDES), 2 * BESIDES).unwrap();
		drop((held, other));
		assert_eq!(lock(&memory.shares).taken(), 0);
	}

	#[test]
	fn a_body_takes_some_times_its_length_whatever_it_holds() {
		// One more than a list has room for, so that it has room for twice as many.
		const COUNT: usize = (1 << 17) + 1;
		let many = |it: &str| vec![it; COUNT].join(",");
		let tensor = |datatype: &str, shape: &str, data: &str| {
			format!(
				r#"{{"inputs":[{{"name":"x","shape":[{shape}],"datatype":"{datatype}","data":[{data}]}}]}}"#
			)
		};
		let count = COUNT.to_string();
		for body in [
			tensor("INT64", &count, &many("0")),
			tensor("FP64", &count, &many("0")),
			tensor("FP64", &count, &many("0.5")),
			tensor("BOOL", &count, &many("true")),
			tensor("BYTES", &count, &many(r#""""#)),
			tensor("BYTES", &count, &many(r#""a""#)),
			tensor("BYTES", &count, &many(r#""\u0001""#)),
			tensor("INT64", &count, &many("[]")),
			tensor("INT64", &many("1"), "1"),
			format!(r#"{{"inputs":[],"outputs":[{}]}}"#, many(r#"{"name":""}"#)),
			format!(
				r#"{{"inputs":[{}]}}"#,
				many(r#"{"name":"","shape":[],"datatype":"","parameters":{"binary_data_size":0}}"#)
			),
			format!(
				r#"{{"inputs":[{}]}}"#,
				many(r#"{"name":"","shape":[1],"datatype":"INT64","data":[0]}"#)
			),
		] {
			let most = memory::most(|| {
				let read = InferRequest::from_body(body.as_bytes(), None);
				read.map(|(read, _)| canonical(&read.inputs).is_ok()).is_ok()
			});
			assert!(most < WHILE_PARSED * body.len(), "{most} for {}: {body:.100}", body.len());
		}
		for input in [many("0"), many(r#""""#), many("[]"), many("[0]")] {
			let body = format!(r#"{{"model":"m","input":[{input}]}}"#);
			let most = memory::most(|| serde_json::from_str::<openai::Request>(&body).is_ok());
			assert!(most < WHILE_PARSED * body.len(), "{most} for {}: {body:.100}", body.len());
		}
	}
}
