use super::*;
use crate::runtime::{
	runtime_types::{
		bounded_collections::bounded_vec::BoundedVec,
		pallet_dividend::pallet::Event as DividendEvent,
		pallet_models::pallet::Event as ModelsEvent,
		pallet_oracles::pallet::Event as OraclesEvent,
		pallet_transaction_payment::pallet::Event as PaymentEvent,
		pallet_usage::{
			pallet::{Call as UsageCall, Event as UsageEvent},
			types::{SkipReason, Skipped},
		},
		pallet_utility::pallet::Call as UtilityCall,
	},
	Call, Event,
};
use subxt::utils::{AccountId32, Static};
use usufruct_primitives::{
	settlement::{Claim, ClaimVoucher},
	split::Parts,
};

const ME: AccountBytes = [1; 32];
const ORACLE: AccountBytes = [2; 32];
const CHANNEL: ChannelId = [3; 32];

fn id(account: AccountBytes) -> AccountId32 {
	AccountId32(account)
}

fn claim(channel_id: ChannelId, total_before: Balance, total_after: Balance) -> Claim {
	Claim {
		channel_id,
		model_version: 7,
		from_seq: 1,
		to_seq: 1,
		total_before,
		total_after,
		voucher: ClaimVoucher {
			cap: 1_000,
			request_commit: [0; 32],
			ack_seq: 0,
			ack_total: 0,
			serve_until: 0,
			signature: [0; 64],
		},
	}
}

/// A batch of which the second claim is skipped: 30 of 70 are accepted for this channel, 5 for
/// another.
fn settle_call() -> Call {
	let claims = [claim(CHANNEL, 0, 30), claim(CHANNEL, 30, 65), claim([9; 32], 0, 5)];
	Call::Usage(UsageCall::settle {
		batch_no: 4,
		root: [5; 32],
		total: 70,
		count: 3,
		claims: BoundedVec(claims.map(Static).into()),
	})
}

fn settled() -> Event {
	Event::Usage(UsageEvent::Settled {
		oracle: id(ORACLE),
		batch_no: 4,
		root: [5; 32],
		count: 3,
		total: 70,
		accepted_total: 35,
		parts: Static(Parts { oracle: 25, model: 4, dividend: 3, commons: 2, security: 1 }),
		skipped: BoundedVec(vec![Skipped { index: 1, reason: SkipReason::OverCap, missing: 0 }]),
	})
}

fn opened() -> Event {
	Event::Usage(UsageEvent::ChannelOpened {
		channel_id: CHANNEL,
		consumer: id(ME),
		oracle: id(ORACLE),
		model: 6,
		escrow: 100,
	})
}

fn position(escrow: Balance, settled_total: Balance) -> Position {
	let channel = Escrow { oracle: ORACLE, model: 6, escrow, settled_total };
	Position { channels: [(CHANNEL, channel)].into(), ..Position::default() }
}

fn entered(account: AccountBytes, events: &[Event], settlements: &[Settlement]) -> Book {
	let mut book = Book::new(account);
	for (event, number) in events.iter().zip(0..) {
		book.enter(Place { block: 10, event: number }, event, settlements);
	}
	book
}

fn amounts(book: &Book) -> Vec<(Kind, Direction, Balance)> {
	book.entries.iter().map(|entry| (entry.kind, entry.direction, entry.amount)).collect()
}

#[test]
fn a_consumer_paid_what_was_accepted_of_its_channels() {
	let call = Call::Utility(UtilityCall::batch_all { calls: vec![settle_call()] });
	let book = entered(ME, &[opened(), settled()], &settlements(&call));
	assert_eq!(
		amounts(&book),
		[(Kind::Escrow, Direction::Held, 100), (Kind::Use, Direction::Paid, 30)]
	);
	let source = &book.entries[1].source;
	assert_eq!((source.batch, source.model, source.version), (Some(4), Some(6), Some(7)));
	assert_eq!((source.channel, source.counterparty), (Some(CHANNEL), Some(ORACLE)));
	assert!(book.unread.is_empty());

	let statement = Statement::new(book, 10, 10, &Position::default(), &position(70, 30));
	assert!(statement.adds_up(), "{:?}", statement.checks);
	assert_eq!(statement.checks.len(), 2);
}

#[test]
fn claims_are_needed_only_of_oracles_with_a_channel() {
	let mut book = Book::new(ME);
	assert!(!book.needs_claims(&settled()));
	book.own_channel(CHANNEL, ORACLE, 6);
	assert!(book.needs_claims(&settled()));
	assert!(!book.needs_claims(&opened()));
}

#[test]
fn a_settlement_that_is_not_found_is_named_and_does_not_add_up() {
	let book = entered(ME, &[opened(), settled()], &[]);
	assert_eq!(book.unread, [Unread { block: 10, oracle: ORACLE, batch: 4 }]);
	let statement = Statement::new(book, 10, 10, &Position::default(), &position(70, 30));
	assert!(!statement.adds_up());
	// Two sums, and the channel that is at fault for each.
	assert_eq!(statement.checks.len(), 4);
	assert!(statement.summary().iter().any(|line| line.contains("missing")));
}

#[test]
fn a_closed_channel_paid_what_did_not_come_back() {
	let closed = Event::Usage(UsageEvent::ChannelClosed { channel_id: CHANNEL, returned: 70 });
	let found = settlements(&settle_call());
	let mut book = Book::new(ME);
	book.own_channel(CHANNEL, ORACLE, 6);
	for event in [settled(), closed] {
		book.enter(Place::default(), &event, &found);
	}
	assert_eq!(
		amounts(&book),
		[(Kind::Use, Direction::Paid, 30), (Kind::Escrow, Direction::Returned, 70)]
	);
	let checks = checks(&book, &position(100, 0), &Position::default());
	assert_eq!(checks.len(), 1);
	assert!(checks[0].adds_up);
	assert_eq!(checks[0].chain, 30);
}

#[test]
fn an_oracle_is_credited_and_collects() {
	let events = [
		Event::Oracles(OraclesEvent::BondIncreased { oracle: id(ORACLE), amount: 50, bond: 150 }),
		settled(),
		Event::Usage(UsageEvent::Collected { oracle: id(ORACLE), amount: 20 }),
		// Of somebody else, and of nothing.
		Event::Usage(UsageEvent::Collected { oracle: id(ME), amount: 20 }),
		Event::Usage(UsageEvent::Collected { oracle: id(ORACLE), amount: 0 }),
		Event::Oracles(OraclesEvent::Withdrawn { oracle: id(ORACLE), amount: 10 }),
	];
	let book = entered(ORACLE, &events, &[]);
	assert_eq!(
		amounts(&book),
		[
			(Kind::Bond, Direction::Held, 50),
			(Kind::Settlement, Direction::Credited, 25),
			(Kind::Collection, Direction::Received, 20),
			(Kind::Bond, Direction::Returned, 10),
		]
	);
	let before = Position { credit: 1, bond: 100, ..Position::default() };
	let after = Position { credit: 6, bond: 140, ..Position::default() };
	assert!(checks(&book, &before, &after).iter().all(|check| check.adds_up));
	let wrong = Position { bond: 139, ..after };
	let differing = checks(&book, &before, &wrong);
	assert_eq!(differing.iter().filter(|check| !check.adds_up).count(), 1);
}

#[test]
fn a_row_is_compared_with_all_it_was_paid_whoever_got_it() {
	let paid = |account, amount| {
		let account = id(account);
		Event::Models(ModelsEvent::RevenuePaid { version: 7, row: 1, account, amount })
	};
	let book = entered(ME, &[paid(ME, 5), paid(ORACLE, 8)], &[]);
	assert_eq!(amounts(&book), [(Kind::Revenue, Direction::Received, 5)]);
	let before = Position { paid: [((7, 1), 2)].into(), ..Position::default() };
	let after = Position { paid: [((7, 1), 15)].into(), ..Position::default() };
	let checks = checks(&book, &before, &after);
	assert_eq!(checks.len(), 1);
	assert!(checks[0].adds_up);
}

#[test]
fn sums_are_by_kind_and_direction() {
	let fee = |actual_fee| {
		let who = id(ME);
		Event::TransactionPayment(PaymentEvent::TransactionFeePaid { who, actual_fee, tip: 0 })
	};
	let claimed = DividendEvent::Claimed { person: 1, account: id(ME), from: 2, to: 4, amount: 9 };
	let book = entered(ME, &[fee(3), Event::Dividend(claimed), fee(4)], &[]);
	let total = |kind, direction, entries, amount| Total { kind, direction, entries, amount };
	assert_eq!(
		totals(&book.entries),
		[total(Kind::Dividend, Direction::Received, 1, 9), total(Kind::Fee, Direction::Paid, 2, 7),]
	);
	assert_eq!(book.entries[1].source.to_epoch, Some(4));
}

#[test]
fn a_dividend_in_a_channel_adds_up_with_what_the_fund_added() {
	let claimed = DividendEvent::Claimed { person: 1, account: id(ME), from: 2, to: 4, amount: 40 };
	let topped_up = UsageEvent::ToppedUp { channel_id: CHANNEL, amount: 43, escrow: 143 };
	let credited = |account| DividendEvent::Credited {
		person: 1,
		account: id(account),
		channel: CHANNEL,
		credit: 39,
		bonus: 4,
	};
	let events = [
		opened(),
		Event::Dividend(claimed),
		Event::Usage(topped_up),
		Event::Dividend(credited(ME)),
		Event::Dividend(credited(ORACLE)),
	];
	let book = entered(ME, &events, &[]);
	assert_eq!(
		amounts(&book),
		[
			(Kind::Escrow, Direction::Held, 100),
			(Kind::Dividend, Direction::Received, 40),
			(Kind::Escrow, Direction::Held, 43),
			(Kind::Bonus, Direction::Received, 4),
		]
	);
	assert_eq!(book.entries[3].source.channel, Some(CHANNEL));
	let statement = Statement::new(book, 10, 10, &Position::default(), &position(143, 0));
	assert!(statement.adds_up(), "{:?}", statement.checks);
}

#[test]
fn programmes_and_gifts_are_in_it() {
	let paid = |account| {
		Event::Dividend(DividendEvent::ProgrammeClaimed {
			programme: 5,
			person: 1,
			account: id(account),
			from: 2,
			to: 3,
			amount: 7,
		})
	};
	let gift = |donor| Event::Dividend(DividendEvent::Donated { donor: id(donor), amount: 8 });
	let book = entered(ME, &[paid(ME), paid(ORACLE), gift(ORACLE), gift(ME)], &[]);
	assert_eq!(
		amounts(&book),
		[(Kind::Programme, Direction::Received, 7), (Kind::Donation, Direction::Paid, 8)]
	);
	let source = &book.entries[0].source;
	assert_eq!((source.programme, source.from_epoch, source.to_epoch), (Some(5), Some(2), Some(3)));
	assert!(csv(&book.entries).lines().nth(1).unwrap().ends_with(",2,3,5,"));
}

#[test]
fn values_are_exact_and_memos_harmless() {
	let royalty = |memo: &str| {
		Event::Usage(UsageEvent::RoyaltyPaid {
			payer: id(ME),
			version: 7,
			amount: 1_000_000_000_001,
			parts: Static(Parts::default()),
			memo: BoundedVec(memo.into()),
		})
	};
	let book = entered(ME, &[royalty("=1+1"), royalty("a,\"b\"")], &[]);
	let text = csv(&book.entries);
	let lines: Vec<&str> = text.lines().collect();
	assert_eq!(lines.len(), 3);
	assert!(lines[0].starts_with("block,event,kind,direction,amount_planck,amount_ufr,"));
	assert_eq!(lines[1], "10,0,royalty,paid,1000000000001,1.000000000001,,,,7,,,,,,'=1+1");
	assert!(lines[2].ends_with(",\"a,\"\"b\"\"\""));
	assert_eq!(
		serde_json::to_value(&book.entries[0]).unwrap()["amount"],
		serde_json::json!("1000000000001")
	);
}

#[test]
fn epochs_are_one_or_a_range() {
	assert_eq!("3".parse::<Epochs>(), Ok(Epochs { first: 3, last: 3 }));
	assert_eq!("3..5".parse::<Epochs>(), Ok(Epochs { first: 3, last: 5 }));
	for text in ["", "5..3", "a..b", "1..", "1..2..3"] {
		assert!(text.parse::<Epochs>().is_err(), "{text}");
	}
}
