//! Whom to ask, and the channel that pays.

use super::Infer;
use crate::cli::{
	channel::{self, parse_channel},
	context::Context,
};
use anyhow::{bail, ensure, Context as _};
use std::sync::Arc;
use usufruct_client::{
	amount::ufr,
	chain::{AtBlock, Chain},
	channel::{
		choice::{choose, NonePays, Purpose},
		opening::Terms,
		Bill, ChannelRecord, Keeper,
	},
	keys,
	oracle_api::{OracleHttp, Reach},
	output::hex0x,
	session::Target,
	state,
	text::{self, Text},
};
use usufruct_primitives::{AccountBytes, ChannelId, ModelId};

/// Whom to ask.
pub(super) struct Found {
	oracle: AccountBytes,
	model: ModelId,
	/// What the oracle asks, and for what.
	pub target: Target,
	/// The channel that was named to pay with.
	named: Option<ChannelRecord>,
}

impl Infer {
	/// The tokenizer that the version registered, to count as its oracle does.
	pub(super) async fn find_text(
		&self,
		context: &Context,
		at: &AtBlock,
		target: &Target,
		reach: Reach,
	) -> anyhow::Result<Arc<Text>> {
		let versions = state::versions(at).await?;
		let version = versions.iter().find(|it| it.version == target.model_version);
		let metadata = version.context("the version is gone")?.metadata_hash;
		let http = OracleHttp::new(&target.endpoint, reach)?;
		let folder = context.data_dir()?.join("files");
		let (name, version) = (&target.model_name, target.model_version);
		let text = text::fetch(&http, name, version, &metadata, &folder).await;
		Ok(Arc::new(text.context("the version's tokens cannot be counted")?))
	}

	/// Whom to ask: the oracle of the channel that was named, or of all the best.
	pub(super) async fn find_target(
		&self,
		at: &AtBlock,
		keeper: &Keeper,
		model: &state::Model,
	) -> anyhow::Result<Found> {
		let wanted: Option<AccountBytes> =
			self.oracle.as_deref().map(keys::parse_account).transpose()?;
		if self.channel == "auto" {
			return self.find_offer(at, model, wanted, None).await;
		}
		let id: ChannelId = parse_channel(&self.channel).map_err(anyhow::Error::msg)?;
		let record = keeper.channel(&id)?;
		ensure!(
			record.model == model.model,
			"channel {} is for model {}, not for {}",
			hex0x(id),
			record.model,
			model.model
		);
		ensure!(
			wanted.is_none_or(|oracle| oracle == record.oracle),
			"channel {} is to another oracle",
			hex0x(id)
		);
		self.find_offer(at, model, Some(record.oracle), Some(record)).await
	}

	/// The channel that pays: the one that was named, one that allows all that is asked, or a new one.
	pub(super) async fn find_channel(
		&self,
		context: &Context,
		chain: &Chain,
		at: &AtBlock,
		keeper: &Keeper,
		found: &Found,
		bill: &Bill,
	) -> anyhow::Result<ChannelRecord> {
		let Found { oracle, model, named, .. } = found;
		if let Some(record) = named {
			return Ok(record.clone());
		}
		let purpose = Purpose { genesis: chain.genesis(), oracle: *oracle, model: *model };
		let find = async |id: &ChannelId| state::channel(at, id).await;
		let (chosen, passed) = choose(keeper, &purpose, bill, find).await?;
		for why in passed.iter().filter(|why| why.holds_money()) {
			context.progress(why);
		}
		if let Some(record) = chosen {
			return Ok(record);
		}
		let opened = self.open_channel(context, chain, keeper, found, bill).await;
		match passed.is_empty() {
			true => opened,
			false => opened.context(NonePays(passed)),
		}
	}

	/// A new channel that allows all that is asked.
	async fn open_channel(
		&self,
		context: &Context,
		chain: &Chain,
		keeper: &Keeper,
		found: &Found,
		bill: &Bill,
	) -> anyhow::Result<ChannelRecord> {
		let Found { oracle, model, target, .. } = found;
		let escrow = self.escrow.0;
		ensure!(
			escrow >= bill.total,
			"{} requests may cost {}; open a channel for that much with --escrow",
			bill.requests,
			ufr(bill.total)
		);
		let signer = context.signer().context("a channel must be opened first")?;
		let max_unacked = bill.to_allow(target.text.as_deref(), escrow);
		context.progress(format_args!(
			"opening a channel with {} to {}, of which {} may be unacknowledged",
			ufr(escrow),
			keys::address(oracle),
			ufr(max_unacked)
		));
		let terms = Terms {
			oracle: *oracle,
			model: *model,
			escrow,
			max_unit_price: target.unit_price,
			max_unacked,
		};
		let (record, _) = channel::open(context, chain, keeper, &signer, terms).await?;
		Ok(record)
	}

	/// Of the newest version that any oracle offers, the cheapest offer.
	async fn find_offer(
		&self,
		at: &AtBlock,
		model: &state::Model,
		oracle: Option<AccountBytes>,
		named: Option<ChannelRecord>,
	) -> anyhow::Result<Found> {
		let mut versions: Vec<_> = state::versions(at)
			.await?
			.into_iter()
			.filter(|version| version.model == model.model)
			.filter(|version| self.version.is_none_or(|wanted| wanted == version.version))
			.collect();
		if let (Some(wanted), true) = (self.version, versions.is_empty()) {
			bail!("model {} has no version {wanted}", model.model);
		}
		versions.retain(|version| version.open);
		ensure!(!versions.is_empty(), "no version of model {} is open: deprecated", model.model);
		let asks = state::asks(at, &versions).await?;
		for version in versions.iter().rev() {
			// The cheapest first.
			for ask in asks.iter().filter(|ask| ask.version == version.version) {
				if oracle.is_some_and(|oracle| oracle != ask.oracle) {
					continue;
				}
				let Some(found) = state::oracle(at, &ask.oracle).await? else { continue };
				if !found.active {
					continue;
				}
				let (meter, price) = (version.meter, ask.unit_price);
				let target = Target::new(&found, &model.name, version.version, meter, price);
				let (oracle, model) = (ask.oracle, model.model);
				return Ok(Found { oracle, model, target, named });
			}
		}
		bail!("no bonded oracle offers model {} ({}) at present", model.model, model.name)
	}
}
