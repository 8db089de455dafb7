//! Demands over a node, and answers in the types of the runtime.

use super::{node::Node, ChainError, Demand, Demands, SubmitError};
use crate::demands::Answer;
use futures::{future::BoxFuture, FutureExt};
use subxt::utils::{AccountId32, Static};
use usufruct_client::{
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			pallet_usage::evidence,
			usufruct_primitives::{ids, tree, usage},
		},
	},
	view::view,
};
use usufruct_primitives::Status;

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
	let (receipt, voucher) = (&answer.receipt, &answer.voucher.voucher);
	let siblings = answer.proof.siblings.iter();
	evidence::Answer {
		receipt: usage::Receipt {
			channel_id: receipt.channel_id,
			seq: receipt.seq,
			model: receipt.model,
			model_version: receipt.model_version,
			meter: Static(receipt.meter),
			status: match receipt.status {
				Status::Served => ids::Status::Served,
				Status::Partial => ids::Status::Partial,
				Status::Failed => ids::Status::Failed,
			},
			units: receipt.units,
			unit_price: receipt.unit_price,
			amount: receipt.amount,
			total: receipt.total,
			request_commit: receipt.request_commit,
			output_commit: receipt.output_commit,
			started_ms: receipt.started_ms,
			took_ms: receipt.took_ms,
		},
		proof: evidence::LeafProof {
			index: answer.proof.index,
			siblings: BoundedVec(
				siblings
					.map(|node| tree::Node { hash: node.hash, sum: node.sum, count: node.count })
					.collect(),
			),
		},
		voucher: usage::Voucher {
			channel_id: voucher.channel_id,
			cap: voucher.cap,
			request_commit: voucher.request_commit,
			ack_seq: voucher.ack_seq,
			ack_total: voucher.ack_total,
			serve_until: voucher.serve_until,
		},
		signature: answer.voucher.signature,
	}
}
