//! What the gateway knows of the chain: who offers what, and its own channels.

use super::error::GatewayError;
use crate::{
	chain::{AtBlock, Chain, ChainError, Until},
	channel::{
		opening::{self, OpeningError, Terms},
		ChannelRecord, Keeper,
	},
	runtime,
	session::Target,
	state,
};
use futures::future::{BoxFuture, FutureExt};
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::Arc,
};
use subxt_signer::sr25519::Keypair;
use tokio::sync::Mutex;
use usufruct_primitives::{
	AccountBytes, Balance, BlockNumber, ChannelId, Hash, ModelId, VersionId,
};

/// What an oracle offers.
#[derive(Clone, Debug)]
pub struct Offer {
	/// Who.
	pub oracle: AccountBytes,
	/// The model.
	pub model: ModelId,
	/// Where, what and for how much.
	pub target: Target,
	/// What of its bond can stand for further requests, in planck.
	pub lockable: Balance,
}

/// Models and offers at a finalised block.
#[derive(Clone, Debug, Default)]
pub struct Market {
	/// The block.
	pub head: BlockNumber,
	/// Its [time](state::time), in milliseconds since 1 January 1970.
	pub time_ms: u64,
	/// The chain's [closing window](state::closing_window) at it, in blocks.
	pub closing_window: BlockNumber,
	/// The models that the gateway may use.
	pub models: Vec<state::Model>,
	/// What active oracles offer of their open versions.
	pub offers: Vec<Offer>,
	/// The hashes of the versions' metadata, of all that those models have.
	pub metadata: BTreeMap<VersionId, Hash>,
}

/// What a question can be asked of.
#[derive(Clone, Debug)]
pub struct Found<'a> {
	/// The model.
	pub model: &'a state::Model,
	/// The version: the one asked for, or the newest that anybody offers.
	pub version: VersionId,
	/// Who offers it.
	pub offers: Vec<&'a Offer>,
}

impl Market {
	/// Finds a model by its name or id.
	pub fn find(&self, name: &str, version: Option<VersionId>) -> Result<Found<'_>, GatewayError> {
		let id = name.parse::<ModelId>().ok();
		let by_id = self.models.iter().find(|model| Some(model.model) == id);
		let model = match by_id {
			Some(model) => model,
			None => {
				let mut named = self.models.iter().filter(|model| model.name == name);
				let first = named.next().ok_or_else(|| GatewayError::ModelUnknown(name.into()))?;
				if let Some(second) = named.next() {
					let mut ids = vec![first.model, second.model];
					ids.extend(named.map(|model| model.model));
					return Err(GatewayError::ModelAmbiguous { name: name.into(), ids });
				}
				first
			},
		};
		let of_model = || self.offers.iter().filter(|offer| offer.model == model.model);
		let newest = of_model().map(|offer| offer.target.model_version).max();
		let none = || GatewayError::NotOffered { model: model.name.clone(), version };
		let version = version.or(newest).ok_or_else(none)?;
		let offers: Vec<_> =
			of_model().filter(|offer| offer.target.model_version == version).collect();
		if offers.is_empty() {
			return Err(GatewayError::NotOffered {
				model: model.name.clone(),
				version: Some(version),
			});
		}
		Ok(Found { model, version, offers })
	}
}

/// What the gateway needs of a chain.
pub trait Onchain: Send + Sync + 'static {
	/// Its genesis hash.
	fn genesis(&self) -> Hash;
	/// Whose channels the gateway opens.
	fn account(&self) -> AccountBytes;
	/// Models and offers at the finalised head: of these models, or of all.
	fn market<'a>(
		&'a self,
		models: &'a BTreeSet<ModelId>,
	) -> BoxFuture<'a, Result<Market, ChainError>>;
	/// The finalised head.
	fn head(&self) -> BoxFuture<'_, Result<BlockNumber, ChainError>>;
	/// An oracle at the finalised head.
	fn oracle(
		&self,
		oracle: AccountBytes,
	) -> BoxFuture<'_, Result<Option<state::Oracle>, ChainError>>;
	/// A channel at the finalised head, and which block that is: who looks later may see an earlier one.
	fn channel(
		&self,
		channel: ChannelId,
	) -> BoxFuture<'_, Result<(BlockNumber, Option<state::Channel>), ChainError>>;
	/// Opens a channel; it is final and in the keeper when this returns, with the block that it is in.
	fn open(
		&self,
		keeper: Arc<Keeper>,
		terms: Terms,
	) -> BoxFuture<'_, Result<(ChannelRecord, BlockNumber), OpeningError>>;
	/// Holds more for a channel; it is final when this returns, in that block.
	fn top_up(
		&self,
		channel: ChannelId,
		amount: Balance,
	) -> BoxFuture<'_, Result<BlockNumber, ChainError>>;
}

/// A real chain, by way of a node that may go and come back.
pub struct Live {
	url: String,
	genesis: Hash,
	signer: Keypair,
	connected: Mutex<Option<Chain>>,
}

impl Live {
	/// With the account that opens channels, connected to its node at `url`.
	pub fn new(url: &str, chain: Chain, signer: Keypair) -> Self {
		let genesis = chain.genesis();
		Self { url: url.into(), genesis, signer, connected: Mutex::new(Some(chain)) }
	}

	/// The connection, made anew if it was lost.
	pub async fn chain(&self) -> Result<Chain, ChainError> {
		let mut connected = self.connected.lock().await;
		if let Some(chain) = &*connected {
			return Ok(chain.clone());
		}
		let chain = Chain::connect(&self.url).await?;
		chain.check_runtime().await?;
		if chain.genesis() != self.genesis {
			return Err(ChainError::OtherRuntime);
		}
		*connected = Some(chain.clone());
		Ok(chain)
	}

	/// The next one who asks connects anew.
	pub async fn lost(&self) {
		*self.connected.lock().await = None;
	}

	/// Keeps the connection only if it works.
	async fn checked<T>(&self, result: Result<T, ChainError>) -> Result<T, ChainError> {
		if matches!(result, Err(ChainError::Subxt(_))) {
			self.lost().await;
		}
		result
	}

	async fn read_market(&self, models: &BTreeSet<ModelId>) -> Result<Market, ChainError> {
		let at = self.chain().await?.finalised().await?;
		let wanted = |model: ModelId| models.is_empty() || models.contains(&model);
		let known: Vec<state::Model> =
			state::models(&at).await?.into_iter().filter(|it| wanted(it.model)).collect();
		let names: BTreeMap<ModelId, &str> =
			known.iter().map(|it| (it.model, it.name.as_str())).collect();
		let mut versions = state::versions(&at).await?;
		versions.retain(|it| names.contains_key(&it.model));
		let asks = state::asks(&at, &versions).await?;
		let versions: BTreeMap<VersionId, state::Version> =
			versions.into_iter().map(|it| (it.version, it)).collect();
		let mut oracles: BTreeMap<AccountBytes, Option<state::Oracle>> = BTreeMap::new();
		let mut offers = Vec::new();
		for ask in asks {
			let Some(version) = versions.get(&ask.version).filter(|it| it.open) else { continue };
			let Some(name) = names.get(&version.model) else { continue };
			let oracle = oracle_at(&at, &mut oracles, &ask.oracle).await?;
			let Some(oracle) = oracle.filter(|it| it.active) else { continue };
			offers.push(Offer {
				oracle: ask.oracle,
				model: version.model,
				lockable: oracle.lockable,
				target: Target::new(oracle, name, ask.version, version.meter, ask.unit_price),
			});
		}
		let metadata = versions.iter().map(|(id, it)| (*id, it.metadata_hash)).collect();
		let head = at.block_number() as BlockNumber;
		let (time_ms, closing_window) = (state::time(&at).await?, state::closing_window(&at)?);
		Ok(Market { head, time_ms, closing_window, models: known, offers, metadata })
	}
}

async fn oracle_at<'a>(
	at: &AtBlock,
	known: &'a mut BTreeMap<AccountBytes, Option<state::Oracle>>,
	account: &AccountBytes,
) -> Result<Option<&'a state::Oracle>, ChainError> {
	if !known.contains_key(account) {
		known.insert(*account, state::oracle(at, account).await?);
	}
	Ok(known.get(account).and_then(Option::as_ref))
}

impl Onchain for Live {
	fn genesis(&self) -> Hash {
		self.genesis
	}

	fn account(&self) -> AccountBytes {
		self.signer.public_key().0
	}

	fn market<'a>(
		&'a self,
		models: &'a BTreeSet<ModelId>,
	) -> BoxFuture<'a, Result<Market, ChainError>> {
		async move {
			let read = self.read_market(models).await;
			self.checked(read).await
		}
		.boxed()
	}

	fn head(&self) -> BoxFuture<'_, Result<BlockNumber, ChainError>> {
		async move {
			let at = self.chain().await?.finalised().await;
			self.checked(at.map(|at| at.block_number() as BlockNumber)).await
		}
		.boxed()
	}

	fn oracle(
		&self,
		oracle: AccountBytes,
	) -> BoxFuture<'_, Result<Option<state::Oracle>, ChainError>> {
		async move {
			let at = self.chain().await?.finalised().await;
			let found = match at {
				Ok(at) => state::oracle(&at, &oracle).await,
				Err(error) => Err(error),
			};
			self.checked(found).await
		}
		.boxed()
	}

	fn channel(
		&self,
		channel: ChannelId,
	) -> BoxFuture<'_, Result<(BlockNumber, Option<state::Channel>), ChainError>> {
		async move {
			let at = self.chain().await?.finalised().await;
			let found = match at {
				Ok(at) => {
					let found = state::channel(&at, &channel).await;
					found.map(|found| (at.block_number() as BlockNumber, found))
				},
				Err(error) => Err(error),
			};
			self.checked(found).await
		}
		.boxed()
	}

	fn open(
		&self,
		keeper: Arc<Keeper>,
		terms: Terms,
	) -> BoxFuture<'_, Result<(ChannelRecord, BlockNumber), OpeningError>> {
		async move {
			let chain = self.chain().await?;
			let say = |progress| tracing::info!(%progress, "opening a channel");
			let (record, done) = opening::open(&chain, &keeper, &self.signer, terms, say).await?;
			Ok((record, done.block))
		}
		.boxed()
	}

	fn top_up(
		&self,
		channel: ChannelId,
		amount: Balance,
	) -> BoxFuture<'_, Result<BlockNumber, ChainError>> {
		async move {
			let chain = self.chain().await?;
			let call = runtime::transactions().usage().top_up(channel, amount);
			let say = |progress| tracing::info!(%progress, "topping a channel up");
			chain.submit(&call, &self.signer, Until::Final, say).await.map(|done| done.block)
		}
		.boxed()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_primitives::Meter;

	fn model(model: ModelId, name: &str) -> state::Model {
		state::Model { model, name: name.into(), owner: [0; 32], versions: 1, open_versions: 1 }
	}

	fn offer(oracle: u8, model: ModelId, version: VersionId) -> Offer {
		let target = Target {
			receipt_key: [oracle; 32],
			retired_keys: vec![],
			endpoint: "http://127.0.0.1:1".into(),
			model_name: "m".into(),
			model_version: version,
			meter: Meter::Request,
			unit_price: 1,
			text: None,
		};
		Offer { oracle: [oracle; 32], model, target, lockable: 0 }
	}

	#[test]
	fn a_model_is_found_by_its_name_or_id_at_the_newest_version_on_offer() {
		let market = Market {
			head: 1,
			time_ms: 1,
			closing_window: 1,
			models: vec![model(1, "a"), model(2, "b"), model(3, "b"), model(4, "c")],
			offers: vec![offer(1, 1, 10), offer(2, 1, 11), offer(3, 1, 11), offer(1, 3, 30)],
			metadata: BTreeMap::new(),
		};
		let found = market.find("a", None).unwrap();
		assert_eq!((found.version, found.offers.len()), (11, 2));
		assert_eq!(market.find("a", Some(10)).unwrap().offers.len(), 1);
		assert_eq!(market.find("3", None).unwrap().version, 30);
		let ambiguous = market.find("b", None).unwrap_err();
		assert!(
			matches!(&ambiguous, GatewayError::ModelAmbiguous { ids, .. } if *ids == [2, 3]),
			"{ambiguous}"
		);
		for (name, version) in [("c", None), ("a", Some(12)), ("2", None)] {
			let error = market.find(name, version).unwrap_err();
			assert!(matches!(error, GatewayError::NotOffered { .. }), "{name}: {error}");
		}
		assert!(matches!(market.find("d", None), Err(GatewayError::ModelUnknown(_))));
	}
}
