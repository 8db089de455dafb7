//! The tables, their keys and rows, and how the log's writes change them.

use super::{kept::Run, writer::Write, Limits, StoreError};
use crate::{
	book::{is_newest, Record, RequestId},
	crash::{self, Point},
	settle::Batch,
};
use codec::{Decode, Encode};
use redb::{Database, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};
use std::collections::{HashMap, HashSet};
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Hash, Seq, Status,
};

/// Channel, then request id.
pub(super) type ById = [u8; 48];
/// Channel, then seq, big endian so that ranges are in order.
pub(super) type BySeq = [u8; 40];
/// The last block for which it is kept, big endian, then as [`BySeq`].
pub(super) type ByExpiry = [u8; 44];

pub(super) const CHANNELS: TableDefinition<&ChannelId, &[u8]> = TableDefinition::new("channels");
pub(super) const OPEN: TableDefinition<&ById, &[u8]> = TableDefinition::new("open");
pub(super) const RECEIPTS: TableDefinition<&BySeq, &[u8]> = TableDefinition::new("receipts");
pub(super) const OUTPUTS: TableDefinition<&BySeq, &[u8]> = TableDefinition::new("outputs");
/// The hash of the profile, and the input.
pub(super) const INPUTS: TableDefinition<&BySeq, (&Hash, &[u8])> = TableDefinition::new("inputs");
pub(super) const PROFILES: TableDefinition<&Hash, &[u8]> = TableDefinition::new("profiles");
/// The first of successive outputs that are kept equally long, and the number of the last.
pub(super) const EXPIRING: TableDefinition<&ByExpiry, Seq> = TableDefinition::new("expiring");
/// The finalised block in which the channel was seen to be no more.
pub(super) const CLOSED: TableDefinition<&ChannelId, BlockNumber> = TableDefinition::new("closed");
pub(super) const ANSWERED: TableDefinition<&ById, (Seq, &Hash)> = TableDefinition::new("answered");
/// Receipts of status failed.
pub(super) const FAILED: TableDefinition<&BySeq, ()> = TableDefinition::new("failed");
pub(super) const BATCHES: TableDefinition<u64, &[u8]> = TableDefinition::new("batches");
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const OWNER: &str = "owner";
/// The format of tables and segments. The first did not say.
pub(super) const FORMAT: &str = "format";
/// The one that is written.
const VERSION: u32 = 3;
/// The number of the last segment of the log that is in the tables.
const SUNK: &str = "sunk";
/// What is kept, as it was said last.
const LIMITS: &str = "limits";
/// The number and hash of the finalised block that was acted on last.
const HEAD: &str = "head";
/// The number after the last settlement that was removed.
pub(super) const NEXT: &str = "next";

/// What is kept of a channel.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub(super) struct ChannelRow {
	pub seq: Seq,
	pub total: Balance,
	pub voucher: Option<SignedVoucher>,
	pub closed: bool,
	/// The last settlement that claims receipts of it.
	pub last_batch: Option<BatchNo>,
	/// No receipt up to here can be demanded any more.
	pub past: Seq,
	/// The receipts up to here are removed.
	pub swept: Seq,
	/// What its outputs and inputs count for, in bytes.
	pub kept: u64,
	/// Everything but this row is removed: the channel never comes back.
	pub dropped: bool,
}

pub(super) fn by_id(channel: &ChannelId, id: &RequestId) -> ById {
	let mut key = [0; 48];
	key[..32].copy_from_slice(channel);
	key[32..].copy_from_slice(id);
	key
}

pub(super) fn by_seq(channel: &ChannelId, seq: Seq) -> BySeq {
	let mut key = [0; 40];
	key[..32].copy_from_slice(channel);
	key[32..].copy_from_slice(&seq.to_be_bytes());
	key
}

/// The number in such a key.
pub(super) fn seq_of(key: &BySeq) -> Seq {
	let mut seq = [0; 8];
	seq.copy_from_slice(&key[32..]);
	Seq::from_be_bytes(seq)
}

pub(super) fn by_expiry(until: BlockNumber, key: &BySeq) -> ByExpiry {
	let mut expiry = [0; 44];
	expiry[..4].copy_from_slice(&until.to_be_bytes());
	expiry[4..].copy_from_slice(key);
	expiry
}

/// What such a key is of.
pub(super) fn of_expiry(key: &ByExpiry) -> (BlockNumber, ChannelId, Seq) {
	let (mut until, mut channel, mut by_seq) = ([0; 4], [0; 32], [0; 40]);
	until.copy_from_slice(&key[..4]);
	channel.copy_from_slice(&key[4..36]);
	by_seq.copy_from_slice(&key[4..]);
	(BlockNumber::from_be_bytes(until), channel, seq_of(&by_seq))
}

/// The next value of the bytes.
pub(super) fn decode<T: Decode>(table: &'static str, bytes: &mut &[u8]) -> Result<T, StoreError> {
	T::decode(bytes).map_err(|_| StoreError::Corrupt(table))
}

/// Makes the tables that are missing, so that reads find them, and checks whose log this is, and of which
/// format.
pub(super) fn prepare(
	database: &Database,
	genesis: &Hash,
	oracle: &AccountBytes,
	limits: &Limits,
) -> Result<(), StoreError> {
	let owner = (genesis, oracle).encode();
	let writing = database.begin_write()?;
	{
		Tables::open(&writing)?;
		let mut meta = writing.open_table(META)?;
		let found = meta.get(OWNER)?.map(|row| row.value().to_vec());
		match found {
			Some(found) if found != owner => {
				return Err(StoreError::Foreign { found: named(&found), expected: named(&owner) });
			},
			Some(_) => check_format(&meta)?,
			None => {
				meta.insert(OWNER, owner.as_slice())?;
				meta.insert(FORMAT, VERSION.encode().as_slice())?;
			},
		}
		meta.insert(LIMITS, limits.encode().as_slice())?;
	}
	writing.commit()?;
	Ok(())
}

fn check_format(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<(), StoreError> {
	let format = meta.get(FORMAT)?.map(|row| decode("meta", &mut row.value())).transpose()?;
	match format.unwrap_or(1) {
		VERSION => Ok(()),
		found => Err(StoreError::Format { found, expected: VERSION }),
	}
}

/// Whose log it is, and by which limits it was kept last.
pub(super) fn made(
	database: &impl ReadableDatabase,
) -> Result<(Hash, AccountBytes, Limits), StoreError> {
	let meta = database.begin_read()?.open_table(META)?;
	let (Some(owner), Some(limits)) = (meta.get(OWNER)?, meta.get(LIMITS)?) else {
		return Err(StoreError::Corrupt("meta"));
	};
	check_format(&meta)?;
	let (genesis, oracle) = decode("meta", &mut owner.value())?;
	Ok((genesis, oracle, decode("meta", &mut limits.value())?))
}

/// The number and hash of the finalised block that was acted on last, if there was one.
pub(super) fn head(
	meta: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Option<(u64, Hash)>, StoreError> {
	meta.get(HEAD)?.map(|row| decode("meta", &mut row.value())).transpose()
}

fn named(owner: &[u8]) -> String {
	let (genesis, oracle) = owner.split_at_checked(32).unwrap_or((owner, &[]));
	format!("oracle 0x{} on the chain 0x{}", hex::encode(oracle), hex::encode(genesis))
}

/// The number of the last segment that is in the tables; 0 if there is none.
pub(super) fn sunk(database: &Database) -> Result<u64, StoreError> {
	let row = database.begin_read()?.open_table(META)?.get(SUNK)?;
	row.map_or(Ok(0), |row| decode("meta", &mut row.value()))
}

/// Makes the changes of segment `no`, all or none.
pub(super) fn sink(
	database: &Database,
	limits: &Limits,
	writes: &[Write],
	no: u64,
) -> Result<(), StoreError> {
	let writing = database.begin_write()?;
	let mut tables = Tables::open(&writing)?;
	// What was accepted and receipted within one segment was never open to the tables.
	let completed: HashSet<ById> = writes.iter().filter_map(completed_key).collect();
	let mut passing = HashSet::new();
	for write in writes {
		match write {
			Write::Book(Record::Accepted(accepted)) => {
				let (channel, id) = accepted.key();
				let row = tables.row(&channel)?;
				if is_newest(&accepted.voucher, row.voucher.as_ref()) {
					row.voucher = Some(accepted.voucher.clone());
				}
				if std::mem::take(&mut row.closed) {
					tables.closed.remove(&channel)?;
				}
				let key = by_id(&channel, &id);
				if completed.contains(&key) {
					passing.insert(key);
				} else {
					tables.open.insert(&key, accepted.encode().as_slice())?;
				}
			},
			Write::Book(Record::Completed(completed, output)) => {
				let (channel, id) = completed.accepted.key();
				let receipt = &completed.receipt;
				let row = tables.row(&channel)?;
				row.seq = receipt.seq;
				row.total = receipt.total;
				let (by_id, by_seq) = (by_id(&channel, &id), by_seq(&channel, receipt.seq));
				if !passing.remove(&by_id) {
					tables.open.remove(&by_id)?;
				}
				tables.receipts.insert(&by_seq, completed.encode().as_slice())?;
				if receipt.status == Status::Failed {
					tables.failed.insert(&by_seq, ())?;
				}
				tables.answered.insert(&by_id, (receipt.seq, &receipt.request_commit))?;
				if !output.is_empty() {
					let until = limits.until(&completed.accepted.voucher.voucher, tables.head);
					tables.keep_output(limits, &channel, receipt.seq, until, output)?;
				}
			},
			Write::Book(Record::Closed(channel, head)) => {
				tables.row(channel)?.closed = true;
				tables.closed.insert(channel, head)?;
			},
			Write::Batch(batch) => {
				for claim in &batch.claims {
					tables.row(&claim.channel_id)?.last_batch = Some(batch.no);
				}
				tables.put_batch(batch, false)?;
			},
			Write::BatchFinal(no) => {
				if let Some(batch) = tables.take_batch(*no)? {
					tables.put_batch(&batch, true)?;
				}
			},
			Write::BatchRefused(no) => {
				tables.take_batch(*no)?;
			},
			Write::Input(channel, seq, profile, input) => {
				tables.keep_input(limits, channel, *seq, profile, input)?;
			},
			Write::Profile(hash, json) => {
				tables.profiles.insert(hash, json.as_slice())?;
			},
			Write::Expire(before) => tables.expire(*before)?,
			Write::Prune(no, settled) => tables.prune(*no, settled)?,
			Write::Drop(channel) => tables.drop_channel(channel)?,
			Write::Head(number, hash) => {
				tables.meta.insert(HEAD, (number, hash).encode().as_slice())?;
				tables.head = Some(*number as BlockNumber);
			},
		}
	}
	tables.end_runs()?;
	tables.store_rows()?;
	tables.meta.insert(SUNK, no.encode().as_slice())?;
	drop(tables);
	crash::at(Point::TablesWriting);
	writing.commit()?;
	Ok(())
}

fn completed_key(write: &Write) -> Option<ById> {
	match write {
		Write::Book(Record::Completed(completed, _)) => {
			let (channel, id) = completed.accepted.key();
			Some(by_id(&channel, &id))
		},
		_ => None,
	}
}

/// All tables, opened once for all changes of a transaction.
pub(super) struct Tables<'a> {
	channels: Table<'a, &'static ChannelId, &'static [u8]>,
	pub(super) open: Table<'a, &'static ById, &'static [u8]>,
	pub(super) receipts: Table<'a, &'static BySeq, &'static [u8]>,
	pub(super) outputs: Table<'a, &'static BySeq, &'static [u8]>,
	pub(super) inputs: Table<'a, &'static BySeq, (&'static Hash, &'static [u8])>,
	profiles: Table<'a, &'static Hash, &'static [u8]>,
	pub(super) expiring: Table<'a, &'static ByExpiry, Seq>,
	pub(super) closed: Table<'a, &'static ChannelId, BlockNumber>,
	pub(super) answered: Table<'a, &'static ById, (Seq, &'static Hash)>,
	pub(super) failed: Table<'a, &'static BySeq, ()>,
	pub(super) batches: Table<'a, u64, &'static [u8]>,
	pub(super) meta: Table<'a, &'static str, &'static [u8]>,
	/// The channels' rows that are changed, each read and written once.
	rows: HashMap<ChannelId, ChannelRow>,
	/// The number of the finalised block that was acted on last, if there was one.
	head: Option<BlockNumber>,
	/// The channels' newest outputs, which the next may prolong.
	pub(super) runs: HashMap<ChannelId, Run>,
}

impl<'a> Tables<'a> {
	fn open(writing: &'a WriteTransaction) -> Result<Self, StoreError> {
		let meta = writing.open_table(META)?;
		let head = head(&meta)?.map(|(number, _)| number as BlockNumber);
		Ok(Self {
			channels: writing.open_table(CHANNELS)?,
			open: writing.open_table(OPEN)?,
			receipts: writing.open_table(RECEIPTS)?,
			outputs: writing.open_table(OUTPUTS)?,
			inputs: writing.open_table(INPUTS)?,
			profiles: writing.open_table(PROFILES)?,
			expiring: writing.open_table(EXPIRING)?,
			closed: writing.open_table(CLOSED)?,
			answered: writing.open_table(ANSWERED)?,
			failed: writing.open_table(FAILED)?,
			batches: writing.open_table(BATCHES)?,
			meta,
			rows: HashMap::new(),
			head,
			runs: HashMap::new(),
		})
	}

	pub(super) fn row(&mut self, channel: &ChannelId) -> Result<&mut ChannelRow, StoreError> {
		use std::collections::hash_map::Entry;
		match self.rows.entry(*channel) {
			Entry::Occupied(entry) => Ok(entry.into_mut()),
			Entry::Vacant(entry) => {
				let row = self.channels.get(channel)?;
				let row = row.map(|row| decode("channels", &mut row.value())).transpose()?;
				Ok(entry.insert(row.unwrap_or_default()))
			},
		}
	}

	fn store_rows(&mut self) -> Result<(), StoreError> {
		for (channel, row) in self.rows.drain() {
			self.channels.insert(&channel, row.encode().as_slice())?;
		}
		Ok(())
	}

	fn put_batch(&mut self, batch: &Batch, is_final: bool) -> Result<(), StoreError> {
		self.batches.insert(batch.no, (is_final, batch).encode().as_slice())?;
		Ok(())
	}

	pub(super) fn take_batch(&mut self, no: BatchNo) -> Result<Option<Batch>, StoreError> {
		let row = self.batches.remove(no)?;
		let row = row.map(|row| decode::<(bool, Batch)>("batches", &mut row.value()));
		Ok(row.transpose()?.map(|(_, batch)| batch))
	}
}
