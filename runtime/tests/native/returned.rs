//! Calls of pallets that are not ours and can give their fee back: each does so once, and whoever makes
//! it again pays. What can be done once about each of many things is in the free lane, or had to be paid for.
//!
//! The table is compared with the sources those pallets were built from, so that no release of them
//! makes a call free without somebody saying here why nobody fills blocks with it.

use crate::{
	chain::{externalities, genesis, Clock},
	free::{fee_of, fee_of_failure, names, outcome_of, pair, validate, PAYER},
	stage::*,
	transactions::signed,
};
use codec::{Decode, Encode};
use frame_support::traits::{
	fungible::Mutate, KeyOwnerProofSystem, PalletInfoData, PalletsInfoAccess, StorePreimage,
};
use pallet_balances::ExtraFlags;
use sc_executor::WasmExecutor;
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_consensus_grandpa::{localized_payload, Equivocation, Message, Prevote};
use sp_core::{traits::ReadRuntimeVersionExt, H256};
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{Alice, Charlie, Eve},
};
use sp_runtime::{
	traits::Header as _, transaction_validity::InvalidTransaction, Digest, DigestItem,
};
use std::{
	collections::BTreeSet,
	env, fs,
	path::{Path, PathBuf},
};
use usufruct_runtime::{
	configs::money::CommonsPot, AllPalletsWithSystem, Babe, Balances, Grandpa, Hash, Header,
	Historical, Preimage, Runtime, RuntimeCall, UncheckedExtrinsic, UFR,
};

const SPENT: &str = "what is authorised can be applied once";
/// Whoever has a validator's key can vote twice in any number of rounds.
pub const IN_THE_LANE: &str = "each offence is reported once, within the free lane";
const ONE_S_OWN: &str = "a pool takes it of its own node alone, and each offence is reported once";
const A_DEPOSIT: &str = "a deposit that is as it should be is not changed";
const ALWAYS_PAID: &str = "here it is paid in any case, see the free lane";
const THE_KEY: &str = "only the key of a development chain can make it";
const FORGOTTEN: &str = "what is over is forgotten with it";

/// The pallet, the call, and why nobody can fill blocks with it.
pub const TABLE: [(&str, &str, &str); 17] = [
	("System", "apply_authorized_upgrade", SPENT),
	("Babe", "report_equivocation", IN_THE_LANE),
	("Babe", "report_equivocation_unsigned", ONE_S_OWN),
	("Balances", "upgrade_accounts", "an account is upgraded once, and none here has to be"),
	("Grandpa", "report_equivocation", IN_THE_LANE),
	("Grandpa", "report_equivocation_unsigned", ONE_S_OWN),
	("Multisig", "poke_deposit", A_DEPOSIT),
	("Proxy", "poke_deposit", A_DEPOSIT),
	("Preimage", "note_preimage", ALWAYS_PAID),
	("Preimage", "ensure_updated", ALWAYS_PAID),
	("Treasury", "check_status", FORGOTTEN),
	("Sudo", "sudo", THE_KEY),
	("Sudo", "sudo_unchecked_weight", THE_KEY),
	("Sudo", "set_key", THE_KEY),
	("Sudo", "sudo_as", THE_KEY),
	("Sudo", "remove_key", THE_KEY),
	("Bounties", "check_status", FORGOTTEN),
];

/// What a call is free by, or gives its fee back by.
const MARKS: [&str; 4] = ["Pays::No", ": Pays =", "feeless_if(", "pallet::authorize("];

/// The pallets that say of transactions nobody signed whether they are valid: of reports, and of the code
/// of an authorised upgrade.
const UNSIGNED: [&str; 3] = ["Babe", "Grandpa", "System"];

/// The folder of a pallet's sources, if it is ours.
pub fn sources_of_ours(pallet: &PalletInfoData) -> Option<PathBuf> {
	let name = pallet.module_name.replace('_', "-");
	let ours = Path::new("../pallets").join(name.trim_start_matches("pallet-"));
	ours.is_dir().then(|| ours.join("src"))
}

/// The folder of a pallet's sources; none if they are ours, or those of a pallet before it.
fn sources(pallet: &PalletInfoData) -> Option<PathBuf> {
	let (name, version) = (pallet.module_name.replace('_', "-"), &pallet.crate_version);
	if sources_of_ours(pallet).is_some() || name.contains("::") {
		return None;
	}
	let (major, minor, patch) = (version.major, version.minor, version.patch);
	let folder = format!("{name}-{major}.{minor}.{patch}/src");
	let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).unwrap_or_else(|| {
		PathBuf::from(env::var_os("HOME").expect("there is a home")).join(".cargo")
	});
	let registries = fs::read_dir(cargo.join("registry/src")).expect("cargo keeps sources there");
	let found = registries
		.map(|registry| registry.expect("an entry").path().join(&folder))
		.find(|path| path.is_dir());
	Some(found.unwrap_or_else(|| panic!("{folder} is in no registry of {}", cargo.display())))
}

/// The Rust files below a folder, but for tests and what only they and benchmarks use.
fn files(folder: &Path) -> Vec<PathBuf> {
	let mut found = Vec::new();
	for entry in fs::read_dir(folder).expect("it can be read") {
		let path = entry.expect("an entry").path();
		let name = path.file_name().expect("a name").to_string_lossy().into_owned();
		if ["tests", "mock", "benchmarking"].iter().any(|other| name.starts_with(other)) {
			continue;
		}
		if path.is_dir() {
			found.extend(files(&path));
		} else if name.ends_with(".rs") {
			found.push(path);
		}
	}
	found
}

/// The code of a pallet, line by line, without comments and without tests.
pub fn lines(folder: &Path) -> Vec<String> {
	let mut code = Vec::new();
	for file in files(folder) {
		let source = fs::read_to_string(file).expect("it can be read");
		let lines = source.lines().map(str::trim);
		let lines = lines.take_while(|line| !line.ends_with("mod tests {"));
		code.extend(lines.filter(|line| !line.starts_with("//")).map(String::from));
	}
	code
}

/// The functions in which, or behind which, one of the marks stands.
pub fn marked(code: &[String], marks: &[&str]) -> BTreeSet<String> {
	let (mut function, mut found) = (String::new(), BTreeSet::new());
	for line in code {
		if let Some((_, rest)) = line.split_once("fn ") {
			let end = |at: char| !at.is_alphanumeric() && at != '_';
			function = rest.split(end).next().unwrap_or_default().to_string();
		}
		if marks.iter().any(|mark| line.contains(mark)) {
			found.insert(function.clone());
		}
	}
	found
}

#[test]
fn none_is_missing_in_the_table() {
	let table: BTreeSet<_> =
		TABLE.iter().map(|(pallet, call, _)| (pallet.to_string(), call.to_string())).collect();
	let (mut found, mut unsigned) = (BTreeSet::new(), BTreeSet::new());
	for pallet in AllPalletsWithSystem::infos() {
		let Some(sources) = sources(&pallet) else { continue };
		let code = lines(&sources);
		let name = pallet.name.to_string();
		found.extend(marked(&code, &MARKS).into_iter().map(|call| (name.clone(), call)));
		if code.iter().any(|line| line.contains("pallet::validate_unsigned")) {
			unsigned.insert(pallet.name);
		}
	}
	assert_eq!(found, table);
	assert_eq!(unsigned, BTreeSet::from(UNSIGNED));
}

/// A call that is free; when it is made again, it is paid for.
fn free_once(call: impl Into<RuntimeCall>) -> RuntimeCall {
	let call = call.into();
	let transaction = || signed(pair(PAYER), call.clone());
	assert_eq!(fee_of(transaction()), 0, "{call:?} is not free");
	let (outcome, fee) = outcome_of(transaction());
	assert!(fee > 0, "{call:?} is free again: {outcome:?}");
	call
}

/// A call that succeeds and is paid for.
fn paid(call: impl Into<RuntimeCall>) -> RuntimeCall {
	let call = call.into();
	assert!(fee_of(signed(pair(PAYER), call.clone())) > 0, "{call:?} is free");
	call
}

fn upgrade_accounts() -> RuntimeCall {
	let who = vec![Charlie.to_account_id()];
	frame_system::Account::<Runtime>::mutate(&who[0], |account| {
		account.data.flags = ExtraFlags::old_logic();
	});
	free_once(pallet_balances::Call::<Runtime>::upgrade_accounts { who })
}

/// Several may sign together; the deposit is a little less than it should be.
fn poke_multisig() -> RuntimeCall {
	let (call_hash, threshold) = ([7; 32], 2);
	let other_signatories = vec![Charlie.to_account_id()];
	must(
		PAYER,
		pallet_multisig::Call::<Runtime>::approve_as_multi {
			threshold,
			other_signatories: other_signatories.clone(),
			maybe_timepoint: None,
			call_hash,
			max_weight: Default::default(),
		},
	);
	let mut signatories = vec![PAYER.to_account_id(), Charlie.to_account_id()];
	signatories.sort();
	let account = pallet_multisig::Pallet::<Runtime>::multi_account_id(&signatories, threshold);
	let key = pallet_multisig::Multisigs::<Runtime>::hashed_key_for(account, call_hash);
	let mut stored = sp_io::storage::get(&key).expect("it is there").to_vec();
	// Behind a height and an index stands the deposit.
	let deposit = u128::decode(&mut &stored[8..24]).expect("16 bytes are a number");
	assert_eq!(Balances::reserved_balance(PAYER.to_account_id()), deposit);
	stored[8..24].copy_from_slice(&(deposit - 1).encode());
	sp_io::storage::set(&key, &stored);
	free_once(pallet_multisig::Call::<Runtime>::poke_deposit {
		threshold,
		other_signatories,
		call_hash,
	})
}

fn poke_proxy() -> RuntimeCall {
	must(
		PAYER,
		pallet_proxy::Call::<Runtime>::add_proxy {
			delegate: Charlie.to_account_id().into(),
			proxy_type: Default::default(),
			delay: 0,
		},
	);
	pallet_proxy::Proxies::<Runtime>::mutate(PAYER.to_account_id(), |(_, deposit)| *deposit -= 1);
	free_once(pallet_proxy::Call::<Runtime>::poke_deposit {})
}

#[allow(deprecated)]
fn preimages() -> Vec<RuntimeCall> {
	let bytes = vec![7; 100];
	let hash = H256(sp_io::hashing::blake2_256(&bytes));
	by_root(pallet_preimage::Call::<Runtime>::request_preimage { hash });
	let old: Hash = H256::repeat_byte(7);
	let status =
		pallet_preimage::OldRequestStatus::Requested { deposit: None, count: 1, len: None };
	pallet_preimage::StatusFor::<Runtime>::insert(old, status);
	vec![
		paid(pallet_preimage::Call::<Runtime>::note_preimage { bytes }),
		paid(pallet_preimage::Call::<Runtime>::ensure_updated { hashes: vec![old] }),
	]
}

/// A grant that was paid, and a bounty that was closed.
fn commons() -> Vec<RuntimeCall> {
	Balances::mint_into(&CommonsPot::get(), 1_000 * UFR).expect("it fits");
	by_root(pallet_treasury::Call::<Runtime>::spend {
		asset_kind: Box::new(()),
		amount: UFR,
		beneficiary: Box::new(Eve.to_account_id()),
		valid_from: None,
	});
	must(Eve, pallet_treasury::Call::<Runtime>::payout { index: 0 });
	by_root(pallet_multi_asset_bounties::Call::<Runtime>::fund_bounty {
		asset_kind: Box::new(()),
		value: 100 * UFR,
		curator: Charlie.to_account_id().into(),
		metadata: Preimage::note(b"what is to be done".as_slice().into()).expect("noted"),
	});
	let check = || pallet_multi_asset_bounties::Call::<Runtime>::check_status {
		parent_bounty_id: 0,
		child_bounty_id: None,
	};
	// That a bounty has its money is said at a cost.
	paid(check());
	by_root(pallet_multi_asset_bounties::Call::<Runtime>::close_bounty {
		parent_bounty_id: 0,
		child_bounty_id: None,
	});
	vec![free_once(pallet_treasury::Call::<Runtime>::check_status { index: 0 }), free_once(check())]
}

/// What only the key can do, by somebody else. The key does it for nothing, as often as it likes.
fn sudo() -> Vec<RuntimeCall> {
	type Call = pallet_sudo::Call<Runtime>;

	let call = || Box::new(frame_system::Call::<Runtime>::remark { remark: vec![] }.into());
	let calls: Vec<RuntimeCall> = vec![
		Call::sudo { call: call() }.into(),
		Call::sudo_unchecked_weight { call: call(), weight: Default::default() }.into(),
		Call::set_key { new: PAYER.to_account_id().into() }.into(),
		Call::sudo_as { who: Alice.to_account_id().into(), call: call() }.into(),
		Call::remove_key {}.into(),
	];
	for call in &calls {
		assert!(fee_of_failure(call.clone()) > 0, "{call:?}");
	}
	calls
}

/// Makes a report as anybody, and tries to have it taken as the author's node would send it.
fn reported(report: impl Into<RuntimeCall>, unsigned: impl Into<RuntimeCall>) -> Vec<RuntimeCall> {
	let unsigned = unsigned.into();
	let from_outside = validate(&UncheckedExtrinsic::new_bare(unsigned.clone()));
	assert_eq!(from_outside, Err(InvalidTransaction::Call.into()), "{unsigned:?}");
	assert!(fee_of_failure(unsigned.clone()) > 0);
	vec![free_once(report), unsigned]
}

/// Two blocks of one slot by the only validator.
fn two_blocks() -> Vec<RuntimeCall> {
	type Call = pallet_babe::Call<Runtime>;

	let slot = Babe::current_slot();
	let sealed = |which| {
		let authority_index = 0;
		let pre_digest =
			PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index, slot });
		let digest = Digest { logs: vec![DigestItem::babe_pre_digest(pre_digest)] };
		let root = H256::repeat_byte(which);
		let mut header = Header::new(7, root, Default::default(), Default::default(), digest);
		let seal = Alice.sign(header.hash().as_ref());
		header.digest_mut().push(DigestItem::babe_seal(seal.into()));
		header
	};
	let offender = sp_consensus_babe::AuthorityId::from(Alice.public());
	let key = (sp_consensus_babe::KEY_TYPE, offender.encode());
	let key_owner_proof = <Historical as KeyOwnerProofSystem<_>>::prove(key).expect("a validator");
	let proof = sp_consensus_babe::EquivocationProof {
		offender,
		slot,
		first_header: sealed(1),
		second_header: sealed(2),
	};
	let equivocation_proof = Box::new(proof);
	reported(
		Call::report_equivocation {
			equivocation_proof: equivocation_proof.clone(),
			key_owner_proof: key_owner_proof.clone(),
		},
		Call::report_equivocation_unsigned { equivocation_proof, key_owner_proof },
	)
}

/// Two votes of one round by the only validator.
fn two_votes() -> Vec<RuntimeCall> {
	type Call = pallet_grandpa::Call<Runtime>;

	let (round, set_id) = (3, Grandpa::current_set_id());
	let prevote = |which: u8| {
		let target_hash = H256::repeat_byte(which);
		let prevote = Prevote::<Header> { target_hash, target_number: which.into() };
		let message = Message::<Header>::Prevote(prevote.clone());
		let signature = Ed25519Keyring::Alice.sign(&localized_payload(round, set_id, &message));
		(prevote, signature.into())
	};
	let identity = sp_consensus_grandpa::AuthorityId::from(Ed25519Keyring::Alice.public());
	let key = (sp_consensus_grandpa::KEY_TYPE, identity.encode());
	let key_owner_proof = <Historical as KeyOwnerProofSystem<_>>::prove(key).expect("a validator");
	let equivocation = finality_grandpa::Equivocation {
		round_number: round,
		identity,
		first: prevote(1),
		second: prevote(2),
	};
	let proof =
		sp_consensus_grandpa::EquivocationProof::new(set_id, Equivocation::Prevote(equivocation));
	let equivocation_proof = Box::new(proof);
	reported(
		Call::report_equivocation {
			equivocation_proof: equivocation_proof.clone(),
			key_owner_proof: key_owner_proof.clone(),
		},
		Call::report_equivocation_unsigned { equivocation_proof, key_owner_proof },
	)
}

/// Code that people authorised and that is no runtime: whoever applies it is not to blame.
fn apply_upgrade() -> RuntimeCall {
	let code = b"no runtime at all".to_vec();
	let code_hash = H256(sp_io::hashing::blake2_256(&code));
	by_root(frame_system::Call::<Runtime>::authorize_upgrade { code_hash });
	free_once(frame_system::Call::<Runtime>::apply_authorized_upgrade { code })
}

#[test]
fn each_is_free_once_or_never() {
	let mut ext = externalities(genesis());
	// What reads the version of a runtime out of its code, as in a node.
	let executor: WasmExecutor = WasmExecutor::builder().build();
	ext.register_extension(ReadRuntimeVersionExt::new(executor));
	ext.execute_with(|| {
		let mut clock = Clock::start();
		let mut calls = vec![upgrade_accounts(), poke_multisig(), poke_proxy(), apply_upgrade()];
		calls.extend([preimages(), commons(), sudo(), two_blocks(), two_votes()].concat());
		clock.skip(1);
		let table: BTreeSet<_> = TABLE.iter().map(|(pallet, call, _)| (*pallet, *call)).collect();
		assert_eq!(names(&calls), table);
	});
}

#[test]
fn an_account_that_is_named_many_times_is_upgraded_once() {
	play(|_| {
		let who = vec![Charlie.to_account_id(); 100];
		frame_system::Account::<Runtime>::mutate(&who[0], |account| {
			account.data.flags = ExtraFlags::old_logic();
		});
		paid(pallet_balances::Call::<Runtime>::upgrade_accounts { who });
	});
}
