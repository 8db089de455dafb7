//! Settlements, and what oracles can collect of them.

use super::as_hex;
use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::view_functions,
	view::view,
};
use serde::Serialize;
use subxt::utils::AccountId32;
use usufruct_primitives::{AccountBytes, Balance, BatchNo, BlockNumber, Hash};

/// A settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
	/// The root over its receipts.
	#[serde(serialize_with = "as_hex")]
	pub root: Hash,
	/// The sum of all receipts, in planck.
	#[serde(with = "decimal")]
	pub total: Balance,
	/// How many there are.
	pub count: u32,
	/// The sum of the accepted claims, in planck.
	#[serde(with = "decimal")]
	pub accepted_total: Balance,
	/// The block it was settled in.
	pub block: BlockNumber,
	/// The hash of its claims and which were accepted.
	#[serde(serialize_with = "as_hex")]
	pub claims_hash: Hash,
}

/// The number of an oracle's next settlement.
pub async fn next_batch(at: &AtBlock, oracle: &AccountBytes) -> Result<BatchNo, ChainError> {
	let call = view_functions().usage().next_batch(AccountId32(*oracle));
	view(at, call).await
}

/// A settlement of an oracle.
pub async fn batch(
	at: &AtBlock,
	oracle: &AccountBytes,
	batch_no: BatchNo,
) -> Result<Option<Batch>, ChainError> {
	let call = view_functions().usage().batch(AccountId32(*oracle), batch_no);
	Ok(view(at, call).await?.map(|batch| Batch {
		root: batch.root,
		total: batch.total,
		count: batch.count,
		accepted_total: batch.accepted_total,
		block: batch.block,
		claims_hash: batch.claims_hash,
	}))
}

/// What an oracle can collect, in planck.
pub async fn credit(at: &AtBlock, oracle: &AccountBytes) -> Result<Balance, ChainError> {
	let call = view_functions().usage().credit(AccountId32(*oracle));
	view(at, call).await
}
