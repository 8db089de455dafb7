//! A consumer, an oracle of any character, and what it settles, for the tests.

use super::{
	batch::Settled,
	decide::{Case, Docket, OpenDemand, Outcome, ReceiptKey, Watcher},
	holdings::Holdings,
	leaves::Proven,
	terms::Terms,
};
use crate::{channel::ChannelRecord, oracle_api::SignedReceipt};
use ed25519_dalek::SigningKey;
use std::collections::BTreeSet;
use usufruct_primitives::{
	commitment::Request,
	submitted::SubmittedClaim,
	tree::{self, Leaf},
	usage::{channel_id, Receipt},
	Balance, Hash, Meter, PublicKey, Seq, Status,
};

pub const GENESIS: Hash = [1; 32];
pub const PRICE: Balance = 10;
pub const CONSUMER: [u8; 32] = [2; 32];
pub const ORACLE: [u8; 32] = [3; 32];

pub fn oracle_key() -> SigningKey {
	SigningKey::from_bytes(&[5; 32])
}

pub fn oracle_public() -> PublicKey {
	oracle_key().verifying_key().to_bytes()
}

pub fn record() -> ChannelRecord {
	ChannelRecord {
		channel_id: channel_id(&GENESIS, &CONSUMER, &ORACLE, 4, 7),
		genesis: GENESIS,
		consumer: CONSUMER,
		oracle: ORACLE,
		model: 4,
		salt: 7,
		secret: [8; 32],
	}
}

/// The request that receipt `seq` is for.
pub fn request(seq: Seq) -> Request {
	Request {
		channel_id: record().channel_id,
		request_id: [seq as u8; 16],
		model_version: 6,
		input_commit: [9; 32],
		meter: Meter::Element,
		max_units: 2,
		unit_price: PRICE,
	}
}

/// An honest receipt: two units each.
pub fn receipt(seq: Seq) -> Receipt {
	Receipt {
		channel_id: record().channel_id,
		seq,
		model: 4,
		model_version: 6,
		meter: Meter::Element,
		status: Status::Served,
		units: 2,
		unit_price: PRICE,
		amount: 2 * PRICE,
		total: 2 * PRICE * Balance::from(seq),
		request_commit: request(seq).commit(&GENESIS),
		output_commit: [seq as u8; 32],
		started_ms: 0,
		took_ms: 0,
	}
}

pub fn changed(seq: Seq, change: impl FnOnce(&mut Receipt)) -> Receipt {
	let mut receipt = receipt(seq);
	change(&mut receipt);
	receipt
}

pub fn sign(receipt: Receipt) -> SignedReceipt {
	SignedReceipt::sign(receipt, &oracle_key(), &GENESIS)
}

/// A settlement of leaves, in their order, and what stands around a look at it.
pub struct World {
	pub leaves: Vec<(Receipt, Balance)>,
	pub batch: Settled,
	pub docket: Docket,
	pub held: Holdings,
	pub answers: Vec<Proven>,
	pub demanded: BTreeSet<Seq>,
	pub watcher: Watcher,
	pub terms: Terms,
	pub keys: Vec<ReceiptKey>,
}

impl World {
	/// The oracle settles these receipts of the consumer's channel, claimed as one run from the first
	/// to the last with the totals they have; another consumer's stand before and after.
	pub fn new(receipts: Vec<Receipt>) -> Self {
		let other = |id: u8| Receipt { channel_id: [id; 32], ..receipt(1) };
		let (first, last) = (receipts[0].clone(), receipts[receipts.len() - 1].clone());
		let mut world = Self::alone(receipts);
		let claim = |id: u8| SubmittedClaim {
			channel_id: [id; 32],
			model_version: 6,
			from_seq: 1,
			to_seq: 1,
			total_before: 0,
			total_after: 2 * PRICE,
			accepted: true,
		};
		assert!(first.channel_id > [0; 32] && last.channel_id < [0xff; 32]);
		world.leaves.insert(0, (other(0), 2 * PRICE));
		world.leaves.push((other(0xff), 2 * PRICE));
		world.batch.claims.insert(0, claim(0));
		world.batch.claims.push(claim(0xff));
		world.rebuilt()
	}

	/// The same with nobody else in the settlement.
	pub fn alone(receipts: Vec<Receipt>) -> Self {
		let (first, last) = (receipts[0].clone(), receipts[receipts.len() - 1].clone());
		let claim = SubmittedClaim {
			channel_id: record().channel_id,
			model_version: first.model_version,
			from_seq: first.seq,
			to_seq: last.seq,
			total_before: first.total.saturating_sub(first.amount),
			total_after: last.total,
			accepted: true,
		};
		let top = tree::Node { hash: [0; 32], sum: 0, count: 1 };
		Self {
			leaves: receipts.into_iter().map(|it| (it.clone(), it.amount)).collect(),
			batch: Settled { oracle: ORACLE, batch_no: 3, block: 100, top, claims: vec![claim] },
			docket: Docket {
				slashed: false,
				challenge_ends: 10_000,
				demands: 0,
				open: Vec::new(),
				channel_exists: true,
			},
			held: Holdings::default(),
			answers: Vec::new(),
			demanded: BTreeSet::new(),
			watcher: Watcher {
				genesis: GENESIS,
				account: CONSUMER,
				now: 1_000,
				grace: 50,
				demand_term: 500,
				min_stake: 0,
				seed: [7; 32],
			},
			terms: Terms {
				model: 4,
				max_unit_price: Some(PRICE),
				versions: [(6, (4, Meter::Element)), (7, (4, Meter::Element))].into(),
			},
			keys: vec![ReceiptKey { key: oracle_public(), retired_at: None }],
		}
		.rebuilt()
	}

	/// With the tree over its leaves as they are now.
	pub fn rebuilt(mut self) -> Self {
		self.batch.top = tree::build(&self.tree()).unwrap();
		self
	}

	fn tree(&self) -> Vec<Leaf> {
		let leaf = |(receipt, amount): &(Receipt, Balance)| Leaf {
			digest: receipt.digest(&GENESIS),
			amount: *amount,
		};
		self.leaves.iter().map(leaf).collect()
	}

	/// The consumer accepted these.
	pub fn accepted(mut self, receipts: impl IntoIterator<Item = Receipt>) -> Self {
		for receipt in receipts {
			self.asked(receipt.seq);
			self.held.accept(sign(receipt));
		}
		self.count_missing();
		self
	}

	/// The consumer has these and did not accept them.
	pub fn refused(mut self, receipts: impl IntoIterator<Item = Receipt>) -> Self {
		for receipt in receipts {
			self.asked(receipt.seq);
			self.held.refused.insert(receipt.seq, "it lies".into());
			self.held.add(sign(receipt));
		}
		self.count_missing();
		self
	}

	/// The consumer asked for what receipt `seq` is for.
	pub fn asked(&mut self, seq: Seq) {
		let request = request(seq);
		self.held.requests.insert(request.commit(&GENESIS), request);
	}

	fn count_missing(&mut self) {
		let claims: Vec<_> = self.batch.accepted(record().channel_id).cloned().collect();
		self.held.missing = claims
			.iter()
			.flat_map(|claim| claim.from_seq..=claim.to_seq)
			.filter(|seq| !self.held.receipts.contains_key(seq))
			.collect();
	}

	/// The leaf at that place, proved.
	pub fn proven(&self, index: usize) -> Proven {
		let (receipt, amount) = self.leaves[index].clone();
		let proof = tree::prove(&self.tree(), index as u32).unwrap();
		Proven { receipt, amount, proof }
	}

	/// The oracle has shown the leaf at that place.
	pub fn shown(mut self, index: usize) -> Self {
		let proven = self.proven(index);
		self.answers.push(proven);
		self
	}

	/// The watcher demands that receipt; it is due at block `due`.
	pub fn demanding(mut self, seq: Seq, due: u32) -> Self {
		self.demanded.insert(seq);
		self.docket.demands += 1;
		self.docket.open.push(OpenDemand { seq, by: CONSUMER, due, deposit: 1 });
		self
	}

	pub fn decide(&self) -> Outcome {
		let record = record();
		Case {
			watcher: &self.watcher,
			record: &record,
			keys: &self.keys,
			batch: &self.batch,
			docket: &self.docket,
			terms: &self.terms,
			held: &self.held,
			answers: &self.answers,
			demanded: &self.demanded,
		}
		.decide()
	}
}
