//! Why a call is refused, and what to do about it; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// This account belongs to no recognised person. Register it with the verifiers first.
		NotAPerson,
		/// This person may not claim now: its recognition was revoked, or is being examined. If it
		/// is being examined nothing is lost; claim when that is over.
		MayNotClaim,
		/// All closed epochs are claimed already. Claim again after the open epoch closes.
		NothingToClaim,
		/// The account holds nothing, and what is due is less than the least an account may hold.
		/// It is kept: claim when more is due, or put some money into the account first.
		TooLittleForAccount,
		/// This person has a share already. Renew it instead.
		AlreadyJoined,
		/// This person has no share in the dividend. It must be registered first.
		NoShare,
		/// The present term does not end soon. Renew in its last quarter.
		TooEarlyToRenew,
		/// Something of this person's share may still be claimed, or is owed to it. Wait until its
		/// last epoch is swept, and until what is owed is claimed.
		ShareNotOver,
		/// This person lets nobody else claim for it. It can claim by itself.
		ClaimsAlone,
		/// Claims are paused for a short while. Nothing is lost; claim when the pause is over.
		Paused,
		/// The pot cannot be paid to. Name an account that somebody has the key of.
		PayoutIsPot,
		/// A claim of this size leaves nothing beyond the existential deposit, which stays free.
		/// Claim without a channel, or when more is due.
		NothingToCredit,
		/// Nothing was to be given. Name an amount.
		NothingGiven,
		/// A pause lasts a block at least, and at most three days. Name a shorter one.
		PauseTooLong,
		/// The last pause is not long over. Wait.
		PausedRecently,
		/// There is no pause that could be ended.
		NotPaused,
		/// A parameter is out of its bounds. Look them up and set it within.
		OutOfBounds(OutOfBounds),
		/// The bonus is more than half of what the dividend, the commons fund and the validators get
		/// of each payment: paying oneself would pay. Set less.
		BonusTooHigh,
		/// There are as many programmes as there may be. Wait until one has ended.
		TooManyProgrammes,
		/// All programmes together would get more of what flows in than they may. Give it less.
		ProgrammesTooLarge,
		/// A programme gets a part and lasts between one and 104 epochs. Correct its terms.
		EmptyProgramme,
		/// There is no programme of this number. Look it up.
		NoProgramme,
		/// This programme is for people whom verifiers of other classes attested, or who live elsewhere
		/// by the word of their verifiers.
		NotEligible,
		/// No epoch is left that could be shared in: the programme, or the person's recognition,
		/// ends before. Renew first, if it is the latter.
		TooLateToJoin,
		/// Something is due of the time before, and joining again would lose it. Claim it first.
		ClaimFirst,
		/// The person may share in this programme as long as it does. There is nothing to correct.
		StillEligible,
		/// The books do not add up. Nothing was changed; please report this.
		Unexpected,
		/// 0 stands for no region. Leave the regions out if a programme is for people everywhere.
		NoRegion,
		/// A programme is divided by as many people as the pot of all people at least, so that the
		/// first few do not take all. Name a higher number.
		TooFewPeople,
		/// The open epoch is the programme's last one, or it has ended. Nothing is left to end.
		ProgrammeOver,
	}
}
