//! Somebody sends what fails, again and again: it costs nothing, and is bounded.

use super::*;
use ed25519_dalek::SigningKey;

/// Sends one request, which fails.
fn fail(book: &mut Book, consumer: &mut Consumer) -> Result<(), Refusal> {
	let order = consumer.order();
	let voucher = consumer.pay(&order);
	let key = consumer.terms().key;
	let accepted = match book.admit(&order, &voucher, &key, &OPEN, &Log::default(), 500) {
		Ok(Admission::Run(accepted)) => accepted,
		Ok(other) => panic!("{other:?}"),
		Err(NotAdmitted::Refused(refusal)) => return Err(refusal),
		Err(NotAdmitted::History(never)) => match never {},
	};
	let (channel, id) = accepted.key();
	let completed = book.complete(&channel, &id, Outcome::failed(&accepted.salt, 1, 1)).unwrap();
	assert_eq!((completed.receipt.amount, completed.receipt.total), (0, 0));
	book.landed(&channel, &id);
	Ok(())
}

fn flood(book: &mut Book, consumer: &mut Consumer, count: u64) {
	(0..count).for_each(|_| fail(book, consumer).unwrap());
	audit(book);
}

/// Another channel that the same key pays from.
fn another(of: &Consumer, salt: u64) -> Consumer {
	Consumer { key: of.key.clone(), ..Consumer::new(salt) }
}

#[test]
fn a_channel_has_so_many_failed_receipts_and_no_more_until_some_are_settled() {
	let mut consumer = Consumer::new(1);
	let mut book = book(&consumer);
	flood(&mut book, &mut consumer, MOST_OF_CHANNEL);
	let refusal = fail(&mut book, &mut consumer).unwrap_err();
	let expected = Refusal::TooManyFailed { count: MOST_OF_CHANNEL, whose: "this channel" };
	assert_eq!((refusal.retry_s(), refusal), (Some(600), expected));
	let position = book.position(&consumer.channel).unwrap();
	assert_eq!((position.seq, position.total, position.in_flight), (MOST_OF_CHANNEL, 0, 0));
	// Others pay from their own.
	let mut other = Consumer::new(2);
	book.adopt(other.channel, Some(other.terms()), None).unwrap();
	fail(&mut book, &mut other).unwrap();
	// What is settled makes room for as many.
	let terms = Terms { settled_seq: 10, ..consumer.terms() };
	book.observe(&consumer.channel, Some(terms));
	flood(&mut book, &mut consumer, 10);
	assert!(fail(&mut book, &mut consumer).is_err());
}

#[test]
fn one_key_cannot_have_more_by_more_channels() {
	let mut first = Consumer::new(1);
	let mut book = book(&first);
	flood(&mut book, &mut first, MOST_OF_CHANNEL);
	for salt in 2..=MOST_OF_KEY / MOST_OF_CHANNEL {
		let mut next = another(&first, salt);
		book.adopt(next.channel, Some(next.terms()), None).unwrap();
		flood(&mut book, &mut next, MOST_OF_CHANNEL);
	}
	let mut last = another(&first, 100);
	book.adopt(last.channel, Some(last.terms()), None).unwrap();
	let whose = "the channels of this channel's key";
	let expected = Refusal::TooManyFailed { count: MOST_OF_KEY, whose };
	assert_eq!(fail(&mut book, &mut last), Err(expected));
	// A channel that is gone takes its own with it, and one whose key is replaced too.
	assert!(book.observe(&first.channel, None));
	assert_eq!(fail(&mut book, &mut last), Ok(()));
	audit(&book);
	let second = another(&first, 2);
	let key = SigningKey::from_bytes(&[77; 32]).verifying_key().to_bytes();
	book.observe(&second.channel, Some(Terms { key, ..second.terms() }));
	audit(&book);
	assert_eq!(book.failures.of(&key), MOST_OF_CHANNEL);
	assert_eq!(book.failures.of(&first.terms().key), MOST_OF_KEY - 2 * MOST_OF_CHANNEL + 1);
}
