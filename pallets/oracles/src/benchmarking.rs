//! Benchmarks of the calls, each in its worst case.

use crate::{
	locks::{BUCKETS, MAX_LOCKS},
	Asks, Call, Config, Endpoint, LockRing, Locks, Oracles, Pallet, Unbonding, UnbondingQueue,
	UnbondingQueues, MAX_ASKS, MAX_ENDPOINT, MAX_UNBONDING,
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Mutate, Get};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::AccountId32;
use usufruct_primitives::{
	domain::hash, keys::is_valid_ed25519, traits::Models as _, Balance, PublicKey, UFR,
};

/// Gives `who` twice that, in planck.
fn fund<T: Config>(who: &AccountId32, amount: Balance) {
	T::Currency::mint_into(who, amount.saturating_mul(2)).expect("the issuance leaves room");
}

/// A valid key of nobody, another one for each account. Half of all strings are on the curve.
fn receipt_key(of: &AccountId32) -> PublicKey {
	(0u32..)
		.map(|attempt| hash(&(of, attempt).encode()))
		.find(is_valid_ed25519)
		.expect("one in two strings is a valid key")
}

/// The longest endpoint.
fn endpoint() -> Endpoint {
	let mut endpoint = b"https://".to_vec();
	endpoint.resize(MAX_ENDPOINT as usize, b'e');
	Endpoint::truncate_from(endpoint)
}

/// Registers `who` with a bond of that many UFR, and at least the minimum.
pub(crate) fn new_oracle<T: Config>(who: &AccountId32, ufr: Balance) {
	let bond = ufr.saturating_mul(UFR).max(T::MinBond::get());
	fund::<T>(who, bond);
	let origin = RawOrigin::Signed(who.clone()).into();
	Pallet::<T>::register(origin, bond, receipt_key(who), endpoint())
		.expect("everything is valid and the oracle funded");
}

/// Gives `who` as many locks as there can be.
fn fill_locks<T: Config>(who: &AccountId32) {
	let mut locks = LockRing::default();
	(0..MAX_LOCKS).for_each(|bucket| locks.add(T::ChallengeWindow::get() + bucket * BUCKETS, 1));
	Locks::<T>::insert(who, locks);
}

/// Gives `who` that many parts on their way out, each of one UFR.
fn fill_queue<T: Config>(who: &AccountId32, parts: u32) {
	let queue: Vec<_> =
		(0..parts).map(|part| Unbonding { ready_at: part + 1, amount: UFR }).collect();
	UnbondingQueues::<T>::insert(who, UnbondingQueue::truncate_from(queue));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		let oracle: AccountId32 = whitelisted_caller();
		let bond = T::MinBond::get();
		fund::<T>(&oracle, bond);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), bond, receipt_key(&oracle), endpoint());

		assert_eq!(Oracles::<T>::get(&oracle).map(|oracle| oracle.bond), Some(bond));
	}

	#[benchmark]
	fn set_ask() {
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 0);
		let version = T::Models::benchmark_version(&account("owner", 0, 0));
		let price = Balance::MAX;

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), version, Some(price));

		assert_eq!(Asks::<T>::get(&oracle, version), Some(price));
	}

	#[benchmark]
	fn bond_more() {
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 0);
		let bond = T::MinBond::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), UFR);

		assert_eq!(Oracles::<T>::get(&oracle).map(|oracle| oracle.bond), Some(bond + UFR));
	}

	/// All locks live, and room for one more part.
	#[benchmark]
	fn unbond() {
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 1_000_000);
		fill_locks::<T>(&oracle);
		fill_queue::<T>(&oracle, MAX_UNBONDING - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), UFR);

		assert_eq!(UnbondingQueues::<T>::get(&oracle).len(), MAX_UNBONDING as usize);
	}

	/// Everything goes, and the oracle with it. Linear in its asks.
	#[benchmark]
	fn withdraw_unbonded(a: Linear<0, MAX_ASKS>) {
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 1_000_000);
		fill_queue::<T>(&oracle, MAX_UNBONDING);
		fill_locks::<T>(&oracle);
		(0..a).for_each(|version| Asks::<T>::insert(&oracle, version, Balance::MAX));
		Oracles::<T>::mutate(&oracle, |record| {
			if let Some(record) = record {
				record.bond = 0;
				record.asks = a;
			}
		});
		frame_system::Pallet::<T>::set_block_number(BlockNumberFor::<T>::from(MAX_UNBONDING));

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()));

		assert!(!Oracles::<T>::contains_key(&oracle));
		assert_eq!(Asks::<T>::iter_prefix(&oracle).count(), 0);
	}

	#[benchmark]
	fn set_endpoint() {
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 0);
		let mut new = vec![b'n'; MAX_ENDPOINT as usize];
		new[..8].copy_from_slice(b"https://");
		let new = Endpoint::truncate_from(new);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), new.clone());

		assert_eq!(Oracles::<T>::get(&oracle).map(|oracle| oracle.endpoint), Some(new));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
