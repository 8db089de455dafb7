//! The calls that reports, demands and checkpoints are, in the types of the runtime.

use super::{batch::Settled, decide::Shown, leaves::Proven};
use crate::{
	channel::ChannelRecord,
	oracle_api::SignedVoucher,
	runtime::{
		self,
		runtime_types::{bounded_collections::bounded_vec::BoundedVec, pallet_usage::evidence},
	},
};
use subxt::{
	transactions::Payload,
	utils::{AccountId32, Static},
};
use usufruct_primitives::{
	commitment::Request, submitted::SubmittedClaim, AccountBytes, BatchNo, ChannelId, Seq,
};

/// The claims of a settlement, as whoever proves something about it brings them.
fn claims(batch: Option<&Settled>) -> BoundedVec<Static<SubmittedClaim>> {
	let claims = batch.into_iter().flat_map(|batch| &batch.claims);
	BoundedVec(claims.cloned().map(Static).collect())
}

fn settled(proven: &Proven) -> evidence::SettledReceipt {
	evidence::SettledReceipt {
		receipt: Static(proven.receipt.clone()),
		amount: proven.amount,
		proof: Static(proven.proof.clone()),
	}
}

fn shown(shown: &Shown) -> evidence::Evidence {
	match shown {
		Shown::Signed { signed, key } => evidence::Evidence::Signed(evidence::SignedReceipt {
			receipt: Static(signed.receipt.clone()),
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
		receipt: Static(leaf.receipt.clone()),
		amount: leaf.amount,
		request: request.cloned().map(Static),
	};
	runtime::transactions().usage().report_leaf(
		AccountId32(record.oracle),
		batch.batch_no,
		claims(Some(batch)),
		shown,
		Static(leaf.proof.clone()),
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
	let voucher = Static(signed.voucher.clone());
	runtime::transactions().usage().checkpoint(voucher, signed.signature)
}

#[cfg(test)]
mod tests;
