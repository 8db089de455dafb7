//! Grants of the commons fund that were approved and wait to be paid.

use super::as_address;
use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::{runtime_types::pallet_treasury::PaymentState, storage},
};
use serde::Serialize;
use usufruct_primitives::{AccountBytes, Balance, BlockNumber};

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
	/// Its number.
	pub grant: u32,
	/// Who is paid.
	#[serde(serialize_with = "as_address")]
	pub to: AccountBytes,
	/// How much, in planck.
	#[serde(with = "decimal")]
	pub amount: Balance,
	/// The first block in which it can be paid.
	pub from: BlockNumber,
	/// The first block in which it cannot be paid any more.
	pub until: BlockNumber,
	/// Whether it was paid, and only has to leave the state.
	pub paid: bool,
}

/// All grants, by number.
pub async fn grants(at: &AtBlock) -> Result<Vec<Grant>, ChainError> {
	let address = storage().treasury().spends();
	let mut grants = collect!(at, address, |(grant,), spend| Grant {
		grant,
		to: spend.beneficiary.0,
		amount: spend.amount,
		from: spend.valid_from,
		until: spend.expire_at,
		paid: matches!(spend.status, PaymentState::Attempted { .. }),
	});
	grants.sort_by_key(|grant| grant.grant);
	Ok(grants)
}
