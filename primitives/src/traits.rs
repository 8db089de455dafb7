//! What one pallet needs of another. A pallet never depends on a sibling's crate; the runtime wires
//! these.

use crate::{
	Balance, BlockNumber, ChannelId, Class, EpochIndex, Meter, ModelId, PersonId, PublicKey,
	Region, VersionId,
};
use alloc::vec::Vec;
use sp_runtime::{DispatchError, DispatchResult};

/// What a settlement and an ask must know of a model version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionTerms {
	/// The model it belongs to.
	pub model: ModelId,
	/// What one unit is.
	pub meter: Meter,
	/// The least an oracle may ask for one unit now, in planck.
	pub floor_price: Balance,
	/// Whether new requests may be served: false once it is deprecated.
	pub open: bool,
}

/// The model registry, as others see it. Implemented by `pallet-models`.
pub trait Models<AccountId> {
	/// The terms of a version.
	fn terms(version: VersionId) -> Option<VersionTerms>;
	/// The floor that judges what was settled in block `settled_at`, in planck for one unit: what is
	/// below it was honest at no time. 0 if the floors of then are forgotten, or there is no such
	/// version.
	fn judging_floor(version: VersionId, settled_at: BlockNumber) -> Balance;
	/// Who owns the model.
	fn owner(model: ModelId) -> Option<AccountId>;
	/// Whether the model exists and has an open version.
	fn is_open(model: ModelId) -> bool;
	/// Books `amount` as revenue of `version`. The caller has moved, or moves in the same call, the
	/// same amount to [`Models::account`].
	fn credit(version: VersionId, amount: Balance) -> DispatchResult;
	/// The account that holds the revenue of all versions until it is claimed.
	fn account() -> AccountId;
	/// A fresh open version with the largest contributor table, for the benchmarks of others.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_version(owner: &AccountId) -> VersionId;
}

/// Why the bond of an oracle could not be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockError {
	/// Too little of it is free.
	BondShort {
		/// By how much, in planck.
		missing: Balance,
	},
	/// The oracle's operator lets no more be locked at a time.
	OverLimit {
		/// By how much it would be, in planck.
		missing: Balance,
	},
}

/// What a receipt key is to an oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptKeyState {
	/// It signs the oracle's receipts.
	Present,
	/// It signed them until it was replaced. Whoever has it now, what it says about later
	/// settlements is not the oracle's word.
	Retired {
		/// The block it was replaced in.
		at: BlockNumber,
	},
}

/// A settlement, as the bond that stands for it knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
	/// The block it was settled in.
	pub at: BlockNumber,
	/// What was accepted of it, in planck.
	pub accepted: Balance,
}

/// What a slash took and who got it, in planck. The last three sum to the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slashed {
	/// What was taken from the bond.
	pub taken: Balance,
	/// The consumer's part: at most what its channel paid in that settlement.
	pub consumer: Balance,
	/// The reporter's part: at most a tenth.
	pub reporter: Balance,
	/// The dividend's part.
	pub dividend: Balance,
}

/// Bonded oracles, as others see them. Implemented by `pallet-oracles`.
pub trait Oracles<AccountId> {
	/// Whether the account is a registered oracle whose bond is at least the minimum.
	fn is_active(oracle: &AccountId) -> bool;
	/// Whether the account is registered at all: it may settle what it served while it was active.
	fn is_registered(oracle: &AccountId) -> bool;
	/// The key that signs its receipts.
	fn receipt_key(oracle: &AccountId) -> Option<PublicKey>;
	/// What `key` is to the oracle; `None` if it answers for nothing that `key` signed: it never had
	/// it, or it is forgotten.
	fn receipt_key_state(oracle: &AccountId, key: &PublicKey) -> Option<ReceiptKeyState>;
	/// Locks the part of the bond that stands for `settled` planck, for the challenge window.
	/// Constant work; nothing changes on failure.
	fn lock(oracle: &AccountId, settled: Balance) -> Result<(), LockError>;
	/// Whether the part of the bond that was locked for a settlement in block `settled_at` still is.
	fn is_locked(oracle: &AccountId, settled_at: BlockNumber) -> bool;
	/// Takes the lock of a settlement out of the window, so that it holds until [`Oracles::release`].
	/// Fails if it has ended.
	fn keep(oracle: &AccountId, settlement: Settlement) -> DispatchResult;
	/// Puts a kept lock back: it ends with the window, or now if that is over.
	fn release(oracle: &AccountId, settlement: Settlement) -> DispatchResult;
	/// Takes the lock of a settlement, if one is given, and a tenth of the free bond, and divides
	/// what was taken: first the consumer, then the reporter, the rest to the dividend. An oracle that
	/// has nothing left to take is slashed of nothing. Constant work.
	fn slash(
		oracle: &AccountId,
		settlement: Option<Settlement>,
		kept: bool,
		consumer: Option<(AccountId, Balance)>,
		reporter: Option<AccountId>,
	) -> Result<Slashed, DispatchError>;
	/// A registered oracle with a bond that covers any settlement, for the benchmarks of others.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_oracle(oracle: &AccountId);
}

/// Recognised people, as the dividend sees them. Implemented by `pallet-personhood`.
pub trait People<AccountId> {
	/// The person whose account this is.
	fn person_of(account: &AccountId) -> Option<PersonId>;
	/// Whether the person may claim now: recognised and not barred for any reason.
	fn may_claim(person: PersonId) -> bool;
	/// Whether the person may vote on what was opened in block `opened`: recognised and not revoked,
	/// and not frozen before that block. Who may not claim for the moment may well vote.
	fn may_vote(person: PersonId, opened: BlockNumber) -> bool;
	/// A person with that account that lives in region 1, recognised from the next epoch on, for the
	/// benchmarks of others.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_person(account: &AccountId) -> PersonId;
}

/// Whose account is which person's, the other way round. Implemented by `pallet-personhood`.
pub trait Holders<AccountId> {
	/// The account of a person, whether or not it may claim; `None` if there is no such person.
	fn account_of(person: PersonId) -> Option<AccountId>;
}

/// How people were attested. Implemented by `pallet-personhood`.
pub trait Attested {
	/// The classes of the verifiers of the person's last recognition, of which there are at most
	/// five; none if there is no such person.
	fn classes(person: PersonId) -> Vec<Class>;
	/// The region in which they say the human lives; `None` if none says so, or they differ.
	fn region(person: PersonId) -> Option<Region>;
}

/// The dividend's record of who shares in which epochs. Implemented by `pallet-dividend`; driven by
/// `pallet-personhood`.
pub trait Eligibility {
	/// The open epoch.
	fn current_epoch() -> EpochIndex;
	/// The first and last epoch of the person's present interval; empty (last < first) once revoked
	/// before it began.
	fn interval(person: PersonId) -> Option<(EpochIndex, EpochIndex)>;
	/// Begins a first interval in the next epoch; returns it.
	fn join(person: PersonId) -> Result<(EpochIndex, EpochIndex), DispatchError>;
	/// Extends the interval by a term, or begins a new one after a lapse; returns it. Fails before
	/// the last part of the interval.
	fn renew(person: PersonId) -> Result<(EpochIndex, EpochIndex), DispatchError>;
	/// Ends the interval now; what was owed is forfeited to the pot.
	fn revoke(person: PersonId) -> DispatchResult;
	/// Puts aside what the person could claim now, of programmes too: it is owed from then on, and
	/// never swept. Succeeds if there is nothing; also while the person may not claim.
	fn settle(person: PersonId) -> DispatchResult;
	/// Forgets which other account the dividend is paid to, or is to be. To be called when the person
	/// moves to another account, which is paid from then on. Never fails.
	fn cancel_payout(person: PersonId);
	/// What each person was due for the last closed epoch, in planck; 0 if none has closed.
	fn last_per_head() -> Balance;
	/// Removes the person's record, and its shares in programmes. Fails until its interval is over and
	/// every epoch of it is swept.
	fn forget(person: PersonId) -> DispatchResult;
	/// Moves the open epoch on by closing it, for the benchmarks of others.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_close_epoch();
	/// Makes the person share in as many programmes as there can be, and be due something of all of
	/// them and of the dividend, for the benchmarks of others. Closes two epochs.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_due(person: PersonId) -> DispatchResult;
}

/// The people as an electorate: frozen at the close of each epoch. Implemented by `pallet-dividend`.
pub trait Electorate {
	/// The last closed epoch and how many people shared in it; `None` if none has closed.
	fn last_closed() -> Option<(EpochIndex, u32)>;
	/// The first and last epoch of the person's present interval; empty (last < first) once revoked
	/// before it began.
	fn interval(person: PersonId) -> Option<(EpochIndex, EpochIndex)>;
	/// The open epoch.
	fn current_epoch() -> EpochIndex;
}

/// Channels that somebody's free money can be put into. Implemented by `pallet-usage`.
pub trait ChannelTopUp<AccountId> {
	/// Adds `amount` of the free money of `consumer` to a channel of its own. Constant work.
	///
	/// `bonus` of it, at most all, was the commons fund's, which gets back what the channel does not
	/// spend of that.
	fn top_up(
		consumer: &AccountId,
		channel: ChannelId,
		amount: Balance,
		bonus: Balance,
	) -> DispatchResult;
	/// A fresh channel of that consumer, for the benchmarks of others. The consumer is given what it
	/// needs for it.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_channel(consumer: &AccountId) -> ChannelId;
}

/// Told by the dividend, in the block that closes an epoch, before the pot is divided. Implemented
/// by `pallet-usage`, which moves what it owes the pots and takes new weights into use. Constant
/// work; never fails.
pub trait OnEpochClose {
	/// The epoch that is about to close.
	fn on_epoch_close(epoch: EpochIndex);
}

impl OnEpochClose for () {
	fn on_epoch_close(_: EpochIndex) {}
}
