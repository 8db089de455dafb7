//! Which ed25519 keys may be registered.

use crate::PublicKey;
use curve25519_dalek::edwards::CompressedEdwardsY;

/// Whether `key` is the canonical encoding of a point of the curve that is not of small order.
///
/// Under a key of small order one signature fits many messages, and a key with two encodings could
/// stand for two signers; verifiers also disagree about both, and the chain's rule (ZIP 215) is
/// laxer than the strict one of programs off the chain. Costs one square root and one inversion in
/// the field.
pub fn is_valid_ed25519(key: &PublicKey) -> bool {
	CompressedEdwardsY(*key)
		.decompress()
		.is_some_and(|point| point.compress().0 == *key && !point.is_small_order())
}

#[cfg(test)]
mod tests {
	use super::*;
	use curve25519_dalek::constants::{ED25519_BASEPOINT_COMPRESSED, EIGHT_TORSION};

	/// The encoding of `y = p + k` with that sign, `p = 2^255 − 19`: a field element written so that
	/// it is not reduced.
	fn unreduced(k: u8, sign: u8) -> PublicKey {
		let mut key = [0xff; 32];
		key[0] = 0xed + k;
		key[31] = 0x7f | sign << 7;
		key
	}

	#[test]
	fn a_key_that_somebody_made_is_valid() {
		assert!(is_valid_ed25519(&ED25519_BASEPOINT_COMPRESSED.0));
		for n in 0..32 {
			let secret = ed25519_dalek::SigningKey::from_bytes(&[n; 32]);
			assert!(is_valid_ed25519(secret.verifying_key().as_bytes()));
		}
	}

	#[test]
	fn no_point_of_small_order_is_valid() {
		for point in EIGHT_TORSION {
			assert!(!is_valid_ed25519(&point.compress().0));
		}
	}

	#[test]
	fn no_unreduced_encoding_is_valid() {
		for k in 0..=18 {
			for sign in [0, 1] {
				assert!(!is_valid_ed25519(&unreduced(k, sign)));
			}
		}
		// Why the check is needed: that of y = p + 3 decodes to a point of large order.
		let point = CompressedEdwardsY(unreduced(3, 0)).decompress().unwrap();
		assert!(!point.is_small_order());
	}

	#[test]
	fn zero_has_no_sign() {
		// x = 0 with its sign set, at y = 1 and y = −1.
		let mut one = [0; 32];
		(one[0], one[31]) = (1, 0x80);
		let mut minus_one = [0xff; 32];
		minus_one[0] = 0xec;
		for key in [one, minus_one] {
			assert!(!is_valid_ed25519(&key));
		}
	}

	#[test]
	fn what_is_not_on_the_curve_is_not_valid() {
		let mut key = [0; 32];
		key[0] = 2;
		assert!(CompressedEdwardsY(key).decompress().is_none());
		assert!(!is_valid_ed25519(&key));
	}
}
