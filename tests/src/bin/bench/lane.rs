//! How many claims a block takes that has nothing else in it.

use anyhow::{ensure, Result};
use sp_runtime::{
	traits::BlakeTwo256,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult,
};
use sp_state_machine::Backend;
use usufruct_runtime::{BlockNumber, Hash, Runtime, RuntimeCall};
use usufruct_tests::transactions;

use crate::{
	blob::{Blob, Overlay},
	blocks,
};

/// Claims for one person after the other until the lane is full, or everybody has claimed. How many
/// claims that were, and whether the lane was full.
pub fn fill<B: Backend<BlakeTwo256>>(
	blob: &Blob,
	state: &B,
	parent: Hash,
	number: BlockNumber,
	people: u32,
) -> Result<(u32, bool)> {
	let full: ApplyExtrinsicResult =
		Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources));
	let mut overlay = Overlay::default();
	blocks::begin(blob, state, &mut overlay, number, parent)?;
	blocks::apply(blob, state, &mut overlay, &blocks::timestamp(number))?;
	for person in 0..people {
		let call = pallet_dividend::Call::<Runtime>::claim_for { person };
		let claim = transactions::general(RuntimeCall::from(call));
		let applied: ApplyExtrinsicResult =
			blob.call(state, &mut overlay, "BlockBuilder_apply_extrinsic", &claim)?;
		if applied == full {
			return Ok((person, true));
		}
		ensure!(applied == Ok(Ok(())), "the claim for {person} came to {applied:?}");
	}
	Ok((people, false))
}
