//! A settlement, as it is found on the chain: what is kept of it, and the claims it was made with.

use crate::state;
use codec::{Decode, Encode};
use usufruct_primitives::{
	settlement::{claims_hash, Claim},
	tree::Node,
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Hash, Seq, VersionId,
};

/// A claim of a settlement, without its voucher.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Claimed {
	/// The channel.
	pub channel_id: ChannelId,
	/// The version of all its receipts.
	pub model_version: VersionId,
	/// The first receipt.
	pub from_seq: Seq,
	/// The last one.
	pub to_seq: Seq,
	/// The total before the first, in planck.
	pub total_before: Balance,
	/// The total after the last, in planck.
	pub total_after: Balance,
	/// Whether it was accepted.
	pub accepted: bool,
}

impl Claimed {
	fn new(claim: &Claim, accepted: bool) -> Self {
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

	/// How many receipts it is about.
	pub fn receipts(&self) -> u64 {
		self.to_seq.saturating_sub(self.from_seq).saturating_add(1)
	}

	/// What it claims, in planck.
	pub fn amount(&self) -> Balance {
		self.total_after.saturating_sub(self.total_before)
	}

	/// Whether the receipt is one of its run.
	pub fn covers(&self, channel: &ChannelId, seq: Seq) -> bool {
		self.channel_id == *channel && (self.from_seq..=self.to_seq).contains(&seq)
	}
}

/// What the claims of a settlement say about one receipt, as the chain works it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
	/// The index of its leaf.
	pub index: u32,
	/// How often it is claimed.
	pub copies: u32,
	/// The version of its claim.
	pub model_version: VersionId,
	/// The least its leaf can carry, in planck.
	pub least: Balance,
	/// The most.
	pub most: Balance,
	/// The total before it, if it is the first of an accepted claim.
	pub total_before: Option<Balance>,
	/// The total after it, if it is the last of an accepted claim.
	pub total_after: Option<Balance>,
}

/// A settlement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Settled {
	/// Who settled.
	pub oracle: AccountBytes,
	/// Its number.
	pub batch_no: BatchNo,
	/// The block it was settled in.
	pub block: BlockNumber,
	/// The top of the tree over its receipts.
	pub top: Node,
	/// Its claims, in their order.
	pub claims: Vec<Claimed>,
}

impl Settled {
	/// The settlement that the chain keeps `batch` of and that was made with `claims`. `skipped` are
	/// the places of those that were not accepted, if they are known; otherwise it is tried whether all
	/// were, or all but one. `None` if the claims are not those of the batch.
	pub fn assemble(
		oracle: AccountBytes,
		batch_no: BatchNo,
		batch: &state::Batch,
		claims: &[Claim],
		skipped: Option<&[u16]>,
	) -> Option<Self> {
		let fits = |accepted: &Vec<bool>| claims_hash(claims, accepted) == batch.claims_hash;
		let but = |skipped: &[u16]| -> Vec<bool> {
			(0u16..).zip(claims).map(|(place, _)| !skipped.contains(&place)).collect()
		};
		let accepted = match skipped {
			Some(skipped) => Some(but(skipped)).filter(fits),
			None => [but(&[])]
				.into_iter()
				.chain((0u16..).zip(claims).map(|(place, _)| but(&[place])))
				.find(fits),
		}?;
		let claims = claims.iter().zip(accepted);
		Some(Self {
			oracle,
			batch_no,
			block: batch.block,
			top: Node { hash: batch.root, sum: batch.total, count: batch.count },
			claims: claims.map(|(claim, accepted)| Claimed::new(claim, accepted)).collect(),
		})
	}

	/// The claim that covers a receipt; one that was accepted, if there are several.
	pub fn covering(&self, channel: &ChannelId, seq: Seq) -> Option<&Claimed> {
		self.claims
			.iter()
			.filter(|claim| claim.covers(channel, seq))
			.max_by_key(|claim| claim.accepted)
	}

	/// The accepted claims of a channel.
	pub fn accepted(&self, channel: ChannelId) -> impl Iterator<Item = &Claimed> {
		self.claims.iter().filter(move |claim| claim.accepted && claim.channel_id == channel)
	}

	/// What a channel paid in it, in planck.
	pub fn paid_by(&self, channel: &ChannelId) -> Balance {
		self.accepted(*channel).map(Claimed::amount).fold(0, Balance::saturating_add)
	}

	/// What the claims say about a receipt; `None` if none covers it.
	pub fn place(&self, channel: &ChannelId, seq: Seq) -> Option<Place> {
		let claim = self.covering(channel, seq)?;
		let (mut before, mut copies) = (0u64, 0u32);
		for other in &self.claims {
			before = before.saturating_add(match other.channel_id.cmp(channel) {
				std::cmp::Ordering::Less => other.receipts(),
				std::cmp::Ordering::Equal => {
					seq.saturating_sub(other.from_seq).min(other.receipts())
				},
				std::cmp::Ordering::Greater => 0,
			});
			copies = copies.saturating_add(other.covers(channel, seq).into());
		}
		let amount = claim.amount();
		let at = |end: Seq, total: Balance| (claim.accepted && seq == end).then_some(total);
		Some(Place {
			index: before.try_into().unwrap_or(u32::MAX),
			copies,
			model_version: claim.model_version,
			least: if claim.receipts() == 1 { amount } else { 0 },
			most: amount,
			total_before: at(claim.from_seq, claim.total_before),
			total_after: at(claim.to_seq, claim.total_after),
		})
	}

	/// What its claims hash to, as the chain keeps it.
	pub fn claims_hash(&self) -> Hash {
		let claims: Vec<Claim> = self.claims.iter().map(Claimed::as_claim).collect();
		let accepted: Vec<bool> = self.claims.iter().map(|claim| claim.accepted).collect();
		claims_hash(&claims, &accepted)
	}
}

impl Claimed {
	/// As it was submitted, but for the voucher, which no hash covers.
	fn as_claim(&self) -> Claim {
		Claim {
			channel_id: self.channel_id,
			model_version: self.model_version,
			from_seq: self.from_seq,
			to_seq: self.to_seq,
			total_before: self.total_before,
			total_after: self.total_after,
			voucher: usufruct_primitives::settlement::ClaimVoucher {
				cap: 0,
				request_commit: [0; 32],
				ack_seq: 0,
				ack_total: 0,
				serve_until: 0,
				signature: [0; 64],
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn claimed(channel: u8, from_seq: Seq, to_seq: Seq, accepted: bool) -> Claimed {
		Claimed {
			channel_id: [channel; 32],
			model_version: 1,
			from_seq,
			to_seq,
			total_before: 10 * Balance::from(from_seq - 1),
			total_after: 10 * Balance::from(to_seq),
			accepted,
		}
	}

	fn settled(claims: Vec<Claimed>) -> Settled {
		let top = Node { hash: [1; 32], sum: 0, count: 9 };
		Settled { oracle: [9; 32], batch_no: 3, block: 4, top, claims }
	}

	#[test]
	fn a_place_is_where_channel_and_number_put_it() {
		let batch = settled(vec![
			claimed(5, 4, 6, true),
			claimed(2, 1, 2, true),
			claimed(5, 7, 7, true),
			claimed(7, 1, 1, false),
		]);
		let place = batch.place(&[5; 32], 4).unwrap();
		assert_eq!((place.index, place.copies), (2, 1));
		assert_eq!((place.total_before, place.total_after), (Some(30), None));
		assert_eq!((place.least, place.most), (0, 30));
		let place = batch.place(&[5; 32], 7).unwrap();
		assert_eq!((place.index, place.least, place.most), (5, 10, 10));
		assert_eq!((place.total_before, place.total_after), (Some(60), Some(70)));
		let refused = batch.place(&[7; 32], 1).unwrap();
		assert_eq!((refused.index, refused.total_after), (6, None));
		assert_eq!(batch.place(&[5; 32], 8), None);
		assert_eq!(batch.paid_by(&[5; 32]), 40);
		assert_eq!(batch.paid_by(&[7; 32]), 0);
	}

	#[test]
	fn claims_are_taken_only_if_they_are_the_batchs() {
		let batch = settled(vec![claimed(1, 1, 1, true), claimed(2, 1, 1, false)]);
		let claims: Vec<Claim> = batch.claims.iter().map(Claimed::as_claim).collect();
		let kept = state::Batch {
			root: batch.top.hash,
			total: batch.top.sum,
			count: batch.top.count,
			accepted_total: 10,
			block: batch.block,
			claims_hash: batch.claims_hash(),
		};
		let assemble = |claims: &[Claim], skipped: Option<&[u16]>| {
			Settled::assemble(batch.oracle, batch.batch_no, &kept, claims, skipped)
		};
		assert_eq!(assemble(&claims, Some(&[1])).as_ref(), Some(&batch));
		assert_eq!(assemble(&claims, None).as_ref(), Some(&batch), "found out by trying");
		assert_eq!(assemble(&claims, Some(&[0])), None);
		assert_eq!(assemble(&claims[..1], None), None);
		let mut other = claims;
		other[0].to_seq = 2;
		assert_eq!(assemble(&other, None), None);
	}
}
