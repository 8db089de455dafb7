//! The calls that reports, demands and checkpoints are, in the types of the runtime.

use super::{batch::Settled, decide::Shown, leaves::Proven};
use crate::{
	channel::ChannelRecord,
	oracle_api::SignedVoucher,
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			pallet_usage::evidence,
			usufruct_primitives::{ids, tree, usage},
		},
	},
};
use subxt::{
	transactions::Payload,
	utils::{AccountId32, Static},
};
use usufruct_primitives::{
	commitment::Request,
	tree::{Node, Proof},
	usage::Receipt,
	AccountBytes, BatchNo, ChannelId, Seq, Status,
};

/// The claims of a settlement, as whoever proves something about it brings them.
fn claims(batch: Option<&Settled>) -> BoundedVec<evidence::SubmittedClaim> {
	let claims = batch.into_iter().flat_map(|batch| &batch.claims);
	BoundedVec(
		claims
			.map(|claim| evidence::SubmittedClaim {
				channel_id: claim.channel_id,
				model_version: claim.model_version,
				from_seq: claim.from_seq,
				to_seq: claim.to_seq,
				total_before: claim.total_before,
				total_after: claim.total_after,
				accepted: claim.accepted,
			})
			.collect(),
	)
}

fn to_receipt(receipt: &Receipt) -> usage::Receipt {
	usage::Receipt {
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
	}
}

/// A receipt as it stands in a call.
pub fn read_receipt(from: &usage::Receipt) -> Receipt {
	Receipt {
		channel_id: from.channel_id,
		seq: from.seq,
		model: from.model,
		model_version: from.model_version,
		meter: from.meter.0,
		status: match from.status {
			ids::Status::Served => Status::Served,
			ids::Status::Partial => Status::Partial,
			ids::Status::Failed => Status::Failed,
		},
		units: from.units,
		unit_price: from.unit_price,
		amount: from.amount,
		total: from.total,
		request_commit: from.request_commit,
		output_commit: from.output_commit,
		started_ms: from.started_ms,
		took_ms: from.took_ms,
	}
}

fn to_proof(proof: &Proof) -> evidence::LeafProof {
	let siblings = proof.siblings.iter();
	let siblings =
		siblings.map(|node| tree::Node { hash: node.hash, sum: node.sum, count: node.count });
	evidence::LeafProof { index: proof.index, siblings: BoundedVec(siblings.collect()) }
}

/// A proof as it stands in a call.
pub fn read_proof(from: &evidence::LeafProof) -> Proof {
	let siblings = from.siblings.0.iter();
	let siblings = siblings.map(|node| Node { hash: node.hash, sum: node.sum, count: node.count });
	Proof { index: from.index, siblings: siblings.collect() }
}

fn settled(proven: &Proven) -> evidence::SettledReceipt {
	evidence::SettledReceipt {
		receipt: to_receipt(&proven.receipt),
		amount: proven.amount,
		proof: to_proof(&proven.proof),
	}
}

fn shown(shown: &Shown) -> evidence::Evidence {
	match shown {
		Shown::Signed { signed, key } => evidence::Evidence::Signed(evidence::SignedReceipt {
			receipt: to_receipt(&signed.receipt),
			signature: signed.signature,
			key: *key,
		}),
		Shown::Settled { batch_no, proven } => {
			evidence::Evidence::Settled { batch_no: *batch_no, settled: settled(proven) }
		},
	}
}

/// How the channel was opened, for when the chain has forgotten it.
fn opening(record: &ChannelRecord) -> Option<evidence::Opening> {
	Some(evidence::Opening {
		consumer: AccountId32(record.consumer),
		model: record.model,
		salt: record.salt,
	})
}

/// `report_double`.
pub fn report_double(
	record: &ChannelRecord,
	batch: Option<&Settled>,
	first: &Shown,
	second: &Shown,
) -> impl Payload {
	runtime::transactions().usage().report_double(
		AccountId32(record.oracle),
		shown(first),
		shown(second),
		claims(batch),
		opening(record),
	)
}

/// `report_leaf`.
pub fn report_leaf(
	record: &ChannelRecord,
	batch: &Settled,
	leaf: &Proven,
	request: Option<&Request>,
) -> impl Payload {
	let shown = evidence::ShownLeaf::Receipt {
		receipt: to_receipt(&leaf.receipt),
		amount: leaf.amount,
		request: request.cloned().map(Static),
	};
	runtime::transactions().usage().report_leaf(
		AccountId32(record.oracle),
		batch.batch_no,
		claims(Some(batch)),
		shown,
		to_proof(&leaf.proof),
		opening(record),
	)
}

/// `report_pair`.
pub fn report_pair(
	record: &ChannelRecord,
	batch: &Settled,
	left: &Proven,
	right: &Proven,
) -> impl Payload {
	runtime::transactions().usage().report_pair(
		AccountId32(record.oracle),
		batch.batch_no,
		claims(Some(batch)),
		settled(left),
		settled(right),
		opening(record),
	)
}

/// `demand`.
pub fn demand(batch: &Settled, channel: ChannelId, seq: Seq) -> impl Payload {
	runtime::transactions().usage().demand(
		AccountId32(batch.oracle),
		batch.batch_no,
		claims(Some(batch)),
		channel,
		seq,
	)
}

/// `enforce_demand`.
pub fn enforce_demand(
	oracle: AccountBytes,
	batch_no: BatchNo,
	channel: ChannelId,
	seq: Seq,
) -> impl Payload {
	runtime::transactions().usage().enforce_demand(AccountId32(oracle), batch_no, channel, seq)
}

/// `checkpoint`.
pub fn checkpoint(signed: &SignedVoucher) -> impl Payload {
	let voucher = &signed.voucher;
	let voucher = usage::Voucher {
		channel_id: voucher.channel_id,
		cap: voucher.cap,
		request_commit: voucher.request_commit,
		ack_seq: voucher.ack_seq,
		ack_total: voucher.ack_total,
		serve_until: voucher.serve_until,
	};
	runtime::transactions().usage().checkpoint(voucher, signed.signature)
}

#[cfg(test)]
mod tests;
