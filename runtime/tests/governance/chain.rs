//! A chain in memory, its blocks reduced to the hooks that governance needs.

use codec::Encode;
use frame_support::traits::{schedule::DispatchTime, Hooks, StorePreimage};
use serde_json::Value;
use sp_core::{ed25519, sr25519, Pair};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{traits::Dispatchable, BuildStorage, DispatchError, MultiSignature};
use usufruct_primitives::{
	personhood::{consent_digest, SignedAttestation},
	Class, Purpose,
};
use usufruct_runtime::{
	genesis_presets::{get_preset, verifier_uri},
	AccountId, Balances, Dividend, OriginCaller, Personhood, Preimage, Referenda, Runtime,
	RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin, SafeMode, Scheduler, System, Treasury,
};

/// The chain of a preset, in its first block, with a change of its genesis.
pub fn chain_with(preset: &str, patch: Value) -> TestExternalities {
	let preset = get_preset(&preset.into()).expect("a preset");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("JSON");
	sc_chain_spec::json_merge(&mut config, serde_json::from_slice(&preset).expect("JSON"));
	sc_chain_spec::json_merge(&mut config, patch);
	let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a genesis");
	let mut ext = TestExternalities::new(config.build_storage().expect("it builds"));
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// The chain of the preset that has no key for everything.
pub fn chain() -> TestExternalities {
	chain_with("local_testnet", serde_json::json!({}))
}

/// Makes blocks.
pub fn blocks(count: u32) {
	for _ in 0..count {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		System::reset_events();
		Scheduler::on_initialize(next);
		Treasury::on_initialize(next);
		SafeMode::on_initialize(next);
		Personhood::on_initialize(next);
		Dividend::on_initialize(next);
	}
}

/// Makes blocks until that one, but leaves out those in which nothing is on the agenda and no epoch
/// closes: so days pass as long as they really are.
pub fn pass_until(end: u32) {
	while System::block_number() < end {
		let after = System::block_number() + 1;
		let agenda = pallet_scheduler::Agenda::<Runtime>::iter_keys();
		let next = agenda.chain([Dividend::epoch().closes_at]).map(|block| block.max(after)).min();
		let next = next.unwrap_or(end).min(end);
		if next > after {
			// The scheduler makes up for blocks it has not seen, and need not look at these.
			pallet_scheduler::IncompleteSince::<Runtime>::put(next);
			System::set_block_number(next - 1);
		}
		blocks(1);
	}
}

/// Begins another epoch of BABE, whose randomness is known from this block on.
pub fn new_randomness() {
	let now = System::block_number();
	pallet_babe::NextRandomness::<Runtime>::put(sp_io::hashing::blake2_256(&now.encode()));
	pallet_babe::EpochStart::<Runtime>::mutate(|start| *start = (start.1, now));
}

/// Makes blocks until that many epochs more are closed.
pub fn close_epochs(count: u32) {
	let until = Dividend::epoch().index + count;
	while Dividend::epoch().index < until {
		blocks(1);
	}
}

/// Recognises somebody who holds nothing.
pub fn person(name: &str) -> AccountId {
	let pair = sr25519::Pair::from_string(&format!("//{name}"), None).expect("a URI");
	let account = AccountId::from(pair.public());
	let genesis = System::block_hash(0).0;
	let bytes: [u8; 32] = account.clone().into();
	let issued = System::block_number();
	let (mut attestations, mut digests) = (Vec::new(), Vec::new());
	for (verifier, class) in [(0, Class::Document), (2, Class::Community)] {
		let mut one = SignedAttestation {
			verifier,
			nullifier: usufruct_primitives::domain::hash(&(verifier, &bytes).encode()),
			class,
			region: 0,
			issued,
			expires: issued + 1_000,
			nonce: 0,
			signature: [0; 64],
		};
		let digest = one.attestation(Purpose::Register, bytes).digest(&genesis);
		let uri = verifier_uri(verifier as usize);
		let key = ed25519::Pair::from_string(&uri, None).expect("a URI");
		one.signature = key.sign(&digest).0;
		attestations.push(one);
		digests.push(digest);
	}
	let consent = consent_digest(&genesis, Purpose::Register, &bytes, 0, &digests);
	Personhood::register(
		RuntimeOrigin::signed(Alice.to_account_id()),
		account.clone(),
		attestations.try_into().expect("two are few"),
		MultiSignature::from(pair.sign(&consent)),
	)
	.expect("is recognised");
	account
}

/// Recognises that many people, and lets their first epoch pass, so that they have a vote.
pub fn voters(count: usize) -> Vec<AccountId> {
	let people = (0..count).map(|n| person(&format!("Person{n}"))).collect();
	close_epochs(2);
	people
}

/// Submits a poll and pays all its deposits.
pub fn poll(
	origin: impl Into<OriginCaller>,
	call: impl Into<RuntimeCall>,
) -> Result<u32, DispatchError> {
	let poll = pallet_referenda::ReferendumCount::<Runtime>::get();
	let bob = RuntimeOrigin::signed(Bob.to_account_id());
	Referenda::submit(
		bob.clone(),
		Box::new(origin.into()),
		Preimage::bound(call.into())?,
		DispatchTime::After(0),
	)?;
	Referenda::place_decision_deposit(bob, poll).map_err(|failure| failure.error)?;
	Ok(poll)
}

/// Dispatches a call as a transaction is, or a decided poll.
pub fn dispatch(
	origin: impl Into<RuntimeOrigin>,
	call: impl Into<RuntimeCall>,
) -> Result<(), DispatchError> {
	call.into().dispatch(origin.into()).map(|_| ()).map_err(|failure| failure.error)
}

/// A transaction of that account.
pub fn signed(account: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
	dispatch(RuntimeOrigin::signed(account.clone()), call)
}

pub fn vote(account: &AccountId, poll: u32, aye: bool) -> Result<(), DispatchError> {
	signed(account, pallet_suffrage::Call::vote { poll, aye })
}

/// Gives money to somebody.
pub fn give(account: &AccountId, amount: u128) {
	let dest = account.clone().into();
	signed(
		&Bob.to_account_id(),
		pallet_balances::Call::transfer_allow_death { dest, value: amount },
	)
	.expect("Bob is rich");
}

/// Everything an account holds.
pub fn holds(account: &AccountId) -> u128 {
	Balances::free_balance(account) + Balances::reserved_balance(account)
}
