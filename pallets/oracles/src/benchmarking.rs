//! Benchmarks of the calls, each in its worst case.

use crate::{
	locks::BUCKETS, Asks, Call, Config, Endpoint, LockRing, Locks, Oracles, Pallet, ReceiptKeys,
	RetiredKey, RetiredKeyList, RetiredKeys, SettleLimit, Unbonding, UnbondingQueue,
	UnbondingQueues, MAX_ASKS, MAX_ENDPOINT, MAX_RETIRED_KEYS, MAX_UNBONDING,
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

/// A valid key of nobody, another one for each seed. Half of all strings are on the curve.
fn receipt_key(seed: impl Encode) -> PublicKey {
	(0u32..)
		.map(|attempt| hash(&(&seed, attempt).encode()))
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

/// Gives `who` a lock in every bucket of the window, as if it had settled all the time.
fn fill_locks<T: Config>(who: &AccountId32) {
	let now = Pallet::<T>::now();
	let newest = Pallet::<T>::end_of_lock(now);
	let bucket = T::ChallengeWindow::get().div_ceil(BUCKETS);
	let mut locks = LockRing::default();
	(0..=BUCKETS)
		.map(|past| newest.saturating_sub(past * bucket))
		.filter(|until| now < *until)
		.for_each(|until| locks.add(until, 1));
	Locks::<T>::insert(who, locks);
}

/// Gives `who` that many parts on their way out, each of one UFR.
fn fill_queue<T: Config>(who: &AccountId32, parts: u32) {
	let queue: Vec<_> =
		(0..parts).map(|part| Unbonding { ready_at: part + 1, amount: UFR }).collect();
	UnbondingQueues::<T>::insert(who, UnbondingQueue::truncate_from(queue));
}

/// Gives `who` as many retired keys as there can be, all of them forgotten; returns the last.
fn fill_retired<T: Config>(who: &AccountId32) -> PublicKey {
	let keys: Vec<_> = (0..MAX_RETIRED_KEYS).map(|index| receipt_key((who, index))).collect();
	keys.iter().for_each(|key| ReceiptKeys::<T>::insert(key, who));
	let retired =
		keys.iter().map(|key| RetiredKey { key: *key, retired_at: 0, forgotten_at: 0 }).collect();
	RetiredKeys::<T>::insert(who, RetiredKeyList::truncate_from(retired));
	keys[MAX_RETIRED_KEYS as usize - 1]
}

/// An oracle with a bond that covers any settlement, with a lock in every bucket and all parts of
/// unbonding: what others ask of it costs the most.
pub(crate) fn busy_oracle<T: Config>(who: &AccountId32) {
	new_oracle::<T>(who, u64::MAX.into());
	fill_locks::<T>(who);
	fill_queue::<T>(who, MAX_UNBONDING);
	Oracles::<T>::mutate(who, |record| {
		if let Some(record) = record {
			record.bond -= UFR * Balance::from(MAX_UNBONDING);
		}
	});
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// With a key that another oracle has yet to forget.
	#[benchmark]
	fn register() {
		let former: AccountId32 = account("former", 0, 0);
		new_oracle::<T>(&former, 0);
		let key = fill_retired::<T>(&former);
		let oracle: AccountId32 = whitelisted_caller();
		let bond = T::MinBond::get();
		fund::<T>(&oracle, bond);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), bond, key, endpoint());

		assert_eq!(Oracles::<T>::get(&oracle).map(|oracle| oracle.bond), Some(bond));
		assert_eq!(ReceiptKeys::<T>::get(key), Some(oracle));
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

	/// Everything goes, and the oracle with it and all its keys. Linear in its asks.
	#[benchmark]
	fn withdraw_unbonded(a: Linear<0, MAX_ASKS>) {
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 1_000_000);
		fill_queue::<T>(&oracle, MAX_UNBONDING);
		fill_locks::<T>(&oracle);
		let retired = fill_retired::<T>(&oracle);
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
		assert_eq!(ReceiptKeys::<T>::get(retired), None);
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

	/// All retired keys are forgotten, and another oracle has yet to forget the new one.
	#[benchmark]
	fn set_receipt_key() {
		let former: AccountId32 = account("former", 0, 0);
		new_oracle::<T>(&former, 0);
		let key = fill_retired::<T>(&former);
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 0);
		let forgotten = fill_retired::<T>(&oracle);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), key);

		assert_eq!(Oracles::<T>::get(&oracle).map(|oracle| oracle.receipt_key), Some(key));
		assert_eq!(ReceiptKeys::<T>::get(forgotten), None);
		assert_eq!(RetiredKeys::<T>::get(&oracle).len(), 1);
	}

	/// All keys there can be are forgotten.
	#[benchmark]
	fn forget_keys() {
		let oracle: AccountId32 = account("oracle", 0, 0);
		new_oracle::<T>(&oracle, 0);
		let forgotten = fill_retired::<T>(&oracle);
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), oracle.clone());

		assert_eq!(ReceiptKeys::<T>::get(forgotten), None);
		assert!(!RetiredKeys::<T>::contains_key(&oracle));
	}

	/// A rise.
	#[benchmark]
	fn set_settle_limit() {
		let oracle: AccountId32 = whitelisted_caller();
		new_oracle::<T>(&oracle, 0);
		let low = SettleLimit { present: Some(1), rise: None };
		Oracles::<T>::mutate(&oracle, |record| {
			if let Some(record) = record {
				record.settle_limit = low;
			}
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), None);

		let rise = Oracles::<T>::get(&oracle).and_then(|record| record.settle_limit.rise);
		assert_eq!(rise.map(|rise| rise.limit), Some(None));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
