//! Benchmarks of the calls and of the hooks.

use super::*;
use alloc::vec::Vec;
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;
use pallet_authorship::EventHandler;
use pallet_session::historical::IdentificationTuple;
use sp_runtime::{traits::TrailingZeroInput, AccountId32, Perbill};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};
use usufruct_primitives::Balance;

type Money<T> = <T as Config>::Currency;

/// Far above any existential deposit.
const PAY: Balance = 1_000_000_000_000_000;

fn fund_pot<T: Config>(amount: Balance) {
	let funds = Money::<T>::minimum_balance().saturating_add(amount);
	Money::<T>::set_balance(&Pallet::<T>::pot(), funds);
}

/// A full set, active and planned, of accounts that all have keys.
fn full_set<T: Config>() -> Result<Vec<AccountId32>, BenchmarkError> {
	let members: Vec<AccountId32> = (0..T::MaxValidators::get())
		.map(|index| account::<AccountId32>("validator", index, 0))
		.collect();
	for member in &members {
		let keys = T::Keys::decode(&mut TrailingZeroInput::zeroes())
			.map_err(|_| BenchmarkError::Stop("session keys decode from zeroes"))?;
		pallet_session::NextKeys::<T>::insert(member, keys);
	}
	pallet_session::Validators::<T>::put(&members);
	let bounded = members
		.clone()
		.try_into()
		.map_err(|_| BenchmarkError::Stop("as many members as there may be"))?;
	Members::<T>::put::<frame_support::BoundedVec<_, T::MaxValidators>>(bounded);
	Ok(members)
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn withdraw() {
		let author: AccountId32 = whitelisted_caller();
		fund_pot::<T>(PAY);
		Credits::<T>::insert(&author, PAY);
		Credited::<T>::put(PAY);

		#[extrinsic_call]
		_(RawOrigin::Signed(author.clone()));

		assert_eq!(Money::<T>::balance(&author), PAY);
		assert_eq!(Credited::<T>::get(), 0);
	}

	#[benchmark]
	fn admit() -> Result<(), BenchmarkError> {
		let mut members = full_set::<T>()?;
		let validator = members.pop().ok_or(BenchmarkError::Stop("a full set is not empty"))?;
		Members::<T>::mutate(|all| all.pop());
		let origin = T::AdmissionOrigin::try_successful_origin()
			.map_err(|()| BenchmarkError::Stop("somebody admits"))?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, validator);

		assert_eq!(Members::<T>::get().len() as u32, T::MaxValidators::get());
		Ok(())
	}

	/// Finds the one other that has keys last.
	#[benchmark]
	fn dismiss() -> Result<(), BenchmarkError> {
		let members = full_set::<T>()?;
		for member in &members[1..members.len() - 1] {
			pallet_session::NextKeys::<T>::remove(member);
		}
		let validator = members[0].clone();
		let origin = T::AdmissionOrigin::try_successful_origin()
			.map_err(|()| BenchmarkError::Stop("somebody dismisses"))?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, validator);

		assert_eq!(Members::<T>::get().len() as u32, T::MaxValidators::get() - 1);
		Ok(())
	}

	#[benchmark]
	fn note_author() {
		let author: AccountId32 = account("author", 0, 0);
		fund_pot::<T>(PAY);

		#[block]
		{
			<Pallet<T> as EventHandler<_, _>>::note_author(author.clone());
		}

		let blocks = Balance::from(T::BlocksPerEpoch::get().max(1));
		assert_eq!(Credits::<T>::get(&author), PAY / blocks);
	}

	/// Linear in the offenders of one report, in a full set.
	#[benchmark]
	fn on_offence(o: Linear<1, 10>) -> Result<(), BenchmarkError> {
		let members = full_set::<T>()?;
		let offenders: Vec<OffenceDetails<AccountId32, IdentificationTuple<T>>> = members
			.iter()
			.rev()
			.take(o as usize)
			.map(|member| OffenceDetails { offender: (member.clone(), ()), reporters: Vec::new() })
			.collect();
		let fractions = alloc::vec![Perbill::one(); offenders.len()];

		#[block]
		{
			<Pallet<T> as OnOffenceHandler<_, _, _>>::on_offence(&offenders, &fractions, 0);
		}

		let kept = T::MaxValidators::get().saturating_sub(o).max(1);
		assert_eq!(Members::<T>::get().len() as u32, kept);
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
