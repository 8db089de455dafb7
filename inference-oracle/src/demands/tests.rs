use super::*;
use crate::{
	chain::Demand,
	ledger::Ledger,
	metrics::Metrics,
	store::Write,
	testing::{
		serving::{self, serve, settle},
		Consumer, Fault, MemoryChain, GENESIS, HEAD,
	},
};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_primitives::{tree::TreeError, BatchNo, Seq};

struct Fixture {
	folder: tempfile::TempDir,
	chain: Arc<MemoryChain>,
	ledger: Arc<Ledger>,
	metrics: Arc<Metrics>,
	consumers: Vec<Consumer>,
}

async fn open(
	folder: &tempfile::TempDir,
	chain: &Arc<MemoryChain>,
	consumers: &[Consumer],
) -> Arc<Ledger> {
	let ledger = serving::open(folder.path(), chain, consumers).await;
	chain.follow(&ledger);
	ledger
}

impl Fixture {
	/// Two batches: receipts 1 to 3 and 1 to 2 of two channels, then 4 and 3 to 5.
	async fn settled() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let chain = MemoryChain::new();
		let consumers: Vec<_> = (1..=2).map(Consumer::new).collect();
		for consumer in &consumers {
			chain.open(consumer);
		}
		let ledger = open(&folder, &chain, &consumers).await;
		let metrics = Arc::new(Metrics::default());
		let mut fixture = Self { folder, chain, ledger, metrics, consumers };
		for (first, second) in [(3, 2), (1, 3)] {
			fixture.serve(0, first).await;
			fixture.serve(1, second).await;
			fixture.settle().await;
		}
		assert_eq!(fixture.chain.state().roots.len(), 2);
		fixture
	}

	async fn serve(&mut self, whose: usize, count: usize) {
		serve(&self.ledger, &mut self.consumers[whose], count).await;
	}

	async fn settle(&self) {
		settle(&self.ledger, &self.chain, &self.metrics).await;
	}

	fn answerer(&self) -> Answerer {
		Answerer::new(
			GENESIS,
			Arc::clone(&self.ledger),
			self.chain.clone(),
			self.chain.heads(),
			Arc::clone(&self.metrics),
		)
	}

	fn demand(&self, whose: usize, batch_no: BatchNo, seq: Seq) -> Demand {
		let channel_id = self.consumers[whose].channel;
		let demand = Demand { due: HEAD + 1_000, batch_no, channel_id, seq };
		self.chain.state().demands.push(demand);
		demand
	}

	fn open(&self) -> Vec<Demand> {
		self.chain.state().demands.clone()
	}

	/// How many answers were submitted, and counted as answered and failed.
	fn counts(&self) -> (usize, u64, u64) {
		let submitted = self.chain.state().answers.len();
		(submitted, self.metrics.demands_answered.get(), self.metrics.demands_failed.get())
	}

	fn pass(&self, blocks: usize) {
		for _ in 0..blocks {
			self.chain.finalise();
		}
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn every_settled_receipt_can_be_shown() {
	let fixture = Fixture::settled().await;
	for (whose, batch_no, seqs) in [(0, 0, 1..=3), (1, 0, 1..=2), (0, 1, 4..=4), (1, 1, 3..=5)] {
		for seq in seqs {
			fixture.demand(whose, batch_no, seq);
		}
	}
	let mut answerer = fixture.answerer();
	answerer.step().await;
	assert_eq!((fixture.open(), fixture.counts()), (vec![], (9, 9, 0)));
	fixture.pass(10);
	answerer.step().await;
	assert_eq!(fixture.counts(), (9, 9, 0), "nothing is answered twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_oracle_answers_at_the_next_head() {
	let fixture = Fixture::settled().await;
	let running = tokio::spawn(fixture.answerer().run());
	tokio::time::sleep(Duration::from_millis(20)).await;
	fixture.demand(1, 1, 4);
	let deadline = Instant::now() + Duration::from_secs(20);
	while !fixture.open().is_empty() && Instant::now() < deadline {
		fixture.chain.finalise();
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	assert_eq!(fixture.open(), []);
	running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_after_a_restart() {
	let fixture = Fixture::settled().await;
	fixture.demand(0, 0, 2);
	let Fixture { folder, chain, ledger, metrics, consumers } = fixture;
	drop(Arc::into_inner(ledger).expect("nobody else holds the log"));
	let ledger = open(&folder, &chain, &consumers).await;
	let fixture = Fixture { folder, chain, ledger, metrics, consumers };
	fixture.answerer().step().await;
	assert_eq!((fixture.open(), fixture.counts()), (vec![], (1, 1, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_stops_nothing_else() {
	let fixture = Fixture::settled().await;
	// Of the other batch, of neither, and of a batch that is not in the log.
	let unknown =
		[fixture.demand(0, 0, 4), fixture.demand(0, 1, 99), fixture.demand(1, 7, 1)].to_vec();
	fixture.demand(1, 0, 1);
	fixture.demand(0, 1, 4);
	let mut answerer = fixture.answerer();
	answerer.step().await;
	assert_eq!((fixture.open(), fixture.counts()), (unknown.clone(), (2, 2, 3)));
	// They are tried again, but not with every block.
	answerer.step().await;
	assert_eq!(fixture.counts(), (2, 2, 3));
	fixture.pass(6);
	answerer.step().await;
	assert_eq!((fixture.open(), fixture.counts()), (unknown, (2, 2, 6)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_sent_again_and_one_that_was_taken_is_not() {
	let fixture = Fixture::settled().await;
	fixture.chain.state().faults = vec![Fault::Unheard, Fault::Refused, Fault::Lost];
	fixture.demand(0, 0, 1);
	let mut answerer = fixture.answerer();
	for submitted in [1, 2, 3, 3] {
		answerer.step().await;
		assert_eq!(fixture.counts().0, submitted);
		fixture.pass(100);
	}
	assert_eq!((fixture.open(), fixture.counts()), (vec![], (3, 0, 3)));
	let answers = fixture.chain.state().answers.clone();
	assert!(answers.iter().all(|it| *it == answers[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_lost_something_says_what() {
	let fixture = Fixture::settled().await;
	let store = fixture.ledger.store();
	let demand = fixture.demand(0, 0, 1);
	let why = || {
		let (_, answer) = answers(store, &GENESIS, 0, &[demand]).pop().unwrap();
		answer.unwrap_err()
	};
	let batch = store.snapshot().unwrap().batch(0).unwrap().unwrap();

	let mut longer = batch.clone();
	longer.claims[1].to_seq = 9;
	let channel = longer.claims[1].channel_id;
	let next = fixture.ledger.position(&channel).unwrap().seq + 1;
	store.write(vec![Write::Batch(longer)]).wait().await.unwrap();
	match why() {
		Unanswerable::Missing { channel: of, seq } => assert_eq!((of, seq), (channel, next)),
		other => panic!("{other}"),
	}

	let mut other = batch;
	other.root = [1; 32];
	store.write(vec![Write::Batch(other)]).wait().await.unwrap();
	assert!(matches!(why(), Unanswerable::Tree(TreeError::Mismatch)));
}
