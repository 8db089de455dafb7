//! What a watcher says, line by line.

use crate::{amount, chain::Included, decimal, keys, output::hex0x, watch::decide::Step};
use serde::Serialize;
use usufruct_primitives::{fraud::Fraud, Balance, BatchNo, BlockNumber, Seq};

/// Something that a watcher says. What does not apply is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
	/// `looked`, `note`, `did`, `would`, `failed` or `shown`.
	pub event: &'static str,
	/// The finalised block that was looked at.
	pub block: BlockNumber,
	/// The call.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub action: Option<&'static str>,
	/// The channel, in hex.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub channel: Option<String>,
	/// The oracle's address.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub oracle: Option<String>,
	/// The number of the oracle's settlement.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub batch_no: Option<BatchNo>,
	/// The number of the receipt.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub seq: Option<Seq>,
	/// What the oracle is convicted of.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub fraud: Option<Fraud>,
	/// Why, in words.
	#[serde(skip_serializing_if = "String::is_empty")]
	pub why: String,
	/// What is put aside for it, in planck.
	#[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_decimal")]
	pub deposit: Option<Balance>,
	/// Where the call is, once it is final.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub included: Option<Place>,
	/// Why it failed.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub error: Option<String>,
	/// What there was to look at.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub looked: Option<Looked>,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
	/// The block's number.
	pub block: BlockNumber,
	/// Its hash.
	pub block_hash: String,
	/// The transaction's.
	pub extrinsic: String,
	/// The fee, in planck.
	#[serde(with = "decimal")]
	pub fee: Balance,
}

/// What there was to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Looked {
	/// Channels in the store that are of this chain.
	pub channels: usize,
	/// Settlements that concern them and can be challenged.
	pub settlements: usize,
	/// How many of them are not in order, or not known to be.
	pub unexplained: usize,
	/// Demands that are open.
	pub open_demands: usize,
	/// What deposits have cost so far, those on hold included, in planck.
	#[serde(with = "decimal")]
	pub spent: Balance,
	/// How many calls were made, or would have been.
	pub steps: usize,
}

fn as_decimal<S: serde::Serializer>(amount: &Option<Balance>, to: S) -> Result<S::Ok, S::Error> {
	amount.map(|amount| amount.to_string()).serialize(to)
}

impl Line {
	pub(super) fn of(event: &'static str, block: BlockNumber, step: &Step) -> Self {
		Self {
			event,
			block,
			action: Some(step.name()),
			channel: Some(hex0x(step.channel_id)),
			oracle: Some(keys::address(&step.oracle)),
			batch_no: step.batch_no(),
			seq: step.seq(),
			fraud: step.fraud,
			why: step.why.clone(),
			..Self::default()
		}
	}

	/// The same for people.
	pub fn text(&self) -> String {
		if let Some(looked) = &self.looked {
			let Looked { channels, settlements, unexplained, open_demands, spent, .. } = looked;
			return format!(
				"block {}: {channels} channels, {settlements} settlements to watch, {unexplained} not \
				 explained, {open_demands} demands open, {} in deposits",
				self.block,
				amount::ufr(*spent)
			);
		}
		let channel = self.channel.as_deref().unwrap_or_default();
		let channel = channel.get(..18).unwrap_or(channel);
		let action = self.action.map(|it| it.replace('_', " ")).unwrap_or_default();
		let mut text = match (self.event, self.action) {
			("note" | "shown", _) => format!("channel {channel}…: {}", self.why),
			(event, _) => format!("{event} {action}, channel {channel}…: {}", self.why),
		};
		if let Some(deposit) = self.deposit {
			text += &format!(" (deposit {})", amount::ufr(deposit));
		}
		if let Some(place) = &self.included {
			text += &format!("; final in block {}, {} fee", place.block, amount::ufr(place.fee));
		}
		if let Some(error) = &self.error {
			text += &format!("; {error}");
		}
		text
	}
}

impl From<&Included> for Place {
	fn from(included: &Included) -> Self {
		Self {
			block: included.block,
			block_hash: hex0x(included.block_hash),
			extrinsic: hex0x(included.extrinsic_hash),
			fee: included.fee,
		}
	}
}
