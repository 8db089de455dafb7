//! What is written is there at once, in order, and after a restart.

use super::*;
use std::time::{Duration, Instant};

/// After which a write counts as forgotten.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn what_is_written_is_restored() {
	let mut fixture = Fixture::new();
	let (path, channel) = (fixture.path(), fixture.consumer.channel);
	let (store, restored) = open(&path);
	assert_eq!(restored, []);
	let first = fixture.accept(&store);
	let second = fixture.accept(&store);
	write(&store, vec![Record::Accepted(first.clone()), Record::Accepted(second.clone())]);
	let completed = fixture.complete(&first);
	write(&store, vec![Record::Completed(completed.clone(), b"output".to_vec())]);

	assert_eq!(store.answered(&channel, &first.request.request_id).unwrap(), {
		Some((1, completed.receipt.request_commit))
	});
	assert_eq!(store.answered(&channel, &second.request.request_id).unwrap(), None);
	let answer = Answer { completed: completed.clone(), output: Some(b"output".to_vec()) };
	assert_eq!(store.answer(&channel, 1).unwrap(), Some(answer));
	assert_eq!(store.answer(&channel, 2).unwrap(), None);
	assert_eq!(
		store.snapshot().unwrap().newest_voucher(&channel).unwrap(),
		Some(second.voucher.clone())
	);
	drop(store);

	let expected = Restored {
		channel_id: channel,
		seq: 1,
		total: PRICE,
		voucher: Some(second.voucher.clone()),
		totals: vec![PRICE],
		open: vec![second],
		failed: vec![],
		dropped: false,
	};
	let (store, restored) = open(&path);
	assert_eq!(restored, std::slice::from_ref(&expected));
	assert_eq!(store.channel(&channel).unwrap(), Some(expected));
	assert_eq!(store.channel(&[0; 32]).unwrap(), None);
}

#[test]
fn what_was_never_sent_is_not_there_and_leaves_no_gap() {
	let mut fixture = Fixture::new();
	let path = fixture.path();
	let (store, _) = open(&path);
	let mut completed = vec![];
	for _ in 0..10 {
		let accepted = fixture.accept(&store);
		write(&store, vec![Record::Accepted(accepted.clone())]);
		completed.push(fixture.complete(&accepted));
	}
	// The process dies when the first seven receipts are on disk.
	for it in &completed[..7] {
		write(&store, vec![Record::Completed(it.clone(), vec![])]);
	}
	drop(store);
	let (store, restored) = open(&path);
	assert_eq!((restored[0].seq, restored[0].total), (7, 7 * PRICE));
	assert_eq!(restored[0].totals, (1..=7).map(|it| it * PRICE).collect::<Vec<_>>());
	let open: std::collections::HashSet<_> =
		restored[0].open.iter().map(|it| it.request.request_id).collect();
	let lost: std::collections::HashSet<_> =
		completed[7..].iter().map(|it| it.accepted.request.request_id).collect();
	assert_eq!(open, lost);
	let mut receipts = vec![];
	store
		.snapshot()
		.unwrap()
		.receipts(&fixture.consumer.channel, 3, 99, |it| receipts.push(it.seq))
		.unwrap();
	assert_eq!(receipts, [3, 4, 5, 6, 7]);
}

#[test]
fn many_waiting_writes_are_committed_in_order() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let mut waits = vec![];
	for _ in 0..100 {
		let accepted = fixture.accept(&store);
		waits.push(store.write(vec![Write::Book(Record::Accepted(accepted.clone()))]));
		let completed = fixture.complete(&accepted);
		waits.push(store.write(vec![Write::Book(Record::Completed(completed, vec![1]))]));
	}
	for wait in waits {
		wait.wait_blocking().unwrap();
	}
	let channel = fixture.consumer.channel;
	let restored = store.channel(&channel).unwrap().unwrap();
	assert_eq!((restored.seq, restored.open), (100, vec![]));
	let mut seqs = vec![];
	store.snapshot().unwrap().receipts(&channel, 1, 100, |it| seqs.push(it.seq)).unwrap();
	assert_eq!(seqs, (1..=100).collect::<Vec<_>>());
}

#[test]
fn a_write_that_nobody_waits_for_is_written_all_the_same() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	for _ in 0..20 {
		let accepted = fixture.accept(&store);
		let completed = fixture.complete(&accepted);
		let (channel, id) = accepted.key();
		let records = [Record::Accepted(accepted), Record::Completed(completed, vec![])];
		drop(store.write(records.map(Write::Book).into()));
		let sent = Instant::now();
		// Nothing in this wakes the writer.
		while store.answered(&channel, &id).unwrap().is_none() {
			assert!(sent.elapsed() < PATIENCE, "it is left lying");
			std::thread::sleep(Duration::from_millis(1));
		}
	}
}

/// The groups of the first segment, each as the writes in it.
fn groups(folder: &Path) -> Vec<Vec<String>> {
	let read = Segment::read(folder, 1, true).unwrap().unwrap();
	let writes = |group: &Vec<u8>| {
		let (mut rest, mut writes) = (&group[..], vec![]);
		while !rest.is_empty() {
			writes.push(format!("{:?}", tables::decode::<Write>("log", &mut rest).unwrap()));
		}
		writes
	};
	read.iter().map(writes).collect()
}

#[test]
fn what_is_added_reaches_the_disk_with_the_next_write_and_before_it() {
	let mut fixture = Fixture::new();
	let path = fixture.path();
	let (store, _) = open(&path);
	let accepted: Vec<_> = (0..3).map(|_| fixture.accept(&store)).collect();
	let added = |at: usize| Write::Book(Record::Accepted(accepted[at].clone()));
	let head = |number| Write::Head(number, [0; 32]);
	store.add(added(0)).unwrap();
	store.add(added(1)).unwrap();
	// Who wakes the writer has nothing written that nobody waits for.
	store.writer.unpark();
	std::thread::sleep(Duration::from_millis(20));
	assert!(groups(&path).is_empty());
	store.write(vec![head(1)]).wait_blocking().unwrap();
	store.write(vec![head(2)]).wait_blocking().unwrap();
	let expected = [vec![added(0), added(1), head(1)], vec![head(2)]];
	let shown = expected.map(|group| group.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>());
	assert_eq!(groups(&path), shown);
	// Or with whoever asks for all of it.
	store.add(added(2)).unwrap();
	store.snapshot().unwrap();
	let channel = fixture.consumer.channel;
	assert_eq!(store.channel(&channel).unwrap().unwrap().open, accepted);
}

#[test]
fn who_writes_nothing_waits_for_what_was_sent_before() {
	let fixture = Fixture::new();
	let path = fixture.path();
	let (store, _) = open(&path);
	let nothing = || store.write(vec![]).wait_blocking().unwrap();
	nothing();
	assert!(groups(&path).is_empty());
	let [added, written] = [1, 2].map(|number| Write::Head(number, [0; 32]));
	let shown = [&added, &written].map(|write| format!("{write:?}"));
	store.add(added).unwrap();
	nothing();
	assert_eq!(groups(&path).concat(), shown[..1]);
	drop(store.write(vec![written]));
	nothing();
	assert_eq!(groups(&path).concat(), shown);
}

#[test]
fn what_was_added_last_is_there_after_a_stop() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let accepted = fixture.accept(&store);
	store.add(Write::Book(Record::Accepted(accepted.clone()))).unwrap();
	drop(store);
	assert_eq!(open(&fixture.path()).1[0].open, [accepted]);
}

#[test]
fn more_than_a_group_takes_is_added_in_order() {
	let fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let many = 3 * writer::MAX_JOBS as u64 + 1;
	for number in 0..many {
		store.add(Write::Head(number, [0; 32])).unwrap();
	}
	store.write(vec![Write::Head(many, [1; 32])]).wait_blocking().unwrap();
	let groups = groups(&fixture.path());
	assert!(groups.iter().all(|group| group.len() <= writer::MAX_JOBS));
	let numbers: Vec<_> = groups.concat();
	let expected = (0..many).map(|it| format!("{:?}", Write::Head(it, [0; 32])));
	assert!(numbers[..many as usize].iter().eq(expected.collect::<Vec<_>>().iter()));
	assert_eq!(store.snapshot().unwrap().head().unwrap(), Some((many, [1; 32])));
}

#[test]
fn nothing_is_added_to_a_log_that_failed() {
	let fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	store.add(Write::Head(1, [0; 32])).unwrap();
	// The next segment cannot be begun.
	std::fs::write(fixture.path().join("log-0000000000000002"), b"other").unwrap();
	assert!(matches!(store.snapshot(), Err(StoreError::Failed(_))));
	assert!(matches!(store.add(Write::Head(2, [0; 32])), Err(StoreError::Failed(_))));
	// Who writes nothing is told why, too.
	let why = |error: StoreError| error.to_string();
	let nothing = store.write(vec![]).wait_blocking();
	assert_eq!(nothing.map_err(why), store.snapshot().map(|_| ()).map_err(why));
}

/// One at a time: between two writes the writer goes to sleep, and nobody else wakes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_is_about_to_sleep_misses_no_write() {
	let fixture = Fixture::new();
	let limits = Limits::default();
	let (store, _) = Store::open_to(&fixture.path(), &GENESIS, &ORACLE, limits, false).unwrap();
	let writing = async {
		for number in 0..5_000 {
			store.write(vec![Write::Head(number, [0; 32])]).wait().await.unwrap();
		}
	};
	tokio::time::timeout(PATIENCE, writing).await.expect("a write is left lying");
}

#[test]
fn an_older_voucher_does_not_replace_the_newest() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let first = fixture.accept(&store);
	let second = fixture.accept(&store);
	let newest = second.voucher.clone();
	write(&store, vec![Record::Accepted(second)]);
	write(&store, vec![Record::Accepted(first)]);
	let channel = fixture.consumer.channel;
	assert_eq!(store.snapshot().unwrap().newest_voucher(&channel).unwrap(), Some(newest));
}

#[test]
fn of_two_vouchers_that_are_equal_the_later_is_the_newest() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let first = fixture.accept(&store);
	// The other was signed by a key that was replaced.
	let second = Accepted {
		voucher: SignedVoucher { signature: [7; 64], ..first.voucher.clone() },
		..first.clone()
	};
	let newest = second.voucher.clone();
	assert_ne!(newest, first.voucher);
	write(&store, vec![Record::Accepted(first), Record::Accepted(second)]);
	let channel = fixture.consumer.channel;
	assert_eq!(store.snapshot().unwrap().newest_voucher(&channel).unwrap(), Some(newest));
}

#[test]
fn the_block_that_was_acted_on_last_is_known_after_a_restart() {
	let fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	assert_eq!(store.snapshot().unwrap().head().unwrap(), None);
	for number in 7..=9u64 {
		send(&store, Write::Head(number, [number as u8; 32]));
	}
	drop(store);
	let (store, _) = open(&fixture.path());
	assert_eq!(store.snapshot().unwrap().head().unwrap(), Some((9, [9; 32])));
}

#[test]
fn a_closed_channel_is_not_restored_but_still_known() {
	let mut fixture = Fixture::new();
	let path = fixture.path();
	let (store, _) = open(&path);
	let accepted = fixture.accept(&store);
	let completed = fixture.complete(&accepted);
	write(&store, vec![Record::Accepted(accepted), Record::Completed(completed, vec![])]);
	let channel = fixture.consumer.channel;
	write(&store, vec![Record::Closed(channel, 100)]);
	drop(store);
	let (store, restored) = open(&path);
	assert_eq!(restored, []);
	assert_eq!(store.channel(&channel).unwrap().unwrap().seq, 1);
}

#[test]
fn a_batch_is_pending_until_it_is_final_or_refused() {
	let fixture = Fixture::new();
	let path = fixture.path();
	let (store, _) = open(&path);
	let batch = |no| Batch { no, root: [no as u8; 32], total: 1, count: 1, claims: vec![] };
	let send = |store: &Store, write| store.write(vec![write]).wait_blocking().unwrap();
	assert_eq!(store.snapshot().unwrap().pending_batch().unwrap(), None);
	send(&store, Write::Batch(batch(0)));
	assert_eq!(store.snapshot().unwrap().pending_batch().unwrap(), Some(batch(0)));
	drop(store);
	let (store, _) = open(&path);
	assert_eq!(store.snapshot().unwrap().pending_batch().unwrap(), Some(batch(0)));
	send(&store, Write::BatchFinal(0));
	assert_eq!(
		(
			store.snapshot().unwrap().pending_batch().unwrap(),
			store.snapshot().unwrap().batch(0).unwrap()
		),
		(None, Some(batch(0)))
	);
	send(&store, Write::Batch(batch(1)));
	send(&store, Write::BatchRefused(1));
	assert_eq!(
		(
			store.snapshot().unwrap().pending_batch().unwrap(),
			store.snapshot().unwrap().batch(1).unwrap()
		),
		(None, None)
	);
}
