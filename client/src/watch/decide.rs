//! What is to be done, decided from what is known and nothing else.
//!
//! Of each settlement that a channel of the consumer's is in:
//! 1. what is proved to be fraud is reported, at once; one report takes the whole lock;
//! 2. a settled receipt that the consumer cannot have accepted as it was settled is demanded, and one
//!    that it never got is, after a while in which the answer may still come. What the oracle shows is
//!    judged by 1; if it shows nothing in time, the demand is enforced;
//! 3. otherwise it is in order, and not looked at again.

use super::{
	batch::Settled,
	holdings::Holdings,
	leaves::{Proven, Tree},
	rules::{self, Fraud, Terms},
};
use crate::{
	channel::ChannelRecord,
	oracle_api::{SignedReceipt, SignedVoucher},
	state,
};
use codec::Encode;
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{
	commitment::Request, domain::hash, tree::Leaf, AccountBytes, Balance, BatchNo, BlockNumber,
	ChannelId, Hash, PublicKey, Seq,
};

/// How many demands about one channel in one settlement its consumer can have open, and as many all
/// others together.
pub const DEMANDS_AT_ONCE: usize = 8;

/// A receipt that the oracle stands by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
	/// It signed it.
	Signed {
		/// The receipt and its signature.
		signed: SignedReceipt,
		/// The key that made it.
		key: PublicKey,
	},
	/// It settled it.
	Settled {
		/// In which batch.
		batch_no: BatchNo,
		/// Where.
		proven: Proven,
	},
}

impl Shown {
	fn id(&self, genesis: &Hash) -> Hash {
		match self {
			Self::Signed { signed, .. } => signed.receipt.digest(genesis),
			Self::Settled { proven, .. } => proven.receipt.digest(genesis),
		}
	}
}

/// Something to be done on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
	/// Report two receipts where there can be only one.
	ReportDouble {
		/// The settlement whose lock is to be slashed, if one of them is in one that can be.
		batch: Option<Settled>,
		/// The one.
		first: Box<Shown>,
		/// The other.
		second: Box<Shown>,
	},
	/// Report a leaf that breaks a rule.
	ReportLeaf {
		/// The settlement.
		batch: Settled,
		/// The leaf.
		proven: Box<Proven>,
		/// Its request, if it breaks that.
		request: Option<Request>,
	},
	/// Report two neighbours that do not follow each other.
	ReportPair {
		/// The settlement.
		batch: Settled,
		/// The left one.
		left: Box<Proven>,
		/// The right one.
		right: Box<Proven>,
	},
	/// Demand a receipt.
	Demand {
		/// The settlement.
		batch: Settled,
		/// Its number.
		seq: Seq,
	},
	/// Enforce a demand that was not answered, or get its deposit back.
	Enforce {
		/// The settlement's number.
		batch_no: BatchNo,
		/// The receipt's.
		seq: Seq,
	},
	/// Lodge a voucher.
	Checkpoint {
		/// The voucher.
		voucher: SignedVoucher,
	},
	/// Get back what is left of a channel.
	FinaliseClose {
		/// Whether only what is not reserved comes back yet.
		in_part: bool,
	},
}

/// An action, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
	/// About which channel.
	pub channel_id: ChannelId,
	/// Whose it is to serve.
	pub oracle: AccountBytes,
	/// What is to be done.
	pub action: Action,
	/// What the oracle is convicted of, if of anything.
	pub fraud: Option<Fraud>,
	/// Why, in words.
	pub why: String,
}

impl Step {
	/// What the action is called.
	pub fn name(&self) -> &'static str {
		match &self.action {
			Action::ReportDouble { .. } => "report_double",
			Action::ReportLeaf { .. } => "report_leaf",
			Action::ReportPair { .. } => "report_pair",
			Action::Demand { .. } => "demand",
			Action::Enforce { .. } => "enforce_demand",
			Action::Checkpoint { .. } => "checkpoint",
			Action::FinaliseClose { .. } => "finalise_close",
		}
	}

	/// The settlement it is about.
	pub fn batch_no(&self) -> Option<BatchNo> {
		match &self.action {
			Action::ReportDouble { batch, .. } => batch.as_ref().map(|batch| batch.batch_no),
			Action::ReportLeaf { batch, .. }
			| Action::ReportPair { batch, .. }
			| Action::Demand { batch, .. } => Some(batch.batch_no),
			Action::Enforce { batch_no, .. } => Some(*batch_no),
			Action::Checkpoint { .. } | Action::FinaliseClose { .. } => None,
		}
	}

	/// The receipt it is about.
	pub fn seq(&self) -> Option<Seq> {
		match &self.action {
			Action::ReportDouble { first, .. } => Some(match &**first {
				Shown::Signed { signed, .. } => signed.receipt.seq,
				Shown::Settled { proven, .. } => proven.receipt.seq,
			}),
			Action::ReportLeaf { proven, .. } => Some(proven.receipt.seq),
			Action::ReportPair { right, .. } => Some(right.receipt.seq),
			Action::Demand { seq, .. } | Action::Enforce { seq, .. } => Some(*seq),
			Action::Checkpoint { .. } | Action::FinaliseClose { .. } => None,
		}
	}

	/// The same for the same action, whenever it is decided.
	pub fn id(&self, genesis: &Hash) -> Hash {
		let rest = match &self.action {
			Action::ReportDouble { first, second, .. } => {
				(first.id(genesis), second.id(genesis)).encode()
			},
			Action::Checkpoint { voucher } => voucher.voucher.encode(),
			Action::FinaliseClose { in_part } => in_part.encode(),
			_ => Vec::new(),
		};
		let about = (self.channel_id, self.oracle, self.batch_no(), self.seq());
		hash(&(self.name(), about, rest).encode())
	}
}

/// A demand that is open, on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDemand {
	/// The receipt's number.
	pub seq: Seq,
	/// Who demands it.
	pub by: AccountBytes,
	/// The first block in which it can be enforced.
	pub due: BlockNumber,
	/// What is on hold for it, in planck.
	pub deposit: Balance,
}

/// What the chain says about a settlement and a channel in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docket {
	/// Whether the settlement's lock was slashed.
	pub slashed: bool,
	/// The first block in which it can no longer be challenged, unless a demand is open.
	pub challenge_ends: BlockNumber,
	/// How many demands about the settlement are open.
	pub demands: u32,
	/// Those about the channel.
	pub open: Vec<OpenDemand>,
	/// Whether the channel is on the chain still.
	pub channel_exists: bool,
}

/// Who watches, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watcher {
	/// The chain.
	pub genesis: Hash,
	/// Who signs.
	pub account: AccountBytes,
	/// The finalised block.
	pub now: BlockNumber,
	/// For how many blocks after a settlement the answer to a request may still come.
	pub grace: BlockNumber,
	/// How long an oracle has to answer a demand.
	pub demand_term: BlockNumber,
	/// The least that a channel must have paid in a settlement for anything in it to be demanded.
	pub min_stake: Balance,
	/// Drawn once, so that an oracle cannot know which of many receipts is demanded.
	pub seed: Hash,
}

/// One channel in one settlement.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
	/// Who watches.
	pub watcher: &'a Watcher,
	/// The channel.
	pub record: &'a ChannelRecord,
	/// The keys that the oracle answers for.
	pub keys: &'a [PublicKey],
	/// The settlement.
	pub batch: &'a Settled,
	/// What the chain says about it.
	pub docket: &'a Docket,
	/// What holds for the channel.
	pub terms: &'a Terms,
	/// What the consumer has.
	pub held: &'a Holdings,
	/// What the oracle has shown of the settlement.
	pub answers: &'a [Proven],
	/// The receipts of it that the watcher has demanded, ever.
	pub demanded: &'a BTreeSet<Seq>,
}

/// What a look at a settlement came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
	/// What is to be done.
	pub steps: Vec<Step>,
	/// What is not done, or not yet, and why.
	pub notes: Vec<String>,
	/// Whether all of it is explained, so that it need not be looked at again.
	pub clear: bool,
}

impl Case<'_> {
	/// Looks at it.
	pub fn decide(&self) -> Outcome {
		let mut outcome = Outcome::default();
		let own = |demand: &&OpenDemand| demand.by == self.watcher.account;
		let mut waiting = false;
		for demand in self.docket.open.iter().filter(own) {
			let why = if self.docket.slashed {
				"the oracle was convicted of something else in this settlement, so the deposit is \
				 returned"
					.into()
			} else if self.watcher.now >= demand.due {
				format!("the oracle has not shown receipt {} in time", demand.seq)
			} else {
				waiting = true;
				continue;
			};
			let action = Action::Enforce { batch_no: self.batch.batch_no, seq: demand.seq };
			outcome.steps.push(self.step(action, None, why));
		}
		if self.docket.slashed {
			outcome.clear = outcome.steps.is_empty();
			return outcome;
		}
		let over = self.watcher.now >= self.docket.challenge_ends && self.docket.demands == 0;
		if over {
			outcome.clear = true;
			return outcome;
		}

		let (proven, elsewhere) = self.proven();
		if let Some(report) = self.report(&proven) {
			// The lock is taken once; what is demanded is returned after that.
			outcome.steps = vec![report];
			return outcome;
		}
		let unexplained = self.demand(&proven, &elsewhere, &mut outcome);
		outcome.clear = !waiting && !unexplained && outcome.steps.is_empty();
		outcome
	}

	fn step(&self, action: Action, fraud: Option<Fraud>, why: String) -> Step {
		let ChannelRecord { channel_id, oracle, .. } = *self.record;
		Step { channel_id, oracle, action, fraud, why }
	}

	/// The receipts that provably stand in the settlement, and the numbers of those that the consumer
	/// holds and of which at least one provably does not.
	fn proven(&self) -> (Vec<Proven>, BTreeSet<Seq>) {
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
		let leaf = |receipt: &usufruct_primitives::usage::Receipt| Leaf {
			digest: receipt.digest(genesis),
			amount: receipt.amount,
		};
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
	fn report(&self, proven: &[Proven]) -> Option<Step> {
		let id = &self.record.channel_id;
		let batch_no = self.batch.batch_no;
		let ours = || proven.iter().filter(|it| it.receipt.channel_id == *id);
		for it in ours() {
			let Proven { receipt, amount, proof } = it;
			let place = self.batch.place(id, receipt.seq);
			let request = self.held.requests.get(&receipt.request_commit);
			let judge = |request| {
				rules::leaf(receipt, *amount, proof.index, place.as_ref(), self.terms, request)
			};
			if let Some(fraud) = judge(request) {
				let asked = (fraud == Fraud::NotAsRequested).then(|| request.cloned()).flatten();
				let batch = self.batch.clone();
				let action =
					Action::ReportLeaf { batch, proven: Box::new(it.clone()), request: asked };
				let why =
					format!("receipt {} of settlement {batch_no}: {}", receipt.seq, fraud.says());
				return Some(self.step(action, Some(fraud), why));
			}
		}
		for it in ours() {
			let settled = Shown::Settled { batch_no, proven: it.clone() };
			let signed = self.held.all().filter_map(|signed| {
				let fraud = rules::double(&signed.receipt, &it.receipt)?;
				Some((Shown::Signed { signed: signed.clone(), key: self.signer(signed)? }, fraud))
			});
			let others = ours().filter_map(|other| {
				let fraud = rules::double(&other.receipt, &it.receipt)?;
				Some((Shown::Settled { batch_no, proven: other.clone() }, fraud))
			});
			if let Some((other, fraud)) = signed.chain(others).next() {
				let (first, second) = (Box::new(other), Box::new(settled));
				let batch = Some(self.batch.clone());
				let action = Action::ReportDouble { batch, first, second };
				let why = format!(
					"receipt {} of settlement {batch_no}: {}",
					it.receipt.seq,
					fraud.says()
				);
				return Some(self.step(action, Some(fraud), why));
			}
		}
		let adjacent = |pair: &&[Proven]| matches!(pair, [left, right] if left.proof.index.checked_add(1) == Some(right.proof.index));
		for pair in proven.windows(2).filter(adjacent) {
			let [left, right] = pair else { continue };
			let Some(fraud) = rules::neighbours(&left.receipt, &right.receipt) else { continue };
			let why =
				format!("receipt {} of settlement {batch_no}: {}", right.receipt.seq, fraud.says());
			let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
			let action = Action::ReportPair { batch: self.batch.clone(), left, right };
			return Some(self.step(action, Some(fraud), why));
		}
		None
	}

	/// The key that signed a receipt, if the oracle answers for it.
	fn signer(&self, signed: &SignedReceipt) -> Option<PublicKey> {
		signer(self.keys, signed, &self.watcher.genesis)
	}

	/// An order that the oracle cannot know.
	fn shuffle(&self, seqs: &mut [Seq]) {
		seqs.sort_by_cached_key(|seq| hash(&(self.watcher.seed, seq).encode()));
	}

	/// Demands what is not explained; says whether anything is not.
	fn demand(&self, proven: &[Proven], elsewhere: &BTreeSet<Seq>, outcome: &mut Outcome) -> bool {
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
					if let Some(fraud) = rules::neighbours(&left.receipt, &right.receipt) {
						let why = format!("receipt {seq}: {}", fraud.says());
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
			let fraud = rules::leaf(receipt, amount, index, place, self.terms, request)?;
			Some(match self.held.refused.get(&seq) {
				Some(reason) if !self.held.accepted.contains(&seq) => {
					format!("receipt {seq} was refused ({reason}) and settled all the same")
				},
				_ => format!(
					"receipt {seq} was settled otherwise than it was signed: {}",
					fraud.says()
				),
			})
		})
	}
}

/// The key among `keys` that signed a receipt.
pub fn signer(keys: &[PublicKey], signed: &SignedReceipt, genesis: &Hash) -> Option<PublicKey> {
	keys.iter().copied().find(|key| signed.verify(key, genesis))
}

/// The pairs of signed receipts of a channel of which there can be only one, one pair for each number.
/// They are fraud before they are settled and after.
pub fn doubles(
	genesis: &Hash,
	record: &ChannelRecord,
	keys: &[PublicKey],
	held: &Holdings,
) -> Vec<Step> {
	let signed: Vec<(&SignedReceipt, PublicKey)> =
		held.all().filter_map(|it| Some((it, signer(keys, it, genesis)?))).collect();
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
		let Some(fraud) = rules::double(&first.receipt, &second.receipt) else { continue };
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
			why: format!("receipt {seq}: {}, both signed", fraud.says()),
		});
	}
	steps
}

/// Whether to get back what is left of a channel. `unexplained` settlements would lose the channel
/// that a demand needs.
pub fn finalise(
	record: &ChannelRecord,
	channel: &state::Channel,
	now: BlockNumber,
	closing_window: BlockNumber,
	unexplained: bool,
) -> Result<Option<Step>, String> {
	let Some(closes_at) = channel.closes_at.filter(|closes_at| now >= *closes_at) else {
		return Ok(None);
	};
	if unexplained {
		return Err(
			"its closing window is over; it is finalised when every settlement is explained, \
		            because nothing can be demanded of a closed channel"
				.into(),
		);
	}
	let until = closes_at.saturating_add(closing_window);
	let in_part = channel.reserved > 0 && now < until;
	if in_part && channel.escrow <= channel.reserved {
		return Err(format!(
			"the rest of its escrow is reserved for the oracle until block {until}"
		));
	}
	let why = match in_part {
		true => "its closing window is over, and what is not reserved comes back",
		false => "its closing window is over, and the rest of its escrow comes back",
	};
	Ok(Some(Step {
		channel_id: record.channel_id,
		oracle: record.oracle,
		action: Action::FinaliseClose { in_part },
		fraud: None,
		why: why.into(),
	}))
}

/// Whether to lodge a voucher: it protects the oracle, when its channel is closing, from losing what
/// the voucher covers and it could not settle yet.
pub fn checkpoint(
	genesis: &Hash,
	channel: &state::Channel,
	now: BlockNumber,
	voucher: &SignedVoucher,
) -> Option<Step> {
	channel.closes_at?;
	let covers = voucher.voucher.chargeable(channel.max_unacked);
	let safe = channel.settled_total.max(channel.lodged);
	if voucher.voucher.channel_id != channel.channel_id || covers <= safe || channel.escrow == 0 {
		return None;
	}
	let former = channel.former_keys.iter().filter(|former| now < former.until);
	let mut keys = [channel.key].into_iter().chain(former.map(|former| former.key));
	keys.find(|key| voucher.verify(key, genesis))?;
	Some(Step {
		channel_id: channel.channel_id,
		oracle: channel.oracle,
		action: Action::Checkpoint { voucher: voucher.clone() },
		fraud: None,
		why: format!(
			"the channel is closing, and a voucher covers {covers} planck of which {safe} are safe"
		),
	})
}

/// The demands that fit what may be spent on deposits, and those that do not.
pub fn ration(steps: Vec<Step>, deposit: Balance, mut budget: Balance) -> (Vec<Step>, Vec<Step>) {
	steps.into_iter().partition(|step| {
		if !matches!(step.action, Action::Demand { .. }) {
			return true;
		}
		match budget.checked_sub(deposit) {
			Some(left) => {
				budget = left;
				true
			},
			None => false,
		}
	})
}

#[cfg(test)]
mod tests;
