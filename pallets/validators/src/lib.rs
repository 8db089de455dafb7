//! # Validators: the set that secures the chain, its offences, and the pay of block authors.
//!
//! ## Terms
//! - *Member*: an account of the set that the next planned session is made of. The first members are
//!   those with session keys at genesis; [`Config::AdmissionOrigin`] admits and dismisses others, and
//!   an offence takes one out.
//! - *Security pot*: the [`Config::PalletId`] account. The security part of every settlement and
//!   all transaction fees flow into it.
//! - *Credit*: what an author has earned and not yet withdrawn; the money stays in the pot.
//! - *Undivided*: the pot's balance less the existential deposit and less all credits.
//!
//! ## The set
//! The pallet is the session manager. It announces a new set only when the members or their keys
//! have changed, so that finality need not hand over every session. A member without session keys
//! is passed over until it has set some. What an offence changes reaches the active set two
//! sessions later, because the session in between is already planned; until then the offender is
//! disabled, within the limit of the session pallet's disabling strategy.
//!
//! Nothing empties the set, because a chain without authors could not even be repaired: the last member
//! with session keys is not dismissed, it is kept if it offends, and those keys cannot be purged as long
//! as no other member has any ([`KeepLastKeys`]).
//!
//! ## The pay
//! Each block's author is credited `undivided / N`, N being the blocks of a dividend epoch: the
//! pay follows income over about one epoch and never runs dry. Authors pull their credit with
//! [`Pallet::withdraw`].
//!
//! ## Invariants (`try_state`)
//! 1. Σ credits = credited.
//! 2. The pot's balance less the existential deposit ≥ credited.
//! 3. No credit of zero is stored.
//! 4. No account is a member twice.
//! 5. No record of offences is empty, and none names a session twice or one that has not begun.
//! 6. Some member has session keys, if there are members.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod admission;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod last_keys;
mod reward;
mod set;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use last_keys::KeepLastKeys;
pub use pallet::*;
pub use set::Identification;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use crate::WeightInfo;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		stored,
		traits::{
			fungible,
			tokens::{Preservation, Provenance},
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::{traits::AccountIdConversion, AccountId32, Perbill};
	use sp_staking::SessionIndex;
	use usufruct_primitives::{Balance, BlockNumber};

	/// How money is moved. Spelled out because the session pallet has a currency of its own.
	pub(crate) type CurrencyOf<T> = <T as Config>::Currency;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId32>
		+ pallet_session::Config<ValidatorId = AccountId32>
		+ pallet_session::historical::Config<FullIdentification = ()>
	{
		/// Pays the credits out.
		type Currency: fungible::Inspect<AccountId32, Balance = Balance>
			+ fungible::Mutate<AccountId32>;

		/// The account of the security pot. It holds the existential deposit from genesis.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Into how many blocks the undivided balance is spread: those of a dividend epoch.
		type BlocksPerEpoch: Get<u32>;

		/// How many sessions back an offence can be reported; older session roots are pruned.
		#[pallet::constant]
		type ReportLongevity: Get<SessionIndex>;

		/// The most members.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// How many offences of one account are remembered; the oldest make room.
		#[pallet::constant]
		type MaxOffences: Get<u32>;

		/// Who admits and dismisses members.
		type AdmissionOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls and the hooks.
		type WeightInfo: WeightInfo;
	}

	/// What is remembered of an account's offences in one session.
	#[stored]
	pub struct OffenceRecord {
		/// The session it happened in.
		pub session: SessionIndex,
		/// How grave it was: the largest fraction reported.
		pub fraction: Perbill,
		/// The block in which it was first reported.
		pub reported: BlockNumber,
	}

	/// Those the next planned session is made of, as far as they have session keys.
	#[pallet::storage]
	pub type Members<T: Config> =
		StorageValue<_, BoundedVec<AccountId32, T::MaxValidators>, ValueQuery>;

	/// Offences by account, oldest first; one record for each session.
	// Blake2_128Concat: whoever makes an account chooses its bytes.
	#[pallet::storage]
	pub type Offences<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		AccountId32,
		BoundedVec<OffenceRecord, T::MaxOffences>,
		ValueQuery,
	>;

	/// What each author has earned and not withdrawn, in planck.
	// Blake2_128Concat: whoever makes an account chooses its bytes.
	#[pallet::storage]
	pub type Credits<T: Config> = StorageMap<_, Blake2_128Concat, AccountId32, Balance, ValueQuery>;

	/// The sum of all credits, in planck.
	#[pallet::storage]
	pub type Credited<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An offence of a validator was proven.
		OffenceRecorded {
			/// Who committed it.
			validator: AccountId32,
			/// In which session.
			session: SessionIndex,
			/// How grave it was.
			fraction: Perbill,
		},
		/// A validator will not be in the sets planned from now on.
		LeftOut {
			/// The offender.
			validator: AccountId32,
			/// How many members remain.
			remaining: u32,
		},
		/// An offender stays, because without it nobody could author.
		LastKept {
			/// The offender.
			validator: AccountId32,
		},
		/// An account became a member.
		Admitted {
			/// Who.
			validator: AccountId32,
			/// How many members there are now.
			members: u32,
		},
		/// A member was dismissed.
		Dismissed {
			/// Who.
			validator: AccountId32,
			/// How many members remain.
			remaining: u32,
		},
		/// An author pulled its credit out of the security pot.
		Withdrawn {
			/// Who was paid.
			account: AccountId32,
			/// How much.
			amount: Balance,
		},
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// The account has no credit in the security pot. Credits are earned by authoring blocks;
		/// the view function `reward` tells how much there is.
		NothingToWithdraw,
		/// The account has no balance yet and the credit is below the existential deposit, so the
		/// account could not hold it. Author more blocks, or endow the account first; the credit
		/// waits.
		CreditBelowExistentialDeposit,
		/// The account has no session keys, so it could not author. It sets them first, with
		/// `session.set_keys`.
		NoSessionKeys,
		/// The account is a member already; the view function `members` lists them.
		AlreadyMember,
		/// There are as many members as there may be. Dismiss one first.
		TooManyMembers,
		/// The account is no member; the view function `members` lists them.
		NotAMember,
		/// No other member has session keys: without this one nobody could author. Admit another, or
		/// wait until one sets keys.
		LastWithKeys,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Pull what the caller has earned as a block author.
		///
		/// ## Dispatch Origin
		/// Signed, by any account with a credit.
		///
		/// ## Details
		/// Moves the whole credit from the security pot to the caller. The pot always keeps its
		/// existential deposit. Constant cost.
		///
		/// ## Errors
		/// - [`Error::NothingToWithdraw`]: the caller has no credit.
		/// - [`Error::CreditBelowExistentialDeposit`]: the caller's account could not hold it.
		///
		/// ## Events
		/// - [`Event::Withdrawn`]
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let amount = Credits::<T>::take(&who);
			ensure!(amount > 0, Error::<T>::NothingToWithdraw);
			<CurrencyOf<T> as fungible::Inspect<_>>::can_deposit(&who, amount, Provenance::Extant)
				.into_result()
				.map_err(|_| Error::<T>::CreditBelowExistentialDeposit)?;
			Credited::<T>::mutate(|credited| *credited = credited.saturating_sub(amount));
			<CurrencyOf<T> as fungible::Mutate<_>>::transfer(
				&Self::pot(),
				&who,
				amount,
				Preservation::Preserve,
			)?;
			Self::deposit_event(Event::Withdrawn { account: who, amount });
			Ok(())
		}

		/// Make an account a member.
		///
		/// ## Dispatch Origin
		/// [`Config::AdmissionOrigin`].
		///
		/// ## Details
		/// That the account has set session keys is its consent. It authors from the session after the
		/// next. One that was left out for an offence can be admitted again; what is remembered of
		/// the offence stays.
		///
		/// ## Errors
		/// - [`Error::NoSessionKeys`]: it could not author.
		/// - [`Error::AlreadyMember`]: it is a member.
		/// - [`Error::TooManyMembers`]: there is no room.
		///
		/// ## Events
		/// - [`Event::Admitted`]
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::admit())]
		pub fn admit(origin: OriginFor<T>, validator: AccountId32) -> DispatchResult {
			T::AdmissionOrigin::ensure_origin(origin)?;
			Self::do_admit(validator)
		}

		/// Take a member out of the sets to be planned.
		///
		/// ## Dispatch Origin
		/// [`Config::AdmissionOrigin`].
		///
		/// ## Details
		/// It authors until the session after the next. Its credit stays its own.
		///
		/// ## Errors
		/// - [`Error::NotAMember`]: it is none.
		/// - [`Error::LastWithKeys`]: without it nobody could author.
		///
		/// ## Events
		/// - [`Event::Dismissed`]
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::dismiss())]
		pub fn dismiss(origin: OriginFor<T>, validator: AccountId32) -> DispatchResult {
			T::AdmissionOrigin::ensure_origin(origin)?;
			Self::do_dismiss(validator)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The validators of the active session, in the order of their authority indices.
		pub fn validators() -> Vec<AccountId32> {
			pallet_session::Pallet::<T>::validators()
		}

		/// Those the next planned session is made of.
		pub fn members() -> Vec<AccountId32> {
			Members::<T>::get().into_inner()
		}

		/// What the account can withdraw, in planck.
		pub fn reward(account: AccountId32) -> Balance {
			Credits::<T>::get(account)
		}

		/// The account of the security pot.
		pub fn pot() -> AccountId32 {
			<T as Config>::PalletId::get().into_account_truncating()
		}

		/// The account's remembered offences, oldest first.
		pub fn offences(account: AccountId32) -> Vec<OffenceRecord> {
			Offences::<T>::get(account).into_inner()
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxValidators::get() > 0, "a chain needs a validator");
			assert!(T::MaxOffences::get() > 0, "an offence must be recorded");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[cfg(any(feature = "try-runtime", feature = "std"))]
	impl<T: Config> Pallet<T> {
		/// Checks the invariants of the crate's documentation.
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			use alloc::collections::BTreeSet;
			use fungible::Inspect;

			let mut sum: Balance = 0;
			for (_, credit) in Credits::<T>::iter() {
				ensure!(credit > 0, "3: a credit of zero is stored");
				sum = sum.checked_add(credit).ok_or("1: credits overflow")?;
			}
			let credited = Credited::<T>::get();
			ensure!(sum == credited, "1: the sum of credits is not what is credited");
			let free = CurrencyOf::<T>::balance(&Self::pot())
				.checked_sub(CurrencyOf::<T>::minimum_balance())
				.ok_or("2: the pot is below the existential deposit")?;
			ensure!(free >= credited, "2: the pot does not cover the credits");

			let members = Members::<T>::get();
			let distinct: BTreeSet<_> = members.iter().collect();
			ensure!(distinct.len() == members.len(), "4: an account is a member twice");
			ensure!(
				members.is_empty() || members.iter().any(Self::has_keys),
				"6: no member has session keys"
			);

			let current = pallet_session::Pallet::<T>::current_index();
			for (_, records) in Offences::<T>::iter() {
				ensure!(!records.is_empty(), "5: an empty record of offences is stored");
				let sessions: BTreeSet<_> = records.iter().map(|record| record.session).collect();
				ensure!(sessions.len() == records.len(), "5: a session is recorded twice");
				ensure!(
					sessions.iter().all(|session| *session <= current),
					"5: an offence in a session that has not begun"
				);
			}
			Ok(())
		}
	}
}
