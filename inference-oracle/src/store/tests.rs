use super::*;
use crate::{
	book::{Accepted, Admission, Book, Offer, Outcome, Record},
	testing::{alone::is_alone, standing, Consumer, GENESIS, ORACLE, PRICE},
};
use usufruct_primitives::{
	settlement::{Claim, ClaimVoucher},
	Status,
};

const OPEN: Offer = Offer { open: true, ask: Some(PRICE), room: Ok(()) };

fn open(path: &Path) -> (Store, Vec<Restored>) {
	Store::open(path, &GENESIS, &ORACLE, Limits::default()).unwrap()
}

fn write(store: &Store, records: Vec<Record>) {
	let writes = records.into_iter().map(Write::Book).collect();
	store.write(writes).wait_blocking().unwrap();
}

struct Fixture {
	folder: tempfile::TempDir,
	consumer: Consumer,
	book: Book,
}

impl Fixture {
	fn new() -> Self {
		let consumer = Consumer::new(1);
		let mut book = Book::new(GENESIS, ORACLE, vec![]);
		book.stand(standing());
		book.adopt(consumer.channel, Some(consumer.terms()), None).unwrap();
		Self { folder: tempfile::tempdir().unwrap(), consumer, book }
	}

	fn path(&self) -> std::path::PathBuf {
		self.folder.path().into()
	}

	fn accept(&mut self, store: &Store) -> Accepted {
		let order = self.consumer.order();
		let voucher = self.consumer.pay(&order);
		let key = self.consumer.terms().key;
		match self.book.admit(&order, &voucher, &key, &OPEN, store, 77) {
			Ok(Admission::Run(accepted)) => accepted,
			other => panic!("{other:?}"),
		}
	}

	fn complete(&mut self, accepted: &Accepted) -> Completed {
		let (channel, id) = accepted.key();
		let outcome = Outcome {
			status: Status::Served,
			units: 1,
			output_commit: [4; 32],
			started_ms: 5,
			took_ms: 6,
		};
		let completed = self.book.complete(&channel, &id, outcome).unwrap();
		self.book.landed(&channel, &id);
		completed
	}
}

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
fn nobody_but_its_owner_can_read_a_log() {
	use std::os::unix::fs::MetadataExt;
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	// In the tables, in the segment that grows, and in the one that comes next.
	answered(&mut fixture, &store, 1);
	store.snapshot().unwrap();
	answered(&mut fixture, &store, 1);
	let files: Vec<_> = std::fs::read_dir(fixture.path()).unwrap().map(Result::unwrap).collect();
	assert_eq!(files.len(), 3, "{files:?}");
	for file in files {
		assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{file:?}");
	}
}

#[test]
fn a_log_of_another_format_is_refused_and_stays_as_it_is() {
	let fixture = Fixture::new();
	let path = fixture.path();
	drop(open(&path));
	let set = |format: Option<u32>| {
		let database = Database::open(path.join("oracle.redb")).unwrap();
		let writing = database.begin_write().unwrap();
		{
			let mut meta = writing.open_table(tables::META).unwrap();
			match format {
				Some(format) => meta.insert(tables::FORMAT, &format.to_le_bytes()[..]).unwrap(),
				None => meta.remove(tables::FORMAT).unwrap(),
			};
		}
		writing.commit().unwrap();
	};
	let refused = |expected: u32| {
		let opened = Store::open(&path, &GENESIS, &ORACLE, Limits::default()).map(|_| ());
		for result in [opened, Store::made(&path).map(|_| ()), Store::look(&path).map(|_| ())] {
			match result {
				Err(StoreError::Format { found, expected: 3 }) => assert_eq!(found, expected),
				other => panic!("{other:?}"),
			}
		}
	};
	// The first format did not say that it was.
	for (format, found) in [(None, 1), (Some(2), 2), (Some(4), 4)] {
		set(format);
		refused(found);
		refused(found);
	}
	set(Some(3));
	open(&path);
}

#[test]
fn a_log_goes_on_in_a_process_without_descriptors() {
	use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
	if !is_alone("store::tests::a_log_goes_on_in_a_process_without_descriptors") {
		return;
	}
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let limit = Rlimit { current: Some(128), ..getrlimit(Resource::Nofile) };
	setrlimit(Resource::Nofile, limit).unwrap();
	let null = || std::fs::File::open("/dev/null");
	let held: Vec<_> = std::iter::from_fn(|| null().ok()).collect();
	assert!(null().is_err());
	for _ in 0..5 {
		// Each begins another segment.
		answered(&mut fixture, &store, 1);
		store.snapshot().unwrap();
	}
	assert!(null().is_err(), "there was none, and there is none");
	drop(held);
	let channel = fixture.consumer.channel;
	assert_eq!(store.channel(&channel).unwrap().unwrap().seq, 5);
	drop(store);
	assert_eq!(open(&fixture.path()).1[0].seq, 5);
}

/// A channel with so many answered requests, each acknowledging all before it.
fn answered(fixture: &mut Fixture, store: &Store, count: usize) {
	for _ in 0..count {
		let accepted = fixture.accept(store);
		let completed = fixture.complete(&accepted);
		fixture.consumer.acknowledge(&completed.receipt);
		let output = b"output".to_vec();
		write(store, vec![Record::Accepted(accepted), Record::Completed(completed, output)]);
	}
}

fn send(store: &Store, write: Write) {
	store.write(vec![write]).wait_blocking().unwrap();
	store.snapshot().unwrap();
}

/// Which receipts are there, and which outputs.
fn held(store: &Store, channel: &ChannelId) -> (Vec<Seq>, Vec<Seq>) {
	let log = store.snapshot().unwrap();
	let (mut receipts, mut outputs) = (vec![], vec![]);
	log.receipts(channel, 0, Seq::MAX, |it| receipts.push(it.seq)).unwrap();
	for seq in &receipts {
		if store.answer(channel, *seq).unwrap().unwrap().output.is_some() {
			outputs.push(*seq);
		}
	}
	(receipts, outputs)
}

/// A settlement that claims these receipts.
fn batch(no: BatchNo, claims: &[(ChannelId, Seq, Seq)]) -> Batch {
	let claim = |(channel_id, from_seq, to_seq): &(ChannelId, Seq, Seq)| Claim {
		channel_id: *channel_id,
		model_version: 0,
		from_seq: *from_seq,
		to_seq: *to_seq,
		total_before: 0,
		total_after: 0,
		voucher: ClaimVoucher {
			cap: 0,
			request_commit: [0; 32],
			ack_seq: 0,
			ack_total: 0,
			serve_until: 0,
			signature: [0; 64],
		},
	};
	let claims = claims.iter().map(claim).collect();
	Batch { no, root: [0; 32], total: 1, count: 1, claims }
}

/// A settlement that is final.
fn settle(store: &Store, batch: Batch) {
	let no = batch.no;
	send(store, Write::Batch(batch));
	send(store, Write::BatchFinal(no));
}

#[test]
fn the_newest_answer_of_a_channel_is_kept_however_large_it_is() {
	let mut fixture = Fixture::new();
	let limits = Limits { budget: 10, ..Limits::default() };
	let store = Store::open(&fixture.path(), &GENESIS, &ORACLE, limits).unwrap().0;
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 1);
	assert_eq!(held(&store, &channel).1, [1]);
	answered(&mut fixture, &store, 2);
	assert_eq!(held(&store, &channel).1, [3]);
}

#[test]
fn what_a_later_settlement_claims_again_stays_with_all_its_versions() {
	let mut fixture = Fixture::new();
	let limits = Limits { window: 0, ..Limits::default() };
	let store = Store::open(&fixture.path(), &GENESIS, &ORACLE, limits).unwrap().0;
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 7);
	// Two versions, whose claims were skipped and then taken.
	let claims = [(channel, 2, 3), (channel, 4, 5)];
	settle(&store, batch(0, &claims));
	settle(&store, batch(1, &claims));
	send(&store, Write::Expire(u32::MAX));
	send(&store, Write::Prune(1, vec![(channel, 5)]));
	assert_eq!(held(&store, &channel).0, (1..=7).collect::<Vec<_>>(), "not before the older one");
	send(&store, Write::Prune(0, vec![(channel, 5)]));
	assert_eq!(held(&store, &channel).0, (2..=7).collect::<Vec<_>>());
	// A settlement that is written after somebody looked, and before he wrote what he found.
	send(&store, Write::Batch(batch(2, &[(channel, 4, 6)])));
	send(&store, Write::Prune(1, vec![(channel, 5)]));
	assert_eq!(held(&store, &channel).0, (2..=7).collect::<Vec<_>>());
	send(&store, Write::Prune(2, vec![(channel, 6)]));
	assert_eq!(held(&store, &channel).0, (2..=7).collect::<Vec<_>>(), "it is not final");
}

#[test]
fn of_a_channel_that_is_settled_less_far_than_it_was_claimed_the_rest_stays() {
	let mut fixture = Fixture::new();
	let store = Store::open(&fixture.path(), &GENESIS, &ORACLE, Limits::default()).unwrap().0;
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 6);
	settle(&store, batch(0, &[(channel, 1, 4)]));
	send(&store, Write::Expire(u32::MAX));
	send(&store, Write::Prune(0, vec![]));
	assert_eq!(held(&store, &channel).0.len(), 6, "nothing is known of it");
	settle(&store, batch(1, &[(channel, 1, 4)]));
	send(&store, Write::Prune(1, vec![(channel, 2)]));
	assert_eq!(held(&store, &channel).0, [3, 4, 5, 6]);
}

#[test]
fn a_closed_channel_stays_as_long_as_a_settlement_needs_its_receipts() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 3);
	write(&store, vec![Record::Closed(channel, 100)]);
	settle(&store, batch(0, &[(channel, 1, 3)]));
	send(&store, Write::Drop(channel));
	assert_eq!(held(&store, &channel).0, [1, 2, 3]);
	let droppable = |until| store.snapshot().unwrap().droppable(until, 9).unwrap();
	assert_eq!(droppable(u32::MAX), [] as [ChannelId; 0]);
	send(&store, Write::Prune(0, vec![(channel, Seq::MAX)]));
	assert_eq!((droppable(99), droppable(100)), (vec![], vec![channel]), "not at once");
	send(&store, Write::Drop(channel));
	assert_eq!(held(&store, &channel).0, [] as [Seq; 0]);
}

#[test]
fn outputs_are_kept_until_their_time_and_within_the_channels_budget() {
	let mut fixture = Fixture::new();
	let limits = Limits { window: 10, budget: 3 * 1_030, inputs: true };
	let store = Store::open(&fixture.path(), &GENESIS, &ORACLE, limits).unwrap().0;
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 4);
	store.snapshot().unwrap();
	// Each is six bytes and its rows: three fit. The receipts stay.
	assert_eq!(held(&store, &channel), (vec![1, 2, 3, 4], vec![2, 3, 4]));
	// An input counts like its output, and goes with it; without an output there is none.
	send(&store, Write::Input(channel, 1, [8; 32], b"first".to_vec()));
	send(&store, Write::Input(channel, 4, [8; 32], b"input".to_vec()));
	assert_eq!(held(&store, &channel).1, [3, 4]);
	let input = |seq| store.snapshot().unwrap().input(&channel, seq).unwrap();
	assert_eq!((input(1), input(4)), (None, Some(([8; 32], b"input".to_vec()))));

	let until = fixture.consumer.serve_until + limits.window;
	let expired = |before| store.snapshot().unwrap().expired(before).unwrap();
	assert!(!expired(until) && expired(until + 1));
	send(&store, Write::Expire(until));
	assert_eq!(held(&store, &channel).1, [3, 4]);
	send(&store, Write::Expire(until + 1));
	assert_eq!(held(&store, &channel), (vec![1, 2, 3, 4], vec![]));
	assert_eq!(input(4), None);
	assert!(!expired(u32::MAX));
}

#[test]
fn outputs_of_vouchers_of_different_ages_end_each_in_its_time() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let channel = fixture.consumer.channel;
	let (soon, late) = (fixture.consumer.serve_until, fixture.consumer.serve_until + 5);
	for serve_until in [soon, soon, late, soon, late, late, soon] {
		fixture.consumer.serve_until = serve_until;
		answered(&mut fixture, &store, 1);
	}
	let window = Limits::default().window;
	send(&store, Write::Expire(soon + window));
	assert_eq!(held(&store, &channel).1, [1, 2, 3, 4, 5, 6, 7]);
	// Within one segment with what it ends, and in one of its own.
	fixture.consumer.serve_until = soon;
	answered(&mut fixture, &store, 1);
	send(&store, Write::Expire(soon + window + 1));
	assert_eq!(held(&store, &channel).1, [3, 5, 6]);
	assert!(!store.snapshot().unwrap().expired(late + window).unwrap());
	send(&store, Write::Expire(late + window + 1));
	assert_eq!(held(&store, &channel).1, [] as [Seq; 0]);
	assert!(!store.snapshot().unwrap().expired(u32::MAX).unwrap());
}

#[test]
fn no_answer_is_kept_for_ever() {
	const YEAR: BlockNumber = 365 * usufruct_primitives::DAYS;
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let channel = fixture.consumer.channel;
	fixture.consumer.serve_until = u32::MAX;
	send(&store, Write::Head(100, [7; 32]));
	answered(&mut fixture, &store, 2);
	write(&store, vec![Record::Closed(channel, 200)]);
	send(&store, Write::Drop(channel));
	let end = 100 + YEAR + Limits::default().window;
	assert!(!store.snapshot().unwrap().expired(end).unwrap());
	assert!(store.snapshot().unwrap().expired(end + 1).unwrap());
	send(&store, Write::Expire(end + 1));
	assert!(!store.snapshot().unwrap().expired(u32::MAX).unwrap());
}

#[test]
fn one_change_ends_no_more_outputs_than_the_log_can_wait_for() {
	let mut fixture = Fixture::new();
	// All of one age, in segments of which none ends where the first change does.
	let count = kept::AT_ONCE + 100;
	let limits = Limits { budget: u64::MAX, ..Limits::default() };
	let store = Store::open(&fixture.path(), &GENESIS, &ORACLE, limits).unwrap().0;
	let channel = fixture.consumer.channel;
	let mut records = Vec::new();
	for _ in 0..count {
		let accepted = fixture.accept(&store);
		let completed = fixture.complete(&accepted);
		fixture.consumer.acknowledge(&completed.receipt);
		records.extend([Record::Accepted(accepted), Record::Completed(completed, vec![1])]);
		if records.len() == 5_000 {
			write(&store, std::mem::take(&mut records));
		}
	}
	write(&store, records);
	let before = fixture.consumer.serve_until + limits.window + 1;
	send(&store, Write::Expire(before));
	let left: Vec<Seq> = (kept::AT_ONCE as Seq + 1..=count as Seq).collect();
	assert_eq!(held(&store, &channel).1, left);
	assert!(store.snapshot().unwrap().expired(before).unwrap());
	send(&store, Write::Expire(before));
	assert_eq!(held(&store, &channel).1, [] as [Seq; 0]);
	assert!(!store.snapshot().unwrap().expired(u32::MAX).unwrap());
}

#[test]
fn receipts_go_when_nobody_can_demand_them_and_no_output_or_count_needs_them() {
	let mut fixture = Fixture::new();
	let path = fixture.path();
	let limits = Limits { window: 10, ..Limits::default() };
	let open = || Store::open(&path, &GENESIS, &ORACLE, limits).unwrap();
	let (store, _) = open();
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 6);
	let claims = [&[(channel, 1, 3)], &[(channel, 4, 6)]];
	for no in 0..2 {
		send(&store, Write::Batch(batch(no, claims[no as usize])));
		let oldest = store.snapshot().unwrap().oldest_batch().unwrap();
		assert_eq!(oldest, (no > 0).then(|| batch(0, claims[0])), "not before it is final");
		send(&store, Write::BatchFinal(no));
	}
	let until = fixture.consumer.serve_until + limits.window;
	send(&store, Write::Prune(0, vec![(channel, 6)]));
	assert_eq!(store.snapshot().unwrap().oldest_batch().unwrap(), Some(batch(1, claims[1])));
	assert_eq!(held(&store, &channel).0, [1, 2, 3, 4, 5, 6], "their outputs are still kept");
	send(&store, Write::Expire(until + 1));
	assert_eq!(held(&store, &channel).0.len(), 6, "a later settlement claims the channel too");
	// The last voucher acknowledges five: a new one is compared with it.
	send(&store, Write::Prune(1, vec![(channel, 6)]));
	assert_eq!(held(&store, &channel).0, [5, 6]);
	assert_eq!(store.snapshot().unwrap().oldest_batch().unwrap(), None);
	assert_eq!(store.snapshot().unwrap().next_batch().unwrap(), 2, "numbers go on");
	drop(store);

	let (store, restored) = open();
	assert_eq!((restored[0].seq, &restored[0].totals), (6, &vec![5 * PRICE, 6 * PRICE]));
	assert_eq!(store.answer(&channel, 1).unwrap(), None);
	let id = fixture.consumer.next.to_le_bytes();
	assert_eq!(store.answered(&channel, &id).unwrap().map(|it| it.0), Some(6));
	let mut book = Book::new(GENESIS, ORACLE, restored);
	book.stand(standing());
	book.adopt(channel, Some(fixture.consumer.terms()), None).unwrap();
	fixture.book = book;
	answered(&mut fixture, &store, 1);
	assert_eq!(held(&store, &channel).0, [5, 6, 7]);
}

#[test]
fn of_a_closed_channel_only_its_row_stays() {
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 3);
	send(&store, Write::Drop(channel));
	assert_eq!(held(&store, &channel).0, [1, 2, 3], "it is not closed");
	assert_eq!(store.snapshot().unwrap().droppable(u32::MAX, 9).unwrap(), [] as [ChannelId; 0]);
	write(&store, vec![Record::Closed(channel, 100)]);
	assert_eq!(store.snapshot().unwrap().droppable(u32::MAX, 9).unwrap(), [channel]);
	send(&store, Write::Drop(channel));
	assert_eq!(held(&store, &channel), (vec![], vec![]));
	let log = store.snapshot().unwrap();
	assert_eq!(log.droppable(u32::MAX, 9).unwrap(), [] as [ChannelId; 0]);
	assert!(log.expired(u32::MAX).unwrap(), "when its outputs would have ended is still noted");
	drop(log);
	send(&store, Write::Expire(u32::MAX));
	assert!(!store.snapshot().unwrap().expired(u32::MAX).unwrap());
	let id = fixture.consumer.next.to_le_bytes();
	assert_eq!(store.answered(&channel, &id).unwrap(), None);
	// A node that says that it is open again is not believed.
	let row = store.channel(&channel).unwrap().unwrap();
	assert!(row.dropped && row.seq == 3);
	let mut book = Book::new(GENESIS, ORACLE, vec![]);
	let adopted = book.adopt(channel, Some(fixture.consumer.terms()), Some(row));
	assert_eq!(adopted, Err(crate::book::Refusal::ChannelClosing));
	assert!(!book.holds(&channel));
}

#[test]
fn which_receipts_failed_is_known_after_a_restart_and_forgotten_with_them() {
	let mut fixture = Fixture::new();
	let (path, channel) = (fixture.path(), fixture.consumer.channel);
	let (store, _) = open(&path);
	for seq in 1..=4 {
		let accepted = fixture.accept(&store);
		let completed = match seq {
			2 | 4 => {
				let id = accepted.request.request_id;
				let outcome = Outcome::failed(&accepted.salt, 5, 6);
				let completed = fixture.book.complete(&channel, &id, outcome).unwrap();
				fixture.book.landed(&channel, &id);
				completed
			},
			_ => fixture.complete(&accepted),
		};
		write(&store, vec![Record::Accepted(accepted), Record::Completed(completed, vec![])]);
	}
	drop(store);
	let (store, restored) = open(&path);
	assert_eq!(restored[0].failed, [2, 4]);
	// What cannot be demanded any more was settled long ago.
	settle(&store, batch(0, &[(channel, 1, 3)]));
	send(&store, Write::Prune(0, vec![(channel, 3)]));
	assert_eq!(store.channel(&channel).unwrap().unwrap().failed, [4]);
	write(&store, vec![Record::Closed(channel, 100)]);
	send(&store, Write::Drop(channel));
	assert_eq!(store.channel(&channel).unwrap().unwrap().failed, [] as [Seq; 0]);
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

#[test]
fn a_log_belongs_to_one_oracle_on_one_chain_and_one_process() {
	let fixture = Fixture::new();
	let path = fixture.path();
	let (store, _) = open(&path);
	assert!(matches!(
		Store::open(&path, &GENESIS, &ORACLE, Limits::default()),
		Err(StoreError::InUse(_))
	));
	drop(store);
	assert!(matches!(
		Store::open(&path, &[8; 32], &ORACLE, Limits::default()),
		Err(StoreError::Foreign { .. })
	));
	assert!(matches!(
		Store::open(&path, &GENESIS, &[8; 32], Limits::default()),
		Err(StoreError::Foreign { .. })
	));
	open(&path);
}

/// A folder with these files, as a process leaves it that dies before its tables are up to the log.
fn left(files: &[(&str, &[u8])]) -> tempfile::TempDir {
	let folder = tempfile::tempdir().unwrap();
	for (name, bytes) in files {
		std::fs::write(folder.path().join(name), bytes).unwrap();
	}
	folder
}

#[test]
fn a_log_is_recovered_as_far_as_it_was_acknowledged_and_damage_is_refused() {
	const FIRST: &str = "log-0000000000000001";
	let mut fixture = Fixture::new();
	let (store, _) = open(&fixture.path());
	for _ in 0..3 {
		let accepted = fixture.accept(&store);
		write(&store, vec![Record::Accepted(accepted.clone())]);
		let completed = fixture.complete(&accepted);
		write(&store, vec![Record::Completed(completed, b"output".to_vec())]);
	}
	let log = std::fs::read(fixture.path().join(FIRST)).unwrap();
	let seq = |folder: &tempfile::TempDir| {
		let (store, restored) = open(folder.path());
		let output = store.answer(&fixture.consumer.channel, 1).unwrap().unwrap().output;
		assert_eq!(output, Some(b"output".to_vec()));
		assert_eq!(restored[0].seq + restored[0].open.len() as u64, 3);
		restored[0].seq
	};
	assert_eq!(seq(&left(&[(FIRST, &log)])), 3);
	// The last group was not written to its end: its receipt was given to nobody.
	let torn = left(&[(FIRST, &log[..log.len() - 1])]);
	assert_eq!(seq(&torn), 2);
	assert_eq!(seq(&torn), 2, "and again");

	let refused = |files: &[(&str, &[u8])]| {
		let result =
			Store::open(left(files).path(), &GENESIS, &ORACLE, Limits::default()).map(|_| ());
		assert!(matches!(result, Err(StoreError::Corrupt("log"))), "{result:?}");
	};
	let mut damaged = log.clone();
	damaged[log.len() / 2] ^= 1;
	refused(&[(FIRST, &damaged)]);
	refused(&[(FIRST, &log[..log.len() - 1]), ("log-0000000000000002", &[])]);
	refused(&[("log-0000000000000002", &log)]);
}

#[test]
fn what_the_log_does_not_need_goes_back_to_the_disk() {
	let mut fixture = Fixture::new();
	let path = fixture.path();
	let limits = Limits { window: 0, budget: u64::MAX, inputs: true };
	let store = Store::open(&path, &GENESIS, &ORACLE, limits).unwrap().0;
	let channel = fixture.consumer.channel;
	answered(&mut fixture, &store, 40);
	for seq in 1..=40 {
		send(&store, Write::Input(channel, seq, [8; 32], vec![seq as u8; 1 << 20]));
	}
	assert!(matches!(Store::compact(&path), Err(StoreError::InUse(_))));
	let full = std::fs::metadata(path.join("oracle.redb")).unwrap().len();
	assert!(full > 40 << 20, "{full}");
	send(&store, Write::Expire(u32::MAX));
	drop(store);
	let (before, after) = Store::compact(&path).unwrap();
	assert!(after < before && after < 1 << 20, "{before}, {after}");
	let store = Store::open(&path, &GENESIS, &ORACLE, limits).unwrap().0;
	assert_eq!(held(&store, &channel), ((1..=40).collect(), vec![]));
}

#[test]
fn large_outputs_are_written_in_groups_that_fit() {
	const LARGE: usize = 6 << 20;
	let mut fixture = Fixture::new();
	let limits = Limits { budget: u64::MAX, ..Limits::default() };
	let store = Store::open(&fixture.path(), &GENESIS, &ORACLE, limits).unwrap().0;
	let mut waits = vec![];
	for _ in 0..9 {
		let accepted = fixture.accept(&store);
		let completed = fixture.complete(&accepted);
		let output = vec![completed.receipt.seq as u8; LARGE];
		let records = [Record::Accepted(accepted), Record::Completed(completed, output)];
		waits.push(store.write(records.map(Write::Book).into()));
	}
	waits.into_iter().for_each(|wait| wait.wait_blocking().unwrap());
	for seq in 1..=9 {
		let answer = store.answer(&fixture.consumer.channel, seq).unwrap().unwrap();
		assert_eq!(answer.output, Some(vec![seq as u8; LARGE]), "from the tail or the tables");
	}
	store.snapshot().unwrap();
	// Every segment but the one that grows is in the tables and gone.
	let segments = Segment::list(&fixture.path()).unwrap();
	assert!(segments.len() == 1 && segments[0] > 3, "{segments:?}");
}
