//! The state of a chain with many recognised people.
//!
//! It is made by the pallets' own code as far as it can be called from outside: the dividend's
//! record of who shares in what, the accounts' references, the close of the epoch in which all of
//! them were recognised. What personhood writes when it admits a person is written here as it does
//! it, without the signatures that lead there.

use std::collections::BTreeSet;

use anyhow::{anyhow, ensure, Context, Result};
use codec::Encode;
use frame_support::{
	traits::{fungible::Mutate, Hooks},
	StoragePrefixedMap,
};
use pallet_personhood::{
	types::{Mark, Marks, Person, VerifierIds},
	AccountOf, NextPerson, Nullifiers, People,
};
use serde_json::json;
use sp_core::{
	sr25519,
	storage::{well_known_keys, Storage},
	Pair,
};
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;
use usufruct_primitives::{
	domain::hash, traits::Eligibility, DomainId, Hash, PersonId, VerifierId,
};
use usufruct_runtime::{
	genesis_presets::get_preset, AccountId, Balance, Balances, BlockNumber, Dividend, Runtime,
	RuntimeGenesisConfig, System, UFR,
};

use crate::node::merge;

/// A key of a state and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// Length of an epoch, in blocks: the second block from the opening closes it.
pub const EPOCH: BlockNumber = 2;
/// The block in which the epoch was opened in which all people share.
pub const OPENED: BlockNumber = EPOCH;
/// What each of them is due when that epoch closes.
pub const PER_HEAD: Balance = UFR;

/// The verifiers that recognised everybody, each of the domain of the same number.
pub const VERIFIERS: [VerifierId; 2] = [0, 2];
/// How many people are recognised between two looks at what that wrote: all of it is in memory.
const BATCH: u32 = 50_000;

/// The genesis of the development preset, without the blob, with short epochs.
pub fn genesis() -> Result<Storage> {
	genesis_of("development")
}

/// The same of another preset.
pub fn genesis_of(preset: &str) -> Result<Storage> {
	let preset = get_preset(&preset.into()).with_context(|| format!("no preset {preset}"))?;
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default())?;
	merge(&mut config, serde_json::from_slice(&preset)?);
	merge(&mut config, json!({ "dividend": { "epochLength": EPOCH } }));
	let config: RuntimeGenesisConfig = serde_json::from_value(config)?;
	config.build_storage().map_err(|error| anyhow!(error))
}

/// The one who claims: a person from the middle.
pub fn claimant() -> Result<sr25519::Pair> {
	sr25519::Pair::from_string("//Claimant", None).context("not a secret URI")
}

/// The state, sorted by key, of a chain that began like that and has `people`, all of whom share in
/// epoch 1, which is open.
pub fn state(genesis: &Storage, people: u32) -> Result<Vec<Entry>> {
	let claimant = AccountId::from(claimant()?.public());
	let middle = people / 2;
	let account = |number| if number == middle { claimant.clone() } else { idle(number) };
	state_of(genesis, people, account)
}

/// The same, of people who have these accounts.
pub fn state_of(
	genesis: &Storage,
	people: u32,
	account: impl Fn(PersonId) -> AccountId,
) -> Result<Vec<Entry>> {
	ensure!(people > 0, "a chain without people has nobody to claim");
	ensure!(genesis.children_default.is_empty(), "nothing here is in child tries");
	let shared: BTreeSet<Vec<u8>> = genesis.top.keys().cloned().collect();
	let per_person = per_person();
	let mut rest = genesis.clone();
	let mut entries = Vec::with_capacity(people as usize * (4 + VERIFIERS.len()));
	for first in (0..people).step_by(BATCH as usize) {
		let last = people.min(first.saturating_add(BATCH));
		let mut ext = BasicExternalities::new(std::mem::take(&mut rest));
		ext.execute_with(|| {
			(first..last).try_for_each(|number| recognise(number, account(number)))
		})?;
		for (key, value) in ext.into_storages().top {
			if per_person(&key) && !shared.contains(&key) {
				entries.push((key, value));
			} else {
				rest.top.insert(key, value);
			}
		}
	}

	let mut ext = BasicExternalities::new(rest);
	ext.execute_with(|| open_their_epoch(people))?;
	entries.extend(ext.into_storages().top);
	entries.sort_unstable();
	Ok(entries)
}

/// The account of a person who does nothing: nobody has its key.
pub fn idle(number: PersonId) -> AccountId {
	AccountId::from(hash(&("account", number).encode()))
}

/// What a chain of processes begins with to go on from that state, after `before` happened on it. The
/// epoch that is open then is the last that ends within a test.
pub fn begin_with(
	mut genesis: Storage,
	state: Vec<Entry>,
	before: impl FnOnce() -> Result<()>,
) -> Result<Storage> {
	let wasm = usufruct_runtime::WASM_BINARY.context("build without SKIP_WASM_BUILD")?;
	genesis.top = state.into_iter().collect();
	genesis.top.insert(well_known_keys::CODE.to_vec(), wasm.to_vec());
	let mut ext = BasicExternalities::new(genesis);
	ext.execute_with(|| {
		before()?;
		System::reset_events();
		System::set_block_number(0);
		pallet_dividend::Params::<Runtime>::mutate(|params| params.epoch_length = 10_000);
		anyhow::Ok(())
	})?;
	Ok(ext.into_storages())
}

/// The same if nothing happened on it. What each person has is not looked at, so that a million of them cost
/// little.
pub fn begin(genesis: Storage, state: Vec<Entry>) -> Result<Storage> {
	let per_person = per_person();
	let (own, rest): (Vec<_>, Vec<_>) = state.into_iter().partition(|(key, _)| per_person(key));
	let mut storage = begin_with(genesis, rest, || Ok(()))?;
	storage.top.extend(own);
	Ok(storage)
}

/// Says of a key whether it is in a map in which each person has an entry.
pub fn per_person() -> impl Fn(&[u8]) -> bool {
	let maps = [
		AccountOf::<Runtime>::final_prefix(),
		Nullifiers::<Runtime>::final_prefix(),
		People::<Runtime>::final_prefix(),
		pallet_dividend::Shares::<Runtime>::final_prefix(),
		frame_system::Account::<Runtime>::final_prefix(),
	];
	move |key| maps.iter().any(|map| key.starts_with(map))
}

/// What a domain knows the human of that number by.
pub fn nullifier(domain: DomainId, human: u32) -> Hash {
	hash(&("nullifier", domain, human).encode())
}

/// The bytes of keys and values that each person has in a state, beyond what its genesis had.
pub fn bytes_of_each(genesis: &Storage, state: &[Entry], people: u32) -> f64 {
	let per_person = per_person();
	let own = state.iter().filter(|(key, _)| per_person(key) && !genesis.top.contains_key(key));
	let bytes: usize = own.map(|(key, value)| key.len() + value.len()).sum();
	bytes as f64 / f64::from(people)
}

/// What the pallets do when a quorum has recognised a person.
fn recognise(number: PersonId, account: AccountId) -> Result<()> {
	let marks =
		VERIFIERS.map(|domain: DomainId| Mark { domain, nullifier: nullifier(domain, number) });
	Dividend::join(number).map_err(|error| anyhow!("person {number} cannot join: {error:?}"))?;
	NextPerson::<Runtime>::put(number + 1);
	AccountOf::<Runtime>::insert(&account, number);
	for mark in &marks {
		Nullifiers::<Runtime>::insert(mark.domain, mark.nullifier, number);
	}
	System::inc_sufficients(&account);
	let person = Person {
		account,
		nonce: 1,
		revoked: false,
		attested: VerifierIds::truncate_from(VERIFIERS.to_vec()),
		region: 0,
		marks: Marks::truncate_from(marks.to_vec()),
		frozen_by: None,
		vetoed: Default::default(),
	};
	People::<Runtime>::insert(number, person);
	Ok(())
}

/// Lets the chain arrive at a block in which an epoch is due, and close it.
pub fn close_epoch(block: BlockNumber) {
	System::set_block_number(block);
	<Dividend as Hooks<BlockNumber>>::on_initialize(block);
}

/// Closes the epoch in which they were recognised, and fills the pot in the next one.
fn open_their_epoch(people: u32) -> Result<()> {
	close_epoch(OPENED);
	Balances::mint_into(&Dividend::pot(), PER_HEAD * Balance::from(people))
		.map_err(|error| anyhow!("the pot cannot be filled: {error:?}"))?;
	System::reset_events();
	let epoch = Dividend::epoch();
	ensure!(
		(epoch.index, epoch.active, epoch.closes_at) == (1, people, OPENED + EPOCH),
		"the epoch is not as it should be: {epoch:?}"
	);
	Ok(())
}
