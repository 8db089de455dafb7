//! Whole transactions, as they travel: signed ones with nonce and fee, and those nobody signs.

use codec::Encode;
use sp_core::{sr25519, Pair};
use usufruct_runtime::{
	transaction::extension, AccountId, RuntimeCall, SignedPayload, System, UncheckedExtrinsic,
};

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
