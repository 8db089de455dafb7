//! Channels.

use super::{as_address, as_hex};
use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::{
		constants,
		runtime_types::pallet_usage::types::{self as usage, ChannelState},
		storage, view_functions,
	},
	view::view,
};
use serde::Serialize;
use subxt::utils::AccountId32;
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, ChannelId, ModelId, PublicKey, Seq};

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Channel {
	/// Its id.
	#[serde(serialize_with = "as_hex")]
	pub channel_id: ChannelId,
	/// Whose money it is.
	#[serde(serialize_with = "as_address")]
	pub consumer: AccountBytes,
	/// Who can claim it.
	#[serde(serialize_with = "as_address")]
	pub oracle: AccountBytes,
	/// What it is for.
	pub model: ModelId,
	/// The key that signs vouchers.
	#[serde(serialize_with = "as_hex")]
	pub key: PublicKey,
	/// What is held and not settled, in planck.
	#[serde(with = "decimal")]
	pub escrow: Balance,
	/// The part of it that is the commons fund's, unless it is spent, in planck.
	#[serde(with = "decimal")]
	pub bonus: Balance,
	/// The part of it that outlives the closing window, in planck.
	#[serde(with = "decimal")]
	pub reserved: Balance,
	/// The last settled receipt.
	pub settled_seq: Seq,
	/// Its total, in planck.
	#[serde(with = "decimal")]
	pub settled_total: Balance,
	/// The most a unit may cost, in planck.
	#[serde(with = "decimal")]
	pub max_unit_price: Balance,
	/// The most that may be unacknowledged, in planck.
	#[serde(with = "decimal")]
	pub max_unacked: Balance,
	/// The total that a lodged voucher covers, in planck; 0 if none is.
	#[serde(with = "decimal")]
	pub lodged: Balance,
	/// The keys before this one, the last one last.
	pub former_keys: Vec<FormerKey>,
	/// The first block in which it can be closed for good, if it is closing.
	pub closes_at: Option<BlockNumber>,
}

/// A key that a channel had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormerKey {
	/// The ed25519 key.
	#[serde(serialize_with = "as_hex")]
	pub key: PublicKey,
	/// The first block in which nothing can be settled or lodged on its signature.
	pub until: BlockNumber,
}

impl Channel {
	fn new(channel_id: ChannelId, from: usage::Channel) -> Self {
		Self {
			channel_id,
			consumer: from.consumer.0,
			oracle: from.oracle.0,
			model: from.model,
			key: from.key,
			escrow: from.escrow,
			bonus: from.bonus,
			reserved: from.reserved,
			settled_seq: from.settled_seq,
			settled_total: from.settled_total,
			max_unit_price: from.max_unit_price,
			max_unacked: from.max_unacked,
			lodged: from.checkpoint.map_or(0, |lodged| lodged.covers),
			former_keys: from
				.former_keys
				.0
				.into_iter()
				.map(|former| FormerKey { key: former.key, until: former.until })
				.collect(),
			closes_at: match from.state {
				ChannelState::Open => None,
				ChannelState::Closing { closes_at } => Some(closes_at),
			},
		}
	}

	/// All that can ever be charged to it as things are, in planck.
	pub fn funds(&self) -> Balance {
		self.settled_total.saturating_add(self.escrow)
	}
}

/// All channels.
pub async fn channels(at: &AtBlock) -> Result<Vec<Channel>, ChainError> {
	let address = storage().usage().channels();
	Ok(collect!(at, address, |(id,), channel| Channel::new(id, channel)))
}

/// A channel.
pub async fn channel(at: &AtBlock, channel: &ChannelId) -> Result<Option<Channel>, ChainError> {
	let found = view(at, view_functions().usage().channel(*channel)).await?;
	Ok(found.map(|found| Channel::new(*channel, found)))
}

/// For how many blocks a channel is closing before it can be closed for good. So long after the last block
/// of a voucher an honest oracle keeps its answer, too.
pub fn closing_window(at: &AtBlock) -> Result<BlockNumber, ChainError> {
	Ok(at.constants().entry(constants().usage().closing_window())?)
}

/// The last salt with which a consumer opened a channel.
pub async fn last_salt(at: &AtBlock, consumer: &AccountBytes) -> Result<Option<u64>, ChainError> {
	let call = view_functions().usage().last_salt(AccountId32(*consumer));
	view(at, call).await
}
