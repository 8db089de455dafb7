//! Polls, and what people propose together.

use crate::{
	chain::{AtBlock, ChainError},
	runtime::{
		runtime_types::{
			frame_support::traits::preimages::Bounded, pallet_referenda::types::ReferendumInfo,
			pallet_suffrage::origins::Origin, usufruct_runtime::OriginCaller,
		},
		storage, view_functions,
	},
	view::view,
};
use serde::Serialize;
use subxt::utils::AccountId32;
use usufruct_primitives::{AccountBytes, BlockNumber, EpochIndex, PersonId};

/// The tracks, by the number that also their origins have.
pub const TRACKS: [&str; 8] =
	["parameters", "grants", "verifiers", "licences", "validators", "upgrade", "pause", "disputes"];

/// How far a poll is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PollState {
	/// It waits for its decision deposit, or its time to be decided.
	Preparing,
	/// It can begin to pass.
	Deciding,
	/// It passes, and must go on passing.
	Confirming,
	/// It was approved.
	Approved,
	/// It was rejected.
	Rejected,
	/// It was withdrawn.
	Cancelled,
	/// Its decision deposit did not come in time.
	TimedOut,
}

impl PollState {
	/// The word for it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Preparing => "preparing",
			Self::Deciding => "deciding",
			Self::Confirming => "confirming",
			Self::Approved => "approved",
			Self::Rejected => "rejected",
			Self::Cancelled => "cancelled",
			Self::TimedOut => "timed out",
		}
	}
}

/// The votes of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
	/// How many people are for it.
	pub ayes: u32,
	/// How many people are against it.
	pub nays: u32,
	/// How many people could vote.
	pub electorate: u32,
	/// The epoch in which a voter must have shared.
	pub snapshot_epoch: EpochIndex,
}

impl Tally {
	/// The ayes among the votes, in parts of ten thousand.
	pub fn approval(&self) -> u32 {
		parts(self.ayes, u64::from(self.ayes) + u64::from(self.nays))
	}

	/// The ayes among the electorate, in parts of ten thousand.
	pub fn support(&self) -> u32 {
		parts(self.ayes, self.electorate.into())
	}
}

/// A part of a whole in parts of ten thousand, rounded down; 0 of nothing.
fn parts(part: u32, whole: u64) -> u32 {
	let parts = u64::from(part) * 10_000;
	parts.checked_div(whole).and_then(|parts| parts.try_into().ok()).unwrap_or(0)
}

/// A poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Poll {
	/// Its number.
	pub poll: u32,
	/// How far it is.
	pub state: PollState,
	/// Since which block it is that far.
	pub since: BlockNumber,
	/// The track, while it goes on.
	pub track: Option<&'static str>,
	/// The votes, while it goes on.
	pub tally: Option<Tally>,
	/// What is to be done, encoded, if it is short enough to stand in the poll itself.
	#[serde(serialize_with = "as_hex")]
	pub call: Option<Vec<u8>>,
}

fn as_hex<S: serde::Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
	bytes.as_ref().map(crate::output::hex0x).serialize(to)
}

/// All polls, by number.
pub async fn polls(at: &AtBlock) -> Result<Vec<Poll>, ChainError> {
	let mut rows = at.storage().iter(storage().referenda().referendum_info_for(), ()).await?;
	let mut polls = Vec::new();
	while let Some(row) = rows.next().await {
		let row = row?;
		let (poll,) = row.key()?.decode()?;
		let ended =
			|state, since| Poll { poll, state, since, track: None, tally: None, call: None };
		polls.push(match row.value().decode()? {
			ReferendumInfo::Ongoing(status) => Poll {
				poll,
				state: match &status.deciding {
					None => PollState::Preparing,
					Some(deciding) if deciding.confirming.is_some() => PollState::Confirming,
					Some(_) => PollState::Deciding,
				},
				since: status.deciding.as_ref().map_or(status.submitted, |it| it.since),
				track: TRACKS.get(usize::from(status.track)).copied(),
				tally: Some(Tally {
					ayes: status.tally.ayes,
					nays: status.tally.nays,
					electorate: status.tally.electorate,
					snapshot_epoch: status.tally.snapshot_epoch,
				}),
				call: match status.proposal {
					Bounded::Inline(call) => Some(call.0),
					_ => None,
				},
			},
			ReferendumInfo::Approved(since, ..) => ended(PollState::Approved, since),
			ReferendumInfo::Rejected(since, ..) => ended(PollState::Rejected, since),
			ReferendumInfo::Cancelled(since, ..) | ReferendumInfo::Killed(since) => {
				ended(PollState::Cancelled, since)
			},
			ReferendumInfo::TimedOut(since, ..) => ended(PollState::TimedOut, since),
		});
	}
	polls.sort_by_key(|poll| poll.poll);
	Ok(polls)
}

/// Whether a vote by this account would succeed now.
pub async fn can_vote(
	at: &AtBlock,
	poll: u32,
	account: &AccountBytes,
	aye: bool,
) -> Result<bool, ChainError> {
	view(at, view_functions().suffrage().can_vote(poll, AccountId32(*account), aye)).await
}

/// How a person voted: whether for it.
pub async fn vote_of(
	at: &AtBlock,
	poll: u32,
	person: PersonId,
) -> Result<Option<bool>, ChainError> {
	view(at, view_functions().suffrage().vote_of(poll, person)).await
}

/// The last closed epoch and how many people shared in it, if a poll can be submitted now.
pub async fn electorate(at: &AtBlock) -> Result<Option<(EpochIndex, u32)>, ChainError> {
	view(at, view_functions().suffrage().electorate()).await
}

/// What somebody wants a poll on, for others to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
	/// Its number.
	pub proposal: u32,
	/// Who proposed it.
	pub proposer: PersonId,
	/// The track.
	pub track: Option<&'static str>,
	/// How many people have signed it.
	pub signed: u32,
	/// How many must.
	pub needed: u32,
	/// The last block in which it can be signed and submitted.
	pub closes: BlockNumber,
	/// The poll it became.
	pub poll: Option<u32>,
	/// What is to be done, encoded, if it is short.
	#[serde(serialize_with = "as_hex")]
	pub call: Option<Vec<u8>>,
}

/// All proposals, by number.
pub async fn proposals(at: &AtBlock) -> Result<Vec<Proposal>, ChainError> {
	let needed = view(at, view_functions().suffrage().constitution()).await?.cosigners;
	let mut rows = at.storage().iter(storage().suffrage().proposals(), ()).await?;
	let mut proposals = Vec::new();
	while let Some(row) = rows.next().await {
		let row = row?;
		let (proposal,) = row.key()?.decode()?;
		let found = row.value().decode()?;
		proposals.push(Proposal {
			proposal,
			proposer: found.proposer,
			track: match found.origin {
				OriginCaller::Suffrage(origin) => TRACKS.get(track(&origin)).copied(),
				_ => None,
			},
			signed: found.signed,
			needed,
			closes: found.closes,
			poll: found.poll,
			call: match found.call {
				Bounded::Inline(call) => Some(call.0),
				_ => None,
			},
		});
	}
	proposals.sort_by_key(|proposal| proposal.proposal);
	Ok(proposals)
}

fn track(origin: &Origin) -> usize {
	match origin {
		Origin::Parameters => 0,
		Origin::Grants => 1,
		Origin::Verifiers => 2,
		Origin::Licences => 3,
		Origin::Validators => 4,
		Origin::Upgrade => 5,
		Origin::Pause => 6,
		Origin::Disputes => 7,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn shares_are_of_votes_and_of_people() {
		let tally = |ayes, nays, electorate| Tally { ayes, nays, electorate, snapshot_epoch: 1 };
		assert_eq!((tally(1, 2, 10).approval(), tally(1, 2, 10).support()), (3_333, 1_000));
		assert_eq!((tally(0, 0, 0).approval(), tally(0, 0, 0).support()), (0, 0));
		assert_eq!(tally(u32::MAX, 0, u32::MAX).approval(), 10_000);
	}
}
