//! Channels on disk: an embedded database, written with fsync.
//!
//! One file, open in one process at a time, readable only by its owner: it holds the channels'
//! secret keys. Values are SCALE.

use super::ledger::{Change, Head, Ledger, Limits, Open};
use crate::oracle_api::{SignedReceipt, SignedVoucher};
use codec::{Decode, DecodeAll, Encode};
use ed25519_dalek::SigningKey;
use redb::{
	backends::FileBackend, Database, DatabaseError, ReadableDatabase, ReadableTable,
	TableDefinition, WriteTransaction,
};
use std::{
	fmt, fs, io,
	path::{Path, PathBuf},
};
use usufruct_primitives::{commitment::Request, AccountBytes, ChannelId, Hash, ModelId, Seq};

type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Channel id → [`ChannelRecord`].
const CHANNELS: Rows = TableDefinition::new("channels");
/// Channel id → ([`Limits`], [`Head`]).
const HEADS: Rows = TableDefinition::new("heads");
/// Channel id, request commitment → [`Open`].
const OPEN: Rows = TableDefinition::new("open");
/// Channel id, request commitment → [`Payload`]; while the request is open.
const PAYLOADS: Rows = TableDefinition::new("payloads");
/// Channel id, seq big endian → (accepted [`SignedReceipt`], payload salt).
const RECEIPTS: Rows = TableDefinition::new("receipts");
/// Channel id, request commitment → seq of its accepted receipt.
const ANSWERED: Rows = TableDefinition::new("answered");
/// Channel id, digest of the receipt's body → (reason, [`SignedReceipt`]) of what the oracle signed
/// and what is not accepted.
const EVIDENCE: Rows = TableDefinition::new("evidence");
/// Channel id, request commitment → [`Request`], of everything that was ever asked: what a receipt
/// can be held against.
const REQUESTS: Rows = TableDefinition::new("requests");
/// Channel id → the newest [`SignedVoucher`].
const VOUCHERS: Rows = TableDefinition::new("vouchers");
/// Channel id → the seed of the key that is to replace the channel's.
const NEXT_KEYS: Rows = TableDefinition::new("next_keys");

/// All tables.
const TABLES: [Rows; 10] =
	[CHANNELS, HEADS, OPEN, PAYLOADS, RECEIPTS, ANSWERED, EVIDENCE, REQUESTS, VOUCHERS, NEXT_KEYS];

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// Another process has it.
	#[error(
		"{0} is open in another process; one process at a time signs vouchers, so wait for it, or \
		 use another --data-dir"
	)]
	InUse(PathBuf),
	/// The file system refuses.
	#[error("cannot use {path}")]
	Io {
		/// The file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// The database refuses.
	#[error("the channel store failed")]
	Database(#[source] redb::Error),
	/// A row cannot be read.
	#[error("the channel store holds a row in {0} that this release cannot read")]
	Unreadable(&'static str),
}

impl<E: Into<redb::Error>> From<E> for StoreError {
	fn from(error: E) -> Self {
		Self::Database(error.into())
	}
}

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
	db: Database,
}

impl Store {
	/// Opens the store in that file, or makes one.
	pub fn open(path: &Path) -> Result<Self, StoreError> {
		let io = |source| StoreError::Io { path: path.into(), source };
		if let Some(dir) = path.parent() {
			fs::create_dir_all(dir).map_err(io)?;
		}
		let mut options = fs::OpenOptions::new();
		options.read(true).write(true).create(true).truncate(false);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let file = options.open(path).map_err(io)?;
		let in_use = |error| match error {
			DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path.into()),
			error => error.into(),
		};
		let backend = FileBackend::new(file).map_err(in_use)?;
		let db = Database::builder().create_with_backend(backend).map_err(in_use)?;
		let store = Self { db };
		let batch = store.begin()?;
		for table in TABLES {
			batch.transaction.open_table(table)?;
		}
		batch.commit()?;
		Ok(store)
	}

	/// All channels.
	pub fn channels(&self) -> Result<Vec<ChannelRecord>, StoreError> {
		Ok(self.rows(CHANNELS, &[], "channels")?.into_iter().map(|row| row.1).collect())
	}

	/// One channel.
	pub fn channel(&self, channel: &ChannelId) -> Result<Option<ChannelRecord>, StoreError> {
		self.row(CHANNELS, channel, "channels")
	}

	/// The ledger of a channel as it is on disk.
	pub fn ledger(&self, record: &ChannelRecord) -> Result<Ledger, StoreError> {
		let id = &record.channel_id;
		let (limits, head): (Limits, Head) =
			self.row(HEADS, id, "heads")?.ok_or(StoreError::Unreadable("heads"))?;
		let open = self.rows::<Open>(OPEN, id, "open")?;
		let open = open.into_iter().map(|(_, open)| (open.voucher.request_commit, open));
		Ok(Ledger::new(*id, record.genesis, limits, head, open))
	}

	/// What it takes to send an open request again.
	pub fn payload(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<Payload>, StoreError> {
		self.row(PAYLOADS, &join(channel, commit), "payloads")
	}

	/// The accepted receipts of a channel, in order, each with the salt of its payloads.
	pub fn receipts(&self, channel: &ChannelId) -> Result<Vec<(SignedReceipt, Hash)>, StoreError> {
		Ok(self.rows(RECEIPTS, channel, "receipts")?.into_iter().map(|row| row.1).collect())
	}

	/// Tells of the accepted receipts of a channel from `first` to `last`, in order.
	pub fn visit_receipts(
		&self,
		channel: &ChannelId,
		first: Seq,
		last: Seq,
		mut visit: impl FnMut(SignedReceipt),
	) -> Result<(), StoreError> {
		let table = self.db.begin_read()?.open_table(RECEIPTS)?;
		let (from, to) = (first.to_be_bytes(), last.to_be_bytes());
		let (from, to) = (join(channel, &from), join(channel, &to));
		for row in table.range(from.as_slice()..=to.as_slice())? {
			let (receipt, _): (SignedReceipt, Hash) = decode(row?.1.value(), "receipts")?;
			visit(receipt);
		}
		Ok(())
	}

	/// The accepted receipt of a request.
	pub fn answered(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<SignedReceipt>, StoreError> {
		let Some(seq) = self.row::<Seq>(ANSWERED, &join(channel, commit), "answered")? else {
			return Ok(None);
		};
		let key = join(channel, &seq.to_be_bytes());
		let row: Option<(SignedReceipt, Hash)> = self.row(RECEIPTS, &key, "receipts")?;
		Ok(row.map(|(receipt, _)| receipt))
	}

	/// A request that was asked on a channel, whatever became of it.
	pub fn request(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<Request>, StoreError> {
		self.row(REQUESTS, &join(channel, commit), "requests")
	}

	/// The newest voucher of a channel, if anything was ever asked on it.
	pub fn newest_voucher(&self, channel: &ChannelId) -> Result<Option<SignedVoucher>, StoreError> {
		self.row(VOUCHERS, channel, "vouchers")
	}

	/// The receipts that the oracle of a channel signed and that are not accepted, each with what is
	/// wrong with it.
	pub fn evidence(
		&self,
		channel: &ChannelId,
	) -> Result<Vec<(String, SignedReceipt)>, StoreError> {
		Ok(self.rows(EVIDENCE, channel, "evidence")?.into_iter().map(|row| row.1).collect())
	}

	/// Begins to write. Nothing is written until [`Batch::commit`].
	pub(super) fn begin(&self) -> Result<Batch, StoreError> {
		Ok(Batch { transaction: self.db.begin_write()? })
	}

	fn row<T: Decode>(
		&self,
		table: Rows,
		key: &[u8],
		name: &'static str,
	) -> Result<Option<T>, StoreError> {
		let table = self.db.begin_read()?.open_table(table)?;
		let Some(value) = table.get(key)? else { return Ok(None) };
		decode(value.value(), name).map(Some)
	}

	fn rows<T: Decode>(
		&self,
		table: Rows,
		prefix: &[u8],
		name: &'static str,
	) -> Result<Vec<(Vec<u8>, T)>, StoreError> {
		let table = self.db.begin_read()?.open_table(table)?;
		let mut rows = Vec::new();
		for row in table.range(prefix..)? {
			let (key, value) = row?;
			if !key.value().starts_with(prefix) {
				break;
			}
			rows.push((key.value().to_vec(), decode(value.value(), name)?));
		}
		Ok(rows)
	}
}

/// What is written together, or not at all.
pub(super) struct Batch {
	transaction: WriteTransaction,
}

impl Batch {
	/// A new channel.
	pub fn channel(&self, record: &ChannelRecord, limits: &Limits) -> Result<(), StoreError> {
		self.put(CHANNELS, &record.channel_id, record)?;
		self.head(&record.channel_id, limits, &Head::default())
	}

	/// A channel that was never used is gone.
	pub fn forget(&self, channel: &ChannelId) -> Result<(), StoreError> {
		self.transaction.open_table(CHANNELS)?.remove(channel.as_slice())?;
		self.transaction.open_table(HEADS)?.remove(channel.as_slice())?;
		Ok(())
	}

	/// A channel's limits and state.
	pub fn head(
		&self,
		channel: &ChannelId,
		limits: &Limits,
		head: &Head,
	) -> Result<(), StoreError> {
		self.put(HEADS, channel, &(limits, head))
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
			self.put(OPEN, &join(channel, commit), open)?;
			if let Some(payload) = payload {
				self.put(PAYLOADS, &join(channel, commit), payload)?;
			}
		}
		for receipt in &change.accepted {
			let seq = receipt.receipt.seq;
			let answered = join(channel, &receipt.receipt.request_commit);
			let salt = self
				.get::<Payload>(PAYLOADS, &answered, "payloads")?
				.map_or([0; 32], |payload| payload.salt);
			self.put(RECEIPTS, &join(channel, &seq.to_be_bytes()), &(receipt, salt))?;
			self.put(ANSWERED, &answered, &seq)?;
		}
		for commit in &change.remove {
			let key = join(channel, commit);
			self.transaction.open_table(OPEN)?.remove(key.as_slice())?;
			self.transaction.open_table(PAYLOADS)?.remove(key.as_slice())?;
		}
		Ok(())
	}

	/// A request, and the voucher that asks for it.
	pub fn asked(&self, voucher: &SignedVoucher, request: &Request) -> Result<(), StoreError> {
		let (channel, commit) = (&voucher.voucher.channel_id, &voucher.voucher.request_commit);
		self.put(REQUESTS, &join(channel, commit), request)?;
		self.put(VOUCHERS, channel, voucher)
	}

	/// The key that is to replace a channel's.
	pub fn next_key(&self, channel: &ChannelId) -> Result<Option<SigningKey>, StoreError> {
		let seed: Option<[u8; 32]> = self.get(NEXT_KEYS, channel, "next_keys")?;
		Ok(seed.map(|seed| SigningKey::from_bytes(&seed)))
	}

	/// Takes a key that is to replace a channel's.
	pub fn put_next_key(&self, channel: &ChannelId, next: &SigningKey) -> Result<(), StoreError> {
		self.put(NEXT_KEYS, channel, &next.to_bytes())
	}

	/// The key is the channel's.
	pub fn adopt_key(&self, channel: &ChannelId, key: &SigningKey) -> Result<(), StoreError> {
		let record: Option<ChannelRecord> = self.get(CHANNELS, channel, "channels")?;
		let record = record.ok_or(StoreError::Unreadable("channels"))?;
		self.put(CHANNELS, channel, &ChannelRecord { secret: key.to_bytes(), ..record })?;
		self.transaction.open_table(NEXT_KEYS)?.remove(channel.as_slice())?;
		Ok(())
	}

	/// The receipts of a channel that were not accepted.
	pub fn witnessed(&self, channel: &ChannelId) -> Result<Vec<SignedReceipt>, StoreError> {
		let table = self.transaction.open_table(EVIDENCE)?;
		let mut found = Vec::new();
		for row in table.range(channel.as_slice()..)? {
			let (key, value) = row?;
			if !key.value().starts_with(channel) {
				break;
			}
			let (_, receipt): (String, SignedReceipt) = decode(value.value(), "evidence")?;
			found.push(receipt);
		}
		Ok(found)
	}

	/// The accepted receipt of that number.
	pub fn accepted(
		&self,
		channel: &ChannelId,
		seq: Seq,
	) -> Result<Option<SignedReceipt>, StoreError> {
		let key = join(channel, &seq.to_be_bytes());
		let row: Option<(SignedReceipt, Hash)> = self.get(RECEIPTS, &key, "receipts")?;
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
		self.put(EVIDENCE, &join(channel, &digest), &(reason, receipt))
	}

	/// The accepted receipt of a request.
	pub fn answered(
		&self,
		channel: &ChannelId,
		commit: &Hash,
	) -> Result<Option<SignedReceipt>, StoreError> {
		match self.get::<Seq>(ANSWERED, &join(channel, commit), "answered")? {
			Some(seq) => self.accepted(channel, seq),
			None => Ok(None),
		}
	}

	/// Writes all of it; it is on disk when this returns.
	pub fn commit(self) -> Result<(), StoreError> {
		Ok(self.transaction.commit()?)
	}

	fn put(&self, table: Rows, key: &[u8], value: &impl Encode) -> Result<(), StoreError> {
		self.transaction.open_table(table)?.insert(key, value.encode().as_slice())?;
		Ok(())
	}

	fn get<T: Decode>(
		&self,
		table: Rows,
		key: &[u8],
		name: &'static str,
	) -> Result<Option<T>, StoreError> {
		let table = self.transaction.open_table(table)?;
		let Some(value) = table.get(key)? else { return Ok(None) };
		decode(value.value(), name).map(Some)
	}
}

fn join(channel: &ChannelId, rest: &[u8]) -> Vec<u8> {
	[channel, rest].concat()
}

fn decode<T: Decode>(mut bytes: &[u8], name: &'static str) -> Result<T, StoreError> {
	T::decode_all(&mut bytes).map_err(|_| StoreError::Unreadable(name))
}
