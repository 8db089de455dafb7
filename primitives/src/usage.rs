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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::domain::{domain, hash};
	use codec::DecodeAll;

	fn voucher() -> Voucher {
		Voucher {
			channel_id: [0xc1; 32],
			cap: 0x1000,
			request_commit: [0xd2; 32],
			ack_seq: 0x0201,
			ack_total: 0x0fff,
			serve_until: 0x0403_0201,
		}
	}

	fn receipt() -> Receipt {
		Receipt {
			channel_id: [0xc1; 32],
			seq: 1,
			model: 2,
			model_version: 3,
			meter: Meter::OutputToken,
			status: Status::Partial,
			units: 4,
			unit_price: 5,
			amount: 20,
			total: 6,
			request_commit: [0xd2; 32],
			output_commit: [0xd3; 32],
			started_ms: 7,
			took_ms: 8,
		}
	}

	#[test]
	fn a_channel_id_covers_both_sides_model_and_salt() {
		let (genesis, consumer, oracle) = ([1; 32], [2; 32], [3; 32]);
		let by_hand = [
			&domain(Tag::CHANNEL, &genesis)[..],
			&consumer,
			&oracle,
			&[4, 0, 0, 0],
			&[5, 0, 0, 0, 0, 0, 0, 0],
		]
		.concat();
		assert_eq!(by_hand.len(), 50 + 76);
		assert_eq!(channel_id(&genesis, &consumer, &oracle, 4, 5), hash(&by_hand));
	}

	#[test]
	fn a_voucher_is_laid_out_as_documented() {
		let expected = [
			"c1".repeat(32),
			"00100000000000000000000000000000".into(),
			"d2".repeat(32),
			"0102000000000000".into(),
			"ff0f0000000000000000000000000000".into(),
			"01020304".into(),
		]
		.concat();
		assert_eq!(hex::encode(voucher().body()), expected);
		assert_eq!(voucher().body().len(), Voucher::LEN);
		assert_eq!(Voucher::max_encoded_len(), Voucher::LEN);
		assert_eq!(Voucher::decode_all(&mut &voucher().body()[..]), Ok(voucher()));
	}

	#[test]
	fn a_receipt_is_laid_out_as_documented() {
		let u128_of =
			|value: u8| [&alloc::format!("{value:02x}"), "00".repeat(15).as_str()].concat();
		let expected = [
			"c1".repeat(32),
			"0100000000000000".into(),
			"02000000".into(),
			"03000000".into(),
			"02".into(), // output token
			"01".into(), // partial
			"0400000000000000".into(),
			u128_of(5),
			u128_of(20),
			u128_of(6),
			"d2".repeat(32),
			"d3".repeat(32),
			"0700000000000000".into(),
			"08000000".into(),
		]
		.concat();
		assert_eq!(hex::encode(receipt().body()), expected);
		assert_eq!(receipt().body().len(), Receipt::LEN);
		assert_eq!(Receipt::max_encoded_len(), Receipt::LEN);
		assert_eq!(Receipt::decode_all(&mut &receipt().body()[..]), Ok(receipt()));
	}

	#[test]
	fn a_closing_is_laid_out_as_documented() {
		let closing = Closing { channel_id: [0xc1; 32], final_seq: 2, final_total: 3 };
		let expected =
			["c1".repeat(32), "02".into(), "00".repeat(7), "03".into(), "00".repeat(15)].concat();
		assert_eq!(hex::encode(closing.body()), expected);
		assert_eq!(closing.body().len(), Closing::LEN);
		assert_eq!(Closing::max_encoded_len(), Closing::LEN);
	}

	#[test]
	fn no_body_decodes_from_other_than_its_length() {
		let mut body = receipt().body();
		assert!(Receipt::decode_all(&mut &body[..Receipt::LEN - 1]).is_err());
		body.push(0);
		assert!(Receipt::decode_all(&mut &body[..]).is_err());
	}

	#[test]
	fn a_meter_or_status_that_does_not_exist_does_not_decode() {
		for (offset, largest) in [(48, 5), (49, 2)] {
			let mut body = receipt().body();
			body[offset] = largest;
			assert!(Receipt::decode_all(&mut &body[..]).is_ok());
			body[offset] = largest + 1;
			assert!(Receipt::decode_all(&mut &body[..]).is_err());
		}
	}

	#[test]
	fn each_digest_is_under_its_own_domain() {
		let genesis = [1; 32];
		let closing = Closing { channel_id: [0xc1; 32], final_seq: 2, final_total: 3 };
		for (digest, tag, body) in [
			(voucher().digest(&genesis), Tag::VOUCHER, voucher().body()),
			(receipt().digest(&genesis), Tag::RECEIPT, receipt().body()),
			(closing.digest(&genesis), Tag::CLOSING, closing.body()),
		] {
			assert_eq!(digest, hash(&[&domain(tag, &genesis)[..], &body].concat()));
		}
		assert_ne!(voucher().digest(&genesis), voucher().digest(&[2; 32]));
	}

	#[test]
	fn an_oracle_may_charge_what_is_acknowledged_and_max_unacked_within_the_cap() {
		let voucher = |cap, ack_total| Voucher { cap, ack_total, ..voucher() };
		assert_eq!(voucher(100, 40).chargeable(0), 40);
		assert_eq!(voucher(100, 40).chargeable(25), 65);
		assert_eq!(voucher(100, 40).chargeable(60), 100);
		assert_eq!(voucher(100, 40).chargeable(61), 100);
		assert_eq!(voucher(100, 40).chargeable(Balance::MAX), 100);
		assert_eq!(voucher(Balance::MAX, 1).chargeable(Balance::MAX), Balance::MAX);
	}
}
