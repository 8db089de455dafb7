//! Random interleavings of requests, runs, flushes, answers, acknowledgements, settlements and
//! crashes, against what must hold whatever happens.

use super::*;
use crate::{
	settle::{plan, Batch, Row, Source},
	testing::{standing, HEAD},
};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use usufruct_primitives::{
	tree::{build, prove, verify, Leaf, Node},
	usage::Receipt,
};

/// One consumer with what it has sent and holds.
struct Party {
	consumer: Consumer,
	/// Signed and not (or not for the last time) delivered.
	mail: Vec<(Order, SignedVoucher)>,
	/// Sent and without an answer.
	unanswered: Vec<(Order, SignedVoucher)>,
	/// Receipts held that are beyond the acknowledged ones.
	held: BTreeMap<Seq, Receipt>,
	/// Every receipt ever held.
	ever: Vec<Receipt>,
	terms: Terms,
	/// The key before this one, while what it signed can be settled.
	former: Option<PublicKey>,
	/// How many it has had.
	keys: u8,
}

struct World {
	book: Book,
	/// Sent to the disk, in order; `log` is what arrived.
	sent: Vec<Record>,
	log: Log,
	/// Accepted and not completed.
	runnable: Vec<Accepted>,
	parties: Vec<Party>,
	batches: u64,
	crashes: u32,
	/// Keys that are worth nothing any more.
	ended: u32,
	escrow: Balance,
}

impl World {
	/// `escrow` is what each consumer can pay, in requests.
	fn new(escrow: Balance) -> Self {
		let parties: Vec<_> = (1..=2)
			.map(|salt| {
				let consumer = Consumer::new(salt);
				let terms =
					Terms { max_unacked: 6 * PRICE, escrow: escrow * PRICE, ..consumer.terms() };
				Party {
					consumer,
					mail: vec![],
					unanswered: vec![],
					held: BTreeMap::new(),
					ever: vec![],
					terms,
					former: None,
					keys: 0,
				}
			})
			.collect();
		let mut world = Self {
			book: Book::new(GENESIS, ORACLE, vec![]),
			sent: vec![],
			log: Log::default(),
			runnable: vec![],
			parties,
			batches: 0,
			crashes: 0,
			ended: 0,
			escrow: escrow * PRICE,
		};
		world.book.stand(standing());
		for party in &world.parties {
			world.book.adopt(party.consumer.channel, Some(party.terms.clone()), None).unwrap();
		}
		world
	}

	fn step(&mut self, kind: u8, at: usize) {
		let whose = at % self.parties.len();
		match kind % 26 {
			0..=4 => self.sign(whose),
			5..=9 => self.deliver(whose, at),
			10..=14 => self.flush(at % 4 + 1),
			15..=17 => self.run(at),
			18 => self.acknowledge(whose),
			19..=20 => self.repeat(whose, at),
			21..=22 => self.settle(),
			23 => self.replace_key(whose),
			24 => self.end_key(whose),
			_ => self.crash(),
		}
		self.check();
	}

	fn sign(&mut self, whose: usize) {
		let party = &mut self.parties[whose];
		// An honest consumer: never more open than the channel allows.
		let open = (party.mail.len() + party.unanswered.len() + party.held.len()) as u128;
		if open >= 6 {
			return;
		}
		let order = party.consumer.order();
		let needed = party.consumer.ack.1 + (open + 1) * PRICE;
		party.consumer.cap = party.consumer.cap.max(needed);
		let voucher = party.consumer.sign(&order);
		party.mail.push((order, voucher));
	}

	fn deliver(&mut self, whose: usize, at: usize) {
		let party = &mut self.parties[whose];
		if party.mail.is_empty() {
			return;
		}
		let (order, voucher) = party.mail.swap_remove(at % party.mail.len());
		self.send(whose, order, voucher);
	}

	fn send(&mut self, whose: usize, order: Order, voucher: SignedVoucher) {
		let key = self.parties[whose].terms.key;
		let admitted = self.book.admit(&order, &voucher, &key, &OPEN, &self.log, 0);
		let party = &mut self.parties[whose];
		match admitted {
			Ok(Admission::Run(accepted)) => {
				self.runnable.push(accepted.clone());
				self.sent.push(Record::Accepted(accepted));
				party.unanswered.push((order, voucher));
			},
			Ok(Admission::Answered(seq)) => {
				let receipt = self
					.log
					.completed(&order.request.channel_id)
					.find(|it| it.receipt.seq == seq)
					.unwrap()
					.receipt
					.clone();
				party.take(receipt);
			},
			Err(NotAdmitted::Refused(Refusal::InProgress)) => {
				party.unanswered.push((order, voucher));
			},
			// The escrow runs out at the end; the request is void.
			Err(NotAdmitted::Refused(Refusal::EscrowTooLow { .. })) => {},
			Err(error) => panic!("an honest consumer was refused: {error:?}"),
		}
	}

	/// So many records reach the disk.
	fn flush(&mut self, count: usize) {
		for record in self.sent.drain(..count.min(self.sent.len())).collect::<Vec<_>>() {
			match &record {
				Record::Accepted(_) => {},
				Record::Completed(completed, _) => {
					let (channel, id) = completed.accepted.key();
					self.book.landed(&channel, &id);
					// Every other answer is lost on its way.
					if completed.receipt.seq % 2 == 0 {
						let party = self
							.parties
							.iter_mut()
							.find(|it| it.consumer.channel == channel)
							.unwrap();
						party.take(completed.receipt.clone());
					}
				},
				Record::Closed(..) => unreachable!(),
			}
			self.log.0.push(record);
		}
	}

	fn run(&mut self, at: usize) {
		if self.runnable.is_empty() {
			return;
		}
		let accepted = self.runnable.swap_remove(at % self.runnable.len());
		let (channel, id) = accepted.key();
		let outcome =
			if at.is_multiple_of(5) { Outcome::failed(&accepted.salt, 1, 1) } else { served(1) };
		let completed = self.book.complete(&channel, &id, outcome).unwrap();
		self.sent.push(Record::Completed(completed, vec![]));
	}

	fn acknowledge(&mut self, whose: usize) {
		let party = &mut self.parties[whose];
		while let Some(receipt) = party.held.remove(&(party.consumer.ack.0 + 1)) {
			party.consumer.acknowledge(&receipt);
		}
	}

	/// The consumer sends a request again that it has no answer to.
	fn repeat(&mut self, whose: usize, at: usize) {
		let party = &mut self.parties[whose];
		if party.unanswered.is_empty() {
			return;
		}
		let (order, voucher) = party.unanswered.swap_remove(at % party.unanswered.len());
		self.send(whose, order, voucher);
	}

	/// Makes a batch of what is due, once that is on disk, and the chain takes it.
	fn settle(&mut self) {
		self.flush(usize::MAX);
		let mut sources = vec![];
		let mut leaves: Vec<(ChannelId, Seq, Leaf)> = vec![];
		for due in self.book.due() {
			let receipts: Vec<_> = self
				.log
				.completed(&due.channel_id)
				.map(|it| &it.receipt)
				.filter(|it| it.seq > due.settled_seq)
				.collect();
			let Some(restored) =
				self.log.restore().into_iter().find(|it| it.channel_id == due.channel_id)
			else {
				continue;
			};
			leaves.extend(receipts.iter().map(|it| {
				let leaf = Leaf { digest: it.digest(&GENESIS), amount: it.amount };
				(it.channel_id, it.seq, leaf)
			}));
			sources.push(Source {
				channel_id: due.channel_id,
				settled_seq: due.settled_seq,
				settled_total: due.settled_total,
				voucher: restored.voucher.unwrap(),
				receipts: receipts.iter().map(|it| Row::of(it, &GENESIS)).collect(),
			});
		}
		let Some(batch) = plan(self.batches, &sources).unwrap() else { return };
		leaves.sort_by_key(|(channel, seq, _)| (*channel, *seq));
		self.batches += 1;
		verify_batch(&batch, &leaves.into_iter().map(|it| it.2).collect::<Vec<_>>());
		for claim in &batch.claims {
			let party =
				self.parties.iter_mut().find(|it| it.consumer.channel == claim.channel_id).unwrap();
			party.accept(claim);
			self.book.observe(&claim.channel_id, Some(party.terms.clone()));
		}
	}

	/// The consumer replaces its key, as soon as the chain lets it; what it has no answer to it signs again.
	fn replace_key(&mut self, whose: usize) {
		let party = &mut self.parties[whose];
		if party.former.is_some() {
			return;
		}
		party.keys = party.keys.wrapping_add(1);
		let seed = [party.keys, whose as u8].repeat(16);
		party.consumer.key = SigningKey::try_from(&seed[..]).unwrap();
		let key = party.consumer.key.verifying_key().to_bytes();
		party.former = Some(std::mem::replace(&mut party.terms.key, key));
		party.terms.former_until = Some(HEAD + 1);
		for (order, voucher) in party.mail.iter_mut().chain(&mut party.unanswered) {
			*voucher = party.consumer.sign(order);
		}
		self.book.observe(&party.consumer.channel, Some(party.terms.clone()));
	}

	/// What the former key signed is worth nothing from now on: whatever needs it is settled by then.
	fn end_key(&mut self, whose: usize) {
		if self.parties[whose].former.is_none() {
			return;
		}
		// A window is longer than any run.
		while !(self.sent.is_empty() && self.runnable.is_empty()) {
			self.flush(usize::MAX);
			self.run(1);
		}
		let channel = self.parties[whose].consumer.channel;
		let due = self.book.due().into_iter().find(|it| it.channel_id == channel);
		if due.is_some_and(|it| it.deadline == Some(HEAD + 1)) {
			self.settle();
		}
		let party = &mut self.parties[whose];
		party.former = None;
		party.terms.former_until = Some(HEAD);
		self.ended += 1;
		self.book.observe(&channel, Some(party.terms.clone()));
	}

	/// The process dies: what is not on disk is gone.
	fn crash(&mut self) {
		self.crashes += 1;
		self.sent.clear();
		self.runnable.clear();
		self.book = Book::new(GENESIS, ORACLE, self.log.restore());
		for (channel, id, salt) in self.book.running() {
			let failed = Outcome::failed(&salt, 0, 0);
			let completed = self.book.complete(&channel, &id, failed).unwrap();
			self.log.0.push(Record::Completed(completed, vec![]));
			self.book.landed(&channel, &id);
		}
		self.book.stand(Standing { head: HEAD, ..standing() });
		for party in &self.parties {
			let (channel, terms) = (party.consumer.channel, Some(party.terms.clone()));
			self.book.adopt(channel, terms, None).unwrap();
		}
	}

	fn check(&self) {
		audit(&self.book);
		for party in &self.parties {
			let channel = &party.consumer.channel;
			let log: Vec<_> = self.log.completed(channel).map(|it| &it.receipt).collect();
			let mut total = 0;
			let mut commits = HashSet::new();
			for (at, receipt) in log.iter().enumerate() {
				total += receipt.amount;
				assert_eq!((receipt.seq, receipt.total), (at as u64 + 1, total));
				assert!(commits.insert(receipt.request_commit), "one receipt per request");
			}
			// What a consumer holds is in the log as it holds it, and is settled as it says.
			for receipt in &party.ever {
				assert_eq!(log[receipt.seq as usize - 1], receipt);
			}
			assert!(party.terms.settled_seq as usize <= log.len());
			let settled = log.get((party.terms.settled_seq as usize).wrapping_sub(1));
			assert_eq!(settled.map_or(0, |it| it.total), party.terms.settled_total);
			let position = self.book.position(channel).unwrap();
			assert!(position.total + position.in_flight <= party.consumer.cap);
			assert!(position.total + position.in_flight <= party.consumer.ack.1 + 6 * PRICE);
		}
	}

	/// Everything in flight ends, and everything is settled.
	fn finish(mut self) {
		for _ in 0..100 {
			for whose in 0..self.parties.len() {
				self.deliver(whose, 0);
				self.repeat(whose, 0);
				self.acknowledge(whose);
			}
			self.flush(10);
			self.run(1);
		}
		self.settle();
		self.check();
		assert!(self.book.running().is_empty() && self.book.due().is_empty());
		assert_eq!(self.book.unsettled(), 0);
		let mut receipts = HashMap::<Hash, u32>::new();
		for party in &self.parties {
			assert!(party.mail.is_empty() && party.unanswered.is_empty());
			for completed in self.log.completed(&party.consumer.channel) {
				*receipts.entry(completed.receipt.request_commit).or_default() += 1;
			}
			let paid = self.escrow - party.terms.escrow;
			assert_eq!(paid, party.terms.settled_total);
		}
		for record in &self.log.0 {
			if let Record::Accepted(accepted) = record {
				let commit = accepted.voucher.voucher.request_commit;
				assert_eq!(receipts.get(&commit), Some(&1), "accepted, so one receipt");
			}
		}
	}
}

impl Party {
	fn take(&mut self, receipt: Receipt) {
		let commit = receipt.request_commit;
		self.unanswered.retain(|(_, voucher)| voucher.voucher.request_commit != commit);
		self.ever.push(receipt.clone());
		if receipt.seq > self.consumer.ack.0 {
			self.held.insert(receipt.seq, receipt);
		}
	}

	/// The chain's rule for a claim; it must always hold.
	fn accept(&mut self, claim: &usufruct_primitives::settlement::Claim) {
		let terms = &mut self.terms;
		let voucher = claim.voucher();
		let signed = SignedVoucher { voucher: voucher.clone(), signature: claim.voucher.signature };
		let mut keys = std::iter::once(&terms.key).chain(&self.former);
		assert!(keys.any(|key| signed.verify(key, &GENESIS)));
		assert_eq!(claim.from_seq, terms.settled_seq + 1);
		assert_eq!(claim.total_before, terms.settled_total);
		assert!(claim.total_after <= voucher.cap);
		match claim.to_seq.cmp(&voucher.ack_seq) {
			std::cmp::Ordering::Less => assert!(claim.total_after <= voucher.ack_total),
			std::cmp::Ordering::Equal => assert_eq!(claim.total_after, voucher.ack_total),
			std::cmp::Ordering::Greater => {
				assert!(voucher.ack_total <= claim.total_after);
				assert!(claim.total_after <= voucher.ack_total + terms.max_unacked);
			},
		}
		terms.escrow = terms.escrow.checked_sub(claim.amount().unwrap()).unwrap();
		(terms.settled_seq, terms.settled_total) = (claim.to_seq, claim.total_after);
	}
}

/// Every leaf is under the root, and the sums are those of the claims.
fn verify_batch(batch: &Batch, leaves: &[Leaf]) {
	let top = Node { hash: batch.root, sum: batch.total, count: batch.count };
	assert_eq!(build(leaves).unwrap(), top);
	for (at, leaf) in leaves.iter().enumerate() {
		verify(&top, leaf, &prove(leaves, at as u32).unwrap()).unwrap();
	}
	assert_eq!(batch.total, batch.claims.iter().map(|it| it.amount().unwrap()).sum());
	let count: u64 = batch.claims.iter().map(|it| it.count().unwrap()).sum();
	assert_eq!(u64::from(batch.count), count);
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

	#[test]
	fn nothing_is_lost_and_nothing_is_charged_twice(
		steps in prop::collection::vec((0u8..=255, 0usize..1_000), 1..250),
	) {
		let mut world = World::new(60);
		for (kind, at) in steps {
			world.step(kind, at);
		}
		world.finish();
	}
}

#[test]
fn a_long_random_life_does_everything() {
	let mut world = World::new(1_000);
	let mut seed = 1u64;
	for _ in 0..3_000 {
		seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		world.step((seed >> 33) as u8, (seed >> 41) as usize % 1_000);
	}
	assert!(world.crashes > 50 && world.batches > 10, "{} {}", world.crashes, world.batches);
	assert!(world.ended > 20, "{}", world.ended);
	let failed = |it: &&Record| match it {
		Record::Completed(it, _) => it.receipt.status == Status::Failed,
		_ => false,
	};
	let completed = world.log.0.iter().filter(|it| matches!(it, Record::Completed(..))).count();
	let failed = world.log.0.iter().filter(failed).count();
	assert!(completed - failed > 40 && failed > 40, "{completed} {failed}");
	world.finish();
}
