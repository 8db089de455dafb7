//! The two threads that write: one appends to the log, one brings the tables up to it.

use super::{
	segment::Segment,
	tables,
	tail::{Tail, Tails},
	Limits, StoreError,
};
use crate::{
	book::Record,
	crash::{self, Point},
	settle::Batch,
};
use codec::{Decode, Encode};
use redb::Database;
use std::{
	path::PathBuf,
	sync::{
		mpsc::{Receiver, Sender, SyncSender, TryRecvError},
		Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
	},
};
use tokio::sync::oneshot;
use usufruct_primitives::{BatchNo, BlockNumber, ChannelId, Hash, Seq};

/// The most jobs in one group; those that wait longer go into the next.
pub(super) const MAX_JOBS: usize = 4_096;
/// A segment is done with so many writes, or so many bytes of outputs, whatever comes first: they are
/// kept in memory until they are in the tables. Nor does a group take more bytes.
const MAX_WRITES: usize = 16_384;
const MAX_BYTES: usize = 16 << 20;

/// One change of the log.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Write {
	/// A step of the book.
	Book(Record),
	/// A settlement that is going to be submitted: exactly these arguments.
	Batch(Batch),
	/// The settlement of this number is final.
	BatchFinal(BatchNo),
	/// The settlement of this number was refused by a finalised block; its receipts go into another.
	BatchRefused(BatchNo),
	/// The input of the receipt of this number, and the hash of the profile under which it ran, to be kept
	/// as long as its output is.
	Input(ChannelId, Seq, Hash, Vec<u8>),
	/// A profile under which models run: its hash, and its JSON form.
	Profile(Hash, Vec<u8>),
	/// Outputs that are kept for no block from this one on are removed.
	Expire(BlockNumber),
	/// Nothing of this settlement, the oldest, can be demanded any more, and its channels are settled up to
	/// those numbers: what of them nobody can ask for is removed.
	Prune(BatchNo, Vec<(ChannelId, Seq)>),
	/// What is left of a channel that is closed is removed.
	Drop(ChannelId),
	/// The finalised block that was acted on last: its number and hash.
	Head(u64, Hash),
}

impl Write {
	/// Bytes of the output or input in it.
	pub fn bytes(&self) -> usize {
		match self {
			Self::Book(Record::Completed(_, output)) => output.len(),
			Self::Input(.., input) => input.len(),
			_ => 0,
		}
	}

	/// The points before it is in the log, and after.
	fn points(&self) -> (Point, Point) {
		match self {
			Self::Book(Record::Accepted(_)) => (Point::AcceptanceWriting, Point::AcceptanceWritten),
			Self::Book(Record::Completed(..)) => (Point::ReceiptWriting, Point::ReceiptWritten),
			Self::Book(Record::Closed(..)) => (Point::ClosingWriting, Point::ClosingWritten),
			Self::Batch(_) => (Point::BatchWriting, Point::BatchWritten),
			Self::BatchFinal(_) => (Point::FinalityWriting, Point::FinalityWritten),
			Self::BatchRefused(_) => (Point::RefusalWriting, Point::RefusalWritten),
			Self::Profile(..) => (Point::ProfileWriting, Point::ProfileWritten),
			Self::Input(..) => (Point::InputWriting, Point::InputWritten),
			Self::Expire(_) => (Point::ExpiryWriting, Point::ExpiryWritten),
			Self::Prune(..) => (Point::PruningWriting, Point::PruningWritten),
			Self::Drop(_) => (Point::DropWriting, Point::DropWritten),
			Self::Head(..) => (Point::HeadWriting, Point::HeadWritten),
		}
	}
}

/// What is asked of the thread that appends.
pub(super) enum Job {
	/// To write these, together, and to say so; or together with the next, if there is nobody to be told.
	Write { writes: Vec<Write>, done: Option<oneshot::Sender<Result<(), StoreError>>> },
	/// To have everything before this in the tables.
	Sink(Sender<Result<(), StoreError>>),
}

/// A segment that nothing is added to any more.
pub(super) struct Full {
	/// Its number and its writes; nothing, if there were none.
	segment: Option<(u64, Arc<Tail>)>,
	done: Option<Sender<Result<(), StoreError>>>,
}

/// What both threads and all readers share.
#[derive(Default)]
pub(super) struct Shared {
	pub folder: PathBuf,
	limits: Limits,
	tails: RwLock<Tails>,
	failure: Mutex<Option<StoreError>>,
}

impl Shared {
	pub fn new(folder: PathBuf, limits: Limits) -> Self {
		Self { folder, limits, ..Self::default() }
	}

	pub fn tails(&self) -> RwLockReadGuard<'_, Tails> {
		self.tails.read().unwrap_or_else(PoisonError::into_inner)
	}

	fn tails_mut(&self) -> RwLockWriteGuard<'_, Tails> {
		self.tails.write().unwrap_or_else(PoisonError::into_inner)
	}

	fn failure(&self) -> MutexGuard<'_, Option<StoreError>> {
		self.failure.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Why nothing is written any more, if that is so.
	pub fn check(&self) -> Result<(), StoreError> {
		self.failure().clone().map_or(Ok(()), Err)
	}

	/// After a failure nothing is written any more: the book has gone on, and a later record would
	/// leave a gap.
	fn unless_failed<T>(
		&self,
		work: impl FnOnce() -> Result<T, StoreError>,
	) -> Result<T, StoreError> {
		self.check()?;
		let result = work();
		if let Err(error) = &result {
			self.failure().get_or_insert_with(|| error.clone());
		}
		result
	}
}

/// What is appended at once.
#[derive(Default)]
struct Group {
	writes: Vec<Write>,
	/// Bytes of their outputs and inputs.
	bytes: usize,
	jobs: usize,
	waiting: Vec<oneshot::Sender<Result<(), StoreError>>>,
	sink: Option<Sender<Result<(), StoreError>>>,
}

impl Group {
	/// Takes a job and those that wait behind it, as far as they fit.
	fn take(&mut self, first: Job, queue: &Receiver<Job>) {
		let mut next = Some(first);
		while let Some(job) = next {
			match job {
				Job::Write { mut writes, done } => {
					self.bytes += writes.iter().map(Write::bytes).sum::<usize>();
					self.writes.append(&mut writes);
					self.waiting.extend(done);
					self.jobs += 1;
				},
				Job::Sink(done) => self.sink = Some(done),
			}
			next = if self.is_full() { None } else { queue.try_recv().ok() };
		}
	}

	fn is_full(&self) -> bool {
		self.sink.is_some() || self.jobs >= MAX_JOBS || self.bytes >= MAX_BYTES
	}

	/// Whether it is appended now. If everything in it was added, it waits for what that was added to.
	fn is_due(&self) -> bool {
		self.is_full() || !self.waiting.is_empty()
	}
}

/// Appends until all senders are gone: everything that waits at once, with one flush, and then tells
/// those who wait.
pub(super) fn append(
	shared: &Shared,
	mut segment: Segment,
	queue: &Receiver<Job>,
	full: &SyncSender<Full>,
) {
	let mut group = Group::default();
	while let Some(first) = next_job(queue) {
		group.take(first, queue);
		if group.is_due() {
			append_group(shared, &mut segment, std::mem::take(&mut group), full);
		}
	}
	append_group(shared, &mut segment, group, full);
	turn(shared, &mut segment, full, None);
}

/// Appends a group, and tells those who wait for it; begins a new segment if it is time.
fn append_group(
	shared: &Shared,
	segment: &mut Segment,
	Group { writes, waiting, sink, .. }: Group,
	full: &SyncSender<Full>,
) {
	let result = shared.unless_failed(|| {
		// No group in a file is empty. What was sent before this one is on disk.
		if writes.is_empty() {
			return Ok(());
		}
		writes.iter().map(Write::points).for_each(|(before, _)| crash::at(before));
		segment.append(|frame| writes.iter().for_each(|write| write.encode_to(frame)))?;
		writes.iter().map(Write::points).for_each(|(_, after)| crash::at(after));
		let mut tails = shared.tails_mut();
		writes.into_iter().for_each(|write| tails.growing.push(write));
		Ok(())
	});
	for done in waiting {
		// Whoever no longer waits does not need to know.
		let _ = done.send(result.clone());
	}
	let is_full = {
		let growing = &shared.tails().growing;
		growing.writes.len() >= MAX_WRITES || growing.bytes >= MAX_BYTES
	};
	if is_full || sink.is_some() {
		turn(shared, segment, full, sink);
	}
}

/// Waits for the next job; there is none once all senders are gone. Whoever sends one that is not added
/// unparks this thread after that, as does who drops the last sender. The queue is looked at before each
/// park, so it does not matter which one that ends.
fn next_job(queue: &Receiver<Job>) -> Option<Job> {
	loop {
		match queue.try_recv() {
			Ok(job) => return Some(job),
			Err(TryRecvError::Disconnected) => return None,
			Err(TryRecvError::Empty) => std::thread::park(),
		}
	}
}

/// Begins a new segment, and hands the one before it over.
fn turn(
	shared: &Shared,
	segment: &mut Segment,
	full: &SyncSender<Full>,
	done: Option<Sender<Result<(), StoreError>>>,
) {
	let no = segment.no;
	let turned = shared.unless_failed(|| {
		if shared.tails().growing.writes.is_empty() {
			return Ok(None);
		}
		segment.turn()?;
		let mut tails = shared.tails_mut();
		let tail = Arc::new(std::mem::take(&mut tails.growing));
		tails.sinking.push_back(Arc::clone(&tail));
		Ok(Some((no, tail)))
	});
	match turned {
		// Even if nothing is new: who waits does so for what is on its way, too.
		Ok(segment) => {
			let _ = full.send(Full { segment, done });
		},
		Err(error) => {
			if let Some(done) = done {
				let _ = done.send(Err(error));
			}
		},
	}
}

/// Brings the tables up to the segments that are handed over, until there are no more.
pub(super) fn sink(shared: &Shared, database: &Database, full: &Receiver<Full>) {
	while let Ok(Full { segment, done }) = full.recv() {
		let result = shared.unless_failed(|| match segment {
			Some((no, tail)) => sink_one(shared, database, no, &tail),
			None => Ok(()),
		});
		if let Some(done) = done {
			let _ = done.send(result);
		}
	}
}

fn sink_one(shared: &Shared, database: &Database, no: u64, tail: &Tail) -> Result<(), StoreError> {
	tables::sink(database, &shared.limits, &tail.writes, no)?;
	crash::at(Point::TablesWritten);
	shared.tails_mut().sinking.pop_front();
	Segment::remove(&shared.folder, no)?;
	crash::at(Point::SegmentRemoved);
	Ok(())
}

/// Brings the tables up to what an earlier process left of the log; returns the number of the segment
/// to go on with.
pub(super) fn recover(shared: &Shared, database: &Database) -> Result<u64, StoreError> {
	let mut sunk = tables::sunk(database)?;
	let segments = Segment::list(&shared.folder)?;
	let last = segments.last().copied();
	for no in segments {
		// The process died between the tables and the removal.
		if no <= sunk {
			Segment::remove(&shared.folder, no)?;
			continue;
		}
		let groups = Segment::read(&shared.folder, no, Some(no) == last)?;
		let groups = groups.filter(|_| no == sunk + 1).ok_or(StoreError::Corrupt("log"))?;
		let mut tail = Tail::default();
		for group in groups {
			let mut rest = &group[..];
			while !rest.is_empty() {
				tail.push(tables::decode("log", &mut rest)?);
			}
		}
		sink_one(shared, database, no, &tail)?;
		sunk = no;
	}
	Ok(sunk + 1)
}
