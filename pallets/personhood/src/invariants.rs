//! What must hold of the pallet's storage at any time.

use crate::{
	types::{MAX_ATTESTATIONS, MIN_QUORUM},
	AccountOf, Config, Domains, LeastQuorum, NextPerson, NextVerifier, Nullifiers, Pallet, People,
	Quorum, RevokedCount, VerifierOfKey, Verifiers,
};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;
use usufruct_primitives::traits::Eligibility;

impl<T: Config> Pallet<T> {
	/// Checks every invariant; grows with all that is stored, so never on chain.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_people()?;
		Self::check_nullifiers()?;
		Self::check_quorum()?;
		Self::check_verifiers()
	}

	fn check_people() -> Result<(), TryRuntimeError> {
		let domains = Domains::<T>::get().len() as u32;
		let next = NextPerson::<T>::get();
		let mut people = 0u32;
		for (id, person) in People::<T>::iter() {
			people = people.saturating_add(1);
			// I1: an account has at most one person, and both know each other.
			ensure!(
				AccountOf::<T>::get(&person.account) == Some(id),
				"I1: a person's account does not point back to it"
			);
			// I2: ids are dense and given in order.
			ensure!(id < next, "I2: a person's id was not given yet");
			// I3: a person's account exists without a balance.
			ensure!(
				frame_system::Pallet::<T>::sufficients(&person.account) >= 1,
				"I3: a person's account lacks its sufficient reference"
			);
			// I4: each mark of a person is its own, and no domain knows it by two.
			let mut seen = BTreeSet::new();
			for mark in &person.marks {
				ensure!(mark.domain < domains, "I4: a mark of an unknown domain");
				ensure!(seen.insert(mark.domain), "I4: two marks of one domain");
				ensure!(
					Nullifiers::<T>::get(mark.domain, mark.nullifier) == Some(id),
					"I4: a person's mark is not its own"
				);
			}
			// I5: nobody was recognised by fewer than the least quorum.
			let least = LeastQuorum::<T>::get() as usize;
			ensure!(person.attested.len() >= least, "I5: recognised by too few verifiers");
			ensure!(person.marks.len() >= least, "I5: known by too few domains");
			// I6: the domains that do not know a person are too few to recognise it again.
			ensure!(
				domains < Quorum::<T>::get().saturating_add(person.marks.len() as u32),
				"I6: a quorum could be found that does not know a person"
			);
			// I7: every person has an interval in the dividend.
			ensure!(T::Eligibility::interval(id).is_some(), "I7: a person without an interval");
		}
		let accounts = AccountOf::<T>::iter_keys().count();
		ensure!(accounts == people as usize, "I1: an account points to no person");
		Ok(())
	}

	fn check_nullifiers() -> Result<(), TryRuntimeError> {
		let mut revoked_or_removed = NextPerson::<T>::get();
		for person in People::<T>::iter_values() {
			if !person.revoked {
				revoked_or_removed = revoked_or_removed.saturating_sub(1);
			}
		}
		// I8: people whose recognition was withdrawn are counted, and nobody else is gone.
		ensure!(
			RevokedCount::<T>::get() == revoked_or_removed,
			"I8: the count of revoked people is wrong"
		);
		for (domain, nullifier, id) in Nullifiers::<T>::iter() {
			// I9: every nullifier belongs to somebody who was recognised, and who, while the record
			// lasts, is marked by it.
			ensure!(id < NextPerson::<T>::get(), "I9: a nullifier of a person that never was");
			if let Some(person) = People::<T>::get(id) {
				ensure!(
					person.marks.iter().any(|m| m.domain == domain && m.nullifier == nullifier),
					"I9: a nullifier its person is not marked by"
				);
			}
		}
		Ok(())
	}

	fn check_quorum() -> Result<(), TryRuntimeError> {
		let (quorum, least) = (Quorum::<T>::get(), LeastQuorum::<T>::get());
		// I10: quorums are within bounds.
		ensure!(
			MIN_QUORUM <= least && least <= quorum && quorum <= MAX_ATTESTATIONS,
			"I10: a quorum is out of bounds"
		);
		// I11: any quorum shares a domain with any quorum anybody was recognised by.
		ensure!(
			Self::quorums_meet(Domains::<T>::get().len() as u32, quorum, least),
			"I11: two quorums could do without a common domain"
		);
		Ok(())
	}

	fn check_verifiers() -> Result<(), TryRuntimeError> {
		let domains = Domains::<T>::get().len() as u32;
		let next = NextVerifier::<T>::get();
		let mut verifiers = 0u32;
		for (id, verifier) in Verifiers::<T>::iter() {
			verifiers = verifiers.saturating_add(1);
			// I12: ids are dense, and every verifier is of a domain.
			ensure!(id < next, "I12: a verifier's id was not given yet");
			ensure!(verifier.domain < domains, "I12: a verifier of an unknown domain");
			// I13: a key belongs to one verifier.
			ensure!(
				VerifierOfKey::<T>::get(verifier.key) == Some(id),
				"I13: a verifier's key does not point back to it"
			);
			// I14: no verifier exceeds its quota.
			ensure!(verifier.used.count <= verifier.quota, "I14: a quota is exceeded");
		}
		ensure!(verifiers == next, "I12: a verifier is missing");
		let keys = VerifierOfKey::<T>::iter_keys().count();
		ensure!(keys == verifiers as usize, "I13: a key points to no verifier");
		Ok(())
	}
}
