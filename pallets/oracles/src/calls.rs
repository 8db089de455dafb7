//! The calls, which lead to what does their work; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Become an oracle.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account that will settle.
		///
		/// ## Details
		///
		/// `bond` is held from the caller. `receipt_key` signs the oracle's receipts. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::AlreadyRegistered`].
		/// - [`Error::BelowMinBond`].
		/// - [`Error::InvalidReceiptKey`], [`Error::ReceiptKeyInUse`].
		/// - [`Error::InvalidEndpoint`].
		/// - `Token`: the caller cannot pay the bond and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::OracleRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			bond: Balance,
			receipt_key: PublicKey,
			endpoint: Endpoint,
		) -> DispatchResult {
			let oracle = ensure_signed(origin)?;
			ensure!(!Oracles::<T>::contains_key(&oracle), Error::<T>::AlreadyRegistered);
			ensure!(bond >= T::MinBond::get(), Error::<T>::BelowMinBond);
			ensure!(is_valid_endpoint(&endpoint), Error::<T>::InvalidEndpoint);
			Self::ensure_key_available(&receipt_key)?;

			T::Currency::hold(&HoldReason::Bond.into(), &oracle, bond)?;
			Self::claim_key(receipt_key, &oracle);
			Oracles::<T>::insert(
				&oracle,
				Oracle {
					bond,
					receipt_key,
					endpoint: endpoint.clone(),
					asks: 0,
					settle_limit: SettleLimit::default(),
				},
			);
			Self::deposit_event(Event::OracleRegistered { oracle, bond, receipt_key, endpoint });
			Ok(())
		}

		/// Ask a price for one unit of a model version, or no longer serve it.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// `Some(price)` sets or replaces the ask, `None` removes it; an inactive oracle can only
		/// remove. Channels and requests that were agreed before keep their price. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::Inactive`].
		/// - [`Error::UnknownVersion`], [`Error::VersionDeprecated`], [`Error::BelowFloor`].
		/// - [`Error::TooManyAsks`]: 64 other versions are asked for.
		/// - [`Error::NoAsk`]: there is nothing to remove.
		///
		/// ## Events
		///
		/// [`Event::AskSet`] with the old and the new price.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_ask())]
		pub fn set_ask(
			origin: OriginFor<T>,
			version: VersionId,
			unit_price: Option<Balance>,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let old = Asks::<T>::get(&caller, version);
			match unit_price {
				Some(price) => {
					ensure!(oracle.bond >= T::MinBond::get(), Error::<T>::Inactive);
					let terms = T::Models::terms(version).ok_or(Error::<T>::UnknownVersion)?;
					ensure!(terms.open, Error::<T>::VersionDeprecated);
					ensure!(price >= terms.floor_price, Error::<T>::BelowFloor);
					if old.is_none() {
						ensure!(oracle.asks < MAX_ASKS, Error::<T>::TooManyAsks);
						oracle.asks = oracle.asks.saturating_add(1);
					}
					Asks::<T>::insert(&caller, version, price);
				},
				None => {
					ensure!(old.is_some(), Error::<T>::NoAsk);
					oracle.asks = oracle.asks.saturating_sub(1);
					Asks::<T>::remove(&caller, version);
				},
			}
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::AskSet { oracle: caller, version, old, new: unit_price });
			Ok(())
		}

		/// Add to the bond.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// The amount is held in addition. It may be less than the minimum bond, and may leave the
		/// oracle inactive, if it only wants to settle. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::ZeroAmount`].
		/// - `Token`: the caller cannot pay the amount and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::BondIncreased`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::bond_more())]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			ensure!(amount > 0, Error::<T>::ZeroAmount);
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let bond = oracle.bond.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			oracle.bond = bond;

			T::Currency::hold(&HoldReason::Bond.into(), &caller, amount)?;
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::BondIncreased { oracle: caller, amount, bond });
			Ok(())
		}

		/// Begin to take a free part of the bond out.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// The amount leaves the bond at once and can be withdrawn after [`Config::UnbondingPeriod`].
		/// What is left must be at least the minimum bond, or nothing. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::ZeroAmount`].
		/// - [`Error::BondNotFree`]: more than the bond without its locks.
		/// - [`Error::BelowMinBond`].
		/// - [`Error::UnbondingFull`]: 16 parts are on their way out.
		///
		/// ## Events
		///
		/// [`Event::UnbondingStarted`] with the block in which it is ready.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			ensure!(amount > 0, Error::<T>::ZeroAmount);
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let free = oracle.bond.saturating_sub(Self::locked(&caller));
			ensure!(amount <= free, Error::<T>::BondNotFree);
			let bond = oracle.bond.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
			ensure!(bond == 0 || bond >= T::MinBond::get(), Error::<T>::BelowMinBond);
			oracle.bond = bond;

			let ready_at = Self::now()
				.checked_add(T::UnbondingPeriod::get())
				.ok_or(ArithmeticError::Overflow)?;
			let mut queue = UnbondingQueues::<T>::get(&caller);
			match queue.iter_mut().find(|part| part.ready_at == ready_at) {
				Some(part) => {
					part.amount =
						part.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?
				},
				None => queue
					.try_push(Unbonding { ready_at, amount })
					.map_err(|_| Error::<T>::UnbondingFull)?,
			}

			Self::put_unbonding(&caller, queue);
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::UnbondingStarted { oracle: caller, amount, ready_at, bond });
			Ok(())
		}

		/// Take out all unbonded money that is ready.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// If nothing is bonded or unbonding after that, the oracle is removed with its asks, its
		/// receipt keys can be registered again, and what was held is all free. An oracle that was
		/// slashed of everything has nothing to take out, and is removed by this call all the same. The
		/// cost grows with the asks if they are removed, and is constant otherwise; the difference is
		/// refunded.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::NothingReady`].
		///
		/// ## Events
		///
		/// [`Event::Withdrawn`] if there was something, and [`Event::OracleRemoved`] if it was the last.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::withdraw_unbonded(MAX_ASKS))]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
			let caller = ensure_signed(origin)?;
			let oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let now = Self::now();
			let mut queue = UnbondingQueues::<T>::get(&caller);
			let amount = queue
				.iter()
				.filter(|part| part.ready_at <= now)
				.try_fold(0, |sum: Balance, part| sum.checked_add(part.amount))
				.ok_or(ArithmeticError::Overflow)?;
			queue.retain(|part| part.ready_at > now);
			let nothing_left = queue.is_empty() && oracle.bond == 0;
			ensure!(amount > 0 || nothing_left, Error::<T>::NothingReady);

			if amount > 0 {
				T::Currency::release(&HoldReason::Bond.into(), &caller, amount, Precision::Exact)?;
				Self::put_unbonding(&caller, queue);
				Self::deposit_event(Event::Withdrawn { oracle: caller.clone(), amount });
			}

			// Locks never exceed the bond, so nothing is locked either.
			let mut asks_removed = 0;
			if nothing_left {
				asks_removed = oracle.asks;
				let _ = Asks::<T>::clear_prefix(&caller, MAX_ASKS, None);
				ReceiptKeys::<T>::remove(oracle.receipt_key);
				Self::drop_keys(&caller, |_| true);
				Locks::<T>::remove(&caller);
				Oracles::<T>::remove(&caller);
				Self::deposit_event(Event::OracleRemoved { oracle: caller });
			}
			Ok(Some(T::WeightInfo::withdraw_unbonded(asks_removed)).into())
		}

		/// Serve at another address.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::InvalidEndpoint`].
		///
		/// ## Events
		///
		/// [`Event::EndpointSet`] with the old and the new address.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_endpoint())]
		pub fn set_endpoint(origin: OriginFor<T>, endpoint: Endpoint) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			ensure!(is_valid_endpoint(&endpoint), Error::<T>::InvalidEndpoint);
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let old = core::mem::replace(&mut oracle.endpoint, endpoint.clone());

			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::EndpointSet { oracle: caller, old, new: endpoint });
			Ok(())
		}

		/// Sign receipts with another key.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// The old key is retired: until it is forgotten, after [`Config::UnbondingPeriod`], the oracle
		/// answers for what it says about settlements until this block, and nobody can register it, the
		/// oracle included. Settle everything the old key signed before: what it says about a later
		/// settlement is taken for a thief's. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`].
		/// - [`Error::InvalidReceiptKey`], [`Error::ReceiptKeyInUse`].
		/// - [`Error::TooManyRetiredKeys`]: 8 are not forgotten yet.
		///
		/// ## Events
		///
		/// [`Event::ReceiptKeySet`] with the old and the new key.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_receipt_key())]
		pub fn set_receipt_key(origin: OriginFor<T>, new_key: PublicKey) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			Self::ensure_key_available(&new_key)?;
			let now = Self::now();
			let forgotten_at =
				now.checked_add(T::UnbondingPeriod::get()).ok_or(ArithmeticError::Overflow)?;
			let old = core::mem::replace(&mut oracle.receipt_key, new_key);
			let mut retired = Self::retired_keys(&caller);
			retired
				.try_push(RetiredKey { key: old, retired_at: now, forgotten_at })
				.map_err(|_| Error::<T>::TooManyRetiredKeys)?;

			Self::drop_keys(&caller, |key| key.forgotten_at <= now);
			Self::claim_key(new_key, &caller);
			RetiredKeys::<T>::insert(&caller, retired);
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::ReceiptKeySet {
				oracle: caller,
				old,
				new: new_key,
				forgotten_at,
			});
			Ok(())
		}

		/// Remove the retired keys of an oracle for which it answers no longer.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// They count for nothing already. The fee is returned. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NothingToForget`].
		///
		/// ## Events
		///
		/// [`Event::KeysForgotten`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::forget_keys())]
		pub fn forget_keys(
			origin: OriginFor<T>,
			oracle: T::AccountId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let now = Self::now();
			let keys = Self::drop_keys(&oracle, |key| key.forgotten_at <= now);
			ensure!(keys > 0, Error::<T>::NothingToForget);
			Self::deposit_event(Event::KeysForgotten { oracle, keys });
			Ok(Pays::No.into())
		}

		/// Limit what may be settled within a challenge window.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle. Not for whoever settles in its name.
		///
		/// ## Details
		///
		/// A lower limit holds at once, a higher one, or none, after [`Config::ChallengeWindow`] blocks.
		/// Either takes the place of a rise that does not hold yet. What would be more is not settled;
		/// it can be later, as long as its channel is open. What is locked already counts, and what is
		/// kept for demands, too. See [`limit`]. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::LimitUnchanged`].
		///
		/// ## Events
		///
		/// [`Event::SettleLimitSet`] with the block it holds from.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_settle_limit())]
		pub fn set_settle_limit(origin: OriginFor<T>, limit: Option<Balance>) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let now = Self::now();
			let old = oracle.settle_limit.at(now).present;
			let set = oracle
				.settle_limit
				.set(limit, now, T::ChallengeWindow::get())
				.ok_or(Error::<T>::LimitUnchanged)?;
			oracle.settle_limit = set;

			Oracles::<T>::insert(&caller, oracle);
			let from = set.rise.map_or(now, |rise| rise.from);
			Self::deposit_event(Event::SettleLimitSet { oracle: caller, old, new: limit, from });
			Ok(())
		}
	}
}
