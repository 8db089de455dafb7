//! What a watcher says, and what it takes for done.

use super::{super::testing::*, *};
use crate::watch::{
	decide::Step,
	store::{About, Attempt, Demanded},
};
use usufruct_primitives::usage::Voucher;

fn step() -> Step {
	let mut world = World::new(vec![receipt(1), receipt(2)]).accepted([receipt(1)]);
	world.watcher.now = 1_000;
	world.decide().steps.remove(0)
}

fn watch(dir: &std::path::Path) -> Watch {
	let options = Options {
		folder: dir.into(),
		dry_run: false,
		max_deposit: 5,
		min_stake: 0,
		grace: 1,
		checkpoint: false,
	};
	let store = WatchStore::open(dir, &GENESIS).unwrap();
	let (versions, said) = (BTreeMap::new(), BTreeSet::new());
	Watch { options, signer: None, store, versions, said, keeper: None }
}

#[test]
fn a_line_is_one_object_with_what_applies() {
	let line = Line { deposit: Some(10), ..Line::of("would", 7, &step()) };
	let json = serde_json::to_value(&line).unwrap();
	let fields: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
	let expected =
		["action", "batch_no", "block", "channel", "deposit", "event", "oracle", "seq", "why"];
	assert_eq!(fields, expected);
	assert_eq!((&json["event"], &json["action"]), (&"would".into(), &"demand".into()));
	assert_eq!((&json["deposit"], &json["seq"]), (&"10".into(), &2.into()));
	assert!(!serde_json::to_string(&line).unwrap().contains('\n'));
	assert!(line.text().starts_with("would demand, channel 0x"), "{}", line.text());

	let looked = Looked {
		channels: 1,
		settlements: 2,
		unexplained: 0,
		open_demands: 0,
		spent: 1 << 90,
		steps: 0,
	};
	let line = Line { event: "looked", block: 9, looked: Some(looked), ..Line::default() };
	let json = serde_json::to_value(&line).unwrap();
	assert_eq!(json["looked"]["spent"], (1u128 << 90).to_string());
	assert!(line.text().starts_with("block 9: 1 channels, 2 settlements to watch"));
}

#[test]
fn what_was_done_or_is_under_way_is_not_done_again() {
	let dir = tempfile::tempdir().unwrap();
	let watch = watch(dir.path());
	let step = step();
	let id = step.id(&GENESIS);
	let due = |now| watch.due(vec![step.clone(), step.clone()], &GENESIS, now).unwrap().len();
	assert_eq!(due(100), 1, "the same twice is one");
	let tried = |result| watch.store.put_attempt(&id, &Attempt { block: 100, result }).unwrap();
	tried(None);
	assert_eq!(due(163), 0, "it may still be included");
	assert_eq!(due(164), 1);
	tried(Some(Err("FundsUnavailable".into())));
	assert_eq!((due(299), due(300)), (0, 1), "it is tried again, not at once");
	tried(Some(Ok(())));
	assert_eq!(due(1_000_000), 0);
}

/// An open case with a demand of the watcher's, which has no signer and so the account 0.
fn case(demands: Vec<decide::OpenDemand>, slashed: bool) -> Open {
	let world = World::new(vec![receipt(1), receipt(2)]);
	let docket = Docket { slashed, open: demands, ..world.docket };
	Open {
		record: record(),
		batch: world.batch,
		docket,
		terms: world.terms,
		answers: Vec::new(),
		demanded: BTreeSet::new(),
		keys: world.keys,
	}
}

#[test]
fn deposits_are_counted_until_they_are_known_to_be_back() {
	let constants = Constants {
		challenge_window: 100,
		closing_window: 100,
		demand_term: 50,
		demand_deposit: 10,
	};
	let about = About { oracle: ORACLE, batch_no: 3, channel_id: record().channel_id, seq: 2 };
	let demand = decide::OpenDemand { seq: 2, by: [0; 32], due: 150, deposit: 10 };
	let settled = |slashed, answered| {
		let dir = tempfile::tempdir().unwrap();
		let mut watch = watch(dir.path());
		let open = case(vec![demand.clone()], false);
		// It is on the chain, and the watcher died before it wrote that down.
		watch.settle_demands(&constants, 120, &[open]).unwrap();
		let known = &watch.store.demands().unwrap()[&about];
		assert_eq!(*known, Demanded { deposit: 10, block: 100, state: DemandState::Open });
		assert_eq!(watch.store.spent().unwrap(), 10);
		if answered {
			let world = World::new(vec![receipt(1), receipt(2)]);
			watch.store.put_answer(&about, &world.proven(2)).unwrap();
		}
		watch.settle_demands(&constants, 130, &[case(vec![], slashed)]).unwrap();
		let state = watch.store.demands().unwrap()[&about].state;
		(state, watch.store.spent().unwrap())
	};
	assert_eq!(settled(true, false), (DemandState::Returned, 0));
	assert_eq!(settled(false, true), (DemandState::Answered, 10));
	assert_eq!(settled(true, true), (DemandState::Answered, 10), "answered before it was slashed");
	assert_eq!(settled(false, false), (DemandState::Answered, 10), "the worse is assumed");
}

#[test]
fn only_the_newest_voucher_of_a_channel_counts() {
	let voucher = |channel: u8, cap, ack_seq| {
		let voucher = Voucher {
			channel_id: [channel; 32],
			cap,
			request_commit: [0; 32],
			ack_seq,
			ack_total: 0,
			serve_until: 0,
		};
		SignedVoucher::sign(voucher, &record().key(), &GENESIS)
	};
	let all = [voucher(1, 10, 1), voucher(2, 5, 1), voucher(1, 10, 2), voucher(1, 9, 9)];
	let found: Vec<_> = newest(&all).cloned().collect();
	assert_eq!(found, [voucher(1, 10, 2), voucher(2, 5, 1)]);
	assert_eq!(newest(&[]).count(), 0);
}

#[tokio::test]
async fn a_store_that_another_process_has_is_waited_for() {
	let dir = tempfile::tempdir().unwrap();
	let watch = watch(dir.path());
	let busy = Store::open(&dir.path().join("channels.redb")).unwrap();
	let free = tokio::spawn(async move {
		tokio::time::sleep(Duration::from_millis(300)).await;
		drop(busy);
	});
	let channels = watch.with_channels(|store| Ok(store.channels()?.len())).await.unwrap();
	assert_eq!(channels, 0);
	free.await.unwrap();
}
