//! As many channels as a busy oracle has, and several requests of each at a time.

use super::*;
use crate::{
	ledger::Admitted,
	testing::serving::{served, OFFER},
};
use futures::future::join_all;

const CHANNELS: u64 = 5_000;
const AT_ONCE: usize = 4;

/// Serves requests of one channel that are all under way at a time.
async fn serve(ledger: Arc<Ledger>, mut consumer: Consumer) {
	let key = consumer.terms().key;
	let orders: Vec<_> = (0..AT_ONCE).map(|_| consumer.order()).collect();
	let vouchers: Vec<_> = orders.iter().map(|order| consumer.pay(order)).collect();
	let running = orders.iter().zip(&vouchers).map(|(order, voucher)| async {
		let admitted = ledger.admit(order, voucher, &key, &OFFER).await.unwrap();
		assert!(matches!(admitted, Admitted::Run(_)));
		let id = order.request.request_id;
		ledger.complete(&consumer.channel, &id, served(), vec![1]).await.unwrap()
	});
	let mut seqs: Vec<_> = join_all(running).await.iter().map(|it| it.receipt.seq).collect();
	seqs.sort_unstable();
	assert_eq!(seqs, (1..=AT_ONCE as u64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_channels_are_served_at_once_and_settled_with_a_claim_each() {
	let folder = tempfile::tempdir().unwrap();
	let chain = MemoryChain::new();
	let consumers: Vec<_> = (1..=CHANNELS).map(Consumer::patient).collect();
	consumers.iter().for_each(|consumer| chain.open(consumer));
	let ledger = open(folder.path(), &chain, &consumers).await;
	chain.follow(&ledger);
	let serving = consumers.iter().map(|it| tokio::spawn(serve(Arc::clone(&ledger), it.clone())));
	for served in join_all(serving).await {
		served.unwrap();
	}
	let requests = u128::from(CHANNELS) * AT_ONCE as u128;
	assert_eq!(ledger.exposure().0, requests * PRICE, "each is counted once");

	let fixture = Fixture { folder, chain, ledger, consumers };
	let (_stop, stopped) = watch::channel(Stop::At(Instant::now() + Duration::from_secs(300)));
	fixture.settler(NEVER).run(stopped).await.unwrap();
	assert!(fixture.ledger.due().is_empty());
	let state = fixture.chain.state();
	assert_eq!(state.submitted.len() as u64, CHANNELS.div_ceil(u64::from(MAX_CLAIMS)));
	assert_eq!(state.submitted.iter().map(|it| it.total).sum::<u128>(), requests * PRICE);
	for consumer in &fixture.consumers {
		assert_eq!(state.channels[&consumer.channel].settled_total, AT_ONCE as u128 * PRICE);
	}
}
