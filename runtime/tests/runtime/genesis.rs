//! What the presets give.

use crate::chain::{genesis_builder, Chain};
use serde_json::json;
use sp_core::{ed25519, Pair};
use sp_keyring::Sr25519Keyring;
use usufruct_runtime::{genesis_presets, Balances, Runtime, Session, EXISTENTIAL_DEPOSIT, UFR};

const PRESETS: [&str; 2] = ["development", "local_testnet"];

#[test]
fn the_blob_names_its_presets() {
	let caller = genesis_builder();
	let names = caller.preset_names().expect("names");
	assert_eq!(names, PRESETS.map(sp_genesis_builder::PresetId::from));
	caller.get_default_config().expect("there is a default genesis");
	assert!(caller.get_named_preset(Some(&"unheard-of".to_string())).is_err());
}

#[test]
fn every_pot_holds_the_existential_deposit_and_nothing_else_is_made() {
	for preset in PRESETS {
		let mut chain = Chain::new(preset);
		let pots = chain.read(genesis_presets::pots);
		let distinct: std::collections::BTreeSet<_> = pots.iter().collect();
		assert_eq!(distinct.len(), pots.len(), "two pots share an account");
		for pot in &pots {
			assert_eq!(chain.balance(pot), EXISTENTIAL_DEPOSIT, "{preset}: {pot}");
		}
		let people = Sr25519Keyring::well_known().take(6);
		// The operators of verifiers have put their bonds on hold.
		let bonded = [Sr25519Keyring::Dave, Sr25519Keyring::Eve, Sr25519Keyring::Ferdie];
		for keyring in people {
			let bond = if bonded.contains(&keyring) { 100_000 * UFR } else { 0 };
			assert_eq!(chain.balance(&keyring.to_account_id()), 1_000_000 * UFR - bond);
		}
		let issued = chain.read(Balances::total_issuance);
		assert_eq!(issued, 6_000_000 * UFR + pots.len() as u128 * EXISTENTIAL_DEPOSIT);
	}
}

#[test]
fn validators_and_sudo_are_those_of_the_preset() {
	let mut development = Chain::new("development");
	let mut local = Chain::new("local_testnet");
	let alice = Sr25519Keyring::Alice.to_account_id();
	assert_eq!(development.read(Session::validators), vec![alice.clone()]);
	assert_eq!(local.read(Session::validators).len(), 4);
	assert_eq!(development.read(pallet_sudo::Key::<Runtime>::get), Some(alice));
	assert_eq!(local.read(pallet_sudo::Key::<Runtime>::get), None);
}

#[test]
fn three_verifiers_of_three_domains_have_the_keys_of_their_uris() {
	for preset in PRESETS {
		let mut chain = Chain::new(preset);
		assert_eq!(chain.view(pallet_personhood::QuorumViewFunction::<Runtime>::new()), 2);
		for index in 0..3u32 {
			let uri = genesis_presets::verifier_uri(index as usize);
			assert_eq!(uri, format!("//Verifier//{index}"));
			let pair = ed25519::Pair::from_string(&uri, None).expect("a URI");
			let verifier = chain.read(|| pallet_personhood::Verifiers::<Runtime>::get(index));
			let verifier = verifier.expect("the verifier exists");
			assert_eq!(verifier.key, pair.public().0);
			assert_eq!(verifier.domain, index);
			assert_eq!(verifier.bond, 100_000 * UFR);
		}
	}
}

#[test]
fn the_genesis_can_be_patched() {
	let mut chain = Chain::patched("development", json!({ "dividend": { "epochLength": 5 } }));
	let params = chain.read(pallet_dividend::Params::<Runtime>::get);
	assert_eq!(params.epoch_length, 5);
	assert_eq!((params.claim_window, params.term, params.min_people), (8, 20, 1));

	let mut chain = Chain::new("development");
	let params = chain.read(pallet_dividend::Params::<Runtime>::get);
	assert_eq!(params.epoch_length, 20);
}

#[test]
fn the_licences_are_allowed() {
	let mut chain = Chain::new("local_testnet");
	for licence in ["Apache-2.0", "MIT", "CC0-1.0", "MPL-2.0"] {
		let licence: pallet_models::Licence =
			licence.as_bytes().to_vec().try_into().expect("short");
		assert!(chain.read(|| { pallet_models::Licences::<Runtime>::contains_key(licence) }));
	}
}
