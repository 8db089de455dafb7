//! How long outputs are kept.

use super::*;

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
