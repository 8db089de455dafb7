//! A consumer replaces its channel's key.

use super::*;
use crate::{book::Terms, settle::schedule::MARGIN, testing::HEAD};
use ed25519_dalek::SigningKey;
use usufruct_primitives::BlockNumber;

/// The next key of the first consumer is final; what the one before signed can be settled until that block.
fn replace_key(fixture: &mut Fixture, until: BlockNumber) {
	let consumer = &mut fixture.consumers[0];
	let former = std::mem::replace(&mut consumer.key, SigningKey::from_bytes(&[77; 32]));
	{
		let mut state = fixture.chain.state();
		let (key, former_until) = (consumer.terms().key, Some(until));
		let terms = state.channels.remove(&consumer.channel).unwrap();
		state.channels.insert(consumer.channel, Terms { key, former_until, ..terms });
		state.former.insert(consumer.channel, former.verifying_key().to_bytes());
	}
	fixture.chain.finalise();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_key_promised_is_settled_while_it_counts_by_the_next_process_too() {
	let mut fixture = Fixture::new().await;
	fixture.chain.follow(&fixture.ledger);
	fixture.serve(0, 2).await;
	fixture.serve(1, 1).await;
	replace_key(&mut fixture, HEAD + MARGIN);
	let Fixture { folder, chain, ledger, consumers } = fixture;
	drop(Arc::into_inner(ledger).expect("nobody else holds the log"));

	let ledger = open(folder.path(), &chain, &consumers).await;
	let mut fixture = Fixture { folder, chain, ledger, consumers };
	fixture.chain.follow(&fixture.ledger);
	// No policy would settle yet.
	let (stop, stopped) = watch::channel(Stop::No);
	let running = tokio::spawn(fixture.settler(NEVER).run(stopped));
	let begun = Instant::now();
	while fixture.settled() != [2, 1, 0] {
		assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", fixture.settled());
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	stop.send(Stop::At(Instant::now())).unwrap();
	running.await.unwrap().unwrap();

	// What the next key promises is settled when the former one counts no longer.
	fixture.serve(0, 2).await;
	fixture.chain.state().head.standing.head = HEAD + MARGIN;
	fixture.chain.finalise();
	fixture.settle_all(ANY).await;
	assert_eq!(fixture.settled(), [4, 1, 0]);
}
