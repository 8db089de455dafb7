use super::*;
use crate::{
	book::MOST_OF_CHANNEL,
	engine::profile::Profile,
	testing::{receipt_key, standing, Consumer, GENESIS, ORACLE, PRICE},
};
use futures::executor::block_on;
use std::cell::Cell;
use usufruct_primitives::Status;

const OPEN: Offer = Offer { open: true, ask: Some(PRICE), room: Ok(()) };

async fn open(folder: &Path, consumer: &Consumer) -> Ledger {
	let ledger = Ledger::open(folder, GENESIS, ORACLE, receipt_key()).await.unwrap();
	ledger.observe(standing(), vec![]);
	ledger.adopt(consumer.channel, Some(consumer.terms())).unwrap();
	ledger
}

async fn admit(
	ledger: &Ledger,
	order: &Order,
	voucher: &SignedVoucher,
	key: &PublicKey,
) -> Admitted {
	ledger.admit(order, voucher, key, &OPEN).await.unwrap()
}

/// A request that is accepted, and was not run yet.
async fn accept(ledger: &Ledger, consumer: &mut Consumer) -> (Order, SignedVoucher) {
	let (order, key) = (consumer.order(), consumer.terms().key);
	let voucher = consumer.pay(&order);
	assert!(matches!(admit(ledger, &order, &voucher, &key).await, Admitted::Run(_)));
	(order, voucher)
}

fn served() -> Outcome {
	Outcome { status: Status::Served, units: 1, output_commit: [4; 32], started_ms: 5, took_ms: 6 }
}

/// What a process leaves that dies now.
fn copied(folder: &Path) -> tempfile::TempDir {
	let copy = tempfile::tempdir().unwrap();
	for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
		std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
	}
	copy
}

#[tokio::test]
async fn what_was_accepted_and_is_lost_was_never_asked() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let (channel, key) = (consumer.channel, consumer.terms().key);
	let ledger = open(folder.path(), &consumer).await;
	let (order, voucher) = accept(&ledger, &mut consumer).await;
	let left = copied(folder.path());
	let ledger = open(left.path(), &consumer).await;
	assert_eq!(ledger.running(), 0);
	// The same bytes again.
	assert!(matches!(admit(&ledger, &order, &voucher, &key).await, Admitted::Run(_)));
	let id = &order.request.request_id;
	let signed = ledger.complete(&channel, id, served(), vec![]).await.unwrap();
	assert_eq!((signed.receipt.seq, signed.receipt.total), (1, PRICE));
}

#[tokio::test]
async fn a_receipt_takes_all_that_was_accepted_before_it_to_the_disk() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let (channel, key) = (consumer.channel, consumer.terms().key);
	let ledger = open(folder.path(), &consumer).await;
	let mut sent = vec![];
	for _ in 0..2 {
		sent.push(accept(&ledger, &mut consumer).await);
	}
	let id = &sent[0].0.request.request_id;
	let signed = ledger.complete(&channel, id, served(), vec![]).await.unwrap();
	let left = copied(folder.path());
	let ledger = open(left.path(), &consumer).await;
	let answered = |admitted| match admitted {
		Admitted::Answered(answer) => answer.completed.receipt,
		other => panic!("{other:?}"),
	};
	let (order, voucher) = &sent[0];
	assert_eq!(answered(admit(&ledger, order, voucher, &key).await), signed.receipt);
	let (order, voucher) = &sent[1];
	let failed = answered(admit(&ledger, order, voucher, &key).await);
	assert_eq!((failed.seq, failed.status, failed.total), (2, Status::Failed, PRICE));
	let newest = ledger.store().snapshot().unwrap().newest_voucher(&channel).unwrap();
	assert_eq!(newest.as_ref(), Some(voucher));
}

#[tokio::test]
async fn an_input_that_is_kept_gets_to_the_disk_with_the_next_receipt() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let ledger = open(folder.path(), &consumer).await;
	let profile = [9; 32];
	for seq in 1..=2 {
		let (order, _) = accept(&ledger, &mut consumer).await;
		let (channel, id) = (consumer.channel, &order.request.request_id);
		let output = b"output".to_vec();
		let signed = ledger.complete(&channel, id, served(), output).await.unwrap();
		ledger.keep_input(&signed.receipt, profile, b"input".to_vec());
		let left = copied(folder.path());
		let after = open(left.path(), &consumer).await;
		let log = after.store().snapshot().unwrap();
		let input = |seq| log.input(&channel, seq).unwrap();
		assert_eq!(input(seq), None);
		assert_eq!(input(seq - 1), (seq > 1).then(|| (profile, b"input".to_vec())));
	}
}

#[tokio::test]
async fn a_profile_is_on_disk_with_the_receipt_of_what_ran_under_it() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let ledger = open(folder.path(), &consumer).await;
	let known = Known::from(Profile::default());
	let (order, _) = accept(&ledger, &mut consumer).await;
	assert_eq!(ledger.profile(&known.hash), None);
	ledger.note_profile(&known);
	let id = &order.request.request_id;
	ledger.complete(&consumer.channel, id, served(), vec![]).await.unwrap();
	// Again, after it and after another start: it is there already.
	ledger.note_profile(&known);
	let left = copied(folder.path());
	let after = open(left.path(), &consumer).await;
	after.note_profile(&known);
	let json = known.profile.json().into_bytes();
	for ledger in [&ledger, &after] {
		assert_eq!(ledger.profile(&known.hash), Some(json.clone()));
		let noted = ledger.store().snapshot().unwrap().profiles().unwrap();
		assert_eq!(noted, HashMap::from([(known.hash, json.clone())]));
	}
}

#[tokio::test]
async fn no_more_profiles_are_noted_than_memory_is_meant_to_hold() {
	let folder = tempfile::tempdir().unwrap();
	let ledger = open(folder.path(), &Consumer::new(1)).await;
	let known = |threads| Known::from(Profile { threads, ..Profile::default() });
	let most = MOST_PROFILES as u32;
	(0..=most).for_each(|threads| ledger.note_profile(&known(threads)));
	let noted = |threads| ledger.profile(&known(threads).hash).is_some();
	assert!(noted(0) && noted(most - 1) && !noted(most));
	let log = ledger.store().snapshot().unwrap();
	assert_eq!(log.profiles().unwrap().len(), MOST_PROFILES);
}

#[tokio::test]
async fn nothing_is_accepted_once_the_log_has_failed() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let key = consumer.terms().key;
	let ledger = open(folder.path(), &consumer).await;
	// Where nobody waits for a write: the next segment cannot be begun.
	std::fs::write(folder.path().join("log-0000000000000002"), b"other").unwrap();
	ledger.note_head(Block { number: 1, hash: [0; 32] });
	assert!(ledger.store().snapshot().is_err());
	assert!(!*ledger.failed().borrow());
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	let admitted = ledger.admit(&order, &voucher, &key, &OPEN).await;
	assert!(matches!(admitted, Err(NotServed::Store(StoreError::Failed(_)))), "{admitted:?}");
	assert!(*ledger.failed().borrow(), "the oracle stops");
}

/// A stop after some were acknowledged and while others ran.
#[tokio::test]
async fn what_a_stop_interrupts_gets_one_failed_receipt_and_what_was_answered_stays() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let key = consumer.terms().key;
	let ledger = open(folder.path(), &consumer).await;
	let mut sent = vec![];
	for _ in 0..6 {
		sent.push(accept(&ledger, &mut consumer).await);
	}
	let mut held = vec![];
	for (order, _) in &sent[..3] {
		let id = &order.request.request_id;
		let output = b"output".to_vec();
		held.push(ledger.complete(&consumer.channel, id, served(), output).await.unwrap());
	}
	assert_eq!(ledger.running(), 3);
	drop(ledger);

	let ledger = open(folder.path(), &consumer).await;
	assert_eq!(ledger.running(), 0);
	let position = ledger.position(&consumer.channel).unwrap();
	assert_eq!((position.seq, position.total, position.in_flight), (6, 3 * PRICE, 0));
	for (at, (order, voucher)) in sent.iter().enumerate() {
		let Admitted::Answered(answer) = admit(&ledger, order, voucher, &key).await else {
			panic!("{at} would be charged twice")
		};
		let signed = ledger.sign(answer.completed.receipt);
		match held.get(at) {
			Some(receipt) => {
				assert_eq!(signed, *receipt, "the very same, with the same signature");
				assert_eq!(answer.output, Some(b"output".to_vec()));
			},
			None => {
				assert_eq!((signed.receipt.status, signed.receipt.amount), (Status::Failed, 0));
				let commit = order.request.commit(&GENESIS);
				assert_eq!(signed.receipt.request_commit, commit);
			},
		}
	}
	// And it goes on from there.
	let (order, _) = accept(&ledger, &mut consumer).await;
	let id = &order.request.request_id;
	let next = ledger.complete(&consumer.channel, id, served(), vec![]).await.unwrap();
	assert_eq!((next.receipt.seq, next.receipt.total), (7, 4 * PRICE));
}

#[tokio::test]
async fn only_its_owner_enters_the_folder_of_a_new_log() {
	use std::os::unix::fs::MetadataExt;
	let folder = tempfile::tempdir().unwrap();
	let made = folder.path().join("made/here");
	let _ledger = open(&made, &Consumer::new(1)).await;
	for path in [made.parent().unwrap(), &made] {
		assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o700, "{}", path.display());
	}
}

/// Requests that fail, as many as may be in flight at a time.
async fn flood(ledger: &Ledger, consumer: &mut Consumer, count: u64) {
	let key = consumer.terms().key;
	let paid = |_| {
		let order = consumer.order();
		let voucher = consumer.pay(&order);
		(order, voucher)
	};
	let requests: Vec<_> = (0..count).map(paid).collect();
	for some in requests.chunks(64) {
		let failing = some.iter().map(|(order, voucher)| async move {
			assert!(matches!(admit(ledger, order, voucher, &key).await, Admitted::Run(_)));
			let outcome = Outcome::failed(&order.salt, 1, 1);
			let id = &order.request.request_id;
			ledger.complete(&order.request.channel_id, id, outcome, vec![]).await.unwrap()
		});
		futures::future::join_all(failing).await;
	}
}

#[tokio::test]
async fn who_sends_what_fails_is_stopped_and_a_restart_forgets_nothing_of_it() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let key = consumer.terms().key;
	let ledger = open(folder.path(), &consumer).await;
	flood(&ledger, &mut consumer, MOST_OF_CHANNEL).await;
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	let is_refused = async |ledger: &Ledger| {
		let refused = ledger.admit(&order, &voucher, &key, &OPEN).await;
		matches!(refused, Err(NotServed::Refused(Refusal::TooManyFailed { .. })))
	};
	assert!(is_refused(&ledger).await);
	drop(ledger);
	let ledger = open(folder.path(), &consumer).await;
	assert!(is_refused(&ledger).await);
	// One of them is settled.
	let terms = Terms { settled_seq: 1, ..consumer.terms() };
	ledger.observe(standing(), vec![(consumer.channel, Some(terms))]);
	assert!(matches!(admit(&ledger, &order, &voucher, &key).await, Admitted::Run(_)));
}

#[tokio::test]
async fn the_block_that_was_acted_on_last_is_known_to_the_next_process() {
	let folder = tempfile::tempdir().unwrap();
	let open = || Ledger::open(folder.path(), GENESIS, ORACLE, receipt_key());
	let ledger = open().await.unwrap();
	assert_eq!(ledger.head_before(), None);
	for number in [7, 8] {
		ledger.note_head(Block { number, hash: [number as u8; 32] });
	}
	assert_eq!(ledger.head_before(), None, "it is this process's own");
	drop(ledger);
	let ledger = open().await.unwrap();
	assert_eq!(ledger.head_before(), Some(Block { number: 8, hash: [8; 32] }));
	assert!(!ledger.is_informed());
	ledger.observe(standing(), vec![]);
	assert!(ledger.is_informed());
}

#[tokio::test]
async fn a_repetition_waits_for_the_run() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let key = consumer.terms().key;
	let ledger = open(folder.path(), &consumer).await;
	let (order, voucher) = accept(&ledger, &mut consumer).await;
	let run = async {
		tokio::time::sleep(Duration::from_millis(30)).await;
		let id = &order.request.request_id;
		ledger.complete(&consumer.channel, id, served(), vec![]).await.unwrap()
	};
	let (repeated, receipt) = tokio::join!(admit(&ledger, &order, &voucher, &key), run);
	let Admitted::Answered(answer) = repeated else { panic!("{repeated:?}") };
	assert_eq!(answer.completed.receipt, receipt.receipt);
	// Nobody completes it again.
	let id = &order.request.request_id;
	assert!(ledger.complete(&consumer.channel, id, served(), vec![]).await.is_err());
}

#[tokio::test]
async fn a_receipt_that_lands_before_a_repetition_waits_for_it_is_not_missed() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let key = consumer.terms().key;
	let ledger = open(folder.path(), &consumer).await;
	let (order, voucher) = accept(&ledger, &mut consumer).await;
	let id = &order.request.request_id;
	let completed = Cell::new(0);
	let complete = || {
		completed.set(completed.get() + 1);
		block_on(ledger.complete(&consumer.channel, id, served(), vec![])).unwrap();
	};
	// It would wait for another receipt, and give up.
	let repeated = ledger.admit_with(&order, &voucher, &key, &OPEN, complete).await.unwrap();
	assert!(matches!(repeated, Admitted::Answered(_)), "{repeated:?}");
	assert_eq!(completed.get(), 1, "it was being served when it was looked for");
}

#[tokio::test]
async fn a_channel_that_was_closed_and_is_seen_again_keeps_its_numbers() {
	let folder = tempfile::tempdir().unwrap();
	let mut consumer = Consumer::new(1);
	let ledger = open(folder.path(), &consumer).await;
	let (order, _) = accept(&ledger, &mut consumer).await;
	let id = order.request.request_id;
	ledger.complete(&consumer.channel, &id, served(), vec![]).await.unwrap();
	ledger.observe(standing(), vec![(consumer.channel, None)]);
	assert_eq!(ledger.channels(), Vec::<ChannelId>::new());
	drop(ledger);

	let ledger = Ledger::open(folder.path(), GENESIS, ORACLE, receipt_key()).await.unwrap();
	assert_eq!(ledger.channels(), Vec::<ChannelId>::new());
	ledger.adopt(consumer.channel, Some(consumer.terms())).unwrap();
	assert_eq!(ledger.position(&consumer.channel).unwrap().seq, 1);
}
