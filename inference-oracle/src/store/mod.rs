//! The log on disk: what was accepted, what was receipted, what was submitted for settlement.
//!
//! One thread appends (`writer`): it takes everything that waits, appends it to a file (`segment`) as
//! one group with one flush to the disk, and only then tells those who wait. Writes reach the disk in
//! the order in which they were sent; some wait for the next rather than wake the thread. A second thread brings the tables up to each segment that is
//! full, in one transaction, and removes it; what is not there yet is kept in memory too (`tail`). So
//! what must be waited for is one append, and the tables are written many requests at a time. Requests
//! are answered from both; who reads more asks for a [`Snapshot`], for which the tables are brought
//! up to the end of the log first. So are they when the log is opened.
//!
//! | table | key | value |
//! |---|---|---|
//! | `channels` | channel | last receipt and total, newest voucher, whether closed |
//! | `open` | channel, request id | a request accepted and without receipt |
//! | `receipts` | channel, seq | the request with its voucher, and its receipt |
//! | `outputs` | channel, seq | canonical tensors of the answer |
//! | `inputs` | channel, seq | profile, canonical tensors of the request, where the operator wants them kept |
//! | `profiles` | hash | how models were run that answered, as JSON |
//! | `expiring` | block, channel, seq | the last of the outputs from that one on that are kept until that block |
//! | `answered` | channel, request id | seq and request_commit |
//! | `failed` | channel, seq | nothing: receipts of status failed |
//! | `batches` | number | a settlement's exact arguments, and whether it is final |
//! | `closed` | channel | since which block: closed channels that hold more than their row |
//! | `meta` | name | the chain and the oracle this log belongs to, its format, the finalised block that was acted on last, the last segment that is in the tables |
//!
//! A settled receipt can be demanded for as long as its batch has a lock, which demands prolong; a
//! receipt that is gone takes the proofs of its whole batch with it; and a request that is forgotten
//! could be served twice under two numbers, which is slashed at any time. So a batch goes with its
//! receipts once the chain can ask for none of them, what was answered goes with its channel, and the
//! row of a channel stays for ever, so that no number of it is ever given twice (`kept`).

mod kept;
mod segment;
mod tables;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

use crate::{
	book::{Completed, History, RequestId, Restored},
	crash::{self, Point},
	private,
	settle::Batch,
};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};
use segment::Segment;
use std::{
	collections::HashMap,
	path::Path,
	sync::{mpsc, Arc, Mutex},
	thread::{JoinHandle, Thread},
};
use tables::{by_id, by_seq, decode, seq_of, ById, BySeq, ChannelRow};
use tokio::sync::oneshot;
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	usage::Receipt, AccountBytes, BatchNo, BlockNumber, ChannelId, Hash, Seq,
};

pub use kept::Limits;
pub use writer::Write;

/// Bytes of the database kept in memory.
const CACHE: usize = 64 << 20;
/// Full segments that may wait for the tables; then the writer waits for them.
const WAITING_SEGMENTS: usize = 1;
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
	/// It was made by another release.
	#[error(
		"the log has format {found}, but this release writes format {expected} and reads no other: \
		 settle what is in it with the release that made it, then give this one an empty data folder"
	)]
	Format {
		/// What it has; 1 if it does not say.
		found: u32,
		/// What this release has.
		expected: u32,
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
///
/// The writer is woken only when this is begun, waited for or dropped. Whoever writes under a lock can give it back
/// first: the writer, once woken, may take the place of the very thread that holds it.
pub struct Durable {
	done: oneshot::Receiver<Result<(), StoreError>>,
	wake: Option<Wake>,
}

/// Wakes the writer when it is dropped: whatever becomes of who sent a write, it is not left lying.
struct Wake(Thread);

impl Drop for Wake {
	fn drop(&mut self) {
		self.0.unpark();
	}
}

impl Durable {
	/// Has the writer begin, while something else is done.
	pub fn begun(self) -> Self {
		Self { wake: None, ..self }
	}

	/// Waits for it.
	pub async fn wait(self) -> Result<(), StoreError> {
		drop(self.wake);
		self.done.await.unwrap_or_else(|_| Err(stopped()))
	}

	/// Waits for it on a thread that may block.
	pub fn wait_blocking(self) -> Result<(), StoreError> {
		drop(self.wake);
		self.done.blocking_recv().unwrap_or_else(|_| Err(stopped()))
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
	shared: Arc<writer::Shared>,
	jobs: Option<mpsc::Sender<writer::Job>>,
	/// The thread that appends, which is woken after each job that is not added to another.
	writer: Thread,
	threads: Mutex<Vec<JoinHandle<()>>>,
}

fn stopped() -> StoreError {
	StoreError::Failed("the writer has stopped".into())
}

fn unopened(path: &Path, error: redb::DatabaseError) -> StoreError {
	match error {
		redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path.display().to_string()),
		error => error.into(),
	}
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
	Ok(std::thread::Builder::new().name(name.into()).spawn(work)?)
}

impl Store {
	/// The chain and the oracle that the log in the folder belongs to, and what is kept in it.
	pub fn made(folder: &Path) -> Result<(Hash, AccountBytes, Limits), StoreError> {
		let path = folder.join("oracle.redb");
		tables::made(&Database::open(&path).map_err(|error| unopened(&path, error))?)
	}

	/// As [`Store::made`], and without a change to anything: `None` if there is no log, or one that nobody
	/// closed.
	pub fn look(folder: &Path) -> Result<Option<(Hash, AccountBytes, Limits)>, StoreError> {
		let path = folder.join("oracle.redb");
		if !path.exists() {
			return Ok(None);
		}
		match redb::ReadOnlyDatabase::open(&path) {
			Ok(database) => tables::made(&database).map(Some),
			Err(redb::DatabaseError::RepairAborted) => Ok(None),
			Err(error) => Err(unopened(&path, error)),
		}
	}

	/// Gives what the log in the folder does not need back to the disk: its bytes before and after. No
	/// oracle may have it open.
	pub fn compact(folder: &Path) -> Result<(u64, u64), StoreError> {
		let path = folder.join("oracle.redb");
		let before = std::fs::metadata(&path)?.len();
		let mut database = Database::open(&path).map_err(|error| unopened(&path, error))?;
		while database.compact()? {}
		drop(database);
		Ok((before, std::fs::metadata(&path)?.len()))
	}

	/// Opens the log in the folder, or makes one, and returns what it holds.
	pub fn open(
		folder: &Path,
		genesis: &Hash,
		oracle: &AccountBytes,
		limits: Limits,
	) -> Result<(Self, Vec<Restored>), StoreError> {
		Self::open_to(folder, genesis, oracle, limits, true)
	}

	/// The same; without `flush` it is the system that decides when a group reaches the disk.
	pub fn open_to(
		folder: &Path,
		genesis: &Hash,
		oracle: &AccountBytes,
		limits: Limits,
		flush: bool,
	) -> Result<(Self, Vec<Restored>), StoreError> {
		crash::at(Point::Opening);
		let path = folder.join("oracle.redb");
		private::options().append(true).create(true).open(&path)?;
		// Whoever has the database has the files beside it.
		let database = redb::Builder::new().set_cache_size(CACHE).create(&path);
		let database = database.map_err(|error| unopened(&path, error))?;
		let database = Arc::new(database);
		tables::prepare(&database, genesis, oracle, &limits)?;
		crash::at(Point::TablesMade);
		let shared = Arc::new(writer::Shared::new(folder.into(), limits));
		let next = writer::recover(&shared, &database)?;
		let segment = Segment::begin(folder, next, flush)?;
		crash::at(Point::Recovered);

		let (jobs, queue) = mpsc::channel();
		let (full, filled) = mpsc::sync_channel(WAITING_SEGMENTS);
		let (sinking, tables) = (Arc::clone(&shared), Arc::clone(&database));
		let sinker = thread("log-tables", move || writer::sink(&sinking, &tables, &filled))?;
		// After all that can fail before there is a store: only that one wakes it to its end.
		let appending = Arc::clone(&shared);
		let appender = thread("log-writer", move || {
			writer::append(&appending, segment, &queue, &full);
		})?;
		let writer = appender.thread().clone();
		let threads = Mutex::new(vec![appender, sinker]);
		let store = Self { database, shared, jobs: Some(jobs), writer, threads };
		let restored = store.committed()?.restore()?;
		Ok((store, restored))
	}

	/// Sends writes to the disk, to be there together; returns at once. Calls that are ordered are
	/// written in that order, whoever waits first: who writes nothing waits for what was sent before.
	pub fn write(&self, writes: Vec<Write>) -> Durable {
		let (send, done) = oneshot::channel();
		// If the writer has stopped, `send` is dropped with the job, and the wait fails.
		let _ = self.send(writes, Some(send));
		Durable { done, wake: Some(Wake(self.writer.clone())) }
	}

	/// Has a write reach the disk with the next that is sent by [`Store::write`], and before that. Fails if it
	/// will not.
	pub fn add(&self, write: Write) -> Result<(), StoreError> {
		self.shared.check()?;
		self.send(vec![write], None)
	}

	fn send(
		&self,
		writes: Vec<Write>,
		done: Option<oneshot::Sender<Result<(), StoreError>>>,
	) -> Result<(), StoreError> {
		let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
		jobs.send(writer::Job::Write { writes, done }).map_err(|_| stopped())
	}

	/// Everything that was sent before the call. Blocks until the tables are up to it: up to some
	/// tenths of a second under load.
	pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
		let (done, wait) = mpsc::channel();
		if let Some(jobs) = &self.jobs {
			let _ = jobs.send(writer::Job::Sink(done));
		}
		self.writer.unpark();
		wait.recv().unwrap_or_else(|_| Err(stopped()))?;
		self.committed()
	}

	/// What is in the tables.
	fn committed(&self) -> Result<Snapshot, StoreError> {
		Ok(Snapshot(self.database.begin_read()?))
	}

	/// What the log holds of one channel, closed or not. Blocks as [`Store::snapshot`] does, if it has
	/// held any of it just now.
	pub fn channel(&self, channel: &ChannelId) -> Result<Option<Restored>, StoreError> {
		let recent = self.shared.tails().mention(channel);
		let snapshot = if recent { self.snapshot()? } else { self.committed()? };
		snapshot.channel(channel)
	}

	/// The answer whose receipt has this number, if it is still there.
	pub fn answer(&self, channel: &ChannelId, seq: Seq) -> Result<Option<Answer>, StoreError> {
		if let Some(answer) = self.shared.tails().answer(channel, seq) {
			return Ok(Some(answer));
		}
		// Looked for in this order, as that is how it moves.
		self.committed()?.answer(channel, seq)
	}
}

/// The log as it was at one time.
pub struct Snapshot(ReadTransaction);

impl Snapshot {
	/// What the log holds of one channel, closed or not.
	fn channel(&self, channel: &ChannelId) -> Result<Option<Restored>, StoreError> {
		let reading = &self.0;
		let row = reading
			.open_table(tables::CHANNELS)?
			.get(channel)?
			.map(|row| decode::<ChannelRow>("channels", &mut row.value()));
		match row.transpose()? {
			Some(row) => self.restore_channel(*channel, row).map(Some),
			None => Ok(None),
		}
	}

	/// The answer whose receipt has this number.
	fn answer(&self, channel: &ChannelId, seq: Seq) -> Result<Option<Answer>, StoreError> {
		let reading = &self.0;
		let key = by_seq(channel, seq);
		let receipts = reading.open_table(tables::RECEIPTS)?;
		let Some(row) = receipts.get(&key)? else { return Ok(None) };
		let completed = decode("receipts", &mut row.value())?;
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
		let reading = &self.0;
		let receipts = reading.open_table(tables::RECEIPTS)?;
		let row = receipts.get(&by_seq(channel, seq))?;
		row.map(|row| decode("receipts", &mut row.value())).transpose()
	}

	/// Reads the receipts `from..=to` of a channel in order, as far as they are on disk.
	pub fn receipts(
		&self,
		channel: &ChannelId,
		from: Seq,
		to: Seq,
		mut take: impl FnMut(Receipt),
	) -> Result<(), StoreError> {
		let reading = &self.0;
		let receipts = reading.open_table(tables::RECEIPTS)?;
		let (from, to) = (by_seq(channel, from), by_seq(channel, to));
		for row in receipts.range::<&BySeq>(&from..=&to)? {
			take(decode::<Completed>("receipts", &mut row?.1.value())?.receipt);
		}
		Ok(())
	}

	/// The newest voucher of a channel.
	pub fn newest_voucher(&self, channel: &ChannelId) -> Result<Option<SignedVoucher>, StoreError> {
		let reading = &self.0;
		let row = reading.open_table(tables::CHANNELS)?.get(channel)?;
		let row = row.map(|row| decode::<ChannelRow>("channels", &mut row.value())).transpose()?;
		Ok(row.and_then(|row| row.voucher))
	}

	/// The finalised block that was acted on last: its number and hash.
	pub fn head(&self) -> Result<Option<(u64, Hash)>, StoreError> {
		tables::head(&self.0.open_table(tables::META)?)
	}

	/// The settlement that was stored and is not final, if there is one.
	pub fn pending_batch(&self) -> Result<Option<Batch>, StoreError> {
		let reading = &self.0;
		let batches = reading.open_table(tables::BATCHES)?;
		let Some((_, row)) = batches.last()? else { return Ok(None) };
		let (is_final, batch): (bool, Batch) = decode("batches", &mut row.value())?;
		Ok((!is_final).then_some(batch))
	}

	/// The number after the last settlement that is final; that of the pending one, if there is one.
	pub fn next_batch(&self) -> Result<BatchNo, StoreError> {
		let batches = self.0.open_table(tables::BATCHES)?;
		let Some((no, row)) = batches.last()? else {
			let row = self.0.open_table(tables::META)?.get(tables::NEXT)?;
			return row.map_or(Ok(0), |row| decode("meta", &mut row.value()));
		};
		let (is_final, _): (bool, Batch) = decode("batches", &mut row.value())?;
		Ok(no.value().saturating_add(is_final.into()))
	}

	/// The canonical tensors of the request whose receipt has this number, and the hash of the profile
	/// under which it ran, if they are kept.
	pub fn input(
		&self,
		channel: &ChannelId,
		seq: Seq,
	) -> Result<Option<(Hash, Vec<u8>)>, StoreError> {
		let row = self.0.open_table(tables::INPUTS)?.get(&by_seq(channel, seq))?;
		Ok(row.map(|row| {
			let (profile, input) = row.value();
			(*profile, input.to_vec())
		}))
	}

	/// All profiles, by their hashes.
	pub fn profiles(&self) -> Result<HashMap<Hash, Vec<u8>>, StoreError> {
		let reading = &self.0;
		let mut found = HashMap::new();
		for entry in reading.open_table(tables::PROFILES)?.iter()? {
			let (hash, json) = entry?;
			found.insert(*hash.value(), json.value().to_vec());
		}
		Ok(found)
	}

	/// What is known of the profile of that hash.
	pub fn profile(&self, hash: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
		let row = self.0.open_table(tables::PROFILES)?.get(hash)?;
		Ok(row.map(|row| row.value().to_vec()))
	}

	/// Whether outputs may be there that are kept for no block from `before` on.
	pub fn expired(&self, before: BlockNumber) -> Result<bool, StoreError> {
		let expiring = self.0.open_table(tables::EXPIRING)?;
		let first = expiring.first()?.map(|(key, _)| *key.value());
		Ok(first.is_some_and(|key| key[..4] < before.to_be_bytes()[..]))
	}

	/// The oldest settlement, if it is final.
	pub fn oldest_batch(&self) -> Result<Option<Batch>, StoreError> {
		let batches = self.0.open_table(tables::BATCHES)?;
		let Some((_, row)) = batches.first()? else { return Ok(None) };
		let (is_final, batch): (bool, Batch) = decode("batches", &mut row.value())?;
		Ok(is_final.then_some(batch))
	}

	/// Whether the channel was closed.
	pub fn is_closed(&self, channel: &ChannelId) -> Result<bool, StoreError> {
		Ok(self.last_batch(channel)?.1)
	}

	/// The last settlement that claims receipts of the channel, and whether it is closed.
	fn last_batch(&self, channel: &ChannelId) -> Result<(Option<BatchNo>, bool), StoreError> {
		let row = self.0.open_table(tables::CHANNELS)?.get(channel)?;
		let row = row.map(|row| decode::<ChannelRow>("channels", &mut row.value())).transpose()?;
		Ok(row.map_or((None, false), |row| (row.last_batch, row.closed)))
	}

	/// Up to so many channels that were closed up to that block, hold more than their row and are in no
	/// settlement that is held.
	pub fn droppable(&self, until: BlockNumber, most: usize) -> Result<Vec<ChannelId>, StoreError> {
		let batches = self.0.open_table(tables::BATCHES)?;
		let oldest = batches.first()?.map_or(BatchNo::MAX, |(no, _)| no.value());
		let mut found = Vec::new();
		for row in self.0.open_table(tables::CLOSED)?.iter()? {
			let (channel, since) = row.map(|(channel, since)| (*channel.value(), since.value()))?;
			if found.len() == most {
				break;
			}
			if since <= until && self.last_batch(&channel)?.0.is_none_or(|last| last < oldest) {
				found.push(channel);
			}
		}
		Ok(found)
	}

	/// A settlement by its number.
	pub fn batch(&self, no: BatchNo) -> Result<Option<Batch>, StoreError> {
		let reading = &self.0;
		let batches = reading.open_table(tables::BATCHES)?;
		let row = batches.get(no)?.map(|row| decode::<(bool, Batch)>("batches", &mut row.value()));
		Ok(row.transpose()?.map(|(_, batch)| batch))
	}

	/// Everything the book must know to go on.
	fn restore(&self) -> Result<Vec<Restored>, StoreError> {
		let reading = &self.0;
		let mut restored = Vec::new();
		for entry in reading.open_table(tables::CHANNELS)?.iter()? {
			let (key, row) = entry?;
			let row: ChannelRow = decode("channels", &mut row.value())?;
			if !row.closed {
				restored.push(self.restore_channel(*key.value(), row)?);
			}
		}
		Ok(restored)
	}

	fn restore_channel(
		&self,
		channel_id: ChannelId,
		row: ChannelRow,
	) -> Result<Restored, StoreError> {
		let reading = &self.0;
		let acknowledged = row.voucher.as_ref().map_or(0, |signed| signed.voucher.ack_seq);
		let from = by_seq(&channel_id, acknowledged.saturating_sub(RESTORED_TOTALS).max(1));
		let to = by_seq(&channel_id, row.seq);
		let mut totals = Vec::new();
		let receipts = reading.open_table(tables::RECEIPTS)?;
		for entry in receipts.range::<&BySeq>(&from..=&to)? {
			let completed: Completed = decode("receipts", &mut entry?.1.value())?;
			totals.push(completed.receipt.total);
		}
		let mut open = Vec::new();
		let requests = reading.open_table(tables::OPEN)?;
		let (first, last) = (by_id(&channel_id, &[0; 16]), by_id(&channel_id, &[255; 16]));
		for entry in requests.range::<&ById>(&first..=&last)? {
			open.push(decode("open", &mut entry?.1.value())?);
		}
		let mut failed = Vec::new();
		let (from, to) =
			(by_seq(&channel_id, row.past.saturating_add(1)), by_seq(&channel_id, row.seq));
		for entry in reading.open_table(tables::FAILED)?.range::<&BySeq>(&from..=&to)? {
			failed.push(seq_of(entry?.0.value()));
		}
		Ok(Restored {
			channel_id,
			seq: row.seq,
			total: row.total,
			voucher: row.voucher,
			totals,
			open,
			failed,
			dropped: row.dropped,
		})
	}
}

impl Drop for Store {
	/// Writes what was sent, brings the tables up to it, then stops.
	fn drop(&mut self) {
		self.jobs = None;
		self.writer.unpark();
		if let Ok(mut threads) = self.threads.lock() {
			for thread in threads.drain(..) {
				let _ = thread.join();
			}
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
		let key = by_id(channel, id);
		if let Some(answered) = self.shared.tails().answered(&key) {
			return Ok(Some(answered));
		}
		let row = self.committed()?.0.open_table(tables::ANSWERED)?.get(&key)?;
		Ok(row.map(|row| {
			let (seq, commit) = row.value();
			(seq, *commit)
		}))
	}
}
