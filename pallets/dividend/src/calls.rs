//! The calls, which lead to what does their work; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Pays the signer all it is due of the closed epochs. Constant cost, however many there
		/// are; no fee if it succeeds.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account of a recognised person. The account may be empty.
		///
		/// ## Details
		///
		/// Pays to the signer, or to the account it named by [`Pallet::set_payout`], the share of every closed epoch of the person's interval that is neither claimed
		/// nor swept, and what was settled before. Free exactly when it would succeed.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::NoShare`]: the signer has no part in the dividend.
		/// - [`Error::Paused`], [`Error::MayNotClaim`]: nobody, or this person, may claim now.
		/// - [`Error::NothingToClaim`]: nothing is due.
		/// - [`Error::TooLittleForAccount`]: the account could not hold it; it waits.
		/// - [`Error::Unexpected`]: an invariant is broken.
		///
		/// ## Events
		///
		/// - [`Event::Claimed`]
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::claim())]
		#[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
			ensure_signed(origin.clone()).is_ok_and(|who| Pallet::<T>::payable(&who).is_some())
		})]
		pub fn claim(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let due = Self::due(&who)?;
			Self::pay(due)
		}

		/// Pays a person all it is due of the closed epochs, as its own claim would.
		///
		/// ## Dispatch Origin
		///
		/// A general transaction, which nobody signs: anybody can send it, and it costs nothing.
		///
		/// ## Details
		///
		/// It can only pay the account that the person's own claim would pay, so nobody gains by
		/// sending it; a wallet, a relayer or a kiosk can do so for many. It is valid exactly if it
		/// would succeed, so at most once for each person and epoch, and in no batch. In the pool it
		/// is stale once the person is paid or revoked, and of the future while the person must wait.
		///
		/// A pool does not take the same bytes twice within half an hour: choose another era or
		/// nonce, which means nothing here, where epochs are that short.
		///
		/// ## Errors
		///
		/// - `BadOrigin` if it was signed. Else it is not valid, for the reasons that
		///   [`Pallet::claim`] fails, or because the person [claims alone](Error::ClaimsAlone).
		///
		/// ## Events
		///
		/// - [`Event::Claimed`]
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::claim_for())]
		#[pallet::authorize(|_, person| Pallet::<T>::authorize_claim_for(*person))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_claim_for())]
		pub fn claim_for(origin: OriginFor<T>, person: PersonId) -> DispatchResult {
			ensure_authorized(origin)?;
			let due = Self::due_by_others(person)?;
			Self::pay(due)
		}

		/// Claims, and puts what is paid into a channel as credit for the use of models.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account of a recognised person. The account may be empty.
		///
		/// ## Details
		///
		/// The channel is one of the account that is paid: the signer, or the one it named by
		/// [`Pallet::set_payout`]. An existential deposit stays free in the account, because a hold
		/// needs an account that exists. The commons fund adds a bonus, if governance set one and
		/// the fund has it, which is spent after everything else in the channel; what is not spent
		/// when money leaves the channel is the fund's again. No fee if it succeeds: whether it would is found out by making and
		/// undoing it, which its weight contains.
		///
		/// ## Errors
		///
		/// - Those of [`Pallet::claim`], and of topping up the channel.
		/// - [`Error::NothingToCredit`]: the account needs all of it to exist.
		///
		/// ## Events
		///
		/// - [`Event::Claimed`], [`Event::Credited`], and that of the channel.
		#[pallet::call_index(2)]
		// Made once, and rehearsed by whoever asks whether it is free: the lane of free calls.
		#[pallet::weight(T::WeightInfo::claim_to_channel().saturating_mul(2))]
		#[pallet::feeless_if(|origin: &OriginFor<T>, channel: &ChannelId| -> bool {
			ensure_signed(origin.clone()).is_ok_and(|who| {
				Pallet::<T>::would_succeed(|| Pallet::<T>::pay_into_channel(&who, *channel))
			})
		})]
		pub fn claim_to_channel(origin: OriginFor<T>, channel: ChannelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::pay_into_channel(&who, channel)
		}

		/// Names the account that the signer's dividend is paid to.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account of a person.
		///
		/// ## Details
		///
		/// The change takes effect when the epoch after the open one is closed, so that it can be
		/// noticed, and the account be recovered, before anything is paid elsewhere. It replaces one
		/// that waits. Naming the account that is paid now withdraws a change that waits; naming
		/// one's own account lets the payout follow the person to any account it moves to.
		///
		/// If the account named cannot hold what is due, claims wait, as for any account.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::NoShare`]: the signer has no part in the dividend.
		/// - [`Error::PayoutIsPot`]: the pot cannot be paid to.
		///
		/// ## Events
		///
		/// - [`Event::PayoutSet`]
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_payout())]
		pub fn set_payout(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let person = Self::holder_of_share(&who)?;
			ensure!(account != Self::pot(), Error::<T>::PayoutIsPot);
			let old = Self::payout_in_force(person, &who, Books::<T>::get().epoch);
			let from = Self::change_payout(person, Some(account.clone()).filter(|new| *new != who));
			Self::deposit_event(Event::PayoutSet { person, old, new: account, from });
			Ok(())
		}

		/// Says whether the signer alone may claim its dividend. At first anybody may
		/// [claim for](Pallet::claim_for) it.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account of a person.
		///
		/// ## Details
		///
		/// For whoever wants to decide when it is paid: for tax reasons, or while another account
		/// is being named.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::NoShare`]: the signer has no part in the dividend.
		///
		/// ## Events
		///
		/// - [`Event::ClaimsAloneSet`]
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_claims_alone())]
		pub fn set_claims_alone(origin: OriginFor<T>, alone: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let person = Self::holder_of_share(&who)?;
			ClaimsAlone::<T>::set(person, alone.then_some(()));
			Self::deposit_event(Event::ClaimsAloneSet { person, alone });
			Ok(())
		}

		/// Gives money to all people: it is divided when the open epoch closes.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// The same as a transfer to the [pot](Pallet::pot), with an event of its own. The signer
		/// keeps its existential deposit.
		///
		/// ## Errors
		///
		/// - [`Error::NothingGiven`]: the amount is zero.
		/// - Those of a transfer.
		///
		/// ## Events
		///
		/// - [`Event::Donated`]
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::donate())]
		pub fn donate(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let donor = ensure_signed(origin)?;
			ensure!(amount > 0, Error::<T>::NothingGiven);
			T::Currency::transfer(&donor, &Self::pot(), amount, Preservation::Preserve)?;
			Self::deposit_event(Event::Donated { donor, amount });
			Ok(())
		}

		/// Stops claims and closes for a number of blocks, this one included.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::PauseOrigin`].
		///
		/// ## Details
		///
		/// Moves nothing. People are recognised, renewed and revoked as always, and what is claimable
		/// is not swept, because nothing closes. If the open epoch is due meanwhile it closes in the
		/// first block after the pause: it is longer, and none is overdue. Ends by itself.
		///
		/// ## Errors
		///
		/// - [`Error::PauseTooLong`]: of no block, or longer than [`Config::MaxPause`].
		/// - [`Error::PausedRecently`]: less than [`Config::PauseInterval`] after the last one.
		///
		/// ## Events
		///
		/// - [`Event::Paused`]
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::pause())]
		pub fn pause(origin: OriginFor<T>, blocks: BlockNumber) -> DispatchResult {
			T::PauseOrigin::ensure_origin(origin)?;
			let pause = Self::begin_pause(blocks)?;
			Self::deposit_event(Event::Paused { until: pause.until });
			Ok(())
		}

		/// Ends a pause before its time.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::PauseOrigin`].
		///
		/// ## Details
		///
		/// Claims work from this block on, closes from the next.
		///
		/// ## Errors
		///
		/// - [`Error::NotPaused`]: there is no pause.
		///
		/// ## Events
		///
		/// - [`Event::Resumed`]
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::resume())]
		pub fn resume(origin: OriginFor<T>) -> DispatchResult {
			T::PauseOrigin::ensure_origin(origin)?;
			let pause = Self::end_pause()?;
			Self::deposit_event(Event::Resumed { from: pause.from });
			Ok(())
		}

		/// Sets what governs epochs, all of it at once.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// Applies from the next epoch on: the open one keeps its length, and is swept and divided
		/// by the present parameters. Terms that were given stay as they are. Replaces a change that
		/// waits.
		///
		/// ## Errors
		///
		/// - [`Error::OutOfBounds`]: a parameter is not within [`Config::Bounds`].
		///
		/// ## Events
		///
		/// - [`Event::ParamsScheduled`], and [`Event::ParamsChanged`] when they apply.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_params())]
		pub fn set_params(origin: OriginFor<T>, params: Parameters) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			params.check(&T::Bounds::get()).map_err(Error::<T>::OutOfBounds)?;
			NextParams::<T>::put(params);
			Self::deposit_event(Event::ParamsScheduled { old: Params::<T>::get(), new: params });
			Ok(())
		}

		/// Sets what the commons fund adds to a dividend that is used as credit, in parts per
		/// million of it.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// Applies at once. If the split changes so that less is allowed, less is added.
		///
		/// ## Errors
		///
		/// - [`Error::BonusTooHigh`]: above [`Config::BonusCeiling`].
		///
		/// ## Events
		///
		/// - [`Event::BonusSet`]
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_bonus())]
		pub fn set_bonus(origin: OriginFor<T>, parts: u32) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			ensure!(parts <= T::BonusCeiling::get(), Error::<T>::BonusTooHigh);
			let old = Bonus::<T>::get();
			Bonus::<T>::put(parts);
			Self::deposit_event(Event::BonusSet { old, new: parts });
			Ok(())
		}

		/// Opens a programme: for a number of epochs from the next one on, people whom verifiers of
		/// certain classes attested, or who live in certain regions by the word of verifiers, share in
		/// a part of what flows in.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// `share` is in parts per million of what arrives in the pot of all people from the next
		/// epoch on, before it is divided; what is in the pot already is not touched, and neither is
		/// what is carried, forfeited or swept. Who may join is said by `classes` and `regions`; either
		/// is anything if there are none. Somebody lives in a region if a verifier of its last
		/// recognition stated it and none stated another. The programme has a pot of its own, which is divided by the same rules
		/// among those who joined, but by `min_people` at least: what falls to those who are missing to
		/// that number returns to the pot of all people with each close. Nobody can change it, but
		/// whoever could open it can [end](Pallet::end_programme) it.
		///
		/// ## Errors
		///
		/// - [`Error::EmptyProgramme`]: no share, or no or too many epochs.
		/// - [`Error::TooFewPeople`]: `min_people` is less than that of the [parameters](Params).
		/// - [`Error::NoRegion`]: one of the regions is 0.
		/// - [`Error::ProgrammesTooLarge`]: more than [`Config::ProgrammeCeiling`] with the others.
		/// - [`Error::TooManyProgrammes`]: there are [`MAX_PROGRAMMES`].
		///
		/// ## Events
		///
		/// - [`Event::ProgrammeOpened`]
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::open_programme())]
		pub fn open_programme(
			origin: OriginFor<T>,
			share: u32,
			classes: Classes,
			regions: Regions,
			epochs: u32,
			min_people: u32,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_open_programme(share, classes, regions, epochs, min_people)
		}

		/// Lets the signer share in a programme from the next epoch on, or longer than before.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account of a recognised person. The account may be empty.
		///
		/// ## Details
		///
		/// Lasts as long as the programme and the person's present recognition; who is renewed
		/// joins again, to stay. No fee if it succeeds.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::MayNotClaim`], [`Error::NoShare`]: not a recognised
		///   person, now.
		/// - [`Error::NoProgramme`], [`Error::NotEligible`], [`Error::TooLateToJoin`],
		///   [`Error::AlreadyJoined`], [`Error::ClaimFirst`].
		///
		/// ## Events
		///
		/// - [`Event::ProgrammeJoined`]
		#[pallet::call_index(11)]
		// Beside what is measured, of who stays longer: the verifiers of a person, at most five of them;
		// and of who begins anew, which programmes run and two rows of the old interval.
		#[pallet::weight(
			T::WeightInfo::join_programme().saturating_add(T::DbWeight::get().reads(8))
		)]
		#[pallet::feeless_if(|origin: &OriginFor<T>, programme: &ProgrammeId| -> bool {
			ensure_signed(origin.clone())
				.is_ok_and(|who| Pallet::<T>::may_join(&who, *programme).is_ok())
		})]
		pub fn join_programme(origin: OriginFor<T>, programme: ProgrammeId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let (person, until) = Self::may_join(&who, programme)?;
			let from = Self::do_join_programme(programme, person, until)?;
			Self::deposit_event(Event::ProgrammeJoined { programme, person, from, until });
			Ok(())
		}

		/// Ends the share in a programme of a person that does not share in the dividend as long as it
		/// was to; or forgets it, once the programme has ended.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody. The fee is returned if it succeeds.
		///
		/// ## Details
		///
		/// For who was revoked. What it had not claimed is swept.
		///
		/// ## Errors
		///
		/// - [`Error::NoShare`]: the person has none in this programme.
		/// - [`Error::StillEligible`]: it shares in the dividend as long, or its share is over, or ended
		///   already.
		///
		/// ## Events
		///
		/// - [`Event::ProgrammeLeft`]
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::leave_programme())]
		pub fn leave_programme(
			origin: OriginFor<T>,
			programme: ProgrammeId,
			person: PersonId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_leave_programme(programme, person)?;
			Self::deposit_event(Event::ProgrammeLeft { programme, person });
			Ok(Pays::No.into())
		}

		/// Pays the signer all it is due of the closed epochs of a programme.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account of a recognised person. The account may be empty.
		///
		/// ## Details
		///
		/// As [`Pallet::claim`], from the programme's pot. No fee if it succeeds.
		///
		/// ## Errors
		///
		/// - Those of [`Pallet::claim`]; [`Error::NoShare`] if the person did not join.
		///
		/// ## Events
		///
		/// - [`Event::ProgrammeClaimed`]
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::claim_programme())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, programme: &ProgrammeId| -> bool {
			ensure_signed(origin.clone())
				.is_ok_and(|who| Pallet::<T>::payable_of_programme(*programme, &who).is_some())
		})]
		pub fn claim_programme(origin: OriginFor<T>, programme: ProgrammeId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let due = Self::due_of_programme(programme, &who)?;
			Self::pay_of_programme(programme, due)
		}

		/// Ends a programme with the open epoch, before its term.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// The open epoch is shared out as it would have been. Who joined is due what it was, and can
		/// claim it within the claim window; nobody shares in what was to come. When the next epoch
		/// closes, what the programme does not owe returns to all people, and the rest when it is
		/// swept: as at the end of any programme.
		///
		/// ## Errors
		///
		/// - [`Error::NoProgramme`], [`Error::ProgrammeOver`].
		///
		/// ## Events
		///
		/// - [`Event::ProgrammeCutShort`]
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::end_programme())]
		pub fn end_programme(origin: OriginFor<T>, programme: ProgrammeId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_end_programme(programme)
		}
	}
}
