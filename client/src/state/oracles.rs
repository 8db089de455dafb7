//! Oracles, and what they ask.

use super::{as_address, as_hex, text, Version};
use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::{
		runtime_types::pallet_oracles::{limit as on_chain, types as oracles},
		storage, view_functions,
	},
	view::view,
};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
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
	/// What limits that.
	pub settle_limit: SettleLimit,
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

/// The most that an oracle lets be settled within a challenge window. Amounts are in planck; none is
/// one that only the bond limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SettleLimit {
	/// What holds now.
	#[serde(serialize_with = "maybe_decimal")]
	pub present: Option<Balance>,
	/// A higher one to come.
	pub rise: Option<LimitRise>,
}

/// A limit to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LimitRise {
	/// The limit.
	#[serde(serialize_with = "maybe_decimal")]
	pub limit: Option<Balance>,
	/// The first block that it holds in.
	pub from: BlockNumber,
}

impl SettleLimit {
	/// As it is in block `now`: it rises without anything being written.
	fn new(from: on_chain::SettleLimit, now: BlockNumber) -> Self {
		match from.rise {
			Some(rise) if rise.from <= now => Self { present: rise.limit, rise: None },
			rise => Self {
				present: from.present,
				rise: rise.map(|rise| LimitRise { limit: rise.limit, from: rise.from }),
			},
		}
	}
}

fn maybe_decimal<S: Serializer>(amount: &Option<Balance>, to: S) -> Result<S::Ok, S::Error> {
	match amount {
		Some(amount) => decimal::serialize(amount, to),
		None => to.serialize_none(),
	}
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
	/// As it is in block `now`.
	fn new(account: AccountBytes, from: oracles::OracleInfo, now: BlockNumber) -> Self {
		let unbonding = from.unbonding.0.into_iter();
		Self {
			account,
			bond: from.bond,
			locked: from.locked,
			free: from.free,
			lockable: from.lockable,
			settle_limit: SettleLimit::new(from.settle_limit, now),
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
	let now = at.block_number() as BlockNumber;
	Ok(view(at, call).await?.map(|found| Oracle::new(*account, found, now)))
}

/// All asks for these versions that hold, the cheapest of each version first. One that a floor has risen
/// above counts as none, as it does on the chain and for the oracle.
pub async fn asks(at: &AtBlock, versions: &[Version]) -> Result<Vec<Ask>, ChainError> {
	let address = storage().oracles().asks();
	let asks = collect!(at, address, |(oracle, version), unit_price| Ask {
		oracle: oracle.0,
		version,
		unit_price,
	});
	Ok(holding(asks, versions))
}

fn holding(mut asks: Vec<Ask>, versions: &[Version]) -> Vec<Ask> {
	let floors: BTreeMap<VersionId, Balance> =
		versions.iter().map(|version| (version.version, version.floor_price)).collect();
	asks.retain(|ask| floors.get(&ask.version).is_some_and(|floor| ask.unit_price >= *floor));
	asks.sort_by_key(|ask| (ask.version, ask.unit_price, ask.oracle));
	asks
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

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_primitives::Meter;

	fn version(version: VersionId, floor_price: Balance) -> Version {
		Version {
			version,
			model: 4,
			manifest_hash: [2; 32],
			size: 10,
			licence: "MIT".into(),
			metadata_uri: String::new(),
			metadata_hash: [0; 32],
			meter: Meter::Request,
			floor_price,
			open: true,
			royalty: 0,
			tensor_root: None,
		}
	}

	#[test]
	fn an_ask_that_a_floor_has_risen_above_is_none() {
		let ask = |oracle, version, unit_price| Ask { oracle: [oracle; 32], version, unit_price };
		let asks = vec![ask(1, 8, 5), ask(1, 7, 9), ask(2, 7, 10), ask(3, 7, 12), ask(4, 7, 11)];
		let holding = holding(asks, &[version(7, 10), version(6, 1)]);
		assert_eq!(holding, [ask(2, 7, 10), ask(4, 7, 11), ask(3, 7, 12)], "8 is not asked about");
	}

	#[test]
	fn a_limit_rises_in_its_block() {
		let limit = |now| {
			let rise = Some(on_chain::LimitRise { limit: None, from: 100 });
			SettleLimit::new(on_chain::SettleLimit { present: Some(5), rise }, now)
		};
		let rise = Some(LimitRise { limit: None, from: 100 });
		assert_eq!(limit(99), SettleLimit { present: Some(5), rise });
		assert_eq!(limit(100), SettleLimit { present: None, rise: None });
		let json = serde_json::to_value(limit(99)).unwrap();
		assert_eq!(json["present"], "5");
		assert!(json["rise"]["limit"].is_null());
	}
}
