//! The log on disk: what was accepted, what was receipted, what was submitted for settlement.
//!
//! One thread writes (`writer`): it takes everything that waits, commits it at once, with one flush
//! to the disk, and only then tells those who wait. Records reach the disk in the order in which
//! they were sent. Reads see what is committed.
//!
//! | table | key | value |
//! |---|---|---|
//! | `channels` | channel | last receipt and total, newest voucher, whether closed |
//! | `open` | channel, request id | a request accepted and without receipt |
//! | `receipts` | channel, seq | the request with its voucher, and its receipt |
//! | `outputs` | channel, seq | canonical tensors of the answer, until acknowledged and settled |
//! | `answered` | channel, request id | seq and request_commit |
//! | `batches` | number | a settlement's exact arguments, and whether it is final |
//! | `meta` | name | the chain and the oracle this log belongs to |
//!
//! Receipts, what was answered, and batches are never deleted. A settled receipt can be demanded for
//! as long as its batch has a lock, which demands prolong; a receipt that is gone takes the proofs of
//! its whole batch with it; and a request that is forgotten could be served twice under two numbers,
//! which is slashed at any time.

mod tables;
#[cfg(test)]
mod tests;
mod writer;

use crate::{
	book::{Completed, History, RequestId, Restored},
	crash::{self, Point},
	settle::Batch,
};
use redb::{Database, ReadableDatabase, ReadableTable};
use std::{
	path::Path,
	sync::{mpsc, Arc, Mutex},
	thread::JoinHandle,
};
use tables::{by_id, by_seq, decode, ById, BySeq, ChannelRow};
use tokio::sync::oneshot;
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{usage::Receipt, AccountBytes, BatchNo, ChannelId, Hash, Seq};

pub use writer::Write;

/// Bytes of the database kept in memory.
const CACHE: usize = 64 << 20;
/// How far before the newest acknowledgement totals are restored; as far as the book keeps them.
const RESTORED_TOTALS: u64 = 1_024;

/// The log cannot be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
	/// Another process uses it.
	#[error("{0} is in use; stop the other oracle, or give this one a data folder of its own")]
	InUse(String),
	/// It was made by another oracle or for another chain.
	#[error(
		"the log belongs to {found}, but this oracle is {expected}; give each its own data folder"
	)]
	Foreign {
		/// Whose it is.
		found: String,
		/// Who asks.
		expected: String,
	},
	/// A row cannot be read.
	#[error(
		"the log holds a row of '{0}' that cannot be read; restore the data folder from a copy"
	)]
	Corrupt(&'static str),
	/// The disk or the database failed.
	#[error("the log cannot be read or written: {0}; see to the disk and start the oracle again")]
	Failed(String),
}

impl<E: Into<redb::Error>> From<E> for StoreError {
	fn from(error: E) -> Self {
		Self::Failed(error.into().to_string())
	}
}

/// Resolves once a write is on disk.
pub struct Durable(oneshot::Receiver<Result<(), StoreError>>);

impl Durable {
	/// Waits for it.
	pub async fn wait(self) -> Result<(), StoreError> {
		self.0.await.unwrap_or_else(|_| Err(StoreError::Failed("the writer has stopped".into())))
	}

	/// Waits for it on a thread that may block.
	pub fn wait_blocking(self) -> Result<(), StoreError> {
		self.0
			.blocking_recv()
			.unwrap_or_else(|_| Err(StoreError::Failed("the writer has stopped".into())))
	}
}

/// What the log says of an answered request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// The request and its receipt.
	pub completed: Completed,
	/// The canonical tensors of the output; `None` once they are no longer kept.
	pub output: Option<Vec<u8>>,
}

/// See the module.
pub struct Store {
	database: Arc<Database>,
	jobs: Option<mpsc::Sender<writer::Job>>,
	writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
	/// Opens the log at `path`, or makes one, and returns what it holds.
	pub fn open(
		path: &Path,
		genesis: &Hash,
		oracle: &AccountBytes,
	) -> Result<(Self, Vec<Restored>), StoreError> {
		crash::at(Point::Opening);
		let database = redb::Builder::new().set_cache_size(CACHE).create(path).map_err(
			|error| match error {
				redb::DatabaseError::DatabaseAlreadyOpen => {
					StoreError::InUse(path.display().to_string())
				},
				error => error.into(),
			},
		)?;
		let database = Arc::new(database);
		tables::prepare(&database, genesis, oracle)?;
		crash::at(Point::TablesMade);
		let (jobs, queue) = mpsc::channel();
		let writing = Arc::clone(&database);
		let writer = std::thread::Builder::new()
			.name("log-writer".into())
			.spawn(move || writer::run(&writing, &queue))
			.map_err(|error| StoreError::Failed(error.to_string()))?;
		let store = Self { database, jobs: Some(jobs), writer: Mutex::new(Some(writer)) };
		let restored = store.restore()?;
		Ok((store, restored))
	}

	/// Sends writes to the disk, to be committed together; returns at once. Calls that are ordered
	/// are written in that order.
	pub fn write(&self, writes: Vec<Write>) -> Durable {
		let (done, wait) = oneshot::channel();
		if let Some(jobs) = &self.jobs {
			// If the writer has stopped, `done` is dropped with the job, and the wait fails.
			let _ = jobs.send(writer::Job { writes, done });
		}
		Durable(wait)
	}

	/// What the log holds of one channel, closed or not.
	pub fn channel(&self, channel: &ChannelId) -> Result<Option<Restored>, StoreError> {
		let reading = self.database.begin_read()?;
		let row = reading
			.open_table(tables::CHANNELS)?
			.get(channel)?
			.map(|row| decode::<ChannelRow>("channels", row.value()));
		match row.transpose()? {
			Some(row) => self.restore_channel(&reading, *channel, row).map(Some),
			None => Ok(None),
		}
	}

	/// The answer whose receipt has this number.
	pub fn answer(&self, channel: &ChannelId, seq: Seq) -> Result<Option<Answer>, StoreError> {
		let reading = self.database.begin_read()?;
		let key = by_seq(channel, seq);
		let receipts = reading.open_table(tables::RECEIPTS)?;
		let Some(row) = receipts.get(&key)? else { return Ok(None) };
		let completed = decode("receipts", row.value())?;
		let output =
			reading.open_table(tables::OUTPUTS)?.get(&key)?.map(|row| row.value().to_vec());
		Ok(Some(Answer { completed, output }))
	}

	/// The request and its receipt of this number.
	pub fn completed(
		&self,
		channel: &ChannelId,
		seq: Seq,
	) -> Result<Option<Completed>, StoreError> {
		let reading = self.database.begin_read()?;
		let receipts = reading.open_table(tables::RECEIPTS)?;
		let row = receipts.get(&by_seq(channel, seq))?;
		row.map(|row| decode("receipts", row.value())).transpose()
	}

	/// Reads the receipts `from..=to` of a channel in order, as far as they are on disk.
	pub fn receipts(
		&self,
		channel: &ChannelId,
		from: Seq,
		to: Seq,
		mut take: impl FnMut(Receipt),
	) -> Result<(), StoreError> {
		let reading = self.database.begin_read()?;
		let receipts = reading.open_table(tables::RECEIPTS)?;
		let (from, to) = (by_seq(channel, from), by_seq(channel, to));
		for row in receipts.range::<&BySeq>(&from..=&to)? {
			take(decode::<Completed>("receipts", row?.1.value())?.receipt);
		}
		Ok(())
	}

	/// The newest voucher of a channel.
	pub fn newest_voucher(&self, channel: &ChannelId) -> Result<Option<SignedVoucher>, StoreError> {
		let reading = self.database.begin_read()?;
		let row = reading.open_table(tables::CHANNELS)?.get(channel)?;
		let row = row.map(|row| decode::<ChannelRow>("channels", row.value())).transpose()?;
		Ok(row.and_then(|row| row.voucher))
	}

	/// The settlement that was stored and is not final, if there is one.
	pub fn pending_batch(&self) -> Result<Option<Batch>, StoreError> {
		let reading = self.database.begin_read()?;
		let batches = reading.open_table(tables::BATCHES)?;
		let Some((_, row)) = batches.last()? else { return Ok(None) };
		let (is_final, batch): (bool, Batch) = decode("batches", row.value())?;
		Ok((!is_final).then_some(batch))
	}

	/// A settlement by its number.
	pub fn batch(&self, no: BatchNo) -> Result<Option<Batch>, StoreError> {
		let reading = self.database.begin_read()?;
		let batches = reading.open_table(tables::BATCHES)?;
		let row = batches.get(no)?.map(|row| decode::<(bool, Batch)>("batches", row.value()));
		Ok(row.transpose()?.map(|(_, batch)| batch))
	}

	/// Everything the book must know to go on.
	fn restore(&self) -> Result<Vec<Restored>, StoreError> {
		let reading = self.database.begin_read()?;
		let mut restored = Vec::new();
		for entry in reading.open_table(tables::CHANNELS)?.iter()? {
			let (key, row) = entry?;
			let row: ChannelRow = decode("channels", row.value())?;
			if !row.closed {
				restored.push(self.restore_channel(&reading, *key.value(), row)?);
			}
		}
		Ok(restored)
	}

	fn restore_channel(
		&self,
		reading: &redb::ReadTransaction,
		channel_id: ChannelId,
		row: ChannelRow,
	) -> Result<Restored, StoreError> {
		let acknowledged = row.voucher.as_ref().map_or(0, |signed| signed.voucher.ack_seq);
		let from = by_seq(&channel_id, acknowledged.saturating_sub(RESTORED_TOTALS).max(1));
		let to = by_seq(&channel_id, row.seq);
		let mut totals = Vec::new();
		let receipts = reading.open_table(tables::RECEIPTS)?;
		for entry in receipts.range::<&BySeq>(&from..=&to)? {
			let completed: Completed = decode("receipts", entry?.1.value())?;
			totals.push(completed.receipt.total);
		}
		let mut open = Vec::new();
		let requests = reading.open_table(tables::OPEN)?;
		let (first, last) = (by_id(&channel_id, &[0; 16]), by_id(&channel_id, &[255; 16]));
		for entry in requests.range::<&ById>(&first..=&last)? {
			open.push(decode("open", entry?.1.value())?);
		}
		Ok(Restored {
			channel_id,
			seq: row.seq,
			total: row.total,
			voucher: row.voucher,
			totals,
			open,
		})
	}
}

impl Drop for Store {
	/// Writes what was sent, then stops.
	fn drop(&mut self) {
		self.jobs = None;
		if let Some(writer) = self.writer.lock().ok().and_then(|mut writer| writer.take()) {
			let _ = writer.join();
		}
	}
}

impl History for Store {
	type Error = StoreError;

	fn answered(
		&self,
		channel: &ChannelId,
		id: &RequestId,
	) -> Result<Option<(Seq, Hash)>, StoreError> {
		let reading = self.database.begin_read()?;
		let row = reading.open_table(tables::ANSWERED)?.get(&by_id(channel, id))?;
		Ok(row.map(|row| {
			let (seq, commit) = row.value();
			(seq, *commit)
		}))
	}
}
