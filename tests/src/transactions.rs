//! Whole transactions, made without a node.

use codec::Encode;
use sp_core::{sr25519, Pair};
use usufruct_runtime::{
	transaction::extension, AccountId, Nonce, RuntimeCall, SignedPayload, UncheckedExtrinsic,
};

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
