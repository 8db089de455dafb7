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
//! whole epoch at least. Whenever Alice recovers her account she is paid on the new one from then on.
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
//! what came of it can be read. If it turns out to be a mistake governance ends it: Clara is due what
//! she was until then.
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

mod calls;
mod channel;
mod claim;
mod electorate;
mod epoch;
mod errors;
mod events;
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

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::{
	Bounds, Classes, Epoch, Limits, OpenEpoch, OutOfBounds, Outcome, Parameters, Pause, Payout,
	PayoutChange, Programme, ProgrammeId, ProgrammeShareList, Regions, Share, Terms, Totals,
	MAX_PROGRAMMES, MAX_PROGRAMME_EPOCHS, MAX_REGIONS,
};
pub use weights::WeightInfo;

pub(crate) const LOG_TARGET: &str = "runtime::dividend";

#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
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

	/// The shares of each person in the programmes it joined. Those in programmes that have ended are
	/// forgotten by [`Pallet::leave_programme`], when their person joins another, or with it.
	// Twox64Concat: person ids are dense and given by the chain, nobody can choose a key.
	#[pallet::storage]
	pub type ProgrammeShares<T> =
		StorageMap<_, Twox64Concat, PersonId, ProgrammeShareList, ValueQuery>;

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

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a claim by this account would pay now, in planck; 0 if it would fail.
		pub fn claimable(account: T::AccountId) -> Balance {
			Self::payable(&account).unwrap_or(0)
		}

		/// A programme: its terms, where it stands, and what became of it.
		pub fn programme(id: ProgrammeId) -> Option<Programme> {
			Programmes::<T>::get(id)
		}

		/// The programmes that still open epochs, or of which something can still be claimed.
		pub fn programmes() -> Vec<ProgrammeId> {
			Running::<T>::get().into_inner()
		}

		/// How many programmes there ever were: their numbers are those below.
		pub fn programme_count() -> ProgrammeId {
			NextProgramme::<T>::get()
		}

		/// A closed epoch of a programme that is not swept yet.
		pub fn programme_epoch(id: ProgrammeId, index: EpochIndex) -> Option<Epoch> {
			let totals = Programmes::<T>::get(id)?.totals;
			let closed = (totals.next_sweep..totals.epoch).contains(&index);
			closed.then(|| ProgrammeEpochs::<T>::get(id, index))
		}

		/// What a claim of a programme by this account would pay now, in planck; 0 if it would fail.
		pub fn claimable_of_programme(id: ProgrammeId, account: T::AccountId) -> Balance {
			Self::payable_of_programme(id, &account).unwrap_or(0)
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
