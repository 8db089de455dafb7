//! Registry of open models: which versions there are, under which licence, at which floor price,
//! who made them, and what each maker is owed of their revenue.
//!
//! ## Terminology
//!
//! - **Model**: a name and an owner. Says nothing about weights or prices; its versions do.
//! - **Version**: one immutable artifact of a model, known by the SHA-256 of its *manifest* (the list
//!   of its files and their hashes). Its id is unique on the chain, not only within the model.
//! - **Meter** and **floor price**: what one unit of use is, and the least an oracle may ask for it.
//! - **Contributor row**: an account, what it did for the version, and its share in parts per million.
//!   The rows of a version are its *contributor table*; their shares sum to exactly a whole.
//! - **Revenue** of a version: all that was ever credited to it. It lies in the *pot*, an account of
//!   this pallet, until the rows claim it.
//! - **Deprecated**: closed to new requests. A deprecated version keeps earning from what was served
//!   before, and its rows can be claimed for ever.
//!
//! ## Scenario
//!
//! Ada trained a model that recognises file types. She calls [`Pallet::register_model`] with the name
//! "magika", and ten UFR of hers are held as long as the model is on the chain. Then
//! [`Pallet::add_version`]: the manifest's hash, the licence `Apache-2.0` (governance has put it on
//! the list of open licences, [`Pallet::set_licence`]), the meter *request*, a floor price, and three
//! contributors: herself with 600,000 parts, Ben, who annotated the files, with 300,000, and Chidi,
//! who evaluated the result, with 100,000.
//!
//! Whenever a consumer's use of the version is settled, the settlement moves the model's part to the
//! pot and books it by [`Models::credit`](usufruct_primitives::traits::Models::credit). That is one
//! addition, however many contributors there are. Nobody is paid then.
//!
//! A year later Ben calls [`Pallet::claim_revenue`] for his row (anybody may call it for him). He gets
//! 30 % of all the version ever earned, rounded down, less what he got before. Chidi has no account
//! yet and is due less than the existential deposit: the claim is refused and says so, and the money
//! waits for him in the pot.
//!
//! Ada has trained a better version. She adds it and calls [`Pallet::deprecate`] for the old one:
//! oracles refuse new requests for it, receipts of requests they answered before are settled as ever,
//! and their revenue still reaches Ben.
//!
//! ## What it costs
//!
//! Every call but `add_version` costs the same whatever is in the registry; `add_version` grows with
//! the rows of its table (64 at most). There is no hook and no loop over models, versions or people.
//!
//! ## Money
//!
//! Deposits are holds on the owner's account. The pot holds the existential deposit from genesis on;
//! what it holds above that is never less than what all rows together are still due.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod api;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
mod revenue;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible,
			fungible::{Inspect as _, Mutate as _},
			tokens::{DepositConsequence, Preservation, Provenance},
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::{traits::AccountIdConversion, AccountId32, ArithmeticError};
	use usufruct_primitives::{Balance, Hash, Meter, ModelId, VersionId};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = AccountId32> {
		/// The money that is held as deposit and paid out as revenue.
		type Currency: fungible::Mutate<AccountId32, Balance = Balance>
			+ fungible::hold::Mutate<AccountId32, Reason: From<HoldReason>>;

		/// Names the pot, the account that holds the revenue of all versions until it is claimed.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Held from the owner of a model, in planck.
		#[pallet::constant]
		type ModelDeposit: Get<Balance>;

		/// Held from the model's owner for each version, in planck.
		#[pallet::constant]
		type VersionDeposit: Get<Balance>;

		/// Held from the model's owner for each row of a version's contributor table, in planck.
		#[pallet::constant]
		type RowDeposit: Get<Balance>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why money of an account is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposits for the owner's models, their versions and contributor rows.
		Deposit,
	}

	/// The id the next model gets.
	#[pallet::storage]
	pub type NextModel<T: Config> = StorageValue<_, ModelId, ValueQuery>;

	/// All models.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Models<T: Config> = StorageMap<_, Twox64Concat, ModelId, Model>;

	/// The id the next version gets.
	#[pallet::storage]
	pub type NextVersion<T: Config> = StorageValue<_, VersionId, ValueQuery>;

	/// All versions of all models.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Versions<T: Config> = StorageMap<_, Twox64Concat, VersionId, Version>;

	/// The version with a manifest.
	// Blake2: the key is chosen by whoever adds a version; nothing proves that it is a hash.
	#[pallet::storage]
	pub type Manifests<T: Config> = StorageMap<_, Blake2_128Concat, Hash, VersionId>;

	/// The contributor table of every version; it never changes.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Contributors<T: Config> = StorageMap<_, Twox64Concat, VersionId, ContributorTable>;

	/// All that was ever credited to a version, in planck. Every version has an entry, apart from
	/// its record so that a credit writes 16 bytes.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Revenue<T: Config> = StorageMap<_, Twox64Concat, VersionId, Balance>;

	/// What a row of a version was paid so far, in planck; no entry before the first payment.
	// Twox: both keys are given out by the chain, one after the other, so nobody can choose them.
	#[pallet::storage]
	pub type Paid<T: Config> =
		StorageDoubleMap<_, Twox64Concat, VersionId, Twox64Concat, u16, Balance, ValueQuery>;

	/// The licences under which a version can be added.
	// Blake2: keys are texts, and whoever adds a version chooses which one is looked up.
	#[pallet::storage]
	pub type Licences<T: Config> = StorageMap<_, Blake2_128Concat, Licence, ()>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// SPDX expressions of the licences that are allowed from the start.
		pub licences: Vec<Vec<u8>>,
		/// Nothing; the type is generic.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for licence in &self.licences {
				let licence = Licence::try_from(licence.clone())
					.expect("a licence of the genesis is too long");
				assert!(
					is_valid_licence(&licence),
					"a licence of the genesis is not printable ASCII"
				);
				Licences::<T>::insert(licence, ());
			}
			let pot = Pallet::<T>::pot();
			let missing = T::Currency::minimum_balance().saturating_sub(T::Currency::balance(&pot));
			if missing > 0 {
				T::Currency::mint_into(&pot, missing)
					.expect("the issuance leaves room for an existential deposit");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was registered.
		ModelRegistered {
			/// Its id.
			model: ModelId,
			/// Who owns it.
			owner: T::AccountId,
			/// What it is called.
			name: Name,
		},
		/// A version was added to a model.
		VersionAdded {
			/// The model.
			model: ModelId,
			/// The version's id.
			version: VersionId,
			/// SHA-256 of its manifest.
			manifest_hash: Hash,
			/// The least an oracle may ask for one unit, in planck.
			floor_price: Balance,
		},
		/// A version was closed to new requests.
		VersionDeprecated {
			/// The version.
			version: VersionId,
		},
		/// A version earned something.
		RevenueCredited {
			/// The version.
			version: VersionId,
			/// What it earned, in planck.
			amount: Balance,
		},
		/// A contributor row of a version was paid.
		RevenuePaid {
			/// The version.
			version: VersionId,
			/// The row's number in the version's table, from 0.
			row: u16,
			/// Who was paid.
			account: T::AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A licence was put on the list of allowed ones, or taken off it.
		LicenceSet {
			/// The licence.
			licence: Licence,
			/// Whether versions under it can be added now.
			allowed: bool,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// A name is 1 to 64 bytes of UTF-8 without control characters, and not only blanks. Choose
		/// another name.
		InvalidName,
		/// There is no model with this id. Check the id; registering the model gives it.
		UnknownModel,
		/// There is no version with this id. Check the id; adding the version gives it.
		UnknownVersion,
		/// The version's contributor table has no row with this number. Rows count from 0.
		UnknownRow,
		/// Only the owner of the model may do this. Sign with the owner's account.
		NotOwner,
		/// This licence is not on the list of allowed ones. Use the SPDX expression of one that is,
		/// written exactly as there, or have it added by governance.
		LicenceNotAllowed,
		/// A licence is 1 to 64 characters of printable ASCII. Use its SPDX expression.
		InvalidLicence,
		/// An address of metadata is printable ASCII without spaces. Escape other characters.
		InvalidUri,
		/// The artifact's size is given as 0 bytes. Give the real size.
		EmptyArtifact,
		/// A version with this manifest is registered already. Use that one; the same artifact is
		/// not registered twice.
		ManifestExists,
		/// The shares of the contributors must each be above 0 and sum to exactly 1,000,000 (parts
		/// per million). Correct the table.
		SharesNotWhole,
		/// The account that keeps all models' revenue cannot be a contributor: its share could never
		/// be paid out. Give the row another account.
		ContributorIsPot,
		/// The version is deprecated already. There is nothing left to do.
		AlreadyDeprecated,
		/// The row was paid all that it is due so far. Claim again when the version has earned more.
		NothingDue,
		/// What is due is less than an account must hold to exist, and the row's account cannot take
		/// it in. It is kept: wait until more is due, or let the account have a balance first.
		AccountCannotHold,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

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
					deposit,
				},
			);
			Self::deposit_event(Event::ModelRegistered { model, owner, name });
			Ok(())
		}

		/// Add a version to a model. It is open at once, and nothing in it can be changed later.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// [`Config::VersionDeposit`] and, for each contributor, [`Config::RowDeposit`] are held from
		/// the owner. The licence must be allowed now; taking it off the list later leaves the version
		/// as it is. Rows are numbered from 0 in the order of `contributors`. The cost grows with the
		/// number of contributors.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownModel`], [`Error::NotOwner`].
		/// - [`Error::EmptyArtifact`], [`Error::InvalidUri`], [`Error::LicenceNotAllowed`].
		/// - [`Error::SharesNotWhole`], [`Error::ContributorIsPot`]: the contributor table.
		/// - [`Error::ManifestExists`]: the same manifest stands in another version.
		/// - `Token`: the owner cannot pay the deposit and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::VersionAdded`] with the version's id.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_version(contributors.len() as u32))]
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
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut record = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
			ensure!(record.owner == caller, Error::<T>::NotOwner);
			ensure!(size > 0, Error::<T>::EmptyArtifact);
			ensure!(is_valid_uri(&metadata_uri), Error::<T>::InvalidUri);
			ensure!(Licences::<T>::contains_key(&licence), Error::<T>::LicenceNotAllowed);
			ensure!(is_whole(&contributors), Error::<T>::SharesNotWhole);
			let pot = Self::pot();
			ensure!(
				contributors.iter().all(|row| row.account != pot),
				Error::<T>::ContributorIsPot
			);
			ensure!(!Manifests::<T>::contains_key(manifest_hash), Error::<T>::ManifestExists);

			let version = NextVersion::<T>::get();
			let next = version.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			let deposit = T::RowDeposit::get()
				.checked_mul(contributors.len() as Balance)
				.and_then(|rows| rows.checked_add(T::VersionDeposit::get()))
				.ok_or(ArithmeticError::Overflow)?;
			record.versions = record.versions.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			record.open_versions =
				record.open_versions.checked_add(1).ok_or(ArithmeticError::Overflow)?;

			Self::hold(&caller, deposit)?;
			NextVersion::<T>::put(next);
			Models::<T>::insert(model, record);
			Manifests::<T>::insert(manifest_hash, version);
			Contributors::<T>::insert(version, contributors);
			Revenue::<T>::insert(version, 0);
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
					floor_price,
					open: true,
					deposit,
				},
			);
			Self::deposit_event(Event::VersionAdded { model, version, manifest_hash, floor_price });
			Ok(())
		}

		/// Close a version to new requests, for ever.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the owner of the version's model.
		///
		/// ## Details
		///
		/// What was served before is settled as ever, and its revenue can be claimed. The deposits stay
		/// held, because the version stays on the chain. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::NotOwner`].
		/// - [`Error::AlreadyDeprecated`].
		///
		/// ## Events
		///
		/// [`Event::VersionDeprecated`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::deprecate())]
		pub fn deprecate(origin: OriginFor<T>, version: VersionId) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
			let mut model = Models::<T>::get(record.model).ok_or(Error::<T>::UnknownModel)?;
			ensure!(model.owner == caller, Error::<T>::NotOwner);
			ensure!(record.open, Error::<T>::AlreadyDeprecated);
			model.open_versions =
				model.open_versions.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
			record.open = false;

			Models::<T>::insert(record.model, model);
			Versions::<T>::insert(version, record);
			Self::deposit_event(Event::VersionDeprecated { version });
			Ok(())
		}

		/// Pay a contributor row of a version all that it is due.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody. The money goes to the row's account, whoever calls.
		///
		/// ## Details
		///
		/// Due is `floor(revenue × share / 1,000,000)` over the whole life of the version, less what the
		/// row was paid before: when and how often rows are claimed changes nothing. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::UnknownRow`].
		/// - [`Error::NothingDue`].
		/// - [`Error::AccountCannotHold`]: the account would stay below the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::RevenuePaid`] with the account and the amount.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::claim_revenue())]
		pub fn claim_revenue(origin: OriginFor<T>, version: VersionId, row: u16) -> DispatchResult {
			ensure_signed(origin)?;
			let (account, due) = Self::due(version, row)?;
			ensure!(due > 0, Error::<T>::NothingDue);
			ensure!(
				T::Currency::can_deposit(&account, due, Provenance::Extant)
					== DepositConsequence::Success,
				Error::<T>::AccountCannotHold
			);
			let paid =
				Paid::<T>::get(version, row).checked_add(due).ok_or(ArithmeticError::Overflow)?;

			Paid::<T>::insert(version, row, paid);
			T::Currency::transfer(&Self::pot(), &account, due, Preservation::Preserve)?;
			Self::deposit_event(Event::RevenuePaid { version, row, account, amount: due });
			Ok(())
		}

		/// Put a licence on the list of those under which versions can be added, or take it off.
		///
		/// ## Dispatch Origin
		///
		/// Root.
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
			ensure_root(origin)?;
			ensure!(is_valid_licence(&licence), Error::<T>::InvalidLicence);

			if allowed {
				Licences::<T>::insert(&licence, ());
			} else {
				Licences::<T>::remove(&licence);
			}
			Self::deposit_event(Event::LicenceSet { licence, allowed });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A model: its owner, its name, how many versions it has and how many of them are open.
		pub fn model(model: ModelId) -> Option<Model> {
			Models::<T>::get(model)
		}

		/// A version: its manifest, licence, meter, floor price, and whether it is open.
		pub fn version(version: VersionId) -> Option<Version> {
			Versions::<T>::get(version)
		}

		/// The contributor table of a version, in the order of the rows' numbers; empty if there is no
		/// such version.
		pub fn contributors(version: VersionId) -> Vec<Contributor> {
			Contributors::<T>::get(version).map(BoundedVec::into_inner).unwrap_or_default()
		}

		/// What a row of a version could claim now, in planck; 0 if there is no such row.
		pub fn revenue_due(version: VersionId, row: u16) -> Balance {
			Self::due(version, row).map(|(_, due)| due).unwrap_or_default()
		}
	}

	impl<T: Config> Pallet<T> {
		/// The account that holds the revenue of all versions until it is claimed.
		pub fn pot() -> AccountId32 {
			T::PalletId::get().into_account_truncating()
		}
	}
}
