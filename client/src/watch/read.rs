//! What a watcher reads from the chain: settlements with their claims, demands, and what oracles show
//! to meet them.
//!
//! Blocks are read as the node stores them, without the state they led to, which most nodes forget
//! soon. That is enough: claims are checked against the hash that the chain keeps, proofs against the
//! root.

use super::{
	batch::Settled,
	decide::{Docket, OpenDemand},
	leaves::{Proven, Tree},
};
use crate::{
	chain::{AtBlock, Chain, ChainError},
	runtime::{
		self, constants, runtime_types::pallet_usage::pallet::Call as Usage, storage,
		usage::events::Settled as SettledEvent, view_functions, Call,
	},
	state,
	statement::{for_each, settlements},
	view::view,
};
use subxt::utils::AccountId32;
use usufruct_primitives::{
	settlement::Claim, tree::Leaf, AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Hash,
	PublicKey, Seq,
};

/// In how many buckets the chain counts locks.
const BUCKETS: BlockNumber = 32;

/// What the runtime fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constants {
	/// For how many blocks a settlement can be challenged, at least.
	pub challenge_window: BlockNumber,
	/// Blocks from a request to close until it can be finalised.
	pub closing_window: BlockNumber,
	/// Blocks that an oracle has to answer a demand.
	pub demand_term: BlockNumber,
	/// What is put aside for a demand, in planck.
	pub demand_deposit: Balance,
}

impl Constants {
	/// Those of the chain.
	pub fn read(at: &AtBlock) -> Result<Self, ChainError> {
		let constant = at.constants();
		Ok(Self {
			challenge_window: constant.entry(constants().oracles().challenge_window())?,
			closing_window: state::closing_window(at)?,
			demand_term: constant.entry(constants().usage().demand_term())?,
			demand_deposit: constant.entry(constants().usage().demand_deposit())?,
		})
	}

	/// The first block in which what was settled in `block` can no longer be challenged: locks end
	/// together, at the end of their bucket.
	pub fn challenge_ends(&self, block: BlockNumber) -> BlockNumber {
		let bucket = self.challenge_window.div_ceil(BUCKETS).max(1);
		let started = (block / bucket).saturating_add(1).saturating_mul(bucket);
		started.saturating_add(self.challenge_window)
	}
}

/// The calls in a block, those within others included.
async fn calls(
	chain: &Chain,
	at: &AtBlock,
	block: BlockNumber,
	mut visit: impl FnMut(&Call),
) -> Result<(), ChainError> {
	let hash = chain.rpc().chain_get_block_hash(Some(block.into())).await?;
	let Some(hash) = hash else { return Ok(()) };
	let Some(found) = chain.rpc().chain_get_block(Some(hash)).await? else { return Ok(()) };
	let bodies = found.block.extrinsics.into_iter().map(|bytes| bytes.0).collect();
	for extrinsic in at.extrinsics().from_bytes(bodies).await.iter() {
		// What this release cannot read is nothing that it looks for.
		let Ok(extrinsic) = extrinsic else { continue };
		let Ok(call) = extrinsic.decode_call_data_as::<Call>() else { continue };
		for_each(&call, &mut visit);
	}
	Ok(())
}

/// A settlement with its claims; `None` if they cannot be found.
pub async fn settlement(
	chain: &Chain,
	at: &AtBlock,
	oracle: AccountBytes,
	batch_no: BatchNo,
	batch: &state::Batch,
) -> Result<Option<Settled>, ChainError> {
	let mut candidates: Vec<Vec<Claim>> = Vec::new();
	calls(chain, at, batch.block, |call| {
		let found = settlements(call).into_iter();
		let ours = found.filter(|it| it.batch_no == batch_no && it.root == batch.root);
		candidates.extend(ours.map(|it| it.claims));
	})
	.await?;
	let skipped = skipped(chain, &oracle, batch_no, batch.block).await;
	let assemble = |claims: &Vec<Claim>| {
		let by_event = skipped
			.as_deref()
			.and_then(|skipped| Settled::assemble(oracle, batch_no, batch, claims, Some(skipped)));
		by_event.or_else(|| Settled::assemble(oracle, batch_no, batch, claims, None))
	};
	Ok(candidates.iter().find_map(assemble))
}

/// The claims of a settlement that were skipped, if the node still has the events of its block.
async fn skipped(
	chain: &Chain,
	oracle: &AccountBytes,
	batch_no: BatchNo,
	block: BlockNumber,
) -> Option<Vec<u16>> {
	let at = chain.client().at_block(u64::from(block)).await.ok()?;
	let events = at.events().fetch().await.ok()?;
	let found = events
		.find::<SettledEvent>()
		.filter_map(Result::ok)
		.find(|event| event.oracle.0 == *oracle && event.batch_no == batch_no)?;
	Some(found.skipped.0.into_iter().map(|skipped| skipped.index).collect())
}

/// What an oracle has shown of settlements in a block. Proofs are checked, so it does not matter
/// whether the call succeeded.
pub async fn answers(
	chain: &Chain,
	at: &AtBlock,
	block: BlockNumber,
	batches: &[Settled],
) -> Result<Vec<(BatchKey, Proven)>, ChainError> {
	let genesis = chain.genesis();
	let mut found = Vec::new();
	calls(chain, at, block, |call| {
		if let Call::Usage(Usage::answer_demand { oracle, batch_no, answer }) = call {
			let key = (oracle.0, *batch_no);
			let batch = batches.iter().find(|batch| (batch.oracle, batch.batch_no) == key);
			let (receipt, proof) = (answer.receipt.0.clone(), answer.proof.0.clone());
			if let Some(proven) = batch.and_then(|batch| check(&genesis, batch, receipt, proof)) {
				found.push((key, proven));
			}
		}
	})
	.await?;
	Ok(found)
}

/// Oracle and number of a settlement.
pub type BatchKey = (AccountBytes, BatchNo);

/// The receipt, if it provably stands in the settlement.
fn check(
	genesis: &Hash,
	batch: &Settled,
	receipt: usufruct_primitives::usage::Receipt,
	proof: usufruct_primitives::tree::Proof,
) -> Option<Proven> {
	let amount = receipt.amount;
	let leaf = Leaf { digest: receipt.digest(genesis), amount };
	Tree::new(batch.top).learn(&leaf, &proof).ok()?;
	Some(Proven { receipt, amount, proof })
}

/// What the chain says about a settlement and a channel in it.
pub async fn docket(
	at: &AtBlock,
	constants: &Constants,
	batch: &Settled,
	channel: &ChannelId,
	channel_exists: bool,
) -> Result<Docket, ChainError> {
	let oracle = AccountId32(batch.oracle);
	let charge = view_functions().usage().charge(oracle, batch.batch_no);
	let charge = view(at, charge).await?;
	let entry = at.storage().entry(storage().usage().inquiries())?;
	let inquiry = entry.try_fetch((oracle, batch.batch_no, *channel)).await?;
	let open = match inquiry {
		Some(inquiry) => {
			let demands = inquiry.decode()?.demands.0.into_iter();
			demands
				.map(|demand| OpenDemand {
					seq: demand.seq,
					by: demand.by.0,
					due: demand.due,
					deposit: demand.deposit,
				})
				.collect()
		},
		None => Vec::new(),
	};
	Ok(Docket {
		slashed: charge.slashed,
		challenge_ends: constants.challenge_ends(batch.block),
		demands: charge.demands,
		open,
		channel_exists,
	})
}

/// The last receipt key by whose signatures alone the oracle was convicted of two receipts.
pub async fn convicted_key(
	at: &AtBlock,
	oracle: &AccountBytes,
) -> Result<Option<PublicKey>, ChainError> {
	let entry = at.storage().entry(runtime::storage().usage().oracle_books())?;
	match entry.try_fetch((AccountId32(*oracle),)).await? {
		Some(book) => Ok(book.decode()?.convicted_key),
		None => Ok(None),
	}
}

/// The settlement of an oracle in which an accepted claim covers a receipt, from the newest back as
/// far as it can be challenged.
pub async fn find(
	chain: &Chain,
	at: &AtBlock,
	oracle: AccountBytes,
	channel: &ChannelId,
	seq: Seq,
) -> Result<Option<Settled>, ChainError> {
	let constants = Constants::read(at)?;
	let now = at.block_number() as BlockNumber;
	let next = state::next_batch(at, &oracle).await?;
	for batch_no in (0..next).rev() {
		let Some(batch) = state::batch(at, &oracle, batch_no).await? else { continue };
		let covers =
			|batch: &Settled| batch.covering(channel, seq).is_some_and(|claim| claim.accepted);
		let found = settlement(chain, at, oracle, batch_no, &batch).await?;
		if let Some(found) = found.filter(covers) {
			return Ok(Some(found));
		}
		if now >= constants.challenge_ends(batch.block) {
			break;
		}
	}
	Ok(None)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_challenge_ends_with_its_bucket() {
		let of = |challenge_window| Constants {
			challenge_window,
			closing_window: 1,
			demand_term: 1,
			demand_deposit: 1,
		};
		// As `pallet-oracles` counts: buckets of a 32nd of the window, rounded up.
		assert_eq!(of(320).challenge_ends(0), 330);
		assert_eq!(of(320).challenge_ends(9), 330);
		assert_eq!(of(320).challenge_ends(10), 340);
		assert_eq!(of(1).challenge_ends(7), 9);
		assert_eq!(of(33).challenge_ends(3), 37);
	}
}
