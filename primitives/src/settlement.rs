//! What an oracle claims of its channels when it settles a batch.
//!
//! ```text
//! claim without its voucher   channel_id[32] | model_version u32 | from_seq u64 | to_seq u64
//!                             | total_before u128 | total_after u128                      84 B
//! its voucher                 cap u128 | request_commit[32] | ack_seq u64 | ack_total u128
//!                             | serve_until u32 | signature[64]                          140 B
//! claims_hash               = H( claims without vouchers | accepted bitmap )
//! ```

use crate::{
	domain::hash, usage::Voucher, Balance, BlockNumber, ChannelId, Hash, Seq, Signature, VersionId,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The most claims in one settlement.
pub const MAX_CLAIMS: u32 = 256;
/// The most receipts in one settlement, and so leaves in one tree.
pub const MAX_RECEIPTS: u32 = 1 << 20;

/// The newest voucher of a claim's channel, without the channel id, which the claim has.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ClaimVoucher {
	/// See [`Voucher::cap`].
	pub cap: Balance,
	/// See [`Voucher::request_commit`].
	pub request_commit: Hash,
	/// See [`Voucher::ack_seq`].
	pub ack_seq: Seq,
	/// See [`Voucher::ack_total`].
	pub ack_total: Balance,
	/// See [`Voucher::serve_until`].
	pub serve_until: BlockNumber,
	/// The channel key's signature over [`Voucher::digest`].
	pub signature: Signature,
}

/// A run of receipts of one channel and one model version.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Claim {
	/// The channel.
	pub channel_id: ChannelId,
	/// The version of all receipts of the run.
	pub model_version: VersionId,
	/// The first receipt: one after the last that was settled.
	pub from_seq: Seq,
	/// The last receipt.
	pub to_seq: Seq,
	/// The channel's total before the run, in planck: what was settled.
	pub total_before: Balance,
	/// The channel's total after the run, in planck.
	pub total_after: Balance,
	/// The newest voucher of the channel.
	pub voucher: ClaimVoucher,
}

impl Claim {
	/// The whole voucher, as it was signed.
	pub fn voucher(&self) -> Voucher {
		Voucher {
			channel_id: self.channel_id,
			cap: self.voucher.cap,
			request_commit: self.voucher.request_commit,
			ack_seq: self.voucher.ack_seq,
			ack_total: self.voucher.ack_total,
			serve_until: self.voucher.serve_until,
		}
	}

	/// What is claimed, in planck; `None` if the total falls.
	pub fn amount(&self) -> Option<Balance> {
		self.total_after.checked_sub(self.total_before)
	}

	/// How many receipts; `None` if there are none or more than a `u64` can count.
	pub fn count(&self) -> Option<u64> {
		self.to_seq.checked_sub(self.from_seq)?.checked_add(1)
	}
}

/// What the chain keeps of a batch's claims: the hash of all of them, without their vouchers, in
/// the order of the call, followed by one bit per claim, the first in the lowest bit of the first
/// byte, set where the claim was accepted. A claim without an entry in `accepted` was not.
pub fn claims_hash(claims: &[Claim], accepted: &[bool]) -> Hash {
	let mut bytes = Vec::with_capacity(claims.len() * 84 + claims.len().div_ceil(8));
	for claim in claims {
		claim.channel_id.encode_to(&mut bytes);
		claim.model_version.encode_to(&mut bytes);
		claim.from_seq.encode_to(&mut bytes);
		claim.to_seq.encode_to(&mut bytes);
		claim.total_before.encode_to(&mut bytes);
		claim.total_after.encode_to(&mut bytes);
	}
	for eight in 0..claims.len().div_ceil(8) {
		let bit = |i: usize| accepted.get(eight * 8 + i).copied().unwrap_or(false);
		let in_range = |i: usize| eight * 8 + i < claims.len();
		bytes.push((0..8).filter(|i| in_range(*i) && bit(*i)).fold(0, |byte, i| byte | 1 << i));
	}
	hash(&bytes)
}
