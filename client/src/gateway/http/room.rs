//! How much of bodies is received, unpacked and read at a time: what they say takes some times their length
//! meanwhile, and a body that is compressed may be short.
//!
//! A long body takes all the room that it may need before more of it is received, and gives back what it does
//! not: one that waited for more while it has some could wait for others that do the same.

use super::coding::Coding;
use crate::gateway::GatewayError;
use axum::body::{Body as Sent, Bytes};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::{
	sync::{OwnedSemaphorePermit, Semaphore},
	task::spawn_blocking,
	time::timeout,
};

/// How many of the longest bodies there is room for, beside short ones, of which each thread reads one.
const AT_A_TIME: u32 = 4;
/// Bodies longer than this are read on a thread that may block.
const INLINE: usize = 256 << 10;
/// How long one waits for room: less than it has to be received.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module.
pub struct Room {
	/// KiB of bodies.
	free: Arc<Semaphore>,
	/// How many there are.
	all: u32,
	patience: Duration,
}

/// A body, or what was in it, and the room that it takes.
pub struct Body {
	bytes: Bytes,
	/// If it is long.
	taken: Option<OwnedSemaphorePermit>,
}

impl Room {
	/// For bodies of so many bytes at most.
	pub fn new(body_limit: usize) -> Self {
		let all = kib(body_limit).saturating_mul(AT_A_TIME);
		Self { free: Arc::new(Semaphore::new(all as usize)), all, patience: PATIENCE }
	}

	async fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, GatewayError> {
		let taken = Arc::clone(&self.free).acquire_many_owned(kib(bytes).min(self.all));
		match timeout(self.patience, taken).await {
			Ok(taken) => taken.map_err(|error| GatewayError::Internal(error.to_string())),
			Err(_) => Err(GatewayError::Busy),
		}
	}

	/// Receives a body that may have so many bytes, and is said to have `said`; a long one in its turn.
	pub async fn receive(
		&self,
		sent: Sent,
		coding: Coding,
		said: Option<usize>,
		limit: usize,
	) -> Result<Body, GatewayError> {
		let most = said.unwrap_or(limit).min(limit);
		let mut parts = sent.into_data_stream();
		let (mut bytes, mut taken) = (Vec::new(), None);
		while let Some(part) = parts.next().await {
			let part = part.map_err(|error| {
				GatewayError::Question(format!("the body did not come whole: {error}"))
			})?;
			let length = bytes.len() + part.len();
			if length > most {
				return Err(match most == limit {
					true => GatewayError::TooLong(limit),
					false => {
						GatewayError::Question("the body is longer than it was said to be".into())
					},
				});
			}
			if length > INLINE && taken.is_none() {
				let unpacked = if coding == Coding::Plain { 0 } else { limit };
				taken = Some(self.take(most.saturating_add(unpacked)).await?);
			}
			bytes.extend_from_slice(&part);
		}
		Ok(Body { bytes: bytes.into(), taken })
	}

	/// What is in a body, which may have so many bytes; in its turn.
	pub async fn unpack(
		&self,
		coding: Coding,
		packed: Body,
		limit: usize,
	) -> Result<Body, GatewayError> {
		if coding == Coding::Plain {
			return Ok(packed.fitted());
		}
		let Body { bytes: packed, taken } = packed;
		if limit <= INLINE {
			return Ok(Body { bytes: coding.unpack(&packed, limit)?.into(), taken: None });
		}
		let taken = match taken {
			Some(taken) => taken,
			// However short it is, what is in it may be as long as that.
			None => self.take(limit).await?,
		};
		away(move || {
			let bytes = Bytes::from(coding.unpack(&packed, limit)?);
			drop(packed);
			Ok(Body { bytes, taken: Some(taken) }.fitted())
		})
		.await
	}
}

/// On a thread that may block. What the work has goes along: whoever hangs up does not stop it.
async fn away<T: Send + 'static>(
	work: impl FnOnce() -> Result<T, GatewayError> + Send + 'static,
) -> Result<T, GatewayError> {
	spawn_blocking(work).await.map_err(|error| GatewayError::Internal(error.to_string()))?
}

impl Body {
	/// With no more room than it takes, which for a short one is none.
	fn fitted(self) -> Self {
		let Self { bytes, taken } = self;
		let taken = taken.filter(|_| bytes.len() > INLINE);
		let taken = taken.and_then(|mut taken| taken.split(kib(bytes.len()) as usize));
		Self { bytes, taken }
	}

	/// What it says; a long one is read where it holds nobody up.
	pub async fn parse<T: Send + 'static>(
		self,
		parse: impl FnOnce(&[u8]) -> Result<T, GatewayError> + Send + 'static,
	) -> Result<T, GatewayError> {
		if self.bytes.len() <= INLINE {
			return parse(&self.bytes);
		}
		away(move || {
			let said = parse(&self.bytes);
			drop(self);
			said
		})
		.await
	}

	/// Its bytes.
	pub fn bytes(&self) -> &[u8] {
		&self.bytes
	}

	/// Without so many bytes that it begins with; it must have them.
	pub fn without_first(self, bytes: usize) -> Self {
		Self { bytes: self.bytes.slice(bytes..), taken: self.taken }
	}

	/// Its bytes; of a short one only.
	pub fn into_bytes(self) -> Bytes {
		self.bytes
	}
}

/// So many bytes in KiB, of which there is one at least.
fn kib(bytes: usize) -> u32 {
	u32::try_from(bytes >> 10).unwrap_or(u32::MAX - 1) + 1
}

#[cfg(test)]
mod tests {
	use super::{super::packed::gzip, *};
	use futures::channel::mpsc::unbounded;
	use std::{
		convert::Infallible,
		future::Future,
		sync::{
			atomic::{AtomicUsize, Ordering},
			mpsc,
		},
		time::Instant,
	};
	use tokio::{sync::oneshot, time::sleep};

	const LIMIT: usize = 1 << 20;

	fn room() -> Arc<Room> {
		Arc::new(Room::new(LIMIT))
	}

	fn free(room: &Room) -> usize {
		room.free.available_permits()
	}

	fn all(room: &Room) -> usize {
		room.all as usize
	}

	/// What is in a body that was sent.
	async fn read(room: &Room, coding: Coding, sent: Vec<u8>) -> Result<Body, GatewayError> {
		let said = Some(sent.len());
		let received = room.receive(sent.into(), coding, said, LIMIT).await?;
		room.unpack(coding, received, LIMIT).await
	}

	/// Whether it waits for something.
	async fn waits<T>(what: impl Future<Output = T>) -> bool {
		timeout(Duration::from_millis(100), what).await.is_err()
	}

	#[tokio::test]
	async fn a_long_body_takes_all_its_room_before_more_of_it_is_received_however_it_is_coded() {
		for (coding, said, takes) in [
			(Coding::Plain, Some(LIMIT / 2), LIMIT / 2),
			(Coding::Plain, None, LIMIT),
			(Coding::Plain, Some(usize::MAX), LIMIT),
			(Coding::Gzip, Some(LIMIT / 2), LIMIT / 2 + LIMIT),
			(Coding::Deflate, None, 2 * LIMIT),
		] {
			let room = room();
			let (sender, sent) = unbounded::<Result<Bytes, Infallible>>();
			let send = |bytes: usize| sender.unbounded_send(Ok(vec![0u8; bytes].into())).unwrap();
			let mut receiving =
				Box::pin(room.receive(Sent::from_stream(sent), coding, said, LIMIT));
			send(INLINE);
			assert!(waits(&mut receiving).await);
			assert_eq!(free(&room), all(&room), "it may be a short one yet");
			send(1);
			assert!(waits(&mut receiving).await);
			assert_eq!(free(&room), all(&room) - kib(takes) as usize, "{coding:?} {said:?}");
			// Whoever hangs up, or sends too much, takes none.
			send(LIMIT);
			assert!(receiving.as_mut().await.is_err());
			drop(receiving);
			assert_eq!(free(&room), all(&room));
		}
	}

	#[tokio::test]
	async fn while_there_is_no_room_no_more_is_received_and_nobody_waits_for_ever() {
		let room = Room { patience: Duration::from_millis(200), ..Room::new(LIMIT) };
		let mut bodies = Vec::new();
		for _ in 0..AT_A_TIME {
			bodies.push(read(&room, Coding::Plain, vec![0; LIMIT]).await.unwrap());
		}
		assert_eq!(free(&room), 0);
		for coding in [Coding::Plain, Coding::Gzip] {
			let busy = read(&room, coding, vec![0; LIMIT]).await.err();
			assert!(matches!(busy, Some(GatewayError::Busy)), "{busy:?}");
		}
		let busy = read(&room, Coding::Gzip, gzip(b"{}")).await.err();
		assert!(matches!(busy, Some(GatewayError::Busy)), "{busy:?}");
		// Short ones need none.
		let short = read(&room, Coding::Plain, vec![0; INLINE]).await.unwrap();
		assert_eq!(short.parse(|bytes| Ok(bytes.len())).await.unwrap(), INLINE);
		let patient = Room { patience: PATIENCE, free: room.free.clone(), all: room.all };
		let mut next = Box::pin(read(&patient, Coding::Plain, vec![0; LIMIT]));
		assert!(waits(&mut next).await);
		bodies.pop();
		assert_eq!(next.await.unwrap().bytes().len(), LIMIT);
	}

	#[tokio::test]
	async fn of_bodies_that_were_compressed_no_more_are_there_than_there_is_room_for() {
		let (room, bomb) = (room(), gzip(&vec![0; LIMIT]));
		let unpack = || read(&room, Coding::Gzip, bomb.clone());
		let mut bodies = Vec::new();
		for _ in 0..AT_A_TIME {
			bodies.push(unpack().await.unwrap());
		}
		assert_eq!(free(&room), 0);
		let mut next = Box::pin(unpack());
		assert!(waits(&mut next).await);
		// What was read makes room.
		let body = bodies.pop().unwrap();
		assert_eq!(body.parse(|bytes| Ok(bytes.len())).await.unwrap(), LIMIT);
		next.await.unwrap();
		drop(bodies);
		assert_eq!(free(&room), all(&room));
	}

	#[tokio::test]
	async fn long_compressed_bodies_do_not_wait_for_each_other_for_ever() {
		let room = room();
		// Noise, which is as long when it is packed.
		let mut state = 1u64;
		let noise = std::iter::repeat_with(|| {
			state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
			(state >> 56) as u8
		});
		let packed = gzip(&noise.take(LIMIT / 4 * 3).collect::<Vec<_>>());
		assert!(packed.len() > LIMIT / 2);
		let tasks = (0..8).map(|_| {
			let (room, packed) = (room.clone(), packed.clone());
			tokio::spawn(async move {
				let body = read(&room, Coding::Gzip, packed).await?;
				body.parse(|bytes| Ok(bytes.len())).await
			})
		});
		for read in futures::future::join_all(tasks.collect::<Vec<_>>()).await {
			assert_eq!(read.unwrap().unwrap(), LIMIT / 4 * 3);
		}
		assert_eq!(free(&room), all(&room));
	}

	#[tokio::test]
	async fn what_turns_out_to_be_short_or_nothing_takes_no_room() {
		let room = room();
		let unpack = |packed: Vec<u8>| read(&room, Coding::Gzip, packed);
		let short = unpack(gzip(b"{}")).await.unwrap();
		assert_eq!(free(&room), all(&room));
		assert_eq!(short.parse(|bytes| Ok(bytes.to_vec())).await.unwrap(), b"{}");
		let half = unpack(gzip(&vec![0; LIMIT / 2])).await.unwrap();
		assert_eq!(free(&room), all(&room) - kib(LIMIT / 2) as usize);
		drop(half);
		for wrong in [gzip(&vec![0; LIMIT + 1]), b"{}".to_vec()] {
			assert!(unpack(wrong).await.is_err());
			assert_eq!(free(&room), all(&room));
		}
		// One of unknown length takes as much as it turned out to have.
		let received =
			room.receive(vec![0u8; LIMIT / 2].into(), Coding::Plain, None, LIMIT).await.unwrap();
		assert_eq!(free(&room), all(&room) - kib(LIMIT) as usize);
		let half = room.unpack(Coding::Plain, received, LIMIT).await.unwrap();
		assert_eq!(free(&room), all(&room) - kib(LIMIT / 2) as usize);
		drop(half);
		assert_eq!(free(&room), all(&room));
	}

	#[tokio::test]
	async fn no_more_is_received_than_a_body_may_have_or_was_said_to_have() {
		let room = room();
		for (said, length, kind) in [
			(None, LIMIT, None),
			(Some(LIMIT), LIMIT, None),
			(None, LIMIT + 1, Some((413, "too-long"))),
			(Some(LIMIT + 1), LIMIT + 1, Some((413, "too-long"))),
			(Some(7), 8, Some((400, "question-malformed"))),
		] {
			let received = room.receive(vec![0u8; length].into(), Coding::Plain, said, LIMIT).await;
			assert_eq!(received.err().map(|error| error.kind()), kind, "{said:?} {length}");
		}
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn no_more_is_read_at_a_time_than_there_is_room_for() {
		let (room, most) = (room(), Arc::new((AtomicUsize::new(0), AtomicUsize::new(0))));
		let tasks = (0..12).map(|_| {
			let (room, most) = (room.clone(), most.clone());
			tokio::spawn(async move {
				let body = read(&room, Coding::Plain, vec![0u8; LIMIT]).await?;
				let read = body.parse(move |_| {
					let (now, most) = &*most;
					most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
					std::thread::sleep(Duration::from_millis(20));
					now.fetch_sub(1, Ordering::SeqCst);
					Ok(())
				});
				read.await
			})
		});
		for read in futures::future::join_all(tasks.collect::<Vec<_>>()).await {
			read.unwrap().unwrap();
		}
		assert!((1..=AT_A_TIME as usize).contains(&most.1.load(Ordering::SeqCst)));
		assert_eq!(free(&room), all(&room));
	}

	#[tokio::test]
	async fn what_is_read_for_one_who_hung_up_takes_its_room_until_it_is_read() {
		let room = room();
		let (begun, begins) = oneshot::channel();
		let (go, goes) = mpsc::channel::<()>();
		let reading = tokio::spawn({
			let room = room.clone();
			async move {
				let body = read(&room, Coding::Plain, vec![0u8; LIMIT]).await?;
				let read = body.parse(move |_| {
					begun.send(()).unwrap();
					// An error is that nobody waits any more.
					let _ = goes.recv();
					Ok(())
				});
				read.await
			}
		});
		begins.await.unwrap();
		reading.abort();
		assert!(reading.await.unwrap_err().is_cancelled());
		assert_eq!(free(&room), all(&room) - kib(LIMIT) as usize);
		drop(go);
		let begun = Instant::now();
		while free(&room) < all(&room) {
			assert!(begun.elapsed() < Duration::from_secs(20), "the room is not given back");
			sleep(Duration::from_millis(5)).await;
		}
	}
}
