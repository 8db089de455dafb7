//! The benchmarks of the pallets whose weights are measured against this runtime.

use crate::{AllPalletsWithSystem, Runtime};
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{
	baseline::{Config as BaselineConfig, Pallet as BaselineBench},
	BenchmarkBatch, BenchmarkConfig, BenchmarkList,
};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use frame_system_benchmarking::{
	extensions::Pallet as SystemExtensionsBench, Config as SystemBenchConfig, Pallet as SystemBench,
};
use usufruct_primitives::traits::Models as _;

impl BaselineConfig for Runtime {}
impl SystemBenchConfig for Runtime {}
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

frame_benchmarking::define_benchmarks!(
	[frame_benchmarking, BaselineBench::<Runtime>]
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_balances, crate::Balances]
	[pallet_timestamp, crate::Timestamp]
	[pallet_transaction_payment, crate::TransactionPayment]
	[pallet_utility, crate::Utility]
	[pallet_multisig, crate::Multisig]
	[pallet_proxy, crate::Proxy]
	[pallet_preimage, crate::Preimage]
	[pallet_scheduler, crate::Scheduler]
	[pallet_parameters, crate::Parameters]
	[pallet_sudo, crate::Sudo]
	[pallet_tx_pause, crate::TxPause]
	[pallet_multi_asset_bounties, crate::Bounties]
	[pallet_suffrage, crate::Suffrage]
	[pallet_models, crate::Models]
	[pallet_oracles, crate::Oracles]
	[pallet_usage, crate::Usage]
	[pallet_personhood, crate::Personhood]
	[pallet_dividend, crate::Dividend]
	[pallet_validators, crate::Validators]
	[pallet_free_lane, crate::FreeLane]
);

/// What can be measured, and the storage it touches.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Measures one of them.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let mut whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	// Charged once a block by `pallet_usage`, because every settlement touches them.
	for pot in [crate::Usage::account(), crate::Models::account()] {
		whitelist.push(frame_system::Account::<Runtime>::hashed_key_for(pot).into());
	}
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}
