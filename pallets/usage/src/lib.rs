//! # Usage
//!
//! Payment for the use of models: consumers put money aside for one oracle and one model, the
//! oracle settles what it served against the consumer's vouchers, and every settled amount is
//! divided among five parts.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage items, events, errors and view functions.
//!
//! ## Overview
//!
//! Terms:
//! - **Channel**: one consumer's money for one oracle and one model, and how far it is settled.
//! - **Escrow**: that money, on hold in the consumer's own account.
//! - **Bonus**: what of the escrow the commons fund gave. It is spent last, and returns to the fund.
//! - **Voucher**: the consumer's promise for one request, signed off chain with the channel's key.
//!   It says how much may be charged in all, and which receipts the consumer has accepted.
//! - **Claim**: a run of receipts of one channel and one model version, with the newest voucher.
//! - **Batch**: one settlement of an oracle: the root of a Merkle-sum tree over any number of
//!   receipts, and a claim for each channel in it.
//!
//! ### Scenario: Carla uses Omar's oracle
//!
//! 1. Carla opens a channel to Omar for a model: 100 UFR go on hold, with a fresh key for vouchers.
//! 2. She sends a thousand requests, each with a voucher, and gets a thousand signed receipts. The
//!    chain hears nothing of it.
//! 3. Omar settles: one call with the root of the thousand receipts and one claim for her channel.
//!    The claimed amount moves from her hold to the settlement account and is divided; one and a
//!    half times as much of Omar's bond is locked, because a settlement is final at once.
//! 4. Omar collects his part. The model's part went to the registry with the settlement; those of
//!    the dividend, the commons and the validators move with `flush`, or when an epoch closes.
//! 5. Carla asks to close. Omar has a window to settle what her vouchers still cover; then anybody
//!    finalises, and the rest of the escrow is hers again.
//!
//! Had Omar been down for longer, anybody with Carla's newest voucher could have lodged it
//! (`checkpoint`): what it covers waits for a second window. Had they agreed, `close_together`
//! would have closed the channel at once.
//!
//! ### Scenario: Olga invents a receipt
//!
//! 1. Olga settles one receipt more than Carla asked for, within what Carla's last voucher allows.
//! 2. Carla's program sees a settlement beyond what it knows and demands the receipt, with a
//!    deposit. While the demand is open the lock of that batch does not end.
//! 3. Olga has no voucher that asked for it. A day later anybody enforces the demand: the lock of
//!    that batch and a tenth of Olga's free bond are slashed, Carla gets back what her channel
//!    paid in it, and her deposit. Had Olga been honest, she would have answered and kept that.
//!
//! Whoever holds a receipt that contradicts another one, or a leaf that breaks a rule, needs no
//! demand: it reports them, and the oracle is slashed at once.
//!
//! ### Scenario: nobody lets Omar settle
//!
//! A settlement is a signed extrinsic, and the same bytes can be handed to any node, by anybody who has
//! them, until they are in a block: one honest author within the window is enough. Omar may also
//! have others settle in his name, from their own accounts and nodes: a proxy that can settle and
//! nothing else. There is no third way: claims that anybody could bring would lock Omar's bond for
//! batches he never made. Late is not lost: a batch that was refused or kept out is settled with the
//! same bytes, and what was lodged (`checkpoint`) waits for a second window.
//!
//! A settlement costs the same for one receipt or a million; it grows with the number of claims.
//! A claim that is not in order is skipped and named, with its reason, and stands in nobody's way.
//!
//! ## Low Level / Implementation Details
//!
//! Money is divided by the cumulative-difference rule of [`usufruct_primitives::split`] in one
//! global ledger, so at most four planck are undivided, however settlements are cut. New weights
//! take effect when an epoch closes and begin a new ledger; the dust of the old one goes to the
//! dividend.
//!
//! Royalties, paid for models that are used outside the chain, are divided in a second ledger of
//! four parts.
//!
//! Fees are counted by the owner of the model. Of an owner with more than a fifth of all fees of
//! the last epoch, a part of what its models earn goes to the dividend; see `concentration.rs`.
//!
//! The settlement account holds an existential deposit from genesis on, and beyond it exactly what
//! is divided but not moved, the dust, and what anybody gave it.
//!
//! Nothing grows for ever but a number for each account: the last salt of a consumer, without which
//! an old voucher could be valid again, and the next number of an oracle, without which an old batch
//! could. A channel leaves nothing else behind, and a settlement nothing once it cannot be
//! challenged; see `sweep.rs`.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking_fraud;
mod calls;
mod checkpoint;
mod closing;
mod concentration;
mod demand;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod docket;
mod errors;
mod escrow;
mod events;
mod evidence;
mod fraud;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
mod keys;
mod royalty;
mod settle;
mod split;
mod sweep;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use demand::{
	Charge, Demand, DemandsPage, Inquiry, OpenDemand, DEMANDS_OF_CONSUMER, DEMANDS_OF_OTHERS,
	INQUIRIES_ON_PAGE, MAX_DEMANDS,
};
pub use evidence::{
	Answer, Evidence, LeafProof, Opening, ProofError, SettledReceipt, ShownLeaf, SignedReceipt,
	SubmittedClaims, MAX_SIBLINGS,
};
pub use pallet::*;
pub use sweep::MAX_SWEPT;
pub use types::*;
pub use usufruct_primitives::{fraud::Fraud, submitted::SubmittedClaim};
pub use weights::WeightInfo;

/// The target of this pallet's log lines.
pub(crate) const LOG_TARGET: &str = "runtime::usage";

#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{hold, Inspect, Mutate},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_core::H256;
	use sp_runtime::{
		traits::{AccountIdConversion, SaturatedConversion, Zero},
		AccountId32,
	};
	use usufruct_primitives::{
		keys::is_valid_ed25519,
		settlement::{Claim, MAX_CLAIMS},
		split::{Parts, Split, SplitError},
		traits::{Models, Oracles, People},
		usage::{channel_id, Closing, Receipt, Voucher},
		Balance, BatchNo, BlockNumber, ChannelId, EpochIndex, Hash, ModelId, PublicKey, Seq,
		Signature, VersionId, PPM,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = AccountId32, Hash = H256> {
		/// The money of the chain.
		type Currency: Inspect<AccountId32, Balance = Balance>
			+ Mutate<AccountId32>
			+ hold::Mutate<AccountId32, Reason: From<HoldReason>>;

		/// The model registry: which model a version belongs to, and whose its revenue is.
		type Models: Models<AccountId32>;

		/// The bonded oracles: who may settle, and the bond that stands for it.
		type Oracles: Oracles<AccountId32>;

		/// Names the settlement account, through which every settled planck passes.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Gets the dividend's part of every settlement.
		#[pallet::constant]
		type DividendPot: Get<AccountId32>;

		/// Gets the commons fund's part of every settlement.
		#[pallet::constant]
		type CommonsPot: Get<AccountId32>;

		/// Gets the validators' part of every settlement.
		#[pallet::constant]
		type SecurityPot: Get<AccountId32>;

		/// The least a channel is opened with, in planck.
		#[pallet::constant]
		type MinEscrow: Get<Balance>;

		/// Blocks from a request to close until the escrow can be returned: the time an oracle has
		/// to settle what it served.
		#[pallet::constant]
		type ClosingWindow: Get<BlockNumber>;

		/// Who are verified people: their models' fees are counted for each of them.
		type People: People<AccountId32>;

		/// Who sets weights and slope and lists organisations.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The least that must have been paid in an epoch, in planck, for concentration to be
		/// damped in the next: the first users of a young network are not taxed for being alone.
		#[pallet::constant]
		type ConcentrationFloor: Get<Balance>;

		/// What is put aside for a demand, in planck; the oracle's if it answers. At least an
		/// existential deposit.
		#[pallet::constant]
		type DemandDeposit: Get<Balance>;

		/// Blocks that an oracle has to answer a demand.
		#[pallet::constant]
		type DemandTerm: Get<BlockNumber>;

		/// What the calls and the hook cost.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Put aside for an oracle in a channel.
		#[codec(index = 0)]
		Escrow,
		/// Deposited for a demand.
		#[codec(index = 1)]
		Demand,
	}

	/// Every channel that is not closed for good.
	// Identity: a channel id is a BLAKE2 digest that the chain computes.
	#[pallet::storage]
	pub type Channels<T: Config> = StorageMap<_, Identity, ChannelId, Channel, OptionQuery>;

	/// The highest salt a consumer has opened a channel with. Kept for ever, so that no channel id
	/// exists twice and no voucher of a closed channel is valid again.
	// Blake2_128Concat: account ids can be chosen.
	#[pallet::storage]
	pub type LastSalt<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u64, OptionQuery>;

	/// The next number and the credit of every oracle that ever settled. Kept for ever, so that no
	/// number is given out twice: a batch that was signed once is never settled again.
	// Blake2_128Concat: account ids can be chosen.
	#[pallet::storage]
	pub type OracleBooks<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, OracleBook, ValueQuery>;

	/// The settlements that can be challenged, and older ones that are not swept yet, by oracle and
	/// number.
	// Blake2_128Concat: account ids can be chosen. Twox64Concat: batch numbers count up from 0.
	#[pallet::storage]
	pub type Batches<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		BatchNo,
		Batch,
		OptionQuery,
	>;

	/// The weights by which settlements are divided now.
	#[pallet::storage]
	pub type CurrentSplit<T: Config> = StorageValue<_, Split, ValueQuery>;

	/// The weights from the next close of an epoch on, if they are to change.
	#[pallet::storage]
	pub type NextSplit<T: Config> = StorageValue<_, Split, OptionQuery>;

	/// What was divided, what of it is due to the pots, and the fees of epochs.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type Books<T: Config> = StorageValue<_, Sums, ValueQuery>;

	/// What was paid for the models of each owner, rolled over when it is used. That of an owner
	/// that earns no more counts for nothing after an epoch, and is there until it is swept.
	// Blake2_128Concat: account ids can be chosen.
	#[pallet::storage]
	pub type FeesByOwner<T: Config> = StorageMap<_, Blake2_128Concat, Owner, OwnerFees, ValueQuery>;

	/// The organisations that governance has listed.
	// Blake2_128Concat: account ids can be chosen.
	#[pallet::storage]
	pub type Organisations<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, (), OptionQuery>;

	/// How strongly concentration is damped at first, in parts per million.
	#[pallet::type_value]
	pub fn DefaultSlope() -> u32 {
		500_000
	}

	/// How strongly concentration is damped, in parts per million.
	#[pallet::storage]
	pub type Slope<T: Config> = StorageValue<_, u32, ValueQuery, DefaultSlope>;

	/// What stands against a batch, if anything does. It goes with its batch.
	// Blake2_128Concat: account ids can be chosen. Twox64Concat: batch numbers count up from 0.
	#[pallet::storage]
	pub type Charges<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		BatchNo,
		Charge,
		ValueQuery,
	>;

	/// The open demands, by oracle, batch and channel.
	// Blake2_128Concat: account ids can be chosen. Twox64Concat: batch numbers count up from 0.
	// Identity: a channel id is a BLAKE2 digest that the chain computed.
	#[pallet::storage]
	pub type Inquiries<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Blake2_128Concat, T::AccountId>,
			NMapKey<Twox64Concat, BatchNo>,
			NMapKey<Identity, ChannelId>,
		),
		Inquiry,
		OptionQuery,
	>;

	/// Nothing to set: a chain starts without channels and with the default weights. Building it
	/// brings the settlement account to life.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[doc(hidden)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			// A first claim below the existential deposit could not be received otherwise.
			let account = Pallet::<T>::account();
			let minimum = T::Currency::minimum_balance();
			if T::Currency::balance(&account) < minimum {
				let minted = T::Currency::mint_into(&account, minimum);
				assert!(minted.is_ok(), "the settlement account can be given its deposit");
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// All settlements of a block share the sums and the accounts of this pallet and of the
		/// models: a block reads and writes them once, however many there are. So they are charged
		/// here, and the calls' weights leave them out.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			T::DbWeight::get().reads_writes(3, 3)
		}

		fn integrity_test() {
			let account = Self::account();
			for pot in [T::DividendPot::get(), T::CommonsPot::get(), T::SecurityPot::get()] {
				assert!(pot != account, "no pot is the settlement account");
			}
			assert!(T::Models::account() != account, "the models' pot is another account");
			assert!(!T::MinEscrow::get().is_zero(), "a channel has something in it");
			let deposit = T::DemandDeposit::get();
			assert!(deposit >= T::Currency::minimum_balance(), "any oracle can get a deposit");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A channel that is not closed for good.
		pub fn channel(channel_id: ChannelId) -> Option<Channel> {
			Channels::<T>::get(channel_id)
		}

		/// The weights by which settlements are divided now, in parts per million.
		pub fn split() -> Split {
			CurrentSplit::<T>::get()
		}

		/// The number of the oracle's next settlement.
		pub fn next_batch(oracle: T::AccountId) -> BatchNo {
			OracleBooks::<T>::get(oracle).next_batch
		}

		/// What is kept of a settlement; nothing once it could not be challenged and was removed.
		pub fn batch(oracle: T::AccountId, batch_no: BatchNo) -> Option<Batch> {
			Batches::<T>::get(oracle, batch_no)
		}

		/// What the oracle can collect, in planck.
		pub fn credit(oracle: T::AccountId) -> Balance {
			OracleBooks::<T>::get(oracle).credit
		}

		/// The highest salt the consumer has used; the next channel needs a higher one.
		pub fn last_salt(consumer: T::AccountId) -> Option<u64> {
			LastSalt::<T>::get(consumer)
		}

		/// The share of all fees that was paid for the models of this owner in the epoch that
		/// closed last, in parts per million. Of one that is neither a verified person nor a listed
		/// organisation: that of all those together.
		pub fn share(owner: T::AccountId) -> u32 {
			Self::standing(owner).0
		}

		/// How concentrated fees were in the epoch that closed last: the sum of the squares of all
		/// owners' shares, from 0 (nothing was paid) to 10,000 (all for one owner).
		pub fn herfindahl() -> u32 {
			Books::<T>::get().fees.last.herfindahl()
		}

		/// The part of what the models of this owner earn now that is the dividend's because its
		/// share is too large, in parts per million.
		pub fn damping(owner: T::AccountId) -> u32 {
			Self::standing(owner).1
		}

		/// The open demands against an oracle, page by page: the first with nothing as `after`, each
		/// other one with what the page before gave as `next`.
		pub fn open_demands(
			oracle: T::AccountId,
			after: Option<(BatchNo, ChannelId)>,
		) -> DemandsPage {
			Self::demands_against(&oracle, after)
		}

		/// What stands against a batch: whether it was slashed, and how many demands are open.
		pub fn charge(oracle: T::AccountId, batch_no: BatchNo) -> Charge {
			Charges::<T>::get(oracle, batch_no)
		}
	}

	impl<T: Config> Pallet<T> {
		/// The settlement account.
		pub fn account() -> T::AccountId {
			T::PalletId::get().into_account_truncating()
		}

		/// What makes signatures of this chain worthless on any other.
		pub(crate) fn genesis_hash() -> Hash {
			frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).to_fixed_bytes()
		}

		/// The height of this block.
		pub(crate) fn now() -> BlockNumber {
			frame_system::Pallet::<T>::block_number().saturated_into()
		}
	}
}
