//! Whether a settlement can still be challenged, over a node.

use super::{node::Node, ChainError, Challenges};
use futures::{future::BoxFuture, FutureExt};
use subxt::utils::AccountId32;
use usufruct_client::{runtime, state, view::view, watch::read::Constants};
use usufruct_primitives::{BatchNo, BlockNumber};

impl Challenges for Node {
	fn demandable(&self, no: BatchNo) -> BoxFuture<'_, Result<bool, ChainError>> {
		async move {
			// What is removed does not come back, whoever is right.
			if self.trouble().any() {
				return Err(ChainError("what is final is disputed".into()));
			}
			let at = self.chain().finalised().await?;
			let oracle = AccountId32(self.oracle());
			let charge = runtime::view_functions().usage().charge(oracle, no);
			let held = state::batch(&at, &self.oracle(), no).await?;
			let constants = Constants::read(&at)?;
			Ok(demandable(&Seen {
				no,
				next: state::next_batch(&at, &self.oracle()).await?,
				now: BlockNumber::try_from(at.block_number()).unwrap_or(BlockNumber::MAX),
				ends: held.map(|batch| constants.challenge_ends(batch.block)),
				demands: view(&at, charge).await?.demands,
			}))
		}
		.boxed()
	}
}

/// What a node says of a settlement at one block.
#[derive(Clone, Copy, Debug)]
struct Seen {
	no: BatchNo,
	/// The number of the oracle's next settlement.
	next: BatchNo,
	now: BlockNumber,
	/// The first block in which it cannot be challenged any more; `None` if the chain does not have it.
	ends: Option<BlockNumber>,
	/// Open demands about it.
	demands: u32,
}

fn demandable(seen: &Seen) -> bool {
	// A node that is behind does not have it yet.
	if seen.next <= seen.no {
		return true;
	}
	// Without it: the chain has swept it, and forgotten it.
	// Open demands keep it, and as long as it is kept there can be more.
	seen.ends.is_some_and(|ends| seen.now <= ends || seen.demands > 0)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_settlement_is_past_when_its_window_is_over_and_nothing_is_open() {
		let seen = Seen { no: 4, next: 6, now: 101, ends: Some(100), demands: 0 };
		assert!(!demandable(&seen));
		assert!(demandable(&Seen { now: 100, ..seen }));
		assert!(demandable(&Seen { demands: 1, ..seen }));
		assert!(!demandable(&Seen { ends: None, ..seen }), "the chain has swept it");
	}

	#[test]
	fn a_node_that_does_not_have_it_yet_says_nothing() {
		let behind = Seen { no: 4, next: 4, now: 10, ends: None, demands: 0 };
		assert!(demandable(&behind));
		assert!(demandable(&Seen { next: 0, ..behind }));
	}
}
