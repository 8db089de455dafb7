//! What the oracle asks of the chain. Only finalised state decides anything.
//!
//! Behind small traits, so that everything else can be tested against a chain in memory;
//! [`node::Node`] implements them over a node.

mod bond;
mod challenges;
mod demands;
pub mod finality;
pub mod node;
mod prices;
pub mod witness;

use crate::{
	book::{Standing, Terms},
	demands::Answer,
	settle::{Batch, Prices},
};
use futures::future::BoxFuture;
use std::collections::HashMap;
use usufruct_client::chain::ChainError as ClientError;
use usufruct_primitives::{
	tensors::TensorRoot, Balance, BatchNo, BlockNumber, ChannelId, Hash, Meter, ModelId, PublicKey,
	Seq, VersionId,
};

/// The chain cannot be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the node cannot be asked: {0}")]
pub struct ChainError(pub String);

impl From<ClientError> for ChainError {
	fn from(error: ClientError) -> Self {
		Self(with_causes(&error))
	}
}

fn with_causes(error: &dyn std::error::Error) -> String {
	let mut text = error.to_string();
	let mut cause = error.source();
	while let Some(error) = cause {
		text.push_str(": ");
		text.push_str(&error.to_string());
		cause = error.source();
	}
	text
}

/// A model version, and this oracle's price for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionState {
	/// Its model.
	pub model: ModelId,
	/// What a unit is.
	pub meter: Meter,
	/// SHA-256 of the artifact.
	pub manifest: Hash,
	/// SHA-256 of its metadata.
	pub metadata: Hash,
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
	/// What it cost, in planck.
	pub fee: Balance,
}

/// Why what was submitted is not final.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
	/// A finalised block holds it as failed: this submission will never be taken.
	#[error("{0}")]
	Refused(String),
	/// What became of it is not known; it may still be taken.
	#[error("{0}")]
	Lost(String),
}

impl From<ClientError> for SubmitError {
	fn from(error: ClientError) -> Self {
		match error {
			ClientError::Dispatch(error) => Self::Refused(error.to_string()),
			error => Self::Lost(with_causes(&error)),
		}
	}
}

/// Submitting settlements.
pub trait Settlement: Send + Sync + 'static {
	/// Submits a batch and waits until it is final.
	fn settle<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<Settled, SubmitError>>;
	/// The root the finalised chain holds for that number.
	fn root_of(&self, no: BatchNo) -> BoxFuture<'_, Result<Option<Hash>, ChainError>>;
	/// What settlements cost at the finalised head, and what the oracle gets of them.
	fn prices(&self) -> BoxFuture<'_, Result<Prices, ChainError>>;
}

/// What of the past the chain can still ask for.
pub trait Challenges: Send + Sync + 'static {
	/// Whether receipts of a final settlement can still be demanded, or are, at the finalised head.
	/// Once they cannot, they never can again.
	fn demandable(&self, no: BatchNo) -> BoxFuture<'_, Result<bool, ChainError>>;
}

/// Adding to the oracle's bond.
pub trait Bonding: Send + Sync + 'static {
	/// What the oracle's account can spend, in planck.
	fn balance(&self) -> BoxFuture<'_, Result<Balance, ChainError>>;
	/// Adds so much of it to the bond, and waits until that is final.
	fn bond_more(&self, amount: Balance) -> BoxFuture<'_, Result<(), SubmitError>>;
}

/// An open demand for a settled receipt of this oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Demand {
	/// The first block in which the bond can be slashed for it.
	pub due: BlockNumber,
	/// The settlement.
	pub batch_no: BatchNo,
	/// The channel of the receipt.
	pub channel_id: ChannelId,
	/// Its number.
	pub seq: Seq,
}

/// Being asked for settled receipts, and showing them.
pub trait Demands: Send + Sync + 'static {
	/// The demands against this oracle that are open at the finalised head.
	fn open_demands(&self) -> BoxFuture<'_, Result<Vec<Demand>, ChainError>>;
	/// Submits an answer and waits until it is final. A demand that is not open any more is refused.
	fn answer_demand<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<(), SubmitError>>;
}
