//! The channels that pay: opened and topped up as they are needed, within a budget.

use super::{
	chain::{Offer, Onchain},
	store::{HoldError, Promised, Spending},
};
use crate::{
	amount::ufr,
	chain::{ChainError, MORTALITY},
	channel::{
		opening::{self, OpeningError, Terms},
		Bill, ChannelRecord, Keeper, KeeperError, StoreError, Unfit,
	},
	state,
	sync::lock,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	future::Future,
	sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
	time::Duration,
};
use tokio::sync::Mutex;
use usufruct_primitives::{
	AccountBytes, Balance, BlockNumber, ChannelId, ModelId, MILLISECS_PER_BLOCK,
};

/// A channel that has less than this part of a top-up left is topped up before it is empty.
const LOW: Balance = 4;
/// How many times its present price an oracle may ask for later, on a new channel.
const HEADROOM: Balance = 2;

/// For how many blocks a transaction is waited for: longer than it can still get into one, so that what
/// is put into channels is known before more is.
const PATIENCE_BLOCKS: u64 = MORTALITY + 16;

/// The same by the clock.
const PATIENCE: Duration = Duration::from_millis(PATIENCE_BLOCKS * MILLISECS_PER_BLOCK);

/// What may be put into channels.
#[derive(Clone, Debug)]
pub struct Budget {
	/// The most that all channels together may hold, in planck.
	pub total: Balance,
	/// What a channel is opened with, and topped up by, in planck.
	pub escrow: Balance,
	/// The most that may be unacknowledged on a channel, in planck: what a dishonest oracle can take.
	pub max_unacked: Balance,
	/// The most that a unit may cost, in planck.
	pub max_unit_price: Option<Balance>,
}

/// Why there is no channel to pay with.
#[derive(Debug, thiserror::Error)]
pub enum PurseError {
	/// Channels hold as much as they may, or will if what was signed gets into a block.
	#[error(
		"{} more are needed in a channel, and channels hold {} of the {} that they may; raise --budget \
		 or close channels",
		ufr(*.needed), ufr(*.held), ufr(*.budget)
	)]
	OverBudget {
		/// What is needed.
		needed: Balance,
		/// What channels hold.
		held: Balance,
		/// What they may hold.
		budget: Balance,
	},
	/// It costs too much.
	#[error("a unit costs {}, more than the {} of --max-unit-price", ufr(*.price), ufr(*.maximum))]
	TooDear {
		/// What is asked.
		price: Balance,
		/// What is allowed.
		maximum: Balance,
	},
	/// One request is more than may be at risk.
	#[error(
		"the request may cost {}, more than the {} that may be unacknowledged; raise --max-unacked, \
		 which is also what a dishonest oracle can take",
		ufr(*.amount), ufr(*.max_unacked)
	)]
	TooLarge {
		/// The most it may cost.
		amount: Balance,
		/// The limit.
		max_unacked: Balance,
	},
	/// It could not be opened.
	#[error("no channel could be opened")]
	Opening(#[from] OpeningError),
	/// It could not be topped up.
	#[error("the channel could not be topped up")]
	Chain(#[from] ChainError),
	/// The chain stands still, or the node does.
	#[error("the chain did not make the transaction final in {} s; is the node synchronised?", PATIENCE.as_secs())]
	Slow,
	/// The channels' store failed.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The channels' keeper failed.
	#[error(transparent)]
	Keeper(#[from] KeeperError),
	/// What is about to be put into a channel cannot be written down. Nothing was signed.
	#[error(transparent)]
	Unwritten(#[from] HoldError),
}

impl PurseError {
	/// Whether nothing was put into a channel, for certain and for good.
	fn is_final(&self) -> bool {
		use ChainError::{Dispatch, NotTaken};
		matches!(
			self,
			Self::Chain(Dispatch(_) | NotTaken(_))
				| Self::Opening(
					OpeningError::Chain(Dispatch(_) | NotTaken(_)) | OpeningError::LastSalt
				)
		)
	}
}

/// A channel of this gateway, as the chain last said.
#[derive(Clone, Debug)]
pub struct Known {
	/// What the store has.
	pub record: ChannelRecord,
	/// What the chain says.
	pub channel: state::Channel,
	/// Whether its key is not here: it was replaced elsewhere, and nothing can be signed on it.
	pub locked: bool,
}

/// What the chain said of a channel, and in which block. It is of no use what an earlier one says: a
/// channel is not gone because a node that is behind knows nothing of it yet.
struct Seen {
	at: BlockNumber,
	known: Option<Known>,
}

/// See the module.
pub struct Purse {
	keeper: Arc<Keeper>,
	chain: Arc<dyn Onchain>,
	spending: Arc<Spending>,
	budget: Budget,
	/// What was signed, or is about to be, and is not known to be in a channel.
	promised: std::sync::Mutex<BTreeMap<u64, Promised>>,
	seen: RwLock<BTreeMap<ChannelId, Seen>>,
	/// Held while what the chain says of a channel is compared with what it said before, and taken.
	taking: Mutex<()>,
	/// Who lied on a channel that may be closed by now.
	liars: RwLock<BTreeSet<AccountBytes>>,
	/// Held while money is put into a channel: one transaction after the other, each within the budget.
	paying: Mutex<()>,
}

/// How a channel can be used for a request.
enum Fit {
	Ready(ChannelRecord),
	Short(ChannelRecord),
}

impl Purse {
	/// Over the keeper's channels on that chain, with what is left of an earlier run.
	pub fn new(
		keeper: Arc<Keeper>,
		chain: Arc<dyn Onchain>,
		spending: Arc<Spending>,
		budget: Budget,
	) -> Result<Self, StoreError> {
		let promised = std::sync::Mutex::new(spending.promised()?);
		let (seen, liars) = (RwLock::default(), RwLock::default());
		let (taking, paying) = (Mutex::default(), Mutex::default());
		Ok(Self { keeper, chain, spending, budget, promised, seen, taking, liars, paying })
	}

	/// What may be put into channels.
	pub fn budget(&self) -> &Budget {
		&self.budget
	}

	/// Takes what the finalised chain says about all channels of this account, at that block or later.
	pub async fn refresh(&self, head: BlockNumber) -> Result<(), PurseError> {
		let mut known_at = head;
		for record in self.keeper.store().channels()? {
			if record.genesis == self.chain.genesis() && self.is_halted(&record)? {
				self.liars.write().unwrap_or_else(PoisonError::into_inner).insert(record.oracle);
			}
			let ours =
				record.genesis == self.chain.genesis() && record.consumer == self.chain.account();
			if ours {
				known_at = known_at.min(self.look(&record.channel_id).await?);
			}
		}
		// What was signed so long ago is in a channel by now, or never will be.
		let over = |promised: &Promised| promised.until < known_at;
		let promised = lock(&self.promised).clone();
		for (id, _) in promised.into_iter().filter(|it| over(&it.1)) {
			self.fulfil(id).await;
		}
		Ok(())
	}

	async fn fulfil(&self, id: u64) {
		lock(&self.promised).remove(&id);
		self.spending.fulfil(id).await;
	}

	/// Takes what the finalised chain says about a channel, unless it was known at a later block already;
	/// returns at which it is known.
	async fn look(&self, id: &ChannelId) -> Result<BlockNumber, PurseError> {
		let (at, found) = self.chain.channel(*id).await?;
		let _one = self.taking.lock().await;
		if let Some(later) = self.read().get(id).map(|seen| seen.at).filter(|later| *later > at) {
			return Ok(later);
		}
		let known = match found {
			Some(channel) => Some(self.take(id, channel).await?),
			None => None,
		};
		self.write().insert(*id, Seen { at, known });
		Ok(at)
	}

	async fn take(&self, id: &ChannelId, channel: state::Channel) -> Result<Known, PurseError> {
		let was_locked = self.known(id).is_some_and(|known| known.locked);
		let locked = match opening::take(&self.keeper, &self.keeper.channel(id)?, &channel).await {
			Ok(()) => false,
			// One channel of which no use can be made is no reason to use no other.
			Err(error @ KeeperError::UnknownKey(_)) => {
				if !was_locked {
					tracing::warn!(%error, "a channel is not used, and what it holds counts as held");
				}
				true
			},
			Err(error) => return Err(error.into()),
		};
		// The key may be another by now.
		Ok(Known { record: self.keeper.channel(id)?, channel, locked })
	}

	/// In which block a channel was not on the chain, if that is the last that is known of it.
	pub fn gone_at(&self, channel: &ChannelId) -> Option<BlockNumber> {
		self.read().get(channel).filter(|seen| seen.known.is_none()).map(|seen| seen.at)
	}

	/// A channel, if it is on the chain.
	fn known(&self, channel: &ChannelId) -> Option<Known> {
		self.read().get(channel)?.known.clone()
	}

	/// All channels that are on the chain.
	pub fn channels(&self) -> Vec<Known> {
		self.read().values().filter_map(|seen| seen.known.clone()).collect()
	}

	/// What all channels hold or may come to hold by what was signed, in planck.
	pub fn held(&self) -> Balance {
		let promised =
			lock(&self.promised).values().map(|it| it.amount).fold(0, Balance::saturating_add);
		let seen = self.read();
		let known = seen.values().filter_map(|seen| seen.known.as_ref());
		known.map(|it| it.channel.escrow).fold(promised, Balance::saturating_add)
	}

	/// Whether the oracle lied on any channel of this store: nothing is asked of it any more.
	pub fn lied(&self, oracle: &AccountBytes) -> Result<bool, StoreError> {
		if self.liars.read().unwrap_or_else(PoisonError::into_inner).contains(oracle) {
			return Ok(true);
		}
		for known in self.channels() {
			if known.record.oracle == *oracle && self.is_halted(&known.record)? {
				return Ok(true);
			}
		}
		Ok(false)
	}

	fn is_halted(&self, record: &ChannelRecord) -> Result<bool, StoreError> {
		Ok(self.keeper.store().ledger(record)?.head().halted.is_some())
	}

	/// A channel that pays for a request now.
	pub fn ready(
		&self,
		offer: &Offer,
		amount: Balance,
	) -> Result<Option<ChannelRecord>, StoreError> {
		let (oracle, model) = (&offer.oracle, offer.model);
		Ok(match self.find(oracle, model, offer.target.unit_price, amount)? {
			Some(Fit::Ready(record)) => Some(record),
			_ => None,
		})
	}

	fn find(
		&self,
		oracle: &AccountBytes,
		model: ModelId,
		price: Balance,
		amount: Balance,
	) -> Result<Option<Fit>, StoreError> {
		let bill = Bill { unit_price: price, requests: 1, largest: amount, total: amount };
		let mut short = None;
		for Known { record, channel, locked } in self.channels() {
			if locked || record.oracle != *oracle || record.model != model {
				continue;
			}
			let ledger = self.keeper.store().ledger(&record)?;
			match bill.check(&channel, &ledger) {
				Ok(()) => return Ok(Some(Fit::Ready(record))),
				Err(Unfit::Short { .. }) => short = Some(Fit::Short(record)),
				Err(_) => {},
			}
		}
		Ok(short)
	}

	/// A channel that pays for a request: one that is there, topped up if need be, or a new one.
	pub async fn provide(
		&self,
		offer: &Offer,
		amount: Balance,
	) -> Result<ChannelRecord, PurseError> {
		let price = offer.target.unit_price;
		if let Some(maximum) = self.budget.max_unit_price.filter(|maximum| price > *maximum) {
			return Err(PurseError::TooDear { price, maximum });
		}
		let max_unacked = self.budget.max_unacked;
		if amount > max_unacked {
			return Err(PurseError::TooLarge { amount, max_unacked });
		}
		if let Some(record) = self.ready(offer, amount)? {
			return Ok(record);
		}
		let _one = self.paying.lock().await;
		// Another request may have brought it about meanwhile.
		let put = self.budget.escrow.max(amount);
		match self.find(&offer.oracle, offer.model, price, amount)? {
			Some(Fit::Ready(record)) => Ok(record),
			Some(Fit::Short(record)) => self.top_up(record, put).await,
			None => {
				let doubled = price.saturating_mul(HEADROOM);
				let terms = Terms {
					oracle: offer.oracle,
					model: offer.model,
					escrow: put,
					max_unit_price: self
						.budget
						.max_unit_price
						.map_or(doubled, |maximum| maximum.min(doubled)),
					max_unacked,
				};
				self.put(put, async { Ok(self.chain.open(self.keeper.clone(), terms).await?) })
					.await
			},
		}
	}

	async fn top_up(
		&self,
		record: ChannelRecord,
		amount: Balance,
	) -> Result<ChannelRecord, PurseError> {
		self.put(amount, async {
			let block = self.chain.top_up(record.channel_id, amount).await?;
			Ok((record, block))
		})
		.await
	}

	/// Tops a channel up before it is empty, if the budget allows it.
	pub async fn fill(&self, channel: &ChannelId) -> Result<(), PurseError> {
		if self.low(channel)?.is_none() {
			return Ok(());
		}
		let _one = self.paying.lock().await;
		// A question may have topped it up meanwhile.
		match self.low(channel)? {
			Some(record) => self.top_up(record, self.budget.escrow).await.map(drop),
			None => Ok(()),
		}
	}

	/// A channel that is of use, if it is nearly empty.
	fn low(&self, channel: &ChannelId) -> Result<Option<ChannelRecord>, StoreError> {
		let Some(Known { record, channel, locked }) = self.known(channel) else { return Ok(None) };
		let ledger = self.keeper.store().ledger(&record)?;
		let left = channel.funds().saturating_sub(ledger.promised());
		let halted = ledger.head().halted.is_some() || ledger.is_stuck(1);
		let asleep = locked || halted || channel.closes_at.is_some();
		Ok((!asleep && left < self.budget.escrow / LOW).then_some(record))
	}

	/// Puts so much into a channel, within the budget. It is on disk before it is signed, and counted until
	/// it is known what became of it: as long as it may still get into a block, or until the channel was
	/// seen in the block that it is in, or later.
	async fn put(
		&self,
		amount: Balance,
		transaction: impl Future<Output = Result<(ChannelRecord, BlockNumber), PurseError>>,
	) -> Result<ChannelRecord, PurseError> {
		self.within(amount)?;
		let head = self.chain.head().await?;
		let until = head.saturating_add((PATIENCE_BLOCKS + MORTALITY) as BlockNumber);
		let (id, promised) = (rand::random(), Promised { amount, until });
		self.spending.promise(id, promised).await?;
		lock(&self.promised).insert(id, promised);
		let seen = async {
			let (record, block) = transaction.await?;
			let at = self.look(&record.channel_id).await?;
			Ok::<_, PurseError>((record, at >= block))
		};
		let done = match tokio::time::timeout(PATIENCE, seen).await {
			Ok(done) => done,
			Err(_) => Err(PurseError::Slow),
		};
		let settled = match &done {
			Ok((_, seen)) => *seen,
			Err(error) => error.is_final(),
		};
		if settled {
			self.fulfil(id).await;
		}
		done.map(|(record, _)| record)
	}

	fn within(&self, needed: Balance) -> Result<(), PurseError> {
		let (held, budget) = (self.held(), self.budget.total);
		match held.checked_add(needed) {
			Some(after) if after <= budget => Ok(()),
			_ => Err(PurseError::OverBudget { needed, held, budget }),
		}
	}

	fn read(&self) -> RwLockReadGuard<'_, BTreeMap<ChannelId, Seen>> {
		self.seen.read().unwrap_or_else(PoisonError::into_inner)
	}

	fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<ChannelId, Seen>> {
		self.seen.write().unwrap_or_else(PoisonError::into_inner)
	}
}
