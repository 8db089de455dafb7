//! Two receipts of which there can be only one, told apart by signatures alone.

use super::{Action, Shown, Step};
use crate::{channel::ChannelRecord, oracle_api::SignedReceipt, state, watch::holdings::Holdings};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{fraud, BlockNumber, Hash, PublicKey, Seq};

/// A receipt key that an oracle answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptKey {
	/// The key.
	pub key: PublicKey,
	/// The block in which it was replaced, if it was.
	pub retired_at: Option<BlockNumber>,
}

impl ReceiptKey {
	/// Those of an oracle, the present one first.
	pub fn all_of(oracle: &state::Oracle) -> Vec<Self> {
		let present = Self { key: oracle.receipt_key, retired_at: None };
		let retired = oracle.retired_keys.iter();
		let retired = retired.map(|it| Self { key: it.key, retired_at: Some(it.retired_at) });
		[present].into_iter().chain(retired).collect()
	}

	/// Whether what it signed says anything about a settlement of that block: what is settled after
	/// a key was replaced may be a thief's word.
	pub fn counts_for(&self, settled_in: BlockNumber) -> bool {
		self.retired_at.is_none_or(|at| settled_in <= at)
	}
}

/// The key among `keys` that signed a receipt.
pub fn signer(keys: &[ReceiptKey], signed: &SignedReceipt, genesis: &Hash) -> Option<ReceiptKey> {
	keys.iter().copied().find(|key| signed.verify(&key.key, genesis))
}

/// The pairs of signed receipts of a channel of which there can be only one, one pair for each number.
/// They are fraud before they are settled and after.
pub fn doubles(
	genesis: &Hash,
	record: &ChannelRecord,
	keys: &[ReceiptKey],
	held: &Holdings,
) -> Vec<Step> {
	let signed: Vec<(&SignedReceipt, PublicKey)> =
		held.all().filter_map(|it| Some((it, signer(keys, it, genesis)?.key))).collect();
	let mut by_seq: BTreeMap<Seq, Vec<usize>> = BTreeMap::new();
	let mut by_commit: BTreeMap<Hash, Vec<usize>> = BTreeMap::new();
	for (nth, (it, _)) in signed.iter().enumerate() {
		by_seq.entry(it.receipt.seq).or_default().push(nth);
		by_commit.entry(it.receipt.request_commit).or_default().push(nth);
	}
	let mut known: BTreeSet<Seq> = BTreeSet::new();
	let mut steps = Vec::new();
	for group in by_seq.values().chain(by_commit.values()) {
		let [one, other, ..] = group[..] else { continue };
		let ((first, first_key), (second, second_key)) = (signed[one], signed[other]);
		let Some(fraud) = fraud::double(&first.receipt, &second.receipt) else { continue };
		let seq = first.receipt.seq.max(second.receipt.seq);
		if !known.insert(seq) {
			continue;
		}
		let shown = |signed: &SignedReceipt, key| Shown::Signed { signed: signed.clone(), key };
		steps.push(Step {
			channel_id: record.channel_id,
			oracle: record.oracle,
			action: Action::ReportDouble {
				batch: None,
				first: Box::new(shown(first, first_key)),
				second: Box::new(shown(second, second_key)),
			},
			fraud: Some(fraud),
			why: format!("receipt {seq}: {fraud}, both signed"),
		});
	}
	steps
}
