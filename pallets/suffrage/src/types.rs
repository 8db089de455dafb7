//! What governs polls, and what people propose together.

use frame_support::{stored, traits::schedule::DispatchTime};
use usufruct_primitives::{BlockNumber, EpochIndex, PersonId, DAYS};

/// The number of a poll: its index in `pallet-referenda`.
pub type PollIndex = u32;
/// The number of a proposal that people sign together: 0, 1, 2, …
pub type ProposalId = u32;

/// What governs every poll. Given at genesis; no call changes it, so that no majority can make
/// itself easier to reach. A new runtime can.
#[stored]
#[derive(Copy)]
pub struct Constitution {
	/// No poll is submitted while fewer people than this shared in the last closed epoch.
	pub min_electorate: u32,
	/// How many epochs before a poll's snapshot a voter must have begun to share.
	pub seasoning: u32,
	/// How many people must sign a proposal for it to be submitted without anybody's deposit.
	pub cosigners: u32,
	/// How many blocks a day of voting has. A chain for trying things out has shorter ones.
	pub day: BlockNumber,
}

impl Default for Constitution {
	fn default() -> Self {
		Self { min_electorate: 1_000, seasoning: 4, cosigners: 100, day: DAYS }
	}
}

impl Constitution {
	/// Whether it can be worked with.
	pub fn check(&self) -> Result<(), &'static str> {
		let within = |ok: bool, problem| if ok { Ok(()) } else { Err(problem) };
		within(self.min_electorate >= 1, "min_electorate is at least 1")?;
		within(self.seasoning <= 104, "seasoning is at most 104 epochs")?;
		within(self.cosigners >= 1, "cosigners is at least 1")?;
		within((1..=DAYS).contains(&self.day), "day is 1 block to 24 hours")
	}
}

/// What somebody wants a poll on, with too little money for its deposits: others sign it too.
#[stored(no_skip_type_params)]
pub struct Proposal<Origin, Call, Moment> {
	/// Who proposed it; also the first to sign.
	pub proposer: PersonId,
	/// The origin that the call is to have, and so the track.
	pub origin: Origin,
	/// What is to be done.
	pub call: Call,
	/// When it is to be done, if approved.
	pub enactment: DispatchTime<Moment>,
	/// The block it was made in.
	pub opened: BlockNumber,
	/// The last block in which it can be signed and submitted.
	pub closes: BlockNumber,
	/// The last epoch that was closed when it was made; whoever signs must have shared in it.
	pub snapshot_epoch: EpochIndex,
	/// How many signatures of people are stored.
	pub signed: u32,
	/// The poll it became.
	pub poll: Option<PollIndex>,
}
