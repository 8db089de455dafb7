//! What the dividend stores, and what it shows.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{stored, traits::ConstU32, BoundedVec, PalletError};
use scale_info::TypeInfo;
use usufruct_primitives::{Balance, BlockNumber, Class, EpochIndex, Region, DAYS};

/// Number of a programme. Unique on the chain, never used twice.
pub type ProgrammeId = u32;

/// How many programmes there may be at once, those included whose last epochs can still be claimed.
pub const MAX_PROGRAMMES: u32 = 16;

/// How many epochs a programme may last.
pub const MAX_PROGRAMME_EPOCHS: u32 = 104;

/// Classes of verifiers.
pub type Classes = BoundedVec<Class, ConstU32<4>>;
/// The most regions a programme can name.
pub const MAX_REGIONS: u32 = 16;
/// Regions, as attestations state them.
pub type Regions = BoundedVec<Region, ConstU32<MAX_REGIONS>>;
/// The shares of one person in programmes, each at most once: no more than there can be at once.
pub type ProgrammeShareList = BoundedVec<(ProgrammeId, Share), ConstU32<MAX_PROGRAMMES>>;

/// What governs epochs.
#[stored]
#[derive(Copy)]
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

	/// Whether all of them are within these bounds.
	pub fn check(&self, bounds: &Bounds) -> Result<(), OutOfBounds> {
		let within = |ok: bool, problem| if ok { Ok(()) } else { Err(problem) };
		within(bounds.epoch_length.allow(self.epoch_length), OutOfBounds::EpochLength)?;
		within(bounds.claim_window.allow(self.claim_window), OutOfBounds::ClaimWindow)?;
		within(bounds.term.allow(self.term), OutOfBounds::Term)?;
		within(bounds.min_per_head.allow(self.min_per_head), OutOfBounds::MinPerHead)?;
		within(bounds.min_people.allow(self.min_people), OutOfBounds::MinPeople)?;
		let window = u64::from(self.epoch_length).saturating_mul(self.claim_window.into());
		within(window > bounds.longest_dispute.into(), OutOfBounds::WindowTooShort)
	}

	/// How many of a term's last epochs allow its renewal: a quarter, but at least one.
	pub fn renew_window(&self) -> u32 {
		(self.term / 4).max(1)
	}
}

/// The least and the most a parameter may be, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits<N> {
	/// The least.
	pub least: N,
	/// The most.
	pub most: N,
}

impl<N: PartialOrd> Limits<N> {
	/// Both of them.
	pub const fn new(least: N, most: N) -> Self {
		Self { least, most }
	}

	fn allow(&self, value: N) -> bool {
		self.least <= value && value <= self.most
	}
}

/// What the parameters may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
	/// Of [`Parameters::epoch_length`], in blocks.
	pub epoch_length: Limits<BlockNumber>,
	/// Of [`Parameters::claim_window`], in epochs.
	pub claim_window: Limits<u32>,
	/// Of [`Parameters::term`], in epochs.
	pub term: Limits<u32>,
	/// Of [`Parameters::min_per_head`], in planck. Below the existential deposit a first claim might
	/// not fit into an empty account.
	pub min_per_head: Limits<Balance>,
	/// Of [`Parameters::min_people`].
	pub min_people: Limits<u32>,
	/// The claim window is longer than this, in blocks, so that nobody loses anything by being
	/// examined.
	pub longest_dispute: BlockNumber,
}

impl Bounds {
	/// What can be worked with at all: the number of rows that are kept is bounded, and nothing is
	/// zero. A chain for development, whose epochs last minutes, starts within these.
	pub const fn loosest(existential_deposit: Balance) -> Self {
		Self {
			epoch_length: Limits::new(1, 31 * DAYS),
			claim_window: Limits::new(1, 104),
			term: Limits::new(1, 104),
			min_per_head: Limits::new(existential_deposit, existential_deposit.saturating_mul(100)),
			min_people: Limits::new(1, u32::MAX),
			longest_dispute: 0,
		}
	}
}

/// Which parameter is not within its bounds.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, PalletError,
)]
pub enum OutOfBounds {
	/// The length of an epoch.
	EpochLength,
	/// The claim window.
	ClaimWindow,
	/// The term.
	Term,
	/// The least a share may be.
	MinPerHead,
	/// The number of people that the pot is divided by at least.
	MinPeople,
	/// The length of an epoch times the claim window: it is not longer than the longest dispute.
	WindowTooShort,
}

/// Where a person's dividend is paid.
#[stored(no_skip_type_params)]
pub struct Payout<AccountId> {
	/// The account that is paid; `None` for the person's own.
	pub account: Option<AccountId>,
	/// What follows.
	pub change: Option<PayoutChange<AccountId>>,
}

/// A change of payout.
#[stored(no_skip_type_params)]
pub struct PayoutChange<AccountId> {
	/// The account that is paid then; `None` for the person's own.
	pub account: Option<AccountId>,
	/// The epoch that is open when it takes effect.
	pub from: EpochIndex,
}

impl<AccountId> Payout<AccountId> {
	/// What is in force while this epoch is open: the account, `None` for the person's own.
	pub fn in_force(self, epoch: EpochIndex) -> Option<AccountId> {
		match self.change {
			Some(change) if change.from <= epoch => change.account,
			_ => self.account,
		}
	}
}

/// What a programme is. Nothing of it changes, but that it can be ended before its term.
#[stored]
pub struct Terms {
	/// Its part of what flows in, in parts per million.
	pub share: u32,
	/// Who may join: people whom a verifier of one of these classes attested; all people if there is
	/// none.
	pub classes: Classes,
	/// Where those who may join live, by the word of their verifiers; anywhere if there is none. Who
	/// fits a class and a region may join.
	pub regions: Regions,
	/// The first epoch it shares out.
	pub from: EpochIndex,
	/// The last one.
	pub until: EpochIndex,
	/// It is divided by at least this number; no fewer than the pot of all people was when it was
	/// opened. What falls to those who are missing to it returns to all with each close.
	pub min_people: u32,
}

/// What became of a programme.
#[stored]
#[derive(Copy, Default)]
pub struct Outcome {
	/// How often somebody joined.
	pub joined: u32,
	/// How often somebody stayed longer.
	pub extended: u32,
	/// How many had to leave, because they do not share in the dividend any more.
	pub left: u32,
	/// How many claims there were.
	pub claims: u32,
	/// What flowed into it, in planck.
	pub received: Balance,
	/// What was claimed of that, or put aside for who was frozen, also if it was forfeited then.
	pub paid: Balance,
	/// What went back to all people.
	pub returned: Balance,
}

/// A programme.
#[stored]
pub struct Programme {
	/// What it is.
	pub terms: Terms,
	/// Where it stands. When its epochs open and close is said by the dividend.
	pub totals: Totals,
	/// What became of it until now.
	pub outcome: Outcome,
}

/// A time without claims and closes.
#[stored]
#[derive(Copy)]
pub struct Pause {
	/// Its first block.
	pub from: BlockNumber,
	/// The first block after it.
	pub until: BlockNumber,
}

impl Pause {
	/// Whether this block is in it.
	pub fn holds(&self, now: BlockNumber) -> bool {
		now < self.until
	}
}

/// Where the dividend stands.
#[stored]
#[derive(Copy, Default)]
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
#[stored]
#[derive(Copy, Default)]
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
#[stored]
#[derive(Copy)]
pub struct Share {
	/// The first epoch of the interval; at least 1.
	pub from: EpochIndex,
	/// The last epoch of the interval; `from − 1` if it was revoked before it began.
	pub until: EpochIndex,
	/// The first epoch not yet claimed.
	pub next: EpochIndex,
	/// What was put aside, in planck: of earlier intervals, or when the person was frozen. Never
	/// swept.
	pub owed: Balance,
	/// The first epoch of which programmes can owe it anything: [`EpochIndex::MAX`] while it is
	/// revoked, the first one after that if it came back, 0 if it never was. In a programme itself
	/// always 0.
	pub since: EpochIndex,
}

impl Share {
	/// Whether its person was revoked and has not come back.
	pub(crate) fn is_revoked(&self) -> bool {
		self.since == EpochIndex::MAX
	}
}

/// The open epoch, for whoever looks at the chain from outside.
#[stored]
#[derive(Copy)]
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
