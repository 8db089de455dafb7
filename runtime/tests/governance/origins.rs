//! Each origin is accepted by the calls named for it, and by no others.

use crate::{calls::Calls, chain::*};
use frame_support::storage::{with_transaction, TransactionOutcome};
use pallet_suffrage::Origin;
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::DispatchError;
use std::collections::{BTreeMap, BTreeSet};
use usufruct_runtime::{Runtime, RuntimeCall, RuntimeOrigin};

/// How often the arguments of a call are made up.
const TRIES: usize = 12;

/// What is for everybody, whoever asks: applying code that was authorised, saying something, and
/// making other calls with the same origin.
const OPEN: [(&str, &str); 6] = [
	("System", "apply_authorized_upgrade"),
	("System", "remark"),
	("Utility", "batch"),
	("Utility", "batch_all"),
	("Utility", "force_batch"),
	("Utility", "if_else"),
];

/// The calls of each origin.
pub fn named(origin: Origin) -> &'static [(&'static str, &'static str)] {
	match origin {
		Origin::Parameters => &[
			("Dividend", "end_programme"),
			("Dividend", "open_programme"),
			("Dividend", "set_bonus"),
			("Dividend", "set_params"),
			("Parameters", "set_parameter"),
			("Usage", "set_organisation"),
			("Usage", "set_slope"),
			("Usage", "set_split"),
		],
		Origin::Grants => &[
			("Bounties", "close_bounty"),
			("Bounties", "fund_bounty"),
			("Bounties", "propose_curator"),
			("Bounties", "unassign_curator"),
			("Treasury", "remove_approval"),
			("Treasury", "spend"),
			("Treasury", "spend_local"),
			("Treasury", "void_spend"),
		],
		Origin::Verifiers => &[
			("Personhood", "add_domain"),
			("Personhood", "add_verifier"),
			("Personhood", "resume_verifier"),
			("Personhood", "retire_verifier"),
			("Personhood", "set_quorum"),
			("Personhood", "suspend_verifier"),
		],
		Origin::Licences => &[("Models", "set_licence")],
		Origin::Validators => &[("Validators", "admit"), ("Validators", "dismiss")],
		Origin::Upgrade => &[("Suffrage", "authorise_upgrade")],
		Origin::Pause => &[
			("CallPause", "pause"),
			("Dividend", "pause"),
			("Dividend", "resume"),
			("SafeMode", "force_enter"),
			("SafeMode", "force_exit"),
			("TxPause", "unpause"),
		],
		Origin::Disputes => &[
			("Models", "resolve_contest"),
			("Models", "settle_reuse"),
			("Personhood", "confirm_suspension"),
			("Personhood", "decide_appeal"),
			("Personhood", "reinstate"),
			("Personhood", "resume_verifier"),
			("Personhood", "revoke"),
		],
	}
}

/// Whether the origin is not what is wrong with the call.
fn is_accepted(origin: RuntimeOrigin, call: RuntimeCall) -> bool {
	let result = with_transaction(|| {
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(dispatch(origin, call)))
	});
	result.expect("the transaction ends") != Err(DispatchError::BadOrigin)
}

#[test]
fn every_call_of_the_runtime_accepts_the_origins_it_is_named_for_and_no_other() {
	chain().execute_with(|| {
		let mut calls = Calls::new(Alice.to_account_id());
		let mut accepted: BTreeMap<Origin, BTreeSet<(String, String)>> = BTreeMap::new();
		for (pallet, call) in calls.names() {
			if OPEN.contains(&(&*pallet, &*call)) {
				continue;
			}
			let tries: Vec<_> =
				(0..10 * TRIES).filter_map(|_| calls.call(&pallet, &call)).take(TRIES).collect();
			assert_eq!(tries.len(), TRIES, "{pallet}.{call} cannot be made up");
			for origin in Origin::ALL {
				if tries.iter().any(|call| is_accepted(origin.into(), call.clone())) {
					accepted.entry(origin).or_default().insert((pallet.clone(), call.clone()));
				}
			}
		}
		for origin in Origin::ALL {
			let expected: BTreeSet<_> = named(origin)
				.iter()
				.map(|(pallet, call)| (pallet.to_string(), call.to_string()))
				.collect();
			assert_eq!(accepted.remove(&origin).unwrap_or_default(), expected, "{origin:?}");
		}
	});
}

#[test]
fn only_the_development_chain_has_a_key_for_everything() {
	for preset in usufruct_runtime::genesis_presets::preset_names() {
		let preset: &str = preset.as_ref();
		chain_with(preset, serde_json::json!({})).execute_with(|| {
			let key = pallet_sudo::Key::<Runtime>::get();
			assert_eq!(key.is_some(), preset == "development", "{preset}");
			let remark = RuntimeCall::from(frame_system::Call::remark { remark: vec![] });
			let alice = Alice.to_account_id();
			let result = signed(&alice, pallet_sudo::Call::sudo { call: Box::new(remark) });
			assert_eq!(result.is_ok(), preset == "development", "{preset}");
		});
	}
}
