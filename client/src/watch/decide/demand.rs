//! What is not explained, and so demanded: what the oracle shows is judged, and if it shows nothing
//! that is judged as well.

use super::{Action, Case, OpenDemand, Outcome, Watcher, DEMANDS_AT_ONCE};
use crate::{oracle_api::SignedReceipt, watch::leaves::Proven};
use codec::Encode;
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{domain::hash, fraud, Hash, Seq};

impl Case<'_> {
	/// An order that the oracle cannot know.
	fn shuffle(&self, seqs: &mut [Seq]) {
		seqs.sort_by_cached_key(|seq| hash(&(self.watcher.seed, seq).encode()));
	}

	/// Demands what is not explained; says whether anything is not.
	pub(super) fn demand(
		&self,
		proven: &[Proven],
		elsewhere: &BTreeSet<Seq>,
		outcome: &mut Outcome,
	) -> bool {
		let Watcher { now, grace, demand_term, .. } = *self.watcher;
		let shown: BTreeSet<Seq> = proven.iter().map(|it| it.receipt.seq).collect();
		let mut suspects = self.contradicted();
		let known: BTreeSet<Seq> = suspects.iter().map(|suspect| suspect.0).collect();
		let mut unlike: Vec<Seq> = elsewhere.difference(&known).copied().collect();
		self.shuffle(&mut unlike);
		suspects.extend(unlike.into_iter().map(|seq| {
			let why = match elsewhere.len() {
				1 => format!("another receipt {seq} was settled than the one that was signed"),
				count => format!(
					"of {count} receipts that were signed at least one was not settled as it was; \
					 receipt {seq} is one of them"
				),
			};
			(seq, why)
		}));
		suspects.retain(|(seq, _)| !shown.contains(seq));
		let missing: Vec<Seq> =
			self.held.missing.iter().copied().filter(|seq| !shown.contains(seq)).collect();
		if suspects.is_empty() && missing.is_empty() {
			return false;
		}

		let batch_no = self.batch.batch_no;
		// Late enough for an answer that is under way, early enough to act on what is shown.
		let latest = self.docket.challenge_ends.saturating_sub(demand_term.saturating_mul(2));
		let from = self.batch.block.saturating_add(grace).min(latest);
		if !missing.is_empty() && now < from {
			outcome.notes.push(format!(
				"settlement {batch_no} has {} receipts that never came, such as {}; they may still, \
				 and are demanded from block {from} on",
				missing.len(),
				missing[0],
			));
		} else {
			let mut missing = missing.clone();
			self.shuffle(&mut missing);
			let never = |seq| (seq, format!("receipt {seq} was settled and never came"));
			suspects.extend(missing.into_iter().map(never));
		}
		suspects.retain(|(seq, _)| {
			!self.demanded.contains(seq) && self.docket.open.iter().all(|open| open.seq != *seq)
		});
		if suspects.is_empty() {
			return true;
		}

		let paid = self.batch.paid_by(&self.record.channel_id);
		if paid < self.watcher.min_stake {
			outcome.notes.push(format!(
				"{} in settlement {batch_no}; nothing is demanded, because the channel paid less in it \
				 than --min-stake",
				suspects[0].1
			));
			return true;
		}
		if !self.docket.channel_exists && self.docket.open.is_empty() {
			outcome.notes.push(format!(
				"{} in settlement {batch_no}; it cannot be demanded any more, because the channel is \
				 closed for good",
				suspects[0].1
			));
			return true;
		}
		let consumer = self.record.consumer;
		let same_side =
			|open: &&OpenDemand| (open.by == consumer) == (self.watcher.account == consumer);
		let taken = self.docket.open.iter().filter(same_side).count();
		for (seq, why) in suspects.into_iter().take(DEMANDS_AT_ONCE.saturating_sub(taken)) {
			let action = Action::Demand { batch: self.batch.clone(), seq };
			outcome.steps.push(self.step(action, None, format!("{why} (settlement {batch_no})")));
		}
		true
	}

	/// The settled receipts of which the oracle has signed something else, or something that would be
	/// fraud if it is what was settled.
	fn contradicted(&self) -> Vec<(Seq, String)> {
		let id = &self.record.channel_id;
		let mut numbers = BTreeMap::<Hash, BTreeSet<Seq>>::new();
		for signed in self.held.all() {
			let receipt = &signed.receipt;
			numbers.entry(receipt.request_commit).or_default().insert(receipt.seq);
		}
		let mut found = BTreeMap::new();
		for claim in self.batch.accepted(*id) {
			let mut last: Option<&SignedReceipt> = None;
			for (seq, receipts) in self.held.receipts.range(claim.from_seq..=claim.to_seq) {
				if let Some(why) = self.contradiction(*seq, receipts, &numbers) {
					found.insert(*seq, why);
				}
				let one = match &receipts[..] {
					[one] => Some(one),
					_ => None,
				};
				let pair = last.zip(one).filter(|(left, right)| {
					left.receipt.seq.checked_add(1) == Some(right.receipt.seq)
				});
				if let Some((left, right)) = pair {
					if let Some(fraud) = fraud::neighbours(&left.receipt, &right.receipt) {
						let why = format!("receipt {seq}: {fraud}");
						found.entry(left.receipt.seq).or_insert_with(|| why.clone());
						found.entry(*seq).or_insert(why);
					}
				}
				last = one;
			}
		}
		found.into_iter().collect()
	}

	/// What is wrong with the receipts of one number, which was settled.
	fn contradiction(
		&self,
		seq: Seq,
		receipts: &[SignedReceipt],
		numbers: &BTreeMap<Hash, BTreeSet<Seq>>,
	) -> Option<String> {
		if receipts.len() > 1 {
			return Some(format!("the oracle signed {} different receipts {seq}", receipts.len()));
		}
		let place = self.batch.place(&self.record.channel_id, seq);
		let index = place.as_ref().map_or(0, |place| place.index);
		receipts.iter().find_map(|signed| {
			let receipt = &signed.receipt;
			if numbers.get(&receipt.request_commit).is_some_and(|numbers| numbers.len() > 1) {
				return Some(format!("the request of receipt {seq} has another receipt"));
			}
			let request = self.held.requests.get(&receipt.request_commit);
			let (amount, place) = (receipt.amount, place.as_ref());
			let terms = self.terms.of(receipt.model_version);
			let fraud = fraud::leaf(receipt, amount, index, place, &terms, request)?;
			Some(match self.held.refused.get(&seq) {
				Some(reason) if !self.held.accepted.contains(&seq) => {
					format!("receipt {seq} was refused ({reason}) and settled all the same")
				},
				_ => format!("receipt {seq} was settled otherwise than it was signed: {fraud}"),
			})
		})
	}
}
