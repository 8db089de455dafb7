use super::*;
use crate::{
	demands::answers,
	ledger::NotServed,
	store::Limits,
	testing::{
		receipt_key,
		serving::{serve, settle, OFFER},
		Consumer, MemoryChain, GENESIS, HEAD, ORACLE,
	},
};

struct Fixture {
	_folder: tempfile::TempDir,
	chain: Arc<MemoryChain>,
	ledger: Arc<Ledger>,
	consumers: Vec<Consumer>,
}

impl Fixture {
	async fn new() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let chain = MemoryChain::new();
		let consumers: Vec<_> = (1..=2).map(Consumer::new).collect();
		let limits = Limits { window: 0, ..Limits::default() };
		let ledger = Ledger::open_with(folder.path(), GENESIS, ORACLE, receipt_key(), limits, true)
			.await
			.unwrap();
		let ledger = Arc::new(ledger);
		chain.follow(&ledger);
		for consumer in &consumers {
			chain.open(consumer);
			ledger.adopt(consumer.channel, Some(consumer.terms())).unwrap();
		}
		Self { _folder: folder, chain, ledger, consumers }
	}

	async fn serve(&mut self, whose: usize, count: usize) {
		serve(&self.ledger, &mut self.consumers[whose], count).await;
	}

	async fn settle(&self) {
		settle(&self.ledger, &self.chain, &Arc::default()).await;
	}

	async fn clean(&self) {
		let janitor =
			Janitor::new(Arc::clone(&self.ledger), self.chain.clone(), self.chain.heads());
		while janitor.look().await.unwrap() > 0 {}
	}

	/// Goes past the time of every voucher.
	fn pass(&self) {
		self.chain.state().head.standing.head = HEAD + 1_000;
		self.chain.finalise();
	}

	fn receipts(&self, whose: usize) -> Vec<Seq> {
		let mut held = vec![];
		let log = self.ledger.store().snapshot().unwrap();
		log.receipts(&self.consumers[whose].channel, 0, Seq::MAX, |it| held.push(it.seq)).unwrap();
		held
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_demanded_is_kept_and_what_cannot_is_not() {
	let mut fixture = Fixture::new().await;
	for _ in 0..3 {
		fixture.serve(0, 3).await;
		fixture.serve(1, 2).await;
		fixture.settle().await;
	}
	fixture.pass();
	fixture.clean().await;
	assert_eq!(fixture.receipts(0), (1..=9).collect::<Vec<_>>(), "all can be demanded");
	let channel = fixture.consumers[0].channel;
	assert_eq!(fixture.ledger.store().answer(&channel, 1).unwrap().unwrap().output, None);

	// The first two settlements are past, but one receipt of the second is demanded.
	let open = crate::chain::Demand { due: 9_999, batch_no: 1, channel_id: channel, seq: 5 };
	fixture.chain.state().past = 2;
	fixture.chain.state().demands.push(open);
	fixture.clean().await;
	let log = fixture.ledger.store().snapshot().unwrap();
	assert_eq!(log.oldest_batch().unwrap().map(|it| it.no), Some(1));
	let answer = answers(fixture.ledger.store(), &GENESIS, 1, &[open]).remove(0).1.unwrap();
	assert_eq!(answer.receipt.seq, 5);
	fixture.chain.state().demands.clear();
	fixture.clean().await;
	assert_eq!(fixture.receipts(0), [4, 5, 6, 7, 8, 9], "what a later claim may begin with stays");
	let log = fixture.ledger.store().snapshot().unwrap();
	assert_eq!(log.oldest_batch().unwrap().map(|it| it.no), Some(2));
	assert!(log.batch(1).unwrap().is_none() && log.batch(2).unwrap().is_some());

	// One goes on, the other is closed.
	fixture.consumers[0].serve_until = u32::MAX;
	fixture.serve(0, 1).await;
	fixture.settle().await;
	let closed = fixture.consumers[1].channel;
	fixture.chain.state().channels.remove(&closed);
	fixture.chain.state().past = 3;
	fixture.pass();
	fixture.clean().await;
	assert_eq!(fixture.receipts(1), [] as [Seq; 0]);
	assert!(fixture.ledger.store().channel(&closed).unwrap().unwrap().dropped);
	assert_eq!(fixture.receipts(0), [7, 8, 9, 10]);

	// The rest goes as well, and numbers go on.
	fixture.chain.state().past = 4;
	fixture.clean().await;
	assert_eq!(fixture.receipts(0), [9, 10], "the last that is acknowledged, and what is not");
	fixture.serve(0, 1).await;
	fixture.settle().await;
	assert_eq!(fixture.chain.state().roots.len(), 5);
	assert_eq!(fixture.receipts(0), [9, 10, 11]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_receipt_is_gone_is_neither_answered_nor_charged_again() {
	let mut fixture = Fixture::new().await;
	let mut before = fixture.consumers[0].clone();
	let order = before.order();
	fixture.serve(0, 3).await;
	fixture.settle().await;
	fixture.serve(0, 3).await;
	fixture.settle().await;
	fixture.serve(0, 3).await;
	fixture.settle().await;
	fixture.chain.state().past = 2;
	fixture.pass();
	fixture.clean().await;
	assert_eq!(fixture.receipts(0)[0], 4);
	let consumer = &fixture.consumers[0];
	let again = consumer.sign(&order);
	let total = fixture.ledger.position(&consumer.channel).unwrap().total;
	let refused = fixture.ledger.admit(&order, &again, &consumer.terms().key, &OFFER).await;
	assert!(
		matches!(refused, Err(NotServed::Refused(crate::book::Refusal::AnswerGone))),
		"{refused:?}"
	);
	assert_eq!(fixture.ledger.position(&consumer.channel).unwrap().total, total);
}
