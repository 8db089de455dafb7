//! The chain over a node: follows its finalised blocks, looks channels up, submits settlements.
//!
//! A channel is read when it is first asked for, and again when an event of a finalised block names
//! it, when a settlement of it is final, and when blocks were missed. Everything else the oracle
//! needs is read at every finalised block.

use super::{
	finality::{compare, Block, Stand, Trouble},
	prices, with_causes, ChainError, Channels, Head, Lookup, Settled, Settlement, SubmitError,
	VersionState,
};
use crate::{
	book::{Standing, Terms},
	clock::now_ms,
	ledger::Ledger,
	settle::{Batch, Prices},
};
use futures::{
	future::{try_join_all, BoxFuture},
	FutureExt,
};
use std::{
	collections::{HashMap, HashSet},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use subxt::{
	transactions::Payload,
	utils::{AccountId32, Static},
};
use subxt_signer::sr25519::Keypair;
use tokio::sync::{watch, Mutex as AsyncMutex};
use usufruct_client::{
	amount::ufr,
	chain::{AtBlock, Chain, ChainError as ClientError, Included, Progress, Until},
	runtime::{
		self,
		runtime_types::bounded_collections::bounded_vec::BoundedVec,
		usage::events::{
			ChannelClosed, ChannelKeySet, Checkpointed, CloseRequested, EscrowReturned,
			Settled as SettledEvent, ToppedUp,
		},
	},
	state,
};
use usufruct_primitives::{
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Hash, VersionId,
};

/// The pause before connecting again.
const RECONNECT: Duration = Duration::from_secs(2);
/// Channels that are read at a time.
const AT_A_TIME: usize = 32;
/// For how many blocks a channel that was just looked up is read again: it reaches the book after
/// the block it was read at.
const FRESH: u8 = 2;

/// See the module.
pub struct Node {
	url: String,
	signer: Keypair,
	oracle: AccountBytes,
	versions: Vec<VersionId>,
	connection: Mutex<Chain>,
	heads: watch::Sender<Arc<Head>>,
	/// Channels that were just looked up, and for how many more blocks.
	fresh: Mutex<HashMap<ChannelId, u8>>,
	/// Channels of settlements that were submitted.
	claimed: Mutex<HashSet<ChannelId>>,
	/// The last finalised block that was taken in, by this process or the one before it.
	last: Mutex<Option<Block>>,
	trouble: Trouble,
	/// Held while a transaction gets its nonce and until the node has it: the next one counts on it.
	sending: AsyncMutex<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Node {
	/// Connects, and reads the finalised head.
	pub async fn connect(
		url: &str,
		signer: Keypair,
		versions: Vec<VersionId>,
	) -> Result<Self, ChainError> {
		let chain = Chain::connect(url).await?;
		chain.check_runtime().await?;
		let oracle = signer.public_key().0;
		let node = Self {
			url: url.into(),
			signer,
			oracle,
			versions,
			connection: Mutex::new(chain),
			heads: watch::Sender::new(Arc::default()),
			fresh: Mutex::default(),
			claimed: Mutex::default(),
			last: Mutex::default(),
			trouble: Trouble::default(),
			sending: AsyncMutex::default(),
		};
		let at = node.chain().finalised().await?;
		node.heads.send_replace(Arc::new(node.head(&at).await?));
		Ok(node)
	}

	/// The genesis hash of the chain.
	pub fn genesis(&self) -> Hash {
		self.chain().genesis()
	}

	/// Where it is.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// What is wrong with it and its witnesses.
	pub fn trouble(&self) -> &Trouble {
		&self.trouble
	}

	/// The last finalised block that was taken in.
	pub(super) fn last(&self) -> Option<Block> {
		*lock(&self.last)
	}

	/// For how many blocks stored answers are kept after their vouchers: the chain's closing window.
	pub async fn closing_window(&self) -> Result<BlockNumber, ChainError> {
		let at = self.chain().finalised().await?;
		Ok(usufruct_client::watch::read::Constants::read(&at)?.closing_window)
	}

	/// What kind of chain the node says it is: `Development`, `Local`, `Live` or its own word.
	pub async fn chain_type(&self) -> Result<String, ChainError> {
		let asked = self.chain().rpc().system_chain_type().await;
		Ok(asked.map_err(ClientError::from)?)
	}

	/// The finalised head, as it moves.
	pub fn heads(&self) -> watch::Receiver<Arc<Head>> {
		self.heads.subscribe()
	}

	pub(crate) fn chain(&self) -> Chain {
		lock(&self.connection).clone()
	}

	/// The account this oracle is.
	pub(crate) fn oracle(&self) -> AccountBytes {
		self.oracle
	}

	/// Signs a call of the oracle and sends it; returns when it is final and succeeded.
	pub(super) async fn send<Call: Payload>(
		&self,
		call: &Call,
		mut report: impl FnMut(Progress),
	) -> Result<Included, ClientError> {
		let mut sending = Some(self.sending.lock().await);
		let progress = |step: Progress| {
			if step == Progress::Sent {
				drop(sending.take());
			}
			report(step);
		};
		self.chain().submit(call, &self.signer, Until::Final, progress).await
	}

	/// What that settlement would cost in fees, in planck. It is signed by nobody's key: the node sees it.
	pub(super) async fn fee(&self, batch: &Batch) -> Result<Balance, ChainError> {
		let nobody =
			Keypair::from_secret_key([1; 32]).map_err(|error| ChainError(error.to_string()))?;
		Ok(self.chain().fee(&settle_call(batch), &nobody).await?)
	}

	/// Follows the chain for ever and tells the ledger; connects again when the connection is lost. What
	/// was final for the process before this one stays so: no block before it is taken in.
	pub async fn follow(&self, ledger: &Ledger) {
		*lock(&self.last) = ledger.head_before();
		match self.stand(&self.chain()).await {
			Ok(Stand::Same) => {},
			// It was said why.
			Ok(_) => self.reconnect().await,
			Err(error) => {
				tracing::warn!(%error, "lost the node; connecting again");
				self.reconnect().await;
			},
		}
		loop {
			if let Err(error) = self.follow_connected(ledger).await {
				tracing::warn!(%error, "lost the node; connecting again");
			}
			self.reconnect().await;
		}
	}

	async fn reconnect(&self) {
		loop {
			tokio::time::sleep(RECONNECT).await;
			match Chain::connect(&self.url).await {
				Ok(chain) if chain.genesis() == self.genesis() => match self.stand(&chain).await {
					Ok(Stand::Forked { .. } | Stand::Behind { .. }) => {},
					Ok(Stand::Same) => {
						tracing::info!("connected again");
						*lock(&self.connection) = chain;
						return;
					},
					Err(error) => tracing::debug!(%error, "the node does not answer"),
				},
				Ok(_) => tracing::error!("the node now serves another chain; nothing is followed"),
				Err(error) => tracing::debug!(error = with_causes(&error), "no node"),
			}
		}
	}

	/// How what the node serves now stands to what was taken in.
	async fn stand(&self, chain: &Chain) -> Result<Stand, ChainError> {
		let Some(block) = self.last() else { return Ok(Stand::Same) };
		let stand = compare(chain, block, chain).await?;
		self.trouble.stand(&self.url, block, stand);
		Ok(stand)
	}

	async fn follow_connected(&self, ledger: &Ledger) -> Result<(), ChainError> {
		let chain = self.chain();
		let mut blocks = chain.client().stream_blocks().await.map_err(ClientError::from)?;
		let mut last = None;
		while let Some(block) = blocks.next().await {
			let block = block.map_err(ClientError::from)?;
			// One that was taken in already, or a step back: what is final stays. But what the process
			// before this one took in last, this one has yet to.
			let taken = |last: Block| match ledger.is_informed() {
				true => block.number() <= last.number,
				false => block.number() < last.number,
			};
			if self.last().is_some_and(taken) {
				continue;
			}
			let at = block.at().await.map_err(ClientError::from)?;
			let known = ledger.channels();
			let missed = last.is_none_or(|last: u64| block.number() != last + 1);
			let changed = match missed {
				true => known,
				false => self.changed(&at, known).await?,
			};
			let channels = read_channels(&at, &changed).await?;
			let head = self.head(&at).await?;
			let age = now_ms().saturating_sub(state::time(&at).await?);
			ledger.ages(self.trouble.age(&self.url, Duration::from_millis(age)));
			// The ledger first: who sees the head may rely on the channels.
			ledger.observe(head.standing.clone(), channels);
			self.heads.send_replace(Arc::new(head));
			let taken = Block { number: block.number(), hash: block.hash().0 };
			ledger.note_head(taken);
			*lock(&self.last) = Some(taken);
			last = Some(block.number());
		}
		Err(ChainError("the node sends no more blocks".into()))
	}

	/// Channels of the book that may have changed in this block.
	async fn changed(
		&self,
		at: &AtBlock,
		known: Vec<ChannelId>,
	) -> Result<Vec<ChannelId>, ChainError> {
		let events = at.events().fetch().await.map_err(ClientError::from)?;
		let mut changed = HashSet::new();
		macro_rules! named_by {
			($($event:ty),*) => {$(
				for event in events.find::<$event>() {
					changed.insert(event.map_err(ClientError::from)?.channel_id);
				}
			)*};
		}
		named_by!(
			ToppedUp,
			CloseRequested,
			ChannelClosed,
			ChannelKeySet,
			Checkpointed,
			EscrowReturned
		);
		for event in events.find::<SettledEvent>() {
			if event.map_err(ClientError::from)?.oracle.0 == self.oracle {
				changed.extend(lock(&self.claimed).drain());
			}
		}
		lock(&self.fresh).retain(|channel, left| {
			changed.insert(*channel);
			*left -= 1;
			*left > 0
		});
		Ok(known.into_iter().filter(|channel| changed.contains(channel)).collect())
	}

	async fn head(&self, at: &AtBlock) -> Result<Head, ChainError> {
		let oracle = state::oracle(at, &self.oracle).await?;
		let unlocks = self.unlocks(at).await?;
		let mut versions = HashMap::new();
		for id in &self.versions {
			let Some(version) = state::version(at, *id).await? else { continue };
			let ask = state::ask(at, &self.oracle, *id).await?;
			versions.insert(
				*id,
				VersionState {
					model: version.model,
					meter: version.meter,
					manifest: version.manifest_hash,
					metadata: version.metadata_hash,
					size: version.size,
					licence: version.licence,
					open: version.open,
					tensors: version.tensor_root,
					ask,
				},
			);
		}
		Ok(Head {
			standing: Standing {
				head: u32::try_from(at.block_number()).unwrap_or(u32::MAX),
				active: oracle.as_ref().is_some_and(|oracle| oracle.active),
				bond: oracle.as_ref().map_or(0, |oracle| oracle.bond),
				free_bond: oracle.as_ref().map_or(0, |oracle| oracle.lockable),
				unlocks,
			},
			receipt_key: oracle.map(|oracle| oracle.receipt_key),
			next_batch: state::next_batch(at, &self.oracle).await?,
			versions,
		})
	}
}

impl Node {
	/// When what is locked of the bond ends; what is over already counts as free.
	async fn unlocks(&self, at: &AtBlock) -> Result<Vec<(BlockNumber, Balance)>, ClientError> {
		let now = u32::try_from(at.block_number()).unwrap_or(u32::MAX);
		let locks = at.storage().entry(runtime::storage().oracles().locks())?;
		let Some(ring) = locks.try_fetch((AccountId32(self.oracle),)).await? else {
			return Ok(Vec::new());
		};
		let timed = ring.decode()?.timed.0.into_iter().map(|lock| (lock.until, lock.amount));
		Ok(timed.filter(|(until, _)| now < *until).collect())
	}
}

fn terms(channel: state::Channel) -> Terms {
	Terms {
		consumer: channel.consumer,
		oracle: channel.oracle,
		model: channel.model,
		key: channel.key,
		escrow: channel.escrow,
		max_unit_price: channel.max_unit_price,
		max_unacked: channel.max_unacked,
		settled_seq: channel.settled_seq,
		settled_total: channel.settled_total,
		closes_at: channel.closes_at,
		former_until: channel.former_keys.iter().map(|it| it.until).max(),
	}
}

async fn read_channels(
	at: &AtBlock,
	channels: &[ChannelId],
) -> Result<Vec<(ChannelId, Option<Terms>)>, ChainError> {
	let mut read = Vec::with_capacity(channels.len());
	for some in channels.chunks(AT_A_TIME) {
		let states = try_join_all(some.iter().map(|channel| state::channel(at, channel))).await?;
		read.extend(some.iter().copied().zip(states.into_iter().map(|it| it.map(terms))));
	}
	Ok(read)
}

impl Channels for Node {
	fn lookup(&self, channel: ChannelId) -> BoxFuture<'_, Result<Lookup, ChainError>> {
		async move {
			if self.trouble.any() {
				return Err(ChainError(
					"what is final is disputed, or the node is behind it".into(),
				));
			}
			let chain = self.chain();
			lock(&self.fresh).insert(channel, FRESH);
			if let Some(found) = state::channel(&chain.finalised().await?, &channel).await? {
				return Ok(Lookup::Final(terms(found)));
			}
			lock(&self.fresh).remove(&channel);
			Ok(match state::channel(&chain.best().await?, &channel).await? {
				Some(_) => Lookup::NotFinal,
				None => Lookup::Unknown,
			})
		}
		.boxed()
	}
}

fn settle_call(batch: &Batch) -> impl Payload {
	let claims = batch.claims.iter().cloned().map(Static).collect();
	runtime::tx().usage().settle(batch.no, batch.root, batch.total, batch.count, BoundedVec(claims))
}

impl Settlement for Node {
	fn settle<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<Settled, SubmitError>> {
		async move {
			lock(&self.claimed).extend(batch.claims.iter().map(|claim| claim.channel_id));
			let call = settle_call(batch);
			let report = |progress| tracing::debug!(batch = batch.no, %progress, "settlement");
			let included = self.send(&call, report).await?;
			tracing::debug!(batch = batch.no, fee = %included.fee, block = included.block, "settled");
			let skipped = match included.event::<SettledEvent>("Usage.Settled") {
				Ok(event) => event.skipped.0,
				// It was taken; which claims were skipped is seen in the channels.
				Err(error) => {
					tracing::warn!(error = with_causes(&error), "the event cannot be read");
					Vec::new()
				},
			};
			Ok(Settled {
				fee: included.fee,
				skipped: skipped
					.into_iter()
					.map(|it| match it.missing {
						0 => (it.index, format!("{:?}", it.reason)),
						missing => {
							(it.index, format!("{:?}: {} is missing", it.reason, ufr(missing)))
						},
					})
					.collect(),
			})
		}
		.boxed()
	}

	fn root_of(&self, no: BatchNo) -> BoxFuture<'_, Result<Option<Hash>, ChainError>> {
		async move {
			let at = self.chain().finalised().await?;
			Ok(state::batch(&at, &self.oracle, no).await?.map(|batch| batch.root))
		}
		.boxed()
	}

	fn prices(&self) -> BoxFuture<'_, Result<Prices, ChainError>> {
		prices::ask(self).boxed()
	}
}
