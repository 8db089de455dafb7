//! What clients learn of the runtime.

use crate::chain::Chain;
use codec::Encode;
use frame_support::traits::Get;
use sp_core::OpaqueMetadata;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::{ExtrinsicMetadata, TransactionExtension};
use sp_version::RuntimeVersion;
use usufruct_runtime::{
	Runtime, RuntimeCall, TxExtension, UncheckedExtrinsic, SS58_PREFIX, VERSION,
};

#[test]
fn the_blob_is_of_this_version() {
	let mut chain = Chain::new("development");
	let version: RuntimeVersion = chain.query("Core_version", ());
	assert_eq!(version, VERSION);
}

#[test]
fn metadata_is_there_in_versions_14_to_16() {
	let mut chain = Chain::new("development");
	let versions: Vec<u32> = chain.query("Metadata_metadata_versions", ());
	for version in 14..=16u32 {
		assert!(versions.contains(&version), "{versions:?}");
		let metadata: Option<OpaqueMetadata> = chain.query("Metadata_metadata_at_version", version);
		let metadata: Vec<u8> = (*metadata.expect("this version")).clone();
		assert_eq!(&metadata[..4], b"meta");
		assert_eq!(u32::from(metadata[4]), version);
	}
}

#[test]
fn signed_transactions_stay_within_what_injected_wallets_sign() {
	assert!(<UncheckedExtrinsic as ExtrinsicMetadata>::VERSIONS.contains(&4));
	let names: Vec<_> = <TxExtension as TransactionExtension<RuntimeCall>>::metadata()
		.iter()
		.map(|extension| extension.identifier)
		.collect();
	let expected = [
		"AuthorizeCall",
		"CheckNonZeroSender",
		"CheckSpecVersion",
		"CheckTxVersion",
		"CheckGenesis",
		"CheckMortality",
		"CheckNonce",
		"CheckWeight",
		"ChargeTransactionPayment",
		"CheckMetadataHash",
		"WeightReclaim",
	];
	assert_eq!(names, expected);
	// Those that wallets do not know must add nothing.
	assert_eq!(frame_system::AuthorizeCall::<Runtime>::new().encoded_size(), 0);
	assert_eq!(frame_system::CheckNonZeroSender::<Runtime>::new().encoded_size(), 0);
	assert_eq!(frame_system::CheckWeight::<Runtime>::new().encoded_size(), 0);
	assert_eq!(frame_system::WeightReclaim::<Runtime>::new().encoded_size(), 0);
}

#[test]
fn every_own_pallet_answers_by_view_functions() {
	let mut chain = Chain::new("local_testnet");
	let alice = Sr25519Keyring::Alice.to_account_id();
	assert_eq!(chain.view(pallet_models::ModelViewFunction::<Runtime>::new(0)), None);
	assert_eq!(chain.view(pallet_oracles::OracleViewFunction::<Runtime>::new(alice.clone())), None);
	assert_eq!(chain.view(pallet_usage::NextBatchViewFunction::<Runtime>::new(alice.clone())), 0);
	let split = chain.view(pallet_usage::SplitViewFunction::<Runtime>::new());
	assert_eq!(split, Default::default());
	assert_eq!(chain.view(pallet_personhood::PeopleViewFunction::<Runtime>::new()), 0);
	let epoch = chain.view(pallet_dividend::EpochViewFunction::<Runtime>::new());
	assert_eq!((epoch.index, epoch.closes_at), (0, 20));
	let claimable = pallet_dividend::ClaimableViewFunction::<Runtime>::new(alice.clone());
	assert_eq!(chain.view(claimable), 0);
	assert_eq!(chain.view(pallet_validators::ValidatorsViewFunction::<Runtime>::new()).len(), 4);
	assert_eq!(chain.view(pallet_suffrage::ElectorateViewFunction::<Runtime>::new()), None);
	assert_eq!(chain.view(pallet_validators::RewardViewFunction::<Runtime>::new(alice)), 0);
}

#[test]
fn addresses_have_the_generic_prefix() {
	let prefix: u16 = <Runtime as frame_system::Config>::SS58Prefix::get();
	assert_eq!(prefix, SS58_PREFIX);
}

/// The client's types are generated from this file. To write it anew after a change of the runtime:
/// `USUFRUCT_WRITE_METADATA=1 cargo test --workspace --test runtime metadata`.
#[test]
fn the_metadata_committed_with_the_client_is_the_runtimes() {
	let path = "../client/interface/metadata.scale";
	let mut chain = Chain::new("development");
	let metadata: Option<OpaqueMetadata> = chain.query("Metadata_metadata_at_version", 16u32);
	let metadata: Vec<u8> = (*metadata.expect("version 16")).clone();
	if std::env::var_os("USUFRUCT_WRITE_METADATA").is_some() {
		std::fs::write(path, &metadata).expect("the file can be written");
	}
	let committed = std::fs::read(path).expect("the file is there");
	assert!(
		committed == metadata,
		"client/interface/metadata.scale is of another runtime: write it anew"
	);
}
