//! The parts of a block, as its author makes them, and what is in it.

use anyhow::{anyhow, ensure, Result};
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	traits::{BlakeTwo256, Header as _},
	ApplyExtrinsicResult, Digest, DigestItem, ExtrinsicInclusionMode, StateVersion,
};
use sp_state_machine::{Backend, StorageChanges};
use usufruct_runtime::{
	AccountId, BlockNumber, Hash, Header, RuntimeCall, System, UncheckedExtrinsic, SLOT_DURATION,
};
use usufruct_tests::transactions;

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

/// Signs a call as wallets do: extrinsic version 4.
pub fn sign<B: Backend<BlakeTwo256>>(
	state: &B,
	who: &sr25519::Pair,
	call: RuntimeCall,
) -> Result<UncheckedExtrinsic> {
	let account = AccountId::from(who.public());
	read(state, &mut Overlay::default(), || {
		transactions::signed(who, System::account_nonce(&account), call)
	})
}
