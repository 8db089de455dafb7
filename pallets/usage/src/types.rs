//! What the pallet stores, and why a claim is skipped.

use frame_support::{stored, traits::ConstU32, BoundedVec, PalletError};
use sp_core::U256;
use sp_runtime::{AccountId32, DispatchError};
use usufruct_primitives::{
	split::Ledger, Balance, BatchNo, BlockNumber, EpochIndex, Hash, ModelId, PersonId, PublicKey,
	Seq,
};

/// How often the key of a channel can be replaced.
pub const MAX_FORMER_KEYS: u32 = 4;

/// What a payer of royalties says about them.
pub type Memo = BoundedVec<u8, ConstU32<64>>;

/// One consumer's money for one oracle and one model, and how far it is settled.
#[stored]
pub struct Channel {
	/// Whose money it is.
	pub consumer: AccountId32,
	/// Who can claim it.
	pub oracle: AccountId32,
	/// What it is for.
	pub model: ModelId,
	/// The ed25519 key that signs vouchers.
	pub key: PublicKey,
	/// What is on hold for this channel and not settled, in planck.
	pub escrow: Balance,
	/// The part of the escrow that the commons fund gave, in planck. It is spent last and goes back
	/// to the fund with whatever is returned, so it is never the consumer's to take out.
	pub bonus: Balance,
	/// The part of the escrow that outlives the closing window, in planck.
	pub reserved: Balance,
	/// The last receipt that is settled.
	pub settled_seq: Seq,
	/// All that is settled, in planck; the total of that receipt.
	pub settled_total: Balance,
	/// The block of the last settlement; 0 if there was none.
	pub settled_at: BlockNumber,
	/// The most a unit may cost, in planck.
	pub max_unit_price: Balance,
	/// The most that may be charged beyond what the consumer accepted, in planck.
	pub max_unacked: Balance,
	/// Whether it is closing.
	pub state: ChannelState,
	/// The keys before this one, the last one last. What any of them asked for stays asked for.
	pub former_keys: BoundedVec<FormerKey, ConstU32<MAX_FORMER_KEYS>>,
	/// The voucher that was lodged and covers most.
	pub checkpoint: Option<Checkpoint>,
}

/// A key that was replaced. It signs no settlement for long, but what it asked for can be shown for
/// as long as there is the channel.
#[stored]
pub struct FormerKey {
	/// The ed25519 key.
	pub key: PublicKey,
	/// The first block in which nothing can be settled or lodged on its signature.
	pub until: BlockNumber,
}

/// A voucher that was lodged, so that what it covers outlives the closing window.
#[stored]
pub struct Checkpoint {
	/// The total that may be charged on it, `min(cap, ack_total + max_unacked)`, in planck.
	pub covers: Balance,
	/// The digest of the voucher, which can be settled whatever happens to the key.
	pub voucher: Hash,
}

/// Whether a channel is closing.
#[stored]
#[derive(Copy)]
pub enum ChannelState {
	/// In use.
	Open,
	/// The consumer asked to close it.
	Closing {
		/// The first block in which it can be closed for good.
		closes_at: BlockNumber,
	},
}

/// What is kept of a settlement, so that anything about its receipts can be proved later.
#[stored]
pub struct Batch {
	/// The root of the Merkle-sum tree over the receipts.
	pub root: Hash,
	/// The sum of all receipts, in planck.
	pub total: Balance,
	/// The number of receipts.
	pub count: u32,
	/// The sum of the claims that were accepted, in planck.
	pub accepted_total: Balance,
	/// The block it was settled in.
	pub block: BlockNumber,
	/// [`usufruct_primitives::settlement::claims_hash`] of its claims.
	pub claims_hash: Hash,
}

/// A claim of a batch that is not accepted.
#[stored]
#[derive(Copy)]
pub struct Skipped {
	/// Its place in the call.
	pub index: u16,
	/// Why.
	pub reason: SkipReason,
	/// What the free bond lacks, or the lock would be over the oracle's limit, in planck; 0 unless
	/// that is the reason.
	pub missing: Balance,
}

/// For whom fees are counted.
#[stored]
#[derive(PartialOrd, Ord)]
pub enum Owner {
	/// All who are neither verified nor listed, as one.
	Unlisted,
	/// A verified person.
	Person(PersonId),
	/// An organisation that governance has listed.
	Organisation(AccountId32),
}

/// What was paid for one owner's models, in planck.
#[stored]
#[derive(Copy, Default)]
pub struct OwnerFees {
	/// The epoch of the last fee.
	pub epoch: EpochIndex,
	/// The fees of that epoch.
	pub fees: Balance,
	/// The fees of the epoch before it.
	pub last_fees: Balance,
}

/// What was paid for all models in an epoch.
#[stored]
#[derive(Copy, Default)]
pub struct EpochFees {
	/// All fees, in planck.
	pub total: Balance,
	/// The sum of the squares of each owner's fees.
	pub squares: U256,
}

/// What was paid for all models lately.
#[stored]
#[derive(Copy, Default)]
pub struct Concentration {
	/// The open epoch, as this pallet counts them: how many it has seen close.
	pub epoch: EpochIndex,
	/// What was paid in it.
	pub open: EpochFees,
	/// What was paid in the epoch that closed last.
	pub last: EpochFees,
}

/// What each pot is due, in planck.
#[stored]
#[derive(Copy, Default)]
pub struct PotParts {
	/// The dividend pot.
	pub dividend: Balance,
	/// The commons fund.
	pub commons: Balance,
	/// The validators.
	pub security: Balance,
}

/// The sums that every payment changes. In one value, because a settlement reads and writes all of
/// it but one part.
#[stored]
#[derive(Default)]
pub struct Sums {
	/// What of settlements was divided under the present weights.
	pub settled: Ledger<5>,
	/// What of royalties was: the parts of the dividend, the commons, the validators and the
	/// models.
	pub royalties: Ledger<4>,
	/// What is due to the pots and not moved yet.
	pub due: PotParts,
	/// What was paid for all models in the open epoch and in the last closed one.
	pub fees: Concentration,
}

/// How far an oracle is.
#[stored]
#[derive(Copy, Default)]
pub struct OracleBook {
	/// The number of its next settlement. Never reset, also not when it registers anew.
	pub next_batch: BatchNo,
	/// The number of the oldest settlement that is kept; all after it are.
	pub oldest_batch: BatchNo,
	/// What it earned and has not collected, in planck.
	pub credit: Balance,
	/// The last receipt key by whose signatures alone it was convicted of a double receipt.
	pub convicted_key: Option<PublicKey>,
}

/// Why a claim is skipped.
#[stored]
#[derive(Copy, PalletError)]
pub enum SkipReason {
	/// No channel has this id: it never existed or is closed for good.
	UnknownChannel,
	/// The channel is another oracle's.
	NotYourChannel,
	/// The run does not begin with the first receipt that is not settled, or has none.
	SequenceGap,
	/// The total before the run is not what is settled, or the total falls.
	TotalMismatch,
	/// The voucher does not allow so much in all.
	OverCap,
	/// The channel has not so much left.
	OverEscrow,
	/// The consumer accepted another total for these receipts.
	AckMismatch,
	/// More than `max_unacked` beyond what the consumer accepted. Wait for a newer voucher.
	Unacknowledged,
	/// The version does not exist or is not one of the channel's model.
	WrongModel,
	/// The channel's key did not sign this voucher.
	BadSignature,
	/// The free bond does not cover the claim. Bond more, or wait until locks are released.
	BondShort,
	/// The claim is over what the oracle's operator lets be settled within a challenge window. Wait
	/// until locks are released, or have the limit raised.
	OverLimit,
	/// The money could not be moved or divided, for a reason outside the claim.
	PaymentFailed,
}

impl From<DispatchError> for SkipReason {
	fn from(error: DispatchError) -> Self {
		log::warn!(target: crate::LOG_TARGET, "a claim could not be paid: {error:?}");
		Self::PaymentFailed
	}
}
