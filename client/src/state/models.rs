//! Models, their versions, and whom these pay.

use super::{as_address, as_hex, text};
use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::{
		runtime_types::pallet_models::types::{self as models, RowState},
		storage, view_functions,
	},
	view::view,
};
use clap::ValueEnum;
use serde::{Serialize, Serializer};
use usufruct_primitives::{
	tensors::TensorRoot, AccountBytes, Balance, BlockNumber, Hash, Meter, ModelId, Role, VersionId,
};

/// A model, over all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Model {
	/// Its id.
	pub model: ModelId,
	/// What people call it; not unique.
	pub name: String,
	/// Who may add versions.
	#[serde(serialize_with = "as_address")]
	pub owner: AccountBytes,
	/// How many versions it has.
	pub versions: u32,
	/// How many of them are not deprecated.
	pub open_versions: u32,
}

impl Model {
	fn new(model: ModelId, from: models::Model) -> Self {
		let models::Model { owner, name, versions, open_versions, .. } = from;
		Self { model, name: text(name.0), owner: owner.0, versions, open_versions }
	}
}

/// One version of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
	/// Its id, unique on the chain.
	pub version: VersionId,
	/// The model it belongs to.
	pub model: ModelId,
	/// SHA-256 of the artifact, see [`crate::manifest`].
	#[serde(serialize_with = "as_hex")]
	pub manifest_hash: Hash,
	/// Size of the artifact in bytes.
	pub size: u64,
	/// SPDX expression.
	pub licence: String,
	/// Where its metadata can be read.
	pub metadata_uri: String,
	/// Hash of the metadata.
	#[serde(serialize_with = "as_hex")]
	pub metadata_hash: Hash,
	/// What one unit of its price is.
	pub meter: Meter,
	/// The least an oracle may ask for a unit, in planck.
	#[serde(with = "decimal")]
	pub floor_price: Balance,
	/// Whether new requests may be served.
	pub open: bool,
	/// What every descendant owes it of its inflow, in parts per million.
	pub royalty: u32,
	/// What its weights are known by, see [`crate::onnx`].
	#[serde(serialize_with = "as_root")]
	pub tensor_root: Option<TensorRoot>,
}

/// The root alone: leaves and bytes are in it.
fn as_root<S: Serializer>(root: &Option<TensorRoot>, to: S) -> Result<S::Ok, S::Error> {
	match root {
		Some(root) => as_hex(&root.root, to),
		None => to.serialize_none(),
	}
}

impl Version {
	/// As it is in block `now`: floors rise and versions close without anything being written.
	fn new(version: VersionId, from: models::Version, now: BlockNumber) -> Self {
		let models::Floor { present, rise, .. } = from.floor;
		let risen = rise.filter(|rise| now >= rise.from);
		Self {
			version,
			model: from.model,
			manifest_hash: from.manifest_hash,
			size: from.size,
			licence: text(from.licence.0),
			metadata_uri: text(from.metadata_uri.0),
			metadata_hash: from.metadata_hash,
			meter: from.meter.0,
			floor_price: risen.map_or(present, |rise| rise.price),
			open: from.closes.is_none_or(|closes| now < closes),
			royalty: from.royalty,
			tensor_root: from.tensor_root.map(|root| root.0),
		}
	}
}

/// A row of a version's contributor table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contributor {
	/// Its number.
	pub row: u16,
	/// Who is paid.
	#[serde(serialize_with = "as_address")]
	pub account: AccountBytes,
	/// What for.
	pub role: Role,
	/// Its share, in parts per million.
	pub share: u32,
	/// Whether it can be paid: its account has accepted it.
	pub accepted: bool,
	/// What it is due, in planck.
	#[serde(with = "decimal")]
	pub due: Balance,
}

/// How a version comes from its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
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

impl Relation {
	/// The word for it.
	pub fn name(self) -> &'static str {
		match self {
			Self::FineTune => "fine-tune",
			Self::Adapter => "adapter",
			Self::Quantised => "quantised",
			Self::Merge => "merge",
			Self::Distilled => "distilled",
			Self::Converted => "converted",
			Self::Dataset => "dataset",
		}
	}
}

impl From<Relation> for models::Relation {
	fn from(relation: Relation) -> Self {
		match relation {
			Relation::FineTune => Self::FineTune,
			Relation::Adapter => Self::Adapter,
			Relation::Quantised => Self::Quantised,
			Relation::Merge => Self::Merge,
			Relation::Distilled => Self::Distilled,
			Relation::Converted => Self::Converted,
			Relation::Dataset => Self::Dataset,
		}
	}
}

impl From<models::Relation> for Relation {
	fn from(relation: models::Relation) -> Self {
		match relation {
			models::Relation::FineTune => Self::FineTune,
			models::Relation::Adapter => Self::Adapter,
			models::Relation::Quantised => Self::Quantised,
			models::Relation::Merge => Self::Merge,
			models::Relation::Distilled => Self::Distilled,
			models::Relation::Converted => Self::Converted,
			models::Relation::Dataset => Self::Dataset,
		}
	}
}

/// A version that another one names as what it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Parent {
	/// The parent.
	pub version: VersionId,
	/// How the other one comes from it.
	pub relation: Relation,
}

/// A version that another one owes a royalty, of whatever generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ancestor {
	/// Its place in the version's table, from 0.
	pub ancestor: u16,
	/// The ancestor.
	pub version: VersionId,
	/// Its royalty, in parts per million of the model's part of what the version earns.
	pub rate: u32,
	/// What it is due and was not booked to it yet, in planck.
	#[serde(with = "decimal")]
	pub due: Balance,
}

/// A claim that a version holds an older one's weights, which can be refuted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReuseClaim {
	/// The older version.
	pub older: VersionId,
	/// The block it was made in.
	pub since: BlockNumber,
}

/// All models, by id.
pub async fn models(at: &AtBlock) -> Result<Vec<Model>, ChainError> {
	let mut models =
		collect!(at, storage().models().models(), |(id,), model| Model::new(id, model));
	models.sort_by_key(|model| model.model);
	Ok(models)
}

/// A model.
pub async fn model(at: &AtBlock, model: ModelId) -> Result<Option<Model>, ChainError> {
	let found = view(at, view_functions().models().model(model)).await?;
	Ok(found.map(|found| Model::new(model, found)))
}

/// All versions, by id.
pub async fn versions(at: &AtBlock) -> Result<Vec<Version>, ChainError> {
	let address = storage().models().versions();
	let now = at.block_number() as BlockNumber;
	let mut versions = collect!(at, address, |(id,), version| Version::new(id, version, now));
	versions.sort_by_key(|version| version.version);
	Ok(versions)
}

/// A version.
pub async fn version(at: &AtBlock, version: VersionId) -> Result<Option<Version>, ChainError> {
	let found = view(at, view_functions().models().version(version)).await?;
	Ok(found.map(|found| Version::new(version, found, at.block_number() as BlockNumber)))
}

/// The claim of reuse about a version that is known by an id.
pub async fn reuse_claim(
	at: &AtBlock,
	newer: VersionId,
	id: &Hash,
) -> Result<Option<ReuseClaim>, ChainError> {
	let found = view(at, view_functions().models().reuse_claim(newer, *id)).await?;
	Ok(found.map(|claim| ReuseClaim { older: claim.older, since: claim.since }))
}

/// A version's contributors and what they are due.
pub async fn contributors(
	at: &AtBlock,
	version: VersionId,
) -> Result<Vec<Contributor>, ChainError> {
	let rows = view(at, view_functions().models().contributors(version)).await?;
	let mut contributors = Vec::with_capacity(rows.len());
	for (row, contributor) in (0u16..).zip(rows) {
		let due = view(at, view_functions().models().revenue_due(version, row)).await?;
		contributors.push(Contributor {
			row,
			account: contributor.account.0,
			role: contributor.role.0,
			share: contributor.share,
			accepted: matches!(contributor.state, RowState::Accepted),
			due,
		});
	}
	Ok(contributors)
}

/// The parents that a version names.
pub async fn parents(at: &AtBlock, version: VersionId) -> Result<Vec<Parent>, ChainError> {
	let parents = view(at, view_functions().models().parents(version)).await?.into_iter();
	Ok(parents.map(|it| Parent { version: it.version, relation: it.relation.into() }).collect())
}

/// A version's ancestors, and what each is due.
pub async fn ancestors(at: &AtBlock, version: VersionId) -> Result<Vec<Ancestor>, ChainError> {
	let table = view(at, view_functions().models().ancestors(version)).await?;
	let mut ancestors = Vec::with_capacity(table.len());
	for (ancestor, found) in (0u16..).zip(table) {
		let due = view(at, view_functions().models().royalty_due(version, ancestor)).await?;
		ancestors.push(Ancestor { ancestor, version: found.version, rate: found.rate, due });
	}
	Ok(ancestors)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_relation_has_one_name_in_arguments_tables_and_json() {
		for relation in Relation::value_variants() {
			let name = relation.name();
			assert_eq!(Relation::from_str(name, false), Ok(*relation));
			assert_eq!(serde_json::to_value(relation).unwrap(), name);
			assert_eq!(Relation::from(models::Relation::from(*relation)), *relation);
		}
	}
}
