//! Recognised people.

use super::as_address;
use crate::{
	chain::{AtBlock, ChainError},
	runtime::{storage, view_functions},
	view::view,
};
use serde::Serialize;
use subxt::utils::AccountId32;
use usufruct_primitives::{AccountBytes, BlockNumber, DomainId, EpochIndex, Hash, PersonId};

/// A recognised person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
	/// Its id.
	pub person: PersonId,
	/// Its account.
	#[serde(serialize_with = "as_address")]
	pub account: AccountBytes,
	/// What the attestations of its next action must carry.
	pub nonce: u32,
	/// Whether recognition was withdrawn.
	pub revoked: bool,
	/// The first epoch it shares in.
	pub from: EpochIndex,
	/// The last.
	pub until: EpochIndex,
	/// The dispute that freezes it, if there is one.
	pub frozen_by: Option<u32>,
	/// Whether so many of its verifiers are suspended that others must attest it before it can claim.
	pub needs_attestation: bool,
	/// Whether it may claim now.
	pub may_claim: bool,
}

/// The person behind an account.
pub async fn person(at: &AtBlock, account: &AccountBytes) -> Result<Option<Person>, ChainError> {
	let call = view_functions().personhood().person(AccountId32(*account));
	Ok(view(at, call).await?.map(|found| Person {
		person: found.person,
		account: found.account.0,
		nonce: found.nonce,
		revoked: found.revoked,
		from: found.from,
		until: found.until,
		frozen_by: found.frozen_by,
		needs_attestation: found.needs_attestation,
		may_claim: found.may_claim,
	}))
}

/// A person by its id.
pub async fn person_by_id(at: &AtBlock, person: PersonId) -> Result<Option<Person>, ChainError> {
	let entry = at.storage().entry(storage().personhood().people())?;
	match entry.try_fetch((person,)).await? {
		Some(record) => self::person(at, &record.decode()?.account.0).await,
		None => Ok(None),
	}
}

/// How many people are recognised.
pub async fn people(at: &AtBlock) -> Result<u32, ChainError> {
	view(at, view_functions().personhood().people()).await
}

/// Whom a domain knows by a nullifier; also a person that was removed.
pub async fn holder(
	at: &AtBlock,
	domain: DomainId,
	nullifier: &Hash,
) -> Result<Option<PersonId>, ChainError> {
	let entry = at.storage().entry(storage().personhood().nullifiers())?;
	match entry.try_fetch((domain, *nullifier)).await? {
		Some(person) => Ok(Some(person.decode()?)),
		None => Ok(None),
	}
}

/// A person on its way to another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
	/// The account it will have.
	pub account: AccountBytes,
	/// The first block in which it can be completed, and no more be vetoed.
	pub ready_at: BlockNumber,
}

/// The recovery of a person that is pending.
pub async fn recovery(at: &AtBlock, person: PersonId) -> Result<Option<Recovery>, ChainError> {
	let call = view_functions().personhood().recovery(person);
	let found = view(at, call).await?;
	Ok(found.map(|found| Recovery { account: found.account.0, ready_at: found.ready_at }))
}
