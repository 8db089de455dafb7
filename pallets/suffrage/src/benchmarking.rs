//! What the calls cost at their worst.

use super::*;
use crate::types::Proposal;
use alloc::boxed::Box;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	schedule::DispatchTime, Currency, EnsureOrigin, Polling, StorePreimage,
};
use frame_system::RawOrigin;
use pallet_referenda::{
	BalanceOf, BoundedCallOf, CallOf, Pallet as Referenda, PalletsOriginOf, TracksInfo,
};
use sp_runtime::traits::{Bounded, Hash};
use usufruct_primitives::{traits::People, PersonId};

/// What benchmarks need of the dividend.
pub trait BenchmarkHelper {
	/// Closes the open epoch.
	fn close_epoch();
}

/// An epoch is closed in which somebody shared, and nobody needs to wait for a vote.
pub(crate) fn electorate<T: Config>() {
	voter::<T>("electorate", 0);
}

/// A person that may vote on polls submitted from now on.
fn voter<T: Config>(name: &'static str, index: u32) -> (T::AccountId, PersonId) {
	let account: T::AccountId = account(name, index, 0);
	let person = T::People::benchmark_person(&account);
	Rules::<T>::put(Constitution {
		min_electorate: 1,
		seasoning: 0,
		cosigners: 1,
		..Default::default()
	});
	// The open epoch, and the person's first.
	T::BenchmarkHelper::close_epoch();
	T::BenchmarkHelper::close_epoch();
	(account, person)
}

/// The origin of the first track, and so a poll on it can be made.
fn acting<T: Config>() -> PalletsOriginOf<T>
where
	PalletsOriginOf<T>: From<Origin>,
{
	Origin::Parameters.into()
}

/// A call that takes the most room a poll gives it.
fn call<T: Config>() -> Result<BoundedCallOf<T, ()>, BenchmarkError> {
	let remark = frame_system::Call::remark { remark: alloc::vec![7; 100] };
	T::Preimages::bound(CallOf::<T, ()>::from(remark))
		.map_err(|_| BenchmarkError::Stop("the call is too long"))
}

/// A running poll on the busiest track.
fn poll<T: Config>() -> Result<PollIndex, BenchmarkError> {
	let class = T::Tracks::track_ids().next().ok_or(BenchmarkError::Stop("no track"))?;
	Referenda::<T>::create_ongoing(class).map_err(|_| BenchmarkError::Stop("no poll"))
}

/// A proposal by a new voter.
fn proposed<T: Config>() -> Result<ProposalId, BenchmarkError>
where
	PalletsOriginOf<T>: From<Origin>,
{
	let (proposer, _) = voter::<T>("proposer", 0);
	Pallet::<T>::propose(
		RawOrigin::Signed(proposer).into(),
		Box::new(acting::<T>()),
		call::<T>()?,
		DispatchTime::After(0u32.into()),
	)?;
	Ok(NextProposal::<T>::get() - 1)
}

#[benchmarks(where PalletsOriginOf<T>: From<Origin>)]
mod benchmarks {
	use super::*;

	/// A vote that moves to the other side.
	#[benchmark]
	fn vote() -> Result<(), BenchmarkError> {
		let (account, person) = voter::<T>("voter", 0);
		let poll = poll::<T>()?;
		let origin = RawOrigin::Signed(account);
		Pallet::<T>::vote(origin.clone().into(), poll, false)?;

		#[extrinsic_call]
		_(origin, poll, true);

		assert_eq!(Votes::<T>::get(poll, person), Some(true));
		let (tally, _) = Referenda::<T>::as_ongoing(poll).ok_or(BenchmarkError::Stop("over"))?;
		assert_eq!((tally.ayes, tally.nays), (1, 0));
		Ok(())
	}

	/// The person is not there any more.
	#[benchmark]
	fn remove_vote() -> Result<(), BenchmarkError> {
		electorate::<T>();
		let poll = poll::<T>()?;
		let nobody = PersonId::MAX;
		Votes::<T>::insert(poll, nobody, true);
		Pallet::<T>::recount(poll, None, Some(true))?;
		let anybody: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), poll, nobody);

		assert_eq!(Votes::<T>::get(poll, nobody), None);
		Ok(())
	}

	/// `n`: number of votes removed.
	#[benchmark]
	fn cleanup_poll(n: Linear<1, 256>) -> Result<(), BenchmarkError> {
		electorate::<T>();
		let poll = poll::<T>()?;
		for person in 0..=n {
			Votes::<T>::insert(poll, person, true);
		}
		Referenda::<T>::end_ongoing(poll, true).map_err(|_| BenchmarkError::Stop("no end"))?;
		let anybody: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), poll, n);

		assert_eq!(Votes::<T>::iter_prefix(poll).count(), 1);
		Ok(())
	}

	#[benchmark]
	fn propose() -> Result<(), BenchmarkError> {
		let (account, person) = voter::<T>("proposer", 0);
		let (origin, call) = (Box::new(acting::<T>()), call::<T>()?);

		#[extrinsic_call]
		_(RawOrigin::Signed(account), origin, call, DispatchTime::After(0u32.into()));

		assert!(ProposalBy::<T>::contains_key(person));
		Ok(())
	}

	#[benchmark]
	fn cosign() -> Result<(), BenchmarkError> {
		let (account, person) = voter::<T>("cosigner", 0);
		let proposal = proposed::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(account), proposal);

		assert!(Cosigners::<T>::contains_key(proposal, person));
		Ok(())
	}

	#[benchmark]
	fn submit_proposal() -> Result<(), BenchmarkError> {
		let proposal = proposed::<T>()?;
		let plenty = BalanceOf::<T, ()>::max_value() / 2u32.into();
		<T as pallet_referenda::Config>::Currency::make_free_balance_be(
			&Pallet::<T>::account(),
			plenty,
		);
		let anybody: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), proposal);

		let poll = Proposals::<T>::get(proposal).and_then(|record| record.poll);
		assert!(poll.is_some_and(|poll| Referenda::<T>::ensure_ongoing(poll).is_ok()));
		Ok(())
	}

	/// `n`: number of signatures removed.
	#[benchmark]
	fn cleanup_proposal(n: Linear<1, 256>) -> Result<(), BenchmarkError> {
		let proposal = proposed::<T>()?;
		for person in 0..n {
			Cosigners::<T>::insert(proposal, PersonId::MAX - person, ());
		}
		Proposals::<T>::mutate(proposal, |record| {
			if let Some(Proposal { signed, poll, .. }) = record {
				*signed += n;
				*poll = Some(0);
			}
		});
		let anybody: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), proposal, n);

		assert_eq!(Cosigners::<T>::iter_prefix(proposal).count(), 1);
		Ok(())
	}

	#[benchmark]
	fn authorise_upgrade() -> Result<(), BenchmarkError> {
		let origin = T::UpgradeOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("nobody may"))?;
		let hash = T::Hashing::hash(b"code");

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, hash);

		let authorised = frame_system::Pallet::<T>::authorized_upgrade();
		assert_eq!(authorised.map(|authorised| *authorised.code_hash()), Some(hash));
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
