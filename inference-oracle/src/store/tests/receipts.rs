//! How long receipts are kept, and what stays of a closed channel.

use super::*;
use usufruct_primitives::settlement::{Claim, ClaimVoucher};

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
