//! Which ed25519 keys may be registered.

use crate::PublicKey;
use curve25519_dalek::edwards::CompressedEdwardsY;

/// Whether `key` is the canonical encoding of a point of the curve that is not of small order.
///
/// Under a key of small order one signature fits many messages, and a key with two encodings could
/// stand for two signers; verifiers also disagree about both, and the chain's rule (ZIP 215) is laxer
/// than the strict one of programs off the chain. Costs one square root and one inversion in the
/// field.
pub fn is_valid_ed25519(key: &PublicKey) -> bool {
	CompressedEdwardsY(*key)
		.decompress()
		.is_some_and(|point| point.compress().0 == *key && !point.is_small_order())
}
