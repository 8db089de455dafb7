//! How somebody gets session keys: made by the node for an account, proven, registered.

use crate::chain::Chain;
use codec::Decode;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::DispatchError;
use sp_session::OpaqueGeneratedSessionKeys;
use usufruct_runtime::{
	Babe, Balances, Grandpa, Runtime, RuntimeCall, RuntimeEvent, Session, SessionKeys, UFR,
};

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

#[test]
fn the_last_validator_keeps_its_keys_and_the_chain_goes_on() {
	let mut chain = Chain::new("local_testnet");
	chain.block(vec![]);
	for leaving in [Bob, Charlie, Dave] {
		let purge = chain.sign_as(leaving, pallet_session::Call::purge_keys {});
		chain.block(vec![purge]);
	}
	// In a batch, which succeeds whatever becomes of its calls.
	let purge = RuntimeCall::from(pallet_session::Call::purge_keys {});
	let batch = chain.sign_as(Alice, pallet_utility::Call::batch { calls: vec![purge] });
	chain.block(vec![batch]);
	let refusal: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
	assert!(chain.events().iter().any(|event| matches!(
		event,
		RuntimeEvent::Utility(pallet_utility::Event::BatchInterrupted { index: 0, error })
			if *error == refusal
	)));

	for _ in 0..3 {
		chain.next_session(0);
	}
	assert_eq!(chain.read(Session::validators), vec![Alice.to_account_id()]);
	assert_eq!(chain.read(Session::queued_keys).len(), 1);
	assert_eq!(chain.read(Babe::authorities).len(), 1);
	assert_eq!(chain.read(Grandpa::grandpa_authorities).len(), 1);
	chain.blocks(2);
}
