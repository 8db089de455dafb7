//! What the chain convicts an oracle of, so that nothing is reported that it would not see as fraud.
//!
//! These are the rules of `pallet-usage`, in its order, as far as what they need is at hand: that a
//! price is below the version's floor is for whoever knows the floors of the past.

use super::batch::Place;
use serde::Serialize;
use usufruct_primitives::{
	commitment::Request, usage::Receipt, Balance, Meter, ModelId, Status, VersionId,
};

/// What an oracle did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
	/// A receipt names another model than its channel or version.
	WrongModel,
	/// A receipt counts in another unit than its version.
	WrongMeter,
	/// A price above the most that the channel allows.
	PriceAboveMaximum,
	/// A receipt differs from its request, or counts more units than that allows.
	NotAsRequested,
	/// No claim of the batch covers the receipt.
	NotClaimed,
	/// The claim that covers the receipt is about another version.
	NotOfClaimedVersion,
	/// The receipt does not stand where its number puts it.
	OutOfPlace,
	/// A leaf carries more than its whole claim, or another amount though it is the only one.
	BeyondClaim,
	/// The first receipt of a claim does not begin with the total that the claim does.
	WrongTotalBefore,
	/// The last receipt of a claim does not end with the total that the claim does.
	WrongTotalAfter,
	/// Two neighbours are not in order, or one is missing between them.
	NotInOrder,
	/// The totals of two neighbours do not differ by the second one's amount.
	TotalsDoNotAdd,
}

impl Fraud {
	/// In words.
	pub fn says(self) -> &'static str {
		match self {
			Self::DoubleReceipt => "it stands by two receipts of one number",
			Self::DoubleRequest => "it stands by two receipts for one request",
			Self::LeafAmount => "it settled another amount than the receipt's",
			Self::NotUnitsTimesPrice => "the amount is not units times price",
			Self::FailedCharged => "it charges for a request that failed",
			Self::TotalBelowAmount => "the total is below the amount",
			Self::WrongModel => "the receipt names another model than the channel",
			Self::WrongMeter => "the receipt counts in another unit than the version",
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
		}
	}
}

/// What is known of a channel and of model versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
	/// The channel's model.
	pub model: ModelId,
	/// The most a unit may cost, while the channel is on the chain.
	pub max_unit_price: Option<Balance>,
	/// Versions, with their models and meters.
	pub versions: std::collections::BTreeMap<VersionId, (ModelId, Meter)>,
}

/// What two receipts convict of.
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

/// What a receipt contradicts in the terms of its version and channel.
fn against_terms(receipt: &Receipt, terms: &Terms) -> Option<Fraud> {
	if receipt.model != terms.model {
		return Some(Fraud::WrongModel);
	}
	if let Some((model, meter)) = terms.versions.get(&receipt.model_version) {
		if *model != receipt.model {
			return Some(Fraud::WrongModel);
		}
		if *meter != receipt.meter {
			return Some(Fraud::WrongMeter);
		}
	}
	let above = terms.max_unit_price.is_some_and(|most| most < receipt.unit_price);
	above.then_some(Fraud::PriceAboveMaximum)
}

/// What a receipt contradicts in the claims of a settlement, wherever its leaf stands in it.
pub fn against_claims(receipt: &Receipt, place: Option<&Place>) -> Option<Fraud> {
	let Some(place) = place else { return Some(Fraud::NotClaimed) };
	if place.model_version != receipt.model_version {
		return Some(Fraud::NotOfClaimedVersion);
	}
	if !(place.least..=place.most).contains(&receipt.amount) {
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

/// The first rule that a leaf at `index` breaks that carries `amount` for `receipt`. `request` is the
/// receipt's, if it is known.
pub fn leaf(
	receipt: &Receipt,
	amount: Balance,
	index: u32,
	place: Option<&Place>,
	terms: &Terms,
	request: Option<&Request>,
) -> Option<Fraud> {
	let out_of_place = |place: &Place| {
		let nth = index.checked_sub(place.index);
		nth.is_none_or(|nth| nth >= place.copies).then_some(Fraud::OutOfPlace)
	};
	in_itself(receipt, amount)
		.or_else(|| against_terms(receipt, terms))
		.or_else(|| match against_claims(receipt, place) {
			// The chain looks at the place before it looks at amounts.
			Some(fraud @ (Fraud::NotClaimed | Fraud::NotOfClaimedVersion)) => Some(fraud),
			fraud => place.and_then(out_of_place).or(fraud),
		})
		.or_else(|| request.and_then(|request| against_request(receipt, request)))
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
