//! Who is a person: recognition, its end, and what other pallets see of it.

use crate::{
	attest::Applicant,
	types::{Attestations, Marks, Person, VerifierIds},
	AccountOf, Config, Error, Event, NextPerson, Nullifiers, Pallet, People, Priors, Quorum,
	Recoveries, ReservedFor, RevokedCount, Verifiers,
};
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult, storage::with_storage_layer};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
	traits::{SaturatedConversion, Saturating, Zero},
	DispatchError, MultiSignature,
};
use usufruct_primitives::{
	traits::{self, Eligibility},
	BlockNumber, Class, EpochIndex, Hash, PersonId, Purpose, Region,
};

impl<T: Config> Pallet<T> {
	/// What makes signatures of this chain worthless on any other.
	pub(crate) fn genesis_hash() -> Hash {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).0
	}

	/// The present block.
	pub(crate) fn now() -> BlockNumber {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	/// Makes an account a person.
	pub(crate) fn do_register(
		account: T::AccountId,
		attestations: &Attestations,
		consent: &MultiSignature,
	) -> DispatchResult {
		ensure!(!AccountOf::<T>::contains_key(&account), Error::<T>::AlreadyAPerson);
		ensure!(!ReservedFor::<T>::contains_key(&account), Error::<T>::AccountReserved);
		let applicant = Applicant::<T> {
			purpose: Purpose::Register,
			account: &account,
			nonce: 0,
			person: None,
			marks: &Marks::default(),
		};
		let accepted = applicant.check(attestations, consent)?;

		let verifiers = accepted.ids();
		let (person, (from, until)) =
			Self::admit_person(&account, verifiers.clone(), accepted.region, accepted.new_marks)?;
		Self::count_attested(accepted.verifiers, true);
		Self::deposit_event(Event::PersonRegistered { person, account, verifiers, from, until });
		Ok(())
	}

	/// Recognises a person again.
	///
	/// One who needs other verifiers, because its own are suspended, is attested by them before the
	/// last part of the term too; then its interval stays as it is.
	pub(crate) fn do_renew(
		account: T::AccountId,
		attestations: &Attestations,
		consent: &MultiSignature,
	) -> DispatchResult {
		let id = AccountOf::<T>::get(&account).ok_or(Error::<T>::NotAPerson)?;
		let mut person = People::<T>::get(id).ok_or(Error::<T>::NotAPerson)?;
		ensure!(!person.revoked, Error::<T>::PersonIsRevoked);
		// The marks of both could contradict each other.
		ensure!(!Recoveries::<T>::contains_key(id), Error::<T>::RecoveryPending);
		let applicant = Applicant::<T> {
			purpose: Purpose::Renew,
			account: &account,
			nonce: person.nonce,
			person: Some(id),
			marks: &person.marks,
		};
		let accepted = applicant.check(attestations, consent)?;

		let needed = Self::needs_attestation(&person);
		let (from, until) = match with_storage_layer(|| T::Eligibility::renew(id)) {
			Err(_) if needed => T::Eligibility::interval(id).ok_or(Error::<T>::NotAPerson)?,
			renewed => renewed?,
		};
		person.nonce = person.nonce.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
		let verifiers = accepted.ids();
		person.attested = verifiers.clone();
		person.region = accepted.region;
		// The human stood there with this account's key: it may veto anew.
		person.vetoed = None;
		for mark in &accepted.new_marks {
			Nullifiers::<T>::insert(mark.domain, mark.nullifier, id);
		}
		// As many fit as there may be domains, and a person has one mark of each at most.
		person
			.marks
			.try_extend(accepted.new_marks.into_iter())
			.map_err(|_| Error::<T>::TooManyDomains)?;
		People::<T>::insert(id, person);
		Self::count_attested(accepted.verifiers, false);
		Self::deposit_event(Event::PersonRenewed { person: id, account, verifiers, from, until });
		Ok(())
	}

	/// Books a new person and its interval in the dividend. Writes nothing when it fails.
	pub(crate) fn admit_person(
		account: &T::AccountId,
		attested: VerifierIds,
		region: Region,
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
			Person {
				account: account.clone(),
				nonce: 1,
				revoked: false,
				attested,
				region,
				marks,
				frozen_by: None,
				vetoed: None,
			},
		);
		frame_system::Pallet::<T>::inc_sufficients(account);
		Ok((person, interval))
	}

	/// Withdraws the recognition of a person. `record` is stored.
	pub(crate) fn do_revoke(id: PersonId, mut record: Person) -> DispatchResult {
		ensure!(!record.revoked, Error::<T>::AlreadyRevoked);
		T::Eligibility::revoke(id)?;
		record.revoked = true;
		let account = record.account.clone();
		People::<T>::insert(id, record);
		RevokedCount::<T>::mutate(|count| count.saturating_inc());
		if let Some(recovery) = Recoveries::<T>::take(id) {
			Self::undo_recovery(&recovery);
		}
		Self::deposit_event(Event::PersonRevoked { person: id, account });
		Ok(())
	}

	/// Gives a revoked person its recognition back, as long as its record is there.
	pub(crate) fn do_reinstate(id: PersonId) -> DispatchResult {
		let mut record = People::<T>::get(id).ok_or(Error::<T>::UnknownPerson)?;
		ensure!(record.revoked, Error::<T>::NotRevoked);
		let (from, until) = T::Eligibility::renew(id)?;
		record.revoked = false;
		let account = record.account.clone();
		People::<T>::insert(id, record);
		RevokedCount::<T>::mutate(|count| count.saturating_dec());
		Self::deposit_event(Event::PersonReinstated { person: id, account, from, until });
		Ok(())
	}

	/// Removes what is left of a revoked person but its nullifiers.
	pub(crate) fn do_remove(id: PersonId) -> DispatchResult {
		let record = People::<T>::get(id).ok_or(Error::<T>::UnknownPerson)?;
		ensure!(record.revoked, Error::<T>::NotRevoked);
		T::Eligibility::forget(id)?;
		People::<T>::remove(id);
		Priors::<T>::remove(id);
		AccountOf::<T>::remove(&record.account);
		frame_system::Pallet::<T>::dec_sufficients(&record.account);
		Self::deposit_event(Event::PersonRemoved { person: id, account: record.account });
		Ok(())
	}

	/// Whether too few of the verifiers that attested a person stand.
	///
	/// A person recognised by fewer than today's quorum needs no more of them than there were.
	/// Reads as many verifiers as attested it, at most five.
	pub(crate) fn needs_attestation(person: &Person) -> bool {
		let needed = Quorum::<T>::get().min(person.attested.len() as u32) as usize;
		let epoch = T::Eligibility::current_epoch();
		let stands = |id: &&u32| {
			Verifiers::<T>::get(id).is_some_and(|verifier| !verifier.is_suspended(epoch))
		};
		person.attested.iter().filter(stands).count() < needed
	}

	/// Whether a person may claim.
	pub(crate) fn may_claim_now(person: &Person) -> bool {
		!person.revoked && person.frozen_by.is_none() && !Self::needs_attestation(person)
	}
}

impl<T: Config> traits::People<T::AccountId> for Pallet<T> {
	fn person_of(account: &T::AccountId) -> Option<PersonId> {
		AccountOf::<T>::get(account)
	}

	fn may_claim(person: PersonId) -> bool {
		People::<T>::get(person).is_some_and(|person| Self::may_claim_now(&person))
	}

	fn may_vote(person: PersonId, opened: BlockNumber) -> bool {
		let recognised = People::<T>::get(person).is_some_and(|person| !person.revoked);
		recognised && Self::frozen_since(person).is_none_or(|frozen| opened <= frozen)
	}

	/// As many verifiers as can be have attested it, so that looking at them all is in the weights,
	/// and that it lives in region 1.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_person(account: &T::AccountId) -> PersonId {
		let attested = Self::benchmark_verifiers();
		Self::admit_person(account, attested, 1, Default::default())
			.expect("a new person joins in benchmarks")
			.0
	}
}

impl<T: Config> traits::Attested for Pallet<T> {
	fn classes(person: PersonId) -> Vec<Class> {
		let Some(person) = People::<T>::get(person) else { return Vec::new() };
		let verifiers = person.attested.iter().filter_map(Verifiers::<T>::get);
		verifiers.map(|verifier| verifier.class).collect()
	}

	fn region(person: PersonId) -> Option<Region> {
		People::<T>::get(person).map(|person| person.region).filter(|region| *region != 0)
	}
}

impl<T: Config> traits::Holders<T::AccountId> for Pallet<T> {
	fn account_of(person: PersonId) -> Option<T::AccountId> {
		People::<T>::get(person).map(|person| person.account)
	}
}
