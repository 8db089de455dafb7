//! The keeper on a real disk: what it says is what survives.

use super::*;
use ed25519_dalek::Verifier;
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
		tokio::spawn(async move { keeper.reserve(&request, payload(2), 7).await.unwrap() })
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
