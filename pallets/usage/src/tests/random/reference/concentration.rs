//! Fees, counted by whose they are, and what their concentration takes from an owner.

use super::*;

/// Whose fees are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counted {
	Unlisted,
	Person(PersonId),
	Organisation(usize),
}

impl Reference {
	pub(super) fn counted(&self, owner: usize) -> Counted {
		match self.people.get(&owner) {
			Some(person) => Counted::Person(*person),
			None if self.listed.contains(&owner) => Counted::Organisation(owner),
			None => Counted::Unlisted,
		}
	}

	/// The fees of each owner in the epoch that closed last.
	pub(super) fn last_fees(&self) -> Vec<(Counted, Balance)> {
		let last = |(epoch, _): &(u32, Counted)| *epoch + 1 == self.epoch;
		let fees = self.fees.iter().filter(|(key, _)| last(key));
		fees.map(|((_, owner), fees)| (*owner, *fees)).collect()
	}

	/// An owner's share of the last epoch's fees and its damping, in parts per million.
	pub(super) fn standing(&self, owner: usize) -> (u32, u32) {
		let (last, owner) = (self.last_fees(), self.counted(owner));
		let all = last.iter().map(|(_, fees)| fees).sum::<Balance>();
		let own = last.iter().find(|(of, _)| *of == owner).map_or(0, |(_, fees)| *fees);
		if own == 0 {
			return (0, 0);
		}
		let limit = if owner == Counted::Unlisted { 100_000 } else { 200_000 };
		let excess = (own * 1_000_000).saturating_sub(all * limit);
		let damping = excess * Balance::from(self.slope) / (own * 1_000_000);
		let share = own * 1_000_000 / all;
		(share as u32, if all < FLOOR { 0 } else { damping as u32 })
	}

	/// Compares what the views say of the last epoch with every fee that was paid in it.
	pub(super) fn check_concentration(&self) {
		for (index, owner) in OWNERS.iter().enumerate() {
			let found = (Usage::share(owner.clone()), Usage::damping(owner.clone()));
			assert_eq!(found, self.standing(index));
		}
		let last = self.last_fees();
		let all = last.iter().map(|(_, fees)| fees).sum::<Balance>();
		let squares = last.iter().map(|(_, fees)| fees * fees).sum::<Balance>();
		let index = (squares * 10_000).checked_div(all * all).unwrap_or(0);
		assert_eq!(Balance::from(Usage::herfindahl()), index);
	}
}
