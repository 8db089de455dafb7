//! Looking channels up on the node: one look-up of a channel at a time, whoever asks for it meanwhile
//! waits for the same.
//!
//! Channels that nobody knows can be named without end, and each costs the node a query. So only some are
//! looked up at a time, those that wait take their turns, and whoever names many from one network is refused
//! while others still find a place.

use crate::chain::{ChainError, Channels, Lookup};
use futures::{
	future::{BoxFuture, Shared, WeakShared},
	FutureExt,
};
use std::{
	collections::HashMap,
	net::IpAddr,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};
use usufruct_client::serve::network;
use usufruct_primitives::ChannelId;

/// The most channels that are looked up at a time.
const AT_A_TIME: usize = 8;
/// The most that are looked up or wait for it.
const PLACES: usize = 1_024;
/// The most of them that one network asks for. Those from this machine are counted only in all, since a
/// proxy may stand there.
const OF_NETWORK: usize = 16;
/// See [`Lookups::patience`].
const PATIENCE: Duration = Duration::from_secs(5);
/// Look-ups that are looked after before those that are over are forgotten.
const REMEMBERED: usize = 64;

/// `None` if there is no place, or the turn did not come.
type Found = Option<Result<Lookup, ChainError>>;
type Running = BoxFuture<'static, Found>;

/// See the module.
pub(super) struct Lookups {
	chain: Arc<dyn Channels>,
	turns: Arc<Semaphore>,
	places: Arc<Mutex<Places>>,
	/// How long one waits for its turn.
	patience: Duration,
	/// Those that somebody waits for; others end with the last who waited.
	running: Mutex<HashMap<ChannelId, WeakShared<Running>>>,
}

impl Lookups {
	pub fn new(chain: Arc<dyn Channels>) -> Self {
		let turns = Arc::new(Semaphore::new(AT_A_TIME));
		let (places, running) = Default::default();
		Self { chain, turns, places, patience: PATIENCE, running }
	}

	/// Looks the channel up, or waits for the look-up that is on its way. Says from where it is asked for, if
	/// that is known.
	pub async fn find(&self, channel: ChannelId, from: Option<IpAddr>) -> Found {
		self.join(channel, from)?.await
	}

	fn join(&self, channel: ChannelId, from: Option<IpAddr>) -> Option<Shared<Running>> {
		let mut running = lock(&self.running);
		// One that is over is not an answer to who asks now.
		let known = running.get(&channel).and_then(WeakShared::upgrade);
		if let Some(shared) = known.filter(|it| it.peek().is_none()) {
			return Some(shared);
		}
		let place = Place::take(&self.places, from)?;
		// Doubled each time it is full, so that looking through it costs each look-up little.
		if running.len() >= REMEMBERED && running.len() == running.capacity() {
			running.retain(|_, it| it.upgrade().is_some_and(|it| it.peek().is_none()));
		}
		let (chain, turns) = (Arc::clone(&self.chain), Arc::clone(&self.turns));
		let patience = self.patience;
		let shared = async move {
			let _place = place;
			let _turn = timeout(patience, turns.acquire()).await.ok()?.ok()?;
			Some(chain.lookup(channel).await)
		}
		.boxed()
		.shared();
		running.extend(shared.downgrade().map(|weak| (channel, weak)));
		Some(shared)
	}
}

/// Look-ups that run or wait, in all and by the networks that asked for them.
#[derive(Default)]
struct Places {
	all: usize,
	by_network: HashMap<IpAddr, usize>,
}

/// The place of a look-up, as long as it is held.
struct Place {
	places: Arc<Mutex<Places>>,
	network: Option<IpAddr>,
}

impl Place {
	fn take(places: &Arc<Mutex<Places>>, from: Option<IpAddr>) -> Option<Self> {
		let outside = from.filter(|from| !from.to_canonical().is_loopback());
		let network = outside.map(network);
		let mut taken = lock(places);
		if taken.all >= PLACES {
			return None;
		}
		if let Some(network) = network {
			let there = taken.by_network.entry(network).or_default();
			if *there >= OF_NETWORK {
				return None;
			}
			*there += 1;
		}
		taken.all += 1;
		Some(Self { places: Arc::clone(places), network })
	}
}

impl Drop for Place {
	fn drop(&mut self) {
		let mut taken = lock(&self.places);
		taken.all = taken.all.saturating_sub(1);
		let Some(network) = self.network else { return };
		if let Some(there) = taken.by_network.get_mut(&network) {
			*there = there.saturating_sub(1);
			if *there == 0 {
				taken.by_network.remove(&network);
			}
		}
	}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::sync::atomic::{AtomicUsize, Ordering};

	/// Answers as often as it was told to.
	#[derive(Default)]
	struct Slow {
		asked: AtomicUsize,
		gate: tokio::sync::Notify,
	}

	impl Channels for Slow {
		fn lookup(&self, _: ChannelId) -> BoxFuture<'_, Result<Lookup, ChainError>> {
			async move {
				self.asked.fetch_add(1, Ordering::SeqCst);
				self.gate.notified().await;
				Ok(Lookup::Unknown)
			}
			.boxed()
		}
	}

	/// An address of that network.
	fn at(network: u8) -> Option<IpAddr> {
		Some([192, 0, 2, network].into())
	}

	/// A channel, by its number.
	fn channel(number: u16) -> ChannelId {
		let mut channel = [0; 32];
		channel[..2].copy_from_slice(&number.to_le_bytes());
		channel
	}

	fn found(found: &Found) -> bool {
		matches!(found, Some(Ok(Lookup::Unknown)))
	}

	#[tokio::test]
	async fn whoever_asks_for_one_channel_waits_for_one_look_up() {
		let chain = Arc::new(Slow::default());
		let lookups = Arc::new(Lookups::new(chain.clone()));
		let ask = |number: u8| {
			let lookups = Arc::clone(&lookups);
			tokio::spawn(async move { lookups.find([number; 32], at(1)).await })
		};
		let many: Vec<_> = (0..50).map(|_| ask(1)).collect();
		// The first of them hangs up.
		tokio::task::yield_now().await;
		many[0].abort();
		tokio::task::yield_now().await;
		assert_eq!(chain.asked.load(Ordering::SeqCst), 1);
		chain.gate.notify_one();
		for (at, asked) in many.into_iter().enumerate().skip(1) {
			assert!(found(&asked.await.unwrap()), "{at}");
		}
		// Who asks later is told what holds later.
		let later = ask(1);
		chain.gate.notify_one();
		assert!(found(&later.await.unwrap()));
		assert_eq!(chain.asked.load(Ordering::SeqCst), 2);
	}

	#[tokio::test]
	async fn only_so_many_channels_are_looked_up_at_a_time_and_others_wait_for_their_turns() {
		let chain = Arc::new(Slow::default());
		let lookups = Lookups::new(chain.clone());
		let ask = |number: u16| Box::pin(lookups.find(channel(number), None));
		let mut running: Vec<_> = (0..AT_A_TIME as u16 + 1).map(ask).collect();
		for asked in &mut running {
			assert!(once(asked).is_none());
		}
		assert_eq!(chain.asked.load(Ordering::SeqCst), AT_A_TIME);
		assert!(once(&mut ask(3)).is_none(), "it joins");
		assert_eq!(chain.asked.load(Ordering::SeqCst), AT_A_TIME);
		// Who hangs up makes room.
		drop(running.remove(0));
		assert!(once(&mut running[AT_A_TIME - 1]).is_none());
		assert_eq!(chain.asked.load(Ordering::SeqCst), AT_A_TIME + 1);
	}

	#[tokio::test]
	async fn whoever_names_channels_that_do_not_exist_keeps_no_new_consumer_out() {
		let chain = Arc::new(Slow::default());
		let lookups = Arc::new(Lookups::new(chain.clone()));
		let ask = |number: u16, from| {
			let lookups = Arc::clone(&lookups);
			tokio::spawn(async move { lookups.find(channel(number), from).await })
		};
		let named: Vec<_> = (0..1_000).map(|number| ask(number, at(1))).collect();
		settled().await;
		let refused = named.iter().filter(|it| it.is_finished()).count();
		assert_eq!(refused, 1_000 - OF_NETWORK);
		let honest = ask(2_000, at(2));
		settled().await;
		assert!(!honest.is_finished(), "it has a place");
		// Its turn comes after those that were there, and those only.
		for _ in 0..=OF_NETWORK {
			chain.gate.notify_one();
			settled().await;
		}
		assert!(honest.is_finished() && found(&honest.await.unwrap()));
		assert_eq!(chain.asked.load(Ordering::SeqCst), OF_NETWORK + 1);
	}

	#[tokio::test]
	async fn those_behind_a_proxy_are_counted_only_in_all() {
		let chain = Arc::new(Slow::default());
		let lookups = Lookups::new(chain.clone());
		let here = Some([127, 0, 0, 1].into());
		let mut named: Vec<_> =
			(0..PLACES as u16).map(|it| Box::pin(lookups.find(channel(it), here))).collect();
		for asked in &mut named {
			assert!(once(asked).is_none());
		}
		assert_eq!(lookups.find(channel(5_000), at(1)).await.map(|_| ()), None);
		named.pop();
		assert!(once(&mut Box::pin(lookups.find(channel(5_000), at(1)))).is_none());
		drop(named);
		let places = lock(&lookups.places);
		assert_eq!((places.all, places.by_network.len()), (0, 0));
	}

	#[tokio::test]
	async fn nobody_waits_for_ever() {
		let patience = Duration::from_millis(50);
		let lookups = Lookups { patience, ..Lookups::new(Arc::new(Slow::default())) };
		let mut running: Vec<_> =
			(0..AT_A_TIME as u16).map(|it| Box::pin(lookups.find(channel(it), None))).collect();
		for asked in &mut running {
			assert!(once(asked).is_none());
		}
		assert_eq!(lookups.find(channel(100), at(1)).await.map(|_| ()), None);
	}

	/// Lets all tasks get as far as they do.
	async fn settled() {
		for _ in 0..100 {
			tokio::task::yield_now().await;
		}
	}

	/// Polls it once.
	fn once<F: std::future::Future + Unpin>(future: &mut F) -> Option<F::Output> {
		future.now_or_never()
	}
}
