//! The claims of a settled batch, as whoever proves something about it brings them again, and the
//! place that they give each receipt.

use crate::{
	settlement::{hash_of_claims, Claim},
	Balance, ChannelId, Hash, Seq, VersionId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use scale_info::TypeInfo;

/// A claim of a batch, as its claims hash covers it: without the voucher, and with the verdict.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SubmittedClaim {
	/// See [`Claim::channel_id`].
	pub channel_id: ChannelId,
	/// See [`Claim::model_version`].
	pub model_version: VersionId,
	/// See [`Claim::from_seq`].
	pub from_seq: Seq,
	/// See [`Claim::to_seq`].
	pub to_seq: Seq,
	/// See [`Claim::total_before`].
	pub total_before: Balance,
	/// See [`Claim::total_after`].
	pub total_after: Balance,
	/// Whether it was accepted.
	pub accepted: bool,
}

impl SubmittedClaim {
	/// `claim`, which was accepted or not.
	pub fn new(claim: &Claim, accepted: bool) -> Self {
		Self {
			channel_id: claim.channel_id,
			model_version: claim.model_version,
			from_seq: claim.from_seq,
			to_seq: claim.to_seq,
			total_before: claim.total_before,
			total_after: claim.total_after,
			accepted,
		}
	}

	/// How many receipts it has. No batch is settled with a claim that has none.
	pub fn receipts(&self) -> u64 {
		self.to_seq.saturating_sub(self.from_seq).saturating_add(1)
	}

	/// What it claims, in planck. No batch is settled with a claim whose total falls.
	pub fn amount(&self) -> Balance {
		self.total_after.saturating_sub(self.total_before)
	}

	/// Whether the receipt is one of its run.
	pub fn covers(&self, channel_id: &ChannelId, seq: Seq) -> bool {
		self.channel_id == *channel_id && (self.from_seq..=self.to_seq).contains(&seq)
	}
}

/// [`crate::settlement::claims_hash`] of claims with their verdicts.
pub fn submitted_hash(claims: &[SubmittedClaim]) -> Hash {
	hash_of_claims(claims.iter().cloned())
}

/// The claim of a batch that covers a receipt. No batch is settled with two that do, see
/// [`crate::settlement::are_disjoint`].
pub fn covering<'a>(
	claims: &'a [SubmittedClaim],
	channel_id: &ChannelId,
	seq: Seq,
) -> Option<&'a SubmittedClaim> {
	claims.iter().find(|claim| claim.covers(channel_id, seq))
}

/// What a channel paid in a batch, in planck.
pub fn paid_by(claims: &[SubmittedClaim], channel_id: &ChannelId) -> Balance {
	claims
		.iter()
		.filter(|claim| claim.accepted && claim.channel_id == *channel_id)
		.map(SubmittedClaim::amount)
		.fold(0, Balance::saturating_add)
}

/// What the claims of a batch say about one receipt and its leaf.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Place {
	/// The leaf's index, because leaves are sorted by channel and number, and each is claimed once.
	pub index: u32,
	/// The version of its claim.
	pub model_version: VersionId,
	/// The least that its amount can be, in planck: what the claim is about if it is the only one.
	pub least: Balance,
	/// The most that its amount can be, in planck: what the claim is about.
	pub most: Balance,
	/// The total before it, in planck, if it is the first of an accepted claim.
	pub total_before: Option<Balance>,
	/// The total after it, in planck, if it is the last of an accepted claim.
	pub total_after: Option<Balance>,
}

impl Place {
	/// That of receipt `seq` of `claim`, which is one of `claims` and covers it.
	pub fn of(claims: &[SubmittedClaim], claim: &SubmittedClaim, seq: Seq) -> Self {
		let before = claims
			.iter()
			.map(|other| match other.channel_id.cmp(&claim.channel_id) {
				Ordering::Less => other.receipts(),
				Ordering::Equal => seq.saturating_sub(other.from_seq).min(other.receipts()),
				Ordering::Greater => 0,
			})
			.fold(0, u64::saturating_add);
		let amount = claim.amount();
		let at = |end: Seq, total: Balance| (claim.accepted && seq == end).then_some(total);
		Self {
			// No batch has more receipts than a u32 counts.
			index: before.try_into().unwrap_or(u32::MAX),
			model_version: claim.model_version,
			least: if claim.receipts() == 1 { amount } else { 0 },
			most: amount,
			total_before: at(claim.from_seq, claim.total_before),
			total_after: at(claim.to_seq, claim.total_after),
		}
	}

	/// Whether its leaf can carry `amount`.
	pub fn allows(&self, amount: Balance) -> bool {
		(self.least..=self.most).contains(&amount)
	}
}
