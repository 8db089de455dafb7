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
//!   theirs, or show that it reuses older weights. It is *settled* once the window is over, no
//!   contest is open, and no claim of reuse waits. Until then the *owner's share* (rows of the owner's
//!   account, and of the role owner) is held, and nobody can name the version as a parent.
//! - **Claim of reuse**: a proof that two versions hold the same tensors, with a deposit. It takes
//!   effect when nobody has refuted it for a while by showing that the tensors are an older version's
//!   still, such as the base that both came from.
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
//! shows ten tensors that both roots hold ([`Pallet::prove_reuse`]); nobody can refute it, and two weeks
//! later Mallory's version owes the same 5 % ([`Pallet::confirm_reuse`]). When he registers Ada's next
//! model as his own before she does, she lodges a contest ([`Pallet::contest`]); his share is held
//! meanwhile, and it is hers when governance agrees. Had governance said nothing for two months, the
//! contest could have lapsed ([`Pallet::lapse_contest`]).
//!
//! Erik fine-tunes magika, too, and names it as the parent, as Dunja did before him. Dunja claims that
//! he reuses hers: it is true that both hold the same tensors. Erik shows that they stand in Ada's
//! root ([`Pallet::refute_reuse`]), so the claim is void, and half of Dunja's deposit is his. Only
//! tensors that are Dunja's own would have made hers a parent.
//!
//! Ada has trained a better version. She adds it and calls [`Pallet::deprecate`] for the old one:
//! oracles refuse new requests for it, receipts of requests they answered before are settled as ever,
//! and their revenue still reaches Ben.
//!
//! ## What it costs
//!
//! No call's cost depends on what is in the registry; `add_version` grows with the rows (64 at most)
//! and parents (8), `prove_reuse` and `refute_reuse` with the tensors shown (32). There is no hook and
//! no loop over models, versions or people. Claims and contests are removed when they are decided,
//! which anybody can bring about; what was proved of two versions is kept like the versions.
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
mod calls;
mod closing;
mod contest;
mod errors;
mod events;
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

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
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

		/// How long after it was lodged a contest can lapse, if nobody has ruled on it, in blocks.
		#[pallet::constant]
		type ContestTerm: Get<BlockNumber>;

		/// Held from who claims that weights are reused, in planck; lost if the claim is refuted.
		#[pallet::constant]
		type ReuseDeposit: Get<Balance>;

		/// For how long such a claim can be refuted and has no effect, in blocks.
		#[pallet::constant]
		type RefutationPeriod: Get<BlockNumber>;

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

		/// Who keeps the list of licences.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who rules on contests and settles reuses.
		type DisputeOrigin: EnsureOrigin<Self::RuntimeOrigin>;

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
		/// The deposits for claims that weights are reused.
		Reuse,
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
	/// added, and only before the version is settled.
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

	/// The open contests of a version, the first key, by whoever says that it is theirs. Each is by
	/// itself, so that nobody can keep a maker from one by lodging another first.
	// Twox: ids are given out by the chain. Blake2: whoever makes an account chooses its bytes.
	#[pallet::storage]
	pub type Contests<T: Config> =
		StorageDoubleMap<_, Twox64Concat, VersionId, Blake2_128Concat, AccountId32, Contest>;

	/// How many contests of a version are open; no entry if none.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type OpenContests<T: Config> = StorageMap<_, Twox64Concat, VersionId, u32, ValueQuery>;

	/// The claims that a version, the first key, reuses an older one's weights, by [`reuse_id`].
	// Twox: ids are given out by the chain. Identity: the chain hashes what a prover shows.
	#[pallet::storage]
	pub type ReuseClaims<T: Config> =
		StorageDoubleMap<_, Twox64Concat, VersionId, Identity, Hash, ReuseClaim>;

	/// How many of them were made in the version's contest window; no entry if none.
	// Twox: ids are given out by the chain, one after the other, so nobody can choose keys.
	#[pallet::storage]
	pub type PendingReuses<T: Config> = StorageMap<_, Twox64Concat, VersionId, u32, ValueQuery>;

	/// What came of the claims that a version, the first key, reuses an older one's weights.
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

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
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

		/// The open contest of a version by that account.
		pub fn open_contest(version: VersionId, contester: T::AccountId) -> Option<Contest> {
			Contests::<T>::get(version, contester)
		}

		/// How many contests of a version are open.
		pub fn open_contests(version: VersionId) -> u32 {
			OpenContests::<T>::get(version)
		}

		/// A claim that a version reuses weights, which is not decided yet.
		pub fn reuse_claim(newer: VersionId, id: Hash) -> Option<ReuseClaim> {
			ReuseClaims::<T>::get(newer, id)
		}

		/// Whether a version is settled: nobody can contest it any more, and all that was is decided.
		pub fn settled(version: VersionId) -> bool {
			Versions::<T>::get(version).is_some_and(|record| Self::is_settled(version, &record))
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
