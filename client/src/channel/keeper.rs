//! The one place where vouchers are signed.
//!
//! A thread of its own takes what requests ask for, decides by the [ledger](super::ledger), writes
//! it to the [store](super::store) and only then hands out what it signed.

use super::{
	ledger::{Change, Disorder, Head, Ledger, Limits, NotAccepted, Refused},
	store::{Batch, ChannelRecord, Payload, Store, StoreError},
};
use crate::{
	disk::{Clerk, Decided, Due, Work, Writing},
	oracle_api::{SignedReceipt, SignedVoucher},
};
use ed25519_dalek::SigningKey;
use std::{
	collections::{btree_map::Entry, BTreeMap},
	path::Path,
	sync::Arc,
};
use tokio::{
	sync::{oneshot, Notify},
	time::{timeout_at, Instant},
};
use usufruct_primitives::{commitment::Request, BlockNumber, ChannelId, Hash, PublicKey};

/// Why the keeper did not do as asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeeperError {
	/// There is no such channel in this store.
	#[error("channel 0x{} is not in this data directory; open one, or name the right one", hex::encode(.0))]
	UnknownChannel(ChannelId),
	/// Something was signed on the channel.
	#[error("channel 0x{} was used and cannot be forgotten", hex::encode(.0))]
	ChannelUsed(ChannelId),
	/// The channel is there already.
	#[error("channel 0x{} is in this data directory already", hex::encode(.0))]
	ChannelExists(ChannelId),
	/// The channel's key on the chain is not in this store.
	#[error(
		"the key of channel 0x{} on the chain is not in this data directory, it was replaced from another \
		 one; use that one, or close the channel: usufruct channel close 0x{}",
		hex::encode(.0), hex::encode(.0)
	)]
	UnknownKey(ChannelId),
	/// No voucher is signed.
	#[error(transparent)]
	Refused(#[from] Refused),
	/// A receipt is not accepted.
	#[error(transparent)]
	NotAccepted(#[from] NotAccepted),
	/// The disk failed; nothing was changed.
	#[error("the channel store failed; nothing was signed")]
	Store(#[source] Arc<StoreError>),
	/// The thread is gone.
	#[error("the keeper has stopped")]
	Stopped,
}

impl From<StoreError> for KeeperError {
	fn from(error: StoreError) -> Self {
		Self::Store(Arc::new(error))
	}
}

type Reply<T> = oneshot::Sender<Result<T, KeeperError>>;

enum Command {
	Add(Box<ChannelRecord>, Limits, Reply<()>),
	Forget(ChannelId, Reply<()>),
	SetLimits(ChannelId, Limits, Reply<()>),
	Reserve(Request, Arc<Payload>, BlockNumber, Reply<SignedVoucher>),
	Complete(SignedReceipt, Reply<()>),
	Release(ChannelId, Hash, Reply<()>),
	Halt(String, SignedReceipt, Reply<()>),
	Witness(String, SignedReceipt, Reply<()>),
	PrepareKey(ChannelId, Reply<PublicKey>),
	AdoptKey(ChannelId, PublicKey, Reply<()>),
}

/// Keeps all channels of one data directory.
pub struct Keeper {
	store: Arc<Store>,
	clerk: Clerk<Command>,
	freed: Notify,
}

impl Keeper {
	/// Opens the store in that file and starts to keep it.
	pub fn open(path: &Path) -> Result<Self, StoreError> {
		let store = Arc::new(Store::open(path)?);
		let worker = Worker { store: store.clone(), channels: BTreeMap::new() };
		let clerk = Clerk::start("keeper", store.disk(), worker)?;
		Ok(Self { store, clerk, freed: Notify::new() })
	}

	/// What is on disk, to read.
	pub fn store(&self) -> &Store {
		&self.store
	}

	/// A channel of this store.
	pub fn channel(&self, channel: &ChannelId) -> Result<ChannelRecord, KeeperError> {
		self.store.channel(channel)?.ok_or(KeeperError::UnknownChannel(*channel))
	}

	/// Takes a new channel. Do so before it is opened on the chain: its key is then on disk.
	pub async fn add(&self, record: ChannelRecord, limits: Limits) -> Result<(), KeeperError> {
		self.ask(|reply| Command::Add(Box::new(record), limits, reply)).await
	}

	/// Forgets a channel that was not opened after all. One on which anything was signed is kept.
	pub async fn forget(&self, channel: ChannelId) -> Result<(), KeeperError> {
		self.ask(|reply| Command::Forget(channel, reply)).await
	}

	/// Takes what the finalised chain says about a channel.
	pub async fn set_limits(&self, channel: ChannelId, limits: Limits) -> Result<(), KeeperError> {
		self.ask(|reply| Command::SetLimits(channel, limits, reply)).await?;
		self.freed.notify_waiters();
		Ok(())
	}

	/// A voucher for a request, if it fits beside what is open.
	pub async fn reserve(
		&self,
		request: &Request,
		payload: impl Into<Arc<Payload>>,
		serve_until: BlockNumber,
	) -> Result<SignedVoucher, KeeperError> {
		let (request, payload) = (request.clone(), payload.into());
		self.ask(|reply| Command::Reserve(request, payload, serve_until, reply)).await
	}

	/// The same. If too much is open, it waits so long for something to be answered.
	pub async fn reserve_by(
		&self,
		deadline: Instant,
		request: &Request,
		payload: Arc<Payload>,
		serve_until: BlockNumber,
	) -> Result<SignedVoucher, KeeperError> {
		loop {
			let mut freed = std::pin::pin!(self.freed.notified());
			// From here on no answer is missed.
			freed.as_mut().enable();
			let reserved = self.reserve(request, payload.clone(), serve_until).await;
			match reserved {
				Err(KeeperError::Refused(Refused::WindowFull { .. })) => {
					if timeout_at(deadline, freed).await.is_err() {
						return reserved;
					}
				},
				_ => return reserved,
			}
		}
	}

	/// Takes a receipt that was [checked](crate::receipt::check) against its request. The same one
	/// again is fine. One that contradicts another halts the channel.
	pub async fn complete(&self, receipt: SignedReceipt) -> Result<(), KeeperError> {
		let completed = self.ask(|reply| Command::Complete(receipt, reply)).await;
		self.freed.notify_waiters();
		completed
	}

	/// Takes note that the oracle refused a request for good.
	pub async fn release(&self, channel: ChannelId, commit: Hash) -> Result<(), KeeperError> {
		let released = self.ask(|reply| Command::Release(channel, commit, reply)).await;
		self.freed.notify_waiters();
		released
	}

	/// Signs nothing more on the receipt's channel, because the oracle lied in it.
	pub async fn halt(&self, reason: String, evidence: SignedReceipt) -> Result<(), KeeperError> {
		let halted = self.ask(|reply| Command::Halt(reason, evidence, reply)).await;
		self.freed.notify_waiters();
		halted
	}

	/// Keeps a receipt that the oracle signed and that is not accepted, though it is not certain that
	/// the oracle lied. If it contradicts another one, the channel is halted.
	pub async fn witness(&self, why: String, receipt: SignedReceipt) -> Result<(), KeeperError> {
		self.ask(|reply| Command::Witness(why, receipt, reply)).await
	}

	/// Draws the next key of a channel and writes it down; the same one until it is adopted. Returns
	/// its public half, for the chain.
	pub async fn prepare_key(&self, channel: ChannelId) -> Result<PublicKey, KeeperError> {
		self.ask(|reply| Command::PrepareKey(channel, reply)).await
	}

	/// Signs with the prepared key from now on, because the chain says that it is the channel's.
	pub async fn adopt_key(&self, channel: ChannelId, key: PublicKey) -> Result<(), KeeperError> {
		self.ask(|reply| Command::AdoptKey(channel, key, reply)).await
	}

	async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, KeeperError> {
		self.clerk.ask(command).await.map_err(|_| KeeperError::Stopped)?
	}
}

struct Kept {
	key: SigningKey,
	genesis: Hash,
	ledger: Ledger,
}

struct Worker {
	store: Arc<Store>,
	channels: BTreeMap<ChannelId, Kept>,
}

/// What is told once it is known whether it is on disk; if the store failed, the whole group does.
fn decided<T: 'static>(reply: Reply<T>, result: Result<T, KeeperError>) -> Decided {
	let due = match &result {
		Err(KeeperError::Store(error)) => Err(error.clone()),
		_ => Ok(Due::Now),
	};
	// A caller that is gone needs no answer: what it reserved is on disk.
	Decided::new(due, |written| {
		drop(reply.send(written.map_err(KeeperError::Store).and(result)));
	})
}

impl Work for Worker {
	type Command = Command;

	fn decide(&mut self, writing: &Writing, command: Command) -> Decided {
		let batch = &Batch(writing);
		match command {
			Command::Add(record, limits, reply) => decided(reply, self.add(batch, *record, limits)),
			Command::Forget(channel, reply) => decided(reply, self.forget(batch, channel)),
			Command::SetLimits(channel, limits, reply) => {
				decided(reply, self.set_limits(batch, channel, limits))
			},
			Command::Reserve(request, payload, serve_until, reply) => {
				decided(reply, self.reserve(batch, &request, &payload, serve_until))
			},
			Command::Complete(receipt, reply) => decided(reply, self.complete(batch, &receipt)),
			Command::Release(channel, commit, reply) => {
				decided(reply, self.release(batch, channel, &commit))
			},
			Command::Halt(reason, evidence, reply) => {
				decided(reply, self.halt(batch, &reason, &evidence))
			},
			Command::Witness(why, receipt, reply) => {
				decided(reply, self.witness(batch, &why, &receipt))
			},
			Command::PrepareKey(channel, reply) => decided(reply, self.prepare_key(batch, channel)),
			Command::AdoptKey(channel, key, reply) => {
				decided(reply, self.adopt_key(batch, channel, &key))
			},
		}
	}

	fn reload(&mut self) {
		self.channels.clear();
	}
}

impl Worker {
	fn kept(&mut self, channel: &ChannelId) -> Result<&mut Kept, KeeperError> {
		match self.channels.entry(*channel) {
			Entry::Occupied(kept) => Ok(kept.into_mut()),
			Entry::Vacant(vacant) => {
				let record =
					self.store.channel(channel)?.ok_or(KeeperError::UnknownChannel(*channel))?;
				let ledger = self.store.ledger(&record)?;
				Ok(vacant.insert(Kept { key: record.key(), genesis: record.genesis, ledger }))
			},
		}
	}

	fn add(
		&mut self,
		batch: &Batch,
		record: ChannelRecord,
		limits: Limits,
	) -> Result<(), KeeperError> {
		let id = record.channel_id;
		match self.kept(&id) {
			Ok(_) => return Err(KeeperError::ChannelExists(id)),
			Err(KeeperError::UnknownChannel(_)) => {},
			Err(error) => return Err(error),
		}
		batch.channel(&record, &limits)?;
		let ledger = Ledger::new(id, record.genesis, limits, Default::default(), []);
		self.channels.insert(id, Kept { key: record.key(), genesis: record.genesis, ledger });
		Ok(())
	}

	fn forget(&mut self, batch: &Batch, channel: ChannelId) -> Result<(), KeeperError> {
		if *self.kept(&channel)?.ledger.head() != Head::default() {
			return Err(KeeperError::ChannelUsed(channel));
		}
		batch.forget(&channel)?;
		self.channels.remove(&channel);
		Ok(())
	}

	fn set_limits(
		&mut self,
		batch: &Batch,
		channel: ChannelId,
		limits: Limits,
	) -> Result<(), KeeperError> {
		let kept = self.kept(&channel)?;
		batch.head(&channel, &limits, kept.ledger.head())?;
		kept.ledger.set_limits(limits);
		Ok(())
	}

	fn reserve(
		&mut self,
		batch: &Batch,
		request: &Request,
		payload: &Payload,
		serve_until: BlockNumber,
	) -> Result<SignedVoucher, KeeperError> {
		let kept = self.kept(&request.channel_id)?;
		let (voucher, change) = kept.ledger.reserve(request, serve_until)?;
		let signed = SignedVoucher::sign(voucher, &kept.key, &kept.genesis);
		batch.asked(&signed, request)?;
		kept.change(batch, &request.channel_id, &change, Some(payload))?;
		Ok(signed)
	}

	fn complete(&mut self, batch: &Batch, receipt: &SignedReceipt) -> Result<(), KeeperError> {
		let (channel, commit) = (receipt.receipt.channel_id, receipt.receipt.request_commit);
		if let Some(disorder) = self.contradiction(batch, receipt)? {
			self.halt(batch, &disorder.to_string(), receipt)?;
			return Err(NotAccepted::Disorder(disorder).into());
		}
		let kept = self.kept(&channel)?;
		let error = match kept.ledger.complete(receipt) {
			Ok(change) => return kept.change(batch, &channel, &change, None),
			Err(error) => error,
		};
		let error = match (error, batch.answered(&channel, &commit)?) {
			(NotAccepted::NotOpen, Some(known)) if known.receipt == receipt.receipt => {
				return Ok(())
			},
			(NotAccepted::NotOpen, Some(_)) => {
				NotAccepted::Disorder(Disorder::SecondReceipt(receipt.receipt.seq))
			},
			(error, _) => error,
		};
		if let NotAccepted::Disorder(disorder) = &error {
			self.halt(batch, &disorder.to_string(), receipt)?;
		}
		Err(error.into())
	}

	fn release(
		&mut self,
		batch: &Batch,
		channel: ChannelId,
		commit: &Hash,
	) -> Result<(), KeeperError> {
		let kept = self.kept(&channel)?;
		match kept.ledger.release(commit) {
			Some(change) => kept.change(batch, &channel, &change, None),
			None => Ok(()),
		}
	}

	fn witness(
		&mut self,
		batch: &Batch,
		why: &str,
		receipt: &SignedReceipt,
	) -> Result<(), KeeperError> {
		match self.contradiction(batch, receipt)? {
			Some(disorder) => self.halt(batch, &disorder.to_string(), receipt),
			None => Ok(batch.evidence(&receipt.receipt.channel_id, why, receipt)?),
		}
	}

	/// What a receipt contradicts in all others that the oracle signed for the channel.
	fn contradiction(
		&mut self,
		batch: &Batch,
		signed: &SignedReceipt,
	) -> Result<Option<Disorder>, KeeperError> {
		let receipt = &signed.receipt;
		let ledger = &self.kept(&receipt.channel_id)?.ledger;
		let waiting = ledger.open().values().filter_map(|open| open.receipt.clone());
		let mut known: Vec<SignedReceipt> = waiting.collect();
		known.extend(batch.accepted(&receipt.channel_id, receipt.seq)?);
		known.extend(batch.answered(&receipt.channel_id, &receipt.request_commit)?);
		known.extend(batch.witnessed(&receipt.channel_id)?);
		let against = |other: &SignedReceipt| match &other.receipt {
			same if same == receipt => None,
			other if other.seq == receipt.seq => Some(Disorder::SeqTaken(receipt.seq)),
			other if other.request_commit == receipt.request_commit => {
				Some(Disorder::SecondReceipt(receipt.seq))
			},
			_ => None,
		};
		Ok(known.iter().find_map(against))
	}

	fn prepare_key(&mut self, batch: &Batch, channel: ChannelId) -> Result<PublicKey, KeeperError> {
		self.kept(&channel)?;
		let next = match batch.next_key(&channel)? {
			Some(next) => next,
			None => {
				let next = SigningKey::from_bytes(&rand::random());
				batch.put_next_key(&channel, &next)?;
				next
			},
		};
		Ok(next.verifying_key().to_bytes())
	}

	fn adopt_key(
		&mut self,
		batch: &Batch,
		channel: ChannelId,
		key: &PublicKey,
	) -> Result<(), KeeperError> {
		let kept = self.kept(&channel)?;
		let next = batch.next_key(&channel)?;
		let next = next.filter(|next| next.verifying_key().to_bytes() == *key);
		let next = next.ok_or(KeeperError::UnknownKey(channel))?;
		batch.adopt_key(&channel, &next)?;
		kept.key = next;
		Ok(())
	}

	fn halt(
		&mut self,
		batch: &Batch,
		reason: &str,
		evidence: &SignedReceipt,
	) -> Result<(), KeeperError> {
		let channel = evidence.receipt.channel_id;
		let kept = self.kept(&channel)?;
		let change = kept.ledger.halt(reason);
		batch.evidence(&channel, reason, evidence)?;
		kept.change(batch, &channel, &change, None)
	}
}

impl Kept {
	fn change(
		&mut self,
		batch: &Batch,
		channel: &ChannelId,
		change: &Change,
		payload: Option<&Payload>,
	) -> Result<(), KeeperError> {
		batch.change(channel, &self.ledger.limits(), change, payload)?;
		self.ledger.apply(change);
		Ok(())
	}
}

#[cfg(test)]
mod tests;
