//! Gateways before oracles of every character, over real HTTP, on a chain in memory.

mod asking;
mod grpc;
mod serving;
mod spending;
mod traces;

use super::{
	chain::{Market, Offer, Onchain},
	desk::{Answered, Gateway, Options, Question},
	purse::Budget,
	spend::{Day, Limits, Scope, DAY_MS},
	GatewayError,
};
use crate::{
	chain::ChainError,
	channel::{
		opening::{OpeningError, Terms},
		ChannelRecord, Keeper,
	},
	manifest,
	oracle_api::Reach,
	session::Target,
	state,
	tensors::Tensor,
	testing::{inputs, retired_key, Mood, Oracle, Shared, GENESIS, PRICE},
	text::tests::documents,
};
use futures::future::{BoxFuture, FutureExt};
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{Arc, Mutex, MutexGuard},
	time::Duration,
};
use tokio::sync::Notify;
use usufruct_primitives::{
	usage::channel_id, AccountBytes, Balance, BlockNumber, ChannelId, Hash, Meter, ModelId,
};

const ACCOUNT: AccountBytes = [8; 32];
const MODEL: ModelId = 4;
/// The chain's, long before this machine's.
const TODAY: Day = 1_000;
/// The chain's, until a test changes it; no real one's.
const CLOSING_WINDOW: BlockNumber = 1_000;

/// A chain on which everything is final at once.
struct MemoryChain(Mutex<State>);

struct State {
	market: Market,
	channels: BTreeMap<ChannelId, state::Channel>,
	oracles: BTreeMap<AccountBytes, Shared>,
	topped_up: usize,
	last_salt: u64,
	/// Whether transactions are lost, and whether they get into a block is not known.
	loses: bool,
	/// What the node knows, if it is behind: its head, and the channels at that.
	behind: Option<View>,
	/// Who comes through is topped up, and how many have come.
	gate: Option<Arc<Notify>>,
	at_the_gate: usize,
}

/// A block, and the channels in it.
type View = (BlockNumber, BTreeMap<ChannelId, state::Channel>);

impl State {
	fn view(&self) -> View {
		let now = || (self.market.head, self.channels.clone());
		self.behind.clone().unwrap_or_else(now)
	}
}

impl MemoryChain {
	fn state(&self) -> MutexGuard<'_, State> {
		self.0.lock().unwrap()
	}
}

impl Onchain for MemoryChain {
	fn genesis(&self) -> Hash {
		GENESIS
	}

	fn account(&self) -> AccountBytes {
		ACCOUNT
	}

	fn market<'a>(
		&'a self,
		_models: &'a BTreeSet<ModelId>,
	) -> BoxFuture<'a, Result<Market, ChainError>> {
		let state = self.state();
		let market = Market { head: state.view().0, ..state.market.clone() };
		async move { Ok(market) }.boxed()
	}

	fn head(&self) -> BoxFuture<'_, Result<BlockNumber, ChainError>> {
		let (head, _) = self.state().view();
		async move { Ok(head) }.boxed()
	}

	fn oracle(
		&self,
		_oracle: AccountBytes,
	) -> BoxFuture<'_, Result<Option<state::Oracle>, ChainError>> {
		async move { Ok(None) }.boxed()
	}

	fn channel(
		&self,
		channel: ChannelId,
	) -> BoxFuture<'_, Result<(BlockNumber, Option<state::Channel>), ChainError>> {
		let (head, mut channels) = self.state().view();
		async move { Ok((head, channels.remove(&channel))) }.boxed()
	}

	fn open(
		&self,
		keeper: Arc<Keeper>,
		terms: Terms,
	) -> BoxFuture<'_, Result<(ChannelRecord, BlockNumber), OpeningError>> {
		async move {
			let salt = {
				let mut state = self.state();
				state.last_salt += 1;
				state.last_salt
			};
			let Terms { oracle, model, escrow, max_unit_price, max_unacked } = terms;
			let record = ChannelRecord {
				channel_id: channel_id(&GENESIS, &ACCOUNT, &oracle, model, salt),
				genesis: GENESIS,
				consumer: ACCOUNT,
				oracle,
				model,
				salt,
				secret: rand::random(),
			};
			let limits = crate::channel::Limits { max_unit_price, max_unacked, funds: escrow };
			keeper.add(record.clone(), limits).await?;
			if self.state().loses {
				return Err(ChainError::Lost("the node hung up".into()).into());
			}
			let key = record.key().verifying_key().to_bytes();
			let channel = state::Channel {
				channel_id: record.channel_id,
				consumer: ACCOUNT,
				oracle,
				model,
				key,
				escrow,
				bonus: 0,
				reserved: 0,
				settled_seq: 0,
				settled_total: 0,
				max_unit_price,
				max_unacked,
				lodged: 0,
				former_keys: vec![],
				closes_at: None,
			};
			let mut state = self.state();
			state.oracles[&oracle].lock().unwrap().channels.insert(record.channel_id, key);
			state.channels.insert(record.channel_id, channel);
			Ok((record, state.market.head))
		}
		.boxed()
	}

	fn top_up(
		&self,
		channel: ChannelId,
		amount: Balance,
	) -> BoxFuture<'_, Result<BlockNumber, ChainError>> {
		async move {
			let gate = {
				let mut state = self.state();
				state.at_the_gate += 1;
				state.gate.clone()
			};
			if let Some(gate) = gate {
				gate.notified().await;
			}
			let mut state = self.state();
			if state.loses {
				return Err(ChainError::Lost("the node hung up".into()));
			}
			state.topped_up += 1;
			state.channels.get_mut(&channel).unwrap().escrow += amount;
			Ok(state.market.head)
		}
		.boxed()
	}
}

struct World {
	chain: Arc<MemoryChain>,
	oracles: Vec<Shared>,
	dir: tempfile::TempDir,
	options: Options,
}

/// Short where a silent one is waited for in vain; else so long that a slow machine is not taken for one.
fn patience(moods: &[Mood]) -> Duration {
	let silent = |mood: &Mood| matches!(mood, Mood::Mute | Mood::Dead | Mood::Stalls);
	match moods.iter().any(silent) {
		true => Duration::from_secs(2),
		false => Duration::from_secs(20),
	}
}

impl World {
	/// With oracles of these characters; the first is the cheapest.
	async fn new(moods: &[Mood]) -> Self {
		let mut state = State {
			market: Market {
				head: 50,
				time_ms: u64::from(TODAY) * DAY_MS,
				closing_window: CLOSING_WINDOW,
				models: vec![state::Model {
					model: MODEL,
					name: "adder".into(),
					owner: [7; 32],
					versions: 1,
					open_versions: 1,
				}],
				offers: vec![],
				metadata: BTreeMap::new(),
			},
			channels: BTreeMap::new(),
			oracles: BTreeMap::new(),
			topped_up: 0,
			last_salt: 0,
			loses: false,
			behind: None,
			gate: None,
			at_the_gate: 0,
		};
		let mut oracles = Vec::new();
		for (nth, mood) in moods.iter().enumerate() {
			let account = [nth as u8 + 100; 32];
			let mut oracle = Oracle::new(*mood, nth as u8 + 20);
			oracle.price = PRICE + nth as Balance;
			let (price, key) = (oracle.price, oracle.key.verifying_key().to_bytes());
			let (shared, endpoint) = oracle.start().await;
			oracles.push(shared.clone());
			state.oracles.insert(account, shared);
			let target = Target {
				receipt_key: key,
				retired_keys: vec![retired_key().verifying_key().to_bytes()],
				endpoint,
				model_name: "adder".into(),
				model_version: 6,
				meter: Meter::Element,
				unit_price: price,
				text: None,
			};
			state.market.offers.push(Offer {
				oracle: account,
				model: MODEL,
				target,
				lockable: 1 << 60,
			});
		}
		let options = Options {
			models: BTreeSet::new(),
			limits: Limits { day: 10_000, models: BTreeMap::new() },
			budget: Budget { total: 10_000, escrow: 1_000, max_unacked: 300, max_unit_price: None },
			standby: 1,
			attempts: 3,
			patience: patience(moods),
			reach: Reach::Anywhere,
		};
		let chain = Arc::new(MemoryChain(Mutex::new(state)));
		Self { chain, oracles, dir: tempfile::tempdir().unwrap(), options }
	}

	/// Starts a gateway on what is on disk.
	async fn gateway(&self) -> Arc<Gateway> {
		let keeper = Keeper::open(&self.dir.path().join("channels.redb")).unwrap();
		let (dir, chain) = (self.dir.path(), self.chain.clone());
		let gateway = Gateway::new(self.options.clone(), dir, Arc::new(keeper), chain).unwrap();
		gateway.look().await.unwrap();
		gateway
	}

	/// The model takes text: the chain says which documents it goes by, and that oracle has them.
	fn takes_text(&self, nth: usize) {
		let documents = documents();
		let metadata = manifest::of_bytes(&documents[0]).hash;
		self.chain.state().market.metadata.insert(6, metadata);
		self.oracles[nth].lock().unwrap().files = documents.to_vec();
	}

	fn set(&self, nth: usize, mood: Mood) {
		self.oracles[nth].lock().unwrap().mood = mood;
	}

	fn asked(&self, nth: usize) -> usize {
		self.oracles[nth].lock().unwrap().asked
	}

	/// The chain says that it is so many milliseconds after that day began.
	async fn tell(&self, gateway: &Gateway, day: Day, after_ms: u64) {
		self.chain.state().market.time_ms = u64::from(day) * DAY_MS + after_ms;
		gateway.look().await.unwrap();
	}

	/// So many blocks pass.
	async fn pass(&self, gateway: &Gateway, blocks: BlockNumber) {
		self.chain.state().market.head += blocks;
		gateway.look().await.unwrap();
	}
}

async fn ask(gateway: &Arc<Gateway>, a: i32, b: i32) -> Result<Answered, GatewayError> {
	ask_with(gateway, inputs(a, b)).await
}

fn about(model: &str, inputs: Vec<Tensor>) -> Question {
	let (outputs, trace) = (vec![], None);
	Question { model: model.into(), version: None, inputs, outputs, tokens: None, trace }
}

async fn ask_with(gateway: &Arc<Gateway>, inputs: Vec<Tensor>) -> Result<Answered, GatewayError> {
	gateway.ask(about("adder", inputs)).await
}

/// What is spent and held today.
async fn spending(gateway: &Gateway) -> (Balance, Balance) {
	let status = gateway.status().await.unwrap().spending;
	(status.spent, status.held)
}
