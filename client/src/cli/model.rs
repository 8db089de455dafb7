//! `usufruct model`.

mod ownership;

use super::context::{find_model, included, Context};
use anyhow::{bail, ensure, Context as _};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use std::{path::PathBuf, str::FromStr};
use subxt::utils::{AccountId32, Static};
use usufruct_client::{
	amount::{ufr, Amount},
	keys, manifest, onnx,
	output::{hex0x, Facts, Report, Table},
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			pallet_models::types::{Contributor, Parent, Relation},
		},
	},
	state,
	text::Description,
};
use usufruct_primitives::{AccountBytes, BlockNumber, Meter, Role, VersionId, PPM};

#[derive(Subcommand)]
pub enum Command {
	/// Register a model under a name; its versions are added to it
	Register {
		/// What people call it
		name: String,
	},
	/// Add a version: one ONNX file, for ever
	Version {
		/// The model's id or name
		model: String,
		/// The ONNX file; its SHA-256 is registered
		#[arg(long)]
		file: PathBuf,
		/// SPDX expression, one that the chain allows
		#[arg(long)]
		licence: String,
		/// What one unit of its price is
		#[arg(long, value_enum, default_value_t = MeterName::Request)]
		meter: MeterName,
		/// The least an oracle may ask for a unit
		#[arg(long)]
		floor_price: Amount,
		/// Who shares in its revenue, as ACCOUNT:ROLE:SHARE; roles are owner, trainer, annotator,
		/// evaluator, dataset; shares are percent (12.5%) or parts per million, and sum to a whole
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
		#[arg(long, default_value = "")]
		metadata_uri: String,
		/// The metadata; its SHA-256 is registered
		#[arg(long, value_name = "FILE")]
		metadata: Option<PathBuf>,
	},
	/// All models
	List,
	/// A model, its versions, and who asks what for them
	Show {
		/// The model's id or name
		model: String,
	},
	/// What a version's contributors are due; pays one of them with --row
	Revenue {
		/// The version's id
		version: VersionId,
		/// Pay this row
		#[arg(long)]
		row: Option<u16>,
	},
	/// Accept a contributor row of yours, so that it can be paid
	Accept {
		/// The version's id
		version: VersionId,
		/// The row's number
		row: u16,
	},
	/// Change a version's floor price: a lower one holds at once, a higher one after notice
	Floor {
		/// The version's id
		version: VersionId,
		/// The least an oracle may ask for a unit
		price: Amount,
	},
	/// Serve a version no more
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
		#[arg(long, default_value = "")]
		memo: String,
	},
}

/// [`Meter`], as it is said on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub enum MeterName {
	/// One answered request
	Request,
	/// One token of the input
	InputToken,
	/// One token of the output
	OutputToken,
	/// One pixel
	Pixel,
	/// One millisecond of audio
	AudioMillisecond,
	/// One element of the input tensors
	Element,
}

impl From<MeterName> for Meter {
	fn from(name: MeterName) -> Self {
		match name {
			MeterName::Request => Self::Request,
			MeterName::InputToken => Self::InputToken,
			MeterName::OutputToken => Self::OutputToken,
			MeterName::Pixel => Self::Pixel,
			MeterName::AudioMillisecond => Self::AudioMillisecond,
			MeterName::Element => Self::Element,
		}
	}
}

/// A row of a contributor table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
	account: AccountBytes,
	role: Role,
	share: u32,
}

impl FromStr for Row {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let parts: Vec<&str> = text.split(':').collect();
		let [account, role, share] = parts[..] else {
			return Err("write ACCOUNT:ROLE:SHARE".into());
		};
		let account = keys::parse_account(account).map_err(|error| error.to_string())?;
		let role = match role {
			"owner" => Role::Owner,
			"trainer" => Role::Trainer,
			"annotator" => Role::Annotator,
			"evaluator" => Role::Evaluator,
			"dataset" => Role::Dataset,
			_ => return Err(format!("'{role}' is no role")),
		};
		let share = parse_share(share).ok_or_else(|| {
			format!("'{share}' is neither percent, like 12.5%, nor parts per million")
		})?;
		Ok(Self { account, role, share })
	}
}

/// A parent of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentFlag {
	version: VersionId,
	relation: RelationName,
}

/// How a version comes from its parent, as it is said on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RelationName {
	/// Trained further
	FineTune,
	/// A small set of weights beside the parent's
	Adapter,
	/// The same weights, coarser
	Quantised,
	/// Of several models' weights
	Merge,
	/// Trained on the parent's answers
	Distilled,
	/// The same weights in another format
	Converted,
	/// Trained on data the parent is registered for
	Dataset,
}

impl FromStr for ParentFlag {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let (version, relation) = text.split_once(':').ok_or("write VERSION:RELATION")?;
		let version = version.parse().map_err(|_| format!("'{version}' is no version's id"))?;
		let relation = RelationName::from_str(relation, false)
			.map_err(|_| format!("'{relation}' is no relation"))?;
		Ok(Self { version, relation })
	}
}

impl From<ParentFlag> for Parent {
	fn from(flag: ParentFlag) -> Self {
		let relation = match flag.relation {
			RelationName::FineTune => Relation::FineTune,
			RelationName::Adapter => Relation::Adapter,
			RelationName::Quantised => Relation::Quantised,
			RelationName::Merge => Relation::Merge,
			RelationName::Distilled => Relation::Distilled,
			RelationName::Converted => Relation::Converted,
			RelationName::Dataset => Relation::Dataset,
		};
		Self { version: flag.version, relation }
	}
}

/// [`parse_share`] for an argument.
fn share(text: &str) -> Result<u32, String> {
	parse_share(text).ok_or_else(|| "write percent, like 2.5%, or parts per million".into())
}

/// Percent with up to four decimals, or parts per million; exactly.
fn parse_share(text: &str) -> Option<u32> {
	let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
	let share = match text.strip_suffix('%') {
		Some(percent) => {
			let (whole, fraction) = percent.split_once('.').unwrap_or((percent, "0"));
			if !digits(whole) || !digits(fraction) || fraction.len() > 4 {
				return None;
			}
			let fraction: u32 = format!("{fraction:0<4}").parse().ok()?;
			whole.parse::<u32>().ok()?.checked_mul(PPM / 100)?.checked_add(fraction)?
		},
		None if digits(text) => text.parse().ok()?,
		None => return None,
	};
	(share <= PPM).then_some(share)
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().models();
		match self {
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
				let asks = state::asks(&at).await?;
				let mut versions = Vec::new();
				for version in state::versions(&at).await? {
					if version.model != model.model {
						continue;
					}
					let id = version.version;
					versions.push(VersionView {
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
			Self::Accept { version, row } => {
				let call = calls.accept_row(version, row, None);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let facts = Facts::new().and("version", version).and("row", row);
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

#[derive(Serialize)]
struct List(Vec<state::Model>);

impl Report for List {
	fn table(&self) -> Table {
		Table::new(["model", "name", "versions", "open", "owner"]).rows(self.0.iter().map(
			|model| {
				[
					model.model.to_string(),
					model.name.clone(),
					model.versions.to_string(),
					model.open_versions.to_string(),
					keys::address(&model.owner),
				]
			},
		))
	}
}

#[derive(Serialize)]
struct Revenue(Vec<state::Contributor>);

impl Report for Revenue {
	fn table(&self) -> Table {
		let rows = self.0.iter().map(|row| {
			[
				row.row.to_string(),
				format!("{:?}", row.role).to_lowercase(),
				format!("{}.{:04} %", row.share / 10_000, row.share % 10_000),
				ufr(row.due),
				if row.accepted { "yes" } else { "no" }.into(),
				keys::address(&row.account),
			]
		});
		Table::new(["row", "role", "share", "due", "accepted", "account"]).rows(rows)
	}
}

#[derive(Serialize)]
struct VersionView {
	#[serde(flatten)]
	version: state::Version,
	contributors: Vec<state::Contributor>,
	asks: Vec<state::Ask>,
}

#[derive(Serialize)]
struct Show {
	#[serde(flatten)]
	model: state::Model,
	#[serde(rename = "version_list")]
	versions: Vec<VersionView>,
}

impl Report for Show {
	fn table(&self) -> Table {
		let state::Model { model, name, owner, .. } = &self.model;
		let mut rows = vec![
			["model".into(), model.to_string()],
			["name".into(), name.clone()],
			["owner".into(), keys::address(owner)],
		];
		for VersionView { version, contributors, asks } in &self.versions {
			let open = if version.open { "" } else { " (deprecated)" };
			rows.push([format!("version {}{open}", version.version), hex0x(version.manifest_hash)]);
			let price = format!("{} per {:?}", ufr(version.floor_price), version.meter);
			rows.push(["  floor price".into(), price.to_lowercase().replace("ufr", "UFR")]);
			let artifact = format!("{} bytes, {}", version.size, version.licence);
			rows.push(["  artifact".into(), artifact]);
			for row in contributors {
				let role = format!("{:?}", row.role).to_lowercase();
				let share = format!("{}.{:04} %", row.share / 10_000, row.share % 10_000);
				rows.push([format!("  {role} {share}"), keys::address(&row.account)]);
			}
			for ask in asks {
				let name = format!("  ask {}", ufr(ask.unit_price));
				rows.push([name, keys::address(&ask.oracle)]);
			}
		}
		Table::default().rows(rows)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn shares_are_exact() {
		for (text, share) in [
			("100%", Some(1_000_000)),
			("12.5%", Some(125_000)),
			("0.0001%", Some(1)),
			("250000", Some(250_000)),
			("100.0001%", None),
			("0.00001%", None),
			("1000001", None),
			("%", None),
			("", None),
			("-1%", None),
			("1e3", None),
			("99999999999%", None),
		] {
			assert_eq!(parse_share(text), share, "{text}");
		}
	}

	#[test]
	fn parents_name_version_and_relation() {
		let flag: ParentFlag = "12:fine-tune".parse().unwrap();
		assert_eq!(flag, ParentFlag { version: 12, relation: RelationName::FineTune });
		for wrong in ["", "12", "12:", "x:merge", "12:cousin", "12:merge:1"] {
			assert!(wrong.parse::<ParentFlag>().is_err(), "{wrong}");
		}
	}

	#[test]
	fn rows_name_account_role_and_share() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		let row: Row = format!("{alice}:trainer:40%").parse().unwrap();
		assert_eq!((row.role, row.share), (Role::Trainer, 400_000));
		assert_eq!(keys::address(&row.account), alice);
		for wrong in
			["", alice, &format!("{alice}:boss:1"), &format!("{alice}:owner:x"), "x:owner:1"]
		{
			assert!(wrong.parse::<Row>().is_err(), "{wrong}");
		}
	}
}
