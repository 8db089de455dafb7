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

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A person voted, or changed its vote.
		Voted {
			/// On which poll.
			poll: PollIndex,
			/// Who.
			person: PersonId,
			/// The account that acted for it.
			account: T::AccountId,
			/// Whether it is for it.
			aye: bool,
			/// How it had voted before.
			before: Option<bool>,
			/// How many people are for it now.
			ayes: u32,
			/// How many people are against it now.
			nays: u32,
		},
		/// The vote of somebody who may not vote any more was taken out of the count.
		VoteRemoved {
			/// Of which poll.
			poll: PollIndex,
			/// Whose.
			person: PersonId,
			/// Whether it was for it.
			aye: bool,
			/// How many people are for it now.
			ayes: u32,
			/// How many people are against it now.
			nays: u32,
		},
		/// Votes of an ended poll were removed from the state.
		PollCleaned {
			/// Of which poll.
			poll: PollIndex,
			/// How many.
			removed: u32,
		},
		/// A person proposed a poll for others to sign.
		Proposed {
			/// The proposal.
			proposal: ProposalId,
			/// Who.
			person: PersonId,
			/// The account that acted for it.
			account: T::AccountId,
			/// What is to be done.
			call: BoundedCallOf<T, ()>,
			/// The last block in which it can be signed and submitted.
			closes: BlockNumber,
		},
		/// A person signed a proposal.
		Cosigned {
			/// The proposal.
			proposal: ProposalId,
			/// Who.
			person: PersonId,
			/// The account that acted for it.
			account: T::AccountId,
			/// How many people have signed it.
			signed: u32,
		},
		/// A proposal became a poll; its deposits are placed from this pallet's account.
		ProposalSubmitted {
			/// The proposal.
			proposal: ProposalId,
			/// The poll.
			poll: PollIndex,
		},
		/// Signatures under a proposal that is over were removed from the state.
		ProposalCleaned {
			/// The proposal.
			proposal: ProposalId,
			/// How many.
			removed: u32,
			/// Whether the proposal itself was removed with the last of them.
			done: bool,
		},
		/// A runtime may be set by anybody who brings the code with this hash.
		UpgradeAuthorised {
			/// The hash of the code.
			code_hash: T::Hash,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This account belongs to no recognised person. Register it with the verifiers first.
		NotAPerson,
		/// There is no such poll, or it is over. Look the number up.
		NotOngoing,
		/// Recognition of this person was withdrawn, or it was frozen when the matter was opened.
		/// It has no vote in it.
		Barred,
		/// This person's recognition ran out. Renew it; after a lapse it counts again in matters
		/// opened some epochs later.
		Lapsed,
		/// This person began to share in the dividend after the matter was opened. It has a vote in
		/// later ones.
		NotInElectorate,
		/// This person began to share in the dividend too few epochs before the matter was opened.
		/// It has a vote in later ones.
		TooRecent,
		/// The person voted so already; there is nothing to change.
		SameVote,
		/// The person has no vote on this poll.
		NoVote,
		/// The person may vote on this poll, so its vote stays. Only votes of those who were revoked
		/// since can be removed.
		StillEntitled,
		/// The poll is not over; its votes are needed. Clean up after its end.
		StillOngoing,
		/// Nothing is left to remove, or zero rows were asked for.
		NothingToClean,
		/// Too few people shared in the last closed epoch for a poll to bind everybody. Wait until
		/// more are recognised.
		ElectorateTooSmall,
		/// No poll can act with this origin. Use one of the origins of this pallet.
		NoTrack,
		/// This person has a proposal that is neither submitted nor cleaned up. Get it signed, or,
		/// when its time is over, clean it up.
		HasProposal,
		/// There is no such proposal, or it was cleaned up. Look the number up.
		UnknownProposal,
		/// The person has signed this proposal; it counts once.
		AlreadySigned,
		/// The time to sign and submit this proposal is over. Propose it again.
		ProposalExpired,
		/// The proposal was submitted; vote on its poll.
		AlreadySubmitted,
		/// Too few people signed this proposal. Find more, or submit a poll with a deposit.
		TooFewSignatures,
		/// The proposal can still be signed. It can be cleaned up when it is submitted or its time is
		/// over.
		ProposalOpen,
		/// This pallet's account holds too little for the deposits of a poll. Send it some, have the
		/// deposits of decided polls refunded, or submit the poll with a deposit of your own.
		FundTooSmall,
		/// A counter has reached its end. Only an upgrade of the chain can widen it.
		CounterExhausted,
		/// An invariant is broken. This should be reported.
		Unexpected,
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
		/// Vote on a poll, or change one's vote.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account of a person.
		///
		/// ## Details
		///
		/// The person must have begun to share in the dividend at least [`Constitution::seasoning`]
		/// epochs before the poll's snapshot, and be recognised ever since. Its first vote on a poll
		/// is free, if it would succeed; a change pays the fee. Constant cost: the tally, and the
		/// wake-up of the poll in the next block.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::NotOngoing`].
		/// - [`Error::Barred`], [`Error::Lapsed`], [`Error::NotInElectorate`],
		///   [`Error::TooRecent`].
		/// - [`Error::SameVote`].
		/// - [`Error::Unexpected`]: an invariant is broken.
		///
		/// ## Events
		///
		/// [`Event::Voted`].
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::vote())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, poll: &PollIndex, aye: &bool| -> bool {
			ensure_signed(origin.clone()).is_ok_and(|who| {
				Pallet::<T>::ballot(&who, *poll, *aye).is_ok_and(|ballot| ballot.before.is_none())
			})
		})]
		pub fn vote(origin: OriginFor<T>, poll: PollIndex, aye: bool) -> DispatchResult {
			let account = ensure_signed(origin)?;
			let vote::Ballot { person, before } = Self::ballot(&account, poll, aye)?;
			let tally = Self::recount(poll, before, Some(aye))?;
			Votes::<T>::insert(poll, person, aye);
			let (ayes, nays) = (tally.ayes, tally.nays);
			Self::deposit_event(Event::Voted { poll, person, account, aye, before, ayes, nays });
			Ok(())
		}

		/// Take the vote of somebody who may not vote any more out of a running poll.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// For people who were revoked after they voted. What a vote of theirs did in the past of
		/// the poll (the start of a confirmation) is looked at again in the next block. Constant
		/// cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotOngoing`]: votes of the past stay as they were counted.
		/// - [`Error::NoVote`].
		/// - [`Error::StillEntitled`].
		/// - [`Error::Unexpected`]: an invariant is broken.
		///
		/// ## Events
		///
		/// [`Event::VoteRemoved`].
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::remove_vote())]
		pub fn remove_vote(
			origin: OriginFor<T>,
			poll: PollIndex,
			person: PersonId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let status =
				Referenda::<T>::ensure_ongoing(poll).map_err(|_| Error::<T>::NotOngoing)?;
			let aye = Votes::<T>::get(poll, person).ok_or(Error::<T>::NoVote)?;
			let opened = status.submitted.saturated_into();
			ensure!(!T::People::may_vote(person, opened), Error::<T>::StillEntitled);
			let tally = Self::recount(poll, Some(aye), None)?;
			Votes::<T>::remove(poll, person);
			let (ayes, nays) = (tally.ayes, tally.nays);
			Self::deposit_event(Event::VoteRemoved { poll, person, aye, ayes, nays });
			Ok(Pays::No.into())
		}

		/// Remove votes of a poll that is over from the state.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// Costs grow with `max`, the most votes to remove; those that were not there are paid back.
		///
		/// ## Errors
		///
		/// - [`Error::StillOngoing`].
		/// - [`Error::NothingToClean`].
		///
		/// ## Events
		///
		/// [`Event::PollCleaned`].
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::cleanup_poll(*max))]
		pub fn cleanup_poll(
			origin: OriginFor<T>,
			poll: PollIndex,
			max: u32,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			ensure!(Referenda::<T>::ensure_ongoing(poll).is_err(), Error::<T>::StillOngoing);
			let removed = Votes::<T>::drain_prefix(poll).take(max as usize).count() as u32;
			ensure!(removed > 0, Error::<T>::NothingToClean);
			Self::deposit_event(Event::PollCleaned { poll, removed });
			Ok((Some(<T as Config>::WeightInfo::cleanup_poll(removed)), Pays::No).into())
		}

		/// Propose a poll for other people to sign.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account of a person who would have a vote on a poll submitted now.
		///
		/// ## Details
		///
		/// `proposal_origin` is what the call is to act with, and so says the track; `call` and
		/// `enactment` are those of the poll. The proposer is the first to sign. It can be signed
		/// for [`SIGNING_DAYS`] days of voting. A person has one such proposal at a time. Constant
		/// cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::Barred`], [`Error::Lapsed`],
		///   [`Error::NotInElectorate`], [`Error::TooRecent`].
		/// - [`Error::ElectorateTooSmall`].
		/// - [`Error::HasProposal`].
		/// - [`Error::NoTrack`].
		/// - [`Error::CounterExhausted`].
		///
		/// ## Events
		///
		/// [`Event::Proposed`].
		#[pallet::call_index(3)]
		#[pallet::weight(<T as Config>::WeightInfo::propose())]
		pub fn propose(
			origin: OriginFor<T>,
			proposal_origin: Box<PalletsOriginOf<T>>,
			call: BoundedCallOf<T, ()>,
			enactment: DispatchTime<Moment<T, ()>>,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			let drafted = Self::drafted(&account, *proposal_origin, call.clone(), enactment)?;
			let proposal = NextProposal::<T>::get();
			let next = proposal.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
			let (person, closes) = (drafted.proposer, drafted.closes);
			NextProposal::<T>::put(next);
			Proposals::<T>::insert(proposal, drafted);
			ProposalBy::<T>::insert(person, proposal);
			Cosigners::<T>::insert(proposal, person, ());
			Self::deposit_event(Event::Proposed { proposal, person, account, call, closes });
			Ok(())
		}

		/// Sign a proposal.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account of a person who had a vote when the proposal was made.
		///
		/// ## Details
		///
		/// Free, if it would succeed. A signature says that there should be a poll, and is no vote
		/// on it. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotAPerson`], [`Error::Barred`], [`Error::Lapsed`],
		///   [`Error::NotInElectorate`], [`Error::TooRecent`].
		/// - [`Error::UnknownProposal`], [`Error::AlreadySubmitted`],
		///   [`Error::ProposalExpired`].
		/// - [`Error::AlreadySigned`].
		/// - [`Error::CounterExhausted`].
		///
		/// ## Events
		///
		/// [`Event::Cosigned`].
		#[pallet::call_index(4)]
		#[pallet::weight(<T as Config>::WeightInfo::cosign())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, proposal: &ProposalId| -> bool {
			ensure_signed(origin.clone())
				.is_ok_and(|who| Pallet::<T>::signature(&who, *proposal).is_ok())
		})]
		pub fn cosign(origin: OriginFor<T>, proposal: ProposalId) -> DispatchResult {
			let account = ensure_signed(origin)?;
			let (person, mut record) = Self::signature(&account, proposal)?;
			record.signed = record.signed.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
			let signed = record.signed;
			Proposals::<T>::insert(proposal, record);
			Cosigners::<T>::insert(proposal, person, ());
			Self::deposit_event(Event::Cosigned { proposal, person, account, signed });
			Ok(())
		}

		/// Submit a proposal that enough people signed as a poll, with its deposits.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// The deposits come from this pallet's [account](Pallet::account), and return to it. The
		/// proposer may propose again. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownProposal`], [`Error::AlreadySubmitted`],
		///   [`Error::ProposalExpired`].
		/// - [`Error::TooFewSignatures`].
		/// - [`Error::ElectorateTooSmall`].
		/// - [`Error::FundTooSmall`].
		/// - Those of `pallet-referenda`: the preimage has another length than the call says.
		///
		/// ## Events
		///
		/// [`Event::ProposalSubmitted`], after those of `pallet-referenda`.
		#[pallet::call_index(5)]
		#[pallet::weight(<T as Config>::WeightInfo::submit_proposal())]
		pub fn submit_proposal(
			origin: OriginFor<T>,
			proposal: ProposalId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let mut record = Self::open_proposal(proposal)?;
			let poll = Self::open_poll(&record)?;
			record.poll = Some(poll);
			ProposalBy::<T>::remove(record.proposer);
			Proposals::<T>::insert(proposal, record);
			Self::deposit_event(Event::ProposalSubmitted { proposal, poll });
			Ok(Pays::No.into())
		}

		/// Remove a proposal that is submitted or whose time is over, with its signatures, from the
		/// state.
		///
		/// ## Dispatch Origin
		///
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		///
		/// Costs grow with `max`, the most signatures to remove; those that were not there are paid
		/// back. The proposal itself goes with the last of them.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownProposal`], [`Error::ProposalOpen`].
		/// - [`Error::NothingToClean`].
		/// - [`Error::Unexpected`]: an invariant is broken.
		///
		/// ## Events
		///
		/// [`Event::ProposalCleaned`].
		#[pallet::call_index(6)]
		#[pallet::weight(<T as Config>::WeightInfo::cleanup_proposal(*max))]
		pub fn cleanup_proposal(
			origin: OriginFor<T>,
			proposal: ProposalId,
			max: u32,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let mut record = Proposals::<T>::get(proposal).ok_or(Error::<T>::UnknownProposal)?;
			let over = record.poll.is_some() || Self::now() > record.closes;
			ensure!(over, Error::<T>::ProposalOpen);
			let removed = Cosigners::<T>::drain_prefix(proposal).take(max as usize).count() as u32;
			ensure!(removed > 0, Error::<T>::NothingToClean);
			record.signed = record.signed.checked_sub(removed).ok_or(Error::<T>::Unexpected)?;
			let done = record.signed == 0;
			if done {
				if record.poll.is_none() {
					ProposalBy::<T>::remove(record.proposer);
				}
				Proposals::<T>::remove(proposal);
			} else {
				Proposals::<T>::insert(proposal, record);
			}
			Self::deposit_event(Event::ProposalCleaned { proposal, removed, done });
			Ok((Some(<T as Config>::WeightInfo::cleanup_proposal(removed)), Pays::No).into())
		}

		/// Authorise a new runtime.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::UpgradeOrigin`]: a poll of the upgrade track.
		///
		/// ## Details
		///
		/// Whoever brings the code with that hash to `system.apply_authorized_upgrade` sets it, if
		/// its name is the same and its version higher. A later authorisation takes the place of an
		/// earlier one. Constant cost.
		///
		/// ## Events
		///
		/// [`Event::UpgradeAuthorised`], after `system`'s.
		#[pallet::call_index(7)]
		#[pallet::weight(<T as Config>::WeightInfo::authorise_upgrade())]
		pub fn authorise_upgrade(origin: OriginFor<T>, code_hash: T::Hash) -> DispatchResult {
			T::UpgradeOrigin::ensure_origin(origin)?;
			frame_system::Pallet::<T>::do_authorize_upgrade(code_hash, true);
			Self::deposit_event(Event::UpgradeAuthorised { code_hash });
			Ok(())
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
