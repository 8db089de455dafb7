//! What settlements cost, over a node: the fees of a settlement with one claim and of one with two, made up
//! and never sent.

use super::{node::Node, ChainError};
use crate::settle::{Batch, Prices};
use usufruct_client::{runtime, view::view};
use usufruct_primitives::settlement::{Claim, ClaimVoucher};

/// Asks the node.
pub(super) async fn ask(node: &Node) -> Result<Prices, ChainError> {
	let (one, two) = (node.fee(&example(1)).await?, node.fee(&example(2)).await?);
	let claim = two.saturating_sub(one);
	let at = node.chain().finalised().await?;
	let split = view(&at, runtime::view_functions().usage().split()).await?;
	Ok(Prices { settlement: one.saturating_sub(claim), claim, share: split.oracle })
}

/// A settlement of so many claims. Fees depend on how many they are, and on nothing in them.
fn example(claims: u32) -> Batch {
	let voucher = ClaimVoucher {
		cap: 1,
		request_commit: [0; 32],
		ack_seq: 0,
		ack_total: 0,
		serve_until: 0,
		signature: [0; 64],
	};
	let claim = Claim {
		channel_id: [0; 32],
		model_version: 0,
		from_seq: 1,
		to_seq: 1,
		total_before: 0,
		total_after: 1,
		voucher,
	};
	Batch {
		no: 0,
		root: [0; 32],
		total: claims.into(),
		count: claims,
		claims: vec![claim; claims as usize],
	}
}
