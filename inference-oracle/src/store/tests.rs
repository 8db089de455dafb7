//! Tests of the log, a file per theme, and what they share.

mod disk;
mod outputs;
mod receipts;
mod written;

use super::*;
use crate::{
	book::{Accepted, Admission, Book, Offer, Outcome, Record},
	testing::{standing, Consumer, GENESIS, ORACLE, PRICE},
};
use usufruct_primitives::Status;

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
