//! What nodes say is final: whether a node still serves the chain that was followed, and whether two of
//! them agree.
//!
//! What is final never changes. A node that says otherwise, or two that differ, cannot all be right; which
//! one is nobody here can tell. So no new channel is accepted then, and it is said loudly until it is over.

use super::ChainError;
use futures::{future::BoxFuture, FutureExt};
use std::{
	sync::atomic::{AtomicBool, Ordering},
	time::Duration,
};
use usufruct_client::chain::{Chain, ChainError as ClientError};
use usufruct_primitives::Hash;

#[cfg(test)]
mod tests;

/// What a node says of finalised blocks.
pub trait Finality: Send + Sync {
	/// The number of the last one.
	fn last(&self) -> BoxFuture<'_, Result<u64, ChainError>>;
	/// The hash of the block of that number on its chain; `None` if it has none.
	fn hash_at(&self, number: u64) -> BoxFuture<'_, Result<Option<Hash>, ChainError>>;
}

impl Finality for Chain {
	fn last(&self) -> BoxFuture<'_, Result<u64, ChainError>> {
		async move { Ok(self.finalised().await?.block_number()) }.boxed()
	}

	fn hash_at(&self, number: u64) -> BoxFuture<'_, Result<Option<Hash>, ChainError>> {
		async move {
			let hash = self.rpc().chain_get_block_hash(Some(number.into())).await;
			Ok(hash.map_err(ClientError::from)?.map(|hash| hash.0))
		}
		.boxed()
	}
}

/// A block that is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
	/// Its number.
	pub number: u64,
	/// Its hash.
	pub hash: Hash,
}

/// How a node stands to a block that is final elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
	/// It has it.
	Same,
	/// It has not got there, and says nothing else of what comes before.
	Behind {
		/// Its last finalised block.
		last: u64,
	},
	/// It has another one at that number.
	Forked {
		/// The number.
		number: u64,
		/// What it has there.
		theirs: Hash,
		/// What was final elsewhere.
		ours: Hash,
	},
}

/// Compares the chain of `theirs` with a block that is final for `ours`, at the last number that is final
/// for both.
pub async fn compare(
	ours: &dyn Finality,
	block: Block,
	theirs: &dyn Finality,
) -> Result<Stand, ChainError> {
	let last = theirs.last().await?;
	let number = last.min(block.number);
	let expected = match number == block.number {
		true => Some(block.hash),
		false => ours.hash_at(number).await?,
	};
	let found = theirs.hash_at(number).await?;
	Ok(match (expected, found) {
		(Some(ours), Some(theirs)) if ours != theirs => Stand::Forked { number, theirs, ours },
		(Some(_), Some(_)) if number == block.number => Stand::Same,
		_ => Stand::Behind { last },
	})
}

/// What is wrong with the nodes, as far as it is known, and is said once.
#[derive(Debug, Default)]
pub struct Trouble {
	forked: AtomicBool,
	behind: AtomicBool,
	disputed: AtomicBool,
	lagging: AtomicBool,
	old: AtomicBool,
}

/// How many finalised blocks a node may be behind another one.
const LAG: u64 = 20;
/// How old the last finalised block may be by this machine's clock. A block is final some seconds after it was
/// made; the rest is for clocks that are not quite right, and a validator or two that are away.
const OLD: Duration = Duration::from_secs(180);

impl Trouble {
	/// Whether no new channel may be accepted.
	pub fn any(&self) -> bool {
		self.disagree() || self.behind.load(Ordering::Relaxed)
	}

	/// Whether nodes disagree, or one with what it said before.
	pub fn disagree(&self) -> bool {
		self.forked.load(Ordering::Relaxed) || self.disputed.load(Ordering::Relaxed)
	}

	/// How the node stands to the last finalised block that was acted on, by this process or the one
	/// before it: one that has another there, or has not got there, is not followed.
	pub fn stand(&self, url: &str, block: Block, stand: Stand) {
		self.fork(url, stand);
		let Stand::Behind { last } = stand else {
			if self.behind.swap(false, Ordering::Relaxed) {
				tracing::info!(url, "the node has caught up with what was final before");
			}
			return;
		};
		if !self.behind.swap(true, Ordering::Relaxed) {
			tracing::error!(
				url,
				node = last,
				acted_on = block.number,
				"THE NODE IS BEHIND WHAT THIS ORACLE HAS ACTED ON: what it says of channels is old, so it \
				 is not followed and no new channels are accepted until it has caught up; wait for it, or \
				 give the oracle another node"
			);
		}
	}

	/// Whether the node that is followed has left the chain that it was followed on.
	fn fork(&self, url: &str, stand: Stand) {
		let Stand::Forked { number, theirs, ours } = stand else {
			if self.forked.swap(false, Ordering::Relaxed) {
				tracing::info!(url, "the node is on the chain again that was final before");
			}
			return;
		};
		if !self.forked.swap(true, Ordering::Relaxed) {
			tracing::error!(
				url,
				number,
				was = hex::encode(ours),
				is = hex::encode(theirs),
				"THE NODE HAS ANOTHER BLOCK WHERE ONE WAS FINAL: it is not followed, and no new channels \
				 are accepted; see to it, or give the oracle another node"
			);
		}
	}

	/// Whether the node that is followed is far behind another one; returns whether it is.
	pub fn lag(&self, url: &str, ours: u64, theirs: u64) -> bool {
		let behind = theirs.saturating_sub(ours);
		let lags = behind > LAG;
		if lags && !self.lagging.swap(true, Ordering::Relaxed) {
			tracing::error!(
				url,
				behind,
				"THE NODE LAGS: another one has many more finalised blocks; what the oracle knows of \
				 channels is old, so what vouchers cover is served up to the set risk: see to the node"
			);
		} else if !lags && self.lagging.swap(false, Ordering::Relaxed) {
			tracing::info!(url, "the node has caught up");
		}
		lags
	}

	/// Whether the last finalised block of the node that is followed is old by this machine's clock; returns
	/// whether it is. One that is ahead makes blocks look old, one that is behind hides that they are.
	pub fn age(&self, url: &str, age: Duration) -> bool {
		let old = age > OLD;
		if old && !self.old.swap(true, Ordering::Relaxed) {
			tracing::error!(
				url,
				seconds = age.as_secs(),
				"THE NODE'S FINALISED BLOCKS ARE OLD: it has not got to those of now, or this machine's clock \
				 is ahead; no new channels are accepted, and what vouchers cover is served up to the set \
				 risk: wait until it has caught up, and see to the clock"
			);
		} else if !old && self.old.swap(false, Ordering::Relaxed) {
			tracing::info!(url, "the node's finalised blocks are those of now again");
		}
		old
	}

	/// Whether another node disagrees with the one that is followed.
	pub fn dispute(&self, urls: [&str; 2], stand: Stand) {
		let Stand::Forked { number, theirs, ours } = stand else {
			if self.disputed.swap(false, Ordering::Relaxed) {
				tracing::info!(nodes = urls.join(" and "), "the nodes agree again");
			}
			return;
		};
		if !self.disputed.swap(true, Ordering::Relaxed) {
			tracing::error!(
				number,
				first = urls[0],
				first_has = hex::encode(ours),
				second = urls[1],
				second_has = hex::encode(theirs),
				"TWO NODES DISAGREE ABOUT WHAT IS FINAL: no new channels are accepted until they agree; \
				 find out which one is on the right chain and take the other away"
			);
		}
	}
}
