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
	domain::hash, submitted::SubmittedClaim, usage::Voucher, Balance, BlockNumber, ChannelId, Hash,
	Seq, Signature, VersionId,
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

/// Whether no receipt is claimed twice. In a batch in which one is, a leaf could stand between two
/// receipts that follow each other, and nobody could show that they do not add up.
pub fn are_disjoint(claims: &[Claim]) -> bool {
	let run = |claim: &Claim| (claim.channel_id, claim.from_seq, claim.to_seq);
	let mut runs: Vec<_> = claims.iter().map(run).collect();
	runs.sort_unstable();
	runs.is_sorted_by(|(one, _, last), (other, first, _)| one != other || last < first)
}

/// What the chain keeps of a batch's claims: the hash of all of them, without their vouchers, in
/// the order of the call, followed by one bit per claim, the first in the lowest bit of the first
/// byte, set where the claim was accepted. A claim without an entry in `accepted` was not.
pub fn claims_hash(claims: &[Claim], accepted: &[bool]) -> Hash {
	let verdicts = accepted.iter().copied().chain(core::iter::repeat(false));
	hash_of_claims(
		claims.iter().zip(verdicts).map(|(claim, accepted)| SubmittedClaim::new(claim, accepted)),
	)
}

/// The same of claims with their verdicts.
pub(crate) fn hash_of_claims(claims: impl Iterator<Item = SubmittedClaim>) -> Hash {
	let least = claims.size_hint().0;
	let mut bytes = Vec::with_capacity(least * 84 + least.div_ceil(8));
	let mut bits = Vec::with_capacity(least.div_ceil(8));
	for (i, claim) in claims.enumerate() {
		claim.channel_id.encode_to(&mut bytes);
		claim.model_version.encode_to(&mut bytes);
		claim.from_seq.encode_to(&mut bytes);
		claim.to_seq.encode_to(&mut bytes);
		claim.total_before.encode_to(&mut bytes);
		claim.total_after.encode_to(&mut bytes);
		if i % 8 == 0 {
			bits.push(0u8);
		}
		if let Some(byte) = bits.last_mut() {
			*byte |= u8::from(claim.accepted) << (i % 8);
		}
	}
	bytes.append(&mut bits);
	hash(&bytes)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;

	fn claim(n: u8) -> Claim {
		Claim {
			channel_id: [n; 32],
			model_version: 1,
			from_seq: 2,
			to_seq: 3,
			total_before: 4,
			total_after: 5,
			voucher: ClaimVoucher {
				cap: 6,
				request_commit: [7; 32],
				ack_seq: 8,
				ack_total: 9,
				serve_until: 10,
				signature: [n; 64],
			},
		}
	}

	fn without_voucher(n: u8) -> Vec<u8> {
		let u128_of = |value: u8| [&[value][..], &[0; 15]].concat();
		[
			vec![n; 32],
			vec![1, 0, 0, 0],
			vec![2, 0, 0, 0, 0, 0, 0, 0],
			vec![3, 0, 0, 0, 0, 0, 0, 0],
			u128_of(4),
			u128_of(5),
		]
		.concat()
	}

	#[test]
	fn a_claim_is_84_bytes_and_its_voucher_140() {
		let bytes = claim(1).encode();
		assert_eq!(bytes[..84], without_voucher(1));
		assert_eq!(bytes.len(), 84 + 140);
		assert_eq!(Claim::max_encoded_len(), 84 + 140);
		assert_eq!(ClaimVoucher::max_encoded_len(), Voucher::LEN - 32 + 64);
	}

	#[test]
	fn the_voucher_of_a_claim_is_that_of_its_channel() {
		let voucher = Voucher {
			channel_id: [1; 32],
			cap: 6,
			request_commit: [7; 32],
			ack_seq: 8,
			ack_total: 9,
			serve_until: 10,
		};
		assert_eq!(claim(1).voucher(), voucher);
	}

	#[test]
	fn a_claim_counts_both_ends() {
		assert_eq!(claim(1).count(), Some(2));
		assert_eq!(Claim { from_seq: 3, ..claim(1) }.count(), Some(1));
		assert_eq!(Claim { from_seq: 4, ..claim(1) }.count(), None);
		assert_eq!(Claim { from_seq: 0, to_seq: u64::MAX, ..claim(1) }.count(), None);
		assert_eq!(Claim { from_seq: 1, to_seq: u64::MAX, ..claim(1) }.count(), Some(u64::MAX));
	}

	#[test]
	fn a_claim_is_the_rise_of_the_total() {
		assert_eq!(claim(1).amount(), Some(1));
		assert_eq!(Claim { total_after: 4, ..claim(1) }.amount(), Some(0));
		assert_eq!(Claim { total_after: 3, ..claim(1) }.amount(), None);
	}

	#[test]
	fn claims_are_disjoint_that_share_no_receipt() {
		let run = |n, from_seq, to_seq| Claim { from_seq, to_seq, ..claim(n) };
		for apart in [
			vec![],
			vec![run(1, 5, 5)],
			vec![run(1, 5, 6), run(1, 7, 9), run(1, 11, 11)],
			// In any order, and of other channels any.
			vec![run(1, 7, 9), run(2, 5, 9), run(1, 5, 6), run(3, 6, 6)],
			vec![run(1, 0, 0), run(1, 1, u64::MAX - 1), run(1, u64::MAX, u64::MAX)],
		] {
			assert!(are_disjoint(&apart), "{apart:?}");
		}
		for shared in [
			vec![run(1, 5, 5), run(1, 5, 5)],
			vec![run(1, 16, 17), run(1, 17, 17)],
			vec![run(1, 5, 5), run(1, 1, 9)],
			vec![run(1, 1, 9), run(2, 3, 3), run(1, 3, 3), run(1, 20, 21)],
			vec![run(1, 9, 9), run(1, 3, 4), run(2, 3, 3), run(1, 1, 3)],
			vec![run(1, 0, u64::MAX), run(1, u64::MAX, u64::MAX)],
		] {
			assert!(!are_disjoint(&shared), "{shared:?}");
		}
	}

	#[test]
	fn accepted_claims_are_bits_from_the_lowest() {
		let claims: Vec<_> = (0..10).map(claim).collect();
		let bytes: Vec<_> = (0..10).flat_map(without_voucher).collect();
		let mut accepted = [false; 10];
		for i in [0, 2, 3, 9] {
			accepted[i] = true;
		}
		let expected = hash(&[&bytes[..], &[0b0000_1101, 0b0000_0010]].concat());
		assert_eq!(claims_hash(&claims, &accepted), expected);
	}

	#[test]
	fn eight_claims_have_one_byte_of_bits() {
		let claims: Vec<_> = (0..8).map(claim).collect();
		let bytes: Vec<_> = (0..8).flat_map(without_voucher).collect();
		assert_eq!(claims_hash(&claims, &[true; 8]), hash(&[&bytes[..], &[0xff]].concat()));
	}

	#[test]
	fn a_claim_without_an_entry_was_not_accepted_and_an_entry_without_a_claim_is_nothing() {
		let claims = [claim(1), claim(2)];
		assert_eq!(claims_hash(&claims, &[true]), claims_hash(&claims, &[true, false]));
		assert_eq!(claims_hash(&claims, &[true; 9]), claims_hash(&claims, &[true; 2]));
	}

	#[test]
	fn signatures_are_not_hashed() {
		let mut other = claim(1);
		other.voucher.signature = [0xff; 64];
		assert_eq!(claims_hash(&[claim(1)], &[true]), claims_hash(&[other], &[true]));
	}
}
