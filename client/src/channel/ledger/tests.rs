//! The ledger against an honest oracle, a lying one, reordering networks and crashes.

use super::*;
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use usufruct_primitives::{usage::Receipt, Meter, Status};

const GENESIS: Hash = [1; 32];
const CHANNEL: ChannelId = [2; 32];
const LIMITS: Limits = Limits { max_unit_price: 10, max_unacked: 100, funds: 1_000 };

fn request(id: u64, units: u64) -> Request {
	let mut request_id = [0; 16];
	request_id[..8].copy_from_slice(&id.to_le_bytes());
	Request {
		channel_id: CHANNEL,
		request_id,
		model_version: 1,
		input_commit: [3; 32],
		meter: Meter::Element,
		max_units: units,
		unit_price: 1,
	}
}

fn receipt(request: &Request, seq: Seq, amount: Balance, total: Balance) -> SignedReceipt {
	let receipt = Receipt {
		channel_id: CHANNEL,
		seq,
		model: 1,
		model_version: 1,
		meter: Meter::Element,
		status: Status::Served,
		units: amount as u64,
		unit_price: 1,
		amount,
		total,
		request_commit: request.commit(&GENESIS),
		output_commit: [4; 32],
		started_ms: 0,
		took_ms: 0,
	};
	SignedReceipt::sign(receipt, &SigningKey::from_bytes(&[5; 32]), &GENESIS)
}

fn ledger() -> Ledger {
	Ledger::new(CHANNEL, GENESIS, LIMITS, Head::default(), [])
}

impl Ledger {
	fn reserved(&mut self, request: &Request) -> Voucher {
		let (voucher, change) = self.reserve(request, 9).unwrap();
		self.apply(&change);
		voucher
	}

	fn completed(&mut self, receipt: &SignedReceipt) -> usize {
		let change = self.complete(receipt).unwrap();
		self.apply(&change);
		change.accepted.len()
	}

	fn disorder(&self, receipt: &SignedReceipt) -> Disorder {
		match self.complete(receipt).unwrap_err() {
			NotAccepted::Disorder(disorder) => disorder,
			other => panic!("{other}"),
		}
	}
}

#[test]
fn vouchers_cover_what_is_open_and_acknowledge_what_is_answered() {
	let mut ledger = ledger();
	let (a, b, c) = (request(1, 10), request(2, 20), request(3, 5));
	let first = ledger.reserved(&a);
	assert_eq!((first.cap, first.ack_seq, first.ack_total, first.serve_until), (10, 0, 0, 9));
	assert_eq!(first.request_commit, a.commit(&GENESIS));
	let second = ledger.reserved(&b);
	assert_eq!((second.cap, second.ack_seq), (30, 0));
	// The second is answered first: nothing can be acknowledged yet.
	assert_eq!(ledger.completed(&receipt(&b, 2, 20, 28)), 0);
	assert_eq!(ledger.open_amount(), 30);
	assert_eq!(ledger.completed(&receipt(&a, 1, 8, 8)), 2);
	assert_eq!((ledger.head().ack_seq, ledger.head().ack_total), (2, 28));
	// The cap never falls, although 28 + 1 would do.
	let third = ledger.reserved(&request(4, 1));
	assert_eq!((third.cap, third.ack_seq, third.ack_total), (30, 2, 28));
	let fourth = ledger.reserved(&c);
	assert_eq!((fourth.cap, fourth.ack_total), (34, 28));
}

#[test]
fn the_window_and_the_escrow_bound_what_is_open() {
	let mut ledger = ledger();
	let refused = |ledger: &Ledger, units| ledger.reserve(&request(99, units), 9).unwrap_err();
	assert_eq!(refused(&ledger, 101), Refused::TooLarge { amount: 101, max_unacked: 100 });
	let a = request(1, 60);
	ledger.reserved(&a);
	ledger.reserved(&request(2, 40));
	assert_eq!(refused(&ledger, 1), Refused::WindowFull { open: 100, max_unacked: 100 });
	ledger.completed(&receipt(&a, 1, 60, 60));
	ledger.reserved(&request(3, 60));
	ledger.set_limits(Limits { funds: 160, max_unacked: 200, ..LIMITS });
	assert_eq!(refused(&ledger, 1), Refused::EscrowShort { needed: 161, funds: 160 });
	ledger.set_limits(Limits { funds: 161, max_unacked: 200, ..LIMITS });
	assert_eq!(ledger.reserve(&request(4, 1), 9).unwrap().0.cap, 161);
}

#[test]
fn what_does_not_fit_the_channel_is_refused() {
	let mut ledger = ledger();
	let dear = Request { unit_price: 11, ..request(1, 1) };
	assert_eq!(
		ledger.reserve(&dear, 9).unwrap_err(),
		Refused::PriceAboveMaximum { price: 11, maximum: 10 }
	);
	let other = Request { channel_id: [0; 32], ..request(1, 1) };
	assert_eq!(ledger.reserve(&other, 9).unwrap_err(), Refused::OtherChannel);
	ledger.set_limits(Limits { max_unit_price: u128::MAX, ..LIMITS });
	let huge = Request { unit_price: u128::MAX, ..request(1, 2) };
	assert_eq!(ledger.reserve(&huge, 9).unwrap_err(), Refused::Overflow);
	ledger.reserved(&request(1, 1));
	assert_eq!(ledger.reserve(&request(1, 1), 9).unwrap_err(), Refused::AlreadyOpen);
}

#[test]
fn a_refused_request_frees_its_money_and_an_answered_one_cannot_be_released() {
	let mut ledger = ledger();
	let (a, b) = (request(1, 100), request(2, 100));
	let first = ledger.reserved(&a);
	let change = ledger.release(&a.commit(&GENESIS)).unwrap();
	ledger.apply(&change);
	assert_eq!(ledger.open_amount(), 0);
	assert_eq!(ledger.release(&a.commit(&GENESIS)), None);
	let second = ledger.reserved(&b);
	assert_eq!(second.cap, first.cap, "the money of the refused one serves the next");
	assert_eq!(ledger.reserve(&a, 9).unwrap_err(), Refused::AlreadyOpen);
	assert_eq!(ledger.complete(&receipt(&request(3, 1), 1, 1, 1)), Err(NotAccepted::NotOpen));

	let mut ledger = self::ledger();
	ledger.reserved(&a);
	ledger.apply(&ledger.complete(&receipt(&a, 2, 10, 20)).unwrap());
	assert_eq!(ledger.release(&a.commit(&GENESIS)), None);
}

impl Ledger {
	fn release_it(&mut self, request: &Request) -> Vec<Hash> {
		let change = self.release(&request.commit(&GENESIS)).unwrap();
		self.apply(&change);
		change.forgotten
	}
}

#[test]
fn a_refused_request_that_was_charged_all_the_same_is_found_missing_and_accepted() {
	let mut ledger = ledger();
	let (a, b, c) = (request(1, 30), request(2, 30), request(3, 40));
	ledger.reserved(&a);
	ledger.release_it(&a);
	// Its charge and the next one's fit under the cap together.
	assert_eq!(ledger.reserved(&b).cap, 60);
	assert!(!ledger.lacks_released());
	assert_eq!(ledger.completed(&receipt(&b, 2, 30, 60)), 0);
	assert!(ledger.lacks_released());
	assert!(!ledger.is_stuck(40) && ledger.is_stuck(41), "60 are charged, and 100 may be");
	assert_eq!(ledger.reserved(&c).cap, 100);
	// Perhaps it is the third that is missing; no: that waits as well.
	assert_eq!(ledger.completed(&receipt(&c, 3, 40, 100)), 0);
	assert!(ledger.lacks_released() && ledger.is_stuck(1));
	let over = receipt(&a, 1, 31, 31);
	assert_eq!(ledger.disorder(&over), Disorder::Amount { seq: 1, amount: 31, max_amount: 30 });
	assert_eq!(ledger.completed(&receipt(&a, 1, 30, 30)), 3);
	assert_eq!((ledger.head().ack_seq, ledger.head().ack_total), (3, 100));
	assert!(ledger.open().is_empty() && ledger.released().is_empty());
	assert!(!ledger.lacks_released() && !ledger.is_stuck(100));
}

#[test]
fn a_gap_that_an_open_request_may_fill_is_not_blamed_on_a_refused_one() {
	let mut ledger = ledger();
	let (a, b, c) = (request(1, 10), request(2, 10), request(3, 10));
	for request in [&a, &b, &c] {
		ledger.reserved(request);
	}
	ledger.release_it(&a);
	ledger.completed(&receipt(&c, 2, 10, 20));
	assert!(!ledger.lacks_released(), "the second may be the first");
	ledger.completed(&receipt(&b, 3, 10, 30));
	assert!(ledger.lacks_released());
}

#[test]
fn refused_requests_are_forgotten_when_later_ones_are_accounted_for() {
	let mut ledger = ledger();
	let (a, b, c) = (request(1, 10), request(2, 10), request(3, 10));
	let reserve = |ledger: &mut Ledger, request: &Request, serve_until| {
		let change = ledger.reserve(request, serve_until).unwrap().1;
		ledger.apply(&change);
	};
	reserve(&mut ledger, &a, 300);
	ledger.release_it(&a);
	// It may have been asked while the first one's voucher was good.
	reserve(&mut ledger, &b, 300 + SLACK + SERVE_WINDOW);
	ledger.completed(&receipt(&b, 1, 10, 10));
	assert!(ledger.is_released(&a.commit(&GENESIS)));
	reserve(&mut ledger, &c, 300 + SLACK + SERVE_WINDOW + 1);
	ledger.completed(&receipt(&c, 2, 10, 20));
	assert!(ledger.released().is_empty());
}

#[test]
fn no_more_refused_requests_are_known_than_may_be() {
	let mut ledger = ledger();
	// By what they may cost together: the oldest is forgotten.
	let (a, b, c) = (request(1, 41), request(2, 60), request(3, 100));
	for request in [&a, &b] {
		ledger.reserved(request);
		assert!(ledger.release_it(request).is_empty());
	}
	ledger.reserved(&c);
	assert_eq!(ledger.release_it(&c), [a.commit(&GENESIS)]);
	// By their number.
	for id in 10..200 {
		let free = request(id, 0);
		ledger.reserved(&free);
		ledger.release_it(&free);
	}
	assert_eq!(ledger.released().len(), MOST_RELEASED);
}

#[test]
fn each_disorder_is_found() {
	let mut ledger = ledger();
	let (a, b, c) = (request(1, 10), request(2, 10), request(3, 10));
	for request in [&a, &b, &c] {
		ledger.reserved(request);
	}
	let over = receipt(&a, 1, 11, 11);
	assert_eq!(ledger.disorder(&over), Disorder::Amount { seq: 1, amount: 11, max_amount: 10 });
	let wrong_total = receipt(&a, 1, 10, 11);
	assert_eq!(ledger.disorder(&wrong_total), Disorder::Total { seq: 1, said: 11, expected: 10 });
	ledger.completed(&receipt(&b, 2, 10, 21));
	assert_eq!(ledger.disorder(&receipt(&c, 2, 10, 31)), Disorder::SeqTaken(2));
	assert_eq!(ledger.disorder(&receipt(&b, 3, 10, 31)), Disorder::SecondReceipt(3));
	assert_eq!(ledger.completed(&receipt(&b, 2, 10, 21)), 0, "the same again is no disorder");
	// Now the first comes, and shows that the second's total was wrong.
	assert_eq!(
		ledger.disorder(&receipt(&a, 1, 10, 10)),
		Disorder::Total { seq: 2, said: 21, expected: 20 }
	);
	let mut ledger = self::ledger();
	ledger.reserved(&a);
	ledger.reserved(&b);
	ledger.completed(&receipt(&a, 1, 10, 10));
	assert_eq!(ledger.disorder(&receipt(&b, 1, 10, 10)), Disorder::SeqTaken(1));
	assert_eq!(ledger.disorder(&receipt(&b, 0, 10, 10)), Disorder::SeqTaken(0));
}

#[test]
fn a_halted_channel_signs_nothing_more() {
	let mut ledger = ledger();
	ledger.apply(&ledger.halt("it lied"));
	ledger.apply(&ledger.halt("again"));
	let refused = ledger.reserve(&request(1, 1), 9).unwrap_err();
	assert_eq!(refused, Refused::Halted("it lied".into()));
}

/// What may happen; indices are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
	/// The consumer asks; it may crash before the change is on disk, or right after.
	Reserve(u64, Crash),
	/// A voucher reaches the oracle, in any order.
	Deliver(usize),
	/// The oracle refuses a voucher for good, and says so.
	Refuse(usize),
	/// Somebody says that the oracle refused a request that it has accepted.
	Deny(usize),
	/// The oracle answers a request: this share of its maximum, in percent.
	Answer(usize, u8),
	/// A receipt reaches the consumer, in any order; again, perhaps.
	Return(usize, Crash),
	/// After a crash: every open request is sent again.
	Resend,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Crash {
	No,
	BeforeDisk,
	AfterDisk,
}

fn crash() -> impl Strategy<Value = Crash> {
	prop_oneof![8 => Just(Crash::No), 1 => Just(Crash::BeforeDisk), 1 => Just(Crash::AfterDisk)]
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		4 => (0u64..60, crash()).prop_map(|(units, crash)| Step::Reserve(units, crash)),
		4 => any::<usize>().prop_map(Step::Deliver),
		1 => any::<usize>().prop_map(Step::Refuse),
		1 => any::<usize>().prop_map(Step::Deny),
		4 => (any::<usize>(), 0u8..=100).prop_map(|(index, share)| Step::Answer(index, share)),
		4 => (any::<usize>(), crash()).prop_map(|(index, crash)| Step::Return(index, crash)),
		1 => Just(Step::Resend),
	]
}

/// Consumer, network and honest oracle.
struct World {
	ledger: Ledger,
	disk: (Head, BTreeMap<Hash, Open>, BTreeMap<Hash, Open>),
	/// Whether anything was denied.
	denied: bool,
	drawn: u64,
	/// All vouchers that left the consumer.
	left: Vec<Voucher>,
	to_oracle: Vec<Open>,
	/// What the oracle accepted and has not answered.
	in_flight: Vec<Open>,
	answered: BTreeMap<Hash, SignedReceipt>,
	/// The newest voucher at the oracle.
	newest: Option<Voucher>,
	seq: Seq,
	total: Balance,
	to_consumer: Vec<SignedReceipt>,
}

impl World {
	fn new() -> Self {
		Self {
			ledger: ledger(),
			disk: Default::default(),
			denied: false,
			drawn: 0,
			left: vec![],
			to_oracle: vec![],
			in_flight: vec![],
			answered: BTreeMap::new(),
			newest: None,
			seq: 0,
			total: 0,
			to_consumer: vec![],
		}
	}

	/// Writes and applies a change; false if the process died before it was written.
	fn commit(&mut self, change: &Change, crash: Crash) -> bool {
		if crash == Crash::BeforeDisk {
			self.restart();
			return false;
		}
		self.disk.0 = change.head.clone();
		self.disk.1.extend(change.put.iter().cloned());
		self.disk.1.retain(|commit, _| !change.remove.contains(commit));
		self.disk.2.extend(change.released.iter().cloned());
		self.disk.2.retain(|commit, _| !change.forgotten.contains(commit));
		self.ledger.apply(change);
		if crash == Crash::AfterDisk {
			self.restart();
			return false;
		}
		true
	}

	fn restart(&mut self) {
		let (head, open, released) = self.disk.clone();
		self.ledger = Ledger::new(CHANNEL, GENESIS, LIMITS, head, open).with_released(released);
	}

	/// Refused: but none is given up for it, so that in the end nothing is lost.
	fn release(&mut self, commit: &Hash) -> bool {
		match self.ledger.release(commit) {
			Some(change) if change.forgotten.is_empty() => self.commit(&change, Crash::No),
			_ => false,
		}
	}

	fn send(&mut self, open: Open) {
		self.left.push(open.voucher.clone());
		self.to_oracle.push(open);
	}

	fn deliver(&mut self, open: Open) {
		let commit = open.voucher.request_commit;
		if let Some(receipt) = self.answered.get(&commit) {
			self.to_consumer.push(receipt.clone());
			return;
		}
		if self.in_flight.iter().any(|known| known.voucher.request_commit == commit) {
			return;
		}
		let key = |voucher: &Voucher| (voucher.cap, voucher.ack_seq);
		if self.newest.as_ref().is_none_or(|newest| key(newest) < key(&open.voucher)) {
			self.newest = Some(open.voucher.clone());
		}
		let newest = self.newest.as_ref().unwrap();
		// The oracle's own rule: an honest consumer's voucher always satisfies it, whatever came
		// before it and in whatever order, unless it was told that nothing is charged for what is.
		let in_flight: Balance = self.in_flight.iter().map(|open| open.max_amount).sum();
		let limit = newest.chargeable(LIMITS.max_unacked).min(LIMITS.funds);
		if self.total + in_flight + open.max_amount > limit {
			assert!(self.denied, "an honest oracle would refuse");
			self.release(&commit);
			return;
		}
		assert!(newest.ack_seq <= self.seq && newest.ack_total <= self.total);
		self.in_flight.push(open);
	}

	fn step(&mut self, step: Step) {
		match step {
			Step::Reserve(units, crash) => {
				self.drawn += 1;
				let request = request(self.drawn, units);
				let Ok((voucher, change)) = self.ledger.reserve(&request, 9) else { return };
				assert_eq!(voucher.cap, change.head.cap);
				let open = change.put[0].1.clone();
				if self.commit(&change, crash) {
					self.send(open);
				}
			},
			Step::Deliver(index) if !self.to_oracle.is_empty() => {
				let open = self.to_oracle.swap_remove(index % self.to_oracle.len());
				self.deliver(open);
			},
			Step::Refuse(index) if !self.to_oracle.is_empty() => {
				let open = self.to_oracle.swap_remove(index % self.to_oracle.len());
				let commit = open.voucher.request_commit;
				let again = |other: &Open| other.voucher.request_commit == commit;
				// Only what it does not have in any form can be refused for good.
				if self.answered.contains_key(&commit)
					|| self.in_flight.iter().any(again)
					|| self.to_oracle.iter().any(again)
				{
					return self.deliver(open);
				}
				self.release(&commit);
			},
			Step::Deny(index) if !self.in_flight.is_empty() => {
				let commit = self.in_flight[index % self.in_flight.len()].voucher.request_commit;
				self.denied |= self.release(&commit);
			},
			Step::Answer(index, share) if !self.in_flight.is_empty() => {
				let open = self.in_flight.swap_remove(index % self.in_flight.len());
				let amount = open.max_amount * Balance::from(share) / 100;
				self.seq += 1;
				self.total += amount;
				let receipt = receipt(&open.request, self.seq, amount, self.total);
				self.answered.insert(open.voucher.request_commit, receipt.clone());
				self.to_consumer.push(receipt);
			},
			Step::Return(index, crash) if !self.to_consumer.is_empty() => {
				let index = index % self.to_consumer.len();
				let receipt = self.to_consumer[index].clone();
				match self.ledger.complete(&receipt) {
					Ok(change) => {
						// A crash loses the answer; it is asked for again.
						if self.commit(&change, crash) {
							self.to_consumer.swap_remove(index);
						}
					},
					Err(NotAccepted::NotOpen) => {
						assert!(receipt.receipt.seq <= self.ledger.head().ack_seq);
						self.to_consumer.swap_remove(index);
					},
					Err(error) => panic!("an honest receipt: {error}"),
				}
			},
			Step::Resend => {
				for open in self.ledger.open().clone().into_values() {
					if open.receipt.is_none() {
						self.send(open);
					}
				}
			},
			_ => {},
		}
	}

	fn check(&self, before: &Head) {
		let head = self.ledger.head();
		let (on_disk, open, released) = &self.disk;
		assert_eq!((head, self.ledger.open()), (on_disk, open), "memory is the disk");
		assert_eq!(&self.ledger.released, released);
		assert!(before.cap <= head.cap, "the cap never falls");
		assert!(before.ack_seq <= head.ack_seq && before.ack_total <= head.ack_total);
		let promised = head.ack_total + self.ledger.open_amount();
		assert!(
			promised <= head.cap || self.denied,
			"each open request has money of its own under the cap"
		);
		for voucher in &self.left {
			assert!(voucher.cap <= head.cap, "nothing left the process that is not on disk");
			assert!(
				voucher.chargeable(LIMITS.max_unacked) <= head.ack_total + LIMITS.max_unacked,
				"no voucher gives a dishonest oracle more than max_unacked"
			);
			assert!(voucher.cap <= LIMITS.funds);
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn promises_hold_in_every_order_and_through_every_crash(
		steps in prop::collection::vec(step(), 1..120),
	) {
		let mut world = World::new();
		for step in steps {
			let before = world.ledger.head().clone();
			world.step(step);
			world.check(&before);
		}
		// In the end nothing is lost: everything open is asked for again, answered and accepted.
		world.step(Step::Resend);
		while !world.to_oracle.is_empty() {
			world.step(Step::Deliver(0));
		}
		while !world.in_flight.is_empty() {
			world.step(Step::Answer(0, 50));
		}
		// What was denied is asked for again, too.
		let denied = world.ledger.released().into_iter().filter_map(|it| world.answered.get(it.0));
		world.to_consumer.extend(denied.cloned().collect::<Vec<_>>());
		while !world.to_consumer.is_empty() {
			world.step(Step::Return(0, Crash::No));
		}
		let head = world.ledger.head();
		prop_assert_eq!((head.ack_seq, head.ack_total), (world.seq, world.total));
		prop_assert!(!world.ledger.lacks_released());
		prop_assert!(world.ledger.open().is_empty() || world.denied);
	}

	#[test]
	fn no_two_open_requests_share_a_promise(units in prop::collection::vec(1u64..40, 2..12)) {
		let mut ledger = ledger();
		let mut signed: Vec<Voucher> = vec![];
		for (id, units) in units.iter().enumerate() {
			let Ok((voucher, change)) = ledger.reserve(&request(id as u64, *units), 9) else { break };
			ledger.apply(&change);
			// While nothing was refused or answered, each request raises the cap by its maximum.
			let before = signed.last().map_or(0, |voucher| voucher.cap);
			prop_assert_eq!(voucher.cap, before + Balance::from(*units));
			signed.push(voucher);
		}
	}
}
