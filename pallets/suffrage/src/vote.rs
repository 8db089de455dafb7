//! Who may vote, and how a vote is counted.

use crate::{pallet::*, types::PollIndex, Tally};
use frame_support::{
	ensure,
	traits::{EnsureOriginWithArg, PollStatus, Polling},
};
#[cfg(feature = "runtime-benchmarks")]
use frame_system::RawOrigin;
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use pallet_referenda::{Pallet as Referenda, PalletsOriginOf};
use sp_runtime::{DispatchError, SaturatedConversion};
use usufruct_primitives::{
	traits::{Electorate, People},
	BlockNumber, EpochIndex, PersonId,
};

/// A vote that can be cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ballot {
	/// Whose.
	pub person: PersonId,
	/// How the person voted before on this poll.
	pub before: Option<bool>,
}

impl<T: Config> Pallet<T> {
	/// The block being made.
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// The last closed epoch and how many shared in it, if so many make a poll possible.
	pub(crate) fn sufficient_electorate() -> Option<(EpochIndex, u32)> {
		T::Electorate::last_closed()
			.filter(|(_, electorate)| *electorate >= Rules::<T>::get().min_electorate)
	}

	/// Whether the person counts in a matter that was opened in block `opened` over the people of
	/// epoch `snapshot`. Constant work.
	///
	/// The snapshot is a closed epoch, so whoever's interval reaches from it to the open epoch was
	/// recognised all the time.
	pub(crate) fn ensure_entitled(
		person: PersonId,
		snapshot: EpochIndex,
		opened: BlockNumber,
	) -> Result<(), DispatchError> {
		ensure!(T::People::may_vote(person, opened), Error::<T>::Barred);
		let (from, until) = T::Electorate::interval(person).ok_or(Error::<T>::NotInElectorate)?;
		ensure!(until >= T::Electorate::current_epoch(), Error::<T>::Lapsed);
		ensure!((from..=until).contains(&snapshot), Error::<T>::NotInElectorate);
		let seasoned = from
			.checked_add(Rules::<T>::get().seasoning)
			.is_some_and(|seasoned| seasoned <= snapshot);
		ensure!(seasoned, Error::<T>::TooRecent);
		Ok(())
	}

	/// What stands against a vote by this account, or the vote. Writes nothing: that the call would
	/// succeed is what makes it free.
	pub(crate) fn ballot(
		who: &T::AccountId,
		poll: PollIndex,
		aye: bool,
	) -> Result<Ballot, DispatchError> {
		let person = T::People::person_of(who).ok_or(Error::<T>::NotAPerson)?;
		let status = Referenda::<T>::ensure_ongoing(poll).map_err(|_| Error::<T>::NotOngoing)?;
		let opened = status.submitted.saturated_into();
		Self::ensure_entitled(person, status.tally.snapshot_epoch, opened)?;
		let before = Votes::<T>::get(poll, person);
		ensure!(before != Some(aye), Error::<T>::SameVote);
		Ok(Ballot { person, before })
	}

	/// Moves a person's vote in the tally of an ongoing poll; returns the tally. The poll is looked
	/// at again in the next block.
	pub(crate) fn recount(
		poll: PollIndex,
		before: Option<bool>,
		now: Option<bool>,
	) -> Result<Tally<T>, DispatchError> {
		Referenda::<T>::try_access_poll(poll, |status| match status {
			PollStatus::Ongoing(tally, _) => {
				tally.count(before, now).ok_or(Error::<T>::Unexpected)?;
				Ok(tally.clone())
			},
			_ => Err(Error::<T>::NotOngoing.into()),
		})
	}
}

/// Lets signed accounts submit polls, as long as enough people could vote on them.
pub struct Submitters<T>(core::marker::PhantomData<T>);

impl<T: Config> EnsureOriginWithArg<OriginFor<T>, PalletsOriginOf<T>> for Submitters<T> {
	type Success = T::AccountId;

	fn try_origin(
		origin: OriginFor<T>,
		_: &PalletsOriginOf<T>,
	) -> Result<T::AccountId, OriginFor<T>> {
		if Pallet::<T>::sufficient_electorate().is_none() {
			return Err(origin);
		}
		ensure_signed(origin.clone()).map_err(|_| origin)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin(_: &PalletsOriginOf<T>) -> Result<OriginFor<T>, ()> {
		Rules::<T>::mutate(|rules| rules.min_electorate = 0);
		if T::Electorate::last_closed().is_none() {
			crate::benchmarking::electorate::<T>();
		}
		Ok(RawOrigin::Signed(frame_benchmarking::whitelisted_caller()).into())
	}
}
