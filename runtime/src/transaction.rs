//! What a transaction is made of.

use crate::{Address, Nonce, Runtime, RuntimeCall, Signature};
use sp_runtime::generic;

/// What every transaction carries beside its call.
///
/// All but the standard ones encode to nothing, or injected wallets would refuse to sign. What is
/// free is kept in its lane, and skips the payment. The metadata's digest is only checked when a
/// wallet asks for it, and only in blobs built with feature `metadata-hash`.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_free_lane::CheckFreeLane<
		Runtime,
		pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// A transaction or inherent, not yet checked.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What the signature of a transaction is made over.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// What a transaction carries that is valid for ever, gives no tip, and was not checked against the
/// metadata.
pub fn extension(nonce: Nonce) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(generic::Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}
