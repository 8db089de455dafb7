//! What the gateway remembers: what it spent and holds, what it put into channels and has not seen there,
//! and how oracles did. On disk, one file for each chain.
//!
//! A thread of its own decides by the [book](super::spend) and writes. A hold is on disk before it is
//! granted. What lets go of one is not waited for: after a crash it is found again in the channels'
//! store.

use super::{
	rank::Record,
	spend::{Apart, Book, Clocks, Day, Hold, Key, Limits, OverLimit, Spent},
};
use crate::{
	channel::{Keeper, Store, StoreError},
	disk::{Clerk, Decided, Disk, Due, Table, Work, Writing},
};
use codec::{Decode, Encode};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tokio::sync::oneshot;
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, Hash, ModelId};

/// Channel id, request commitment → [`Hold`].
const HOLDS: Table = Table::new("holds");
/// Day and model, both big endian → [`Spent`].
const SPENT: Table = Table::new("spent");
/// Oracle, model big endian → [`Record`].
const RECORDS: Table = Table::new("records");
/// A number of its own, big endian → [`Promised`].
const PROMISED: Table = Table::new("promised");

/// What was signed to be put into a channel, until it is known what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Promised {
	/// How much, in planck.
	pub amount: Balance,
	/// The last block in which it can be.
	pub until: BlockNumber,
}

/// Whose record it is: of an oracle at a model.
pub type Whose = (AccountBytes, ModelId);

/// Why nothing is held.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HoldError {
	/// A limit is in the way.
	#[error(transparent)]
	OverLimit(#[from] OverLimit),
	/// What day it is is not known.
	#[error(transparent)]
	Apart(#[from] Apart),
	/// The disk failed.
	#[error("the gateway's store failed; nothing was signed")]
	Store(#[source] Arc<StoreError>),
	/// The thread is gone.
	#[error("the gateway is stopping; nothing was signed")]
	Stopped,
}

enum Command {
	Hold(Key, Hold, Day, oneshot::Sender<Result<(), HoldError>>),
	Settle(Key, Option<Balance>),
	Record(Whose, Record),
	Promise(u64, Promised, oneshot::Sender<Result<(), HoldError>>),
	Fulfil(u64),
	Book(oneshot::Sender<Book>),
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It is promised, and there is no receipt yet; or the oracle refused it, and has a voucher with which
	/// it may charge for it all the same.
	UnderWay,
	/// It is over: with a receipt of so much, or without one because nothing was promised or the oracle
	/// refused it, and has accounted for what was asked long after.
	Over(Option<Balance>),
}

/// What became of a request, as the channels' store has it.
pub fn outcome(store: &Store, (channel, commit): &Key) -> Result<Outcome, StoreError> {
	let Some(record) = store.channel(channel)? else { return Ok(Outcome::Over(None)) };
	let ledger = store.ledger(&record)?;
	let receipt = match ledger.open().get(commit) {
		Some(open) if open.receipt.is_none() => return Ok(Outcome::UnderWay),
		None if ledger.is_released(commit) => return Ok(Outcome::UnderWay),
		Some(open) => open.receipt.clone(),
		None => store.answered(channel, commit)?,
	};
	Ok(Outcome::Over(receipt.map(|it| it.receipt.amount)))
}

/// See the module.
pub struct Spending {
	clerk: Clerk<Command>,
	disk: Disk,
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
		let disk = Disk::open(&path, &[HOLDS, SPENT, RECORDS, PROMISED])?;
		let records = disk
			.rows(RECORDS, &[])?
			.into_iter()
			.map(|(key, record)| Ok((read_key(&key, RECORDS)?, record)))
			.collect::<Result<_, StoreError>>()?;
		let mut worker = Worker { book: read(&disk)?, disk: disk.clone(), limits };
		worker.reconcile(keeper)?;
		let clerk = Clerk::start("spending", disk.clone(), worker)?;
		Ok((Self { clerk, disk }, records))
	}

	/// Holds the most that a request may cost, if the limits allow it. It is on disk when this returns. The
	/// hold has the day by the chain; beside it goes the day by this machine's clock.
	pub async fn hold(&self, key: Key, hold: Hold, machine: Day) -> Result<(), HoldError> {
		let held = self.clerk.ask(|reply| Command::Hold(key, hold, machine, reply)).await;
		held.map_err(|_| HoldError::Stopped)?
	}

	/// Books what a request cost: `None` if there is no receipt and never will be.
	pub async fn settle(&self, key: Key, charged: Option<Balance>) {
		// If the thread is gone, the next start finds it in the channels' store.
		let _ = self.clerk.send(Command::Settle(key, charged)).await;
	}

	/// Notes how an oracle did.
	pub async fn record(&self, whose: Whose, record: Record) {
		let _ = self.clerk.send(Command::Record(whose, record)).await;
	}

	/// Notes what is about to be signed. It is on disk when this returns.
	pub async fn promise(&self, id: u64, promised: Promised) -> Result<(), HoldError> {
		let written = self.clerk.ask(|reply| Command::Promise(id, promised, reply)).await;
		written.map_err(|_| HoldError::Stopped)?
	}

	/// Notes that it is known what became of it.
	pub async fn fulfil(&self, id: u64) {
		// If the thread is gone, it is counted until it is too old.
		let _ = self.clerk.send(Command::Fulfil(id)).await;
	}

	/// Of what was signed it is not known what became.
	pub fn promised(&self) -> Result<BTreeMap<u64, Promised>, StoreError> {
		let rows = self.disk.rows(PROMISED, &[])?;
		rows.into_iter().map(|(key, promised)| Ok((read_key(&key, PROMISED)?, promised))).collect()
	}

	/// All that was spent and is held.
	pub async fn book(&self) -> Result<Book, HoldError> {
		self.clerk.ask(Command::Book).await.map_err(|_| HoldError::Stopped)
	}
}

struct Worker {
	book: Book,
	disk: Disk,
	limits: Limits,
}

impl Work for Worker {
	type Command = Command;

	fn decide(&mut self, writing: &Writing, command: Command) -> Decided {
		let later = |written: Result<(), StoreError>| {
			Decided::new(written.map(|()| Due::Later).map_err(Arc::new), |_| ())
		};
		match command {
			Command::Hold(key, hold, machine, reply) => match self.grant(hold, machine) {
				Ok(hold) => {
					let written = writing.put(HOLDS, &hold_key(&key), &hold);
					self.book.put(key, hold);
					Decided::new(written.map(|()| Due::Now).map_err(Arc::new), |written| {
						drop(reply.send(written.map_err(HoldError::Store)));
					})
				},
				Err(error) => Decided::new(Ok(Due::Never), |_| drop(reply.send(Err(error)))),
			},
			Command::Settle(key, charged) => later(self.settle(writing, &key, charged)),
			Command::Record((oracle, model), record) => {
				let key = [&oracle[..], &model.to_be_bytes()].concat();
				later(writing.put(RECORDS, &key, &record))
			},
			Command::Promise(id, promised, reply) => {
				let written = writing.put(PROMISED, &id.to_be_bytes(), &promised);
				Decided::new(written.map(|()| Due::Now).map_err(Arc::new), |written| {
					drop(reply.send(written.map_err(HoldError::Store)));
				})
			},
			Command::Fulfil(id) => later(writing.remove(PROMISED, &id.to_be_bytes())),
			Command::Book(reply) => {
				let book = self.book.clone();
				Decided::new(Ok(Due::Never), |_| drop(reply.send(book)))
			},
		}
	}

	fn reload(&mut self) {
		match read(&self.disk) {
			Ok(book) => self.book = book,
			Err(error) => tracing::error!(%error, "the gateway's store cannot be read"),
		}
	}
}

impl Worker {
	/// The hold on the day that counts, if the limits allow it.
	fn grant(&self, hold: Hold, machine: Day) -> Result<Hold, HoldError> {
		let day = self.book.day(Clocks { chain: hold.day, machine })?;
		let hold = Hold { day, ..hold };
		self.book.check(&hold, &self.limits)?;
		Ok(hold)
	}

	fn settle(
		&mut self,
		writing: &Writing,
		key: &Key,
		charged: Option<Balance>,
	) -> Result<(), StoreError> {
		if !self.book.held().contains_key(key) {
			return Ok(());
		}
		writing.remove(HOLDS, &hold_key(key))?;
		match self.book.settle(key, charged) {
			Some(((day, model), spent)) => writing.put(SPENT, &spent_key(day, model), &spent),
			None => Ok(()),
		}
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
		let writing = self.disk.write()?;
		for (key, charged) in over {
			self.settle(&writing, &key, charged)?;
		}
		writing.commit()
	}
}

/// All that was spent and is held, as it is on disk.
fn read(disk: &Disk) -> Result<Book, StoreError> {
	let spent = disk
		.rows::<Spent>(SPENT, &[])?
		.into_iter()
		.map(|(key, spent)| Ok((read_key::<(Day, ModelId)>(&key, SPENT)?, spent)))
		.collect::<Result<Vec<_>, StoreError>>()?;
	let held = disk
		.rows::<Hold>(HOLDS, &[])?
		.into_iter()
		.map(|(key, hold)| Ok((read_key::<Key>(&key, HOLDS)?, hold)))
		.collect::<Result<Vec<_>, StoreError>>()?;
	Ok(Book::new(spent, held))
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

impl FromKey for u64 {
	fn from_key(key: &[u8]) -> Option<Self> {
		Some(Self::from_be_bytes(key.try_into().ok()?))
	}
}

impl FromKey for Whose {
	fn from_key(key: &[u8]) -> Option<Self> {
		let (oracle, model) = key.split_first_chunk()?;
		Some((*oracle, ModelId::from_be_bytes(model.try_into().ok()?)))
	}
}

fn read_key<K: FromKey>(key: &[u8], table: Table) -> Result<K, StoreError> {
	K::from_key(key).ok_or(table.unreadable())
}

#[cfg(test)]
mod tests;
