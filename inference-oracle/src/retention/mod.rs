//! Removes from the log what nobody can ask for any more.
//!
//! Answers are kept until their vouchers' `serve_until` and a closing window are over, within a budget
//! for each channel; receipts as long as the chain can demand them, and those that are not settled or not
//! accepted always; what was answered as long as there is the channel, and a closing window longer. What to remove is decided here
//! from finalised state, written to the log like everything else, and done by the log
//! ([`crate::store`]): a process that dies in between does it at its next start.

#[cfg(test)]
mod tests;

use crate::{
	chain::{Challenges, Head},
	crash::{self, Point},
	ledger::Ledger,
	settle::Batch,
	store::{Snapshot, StoreError, Write},
};
use std::sync::Arc;
use tokio::sync::watch;
use usufruct_primitives::{BlockNumber, ChannelId, Seq};

/// Blocks between two looks.
const EVERY: BlockNumber = 20;
/// Changes at one look, so that requests are not held up for long.
const AT_A_LOOK: usize = 8;
/// Closed channels that are dropped at one look.
const CHANNELS: usize = 256;

/// See the module.
pub struct Janitor {
	ledger: Arc<Ledger>,
	chain: Arc<dyn Challenges>,
	heads: watch::Receiver<Arc<Head>>,
}

impl Janitor {
	/// Cleans up behind that ledger.
	pub fn new(
		ledger: Arc<Ledger>,
		chain: Arc<dyn Challenges>,
		heads: watch::Receiver<Arc<Head>>,
	) -> Self {
		Self { ledger, chain, heads }
	}

	/// Runs for as long as there are heads. It can be stopped anywhere. A log that fails is the
	/// ledger's to tell.
	pub async fn run(mut self) {
		let mut next = 0;
		loop {
			let head = self.heads.borrow_and_update().standing.head;
			// Before the first block nothing is known of any channel.
			if head > 0 && head >= next {
				match self.look().await {
					// There may be more.
					Ok(AT_A_LOOK) => next = head.saturating_add(1),
					Ok(_) => next = head.saturating_add(EVERY),
					Err(error) => {
						tracing::warn!(%error, "what is no longer needed could not be removed from the log");
						next = head.saturating_add(EVERY);
					},
				}
			}
			if self.heads.changed().await.is_err() {
				return;
			}
		}
	}

	/// Removes some of what can be removed; returns how many changes that took.
	pub(crate) async fn look(&self) -> Result<usize, StoreError> {
		let mut changes = 0;
		while changes < AT_A_LOOK {
			let found = self.find().await?;
			if found.is_empty() {
				break;
			}
			crash::at(Point::RemovalFound);
			self.ledger.store().write(found).wait().await?;
			changes += 1;
		}
		Ok(changes)
	}

	async fn find(&self) -> Result<Vec<Write>, StoreError> {
		let head = self.heads.borrow().standing.head;
		let ledger = Arc::clone(&self.ledger);
		let log = tokio::task::spawn_blocking(move || ledger.store().snapshot());
		let log = log.await.map_err(|error| StoreError::Failed(error.to_string()))??;
		if log.expired(head)? {
			return Ok(vec![Write::Expire(head)]);
		}
		if let Some(batch) = log.oldest_batch()? {
			match self.chain.demandable(batch.no).await {
				Ok(true) => {},
				Ok(false) => {
					tracing::debug!(
						batch = batch.no,
						"nothing of the settlement can be demanded any more"
					);
					return Ok(vec![Write::Prune(batch.no, self.settled(&log, &batch)?)]);
				},
				Err(error) => tracing::warn!(%error, "whether a settlement is past cannot be told"),
			}
		}
		let until = head.saturating_sub(self.ledger.window());
		Ok(log.droppable(until, CHANNELS)?.into_iter().map(Write::Drop).collect())
	}

	/// Up to which receipt the channels of the batch are settled; of one that is closed nothing more will
	/// be.
	fn settled(&self, log: &Snapshot, batch: &Batch) -> Result<Vec<(ChannelId, Seq)>, StoreError> {
		let mut channels: Vec<_> = batch.claims.iter().map(|claim| claim.channel_id).collect();
		channels.dedup();
		let settled = |channel: ChannelId| {
			let seq = match self.ledger.terms(&channel) {
				Some(terms) => terms.settled_seq,
				None if log.is_closed(&channel)? => Seq::MAX,
				// It may have anything left to settle.
				None => 0,
			};
			Ok((channel, seq))
		};
		channels.into_iter().map(settled).collect()
	}
}
