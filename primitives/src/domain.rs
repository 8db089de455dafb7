//! Domain separation: what is hashed for one purpose, or on one chain, means nothing elsewhere.
//!
//! ```text
//! DOMAIN(tag) = tag[16] ASCII | genesis_hash[32] | schema u16       50 B
//! ```
//!
//! All integers are little endian and of fixed width, so the SCALE encoding of a format's fields is
//! its byte layout.

use crate::Hash;
use alloc::vec::Vec;
use codec::Encode;

/// The version of all signed formats.
pub const SCHEMA: u16 = 1;

/// What a digest is for: sixteen ASCII bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(pub &'static [u8; 16]);

impl Tag {
	/// The id of a channel, [`crate::usage::channel_id`].
	pub const CHANNEL: Self = Self(b"usufruct/channel");
	/// The commitment to a request, [`crate::commitment::Request`].
	pub const REQUEST: Self = Self(b"usufruct/request");
	/// What a channel's key signs before service, [`crate::usage::Voucher`].
	pub const VOUCHER: Self = Self(b"usufruct/voucher");
	/// What an oracle's key signs after service, [`crate::usage::Receipt`].
	pub const RECEIPT: Self = Self(b"usufruct/receipt");
	/// What both sides sign to close at once, [`crate::usage::Closing`].
	pub const CLOSING: Self = Self(b"usufruct/closing");
	/// What a verifier of people signs, [`crate::personhood::Attestation`].
	pub const PERSONS: Self = Self(b"usufruct/persons");
	/// What a person signs to be recognised, [`crate::personhood::consent_digest`].
	pub const CONSENT: Self = Self(b"usufruct/consent");
	/// What a contributor signs to accept a row, [`crate::personhood::acceptance_digest`].
	pub const ACCEPTS: Self = Self(b"usufruct/accepts");
	/// A leaf of a version's tensor root, [`crate::commitment::tensor_leaf`].
	pub const TENSORS: Self = Self(b"usufruct/tensors");
}

/// The 50 bytes that precede whatever is hashed under `tag` on the chain of that genesis hash.
pub fn domain(tag: Tag, genesis: &Hash) -> [u8; 50] {
	let mut bytes = [0; 50];
	bytes[..16].copy_from_slice(tag.0);
	bytes[16..48].copy_from_slice(genesis);
	bytes[48..].copy_from_slice(&SCHEMA.to_le_bytes());
	bytes
}

/// BLAKE2b-256, the hash of every format.
pub fn hash(bytes: &[u8]) -> Hash {
	sp_crypto_hashing::blake2_256(bytes)
}

/// `H( DOMAIN(tag) | body )`, the body being the SCALE encoding of fixed-width fields.
pub(crate) fn digest(tag: Tag, genesis: &Hash, body: &impl Encode) -> Hash {
	let mut bytes = Vec::from(domain(tag, genesis));
	body.encode_to(&mut bytes);
	hash(&bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_domain_is_tag_genesis_hash_and_schema() {
		let genesis = core::array::from_fn(|i| i as u8 + 0x80);
		let expected = concat!(
			"7573756672756374",                                                 // "usufruct"
			"2f6368616e6e656c",                                                 // "/channel"
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", // genesis hash
			"0100",                                                             // schema 1
		);
		assert_eq!(hex::encode(domain(Tag::CHANNEL, &genesis)), expected);
	}

	#[test]
	fn every_tag_is_different_and_names_its_format() {
		let tags = [
			(Tag::CHANNEL, "channel"),
			(Tag::REQUEST, "request"),
			(Tag::VOUCHER, "voucher"),
			(Tag::RECEIPT, "receipt"),
			(Tag::CLOSING, "closing"),
			(Tag::PERSONS, "persons"),
			(Tag::CONSENT, "consent"),
			(Tag::ACCEPTS, "accepts"),
			(Tag::TENSORS, "tensors"),
		];
		for (tag, name) in tags {
			assert_eq!(tag.0, alloc::format!("usufruct/{name}").as_bytes());
		}
	}

	#[test]
	fn the_hash_is_blake2b_256() {
		// `printf abc | b2sum -l 256`
		let expected = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
		assert_eq!(hex::encode(hash(b"abc")), expected);
	}

	#[test]
	fn a_digest_is_the_hash_of_domain_and_body() {
		let genesis = [7; 32];
		let by_hand = hash(&[&domain(Tag::CONSENT, &genesis)[..], &[2, 1, 0, 0, 0]].concat());
		assert_eq!(digest(Tag::CONSENT, &genesis, &(2u8, 1u32)), by_hand);
	}
}
