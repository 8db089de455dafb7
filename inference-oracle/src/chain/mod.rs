//! What the oracle asks of the chain. Only finalised state decides anything.
//!
//! Behind two small traits, so that everything else can be tested against a chain in memory;
//! [`node::Node`] implements them over a node.

pub mod node;

use crate::{
	book::{Standing, Terms},
	settle::Batch,
};
use futures::future::BoxFuture;
use std::collections::HashMap;
use usufruct_primitives::{
	tensors::TensorRoot, Balance, BatchNo, ChannelId, Hash, Meter, ModelId, PublicKey, VersionId,
};

/// The chain cannot be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the node cannot be asked: {0}")]
pub struct ChainError(pub String);

/// A model version, and this oracle's price for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionState {
	/// Its model.
	pub model: ModelId,
	/// What a unit is.
	pub meter: Meter,
	/// SHA-256 of the artifact.
	pub manifest: Hash,
	/// Its length in bytes.
	pub size: u64,
	/// SPDX identifier of its licence.
	pub licence: String,
	/// Whether new requests may be served.
	pub open: bool,
	/// What its weights are known by.
	pub tensors: Option<TensorRoot>,
	/// This oracle's ask, in planck per unit.
	pub ask: Option<Balance>,
}

/// The finalised head, as far as the oracle needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
	/// Block, bond.
	pub standing: Standing,
	/// When it was seen, in milliseconds since the Unix epoch.
	pub seen_ms: u64,
	/// The receipt key registered, if the oracle is.
	pub receipt_key: Option<PublicKey>,
	/// The number its next settlement must have.
	pub next_batch: BatchNo,
	/// The versions that are configured.
	pub versions: HashMap<VersionId, VersionState>,
}

/// Where a channel is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
	/// In the finalised state.
	Final(Terms),
	/// In a block that is not final.
	NotFinal,
	/// Nowhere.
	Unknown,
}

/// Reading channels that are not known yet.
pub trait Channels: Send + Sync + 'static {
	/// Looks a channel up, and follows it from then on if it is final.
	fn lookup(&self, channel: ChannelId) -> BoxFuture<'_, Result<Lookup, ChainError>>;
}

/// What became of a settlement that is final.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
	/// Claims that were skipped, by place, with the reason.
	pub skipped: Vec<(u16, String)>,
}

/// Why a settlement is not final.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
	/// A finalised block holds it as failed: it will never be taken.
	#[error("{0}")]
	Refused(String),
	/// What became of it is not known; it may still be taken.
	#[error("{0}")]
	Lost(String),
}

/// Submitting settlements.
pub trait Settlement: Send + Sync + 'static {
	/// Submits a batch and waits until it is final.
	fn settle<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<Settled, SettleError>>;
	/// The root the finalised chain holds for that number.
	fn root_of(&self, no: BatchNo) -> BoxFuture<'_, Result<Option<Hash>, ChainError>>;
}
