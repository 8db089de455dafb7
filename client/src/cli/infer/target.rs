//! Whom to ask, and the channel that pays.

use super::Infer;
use crate::cli::{
	channel::{self, parse_channel, UNACKED_REQUESTS},
	context::Context,
};
use anyhow::{bail, ensure, Context as _};
use std::sync::Arc;
use usufruct_client::{
	amount::ufr,
	chain::{AtBlock, Chain},
	channel::{opening::Terms, ChannelRecord, Keeper},
	keys,
	oracle_api::{OracleHttp, Reach},
	output::hex0x,
	session::Target,
	state,
	text::{self, Text},
};
use usufruct_primitives::{AccountBytes, Balance, ChannelId, Meter};

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

	/// The channel that pays, and what its oracle asks.
	pub(super) async fn find_channel(
		&self,
		context: &Context,
		chain: &Chain,
		at: &AtBlock,
		keeper: &Keeper,
		model: &state::Model,
		requests: usize,
	) -> anyhow::Result<(ChannelRecord, Target)> {
		let wanted: Option<AccountBytes> =
			self.oracle.as_deref().map(keys::parse_account).transpose()?;
		if self.channel != "auto" {
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
			let target = self.find_target(at, model, Some(record.oracle)).await?;
			return Ok((record, target.1));
		}
		let (oracle, target) = self.find_target(at, model, wanted).await?;
		let needed = needed(&target, requests);
		for record in keeper.store().channels()? {
			let fits = record.genesis == chain.genesis()
				&& record.oracle == oracle
				&& record.model == model.model;
			if !fits {
				continue;
			}
			let Some(channel) = state::channel(at, &record.channel_id).await? else { continue };
			if channel.closes_at.is_none()
				&& keeper.store().ledger(&record)?.head().halted.is_none()
				&& channel.max_unit_price >= target.unit_price
				&& left(keeper, &record, &channel)? >= needed
			{
				return Ok((record, target));
			}
		}
		ensure!(
			self.escrow.0 >= needed,
			"{requests} requests may cost {}; open a channel for that much with --escrow",
			ufr(needed)
		);
		let signer = context.signer().context("a channel must be opened first")?;
		context.progress(format_args!(
			"opening a channel with {} to {}",
			ufr(self.escrow.0),
			keys::address(&oracle)
		));
		let terms = Terms {
			oracle,
			model: model.model,
			escrow: self.escrow.0,
			max_unit_price: target.unit_price,
			max_unacked: target.unit_price.saturating_mul(UNACKED_REQUESTS),
		};
		let (record, _) = channel::open(context, chain, keeper, &signer, terms).await?;
		Ok((record, target))
	}

	/// The oracle to ask, and what it says: of the newest version that any offers, the cheapest.
	async fn find_target(
		&self,
		at: &AtBlock,
		model: &state::Model,
		oracle: Option<AccountBytes>,
	) -> anyhow::Result<(AccountBytes, Target)> {
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
		let asks = state::asks(at).await?;
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
				return Ok((ask.oracle, target));
			}
		}
		bail!("no bonded oracle offers model {} ({}) at present", model.model, model.name)
	}
}

/// The most that so many requests can cost, as far as it is known before they are read.
pub(super) fn needed(target: &Target, requests: usize) -> Balance {
	match target.meter {
		Meter::Request => target.unit_price.saturating_mul(requests as Balance),
		_ => target.unit_price,
	}
}

/// What a channel has for further requests.
pub(super) fn left(
	keeper: &Keeper,
	record: &ChannelRecord,
	channel: &state::Channel,
) -> anyhow::Result<Balance> {
	let ledger = keeper.store().ledger(record)?;
	Ok(channel.funds().saturating_sub(ledger.promised()))
}
