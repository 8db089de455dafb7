//! The calls, which lead to what does their work; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Admits a domain: a group of verifiers that share one keyed hash for nullifiers.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// A domain is never removed. Costs one read and one write of all domains' names, at most
		/// nine.
		///
		/// ## Errors
		/// - [`Error::DomainNameEmpty`], [`Error::DomainNameTaken`].
		/// - [`Error::TooManyDomains`]: any two quorums would no longer share a domain.
		///
		/// ## Events
		/// - [`Event::DomainAdded`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::add_domain())]
		pub fn add_domain(origin: OriginFor<T>, name: DomainName) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::admit_domain(name)
		}

		/// Admits a verifier to a domain.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// `key` is the ed25519 key it signs attestations with, never used by any verifier before.
		/// `quota` is how many new people it may attest in one epoch; renewals and recoveries are not
		/// counted. It is never more than the bond stands for: an eighth of the bond, in shares of
		/// the last closed epoch. Nothing it attests counts before the operator has
		/// [posted](Pallet::post_bond) a bond. Constant cost, with one decompression of a curve
		/// point.
		///
		/// ## Errors
		/// - [`Error::UnknownDomain`].
		/// - [`Error::BadKey`], [`Error::KeyInUse`].
		/// - [`Error::CounterExhausted`].
		///
		/// ## Events
		/// - [`Event::VerifierAdded`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_verifier())]
		pub fn add_verifier(
			origin: OriginFor<T>,
			domain: DomainId,
			operator: T::AccountId,
			class: Class,
			key: PublicKey,
			quota: u32,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::admit_verifier(domain, operator, class, key, quota)?;
			Ok(())
		}

		/// Makes `account` a person, on the attestations of a quorum of verifiers and the account's
		/// own consent.
		///
		/// ## Dispatch Origin
		/// Nobody, as a general transaction, which is authorised exactly if it would succeed and
		/// costs no fee. Or any signed account that can advance the fee; it need not be `account`: a
		/// relayer may submit for somebody else. What it submits works for that account only, and
		/// anybody else who submits a copy does the same for the same person.
		///
		/// ## Details
		/// Between the quorum and five attestations, all of which must hold, sorted by verifier, by
		/// different verifiers of different domains and operators, for the purpose *register* with
		/// nonce 0. `consent` is the account's signature, by any scheme of accounts, over exactly
		/// these attestations, raw or as wallets' `signRaw` wraps them. The account gets a
		/// sufficient reference, and shares in the dividend from the next epoch on. The fee is
		/// returned on success and due on failure.
		///
		/// Costs grow with the number of attestations: a signature, two reads and two writes each.
		///
		/// ## Errors
		/// - [`Error::AlreadyAPerson`], [`Error::AccountReserved`].
		/// - The set: [`Error::TooFewAttestations`], [`Error::SameVerifierTwice`],
		///   [`Error::NotSorted`], [`Error::SameDomain`], [`Error::SameOperator`].
		/// - An attestation: [`Error::WrongNonce`], [`Error::NotYetValid`], [`Error::Expired`],
		///   [`Error::ValidTooLong`], [`Error::WrongClass`], [`Error::NullifierUsed`],
		///   [`Error::BadSignature`].
		/// - A verifier: [`Error::UnknownVerifier`], [`Error::VerifierRetired`],
		///   [`Error::VerifierSuspended`], [`Error::BondTooSmall`], [`Error::QuotaExhausted`].
		/// - [`Error::BadConsent`], [`Error::CounterExhausted`].
		///
		/// ## Events
		/// - [`Event::PersonRegistered`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::register(attestations.len() as u32))]
		#[pallet::authorize(|_source, account, attestations, consent| {
			Self::authorize_register(account, attestations, consent)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_register(attestations.len() as u32))]
		pub fn register(
			origin: OriginFor<T>,
			account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_register(account, &attestations, &consent)?;
			Ok(Pays::No.into())
		}

		/// Recognises the person of `account` for a further term, also after a lapse.
		///
		/// ## Dispatch Origin
		/// Nobody or any signed account, as for [`register`](Pallet::register).
		///
		/// ## Details
		/// As [`register`](Pallet::register), for the purpose *renew* and with the person's counter
		/// as nonce. A domain that knows the person must give the same nullifier as before; one
		/// that does not yet must give one nobody has; at least one of the domains must know it.
		/// No quota is used. The fee is returned on success and due on failure.
		///
		/// A person who cannot claim, because its verifiers are suspended, may do so before the last
		/// part of its term: then it is recognised by these verifiers from now on, and its interval
		/// stays.
		///
		/// Costs grow with the number of attestations: a signature, two reads and at most two writes
		/// each; and five reads for the verifiers of before.
		///
		/// ## Errors
		/// - [`Error::NotAPerson`], [`Error::PersonIsRevoked`], [`Error::RecoveryPending`].
		/// - [`Error::AnotherHuman`], [`Error::NobodyKnowsThisPerson`].
		/// - Those of [`register`](Pallet::register), but for the account and the quota.
		/// - Those of the dividend: it is too early to renew.
		///
		/// ## Events
		/// - [`Event::PersonRenewed`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::renew(attestations.len() as u32))]
		#[pallet::authorize(|_source, account, attestations, consent| {
			Self::authorize_renew(account, attestations, consent)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_renew(attestations.len() as u32))]
		pub fn renew(
			origin: OriginFor<T>,
			account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_renew(account, &attestations, &consent)?;
			Ok(Pays::No.into())
		}

		/// Withdraws a person's recognition.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// The person shares in no further epoch, and what it had not claimed goes back to the pot.
		/// Its nullifiers stay used. Its account keeps the sufficient reference until the record is
		/// [removed](Pallet::remove). A pending recovery ends. While a dispute about it is open, that
		/// decides. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::AlreadyRevoked`], [`Error::PersonIsFrozen`].
		///
		/// ## Events
		/// - [`Event::PersonRevoked`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, person: PersonId) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			let record = People::<T>::get(person).ok_or(Error::<T>::UnknownPerson)?;
			ensure!(record.frozen_by.is_none(), Error::<T>::PersonIsFrozen);
			Self::do_revoke(person, record)
		}

		/// Changes how many verifiers must agree on a human.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Counts for every registration and renewal from now on; people recognised before stay.
		/// Constant cost.
		///
		/// ## Errors
		/// - [`Error::QuorumOutOfBounds`]: it is from two to five.
		/// - [`Error::QuorumTooSmall`]: for the domains there are.
		///
		/// ## Events
		/// - [`Event::QuorumChanged`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_quorum())]
		pub fn set_quorum(origin: OriginFor<T>, k: u32) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::change_quorum(k)
		}

		/// Bars a verifier from attesting, at once and for ever.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Attestations it gave that are not used yet are void. The people it attested stay, and its
		/// domain goes on with its other verifiers. Its bond stays for the longest dispute there can
		/// be. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::AlreadyRetired`].
		///
		/// ## Events
		/// - [`Event::VerifierRetired`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::retire_verifier())]
		pub fn retire_verifier(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::end_verifier(verifier)
		}

		/// Removes the record of a revoked person, once the dividend has swept all its epochs.
		///
		/// ## Dispatch Origin
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		/// The account loses its sufficient reference, and with it its existence if it holds
		/// nothing; it may then be registered by another human. The nullifiers stay used. Constant
		/// cost.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`].
		/// - [`Error::NotRevoked`].
		/// - Those of the dividend: not all of the person's epochs are swept.
		///
		/// ## Events
		/// - [`Event::PersonRemoved`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::remove())]
		pub fn remove(origin: OriginFor<T>, person: PersonId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_remove(person)?;
			Ok(Pays::No.into())
		}

		/// Puts money of the operator on hold as a verifier's bond, beside what is there.
		///
		/// ## Dispatch Origin
		/// Signed, by the operator of the verifier.
		///
		/// ## Details
		/// Its attestations count from [`Config::MinVerifierBond`] on, and it may attest as many new
		/// people in an epoch as an eighth of the bond is shares of the last closed epoch. Constant
		/// cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotTheOperator`], [`Error::VerifierRetired`].
		/// - The currency's, if the money is not there.
		///
		/// ## Events
		/// - [`Event::BondChanged`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::post_bond())]
		pub fn post_bond(
			origin: OriginFor<T>,
			verifier: VerifierId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::add_bond(&operator, verifier, amount)
		}

		/// Returns the bond of a retired verifier to its operator.
		///
		/// ## Dispatch Origin
		/// Signed, by the operator of the verifier.
		///
		/// ## Details
		/// [`Config::BondRelease`] after it was retired, and when no dispute about anybody it attested
		/// is open. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotTheOperator`], [`Error::NotRetired`].
		/// - [`Error::NoBond`], [`Error::CasesOpen`], [`Error::BondStays`].
		///
		/// ## Events
		/// - [`Event::BondChanged`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::withdraw_bond())]
		pub fn withdraw_bond(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::release_bond(&operator, verifier)
		}

		/// Bars a verifier from attesting, at once: for eight epochs, or, by its operator, until it is
		/// resumed.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`]; or signed, by the operator of the verifier.
		///
		/// ## Details
		/// Nobody's record changes. By governance it is a suspension: people too few of whose
		/// verifiers stand go on sharing and voting, and cannot claim until they
		/// [renew](Pallet::renew) by others; nothing they are due is lost but what leaves the claim
		/// window. After it has ended unconfirmed, a verifier cannot be suspended for eight epochs.
		///
		/// By the operator, whose key may have been stolen, it is a stop: people it attested claim as
		/// ever, its bond stays at stake, and governance can suspend it beside that. It stays
		/// stopped until governance [resumes](Pallet::resume_verifier) it. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::AlreadySuspended`], [`Error::SuspendedLately`].
		/// - By a signed account: [`Error::NotTheOperator`], [`Error::AlreadyRetired`].
		///
		/// ## Events
		/// - [`Event::VerifierSuspended`], or [`Event::VerifierStopped`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::suspend_verifier())]
		pub fn suspend_verifier(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			match T::AdminOrigin::try_origin(origin) {
				Ok(_) => Self::suspend(verifier),
				Err(origin) => Self::stop(ensure_signed(origin)?, verifier),
			}
		}

		/// Ends the suspension of a verifier now, and what its operator had stopped goes on.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`], unless a suspension was confirmed; [`Config::AppealOrigin`] in any
		/// case.
		///
		/// ## Details
		/// Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotSuspended`], [`Error::ConfirmedByReferendum`].
		///
		/// ## Events
		/// - [`Event::VerifierResumed`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::resume_verifier())]
		pub fn resume_verifier(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			let by_referendum = match T::AppealOrigin::try_origin(origin) {
				Ok(_) => true,
				Err(origin) => {
					T::AdminOrigin::ensure_origin(origin)?;
					false
				},
			};
			Self::resume(verifier, by_referendum)
		}

		/// Makes a suspension last until it is resumed.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// Only before it has ended by itself. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotSuspended`], [`Error::AlreadyConfirmed`].
		///
		/// ## Events
		/// - [`Event::SuspensionConfirmed`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::confirm_suspension())]
		pub fn confirm_suspension(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			Self::confirm(verifier)
		}

		/// Asks to move a person to `new_account`, on the attestations of a quorum of verifiers that
		/// the same human stands there, and the new account's consent.
		///
		/// ## Dispatch Origin
		/// Nobody or any signed account, as for [`register`](Pallet::register).
		///
		/// ## Details
		/// The attestations are about `new_account`, for the purpose *recover* and with the person's
		/// counter as nonce, and are checked as those of a [renewal](Pallet::renew). The account is
		/// reserved from then on. After [`Config::RecoveryDelay`], in which the present account may
		/// [`veto`](Pallet::veto), anybody [completes](Pallet::complete_recovery) it. A pending
		/// request is replaced by one with a domain that none before it had. The fee is returned on
		/// success and due on failure.
		///
		/// Costs grow with the number of attestations: a signature, two reads and two writes each;
		/// and five writes for a request that is replaced.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::PersonIsRevoked`].
		/// - `new_account`: [`Error::AlreadyAPerson`], [`Error::AccountReserved`].
		/// - [`Error::Vetoed`], [`Error::RecoveryPending`].
		/// - Those of [`renew`](Pallet::renew) about attestations.
		///
		/// ## Events
		/// - [`Event::RecoveryRequested`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::recover(attestations.len() as u32))]
		#[pallet::authorize(|_source, person, new_account, attestations, consent| {
			Self::authorize_recover(*person, new_account, attestations, consent)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_recover(attestations.len() as u32))]
		pub fn recover(
			origin: OriginFor<T>,
			person: PersonId,
			new_account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_recover(person, new_account, &attestations, &consent)?;
			Ok(Pays::No.into())
		}

		/// Ends the pending request to move the signer's person away.
		///
		/// ## Dispatch Origin
		/// Signed, by the account of the person. Free exactly when it succeeds.
		///
		/// ## Details
		/// Once between two recognitions. For [`Config::VetoTerm`] from then on a request needs a
		/// domain that none of the vetoed ones had. Constant cost.
		///
		/// ## Errors
		/// - [`Error::NotAPerson`], [`Error::NoRecovery`].
		/// - [`Error::AlreadyVetoed`], [`Error::TooLateToVeto`], [`Error::CounterExhausted`].
		///
		/// ## Events
		/// - [`Event::RecoveryVetoed`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::veto())]
		#[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
			ensure_signed(origin.clone()).is_ok_and(|who| Pallet::<T>::check_veto(&who).is_ok())
		})]
		pub fn veto(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let veto = Self::check_veto(&who)?;
			Self::do_veto(veto);
			Ok(())
		}

		/// Moves a person to the account of a request that nobody vetoed in time.
		///
		/// ## Dispatch Origin
		/// Nobody or any signed account, as for [`register`](Pallet::register).
		///
		/// ## Details
		/// The sufficient reference moves too: an old account that holds nothing ceases to exist. The
		/// fee is returned on success and due on failure. Constant cost.
		///
		/// ## Errors
		/// - [`Error::NoRecovery`], [`Error::RecoveryNotDue`].
		///
		/// ## Events
		/// - [`Event::PersonRecovered`].
		#[pallet::call_index(15)]
		// The dividend forgets the person's payout, beside what is measured, where it has none.
		#[pallet::weight(
			T::WeightInfo::complete_recovery().saturating_add(T::DbWeight::get().writes(1))
		)]
		#[pallet::authorize(|_source, person| Self::authorize_complete_recovery(*person))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_complete_recovery())]
		pub fn complete_recovery(
			origin: OriginFor<T>,
			person: PersonId,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_complete_recovery(person)?;
			Ok(Pays::No.into())
		}

		/// Says, for a bond, that somebody is no person, and freezes it until that is decided.
		///
		/// ## Dispatch Origin
		/// Signed.
		///
		/// ## Details
		/// `evidence` is the hash of what shows it, which is kept elsewhere. The bond is
		/// [`Config::ChallengeBond`], or double the last one, at most
		/// [`DEAREST`](crate::dispute::DEAREST) times the first, if a dispute about that person came
		/// to nothing, whatever the reason, until it was free for as long as that lasted and four
		/// epochs more. In the epoch in which one came to nothing, and in the next one, nobody can
		/// challenge it. What the person could claim is put aside for it; it goes on sharing, and
		/// cannot claim. Constant cost, with one read and one write for each verifier that attested
		/// it.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::PersonIsRevoked`], [`Error::PersonIsFrozen`].
		/// - [`Error::EvidenceBarred`], [`Error::ChallengedLately`], [`Error::CounterExhausted`].
		/// - The currency's, if the bond is not there.
		///
		/// ## Events
		/// - [`Event::PersonChallenged`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::challenge())]
		pub fn challenge(
			origin: OriginFor<T>,
			person: PersonId,
			reason: Reason,
			evidence: Hash,
		) -> DispatchResult {
			let challenger = ensure_signed(origin)?;
			Self::open_case(challenger, person, reason, evidence)
		}

		/// Draws the jury of a case.
		///
		/// ## Dispatch Origin
		/// Any signed account. Free exactly when it succeeds, so that also the person can, which may
		/// hold nothing.
		///
		/// ## Details
		/// Fifteen people, drawn with a seed that was unknown when the challenge was made and is the
		/// same whenever this is called. Passed over are those revoked or lapsed, those whom an
		/// earlier challenge freezes, those who share since less than four epochs before the
		/// challenge, and both parties. Whom a later one freezes judges too. If fewer than
		/// nine are found among sixty candidates, there is no verdict, and an appeal may decide.
		/// Costs two reads for each candidate.
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::AlreadyDrawn`], [`Error::NoSeedYet`].
		///
		/// ## Events
		/// - [`Event::JuryDrawn`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::draw_jury())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId| -> bool {
			ensure_signed(origin.clone()).is_ok() && Pallet::<T>::check_draw(*case).is_ok()
		})]
		pub fn draw_jury(origin: OriginFor<T>, case: CaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::seat_jury(case)
		}

		/// Votes on a case as one of its jury.
		///
		/// ## Dispatch Origin
		/// Signed, by the account of a juror. Free exactly when it succeeds.
		///
		/// ## Details
		/// `uphold` says that the challenge is right. A vote is final. Constant cost.
		///
		/// ## Errors
		/// - [`Error::NotAPerson`], [`Error::UnknownCase`], [`Error::NotVoting`].
		/// - [`Error::NotAJuror`], [`Error::AlreadyVoted`], [`Error::PersonIsRevoked`].
		///
		/// ## Events
		/// - [`Event::CaseVoted`].
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::vote_case())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId, _: &bool| -> bool {
			ensure_signed(origin.clone())
				.is_ok_and(|who| Pallet::<T>::check_vote(&who, *case).is_ok())
		})]
		pub fn vote_case(origin: OriginFor<T>, case: CaseId, uphold: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let (juror, mut record, place) = Self::check_vote(&who, case)?;
			if let Some(seat) = record.jury.get_mut(place) {
				seat.vote = Some(uphold);
			}
			Cases::<T>::insert(case, record);
			Self::deposit_event(Event::CaseVoted { case, juror, uphold });
			Ok(())
		}

		/// Counts the votes of a jury.
		///
		/// ## Dispatch Origin
		/// Any signed account. Free exactly when it succeeds, so that also the person can, which may
		/// hold nothing.
		///
		/// ## Details
		/// When all have voted, or the term is over. Two thirds of at least nine votes decide. A
		/// dismissal ends the case: half of the bond is the person's and half the dividend's.
		/// Otherwise it can be [appealed](Pallet::decide_appeal) for [`Config::AppealTerm`], and the
		/// person stays frozen. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::NotVoting`], [`Error::StillVoting`].
		///
		/// ## Events
		/// - [`Event::VotesCounted`]; [`Event::CaseClosed`] if it is dismissed.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::resolve_case())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId| -> bool {
			ensure_signed(origin.clone()).is_ok() && Pallet::<T>::check_count(*case).is_ok()
		})]
		pub fn resolve_case(origin: OriginFor<T>, case: CaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::count_votes(case)
		}

		/// Decides a case whose jury upheld it or found no verdict.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// Within [`Config::AppealTerm`] after the votes were counted. Ends the case. Constant cost,
		/// with one read and one write and a transfer or two for each verifier that attested the
		/// person.
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::NotAppealable`].
		///
		/// ## Events
		/// - [`Event::CaseClosed`]; if it upholds the challenge [`Event::PersonRevoked`], and
		///   [`Event::VerifierSlashed`] for each verifier that has a bond.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::decide_appeal())]
		pub fn decide_appeal(origin: OriginFor<T>, case: CaseId, uphold: bool) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			Self::decide(case, uphold)
		}

		/// Carries out what the jury found, when nobody can appeal any more.
		///
		/// ## Dispatch Origin
		/// Any signed account. Free exactly when it succeeds, so that also the person can, which may
		/// hold nothing.
		///
		/// ## Details
		/// Upheld: the person is revoked, the challenger's bond is released, and each verifier that
		/// attested the person loses eight shares of the last closed epoch, at least
		/// [`Config::ChallengeBond`]; [`Config::ChallengerShare`] of it is the challenger's, the rest
		/// the dividend's. No verdict: the person is free and has half of the bond, the challenger
		/// the other half. Costs as [`decide_appeal`](Pallet::decide_appeal).
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::NotDecided`].
		///
		/// ## Events
		/// - As [`decide_appeal`](Pallet::decide_appeal).
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::close_case())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId| -> bool {
			ensure_signed(origin.clone()).is_ok() && Pallet::<T>::check_close(*case).is_ok()
		})]
		pub fn close_case(origin: OriginFor<T>, case: CaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::carry_out(case)
		}

		/// Gives a revoked person its recognition back.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// As long as its record is not [removed](Pallet::remove). It shares from the next epoch on,
		/// for a term; what it forfeited stays forfeited. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::NotRevoked`].
		///
		/// ## Events
		/// - [`Event::PersonReinstated`].
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::reinstate())]
		pub fn reinstate(origin: OriginFor<T>, person: PersonId) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			Self::do_reinstate(person)
		}
	}
}
