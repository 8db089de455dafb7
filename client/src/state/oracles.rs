//! Oracles, and what they ask.

use super::{as_address, as_hex, text};
use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::{runtime_types::pallet_oracles::types as oracles, storage, view_functions},
	view::view,
};
use serde::Serialize;
use subxt::utils::AccountId32;
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, PublicKey, VersionId};

/// An oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Oracle {
	/// Its account.
	#[serde(serialize_with = "as_address")]
	pub account: AccountBytes,
	/// What stands for its honesty, in planck.
	#[serde(with = "decimal")]
	pub bond: Balance,
	/// The part of it that is locked for recent settlements, in planck.
	#[serde(with = "decimal")]
	pub locked: Balance,
	/// The rest of it, in planck.
	#[serde(with = "decimal")]
	pub free: Balance,
	/// What of that can be locked for further settlements now, in planck: less where the oracle limits
	/// what it settles.
	#[serde(with = "decimal")]
	pub lockable: Balance,
	/// What is on its way out.
	pub unbonding: Vec<Unbonding>,
	/// The key that signs its receipts.
	#[serde(serialize_with = "as_hex")]
	pub receipt_key: PublicKey,
	/// The keys before it, for which it still answers.
	pub retired_keys: Vec<RetiredKey>,
	/// Where it serves.
	pub endpoint: String,
	/// Whether its bond is at least the minimum.
	pub active: bool,
}

/// A receipt key that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetiredKey {
	/// The key.
	#[serde(serialize_with = "as_hex")]
	pub key: PublicKey,
	/// The block in which it was replaced: what it signed says nothing of later settlements.
	pub retired_at: BlockNumber,
}

/// A part of a bond that is on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unbonding {
	/// The first block in which it can be withdrawn.
	pub ready_at: BlockNumber,
	/// How much, in planck.
	#[serde(with = "decimal")]
	pub amount: Balance,
}

impl Oracle {
	fn new(account: AccountBytes, from: oracles::OracleInfo) -> Self {
		let unbonding = from.unbonding.0.into_iter();
		Self {
			account,
			bond: from.bond,
			locked: from.locked,
			free: from.free,
			lockable: from.lockable,
			unbonding: unbonding
				.map(|part| Unbonding { ready_at: part.ready_at, amount: part.amount })
				.collect(),
			receipt_key: from.receipt_key,
			retired_keys: from
				.retired_keys
				.0
				.into_iter()
				.map(|retired| RetiredKey { key: retired.key, retired_at: retired.retired_at })
				.collect(),
			endpoint: text(from.endpoint.0),
			active: from.active,
		}
	}
}

/// What an oracle asks for a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ask {
	/// Who.
	#[serde(serialize_with = "as_address")]
	pub oracle: AccountBytes,
	/// For which version.
	pub version: VersionId,
	/// The price of a unit, in planck.
	#[serde(with = "decimal")]
	pub unit_price: Balance,
}

/// All oracles.
pub async fn oracles(at: &AtBlock) -> Result<Vec<Oracle>, ChainError> {
	let accounts = collect!(at, storage().oracles().oracles(), |(account,), _oracle| account.0);
	let mut oracles = Vec::with_capacity(accounts.len());
	for account in accounts {
		oracles.extend(oracle(at, &account).await?);
	}
	oracles.sort_by_key(|oracle| oracle.account);
	Ok(oracles)
}

/// An oracle.
pub async fn oracle(at: &AtBlock, account: &AccountBytes) -> Result<Option<Oracle>, ChainError> {
	let call = view_functions().oracles().oracle(AccountId32(*account));
	Ok(view(at, call).await?.map(|found| Oracle::new(*account, found)))
}

/// All asks, the cheapest of each version first.
pub async fn asks(at: &AtBlock) -> Result<Vec<Ask>, ChainError> {
	let address = storage().oracles().asks();
	let mut asks = collect!(at, address, |(oracle, version), unit_price| Ask {
		oracle: oracle.0,
		version,
		unit_price,
	});
	asks.sort_by_key(|ask| (ask.version, ask.unit_price, ask.oracle));
	Ok(asks)
}

/// What an oracle asks for a version.
pub async fn ask(
	at: &AtBlock,
	oracle: &AccountBytes,
	version: VersionId,
) -> Result<Option<Balance>, ChainError> {
	let call = view_functions().oracles().ask(AccountId32(*oracle), version);
	view(at, call).await
}
