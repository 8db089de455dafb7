//! The chain specifications the node knows by name, and those it reads from a file.

use sc_chain_spec::{ChainSpecExtension, ChainType, GenericChainSpec, Properties};
use serde::{Deserialize, Serialize};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use usufruct_runtime::{SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL, WASM_BINARY};

/// What a specification may carry beside the genesis.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// A checkpoint from which light clients start, written by `sync_state_genSyncSpec`.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// The node's chain specification.
pub type ChainSpec = GenericChainSpec<Extensions>;

/// The specification of that name (`dev`, `local`), or of that file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" => preset(
			"Usufruct Development",
			"usufruct_dev",
			ChainType::Development,
			DEV_RUNTIME_PRESET,
		),
		"local" => preset(
			"Usufruct Local Testnet",
			"usufruct_local",
			ChainType::Local,
			LOCAL_TESTNET_RUNTIME_PRESET,
		),
		"" => Err("no public network exists yet: name a chain with --chain (dev, local, or the \
		           path of a specification)"
			.into()),
		path => ChainSpec::from_json_file(path.into()),
	}
}

fn preset(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let wasm = WASM_BINARY.ok_or("this node was built without the runtime's wasm blob")?;
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
	properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
	properties.insert("ss58Format".into(), SS58_PREFIX.into());
	Ok(ChainSpec::builder(wasm, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id("ufr")
		.with_properties(properties)
		.with_genesis_config_preset_name(preset)
		.build())
}
