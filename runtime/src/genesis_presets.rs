//! What a chain of each preset starts with.

use crate::{
	configs::{
		consensus::BABE_GENESIS_EPOCH_CONFIG,
		money::{CommonsPot, SecurityPot},
		usufruct::DividendPot,
	},
	AccountId, BabeConfig, Balance, BalancesConfig, DividendConfig, Models, ModelsConfig,
	PersonhoodConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys, SudoConfig, Usage,
	EXISTENTIAL_DEPOSIT, UFR,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_core::{ed25519, Pair};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use usufruct_primitives::{Class, DomainId, PublicKey};

/// What each well-known account holds.
const ENDOWMENT: Balance = 1_000_000 * UFR;
/// The well-known accounts that hold something.
const ENDOWED: [Sr25519Keyring; 6] = [
	Sr25519Keyring::Alice,
	Sr25519Keyring::Bob,
	Sr25519Keyring::Charlie,
	Sr25519Keyring::Dave,
	Sr25519Keyring::Eve,
	Sr25519Keyring::Ferdie,
];
/// The keys with which the well-known validators author and finalise.
const VALIDATORS: [(Sr25519Keyring, Ed25519Keyring); 4] = [
	(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
	(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
	(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
	(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
];
/// SPDX expressions of the licences a model may have.
const LICENCES: [&str; 7] =
	["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "MPL-2.0"];
/// How many verifiers must agree on a person.
const QUORUM: u32 = 2;
/// How many new people a verifier may attest in an epoch.
const VERIFIER_QUOTA: u32 = 1_000;
/// What the operator of a verifier has on hold for it.
const VERIFIER_BOND: Balance = 100_000 * UFR;
/// The verifiers: the domain of each, its operator, and how it recognises people. The key of the
/// nth is that of the secret `//Verifier//n`.
const VERIFIERS: [(&str, Sr25519Keyring, Class); 3] = [
	("Civil registry", Sr25519Keyring::Dave, Class::Document),
	("Neighbourhoods", Sr25519Keyring::Eve, Class::InPerson),
	("Associations", Sr25519Keyring::Ferdie, Class::Community),
];
/// The dividend's epoch, in blocks: one minute.
const DIVIDEND_EPOCH: u32 = 20;
/// For how many epochs a dividend can be claimed.
const CLAIM_WINDOW: u32 = 8;
/// For how many epochs a person is recognised.
const TERM: u32 = 20;

/// The accounts that hold the existential deposit from the start, so that the first planck they
/// are due can reach them.
pub fn pots() -> [AccountId; 5] {
	[DividendPot::get(), CommonsPot::get(), SecurityPot::get(), Models::pot(), Usage::account()]
}

/// The secret URI of a verifier's key in the presets.
pub fn verifier_uri(index: usize) -> alloc::string::String {
	alloc::format!("//Verifier//{index}")
}

fn verifier_key(index: usize) -> PublicKey {
	ed25519::Pair::from_string(&verifier_uri(index), None)
		.expect("the URI is well formed")
		.public()
		.0
}

/// The session keys of a well-known validator.
fn session_keys(babe: Sr25519Keyring, grandpa: Ed25519Keyring) -> SessionKeys {
	SessionKeys { babe: babe.public().into(), grandpa: grandpa.public().into() }
}

/// A chain of those validators; `sudo` can do everything, if there is one.
fn genesis(validators: &[(Sr25519Keyring, Ed25519Keyring)], sudo: Option<Sr25519Keyring>) -> Value {
	let endowed = ENDOWED.iter().map(|keyring| (keyring.to_account_id(), ENDOWMENT));
	let pots = pots().into_iter().map(|pot| (pot, EXISTENTIAL_DEPOSIT));
	let keys = validators.iter().map(|(babe, grandpa)| {
		let account = babe.to_account_id();
		(account.clone(), account, session_keys(*babe, *grandpa))
	});
	let verifiers = VERIFIERS.iter().enumerate().map(|(index, (_, operator, class))| {
		let domain = index as DomainId;
		(domain, operator.to_account_id(), *class, verifier_key(index), VERIFIER_QUOTA)
	});
	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig { balances: endowed.chain(pots).collect::<Vec<_>>() },
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		session: SessionConfig { keys: keys.collect::<Vec<_>>() },
		sudo: SudoConfig { key: sudo.map(|keyring| keyring.to_account_id()) },
		models: ModelsConfig {
			licences: LICENCES
				.iter()
				.map(|licence| licence.as_bytes().to_vec())
				.collect::<Vec<_>>(),
		},
		personhood: PersonhoodConfig {
			quorum: QUORUM,
			domains: VERIFIERS
				.iter()
				.map(|(name, ..)| name.as_bytes().to_vec())
				.collect::<Vec<_>>(),
			verifiers: verifiers.collect::<Vec<_>>(),
			verifier_bond: VERIFIER_BOND,
		},
		dividend: DividendConfig {
			epoch_length: DIVIDEND_EPOCH,
			claim_window: CLAIM_WINDOW,
			term: TERM,
			min_people: 1u32,
		},
	})
}

/// One validator, and a key that can do everything.
fn development() -> Value {
	genesis(&VALIDATORS[..1], Some(Sr25519Keyring::Alice))
}

/// Four validators, and nobody who can do everything.
fn local_testnet() -> Value {
	genesis(&VALIDATORS, None)
}

/// The preset of that name, as JSON that is laid over the default genesis.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		_ => return None,
	};
	Some(serde_json::to_vec(&patch).expect("a JSON value can be written"))
}

/// The names of the presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![DEV_RUNTIME_PRESET.into(), LOCAL_TESTNET_RUNTIME_PRESET.into()]
}
