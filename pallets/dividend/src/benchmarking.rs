//! What the call and the two kinds of block cost, at their worst.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	Hooks,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::SaturatedConversion;
use usufruct_primitives::{
	traits::{Eligibility, People},
	Balance,
};

/// Puts enough into the pot for `epochs` closes that are worth paying, and makes the parameters
/// such that one person is enough and nothing is swept.
fn prepare<T: Config>(epochs: u32) {
	Params::<T>::mutate(|params| {
		params.min_people = 1;
		params.claim_window = 104;
		params.term = 104;
	});
	let people = Books::<T>::get().active.saturating_add(2);
	let each = Params::<T>::get().min_per_head.saturating_mul(people.into());
	fund_pot::<T>(each.saturating_mul(epochs.into()));
}

fn fund_pot<T: Config>(amount: Balance) {
	T::Currency::mint_into(&Pallet::<T>::pot(), amount).expect("the pot exists");
}

/// The claim window of a benchmark that sweeps.
const SHORT_WINDOW: u32 = 1;

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A person that never held anything claims four epochs, and what was settled before.
	#[benchmark]
	fn claim() -> Result<(), BenchmarkError> {
		let account: T::AccountId = account("person", 0, 0);
		prepare::<T>(1);
		let person = T::People::benchmark_person(&account);
		Pallet::<T>::benchmark_close_epoch();
		let first = Pallet::<T>::current_epoch();
		for _ in 0..4 {
			prepare::<T>(1);
			Pallet::<T>::benchmark_close_epoch();
		}
		let owed = T::Currency::minimum_balance();
		fund_pot::<T>(owed);
		Shares::<T>::mutate(person, |share| {
			if let Some(share) = share {
				share.owed = owed;
			}
		});
		Books::<T>::mutate(|totals| totals.liability = totals.liability.saturating_add(owed));
		let due = Pallet::<T>::claimable(account.clone());
		let before = T::Currency::balance(&account);
		assert!(due > owed);

		#[extrinsic_call]
		_(RawOrigin::Signed(account.clone()));

		assert_eq!(T::Currency::balance(&account), before + due);
		assert_eq!(Pallet::<T>::claimable(account.clone()), 0);
		assert_eq!(Epochs::<T>::get(first).claim_in, 1);
		let share = Shares::<T>::get(person).ok_or(BenchmarkError::Stop("the share is gone"))?;
		assert_eq!((share.owed, share.next), (0, Pallet::<T>::current_epoch()));
		Ok(())
	}

	/// The open epoch closes, after the claim window was shortened: two epochs are swept, the pot
	/// is divided, and whoever is to be told of it does its work.
	#[benchmark]
	fn close() -> Result<(), BenchmarkError> {
		let account: T::AccountId = account("person", 0, 0);
		prepare::<T>(1);
		T::People::benchmark_person(&account);
		for _ in 0..4 {
			prepare::<T>(1);
			Pallet::<T>::benchmark_close_epoch();
		}
		prepare::<T>(1);
		Params::<T>::mutate(|params| params.claim_window = SHORT_WINDOW);
		let before = Books::<T>::get();
		let now: BlockNumberFor<T> = before.closes_at.saturated_into();
		frame_system::Pallet::<T>::set_block_number(now);

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		let after = Books::<T>::get();
		assert_eq!(after.epoch, before.epoch + 1);
		assert_eq!(after.next_sweep, before.next_sweep + 2);
		assert!(Epochs::<T>::get(before.epoch).per_head > 0);
		Ok(())
	}

	/// Any other block.
	#[benchmark]
	fn idle() {
		let before = Books::<T>::get();
		let now: BlockNumberFor<T> = before.closes_at.saturating_sub(1).saturated_into();

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_eq!(Books::<T>::get(), before);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
