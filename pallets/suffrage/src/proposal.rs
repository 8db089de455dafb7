//! Polls without anybody's money: people sign a proposal, and the pallet submits it.

use crate::{
	pallet::*,
	types::{PollIndex, Proposal, ProposalId},
};
use alloc::boxed::Box;
use frame_support::{
	ensure,
	traits::{Get, ReservableCurrency},
};
use frame_system::RawOrigin;
use pallet_referenda::{
	BalanceOf, BlockNumberFor, BoundedCallOf, Pallet as Referenda, PalletsOriginOf,
	ReferendumCount, TracksInfo,
};
use sp_runtime::{traits::Saturating, DispatchError};
use usufruct_primitives::{traits::People, BlockNumber, PersonId};

/// For how many days of voting a proposal can be signed.
pub const SIGNING_DAYS: u32 = 14;

/// A proposal as it is stored.
pub type ProposalOf<T> = Proposal<PalletsOriginOf<T>, BoundedCallOf<T, ()>, BlockNumberFor<T, ()>>;

impl<T: Config> Pallet<T> {
	/// That many days of voting, in blocks.
	pub fn days(count: u32) -> BlockNumber {
		Rules::<T>::get().day.saturating_mul(count)
	}

	/// That many hours of a day of voting, in blocks; at least one.
	pub fn hours(count: u32) -> BlockNumber {
		(Self::days(count) / 24).max(1)
	}

	/// What a poll of that origin's track takes as deposits, both together.
	fn deposits(origin: &PalletsOriginOf<T>) -> Result<BalanceOf<T, ()>, DispatchError> {
		let track = T::Tracks::track_for(origin).map_err(|_| Error::<T>::NoTrack)?;
		let info = T::Tracks::info(track).ok_or(Error::<T>::NoTrack)?;
		Ok(info.decision_deposit.saturating_add(T::SubmissionDeposit::get()))
	}

	/// What stands against a proposal by this account, or the proposal.
	pub(crate) fn drafted(
		who: &T::AccountId,
		origin: PalletsOriginOf<T>,
		call: BoundedCallOf<T, ()>,
		enactment: frame_support::traits::schedule::DispatchTime<BlockNumberFor<T, ()>>,
	) -> Result<ProposalOf<T>, DispatchError> {
		let proposer = T::People::person_of(who).ok_or(Error::<T>::NotAPerson)?;
		let (snapshot_epoch, _) =
			Self::sufficient_electorate().ok_or(Error::<T>::ElectorateTooSmall)?;
		let opened = Self::now();
		Self::ensure_entitled(proposer, snapshot_epoch, opened)?;
		ensure!(!ProposalBy::<T>::contains_key(proposer), Error::<T>::HasProposal);
		Self::deposits(&origin)?;
		Ok(Proposal {
			proposer,
			origin,
			call,
			enactment,
			opened,
			closes: opened.saturating_add(Self::days(SIGNING_DAYS)),
			snapshot_epoch,
			signed: 1,
			poll: None,
		})
	}

	/// A proposal that can still be signed and submitted.
	pub(crate) fn open_proposal(id: ProposalId) -> Result<ProposalOf<T>, DispatchError> {
		let proposal = Proposals::<T>::get(id).ok_or(Error::<T>::UnknownProposal)?;
		ensure!(proposal.poll.is_none(), Error::<T>::AlreadySubmitted);
		ensure!(Self::now() <= proposal.closes, Error::<T>::ProposalExpired);
		Ok(proposal)
	}

	/// What stands against this account's signature under a proposal, or whose it is and the
	/// proposal. Writes nothing: that the call would succeed is what makes it free.
	pub(crate) fn signature(
		who: &T::AccountId,
		id: ProposalId,
	) -> Result<(PersonId, ProposalOf<T>), DispatchError> {
		let person = T::People::person_of(who).ok_or(Error::<T>::NotAPerson)?;
		let proposal = Self::open_proposal(id)?;
		Self::ensure_entitled(person, proposal.snapshot_epoch, proposal.opened)?;
		ensure!(!Cosigners::<T>::contains_key(id, person), Error::<T>::AlreadySigned);
		Ok((person, proposal))
	}

	/// Submits a poll on the proposal, and places its decision deposit, from the pallet's account.
	pub(crate) fn open_poll(proposal: &ProposalOf<T>) -> Result<PollIndex, DispatchError> {
		ensure!(proposal.signed >= Rules::<T>::get().cosigners, Error::<T>::TooFewSignatures);
		ensure!(Self::sufficient_electorate().is_some(), Error::<T>::ElectorateTooSmall);
		let deposits = Self::deposits(&proposal.origin)?;
		let fund = Self::account();
		ensure!(
			<T as pallet_referenda::Config>::Currency::can_reserve(&fund, deposits),
			Error::<T>::FundTooSmall
		);
		let poll = ReferendumCount::<T>::get();
		let submitter = RawOrigin::Signed(fund);
		Referenda::<T>::submit(
			submitter.clone().into(),
			Box::new(proposal.origin.clone()),
			proposal.call.clone(),
			proposal.enactment,
		)?;
		Referenda::<T>::place_decision_deposit(submitter.into(), poll).map_err(|e| e.error)?;
		Ok(poll)
	}
}
