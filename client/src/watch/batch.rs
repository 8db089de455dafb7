//! A settlement, as it is found on the chain: what is kept of it, and the claims it was made with.

use crate::state;
use codec::{Decode, Encode};
use usufruct_primitives::{
	settlement::{claims_hash, Claim},
	submitted::{covering, paid_by, Place, SubmittedClaim},
	tree::Node,
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Seq,
};

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
	pub claims: Vec<SubmittedClaim>,
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
			claims: claims.map(|(claim, accepted)| SubmittedClaim::new(claim, accepted)).collect(),
		})
	}

	/// The claim that covers a receipt.
	pub fn covering(&self, channel: &ChannelId, seq: Seq) -> Option<&SubmittedClaim> {
		covering(&self.claims, channel, seq)
	}

	/// The accepted claims of a channel.
	pub fn accepted(&self, channel: ChannelId) -> impl Iterator<Item = &SubmittedClaim> {
		self.claims.iter().filter(move |claim| claim.accepted && claim.channel_id == channel)
	}

	/// What a channel paid in it, in planck.
	pub fn paid_by(&self, channel: &ChannelId) -> Balance {
		paid_by(&self.claims, channel)
	}

	/// What the claims say about a receipt; `None` if none covers it.
	pub fn place(&self, channel: &ChannelId, seq: Seq) -> Option<Place> {
		Some(Place::of(&self.claims, self.covering(channel, seq)?, seq))
	}
}

#[cfg(test)]
mod tests;
