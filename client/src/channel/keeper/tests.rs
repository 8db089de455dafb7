//! The keeper on a real disk: what it says is what survives.

use super::*;
use ed25519_dalek::Verifier;
use std::time::Duration;
use usufruct_primitives::{usage::Receipt, Balance, Meter, Seq, Status};

const GENESIS: Hash = [1; 32];
const LIMITS: Limits = Limits { max_unit_price: 10, max_unacked: 100, funds: 10_000 };

fn record(channel: u8) -> ChannelRecord {
	ChannelRecord {
		channel_id: [channel; 32],
		genesis: GENESIS,
		consumer: [2; 32],
		oracle: [3; 32],
		model: 4,
		salt: 5,
		secret: [channel; 32],
	}
}

fn request(id: u8, units: u64) -> Request {
	Request {
		channel_id: [9; 32],
		request_id: [id; 16],
		model_version: 1,
		input_commit: [3; 32],
		meter: Meter::Element,
		max_units: units,
		unit_price: 1,
	}
}

fn payload(id: u8) -> Payload {
	Payload { model_name: "m".into(), salt: [id; 32], body: vec![id; 3] }
}

fn receipt(request: &Request, seq: Seq, amount: Balance, total: Balance) -> SignedReceipt {
	let receipt = Receipt {
		channel_id: request.channel_id,
		seq,
		model: 4,
		model_version: 1,
		meter: Meter::Element,
		status: Status::Served,
		units: amount as u64,
		unit_price: 1,
		amount,
		total,
		request_commit: request.commit(&GENESIS),
		output_commit: [4; 32],
		started_ms: 0,
		took_ms: 0,
	};
	SignedReceipt::sign(receipt, &SigningKey::from_bytes(&[5; 32]), &GENESIS)
}

struct Disk(tempfile::TempDir);

impl Disk {
	fn new() -> Self {
		Self(tempfile::tempdir().unwrap())
	}

	fn keeper(&self) -> Keeper {
		Keeper::open(&self.0.path().join("data/channels.redb")).unwrap()
	}
}

#[tokio::test]
async fn a_voucher_that_left_is_on_disk() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let signed = keeper.reserve(&request(1, 10), payload(1), 7).await.unwrap();
	let key = record(9).key().verifying_key();
	assert!(signed.verify(&key.to_bytes(), &GENESIS));
	let signature = ed25519_dalek::Signature::from_bytes(&signed.signature);
	assert!(key.verify(&signed.voucher.digest(&GENESIS), &signature).is_ok());
	drop(keeper);

	// Another process begins where the first was.
	let keeper = disk.keeper();
	let ledger = keeper.store().ledger(&record(9)).unwrap();
	assert_eq!(ledger.head().cap, 10);
	let (commit, open) = ledger.open().first_key_value().unwrap();
	assert_eq!((open.voucher.clone(), &open.request), (signed.voucher, &request(1, 10)));
	assert_eq!(keeper.store().payload(&[9; 32], commit).unwrap(), Some(payload(1)));
	let next = keeper.reserve(&request(2, 10), payload(2), 7).await.unwrap();
	assert_eq!(next.voucher.cap, 20, "the first request's money is not promised again");
	assert_eq!(keeper.store().channels().unwrap(), [record(9)]);
}

#[tokio::test]
async fn receipts_are_kept_with_their_salts_and_payloads_are_not() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let (a, b) = (request(1, 10), request(2, 10));
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.reserve(&b, payload(2), 7).await.unwrap();
	keeper.complete(receipt(&b, 2, 10, 15)).await.unwrap();
	assert!(keeper.store().receipts(&[9; 32]).unwrap().is_empty(), "the first is missing");
	keeper.complete(receipt(&a, 1, 5, 5)).await.unwrap();
	keeper.complete(receipt(&a, 1, 5, 5)).await.unwrap();
	let receipts = keeper.store().receipts(&[9; 32]).unwrap();
	assert_eq!(receipts, [(receipt(&a, 1, 5, 5), [1; 32]), (receipt(&b, 2, 10, 15), [2; 32])]);
	assert_eq!(keeper.store().payload(&[9; 32], &a.commit(&GENESIS)).unwrap(), None);
	let voucher = keeper.reserve(&request(3, 1), payload(3), 7).await.unwrap().voucher;
	assert_eq!((voucher.cap, voucher.ack_seq, voucher.ack_total), (20, 2, 15));
}

#[tokio::test]
async fn a_second_receipt_for_an_accepted_request_halts_the_channel() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let a = request(1, 10);
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.complete(receipt(&a, 1, 5, 5)).await.unwrap();
	let second = receipt(&a, 2, 5, 10);
	let error = keeper.complete(second.clone()).await.unwrap_err();
	assert!(matches!(
		error,
		KeeperError::NotAccepted(NotAccepted::Disorder(Disorder::SecondReceipt(2)))
	));
	drop(keeper);
	let keeper = disk.keeper();
	let refused = keeper.reserve(&request(2, 1), payload(2), 7).await.unwrap_err();
	assert!(matches!(refused, KeeperError::Refused(Refused::Halted(_))));
	let evidence = keeper.store().evidence(&[9; 32]).unwrap();
	assert_eq!(evidence.len(), 1);
	assert_eq!(evidence[0].1, second);
}

#[tokio::test]
async fn receipts_of_unknown_requests_and_unknown_channels_change_nothing() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let unknown = keeper.complete(receipt(&request(1, 1), 1, 1, 1)).await.unwrap_err();
	assert!(matches!(unknown, KeeperError::NotAccepted(NotAccepted::NotOpen)));
	let elsewhere = Request { channel_id: [8; 32], ..request(1, 1) };
	let unknown = keeper.reserve(&elsewhere, payload(1), 7).await.unwrap_err();
	assert!(matches!(unknown, KeeperError::UnknownChannel(id) if id == [8; 32]));
	assert!(matches!(keeper.channel(&[8; 32]), Err(KeeperError::UnknownChannel(_))));
	let again = keeper.add(record(9), LIMITS).await.unwrap_err();
	assert!(matches!(again, KeeperError::ChannelExists(_)));
	keeper.release([9; 32], [0; 32]).await.unwrap();
	assert!(keeper.reserve(&request(1, 1), payload(1), 7).await.is_ok());
}

#[tokio::test]
async fn only_an_unused_channel_is_forgotten() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(8), LIMITS).await.unwrap();
	keeper.add(record(9), LIMITS).await.unwrap();
	keeper.reserve(&request(1, 1), payload(1), 7).await.unwrap();
	keeper.forget([8; 32]).await.unwrap();
	let used = keeper.forget([9; 32]).await.unwrap_err();
	assert!(matches!(used, KeeperError::ChannelUsed(_)));
	assert!(matches!(keeper.forget([8; 32]).await, Err(KeeperError::UnknownChannel(_))));
	assert_eq!(keeper.store().channels().unwrap(), [record(9)]);
	keeper.add(record(8), LIMITS).await.unwrap();
}

#[tokio::test]
async fn a_full_window_waits_for_an_answer() {
	let disk = Disk::new();
	let keeper = Arc::new(disk.keeper());
	keeper.add(record(9), LIMITS).await.unwrap();
	let (a, b, c) = (request(1, 100), request(2, 60), request(3, 40));
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	let waiting = [b, c].map(|request| {
		let keeper = keeper.clone();
		let deadline = Instant::now() + Duration::from_secs(60);
		tokio::spawn(async move {
			keeper.reserve_by(deadline, &request, payload(2).into(), 7).await.unwrap()
		})
	});
	tokio::time::sleep(Duration::from_millis(20)).await;
	assert!(waiting.iter().all(|task| !task.is_finished()));
	keeper.complete(receipt(&a, 1, 30, 30)).await.unwrap();
	let mut caps = Vec::new();
	for task in waiting {
		caps.push(task.await.unwrap().voucher.cap);
	}
	caps.sort_unstable();
	assert_eq!(caps[1], 130, "30 acknowledged and 100 open");
	keeper.set_limits([9; 32], Limits { max_unacked: 200, ..LIMITS }).await.unwrap();
	assert_eq!(keeper.reserve(&request(4, 1), payload(4), 7).await.unwrap().voucher.cap, 131);
}

#[tokio::test]
async fn a_window_that_stays_full_is_waited_for_no_longer_than_was_said() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	keeper.reserve(&request(1, 100), payload(1), 7).await.unwrap();
	let deadline = Instant::now() + Duration::from_millis(50);
	let refused = keeper.reserve_by(deadline, &request(2, 1), payload(2).into(), 7).await;
	let full = Refused::WindowFull { open: 100, max_unacked: 100 };
	assert!(matches!(refused, Err(KeeperError::Refused(found)) if found == full));
	assert!(Instant::now() >= deadline, "it was waited for");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_never_share_a_promise() {
	let disk = Disk::new();
	let keeper = Arc::new(disk.keeper());
	keeper.add(record(9), Limits { max_unacked: 1_000, ..LIMITS }).await.unwrap();
	let tasks: Vec<_> = (0..100)
		.map(|id| {
			let keeper = keeper.clone();
			tokio::spawn(async move { keeper.reserve(&request(id, 10), payload(id), 7).await })
		})
		.collect();
	let mut caps = Vec::new();
	for task in tasks {
		caps.push(task.await.unwrap().unwrap().voucher.cap);
	}
	caps.sort_unstable();
	assert_eq!(caps, (1..=100).map(|n| n * 10).collect::<Vec<Balance>>());
}

#[tokio::test]
async fn one_process_at_a_time() {
	let disk = Disk::new();
	let _keeper = disk.keeper();
	let second = Keeper::open(&disk.0.path().join("data/channels.redb"));
	assert!(matches!(second.err(), Some(StoreError::InUse(_))));
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
	use std::os::unix::fs::PermissionsExt;
	let disk = Disk::new();
	let _keeper = disk.keeper();
	let metadata = std::fs::metadata(disk.0.path().join("data/channels.redb")).unwrap();
	assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
	assert!(!format!("{:?}", record(7)).contains("secret"));
}

/// What is on the disk now, as another process would find it if this one died here.
fn after_a_crash(disk: &Disk) -> (tempfile::TempDir, Keeper) {
	let copy = tempfile::tempdir().unwrap();
	let path = copy.path().join("channels.redb");
	std::fs::copy(disk.0.path().join("data/channels.redb"), &path).unwrap();
	let keeper = Keeper::open(&path).unwrap();
	(copy, keeper)
}

#[tokio::test]
async fn evidence_is_on_disk_when_the_keeper_says_so() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let a = request(1, 10);
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.complete(receipt(&a, 1, 5, 5)).await.unwrap();
	let second = receipt(&request(2, 10), 1, 6, 6);
	keeper.witness("for a request nobody made".into(), second.clone()).await.unwrap();
	let (_copy, other) = after_a_crash(&disk);
	assert_eq!(other.store().receipts(&[9; 32]).unwrap()[0].0, receipt(&a, 1, 5, 5));
	let evidence = other.store().evidence(&[9; 32]).unwrap();
	assert_eq!(evidence, [("receipt 1 is a second one of that number".into(), second)]);
	let ledger = other.store().ledger(&record(9)).unwrap();
	assert!(ledger.head().halted.is_some());

	let lie = receipt(&a, 7, 9, 9);
	keeper.halt("it lies".into(), lie.clone()).await.unwrap();
	let (_copy, other) = after_a_crash(&disk);
	let evidence = other.store().evidence(&[9; 32]).unwrap();
	assert!(evidence.contains(&("it lies".into(), lie)));
}

#[tokio::test]
async fn what_contradicts_nothing_is_kept_without_halting() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let (a, b) = (request(1, 10), request(2, 10));
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.reserve(&b, payload(2), 7).await.unwrap();
	let first = receipt(&a, 1, 5, 5);
	keeper.witness("no output".into(), first.clone()).await.unwrap();
	keeper.witness("no output".into(), first.clone()).await.unwrap();
	assert_eq!(keeper.store().evidence(&[9; 32]).unwrap().len(), 1);
	// The very same one is accepted later.
	keeper.complete(first).await.unwrap();
	assert_eq!(keeper.store().receipts(&[9; 32]).unwrap().len(), 1);
	keeper.complete(receipt(&b, 2, 5, 10)).await.unwrap();
	assert_eq!(keeper.store().ledger(&record(9)).unwrap().head().halted, None);
}

#[tokio::test]
async fn a_receipt_is_held_against_those_that_wait_and_those_that_were_witnessed() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let (a, b) = (request(1, 10), request(2, 10));
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.reserve(&b, payload(2), 7).await.unwrap();
	keeper.complete(receipt(&b, 2, 5, 10)).await.unwrap();
	keeper.witness("?".into(), receipt(&b, 3, 5, 15)).await.unwrap();
	let halted = |keeper: &Keeper| keeper.store().ledger(&record(9)).unwrap().head().halted.clone();
	assert_eq!(halted(&keeper).unwrap(), "receipt 3 is a second one for the same request");

	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.witness("?".into(), receipt(&a, 4, 5, 5)).await.unwrap();
	assert_eq!(halted(&keeper), None);
	let error = keeper.complete(receipt(&a, 1, 5, 5)).await.unwrap_err();
	let second = NotAccepted::Disorder(Disorder::SecondReceipt(1));
	assert!(matches!(error, KeeperError::NotAccepted(found) if found == second));
	assert!(halted(&keeper).is_some());
	assert_eq!(keeper.store().evidence(&[9; 32]).unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_asked_is_known_for_ever() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	assert_eq!(keeper.store().newest_voucher(&[9; 32]).unwrap(), None);
	let (a, b) = (request(1, 10), request(2, 10));
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	let newest = keeper.reserve(&b, payload(2), 7).await.unwrap();
	keeper.complete(receipt(&a, 1, 5, 5)).await.unwrap();
	keeper.release([9; 32], b.commit(&GENESIS)).await.unwrap();
	let store = keeper.store();
	assert_eq!(store.newest_voucher(&[9; 32]).unwrap(), Some(newest));
	for asked in [a, b] {
		assert_eq!(store.request(&[9; 32], &asked.commit(&GENESIS)).unwrap(), Some(asked));
	}
	let mut seen = Vec::new();
	store.visit_receipts(&[9; 32], 1, Seq::MAX, |it| seen.push(it.receipt.seq)).unwrap();
	assert_eq!(seen, [1]);
	store.visit_receipts(&[9; 32], 2, Seq::MAX, |_| panic!("there is no second")).unwrap();
}

#[tokio::test]
async fn a_refused_request_is_on_disk_until_its_receipt_is_accepted() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let (a, b) = (request(1, 10), request(2, 10));
	let commit = a.commit(&GENESIS);
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.release([9; 32], commit).await.unwrap();
	keeper.reserve(&b, payload(2), 7).await.unwrap();
	keeper.complete(receipt(&b, 2, 5, 15)).await.unwrap();
	drop(keeper);

	let keeper = disk.keeper();
	let ledger = keeper.store().ledger(&record(9)).unwrap();
	assert!(ledger.is_released(&commit) && ledger.lacks_released());
	assert_eq!(keeper.store().payload(&[9; 32], &commit).unwrap(), Some(payload(1)));
	keeper.complete(receipt(&a, 1, 10, 10)).await.unwrap();
	let (_copy, other) = after_a_crash(&disk);
	let receipts = other.store().receipts(&[9; 32]).unwrap();
	assert_eq!(receipts, [(receipt(&a, 1, 10, 10), [1; 32]), (receipt(&b, 2, 5, 15), [2; 32])]);
	let ledger = other.store().ledger(&record(9)).unwrap();
	assert!(ledger.open().is_empty() && ledger.released().is_empty());
	assert_eq!(other.store().payload(&[9; 32], &commit).unwrap(), None);
}

#[tokio::test]
async fn the_late_receipt_of_a_refused_request_waits_with_its_payload() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let (a, b) = (request(1, 10), request(2, 10));
	let commit = a.commit(&GENESIS);
	keeper.reserve(&a, payload(1), 7).await.unwrap();
	keeper.reserve(&b, payload(2), 7).await.unwrap();
	keeper.release([9; 32], commit).await.unwrap();
	keeper.complete(receipt(&a, 2, 10, 15)).await.unwrap();
	let ledger = keeper.store().ledger(&record(9)).unwrap();
	assert!(ledger.open().contains_key(&commit) && !ledger.is_released(&commit));
	assert_eq!(keeper.store().payload(&[9; 32], &commit).unwrap(), Some(payload(1)));
	keeper.complete(receipt(&b, 1, 5, 5)).await.unwrap();
	let receipts = keeper.store().receipts(&[9; 32]).unwrap();
	assert_eq!(receipts, [(receipt(&b, 1, 5, 5), [2; 32]), (receipt(&a, 2, 10, 15), [1; 32])]);
	assert_eq!(keeper.store().payload(&[9; 32], &commit).unwrap(), None);
}

#[tokio::test]
async fn a_key_is_on_disk_before_the_chain_has_it_and_signs_after() {
	let disk = Disk::new();
	let keeper = disk.keeper();
	keeper.add(record(9), LIMITS).await.unwrap();
	let next = keeper.prepare_key([9; 32]).await.unwrap();
	assert_eq!(keeper.prepare_key([9; 32]).await.unwrap(), next, "it is drawn once");
	let old = record(9).key().verifying_key().to_bytes();
	let signed = keeper.reserve(&request(1, 10), payload(1), 7).await.unwrap();
	assert!(signed.verify(&old, &GENESIS));
	let other = keeper.adopt_key([9; 32], [1; 32]).await.unwrap_err();
	assert!(matches!(other, KeeperError::UnknownKey(_)));

	let (_copy, other) = after_a_crash(&disk);
	assert_eq!(other.prepare_key([9; 32]).await.unwrap(), next);
	keeper.adopt_key([9; 32], next).await.unwrap();
	let signed = keeper.reserve(&request(2, 10), payload(2), 7).await.unwrap();
	assert!(signed.verify(&next, &GENESIS));
	let (_copy, other) = after_a_crash(&disk);
	let key = other.channel(&[9; 32]).unwrap().key();
	assert_eq!(key.verifying_key().to_bytes(), next);
	assert_ne!(other.prepare_key([9; 32]).await.unwrap(), next, "the next one is another");
}
