//! Which domains and verifiers there are, what stands for them, and how many must agree.

use crate::{
	types::{DomainName, Used, Verifier, MAX_ATTESTATIONS, MIN_QUORUM},
	Config, Domains, Error, Event, HoldReason, LeastQuorum, NextPerson, NextVerifier, Pallet,
	Quorum, VerifierOfKey, Verifiers,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use sp_runtime::{traits::Zero, ArithmeticError, DispatchError};
use usufruct_primitives::{
	keys::is_valid_ed25519, Balance, Class, DomainId, PublicKey, VerifierId,
};

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
	) -> Result<VerifierId, DispatchError> {
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
				bond_free_at: 0,
				suspension: None,
				stopped: false,
				bond: 0,
				attested: 0,
				disputed: 0,
				upheld: 0,
				open_cases: 0,
			},
		);
		Self::deposit_event(Event::VerifierAdded { verifier, domain, operator, class, key, quota });
		Ok(verifier)
	}

	/// Puts more of the operator's money on hold for the verifier.
	pub(crate) fn add_bond(
		operator: &T::AccountId,
		verifier: VerifierId,
		amount: Balance,
	) -> DispatchResult {
		let mut record = Self::own_verifier(operator, verifier)?;
		ensure!(!record.retired, Error::<T>::VerifierRetired);
		let old = record.bond;
		record.bond = old.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		T::Currency::hold(&HoldReason::VerifierBond.into(), operator, amount)?;
		let new = record.bond;
		Verifiers::<T>::insert(verifier, record);
		Self::deposit_event(Event::BondChanged { verifier, operator: operator.clone(), old, new });
		Ok(())
	}

	/// Releases what a retired verifier's operator has on hold for it, when nothing can come any
	/// more of what it attested.
	pub(crate) fn release_bond(operator: &T::AccountId, verifier: VerifierId) -> DispatchResult {
		let mut record = Self::own_verifier(operator, verifier)?;
		ensure!(record.retired, Error::<T>::NotRetired);
		ensure!(!record.bond.is_zero(), Error::<T>::NoBond);
		ensure!(record.open_cases.is_zero(), Error::<T>::CasesOpen);
		ensure!(Self::now() >= record.bond_free_at, Error::<T>::BondStays);
		let old = core::mem::take(&mut record.bond);
		T::Currency::release(&HoldReason::VerifierBond.into(), operator, old, Precision::Exact)?;
		Verifiers::<T>::insert(verifier, record);
		Self::deposit_event(Event::BondChanged {
			verifier,
			operator: operator.clone(),
			old,
			new: 0,
		});
		Ok(())
	}

	/// Ends a verifier's work.
	pub(crate) fn end_verifier(verifier: VerifierId) -> DispatchResult {
		let mut record = Verifiers::<T>::get(verifier).ok_or(Error::<T>::UnknownVerifier)?;
		ensure!(!record.retired, Error::<T>::AlreadyRetired);
		record.retired = true;
		record.bond_free_at = Self::now().saturating_add(T::BondRelease::get());
		Self::deposit_event(Event::VerifierRetired {
			verifier,
			domain: record.domain,
			operator: record.operator.clone(),
			bond_free_at: record.bond_free_at,
		});
		Verifiers::<T>::insert(verifier, record);
		Ok(())
	}

	/// A verifier of this operator.
	pub(crate) fn own_verifier(
		operator: &T::AccountId,
		verifier: VerifierId,
	) -> Result<Verifier, Error<T>> {
		let record = Verifiers::<T>::get(verifier).ok_or(Error::<T>::UnknownVerifier)?;
		ensure!(record.operator == *operator, Error::<T>::NotTheOperator);
		Ok(record)
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
