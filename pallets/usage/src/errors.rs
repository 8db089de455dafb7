//! Why a call is refused, and what to do about it; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// The oracle is not registered, or its bond is below the minimum. Choose another oracle.
		OracleNotActive,
		/// The model does not exist or has no open version. Choose another model.
		ModelNotOpen,
		/// The key is not the canonical encoding of an ed25519 key of full order. Draw another one.
		InvalidKey,
		/// The escrow is below the least a channel is opened with. Put more aside.
		EscrowTooSmall,
		/// A limit of zero would let the oracle charge nothing. Give `max_unit_price` and
		/// `max_unacked` values above zero.
		ZeroLimit,
		/// The salt is not above every salt of this account's channels so far. Use a higher one.
		SaltUsed,
		/// The amount would have to come from money that is frozen in the account. Put less aside,
		/// or thaw it first.
		EscrowFrozen,
		/// No channel has this id: it never existed or is closed for good.
		UnknownChannel,
		/// Only the consumer of the channel may do this.
		NotConsumer,
		/// The amount is zero. Give one above zero.
		ZeroAmount,
		/// The channel is closing, which cannot be undone. Open another one.
		ChannelClosing,
		/// Nobody has asked to close this channel. Its consumer can request it.
		NotClosing,
		/// The oracle may still settle. Try again when the closing window is over.
		WindowOpen,
		/// What is left is reserved for the oracle. Try again when its further window is over.
		Reserved,
		/// Only the oracle of the channel may do this.
		NotItsOracle,
		/// What was agreed is not what is settled. Settle first, or agree on what is settled.
		NotSettled,
		/// The channel's key did not sign this. Sign it with the present key, for this chain and
		/// this channel.
		BadSignature,
		/// The voucher covers no more than what is settled or lodged already. Lodge a newer one.
		CoversNoMore,
		/// The channel has this very key, or had it. Draw another one.
		KeyUsed,
		/// What the key before this one signed can still be settled. Try again when its two windows
		/// are over.
		KeyReplacedRecently,
		/// The key of this channel was replaced four times, which is the most. Open another channel.
		TooManyKeys,
		/// No model has this version. Look up the version's number.
		UnknownVersion,
		/// The slope is above 1,000,000, which takes all of the excess. Give a lower one.
		SlopeTooSteep,
		/// The account is not a registered oracle. Register it first.
		NotAnOracle,
		/// A batch of this number is settled already. Compare the roots: either it was this very
		/// batch, and nothing is left to do, or the next number is due.
		BatchSettled,
		/// An earlier batch is not settled yet. Submit that one first.
		BatchTooEarly,
		/// A batch has between 1 and 2^20 receipts. Split it.
		InvalidCount,
		/// The claims do not add up to the total of the batch. Compute both from the same receipts.
		TotalMismatch,
		/// The claims do not have as many receipts as the batch, or one of them has none. Compute
		/// both from the same receipts.
		CountMismatch,
		/// No claim of the batch can be accepted, the first for the reason given. Nothing is
		/// changed; correct the claims and use the same number again.
		NothingAccepted(SkipReason),
		/// The weights do not sum to 1,000,000. Correct one of them.
		SplitNotWhole,
		/// The dividend must get at least 10 %. Give it more.
		DividendTooLow,
		/// The commons fund must get between 2 and 20 %. Give it a weight in between.
		CommonsOutOfBounds,
		/// The validators must get between 1 and 10 %. Give them a weight in between.
		SecurityOutOfBounds,
		/// The oracle must get between 20 and 70 %. Give it a weight in between.
		OracleOutOfBounds,
		/// The model must get at least 10 %. Give it more.
		ModelTooLow,
		/// Nothing is due to a pot that could be moved to it. Wait for the next settlement.
		NothingToFlush,
		/// The account has nothing to collect. Settle first.
		NothingToCollect,
		/// The account could not hold the amount: it has less than the existential deposit. Send it
		/// some first; what is due to it waits.
		CannotReceive,
		/// The oracle has not settled a batch of this number, or so long ago that it was removed. Look
		/// up which one the receipt is in.
		UnknownBatch,
		/// The lock of this batch was slashed already, and is not slashed twice. Nothing is left to
		/// do.
		BatchSlashed,
		/// The time in which this batch could be challenged is over. Report sooner the next time.
		ChallengeOver,
		/// The claims are not those of the batch, all of them in order and with what was accepted.
		/// Take them from the call that settled it and its event.
		WrongClaims,
		/// The leaf does not stand where the proof says, for the reason given. Build the proof
		/// again, from all leaves of the batch.
		InvalidProof(ProofError),
		/// The oracle does not answer for this key. Take the key that signed its receipts.
		NotItsKey,
		/// The oracle has replaced this key, and settled nothing before that which the receipt
		/// contradicts: it may be a thief's. Bring the receipt that was settled then.
		KeyRetired,
		/// The key did not sign this receipt for this chain. Check both.
		ReceiptNotSigned,
		/// This breaks no rule. Keep it; there is nothing to report.
		NoFraud,
		/// The oracle was slashed for signatures of this key already. Wait until one of the receipts is
		/// settled, and report that.
		AlreadyReported,
		/// The oracle has nothing free that could be slashed. Report when it has.
		NothingToSlash,
		/// The leaves are not next to each other, the left one first. Choose two that are.
		NotAdjacent,
		/// The receipt is not for this request. Leave the request out, or bring the right one.
		WrongRequest,
		/// The channel was not opened like this, or with another oracle. Look up its opening.
		WrongOpening,
		/// No claim covers this receipt, or, if it is demanded, none that was accepted: nothing was
		/// paid for it. Look up the claims of the batch.
		NotCovered,
		/// The leaf is at another place than this receipt's. Name the receipt that belongs there.
		NotItsPlace,
		/// This receipt is demanded already. Wait for the answer.
		AlreadyDemanded,
		/// As many demands about this channel in this batch are open as there may be. Wait until
		/// one is settled; one that is not answered is enough.
		TooManyDemands,
		/// No such demand is open: it was never made, or is settled.
		UnknownDemand,
		/// The oracle can still answer. Try again when its time is over.
		NotDue,
		/// The receipt is no answer, because it breaks the rule named.
		NoAnswer(Fraud),
		/// The voucher is for another channel or request than the receipt. Show the one that asked
		/// for it.
		WrongVoucher,
		/// The channel's key did not sign this voucher for this chain. Show the signature that came
		/// with it.
		VoucherNotSigned,
		/// What was settled last can still be challenged, which needs the channel. Try again when
		/// its lock has ended; the consumer need not wait.
		StillChallengeable,
		/// Nothing of this is over: it was removed already, or still counts. Nothing is left to do.
		NothingToSweep,
		/// Two claims of the batch cover one receipt. Claim each receipt once.
		ClaimsOverlap,
	}

	impl<T> From<SplitError> for Error<T> {
		fn from(error: SplitError) -> Self {
			match error {
				SplitError::NotWhole => Self::SplitNotWhole,
				SplitError::DividendTooLow => Self::DividendTooLow,
				SplitError::CommonsOutOfBounds => Self::CommonsOutOfBounds,
				SplitError::SecurityOutOfBounds => Self::SecurityOutOfBounds,
				SplitError::OracleOutOfBounds => Self::OracleOutOfBounds,
				SplitError::ModelTooLow => Self::ModelTooLow,
			}
		}
	}
}
