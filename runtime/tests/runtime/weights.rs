//! No call is for nothing: every pallet's weights are those of this runtime.

use frame_support::{dispatch::DispatchClass, traits::GetCallMetadata};
use pallet_usage::WeightInfo;
use std::{any::type_name, collections::BTreeSet};
use usufruct_runtime::{configs::system::RuntimeBlockWeights, weights, Runtime, RuntimeCall};

/// The names of the pallets with a `WeightInfo`, and the type each is set to.
macro_rules! weight_infos {
	($($name:literal: $pallet:path),* $(,)?) => {
		vec![$(($name, type_name::<<Runtime as $pallet>::WeightInfo>())),*]
	};
}

fn all() -> Vec<(&'static str, &'static str)> {
	let mut all = weight_infos![
		"Timestamp": pallet_timestamp::Config,
		"Babe": pallet_babe::Config,
		"Balances": pallet_balances::Config,
		"TransactionPayment": pallet_transaction_payment::Config,
		"Session": pallet_session::Config,
		"Grandpa": pallet_grandpa::Config,
		"Validators": pallet_validators::Config,
		"Utility": pallet_utility::Config,
		"Multisig": pallet_multisig::Config,
		"Proxy": pallet_proxy::Config,
		"Preimage": pallet_preimage::Config,
		"Scheduler": pallet_scheduler::Config,
		"Parameters": pallet_parameters::Config,
		"Treasury": pallet_treasury::Config,
		"Sudo": pallet_sudo::Config,
		"Referenda": pallet_referenda::Config,
		"Suffrage": pallet_suffrage::Config,
		"SafeMode": pallet_safe_mode::Config,
		"TxPause": pallet_tx_pause::Config,
		"CallPause": pallet_call_pause::Config,
		"Bounties": pallet_multi_asset_bounties::Config,
		"Models": pallet_models::Config,
		"Oracles": pallet_oracles::Config,
		"Usage": pallet_usage::Config,
		"Personhood": pallet_personhood::Config,
		"Dividend": pallet_dividend::Config,
		"FreeLane": pallet_free_lane::Config,
	];
	all.push(("System", type_name::<<Runtime as frame_system::Config>::SystemWeightInfo>()));
	all.push(("System", type_name::<<Runtime as frame_system::Config>::ExtensionsWeightInfo>()));
	all
}

#[test]
fn no_pallet_has_the_weights_of_a_mock() {
	for (pallet, weights) in all() {
		assert_ne!(weights, "()", "{pallet}");
	}
}

#[test]
fn no_pallet_with_calls_is_left_out() {
	let known: BTreeSet<_> = all().into_iter().map(|(name, _)| name).collect();
	for pallet in RuntimeCall::get_module_names() {
		assert!(known.contains(pallet), "{pallet} is not checked");
	}
}

/// Compares one function of a pallet as the runtime calls it with that of its file.
macro_rules! assert_wired {
	($pallet:ident: $($function:ident($($argument:expr),*)),* $(,)?) => {
		$({
			let used =
				<<Runtime as $pallet::Config>::WeightInfo as $pallet::WeightInfo>::$function(
					$($argument),*
				);
			let own = <weights::$pallet::WeightInfo<Runtime> as $pallet::WeightInfo>::$function(
				$($argument),*
			);
			assert_eq!(used, own);
			assert!(used.ref_time() > 0);
		})*
	};
}

#[test]
fn own_pallets_use_the_weights_measured_for_them() {
	assert_wired!(
		pallet_models: register_model(), add_version(3, 2), deprecate(), claim_revenue(),
		set_licence(), move_royalty(), accept_row(), forfeit_row(), announce_floor(), contest(),
		resolve_contest(), transfer_row(), transfer_model(), accept_model(), prove_reuse(10),
		settle_reuse(), refute_reuse(10), confirm_reuse(), lapse_contest(),
	);
	assert_wired!(
		pallet_oracles: register(), set_ask(), bond_more(), unbond(), withdraw_unbonded(3), set_endpoint(),
		set_receipt_key(), forget_keys(), set_settle_limit(),
	);
	assert_wired!(
		pallet_usage: open_channel(), top_up(), settle_one(), settle(7, 2), request_close(), finalise_close(),
		set_split(), flush(), collect(), on_epoch_close(), set_channel_key(), close_together(),
		checkpoint(), pay_royalty(), set_organisation(), set_slope(), signed_receipt(),
		report_double(20, 256), report_leaf(20, 256), report_pair(20, 256), demand(256),
		answer_demand(20), enforce_demand(), sweep_batches(16), sweep_fees(),
	);
	assert_wired!(
		pallet_personhood: add_domain(), add_verifier(), register(2), renew(2), revoke(),
		set_quorum(), retire_verifier(), remove(), post_bond(), withdraw_bond(), suspend_verifier(),
		resume_verifier(), confirm_suspension(), recover(2), veto(), complete_recovery(), challenge(),
		draw_jury(), vote_case(), resolve_case(), decide_appeal(), close_case(), reinstate(),
		authorize_register(2), authorize_renew(2), authorize_recover(2),
		authorize_complete_recovery(), idle(), turn_round(),
	);
	assert_wired!(
		pallet_suffrage: vote(), remove_vote(), cleanup_poll(7), propose(), cosign(),
		submit_proposal(), cleanup_proposal(7), authorise_upgrade(),
	);
	assert_wired!(
		pallet_dividend: claim(), claim_for(), authorize_claim_for(), claim_to_channel(),
		set_payout(), set_claims_alone(), donate(), pause(), resume(), set_params(), set_bonus(),
		open_programme(), join_programme(), leave_programme(), claim_programme(),
		end_programme(), close_programme(), close(), idle(),
	);
	assert_wired!(pallet_free_lane: check_free_lane(), on_finalize());
	assert_wired!(pallet_validators: withdraw(), note_author(), on_offence(2));
	assert_wired!(pallet_babe: report_equivocation(4, 0), plan_config_change());
	assert_wired!(pallet_grandpa: report_equivocation(4, 0), note_stalled());
	assert_wired!(pallet_parameters: set_parameter());
}

#[test]
fn the_largest_settlement_fits_into_a_block() {
	let normal =
		RuntimeBlockWeights::get().get(DispatchClass::Normal).max_total.expect("normal is limited");
	type Weights = weights::pallet_usage::WeightInfo<Runtime>;
	let most = Weights::settle_one().saturating_add(Weights::settle(0, 256));
	assert!(most.all_lt(normal), "the largest settlement does not fit: {most:?}");
}
