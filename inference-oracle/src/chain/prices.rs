//! What settlements cost, over a node: the fees of a settlement with one claim and of one with two, made up
//! and never sent.

use super::{node::Node, ChainError};
use crate::settle::{Batch, Prices};
use usufruct_client::{runtime, view::view};

/// Asks the node.
pub(super) async fn ask(node: &Node) -> Result<Prices, ChainError> {
	let (one, two) = (node.fee(&Batch::example(1)).await?, node.fee(&Batch::example(2)).await?);
	let claim = two.saturating_sub(one);
	let at = node.chain().finalised().await?;
	let split = view(&at, runtime::view_functions().usage().split()).await?;
	Ok(Prices { settlement: one.saturating_sub(claim), claim, share: split.oracle })
}
