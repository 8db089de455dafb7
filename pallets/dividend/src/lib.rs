//! The dividend: a pot that is divided equally among all recognised people, epoch by epoch.
//!
//! ## Overview
//!
//! Money flows into the [pot](Pallet::pot) from wherever it comes; nobody reports it. When an
//! *epoch* closes, what the pot holds and does not yet owe is divided by the number of people who
//! share in that epoch. From then on each of them may claim, at no fee and from an account that
//! holds nothing: one call pays all closed epochs not yet claimed, however many.
//! What nobody claims within the *claim window* is *swept*: it is no longer owed, and so is divided
//! again.
//!
//! Alice is recognised in epoch 3 and shares from epoch 4 on. She claims in epoch 9 and is paid
//! epochs 4 to 8. Bob shares in the same epochs and never claims; epoch by epoch, as the window
//! passes, his part returns to everybody. Carol's recognition ran out in epoch 8 and was renewed in
//! epoch 12: she is paid what she is still due of the time before, and shares again from epoch 13.
//!
//! ### Dora never comes
//!
//! Dora has no device that speaks to the chain. A kiosk, a relative or anybody else claims for her:
//! [`claim_for`](Pallet::claim_for) needs no signature and no fee, because it can only pay the account
//! that she chose. Whoever wants nobody to do that says so once.
//!
//! ### Mallory steals a key
//!
//! With the key of Alice's account Mallory names an account of her own as the payout. That takes a
//! whole epoch at least. Alice recovers her account meanwhile, and the change is withdrawn.
//!
//! ### Something is wrong
//!
//! Claims and closes can be paused for a short while. Nothing moves meanwhile, and the open epoch
//! becomes longer; the pause ends by itself and cannot be repeated soon.
//!
//! ### Clara teaches a machine her language
//!
//! Governance opens a *programme* for people whom communities attest: for a year they share in two
//! per cent of what flows in. Clara joins, and claims of it beside her dividend. The programme has a
//! pot and books of its own, kept by the same rules; what it does not use returns to everybody, and
//! what came of it can be read.
//!
//! ## Terms
//!
//! - *Interval* of a person: the first and the last epoch it shares in. It starts with the epoch
//!   after recognition and lasts a *term*; renewal moves its end.
//! - *Liability*: what is promised and not yet paid. Only the rest of the pot is ever divided.
//! - *Owed*: what was put aside (*settled*) for a person: what it was due of an earlier interval when
//!   it was renewed after a lapse, or of all closed epochs when it was frozen. It is never swept.
//! - *Payout*: the account that is paid; the person's own, unless it names another.
//! - *Carried*: what a close leaves undivided (rounding, or a share below the minimum). It is
//!   simply still in the pot at the next close.
//!
//! ## Low Level / Implementation Details
//!
//! Nobody is ever iterated: every call and every close is constant work, whatever the number of
//! people and of epochs.
//!
//! - Two counters per epoch, `join` and `leave`, are the differences of the number of people who
//!   share; their running sum is [`Totals::active`].
//! - `cum` of an epoch is the sum of the shares of all epochs before it, so that a claim of a range
//!   of epochs is one subtraction.
//! - Two more counters, `claim_in` and `claim_out`, are the differences of the number of people who
//!   claimed; their running sum, taken as epochs leave the window, says exactly how much of an
//!   epoch was left unclaimed. There is no record per claim.
//!
//! [`Epochs`] has a row for each epoch that is not swept, and for those to come in which somebody's
//! interval starts or ends. Rows before [`Totals::next_sweep`] are gone and never come back.
//!
//! No call takes money out of the pot but a claim. A close gives programmes their part of what arrived
//! since the last one, and of nothing that was there before. See `invariants.rs` for what always
//! holds, of every pot.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod channel;
mod claim;
mod electorate;
mod epoch;
mod interval;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
mod ledger;
mod pause;
mod payout;
mod programme;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{
	Bounds, Classes, Epoch, Limits, OpenEpoch, OutOfBounds, Outcome, Parameters, Pause, Payout,
	PayoutChange, Programme, ProgrammeId, Share, Terms, Totals, MAX_PROGRAMMES,
	MAX_PROGRAMME_EPOCHS,
};
pub use weights::WeightInfo;

pub(crate) const LOG_TARGET: &str = "runtime::dividend";

#[frame_support::pallet]
#[allow(missing_docs)] // What the macro generates has none.
pub mod pallet {
	use super::*;
	use crate::ledger::Ledger;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{Inspect, Mutate},
			tokens::Preservation,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::{traits::Zero, SaturatedConversion};
	use usufruct_primitives::{
		traits::{Attested, ChannelTopUp, Holders, OnEpochClose, People},
		Balance, BlockNumber, ChannelId, EpochIndex, PersonId, PPM,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The money that is divided.
		type Currency: Mutate<Self::AccountId, Balance = Balance>;

		/// Who is whose account, and who may claim.
		type People: People<Self::AccountId> + Holders<Self::AccountId> + Attested;

		/// Where a dividend can be put as credit.
		type Channels: ChannelTopUp<Self::AccountId>;

		/// Told of each close before the pot is divided: what it moves into the pot then is part of
		/// that close.
		type OnEpochClose: OnEpochClose;

		/// Gives the account of the pot.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The commons fund, which pays the bonus on credit.
		#[pallet::constant]
		type CommonsPot: Get<Self::AccountId>;

		/// The most the bonus may be now, in parts per million of the credit: half of what the
		/// dividend, the commons fund and the validators get of each payment, or paying oneself
		/// would pay.
		type BonusCeiling: Get<u32>;

		/// The most that all programmes together may get of what flows in, in parts per million.
		#[pallet::constant]
		type ProgrammeCeiling: Get<u32>;

		/// What governance may set the parameters to.
		type Bounds: Get<Bounds>;

		/// The longest pause, in blocks.
		#[pallet::constant]
		type MaxPause: Get<BlockNumber>;

		/// How many blocks pass between the end of a pause and the next one.
		#[pallet::constant]
		type PauseInterval: Get<BlockNumber>;

		/// Who may pause.
		type PauseOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who sets the parameters and the bonus.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls and of the two kinds of block: with and without a close.
		type WeightInfo: WeightInfo;
	}

	/// What governs epochs. Always whole and within its bounds, see [`Parameters::check`].
	#[pallet::storage]
	pub type Params<T> = StorageValue<_, Parameters, ValueQuery, DefaultParams<T>>;

	/// The parameters of a chain that set none.
	#[pallet::type_value]
	pub fn DefaultParams<T: Config>() -> Parameters {
		Parameters::defaults(T::Currency::minimum_balance())
	}

	/// The parameters from the next epoch on, if they are to change.
	#[pallet::storage]
	pub type NextParams<T> = StorageValue<_, Parameters>;

	/// The last pause, or the one that holds now.
	#[pallet::storage]
	pub type LastPause<T> = StorageValue<_, Pause>;

	/// What the commons fund adds to credit, in parts per million; nothing at first.
	#[pallet::storage]
	pub type Bonus<T> = StorageValue<_, u32, ValueQuery>;

	/// The state of the whole: one value, because every close and claim reads all of it.
	#[pallet::storage]
	pub type Books<T> = StorageValue<_, Totals, ValueQuery>;

	/// Epochs not yet swept, and those to come in which somebody's interval starts or ends. At most
	/// one window of the past and one term of the future.
	// Twox64Concat: the chain counts the epochs, nobody can choose a key.
	#[pallet::storage]
	pub type Epochs<T> = StorageMap<_, Twox64Concat, EpochIndex, Epoch, ValueQuery>;

	/// The share of each person, until it is [forgotten](usufruct_primitives::traits::Eligibility::forget).
	// Twox64Concat: person ids are dense and given by the chain, nobody can choose a key.
	#[pallet::storage]
	pub type Shares<T> = StorageMap<_, Twox64Concat, PersonId, Share>;

	/// Where the dividend of each person is paid that is not, or will not be, paid on its own account.
	// Twox64Concat: person ids are dense and given by the chain, nobody can choose a key.
	#[pallet::storage]
	pub type Payouts<T: Config> = StorageMap<_, Twox64Concat, PersonId, Payout<T::AccountId>>;

	/// The people for whom nobody else may claim.
	// Twox64Concat: person ids are dense and given by the chain, nobody can choose a key.
	#[pallet::storage]
	pub type ClaimsAlone<T> = StorageMap<_, Twox64Concat, PersonId, ()>;

	/// What could be divided and was not at the last close, and what was forfeited or returned since:
	/// it flowed in before, and no programme gets a part of it again.
	#[pallet::storage]
	pub type Counted<T> = StorageValue<_, Balance, ValueQuery>;

	/// The number of the next programme.
	#[pallet::storage]
	pub type NextProgramme<T> = StorageValue<_, ProgrammeId, ValueQuery>;

	/// The programmes that still open epochs, or of which something can still be claimed.
	#[pallet::storage]
	pub type Running<T> =
		StorageValue<_, BoundedVec<ProgrammeId, ConstU32<MAX_PROGRAMMES>>, ValueQuery>;

	/// All programmes there ever were, so that what came of them can be read.
	// Twox64Concat: the chain counts the programmes, nobody can choose a key.
	#[pallet::storage]
	pub type Programmes<T> = StorageMap<_, Twox64Concat, ProgrammeId, Programme>;

	/// The epochs of programmes, as [`Epochs`].
	// Twox64Concat both: the chain counts programmes and epochs.
	#[pallet::storage]
	pub type ProgrammeEpochs<T> =
		StorageDoubleMap<_, Twox64Concat, ProgrammeId, Twox64Concat, EpochIndex, Epoch, ValueQuery>;

	/// The shares of those who joined a programme, until they are forgotten by
	/// [`Pallet::leave_programme`].
	// Twox64Concat both: the chain counts programmes and gives person ids.
	#[pallet::storage]
	pub type ProgrammeShares<T> =
		StorageDoubleMap<_, Twox64Concat, ProgrammeId, Twox64Concat, PersonId, Share>;

	/// Parameters at genesis. A field left zero takes its default: 7 days, a window of 26 epochs, a
	/// term of 52, a minimum of one existential deposit per head, 1,000 people.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Length of an epoch, in blocks.
		pub epoch_length: BlockNumber,
		/// For how many epochs after its own an epoch can be claimed.
		pub claim_window: u32,
		/// For how many epochs a recognition lasts.
		pub term: u32,
		/// The least a share may be, in planck; below it everything is carried.
		pub min_per_head: Balance,
		/// The pot is divided by at least this number, so that the first few do not take all.
		pub min_people: u32,
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			fn or<N: Zero + Copy>(given: N, default: N) -> N {
				if given.is_zero() {
					default
				} else {
					given
				}
			}
			let minimum = T::Currency::minimum_balance();
			let defaults = Parameters::defaults(minimum);
			let params = Parameters {
				epoch_length: or(self.epoch_length, defaults.epoch_length),
				claim_window: or(self.claim_window, defaults.claim_window),
				term: or(self.term, defaults.term),
				min_per_head: or(self.min_per_head, defaults.min_per_head),
				min_people: or(self.min_people, defaults.min_people),
			};
			params
				.check(&Bounds::loosest(minimum))
				.expect("the parameters of the dividend are within their bounds");
			Params::<T>::put(params);
			Books::<T>::put(Totals { closes_at: params.epoch_length, ..Default::default() });

			let pot = Pallet::<T>::pot();
			let missing = minimum.saturating_sub(T::Currency::balance(&pot));
			if !missing.is_zero() {
				T::Currency::mint_into(&pot, missing).expect("genesis can make an account");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An epoch was closed and the pot divided.
		EpochClosed {
			/// The epoch that was open until this block.
			epoch: EpochIndex,
			/// How many people shared in it.
			eligible: u32,
			/// What each of them may claim for it.
			per_head: Balance,
			/// `per_head` times `eligible`: what the pot owes from now on for this epoch.
			distributed: Balance,
			/// What was left undivided; it stays in the pot and is divided again at the next close.
			carried: Balance,
			/// What was left unclaimed of epochs that left the claim window in this block; it was
			/// divided again.
			swept: Balance,
		},
		/// A person was paid.
		Claimed {
			/// Who.
			person: PersonId,
			/// The account that was paid.
			account: T::AccountId,
			/// The first epoch paid for.
			from: EpochIndex,
			/// The last epoch paid for; less than `from` if only settled money was paid.
			to: EpochIndex,
			/// All that was paid, settled money included.
			amount: Balance,
		},
		/// What a person was still due is put aside, because it was renewed after a lapse or was
		/// frozen: it is owed to it from now on, and never swept.
		Settled {
			/// Who.
			person: PersonId,
			/// The first epoch settled.
			from: EpochIndex,
			/// The last epoch settled.
			to: EpochIndex,
			/// The sum of these epochs.
			amount: Balance,
		},
		/// A person was revoked: what was owed to it returns to the pot.
		Forfeited {
			/// Who.
			person: PersonId,
			/// What was owed.
			amount: Balance,
		},
		/// A claim went into a channel of the account that was paid, as credit for the use of models.
		Credited {
			/// Who.
			person: PersonId,
			/// The account that was paid, and whose channel it is.
			account: T::AccountId,
			/// The channel.
			channel: ChannelId,
			/// What of the claim is in it now; the rest is free in the account.
			credit: Balance,
			/// What the commons fund added.
			bonus: Balance,
		},
		/// A person named the account that its dividend is paid to.
		PayoutSet {
			/// Who.
			person: PersonId,
			/// The account that is paid until then.
			old: T::AccountId,
			/// The account that is paid then.
			new: T::AccountId,
			/// The epoch that is open when the change takes effect; the open one if there is
			/// nothing to change.
			from: EpochIndex,
		},
		/// A change of payout was withdrawn before it took effect, because the person moves to
		/// another account.
		PayoutChangeWithdrawn {
			/// Who.
			person: PersonId,
			/// The account that would have been paid; none for the person's own.
			account: Option<T::AccountId>,
		},
		/// A person said whether it alone may claim.
		ClaimsAloneSet {
			/// Who.
			person: PersonId,
			/// Whether nobody else may.
			alone: bool,
		},
		/// Somebody gave money to all people.
		Donated {
			/// Who.
			donor: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// Claims and closes are paused.
		Paused {
			/// The first block without a pause, unless it is ended before.
			until: BlockNumber,
		},
		/// A pause was ended before its time.
		Resumed {
			/// The first block of the pause.
			from: BlockNumber,
		},
		/// The parameters change with the next epoch.
		ParamsScheduled {
			/// The present ones.
			old: Parameters,
			/// The next ones.
			new: Parameters,
		},
		/// The parameters changed with the epoch that opened.
		ParamsChanged {
			/// Those until now.
			old: Parameters,
			/// Those from now on.
			new: Parameters,
		},
		/// A programme begins with the next epoch.
		ProgrammeOpened {
			/// Its number.
			programme: ProgrammeId,
			/// What it is.
			terms: Terms,
		},
		/// A person shares in a programme.
		ProgrammeJoined {
			/// Its number.
			programme: ProgrammeId,
			/// Who.
			person: PersonId,
			/// The first epoch it shares in.
			from: EpochIndex,
			/// The last one.
			until: EpochIndex,
		},
		/// A person does not share in a programme any more.
		ProgrammeLeft {
			/// Its number.
			programme: ProgrammeId,
			/// Who.
			person: PersonId,
		},
		/// An epoch of a programme was closed and its pot divided, as that of all people.
		ProgrammeEpochClosed {
			/// Its number.
			programme: ProgrammeId,
			/// The epoch that was open until this block.
			epoch: EpochIndex,
			/// What the programme got of what flowed in.
			received: Balance,
			/// How many people shared in it.
			eligible: u32,
			/// What each of them may claim for it.
			per_head: Balance,
			/// `per_head` times `eligible`.
			distributed: Balance,
			/// What was left undivided.
			carried: Balance,
			/// What was left unclaimed of epochs that left the claim window in this block.
			swept: Balance,
		},
		/// A person was paid from a programme.
		ProgrammeClaimed {
			/// Its number.
			programme: ProgrammeId,
			/// Who.
			person: PersonId,
			/// The account that was paid.
			account: T::AccountId,
			/// The first epoch paid for.
			from: EpochIndex,
			/// The last epoch paid for.
			to: EpochIndex,
			/// What was paid.
			amount: Balance,
		},
		/// The last epoch of a programme was swept. What was left is everybody's.
		ProgrammeEnded {
			/// Its number.
			programme: ProgrammeId,
			/// What became of it.
			outcome: Outcome,
		},
		/// What the commons fund adds to credit changed, in parts per million.
		BonusSet {
			/// It was.
			old: u32,
			/// It is.
			new: u32,
		},
	}

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
		/// A programme gets a part, lasts between one and 104 epochs, and is divided by one at least.
		/// Correct its terms.
		EmptyProgramme,
		/// There is no programme of this number. Look it up.
		NoProgramme,
		/// This programme is for people whom verifiers of other classes attested.
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
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Closes the open epoch if it is due. At most one per block: a pause or a stall makes one
		/// epoch longer, and never several overdue.
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let now = now.saturated_into::<BlockNumber>();
			if now < Books::<T>::get().closes_at || Self::is_paused() {
				return T::WeightInfo::idle();
			}
			let programmes = Running::<T>::decode_len().unwrap_or(0).saturated_into();
			Self::close(now);
			T::WeightInfo::close()
				.saturating_add(T::WeightInfo::close_programme().saturating_mul(programmes))
		}

		fn integrity_test() {
			assert!(T::MaxPause::get() > 0 && T::PauseInterval::get() > 0, "a pause has an end");
			assert!(T::CommonsPot::get() != Self::pot(), "the pot pays no bonus");
			assert!(T::ProgrammeCeiling::get() < PPM, "something is left for all people");
			let pots =
				[Self::pot(), Ledger::<T>::programme(0).pot(), Ledger::<T>::programme(1).pot()];
			assert!(
				pots[0] != pots[1] && pots[1] != pots[2] && pots[2] != pots[0],
				"accounts are wide enough for the pots of programmes"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

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
			ensure_signed(origin.clone()).is_ok_and(|who| Pallet::<T>::due(&who).is_ok())
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
		/// is stale once the person is paid, and of the future while the person must wait.
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
		/// the fund has it. No fee if it succeeds: whether it would is found out by making and
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
		// Made once, and rehearsed by whoever asks whether it is free: the free lane, and payment.
		#[pallet::weight(T::WeightInfo::claim_to_channel().saturating_mul(3))]
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
		/// certain classes attested share in a part of what flows in.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// `share` is in parts per million of what arrives in the pot of all people from the next
		/// epoch on, before it is divided; what is in the pot already is not touched, and neither is
		/// what is carried, forfeited or swept. Who may join is said by `classes`, or is everybody if
		/// there are none. The programme has a pot of its own, which is divided by the same rules
		/// among those who joined, but by `min_people` at least. Nobody can change or end it.
		///
		/// ## Errors
		///
		/// - [`Error::EmptyProgramme`]: no share, no or too many epochs, or nobody to divide by.
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
			epochs: u32,
			min_people: u32,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_open_programme(share, classes, epochs, min_people)
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
		// The verifiers of a person are read, at most five of them, beside what is measured.
		#[pallet::weight(
			T::WeightInfo::join_programme().saturating_add(T::DbWeight::get().reads(5))
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
		/// - [`Error::StillEligible`]: it shares in the dividend as long, or its share is over.
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
				.is_ok_and(|who| Pallet::<T>::due_of_programme(*programme, &who).is_ok())
		})]
		pub fn claim_programme(origin: OriginFor<T>, programme: ProgrammeId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let due = Self::due_of_programme(programme, &who)?;
			Self::pay_of_programme(programme, due)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a claim by this account would pay now, in planck; 0 if it would fail.
		pub fn claimable(account: T::AccountId) -> Balance {
			Self::due(&account).map_or(0, |due| due.amount)
		}

		/// A programme: its terms, where it stands, and what became of it.
		pub fn programme(id: ProgrammeId) -> Option<Programme> {
			Programmes::<T>::get(id)
		}

		/// The programmes that still open epochs, or of which something can still be claimed.
		pub fn programmes() -> Vec<ProgrammeId> {
			Running::<T>::get().into_inner()
		}

		/// A closed epoch of a programme that is not swept yet.
		pub fn programme_epoch(id: ProgrammeId, index: EpochIndex) -> Option<Epoch> {
			let totals = Programmes::<T>::get(id)?.totals;
			let closed = (totals.next_sweep..totals.epoch).contains(&index);
			closed.then(|| ProgrammeEpochs::<T>::get(id, index))
		}

		/// What a claim of a programme by this account would pay now, in planck; 0 if it would fail.
		pub fn claimable_of_programme(id: ProgrammeId, account: T::AccountId) -> Balance {
			Self::due_of_programme(id, &account).map_or(0, |due| due.amount)
		}

		/// The account that a claim by this account would pay now, and the change that waits, if one
		/// does; none if no person has this account.
		pub fn payout(
			account: T::AccountId,
		) -> Option<(T::AccountId, Option<PayoutChange<T::AccountId>>)> {
			let person = T::People::person_of(&account)?;
			let epoch = Books::<T>::get().epoch;
			let change = Payouts::<T>::get(person)
				.and_then(|payout| payout.change)
				.filter(|change| change.from > epoch);
			Some((Self::payout_in_force(person, &account, epoch), change))
		}

		/// The first block in which claims work again; none if they are not paused.
		pub fn paused_until() -> Option<BlockNumber> {
			LastPause::<T>::get().filter(|pause| pause.holds(Self::now())).map(|pause| pause.until)
		}

		/// What governs epochs now, and from the next one on if that is to change.
		pub fn parameters() -> (Parameters, Option<Parameters>) {
			(Params::<T>::get(), NextParams::<T>::get())
		}

		/// The open epoch, and what governs it.
		pub fn epoch() -> OpenEpoch {
			let totals = Books::<T>::get();
			let params = Params::<T>::get();
			let row = Epochs::<T>::get(totals.epoch);
			OpenEpoch {
				index: totals.epoch,
				opened_at: totals.opened_at,
				closes_at: totals.closes_at,
				pot: Ledger::<T>::dividend().holding(),
				liability: totals.liability,
				active: totals.active.saturating_add(row.join).saturating_sub(row.leave),
				min_people: params.min_people,
				term: params.term,
				claim_window: params.claim_window,
			}
		}

		/// A closed epoch that is not swept yet.
		pub fn closed_epoch(index: EpochIndex) -> Option<Epoch> {
			let totals = Books::<T>::get();
			(totals.next_sweep..totals.epoch).contains(&index).then(|| Epochs::<T>::get(index))
		}
	}

	impl<T: Config> Pallet<T> {
		/// The account of the pot. Whatever is sent to it is divided.
		pub fn pot() -> T::AccountId {
			Ledger::<T>::dividend().pot()
		}

		/// The person that has this account, if it has a share.
		fn holder_of_share(account: &T::AccountId) -> Result<PersonId, Error<T>> {
			let person = T::People::person_of(account).ok_or(Error::<T>::NotAPerson)?;
			ensure!(Shares::<T>::contains_key(person), Error::<T>::NoShare);
			Ok(person)
		}
	}
}
