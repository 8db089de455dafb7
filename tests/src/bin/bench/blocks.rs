//! The parts of a block, as its author makes them, and what is in it.

use anyhow::{anyhow, ensure, Result};
use codec::Encode;
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	generic::Era,
	traits::{BlakeTwo256, Header as _},
	ApplyExtrinsicResult, Digest, DigestItem, ExtrinsicInclusionMode, StateVersion,
};
use sp_state_machine::{Backend, StorageChanges};
use usufruct_runtime::{
	AccountId, BlockNumber, Hash, Header, Nonce, RuntimeCall, SignedPayload, System, TxExtension,
	UncheckedExtrinsic, SLOT_DURATION,
};

use crate::blob::{read, Blob, Overlay};

/// The slot of block 0; only has to be in the past of all others.
const FIRST_SLOT: u64 = 1_000_000;

fn slot(number: BlockNumber) -> u64 {
	FIRST_SLOT + u64::from(number)
}

/// Begins a block of the one validator there is: all that happens before its first transaction.
pub fn begin<B: Backend<BlakeTwo256>>(
	blob: &Blob,
	state: &B,
	overlay: &mut Overlay,
	number: BlockNumber,
	parent: Hash,
) -> Result<()> {
	let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
		authority_index: 0,
		slot: slot(number).into(),
	});
	let digest = Digest { logs: vec![DigestItem::babe_pre_digest(pre_digest)] };
	let header = Header::new(number, Default::default(), Default::default(), parent, digest);
	let _: ExtrinsicInclusionMode = blob.call(state, overlay, "Core_initialize_block", header)?;
	Ok(())
}

/// Applies a transaction, which must be valid and succeed.
pub fn apply<B: Backend<BlakeTwo256>>(
	blob: &Blob,
	state: &B,
	overlay: &mut Overlay,
	transaction: &UncheckedExtrinsic,
) -> Result<()> {
	let applied: ApplyExtrinsicResult =
		blob.call(state, overlay, "BlockBuilder_apply_extrinsic", transaction)?;
	ensure!(applied == Ok(Ok(())), "a transaction came to {applied:?}");
	Ok(())
}

/// What every block says first: its time.
pub fn timestamp(number: BlockNumber) -> UncheckedExtrinsic {
	let call = pallet_timestamp::Call::set { now: slot(number) * SLOT_DURATION };
	UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(call))
}

/// A whole block without transactions; returns what it changes.
pub fn build<B: Backend<BlakeTwo256>>(
	blob: &Blob,
	state: &B,
	number: BlockNumber,
	parent: Hash,
) -> Result<StorageChanges<BlakeTwo256>> {
	let mut overlay = Overlay::default();
	begin(blob, state, &mut overlay, number, parent)?;
	apply(blob, state, &mut overlay, &timestamp(number))?;
	let _: Header = blob.call(state, &mut overlay, "BlockBuilder_finalize_block", ())?;
	overlay.drain_storage_changes(state, StateVersion::V1).map_err(|error| anyhow!(error))
}

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

/// Signs a call as wallets do: extrinsic version 4.
pub fn sign<B: Backend<BlakeTwo256>>(
	state: &B,
	who: &sr25519::Pair,
	call: RuntimeCall,
) -> Result<UncheckedExtrinsic> {
	let account = AccountId::from(who.public());
	let payload = read(state, &mut Overlay::default(), || {
		SignedPayload::new(call, extension(System::account_nonce(&account)))
	})
	.map_err(|error| anyhow!("the call cannot be signed: {error:?}"))?;
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	Ok(UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension))
}
