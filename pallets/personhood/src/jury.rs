//! The draw of a jury, so that nobody who challenges can know it or choose it.
//!
//! Challenges are gathered in *rounds*. A round ends when the chain's randomness changes; the one
//! after the next change is its seed. So all of what goes into a seed (in the runtime: the VRF
//! outputs of a whole BABE epoch) is made after the last challenge of its round is in. Randomness of
//! the block before would not do: its author knows it beforehand, and can challenge in the slot that
//! suits it. Neither would the next change do: who makes the last blocks of an epoch knows nearly all
//! of it already. The seed of each round is kept until the last of its juries is drawn, and there is
//! one only; so waiting for a better one is in vain, and anybody may draw at any time.
//!
//! Candidates are drawn by number, because numbers of people are dense. Who cannot judge is passed
//! over, at most [`MAX_DRAWS`] are looked at, and the cost is the same however many people there are.

use crate::{
	dispute::{Case, CaseId},
	AccountOf, Config, Docket, Pallet, People, Seeds, WeightInfo,
};
use codec::Encode;
use frame_support::{
	stored,
	traits::{ConstU32, Randomness},
	weights::Weight,
	BoundedVec,
};
use sp_core::H256;
use sp_io::hashing::blake2_256;
use sp_runtime::{traits::Zero, SaturatedConversion};
use usufruct_primitives::{traits::Eligibility, BlockNumber, EpochIndex, PersonId};

/// How many people judge a case.
pub const JURY: u32 = 15;
/// How many of them must vote.
pub const MIN_VOTES: u32 = 9;
/// How many candidates are looked at.
pub const MAX_DRAWS: u32 = 60;
/// How many epochs somebody must have shared in before the case was opened to judge it.
pub const SENIORITY: EpochIndex = 4;

/// The number of a round of challenges.
pub type Round = u32;

/// A place in a jury.
#[stored]
pub struct Seat {
	/// Who judges.
	pub person: PersonId,
	/// Whether it upholds the challenge, once it has voted.
	pub vote: Option<bool>,
}

/// Those who judge a case.
pub type Jury = BoundedVec<Seat, ConstU32<JURY>>;

/// The rounds that have no seed yet.
#[stored]
#[derive(Copy, Default)]
pub struct Rounds {
	/// The round that gathers challenges.
	pub round: Round,
	/// Since when the randomness was known that was last seen while anybody waited.
	pub known_since: BlockNumber,
	/// How many challenges it has.
	pub gathering: u32,
	/// How many the round before has, which gets its seed with the next change.
	pub maturing: u32,
}

impl Rounds {
	/// Whether nobody waits.
	pub fn is_idle(&self) -> bool {
		self.gathering.is_zero() && self.maturing.is_zero()
	}
}

/// What the juries of one round are drawn with.
#[stored]
#[derive(Copy)]
pub struct Seed {
	/// The randomness.
	pub value: H256,
	/// How many juries are still to be drawn with it.
	pub waiting: u32,
}

impl<T: Config> Pallet<T> {
	/// The chain's randomness, and since when it was known.
	fn randomness() -> (H256, BlockNumber) {
		let (value, known_since) = T::Randomness::random(b"usufruct/jury");
		(value, known_since.saturated_into())
	}

	/// Counts a challenge to the present round; returns its number.
	pub(crate) fn join_round() -> Round {
		Docket::<T>::mutate(|docket| {
			if docket.is_idle() {
				docket.known_since = Self::randomness().1;
			}
			docket.gathering = docket.gathering.saturating_add(1);
			docket.round
		})
	}

	/// Moves the rounds on if the randomness has changed. One read if nobody waits.
	pub(crate) fn turn_round() -> Weight {
		let docket = Docket::<T>::get();
		if docket.is_idle() {
			return T::WeightInfo::idle();
		}
		let (value, known_since) = Self::randomness();
		if known_since != docket.known_since {
			if !docket.maturing.is_zero() {
				// No underflow: a round matures before the present one.
				let seed = Seed { value, waiting: docket.maturing };
				Seeds::<T>::insert(docket.round.wrapping_sub(1), seed);
			}
			Docket::<T>::put(Rounds {
				round: docket.round.wrapping_add(1),
				known_since,
				gathering: 0,
				maturing: docket.gathering,
			});
		}
		T::WeightInfo::turn_round()
	}

	/// Uses the seed of a round for one jury; it is forgotten with the last one.
	pub(crate) fn use_seed(round: Round, mut seed: Seed) -> H256 {
		seed.waiting = seed.waiting.saturating_sub(1);
		if seed.waiting.is_zero() {
			Seeds::<T>::remove(round);
		} else {
			Seeds::<T>::insert(round, seed);
		}
		seed.value
	}

	/// Draws the jury of a case among those who were people when it was opened; fewer than
	/// [`JURY`] if too few of the candidates can judge. Reads at most two values for each of
	/// [`MAX_DRAWS`].
	pub(crate) fn draw(id: CaseId, case: &Case, seed: H256) -> Jury {
		let challenger = AccountOf::<T>::get(&case.challenger);
		let mut jury = Jury::default();
		for number in 0..MAX_DRAWS {
			let candidate = nth_candidate(seed, id, number, case.people);
			let seated = jury.iter().any(|seat| seat.person == candidate);
			let party = candidate == case.person || challenger == Some(candidate);
			if seated || party || !Self::may_judge(candidate, id, case.epoch) {
				continue;
			}
			if jury.try_push(Seat { person: candidate, vote: None }).is_err() {
				break;
			}
		}
		jury
	}

	/// Whether somebody can judge a case that was opened in `opened`: recognised now, under no dispute
	/// that was open before, and not only just recognised.
	///
	/// Who was challenged later judges too: when the seed is known, a bond must not pass over a
	/// candidate in favour of another one.
	fn may_judge(id: PersonId, case: CaseId, opened: EpochIndex) -> bool {
		let at_large = |id| {
			People::<T>::get(id).is_some_and(|person| {
				// Cases are numbered in the order in which they are opened.
				!person.revoked && person.frozen_by.is_none_or(|other| other > case)
			})
		};
		let recognised = T::Eligibility::interval(id).is_some_and(|(from, until)| {
			from.saturating_add(SENIORITY) <= opened && T::Eligibility::current_epoch() <= until
		});
		recognised && at_large(id)
	}
}

/// The candidate of that number among so many people.
fn nth_candidate(seed: H256, case: CaseId, number: u32, people: u32) -> PersonId {
	let hash = blake2_256(&(seed, case, number).encode());
	let (first, _) = hash.split_at(8);
	let value = first.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
	// A remainder of 64 bits by 32 favours nobody by more than one part in 2³².
	value.checked_rem(people.into()).map_or(0, |person| person as PersonId)
}
