//! Bounties: what the commons fund pays for work that is still to be done.

use super::{as_address, as_hex, text};
use crate::{
	chain::{AtBlock, ChainError},
	keys,
	runtime::{
		runtime_types::{
			pallet_multi_asset_bounties::BountyStatus as OnChain, pallet_preimage::RequestStatus,
			usufruct_runtime::configs::bounties::Payee as PayeeOnChain,
		},
		storage,
	},
};
use serde::{Serialize, Serializer};
use subxt::utils::{AccountId32, H256};
use usufruct_primitives::{AccountBytes, Balance, Hash, VersionId};

/// How far a bounty is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BountyState {
	/// The money was sent to it; somebody has to look whether it arrived.
	Funding,
	/// It waits for its curator to accept.
	Proposed,
	/// It has no curator.
	WithoutCurator,
	/// Its curator is at work.
	Active,
	/// It was closed; somebody has to look whether the money arrived.
	Closing,
	/// It was awarded; somebody has to look whether the money arrived.
	Awarded,
}

impl BountyState {
	/// The words for it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Funding => "funding",
			Self::Proposed => "waits for its curator",
			Self::WithoutCurator => "without curator",
			Self::Active => "active",
			Self::Closing => "closing",
			Self::Awarded => "awarded",
		}
	}

	/// Whether a payment was made that nobody has looked at yet.
	pub fn is_unchecked(self) -> bool {
		matches!(self, Self::Funding | Self::Closing | Self::Awarded)
	}
}

/// Whom a bounty pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Payee {
	/// An account.
	Account(#[serde(serialize_with = "as_address")] AccountBytes),
	/// The contributors of a version of a model.
	Version(VersionId),
}

impl From<Payee> for PayeeOnChain {
	fn from(payee: Payee) -> Self {
		match payee {
			Payee::Account(account) => Self::Account(AccountId32(account)),
			Payee::Version(version) => Self::Version(version),
		}
	}
}

impl From<PayeeOnChain> for Payee {
	fn from(payee: PayeeOnChain) -> Self {
		match payee {
			PayeeOnChain::Account(account) => Self::Account(account.0),
			PayeeOnChain::Version(version) => Self::Version(version),
		}
	}
}

impl std::fmt::Display for Payee {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::Account(account) => f.write_str(&keys::address(account)),
			Self::Version(version) => write!(f, "contributors of version {version}"),
		}
	}
}

/// A bounty, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bounty {
	/// Its number.
	pub bounty: u32,
	/// Which part of it; none if this is the whole.
	pub part: Option<u32>,
	/// How far it is.
	pub state: BountyState,
	/// What it was funded with, in planck.
	#[serde(with = "crate::decimal")]
	pub value: Balance,
	/// What of that is not given to its parts, in planck.
	#[serde(with = "crate::decimal")]
	pub left: Balance,
	/// Who decides whom it pays, or is to.
	#[serde(serialize_with = "maybe_address")]
	pub curator: Option<AccountBytes>,
	/// Whom it has paid.
	pub payee: Option<Payee>,
	/// By which what is to be done is noted on the chain.
	#[serde(serialize_with = "as_hex")]
	pub text_hash: Hash,
	/// What is to be done, if it is text and still noted.
	pub text: Option<String>,
}

fn maybe_address<S: Serializer>(account: &Option<AccountBytes>, to: S) -> Result<S::Ok, S::Error> {
	account.as_ref().map(keys::address).serialize(to)
}

/// How far it is, who its curator is, and whom it has paid.
fn standing<Id>(
	status: OnChain<AccountId32, Id, PayeeOnChain>,
) -> (BountyState, Option<AccountBytes>, Option<Payee>) {
	match status {
		OnChain::FundingAttempted { curator, .. } => (BountyState::Funding, Some(curator.0), None),
		OnChain::Funded { curator } => (BountyState::Proposed, Some(curator.0), None),
		OnChain::CuratorUnassigned => (BountyState::WithoutCurator, None, None),
		OnChain::Active { curator } => (BountyState::Active, Some(curator.0), None),
		OnChain::RefundAttempted { curator, .. } => {
			(BountyState::Closing, curator.map(|curator| curator.0), None)
		},
		OnChain::PayoutAttempted { curator, beneficiary, .. } => {
			(BountyState::Awarded, Some(curator.0), Some(beneficiary.into()))
		},
	}
}

/// All bounties, each followed by its parts, by number.
pub async fn bounties(at: &AtBlock) -> Result<Vec<Bounty>, ChainError> {
	let mut found = Vec::new();
	let mut rows = at.storage().iter(storage().bounties().bounties(), ()).await?;
	while let Some(row) = rows.next().await {
		let row = row?;
		let (bounty,) = row.key()?.decode()?;
		let it = row.value().decode()?;
		let given = at.storage().entry(storage().bounties().child_bounties_value_per_parent())?;
		let given: Balance = match given.try_fetch((bounty,)).await? {
			Some(given) => given.decode()?,
			None => 0,
		};
		let (state, curator, payee) = standing(it.status);
		let left = it.value.saturating_sub(given);
		let (value, text_hash) = (it.value, it.metadata.0);
		let text = noted(at, text_hash).await?;
		let part = None;
		found.push(Bounty { bounty, part, state, value, left, curator, payee, text_hash, text });
	}
	let mut rows = at.storage().iter(storage().bounties().child_bounties(), ()).await?;
	while let Some(row) = rows.next().await {
		let row = row?;
		let (bounty, part) = row.key()?.decode()?;
		let it = row.value().decode()?;
		let (state, curator, payee) = standing(it.status);
		let (value, text_hash) = (it.value, it.metadata.0);
		let text = noted(at, text_hash).await?;
		let (part, left) = (Some(part), value);
		found.push(Bounty { bounty, part, state, value, left, curator, payee, text_hash, text });
	}
	found.sort_by_key(|it| (it.bounty, it.part));
	Ok(found)
}

/// A bounty, or a part of one.
pub async fn bounty(
	at: &AtBlock,
	bounty: u32,
	part: Option<u32>,
) -> Result<Option<Bounty>, ChainError> {
	let all = bounties(at).await?;
	Ok(all.into_iter().find(|it| (it.bounty, it.part) == (bounty, part)))
}

/// Whether something of that hash is noted, and how long it is.
pub async fn noted_length(at: &AtBlock, hash: Hash) -> Result<Option<u32>, ChainError> {
	let entry = at.storage().entry(storage().preimage().request_status_for())?;
	Ok(match entry.try_fetch((H256(hash),)).await? {
		None => None,
		Some(status) => match status.decode()? {
			RequestStatus::Unrequested { len, .. } => Some(len),
			RequestStatus::Requested { maybe_len, .. } => maybe_len,
		},
	})
}

/// The text of that hash, if it is noted and is text.
async fn noted(at: &AtBlock, hash: Hash) -> Result<Option<String>, ChainError> {
	let Some(len) = noted_length(at, hash).await? else { return Ok(None) };
	let entry = at.storage().entry(storage().preimage().preimage_for())?;
	Ok(match entry.try_fetch(((H256(hash), len),)).await? {
		Some(bytes) => Some(text(bytes.decode()?.0)),
		None => None,
	})
}
