//! `usufruct model`.

mod acceptance;
mod flags;
mod ownership;
mod tables;

use super::context::{find_model, included, Context};
use anyhow::{bail, ensure, Context as _};
use clap::Subcommand;
use flags::{share, MeterName, ParentFlag, Row};
use std::path::PathBuf;
use subxt::utils::{AccountId32, Static};
use tables::{List, Revenue, Show, VersionView};
use usufruct_client::{
	amount::Amount,
	manifest, onnx,
	output::{hex0x, Facts},
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			pallet_models::types::{Contributor, Parent},
		},
	},
	state,
	text::Description,
};
use usufruct_primitives::{BlockNumber, Role, VersionId, PPM};

#[derive(Subcommand)]
pub enum Command {
	/// Register a model under a name; its versions are added to it
	Register {
		/// What people call it; others may use the same
		name: String,
	},
	/// Add a version: one ONNX file, for ever
	Version {
		/// The model's id or name
		model: String,
		/// The ONNX file; its SHA-256 is registered
		#[arg(long)]
		file: PathBuf,
		/// SPDX expression that the chain allows, like Apache-2.0
		#[arg(long)]
		licence: String,
		/// What one unit of its price is
		#[arg(long, value_enum, default_value_t = MeterName::Request)]
		meter: MeterName,
		/// The least an oracle may ask for a unit
		#[arg(long, value_name = "AMOUNT")]
		floor_price: Amount,
		/// Who shares in its revenue, as ACCOUNT:ROLE:SHARE, once for each; otherwise all of it is yours.
		/// Roles are owner, trainer, annotator, evaluator, dataset; shares are percent (12.5%) or parts
		/// per million, and sum to a whole
		#[arg(long = "contributor", value_name = "ACCOUNT:ROLE:SHARE")]
		contributors: Vec<Row>,
		/// A version it comes from, as VERSION:RELATION; relations are fine-tune, adapter, quantised,
		/// merge, distilled, converted, dataset
		#[arg(long = "parent", value_name = "VERSION:RELATION")]
		parents: Vec<ParentFlag>,
		/// What every descendant is to owe it, of the model's part: at most 5%
		#[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
		royalty: u32,
		/// Where its metadata can be read
		#[arg(long, value_name = "URI", default_value = "", hide_default_value = true)]
		metadata_uri: String,
		/// The metadata; its SHA-256 is registered. For --meter input-token it names the tokenizer
		#[arg(long, value_name = "FILE")]
		metadata: Option<PathBuf>,
	},
	/// All models
	List,
	/// A model, its versions, and which oracles serve them at which price
	Show {
		/// The model's id or name
		model: String,
	},
	/// What a version's contributors are due; with --row one of them is paid, which anybody can do
	Revenue {
		/// The version's id
		version: VersionId,
		/// The number of the row to pay
		#[arg(long)]
		row: Option<u16>,
	},
	#[command(flatten)]
	Acceptance(acceptance::Command),
	/// Change a version's floor price: a lower one holds at once, a higher one after notice
	Floor {
		/// The version's id
		version: VersionId,
		/// The least an oracle may ask for a unit
		price: Amount,
	},
	/// Close a version: nothing new is served, and that cannot be undone
	Deprecate {
		/// The version's id
		version: VersionId,
		/// The block it closes in; otherwise at once
		#[arg(long, value_name = "BLOCK")]
		at: Option<BlockNumber>,
	},
	#[command(flatten)]
	Ownership(ownership::Command),
	/// Pay for the use of a version outside the chain, such as in a product
	PayRoyalty {
		/// The version's id
		version: VersionId,
		/// How much
		amount: Amount,
		/// What it is for, up to 64 bytes; everybody can read it
		#[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
		memo: String,
	},
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().models();
		match self {
			Self::Acceptance(command) => command.run(context, &chain).await,
			Self::Ownership(command) => command.run(context, &chain).await,
			Self::Register { name } => {
				let call = calls.register_model(BoundedVec(name.into_bytes()));
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ModelRegistered =
					done.event("Models.ModelRegistered")?;
				let name = String::from_utf8_lossy(&event.name.0).into_owned();
				let facts = Facts::new()
					.and("model", event.model)
					.and("name", name)
					.account("owner", event.owner.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Version {
				model,
				file,
				licence,
				meter,
				floor_price,
				contributors,
				parents,
				royalty,
				metadata_uri,
				metadata,
			} => {
				let signer = context.signer()?;
				let model = find_model(&chain.finalised().await?, &model).await?;
				let artifact = std::fs::read(&file)
					.with_context(|| format!("cannot read {}", file.display()))?;
				let manifest = manifest::of_bytes(&artifact);
				let tensors = onnx::tensor_tree(&chain.genesis(), artifact.into())
					.with_context(|| format!("{} cannot be registered", file.display()))?
					.map(|tree| tree.root());
				let document = metadata
					.as_ref()
					.map(|path| {
						std::fs::read(path)
							.with_context(|| format!("cannot read {}", path.display()))
					})
					.transpose()?;
				let metadata_hash =
					document.as_ref().map_or([0; 32], |bytes| manifest::of_bytes(bytes).hash);
				if matches!(meter, MeterName::InputToken) {
					// Otherwise nobody could count, and nobody would pay.
					let why =
						"a version metered by input token registers its tokenizer in --metadata";
					Description::read(&document.context(why)?, &metadata_hash).context(why)?;
				}
				let owner = Row { account: signer.public_key().0, role: Role::Owner, share: PPM };
				let rows = if contributors.is_empty() { vec![owner] } else { contributors };
				let sum: u64 = rows.iter().map(|row| u64::from(row.share)).sum();
				ensure!(
					sum == u64::from(PPM),
					"the contributors' shares sum to {sum} parts per million; they must sum to {PPM}"
				);
				let rows = rows
					.into_iter()
					.map(|row| Contributor {
						account: AccountId32(row.account),
						role: Static(row.role),
						share: row.share,
					})
					.collect();
				let call = calls.add_version(
					model.model,
					manifest.hash,
					manifest.size,
					BoundedVec(licence.into_bytes()),
					BoundedVec(metadata_uri.into_bytes()),
					metadata_hash,
					Static(meter.into()),
					floor_price.0,
					BoundedVec(rows),
					BoundedVec(parents.into_iter().map(Parent::from).collect()),
					royalty,
					tensors.map(Static),
				);
				let done = context.submit(&chain, &call, &signer).await?;
				let event: runtime::models::events::VersionAdded =
					done.event("Models.VersionAdded")?;
				let facts = Facts::new()
					.and("model", event.model)
					.and("version", event.version)
					.and("manifest_hash", event.manifest_hash)
					.and("size", manifest.size)
					.and("tensor_root", tensors.map_or("none".into(), |root| hex0x(root.root)))
					.and("ancestors", event.ancestors)
					.amount("floor_price", event.floor_price);
				context.print(&facts.join(included(&done)))
			},
			Self::List => {
				let models = state::models(&chain.finalised().await?).await?;
				context.print(&List(models))
			},
			Self::Show { model } => {
				let at = chain.finalised().await?;
				let model = find_model(&at, &model).await?;
				let mut of_model = state::versions(&at).await?;
				of_model.retain(|version| version.model == model.model);
				let asks = state::asks(&at, &of_model).await?;
				let mut versions = Vec::new();
				for version in of_model {
					let id = version.version;
					versions.push(VersionView {
						parents: state::parents(&at, id).await?,
						ancestors: state::ancestors(&at, id).await?,
						contributors: state::contributors(&at, id).await?,
						asks: asks.iter().filter(|ask| ask.version == id).cloned().collect(),
						version,
					});
				}
				context.print(&Show { model, versions })
			},
			Self::Revenue { version, row: None } => {
				let rows = state::contributors(&chain.finalised().await?, version).await?;
				if rows.is_empty() {
					bail!("there is no version {version}; see: usufruct model show MODEL");
				}
				context.print(&Revenue(rows))
			},
			Self::Revenue { version, row: Some(row) } => {
				let call = calls.claim_revenue(version, row);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::RevenuePaid =
					done.event("Models.RevenuePaid")?;
				let facts = Facts::new()
					.and("version", event.version)
					.and("row", event.row)
					.account("account", event.account.0)
					.amount("paid", event.amount);
				context.print(&facts.join(included(&done)))
			},
			Self::Floor { version, price } => {
				let call = calls.announce_floor(version, price.0);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let facts = Facts::new().and("version", version).amount("floor_price", price.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Deprecate { version, at } => {
				let call = calls.deprecate(version, at);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				context.print(&Facts::new().and("version", version).join(included(&done)))
			},
			Self::PayRoyalty { version, amount, memo } => {
				let call = runtime::transactions().usage().pay_royalty(
					version,
					amount.0,
					BoundedVec(memo.into_bytes()),
				);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::usage::events::RoyaltyPaid = done.event("Usage.RoyaltyPaid")?;
				let facts = Facts::new()
					.and("version", event.version)
					.amount("paid", event.amount)
					.amount("model", event.parts.0.model)
					.amount("dividend", event.parts.0.dividend)
					.amount("commons", event.parts.0.commons)
					.amount("security", event.parts.0.security);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}
