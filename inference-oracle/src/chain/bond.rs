//! Adding to the bond over a node.

use super::{node::Node, Bonding, ChainError, SubmitError};
use futures::{future::BoxFuture, FutureExt};
use usufruct_client::runtime;
use usufruct_primitives::Balance;

impl Bonding for Node {
	fn balance(&self) -> BoxFuture<'_, Result<Balance, ChainError>> {
		async move { Ok(self.chain().free_balance(&self.oracle()).await?) }.boxed()
	}

	fn bond_more(&self, amount: Balance) -> BoxFuture<'_, Result<(), SubmitError>> {
		async move {
			let call = runtime::tx().oracles().bond_more(amount);
			let report = |progress| tracing::debug!(%progress, "adding to the bond");
			let included = self.send(&call, report).await?;
			tracing::debug!(fee = %included.fee, block = included.block, "added to the bond");
			Ok(())
		}
		.boxed()
	}
}
