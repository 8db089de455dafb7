//! Verifiers' attestations and people's consent; and the service that a verifier runs.
//!
//! [`service`] leads conversations with people over HTTP, by one [`method`] of telling humans apart
//! ([`list`], [`pairing`], [`oidc`]); [`issuer`] decides whether the human who was recognised gets an
//! attestation, and writes it into the [`journal`].

pub mod front;
mod guests;
pub mod issuer;
pub mod journal;
pub mod limit;
pub mod list;
pub mod method;
pub mod oidc;
mod pages;
pub mod pairing;
pub mod registry;
pub mod service;

use crate::{keys, oracle_api};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use subxt_signer::sr25519;
use usufruct_primitives::{
	domain,
	personhood::{consent_digest, Attestation, SignedAttestation},
	AccountBytes, BlockNumber, Class, Hash, PublicKey, Purpose, Signature, VerifierId,
};

/// The nullifier of a person in a domain: a hash of stable evidence (a document's number, say),
/// keyed with the secret that the domain's verifiers share. It tells one human from another, and
/// without the secret it tells nothing.
pub fn nullifier(domain_secret: &[u8; 32], evidence: &str) -> Hash {
	let mut bytes = Vec::from(b"usufruct/nullify".as_slice());
	bytes.extend_from_slice(domain_secret);
	// Blanks at the ends are slips of typing, not part of the evidence.
	bytes.extend_from_slice(evidence.trim().as_bytes());
	domain::hash(&bytes)
}

/// An attestation as a file that goes from the verifier to the person. Hashes, keys and signatures
/// are hex, accounts SS58.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestationFile {
	/// The chain it is for.
	pub genesis: String,
	/// What it may be used for.
	pub purpose: Purpose,
	/// Who attests.
	pub verifier: VerifierId,
	/// About which account.
	pub account: String,
	/// The keyed hash of the evidence.
	pub nullifier: String,
	/// How the person was recognised.
	pub class: Class,
	/// Where the person lives; 0 = unstated.
	pub region: u16,
	/// The first block it is valid in.
	pub issued: BlockNumber,
	/// The first block it is no longer valid in.
	pub expires: BlockNumber,
	/// The person's counter.
	pub nonce: u32,
	/// The verifier's.
	pub signature: String,
}

/// Why an attestation file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
	/// A field is not what it must be.
	#[error("the attestation's {0} is malformed")]
	Malformed(&'static str),
	/// It is for another chain.
	#[error("the attestation of verifier {0} is for another chain")]
	OtherChain(VerifierId),
	/// It is about somebody else, or for another purpose.
	#[error("the attestation of verifier {0} is about another account or for another purpose")]
	OtherPerson(VerifierId),
	/// Not signed by the verifier.
	#[error("the attestation of verifier {0} is not signed by that verifier's key")]
	Signature(VerifierId),
	/// Two by one verifier.
	#[error("verifier {0} attests twice; attestations must come from different verifiers")]
	Twice(VerifierId),
	/// It is not valid at this block.
	#[error(
		"the attestation of verifier {verifier} is valid in blocks {issued} to {last}; it is {now}"
	)]
	Expired {
		/// Whose.
		verifier: VerifierId,
		/// The first valid block.
		issued: BlockNumber,
		/// The last valid block.
		last: BlockNumber,
		/// The finalised block.
		now: BlockNumber,
	},
}

/// Signs an attestation.
pub fn attest(key: &SigningKey, genesis: &Hash, attestation: &Attestation) -> AttestationFile {
	let signature = key.sign(&attestation.digest(genesis)).to_bytes();
	AttestationFile {
		genesis: format!("0x{}", hex::encode(genesis)),
		purpose: attestation.purpose,
		verifier: attestation.verifier,
		account: keys::address(&attestation.account),
		nullifier: format!("0x{}", hex::encode(attestation.nullifier)),
		class: attestation.class,
		region: attestation.region,
		issued: attestation.issued,
		expires: attestation.expires,
		nonce: attestation.nonce,
		signature: format!("0x{}", hex::encode(signature)),
	}
}

impl AttestationFile {
	/// What is attested.
	pub fn attestation(&self) -> Result<Attestation, AttestationError> {
		Ok(Attestation {
			purpose: self.purpose,
			verifier: self.verifier,
			account: keys::parse_account(&self.account)
				.map_err(|_| AttestationError::Malformed("account"))?,
			nullifier: keys::parse_hex_32(&self.nullifier)
				.ok_or(AttestationError::Malformed("nullifier"))?,
			class: self.class,
			region: self.region,
			issued: self.issued,
			expires: self.expires,
			nonce: self.nonce,
		})
	}

	/// The verifier's signature.
	pub fn signature(&self) -> Result<Signature, AttestationError> {
		let mut signature = [0; 64];
		let text = self.signature.strip_prefix("0x").unwrap_or(&self.signature);
		hex::decode_to_slice(text, &mut signature)
			.map_err(|_| AttestationError::Malformed("signature"))?;
		Ok(signature)
	}

	/// Checks that the verifier with that key signed it, for that chain, person and purpose, and
	/// that it is valid at block `now`.
	pub fn check(
		&self,
		genesis: &Hash,
		key: &PublicKey,
		purpose: Purpose,
		account: &AccountBytes,
		now: BlockNumber,
	) -> Result<(), AttestationError> {
		let attestation = self.attestation()?;
		if keys::parse_hex_32(&self.genesis) != Some(*genesis) {
			return Err(AttestationError::OtherChain(self.verifier));
		}
		if attestation.account != *account || attestation.purpose != purpose {
			return Err(AttestationError::OtherPerson(self.verifier));
		}
		if !oracle_api::verify(key, &attestation.digest(genesis), &self.signature()?) {
			return Err(AttestationError::Signature(self.verifier));
		}
		if now < self.issued || now >= self.expires {
			let (verifier, issued) = (self.verifier, self.issued);
			let last = self.expires.saturating_sub(1);
			return Err(AttestationError::Expired { verifier, issued, last, now });
		}
		Ok(())
	}
}

/// Attestations as they travel in a call: sorted by verifier, none twice.
pub fn for_call(files: &[AttestationFile]) -> Result<Vec<SignedAttestation>, AttestationError> {
	let mut signed = files
		.iter()
		.map(|file| {
			let Attestation { verifier, nullifier, class, region, issued, expires, nonce, .. } =
				file.attestation()?;
			let signature = file.signature()?;
			Ok(SignedAttestation {
				verifier,
				nullifier,
				class,
				region,
				issued,
				expires,
				nonce,
				signature,
			})
		})
		.collect::<Result<Vec<_>, _>>()?;
	signed.sort_by_key(|attestation| attestation.verifier);
	match signed.windows(2).find(|pair| pair[0].verifier == pair[1].verifier) {
		Some(pair) => Err(AttestationError::Twice(pair[0].verifier)),
		None => Ok(signed),
	}
}

/// The person's consent to be recognised by these attestations, which must be sorted by verifier.
pub fn consent(
	key: &sr25519::Keypair,
	genesis: &Hash,
	purpose: Purpose,
	nonce: u32,
	attestations: &[SignedAttestation],
) -> Signature {
	let account = key.public_key().0;
	let digests: Vec<Hash> = attestations
		.iter()
		.map(|signed| signed.attestation(purpose, account).digest(genesis))
		.collect();
	key.sign(&consent_digest(genesis, purpose, &account, nonce, &digests)).0
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::sr25519::dev;

	const GENESIS: Hash = [1; 32];

	fn key(verifier: u8) -> SigningKey {
		SigningKey::from_bytes(&[verifier; 32])
	}

	fn file(verifier: u8) -> AttestationFile {
		let attestation = Attestation {
			purpose: Purpose::Register,
			verifier: verifier.into(),
			account: dev::alice().public_key().0,
			nullifier: nullifier(&[2; 32], " ID 123 "),
			class: Class::Document,
			region: 49,
			issued: 10,
			expires: 20,
			nonce: 0,
		};
		attest(&key(verifier), &GENESIS, &attestation)
	}

	fn check(file: &AttestationFile, now: BlockNumber) -> Result<(), AttestationError> {
		let key = key(file.verifier as u8).verifying_key().to_bytes();
		let alice = dev::alice().public_key().0;
		file.check(&GENESIS, &key, Purpose::Register, &alice, now)
	}

	#[test]
	fn a_nullifier_depends_on_the_secret_and_the_evidence() {
		let one = nullifier(&[2; 32], "ID 123");
		assert_eq!(nullifier(&[2; 32], " ID 123\n"), one);
		assert_ne!(nullifier(&[3; 32], "ID 123"), one);
		assert_ne!(nullifier(&[2; 32], "ID 124"), one);
	}

	#[test]
	fn an_attestation_travels_as_a_file() {
		let file = file(7);
		let json = serde_json::to_string(&file).unwrap();
		let read: AttestationFile = serde_json::from_str(&json).unwrap();
		assert_eq!(read, file);
		assert_eq!(check(&read, 10), Ok(()));
		assert_eq!(check(&read, 19), Ok(()));
	}

	#[test]
	fn each_flaw_of_an_attestation_is_found() {
		let alice = dev::alice().public_key().0;
		let public = key(7).verifying_key().to_bytes();
		let expired = check(&file(7), 20).unwrap_err();
		assert_eq!(
			expired,
			AttestationError::Expired { verifier: 7, issued: 10, last: 19, now: 20 }
		);
		assert!(check(&file(7), 9).is_err());
		let other_chain = file(7).check(&[9; 32], &public, Purpose::Register, &alice, 10);
		assert_eq!(other_chain, Err(AttestationError::OtherChain(7)));
		let other_purpose = file(7).check(&GENESIS, &public, Purpose::Renew, &alice, 10);
		assert_eq!(other_purpose, Err(AttestationError::OtherPerson(7)));
		let other_person = file(7).check(&GENESIS, &public, Purpose::Register, &[0; 32], 10);
		assert_eq!(other_person, Err(AttestationError::OtherPerson(7)));
		let other_key = file(7).check(&GENESIS, &[8; 32], Purpose::Register, &alice, 10);
		assert_eq!(other_key, Err(AttestationError::Signature(7)));
		let changed = AttestationFile { region: 1, ..file(7) };
		assert_eq!(check(&changed, 10), Err(AttestationError::Signature(7)));
		let malformed = AttestationFile { nullifier: "0x".into(), ..file(7) };
		assert_eq!(check(&malformed, 10), Err(AttestationError::Malformed("nullifier")));
		let malformed = AttestationFile { signature: "?".into(), ..file(7) };
		assert_eq!(check(&malformed, 10), Err(AttestationError::Malformed("signature")));
	}

	#[test]
	fn a_call_takes_them_sorted_and_none_twice() {
		let sorted = for_call(&[file(9), file(3), file(5)]).unwrap();
		assert_eq!(sorted.iter().map(|it| it.verifier).collect::<Vec<_>>(), [3, 5, 9]);
		assert_eq!(for_call(&[file(3), file(5), file(3)]), Err(AttestationError::Twice(3)));
	}

	#[test]
	fn consent_is_signed_over_the_digest_of_all() {
		let sorted = for_call(&[file(3), file(5)]).unwrap();
		let signature = consent(&dev::alice(), &GENESIS, Purpose::Register, 0, &sorted);
		let alice = dev::alice().public_key();
		let digests: Vec<Hash> = [file(3), file(5)]
			.iter()
			.map(|file| file.attestation().unwrap().digest(&GENESIS))
			.collect();
		let digest = consent_digest(&GENESIS, Purpose::Register, &alice.0, 0, &digests);
		assert!(sr25519::verify(&sr25519::Signature(signature), digest, &alice));
	}
}
