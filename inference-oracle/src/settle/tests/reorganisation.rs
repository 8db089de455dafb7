//! Blocks that are undone, transactions that vanish, nodes that restart: whatever becomes of a
//! settlement before it is final, the same bytes are sent again, in order, by the oracle itself.

use super::*;
use crate::chain::{ChainError, Settled, Settlement, SubmitError};
use futures::future::{BoxFuture, FutureExt};
use std::sync::Mutex;
use tokio::{sync::oneshot, task::JoinHandle};
use usufruct_primitives::{BatchNo, Hash};

/// A submission; who sent it listens until the node restarts.
struct Transaction {
	batch: Batch,
	sender: Option<oneshot::Sender<Result<Settled, SubmitError>>>,
}

impl Transaction {
	fn tell(&mut self, outcome: Result<Settled, SubmitError>) {
		if let Some(sender) = self.sender.take() {
			// Whoever waited too long does not hear it.
			let _ = sender.send(outcome);
		}
	}

	fn lost(mut self, why: &str) {
		self.tell(Err(SubmitError::Lost(why.into())));
	}
}

/// Before finality, what is not final; after it, the chain in memory.
#[derive(Default)]
struct Unfinal {
	pool: Vec<Transaction>,
	blocks: Vec<Vec<Transaction>>,
	/// Everything that was ever sent.
	sent: Vec<Batch>,
}

struct Forking {
	last: Arc<MemoryChain>,
	unfinal: Mutex<Unfinal>,
}

impl Forking {
	/// A best block with all that waits.
	fn include(&self) {
		let mut unfinal = self.unfinal.lock().unwrap();
		let block = std::mem::take(&mut unfinal.pool);
		unfinal.blocks.push(block);
	}

	/// The best block is undone; what was in it waits again.
	fn retract(&self) {
		let mut unfinal = self.unfinal.lock().unwrap();
		let block = unfinal.blocks.pop().unwrap();
		unfinal.pool.extend(block);
	}

	/// All blocks become final, in order.
	fn finalise(&self) {
		let blocks = std::mem::take(&mut self.unfinal.lock().unwrap().blocks);
		for mut transaction in blocks.into_iter().flatten() {
			let outcome = self.last.state().apply(&transaction.batch);
			transaction.tell(outcome);
		}
		self.last.finalise();
	}

	/// What waits is dropped, and its senders are told.
	fn drop_pool(&self) {
		let pool = std::mem::take(&mut self.unfinal.lock().unwrap().pool);
		pool.into_iter().for_each(|it| it.lost("dropped from the pool"));
	}

	/// The node starts again with an empty pool. Nobody hears any more of what is in blocks.
	fn restart(&self) {
		let mut unfinal = self.unfinal.lock().unwrap();
		unfinal.pool.drain(..).for_each(|it| it.lost("the connection is gone"));
		for transaction in unfinal.blocks.iter_mut().flatten() {
			transaction.tell(Err(SubmitError::Lost("the connection is gone".into())));
		}
	}

	fn sent(&self) -> Vec<Batch> {
		self.unfinal.lock().unwrap().sent.clone()
	}

	fn waiting(&self) -> usize {
		self.unfinal.lock().unwrap().pool.len()
	}
}

impl Settlement for Forking {
	fn settle<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<Settled, SubmitError>> {
		let (sender, outcome) = oneshot::channel();
		let mut unfinal = self.unfinal.lock().unwrap();
		unfinal.sent.push(batch.clone());
		unfinal.pool.push(Transaction { batch: batch.clone(), sender: Some(sender) });
		async move { outcome.await.unwrap() }.boxed()
	}

	fn root_of(&self, no: BatchNo) -> BoxFuture<'_, Result<Option<Hash>, ChainError>> {
		self.last.root_of(no)
	}

	fn prices(&self) -> BoxFuture<'_, Result<Prices, ChainError>> {
		self.last.prices()
	}
}

/// An oracle that settles on a chain that forks.
struct Story {
	fixture: Fixture,
	chain: Arc<Forking>,
	settling: JoinHandle<Result<(), crate::store::StoreError>>,
	stop: watch::Sender<Stop>,
}

fn settling(
	fixture: &Fixture,
	chain: &Arc<Forking>,
) -> (watch::Sender<Stop>, JoinHandle<Result<(), crate::store::StoreError>>) {
	let settler = Settler::new(
		GENESIS,
		Arc::clone(&fixture.ledger),
		chain.clone(),
		fixture.chain.heads(),
		ANY,
		Arc::new(Metrics::default()),
	);
	let (stop, stopped) = watch::channel(Stop::No);
	(stop, tokio::spawn(settler.unwrap().run(stopped)))
}

impl Story {
	/// Three receipts, whose settlement waits in the pool.
	async fn begin() -> Self {
		let mut fixture = Fixture::new().await;
		fixture.chain.follow(&fixture.ledger);
		fixture.serve(0, 3).await;
		let last = Arc::clone(&fixture.chain);
		let chain = Arc::new(Forking { last, unfinal: Mutex::default() });
		let (stop, settling) = settling(&fixture, &chain);
		let story = Self { fixture, chain, settling, stop };
		story.until(|it| it.chain.waiting() == 1).await;
		story
	}

	/// Waits; empty blocks become final meanwhile.
	async fn until(&self, done: impl Fn(&Self) -> bool) {
		let deadline = Instant::now() + Duration::from_secs(20);
		while !done(self) {
			assert!(
				Instant::now() < deadline,
				"nothing happens: {} sent, {} wait, pending {:?}, due {:?}, settling is over: {}",
				self.chain.sent().len(),
				self.chain.waiting(),
				self.pending().map(|it| it.no),
				self.fixture.ledger.due(),
				self.settling.is_finished()
			);
			self.fixture.chain.finalise();
			tokio::time::sleep(Duration::from_millis(2)).await;
		}
	}

	/// Lets blocks pass in which the oracle could do something wrong.
	async fn while_blocks_pass(&self) {
		for _ in 0..30 {
			self.fixture.chain.finalise();
			tokio::time::sleep(Duration::from_millis(2)).await;
		}
	}

	fn pending(&self) -> Option<Batch> {
		self.fixture.ledger.store().snapshot().unwrap().pending_batch().unwrap()
	}

	/// What waits gets into a block that becomes final, and the oracle sees it.
	async fn finish(&self) {
		let before = self.pending().unwrap().no;
		self.chain.include();
		self.chain.finalise();
		self.until(|it| it.pending().is_none_or(|it| it.no > before)).await;
	}

	/// Everything is settled, once, by batches of these numbers in the order in which they were sent.
	async fn end(self, settled: [Seq; 3], sent: &[BatchNo]) {
		assert_eq!(self.fixture.settled(), settled);
		let numbers: Vec<_> = self.chain.sent().iter().map(|it| it.no).collect();
		assert_eq!(numbers, sent);
		let roots = self.fixture.chain.state().roots.clone();
		for batch in self.chain.sent() {
			assert_eq!(batch, roots[batch.no as usize], "always the same bytes");
			assert_eq!(
				self.fixture.ledger.store().snapshot().unwrap().batch(batch.no).unwrap(),
				Some(batch)
			);
		}
		self.stop.send(Stop::At(Instant::now())).unwrap();
		self.settling.await.unwrap().unwrap();
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_whose_block_is_undone_is_not_taken_for_settled() {
	let mut story = Story::begin().await;
	story.chain.include();
	story.while_blocks_pass().await;
	story.chain.retract();
	story.fixture.serve(0, 1).await;
	story.while_blocks_pass().await;
	assert!(story.pending().is_some(), "it stays in the log until it is final");
	assert_eq!(story.fixture.settled(), [0, 0, 0]);
	let answer = story.fixture.ledger.store().answer(&story.fixture.consumers[0].channel, 1);
	assert!(answer.unwrap().unwrap().output.is_some(), "and so do the answers");
	// Back in the pool by itself, it needs no second submission.
	story.finish().await;
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.end([4, 0, 0], &[0, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_that_vanishes_with_its_block_is_sent_again() {
	let mut story = Story::begin().await;
	story.chain.include();
	story.fixture.serve(0, 2).await;
	story.chain.retract();
	story.chain.drop_pool();
	story.until(|it| it.chain.waiting() == 1).await;
	assert_eq!(story.chain.sent()[1].count, 3, "not with what came later");
	story.finish().await;
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.end([5, 0, 0], &[0, 0, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_that_took_many_blocks_is_not_sent_again_because_the_head_comes_late() {
	let story = Story::begin().await;
	story.while_blocks_pass().await;
	story.chain.include();
	// Whoever sent it is told before the head is there that shows it.
	let block = story.chain.unfinal.lock().unwrap().blocks.pop().unwrap();
	let head = story.fixture.chain.state().head.clone();
	for mut transaction in block {
		let outcome = story.fixture.chain.state().apply(&transaction.batch);
		transaction.tell(outcome);
	}
	let late = std::mem::replace(&mut story.fixture.chain.state().head, head);
	for _ in 0..4 {
		tokio::time::sleep(Duration::from_millis(200)).await;
		story.fixture.chain.finalise();
	}
	story.fixture.chain.state().head.next_batch = late.next_batch;
	story.until(|it| it.pending().is_none()).await;
	story.end([3, 0, 0], &[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_settlements_the_second_is_not_sent_before_the_first_is_final() {
	let mut story = Story::begin().await;
	story.chain.include();
	// A second one is due, and the first stands in a block: which vanishes.
	story.fixture.serve(0, 2).await;
	story.fixture.serve(1, 2).await;
	story.while_blocks_pass().await;
	assert_eq!(story.chain.sent().len(), 1);
	story.chain.retract();
	story.chain.drop_pool();
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.end([5, 2, 0], &[0, 0, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_submissions_of_one_settlement_whichever_is_left_is_taken() {
	for both in [false, true] {
		let story = Story::begin().await;
		// The node says nothing more of the first, which waits in the pools of others.
		story.chain.unfinal.lock().unwrap().pool[0].tell(Err(SubmitError::Lost("?".into())));
		story.until(|it| it.chain.waiting() == 2).await;
		if !both {
			story.chain.unfinal.lock().unwrap().pool.remove(0);
		}
		// Of two, the chain refuses the second; that must not count as a refusal of the settlement.
		story.finish().await;
		story.while_blocks_pass().await;
		story.end([3, 0, 0], &[0, 0]).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_that_is_dropped_from_the_pool_is_sent_again_and_again() {
	let story = Story::begin().await;
	for _ in 0..3 {
		story.chain.drop_pool();
		story.until(|it| it.chain.waiting() == 1).await;
	}
	story.finish().await;
	story.end([3, 0, 0], &[0, 0, 0, 0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_restarts_is_sent_what_it_forgot_and_nothing_it_has() {
	// It forgot.
	let story = Story::begin().await;
	story.chain.restart();
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.end([3, 0, 0], &[0, 0]).await;

	// It had it in a block, which becomes final before anybody asks.
	let story = Story::begin().await;
	story.chain.include();
	story.chain.restart();
	story.chain.finalise();
	story.until(|it| it.pending().is_none()).await;
	story.end([3, 0, 0], &[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_that_restarts_while_a_block_is_undone_sends_the_same_bytes() {
	let story = Story::begin().await;
	story.chain.include();
	let Story { fixture, chain, settling: running, stop } = story;
	running.abort();
	let _ = running.await;
	drop(stop);
	let Fixture { folder, chain: last, ledger, consumers } = fixture;
	drop(Arc::into_inner(ledger).expect("nobody else holds the log"));
	chain.retract();
	chain.drop_pool();

	let ledger = open(folder.path(), &last, &consumers).await;
	let mut fixture = Fixture { folder, chain: last, ledger, consumers };
	fixture.chain.follow(&fixture.ledger);
	fixture.serve(0, 2).await;
	let (stop, settling) = settling(&fixture, &chain);
	let story = Story { fixture, chain, settling, stop };
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.end([5, 0, 0], &[0, 0, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_behind_does_not_have_a_final_settlement_made_again() {
	let mut story = Story::begin().await;
	story.finish().await;
	let (head, channels) = {
		let mut state = story.fixture.chain.state();
		let ahead = (state.head.next_batch, state.channels.clone());
		// As it was before the settlement.
		state.head.next_batch = 0;
		let channel = story.fixture.consumers[0].channel;
		state.channels.insert(channel, story.fixture.consumers[0].terms());
		ahead
	};
	story.fixture.chain.finalise();
	story.fixture.serve(0, 1).await;
	story.while_blocks_pass().await;
	assert_eq!(story.chain.sent().len(), 1);
	// Nor by an oracle that starts anew.
	story.settling.abort();
	let _ = (&mut story.settling).await;
	(story.stop, story.settling) = settling(&story.fixture, &story.chain);
	story.while_blocks_pass().await;
	assert_eq!(story.chain.sent().len(), 1);

	{
		let mut state = story.fixture.chain.state();
		(state.head.next_batch, state.channels) = (head, channels);
	}
	story.until(|it| it.chain.waiting() == 1).await;
	story.finish().await;
	story.end([4, 0, 0], &[0, 1]).await;
}
