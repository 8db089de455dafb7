//! The calls, which lead to what does their work; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Puts `escrow` aside for the use of a model at an oracle.
		///
		/// ## Dispatch Origin
		/// Signed, by the consumer.
		///
		/// ## Details
		/// The escrow goes on hold in the consumer's account; only claims that `key` signed
		/// vouchers for can take from it. `salt` is above every salt the consumer used before. No
		/// request may cost more than `max_unit_price` per unit. A dishonest oracle can take at
		/// most `max_unacked` beyond what the consumer accepted.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::ZeroLimit`], [`Error::EscrowTooSmall`], [`Error::SaltUsed`],
		///   [`Error::InvalidKey`], [`Error::OracleNotActive`], [`Error::ModelNotOpen`],
		///   [`Error::EscrowFrozen`].
		/// - `FundsUnavailable` if the consumer has too little.
		///
		/// ## Events
		/// - [`Event::ChannelOpened`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::open_channel())]
		pub fn open_channel(
			origin: OriginFor<T>,
			oracle: T::AccountId,
			model: ModelId,
			salt: u64,
			key: PublicKey,
			escrow: Balance,
			max_unit_price: Balance,
			max_unacked: Balance,
		) -> DispatchResult {
			let consumer = ensure_signed(origin)?;
			ensure!(!max_unit_price.is_zero() && !max_unacked.is_zero(), Error::<T>::ZeroLimit);
			ensure!(escrow >= T::MinEscrow::get(), Error::<T>::EscrowTooSmall);
			let unused = LastSalt::<T>::get(&consumer).is_none_or(|last| last < salt);
			ensure!(unused, Error::<T>::SaltUsed);
			ensure!(T::Oracles::is_active(&oracle), Error::<T>::OracleNotActive);
			ensure!(T::Models::is_open(model), Error::<T>::ModelNotOpen);
			ensure!(is_valid_ed25519(&key), Error::<T>::InvalidKey);

			Self::pledge(&consumer, escrow)?;
			LastSalt::<T>::insert(&consumer, salt);
			let channel_id =
				channel_id(&Self::genesis_hash(), consumer.as_ref(), oracle.as_ref(), model, salt);
			let channel = Channel {
				consumer: consumer.clone(),
				oracle: oracle.clone(),
				model,
				key,
				escrow,
				bonus: 0,
				reserved: 0,
				settled_seq: 0,
				settled_total: 0,
				settled_at: 0,
				max_unit_price,
				max_unacked,
				state: ChannelState::Open,
				former_keys: BoundedVec::new(),
				checkpoint: None,
			};
			Channels::<T>::insert(channel_id, channel);
			Self::deposit_event(Event::ChannelOpened {
				channel_id,
				consumer,
				oracle,
				model,
				escrow,
			});
			Ok(())
		}

		/// Adds `amount` to the escrow of a channel.
		///
		/// ## Dispatch Origin
		/// Signed, by the consumer of the channel.
		///
		/// ## Details
		/// The amount goes on hold like the escrow the channel was opened with. Refused once the
		/// channel is closing.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::ZeroAmount`], [`Error::UnknownChannel`], [`Error::NotConsumer`],
		///   [`Error::ChannelClosing`], [`Error::EscrowFrozen`].
		/// - `FundsUnavailable` if the consumer has too little.
		///
		/// ## Events
		/// - [`Event::ToppedUp`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::top_up())]
		pub fn top_up(
			origin: OriginFor<T>,
			channel_id: ChannelId,
			amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::add_to_escrow(&who, channel_id, amount, 0)
		}

		/// Settles a batch of receipts: pays what its claims are due and divides it.
		///
		/// ## Dispatch Origin
		/// Signed, by a registered oracle.
		///
		/// ## Details
		/// `root`, `total` and `count` are the top of the Merkle-sum tree over the receipts,
		/// `claims` say what part of them each channel owes. Claims apply in order. One that breaks
		/// a rule is skipped and named in the event, its receipts can be claimed again later, and
		/// the others are not affected; only what is accepted is paid and locks bond. The event also
		/// says what the free bond lacks where that is the reason.
		///
		/// `batch_no` is the oracle's next one, so submitting a batch again is harmless. Two of the
		/// oracle's settlements that are over are removed.
		///
		/// Costs grow linearly with the number of claims and that of the versions they are for, and
		/// not at all with that of receipts.
		///
		/// ## Errors
		/// Nothing is changed by
		/// - [`Error::NotAnOracle`], [`Error::BatchSettled`], [`Error::BatchTooEarly`],
		///   [`Error::InvalidCount`], [`Error::CountMismatch`], [`Error::TotalMismatch`],
		///   [`Error::ClaimsOverlap`];
		/// - [`Error::NothingAccepted`], also if there are claims that would be in order later.
		///
		/// ## Events
		/// - [`Event::Settled`].
		#[pallet::call_index(2)]
		#[pallet::weight(settle::weight::<T>(claims))]
		pub fn settle(
			origin: OriginFor<T>,
			batch_no: BatchNo,
			root: Hash,
			total: Balance,
			count: u32,
			claims: BoundedVec<Claim, ConstU32<MAX_CLAIMS>>,
		) -> DispatchResult {
			let oracle = ensure_signed(origin)?;
			Self::settle_batch(oracle, batch_no, root, total, count, &claims)
		}

		/// Begins to close a channel; it cannot be cancelled.
		///
		/// ## Dispatch Origin
		/// Signed, by the consumer of the channel.
		///
		/// ## Details
		/// The oracle has the closing window to settle what vouchers cover; the escrow stays on
		/// hold until [`Pallet::finalise_close`].
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::UnknownChannel`], [`Error::NotConsumer`], [`Error::ChannelClosing`].
		///
		/// ## Events
		/// - [`Event::CloseRequested`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::request_close())]
		pub fn request_close(origin: OriginFor<T>, channel_id: ChannelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::begin_closing(channel_id, &who)
		}

		/// Closes a channel for good after its window and returns what is left of its escrow.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody. The consumer need not wait until what was settled last can no longer
		/// be challenged; all others must, or an oracle could settle what nobody asked for and have
		/// the channel forgotten in the same block.
		///
		/// ## Details
		/// Until this is called the oracle can go on settling, also after the window. What a
		/// checkpoint reserves stays for a further window, so that a first call returns only the
		/// rest; one after that window, or when the reserve is settled, closes. The channel's
		/// storage is removed then; its id never exists again. What is left of a bonus goes back to
		/// the commons fund, before anything is the consumer's.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::UnknownChannel`], [`Error::NotClosing`], [`Error::WindowOpen`],
		///   [`Error::Reserved`], [`Error::StillChallengeable`].
		/// - `CannotCreate` if neither the consumer's account nor what is returned is worth an
		///   existential deposit.
		///
		/// ## Events
		/// - [`Event::ChannelClosed`], or [`Event::EscrowReturned`] while something is reserved;
		///   [`Event::BonusReturned`] before it if some of it was a bonus.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::finalise_close())]
		pub fn finalise_close(origin: OriginFor<T>, channel_id: ChannelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::finish_closing(channel_id, &who)
		}

		/// Sets the weights by which settlements are divided from the next close of an epoch on.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// The five weights are set together: they sum to 1,000,000 and each keeps its bounds. A
		/// second call before the epoch closes replaces the first.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::SplitNotWhole`], [`Error::DividendTooLow`], [`Error::CommonsOutOfBounds`],
		///   [`Error::SecurityOutOfBounds`], [`Error::OracleOutOfBounds`], [`Error::ModelTooLow`].
		///
		/// ## Events
		/// - [`Event::SplitScheduled`], and [`Event::SplitChanged`] when the epoch closes.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_split())]
		pub fn set_split(origin: OriginFor<T>, split: Split) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			split.check().map_err(Error::<T>::from)?;
			NextSplit::<T>::put(split);
			Self::deposit_event(Event::SplitScheduled {
				old: CurrentSplit::<T>::get(),
				new: split,
			});
			Ok(())
		}

		/// Moves what is due to the dividend, the commons fund and the validators to their pots.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// A part that its pot could not hold, because both are worth less than an existential
		/// deposit, stays due. The close of an epoch does the same by itself.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::NothingToFlush`].
		///
		/// ## Events
		/// - [`Event::Flushed`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::flush())]
		pub fn flush(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			ensure!(Self::move_pending(), Error::<T>::NothingToFlush);
			Ok(())
		}

		/// Pays an oracle what it has earned.
		///
		/// ## Dispatch Origin
		/// Signed, by the oracle, whether it is still registered or not.
		///
		/// ## Details
		/// All of its credit moves to its free balance.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::NothingToCollect`], [`Error::CannotReceive`].
		///
		/// ## Events
		/// - [`Event::Collected`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::collect())]
		pub fn collect(origin: OriginFor<T>) -> DispatchResult {
			let oracle = ensure_signed(origin)?;
			Self::pay_out(oracle)
		}

		/// Replaces the key that signs a channel's vouchers.
		///
		/// ## Dispatch Origin
		/// Signed, by the consumer of the channel.
		///
		/// ## Details
		/// Vouchers that the old key signed can be settled and lodged for two closing windows, and
		/// one that is lodged stays valid for as long as it is. The new key cannot be replaced before
		/// those are over, and none more than four times. The oracle can answer demands by what any of
		/// them signed.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::UnknownChannel`], [`Error::NotConsumer`], [`Error::KeyUsed`],
		///   [`Error::KeyReplacedRecently`], [`Error::InvalidKey`], [`Error::TooManyKeys`].
		///
		/// ## Events
		/// - [`Event::ChannelKeySet`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_channel_key())]
		pub fn set_channel_key(
			origin: OriginFor<T>,
			channel_id: ChannelId,
			key: PublicKey,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::replace_key(channel_id, &who, key)
		}

		/// Closes a channel at once, because both sides agree.
		///
		/// ## Dispatch Origin
		/// Signed, by the oracle of the channel, which agrees by that.
		///
		/// ## Details
		/// `signature` is that of the channel's present key over the digest of
		/// [`Closing`]: the last receipt and its total, which must be what is settled. The whole
		/// escrow is returned, reserved or not, and the channel's storage is removed.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::UnknownChannel`], [`Error::NotItsOracle`], [`Error::NotSettled`],
		///   [`Error::BadSignature`].
		/// - `CannotCreate` as for [`Pallet::finalise_close`].
		///
		/// ## Events
		/// - [`Event::ChannelClosed`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::close_together())]
		pub fn close_together(
			origin: OriginFor<T>,
			channel_id: ChannelId,
			final_seq: Seq,
			final_total: Balance,
			signature: Signature,
		) -> DispatchResult {
			let oracle = ensure_signed(origin)?;
			let closing = Closing { channel_id, final_seq, final_total };
			Self::close_agreed(&oracle, &closing, &signature)
		}

		/// Lodges a voucher, so that what it covers is safe even if the oracle is down.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// Reserves `min(cap, ack_total + max_unacked)` less what is settled, at most the escrow:
		/// what is reserved can be settled for one further window after the closing window. The
		/// voucher can be settled for as long as the channel exists, even if its key is replaced.
		/// It is replaced only by one that covers more.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::UnknownChannel`], [`Error::CoversNoMore`], [`Error::BadSignature`].
		///
		/// ## Events
		/// - [`Event::Checkpointed`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::checkpoint())]
		pub fn checkpoint(
			origin: OriginFor<T>,
			voucher: Voucher,
			signature: Signature,
		) -> DispatchResult {
			let by = ensure_signed(origin)?;
			Self::lodge(by, &voucher, &signature)
		}

		/// Pays for the use of a model outside the chain, such as in a product.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// The amount is divided like a settlement, but without an oracle: each other party's
		/// weight is taken of what the weights sum to without the oracle's. A version that is
		/// deprecated still earns. The payer's account is not emptied below its existential
		/// deposit. `memo` says what it is for; the chain does not read it.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::ZeroAmount`], [`Error::UnknownVersion`].
		/// - `FundsUnavailable`, `NotExpendable` or `Frozen` if the payer has too little to spend.
		///
		/// ## Events
		/// - [`Event::RoyaltyPaid`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::pay_royalty())]
		pub fn pay_royalty(
			origin: OriginFor<T>,
			version: VersionId,
			amount: Balance,
			memo: Memo,
		) -> DispatchResult {
			let payer = ensure_signed(origin)?;
			Self::divide_royalty(payer, version, amount, memo)
		}

		/// Lists an organisation, or takes it from the list.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Fees for the models of a listed organisation are counted for it alone from now on, and
		/// may be a fifth of all before they are damped. Those of all owners that are neither
		/// listed nor verified people are counted as one owner's, with a tenth. A listed account
		/// of a verified person is counted as that person's.
		///
		/// Costs the same always.
		///
		/// ## Events
		/// - [`Event::OrganisationSet`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::set_organisation())]
		pub fn set_organisation(
			origin: OriginFor<T>,
			account: T::AccountId,
			listed: bool,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			if listed {
				Organisations::<T>::insert(&account, ());
			} else {
				Organisations::<T>::remove(&account);
			}
			Self::deposit_event(Event::OrganisationSet { account, listed });
			Ok(())
		}

		/// Sets how strongly concentration is damped, from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Of what the models of an owner with the share s of all fees earn, `slope × max(0, s −
		/// limit) / s` is the dividend's; 1,000,000 takes all that is above the limit.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::SlopeTooSteep`].
		///
		/// ## Events
		/// - [`Event::SlopeSet`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::set_slope())]
		pub fn set_slope(origin: OriginFor<T>, slope: u32) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			ensure!(slope <= PPM, Error::<T>::SlopeTooSteep);
			let old = Slope::<T>::get();
			Slope::<T>::put(slope);
			Self::deposit_event(Event::SlopeSet { old, new: slope });
			Ok(())
		}

		/// Reports that an oracle stands by two receipts where there can be only one.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// Two different receipts of one number of a channel, or two for one request, each signed
		/// or under the root of a batch that can be challenged. The first such batch is slashed, and
		/// `claims` are its claims. If neither is settled they are not read, and a tenth of the free
		/// bond is slashed, once for each receipt key. A key that was replaced convicts only beside
		/// what was settled until then.
		///
		/// `opening` says who the consumer is if the channel is closed for good.
		///
		/// Costs grow with the siblings in the proofs, the claims and the signatures.
		///
		/// ## Errors
		/// - [`Error::NotItsKey`], [`Error::ReceiptNotSigned`], [`Error::UnknownBatch`],
		///   [`Error::ChallengeOver`], [`Error::InvalidProof`], [`Error::NoFraud`],
		///   [`Error::KeyRetired`], [`Error::WrongOpening`], [`Error::WrongClaims`],
		///   [`Error::BatchSlashed`], [`Error::AlreadyReported`], [`Error::NothingToSlash`],
		///   [`Error::UnknownChannel`].
		///
		/// ## Events
		/// - [`Event::OracleConvicted`].
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::report_double(
			first.siblings().max(second.siblings()),
			claims.len() as u32,
		).saturating_add(T::WeightInfo::signed_receipt().saturating_mul(
			first.signatures().saturating_add(second.signatures()),
		)))]
		pub fn report_double(
			origin: OriginFor<T>,
			oracle: T::AccountId,
			first: Evidence,
			second: Evidence,
			claims: SubmittedClaims,
			opening: Option<Opening>,
		) -> DispatchResult {
			let reporter = ensure_signed(origin)?;
			Self::prove_double(reporter, &oracle, &first, &second, &claims, opening)
		}

		/// Reports a leaf of a batch that breaks a rule.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// With its receipt, a leaf must fit it, its version and channel, the claims of the batch
		/// and, if it is given, the request. Without, only its amount is compared with its claim;
		/// what else it may hide is for [`Pallet::demand`].
		///
		/// `opening` says who the consumer is if the channel is closed for good.
		///
		/// Costs grow with the siblings in the proof and the claims.
		///
		/// ## Errors
		/// - [`Error::UnknownBatch`], [`Error::BatchSlashed`], [`Error::ChallengeOver`],
		///   [`Error::WrongClaims`], [`Error::InvalidProof`], [`Error::WrongOpening`],
		///   [`Error::WrongRequest`], [`Error::NotCovered`], [`Error::NotItsPlace`],
		///   [`Error::NoFraud`], [`Error::UnknownChannel`].
		///
		/// ## Events
		/// - [`Event::OracleConvicted`].
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::report_leaf(
			proof.siblings.len() as u32,
			claims.len() as u32,
		))]
		pub fn report_leaf(
			origin: OriginFor<T>,
			oracle: T::AccountId,
			batch_no: BatchNo,
			claims: SubmittedClaims,
			shown: ShownLeaf,
			proof: LeafProof,
			opening: Option<Opening>,
		) -> DispatchResult {
			let reporter = ensure_signed(origin)?;
			Self::prove_leaf(reporter, &oracle, batch_no, &claims, &shown, &proof, opening)
		}

		/// Reports two adjacent leaves of a batch that do not follow each other.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// They are out of order, or of one channel with a gap between them or with totals that do
		/// not add. The consumer is that of the right one.
		///
		/// `opening` says who that is if the channel is closed for good.
		///
		/// Costs grow with the siblings in the proofs and the claims.
		///
		/// ## Errors
		/// - [`Error::UnknownBatch`], [`Error::BatchSlashed`], [`Error::ChallengeOver`],
		///   [`Error::WrongClaims`], [`Error::NotAdjacent`], [`Error::InvalidProof`],
		///   [`Error::NoFraud`], [`Error::WrongOpening`], [`Error::UnknownChannel`].
		///
		/// ## Events
		/// - [`Event::OracleConvicted`].
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::report_pair(
			left.proof.siblings.len().max(right.proof.siblings.len()) as u32,
			claims.len() as u32,
		))]
		pub fn report_pair(
			origin: OriginFor<T>,
			oracle: T::AccountId,
			batch_no: BatchNo,
			claims: SubmittedClaims,
			left: SettledReceipt,
			right: SettledReceipt,
			opening: Option<Opening>,
		) -> DispatchResult {
			let reporter = ensure_signed(origin)?;
			Self::prove_pair(reporter, &oracle, batch_no, &claims, &left, &right, opening)
		}

		/// Demands that an oracle show a receipt it was paid for, and the voucher that asked for it.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody. The consumer of the channel has room of its own for demands.
		///
		/// ## Details
		/// A deposit goes on hold: the oracle's if it answers, returned if it does not. The lock of
		/// the batch is kept as long as a demand about it is open. Possible while the batch can be
		/// challenged; whoever wants to act upon the answer leaves time for that.
		///
		/// Costs grow with the claims.
		///
		/// ## Errors
		/// - [`Error::UnknownBatch`], [`Error::BatchSlashed`], [`Error::ChallengeOver`],
		///   [`Error::WrongClaims`], [`Error::NotCovered`], [`Error::UnknownChannel`],
		///   [`Error::AlreadyDemanded`], [`Error::TooManyDemands`], [`Error::EscrowFrozen`].
		/// - `FundsUnavailable` if the caller has too little.
		///
		/// ## Events
		/// - [`Event::Demanded`].
		#[pallet::call_index(23)]
		#[pallet::weight(T::WeightInfo::demand(claims.len() as u32))]
		pub fn demand(
			origin: OriginFor<T>,
			oracle: T::AccountId,
			batch_no: BatchNo,
			claims: SubmittedClaims,
			channel_id: ChannelId,
			seq: Seq,
		) -> DispatchResult {
			let by = ensure_signed(origin)?;
			Self::open_demand(by, oracle, batch_no, &claims, channel_id, seq)
		}

		/// Answers a demand.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody, on behalf of the oracle.
		///
		/// ## Details
		/// The receipt must keep every rule and the channel's key must have signed the voucher.
		/// Also possible after the term, until somebody enforces the demand.
		///
		/// Costs grow with the siblings in the proof.
		///
		/// ## Errors
		/// - [`Error::UnknownDemand`], [`Error::BatchSlashed`], [`Error::InvalidProof`],
		///   [`Error::NoAnswer`], [`Error::WrongVoucher`], [`Error::VoucherNotSigned`].
		///
		/// ## Events
		/// - [`Event::DemandAnswered`].
		#[pallet::call_index(24)]
		#[pallet::weight(T::WeightInfo::answer_demand(answer.proof.siblings.len() as u32))]
		pub fn answer_demand(
			origin: OriginFor<T>,
			oracle: T::AccountId,
			batch_no: BatchNo,
			answer: Answer,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::meet_demand(oracle, batch_no, answer)
		}

		/// Slashes an oracle that did not answer a demand in time.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody. The reporter's part is that of whoever demanded.
		///
		/// ## Details
		/// The deposit is returned. If the batch was slashed meanwhile, that is all that happens,
		/// and there is no need to wait for the term.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::UnknownDemand`], [`Error::NotDue`].
		///
		/// ## Events
		/// - [`Event::OracleConvicted`], [`Event::DepositReturned`].
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::enforce_demand())]
		pub fn enforce_demand(
			origin: OriginFor<T>,
			oracle: T::AccountId,
			batch_no: BatchNo,
			channel_id: ChannelId,
			seq: Seq,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::close_demand(oracle, batch_no, channel_id, seq)
		}

		/// Removes settlements of an oracle that can no longer be challenged.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// The 16 oldest, or those before the first that can. The fee is returned.
		///
		/// Costs grow with the settlements.
		///
		/// ## Errors
		/// - [`Error::NothingToSweep`].
		///
		/// ## Events
		/// - [`Event::BatchesSwept`].
		#[pallet::call_index(26)]
		#[pallet::weight(T::WeightInfo::sweep_batches(MAX_SWEPT))]
		pub fn sweep_batches(
			origin: OriginFor<T>,
			oracle: T::AccountId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let swept = Self::sweep_oracle(oracle)?;
			Ok((Some(T::WeightInfo::sweep_batches(swept)), Pays::No).into())
		}

		/// Removes the fees of an owner that count for nothing any more.
		///
		/// ## Dispatch Origin
		/// Signed, by anybody.
		///
		/// ## Details
		/// Possible once an epoch has closed in which nothing was paid for the owner's models. The fee
		/// is returned.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::NothingToSweep`].
		///
		/// ## Events
		/// - [`Event::FeesSwept`].
		#[pallet::call_index(27)]
		#[pallet::weight(T::WeightInfo::sweep_fees())]
		pub fn sweep_fees(origin: OriginFor<T>, owner: Owner) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::sweep_owner(owner)?;
			Ok(Pays::No.into())
		}
	}
}
