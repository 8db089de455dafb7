//! What is proved to be fraud: in a receipt, between two of one number or one request, between two
//! neighbours.

use super::{signer, Action, Case, Shown, Step};
use crate::{
	oracle_api::SignedReceipt,
	watch::leaves::{Proven, Tree},
};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{
	fraud::{self, Fraud},
	tree::Leaf,
	usage::Receipt,
	PublicKey, Seq,
};

impl Case<'_> {
	/// The receipts that provably stand in the settlement, and the numbers of those that the consumer
	/// holds and of which at least one provably does not.
	pub(super) fn proven(&self) -> (Vec<Proven>, BTreeSet<Seq>) {
		let genesis = &self.watcher.genesis;
		let mut tree = Tree::new(self.batch.top);
		let mut proven: BTreeMap<u32, Proven> = BTreeMap::new();
		for shown in self.answers {
			let leaf = Leaf { digest: shown.receipt.digest(genesis), amount: shown.amount };
			if tree.learn(&leaf, &shown.proof).is_ok() {
				proven.insert(shown.proof.index, shown.clone());
			}
		}
		let mut receipts = BTreeMap::new();
		for signed in self.held.all() {
			let receipt = &signed.receipt;
			let place = self.batch.place(&self.record.channel_id, receipt.seq);
			if let Some(place) = place {
				// Of two for one number, the one that was accepted comes first.
				receipts.entry(place.index).or_insert(receipt);
			}
		}
		let leaf =
			|receipt: &Receipt| Leaf { digest: receipt.digest(genesis), amount: receipt.amount };
		let leaves = receipts.iter().map(|(index, receipt)| (*index, leaf(receipt))).collect();
		let elsewhere = tree.contradicted(&leaves);
		let elsewhere =
			elsewhere.iter().filter_map(|index| Some(receipts.get(index)?.seq)).collect();
		for (index, proof) in tree.prove(&leaves) {
			if let Some(receipt) = receipts.get(&index) {
				let (receipt, amount) = ((*receipt).clone(), receipt.amount);
				proven.entry(index).or_insert(Proven { receipt, amount, proof });
			}
		}
		(proven.into_values().collect(), elsewhere)
	}

	/// The first fraud that can be proved.
	pub(super) fn report(&self, proven: &[Proven]) -> Option<Step> {
		let id = &self.record.channel_id;
		let batch_no = self.batch.batch_no;
		let ours = || proven.iter().filter(|it| it.receipt.channel_id == *id);
		for it in ours() {
			let Proven { receipt, amount, proof } = it;
			let place = self.batch.place(id, receipt.seq);
			let request = self.held.requests.get(&receipt.request_commit);
			let judge = |request| {
				let terms = self.terms.of(receipt.model_version);
				fraud::leaf(receipt, *amount, proof.index, place.as_ref(), &terms, request)
			};
			if let Some(fraud) = judge(request) {
				let asked = (fraud == Fraud::NotAsRequested).then(|| request.cloned()).flatten();
				let batch = self.batch.clone();
				let action =
					Action::ReportLeaf { batch, proven: Box::new(it.clone()), request: asked };
				let why = format!("receipt {} of settlement {batch_no}: {fraud}", receipt.seq);
				return Some(self.step(action, Some(fraud), why));
			}
		}
		for it in ours() {
			let settled = Shown::Settled { batch_no, proven: it.clone() };
			let signed = self.held.all().filter_map(|signed| {
				let fraud = fraud::double(&signed.receipt, &it.receipt)?;
				Some((Shown::Signed { signed: signed.clone(), key: self.signer(signed)? }, fraud))
			});
			let others = ours().filter_map(|other| {
				let fraud = fraud::double(&other.receipt, &it.receipt)?;
				Some((Shown::Settled { batch_no, proven: other.clone() }, fraud))
			});
			if let Some((other, fraud)) = signed.chain(others).next() {
				let (first, second) = (Box::new(other), Box::new(settled));
				let batch = Some(self.batch.clone());
				let action = Action::ReportDouble { batch, first, second };
				let why = format!("receipt {} of settlement {batch_no}: {fraud}", it.receipt.seq);
				return Some(self.step(action, Some(fraud), why));
			}
		}
		let adjacent = |pair: &&[Proven]| matches!(pair, [left, right] if left.proof.index.checked_add(1) == Some(right.proof.index));
		for pair in proven.windows(2).filter(adjacent) {
			let [left, right] = pair else { continue };
			let Some(fraud) = fraud::neighbours(&left.receipt, &right.receipt) else { continue };
			let why = format!("receipt {} of settlement {batch_no}: {fraud}", right.receipt.seq);
			let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
			let action = Action::ReportPair { batch: self.batch.clone(), left, right };
			return Some(self.step(action, Some(fraud), why));
		}
		None
	}

	/// The key that signed a receipt, if what it signed counts beside what stands in the settlement.
	fn signer(&self, signed: &SignedReceipt) -> Option<PublicKey> {
		let key = signer(self.keys, signed, &self.watcher.genesis)?;
		key.counts_for(self.batch.block).then_some(key.key)
	}
}
