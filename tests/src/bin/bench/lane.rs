//! How many claims a block takes that has nothing else in it.

use anyhow::{ensure, Context, Result};
use pallet_free_lane::Used;
use sp_runtime::{
	traits::BlakeTwo256,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult,
};
use sp_state_machine::Backend;
use usufruct_runtime::{BlockNumber, FreeLane, Hash, Runtime, RuntimeCall};
use usufruct_tests::transactions;

use crate::{
	blob::{read, Blob, Overlay},
	blocks,
};

/// The claims in a block.
#[derive(Clone, Copy)]
pub struct Filled {
	/// How many there are.
	pub claims: u32,
	/// Whether the lane was full, or everybody had claimed.
	pub full: bool,
	/// For how many there is room in the lane, by what those weigh that are there.
	pub room: u64,
}

/// Claims for one person after the other until the lane is full, or everybody has claimed.
pub fn fill<B: Backend<BlakeTwo256>>(
	blob: &Blob,
	state: &B,
	parent: Hash,
	number: BlockNumber,
	people: u32,
) -> Result<Filled> {
	let no_room: ApplyExtrinsicResult =
		Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources));
	let mut overlay = Overlay::default();
	blocks::begin(blob, state, &mut overlay, number, parent)?;
	blocks::apply(blob, state, &mut overlay, &blocks::timestamp(number))?;
	let (mut claims, mut full) = (0, false);
	for person in 0..people {
		let call = pallet_dividend::Call::<Runtime>::claim_for { person };
		let claim = transactions::general(RuntimeCall::from(call));
		let applied: ApplyExtrinsicResult =
			blob.call(state, &mut overlay, "BlockBuilder_apply_extrinsic", &claim)?;
		full = applied == no_room;
		if full {
			break;
		}
		ensure!(applied == Ok(Ok(())), "the claim for {person} came to {applied:?}");
		claims += 1;
	}
	let (used, limit) = read(state, &mut overlay, || (Used::<Runtime>::get(), FreeLane::limit()));
	let each = used.checked_div(claims.into()).context("there is no claim in the block")?;
	let room = limit.checked_div_per_component(&each).context("claims weigh nothing")?;
	ensure!(!full || room == u64::from(claims), "{claims} claims filled room for {room}");
	Ok(Filled { claims, full, room })
}
