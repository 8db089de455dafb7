//! How much of bodies is unpacked and read at a time: what they say takes some times their length meanwhile, and
//! a body that is compressed may be short.

use super::coding::Coding;
use crate::gateway::GatewayError;
use axum::body::Bytes;
use std::sync::Arc;
use tokio::{
	sync::{OwnedSemaphorePermit, Semaphore},
	task::spawn_blocking,
};

/// How many of the longest bodies there is room for, beside short ones, of which each thread reads one.
const AT_A_TIME: u32 = 4;
/// Bodies longer than this are read on a thread that may block.
const INLINE: usize = 256 << 10;

/// See the module.
pub struct Room {
	/// KiB of bodies.
	free: Arc<Semaphore>,
	/// How many there are.
	all: u32,
}

/// A body as it was before it was compressed, and the room that it takes.
pub struct Body {
	bytes: Bytes,
	/// If it was compressed, and is long.
	taken: Option<OwnedSemaphorePermit>,
}

impl Room {
	/// For bodies of so many bytes at most.
	pub fn new(body_limit: usize) -> Self {
		let all = kib(body_limit).saturating_mul(AT_A_TIME);
		Self { free: Arc::new(Semaphore::new(all as usize)), all }
	}

	async fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, GatewayError> {
		let taken = Arc::clone(&self.free).acquire_many_owned(kib(bytes).min(self.all)).await;
		taken.map_err(|error| GatewayError::Internal(error.to_string()))
	}

	/// What is in a body, which may have so many bytes; in its turn.
	pub async fn unpack(
		&self,
		coding: Coding,
		packed: Bytes,
		limit: usize,
	) -> Result<Body, GatewayError> {
		if coding == Coding::Plain {
			return Ok(Body { bytes: packed, taken: None });
		}
		if limit <= INLINE {
			return Ok(Body { bytes: coding.unpack(&packed, limit)?.into(), taken: None });
		}
		// However short it is, what is in it may be as long as that.
		let mut taken = self.take(limit).await?;
		away(move || {
			let bytes = Bytes::from(coding.unpack(&packed, limit)?);
			let long = bytes.len() > INLINE;
			let taken = if long { taken.split(kib(bytes.len()) as usize) } else { None };
			Ok(Body { bytes, taken })
		})
		.await
	}

	/// What a body says; a long one is read in its turn, and where it holds nobody up.
	pub async fn parse<T: Send + 'static>(
		&self,
		Body { bytes, taken }: Body,
		parse: impl FnOnce(&[u8]) -> Result<T, GatewayError> + Send + 'static,
	) -> Result<T, GatewayError> {
		if bytes.len() <= INLINE {
			return parse(&bytes);
		}
		let taken = match taken {
			Some(taken) => taken,
			None => self.take(bytes.len()).await?,
		};
		away(move || {
			let said = parse(&bytes);
			drop((bytes, taken));
			said
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
	use std::{
		sync::{
			atomic::{AtomicUsize, Ordering},
			mpsc,
		},
		time::{Duration, Instant},
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

	#[tokio::test]
	async fn of_bodies_that_were_compressed_no_more_are_there_than_there_is_room_for() {
		let (room, bomb) = (room(), Bytes::from(gzip(&vec![0; LIMIT])));
		let unpack = || room.unpack(Coding::Gzip, bomb.clone(), LIMIT);
		let mut bodies = Vec::new();
		for _ in 0..AT_A_TIME {
			bodies.push(unpack().await.unwrap());
		}
		assert_eq!(free(&room), 0);
		let mut next = Box::pin(unpack());
		assert!(tokio::time::timeout(Duration::from_millis(200), &mut next).await.is_err());
		// What was read makes room.
		let body = bodies.pop().unwrap();
		assert_eq!(room.parse(body, |bytes| Ok(bytes.len())).await.unwrap(), LIMIT);
		next.await.unwrap();
		drop(bodies);
		assert_eq!(free(&room), all(&room));
	}

	#[tokio::test]
	async fn what_turns_out_to_be_short_or_nothing_takes_no_room() {
		let room = room();
		let unpack = |packed: Vec<u8>| room.unpack(Coding::Gzip, packed.into(), LIMIT);
		let short = unpack(gzip(b"{}")).await.unwrap();
		assert_eq!(free(&room), all(&room));
		assert_eq!(room.parse(short, |bytes| Ok(bytes.to_vec())).await.unwrap(), b"{}");
		let half = unpack(gzip(&vec![0; LIMIT / 2])).await.unwrap();
		assert_eq!(free(&room), all(&room) - kib(LIMIT / 2) as usize);
		drop(half);
		for wrong in [gzip(&vec![0; LIMIT + 1]), b"{}".to_vec()] {
			assert!(unpack(wrong).await.is_err());
			assert_eq!(free(&room), all(&room));
		}
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn no_more_is_read_at_a_time_than_there_is_room_for() {
		let (room, most) = (room(), Arc::new((AtomicUsize::new(0), AtomicUsize::new(0))));
		let tasks = (0..12).map(|_| {
			let (room, most) = (room.clone(), most.clone());
			tokio::spawn(async move {
				let body = room.unpack(Coding::Plain, vec![0u8; LIMIT].into(), LIMIT).await?;
				let read = room.parse(body, move |_| {
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
				let body = Body { bytes: vec![0u8; LIMIT].into(), taken: None };
				let read = room.parse(body, move |_| {
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
