//! Vectors of the keys that may be registered and of those that may not.

use crate::json::{object, Json};
use ed25519_dalek::VerifyingKey;
use usufruct_primitives::keys::is_valid_ed25519;

pub fn ed25519_keys() -> Json {
	let valid = |key: &str| (true, "on the curve, canonical, not of small order", key.to_owned());
	let small = |key: &str| (false, "of small order", key.to_owned());
	let twice = |key: &str| (false, "not canonical and of small order", key.to_owned());
	// A y of p + k is k for a verifier that reduces it; with the sign of x clear and set.
	let unreduced = |k: u8| {
		let key = |last: u8| hex::encode([&[0xed + k][..], &[0xff; 30], &[last]].concat());
		[0x7f, 0xff].map(|last| (false, "not canonical", key(last)))
	};
	let off = |key: &str| (false, "not on the curve", key.to_owned());

	let mut cases = vec![
		valid("5866666666666666666666666666666666666666666666666666666666666666"),
		// The base point plus a point of order 8: of mixed order, which is allowed.
		valid("98519eadf35b995233b51b5cd23e9cc5a28b639b5a4af0ec903cb960d81b7819"),
		small("0100000000000000000000000000000000000000000000000000000000000000"),
		small("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
		small("0000000000000000000000000000000000000000000000000000000000000000"),
		small("0000000000000000000000000000000000000000000000000000000000000080"),
		small("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
		small("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
		small("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
		small("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
		twice("0100000000000000000000000000000000000000000000000000000000000080"),
		twice("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
		twice("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
		twice("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
		twice("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
		twice("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
		off("0200000000000000000000000000000000000000000000000000000000000000"),
		off("efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
	];
	cases.extend([3, 4, 5, 6, 9, 10, 14, 15, 16, 18].into_iter().flat_map(unreduced));

	let keys = cases.into_iter().map(|(expected, why, key)| {
		let key: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
		assert_eq!(is_valid_ed25519(&key), expected, "{}", hex::encode(key));
		let decompresses = VerifyingKey::from_bytes(&key).is_ok();
		assert_eq!(decompresses, why != "not on the curve");
		object! { "key": key, "valid": expected, "why": why }
	});
	keys.collect::<Vec<_>>().into()
}
