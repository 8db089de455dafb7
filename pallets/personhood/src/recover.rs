//! Recovery and rescue: the same human, under another account.
//!
//! Whoever lost the key of an account, or sold it, or had it stolen, goes to k verifiers again. They
//! attest *recover, this new account, these nullifiers*, and the new account consents. It is
//! reserved from then on. After a delay anybody completes the move: the person, its interval and what
//! it is due are the new account's, and the sufficient reference moves with them. So a bought key is
//! worth at most the delay.
//!
//! Verifiers can be bought too. Therefore the key of the present account may veto within the delay,
//! once between two recognitions. For [`Config::VetoTerm`] the same domains cannot ask again: time to
//! have their verifiers suspended or retired. A request by a quorum with at least one domain more can
//! be made at once, and cannot be vetoed. In the same way a pending request is replaced only by one
//! with a domain that none before it had: there are at most as many in a row as domains.
//!
//! The veto ends, because there may be no domain more: a thief of the key could otherwise keep out for
//! ever whom all domains have attested. And it does not come back with its end, for the thief would
//! veto again. Who holds the key rightly, and is asked for anew by bought verifiers that still stand,
//! replaces that request by one of its own, with another domain.
//!
//! What the domains will know the person by is reserved with the request and becomes its marks when
//! the move is completed; after a veto it is free again, because it may be another human's.

use crate::{
	attest::Applicant,
	types::{Attestations, DomainIds, Person, Recovery, Vetoed},
	AccountOf, Config, Error, Event, Nullifiers, Pallet, People, Recoveries, ReservedFor,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use sp_runtime::MultiSignature;
use usufruct_primitives::{traits::Eligibility, PersonId, Purpose};

/// A veto that is in order.
pub(crate) struct Veto {
	id: PersonId,
	person: Person,
	recovery: Recovery,
}

impl<T: Config> Pallet<T> {
	/// Opens a request to move a person to another account, in the place of one that is pending.
	pub(crate) fn do_recover(
		id: PersonId,
		new_account: T::AccountId,
		attestations: &Attestations,
		consent: &MultiSignature,
	) -> DispatchResult {
		let mut person = People::<T>::get(id).ok_or(Error::<T>::UnknownPerson)?;
		ensure!(!person.revoked, Error::<T>::PersonIsRevoked);
		ensure!(!AccountOf::<T>::contains_key(&new_account), Error::<T>::AlreadyAPerson);
		let reserved_for = ReservedFor::<T>::get(&new_account);
		ensure!(reserved_for.is_none_or(|other| other == id), Error::<T>::AccountReserved);
		let applicant = Applicant::<T> {
			purpose: Purpose::Recover,
			account: &new_account,
			nonce: person.nonce,
			person: Some(id),
			marks: &person.marks,
		};
		let accepted = applicant.check(attestations, consent)?;

		let domains = accepted.domains();
		let vetoed = person.vetoed.as_ref().is_some_and(|veto| veto.bars(&domains, Self::now()));
		ensure!(!vetoed, Error::<T>::Vetoed);
		let mut tried = DomainIds::default();
		if let Some(pending) = Recoveries::<T>::get(id) {
			let goes_beyond = domains.iter().any(|domain| !pending.tried.contains(domain));
			ensure!(goes_beyond, Error::<T>::RecoveryPending);
			Self::undo_recovery(&pending);
			tried = pending.tried;
		}
		Self::add_domains(&mut tried, &domains)?;

		person.nonce = person.nonce.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
		let recovery = Recovery {
			account: new_account.clone(),
			attested: accepted.ids(),
			region: accepted.region,
			marks: accepted.new_marks,
			tried,
			ready_at: Self::now().saturating_add(T::RecoveryDelay::get()),
		};
		for mark in &recovery.marks {
			Nullifiers::<T>::insert(mark.domain, mark.nullifier, id);
		}
		ReservedFor::<T>::insert(&new_account, id);
		Self::deposit_event(Event::RecoveryRequested {
			person: id,
			account: person.account.clone(),
			new_account,
			verifiers: recovery.attested.clone(),
			ready_at: recovery.ready_at,
		});
		Recoveries::<T>::insert(id, recovery);
		People::<T>::insert(id, person);
		Self::count_attested(accepted.verifiers, false);
		Ok(())
	}

	/// Whether this account may veto now: what makes the call free.
	pub(crate) fn check_veto(account: &T::AccountId) -> Result<Veto, Error<T>> {
		let id = AccountOf::<T>::get(account).ok_or(Error::<T>::NotAPerson)?;
		let person = People::<T>::get(id).ok_or(Error::<T>::NotAPerson)?;
		let recovery = Recoveries::<T>::get(id).ok_or(Error::<T>::NoRecovery)?;
		ensure!(person.vetoed.is_none(), Error::<T>::AlreadyVetoed);
		ensure!(Self::now() < recovery.ready_at, Error::<T>::TooLateToVeto);
		ensure!(person.nonce < u32::MAX, Error::<T>::CounterExhausted);
		Ok(Veto { id, person, recovery })
	}

	/// Ends the request by the word of the account that the person would leave.
	pub(crate) fn do_veto(veto: Veto) {
		let Veto { id, mut person, recovery } = veto;
		Self::undo_recovery(&recovery);
		Recoveries::<T>::remove(id);
		person.nonce = person.nonce.saturating_add(1);
		let until = Self::now().saturating_add(T::VetoTerm::get());
		Self::deposit_event(Event::RecoveryVetoed {
			person: id,
			account: person.account.clone(),
			new_account: recovery.account,
			domains: recovery.tried.clone(),
			until,
		});
		person.vetoed = Some(Vetoed { domains: recovery.tried, until });
		People::<T>::insert(id, person);
	}

	/// Moves the person.
	pub(crate) fn do_complete_recovery(id: PersonId) -> DispatchResult {
		let recovery = Recoveries::<T>::get(id).ok_or(Error::<T>::NoRecovery)?;
		ensure!(Self::now() >= recovery.ready_at, Error::<T>::RecoveryNotDue);
		let mut person = People::<T>::get(id).ok_or(Error::<T>::UnknownPerson)?;

		let new = recovery.account;
		let old = core::mem::replace(&mut person.account, new.clone());
		person.attested = recovery.attested;
		person.region = recovery.region;
		// One mark of each domain at most: requests are checked against the marks, and nothing else
		// adds any while one is pending.
		person
			.marks
			.try_extend(recovery.marks.into_iter())
			.map_err(|_| Error::<T>::TooManyDomains)?;
		person.vetoed = None;
		People::<T>::insert(id, person);
		Recoveries::<T>::remove(id);
		ReservedFor::<T>::remove(&new);
		AccountOf::<T>::remove(&old);
		AccountOf::<T>::insert(&new, id);
		// What the old key had asked for does not bind the new one.
		T::Eligibility::cancel_payout(id);
		frame_system::Pallet::<T>::inc_sufficients(&new);
		frame_system::Pallet::<T>::dec_sufficients(&old);
		Self::deposit_event(Event::PersonRecovered { person: id, old, new });
		Ok(())
	}

	/// Frees what a request had reserved.
	pub(crate) fn undo_recovery(recovery: &Recovery) {
		ReservedFor::<T>::remove(&recovery.account);
		for mark in &recovery.marks {
			Nullifiers::<T>::remove(mark.domain, mark.nullifier);
		}
	}

	/// Adds to a set of domains; there are no more of them than fit.
	fn add_domains(set: &mut DomainIds, more: &DomainIds) -> DispatchResult {
		for domain in more {
			if !set.contains(domain) {
				set.try_push(*domain).map_err(|_| Error::<T>::TooManyDomains)?;
			}
		}
		Ok(())
	}
}
