use super::*;
use crate::testing::{due, standing, version_state, HEAD, MODEL, VERSION};
use usufruct_primitives::UFR;

fn admit(
	book: &mut Book,
	consumer: &Consumer,
	order: &Order,
	voucher: &SignedVoucher,
	log: &Log,
) -> Result<Admission, Refusal> {
	let key = consumer.terms().key;
	let result = book.admit(order, voucher, &key, &OPEN, log, 500);
	audit(book);
	result.map_err(|error| match error {
		NotAdmitted::Refused(refusal) => refusal,
		NotAdmitted::History(never) => match never {},
	})
}

/// A book, its consumer, and a first order with its voucher.
fn fresh() -> (Book, Consumer, Order, SignedVoucher) {
	let mut consumer = Consumer::new(1);
	let book = book(&consumer);
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	(book, consumer, order, voucher)
}

fn refused(
	change: impl FnOnce(&mut Book, &mut Consumer, &mut Order, &mut SignedVoucher),
) -> Refusal {
	let (mut book, mut consumer, mut order, mut voucher) = fresh();
	change(&mut book, &mut consumer, &mut order, &mut voucher);
	let unsettled = book.unsettled();
	let refusal = admit(&mut book, &consumer, &order, &voucher, &Log::default()).unwrap_err();
	assert_eq!(book.unsettled(), unsettled, "a refusal reserves nothing");
	assert!(book.running().is_empty());
	refusal
}

/// Sends, runs and lands one request; its receipt.
fn one(book: &mut Book, consumer: &mut Consumer, log: &mut Log) -> Completed {
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	let admission = admit(book, consumer, &order, &voucher, log).unwrap();
	let Admission::Run(accepted) = admission else { panic!("{admission:?}") };
	let (channel, id) = accepted.key();
	let completed = book.complete(&channel, &id, served(1)).unwrap();
	log.0.push(Record::Accepted(accepted));
	log.0.push(Record::Completed(completed.clone(), vec![]));
	book.landed(&channel, &id);
	audit(book);
	completed
}

#[test]
fn a_request_is_reserved_charged_and_numbered() {
	let (mut book, consumer, order, voucher) = fresh();
	let admission = admit(&mut book, &consumer, &order, &voucher, &Log::default()).unwrap();
	let Admission::Run(accepted) = admission else { panic!("{admission:?}") };
	assert_eq!((accepted.voucher.clone(), accepted.accepted_ms), (voucher, 500));
	assert_eq!(book.unsettled(), PRICE);
	assert_eq!(due(&book, &consumer.channel), None, "nothing is charged yet");

	let (channel, id) = accepted.key();
	let completed = book.complete(&channel, &id, served(1)).unwrap();
	let receipt = completed.receipt;
	assert_eq!((receipt.seq, receipt.amount, receipt.total), (1, PRICE, PRICE));
	assert_eq!((receipt.units, receipt.unit_price, receipt.status), (1, PRICE, Status::Served));
	assert_eq!((receipt.model, receipt.model_version), (MODEL, VERSION));
	assert_eq!(receipt.request_commit, order.request.commit(&GENESIS));
	assert_eq!(book.complete(&channel, &id, served(1)), None, "one receipt, not two");
	assert_eq!(book.unsettled(), PRICE);
	let due = due(&book, &channel).unwrap();
	assert_eq!((due.settled_seq, due.seq, due.total, due.value()), (0, 1, PRICE, PRICE));
}

#[test]
fn a_failed_request_costs_nothing_and_has_a_receipt() {
	let (mut book, consumer, order, voucher) = fresh();
	admit(&mut book, &consumer, &order, &voucher, &Log::default()).unwrap();
	let outcome = Outcome::failed(&order.salt, 7, 8);
	let completed = book.complete(&consumer.channel, &order.request.request_id, outcome).unwrap();
	let receipt = completed.receipt;
	assert_eq!((receipt.seq, receipt.status, receipt.units), (1, Status::Failed, 0));
	assert_eq!((receipt.amount, receipt.total, book.unsettled()), (0, 0, 0));
	assert_eq!(receipt.output_commit, payload_commit(&order.salt, &[]));
	assert_eq!(due(&book, &consumer.channel), None);
}

#[test]
fn more_units_than_allowed_are_charged_as_allowed() {
	let (mut book, consumer, order, voucher) = fresh();
	admit(&mut book, &consumer, &order, &voucher, &Log::default()).unwrap();
	let receipt =
		book.complete(&consumer.channel, &order.request.request_id, served(99)).unwrap().receipt;
	assert_eq!((receipt.units, receipt.amount), (1, PRICE));
}

#[test]
fn a_repeated_request_is_answered_from_the_log() {
	let (mut book, mut consumer, ..) = fresh();
	consumer.cap = 0;
	let mut log = Log::default();
	let completed = one(&mut book, &mut consumer, &mut log);
	let order = Order {
		request: completed.accepted.request.clone(),
		model: MODEL,
		salt: [5; 32],
		units: 1,
	};
	let voucher = completed.accepted.voucher.clone();
	let again = admit(&mut book, &consumer, &order, &voucher, &log);
	assert_eq!(again, Ok(Admission::Answered(1)));

	// On whatever terms new requests are served by now.
	let key = consumer.terms().key;
	let closed = Offer { open: false, ask: None, room: Err(Hindrance::Down) };
	book.stand(Standing { active: false, ..standing() });
	let again = book.admit(&order, &voucher, &key, &closed, &log, 0);
	assert!(matches!(again, Ok(Admission::Answered(1))));
	assert_eq!(book.unsettled(), PRICE, "charged once");
}

#[test]
fn a_request_that_runs_is_not_accepted_again() {
	let (mut book, consumer, order, voucher) = fresh();
	let log = Log::default();
	admit(&mut book, &consumer, &order, &voucher, &log).unwrap();
	let again = admit(&mut book, &consumer, &order, &voucher, &log);
	assert_eq!(again, Err(Refusal::InProgress));
	// Nor while its receipt is on the way to disk.
	book.complete(&consumer.channel, &order.request.request_id, served(1)).unwrap();
	let again = admit(&mut book, &consumer, &order, &voucher, &log);
	assert_eq!(again, Err(Refusal::InProgress));
	assert_eq!(book.unsettled(), PRICE);
}

#[test]
fn a_request_id_stands_for_one_request() {
	let (mut book, mut consumer, order, voucher) = fresh();
	let mut log = Log::default();
	admit(&mut book, &consumer, &order, &voucher, &log).unwrap();
	let mut other = order.clone();
	other.request.input_commit = [8; 32];
	let voucher = consumer.pay(&other);
	let refusal = admit(&mut book, &consumer, &other, &voucher, &log);
	assert_eq!(refusal, Err(Refusal::RequestIdReused));

	let completed = book.complete(&consumer.channel, &order.request.request_id, served(1)).unwrap();
	let refusal = admit(&mut book, &consumer, &other, &voucher, &log);
	assert_eq!(refusal, Err(Refusal::RequestIdReused));
	log.0.push(Record::Completed(completed, vec![]));
	book.landed(&consumer.channel, &order.request.request_id);
	let refusal = admit(&mut book, &consumer, &other, &voucher, &log);
	assert_eq!(refusal, Err(Refusal::RequestIdReused));
}

#[test]
fn the_channel_must_be_final_and_the_oracles_own() {
	let refusal = refused(|book, consumer, _, _| {
		assert!(book.observe(&consumer.channel, None));
		assert!(!book.holds(&consumer.channel));
	});
	assert_eq!(refusal, Refusal::ChannelUnknown { head: HEAD });

	let consumer = Consumer::new(9);
	let mut book = Book::new(GENESIS, ORACLE, Vec::new());
	let other = Terms { oracle: [2; 32], ..consumer.terms() };
	assert_eq!(
		book.adopt(consumer.channel, Some(other), None),
		Err(Refusal::ChannelOfAnotherOracle)
	);
	assert_eq!(book.adopt(consumer.channel, None, None), Err(Refusal::ChannelUnknown { head: 0 }));
	assert!(!book.holds(&consumer.channel));
}

#[test]
fn the_channel_must_be_open_and_for_the_model() {
	let refusal = refused(|_, _, order, _| order.model = MODEL + 1);
	assert_eq!(refusal, Refusal::ChannelOfAnotherModel { channel: MODEL, model: MODEL + 1 });
	let refusal = refused(|book, consumer, _, _| {
		let closing = Terms { closes_at: Some(u32::MAX), ..consumer.terms() };
		book.observe(&consumer.channel, Some(closing));
	});
	assert_eq!(refusal, Refusal::ChannelClosing);
}

#[test]
fn the_voucher_must_be_for_this_channel_key_and_request() {
	let refusal = refused(|book, consumer, _, _| {
		book.observe(&consumer.channel, Some(Terms { key: [3; 32], ..consumer.terms() }));
	});
	assert_eq!(refusal, Refusal::BadSignature, "verified with a key that was replaced since");
	let refusal = refused(|_, _, _, voucher| voucher.voucher.channel_id = [0; 32]);
	assert_eq!(refusal, Refusal::BadSignature);
	let refusal = refused(|_, _, order, _| order.request.unit_price += 1);
	assert_eq!(refusal, Refusal::VoucherForAnotherRequest);
}

#[test]
fn the_voucher_may_not_be_expired() {
	let refusal = refused(|book, _, _, voucher| {
		let head = voucher.voucher.serve_until + 1;
		book.stand(Standing { head, ..standing() });
	});
	assert_eq!(refusal, Refusal::Expired { serve_until: HEAD + 100, head: HEAD + 101 });
	// In its last block it may still be served.
	let (mut book, consumer, order, voucher) = fresh();
	book.stand(Standing { head: HEAD + 100, ..standing() });
	assert!(admit(&mut book, &consumer, &order, &voucher, &Log::default()).is_ok());
}

#[test]
fn the_order_must_fit_the_offer() {
	let offered = |offer: Offer| {
		let (mut book, consumer, order, voucher) = fresh();
		match book.admit(&order, &voucher, &consumer.terms().key, &offer, &Log::default(), 0) {
			Err(NotAdmitted::Refused(refusal)) => refusal,
			other => panic!("{other:?}"),
		}
	};
	assert_eq!(offered(Offer { open: false, ..OPEN }), Refusal::Deprecated { version: VERSION });
	assert_eq!(offered(Offer { ask: None, ..OPEN }), Refusal::NotOffered { version: VERSION });
	assert_eq!(
		offered(Offer { ask: Some(PRICE + 1), ..OPEN }),
		Refusal::PriceMismatch { named: PRICE, ask: PRICE + 1 }
	);
	assert_eq!(offered(Offer { room: Err(Hindrance::Down), ..OPEN }), Hindrance::Down.into());
	let refusal = refused(|_, _, order, _| order.units = 2);
	assert_eq!(refusal, Refusal::MaxUnitsTooLow { units: 2, max_units: 1 });
	assert!(version_state().open);
}

#[test]
fn the_price_may_not_exceed_the_channels() {
	let refusal = refused(|book, consumer, _, _| {
		let terms = Terms { max_unit_price: PRICE - 1, ..consumer.terms() };
		book.observe(&consumer.channel, Some(terms));
	});
	assert_eq!(refusal, Refusal::PriceTooHigh { price: PRICE, maximum: PRICE - 1 });
}

#[test]
fn amounts_beyond_128_bits_are_refused() {
	let refusal = refused(|_, consumer, order, voucher| {
		order.request.max_units = u64::MAX;
		order.request.unit_price = u128::MAX / 2;
		*voucher = consumer.sign(order);
	});
	assert_eq!(refusal, Refusal::PriceMismatch { named: u128::MAX / 2, ask: PRICE });
	let (mut book, consumer, mut order, _) = fresh();
	order.request.max_units = u64::MAX;
	order.request.unit_price = u128::MAX / 2;
	let voucher = consumer.sign(&order);
	let offer = Offer { ask: Some(u128::MAX / 2), ..OPEN };
	let result = book.admit(&order, &voucher, &consumer.terms().key, &offer, &Log::default(), 0);
	assert!(matches!(result, Err(NotAdmitted::Refused(Refusal::AmountTooLarge))));
}

#[test]
fn the_cap_must_cover_all_that_is_charged_and_in_flight() {
	let (mut book, mut consumer, order, voucher) = fresh();
	let log = Log::default();
	admit(&mut book, &consumer, &order, &voucher, &log).unwrap();
	let order = consumer.order();
	let voucher = consumer.sign(&order);
	assert_eq!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::CapTooLow { needed: 2 * PRICE, cap: PRICE })
	);
	let voucher = consumer.pay(&order);
	assert!(admit(&mut book, &consumer, &order, &voucher, &log).is_ok());
}

#[test]
fn parallel_requests_may_arrive_in_any_order() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	let log = Log::default();
	let signed: Vec<_> = (0..5)
		.map(|_| {
			let order = consumer.order();
			let voucher = consumer.pay(&order);
			(order, voucher)
		})
		.collect();
	for (order, voucher) in signed.iter().rev() {
		admit(&mut book, &consumer, order, voucher, &log).unwrap();
	}
	assert_eq!(book.unsettled(), 5 * PRICE);
}

#[test]
fn only_so_much_may_be_unacknowledged() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	let terms = Terms { max_unacked: 2 * PRICE, ..consumer.terms() };
	book.observe(&consumer.channel, Some(terms));
	let mut log = Log::default();
	one(&mut book, &mut consumer, &mut log);
	let second = one(&mut book, &mut consumer, &mut log).receipt;
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	assert_eq!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::Unacknowledged { unacknowledged: 3 * PRICE, maximum: 2 * PRICE })
	);
	consumer.acknowledge(&second);
	let voucher = consumer.sign(&order);
	assert!(admit(&mut book, &consumer, &order, &voucher, &log).is_ok());
}

#[test]
fn acknowledgements_must_agree_with_receipts() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	let mut log = Log::default();
	let first = one(&mut book, &mut consumer, &mut log).receipt;
	let second = one(&mut book, &mut consumer, &mut log).receipt;
	let order = consumer.order();
	consumer.pay(&order);
	let mut ack = |ack_seq, ack_total| {
		let voucher = consumer.sign_with(&order, |voucher| {
			(voucher.ack_seq, voucher.ack_total) = (ack_seq, ack_total);
		});
		admit(&mut book, &consumer, &order, &voucher, &log)
	};
	assert_eq!(ack(3, 0), Err(Refusal::AckUnknown { ack_seq: 3, issued: 2 }));
	let mismatch = |total| Refusal::AckMismatch { ack_seq: 2, ack_total: 5, total };
	assert_eq!(ack(2, 5), Err(mismatch(second.total)));
	assert!(matches!(ack(0, 1), Err(Refusal::AckMismatch { total: 0, .. })));
	assert!(ack(1, first.total).is_ok());
}

#[test]
fn neither_cap_nor_acknowledgement_may_fall_alone() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	let mut log = Log::default();
	let first = one(&mut book, &mut consumer, &mut log).receipt;
	consumer.acknowledge(&first);
	let second = one(&mut book, &mut consumer, &mut log).receipt;
	let order = consumer.order();
	consumer.pay(&order);
	let fell = Err(Refusal::VoucherFell { cap: 2 * PRICE, ack_seq: 1 });
	// A higher cap with an older acknowledgement than one that was seen.
	let voucher = consumer.sign_with(&order, |it| (it.ack_seq, it.ack_total) = (0, 0));
	assert_eq!(admit(&mut book, &consumer, &order, &voucher, &log), fell);
	// A newer acknowledgement with a lower cap.
	let voucher = consumer.sign_with(&order, |it| {
		(it.cap, it.ack_seq, it.ack_total) = (PRICE, 2, second.total);
	});
	assert_eq!(admit(&mut book, &consumer, &order, &voucher, &log), fell);
}

#[test]
fn very_old_acknowledgements_are_no_longer_known() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	book.observe(&consumer.channel, Some(Terms { max_unacked: UFR, ..consumer.terms() }));
	let mut log = Log::default();
	for _ in 0..1_100 {
		let receipt = one(&mut book, &mut consumer, &mut log).receipt;
		consumer.acknowledge(&receipt);
		log.0.clear();
	}
	let order = consumer.order();
	let voucher = consumer.sign_with(&order, |it| {
		(it.cap, it.ack_seq, it.ack_total) = (PRICE, 1, PRICE);
	});
	assert!(matches!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::AckTooOld { ack_seq: 1, first: 75 })
	));
}

#[test]
fn receipts_that_cost_nothing_must_be_acknowledged_too() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	let log = Log::default();
	let mut last = None;
	for _ in 0..65_536 {
		let order = consumer.order();
		consumer.cap = PRICE;
		let voucher = consumer.sign(&order);
		let key = consumer.terms().key;
		book.admit(&order, &voucher, &key, &OPEN, &log, 0).unwrap();
		let id = order.request.request_id;
		last = book.complete(&consumer.channel, &id, served(0));
		book.landed(&consumer.channel, &id);
	}
	let order = consumer.order();
	let voucher = consumer.sign(&order);
	assert_eq!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::TooManyUnacknowledged { count: 65_536 })
	);
	consumer.acknowledge(&last.unwrap().receipt);
	let voucher = consumer.sign(&order);
	assert!(admit(&mut book, &consumer, &order, &voucher, &log).is_ok());
}

#[test]
fn the_escrow_must_cover_all_that_is_charged_and_in_flight() {
	let (mut book, mut consumer, order, voucher) = fresh();
	let log = Log::default();
	let terms = Terms { escrow: PRICE, ..consumer.terms() };
	book.observe(&consumer.channel, Some(terms.clone()));
	admit(&mut book, &consumer, &order, &voucher, &log).unwrap();
	let first = order.request.request_id;
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	assert_eq!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::EscrowTooLow { needed: 2 * PRICE, covered: PRICE, missing: PRICE })
	);
	// What is settled counts: it was paid out of the escrow.
	book.complete(&consumer.channel, &first, served(1)).unwrap();
	let terms = Terms { escrow: PRICE, settled_seq: 1, settled_total: PRICE, ..terms };
	book.observe(&consumer.channel, Some(terms));
	assert!(admit(&mut book, &consumer, &order, &voucher, &log).is_ok());
}

#[test]
fn the_bond_must_cover_what_is_unsettled() {
	let (mut book, mut consumer, order, voucher) = fresh();
	let log = Log::default();
	book.stand(Standing { bond: 2 * PRICE, free_bond: 2 * PRICE, ..standing() });
	admit(&mut book, &consumer, &order, &voucher, &log).unwrap();
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	assert_eq!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::BondTooLow { missing: PRICE, retry_s: 600 })
	);
	assert_eq!((bond_for(0), bond_for(1), bond_for(2), bond_for(3)), (0, 2, 3, 5));
	assert_eq!(bond_for(Balance::MAX), Balance::MAX);

	let refusal = refused(|book, _, _, _| book.stand(Standing { active: false, ..standing() }));
	assert_eq!(refusal, Refusal::OracleNotBonded { head: HEAD });
}

#[test]
fn a_paused_oracle_accepts_nothing_new_and_answers_what_it_has() {
	let (mut book, mut consumer, order, voucher) = fresh();
	let mut log = Log::default();
	book.stand(Standing { bond: 100 * PRICE, free_bond: 8 * PRICE, ..standing() });
	let Ok(Admission::Run(_)) = admit(&mut book, &consumer, &order, &voucher, &log) else {
		panic!("eight are spare, and five are enough")
	};
	let id = order.request.request_id;
	let completed = book.complete(&consumer.channel, &id, served(1)).unwrap();
	log.0.push(Record::Completed(completed, vec![]));
	book.landed(&consumer.channel, &id);

	// A request that is too large for the bond is refused and stops nobody else.
	let mut large = consumer.order();
	large.request.max_units = 5;
	let signed = consumer.clone().pay(&large);
	let refusal = admit(&mut book, &consumer, &large, &signed, &log);
	assert!(matches!(refusal, Err(Refusal::BondTooLow { .. })), "{refusal:?}");
	assert!(!book.paused());

	let unlocks = vec![(HEAD + 10, 90 * PRICE)];
	let low = Standing { bond: 100 * PRICE, free_bond: 6 * PRICE, unlocks, ..standing() };
	book.stand(low.clone());
	assert!(book.paused());
	let next = consumer.order();
	let paid = consumer.pay(&next);
	assert_eq!(
		admit(&mut book, &consumer, &next, &paid, &log),
		Err(Refusal::Paused { spare: 4_500, wanted: 10 * PRICE, retry_s: 30 })
	);
	assert_eq!(admit(&mut book, &consumer, &order, &voucher, &log), Ok(Admission::Answered(1)));
	assert_eq!(due(&book, &consumer.channel).unwrap().seq, 1, "what is due is settled");

	// The lock ends.
	book.stand(Standing { free_bond: 96 * PRICE, ..low });
	assert!(matches!(admit(&mut book, &consumer, &next, &paid, &log), Ok(Admission::Run(_))));
}

#[test]
fn a_log_that_lacks_settled_receipts_serves_nothing() {
	let refusal = refused(|book, consumer, _, _| {
		let terms = Terms { settled_seq: 1, settled_total: PRICE, ..consumer.terms() };
		book.observe(&consumer.channel, Some(terms));
	});
	assert_eq!(refusal, Refusal::LogBehindChain { settled: 1, held: 0 });
}

#[test]
fn a_closed_channel_waits_for_its_last_receipt() {
	let (mut book, consumer, order, voucher) = fresh();
	admit(&mut book, &consumer, &order, &voucher, &Log::default()).unwrap();
	assert!(!book.observe(&consumer.channel, None));
	assert_eq!(book.unsettled(), 0, "nothing of it can be paid any more");
	let id = order.request.request_id;
	assert!(book.complete(&consumer.channel, &id, served(1)).is_some());
	assert!(!book.observe(&consumer.channel, None));
	book.landed(&consumer.channel, &id);
	assert!(book.observe(&consumer.channel, None));
	audit(&book);
}

#[test]
fn the_age_of_what_is_unsettled_begins_anew_after_a_settlement() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	let mut log = Log::default();
	one(&mut book, &mut consumer, &mut log);
	one(&mut book, &mut consumer, &mut log);
	let settled =
		|settled_seq, settled_total| Some(Terms { settled_seq, settled_total, ..consumer.terms() });
	book.observe(&consumer.channel, settled(2, 2 * PRICE));
	assert_eq!(due(&book, &consumer.channel), None);
	assert_eq!(book.unsettled(), 0);
	one(&mut book, &mut consumer.clone(), &mut log);
	assert_eq!(due(&book, &consumer.channel).unwrap().settled_seq, 2);
}

#[test]
fn the_bond_is_low_below_a_quarter_until_there_is_a_third() {
	let standing = Standing { bond: 1_200, free_bond: 900, ..standing() };
	// 150 % of what is unsettled is set aside.
	assert_eq!((standing.spare_bond(0), standing.spare_bond(400)), (900, 300));
	assert_eq!(standing.spare_bond(601), 0);
	assert!(!standing.bond_is_low(400, false) && standing.bond_is_low(401, false));
	assert!(standing.bond_is_low(400, true) && standing.bond_is_low(334, true));
	assert!(!standing.bond_is_low(333, true));
	let unregistered = Standing::default();
	assert!(!unregistered.bond_is_low(0, false), "there is nothing to run out");
}

#[test]
fn a_channel_must_be_settled_before_it_closes_or_the_key_of_its_vouchers_ends() {
	let mut consumer = Consumer::new(1);
	let (mut book, mut log) = (book(&consumer), Log::default());
	one(&mut book, &mut consumer, &mut log);
	let channel = consumer.channel;
	let deadline = |book: &Book| due(book, &channel).unwrap().deadline;
	assert_eq!(deadline(&book), None);
	let terms = consumer.terms();
	let replaced = Terms { key: [3; 32], former_until: Some(700), ..terms.clone() };
	book.observe(&channel, Some(replaced.clone()));
	assert_eq!(deadline(&book), Some(700));
	book.observe(&channel, Some(Terms { closes_at: Some(600), ..replaced }));
	assert_eq!(deadline(&book), Some(600));
	// A former key is no matter once the newest voucher is of the present one.
	book.observe(&channel, Some(Terms { former_until: Some(700), ..terms }));
	one(&mut book, &mut consumer, &mut log);
	assert_eq!(deadline(&book), None);
}

/// The consumer's next key is final on the chain, which takes vouchers of the one before until that block.
fn replace_key(consumer: &mut Consumer, until: BlockNumber) -> Terms {
	consumer.key = ed25519_dalek::SigningKey::from_bytes(&[77; 32]);
	Terms { former_until: Some(until), ..consumer.terms() }
}

/// A book that the next process makes from the log.
fn restarted(log: &Log, consumer: &Consumer, terms: &Terms) -> Book {
	let mut book = Book::new(GENESIS, ORACLE, log.restore());
	book.stand(standing());
	book.adopt(consumer.channel, Some(terms.clone()), None).unwrap();
	book
}

#[test]
fn vouchers_are_verified_by_the_key_of_the_finalised_head() {
	let (mut book, mut consumer, order, voucher) = fresh();
	let channel = consumer.channel;
	assert_eq!(book.key(&channel), Some(consumer.key.verifying_key()));
	// With one in flight the account stays in the book.
	admit(&mut book, &consumer, &order, &voucher, &Log::default()).unwrap();
	let terms = replace_key(&mut consumer, HEAD + 700);
	let mut no_point = [0; 32];
	no_point[0] = 2;
	let unreadable = Terms { key: no_point, ..terms.clone() };
	let next = Some(consumer.key.verifying_key());
	for (terms, key) in [
		(Some(terms.clone()), next),
		(Some(Terms { escrow: PRICE, ..terms.clone() }), next),
		(Some(unreadable), None),
		(Some(terms.clone()), next),
		(None, None),
		(Some(terms), next),
	] {
		book.observe(&channel, terms);
		assert_eq!(book.key(&channel), key);
		audit(&book);
	}
}

#[test]
fn what_a_replaced_key_signed_covers_nothing_new() {
	let mut consumer = Consumer::new(1);
	let (mut running, mut log) = (book(&consumer), Log::default());
	// One request under the first key, with a cap for ten.
	consumer.cap = 9 * PRICE;
	let first = one(&mut running, &mut consumer, &mut log).receipt;
	let (channel, until) = (consumer.channel, HEAD + 700);
	let terms = replace_key(&mut consumer, until);
	running.observe(&channel, Some(terms.clone()));

	// The promises of the second key are below those of the first, which is soon worth nothing: while it
	// still counts, when it no longer does, and for an oracle that was down when it was replaced.
	let mut again = restarted(&log, &consumer, &terms);
	let ended = Terms { former_until: Some(HEAD), ..terms.clone() };
	let mut late = restarted(&log, &consumer, &ended);
	for book in [&mut running, &mut again, &mut late] {
		let unsettled = book.unsettled();
		for cap in [0, 2 * PRICE, 10 * PRICE - 1] {
			let order = consumer.order();
			let voucher = consumer.sign_with(&order, |it| it.cap = cap);
			assert_eq!(
				admit(book, &consumer, &order, &voucher, &log),
				Err(Refusal::VoucherFell { cap: 10 * PRICE, ack_seq: 0 })
			);
		}
		assert_eq!(book.unsettled(), unsettled);
	}
	// What the first key promised must be settled while it counts.
	let deadline = |book: &Book| due(book, &channel).unwrap().deadline;
	assert_eq!([&running, &again, &late].map(deadline), [Some(until), Some(until), None]);

	// The same promise of the second key covers what is new, and what came before.
	let order = consumer.order();
	let voucher = consumer.sign(&order);
	let admission = admit(&mut again, &consumer, &order, &voucher, &log).unwrap();
	let Admission::Run(accepted) = admission else { panic!("{admission:?}") };
	assert_eq!(deadline(&again), None);
	log.0.push(Record::Accepted(accepted));
	assert_eq!(log.restore()[0].voucher, Some(voucher), "all is settled with it");
	let mut again = restarted(&log, &consumer, &terms);
	assert_eq!(deadline(&again), None, "the voucher shows its key");

	// From now on those of the second key may come in any order, as ever.
	consumer.acknowledge(&first);
	let orders = [consumer.order(), consumer.order()];
	let vouchers = orders.each_ref().map(|order| consumer.pay(order));
	for (order, voucher) in orders.iter().zip(&vouchers).rev() {
		admit(&mut again, &consumer, order, voucher, &log).unwrap();
	}
}

#[test]
fn a_voucher_of_the_next_key_covers_itself_what_is_charged_and_in_flight() {
	let mut consumer = Consumer::new(1);
	let (mut book, mut log) = (book(&consumer), Log::default());
	one(&mut book, &mut consumer, &mut log);
	// In flight when the key is replaced.
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	admit(&mut book, &consumer, &order, &voucher, &log).unwrap();
	let terms = replace_key(&mut consumer, HEAD + 700);
	book.observe(&consumer.channel, Some(terms.clone()));
	let order = consumer.order();
	let voucher = consumer.sign(&order);
	assert_eq!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::CapTooLow { needed: 3 * PRICE, cap: 2 * PRICE })
	);
	let strict = Terms { max_unacked: 2 * PRICE, ..terms };
	book.observe(&consumer.channel, Some(strict));
	let voucher = consumer.pay(&order);
	assert_eq!(
		admit(&mut book, &consumer, &order, &voucher, &log),
		Err(Refusal::Unacknowledged { unacknowledged: 3 * PRICE, maximum: 2 * PRICE })
	);
}
