//! Which domains and verifiers there are, and how many must agree.

use crate::{
	types::{DomainName, Used, Verifier, MAX_ATTESTATIONS, MIN_QUORUM},
	Config, Domains, Error, Event, LeastQuorum, NextPerson, NextVerifier, Pallet, Quorum,
	VerifierOfKey, Verifiers,
};
use frame_support::{ensure, pallet_prelude::DispatchResult};
use usufruct_primitives::{keys::is_valid_ed25519, Class, DomainId, PublicKey};

impl<T: Config> Pallet<T> {
	/// Whether with that many domains any quorum of `quorum` shares one with any of `least`.
	pub(crate) fn quorums_meet(domains: u32, quorum: u32, least: u32) -> bool {
		domains < quorum.saturating_add(least)
	}

	/// Admits a domain, unless two quorums could then do without a common one.
	pub(crate) fn admit_domain(name: DomainName) -> DispatchResult {
		ensure!(!name.is_empty(), Error::<T>::DomainNameEmpty);
		let mut domains = Domains::<T>::get();
		ensure!(!domains.contains(&name), Error::<T>::DomainNameTaken);
		let domain = domains.len() as DomainId;
		ensure!(
			Self::quorums_meet(
				domain.saturating_add(1),
				Quorum::<T>::get(),
				LeastQuorum::<T>::get()
			),
			Error::<T>::TooManyDomains
		);
		domains.try_push(name.clone()).map_err(|_| Error::<T>::TooManyDomains)?;
		Domains::<T>::put(domains);
		Self::deposit_event(Event::DomainAdded { domain, name });
		Ok(())
	}

	/// Admits a verifier to a domain.
	pub(crate) fn admit_verifier(
		domain: DomainId,
		operator: T::AccountId,
		class: Class,
		key: PublicKey,
		quota: u32,
	) -> DispatchResult {
		ensure!((domain as usize) < Domains::<T>::get().len(), Error::<T>::UnknownDomain);
		ensure!(!VerifierOfKey::<T>::contains_key(key), Error::<T>::KeyInUse);
		ensure!(is_valid_ed25519(&key), Error::<T>::BadKey);
		let verifier = NextVerifier::<T>::get();
		let next = verifier.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
		NextVerifier::<T>::put(next);
		VerifierOfKey::<T>::insert(key, verifier);
		Verifiers::<T>::insert(
			verifier,
			Verifier {
				domain,
				operator: operator.clone(),
				class,
				key,
				quota,
				used: Used::default(),
				retired: false,
			},
		);
		Self::deposit_event(Event::VerifierAdded { verifier, domain, operator, class, key, quota });
		Ok(())
	}

	/// Changes how many verifiers must agree.
	///
	/// People recognised by a smaller quorum keep only as many marks, so it goes on counting after
	/// the quorum has risen: otherwise a new quorum could be found in domains that do not know them.
	pub(crate) fn change_quorum(new: u32) -> DispatchResult {
		ensure!((MIN_QUORUM..=MAX_ATTESTATIONS).contains(&new), Error::<T>::QuorumOutOfBounds);
		let old = Quorum::<T>::get();
		let nobody = NextPerson::<T>::get() == 0;
		let least = if nobody { new } else { LeastQuorum::<T>::get().min(new) };
		ensure!(
			Self::quorums_meet(Domains::<T>::get().len() as u32, new, least),
			Error::<T>::QuorumTooSmall
		);
		Quorum::<T>::put(new);
		LeastQuorum::<T>::put(least);
		Self::deposit_event(Event::QuorumChanged { old, new });
		Ok(())
	}
}
