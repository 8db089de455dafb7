//! Why a call is refused, and what to do about it; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// Fewer attestations than the quorum. Ask further verifiers, of other domains and
		/// operators, and submit all of them together.
		TooFewAttestations,
		/// Two attestations are by the same verifier, which counts once. Replace one by an
		/// attestation of a verifier of another domain and operator.
		SameVerifierTwice,
		/// The attestations are not sorted by the number of the verifier. Sort them; the consent must
		/// be signed over them in that order.
		NotSorted,
		/// This account is already a person's, or was a revoked person's whose record is not removed
		/// yet. To extend a recognition, renew; otherwise use another account.
		AlreadyAPerson,
		/// This account is no person's. Register first, or use the account that is registered.
		NotAPerson,
		/// No such person. Look the number up by the account.
		UnknownPerson,
		/// Recognition of this person was withdrawn, so it cannot be renewed.
		PersonIsRevoked,
		/// Recognition of this person was withdrawn before; there is nothing left to revoke.
		AlreadyRevoked,
		/// Only the record of a revoked person can be removed. One that lapsed stays, so that the
		/// person can renew.
		NotRevoked,
		/// An attestation is by a verifier this chain does not know. Ask one that the chain lists.
		UnknownVerifier,
		/// An attestation is by a verifier that was retired. Ask another one of the same domain.
		VerifierRetired,
		/// The verifier was retired before; there is nothing left to do.
		AlreadyRetired,
		/// An attestation is by a verifier that is suspended, or that its operator has stopped. Ask
		/// another one.
		VerifierSuspended,
		/// An attestation is by a verifier whose bond is below the minimum. Ask another one; its
		/// operator must post more.
		BondTooSmall,
		/// Only the operator of a verifier handles its bond, and stops it. Use that account.
		NotTheOperator,
		/// The bond of a verifier that works stays. It must be retired first.
		NotRetired,
		/// Nothing is on hold for this verifier, so there is nothing to withdraw.
		NoBond,
		/// There are disputes about people this verifier attested. Wait until they are closed.
		CasesOpen,
		/// The verifier was retired too short a time ago: somebody it attested may still be
		/// challenged. Wait for the block given when it was retired.
		BondStays,
		/// The verifier is suspended already, or its operator has stopped it already.
		AlreadySuspended,
		/// The last suspension of this verifier ended less than eight epochs ago without being
		/// confirmed. Wait, or retire it.
		SuspendedLately,
		/// The verifier is not suspended now, nor stopped by its operator.
		NotSuspended,
		/// The suspension is confirmed already.
		AlreadyConfirmed,
		/// A referendum has confirmed the suspension, so that only a referendum ends it.
		ConfirmedByReferendum,
		/// This account is where a person is about to be moved to. Use another account, or wait for
		/// the recovery to be completed.
		AccountReserved,
		/// A request to move this person is pending. It can only be replaced by attestations with a
		/// domain that none before it had, and the person can renew when it is over.
		RecoveryPending,
		/// The person's key has vetoed requests by these domains. Bring attestations with at least
		/// one other domain, or wait for the block given when it vetoed.
		Vetoed,
		/// No request to move this person is pending.
		NoRecovery,
		/// This account has vetoed since it was last attested, and may do so once. If the pending
		/// request is wrong, ask verifiers to attest you to an account of yours.
		AlreadyVetoed,
		/// The time to veto is over: the recovery can be completed.
		TooLateToVeto,
		/// The recovery can still be vetoed. Complete it in the block given when it was requested.
		RecoveryNotDue,
		/// A dispute about this person is open. Wait until it is closed.
		PersonIsFrozen,
		/// This evidence was judged before and found wanting. Bring other evidence.
		EvidenceBarred,
		/// A dispute about this person ended in this epoch or in the one before. Challenge it in the
		/// second epoch after the one in which that ended; until then it may claim and vote.
		ChallengedLately,
		/// No such dispute is open.
		UnknownCase,
		/// The jury of this case is drawn already.
		AlreadyDrawn,
		/// The randomness for this case's jury is not there yet. Try again in some blocks.
		NoSeedYet,
		/// The jury of this case does not vote now.
		NotVoting,
		/// You are not of the jury of this case.
		NotAJuror,
		/// You have voted on this case; a vote is final.
		AlreadyVoted,
		/// The jury still votes. Wait for the last block of its term, or until all have voted.
		StillVoting,
		/// This case cannot be appealed: the jury has not spoken, or the time is over.
		NotAppealable,
		/// This case cannot be closed: the jury has not spoken, or it can still be appealed.
		NotDecided,
		/// Two attestations are by verifiers of one domain, which counts once. Replace one by an
		/// attestation from another domain.
		SameDomain,
		/// Two attestations are by verifiers of one operator, which counts once. Replace one by an
		/// attestation of another operator.
		SameOperator,
		/// An attestation names another way of recognising people than its verifier is admitted for.
		/// Ask the verifier for a new one.
		WrongClass,
		/// A verifier has attested as many new people as it may in this epoch. Wait for the next
		/// epoch and ask it for a new attestation, or ask another verifier of its domain now.
		QuotaExhausted,
		/// An attestation carries another number than this person's counter: 0 to register, then one
		/// more for each accepted action, so that none serves twice. Ask for one with the present
		/// counter.
		WrongNonce,
		/// An attestation begins to be valid in a later block. Wait for that block.
		NotYetValid,
		/// An attestation is no longer valid. Ask the verifier for a new one and submit it in time.
		Expired,
		/// An attestation claims to be valid for longer than a day, which is the most allowed. Ask
		/// the verifier for one that expires sooner.
		ValidTooLong,
		/// A domain already knows this human as another person, or as one who was revoked. If that
		/// is you, use the account you registered with.
		NullifierUsed,
		/// A domain knows this person by another nullifier: it saw a different human. The human who
		/// registered must renew; if the domain errs, ask verifiers of other domains.
		AnotherHuman,
		/// None of the domains that attested knows this person yet. At least one of those it was
		/// recognised by before must attest again.
		NobodyKnowsThisPerson,
		/// The consent is not a signature of this account over exactly these attestations, in this
		/// order, for this action and chain. Sign the consent again with the account's own key.
		BadConsent,
		/// An attestation's signature is not its verifier's, or is over other content: another
		/// account, purpose or chain, or a field changed since. Submit it as it was given, or ask the
		/// verifier for a new one.
		BadSignature,
		/// No such domain. Add it first.
		UnknownDomain,
		/// A domain needs a name.
		DomainNameEmpty,
		/// There is a domain of this name. Add verifiers to it, or choose another name.
		DomainNameTaken,
		/// With one domain more, two quorums could do without a common one, and a human could be two
		/// people. Raise the quorum first, or add verifiers to a domain there is.
		TooManyDomains,
		/// The key is not a canonical ed25519 public key, or is of small order. Generate a new one.
		BadKey,
		/// The key belongs to a verifier, perhaps a retired one. Generate a new one.
		KeyInUse,
		/// A quorum is from two to five verifiers.
		QuorumOutOfBounds,
		/// There are too many domains for so small a quorum: two quorums could do without a common
		/// domain, and a human could be two people. Choose a larger one.
		QuorumTooSmall,
		/// A counter has reached its end: of people, of verifiers, of disputes, or of this person's
		/// actions. Only an upgrade of the chain can widen it.
		CounterExhausted,
	}
}
