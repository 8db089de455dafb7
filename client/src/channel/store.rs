//! Channels on disk, with their secret keys.

use super::ledger::{Change, Head, Ledger, Limits, Open};
pub use crate::disk::StoreError;
use crate::{
	disk::{Disk, Table, Writing},
	oracle_api::{SignedReceipt, SignedVoucher},
};
use codec::{Decode, Encode};
use ed25519_dalek::SigningKey;
use std::{fmt, path::Path};
use usufruct_primitives::{commitment::Request, AccountBytes, ChannelId, Hash, ModelId, Seq};

/// Channel id → [`ChannelRecord`].
const CHANNELS: Table = Table::new("channels");
/// Channel id → ([`Limits`], [`Head`]).
const HEADS: Table = Table::new("heads");
/// Channel id, request commitment → [`Open`].
const OPEN: Table = Table::new("open");
/// Channel id, request commitment → [`Open`] of what was refused, and may have been served all the same.
const RELEASED: Table = Table::new("released");
/// Channel id, request commitment → [`Payload`]; while the request is open or released.
const PAYLOADS: Table = Table::new("payloads");
/// Channel id, seq big endian → (accepted [`SignedReceipt`], payload salt).
const RECEIPTS: Table = Table::new("receipts");
/// Channel id, request commitment → seq of its accepted receipt.
const ANSWERED: Table = Table::new("answered");
/// Channel id, digest of the receipt's body → (reason, [`SignedReceipt`]) of what the oracle signed
/// and what is not accepted.
const EVIDENCE: Table = Table::new("evidence");
/// Channel id, request commitment → [`Request`], of everything that was ever asked: what a receipt
/// can be held against.
const REQUESTS: Table = Table::new("requests");
/// Channel id → the newest [`SignedVoucher`].
const VOUCHERS: Table = Table::new("vouchers");
/// Channel id → the seed of the key that is to replace the channel's.
const NEXT_KEYS: Table = Table::new("next_keys");

/// All tables.
const TABLES: [Table; 11] = [
	CHANNELS, HEADS, OPEN, RELEASED, PAYLOADS, RECEIPTS, ANSWERED, EVIDENCE, REQUESTS, VOUCHERS,
	NEXT_KEYS,
];

/// A channel, as the consumer opened it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct ChannelRecord {
	/// Its id.
	pub channel_id: ChannelId,
	/// The chain it is on.
	pub genesis: Hash,
	/// Who pays.
	pub consumer: AccountBytes,
	/// Who is paid.
	pub oracle: AccountBytes,
	/// For which model.
	pub model: ModelId,
	/// What its id was derived with.
	pub salt: u64,
	/// The seed of the key that signs its vouchers.
	pub secret: [u8; 32],
}

impl ChannelRecord {
	/// The key that signs its vouchers.
	pub fn key(&self) -> SigningKey {
		SigningKey::from_bytes(&self.secret)
	}
}

impl fmt::Debug for ChannelRecord {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("ChannelRecord")
			.field("channel_id", &hex::encode(self.channel_id))
			.field("consumer", &hex::encode(self.consumer))
			.field("oracle", &hex::encode(self.oracle))
			.field("model", &self.model)
			.field("salt", &self.salt)
			.finish_non_exhaustive()
	}
}

/// What it takes to send a request again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Payload {
	/// The name of the model, as it stands in the path.
	pub model_name: String,
	/// The salt of input and output.
	pub salt: Hash,
	/// The body of the HTTP request.
	pub body: Vec<u8>,
}

/// The database.
pub struct Store {
	disk: Disk,
}

impl Store {
	/// Opens the store in that file, or makes one.
	pub fn open(path: &Path) -> Result<Self, StoreError> {
		Ok(Self { disk: Disk::open(path, &TABLES)? })
	}

	/// Where it is.
	pub(super) fn disk(&self) -> Disk {
		self.disk.clone()
	}

	/// All channels.
	pub fn channels(&self) -> Result<Vec<ChannelRecord>, StoreError> {
		self.disk.values(CHANNELS, &[])
	}

	/// One channel.
	pub fn channel(&self, channel: &ChannelId) -> Result<Option<ChannelRecord>, StoreError> {
		self.disk.get(CHANNELS, channel)
	}

	/// The ledger of a channel as it is on disk.
	pub fn ledger(&self, record: &ChannelRecord) -> Result<Ledger, StoreError> {
		let id = &record.channel_id;
		let reading = self.disk.read()?;
		let (limits, head): (Limits, Head) = reading.get(HEADS, id)?.ok_or(HEADS.unreadable())?;
		let requests = |table| {
			let rows: Vec<Open> = reading.values(table, id)?;
			Ok::<_, StoreError>(rows.into_iter().map(|it| (it.voucher.request_commit, it)))
		};
		let ledger = Ledger::new(*id, record.genesis, limits, head, requests(OPEN)?);
		Ok(ledger.with_released(requests(RELEASED)?))
	}

	/// What it takes to send an open or released request again.
	pub fn payload(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<Payload>, StoreError> {
		self.disk.get(PAYLOADS, &join(channel, commit))
	}

	/// The accepted receipts of a channel, in order, each with the salt of its payloads.
	pub fn receipts(&self, channel: &ChannelId) -> Result<Vec<(SignedReceipt, Hash)>, StoreError> {
		self.disk.values(RECEIPTS, channel)
	}

	/// Tells of the accepted receipts of a channel from `first` to `last`, in order.
	pub fn visit_receipts(
		&self,
		channel: &ChannelId,
		first: Seq,
		last: Seq,
		mut visit: impl FnMut(SignedReceipt),
	) -> Result<(), StoreError> {
		let (from, to) = (first.to_be_bytes(), last.to_be_bytes());
		let (from, to) = (join(channel, &from), join(channel, &to));
		let keys = from.as_slice()..=to.as_slice();
		self.disk.visit(RECEIPTS, keys, |(receipt, _): (SignedReceipt, Hash)| visit(receipt))
	}

	/// The accepted receipt of a request.
	pub fn answered(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<SignedReceipt>, StoreError> {
		let seq: Option<Seq> = self.disk.get(ANSWERED, &join(channel, commit))?;
		let Some(seq) = seq else { return Ok(None) };
		let key = join(channel, &seq.to_be_bytes());
		let row: Option<(SignedReceipt, Hash)> = self.disk.get(RECEIPTS, &key)?;
		Ok(row.map(|(receipt, _)| receipt))
	}

	/// A request that was asked on a channel, whatever became of it.
	pub fn request(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<Request>, StoreError> {
		self.disk.get(REQUESTS, &join(channel, commit))
	}

	/// The newest voucher of a channel, if anything was ever asked on it.
	pub fn newest_voucher(&self, channel: &ChannelId) -> Result<Option<SignedVoucher>, StoreError> {
		self.disk.get(VOUCHERS, channel)
	}

	/// The receipts that the oracle of a channel signed and that are not accepted, each with what is
	/// wrong with it.
	pub fn evidence(
		&self,
		channel: &ChannelId,
	) -> Result<Vec<(String, SignedReceipt)>, StoreError> {
		self.disk.values(EVIDENCE, channel)
	}
}

/// What is written of channels.
pub(super) struct Batch<'a>(pub &'a Writing);

impl Batch<'_> {
	/// A new channel.
	pub fn channel(&self, record: &ChannelRecord, limits: &Limits) -> Result<(), StoreError> {
		self.0.put(CHANNELS, &record.channel_id, record)?;
		self.head(&record.channel_id, limits, &Head::default())
	}

	/// A channel that was never used is gone.
	pub fn forget(&self, channel: &ChannelId) -> Result<(), StoreError> {
		self.0.remove(CHANNELS, channel)?;
		self.0.remove(HEADS, channel)
	}

	/// A channel's limits and state.
	pub fn head(
		&self,
		channel: &ChannelId,
		limits: &Limits,
		head: &Head,
	) -> Result<(), StoreError> {
		self.0.put(HEADS, channel, &(limits, head))
	}

	/// A change of a channel's ledger, with the payload of the request it opens.
	pub fn change(
		&self,
		channel: &ChannelId,
		limits: &Limits,
		change: &Change,
		payload: Option<&Payload>,
	) -> Result<(), StoreError> {
		self.head(channel, limits, &change.head)?;
		for (commit, open) in &change.put {
			self.0.put(OPEN, &join(channel, commit), open)?;
			if let Some(payload) = payload {
				self.0.put(PAYLOADS, &join(channel, commit), payload)?;
			}
		}
		for receipt in &change.accepted {
			let seq = receipt.receipt.seq;
			let answered = join(channel, &receipt.receipt.request_commit);
			let salt =
				self.0.get::<Payload>(PAYLOADS, &answered)?.map_or([0; 32], |payload| payload.salt);
			self.0.put(RECEIPTS, &join(channel, &seq.to_be_bytes()), &(receipt, salt))?;
			self.0.put(ANSWERED, &answered, &seq)?;
		}
		for (commit, released) in &change.released {
			self.0.put(RELEASED, &join(channel, commit), released)?;
		}
		let stays = |commit: &Hash| {
			change.put.iter().chain(&change.released).any(|(other, _)| other == commit)
		};
		for (table, gone) in [(OPEN, &change.remove), (RELEASED, &change.forgotten)] {
			for commit in gone {
				let key = join(channel, commit);
				self.0.remove(table, &key)?;
				if !stays(commit) {
					self.0.remove(PAYLOADS, &key)?;
				}
			}
		}
		Ok(())
	}

	/// A request, and the voucher that asks for it.
	pub fn asked(&self, voucher: &SignedVoucher, request: &Request) -> Result<(), StoreError> {
		let (channel, commit) = (&voucher.voucher.channel_id, &voucher.voucher.request_commit);
		self.0.put(REQUESTS, &join(channel, commit), request)?;
		self.0.put(VOUCHERS, channel, voucher)
	}

	/// The key that is to replace a channel's.
	pub fn next_key(&self, channel: &ChannelId) -> Result<Option<SigningKey>, StoreError> {
		let seed: Option<[u8; 32]> = self.0.get(NEXT_KEYS, channel)?;
		Ok(seed.map(|seed| SigningKey::from_bytes(&seed)))
	}

	/// Takes a key that is to replace a channel's.
	pub fn put_next_key(&self, channel: &ChannelId, next: &SigningKey) -> Result<(), StoreError> {
		self.0.put(NEXT_KEYS, channel, &next.to_bytes())
	}

	/// The key is the channel's.
	pub fn adopt_key(&self, channel: &ChannelId, key: &SigningKey) -> Result<(), StoreError> {
		let record: Option<ChannelRecord> = self.0.get(CHANNELS, channel)?;
		let record = record.ok_or(CHANNELS.unreadable())?;
		self.0.put(CHANNELS, channel, &ChannelRecord { secret: key.to_bytes(), ..record })?;
		self.0.remove(NEXT_KEYS, channel)
	}

	/// The receipts of a channel that were not accepted.
	pub fn witnessed(&self, channel: &ChannelId) -> Result<Vec<SignedReceipt>, StoreError> {
		let found: Vec<(String, SignedReceipt)> = self.0.values(EVIDENCE, channel)?;
		Ok(found.into_iter().map(|(_, receipt)| receipt).collect())
	}

	/// The accepted receipt of that number.
	pub fn accepted(
		&self,
		channel: &ChannelId,
		seq: Seq,
	) -> Result<Option<SignedReceipt>, StoreError> {
		let key = join(channel, &seq.to_be_bytes());
		let row: Option<(SignedReceipt, Hash)> = self.0.get(RECEIPTS, &key)?;
		Ok(row.map(|(receipt, _)| receipt))
	}

	/// A receipt that the oracle signed and that is not accepted.
	pub fn evidence(
		&self,
		channel: &ChannelId,
		reason: &str,
		receipt: &SignedReceipt,
	) -> Result<(), StoreError> {
		let digest = usufruct_primitives::domain::hash(&receipt.receipt.body());
		self.0.put(EVIDENCE, &join(channel, &digest), &(reason, receipt))
	}

	/// The accepted receipt of a request.
	pub fn answered(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<SignedReceipt>, StoreError> {
		match self.0.get::<Seq>(ANSWERED, &join(channel, commit))? {
			Some(seq) => self.accepted(channel, seq),
			None => Ok(None),
		}
	}
}

fn join(channel: &ChannelId, rest: &[u8]) -> Vec<u8> {
	[channel, rest].concat()
}
