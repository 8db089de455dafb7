//! What clients learn of the runtime.

use crate::chain::Chain;
use sp_core::OpaqueMetadata;
use sp_keyring::Sr25519Keyring;
use sp_version::RuntimeVersion;
use usufruct_runtime::{Runtime, SS58_PREFIX, VERSION};

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
		let metadata: Option<OpaqueMetadata> =
			chain.query("Metadata_metadata_at_version", version);
		let metadata: Vec<u8> = (*metadata.expect("this version")).clone();
		assert_eq!(&metadata[..4], b"meta");
		assert_eq!(u32::from(metadata[4]), version);
	}
}

#[test]
fn signed_transactions_stay_within_what_injected_wallets_sign() {
	// Identifiers, and whether they add bytes to a transaction or to what is signed.
	let metadata = Runtime::metadata_ir();
	assert!(metadata.extrinsic.versions.contains(&4));
	let standard = [
		"CheckSpecVersion",
		"CheckTxVersion",
		"CheckGenesis",
		"CheckMortality",
		"CheckNonce",
		"ChargeTransactionPayment",
		"CheckMetadataHash",
	];
	let names: Vec<_> =
		metadata.extrinsic.extensions.iter().map(|extension| extension.identifier).collect();
	assert_eq!(names.first(), Some(&"AuthorizeCall"));
	assert!(names.len() <= 12);
	for name in standard {
		assert!(names.contains(&name), "{name} is missing of {names:?}");
	}
	// The others must encode to nothing.
	use codec::Encode;
	assert_eq!(frame_system::AuthorizeCall::<Runtime>::new().encoded_size(), 0);
	assert_eq!(frame_system::CheckNonZeroSender::<Runtime>::new().encoded_size(), 0);
	assert_eq!(frame_system::CheckWeight::<Runtime>::new().encoded_size(), 0);
	assert_eq!(frame_system::WeightReclaim::<Runtime>::new().encoded_size(), 0);
}

#[test]
fn view_functions_answer() {
	let mut chain = Chain::new("local_testnet");
	let alice = Sr25519Keyring::Alice.to_account_id();
	assert_eq!(chain.view::<u128>("Dividend", "claimable", &alice), 0);
	assert_eq!(chain.view::<u32>("Personhood", "people", ()), 0);
	assert_eq!(chain.view::<u64>("Usage", "next_batch", &alice), 0);
	let validators: Vec<usufruct_runtime::AccountId> =
		chain.view("Validators", "validators", ());
	assert_eq!(validators.len(), 4);
	assert_eq!(chain.view::<u128>("Validators", "reward", &alice), 0);
	let split: usufruct_primitives::split::Split = chain.view("Usage", "split", ());
	assert_eq!(split, Default::default());
}

#[test]
fn every_own_pallet_can_be_read() {
	let metadata = Runtime::metadata_ir();
	for name in ["Models", "Oracles", "Usage", "Personhood", "Dividend", "Validators"] {
		let pallet = metadata.pallets.iter().find(|one| one.name == name).expect(name);
		assert!(!pallet.view_functions.is_empty(), "{name} has no view functions");
	}
}

#[test]
fn addresses_have_the_generic_prefix() {
	use frame_support::traits::Get;
	assert_eq!(<Runtime as frame_system::Config>::SS58Prefix::get(), SS58_PREFIX);
}
