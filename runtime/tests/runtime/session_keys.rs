//! How somebody gets session keys: made by the node for an account, proven, registered.

use crate::chain::Chain;
use codec::Decode;
use sp_keyring::Sr25519Keyring::Eve;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_session::OpaqueGeneratedSessionKeys;
use usufruct_runtime::{Balances, Runtime, SessionKeys, UFR};

#[test]
fn keys_generated_for_an_account_can_be_set_by_it_against_a_deposit() {
	let mut chain = Chain::new("local_testnet");
	chain.block(vec![]);
	let eve = Eve.to_account_id();
	chain.ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
	let owner: &[u8] = eve.as_ref();
	let generated: OpaqueGeneratedSessionKeys =
		chain.query("SessionKeys_generate_session_keys", (owner, None::<Vec<u8>>));
	let keys = SessionKeys::decode(&mut &generated.keys[..]).expect("keys");

	// Eve is also a verifier's operator, whose bond is on hold.
	let before = chain.read(|| Balances::reserved_balance(&eve));
	let call = pallet_session::Call::set_keys { keys: keys.clone(), proof: generated.proof };
	let signed = chain.sign_as(Eve, call);
	chain.block(vec![signed]);

	assert_eq!(chain.read(|| pallet_session::NextKeys::<Runtime>::get(&eve)), Some(keys));
	assert_eq!(chain.read(|| Balances::reserved_balance(&eve)), before + UFR);
}
