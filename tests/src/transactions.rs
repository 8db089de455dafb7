//! Whole transactions, made without a node.

use codec::Encode;
use sp_core::{sr25519, Pair};
use sp_runtime::generic::Era;
use usufruct_runtime::{
	AccountId, Nonce, RuntimeCall, SignedPayload, TxExtension, UncheckedExtrinsic,
};

/// What every transaction carries: no tip, immortal.
pub fn extension(nonce: Nonce) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		Default::default(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// A call that nobody signs, as a general transaction: extrinsic version 5.
pub fn general(call: RuntimeCall) -> UncheckedExtrinsic {
	UncheckedExtrinsic::new_transaction(call, extension(0))
}

/// Signs a call as wallets do: extrinsic version 4. Reads the genesis hash in the state.
pub fn signed(
	who: &sr25519::Pair,
	nonce: Nonce,
	call: RuntimeCall,
) -> anyhow::Result<UncheckedExtrinsic> {
	let account = AccountId::from(who.public());
	let payload = SignedPayload::new(call, extension(nonce))
		.map_err(|error| anyhow::anyhow!("the call cannot be signed: {error:?}"))?;
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	Ok(UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension))
}
