//! One person, one vote: who may vote on the polls of `pallet-referenda`, how votes are counted, and
//! what a decided poll may do.
//!
//! ## Overview
//!
//! `pallet-referenda` keeps the life of a poll: it is submitted, waits, is decided, and what was
//! decided is carried out. This pallet gives it the [tally](Tally) and the [origins](Origin).
//!
//! When a poll is submitted, its **snapshot** is the last closed epoch of the dividend, and its
//! **electorate** the number of people who shared in it. Whoever began to share some epochs before
//! the snapshot (the *seasoning*) and was recognised ever since has one vote.
//!
//! ### Alice votes
//!
//! Alice is person 7, recognised for a year, with an account that holds nothing. Poll 3 asks for a
//! grant. She [votes](Pallet::vote) aye; her first vote on a poll is free. A week later she has read
//! more, and votes nay: her vote moves from one side to the other, and this time she pays the fee.
//!
//! ### Alice's key is stolen
//!
//! She recovers her person to a new account and votes on poll 3 from there. Votes belong to people,
//! not to accounts: it is a change of her one vote. The thief's account is nobody's.
//!
//! ### Mallory recruits
//!
//! Mallory has many people recognised for a poll to come. They share from the next epoch on, and
//! count only in polls submitted some epochs later. When one is found out and revoked, anybody may
//! [remove](Pallet::remove_vote) its vote as long as the poll runs.
//!
//! ### Bob has an idea and no money
//!
//! A poll takes deposits. Bob [proposes](Pallet::propose) instead, others [sign](Pallet::cosign) it,
//! free of charge, and when enough have, anybody [submits](Pallet::submit_proposal) it: the deposits
//! are placed from this pallet's own [account](Pallet::account).
//!
//! ## What it does not do
//!
//! No delegation, no weight by stake, no reward for voting. No origin of a poll is Root. The
//! [`Constitution`] that says who may vote is given at genesis, and no call changes it.
//!
//! ## Low Level / Implementation Details
//!
//! No call iterates but the two that clean up, over at most as many rows as they are told. `tally.rs`
//! holds the tally, `vote.rs` who may vote, `proposal.rs` proposals, `origins.rs` the origins, and
//! `invariants.rs` what always holds.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod calls;
mod errors;
mod events;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
mod origins;
mod proposal;
mod tally;
mod types;
mod vote;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use origins::{
	EnsureDisputes, EnsureGrants, EnsureLicences, EnsureParameters, EnsurePause, EnsureUpgrade,
	EnsureValidators, EnsureVerifiers,
};
pub use pallet::*;
pub use proposal::{ProposalOf, SIGNING_DAYS};
pub use tally::Tally;
pub use types::{Constitution, PollIndex, Proposal, ProposalId};
pub use vote::Submitters;
pub use weights::WeightInfo;

#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[frame_support::pallet]
#[allow(missing_docs)] // What the macro generates has none.
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use frame_support::{
		pallet_prelude::*,
		traits::{schedule::DispatchTime, EnsureOrigin},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use pallet_referenda::{
		BlockNumberFor as Moment, BoundedCallOf, Pallet as Referenda, PalletsOriginOf,
	};
	use sp_runtime::{traits::AccountIdConversion, SaturatedConversion};
	use usufruct_primitives::{
		traits::{Electorate, People},
		BlockNumber, EpochIndex, PersonId,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config + pallet_referenda::Config<Tally = Tally<Self>, Votes = u32>
	{
		/// Whose account it is, and who may vote.
		type People: People<Self::AccountId>;

		/// Who shared in which epochs: the dividend's record.
		type Electorate: Electorate;

		/// Who may authorise a new runtime: [`EnsureUpgrade`].
		type UpgradeOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Gives the account that places the deposits of proposals people signed.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// What the calls cost.
		type WeightInfo: WeightInfo;

		/// Moves epochs on, for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper;
	}

	/// What decided polls act with.
	#[pallet::origin]
	pub type Origin = crate::origins::Origin;

	/// What governs every poll; see [`Constitution`].
	#[pallet::storage]
	pub type Rules<T> = StorageValue<_, Constitution, ValueQuery>;

	/// How each person voted on a poll: whether for it. Kept until it is cleaned up after the poll.
	// Twox for both: the chain counts polls and people, nobody can choose a key.
	#[pallet::storage]
	pub type Votes<T> = StorageDoubleMap<_, Twox64Concat, PollIndex, Twox64Concat, PersonId, bool>;

	/// The number the next proposal gets.
	#[pallet::storage]
	pub type NextProposal<T> = StorageValue<_, ProposalId, ValueQuery>;

	/// Every proposal that is not cleaned up.
	// Twox: a counter of the chain, nobody can choose the key.
	#[pallet::storage]
	pub type Proposals<T: Config> = StorageMap<_, Twox64Concat, ProposalId, ProposalOf<T>>;

	/// The proposal a person made that is neither submitted nor cleaned up: one at a time.
	// Twox: the chain counts people, nobody can choose the key.
	#[pallet::storage]
	pub type ProposalBy<T> = StorageMap<_, Twox64Concat, PersonId, ProposalId>;

	/// Who signed which proposal. Kept until the proposal is cleaned up.
	// Twox for both: the chain counts proposals and people, nobody can choose a key.
	#[pallet::storage]
	pub type Cosigners<T> =
		StorageDoubleMap<_, Twox64Concat, ProposalId, Twox64Concat, PersonId, ()>;

	/// The constitution of the chain.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// No poll is submitted while fewer people than this shared in the last closed epoch.
		pub min_electorate: u32,
		/// How many epochs before a poll's snapshot a voter must have begun to share.
		pub seasoning: u32,
		/// How many people must sign a proposal for it to be submitted without a deposit.
		pub cosigners: u32,
		/// How many blocks a day of voting has.
		pub day: BlockNumber,
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			let Constitution { min_electorate, seasoning, cosigners, day } = Default::default();
			Self { min_electorate, seasoning, cosigners, day, _config: PhantomData }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let Self { min_electorate, seasoning, cosigners, day, .. } = *self;
			let rules = Constitution { min_electorate, seasoning, cosigners, day };
			rules.check().expect("the constitution is within its bounds");
			Rules::<T>::put(rules);
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
		/// What governs every poll.
		pub fn constitution() -> Constitution {
			Rules::<T>::get()
		}

		/// The last closed epoch and the number of people who shared in it, if a poll can be
		/// submitted now.
		pub fn electorate() -> Option<(EpochIndex, u32)> {
			Self::sufficient_electorate()
		}

		/// How a person voted on a poll: whether for it.
		pub fn vote_of(poll: PollIndex, person: PersonId) -> Option<bool> {
			Votes::<T>::get(poll, person)
		}

		/// Whether a vote by this account on this poll would succeed now.
		pub fn can_vote(poll: PollIndex, account: T::AccountId, aye: bool) -> bool {
			Self::ballot(&account, poll, aye).is_ok()
		}

		/// How many people signed a proposal, the last block to do so, and the poll it became.
		pub fn proposal(proposal: ProposalId) -> Option<(u32, BlockNumber, Option<PollIndex>)> {
			Proposals::<T>::get(proposal).map(|record| (record.signed, record.closes, record.poll))
		}
	}

	impl<T: Config> Pallet<T> {
		/// The account that places the deposits of proposals people signed.
		pub fn account() -> T::AccountId {
			<T as Config>::PalletId::get().into_account_truncating()
		}
	}
}
