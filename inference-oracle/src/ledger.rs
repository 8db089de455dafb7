//! The book behind its lock, with every change on its way to disk before the lock is released.
//!
//! So records reach the log in the order in which the book made them, and a crash leaves a log that
//! the book could have written. A request is answered only once its receipt is on disk, and so is all
//! that came before. Nobody waits for its acceptance, which gets there with the next receipt, if only its
//! own: nothing rests on it before, and if it is lost the request was never asked, and is a new one when it is
//! asked again. What was accepted and not receipted by the log is given a failed receipt when that is
//! opened again, before anything else happens.

use crate::{
	blind,
	book::{
		Admission, Book, Decision, Due, History, NotAdmitted, Offer, Order, Outcome, Position,
		Record, Refusal, RequestId, Standing, Terms,
	},
	chain::finality::Block,
	clock::{now_ms, steady_ms},
	crash::{self, Point},
	engine::profile::Known,
	private,
	store::{Answer, Limits, Store, StoreError, Write},
};
use ed25519_dalek::{SigningKey, VerifyingKey};
use std::{
	collections::HashMap,
	path::Path,
	sync::{
		atomic::{AtomicBool, AtomicU64, Ordering},
		Mutex, MutexGuard, PoisonError,
	},
	time::Duration,
};
use tokio::sync::{watch, Notify};
use tracing::Instrument;
use usufruct_client::{
	amount::ufr,
	oracle_api::{SignedReceipt, SignedVoucher},
};
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, ChannelId, Hash, PublicKey};

/// How long a request that is being served already is waited for, before its consumer is told to ask
/// again.
const WAIT_IN_PROGRESS: Duration = Duration::from_secs(10);

/// The most profiles that are noted, which are in memory too, a kibibyte or so each. A new one comes only with
/// another configuration, driver, machine or release: nobody who asks can make one, and no operator so many.
const MOST_PROFILES: usize = 1_024;

/// What became of a request.
#[derive(Debug)]
pub enum Admitted {
	/// It must be run now, and completed in any case.
	Run(crate::book::Accepted),
	/// It was answered before.
	Answered(Answer),
}

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
pub enum NotServed {
	/// By the rules.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// The log failed. The oracle stops.
	#[error(transparent)]
	Store(#[from] StoreError),
}

impl From<NotAdmitted<StoreError>> for NotServed {
	fn from(error: NotAdmitted<StoreError>) -> Self {
		match error {
			NotAdmitted::Refused(refusal) => Self::Refused(refusal),
			NotAdmitted::History(error) => Self::Store(error),
		}
	}
}

/// See the module.
pub struct Ledger {
	genesis: Hash,
	receipt_key: SigningKey,
	limits: Limits,
	book: Mutex<Book>,
	store: Store,
	/// Told whenever a receipt has reached the disk.
	landed: Notify,
	failed: watch::Sender<bool>,
	blind: Mutex<blind::Policy>,
	/// When a finalised block was taken in last, by the steady clock.
	seen_ms: AtomicU64,
	/// Whether what is taken in is old: the node is behind others.
	lagging: AtomicBool,
	/// Whether it is by this machine's clock.
	aged: AtomicBool,
	/// The finalised block that an earlier process acted on last.
	before: Option<Block>,
	/// Whether this process has taken one in.
	informed: AtomicBool,
	/// Whether the chain is not seen, as it was last said.
	unseen: AtomicBool,
	/// Requests that were accepted.
	accepted: AtomicU64,
	/// Profiles that are in the log, as JSON: whoever asks for one does not wait for the disk.
	profiles: Mutex<HashMap<Hash, Vec<u8>>>,
	/// Whether little of the bond is left, as it was last said.
	bond_low: AtomicBool,
	/// Whether nothing new is accepted for want of bond, as it was last said.
	paused: AtomicBool,
}

impl Ledger {
	/// As [`Ledger::open_with`] the default limits.
	pub async fn open(
		folder: &Path,
		genesis: Hash,
		oracle: AccountBytes,
		receipt_key: SigningKey,
	) -> Result<Self, StoreError> {
		Self::open_with(folder, genesis, oracle, receipt_key, Limits::default(), true).await
	}

	/// Opens the log in `folder` and gives everything it left open a failed receipt. Without `flush`
	/// what is said to be on disk may be lost with the system's power.
	pub async fn open_with(
		folder: &Path,
		genesis: Hash,
		oracle: AccountBytes,
		receipt_key: SigningKey,
		limits: Limits,
		flush: bool,
	) -> Result<Self, StoreError> {
		private::make_folder(folder)?;
		let (store, restored) = Store::open_to(folder, &genesis, &oracle, limits, flush)?;
		let (head, profiles) = {
			let log = store.snapshot()?;
			(log.head()?, log.profiles()?)
		};
		let before = head.map(|(number, hash)| Block { number, hash });
		let ledger = Self {
			genesis,
			receipt_key,
			limits,
			book: Mutex::new(Book::new(genesis, oracle, restored)),
			store,
			landed: Notify::new(),
			failed: watch::Sender::new(false),
			blind: Mutex::new(blind::Policy::NEVER),
			seen_ms: AtomicU64::new(steady_ms()),
			lagging: AtomicBool::new(false),
			aged: AtomicBool::new(false),
			before,
			informed: AtomicBool::new(false),
			unseen: AtomicBool::new(false),
			accepted: AtomicU64::new(0),
			profiles: Mutex::new(profiles),
			bond_low: AtomicBool::new(false),
			paused: AtomicBool::new(false),
		};
		ledger.fail_what_was_interrupted().await?;
		Ok(ledger)
	}

	async fn fail_what_was_interrupted(&self) -> Result<(), StoreError> {
		let running = self.book().running();
		if running.is_empty() {
			return Ok(());
		}
		tracing::warn!(
			requests = running.len(),
			"requests were interrupted; each gets a receipt of status failed and costs nothing"
		);
		crash::at(Point::InterruptedFound);
		for (channel, id, salt) in running {
			let outcome = Outcome::failed(&salt, now_ms(), 0);
			self.complete(&channel, &id, outcome, Vec::new()).await?;
			crash::at(Point::InterruptedFailed);
		}
		Ok(())
	}

	/// Decides on a request whose voucher was verified with `key`. What is accepted must be completed: until
	/// then it holds its reservation.
	pub async fn admit(
		&self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
	) -> Result<Admitted, NotServed> {
		self.admit_with(order, voucher, key, offer, || ()).await
	}

	/// As [`Ledger::admit`]. `looked` is called between a look at the book and the wait for a receipt, while no lock
	/// is held.
	async fn admit_with(
		&self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
		looked: impl Fn(),
	) -> Result<Admitted, NotServed> {
		let give_up = tokio::time::Instant::now() + WAIT_IN_PROGRESS;
		loop {
			// Told of what lands from here on, even before it is waited for. Only who does wait stands among
			// those whom each receipt wakes.
			let landed = self.landed.notified();
			match self.try_admit(order, voucher, key, offer) {
				Ok(admission) => return self.admitted(order, admission),
				Err(NotAdmitted::Refused(Refusal::InProgress)) => {
					looked();
					if tokio::time::timeout_at(give_up, landed).await.is_err() {
						return Err(Refusal::InProgress.into());
					}
				},
				Err(error) => return Err(error.into()),
			}
		}
	}

	/// What is against a new request, whatever it commits to; its voucher was verified with `key`. One that was
	/// asked before is answered all the same.
	pub fn vet(
		&self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
	) -> Result<(), Refusal> {
		let limit = self.blind_limit();
		let mut book = self.book();
		book.blind(limit);
		book.vet(order, voucher, key, offer)
	}

	/// Whether that request would be run: not if it is being run, or was answered.
	pub fn would_run(
		&self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
	) -> Result<bool, NotServed> {
		let limit = self.blind_limit();
		let mut book = self.book();
		book.blind(limit);
		match book.decide(order, voucher, key, offer, &self.store) {
			Ok(decision) => Ok(decision == Decision::New),
			Err(NotAdmitted::Refused(Refusal::InProgress)) => Ok(false),
			Err(error) => Err(error.into()),
		}
	}

	/// Whether that request is being served, or was answered: then it needs nothing that a new one does.
	pub fn knows(&self, channel: &ChannelId, id: &RequestId) -> Result<bool, StoreError> {
		// In this order, as that is how it moves.
		Ok(self.book().is_serving(channel, id) || self.store.answered(channel, id)?.is_some())
	}

	fn try_admit(
		&self,
		order: &Order,
		voucher: &SignedVoucher,
		key: &PublicKey,
		offer: &Offer,
	) -> Result<Admission, NotAdmitted<StoreError>> {
		let limit = self.blind_limit();
		let mut book = self.book();
		book.blind(limit);
		let admission = book.admit(order, voucher, key, offer, &self.store, now_ms())?;
		if let Admission::Run(accepted) = &admission {
			self.accepted.fetch_add(1, Ordering::Relaxed);
			crash::at(Point::Accepted);
			let added = self.store.add(Write::Book(Record::Accepted(accepted.clone())));
			self.watched(added).map_err(NotAdmitted::History)?;
		}
		Ok(admission)
	}

	fn admitted(&self, order: &Order, admission: Admission) -> Result<Admitted, NotServed> {
		match admission {
			Admission::Run(accepted) => Ok(Admitted::Run(accepted)),
			Admission::Answered(seq) => {
				let answer = self.store.answer(&order.request.channel_id, seq)?;
				crash::at(Point::AnswerRead);
				Ok(Admitted::Answered(answer.ok_or(Refusal::AnswerGone)?))
			},
		}
	}

	/// Gives an accepted request its receipt, which is on disk when this returns. `output` is the
	/// canonical form of what is delivered.
	pub async fn complete(
		&self,
		channel: &ChannelId,
		id: &RequestId,
		outcome: Outcome,
		output: Vec<u8>,
	) -> Result<SignedReceipt, StoreError> {
		crash::at(Point::Ran);
		let (receipt, durable) = {
			let mut book = self.book();
			// Whoever calls holds the acceptance, and nobody else completes it.
			let completed = book
				.complete(channel, id, outcome)
				.ok_or(StoreError::Failed("a request was completed twice".into()))?;
			let receipt = completed.receipt.clone();
			crash::at(Point::ReceiptNumbered);
			let record = Record::Completed(completed, output);
			(receipt, self.store.write(vec![Write::Book(record)]))
		};
		let durable = durable.begun();
		// Beside the writer; nobody sees it before the receipt is on disk.
		let signed = self.sign(receipt);
		self.watched(durable.wait().instrument(tracing::trace_span!("commit")).await)?;
		crash::at(Point::ReceiptDurable);
		self.book().landed(channel, id);
		self.landed.notify_waiters();
		crash::at(Point::ReceiptSigned);
		Ok(signed)
	}

	/// For how many blocks what nobody waits for is kept: the chain's closing window.
	pub fn window(&self) -> BlockNumber {
		self.limits.window
	}

	/// Whether inputs are kept, for audits.
	pub fn keeps_inputs(&self) -> bool {
		self.limits.inputs
	}

	/// Keeps the canonical input of a request that has its receipt, as long as its output is kept, and the hash
	/// of the profile under which it was run. That gets to the disk with what is written next: nothing depends on
	/// it, and where it is lost an audit cannot say anything of that request.
	pub fn keep_input(
		&self,
		receipt: &usufruct_primitives::usage::Receipt,
		profile: Hash,
		input: Vec<u8>,
	) {
		let _ = self.store.add(Write::Input(receipt.channel_id, receipt.seq, profile, input));
	}

	/// Notes a profile, once, so that its hash can be looked up whatever becomes of the model that ran under it.
	/// Called before such a run gets its receipt: it gets to the disk with that.
	pub fn note_profile(&self, known: &Known) {
		let mut profiles = self.profiles();
		if profiles.contains_key(&known.hash) || profiles.len() >= MOST_PROFILES {
			return;
		}
		let json = known.profile.json().into_bytes();
		profiles.insert(known.hash, json.clone());
		if profiles.len() == MOST_PROFILES {
			tracing::warn!(
				"the log holds {MOST_PROFILES} execution profiles and takes no more: GET /v2/profiles/HASH \
				 will not tell later ones; what keeps changing how models are run?"
			);
		}
		// While the lock is held: whoever finds it noted has his receipt written after it.
		let _ = self.store.add(Write::Profile(known.hash, json));
	}

	/// The profile of that hash, as JSON, if something was answered under it.
	pub fn profile(&self, hash: &Hash) -> Option<Vec<u8>> {
		self.profiles().get(hash).cloned()
	}

	fn profiles(&self) -> MutexGuard<'_, HashMap<Hash, Vec<u8>>> {
		self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Signs a receipt, which is told only once it is on disk.
	pub fn sign(&self, receipt: usufruct_primitives::usage::Receipt) -> SignedReceipt {
		SignedReceipt::sign(receipt, &self.receipt_key, &self.genesis)
	}

	/// The key of a channel in the book.
	pub fn key(&self, channel: &ChannelId) -> Option<VerifyingKey> {
		self.book().key(channel)
	}

	/// Takes in a channel that the chain was asked for.
	pub fn adopt(&self, channel: ChannelId, terms: Option<Terms>) -> Result<(), NotServed> {
		let mut book = self.book();
		// What the book holds is newer. The lock is held, so that it does not leave meanwhile.
		let log = if book.holds(&channel) { None } else { self.store.channel(&channel)? };
		Ok(book.adopt(channel, terms, log)?)
	}

	/// Takes a finalised block in: the oracle's own state, and the channels that were looked at.
	pub fn observe(&self, standing: Standing, channels: Vec<(ChannelId, Option<Terms>)>) {
		self.seen();
		let head = standing.head;
		let mut book = self.book();
		book.stand(standing);
		if !self.sees_old_blocks() {
			book.seen();
		}
		for (channel, terms) in channels {
			if book.observe(&channel, terms) {
				tracing::info!(channel = %hex::encode(channel), "the channel is closed");
				// A lost record is made up for at the next start, when the channel is gone again.
				let _ = self.store.write(vec![Write::Book(Record::Closed(channel, head))]);
			}
		}
		let paused = book.paused();
		self.watch_bond(book.standing(), book.unsettled(), paused);
		self.informed.store(true, Ordering::Relaxed);
	}

	/// Notes which finalised block was taken in: whoever starts from this log knows that one before it is
	/// old. Does not wait for the disk: one that is lost was followed by none that was acted on.
	pub fn note_head(&self, block: Block) {
		let _ = self.store.write(vec![Write::Head(block.number, block.hash)]);
	}

	/// The finalised block that the process before this one acted on last.
	pub fn head_before(&self) -> Option<Block> {
		self.before
	}

	/// Whether a finalised block was taken in since the start: before, nothing is known of any channel.
	pub fn is_informed(&self) -> bool {
		self.informed.load(Ordering::Relaxed)
	}

	/// Nothing new is accepted while less than that is spare of the bond, in planck; without it, less
	/// than a twentieth of the bond.
	pub fn pause_below(&self, spare: Option<Balance>) {
		self.book().pause_below(spare);
	}

	/// Says so when little of the bond is left, or nothing new is accepted for want of it, and when it
	/// is so no longer.
	fn watch_bond(&self, standing: &Standing, unsettled: Balance, paused: bool) {
		let was_low = self.bond_low();
		let low = standing.bond_is_low(unsettled, was_low);
		self.bond_low.store(low, Ordering::Relaxed);
		let spare = ufr(standing.spare_bond(unsettled));
		let (bond, free) = (ufr(standing.bond), ufr(standing.free_bond));
		if low && !was_low {
			tracing::warn!(
				%spare, %free, %bond,
				"less than a quarter of the bond is left for new requests; when none is, they are \
				 refused until older settlements are unlocked: add to it with `usufruct oracle \
				 bond-more AMOUNT`"
			);
		} else if was_low && !low {
			tracing::info!(%spare, %free, %bond, "enough of the bond is left again");
		}
		let was_paused = self.paused.swap(paused, Ordering::Relaxed);
		if paused && !was_paused {
			tracing::error!(
				%spare, %free, %bond,
				"PAUSED: too little of the bond is spare, and nothing new is accepted until older \
				 settlements are unlocked or `usufruct oracle bond-more AMOUNT` adds to it; what is due \
				 is settled, demands and repeated requests are answered"
			);
		} else if was_paused && !paused {
			tracing::info!(%spare, %free, %bond, "new requests are accepted again");
		}
	}

	/// What is served while the chain is not seen; everything, if nothing is said.
	pub fn serve_blindly(&self, policy: blind::Policy) {
		*self.blind.lock().unwrap_or_else(PoisonError::into_inner) = policy;
	}

	/// Whether other nodes have many more finalised blocks than the one that is followed.
	pub fn lags(&self, lags: bool) {
		self.lagging.store(lags, Ordering::Relaxed);
	}

	/// Whether the finalised blocks that are taken in are old by this machine's clock.
	pub fn ages(&self, old: bool) {
		self.aged.store(old, Ordering::Relaxed);
	}

	/// Whether the finalised blocks that are taken in are old ones, for either reason.
	pub fn sees_old_blocks(&self) -> bool {
		self.lagging.load(Ordering::Relaxed) || self.aged.load(Ordering::Relaxed)
	}

	/// How long ago a finalised block was taken in.
	pub fn since_head(&self) -> Duration {
		Duration::from_millis(steady_ms().saturating_sub(self.seen_ms.load(Ordering::Relaxed)))
	}

	/// Whether the chain is not seen.
	pub fn is_blind(&self) -> bool {
		self.blind_limit().is_some()
	}

	/// Whether it was not seen for so long that nothing new is accepted.
	pub fn chain_is_lost(&self) -> bool {
		self.blind_limit() == Some(0)
	}

	/// How many requests were accepted since the process started.
	pub fn accepted(&self) -> u64 {
		self.accepted.load(Ordering::Relaxed)
	}

	/// What may be accepted since the last finalised block, if that is limited; says so when it becomes
	/// so.
	fn blind_limit(&self) -> Option<Balance> {
		let policy = *self.blind.lock().unwrap_or_else(PoisonError::into_inner);
		let age = self.since_head();
		let limit = policy.limit(age);
		if limit.is_none() && self.sees_old_blocks() {
			return Some(policy.risk);
		}
		if let Some(limit) = limit {
			if !self.unseen.swap(true, Ordering::Relaxed) {
				tracing::error!(
					seconds = age.as_secs(),
					risk = %ufr(limit),
					"THE CHAIN IS NOT SEEN: no finalised block comes; what vouchers cover is served up to \
					 the set risk, and new channels are not: see to the node"
				);
			}
		}
		limit
	}

	/// A finalised block was taken in.
	fn seen(&self) {
		self.seen_ms.store(steady_ms(), Ordering::Relaxed);
		if self.unseen.swap(false, Ordering::Relaxed) {
			tracing::info!("finalised blocks come again");
		}
	}

	/// All channels in the book.
	pub fn channels(&self) -> Vec<ChannelId> {
		self.book().channels()
	}

	/// Channels with something to settle.
	pub fn due(&self) -> Vec<Due> {
		self.book().due()
	}

	/// The channel at the finalised head.
	pub fn terms(&self, channel: &ChannelId) -> Option<Terms> {
		self.book().terms(channel).cloned()
	}

	/// Where a channel stands.
	pub fn position(&self, channel: &ChannelId) -> Option<Position> {
		self.book().position(channel)
	}

	/// What is unsettled at most, and the oracle's own state.
	pub fn exposure(&self) -> (Balance, Standing) {
		let book = self.book();
		(book.unsettled(), book.standing().clone())
	}

	/// Whether little of the bond is left for new requests, as of the last finalised block.
	pub fn bond_low(&self) -> bool {
		self.bond_low.load(Ordering::Relaxed)
	}

	/// Whether nothing new is accepted for want of bond.
	pub fn paused(&self) -> bool {
		self.book().paused()
	}

	/// How many accepted requests have no receipt.
	pub fn running(&self) -> usize {
		self.book().running().len()
	}

	/// The log.
	pub fn store(&self) -> &Store {
		&self.store
	}

	/// Becomes true when the log has failed: the process must stop, and start again from what is on
	/// disk.
	pub fn failed(&self) -> watch::Receiver<bool> {
		self.failed.subscribe()
	}

	fn watched(&self, result: Result<(), StoreError>) -> Result<(), StoreError> {
		if let Err(error) = &result {
			tracing::error!(%error, "the log failed; the oracle stops");
			self.failed.send_replace(true);
		}
		result
	}

	fn book(&self) -> MutexGuard<'_, Book> {
		self.book.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

#[cfg(test)]
mod tests;
