//! The dividend: its epochs, where it is paid, and its programmes.

use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::view_functions,
	view::view,
};
use serde::Serialize;
use subxt::utils::AccountId32;
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, EpochIndex, Region};

/// The dividend's open epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenEpoch {
	/// Its number.
	pub index: EpochIndex,
	/// The block that opened it.
	pub opened_at: BlockNumber,
	/// The first block that may close it.
	pub closes_at: BlockNumber,
	/// What the pot holds, in planck.
	#[serde(with = "decimal")]
	pub pot: Balance,
	/// What of it is promised, in planck.
	#[serde(with = "decimal")]
	pub liability: Balance,
	/// How many people share in it.
	pub active: u32,
	/// By how many the pot is divided at least.
	pub min_people: u32,
	/// For how many epochs an epoch can be claimed.
	pub claim_window: u32,
}

/// The dividend's open epoch.
pub async fn epoch(at: &AtBlock) -> Result<OpenEpoch, ChainError> {
	let epoch = view(at, view_functions().dividend().epoch()).await?;
	Ok(OpenEpoch {
		index: epoch.index,
		opened_at: epoch.opened_at,
		closes_at: epoch.closes_at,
		pot: epoch.pot,
		liability: epoch.liability,
		active: epoch.active,
		min_people: epoch.min_people,
		claim_window: epoch.claim_window,
	})
}

/// What a closed epoch was worth to each person, in planck, and how many shared in it.
pub async fn closed_epoch(
	at: &AtBlock,
	index: EpochIndex,
) -> Result<Option<(Balance, u32)>, ChainError> {
	let call = view_functions().dividend().closed_epoch(index);
	Ok(view(at, call).await?.map(|epoch| (epoch.per_head, epoch.eligible)))
}

/// What an account can claim of the dividend now, in planck.
pub async fn claimable(at: &AtBlock, account: &AccountBytes) -> Result<Balance, ChainError> {
	let call = view_functions().dividend().claimable(AccountId32(*account));
	view(at, call).await
}

/// The first block in which claims work again, if they are paused.
pub async fn paused_until(at: &AtBlock) -> Result<Option<BlockNumber>, ChainError> {
	view(at, view_functions().dividend().paused_until()).await
}

/// Where a person's dividend is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
	/// The account that is paid now.
	pub account: AccountBytes,
	/// The account that is paid from an epoch on, if that is to change; none for the person's own.
	pub next: Option<(Option<AccountBytes>, EpochIndex)>,
}

/// Where the dividend of an account's person is paid.
pub async fn payout(at: &AtBlock, account: &AccountBytes) -> Result<Option<Payout>, ChainError> {
	let call = view_functions().dividend().payout(AccountId32(*account));
	let found = view(at, call).await?;
	Ok(found.map(|(account, change)| Payout {
		account: account.0,
		next: change.map(|change| (change.account.map(|account| account.0), change.from)),
	}))
}

/// A part of the dividend for some people, and what came of it until now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Programme {
	/// Its number.
	pub programme: u32,
	/// Its part of what flows in, in parts per million.
	pub share: u32,
	/// Who may join: whom a verifier of one of these classes attested; everybody if there is none.
	pub classes: Vec<String>,
	/// Where those who may join live; anywhere if there is none.
	pub regions: Vec<Region>,
	/// The first epoch it shares out.
	pub from: EpochIndex,
	/// The last one.
	pub until: EpochIndex,
	/// By how many people it is divided at least.
	pub min_people: u32,
	/// Whether something of it may still be claimed, now or later.
	pub running: bool,
	/// How often somebody joined.
	pub joined: u32,
	/// How often somebody stayed longer.
	pub extended: u32,
	/// How many left it because they share in the dividend no more.
	pub left: u32,
	/// How many claims there were.
	pub claims: u32,
	/// What flowed into it, in planck.
	#[serde(with = "decimal")]
	pub received: Balance,
	/// What was claimed of that, or put aside for who was frozen, in planck.
	#[serde(with = "decimal")]
	pub paid: Balance,
	/// What went back to all people, in planck.
	#[serde(with = "decimal")]
	pub returned: Balance,
}

impl Programme {
	/// What part of what flowed in its people took, in hundredths of a per cent; none if nothing flowed
	/// in.
	pub fn used(&self) -> Option<u32> {
		let parts = self.paid.checked_mul(10_000)?.checked_div(self.received)?;
		u32::try_from(parts).ok()
	}
}

/// All programmes there ever were, the oldest first.
pub async fn programmes(at: &AtBlock) -> Result<Vec<Programme>, ChainError> {
	let running = view(at, view_functions().dividend().programmes()).await?;
	let count = view(at, view_functions().dividend().programme_count()).await?;
	let mut programmes = Vec::new();
	for programme in 0..count {
		let Some(found) = view(at, view_functions().dividend().programme(programme)).await? else {
			continue;
		};
		let (terms, outcome) = (found.terms, found.outcome);
		programmes.push(Programme {
			programme,
			share: terms.share,
			classes: terms.classes.0.iter().map(|class| format!("{:?}", class.0)).collect(),
			regions: terms.regions.0,
			from: terms.from,
			until: terms.until,
			min_people: terms.min_people,
			running: running.contains(&programme),
			joined: outcome.joined,
			extended: outcome.extended,
			left: outcome.left,
			claims: outcome.claims,
			received: outcome.received,
			paid: outcome.paid,
			returned: outcome.returned,
		});
	}
	Ok(programmes)
}
