//! What consumers pay for, served and settled by the real ledger against the chain in memory.

use super::{receipt_key, standing, Consumer, MemoryChain, GENESIS, ORACLE, PRICE};
use crate::{
	book::{Offer, Outcome},
	clock::now_ms,
	ledger::{Admitted, Ledger},
	metrics::Metrics,
	settle::{Policy, Settler, Stop},
};
use std::{
	path::Path,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::watch;
use usufruct_primitives::Status;

pub const OFFER: Offer = Offer { open: true, ask: Some(PRICE), room: Ok(()) };

/// The ledger in a folder, which knows the channels of these consumers.
pub async fn open(folder: &Path, chain: &Arc<MemoryChain>, consumers: &[Consumer]) -> Arc<Ledger> {
	let ledger = Ledger::open(folder, GENESIS, ORACLE, receipt_key()).await.unwrap();
	ledger.observe(standing(), vec![]);
	for consumer in consumers {
		let terms = chain.state().channels.get(&consumer.channel).cloned();
		ledger.adopt(consumer.channel, terms).unwrap();
	}
	Arc::new(ledger)
}

/// One unit was served just now.
pub fn served() -> Outcome {
	Outcome {
		status: Status::Served,
		units: 1,
		output_commit: [0; 32],
		started_ms: now_ms(),
		took_ms: 0,
	}
}

/// Serves so many requests of a consumer, who acknowledges each receipt.
pub async fn serve(ledger: &Ledger, consumer: &mut Consumer, count: usize) {
	for _ in 0..count {
		let order = consumer.order();
		let (voucher, key) = (consumer.pay(&order), consumer.terms().key);
		let admitted = ledger.admit(&order, &voucher, &key, &OFFER).await.unwrap();
		assert!(matches!(admitted, Admitted::Run(_)));
		let (id, output) = (order.request.request_id, b"output".to_vec());
		let signed = ledger.complete(&consumer.channel, &id, served(), output).await.unwrap();
		consumer.acknowledge(&signed.receipt);
	}
}

/// Settles everything there is.
pub async fn settle(ledger: &Arc<Ledger>, chain: &Arc<MemoryChain>, metrics: &Arc<Metrics>) {
	let settler = Settler::new(
		GENESIS,
		Arc::clone(ledger),
		chain.clone(),
		chain.heads(),
		Policy::default(),
		Arc::clone(metrics),
	);
	let (_stop, stopped) = watch::channel(Stop::At(Instant::now() + Duration::from_secs(20)));
	settler.unwrap().run(stopped).await.unwrap();
	assert_eq!(ledger.due(), []);
}
