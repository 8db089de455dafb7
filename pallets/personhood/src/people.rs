//! Who is a person, for this pallet and for others.

use crate::{
	types::{Marks, Person, VerifierIds},
	AccountOf, Config, Error, NextPerson, Nullifiers, Pallet, People,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{traits::Zero, DispatchError};
use usufruct_primitives::{
	traits::{self, Eligibility},
	EpochIndex, Hash, PersonId,
};

impl<T: Config> Pallet<T> {
	/// What makes signatures of this chain worthless on any other.
	pub(crate) fn genesis_hash() -> Hash {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).0
	}

	/// Books a new person and its interval in the dividend. Writes nothing when it fails.
	pub(crate) fn admit_person(
		account: &T::AccountId,
		attested: VerifierIds,
		marks: Marks,
	) -> Result<(PersonId, (EpochIndex, EpochIndex)), DispatchError> {
		let person = NextPerson::<T>::get();
		let next = person.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
		let interval = T::Eligibility::join(person)?;
		NextPerson::<T>::put(next);
		AccountOf::<T>::insert(account, person);
		for mark in &marks {
			Nullifiers::<T>::insert(mark.domain, mark.nullifier, person);
		}
		People::<T>::insert(
			person,
			Person { account: account.clone(), nonce: 1, revoked: false, attested, marks },
		);
		frame_system::Pallet::<T>::inc_sufficients(account);
		Ok((person, interval))
	}
}

impl<T: Config> traits::People<T::AccountId> for Pallet<T> {
	fn person_of(account: &T::AccountId) -> Option<PersonId> {
		AccountOf::<T>::get(account)
	}

	fn may_claim(person: PersonId) -> bool {
		People::<T>::get(person).is_some_and(|person| !person.revoked)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_person(account: &T::AccountId) -> PersonId {
		Self::admit_person(account, Default::default(), Default::default())
			.expect("a new person joins in benchmarks")
			.0
	}
}

impl<T: Config> traits::Holders<T::AccountId> for Pallet<T> {
	fn account_of(person: PersonId) -> Option<T::AccountId> {
		People::<T>::get(person).map(|person| person.account)
	}
}
