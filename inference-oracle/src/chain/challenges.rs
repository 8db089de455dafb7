//! Whether a settlement can still be challenged, over a node.

use super::{node::Node, ChainError, Challenges};
use futures::{future::BoxFuture, FutureExt};
use subxt::utils::AccountId32;
use usufruct_client::{runtime, state, view::view, watch::read::Constants};
use usufruct_primitives::{BatchNo, BlockNumber};

impl Challenges for Node {
	fn demandable(&self, no: BatchNo) -> BoxFuture<'_, Result<bool, ChainError>> {
		async move {
			let at = self.chain().finalised().await?;
			// Swept: the chain has forgotten it.
			let Some(batch) = state::batch(&at, &self.oracle(), no).await? else {
				return Ok(false);
			};
			let now = BlockNumber::try_from(at.block_number()).unwrap_or(BlockNumber::MAX);
			if now <= Constants::read(&at)?.challenge_ends(batch.block) {
				return Ok(true);
			}
			// Open ones keep it, and as long as it is kept there can be more.
			let call = runtime::view_functions().usage().charge(AccountId32(self.oracle()), no);
			Ok(view(&at, call).await?.demands > 0)
		}
		.boxed()
	}
}
