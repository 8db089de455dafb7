mod keys;
mod many;
mod reorganisation;

use super::*;
use crate::{
	ledger::Ledger,
	metrics::Metrics,
	testing::{
		serving::{open, serve},
		Consumer, Fault, MemoryChain, GENESIS, MODEL, PRICE, VERSION,
	},
};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::watch;
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	settlement::{MAX_CLAIMS, MAX_RECEIPTS},
	tree::{build, prove, verify, Leaf, Node},
	usage::Receipt,
	Balance, ChannelId, Meter, Seq, Status, VersionId, UFR,
};

fn receipts(channel_id: ChannelId, from: Seq, versions: &[VersionId]) -> Vec<Receipt> {
	versions
		.iter()
		.zip(from..)
		.map(|(version, seq)| Receipt {
			channel_id,
			seq,
			model: MODEL,
			model_version: *version,
			meter: Meter::Request,
			status: Status::Served,
			units: 1,
			unit_price: PRICE,
			amount: PRICE,
			total: Balance::from(seq) * PRICE,
			request_commit: [seq as u8; 32],
			output_commit: [0; 32],
			started_ms: 0,
			took_ms: 0,
		})
		.collect()
}

fn voucher(consumer: &mut Consumer) -> SignedVoucher {
	let order = consumer.order();
	consumer.cap = UFR;
	consumer.sign(&order)
}

fn source(salt: u64, settled: Seq, versions: &[VersionId]) -> (Source, Vec<Receipt>) {
	let mut consumer = Consumer::new(salt);
	let receipts = receipts(consumer.channel, settled + 1, versions);
	let source = Source {
		channel_id: consumer.channel,
		settled_seq: settled,
		settled_total: Balance::from(settled) * PRICE,
		voucher: voucher(&mut consumer),
		receipts: receipts.iter().map(|it| Row::of(it, &GENESIS)).collect(),
	};
	(source, receipts)
}

#[test]
fn a_batch_proves_every_receipt_and_claims_are_adjacent() {
	let (one, mut all) = source(1, 4, &[30, 30, 31, 31, 30]);
	let (two, more) = source(2, 0, &[31; 7]);
	all.extend(more);
	all.sort_by_key(|it| (it.channel_id, it.seq));
	let batch = plan(9, &[two.clone(), one.clone()]).unwrap().unwrap();
	assert_eq!((batch.no, batch.count, batch.total), (9, 12, 12 * PRICE));
	assert_eq!(batch, plan(9, &[one.clone(), two]).unwrap().unwrap(), "whatever the order");

	let leaves: Vec<_> =
		all.iter().map(|it| Leaf { digest: it.digest(&GENESIS), amount: it.amount }).collect();
	let top = Node { hash: batch.root, sum: batch.total, count: batch.count };
	assert_eq!(build(&leaves).unwrap(), top);
	for (at, leaf) in leaves.iter().enumerate() {
		verify(&top, leaf, &prove(&leaves, at as u32).unwrap()).unwrap();
	}
	let of_one: Vec<_> = batch
		.claims
		.iter()
		.filter(|it| it.channel_id == one.channel_id)
		.map(|it| (it.model_version, it.from_seq, it.to_seq, it.total_before, it.total_after))
		.collect();
	assert_eq!(
		of_one,
		[
			(30, 5, 6, 4 * PRICE, 6 * PRICE),
			(31, 7, 8, 6 * PRICE, 8 * PRICE),
			(30, 9, 9, 8 * PRICE, 9 * PRICE),
		]
	);
	assert_eq!(batch.claims.len(), 4);
	let claim = &batch.claims[0];
	let signed = SignedVoucher { voucher: claim.voucher(), signature: claim.voucher.signature };
	let consumer = if claim.channel_id == one.channel_id { 1 } else { 2 };
	assert!(signed.verify(&Consumer::new(consumer).terms().key, &GENESIS));
}

#[test]
fn a_gap_or_a_wrong_total_is_found() {
	let (good, _) = source(1, 0, &[30; 3]);
	let mut gap = good.clone();
	gap.receipts.remove(1);
	assert!(matches!(plan(0, &[gap]), Err(PlanError::Gap { seq: 3, .. })));
	let mut total = good.clone();
	total.settled_total = 1;
	assert!(matches!(plan(0, &[total]), Err(PlanError::Gap { seq: 1, .. })));
	let mut late = good;
	late.settled_seq = 1;
	assert!(matches!(plan(0, &[late]), Err(PlanError::Gap { seq: 1, .. })));
	assert_eq!(plan(0, &[]), Ok(None));
	let (empty, _) = source(1, 0, &[]);
	assert_eq!(plan(0, &[empty]), Ok(None));
}

#[test]
fn a_batch_is_cut_at_its_limits() {
	// One claim per change of version.
	let versions: Vec<VersionId> = (0..300).map(|it| 30 + it % 2).collect();
	let (source_of_many, _) = source(1, 0, &versions);
	let batch = plan(0, &[source_of_many]).unwrap().unwrap();
	assert_eq!(batch.claims.len(), MAX_CLAIMS as usize);
	assert_eq!((batch.count, batch.total), (256, 256 * PRICE));
	assert_eq!(batch.claims.last().unwrap().to_seq, 256);

	let (row, _) = source(1, 0, &[30]);
	let mut long = row.clone();
	let (two, _) = source(2, 0, &[30; 5]);
	let receipt = &receipts(long.channel_id, 1, &[30])[0];
	long.receipts = (1..=u64::from(MAX_RECEIPTS) - 2)
		.map(|seq| {
			let total = Balance::from(seq) * PRICE;
			Row::of(&Receipt { seq, total, ..receipt.clone() }, &GENESIS)
		})
		.collect();
	let batch = plan(0, &[long, two.clone()]).unwrap().unwrap();
	assert_eq!(batch.count, MAX_RECEIPTS);
	let cut = batch.claims.iter().find(|it| it.channel_id == two.channel_id).unwrap();
	assert_eq!((cut.to_seq, cut.total_after), (2, 2 * PRICE));
}

struct Fixture {
	folder: tempfile::TempDir,
	chain: Arc<MemoryChain>,
	ledger: Arc<Ledger>,
	consumers: Vec<Consumer>,
}

const NEVER: Policy =
	Policy { value: UFR, count: u64::MAX, age: Duration::from_secs(1 << 40), losses: false };
const ANY: Policy = Policy { value: 1, ..NEVER };

impl Fixture {
	async fn new() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let chain = MemoryChain::new();
		let consumers: Vec<_> = (1..=3).map(Consumer::patient).collect();
		for consumer in &consumers {
			chain.open(consumer);
		}
		let ledger = open(folder.path(), &chain, &consumers).await;
		Self { folder, chain, ledger, consumers }
	}

	async fn serve(&mut self, whose: usize, count: usize) {
		serve(&self.ledger, &mut self.consumers[whose], count).await;
	}

	fn settler(&self, policy: Policy) -> Settler {
		Settler::new(
			GENESIS,
			Arc::clone(&self.ledger),
			self.chain.clone(),
			self.chain.heads(),
			policy,
			Arc::new(Metrics::default()),
		)
		.unwrap()
	}

	/// Runs a settler until everything is settled or a few seconds are over.
	async fn settle_all(&self, policy: Policy) {
		let (stop, stopped) = watch::channel(Stop::No);
		let running = tokio::spawn(self.settler(policy).run(stopped));
		let deadline = Instant::now() + Duration::from_secs(20);
		while !(self.ledger.due().is_empty()
			&& self.ledger.store().snapshot().unwrap().pending_batch().unwrap().is_none())
			&& Instant::now() < deadline
		{
			// Blocks come whether or not anything is settled: pauses are counted in them.
			self.chain.finalise();
			tokio::time::sleep(Duration::from_millis(5)).await;
		}
		stop.send(Stop::At(Instant::now())).unwrap();
		running.await.unwrap().unwrap();
	}

	fn settled(&self) -> Vec<Seq> {
		let state = self.chain.state();
		self.consumers.iter().map(|it| state.channels[&it.channel].settled_seq).collect()
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_settled_once() {
	let mut fixture = Fixture::new().await;
	fixture.chain.follow(&fixture.ledger);
	fixture.serve(0, 3).await;
	fixture.serve(1, 2).await;
	fixture.settle_all(ANY).await;
	assert_eq!(fixture.settled(), [3, 2, 0]);
	let submitted = fixture.chain.state().submitted.clone();
	assert_eq!(submitted.len(), 1);
	assert_eq!((submitted[0].no, submitted[0].count, submitted[0].total), (0, 5, 5 * PRICE));

	// Answers are kept although they are acknowledged and settled.
	let answer = fixture.ledger.store().answer(&fixture.consumers[0].channel, 1).unwrap();
	assert_eq!(answer.unwrap().output, Some(b"output".to_vec()));

	fixture.serve(0, 1).await;
	fixture.settle_all(ANY).await;
	assert_eq!(fixture.settled(), [4, 2, 0]);
	assert_eq!(fixture.chain.state().roots.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_submission_is_sent_again_with_the_same_bytes() {
	let mut fixture = Fixture::new().await;
	fixture.chain.follow(&fixture.ledger);
	fixture.chain.state().faults = vec![Fault::Unheard, Fault::Lost, Fault::Lost];
	fixture.serve(0, 3).await;
	fixture.settle_all(ANY).await;
	let submitted = fixture.chain.state().submitted.clone();
	assert_eq!(submitted.len(), 3, "lost, lost, taken though nobody was told");
	assert!(submitted.iter().all(|it| *it == submitted[0]));
	assert_eq!(fixture.settled(), [3, 0, 0]);
	assert_eq!(fixture.chain.state().roots.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_a_batch_was_stored_sends_the_same_bytes() {
	let mut fixture = Fixture::new().await;
	fixture.serve(0, 3).await;
	// Stored and submitted; then the process dies, before it knows.
	fixture.chain.state().faults = vec![Fault::Lost];
	let (_stop, stopped) = watch::channel(Stop::No);
	let running = tokio::spawn(fixture.settler(ANY).run(stopped));
	while fixture.chain.state().submitted.is_empty() {
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	running.abort();
	let _ = running.await;
	let Fixture { folder, chain, ledger, consumers } = fixture;
	drop(Arc::into_inner(ledger).expect("nobody else holds the log"));

	let ledger = open(folder.path(), &chain, &consumers).await;
	let mut fixture = Fixture { folder, chain, ledger, consumers };
	fixture.chain.follow(&fixture.ledger);
	fixture.serve(0, 2).await;
	fixture.settle_all(ANY).await;
	let submitted = fixture.chain.state().submitted.clone();
	assert_eq!(submitted[0], submitted[1], "not one with the newer receipts");
	assert_eq!(fixture.settled(), [5, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_batch_is_made_anew() {
	let mut fixture = Fixture::new().await;
	fixture.chain.follow(&fixture.ledger);
	fixture.chain.state().faults = vec![Fault::Refused];
	fixture.serve(0, 3).await;
	fixture.settle_all(ANY).await;
	assert_eq!(fixture.settled(), [3, 0, 0]);
	let submitted = fixture.chain.state().submitted.clone();
	assert_eq!((submitted.len(), submitted[1].no), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skipped_claim_is_claimed_again_later_and_holds_up_nobody() {
	let mut fixture = Fixture::new().await;
	fixture.chain.follow(&fixture.ledger);
	let skipped = fixture.consumers[1].channel;
	fixture.chain.state().skip.insert(skipped);
	for whose in 0..3 {
		fixture.serve(whose, 2).await;
	}
	let (stop, stopped) = watch::channel(Stop::No);
	let running = tokio::spawn(fixture.settler(ANY).run(stopped));
	while fixture.settled() != [2, 0, 2] {
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	fixture.chain.state().skip.clear();
	while fixture.settled() != [2, 2, 2] {
		fixture.chain.finalise();
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	stop.send(Stop::At(Instant::now())).unwrap();
	running.await.unwrap().unwrap();
	let channels: Vec<_> = fixture.chain.state().roots.iter().map(|it| it.claims.len()).collect();
	assert_eq!(channels, [3, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_settles_what_no_policy_would_yet() {
	let mut fixture = Fixture::new().await;
	fixture.chain.follow(&fixture.ledger);
	fixture.serve(0, 2).await;
	fixture.serve(2, 1).await;
	let (stop, stopped) = watch::channel(Stop::No);
	let running = tokio::spawn(fixture.settler(NEVER).run(stopped));
	tokio::time::sleep(Duration::from_millis(50)).await;
	assert_eq!(fixture.settled(), [0, 0, 0]);
	stop.send(Stop::At(Instant::now() + Duration::from_secs(20))).unwrap();
	running.await.unwrap().unwrap();
	assert_eq!(fixture.settled(), [2, 0, 1]);
	assert_eq!(fixture.ledger.store().snapshot().unwrap().pending_batch().unwrap(), None);
	assert_eq!(fixture.chain.state().roots[0].claims[0].model_version, VERSION);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sets_the_clock_changes_neither_when_nor_what_is_settled() {
	const DAY: i64 = 86_400_000;
	let mut fixture = Fixture::new().await;
	fixture.chain.follow(&fixture.ledger);
	let mut settler = fixture.settler(Policy { age: Duration::from_millis(300), ..NEVER });
	let heads = fixture.chain.heads();
	let step = async |settler: &mut Settler| {
		let head = Arc::clone(&heads.borrow());
		settler.step(&head, false).await.unwrap()
	};
	assert!(!step(&mut settler).await);
	for shift in [365 * DAY, -365 * DAY, 0] {
		crate::clock::set_system_clock(shift);
		fixture.serve(0, 1).await;
		crate::clock::set_system_clock(-shift);
		let begun = Instant::now();
		while !step(&mut settler).await {
			assert!(begun.elapsed() < Duration::from_secs(10), "it waits for another time");
			tokio::time::sleep(Duration::from_millis(5)).await;
		}
		assert!(begun.elapsed() >= Duration::from_millis(250), "too early");
		// Submitted, then seen as final.
		while fixture.ledger.due().iter().any(|it| it.channel_id == fixture.consumers[0].channel) {
			step(&mut settler).await;
		}
		while step(&mut settler).await {}
	}
	crate::clock::set_system_clock(0);
	assert_eq!(fixture.settled(), [3, 0, 0]);
}
