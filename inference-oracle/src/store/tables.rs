//! The tables of the log, their keys and rows.

use super::StoreError;
use crate::book::RequestId;
use codec::{Decode, Encode};
use redb::{Database, ReadableTable, TableDefinition};
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{AccountBytes, Balance, ChannelId, Hash, Seq};

/// Channel, then request id.
pub(super) type ById = [u8; 48];
/// Channel, then seq, big endian so that ranges are in order.
pub(super) type BySeq = [u8; 40];

pub(super) const CHANNELS: TableDefinition<&ChannelId, &[u8]> = TableDefinition::new("channels");
pub(super) const OPEN: TableDefinition<&ById, &[u8]> = TableDefinition::new("open");
pub(super) const RECEIPTS: TableDefinition<&BySeq, &[u8]> = TableDefinition::new("receipts");
pub(super) const OUTPUTS: TableDefinition<&BySeq, &[u8]> = TableDefinition::new("outputs");
pub(super) const ANSWERED: TableDefinition<&ById, (Seq, &Hash)> = TableDefinition::new("answered");
pub(super) const BATCHES: TableDefinition<u64, &[u8]> = TableDefinition::new("batches");
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const OWNER: &str = "owner";

/// What is kept of a channel.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub(super) struct ChannelRow {
	pub seq: Seq,
	pub total: Balance,
	pub voucher: Option<SignedVoucher>,
	pub closed: bool,
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

pub(super) fn decode<T: Decode>(table: &'static str, mut bytes: &[u8]) -> Result<T, StoreError> {
	T::decode(&mut bytes).map_err(|_| StoreError::Corrupt(table))
}

/// Makes the tables that are missing, so that reads find them, and checks whose log this is.
pub(super) fn prepare(
	database: &Database,
	genesis: &Hash,
	oracle: &AccountBytes,
) -> Result<(), StoreError> {
	let owner = (genesis, oracle).encode();
	let writing = database.begin_write()?;
	{
		writing.open_table(CHANNELS)?;
		writing.open_table(OPEN)?;
		writing.open_table(RECEIPTS)?;
		writing.open_table(OUTPUTS)?;
		writing.open_table(ANSWERED)?;
		writing.open_table(BATCHES)?;
		let mut meta = writing.open_table(META)?;
		let found = meta.get(OWNER)?.map(|row| row.value().to_vec());
		match found {
			Some(found) if found != owner => {
				return Err(StoreError::Foreign { found: named(&found), expected: named(&owner) });
			},
			Some(_) => {},
			None => {
				meta.insert(OWNER, owner.as_slice())?;
			},
		}
	}
	writing.commit()?;
	Ok(())
}

fn named(owner: &[u8]) -> String {
	let (genesis, oracle) = owner.split_at_checked(32).unwrap_or((owner, &[]));
	format!("oracle 0x{} on the chain 0x{}", hex::encode(oracle), hex::encode(genesis))
}
