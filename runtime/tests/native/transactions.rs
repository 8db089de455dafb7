//! Whole transactions, as they travel: signed ones with nonce and fee, and those nobody signs.

use codec::Encode;
use sp_core::{sr25519, Pair};
use sp_runtime::generic::Era;
use usufruct_runtime::{
	AccountId, Nonce, RuntimeCall, SignedPayload, System, TxExtension, UncheckedExtrinsic,
};

/// What every transaction carries: no tip, immortal.
fn extension(nonce: Nonce) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_free_lane::CheckFreeLane::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// A call signed with a key, with the next nonce of its account.
pub fn signed(pair: &sr25519::Pair, call: RuntimeCall) -> UncheckedExtrinsic {
	let who = AccountId::from(pair.public());
	let payload = SignedPayload::new(call, extension(System::account_nonce(&who)))
		.expect("what is signed is known");
	let signature = payload.using_encoded(|bytes| pair.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(call, who.into(), signature.into(), extension)
}

/// A call that nobody signs.
pub fn general(call: RuntimeCall) -> UncheckedExtrinsic {
	UncheckedExtrinsic::new_transaction(call, extension(0))
}
