//! What lies on the disk: whose it is, in which format, how it is recovered, and how much it is.

use super::*;
use crate::testing::alone::is_alone;

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
	if !is_alone("store::tests::disk::a_log_goes_on_in_a_process_without_descriptors") {
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
	let with_room = std::fs::read(fixture.path().join(FIRST)).unwrap();
	// It ends in the last output, and has zeros behind it.
	assert!(with_room.ends_with(&[0; 1_000]));
	let end = with_room.iter().rposition(|it| *it != 0).unwrap() + 1;
	let log = with_room[..end].to_vec();
	let seq = |folder: &tempfile::TempDir| {
		let (store, restored) = open(folder.path());
		let output = store.answer(&fixture.consumer.channel, 1).unwrap().unwrap().output;
		assert_eq!(output, Some(b"output".to_vec()));
		assert_eq!(restored[0].seq + restored[0].open.len() as u64, 3);
		restored[0].seq
	};
	assert_eq!(seq(&left(&[(FIRST, &log)])), 3);
	assert_eq!(seq(&left(&[(FIRST, &with_room)])), 3);
	// The last group was not written to its end: its receipt was given to nobody.
	let torn = left(&[(FIRST, &log[..log.len() - 1])]);
	assert_eq!(seq(&torn), 2);
	assert_eq!(seq(&torn), 2, "and again");
	let mut torn = with_room.clone();
	torn[end - 1] = 0;
	assert_eq!(seq(&left(&[(FIRST, &torn)])), 2);

	let refused = |files: &[(&str, &[u8])]| {
		let result =
			Store::open(left(files).path(), &GENESIS, &ORACLE, Limits::default()).map(|_| ());
		assert!(matches!(result, Err(StoreError::Corrupt("log"))), "{result:?}");
	};
	let mut damaged = log.clone();
	damaged[log.len() / 2] ^= 1;
	refused(&[(FIRST, &damaged)]);
	refused(&[(FIRST, &log[..log.len() - 1]), ("log-0000000000000002", &[])]);
	refused(&[(FIRST, &with_room), ("log-0000000000000002", &[])]);
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
