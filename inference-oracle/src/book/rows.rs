//! What the book writes down, and what it is restored from: the log's records.

use codec::{Decode, Encode};
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	commitment::Request, usage::Receipt, Balance, BlockNumber, ChannelId, Hash, ModelId, Seq,
};

/// Drawn by the consumer for each request.
pub type RequestId = [u8; 16];

/// The order of vouchers: the newest has the highest (cap, ack_seq).
pub(super) fn rank(signed: &SignedVoucher) -> (Balance, Seq) {
	(signed.voucher.cap, signed.voucher.ack_seq)
}

/// Whether a voucher that was just accepted takes the place of the one that was held as the newest. Of two
/// that are equal the later one does: a former key may have signed the other.
pub fn is_newest(signed: &SignedVoucher, held: Option<&SignedVoucher>) -> bool {
	held.is_none_or(|held| rank(signed) >= rank(held))
}

/// A request that was accepted: it gets exactly one receipt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Accepted {
	/// What was asked.
	pub request: Request,
	/// The model of the version, and of the channel.
	pub model: ModelId,
	/// The salt of input and output.
	pub salt: Hash,
	/// The voucher that asked for it.
	pub voucher: SignedVoucher,
	/// When it was accepted, in milliseconds since the Unix epoch.
	pub accepted_ms: u64,
}

impl Accepted {
	/// Its place in the log.
	pub fn key(&self) -> (ChannelId, RequestId) {
		(self.request.channel_id, self.request.request_id)
	}
}

/// A request with its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Completed {
	/// The request.
	pub accepted: Accepted,
	/// Its receipt. The signature is not kept: ed25519 signs the same bytes the same way, and the
	/// signature is told only once they are on disk.
	pub receipt: Receipt,
}

/// One step of the book. A receipt, and all steps before it, must be on disk before its request is answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Record {
	/// A request was accepted.
	Accepted(Accepted),
	/// A request got its receipt and its output (canonical tensors).
	Completed(Completed, Vec<u8>),
	/// The chain has closed the channel; nothing more can be settled on it.
	Closed(ChannelId, BlockNumber),
}

/// A channel as the log knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
	/// The channel.
	pub channel_id: ChannelId,
	/// The last receipt.
	pub seq: Seq,
	/// Its total, in planck.
	pub total: Balance,
	/// The newest voucher.
	pub voucher: Option<SignedVoucher>,
	/// The totals of the last receipts in order; the last is that of `seq`.
	pub totals: Vec<Balance>,
	/// Requests that were accepted and have no receipt.
	pub open: Vec<Accepted>,
	/// Receipts of status failed that can still be demanded, or will be, in order.
	pub failed: Vec<Seq>,
	/// Whether it was closed so long ago that nothing else is known of it.
	pub dropped: bool,
}
