//! Whether a set of attestations and a consent recognise a human.

use crate::{
	types::{Attestations, DomainIds, Mark, Marks, Verifier, VerifierIds},
	Config, Error, Nullifiers, Pallet, Quorum, Verifiers,
};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use sp_core::ed25519;
use sp_io::crypto::ed25519_verify;
use sp_runtime::{traits::Verify, MultiSignature};
use usufruct_primitives::{
	personhood::{consent_digest, signed_forms, SignedAttestation, MAX_ATTESTATION_AGE},
	traits::Eligibility,
	Balance, BlockNumber, EpochIndex, Hash, PersonId, Purpose, Region, VerifierId,
};

/// Who asks to be recognised, and for what.
pub(crate) struct Applicant<'a, T: Config> {
	/// What the attestations must have been made for.
	pub purpose: Purpose,
	/// The account they must be about, and which must consent.
	pub account: &'a T::AccountId,
	/// The number they and the consent must carry.
	pub nonce: u32,
	/// Who is recognised again; nobody yet at registration.
	pub person: Option<PersonId>,
	/// What the domains know the person by already; none for a new one.
	pub marks: &'a Marks,
}

/// A quorum that recognises the applicant.
pub(crate) struct Accepted {
	/// The verifiers, sorted, with their records as they are before this recognition.
	pub verifiers: Vec<(VerifierId, Verifier)>,
	/// What the domains know the person by from now on, and did not before.
	pub new_marks: Marks,
	/// The region in which they say it lives; 0 if none says so, or they differ.
	pub region: Region,
}

impl Accepted {
	/// The domains of the verifiers.
	pub fn domains(&self) -> DomainIds {
		DomainIds::truncate_from(self.verifiers.iter().map(|(_, record)| record.domain).collect())
	}

	/// The ids of the verifiers.
	pub fn ids(&self) -> VerifierIds {
		VerifierIds::truncate_from(self.verifiers.iter().map(|(id, _)| *id).collect())
	}
}

/// The region that all who state one agree on; 0 if nobody states any, or they differ.
fn agreed_region(attestations: &Attestations) -> Region {
	let mut stated = attestations.iter().map(|one| one.region).filter(|region| *region != 0);
	let first = stated.next().unwrap_or_default();
	if stated.all(|region| region == first) {
		first
	} else {
		0
	}
}

impl<T: Config> Pallet<T> {
	/// Counts a recognition for each of its verifiers, and a new person against their quotas.
	pub(crate) fn count_attested(verifiers: Vec<(VerifierId, Verifier)>, new_person: bool) {
		let epoch = T::Eligibility::current_epoch();
		for (id, mut verifier) in verifiers {
			verifier.attested = verifier.attested.saturating_add(1);
			if new_person {
				verifier.use_quota(epoch);
			}
			Verifiers::<T>::insert(id, verifier);
		}
	}
}

impl<T: Config> Applicant<'_, T> {
	/// Checks everything about the attestations and the consent, cheap things first: form, then
	/// what storage says, then the verifiers' signatures, which a stranger cannot make, and last
	/// the consent. Changes nothing.
	///
	/// Grows with the number of attestations, of which there are at most five: two reads and one
	/// signature each; and up to three checks of the consent's signature.
	pub fn check(
		&self,
		attestations: &Attestations,
		consent: &MultiSignature,
	) -> Result<Accepted, Error<T>> {
		ensure!(attestations.len() as u32 >= Quorum::<T>::get(), Error::<T>::TooFewAttestations);
		for (one, next) in attestations.iter().zip(attestations.iter().skip(1)) {
			ensure!(one.verifier != next.verifier, Error::<T>::SameVerifierTwice);
			ensure!(one.verifier < next.verifier, Error::<T>::NotSorted);
		}

		let now = Pallet::<T>::now();
		let epoch = T::Eligibility::current_epoch();
		let per_head = T::Eligibility::last_per_head();
		let mut verifiers = Vec::<(VerifierId, Verifier)>::with_capacity(attestations.len());
		let mut new_marks = Marks::default();
		for attestation in attestations {
			self.check_form(attestation, now)?;
			let verifier = self.check_verifier(attestation, epoch, per_head, &verifiers)?;
			if let Some(mark) = self.check_nullifier(attestation, &verifier)? {
				// There are fewer attestations than a person may have marks.
				new_marks.try_push(mark).map_err(|_| Error::<T>::SameDomain)?;
			}
			verifiers.push((attestation.verifier, verifier));
		}
		ensure!(
			self.purpose == Purpose::Register || new_marks.len() < attestations.len(),
			Error::<T>::NobodyKnowsThisPerson
		);

		self.check_signatures(attestations, &verifiers, consent)?;
		Ok(Accepted { verifiers, new_marks, region: agreed_region(attestations) })
	}

	/// What an attestation says of itself.
	fn check_form(
		&self,
		attestation: &SignedAttestation,
		now: BlockNumber,
	) -> Result<(), Error<T>> {
		ensure!(attestation.nonce == self.nonce, Error::<T>::WrongNonce);
		ensure!(attestation.issued <= now, Error::<T>::NotYetValid);
		ensure!(now < attestation.expires, Error::<T>::Expired);
		// No underflow: issued ≤ now < expires.
		ensure!(
			attestation.expires.saturating_sub(attestation.issued) <= MAX_ATTESTATION_AGE,
			Error::<T>::ValidTooLong
		);
		Ok(())
	}

	/// Whether its verifier may attest, and is independent of those `before` it.
	fn check_verifier(
		&self,
		attestation: &SignedAttestation,
		epoch: EpochIndex,
		per_head: Balance,
		before: &[(VerifierId, Verifier)],
	) -> Result<Verifier, Error<T>> {
		let verifier =
			Verifiers::<T>::get(attestation.verifier).ok_or(Error::<T>::UnknownVerifier)?;
		ensure!(!verifier.retired, Error::<T>::VerifierRetired);
		ensure!(!verifier.is_barred(epoch), Error::<T>::VerifierSuspended);
		ensure!(verifier.bond >= T::MinVerifierBond::get(), Error::<T>::BondTooSmall);
		ensure!(attestation.class == verifier.class, Error::<T>::WrongClass);
		for (_, other) in before {
			ensure!(other.domain != verifier.domain, Error::<T>::SameDomain);
			ensure!(other.operator != verifier.operator, Error::<T>::SameOperator);
		}
		// Renewals and recoveries are of people already counted.
		if self.purpose == Purpose::Register {
			ensure!(verifier.quota_left(epoch, per_head) > 0, Error::<T>::QuotaExhausted);
		}
		Ok(verifier)
	}

	/// Whether the nullifier is this person's or nobody's; the mark, if it is new.
	fn check_nullifier(
		&self,
		attestation: &SignedAttestation,
		verifier: &Verifier,
	) -> Result<Option<Mark>, Error<T>> {
		let mark = Mark { domain: verifier.domain, nullifier: attestation.nullifier };
		if let Some(known) = self.marks.iter().find(|known| known.domain == mark.domain) {
			// Two nullifiers of one domain are two humans.
			ensure!(*known == mark, Error::<T>::AnotherHuman);
			return Ok(None);
		}
		// A nullifier that is this person's and no mark yet is one of a pending recovery.
		let owner = Nullifiers::<T>::get(mark.domain, mark.nullifier);
		ensure!(owner.is_none() || owner == self.person, Error::<T>::NullifierUsed);
		Ok(Some(mark))
	}

	/// Each attestation, then the consent.
	fn check_signatures(
		&self,
		attestations: &Attestations,
		verifiers: &[(VerifierId, Verifier)],
		consent: &MultiSignature,
	) -> Result<(), Error<T>> {
		let genesis = Pallet::<T>::genesis_hash();
		let account: [u8; 32] = *self.account.as_ref();
		let digests: Vec<Hash> = attestations
			.iter()
			.map(|a| a.attestation(self.purpose, account).digest(&genesis))
			.collect();

		for ((attestation, digest), (_, verifier)) in
			attestations.iter().zip(&digests).zip(verifiers)
		{
			ensure!(
				ed25519_verify(
					&ed25519::Signature::from_raw(attestation.signature),
					digest,
					&ed25519::Public::from_raw(verifier.key),
				),
				Error::<T>::BadSignature
			);
		}
		let digest = consent_digest(&genesis, self.purpose, &account, self.nonce, &digests);
		ensure!(
			signed_forms(&digest).iter().any(|form| consent.verify(&form[..], self.account)),
			Error::<T>::BadConsent
		);
		Ok(())
	}
}
