//! Registry of open models: which versions there are, under which licence, at which floor price,
//! what they come from, who made them, and what each maker is owed of their revenue.
//!
//! ## Terminology
//!
//! - **Model**: a name and an owner. Says nothing about weights or prices; its versions do.
//! - **Version**: one immutable artifact of a model, known by the SHA-256 of its *manifest* (the list
//!   of its files and their hashes). Its id is unique on the chain, not only within the model.
//! - **Meter** and **floor price**: what one unit of use is, and the least an oracle may ask for it.
//! - **Contributor row**: an account, what it did for the version, and its share in parts per million.
//!   The rows of a version are its *contributor table*; their shares sum to exactly a whole. A row is
//!   *accepted* by its account; before that its money waits, and after a term it can be *forfeited* to
//!   the dividend.
//! - **Royalty** of a version: the part of every descendant's inflow that is its own, for ever.
//!   **Ancestors** of a version: its parents, their parents and so on, each once.
//! - **Revenue** of a version: all that was ever credited to it. The ancestors' royalties go off; the
//!   rest is its *own part*, which its rows divide, with the royalties it receives itself. All of it
//!   lies in the *pot*, an account of this pallet, until the rows claim it.
//! - **Contest window**: the time after a version is added in which anybody can say that it is
//!   theirs, or show that it reuses older weights. It is *settled* once the window is over and no
//!   contest is open. Until then the *owner's share* (rows of the owner's account, and of the role
//!   owner) is held, and nobody can name the version as a parent.
//! - **Tensor root**: what the weights of a version are known by, see [`usufruct_primitives::tensors`].
//! - **Deprecated**: closed to new requests, at once or in a block to come. A version keeps earning
//!   from what was served before, and its rows can be claimed for ever.
//!
//! ## Scenario
//!
//! Ada trained a model that recognises file types. She calls [`Pallet::register_model`] with the name
//! "magika", and ten UFR of hers are held as long as the model is on the chain. Then
//! [`Pallet::add_version`]: the manifest's hash, the licence `Apache-2.0` (governance has put it on
//! the list of open licences, [`Pallet::set_licence`]), the meter *request*, a floor price, a royalty
//! of 5 %, the tensor root, and three contributors: herself with 600,000 parts, Ben, who annotated
//! the files, with 300,000, and Chidi, who evaluated the result, with 100,000. Ben accepts his row by
//! a signature, which Ada brings to the chain ([`Pallet::accept_row`]).
//!
//! Whenever a consumer's use of the version is settled, the settlement moves the model's part to the
//! pot and books it by [`Models::credit`](usufruct_primitives::traits::Models::credit). That is one
//! addition, however many contributors and ancestors there are. Nobody is paid then.
//!
//! A year later Ben calls [`Pallet::claim_revenue`] for his row (anybody may call it for him). He gets
//! 30 % of all the version ever earned, rounded down, less what he got before. Chidi never answered;
//! after half a year anybody may call [`Pallet::forfeit_row`], and what was meant for him goes to all
//! people.
//!
//! Dunja fine-tunes magika. She names Ada's version as a parent, so 5 % of all that hers earns is
//! Ada's, Ben's and Chidi's: [`Pallet::move_royalty`] books it over, and their next claims pay it.
//! Mallory copies the weights under a new name and names no parent. Within the contest window Ben
//! shows ten tensors that both roots hold ([`Pallet::prove_reuse`]), and Mallory's version owes the
//! same 5 %. When he registers Ada's next model as his own before she does, she lodges a contest
//! ([`Pallet::contest`]); his share is held meanwhile, and it is hers when governance agrees.
//!
//! Ada has trained a better version. She adds it and calls [`Pallet::deprecate`] for the old one:
//! oracles refuse new requests for it, receipts of requests they answered before are settled as ever,
//! and their revenue still reaches Ben.
//!
//! ## What it costs
//!
//! No call's cost depends on what is in the registry; `add_version` grows with the rows (64 at most)
//! and parents (8), `prove_reuse` with the tensors shown (32). There is no hook and no loop over
//! models, versions or people.
//!
//! ## Money
//!
//! Deposits are holds on the owner's account. The pot holds the existential deposit from genesis on;
//! what it holds above that is never less than what all ancestors and rows together are still due.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod acceptance;
mod api;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod closing;
mod contest;
mod floor;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
mod lineage;
#[cfg(test)]
mod mock;
mod ownership;
mod reuse;
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
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::{traits::AccountIdConversion, AccountId32, ArithmeticError, MultiSignature};
	use usufruct_primitives::{
		tensors::TensorRoot, Balance, BlockNumber, Hash, Meter, ModelId, VersionId,
	};

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

		/// Held from who contests a version, in planck; lost if the contest is dismissed.
		#[pallet::constant]
		type ContestDeposit: Get<Balance>;

		/// For how long a version can be contested and is no parent, in blocks.
		#[pallet::constant]
		type ContestWindow: Get<BlockNumber>;

		/// For how long a row is kept for an account that has not accepted it, in blocks.
		#[pallet::constant]
		type AcceptanceTerm: Get<BlockNumber>;

		/// How long before it holds a higher floor price is announced, in blocks.
		#[pallet::constant]
		type FloorNotice: Get<BlockNumber>;

		/// The account of the dividend, which gets what is forfeited.
		type DividendPot: Get<AccountId32>;

		/// Who keeps the list of licences and rules on contests.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why money of an account is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposits for the owner's models, their versions and contributor rows.
		Deposit,
		/// The deposits for contests that somebody has lodged.
		Contest,
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

	/// The contributor table of every version; roles and shares in it never change.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Contributors<T: Config> = StorageMap<_, Twox64Concat, VersionId, RowTable>;

	/// The parents a version was added with; no entry if there are none.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Parents<T: Config> = StorageMap<_, Twox64Concat, VersionId, ParentList, ValueQuery>;

	/// All ancestors of a version, declared and proved; no entry if there are none. Rows are only ever
	/// added, and only in the contest window.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Ancestors<T: Config> =
		StorageMap<_, Twox64Concat, VersionId, AncestorTable, ValueQuery>;

	/// All that was ever credited to a version, in planck. Every version has an entry, apart from
	/// its record so that a credit writes 16 bytes.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Revenue<T: Config> = StorageMap<_, Twox64Concat, VersionId, Balance>;

	/// What was moved to an ancestor of a version so far, in planck, by the ancestor's place in the
	/// table; no entry before the first time.
	// Twox: both keys are given out by the chain, one after the other, so nobody can choose them.
	#[pallet::storage]
	pub type Moved<T: Config> =
		StorageDoubleMap<_, Twox64Concat, VersionId, Twox64Concat, u16, Balance, ValueQuery>;

	/// All royalties a version ever received, in planck; no entry before the first.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Royalties<T: Config> = StorageMap<_, Twox64Concat, VersionId, Balance, ValueQuery>;

	/// What a row of a version was paid so far, in planck; no entry before the first payment.
	// Twox: both keys are given out by the chain, one after the other, so nobody can choose them.
	#[pallet::storage]
	pub type Paid<T: Config> =
		StorageDoubleMap<_, Twox64Concat, VersionId, Twox64Concat, u16, Balance, ValueQuery>;

	/// The licences under which a version can be added.
	// Blake2: keys are texts, and whoever adds a version chooses which one is looked up.
	#[pallet::storage]
	pub type Licences<T: Config> = StorageMap<_, Blake2_128Concat, Licence, ()>;

	/// The open contest of a version.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Contests<T: Config> = StorageMap<_, Twox64Concat, VersionId, Contest>;

	/// What came of the proofs that a version, the first key, reuses an older one's weights.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type Reuses<T: Config> =
		StorageDoubleMap<_, Twox64Concat, VersionId, Twox64Concat, VersionId, Reuse>;

	/// How many reuses an account has yet to settle before it can add versions; no entry if none.
	// Blake2: the key is an account, which its holder can choose.
	#[pallet::storage]
	pub type Barred<T: Config> = StorageMap<_, Blake2_128Concat, AccountId32, u32, ValueQuery>;

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
			/// Its royalty, in parts per million.
			royalty: u32,
			/// How many ancestors it has.
			ancestors: u32,
		},
		/// A version closes to new requests.
		VersionDeprecated {
			/// The version.
			version: VersionId,
			/// The block it closes in.
			closes: BlockNumber,
		},
		/// A floor price was announced.
		FloorAnnounced {
			/// The version.
			version: VersionId,
			/// The floor that holds now, in planck, or held until now.
			old: Balance,
			/// The new one, in planck.
			price: Balance,
			/// The first block the new one holds in.
			from: BlockNumber,
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
		/// A royalty was booked from a version to one of its ancestors.
		RoyaltyMoved {
			/// The version.
			version: VersionId,
			/// The ancestor's place in its table, from 0.
			index: u16,
			/// The ancestor.
			ancestor: VersionId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A contributor accepted its row.
		RowAccepted {
			/// The version.
			version: VersionId,
			/// The row's number.
			row: u16,
			/// Whose row it is.
			account: T::AccountId,
		},
		/// A row was not accepted in time: what it is due, now and later, is the dividend's.
		RowForfeited {
			/// The version.
			version: VersionId,
			/// The row's number.
			row: u16,
			/// Whose row it was.
			account: T::AccountId,
			/// What went to the dividend at once, in planck.
			amount: Balance,
		},
		/// A row went to another account, which has yet to accept it.
		RowTransferred {
			/// The version.
			version: VersionId,
			/// The row's number.
			row: u16,
			/// Whose row it was.
			from: T::AccountId,
			/// Whose row it is.
			to: T::AccountId,
			/// What it was due and went with it, in planck.
			due: Balance,
		},
		/// A model was offered to somebody, or to nobody any more.
		ModelOffered {
			/// The model.
			model: ModelId,
			/// Who owns it.
			owner: T::AccountId,
			/// Who may take it over.
			to: Option<T::AccountId>,
		},
		/// A model went to another owner.
		ModelTransferred {
			/// The model.
			model: ModelId,
			/// Who owned it.
			from: T::AccountId,
			/// Who owns it.
			to: T::AccountId,
			/// What is held from the new owner for it, in planck.
			deposit: Balance,
		},
		/// Somebody says that a version is theirs.
		VersionContested {
			/// The version.
			version: VersionId,
			/// Who says so.
			contester: T::AccountId,
			/// Hash of the evidence.
			evidence_hash: Hash,
			/// What is held for it, in planck.
			deposit: Balance,
		},
		/// A version is its owner's. The two amounts sum to the contest's deposit.
		ContestDismissed {
			/// The version.
			version: VersionId,
			/// Who said that it was theirs.
			contester: T::AccountId,
			/// Who owns its model.
			owner: T::AccountId,
			/// What the owner got, in planck.
			to_owner: Balance,
			/// What the dividend got, in planck.
			to_dividend: Balance,
		},
		/// A version is the contester's; the deposit was released.
		ContestUpheld {
			/// The version.
			version: VersionId,
			/// Who said that it was theirs.
			contester: T::AccountId,
			/// The rows that passed to the contester, with what they were due.
			rows: RowList,
			/// Whether the model passed to the contester as well.
			model: bool,
		},
		/// A version was shown to hold an older one's weights.
		ReuseProven {
			/// The older version.
			older: VersionId,
			/// The newer version.
			newer: VersionId,
			/// What came of it.
			outcome: Reuse,
		},
		/// A reuse that was shown late is settled.
		ReuseSettled {
			/// The older version.
			older: VersionId,
			/// The newer version.
			newer: VersionId,
			/// Who was barred by it from adding versions.
			owner: T::AccountId,
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
		/// All that is due so far was paid or moved. Try again when the version has earned more.
		NothingDue,
		/// What is due is less than an account must hold to exist, and the row's account cannot take
		/// it in. It is kept: wait until more is due, or let the account have a balance first.
		AccountCannotHold,
		/// A parent does not exist. Check its id, and name versions that are on the chain.
		UnknownParent,
		/// A parent is named twice. Name it once, with the relation that says most.
		DuplicateParent,
		/// A parent can still be contested, or is. Wait until its contest window is over and its
		/// contest is ruled on.
		ParentNotSettled,
		/// The version's table of ancestors has no row with this number. Rows count from 0.
		UnknownAncestor,
		/// A royalty is at most 50,000 parts per million (5 %). Declare a lower one.
		RoyaltyTooHigh,
		/// A version has at most 32 ancestors, over all generations. Name fewer parents, or such as
		/// have fewer ancestors.
		TooManyAncestors,
		/// The royalties of all ancestors together are above 400,000 parts per million (40 %). Name
		/// fewer parents, or such as owe less.
		RoyaltiesTooHigh,
		/// A tensor root is over 1 to 2^20 tensors of at least 4 KiB each. Correct its numbers, or give
		/// none if the version has no such tensor.
		InvalidTensorRoot,
		/// The account has to settle a reuse of somebody's weights before it can add versions. Agree
		/// with the older version's owner, or turn to governance.
		Barred,
		/// Only the account of the row may do this. Sign with it, or bring its signature.
		NotRowAccount,
		/// The signature is not the row's account's acceptance of this row. Have it sign the digest of
		/// this version, row and account on this chain.
		BadAcceptance,
		/// The row's account has not accepted it, so nobody can be paid yet. Accept the row first.
		NotAccepted,
		/// The row is accepted already. There is nothing left to do.
		AlreadyAccepted,
		/// The row was not accepted in time and is the dividend's for ever.
		RowForfeited,
		/// The row's account still has time to accept it. Wait until the term is over.
		AcceptanceTermRuns,
		/// The owner's share is held until nobody can contest the version. Wait for the window's end,
		/// and for the ruling if a contest is open.
		OwnerShareHeld,
		/// This is the floor price already, and no rise is announced. There is nothing to do.
		FloorUnchanged,
		/// The block in which the version is to close is not in the future. Name a later one, or none
		/// to close it now.
		ClosesInPast,
		/// Within the contest window a version can only be closed at once. Wait for the window's end,
		/// or close it now.
		WindowOpen,
		/// The contest window of the version is over. Ownership can no longer be contested here.
		WindowOver,
		/// A contest of this version is open already. Bring the evidence there.
		ContestOpen,
		/// No contest of this version is open.
		NoContest,
		/// The version is the caller's own.
		OwnVersion,
		/// The model is not offered to this account. Have its owner offer it.
		NotOffered,
		/// The older version was added after the newer one, or is the same. Exchange the two.
		NotOlder,
		/// One of the versions has no tensor root, so nothing can be shown of it.
		NoTensorRoot,
		/// The tensors of a proof are by strictly rising hash. Sort them, and show each once.
		TensorsNotRising,
		/// Reuse is at least 10 equal tensors, or such as hold 5 % of the newer version's bytes. Show
		/// more of them.
		TooLittleShared,
		/// A tensor of the proof does not stand under one of the two roots. Make the proof anew from
		/// both versions' files.
		InvalidProof,
		/// The older version is an ancestor of the newer one, and paid as such.
		AlreadyAncestor,
		/// This reuse was shown before.
		AlreadyProven,
		/// Both versions are the same owner's, who can no longer make one the other's parent.
		OwnWeights,
		/// No reuse between these versions is waiting to be settled.
		NothingToSettle,
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
		/// What was agreed under the previous floor stays honest. Constant cost.
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
		/// Within the contest window, one contest at a time. [`Config::ContestDeposit`] is held from the
		/// caller. The owner's share stays held, and nobody can name the version as a parent, until
		/// [`Pallet::resolve_contest`]. Constant cost.
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

		/// Rule on the contest of a version.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// Dismissed: half of the deposit goes to the owner, the rest to the dividend. Upheld: the
		/// deposit is released, the owner's share and the rows named pass to the contester with all
		/// they are due, and, if the ruling says so, the model with its deposits. The cost is that of
		/// the longest table.
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
			ruling: Ruling,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_resolve_contest(version, ruling)
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
		/// version's bytes. Within the newer version's contest window the older one becomes its
		/// parent: from now on it and its ancestors are due their royalties of what comes in. If the
		/// newer version would owe more than it may, it could not have been added with its true
		/// parents, and is closed. After the window, the owner of the newer version's model can add no
		/// versions until [`Pallet::settle_reuse`]. The cost grows with the number of tensors.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownVersion`], [`Error::NotOlder`], [`Error::NoTensorRoot`].
		/// - [`Error::AlreadyAncestor`], [`Error::AlreadyProven`], [`Error::OwnWeights`].
		/// - [`Error::TensorsNotRising`], [`Error::TooLittleShared`], [`Error::InvalidProof`].
		/// - [`Error::TooManyAncestors`], [`Error::RoyaltiesTooHigh`]: and the newer one is closed
		///   already.
		///
		/// ## Events
		///
		/// [`Event::ReuseProven`] with what came of it.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::prove_reuse(proof.len() as u32))]
		pub fn prove_reuse(
			origin: OriginFor<T>,
			older: VersionId,
			newer: VersionId,
			proof: ReuseProof,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_prove_reuse(older, newer, &proof)
		}

		/// Settle a reuse of weights that was shown after the contest window.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the owner of the older version's model, or [`Config::AdminOrigin`].
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
			let caller = match T::AdminOrigin::try_origin(origin) {
				Ok(_) => None,
				Err(origin) => Some(ensure_signed(origin)?),
			};
			Self::do_settle_reuse(caller, older, newer)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A model: its owner, its name, how many versions it has and how many of them are open.
		pub fn model(model: ModelId) -> Option<Model> {
			Models::<T>::get(model)
		}

		/// A version: its manifest, licence, meter, royalty, and when it was added and closes.
		pub fn version(version: VersionId) -> Option<Version> {
			Versions::<T>::get(version)
		}

		/// The floor price of a version as it holds now, and the rise to come.
		pub fn floor(version: VersionId) -> Option<Floor> {
			Versions::<T>::get(version).map(|version| version.floor.at(Self::now()))
		}

		/// The contributor table of a version, in the order of the rows' numbers; empty if there is no
		/// such version.
		pub fn contributors(version: VersionId) -> Vec<Row> {
			Contributors::<T>::get(version).map(BoundedVec::into_inner).unwrap_or_default()
		}

		/// Whether a row of a version was accepted.
		pub fn accepted(version: VersionId, row: u16) -> bool {
			Contributors::<T>::get(version)
				.and_then(|table| table.into_iter().nth(usize::from(row)))
				.is_some_and(|row| row.state == RowState::Accepted)
		}

		/// What a row of a version is due now, in planck, whether or not it can be paid already; 0 if
		/// there is no such row.
		pub fn revenue_due(version: VersionId, row: u16) -> Balance {
			Self::due(version, row).map(|(_, due)| due).unwrap_or_default()
		}

		/// The parents a version was added with.
		pub fn parents(version: VersionId) -> Vec<Parent> {
			Parents::<T>::get(version).into_inner()
		}

		/// All ancestors of a version and what it owes them, in the order of their numbers.
		pub fn ancestors(version: VersionId) -> Vec<Ancestor> {
			Ancestors::<T>::get(version).into_inner()
		}

		/// What an ancestor of a version is due now, in planck; 0 if there is no such ancestor.
		pub fn royalty_due(version: VersionId, ancestor_index: u16) -> Balance {
			Self::royalty(version, ancestor_index).map(|(_, due)| due).unwrap_or_default()
		}

		/// The open contest of a version.
		pub fn open_contest(version: VersionId) -> Option<Contest> {
			Contests::<T>::get(version)
		}

		/// How many reuses an account has yet to settle before it can add versions.
		pub fn bars(account: T::AccountId) -> u32 {
			Barred::<T>::get(account)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The account that holds the revenue of all versions until it is claimed.
		pub fn pot() -> AccountId32 {
			T::PalletId::get().into_account_truncating()
		}
	}
}
