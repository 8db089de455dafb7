//! What an oracle is convicted of when it is shown, and the rules that say so.
//!
//! Nothing here is a matter of opinion. Each rule is one that an oracle keeps by computing its own
//! records correctly, whatever its consumers do. The chain judges by these functions, and so does
//! whoever looks for something to report.

use crate::{
	commitment::Request, submitted::Place, usage::Receipt, Balance, Meter, ModelId, Status,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::Serialize;

/// What an oracle did.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
)]
#[cfg_attr(feature = "traits", derive(frame_support::PalletError))]
#[serde(rename_all = "snake_case")]
pub enum Fraud {
	/// It stands by two receipts of one number.
	DoubleReceipt,
	/// It stands by two receipts for one request.
	DoubleRequest,
	/// A leaf carries another amount than its receipt.
	LeafAmount,
	/// A receipt's amount is not its units times its price.
	NotUnitsTimesPrice,
	/// A receipt of a failed request charges for it.
	FailedCharged,
	/// A receipt's total is below its amount.
	TotalBelowAmount,
	/// A receipt names another model than its channel, or a version that is not one of it.
	WrongModel,
	/// A receipt counts in another unit than its version.
	WrongMeter,
	/// A price below what the version may be offered for, and could before.
	PriceBelowFloor,
	/// A price above the most that the channel allows.
	PriceAboveMaximum,
	/// A receipt says another version, unit or price than its request, or more units than it
	/// allows, or is in another channel.
	NotAsRequested,
	/// No claim of the batch covers the receipt.
	NotClaimed,
	/// The claim that covers the receipt is about another version.
	NotOfClaimedVersion,
	/// The receipt does not stand where its number puts it, so others do not, either.
	OutOfPlace,
	/// A leaf carries more than its whole claim, or another amount though it is the only one.
	BeyondClaim,
	/// The first receipt of a claim does not begin with the total that the claim does.
	WrongTotalBefore,
	/// The last receipt of a claim does not end with the total that the claim does.
	WrongTotalAfter,
	/// Two neighbours are not in the order of their channels and numbers, or one is missing between
	/// them.
	NotInOrder,
	/// The totals of two neighbours do not differ by the second one's amount.
	TotalsDoNotAdd,
	/// A demand was not met in time.
	Unanswered,
}

impl fmt::Display for Fraud {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(match self {
			Self::DoubleReceipt => "it stands by two receipts of one number",
			Self::DoubleRequest => "it stands by two receipts for one request",
			Self::LeafAmount => "it settled another amount than the receipt's",
			Self::NotUnitsTimesPrice => "the amount is not units times price",
			Self::FailedCharged => "it charges for a request that failed",
			Self::TotalBelowAmount => "the total is below the amount",
			Self::WrongModel => "the receipt names another model than the channel",
			Self::WrongMeter => "the receipt counts in another unit than the version",
			Self::PriceBelowFloor => "the price is below what the version may be offered for",
			Self::PriceAboveMaximum => "the price is above the channel's maximum",
			Self::NotAsRequested => "the receipt is not what was asked for",
			Self::NotClaimed => "it is in the settlement and no claim covers it",
			Self::NotOfClaimedVersion => "it was claimed as another version",
			Self::OutOfPlace => "it does not stand where its number puts it",
			Self::BeyondClaim => "it carries another amount than its claim allows",
			Self::WrongTotalBefore => "the claim begins with another total than its first receipt",
			Self::WrongTotalAfter => "the claim ends with another total than its last receipt",
			Self::NotInOrder => "two neighbours are out of order or leave a gap",
			Self::TotalsDoNotAdd => "the totals of two neighbours do not add up",
			Self::Unanswered => "a demand was not met in time",
		})
	}
}

/// What the version and the channel of a receipt ask of it, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
	/// The channel's model.
	pub model: Option<ModelId>,
	/// The version that the receipt names.
	pub version: Version,
	/// The most that a unit may cost in the channel, in planck.
	pub max_unit_price: Option<Balance>,
}

/// What is known of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
	/// Nothing.
	#[default]
	Unknown,
	/// That there is none.
	Absent,
	/// What it is.
	Of {
		/// Its model.
		model: ModelId,
		/// What it counts in.
		meter: Meter,
		/// The least that a unit may be offered for, now or before, in planck; 0 if it is not known.
		floor: Balance,
	},
}

/// What two receipts that an oracle stands by convict it of.
pub fn double(first: &Receipt, second: &Receipt) -> Option<Fraud> {
	if first.channel_id != second.channel_id || first == second {
		None
	} else if first.seq == second.seq {
		Some(Fraud::DoubleReceipt)
	} else if first.request_commit == second.request_commit {
		Some(Fraud::DoubleRequest)
	} else {
		None
	}
}

/// What two receipts at adjacent leaves contradict in each other.
pub fn neighbours(left: &Receipt, right: &Receipt) -> Option<Fraud> {
	if left.channel_id < right.channel_id {
		return None;
	}
	if left.channel_id > right.channel_id || left.seq.checked_add(1) != Some(right.seq) {
		return Some(Fraud::NotInOrder);
	}
	let adds = left.total.checked_add(right.amount) == Some(right.total);
	(!adds).then_some(Fraud::TotalsDoNotAdd)
}

/// The first rule that a receipt breaks, at a leaf of `index` that carries `amount`. `place` is what
/// the claims of its batch say about it, if one covers it; `request` its own, if it is known.
pub fn leaf(
	receipt: &Receipt,
	amount: Balance,
	index: u32,
	place: Option<&Place>,
	terms: &Terms,
	request: Option<&Request>,
) -> Option<Fraud> {
	in_itself(receipt, amount)
		.or_else(|| against_terms(receipt, terms))
		.or_else(|| against_claims(receipt, index, place))
		.or_else(|| request.and_then(|request| against_request(receipt, request)))
}

/// What a receipt contradicts in itself, or in the leaf that carries `amount` for it.
fn in_itself(receipt: &Receipt, amount: Balance) -> Option<Fraud> {
	if amount != receipt.amount {
		return Some(Fraud::LeafAmount);
	}
	if receipt.unit_price.checked_mul(receipt.units.into()) != Some(receipt.amount) {
		return Some(Fraud::NotUnitsTimesPrice);
	}
	if receipt.status == Status::Failed && receipt.units > 0 {
		return Some(Fraud::FailedCharged);
	}
	(receipt.total < receipt.amount).then_some(Fraud::TotalBelowAmount)
}

/// What a receipt contradicts in the terms of its version and of its channel.
fn against_terms(receipt: &Receipt, terms: &Terms) -> Option<Fraud> {
	if terms.model.is_some_and(|model| model != receipt.model) {
		return Some(Fraud::WrongModel);
	}
	match terms.version {
		Version::Unknown => {},
		Version::Absent => return Some(Fraud::WrongModel),
		Version::Of { model, .. } if model != receipt.model => return Some(Fraud::WrongModel),
		Version::Of { meter, .. } if meter != receipt.meter => return Some(Fraud::WrongMeter),
		Version::Of { floor, .. } if receipt.unit_price < floor => {
			return Some(Fraud::PriceBelowFloor)
		},
		Version::Of { .. } => {},
	}
	let above = terms.max_unit_price.is_some_and(|most| most < receipt.unit_price);
	above.then_some(Fraud::PriceAboveMaximum)
}

/// What a receipt at `index` contradicts in the claims of its batch.
fn against_claims(receipt: &Receipt, index: u32, place: Option<&Place>) -> Option<Fraud> {
	let Some(place) = place else { return Some(Fraud::NotClaimed) };
	if place.model_version != receipt.model_version {
		return Some(Fraud::NotOfClaimedVersion);
	}
	if place.index != index {
		return Some(Fraud::OutOfPlace);
	}
	if !place.allows(receipt.amount) {
		return Some(Fraud::BeyondClaim);
	}
	let before = receipt.total.checked_sub(receipt.amount);
	if place.total_before.is_some() && place.total_before != before {
		return Some(Fraud::WrongTotalBefore);
	}
	let differs = place.total_after.is_some_and(|after| after != receipt.total);
	differs.then_some(Fraud::WrongTotalAfter)
}

/// What a receipt contradicts in its request.
fn against_request(receipt: &Receipt, request: &Request) -> Option<Fraud> {
	let as_requested = receipt.channel_id == request.channel_id
		&& receipt.model_version == request.model_version
		&& receipt.meter == request.meter
		&& receipt.unit_price == request.unit_price
		&& receipt.units <= request.max_units;
	(!as_requested).then_some(Fraud::NotAsRequested)
}
