//! What the pallet says of what happened; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A domain was admitted.
		DomainAdded { domain: DomainId, name: DomainName },
		/// A verifier was admitted.
		VerifierAdded {
			verifier: VerifierId,
			domain: DomainId,
			operator: T::AccountId,
			class: Class,
			key: PublicKey,
			quota: u32,
		},
		/// A verifier may attest no more. Its bond may leave in block `bond_free_at`.
		VerifierRetired {
			verifier: VerifierId,
			domain: DomainId,
			operator: T::AccountId,
			bond_free_at: BlockNumber,
		},
		/// A verifier's operator put money aside for it, or got it back.
		BondChanged { verifier: VerifierId, operator: T::AccountId, old: Balance, new: Balance },
		/// A verifier may not attest before epoch `until`.
		VerifierSuspended { verifier: VerifierId, until: EpochIndex },
		/// A verifier may not attest until it is resumed, by the word of its operator; those whom it
		/// attested claim as ever.
		VerifierStopped { verifier: VerifierId, operator: T::AccountId },
		/// A verifier may not attest until it is resumed.
		SuspensionConfirmed { verifier: VerifierId },
		/// A verifier may attest again: its suspension ended before its time, or what its operator had
		/// stopped goes on.
		VerifierResumed { verifier: VerifierId },
		/// A verifier lost part of its bond, because a dispute about somebody it had attested was
		/// upheld. `bond` is what it has left.
		VerifierSlashed {
			verifier: VerifierId,
			operator: T::AccountId,
			challenger: T::AccountId,
			reward: Balance,
			to_pot: Balance,
			bond: Balance,
		},
		/// Another number of verifiers must agree from now on.
		QuorumChanged { old: u32, new: u32 },
		/// A human was recognised, and shares in the dividend of the epochs `from` to `until`.
		PersonRegistered {
			person: PersonId,
			account: T::AccountId,
			verifiers: VerifierIds,
			from: EpochIndex,
			until: EpochIndex,
		},
		/// A person was recognised again; its present interval is `from` to `until`.
		PersonRenewed {
			person: PersonId,
			account: T::AccountId,
			verifiers: VerifierIds,
			from: EpochIndex,
			until: EpochIndex,
		},
		/// A person's recognition was withdrawn.
		PersonRevoked { person: PersonId, account: T::AccountId },
		/// The record of a revoked person was removed; its account is free.
		PersonRemoved { person: PersonId, account: T::AccountId },
		/// A revoked person was recognised again; it shares in the epochs `from` to `until`.
		PersonReinstated {
			person: PersonId,
			account: T::AccountId,
			from: EpochIndex,
			until: EpochIndex,
		},
		/// Somebody asked to move a person to a new account, which can be vetoed before block
		/// `ready_at` and completed from then on.
		RecoveryRequested {
			person: PersonId,
			account: T::AccountId,
			new_account: T::AccountId,
			verifiers: VerifierIds,
			ready_at: BlockNumber,
		},
		/// The key of the present account vetoed it. Before block `until` it needs another domain than
		/// these.
		RecoveryVetoed {
			person: PersonId,
			account: T::AccountId,
			new_account: T::AccountId,
			domains: DomainIds,
			until: BlockNumber,
		},
		/// A person has another account.
		PersonRecovered { person: PersonId, old: T::AccountId, new: T::AccountId },
		/// A person was challenged and is frozen.
		PersonChallenged {
			case: CaseId,
			person: PersonId,
			account: T::AccountId,
			challenger: T::AccountId,
			reason: Reason,
			evidence: Hash,
			bond: Balance,
		},
		/// The jury of a case was drawn, or too few could be.
		JuryDrawn { case: CaseId, jury: Vec<PersonId>, stage: Stage },
		/// A juror voted.
		CaseVoted { case: CaseId, juror: PersonId, uphold: bool },
		/// The votes of a jury were counted; no verdict is `None`.
		VotesCounted { case: CaseId, ayes: u32, nays: u32, verdict: Option<bool> },
		/// A dispute ended. The person, which had `account`, is revoked if it was upheld.
		CaseClosed {
			case: CaseId,
			person: PersonId,
			account: T::AccountId,
			challenger: T::AccountId,
			outcome: Outcome,
			bond: Balance,
		},
	}
}
