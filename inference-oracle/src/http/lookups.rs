//! Looking channels up on the node: one look-up of a channel at a time, whoever asks for it meanwhile
//! waits for the same.

use crate::chain::{ChainError, Channels, Lookup};
use futures::{
	future::{BoxFuture, Shared, WeakShared},
	FutureExt,
};
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;
use usufruct_primitives::ChannelId;

/// The most channels that are looked up at a time: whoever sends vouchers of channels that do not
/// exist costs the node a query each.
const AT_A_TIME: usize = 8;

/// `None` if as many channels are being looked up as may be.
type Found = Option<Result<Lookup, ChainError>>;
type Running = BoxFuture<'static, Found>;

/// See the module.
pub(super) struct Lookups {
	chain: Arc<dyn Channels>,
	permits: Arc<Semaphore>,
	/// Those that somebody waits for; others end with the last who waited.
	running: Mutex<HashMap<ChannelId, WeakShared<Running>>>,
}

impl Lookups {
	pub fn new(chain: Arc<dyn Channels>) -> Self {
		let permits = Arc::new(Semaphore::new(AT_A_TIME));
		Self { chain, permits, running: Mutex::default() }
	}

	/// Looks the channel up, or waits for the look-up that is on its way.
	pub async fn find(&self, channel: ChannelId) -> Found {
		self.join(channel).await
	}

	fn join(&self, channel: ChannelId) -> Shared<Running> {
		let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
		// One that is over is not an answer to who asks now.
		running.retain(|_, it| it.upgrade().is_some_and(|it| it.peek().is_none()));
		if let Some(shared) = running.get(&channel).and_then(WeakShared::upgrade) {
			return shared;
		}
		let (chain, permits) = (Arc::clone(&self.chain), Arc::clone(&self.permits));
		let shared = async move {
			let _permit = permits.try_acquire().ok()?;
			Some(chain.lookup(channel).await)
		}
		.boxed()
		.shared();
		running.extend(shared.downgrade().map(|weak| (channel, weak)));
		shared
	}
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

	fn found(found: &Found) -> bool {
		matches!(found, Some(Ok(Lookup::Unknown)))
	}

	#[tokio::test]
	async fn whoever_asks_for_one_channel_waits_for_one_look_up() {
		let chain = Arc::new(Slow::default());
		let lookups = Arc::new(Lookups::new(chain.clone()));
		let ask = |number: u8| {
			let lookups = Arc::clone(&lookups);
			tokio::spawn(async move { lookups.find([number; 32]).await })
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
	async fn only_so_many_channels_are_looked_up_at_a_time() {
		let chain = Arc::new(Slow::default());
		let lookups = Lookups::new(chain.clone());
		let mut running: Vec<_> =
			(0..AT_A_TIME).map(|it| Box::pin(lookups.find([it as u8; 32]))).collect();
		for asked in &mut running {
			assert!(once(asked).is_none());
		}
		assert_eq!(lookups.find([99; 32]).await.map(|_| ()), None);
		assert!(once(&mut Box::pin(lookups.find([3; 32]))).is_none(), "it joins");
		// Who hangs up makes room.
		running.truncate(AT_A_TIME - 1);
		assert!(once(&mut Box::pin(lookups.find([99; 32]))).is_none());
	}

	/// Polls it once.
	fn once<F: std::future::Future + Unpin>(future: &mut F) -> Option<F::Output> {
		future.now_or_never()
	}
}
