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

/// A verifier's word that an account belongs to a human, and by the nullifier to which one.
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
	/// Where the person lives; 0 = unstated.
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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::domain::domain;

	fn signed() -> SignedAttestation {
		SignedAttestation {
			verifier: 0x0403_0201,
			nullifier: [0xb2; 32],
			class: Class::Community,
			region: 0x0201,
			issued: 5,
			expires: 6,
			nonce: 7,
			signature: [0xee; 64],
		}
	}

	#[test]
	fn an_attestation_is_laid_out_as_documented() {
		let attestation = signed().attestation(Purpose::Recover, [0xa1; 32]);
		let expected = [
			"02".into(), // recover
			"01020304".into(),
			"a1".repeat(32),
			"b2".repeat(32),
			"03".into(), // community
			"0102".into(),
			"05000000".into(),
			"06000000".into(),
			"07000000".into(),
		]
		.concat();
		assert_eq!(hex::encode(attestation.body()), expected);
		assert_eq!(attestation.body().len(), Attestation::LEN);
		assert_eq!(Attestation::max_encoded_len(), Attestation::LEN);
		let by_hand = [&domain(Tag::PERSONS, &[1; 32])[..], &attestation.body()].concat();
		assert_eq!(attestation.digest(&[1; 32]), hash(&by_hand));
	}

	#[test]
	fn in_a_call_an_attestation_is_without_purpose_and_account_and_with_its_signature() {
		assert_eq!(SignedAttestation::max_encoded_len(), Attestation::LEN - 1 - 32 + 64);
		let register = signed().attestation(Purpose::Register, [0xa1; 32]);
		let renew = signed().attestation(Purpose::Renew, [0xa1; 32]);
		let other = signed().attestation(Purpose::Register, [0xa2; 32]);
		assert_ne!(register.digest(&[1; 32]), renew.digest(&[1; 32]));
		assert_ne!(register.digest(&[1; 32]), other.digest(&[1; 32]));
	}

	#[test]
	fn an_attestation_is_valid_for_a_day_at_most() {
		assert_eq!(MAX_ATTESTATION_AGE, crate::DAYS);
	}

	#[test]
	fn consent_covers_the_attestations_in_order() {
		let (genesis, account) = ([1; 32], [2; 32]);
		let (first, second) = ([3; 32], [4; 32]);
		let by_hand = [
			&domain(Tag::CONSENT, &genesis)[..],
			&[1], // renew
			&account,
			&[9, 0, 0, 0],
			&hash(&[first, second].concat()),
		]
		.concat();
		let consent =
			|digests: &[Hash]| consent_digest(&genesis, Purpose::Renew, &account, 9, digests);
		assert_eq!(consent(&[first, second]), hash(&by_hand));
		assert_ne!(consent(&[second, first]), hash(&by_hand));
		assert_ne!(consent(&[first]), hash(&by_hand));
	}

	#[test]
	fn acceptance_covers_version_row_and_account() {
		let (genesis, account) = ([1; 32], [2; 32]);
		let by_hand =
			[&domain(Tag::ACCEPTS, &genesis)[..], &[3, 0, 0, 0], &[4, 0], &account].concat();
		assert_eq!(acceptance_digest(&genesis, 3, 4, &account), hash(&by_hand));
	}

	#[test]
	fn a_digest_is_signed_raw_or_in_brackets_or_as_text_in_brackets() {
		let [raw, wrapped, text] = signed_forms(&[0xab; 32]);
		assert_eq!(raw, [0xab; 32]);
		assert_eq!(wrapped, [&b"<Bytes>"[..], &[0xab; 32], b"</Bytes>"].concat());
		assert_eq!(wrapped.len(), 47);
		assert_eq!(text, alloc::format!("<Bytes>0x{}</Bytes>", "ab".repeat(32)).into_bytes());
		assert_eq!(text.len(), 81);
	}
}
