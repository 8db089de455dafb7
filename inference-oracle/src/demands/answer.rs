//! From the log to an answer: the receipt, its place under the batch's root, its voucher.

use crate::{
	chain::Demand,
	settle::Batch,
	store::{Snapshot, Store, StoreError},
};
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	tree::{prove, verify, Leaf, Node, Proof, TreeError},
	usage::Receipt,
	BatchNo, ChannelId, Hash, Seq,
};

/// What is shown to meet a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The settlement.
	pub batch_no: BatchNo,
	/// The receipt.
	pub receipt: Receipt,
	/// Where it stands in the settlement's tree.
	pub proof: Proof,
	/// The voucher that asked for its request.
	pub voucher: SignedVoucher,
}

/// Why a demand cannot be answered from the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unanswerable {
	/// The log knows nothing of the settlement.
	#[error(
		"the log does not hold the settlement; start the oracle on the data folder that made it"
	)]
	NoBatch,
	/// The settlement in the log has no such receipt.
	#[error(
		"the settlement in the log does not claim the receipt; another program settles for this \
		 account: answer from its data folder, and stop one of them"
	)]
	NotClaimed,
	/// A receipt of the batch is gone, and with it the proofs of all others.
	#[error(
		"receipt {seq} of channel {} is missing in the log; restore the data folder from a copy",
		hex::encode(channel)
	)]
	Missing {
		/// Its channel.
		channel: ChannelId,
		/// Its number.
		seq: Seq,
	},
	/// The receipts in the log do not lead to what was settled.
	#[error(
		"the receipts in the log are not those that were settled ({0}); restore the data folder from \
		 a copy"
	)]
	Tree(#[from] TreeError),
	/// The log cannot be read.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// Answers to `demands`, all of batch `no`. Reads every receipt of the batch once, and hashes the
/// tree once for each demand: call it where blocking is allowed.
pub fn answers(
	store: &Store,
	genesis: &Hash,
	no: BatchNo,
	demands: &[Demand],
) -> Vec<(Demand, Result<Answer, Unanswerable>)> {
	let settled = store.snapshot().map_err(Unanswerable::Store).and_then(|log| {
		let (batch, leaves) = read(&log, genesis, no)?;
		Ok((log, batch, leaves))
	});
	let answer = |demand: &Demand| match &settled {
		Ok((log, batch, leaves)) => one(log, genesis, batch, leaves, demand),
		Err(error) => Err(error.clone()),
	};
	demands.iter().map(|demand| (*demand, answer(demand))).collect()
}

/// A settlement, and its leaves in order.
fn read(log: &Snapshot, genesis: &Hash, no: BatchNo) -> Result<(Batch, Vec<Leaf>), Unanswerable> {
	let batch = log.batch(no)?.ok_or(Unanswerable::NoBatch)?;
	let mut leaves = Vec::with_capacity(batch.count as usize);
	// Skipped claims too: their receipts are leaves like all others.
	for claim in &batch.claims {
		let mut next = claim.from_seq;
		log.receipts(&claim.channel_id, claim.from_seq, claim.to_seq, |receipt| {
			if receipt.seq == next {
				next = next.saturating_add(1);
				leaves.push(Leaf { digest: receipt.digest(genesis), amount: receipt.amount });
			}
		})?;
		if next <= claim.to_seq {
			return Err(Unanswerable::Missing { channel: claim.channel_id, seq: next });
		}
	}
	Ok((batch, leaves))
}

fn one(
	log: &Snapshot,
	genesis: &Hash,
	batch: &Batch,
	leaves: &[Leaf],
	demand: &Demand,
) -> Result<Answer, Unanswerable> {
	let (channel, seq) = (demand.channel_id, demand.seq);
	let index = place(batch, &channel, seq).ok_or(Unanswerable::NotClaimed)?;
	let completed = log.completed(&channel, seq)?.ok_or(Unanswerable::Missing { channel, seq })?;
	let receipt = completed.receipt;
	let proof = prove(leaves, index)?;
	let top = Node { hash: batch.root, sum: batch.total, count: batch.count };
	let leaf = Leaf { digest: receipt.digest(genesis), amount: receipt.amount };
	verify(&top, &leaf, &proof)?;
	Ok(Answer { batch_no: batch.no, receipt, proof, voucher: completed.accepted.voucher })
}

/// The index of a receipt's leaf; `None` if no claim covers it.
fn place(batch: &Batch, channel: &ChannelId, seq: Seq) -> Option<u32> {
	let mut before = 0u64;
	for claim in &batch.claims {
		if claim.channel_id == *channel && (claim.from_seq..=claim.to_seq).contains(&seq) {
			return u32::try_from(before.checked_add(seq - claim.from_seq)?).ok();
		}
		before = before.checked_add(claim.count()?)?;
	}
	None
}
