//! Demands over a node, and answers in the types of the runtime.

use super::{node::Node, ChainError, Demand, Demands, SubmitError};
use crate::demands::Answer;
use futures::{future::BoxFuture, FutureExt};
use subxt::utils::{AccountId32, Static};
use usufruct_client::{
	runtime::{self, runtime_types::pallet_usage::evidence},
	view::view,
};

impl Demands for Node {
	fn open_demands(&self) -> BoxFuture<'_, Result<Vec<Demand>, ChainError>> {
		async move {
			let at = self.chain().finalised().await?;
			let mut open = Vec::new();
			let mut after = None;
			loop {
				let oracle = AccountId32(self.oracle());
				let call = runtime::view_functions().usage().open_demands(oracle, after);
				let page = view(&at, call).await?;
				open.extend(page.demands.into_iter().map(|demand| Demand {
					due: demand.due,
					batch_no: demand.batch_no,
					channel_id: demand.channel_id,
					seq: demand.seq,
				}));
				after = page.next;
				if after.is_none() {
					return Ok(open);
				}
			}
		}
		.boxed()
	}

	fn answer_demand<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<(), SubmitError>> {
		async move {
			let (batch, seq) = (answer.batch_no, answer.receipt.seq);
			let call = runtime::tx().usage().answer_demand(
				AccountId32(self.oracle()),
				batch,
				encodable(answer),
			);
			let included = self
				.send(&call, |progress| tracing::debug!(batch, seq, %progress, "answer"))
				.await?;
			tracing::debug!(batch, seq, fee = %included.fee, block = included.block, "answered");
			Ok(())
		}
		.boxed()
	}
}

/// The answer as the call takes it.
fn encodable(answer: &Answer) -> evidence::Answer {
	evidence::Answer {
		receipt: Static(answer.receipt.clone()),
		proof: Static(answer.proof.clone()),
		voucher: Static(answer.voucher.voucher.clone()),
		signature: answer.voucher.signature,
	}
}
