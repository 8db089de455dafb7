//! What goes on while an oracle dies and comes back: a chain and its consumers, each of which
//! remembers, in a file of its own, what it did and what it was told.

use crate::{
	book::{Offer, Order, Outcome},
	chain::{ChainError, Settled, Settlement, SubmitError},
	engine::profile::{Known, Profile},
	ledger::{Admitted, Ledger},
	metrics::Metrics,
	retention::Janitor,
	settle::{Batch, Policy, Prices, Settler, Stop},
	store::{Limits, Write},
	testing::{receipt_key, Consumer, Fault, MemoryChain, GENESIS, ORACLE, PRICE},
};
use codec::{Decode, Encode};
use futures::future::{join_all, BoxFuture};
use rand::{rngs::StdRng, Rng, SeedableRng};
use std::{
	collections::{BTreeMap, HashSet},
	fs::{File, OpenOptions},
	io::Write as _,
	path::Path,
	sync::{Arc, Mutex},
	time::{Duration, Instant},
};
use tokio::sync::watch;
use usufruct_client::oracle_api::{SignedReceipt, SignedVoucher};
use usufruct_primitives::{
	commitment::payload_commit,
	settlement::Claim,
	tree::{build, Leaf, Node},
	usage::Receipt,
	Balance, BatchNo, BlockNumber, ChannelId, Hash, Seq, Status, UFR,
};

/// Each with a channel.
const CONSUMERS: u64 = 3;
/// Answers that each wants; the second wants one more in the end.
const WANTED: usize = 12;
/// The last block of all vouchers.
const SERVE_UNTIL: BlockNumber = 1 << 30;
/// Requests of one consumer at once.
const AT_ONCE: usize = 2;
/// How many of the newest settlements can be demanded.
const DEMANDABLE: u64 = 1;
/// How long a life may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(120);

fn wanted(number: u64) -> usize {
	WANTED + usize::from(number == 2)
}

/// Entries at the end of a file, each written by one call: a process that dies leaves it whole.
struct Journal(Mutex<File>);

impl Journal {
	fn open<T: Decode>(path: &Path) -> (Self, Vec<T>) {
		let held = std::fs::read(path).unwrap_or_default();
		let (mut rest, mut entries) = (&held[..], Vec::new());
		while !rest.is_empty() {
			entries.push(T::decode(&mut rest).unwrap());
		}
		let file = OpenOptions::new().create(true).append(true).open(path).unwrap();
		(Self(Mutex::new(file)), entries)
	}

	fn write(&self, entry: &impl Encode) {
		self.0.lock().unwrap().write_all(&entry.encode()).unwrap();
	}
}

/// What happened on the chain.
#[derive(Encode, Decode)]
enum Block {
	Settled(Batch),
	Closed(ChannelId),
}

/// The chain, which outlives the oracle.
struct Chain {
	memory: Arc<MemoryChain>,
	journal: Journal,
}

impl Chain {
	fn open(folder: &Path, consumers: &[Consumer]) -> Self {
		let (journal, blocks) = Journal::open(&folder.join("chain"));
		let memory = MemoryChain::new();
		for consumer in consumers {
			memory.open(consumer);
		}
		for block in blocks {
			match block {
				Block::Settled(batch) => {
					memory.state().apply(&batch).unwrap();
				},
				Block::Closed(channel) => {
					memory.state().channels.remove(&channel);
				},
			}
		}
		Self { memory, journal }
	}

	/// The window of the older settlements is over.
	fn pass(&self) {
		let mut state = self.memory.state();
		state.past = (state.roots.len() as u64).saturating_sub(DEMANDABLE);
	}

	fn close(&self, channel: ChannelId) {
		self.journal.write(&Block::Closed(channel));
		self.memory.state().channels.remove(&channel);
		self.memory.finalise();
	}
}

impl Settlement for Chain {
	fn settle<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<Settled, SubmitError>> {
		let before = self.memory.state().roots.len();
		let outcome = self.memory.settle(batch);
		if self.memory.state().roots.len() > before {
			self.journal.write(&Block::Settled(batch.clone()));
		}
		outcome
	}

	fn root_of(&self, no: BatchNo) -> BoxFuture<'_, Result<Option<Hash>, ChainError>> {
		self.memory.root_of(no)
	}

	fn prices(&self) -> BoxFuture<'_, Result<Prices, ChainError>> {
		self.memory.prices()
	}
}

/// What a consumer did, and what it was told.
#[derive(Encode, Decode)]
enum Note {
	/// Its request of that number, and the voucher with which it was sent.
	Asked(u128, SignedVoucher),
	/// The receipt it got for it.
	Held(u128, SignedReceipt),
}

/// A consumer, which outlives the oracle.
struct Customer {
	number: u64,
	consumer: Consumer,
	journal: Journal,
	/// What it asked, by number, with the receipt if it holds one.
	asked: BTreeMap<u128, Option<SignedReceipt>>,
}

impl Customer {
	fn open(folder: &Path, number: u64) -> Self {
		let (journal, notes) = Journal::open(&folder.join(format!("consumer-{number}")));
		let consumer = Consumer { serve_until: SERVE_UNTIL, ..Consumer::new(number) };
		let mut customer = Self { number, consumer, journal, asked: BTreeMap::new() };
		for note in notes {
			match note {
				Note::Asked(nth, signed) => {
					customer.asked.entry(nth).or_default();
					customer.consumer.cap = customer.consumer.cap.max(signed.voucher.cap);
					customer.consumer.next = customer.consumer.next.max(nth);
				},
				Note::Held(nth, receipt) => {
					customer.asked.insert(nth, Some(receipt));
				},
			}
		}
		customer.acknowledge();
		customer
	}

	/// Accepts the receipts it holds, up to the first it lacks.
	fn acknowledge(&mut self) {
		let held: BTreeMap<Seq, &Receipt> =
			self.held().map(|signed| (signed.receipt.seq, &signed.receipt)).collect();
		let last = (1..).map_while(|seq| held.get(&seq)).last().map(|it| (*it).clone());
		if let Some(last) = last {
			self.consumer.acknowledge(&last);
		}
	}

	fn held(&self) -> impl Iterator<Item = &SignedReceipt> {
		self.asked.values().flatten()
	}

	fn served(&self) -> usize {
		self.held().filter(|signed| signed.receipt.status == Status::Served).count()
	}

	/// The request of that number.
	fn order(&self, nth: u128) -> Order {
		Consumer { next: nth - 1, ..self.consumer.clone() }.order()
	}

	/// What to ask next: all that has no receipt, then new requests, and now and then one again
	/// whose answer it has.
	fn next(&mut self, wanted: usize, random: &mut StdRng) -> Vec<(u128, Order, SignedVoucher)> {
		let lacking = |it: &Self| it.asked.values().filter(|held| held.is_none()).count();
		while lacking(self) < AT_ONCE && self.served() + lacking(self) < wanted {
			let order = self.consumer.order();
			self.consumer.cap += order.request.max_amount().unwrap();
			self.asked.insert(self.consumer.next, None);
		}
		let again = random.gen_range(0..self.asked.len());
		let asked = self.asked.iter().enumerate();
		let wanted: Vec<u128> = asked
			.filter(|(at, (_, held))| held.is_none() || *at == again)
			.map(|(_, (nth, _))| *nth)
			.collect();
		// Whatever was sent before: the newest voucher, for the same request.
		let asked = wanted.into_iter().map(|nth| {
			let order = self.order(nth);
			let voucher = self.consumer.sign(&order);
			self.journal.write(&Note::Asked(nth, voucher.clone()));
			(nth, order, voucher)
		});
		asked.collect()
	}

	/// Asks until it was served so often.
	async fn ask_until(&mut self, wanted: usize, ledger: &Ledger, random: &mut StdRng) {
		while self.served() < wanted {
			self.ask(wanted, ledger, random).await;
		}
	}

	/// One round of requests at once.
	async fn ask(&mut self, wanted: usize, ledger: &Ledger, random: &mut StdRng) {
		let asked = self.next(wanted, random);
		let (journal, key) = (&self.journal, self.consumer.terms().key);
		let answers = asked.iter().map(|(nth, order, voucher)| async move {
			let signed = serve(ledger, order, voucher, &key).await;
			journal.write(&Note::Held(*nth, signed.clone()));
			(*nth, signed)
		});
		for (nth, signed) in join_all(answers).await {
			let held = self.asked.insert(nth, Some(signed.clone())).flatten();
			assert!(held.is_none_or(|held| held == signed), "two receipts for one request");
		}
		self.acknowledge();
	}
}

fn output(order: &Order) -> Vec<u8> {
	order.request.request_id.to_vec()
}

/// What the oracle does with a request, from its acceptance to its answer.
async fn serve(
	ledger: &Ledger,
	order: &Order,
	voucher: &SignedVoucher,
	key: &[u8; 32],
) -> SignedReceipt {
	let offer = Offer { open: true, ask: Some(PRICE), room: Ok(()) };
	let known = Known::from(Profile::default());
	match ledger.admit(order, voucher, key, &offer).await.unwrap() {
		Admitted::Run(accepted) => {
			tokio::task::yield_now().await;
			if order.request.request_id[0].is_multiple_of(2) {
				// What the log is sent meanwhile takes the acceptance along.
				let write = Write::Profile(known.hash, known.profile.json().into());
				ledger.store().write(vec![write]).wait().await.unwrap();
			}
			let outcome = Outcome {
				status: Status::Served,
				units: 1,
				output_commit: payload_commit(&order.salt, &output(order)),
				started_ms: crate::clock::now_ms(),
				took_ms: 0,
			};
			let (channel, id) = accepted.key();
			ledger.note_profile(&known);
			let signed = ledger.complete(&channel, &id, outcome, output(order)).await.unwrap();
			ledger.keep_input(&signed.receipt, known.hash, output(order));
			signed
		},
		Admitted::Answered(answer) => {
			if answer.completed.receipt.status == Status::Served {
				assert!(answer.output.is_none_or(|it| it == output(order)), "another's output");
			}
			ledger.sign(answer.completed.receipt)
		},
	}
}

fn settler(ledger: &Arc<Ledger>, chain: &Arc<Chain>) -> Settler {
	let policy = Policy {
		value: 2 * PRICE,
		count: u64::MAX,
		age: Duration::from_secs(1 << 40),
		losses: false,
	};
	let (heads, metrics) = (chain.memory.heads(), Arc::new(Metrics::default()));
	Settler::new(GENESIS, Arc::clone(ledger), chain.clone(), heads, policy, metrics).unwrap()
}

/// Nothing is kept longer than a settlement can be demanded.
fn limits() -> Limits {
	Limits { window: 0, inputs: true, ..Limits::default() }
}

async fn open(folder: &Path) -> Arc<Ledger> {
	let folder = folder.join("log");
	let ledger = Ledger::open_with(&folder, GENESIS, ORACLE, receipt_key(), limits(), true).await;
	Arc::new(ledger.unwrap())
}

fn janitor(ledger: &Arc<Ledger>, chain: &Arc<Chain>) -> Janitor {
	Janitor::new(Arc::clone(ledger), chain.memory.clone(), chain.memory.heads())
}

/// What a finalised block refused as the settler stopped was left for the next start.
async fn settle_all(ledger: &Arc<Ledger>, chain: &Arc<Chain>) {
	while !ledger.due().is_empty() {
		let (_stop, stopped) = watch::channel(Stop::At(Instant::now() + PATIENCE));
		settler(ledger, chain).run(stopped).await.unwrap();
	}
}

/// One life of the oracle: from the log it finds until everything its consumers want is served and
/// settled, and one channel is closed. Dies wherever a point was set.
pub(super) async fn live(folder: &Path, seed: u64) {
	let mut random = StdRng::seed_from_u64(seed);
	let mut customers: Vec<_> = (1..=CONSUMERS).map(|it| Customer::open(folder, it)).collect();
	let consumers: Vec<_> = customers.iter().map(|it| it.consumer.clone()).collect();
	let chain = Arc::new(Chain::open(folder, &consumers));
	let ledger = open(folder).await;
	chain.memory.follow(&ledger);
	for consumer in &consumers {
		let terms = chain.memory.state().channels.get(&consumer.channel).cloned();
		if terms.is_some() {
			ledger.adopt(consumer.channel, terms).unwrap();
		}
	}
	// The last comes first.
	chain.memory.state().faults = vec![Fault::Unheard, Fault::Refused, Fault::Lost];

	let blocks = tokio::spawn({
		let memory = Arc::clone(&chain.memory);
		async move {
			loop {
				tokio::time::sleep(Duration::from_millis(2)).await;
				memory.finalise();
			}
		}
	});
	let (stop, stopped) = watch::channel(Stop::No);
	let settling = tokio::spawn(settler(&ledger, &chain).run(stopped));
	let rounds = customers.iter_mut().map(|customer| {
		let (ledger, mut random) = (Arc::clone(&ledger), StdRng::seed_from_u64(random.gen()));
		async move { customer.ask_until(WANTED, &ledger, &mut random).await }
	});
	tokio::time::timeout(PATIENCE, join_all(rounds)).await.expect("requests are stuck");
	stop.send(Stop::At(Instant::now() + PATIENCE)).unwrap();
	settling.await.unwrap().unwrap();
	settle_all(&ledger, &chain).await;
	// In a settlement that nothing of the channel is in that will be closed.
	customers[1].ask_until(wanted(2), &ledger, &mut random).await;
	settle_all(&ledger, &chain).await;
	blocks.abort();
	let _ = blocks.await;
	chain.close(consumers[0].channel);
	// Every voucher's time is over.
	chain.pass();
	chain.memory.state().head.standing.head = SERVE_UNTIL;
	chain.memory.finalise();
	let janitor = janitor(&ledger, &chain);
	while janitor.look().await.unwrap() > 0 {}
}

/// The first receipt of the channel that the log must hold, and does hold: what came before is only in
/// settlements that are past.
fn first_kept(ledger: &Ledger, chain: &Chain, channel: &ChannelId) -> Seq {
	let mut first = Seq::MAX;
	let log = ledger.store().snapshot().unwrap();
	log.receipts(channel, 0, Seq::MAX, |it| first = first.min(it.seq)).unwrap();
	let state = chain.memory.state();
	let past = (state.roots.len() as u64).saturating_sub(DEMANDABLE);
	let claims = state.roots.iter().filter(|it| it.no >= past).flat_map(|it| &it.claims);
	let demandable = claims.filter(|it| it.channel_id == *channel).map(|it| it.from_seq).min();
	assert!(demandable.is_none_or(|from| first <= from), "a receipt that can be demanded is gone");
	first
}

/// Checks what is left when all is over, from what the consumers hold, what the chain has, and what
/// the log says.
pub(super) async fn audit(folder: &Path) {
	let customers: Vec<_> = (1..=CONSUMERS).map(|it| Customer::open(folder, it)).collect();
	let consumers: Vec<_> = customers.iter().map(|it| it.consumer.clone()).collect();
	let chain = Chain::open(folder, &consumers);
	let ledger = open(folder).await;
	assert_eq!(ledger.store().snapshot().unwrap().pending_batch().unwrap(), None);

	let mut by_number: BTreeMap<(ChannelId, Seq), Receipt> = BTreeMap::new();
	for customer in &customers {
		let channel = customer.consumer.channel;
		assert_eq!(customer.served(), wanted(customer.number));
		assert!(customer.asked.values().all(Option::is_some), "a request has no receipt");
		let commits: HashSet<_> = customer.held().map(|it| it.receipt.request_commit).collect();
		assert_eq!(commits.len(), customer.asked.len(), "a request was receipted twice");
		for (nth, signed) in &customer.asked {
			let signed = signed.as_ref().unwrap();
			assert!(signed.verify(&receipt_key().verifying_key().to_bytes(), &GENESIS));
			let commit = customer.order(*nth).request.commit(&GENESIS);
			assert_eq!(signed.receipt.request_commit, commit);
			let twice = by_number.insert((channel, signed.receipt.seq), signed.receipt.clone());
			assert_eq!(twice, None, "two receipts of one number");
		}

		// What is held is what the log holds, without a gap, and what was served was charged once.
		// But for the oldest, which nobody can demand.
		let first = first_kept(&ledger, &chain, &channel);
		let all: Vec<_> = by_number.range((channel, 0)..=(channel, Seq::MAX)).collect();
		let held: Vec<_> = all.iter().filter(|((_, seq), _)| *seq >= first).collect();
		let mut logged = Vec::new();
		ledger
			.store()
			.snapshot()
			.unwrap()
			.receipts(&channel, 0, Seq::MAX, |it| logged.push(it))
			.unwrap();
		assert_eq!(logged.len(), held.len(), "the log and the consumer differ");
		for ((_, receipt), logged) in held.into_iter().zip(&logged) {
			assert_eq!(*receipt, logged, "an acknowledged receipt was lost");
		}
		let (mut seq, mut total) = (0, 0);
		for (_, receipt) in all {
			(seq, total) = (seq + 1, total + receipt.amount);
			assert_eq!((receipt.seq, receipt.total), (seq, total));
		}
		let expected = wanted(customer.number) as Balance * PRICE;
		assert_eq!(total, expected, "charged twice, or not at all");
	}

	// Each is under exactly one root, and the roots are those of what is held.
	let state = chain.memory.state();
	let mut settled: HashSet<(ChannelId, Seq)> = HashSet::new();
	let past = (state.roots.len() as u64).saturating_sub(DEMANDABLE);
	for batch in &state.roots {
		let logged = ledger.store().snapshot().unwrap().batch(batch.no).unwrap();
		assert_eq!(logged.as_ref(), (batch.no >= past).then_some(batch));
		let leaf = |claim: &Claim, seq| {
			let receipt = by_number.get(&(claim.channel_id, seq)).expect("settled and not held");
			Leaf { digest: receipt.digest(&GENESIS), amount: receipt.amount }
		};
		let mut leaves = Vec::new();
		for claim in &batch.claims {
			for seq in claim.from_seq..=claim.to_seq {
				leaves.push(leaf(claim, seq));
				assert!(settled.insert((claim.channel_id, seq)), "settled twice");
			}
		}
		let top = Node { hash: batch.root, sum: batch.total, count: batch.count };
		assert_eq!(build(&leaves).unwrap(), top);
	}
	let held: HashSet<_> = by_number.keys().copied().collect();
	// A failed receipt after the last that was paid for is claimed with the next that is.
	let unsettled = held.difference(&settled).map(|key| by_number[key].amount).sum::<Balance>();
	assert_eq!(unsettled, 0, "held and not settled");
	assert!(settled.is_subset(&held));
	for customer in &customers[1..] {
		let terms = &state.channels[&customer.consumer.channel];
		let paid = wanted(customer.number) as Balance * PRICE;
		assert_eq!((terms.settled_total, terms.escrow), (paid, UFR - paid));
	}
	drop(state);
	assert_eq!(ledger.channels().len(), consumers.len() - 1, "one channel is closed");
}
