//! The calls, which lead to what does their work; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register a model under a name; its versions are added after that.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by who will own the model.
		///
		/// ## Details
		///
		/// [`Config::ModelDeposit`] is held from the owner. Names are not unique. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::InvalidName`]: empty, blank, not UTF-8, or with control characters.
		/// - `Token`: the owner cannot pay the deposit and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::ModelRegistered`] with the model's id.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_model())]
		pub fn register_model(origin: OriginFor<T>, name: Name) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			ensure!(is_valid_name(&name), Error::<T>::InvalidName);

			let model = NextModel::<T>::get();
			let next = model.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			let deposit = T::ModelDeposit::get();

			Self::hold(&owner, deposit)?;
			NextModel::<T>::put(next);
			Models::<T>::insert(
				model,
				Model {
					owner: owner.clone(),
					name: name.clone(),
					versions: 0,
					open_versions: 0,
					last_close: 0,
					offered_to: None,
					deposit,
				},
			);
			Self::deposit_event(Event::ModelRegistered { model, owner, name });
			Ok(())
		}

		/// Add a version to a model. It is open at once, and immutable: its files, licence, meter,
		/// shares, parents and royalty stay as they are for ever.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// [`Config::VersionDeposit`] and, for each contributor, [`Config::RowDeposit`] are held from
		/// the owner. The licence must be allowed now; taking it off the list later leaves the version
		/// as it is. Rows are numbered from 0 in the order of `contributors`; the owner's own are
		/// accepted, the others wait for [`Pallet::accept_row`]. The version owes each of its parents,
		/// and each of their ancestors, that version's royalty once. The contest window begins. The
		/// cost grows with the numbers of contributors and of parents.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownModel`], [`Error::NotOwner`], [`Error::Barred`].
		/// - [`Error::EmptyArtifact`], [`Error::InvalidUri`], [`Error::LicenceNotAllowed`].
		/// - [`Error::SharesNotWhole`], [`Error::ContributorIsPot`]: the contributor table.
		/// - [`Error::UnknownParent`], [`Error::DuplicateParent`], [`Error::ParentNotSettled`].
		/// - [`Error::RoyaltyTooHigh`], [`Error::TooManyAncestors`], [`Error::RoyaltiesTooHigh`].
		/// - [`Error::InvalidTensorRoot`].
		/// - [`Error::ManifestExists`]: the same manifest stands in another version.
		/// - `Token`: the owner cannot pay the deposit and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::VersionAdded`] with the version's id.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_version(
			contributors.len() as u32,
			parents.len() as u32,
		))]
		pub fn add_version(
			origin: OriginFor<T>,
			model: ModelId,
			manifest_hash: Hash,
			size: u64,
			licence: Licence,
			metadata_uri: Uri,
			metadata_hash: Hash,
			meter: Meter,
			floor_price: Balance,
			contributors: ContributorTable,
			parents: ParentList,
			royalty: u32,
			tensor_root: Option<TensorRoot>,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut record = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
			ensure!(record.owner == caller, Error::<T>::NotOwner);
			ensure!(Barred::<T>::get(&caller) == 0, Error::<T>::Barred);
			ensure!(size > 0, Error::<T>::EmptyArtifact);
			ensure!(is_valid_uri(&metadata_uri), Error::<T>::InvalidUri);
			ensure!(Licences::<T>::contains_key(&licence), Error::<T>::LicenceNotAllowed);
			ensure!(is_whole(contributors.iter().map(|row| row.share)), Error::<T>::SharesNotWhole);
			let pot = Self::pot();
			ensure!(
				contributors.iter().all(|row| row.account != pot),
				Error::<T>::ContributorIsPot
			);
			ensure!(!Manifests::<T>::contains_key(manifest_hash), Error::<T>::ManifestExists);
			ensure!(royalty <= MAX_ROYALTY, Error::<T>::RoyaltyTooHigh);
			ensure!(
				tensor_root.is_none_or(|root| root.is_possible()),
				Error::<T>::InvalidTensorRoot
			);
			let ancestors = Self::flatten(&parents)?;

			let version = NextVersion::<T>::get();
			let next = version.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			let deposit = T::RowDeposit::get()
				.checked_mul(contributors.len() as Balance)
				.and_then(|rows| rows.checked_add(T::VersionDeposit::get()))
				.ok_or(ArithmeticError::Overflow)?;
			record.versions = record.versions.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			record.open_versions =
				record.open_versions.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			record.deposit =
				record.deposit.checked_add(deposit).ok_or(ArithmeticError::Overflow)?;
			let added = Self::now();
			let rows = contributors.into_iter().map(|row| Row::new(row, &caller, added)).collect();
			// The table is as long as the one that was given.
			let rows = RowTable::truncate_from(rows);

			Self::hold(&caller, deposit)?;
			NextVersion::<T>::put(next);
			Models::<T>::insert(model, record);
			Manifests::<T>::insert(manifest_hash, version);
			Contributors::<T>::insert(version, rows);
			Revenue::<T>::insert(version, 0);
			Self::deposit_event(Event::VersionAdded {
				model,
				version,
				manifest_hash,
				floor_price,
				royalty,
				ancestors: ancestors.len() as u32,
			});
			if !parents.is_empty() {
				Parents::<T>::insert(version, parents);
				Ancestors::<T>::insert(version, ancestors);
			}
			Versions::<T>::insert(
				version,
				Version {
					model,
					manifest_hash,
					size,
					licence,
					metadata_uri,
					metadata_hash,
					meter,
					floor: Floor::new(floor_price),
					added,
					closes: None,
					royalty,
					tensor_root,
				},
			);
			Ok(())
		}

		/// Close a version to new requests, for ever: at once, or in a block to come.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the owner of the version's model.
		///
		/// ## Details
		///
		/// What was served before is settled as ever, and its revenue can be claimed. The deposits stay
		/// held, because the version stays on the chain. It cannot be undone or moved to another block.
		/// Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::NotOwner`].
		/// - [`Error::AlreadyDeprecated`].
		/// - [`Error::ClosesInPast`], [`Error::WindowOpen`]: the block.
		///
		/// ## Events
		///
		/// [`Event::VersionDeprecated`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::deprecate())]
		pub fn deprecate(
			origin: OriginFor<T>,
			version: VersionId,
			at: Option<BlockNumber>,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_deprecate(caller, version, at)
		}

		/// Pay a contributor row of a version all that it is due.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody. The money goes to the row's account, whoever calls; to the dividend, if
		/// the row was forfeited.
		///
		/// ## Details
		///
		/// Due is `floor((own part + royalties received) × share / 1,000,000)` over the whole life of
		/// the version, less what the row was paid before: when and how often rows are claimed changes
		/// nothing. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::UnknownRow`].
		/// - [`Error::NotAccepted`], [`Error::NothingDue`], [`Error::OwnerShareHeld`].
		/// - [`Error::AccountCannotHold`]: the account would stay below the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::RevenuePaid`] with the account and the amount.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::claim_revenue())]
		pub fn claim_revenue(origin: OriginFor<T>, version: VersionId, row: u16) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_revenue(version, row)
		}

		/// Put a licence on the list of those under which versions can be added, or take it off.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// Versions that were added under a licence stay when it is taken off the list. Setting what
		/// is set already changes nothing. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::InvalidLicence`]: empty, or not printable ASCII.
		///
		/// ## Events
		///
		/// [`Event::LicenceSet`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_licence())]
		pub fn set_licence(
			origin: OriginFor<T>,
			licence: Licence,
			allowed: bool,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			ensure!(is_valid_licence(&licence), Error::<T>::InvalidLicence);

			if allowed {
				Licences::<T>::insert(&licence, ());
			} else {
				Licences::<T>::remove(&licence);
			}
			Self::deposit_event(Event::LicenceSet { licence, allowed });
			Ok(())
		}

		/// Book all that an ancestor of a version is due to that ancestor's rows.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// Due is the ancestor's royalty on all the version earned since the ancestor entered its
		/// table, less what was moved before. No account's balance changes. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::UnknownAncestor`], [`Error::NothingDue`].
		///
		/// ## Events
		///
		/// [`Event::RoyaltyMoved`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::move_royalty())]
		pub fn move_royalty(
			origin: OriginFor<T>,
			version: VersionId,
			ancestor_index: u16,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_move_royalty(version, ancestor_index)
		}

		/// Accept a contributor row, so that it can be paid.
		///
		/// ## Dispatch Origin
		///
		/// Signed: by anybody who brings the row's account's `signature`, or without one by the row's
		/// account itself.
		///
		/// ## Details
		///
		/// The signature is over the acceptance of this version, row and account, in any of the
		/// [forms](usufruct_primitives::personhood::signed_forms) wallets make. A row can be accepted
		/// until somebody forfeits it. The cost is that of the slowest signature.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::UnknownRow`].
		/// - [`Error::AlreadyAccepted`], [`Error::RowForfeited`].
		/// - [`Error::BadAcceptance`], [`Error::NotRowAccount`].
		///
		/// ## Events
		///
		/// [`Event::RowAccepted`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::accept_row())]
		pub fn accept_row(
			origin: OriginFor<T>,
			version: VersionId,
			row: u16,
			signature: Option<MultiSignature>,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_accept_row(caller, version, row, signature)
		}

		/// Give a row that was not accepted in time to the dividend.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// [`Config::AcceptanceTerm`] blocks after the row was offered. What it is due goes to the
		/// dividend pot now, and whatever it will be due goes there by [`Pallet::claim_revenue`].
		/// Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::UnknownRow`].
		/// - [`Error::AlreadyAccepted`], [`Error::RowForfeited`].
		/// - [`Error::AcceptanceTermRuns`], [`Error::OwnerShareHeld`].
		///
		/// ## Events
		///
		/// [`Event::RevenuePaid`] if anything was due, and [`Event::RowForfeited`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::forfeit_row())]
		pub fn forfeit_row(origin: OriginFor<T>, version: VersionId, row: u16) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_forfeit_row(version, row)
		}

		/// Announce the floor price of a version.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the owner of the version's model.
		///
		/// ## Details
		///
		/// A lower price holds at once, a higher one after [`Config::FloorNotice`] blocks. Either takes
		/// the place of a rise that does not hold yet; announcing the present floor takes that back.
		/// What was agreed under the previous floor stays honest, and what was settled before a rise is
		/// judged by the floors of then. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::NotOwner`].
		/// - [`Error::FloorUnchanged`].
		///
		/// ## Events
		///
		/// [`Event::FloorAnnounced`] with the block it holds from.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::announce_floor())]
		pub fn announce_floor(
			origin: OriginFor<T>,
			version: VersionId,
			price: Balance,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_announce_floor(caller, version, price)
		}

		/// Say that a version is yours.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody but the owner of the version's model.
		///
		/// ## Details
		///
		/// Within the contest window, one contest of the caller's at a time, whoever else contests the
		/// version. [`Config::ContestDeposit`] is held from the caller. The owner's share stays held, and
		/// nobody can name the version as a parent, until
		/// [`Pallet::resolve_contest`] or, after [`Config::ContestTerm`], [`Pallet::lapse_contest`].
		/// Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::OwnVersion`].
		/// - [`Error::WindowOver`], [`Error::ContestOpen`].
		/// - `Token`: the caller cannot pay the deposit and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::VersionContested`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::contest())]
		pub fn contest(
			origin: OriginFor<T>,
			version: VersionId,
			evidence_hash: Hash,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_contest(caller, version, evidence_hash)
		}

		/// Rule on a contest of a version.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::DisputeOrigin`].
		///
		/// ## Details
		///
		/// Dismissed: half of the deposit goes to the owner, the rest to the dividend. Upheld: the
		/// deposit is released, the owner's share and the rows named pass to the contester with all
		/// they are due, and, if the ruling says so, the model with its deposits. Contests by others go
		/// on. The cost is that of the longest table. Possible after the term, too, as long as the contest
		/// has not lapsed.
		///
		/// ## Errors
		///
		/// - [`Error::NoContest`].
		/// - [`Error::UnknownRow`]: the ruling names a row that is not there.
		///
		/// ## Events
		///
		/// [`Event::ContestDismissed`]; or [`Event::ContestUpheld`], after
		/// [`Event::ModelTransferred`] if the model passed over.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::resolve_contest())]
		pub fn resolve_contest(
			origin: OriginFor<T>,
			version: VersionId,
			contester: T::AccountId,
			ruling: Ruling,
		) -> DispatchResult {
			T::DisputeOrigin::ensure_origin(origin)?;
			Self::do_resolve_contest(version, contester, ruling)
		}

		/// Give a contributor row to another account.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the row's account.
		///
		/// ## Details
		///
		/// What the row is due goes with it: claim first to keep it. The other account has
		/// [`Config::AcceptanceTerm`] blocks from now on to accept the row. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::UnknownRow`], [`Error::NotRowAccount`].
		/// - [`Error::RowForfeited`], [`Error::OwnerShareHeld`], [`Error::ContributorIsPot`].
		///
		/// ## Events
		///
		/// [`Event::RowTransferred`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::transfer_row())]
		pub fn transfer_row(
			origin: OriginFor<T>,
			version: VersionId,
			row: u16,
			to: T::AccountId,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_transfer_row(caller, version, row, to)
		}

		/// Offer a model to an account, which becomes its owner by [`Pallet::accept_model`]; or, with
		/// none, take the offer back.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// Takes the place of an offer before. Contributor rows stay whose they are. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownModel`], [`Error::NotOwner`].
		///
		/// ## Events
		///
		/// [`Event::ModelOffered`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::transfer_model())]
		pub fn transfer_model(
			origin: OriginFor<T>,
			model: ModelId,
			to: Option<T::AccountId>,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_transfer_model(caller, model, to)
		}

		/// Take over a model that is offered.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account it is offered to.
		///
		/// ## Details
		///
		/// The deposits for the model and all its versions are held from the caller and released to the
		/// owner before. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownModel`], [`Error::NotOffered`].
		/// - `Token`: the caller cannot pay the deposits and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::ModelTransferred`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::accept_model())]
		pub fn accept_model(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_accept_model(caller, model)
		}

		/// Show that a version holds weights of an older one, of the same model or another.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// At least 10 tensors that stand under both tensor roots, or such as hold 5 % of the newer
		/// version's bytes; those that a still older version holds as well count for nothing in the end.
		/// [`Config::ReuseDeposit`] is held from the caller. It is a claim until nobody has refuted it for
		/// [`Config::RefutationPeriod`] blocks, and takes effect by [`Pallet::confirm_reuse`]; meanwhile
		/// a version whose contest window runs stays unsettled. The cost grows with the number of
		/// tensors.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::NotOlder`], [`Error::NoTensorRoot`].
		/// - [`Error::AlreadyAncestor`], [`Error::AlreadyProven`], [`Error::OwnWeights`].
		/// - [`Error::TensorsNotRising`], [`Error::TooLittleShared`], [`Error::InvalidProof`].
		/// - `Token`: the caller cannot pay the deposit and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::ReuseClaimed`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::prove_reuse(proof.len() as u32))]
		pub fn prove_reuse(
			origin: OriginFor<T>,
			older: VersionId,
			newer: VersionId,
			proof: ReuseProof,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_prove_reuse(caller, older, newer, &proof)
		}

		/// Settle a reuse of weights that was shown after the contest window.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the owner of the older version's model, or [`Config::DisputeOrigin`].
		///
		/// ## Details
		///
		/// Who was barred by it can add versions again, unless another reuse bars it. The same reuse
		/// cannot be shown again. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NothingToSettle`], [`Error::NotOwner`].
		///
		/// ## Events
		///
		/// [`Event::ReuseSettled`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::settle_reuse())]
		pub fn settle_reuse(
			origin: OriginFor<T>,
			older: VersionId,
			newer: VersionId,
		) -> DispatchResult {
			let caller = match T::DisputeOrigin::try_origin(origin) {
				Ok(_) => None,
				Err(origin) => Some(ensure_signed(origin)?),
			};
			Self::do_settle_reuse(caller, older, newer)
		}

		/// Refute a claim of reuse: its tensors are those of a version that is older still.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// `tensors` are those of the claim, in its order, and `found` those of them that stand under the
		/// root of `source`; what is left must be too little to be reuse. Half of the claim's deposit goes
		/// to the caller, the rest to the dividend. If the claim was made in the newer version's contest
		/// window and the source is no ancestor of it yet, the claim passes over to the source, with
		/// [`Config::ReuseDeposit`] held from the caller. Possible until the claim is confirmed. The cost
		/// grows with the number of tensors.
		///
		/// ## Errors
		///
		/// - [`Error::NotOlder`], [`Error::UnknownClaim`], [`Error::UnknownVersion`],
		///   [`Error::NoTensorRoot`].
		/// - [`Error::InvalidProof`], [`Error::TensorsNotRising`], [`Error::StillReuse`].
		/// - `Token`: the caller cannot pay the deposit and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::ReuseRefuted`], and [`Event::ReuseClaimed`] if the claim passes over.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::refute_reuse(tensors.len().max(found.len()) as u32))]
		pub fn refute_reuse(
			origin: OriginFor<T>,
			older: VersionId,
			newer: VersionId,
			tensors: ClaimedTensors,
			source: VersionId,
			found: FoundTensors,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			Self::do_refute_reuse(caller, older, newer, &tensors, source, &found)
		}

		/// Give effect to a claim of reuse that nobody has refuted.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// The deposit returns to who had claimed it. Of a claim that was made within the newer version's
		/// contest window, the older version becomes the newer one's parent, though not while the owner of
		/// the newer one's model contests it: from now on it and its ancestors are due their royalties of
		/// what comes in. If the newer version would owe more than it may, it could not have been added
		/// with its true parents, and is closed, unless both have become one owner's. Of one that was made
		/// later, the owner of the newer version's model can add no versions until
		/// [`Pallet::settle_reuse`]. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownClaim`], [`Error::RefutationPeriodRuns`].
		/// - [`Error::OlderContested`], of a claim of the window; [`Error::ReusePending`], of a later one.
		///
		/// ## Events
		///
		/// [`Event::ReuseProven`] with what came of it.
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::confirm_reuse())]
		pub fn confirm_reuse(origin: OriginFor<T>, newer: VersionId, id: Hash) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_confirm_reuse(newer, id)
		}

		/// End a contest that nobody has ruled on.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// [`Config::ContestTerm`] blocks after it was lodged. Half of the deposit goes to the owner of
		/// the version's model, the rest returns to the contester. Nothing holds the owner's share any
		/// more but the contest window, other contests and claims of reuse. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NoContest`], [`Error::ContestTermRuns`].
		///
		/// ## Events
		///
		/// [`Event::ContestLapsed`].
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::lapse_contest())]
		pub fn lapse_contest(
			origin: OriginFor<T>,
			version: VersionId,
			contester: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_lapse_contest(version, contester)
		}
	}
}
