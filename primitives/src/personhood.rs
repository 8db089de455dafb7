//! What verifiers, people and contributors sign.
//!
//! A verifier's key (ed25519) signs `H( DOMAIN(persons) | body )`, with the body
//!
//! ```text
//! purpose u8 | verifier u32 | account[32] | nullifier[32] | class u8 | region u16 | issued u32
//! | expires u32 | nonce u32                                                                84 B
//! ```
//!
//! A person's or contributor's account signs, by any scheme of accounts and in any of the
//! [`signed_forms`],
//!
//! ```text
//! consent    = H( DOMAIN(consent) | purpose u8 | account[32] | nonce u32
//!                 | H(attestation digests in order) )
//! acceptance = H( DOMAIN(accepts) | model_version u32 | row u16 | account[32] )
//! ```

use crate::{
	domain::{digest, hash, Tag},
	AccountBytes, BlockNumber, Class, Hash, Purpose, Signature, VerifierId, VersionId,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The longest time an attestation may be valid for, in blocks: a day of 3 s blocks.
pub const MAX_ATTESTATION_AGE: BlockNumber = 28_800;

/// A verifier's word that an account is a human it has not attested under another account.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Attestation {
	/// What it may be used for.
	pub purpose: Purpose,
	/// Who attests.
	pub verifier: VerifierId,
	/// The account it is about.
	pub account: AccountBytes,
	/// The keyed hash, by the key of the verifier's domain, of stable evidence of the person.
	pub nullifier: Hash,
	/// How the person was recognised; the verifier's class.
	pub class: Class,
	/// ISO 3166-1 numeric code of where the person lives; 0 = unstated.
	pub region: u16,
	/// The first block it is valid in.
	pub issued: BlockNumber,
	/// The first block it is no longer valid in; at most [`MAX_ATTESTATION_AGE`] after `issued`.
	pub expires: BlockNumber,
	/// The person's counter: 0 at registration.
	pub nonce: u32,
}

impl Attestation {
	/// Length of [`Attestation::body`].
	pub const LEN: usize = 84;

	/// The bytes that are signed, without their domain.
	pub fn body(&self) -> Vec<u8> {
		self.encode()
	}

	/// What the verifier's key signs.
	pub fn digest(&self, genesis: &Hash) -> Hash {
		digest(Tag::PERSONS, genesis, self)
	}
}

/// An attestation as it travels in a call, which gives its purpose and account.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SignedAttestation {
	/// See [`Attestation::verifier`].
	pub verifier: VerifierId,
	/// See [`Attestation::nullifier`].
	pub nullifier: Hash,
	/// See [`Attestation::class`].
	pub class: Class,
	/// See [`Attestation::region`].
	pub region: u16,
	/// See [`Attestation::issued`].
	pub issued: BlockNumber,
	/// See [`Attestation::expires`].
	pub expires: BlockNumber,
	/// See [`Attestation::nonce`].
	pub nonce: u32,
	/// The verifier's signature over [`Attestation::digest`].
	pub signature: Signature,
}

impl SignedAttestation {
	/// The whole attestation, as it was signed if it was for that purpose and account.
	pub fn attestation(&self, purpose: Purpose, account: AccountBytes) -> Attestation {
		Attestation {
			purpose,
			verifier: self.verifier,
			account,
			nullifier: self.nullifier,
			class: self.class,
			region: self.region,
			issued: self.issued,
			expires: self.expires,
			nonce: self.nonce,
		}
	}
}

/// What a person's account signs to be recognised on these attestations and no others.
pub fn consent_digest(
	genesis: &Hash,
	purpose: Purpose,
	account: &AccountBytes,
	nonce: u32,
	attestation_digests: &[Hash],
) -> Hash {
	let attestations = hash(&attestation_digests.concat());
	digest(Tag::CONSENT, genesis, &(purpose, account, nonce, attestations))
}

/// What a contributor's account signs to accept its row of a version's table.
pub fn acceptance_digest(
	genesis: &Hash,
	version: VersionId,
	row: u16,
	account: &AccountBytes,
) -> Hash {
	digest(Tag::ACCEPTS, genesis, &(version, row, account))
}

/// The byte strings a signature over a digest may really be over: the 32 bytes themselves; what
/// wallets' `signRaw` makes of them, `<Bytes>` and `</Bytes>` around them; and what it makes of
/// their hex written as text, `<Bytes>0x…</Bytes>` in lower case. A signature over any of them is
/// one over the digest.
pub fn signed_forms(digest: &Hash) -> [Vec<u8>; 3] {
	let wrapped = |inner: &[u8]| [b"<Bytes>", inner, b"</Bytes>"].concat();
	let text = [b"0x", hex::encode(digest).as_bytes()].concat();
	[digest.to_vec(), wrapped(digest), wrapped(&text)]
}
