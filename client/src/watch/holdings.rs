//! What a consumer has of a channel: everything that its oracle signed, and what was asked.

use crate::{
	channel::{ChannelRecord, Store, StoreError},
	oracle_api::SignedReceipt,
};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{commitment::Request, submitted::SubmittedClaim, Hash, Seq};

/// Of a claim of more receipts than this only those are read into memory that can matter: without all
/// of them its tree cannot be built.
const WHOLE: u64 = 1 << 16;

/// What a consumer has, as far as it concerns some claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
	/// The receipts that the oracle signed, by their numbers.
	pub receipts: BTreeMap<Seq, Vec<SignedReceipt>>,
	/// The numbers of those that were accepted.
	pub accepted: BTreeSet<Seq>,
	/// Why others were not.
	pub refused: BTreeMap<Seq, String>,
	/// The numbers in the claims of which there is no receipt.
	pub missing: Vec<Seq>,
	/// Requests by their commitments.
	pub requests: BTreeMap<Hash, Request>,
}

impl Holdings {
	/// Reads what there is for the claims of a channel, and for the requests of these commitments.
	pub fn read(
		store: &Store,
		record: &ChannelRecord,
		claims: &[&SubmittedClaim],
		commits: &[Hash],
	) -> Result<Self, StoreError> {
		let id = &record.channel_id;
		let mut held = Self::default();
		let mut commits: BTreeSet<Hash> = commits.iter().copied().collect();
		for (reason, receipt) in store.evidence(id)? {
			commits.insert(receipt.receipt.request_commit);
			held.refused.insert(receipt.receipt.seq, reason);
			let seq = receipt.receipt.seq;
			held.add(receipt);
			store.visit_receipts(id, seq, seq, |accepted| held.accept(accepted))?;
		}
		let ledger = store.ledger(record)?;
		for waiting in ledger.open().values().filter_map(|open| open.receipt.clone()) {
			held.add(waiting);
		}
		for claim in claims {
			let whole = claim.receipts() <= WHOLE;
			let mut next = claim.from_seq;
			let mut missing = Vec::new();
			store.visit_receipts(id, claim.from_seq, claim.to_seq, |signed| {
				let receipt = &signed.receipt;
				missing.extend(next..receipt.seq);
				next = receipt.seq.saturating_add(1);
				let end = receipt.seq == claim.from_seq || receipt.seq == claim.to_seq;
				if whole || end || receipt.model_version != claim.model_version {
					held.accept(signed);
				}
			})?;
			if next <= claim.to_seq {
				missing.extend(next..=claim.to_seq);
			}
			missing.retain(|seq| !held.receipts.contains_key(seq));
			held.missing.extend(missing);
		}
		for commit in commits {
			if let Some(answered) = store.answered(id, &commit)? {
				held.accept(answered);
			}
			if let Some(request) = store.request(id, &commit)? {
				held.requests.insert(commit, request);
			}
		}
		for signed in held.receipts.values().flatten() {
			let commit = signed.receipt.request_commit;
			if let (false, Some(request)) =
				(held.requests.contains_key(&commit), store.request(id, &commit)?)
			{
				held.requests.insert(commit, request);
			}
		}
		Ok(held)
	}

	/// Takes in a receipt that the oracle signed.
	pub fn add(&mut self, signed: SignedReceipt) {
		let known = self.receipts.entry(signed.receipt.seq).or_default();
		if known.iter().all(|known| known.receipt != signed.receipt) {
			known.push(signed);
		}
	}

	/// Takes in a receipt that was accepted; it comes before all others of its number.
	pub fn accept(&mut self, signed: SignedReceipt) {
		self.accepted.insert(signed.receipt.seq);
		let known = self.receipts.entry(signed.receipt.seq).or_default();
		known.retain(|known| known.receipt != signed.receipt);
		known.insert(0, signed);
	}

	/// All receipts.
	pub fn all(&self) -> impl Iterator<Item = &SignedReceipt> {
		self.receipts.values().flatten()
	}
}
