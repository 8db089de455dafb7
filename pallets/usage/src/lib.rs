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
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking_fraud;
mod checkpoint;
mod closing;
mod concentration;
mod demand;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod docket;
mod escrow;
mod evidence;
mod fraud;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
mod keys;
mod royalty;
mod settle;
mod split;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use demand::{
	Charge, Demand, Inquiry, OpenDemand, DEMANDS_OF_CONSUMER, DEMANDS_OF_OTHERS, MAX_DEMANDS,
};
pub use evidence::{
	Answer, Evidence, LeafProof, Opening, Place, ProofError, SettledReceipt, ShownLeaf,
	SignedReceipt, SubmittedClaim, SubmittedClaims, MAX_SIBLINGS,
};
pub use fraud::Fraud;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// The target of this pallet's log lines.
pub(crate) const LOG_TARGET: &str = "runtime::usage";

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
		AccountId32, ArithmeticError,
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

	/// The next number and the credit of every oracle that ever settled.
	// Blake2_128Concat: account ids can be chosen.
	#[pallet::storage]
	pub type OracleBooks<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, OracleBook, ValueQuery>;

	/// Every settlement, by oracle and number.
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
	pub type Books<T: Config> = StorageValue<_, Sums, ValueQuery>;

	/// What was paid for the models of each owner that ever earned, rolled over when it is used.
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

	/// What stands against a batch, if anything does. That of a slashed batch is kept for ever.
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

	/// The receipts for which an oracle was slashed because there is another one. Kept for ever,
	/// because its signatures are.
	// Blake2_128Concat: account ids can be chosen, and whatever an oracle signs.
	#[pallet::storage]
	pub type Doubles<T: Config> =
		StorageMap<_, Blake2_128Concat, (T::AccountId, ChannelId, Seq), (), OptionQuery>;

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

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A consumer put `escrow` aside for an oracle and a model.
		ChannelOpened {
			channel_id: ChannelId,
			consumer: T::AccountId,
			oracle: T::AccountId,
			model: ModelId,
			escrow: Balance,
		},
		/// A consumer added `amount` to a channel, which has `escrow` now.
		ToppedUp { channel_id: ChannelId, amount: Balance, escrow: Balance },
		/// An oracle settled a batch. `accepted_total` of its `total` was paid, of which each party
		/// was credited its part (the dividend's has what damping took from the models');
		/// claims were skipped as named by their place in the call.
		Settled {
			oracle: T::AccountId,
			batch_no: BatchNo,
			root: Hash,
			count: u32,
			total: Balance,
			accepted_total: Balance,
			parts: Parts,
			skipped: BoundedVec<Skipped, ConstU32<MAX_CLAIMS>>,
		},
		/// A consumer closes a channel: from block `closes_at` on it can be finalised.
		CloseRequested { channel_id: ChannelId, closes_at: BlockNumber },
		/// A channel is closed for good; `returned` is the consumer's again.
		ChannelClosed { channel_id: ChannelId, returned: Balance },
		/// The consumer replaced the key of a channel. What `old` signed can be settled before
		/// block `until`.
		ChannelKeySet { channel_id: ChannelId, old: PublicKey, new: PublicKey, until: BlockNumber },
		/// Somebody lodged a voucher that covers a total of `covers`; `reserved` of the escrow
		/// outlives the closing window.
		Checkpointed { channel_id: ChannelId, by: T::AccountId, covers: Balance, reserved: Balance },
		/// The window of a closing channel is over. `returned` is the consumer's again; `reserved`
		/// is, too, at block `until`, as far as it is not settled then.
		EscrowReturned {
			channel_id: ChannelId,
			returned: Balance,
			reserved: Balance,
			until: BlockNumber,
		},
		/// Somebody paid `amount` for the use of a version outside the chain, of which each party
		/// was credited its part.
		RoyaltyPaid {
			payer: T::AccountId,
			version: VersionId,
			amount: Balance,
			parts: Parts,
			memo: Memo,
		},
		/// In the epoch that closes, `total` was paid for all models; `herfindahl` says for how few
		/// owners', 10,000 being one alone.
		FeesCounted { epoch: EpochIndex, total: Balance, herfindahl: u32 },
		/// An organisation was listed, or is no longer: its fees are counted for it alone, or with
		/// all others that are not listed.
		OrganisationSet { account: T::AccountId, listed: bool },
		/// Concentration is damped by `new` instead of `old` from now on, in parts per million.
		SlopeSet { old: u32, new: u32 },
		/// Settlements are divided by `new` instead of `old` from the next close of an epoch on.
		SplitScheduled { old: Split, new: Split },
		/// Settlements are divided by `new` from now on; `dust`, which was left undivided under
		/// `old`, is the dividend's.
		SplitChanged { old: Split, new: Split, dust: Balance },
		/// What was due to the pots was moved to them.
		Flushed { parts: PotParts },
		/// An oracle collected what it had earned.
		Collected { oracle: T::AccountId, amount: Balance },
		/// An oracle was convicted of a fraud. Of the lock of the batch, if it is about one, and of
		/// the free bond `taken` was slashed: `to_consumer` is the consumer's of the channel, so
		/// far as that is known, `to_reporter` the reporter's, if it gets a part.
		OracleConvicted {
			oracle: T::AccountId,
			batch_no: Option<BatchNo>,
			channel_id: ChannelId,
			seq: Seq,
			fraud: Fraud,
			taken: Balance,
			consumer: Option<T::AccountId>,
			to_consumer: Balance,
			reporter: Option<T::AccountId>,
			to_reporter: Balance,
			to_dividend: Balance,
		},
		/// An oracle must show a receipt and its voucher; from block `due` on it can be slashed for
		/// not doing so.
		Demanded {
			oracle: T::AccountId,
			batch_no: BatchNo,
			channel_id: ChannelId,
			seq: Seq,
			by: T::AccountId,
			deposit: Balance,
			due: BlockNumber,
		},
		/// A demand was answered with `receipt`; the deposit is the oracle's.
		DemandAnswered {
			oracle: T::AccountId,
			batch_no: BatchNo,
			receipt: Receipt,
			by: T::AccountId,
			deposit: Balance,
		},
		/// A demand was not answered before the oracle was convicted; the deposit is free again.
		DepositReturned {
			oracle: T::AccountId,
			batch_no: BatchNo,
			channel_id: ChannelId,
			seq: Seq,
			by: T::AccountId,
			deposit: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The oracle is not registered, or its bond is below the minimum. Choose another oracle.
		OracleNotActive,
		/// The model does not exist or has no open version. Choose another model.
		ModelNotOpen,
		/// The key is not the canonical encoding of an ed25519 key of full order. Draw another one.
		InvalidKey,
		/// The escrow is below the least a channel is opened with. Put more aside.
		EscrowTooSmall,
		/// A limit of zero would let the oracle charge nothing. Give `max_unit_price` and
		/// `max_unacked` values above zero.
		ZeroLimit,
		/// The salt is not above every salt of this account's channels so far. Use a higher one.
		SaltUsed,
		/// The amount would have to come from money that is frozen in the account. Put less aside,
		/// or thaw it first.
		EscrowFrozen,
		/// No channel has this id: it never existed or is closed for good.
		UnknownChannel,
		/// Only the consumer of the channel may do this.
		NotConsumer,
		/// The amount is zero. Give one above zero.
		ZeroAmount,
		/// The channel is closing, which cannot be undone. Open another one.
		ChannelClosing,
		/// Nobody has asked to close this channel. Its consumer can request it.
		NotClosing,
		/// The oracle may still settle. Try again when the closing window is over.
		WindowOpen,
		/// What is left is reserved for the oracle. Try again when its further window is over.
		Reserved,
		/// Only the oracle of the channel may do this.
		NotItsOracle,
		/// What was agreed is not what is settled. Settle first, or agree on what is settled.
		NotSettled,
		/// The channel's key did not sign this. Sign it with the present key, for this chain and
		/// this channel.
		BadSignature,
		/// The voucher covers no more than what is settled or lodged already. Lodge a newer one.
		CoversNoMore,
		/// The channel has this very key. Draw another one.
		SameKey,
		/// What the key before this one signed can still be settled, or, where it was, be
		/// challenged. Try again when both are over.
		KeyReplacedRecently,
		/// No model has this version. Look up the version's number.
		UnknownVersion,
		/// The slope is above 1,000,000, which takes all of the excess. Give a lower one.
		SlopeTooSteep,
		/// The account is not a registered oracle. Register it first.
		NotAnOracle,
		/// A batch of this number is settled already. Compare the roots: either it was this very
		/// batch, and nothing is left to do, or the next number is due.
		BatchSettled,
		/// An earlier batch is not settled yet. Submit that one first.
		BatchTooEarly,
		/// A batch has between 1 and 2^20 receipts. Split it.
		InvalidCount,
		/// The claims do not add up to the total of the batch. Compute both from the same receipts.
		TotalMismatch,
		/// The claims do not have as many receipts as the batch, or one of them has none. Compute
		/// both from the same receipts.
		CountMismatch,
		/// No claim of the batch can be accepted, the first for the reason given. Nothing is
		/// changed; correct the claims and use the same number again.
		NothingAccepted(SkipReason),
		/// The weights do not sum to 1,000,000. Correct one of them.
		SplitNotWhole,
		/// The dividend must get at least 10 %. Give it more.
		DividendTooLow,
		/// The commons fund must get between 2 and 20 %. Give it a weight in between.
		CommonsOutOfBounds,
		/// The validators must get between 1 and 10 %. Give them a weight in between.
		SecurityOutOfBounds,
		/// The oracle must get between 20 and 70 %. Give it a weight in between.
		OracleOutOfBounds,
		/// The model must get at least 10 %. Give it more.
		ModelTooLow,
		/// Nothing is due to a pot that could be moved to it. Wait for the next settlement.
		NothingToFlush,
		/// The account has nothing to collect. Settle first.
		NothingToCollect,
		/// The account could not hold the amount: it has less than the existential deposit. Send it
		/// some first; what is due to it waits.
		CannotReceive,
		/// The oracle has not settled a batch of this number. Look up which one the receipt is in.
		UnknownBatch,
		/// The lock of this batch was slashed already, and is not slashed twice. Nothing is left to
		/// do.
		BatchSlashed,
		/// The time in which this batch could be challenged is over. Report sooner the next time.
		ChallengeOver,
		/// The claims are not those of the batch, all of them in order and with what was accepted.
		/// Take them from the call that settled it and its event.
		WrongClaims,
		/// The leaf does not stand where the proof says, for the reason given. Build the proof
		/// again, from all leaves of the batch.
		InvalidProof(ProofError),
		/// The oracle does not answer for this key. Take the key that signed its receipts.
		NotItsKey,
		/// The key did not sign this receipt for this chain. Check both.
		ReceiptNotSigned,
		/// This breaks no rule. Keep it; there is nothing to report.
		NoFraud,
		/// The oracle was slashed for this receipt already. Nothing is left to do.
		AlreadyReported,
		/// The oracle has nothing free that could be slashed. Report when it has.
		NothingToSlash,
		/// The leaves are not next to each other, the left one first. Choose two that are.
		NotAdjacent,
		/// The receipt is not for this request. Leave the request out, or bring the right one.
		WrongRequest,
		/// The channel was not opened like this, or with another oracle. Look up its opening.
		WrongOpening,
		/// No claim covers this receipt, or, if it is demanded, none that was accepted: nothing was
		/// paid for it. Look up the claims of the batch.
		NotCovered,
		/// The leaf is at another place than this receipt's. Name the receipt that belongs there.
		NotItsPlace,
		/// This receipt is demanded already. Wait for the answer.
		AlreadyDemanded,
		/// As many demands about this channel in this batch are open as there may be. Wait until
		/// one is settled; one that is not answered is enough.
		TooManyDemands,
		/// No such demand is open: it was never made, or is settled.
		UnknownDemand,
		/// The oracle can still answer. Try again when its time is over.
		NotDue,
		/// The receipt is no answer, because it breaks the rule named.
		NoAnswer(Fraud),
		/// The voucher is for another channel or request than the receipt. Show the one that asked
		/// for it.
		WrongVoucher,
		/// The channel's key did not sign this voucher for this chain. Show the signature that came
		/// with it.
		VoucherNotSigned,
		/// What was settled last can still be challenged, which needs the channel. Try again when
		/// its lock has ended; the consumer need not wait.
		StillChallengeable,
	}

	impl<T> From<SplitError> for Error<T> {
		fn from(error: SplitError) -> Self {
			match error {
				SplitError::NotWhole => Self::SplitNotWhole,
				SplitError::DividendTooLow => Self::DividendTooLow,
				SplitError::CommonsOutOfBounds => Self::CommonsOutOfBounds,
				SplitError::SecurityOutOfBounds => Self::SecurityOutOfBounds,
				SplitError::OracleOutOfBounds => Self::OracleOutOfBounds,
				SplitError::ModelTooLow => Self::ModelTooLow,
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
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
				reserved: 0,
				settled_seq: 0,
				settled_total: 0,
				settled_at: 0,
				max_unit_price,
				max_unacked,
				state: ChannelState::Open,
				previous_key: None,
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
			ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
			let mut channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
			ensure!(channel.consumer == who, Error::<T>::NotConsumer);
			ensure!(channel.state == ChannelState::Open, Error::<T>::ChannelClosing);

			Self::pledge(&who, amount)?;
			let escrow = channel.escrow.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			channel.escrow = escrow;
			channel.reserve();
			Channels::<T>::insert(channel_id, channel);
			Self::deposit_event(Event::ToppedUp { channel_id, amount, escrow });
			Ok(())
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
		/// `batch_no` is the oracle's next one, so submitting a batch again is harmless.
		///
		/// Costs grow linearly with the number of claims and that of the versions they are for, and
		/// not at all with that of receipts.
		///
		/// ## Errors
		/// Nothing is changed by
		/// - [`Error::NotAnOracle`], [`Error::BatchSettled`], [`Error::BatchTooEarly`],
		///   [`Error::InvalidCount`], [`Error::CountMismatch`], [`Error::TotalMismatch`];
		/// - [`Error::NothingAccepted`], also if there are claims that would be in order later.
		///
		/// ## Events
		/// - [`Event::Settled`].
		#[pallet::call_index(2)]
		#[pallet::weight({
			let versions = crate::settle::versions(claims);
			T::WeightInfo::settle((claims.len() as u32).saturating_sub(versions), versions)
		})]
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
		/// storage is removed then; its id never exists again.
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
		/// - [`Event::ChannelClosed`], or [`Event::EscrowReturned`] while something is reserved.
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
		/// Vouchers that the old key signed can be settled and lodged for one closing window, and
		/// one that is lodged stays valid for as long as the channel. The new key cannot be replaced
		/// before all that was settled on the old one's word is beyond challenge: the oracle must be
		/// able to show who asked for it.
		///
		/// Costs the same always.
		///
		/// ## Errors
		/// - [`Error::UnknownChannel`], [`Error::NotConsumer`], [`Error::SameKey`],
		///   [`Error::KeyReplacedRecently`], [`Error::InvalidKey`].
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
		/// or under the root of a batch. If one of the two is in a batch that can be challenged,
		/// the first such batch is slashed, and `claims` are its claims. Otherwise they are not
		/// read, and a tenth of the free bond is slashed, once for each number.
		///
		/// `opening` says who the consumer is if the channel is closed for good.
		///
		/// Costs grow with the siblings in the proofs, the claims and the signatures.
		///
		/// ## Errors
		/// - [`Error::NotItsKey`], [`Error::ReceiptNotSigned`], [`Error::UnknownBatch`],
		///   [`Error::InvalidProof`], [`Error::NoFraud`], [`Error::WrongOpening`],
		///   [`Error::WrongClaims`], [`Error::AlreadyReported`], [`Error::NothingToSlash`],
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

		/// What is kept of a settlement.
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

		/// The open demands against an oracle.
		pub fn open_demands(oracle: T::AccountId) -> alloc::vec::Vec<OpenDemand> {
			Self::demands_against(&oracle)
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
