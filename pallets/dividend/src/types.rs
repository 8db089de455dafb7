//! What the dividend stores, and what it shows.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use usufruct_primitives::{Balance, BlockNumber, EpochIndex, DAYS};

/// What governs epochs.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Parameters {
	/// Length of an epoch, in blocks; a change applies from the next epoch on.
	pub epoch_length: BlockNumber,
	/// For how many epochs after its own an epoch can be claimed.
	pub claim_window: u32,
	/// For how many epochs a recognition lasts.
	pub term: u32,
	/// The least a share may be, in planck; below it everything is carried.
	pub min_per_head: Balance,
	/// The pot is divided by at least this number, so that the first few do not take all.
	pub min_people: u32,
}

impl Parameters {
	/// What is used where nothing was set.
	pub const fn defaults(existential_deposit: Balance) -> Self {
		Self {
			epoch_length: 7 * DAYS,
			claim_window: 26,
			term: 52,
			min_per_head: existential_deposit,
			min_people: 1_000,
		}
	}

	/// Whether all of them can be worked with. The lower bounds are those of a chain for
	/// development, whose epochs last minutes; the upper ones hold for every chain, and bound the
	/// number of rows that are kept.
	pub fn check(&self, existential_deposit: Balance) -> Result<(), &'static str> {
		let within = |ok: bool, problem| if ok { Ok(()) } else { Err(problem) };
		within((1..=31 * DAYS).contains(&self.epoch_length), "epoch_length is 1 block to 31 days")?;
		within((1..=104).contains(&self.claim_window), "claim_window is 1 to 104 epochs")?;
		within((1..=104).contains(&self.term), "term is 1 to 104 epochs")?;
		// Below the existential deposit a first claim might not fit into an empty account.
		let most = existential_deposit.saturating_mul(100);
		within(
			(existential_deposit..=most).contains(&self.min_per_head),
			"min_per_head is 1 to 100 existential deposits",
		)?;
		within(self.min_people >= 1, "min_people is at least 1")
	}

	/// How many of a term's last epochs allow its renewal: a quarter, but at least one.
	pub fn renew_window(&self) -> u32 {
		(self.term / 4).max(1)
	}
}

/// Where the dividend stands.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Totals {
	/// The open epoch.
	pub epoch: EpochIndex,
	/// The block in which it was opened.
	pub opened_at: BlockNumber,
	/// The first block that may close it.
	pub closes_at: BlockNumber,
	/// The oldest epoch not yet swept.
	pub next_sweep: EpochIndex,
	/// How many people claimed the epoch before `next_sweep`: the sum of `claim_in − claim_out` of
	/// all swept epochs.
	pub running: u32,
	/// How many people shared in the last closed epoch: the sum of `join − leave` of all closed
	/// epochs.
	pub active: u32,
	/// What the pot has promised and not yet paid, in planck.
	pub liability: Balance,
}

/// One epoch: four counters, of which each is the difference between this epoch and the one before,
/// and what it was worth.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Epoch {
	/// How many intervals start with this epoch.
	pub join: u32,
	/// How many intervals ended with the epoch before.
	pub leave: u32,
	/// How many claimed ranges start with this epoch.
	pub claim_in: u32,
	/// How many claimed ranges ended with the epoch before.
	pub claim_out: u32,
	/// The sum of `per_head` of all epochs before this one, in planck.
	pub cum: Balance,
	/// What each person is due for it, in planck; 0 while it is open.
	pub per_head: Balance,
	/// How many people share in it; 0 while it is open.
	pub eligible: u32,
}

/// A person's part in the dividend.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Share {
	/// The first epoch of the interval; at least 1.
	pub from: EpochIndex,
	/// The last epoch of the interval; `from − 1` if it was revoked before it began.
	pub until: EpochIndex,
	/// The first epoch not yet claimed.
	pub next: EpochIndex,
	/// What is owed of earlier intervals, in planck; never swept.
	pub owed: Balance,
}

/// The open epoch, for whoever looks at the chain from outside.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct OpenEpoch {
	/// Its number.
	pub index: EpochIndex,
	/// The block in which it was opened.
	pub opened_at: BlockNumber,
	/// The first block that may close it.
	pub closes_at: BlockNumber,
	/// What the pot holds, without its existential deposit, in planck. `pot − liability` would be
	/// divided if the epoch closed now.
	pub pot: Balance,
	/// What the pot has promised and not yet paid, in planck.
	pub liability: Balance,
	/// How many people share in this epoch, as things stand.
	pub active: u32,
	/// The pot is divided by at least this number.
	pub min_people: u32,
	/// For how many epochs a recognition lasts.
	pub term: u32,
	/// For how many epochs after its own an epoch can be claimed.
	pub claim_window: u32,
}
