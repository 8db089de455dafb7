//! What the gateway remembers: what it spent and holds, and how oracles did. On disk, one file for each
//! chain.
//!
//! A thread of its own decides by the [book](super::spend) and writes. What arrives while it writes is
//! decided and written together, so many requests at once share one fsync. A hold is on disk before it
//! is granted. What lets go of one is not waited for: after a crash it is found again in the channels'
//! store.

use super::{
	rank::Record,
	spend::{Book, Day, Hold, Key, Limits, OverLimit, Spent},
};
use crate::channel::{Keeper, Store, StoreError};
use codec::{Decode, DecodeAll, Encode};
use redb::{
	Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, TableDefinition,
	WriteTransaction,
};
use std::{collections::BTreeMap, path::Path, sync::Arc, thread};
use tokio::sync::{mpsc, oneshot};
use usufruct_primitives::{AccountBytes, Balance, Hash, ModelId};

type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Channel id, request commitment → [`Hold`].
const HOLDS: Rows = TableDefinition::new("holds");
/// Day and model, both big endian → [`Spent`].
const SPENT: Rows = TableDefinition::new("spent");
/// Oracle, model big endian → [`Record`].
const RECORDS: Rows = TableDefinition::new("records");

/// How many operations wait before callers do.
const QUEUE: usize = 1_024;

/// Whose record it is: of an oracle at a model.
pub type Whose = (AccountBytes, ModelId);

/// Why nothing is held.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HoldError {
	/// A limit is in the way.
	#[error(transparent)]
	OverLimit(#[from] OverLimit),
	/// The disk failed.
	#[error("the gateway's store failed; nothing was signed")]
	Store(#[source] Arc<StoreError>),
	/// The thread is gone.
	#[error("the gateway is stopping; nothing was signed")]
	Stopped,
}

enum Command {
	Hold(Key, Hold, oneshot::Sender<Result<(), HoldError>>),
	Settle(Key, Option<Balance>),
	Record(Whose, Record),
	Book(oneshot::Sender<Book>),
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It is promised, and there is no receipt yet.
	UnderWay,
	/// It is over: with a receipt of so much, or without one because nothing was promised or the oracle
	/// refused it for good.
	Over(Option<Balance>),
}

/// What became of a request, as the channels' store has it.
pub fn outcome(store: &Store, (channel, commit): &Key) -> Result<Outcome, StoreError> {
	let Some(record) = store.channel(channel)? else { return Ok(Outcome::Over(None)) };
	let receipt = match store.ledger(&record)?.open().get(commit) {
		Some(open) if open.receipt.is_none() => return Ok(Outcome::UnderWay),
		Some(open) => open.receipt.clone(),
		None => store.answered(channel, commit)?,
	};
	Ok(Outcome::Over(receipt.map(|it| it.receipt.amount)))
}

/// See the module.
pub struct Spending {
	commands: Option<mpsc::Sender<Command>>,
	thread: Option<thread::JoinHandle<()>>,
}

impl Spending {
	/// Opens the store of a chain in that folder, compares it with the channels, and starts to keep it.
	/// Returns how oracles did so far.
	pub fn open(
		folder: &Path,
		genesis: &Hash,
		limits: Limits,
		keeper: &Keeper,
	) -> Result<(Self, BTreeMap<Whose, Record>), StoreError> {
		let path = folder.join(format!("gateway-{}.redb", hex::encode(&genesis[..8])));
		std::fs::create_dir_all(folder)
			.map_err(|source| StoreError::Io { path: folder.into(), source })?;
		let db = Database::create(&path).map_err(|error| match error {
			DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path.clone()),
			error => error.into(),
		})?;
		let transaction = db.begin_write()?;
		for table in [HOLDS, SPENT, RECORDS] {
			transaction.open_table(table)?;
		}
		transaction.commit()?;
		let mut worker = Worker { book: Book::default(), db, limits };
		worker.book = worker.read()?;
		worker.reconcile(keeper)?;
		let records = rows(&worker.db, RECORDS)?
			.into_iter()
			.map(|(key, record)| Ok((read_key(&key, "records")?, record)))
			.collect::<Result<_, StoreError>>()?;
		let (commands, received) = mpsc::channel(QUEUE);
		let thread = thread::Builder::new()
			.name("spending".into())
			.spawn(move || worker.run(received))
			.map_err(|source| StoreError::Io { path, source })?;
		Ok((Self { commands: Some(commands), thread: Some(thread) }, records))
	}

	/// Holds the most that a request may cost, if the limits allow it. It is on disk when this returns.
	pub async fn hold(&self, key: Key, hold: Hold) -> Result<(), HoldError> {
		let (reply, answer) = oneshot::channel();
		self.send(Command::Hold(key, hold, reply)).await?;
		answer.await.map_err(|_| HoldError::Stopped)?
	}

	/// Books what a request cost: `None` if there is no receipt and never will be.
	pub async fn settle(&self, key: Key, charged: Option<Balance>) {
		// If the thread is gone, the next start finds it in the channels' store.
		let _ = self.send(Command::Settle(key, charged)).await;
	}

	/// Notes how an oracle did.
	pub async fn record(&self, whose: Whose, record: Record) {
		let _ = self.send(Command::Record(whose, record)).await;
	}

	/// All that was spent and is held.
	pub async fn book(&self) -> Result<Book, HoldError> {
		let (reply, answer) = oneshot::channel();
		self.send(Command::Book(reply)).await?;
		answer.await.map_err(|_| HoldError::Stopped)
	}

	async fn send(&self, command: Command) -> Result<(), HoldError> {
		let commands = self.commands.as_ref().ok_or(HoldError::Stopped)?;
		commands.send(command).await.map_err(|_| HoldError::Stopped)
	}
}

impl Drop for Spending {
	fn drop(&mut self) {
		self.commands = None;
		if let Some(thread) = self.thread.take() {
			let _ = thread.join();
		}
	}
}

/// Tells a caller how it went, once it is known whether the group is on disk.
type Tell = Box<dyn FnOnce(Result<(), Arc<StoreError>>)>;

struct Worker {
	book: Book,
	db: Database,
	limits: Limits,
}

impl Worker {
	fn run(mut self, mut commands: mpsc::Receiver<Command>) {
		while let Some(first) = commands.blocking_recv() {
			let mut group = vec![first];
			while let Ok(next) = commands.try_recv() {
				group.push(next);
			}
			self.group(group);
		}
		// What was not waited for.
		let flushed = self.db.begin_write().map(|transaction| transaction.commit());
		if !matches!(flushed, Ok(Ok(()))) {
			tracing::error!("the gateway's store could not be flushed");
		}
	}

	fn group(&mut self, group: Vec<Command>) {
		let mut tells: Vec<Tell> = Vec::new();
		let written = self.decide(group, &mut tells).map_err(Arc::new);
		if let Err(error) = &written {
			tracing::error!(%error, "the gateway's store failed");
			// Memory may be ahead of the disk. What is on disk counts.
			if let Ok(book) = self.read() {
				self.book = book;
			}
		}
		for tell in tells {
			tell(written.clone());
		}
	}

	fn decide(&mut self, group: Vec<Command>, tells: &mut Vec<Tell>) -> Result<(), StoreError> {
		let mut transaction = self.db.begin_write()?;
		let mut changed = false;
		let mut durable = false;
		let mut failed = Ok(());
		for command in group {
			let written = match command {
				Command::Hold(key, hold, reply) => match self.book.check(&hold, &self.limits) {
					Ok(()) => {
						let row = put(&transaction, HOLDS, &hold_key(&key), &hold);
						self.book.put(key, hold);
						(changed, durable) = (true, true);
						tells.push(Box::new(move |written| {
							drop(reply.send(written.map_err(HoldError::Store)));
						}));
						row
					},
					Err(over) => {
						drop(reply.send(Err(over.into())));
						Ok(())
					},
				},
				Command::Settle(key, charged) => {
					changed = true;
					self.settle(&transaction, &key, charged)
				},
				Command::Record((oracle, model), record) => {
					changed = true;
					let key = [&oracle[..], &model.to_be_bytes()].concat();
					put(&transaction, RECORDS, &key, &record)
				},
				Command::Book(reply) => {
					drop(reply.send(self.book.clone()));
					Ok(())
				},
			};
			if failed.is_ok() {
				failed = written;
			}
		}
		failed?;
		if !changed {
			return Ok(transaction.abort()?);
		}
		if !durable {
			transaction.set_durability(Durability::None)?;
		}
		Ok(transaction.commit()?)
	}

	fn settle(
		&mut self,
		transaction: &WriteTransaction,
		key: &Key,
		charged: Option<Balance>,
	) -> Result<(), StoreError> {
		let Some(((day, model), spent)) = self.book.settle(key, charged) else { return Ok(()) };
		transaction.open_table(HOLDS)?.remove(hold_key(key).as_slice())?;
		put(transaction, SPENT, &spent_key(day, model), &spent)
	}

	fn read(&self) -> Result<Book, StoreError> {
		let spent = rows::<Spent>(&self.db, SPENT)?
			.into_iter()
			.map(|(key, spent)| Ok((read_key::<(Day, ModelId)>(&key, "spent")?, spent)))
			.collect::<Result<Vec<_>, StoreError>>()?;
		let held = rows::<Hold>(&self.db, HOLDS)?
			.into_iter()
			.map(|(key, hold)| Ok((read_key::<Key>(&key, "holds")?, hold)))
			.collect::<Result<Vec<_>, StoreError>>()?;
		Ok(Book::new(spent, held))
	}

	/// Finds out what became of what is held.
	fn reconcile(&mut self, keeper: &Keeper) -> Result<(), StoreError> {
		let mut over = Vec::new();
		for key in self.book.held().keys() {
			if let Outcome::Over(charged) = outcome(keeper.store(), key)? {
				over.push((*key, charged));
			}
		}
		if over.is_empty() {
			return Ok(());
		}
		let transaction = self.db.begin_write()?;
		for (key, charged) in over {
			self.settle(&transaction, &key, charged)?;
		}
		Ok(transaction.commit()?)
	}
}

fn hold_key((channel, commit): &Key) -> Vec<u8> {
	[&channel[..], commit].concat()
}

fn spent_key(day: Day, model: ModelId) -> Vec<u8> {
	[day.to_be_bytes(), model.to_be_bytes()].concat()
}

/// A key made of parts.
trait FromKey: Sized {
	fn from_key(key: &[u8]) -> Option<Self>;
}

impl FromKey for Key {
	fn from_key(key: &[u8]) -> Option<Self> {
		let (channel, commit) = key.split_first_chunk()?;
		Some((*channel, commit.try_into().ok()?))
	}
}

impl FromKey for (Day, ModelId) {
	fn from_key(key: &[u8]) -> Option<Self> {
		let (day, model) = key.split_first_chunk()?;
		Some((Day::from_be_bytes(*day), ModelId::from_be_bytes(model.try_into().ok()?)))
	}
}

impl FromKey for Whose {
	fn from_key(key: &[u8]) -> Option<Self> {
		let (oracle, model) = key.split_first_chunk()?;
		Some((*oracle, ModelId::from_be_bytes(model.try_into().ok()?)))
	}
}

fn read_key<K: FromKey>(key: &[u8], name: &'static str) -> Result<K, StoreError> {
	K::from_key(key).ok_or(StoreError::Unreadable(name))
}

fn put(
	transaction: &WriteTransaction,
	table: Rows,
	key: &[u8],
	value: &impl Encode,
) -> Result<(), StoreError> {
	transaction.open_table(table)?.insert(key, value.encode().as_slice())?;
	Ok(())
}

fn rows<T: Decode>(db: &Database, table: Rows) -> Result<Vec<(Vec<u8>, T)>, StoreError> {
	let table = db.begin_read()?.open_table(table)?;
	let mut rows = Vec::new();
	for row in table.iter()? {
		let (key, value) = row?;
		let value = T::decode_all(&mut value.value())
			.map_err(|_| StoreError::Unreadable("the gateway's tables"))?;
		rows.push((key.value().to_vec(), value));
	}
	Ok(rows)
}

#[cfg(test)]
mod tests;
