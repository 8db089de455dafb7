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
//! ## Terms
//!
//! - *Interval* of a person: the first and the last epoch it shares in. It starts with the epoch
//!   after recognition and lasts a *term*; renewal moves its end.
//! - *Liability*: what is promised and not yet paid. Only the rest of the pot is ever divided.
//! - *Owed*: what a person was due of an earlier interval when it was renewed after a lapse. It is
//!   never swept.
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
//! No call takes money out of the pot but a claim. See `invariants.rs` for what always holds.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod claim;
mod epoch;
mod interval;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Epoch, OpenEpoch, Parameters, Share, Totals};
pub use weights::WeightInfo;

pub(crate) const LOG_TARGET: &str = "runtime::dividend";

#[frame_support::pallet]
#[allow(missing_docs)] // What the macro generates has none.
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Inspect, Mutate},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::{
		traits::{AccountIdConversion, Zero},
		SaturatedConversion,
	};
	use usufruct_primitives::{
		traits::{OnEpochClose, People},
		Balance, BlockNumber, EpochIndex, PersonId,
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
		type People: People<Self::AccountId>;

		/// Told of each close before the pot is divided: what it moves into the pot then is part of
		/// that close.
		type OnEpochClose: OnEpochClose;

		/// Gives the account of the pot.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Weights of the call and of the two kinds of block: with and without a close.
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
			params.check(minimum).expect("the parameters of the dividend are within their bounds");
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
		/// A person was renewed after a lapse: what it was still due of the time before is owed to
		/// it from now on, and never swept.
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
		/// The books do not add up. Nothing was changed; please report this.
		Unexpected,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Closes the open epoch if it is due. At most one per block: a pause or a stall makes one
		/// epoch longer, and never several overdue.
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let now = now.saturated_into::<BlockNumber>();
			if now < Books::<T>::get().closes_at {
				return T::WeightInfo::idle();
			}
			Self::close(now);
			T::WeightInfo::close()
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
		/// Pays the share of every closed epoch of the person's interval that is neither claimed
		/// nor swept, and what was settled before. Free exactly when it would succeed.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::NoShare`]: the signer has no part in the dividend.
		/// - [`Error::MayNotClaim`]: the person is barred now.
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
			Self::pay(who, due)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a claim by this account would pay now, in planck; 0 if it would fail.
		pub fn claimable(account: T::AccountId) -> Balance {
			Self::due(&account).map_or(0, |due| due.amount)
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
				pot: Self::holding(),
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
			T::PalletId::get().into_account_truncating()
		}

		/// What the pot holds, without the existential deposit that keeps it alive.
		pub(crate) fn holding() -> Balance {
			// Saturating: if the deposit was raised above what the pot holds there is nothing to
			// divide.
			T::Currency::balance(&Self::pot()).saturating_sub(T::Currency::minimum_balance())
		}
	}
}
