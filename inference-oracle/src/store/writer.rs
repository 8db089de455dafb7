//! The one thread that writes: group commit.

use super::{
	tables::{self, by_id, by_seq, decode, BySeq, ChannelRow},
	StoreError,
};
use crate::{
	book::{rank, Record},
	crash::{self, Point},
	settle::Batch,
};
use codec::Encode;
use redb::{Database, ReadableTable, WriteTransaction};
use std::{
	collections::HashMap,
	sync::mpsc::{Receiver, TryRecvError},
};
use tokio::sync::oneshot;
use usufruct_primitives::{BatchNo, ChannelId, Seq};

/// The most jobs in one commit; those that wait longer go into the next.
const MAX_JOBS: usize = 1_024;

/// One change of the log.
#[derive(Clone, Debug)]
pub enum Write {
	/// A step of the book.
	Book(Record),
	/// A settlement that is going to be submitted: exactly these arguments.
	Batch(Batch),
	/// The settlement of this number is final.
	BatchFinal(BatchNo),
	/// The settlement of this number was refused by a finalised block; its receipts go into another.
	BatchRefused(BatchNo),
	/// The outputs up to this receipt are no longer needed.
	Forget(ChannelId, Seq),
}

impl Write {
	/// The points before and after the commit that it is part of.
	fn points(&self) -> Option<(Point, Point)> {
		Some(match self {
			Self::Book(Record::Accepted(_)) => (Point::AcceptanceWriting, Point::AcceptanceWritten),
			Self::Book(Record::Completed(..)) => (Point::ReceiptWriting, Point::ReceiptWritten),
			Self::Book(Record::Closed(_)) => (Point::ClosingWriting, Point::ClosingWritten),
			Self::Batch(_) => (Point::BatchWriting, Point::BatchWritten),
			Self::BatchFinal(_) => (Point::FinalityWriting, Point::FinalityWritten),
			Self::BatchRefused(_) => (Point::RefusalWriting, Point::RefusalWritten),
			// Sent with what makes it possible.
			Self::Forget(..) => return None,
		})
	}
}

pub(super) struct Job {
	pub writes: Vec<Write>,
	pub done: oneshot::Sender<Result<(), StoreError>>,
}

/// Runs until all senders are gone. After a failure nothing is written any more: the book has gone
/// on, and a later record would leave a gap.
pub(super) fn run(database: &Database, queue: &Receiver<Job>) {
	let mut failure = None;
	while let Ok(first) = queue.recv() {
		let mut jobs = vec![first];
		while jobs.len() < MAX_JOBS {
			match queue.try_recv() {
				Ok(job) => jobs.push(job),
				Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
			}
		}
		let result = match &failure {
			Some(error) => Err(StoreError::clone(error)),
			None => commit(database, &jobs),
		};
		if let Err(error) = &result {
			failure = Some(error.clone());
		}
		for job in jobs {
			// Whoever no longer waits does not need to know.
			let _ = job.done.send(result.clone());
		}
	}
}

fn commit(database: &Database, jobs: &[Job]) -> Result<(), StoreError> {
	let writes = || jobs.iter().flat_map(|job| &job.writes);
	let writing = database.begin_write()?;
	let mut rows = Rows::new(&writing);
	for write in writes() {
		match write {
			Write::Book(record) => book(&writing, &mut rows, record)?,
			Write::Batch(batch) => put_batch(&writing, batch, false)?,
			Write::BatchFinal(no) => {
				let batch = take_batch(&writing, *no)?;
				if let Some(batch) = batch {
					put_batch(&writing, &batch, true)?;
				}
			},
			Write::BatchRefused(no) => {
				take_batch(&writing, *no)?;
			},
			Write::Forget(channel, seq) => {
				let mut outputs = writing.open_table(tables::OUTPUTS)?;
				let (from, to) = (by_seq(channel, 0), by_seq(channel, *seq));
				outputs.retain_in::<&BySeq, _>(&from..=&to, |_, _| {
					crash::at(Point::OutputsForgetting);
					false
				})?;
			},
		}
	}
	rows.store()?;
	writes().filter_map(Write::points).for_each(|(before, _)| crash::at(before));
	writing.commit()?;
	writes().filter_map(Write::points).for_each(|(_, after)| crash::at(after));
	Ok(())
}

fn book(writing: &WriteTransaction, rows: &mut Rows, record: &Record) -> Result<(), StoreError> {
	match record {
		Record::Accepted(accepted) => {
			let (channel, id) = accepted.key();
			let row = rows.get(&channel)?;
			if row.voucher.as_ref().is_none_or(|held| rank(&accepted.voucher) > rank(held)) {
				row.voucher = Some(accepted.voucher.clone());
			}
			row.closed = false;
			let mut open = writing.open_table(tables::OPEN)?;
			open.insert(&by_id(&channel, &id), accepted.encode().as_slice())?;
		},
		Record::Completed(completed, output) => {
			let (channel, id) = completed.accepted.key();
			let receipt = &completed.receipt;
			let row = rows.get(&channel)?;
			row.seq = receipt.seq;
			row.total = receipt.total;
			let (by_id, by_seq) = (by_id(&channel, &id), by_seq(&channel, receipt.seq));
			writing.open_table(tables::OPEN)?.remove(&by_id)?;
			writing.open_table(tables::RECEIPTS)?.insert(&by_seq, completed.encode().as_slice())?;
			writing
				.open_table(tables::ANSWERED)?
				.insert(&by_id, (receipt.seq, &receipt.request_commit))?;
			if !output.is_empty() {
				writing.open_table(tables::OUTPUTS)?.insert(&by_seq, output.as_slice())?;
			}
		},
		Record::Closed(channel) => rows.get(channel)?.closed = true,
	}
	Ok(())
}

fn put_batch(writing: &WriteTransaction, batch: &Batch, is_final: bool) -> Result<(), StoreError> {
	let row = (is_final, batch).encode();
	writing.open_table(tables::BATCHES)?.insert(batch.no, row.as_slice())?;
	Ok(())
}

fn take_batch(writing: &WriteTransaction, no: BatchNo) -> Result<Option<Batch>, StoreError> {
	let mut batches = writing.open_table(tables::BATCHES)?;
	let row = batches.remove(no)?.map(|row| decode::<(bool, Batch)>("batches", row.value()));
	Ok(row.transpose()?.map(|(_, batch)| batch))
}

/// The channels' rows that one commit changes, each read and written once.
struct Rows<'a> {
	writing: &'a WriteTransaction,
	changed: HashMap<ChannelId, ChannelRow>,
}

impl<'a> Rows<'a> {
	fn new(writing: &'a WriteTransaction) -> Self {
		Self { writing, changed: HashMap::new() }
	}

	fn get(&mut self, channel: &ChannelId) -> Result<&mut ChannelRow, StoreError> {
		use std::collections::hash_map::Entry;
		match self.changed.entry(*channel) {
			Entry::Occupied(entry) => Ok(entry.into_mut()),
			Entry::Vacant(entry) => {
				let channels = self.writing.open_table(tables::CHANNELS)?;
				let row = channels.get(channel)?.map(|row| decode("channels", row.value()));
				Ok(entry.insert(row.transpose()?.unwrap_or_default()))
			},
		}
	}

	fn store(self) -> Result<(), StoreError> {
		let mut channels = self.writing.open_table(tables::CHANNELS)?;
		for (channel, row) in self.changed {
			channels.insert(&channel, row.encode().as_slice())?;
		}
		Ok(())
	}
}
