//! The calls, which lead to what does their work; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Vote on a poll, or change one's vote.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account of a person.
		///
		/// ## Details
		///
		/// The person must have begun to share in the dividend at least [`Constitution::seasoning`]
		/// epochs before the poll's snapshot, and be recognised ever since. Its first vote on a poll
		/// is free, if it would succeed; a change pays the fee. Constant cost: the tally, and the
		/// wake-up of the poll in the next block.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::NotOngoing`].
		/// - [`Error::Barred`], [`Error::Lapsed`], [`Error::NotInElectorate`],
		///   [`Error::TooRecent`].
		/// - [`Error::SameVote`].
		/// - [`Error::Unexpected`]: an invariant is broken.
		///
		/// ## Events
		///
		/// [`Event::Voted`].
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::vote())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, poll: &PollIndex, aye: &bool| -> bool {
			ensure_signed(origin.clone()).is_ok_and(|who| {
				Pallet::<T>::ballot(&who, *poll, *aye).is_ok_and(|ballot| ballot.before.is_none())
			})
		})]
		pub fn vote(origin: OriginFor<T>, poll: PollIndex, aye: bool) -> DispatchResult {
			let account = ensure_signed(origin)?;
			let vote::Ballot { person, before } = Self::ballot(&account, poll, aye)?;
			let tally = Self::recount(poll, before, Some(aye))?;
			Votes::<T>::insert(poll, person, aye);
			let (ayes, nays) = (tally.ayes, tally.nays);
			Self::deposit_event(Event::Voted { poll, person, account, aye, before, ayes, nays });
			Ok(())
		}

		/// Take the vote of somebody who may not vote any more out of a running poll.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// For people who were revoked after they voted. What a vote of theirs did in the past of
		/// the poll (the start of a confirmation) is looked at again in the next block. Constant
		/// cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotOngoing`]: votes of the past stay as they were counted.
		/// - [`Error::NoVote`].
		/// - [`Error::StillEntitled`].
		/// - [`Error::Unexpected`]: an invariant is broken.
		///
		/// ## Events
		///
		/// [`Event::VoteRemoved`].
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::remove_vote())]
		pub fn remove_vote(
			origin: OriginFor<T>,
			poll: PollIndex,
			person: PersonId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let status =
				Referenda::<T>::ensure_ongoing(poll).map_err(|_| Error::<T>::NotOngoing)?;
			let aye = Votes::<T>::get(poll, person).ok_or(Error::<T>::NoVote)?;
			let opened = status.submitted.saturated_into();
			ensure!(!T::People::may_vote(person, opened), Error::<T>::StillEntitled);
			let tally = Self::recount(poll, Some(aye), None)?;
			Votes::<T>::remove(poll, person);
			let (ayes, nays) = (tally.ayes, tally.nays);
			Self::deposit_event(Event::VoteRemoved { poll, person, aye, ayes, nays });
			Ok(Pays::No.into())
		}

		/// Remove votes of a poll that is over from the state.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// Costs grow with `max`, the most votes to remove; those that were not there are paid back.
		///
		/// ## Errors
		///
		/// - [`Error::StillOngoing`].
		/// - [`Error::NothingToClean`].
		///
		/// ## Events
		///
		/// [`Event::PollCleaned`].
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::cleanup_poll(*max))]
		pub fn cleanup_poll(
			origin: OriginFor<T>,
			poll: PollIndex,
			max: u32,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			ensure!(Referenda::<T>::ensure_ongoing(poll).is_err(), Error::<T>::StillOngoing);
			let removed = Votes::<T>::drain_prefix(poll).take(max as usize).count() as u32;
			ensure!(removed > 0, Error::<T>::NothingToClean);
			Self::deposit_event(Event::PollCleaned { poll, removed });
			Ok((Some(<T as Config>::WeightInfo::cleanup_poll(removed)), Pays::No).into())
		}

		/// Propose a poll for other people to sign.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account of a person who would have a vote on a poll submitted now.
		///
		/// ## Details
		///
		/// `proposal_origin` is what the call is to act with, and so says the track; `call` and
		/// `enactment` are those of the poll. The proposer is the first to sign. It can be signed
		/// for [`SIGNING_DAYS`] days of voting. A person has one such proposal at a time. Constant
		/// cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::Barred`], [`Error::Lapsed`],
		///   [`Error::NotInElectorate`], [`Error::TooRecent`].
		/// - [`Error::ElectorateTooSmall`].
		/// - [`Error::HasProposal`].
		/// - [`Error::NoTrack`].
		/// - [`Error::CounterExhausted`].
		///
		/// ## Events
		///
		/// [`Event::Proposed`].
		#[pallet::call_index(3)]
		#[pallet::weight(<T as Config>::WeightInfo::propose())]
		pub fn propose(
			origin: OriginFor<T>,
			proposal_origin: Box<PalletsOriginOf<T>>,
			call: BoundedCallOf<T, ()>,
			enactment: DispatchTime<Moment<T, ()>>,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			let drafted = Self::drafted(&account, *proposal_origin, call.clone(), enactment)?;
			let proposal = NextProposal::<T>::get();
			let next = proposal.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
			let (person, closes) = (drafted.proposer, drafted.closes);
			NextProposal::<T>::put(next);
			Proposals::<T>::insert(proposal, drafted);
			ProposalBy::<T>::insert(person, proposal);
			Cosigners::<T>::insert(proposal, person, ());
			Self::deposit_event(Event::Proposed { proposal, person, account, call, closes });
			Ok(())
		}

		/// Sign a proposal.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account of a person who had a vote when the proposal was made.
		///
		/// ## Details
		///
		/// Free, if it would succeed. A signature says that there should be a poll, and is no vote
		/// on it. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::Barred`], [`Error::Lapsed`],
		///   [`Error::NotInElectorate`], [`Error::TooRecent`].
		/// - [`Error::UnknownProposal`], [`Error::AlreadySubmitted`],
		///   [`Error::ProposalExpired`].
		/// - [`Error::AlreadySigned`].
		/// - [`Error::CounterExhausted`].
		///
		/// ## Events
		///
		/// [`Event::Cosigned`].
		#[pallet::call_index(4)]
		#[pallet::weight(<T as Config>::WeightInfo::cosign())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, proposal: &ProposalId| -> bool {
			ensure_signed(origin.clone())
				.is_ok_and(|who| Pallet::<T>::signature(&who, *proposal).is_ok())
		})]
		pub fn cosign(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			let account = ensure_signed(origin)?;
			let (person, mut record) = Self::signature(&account, proposal)?;
			record.signed = record.signed.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
			let signed = record.signed;
			Proposals::<T>::insert(proposal, record);
			Cosigners::<T>::insert(proposal, person, ());
			Self::deposit_event(Event::Cosigned { proposal, person, account, signed });
			Ok(())
		}

		/// Submit a proposal that enough people signed as a poll, with its deposits.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// The deposits come from this pallet's [account](Pallet::account), and return to it. The
		/// proposer may propose again. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownProposal`], [`Error::AlreadySubmitted`],
		///   [`Error::ProposalExpired`].
		/// - [`Error::TooFewSignatures`].
		/// - [`Error::ElectorateTooSmall`].
		/// - [`Error::FundTooSmall`].
		/// - Those of `pallet-referenda`: the preimage has another length than the call says.
		///
		/// ## Events
		///
		/// [`Event::ProposalSubmitted`], after those of `pallet-referenda`.
		#[pallet::call_index(5)]
		#[pallet::weight(<T as Config>::WeightInfo::submit_proposal())]
		pub fn submit_proposal(
			origin: OriginFor<T>,
			proposal: ProposalId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let mut record = Self::open_proposal(proposal)?;
			let poll = Self::open_poll(&record)?;
			record.poll = Some(poll);
			ProposalBy::<T>::remove(record.proposer);
			Proposals::<T>::insert(proposal, record);
			Self::deposit_event(Event::ProposalSubmitted { proposal, poll });
			Ok(Pays::No.into())
		}

		/// Remove a proposal that is submitted or whose time is over, with its signatures, from the
		/// state.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// Costs grow with `max`, the most signatures to remove; those that were not there are paid
		/// back. The proposal itself goes with the last of them.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownProposal`], [`Error::ProposalOpen`].
		/// - [`Error::NothingToClean`].
		/// - [`Error::Unexpected`]: an invariant is broken.
		///
		/// ## Events
		///
		/// [`Event::ProposalCleaned`].
		#[pallet::call_index(6)]
		#[pallet::weight(<T as Config>::WeightInfo::cleanup_proposal(*max))]
		pub fn cleanup_proposal(
			origin: OriginFor<T>,
			proposal: ProposalId,
			max: u32,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let mut record = Proposals::<T>::get(proposal).ok_or(Error::<T>::UnknownProposal)?;
			let over = record.poll.is_some() || Self::now() > record.closes;
			ensure!(over, Error::<T>::ProposalOpen);
			let removed = Cosigners::<T>::drain_prefix(proposal).take(max as usize).count() as u32;
			ensure!(removed > 0, Error::<T>::NothingToClean);
			record.signed = record.signed.checked_sub(removed).ok_or(Error::<T>::Unexpected)?;
			let done = record.signed == 0;
			if done {
				if record.poll.is_none() {
					ProposalBy::<T>::remove(record.proposer);
				}
				Proposals::<T>::remove(proposal);
			} else {
				Proposals::<T>::insert(proposal, record);
			}
			Self::deposit_event(Event::ProposalCleaned { proposal, removed, done });
			Ok((Some(<T as Config>::WeightInfo::cleanup_proposal(removed)), Pays::No).into())
		}

		/// Authorise a new runtime.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::UpgradeOrigin`]: a poll of the upgrade track.
		///
		/// ## Details
		///
		/// Whoever brings the code with that hash to `system.apply_authorized_upgrade` sets it, if
		/// its name is the same and its version higher. A later authorisation takes the place of an
		/// earlier one. Constant cost.
		///
		/// ## Events
		///
		/// [`Event::UpgradeAuthorised`], after `system`'s.
		#[pallet::call_index(7)]
		#[pallet::weight(<T as Config>::WeightInfo::authorise_upgrade())]
		pub fn authorise_upgrade(origin: OriginFor<T>, code_hash: T::Hash) -> DispatchResult {
			T::UpgradeOrigin::ensure_origin(origin)?;
			frame_system::Pallet::<T>::do_authorize_upgrade(code_hash, true);
			Self::deposit_event(Event::UpgradeAuthorised { code_hash });
			Ok(())
		}
	}
}
