//! What a consumer and an oracle sign while a model is used: vouchers, receipts, closings.
//!
//! Each is an ed25519 signature over `H( DOMAIN(tag) | body )`. Bodies, little endian:
//!
//! ```text
//! voucher  channel_id[32] | cap u128 | request_commit[32] | ack_seq u64 | ack_total u128
//!          | serve_until u32                                                             108 B
//! receipt  channel_id[32] | seq u64 | model u32 | model_version u32 | meter u8 | status u8
//!          | units u64 | unit_price u128 | amount u128 | total u128 | request_commit[32]
//!          | output_commit[32] | started_ms u64 | took_ms u32                            182 B
//! closing  channel_id[32] | final_seq u64 | final_total u128                              56 B
//! ```

use crate::{
	domain::{digest, Tag},
	AccountBytes, Balance, BlockNumber, ChannelId, Hash, Meter, ModelId, Seq, Status, VersionId,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The id of a channel:
/// `H( DOMAIN(channel) | consumer[32] | oracle[32] | model u32 | salt u64 )`.
///
/// A consumer's salts only rise, so no id exists twice and no old voucher is valid again.
pub fn channel_id(
	genesis: &Hash,
	consumer: &AccountBytes,
	oracle: &AccountBytes,
	model: ModelId,
	salt: u64,
) -> ChannelId {
	digest(Tag::CHANNEL, genesis, &(consumer, oracle, model, salt))
}

/// A consumer's promise to pay, signed by the channel's key: it asks for one request and accepts
/// the receipts so far.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Voucher {
	/// The channel.
	pub channel_id: ChannelId,
	/// The most that may ever be charged to the channel on this voucher, in planck, cumulative.
	pub cap: Balance,
	/// The one request it asks for, [`crate::commitment::Request::commit`].
	pub request_commit: Hash,
	/// The receipts 1..=`ack_seq` are accepted.
	pub ack_seq: Seq,
	/// The cumulative charge that is accepted, in planck; the total of the receipt `ack_seq`.
	pub ack_total: Balance,
	/// The block after which the oracle must not serve on it.
	pub serve_until: BlockNumber,
}

impl Voucher {
	/// Length of [`Voucher::body`].
	pub const LEN: usize = 108;

	/// The bytes that are signed, without their domain.
	pub fn body(&self) -> Vec<u8> {
		self.encode()
	}

	/// What the channel's key signs.
	pub fn digest(&self, genesis: &Hash) -> Hash {
		digest(Tag::VOUCHER, genesis, self)
	}

	/// The most an oracle may have charged on this voucher: `min(cap, ack_total + max_unacked)`,
	/// in planck. `max_unacked` is the channel's, and so is what a dishonest oracle can take at
	/// most.
	pub fn chargeable(&self, max_unacked: Balance) -> Balance {
		self.cap.min(self.ack_total.saturating_add(max_unacked))
	}
}

/// An oracle's account of one request, signed by its receipt key. Exactly one for every request it
/// accepted.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Receipt {
	/// The channel.
	pub channel_id: ChannelId,
	/// Its number within the channel: 1, 2, 3, …
	pub seq: Seq,
	/// The model, that of the channel.
	pub model: ModelId,
	/// The version that ran, that of the request.
	pub model_version: VersionId,
	/// What a unit is.
	pub meter: Meter,
	/// How the request ended.
	pub status: Status,
	/// Units that are charged, at most the request's `max_units`.
	pub units: u64,
	/// The price of one unit, in planck, that of the request.
	pub unit_price: Balance,
	/// `units × unit_price`, in planck.
	pub amount: Balance,
	/// All that was charged to the channel, this receipt included, in planck.
	pub total: Balance,
	/// The request, [`crate::commitment::Request::commit`].
	pub request_commit: Hash,
	/// [`crate::commitment::payload_commit`] of the output.
	pub output_commit: Hash,
	/// When the work began, in milliseconds since the Unix epoch. No rule depends on it.
	pub started_ms: u64,
	/// How long it took, in milliseconds. No rule depends on it.
	pub took_ms: u32,
}

impl Receipt {
	/// Length of [`Receipt::body`].
	pub const LEN: usize = 182;

	/// The bytes that are signed, without their domain.
	pub fn body(&self) -> Vec<u8> {
		self.encode()
	}

	/// What the receipt key signs; also what stands in the leaf of a batch, see
	/// [`crate::tree::Leaf`].
	pub fn digest(&self, genesis: &Hash) -> Hash {
		digest(Tag::RECEIPT, genesis, self)
	}
}

/// Agreement of both sides to close a channel at once; signed by the channel's key and by the
/// oracle's account. Valid only if equal to what is settled.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Closing {
	/// The channel.
	pub channel_id: ChannelId,
	/// The last receipt.
	pub final_seq: Seq,
	/// Its total, in planck.
	pub final_total: Balance,
}

impl Closing {
	/// Length of [`Closing::body`].
	pub const LEN: usize = 56;

	/// The bytes that are signed, without their domain.
	pub fn body(&self) -> Vec<u8> {
		self.encode()
	}

	/// What both sides sign.
	pub fn digest(&self, genesis: &Hash) -> Hash {
		digest(Tag::CLOSING, genesis, self)
	}
}
