//! Why a call is refused, and what to do about it; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// This account belongs to no recognised person. Register it with the verifiers first.
		NotAPerson,
		/// There is no such poll, or it is over. Look the number up.
		NotOngoing,
		/// Recognition of this person was withdrawn, or it was frozen when the matter was opened.
		/// It has no vote in it.
		Barred,
		/// This person's recognition ran out. Renew it; after a lapse it counts again in matters
		/// opened some epochs later.
		Lapsed,
		/// This person began to share in the dividend after the matter was opened. It has a vote in
		/// later ones.
		NotInElectorate,
		/// This person began to share in the dividend too few epochs before the matter was opened.
		/// It has a vote in later ones.
		TooRecent,
		/// The person voted so already; there is nothing to change.
		SameVote,
		/// The person has no vote on this poll.
		NoVote,
		/// The person may vote on this poll, so its vote stays. Only votes of those who were revoked
		/// since can be removed.
		StillEntitled,
		/// The poll is not over; its votes are needed. Clean up after its end.
		StillOngoing,
		/// Nothing is left to remove, or zero rows were asked for.
		NothingToClean,
		/// Too few people shared in the last closed epoch for a poll to bind everybody. Wait until
		/// more are recognised.
		ElectorateTooSmall,
		/// No poll can act with this origin. Use one of the origins of this pallet.
		NoTrack,
		/// This person has a proposal that is neither submitted nor cleaned up. Get it signed, or,
		/// when its time is over, clean it up.
		HasProposal,
		/// There is no such proposal, or it was cleaned up. Look the number up.
		UnknownProposal,
		/// The person has signed this proposal; it counts once.
		AlreadySigned,
		/// The time to sign and submit this proposal is over. Propose it again.
		ProposalExpired,
		/// The proposal was submitted; vote on its poll.
		AlreadySubmitted,
		/// Too few people signed this proposal. Find more, or submit a poll with a deposit.
		TooFewSignatures,
		/// The proposal can still be signed. It can be cleaned up when it is submitted or its time is
		/// over.
		ProposalOpen,
		/// This pallet's account holds too little for the deposits of a poll. Send it some, have the
		/// deposits of decided polls refunded, or submit the poll with a deposit of your own.
		FundTooSmall,
		/// A counter has reached its end. Only an upgrade of the chain can widen it.
		CounterExhausted,
		/// An invariant is broken. This should be reported.
		Unexpected,
	}
}
