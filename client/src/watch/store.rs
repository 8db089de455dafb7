//! What a watcher remembers, on disk: the settlements that concern its channels, what oracles have
//! shown of them, its demands, and what it has tried.
//!
//! One file for each chain. Whatever is here can be found on the chain again, except what was spent.

use super::{batch::Settled, leaves::Proven};
use crate::{
	channel::StoreError,
	disk::{Disk, Table},
};
use codec::{Decode, Encode};
use std::{
	collections::{BTreeMap, BTreeSet},
	path::Path,
};
use usufruct_primitives::{AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Hash, Seq};

/// Names → values that there is one of.
const META: Table = Table::new("meta");
/// Oracle → the number of the first settlement that was not read yet.
const SEEN: Table = Table::new("seen");
/// Oracle, batch → [`Settled`].
const BATCHES: Table = Table::new("batches");
/// Oracle, batch, channel → how much evidence there was when it was found in order.
const CLEAR: Table = Table::new("clear");
/// Oracle, batch, channel, seq → [`Proven`].
const ANSWERS: Table = Table::new("answers");
/// Oracle, batch, channel, seq → [`Demanded`].
const DEMANDS: Table = Table::new("demands");
/// Id of an action → [`Attempt`].
const ATTEMPTS: Table = Table::new("attempts");

const TABLES: [Table; 7] = [META, SEEN, BATCHES, CLEAR, ANSWERS, DEMANDS, ATTEMPTS];

/// A demand of the watcher's.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Demanded {
	/// What was put aside for it, in planck.
	pub deposit: Balance,
	/// The block it was made in, or before.
	pub block: BlockNumber,
	/// What became of it.
	pub state: DemandState,
}

/// What became of a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum DemandState {
	/// It is open: the deposit is on hold.
	Open,
	/// It was answered: the deposit is the oracle's.
	Answered,
	/// It was not answered before the oracle was convicted: the deposit came back.
	Returned,
}

/// Which receipt of which settlement a demand or an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
	/// The oracle.
	pub oracle: AccountBytes,
	/// The number of its settlement.
	pub batch_no: BatchNo,
	/// The channel.
	pub channel_id: ChannelId,
	/// The receipt's number.
	pub seq: Seq,
}

impl About {
	fn key(&self) -> Vec<u8> {
		let case = case(&self.oracle, self.batch_no, &self.channel_id);
		[&case[..], &self.seq.to_be_bytes()].concat()
	}

	fn from_key(key: &[u8]) -> Option<Self> {
		let (oracle, rest) = key.split_first_chunk()?;
		let (batch_no, rest) = rest.split_first_chunk()?;
		let (channel_id, rest) = rest.split_first_chunk()?;
		Some(Self {
			oracle: *oracle,
			batch_no: BatchNo::from_be_bytes(*batch_no),
			channel_id: *channel_id,
			seq: Seq::from_be_bytes(rest.try_into().ok()?),
		})
	}
}

/// An action that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Attempt {
	/// The finalised block then.
	pub block: BlockNumber,
	/// How it went; not known if the watcher died meanwhile.
	pub result: Option<Result<(), String>>,
}

fn batch_key(oracle: &AccountBytes, batch_no: BatchNo) -> Vec<u8> {
	[&oracle[..], &batch_no.to_be_bytes()].concat()
}

fn case(oracle: &AccountBytes, batch_no: BatchNo, channel: &ChannelId) -> Vec<u8> {
	[&batch_key(oracle, batch_no)[..], channel].concat()
}

/// The database.
pub struct WatchStore {
	disk: Disk,
}

impl WatchStore {
	/// Opens the store of a chain in that folder, or makes one.
	pub fn open(folder: &Path, genesis: &Hash) -> Result<Self, StoreError> {
		let path = folder.join(format!("watch-{}.redb", hex::encode(&genesis[..8])));
		Ok(Self { disk: Disk::open(&path, &TABLES)? })
	}

	fn put(&self, table: Table, key: &[u8], value: &impl Encode) -> Result<(), StoreError> {
		let writing = self.disk.write()?;
		writing.put(table, key, value)?;
		writing.commit()
	}

	/// A number that was drawn when the store was made.
	pub fn seed(&self) -> Result<Hash, StoreError> {
		if let Some(seed) = self.disk.get(META, b"seed")? {
			return Ok(seed);
		}
		let seed: Hash = rand::random();
		self.put(META, b"seed", &seed)?;
		Ok(seed)
	}

	/// Up to which block answers were looked for.
	pub fn cursor(&self) -> Result<Option<BlockNumber>, StoreError> {
		self.disk.get(META, b"cursor")
	}

	/// Answers were looked for up to that block.
	pub fn set_cursor(&self, block: BlockNumber) -> Result<(), StoreError> {
		self.put(META, b"cursor", &block)
	}

	/// The number of the first settlement of an oracle that was not read yet.
	pub fn seen(&self, oracle: &AccountBytes) -> Result<Option<BatchNo>, StoreError> {
		self.disk.get(SEEN, oracle)
	}

	/// All settlements of the oracle before that one were read.
	pub fn set_seen(&self, oracle: &AccountBytes, next: BatchNo) -> Result<(), StoreError> {
		self.put(SEEN, oracle, &next)
	}

	/// Takes a settlement that concerns a channel.
	pub fn put_batch(&self, batch: &Settled) -> Result<(), StoreError> {
		self.put(BATCHES, &batch_key(&batch.oracle, batch.batch_no), batch)
	}

	/// A settlement that nothing can be done about any more.
	pub fn remove_batch(&self, batch: &Settled) -> Result<(), StoreError> {
		let writing = self.disk.write()?;
		writing.remove(BATCHES, &batch_key(&batch.oracle, batch.batch_no))?;
		writing.commit()
	}

	/// All settlements that concern a channel.
	pub fn batches(&self) -> Result<Vec<Settled>, StoreError> {
		self.disk.values(BATCHES, &[])
	}

	/// With how much evidence a channel's part of a settlement was found in order, if it was.
	pub fn clear(&self, batch: &Settled, channel: &ChannelId) -> Result<Option<u64>, StoreError> {
		self.disk.get(CLEAR, &case(&batch.oracle, batch.batch_no, channel))
	}

	/// A channel's part of a settlement is in order, as far as this much evidence says.
	pub fn set_clear(
		&self,
		batch: &Settled,
		channel: &ChannelId,
		evidence: u64,
	) -> Result<(), StoreError> {
		self.put(CLEAR, &case(&batch.oracle, batch.batch_no, channel), &evidence)
	}

	/// Takes what an oracle has shown.
	pub fn put_answer(&self, about: &About, proven: &Proven) -> Result<(), StoreError> {
		self.put(ANSWERS, &about.key(), proven)
	}

	/// What the oracle has shown of a channel's receipts in a settlement.
	pub fn answers(&self, batch: &Settled, channel: &ChannelId) -> Result<Vec<Proven>, StoreError> {
		self.disk.values(ANSWERS, &case(&batch.oracle, batch.batch_no, channel))
	}

	/// Whether the oracle has shown that receipt.
	pub fn is_answered(&self, about: &About) -> Result<bool, StoreError> {
		Ok(self.disk.get::<Proven>(ANSWERS, &about.key())?.is_some())
	}

	/// Takes a demand.
	pub fn put_demand(&self, about: &About, demand: &Demanded) -> Result<(), StoreError> {
		self.put(DEMANDS, &about.key(), demand)
	}

	/// All demands.
	pub fn demands(&self) -> Result<BTreeMap<About, Demanded>, StoreError> {
		let rows = self.disk.rows(DEMANDS, &[])?.into_iter();
		rows.map(|(key, demand)| {
			let about = About::from_key(&key).ok_or(DEMANDS.unreadable())?;
			Ok((about, demand))
		})
		.collect()
	}

	/// The receipts of a channel in a settlement that were demanded.
	pub fn demanded(
		&self,
		batch: &Settled,
		channel: &ChannelId,
	) -> Result<BTreeSet<Seq>, StoreError> {
		let rows: Vec<(Vec<u8>, Demanded)> =
			self.disk.rows(DEMANDS, &case(&batch.oracle, batch.batch_no, channel))?;
		Ok(rows.iter().filter_map(|(key, _)| Some(About::from_key(key)?.seq)).collect())
	}

	/// What deposits have cost: those that are on hold and those that oracles got, in planck.
	pub fn spent(&self) -> Result<Balance, StoreError> {
		let demands = self.demands()?.into_values();
		let gone = demands.filter(|demand| demand.state != DemandState::Returned);
		Ok(gone.fold(0, |sum: Balance, demand| sum.saturating_add(demand.deposit)))
	}

	/// An action that was tried.
	pub fn attempt(&self, id: &Hash) -> Result<Option<Attempt>, StoreError> {
		self.disk.get(ATTEMPTS, id)
	}

	/// Takes note of an action.
	pub fn put_attempt(&self, id: &Hash, attempt: &Attempt) -> Result<(), StoreError> {
		self.put(ATTEMPTS, id, attempt)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const ABOUT: About = About { oracle: [1; 32], batch_no: 258, channel_id: [2; 32], seq: 259 };

	fn demanded(state: DemandState) -> Demanded {
		Demanded { deposit: 10, block: 5, state }
	}

	#[test]
	fn what_was_spent_outlives_a_restart() {
		let dir = tempfile::tempdir().unwrap();
		let genesis = [7; 32];
		let store = WatchStore::open(dir.path(), &genesis).unwrap();
		let seed = store.seed().unwrap();
		assert_eq!(store.spent().unwrap(), 0);
		store.put_demand(&ABOUT, &demanded(DemandState::Open)).unwrap();
		let other = About { seq: 260, ..ABOUT };
		store.put_demand(&other, &demanded(DemandState::Answered)).unwrap();
		let third = About { batch_no: 259, ..ABOUT };
		store.put_demand(&third, &demanded(DemandState::Returned)).unwrap();
		assert!(matches!(WatchStore::open(dir.path(), &genesis), Err(StoreError::InUse(_))));
		drop(store);

		let store = WatchStore::open(dir.path(), &genesis).unwrap();
		assert_eq!(store.seed().unwrap(), seed);
		assert_eq!(store.spent().unwrap(), 20, "one is on hold, one is the oracle's");
		assert_eq!(
			store.demands().unwrap().keys().copied().collect::<Vec<_>>(),
			[ABOUT, other, third]
		);
		let other_chain = WatchStore::open(dir.path(), &[8; 32]).unwrap();
		assert_eq!(other_chain.spent().unwrap(), 0);
		assert_ne!(other_chain.seed().unwrap(), seed);
	}

	#[test]
	fn an_attempt_that_was_cut_short_is_known() {
		let dir = tempfile::tempdir().unwrap();
		let store = WatchStore::open(dir.path(), &[7; 32]).unwrap();
		let id = [3; 32];
		assert_eq!(store.attempt(&id).unwrap(), None);
		let begun = Attempt { block: 9, result: None };
		store.put_attempt(&id, &begun).unwrap();
		// As another process would find it if this one died here.
		let copy = tempfile::tempdir().unwrap();
		for file in std::fs::read_dir(dir.path()).unwrap() {
			let file = file.unwrap();
			std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
		}
		let other = WatchStore::open(copy.path(), &[7; 32]).unwrap();
		assert_eq!(other.attempt(&id).unwrap(), Some(begun));
	}
}
