//! What may be spent, and what was: limits for a day, over everything and for each model.
//!
//! A request is *held* at the most that it may cost before anything is signed for it, and *booked* at
//! what it did cost when that is known; so the limits hold whatever becomes of the requests that are
//! under way.
//!
//! Days are those of UTC, as the chain has them: by the last finalised block and what has passed since. A node
//! that is behind may tell an earlier day than was spent on; that one goes on then. This machine's clock, which
//! anybody may set, grants nothing; but where the chain's day is not even tomorrow by it, one of the two is
//! wrong, and nothing is granted until that is over. So no day is ever spent on that has yet to come by
//! both, and rows of such a day, which both must have told, hold up nobody.

use crate::amount::ufr;
use codec::{Decode, Encode};
use std::{
	collections::BTreeMap,
	time::{SystemTime, UNIX_EPOCH},
};
use usufruct_primitives::{Balance, ChannelId, Hash, ModelId};

/// A day, counted from 1 January 1970.
pub type Day = u32;

/// A request: its channel and its commitment.
pub type Key = (ChannelId, Hash);

/// The milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;

/// The day of a moment, in milliseconds since 1 January 1970.
pub fn day_of(time_ms: u64) -> Day {
	Day::try_from(time_ms / DAY_MS).unwrap_or(Day::MAX)
}

/// By how many days the chain may be ahead of this machine's clock, which is never quite right.
const AHEAD: Day = 1;

/// What day it is, by each that tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
	/// By the chain.
	pub chain: Day,
	/// By this machine's clock.
	pub machine: Day,
}

/// Today, by this machine's clock.
pub fn by_machine() -> Day {
	let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	day_of(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

impl Clocks {
	/// The last day that it can be.
	fn latest(&self) -> Day {
		self.machine.saturating_add(AHEAD)
	}
}

/// The chain tells a day that is yet to come. Nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"by the node's finalised chain it is day {}, counted from 1 January 1970, and by this machine's clock \
	 day {}: one of them is wrong, and nothing is spent meanwhile; set the clock, or name a node that you \
	 trust with --url",
	.0.chain, .0.machine
)]
pub struct Apart(pub Clocks);

/// What may be spent in a day, in planck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
	/// Over everything.
	pub day: Balance,
	/// On each of these models.
	pub models: BTreeMap<ModelId, Balance>,
}

/// A request that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hold {
	/// The day on which it was asked.
	pub day: Day,
	/// The model.
	pub model: ModelId,
	/// The most that it may cost, in planck.
	pub amount: Balance,
}

/// What a model cost on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Spent {
	/// What receipts charged, in planck.
	pub amount: Balance,
	/// How many there were.
	pub receipts: u64,
}

/// Which limit is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
	/// The one over everything.
	Day,
	/// That of a model.
	Model(ModelId),
}

/// A limit would be exceeded. Nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"the request may cost {}, and of the limit of {} a day{} {} are spent and {} held for requests \
	 under way on day {}, counted from 1 January 1970; wait for 00:00 UTC or start the gateway with a higher \
	 limit",
	ufr(*.needed), ufr(*.limit),
	match .scope { Scope::Day => String::new(), Scope::Model(id) => format!(" for model {id}") },
	ufr(*.spent), ufr(*.held), .day
)]
pub struct OverLimit {
	/// Of which day.
	pub day: Day,
	/// Which one.
	pub scope: Scope,
	/// The limit.
	pub limit: Balance,
	/// What is spent of it.
	pub spent: Balance,
	/// What is held.
	pub held: Balance,
	/// What would be held for the request.
	pub needed: Balance,
}

/// All that was spent and is held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
	spent: BTreeMap<(Day, ModelId), Spent>,
	held: BTreeMap<Key, Hold>,
	/// Σ of `held`.
	held_by: BTreeMap<(Day, ModelId), Balance>,
}

impl Book {
	/// As it was written.
	pub fn new(
		spent: impl IntoIterator<Item = ((Day, ModelId), Spent)>,
		held: impl IntoIterator<Item = (Key, Hold)>,
	) -> Self {
		let mut book = Self { spent: spent.into_iter().collect(), ..Self::default() };
		for (key, hold) in held {
			book.put(key, hold);
		}
		book
	}

	/// What is held.
	pub fn held(&self) -> &BTreeMap<Key, Hold> {
		&self.held
	}

	/// The day whose limit holds: never one before a day on which something was spent or is held, so that none
	/// is given a second time; but for days that are yet to come.
	pub fn day(&self, clocks: Clocks) -> Result<Day, Apart> {
		let latest = clocks.latest();
		if clocks.chain > latest {
			return Err(Apart(clocks));
		}
		let until = ..=(latest, ModelId::MAX);
		let spent = self.spent.range(until).next_back().map_or(0, |row| row.0 .0);
		let held = self.held_by.range(until).next_back().map_or(0, |row| row.0 .0);
		Ok(clocks.chain.max(spent).max(held))
	}

	/// What a model cost on a day, and what is held for it.
	pub fn of_model(&self, day: Day, model: ModelId) -> (Spent, Balance) {
		let key = (day, model);
		let held = self.held_by.get(&key).copied().unwrap_or(0);
		(self.spent.get(&key).copied().unwrap_or_default(), held)
	}

	/// The models on which something was spent or is held on a day.
	pub fn models(&self, day: Day) -> Vec<ModelId> {
		let days = (day, ModelId::MIN)..=(day, ModelId::MAX);
		let spent = self.spent.range(days.clone()).map(|row| row.0 .1);
		let mut models: Vec<ModelId> =
			spent.chain(self.held_by.range(days).map(|row| row.0 .1)).collect();
		models.sort_unstable();
		models.dedup();
		models
	}

	/// What everything cost on a day, and what is held.
	pub fn of_day(&self, day: Day) -> (Balance, Balance) {
		self.models(day).into_iter().fold((0, 0), |(spent, held), model| {
			let (of_model, more) = self.of_model(day, model);
			let spent: Balance = spent;
			let held: Balance = held;
			(spent.saturating_add(of_model.amount), held.saturating_add(more))
		})
	}

	/// Whether a request is within the limits.
	pub fn check(&self, hold: &Hold, limits: &Limits) -> Result<(), OverLimit> {
		let day = hold.day;
		let within = |scope, limit: Balance, (spent, held): (Balance, Balance)| {
			let needed = hold.amount;
			let after = spent.checked_add(held).and_then(|sum| sum.checked_add(needed));
			match after {
				Some(after) if after <= limit => Ok(()),
				_ => Err(OverLimit { day, scope, limit, spent, held, needed }),
			}
		};
		within(Scope::Day, limits.day, self.of_day(day))?;
		if let Some(limit) = limits.models.get(&hold.model) {
			let (spent, held) = self.of_model(day, hold.model);
			within(Scope::Model(hold.model), *limit, (spent.amount, held))?;
		}
		Ok(())
	}

	/// Holds a request.
	pub fn put(&mut self, key: Key, hold: Hold) {
		let of = (hold.day, hold.model);
		let amount = hold.amount;
		if let Some(before) = self.held.insert(key, hold) {
			self.unhold(&before);
		}
		if amount > 0 {
			let sum = self.held_by.entry(of).or_default();
			*sum = sum.saturating_add(amount);
		}
	}

	/// Lets go of a request and books what it cost: `None` if there was no receipt. Returns the row that
	/// changed, if one did: a request that cost nothing leaves no day on which something was spent.
	pub fn settle(
		&mut self,
		key: &Key,
		charged: Option<Balance>,
	) -> Option<((Day, ModelId), Spent)> {
		let hold = self.held.remove(key)?;
		self.unhold(&hold);
		let charged = charged?;
		let of = (hold.day, hold.model);
		let spent = self.spent.entry(of).or_default();
		spent.amount = spent.amount.saturating_add(charged);
		spent.receipts = spent.receipts.saturating_add(1);
		Some((of, *spent))
	}

	fn unhold(&mut self, hold: &Hold) {
		let of = (hold.day, hold.model);
		if let Some(sum) = self.held_by.get_mut(&of) {
			*sum = sum.saturating_sub(hold.amount);
			if *sum == 0 {
				self.held_by.remove(&of);
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn hold(model: ModelId, amount: Balance) -> Hold {
		Hold { day: 7, model, amount }
	}

	fn key(nth: u8) -> Key {
		([nth; 32], [nth; 32])
	}

	#[test]
	fn what_is_held_counts_until_it_is_known_what_it_cost() {
		let limits = Limits { day: 100, models: [(1, 50)].into() };
		let mut book = Book::default();
		book.check(&hold(1, 50), &limits).unwrap();
		book.put(key(1), hold(1, 50));
		let over = book.check(&hold(1, 1), &limits).unwrap_err();
		assert_eq!((over.day, over.scope, over.spent, over.held), (7, Scope::Model(1), 0, 50));
		assert!(over.to_string().contains(" on day 7,"), "{over}");
		book.check(&hold(2, 50), &limits).unwrap();
		book.put(key(2), hold(2, 50));
		let over = book.check(&hold(3, 1), &limits).unwrap_err();
		assert_eq!((over.scope, over.limit, over.held), (Scope::Day, 100, 100));

		// It cost less than it might have.
		assert_eq!(
			book.settle(&key(1), Some(10)),
			Some(((7, 1), Spent { amount: 10, receipts: 1 }))
		);
		assert_eq!(book.settle(&key(1), Some(10)), None, "booked once");
		book.check(&hold(1, 40), &limits).unwrap();
		book.check(&hold(1, 41), &limits).unwrap_err();
		assert_eq!(book.settle(&key(2), None), None, "no row for what cost nothing");
		assert_eq!((book.held().len(), book.models(7)), (0, vec![1]));
		assert_eq!(book.of_day(7), (10, 0));
		assert_eq!(book.of_day(8), (0, 0), "another day, another limit");
	}

	#[test]
	fn neither_a_node_that_lies_nor_a_clock_that_is_set_grants_a_limit() {
		let mut book = Book::default();
		book.put(key(1), hold(1, 50));
		for spent in [false, true] {
			if spent {
				book.settle(&key(1), Some(50)).unwrap();
			}
			for (chain, machine, counts) in [
				(7, 7, Some(7)),
				(8, 7, Some(8)),
				// One of them is behind, however much.
				(6, 7, Some(7)),
				(0, 7, Some(7)),
				(7, 6, Some(7)),
				(7, 100, Some(7)),
				(7, Day::MAX, Some(7)),
				// One of them is wrong.
				(9, 7, None),
				(Day::MAX, 7, None),
				(7, 5, None),
				(7, 0, None),
			] {
				let counted = book.day(Clocks { chain, machine });
				let expected = counts.ok_or(Apart(Clocks { chain, machine }));
				assert_eq!(counted, expected, "{chain} {machine} {spent}");
			}
		}
	}

	#[test]
	fn a_day_that_is_yet_to_come_locks_nobody_out() {
		const WRONG: Day = 47_482;
		let mut book = Book::default();
		let far = |model| Hold { day: WRONG, model, amount: 50 };
		book.put(key(1), far(1));
		book.put(key(2), far(2));
		book.settle(&key(1), Some(50)).unwrap();
		let clocks = |day| Clocks { chain: day, machine: day };
		for day in [7, 8, WRONG - 2] {
			assert_eq!(book.day(clocks(day)), Ok(day));
		}
		// It counts once it has come, and as tomorrow.
		for day in [WRONG - 1, WRONG] {
			assert_eq!(book.day(clocks(day)), Ok(WRONG));
		}
		assert_eq!(book.day(clocks(WRONG + 1)), Ok(WRONG + 1));
		// What is spent meanwhile is the floor as ever.
		book.put(key(3), hold(1, 1));
		assert_eq!(book.day(Clocks { chain: 6, machine: 7 }), Ok(7));
	}

	#[test]
	fn a_limit_that_cannot_be_computed_is_exceeded() {
		let limits = Limits { day: Balance::MAX, models: [].into() };
		let mut book = Book::default();
		book.put(key(1), hold(1, Balance::MAX));
		assert_eq!(book.check(&hold(1, 1), &limits).unwrap_err().scope, Scope::Day);
	}

	proptest! {
		/// However requests come and end, spent and held together never exceed a limit, and the sums are
		/// those of the parts.
		#[test]
		fn no_order_of_requests_exceeds_a_limit(
			steps in prop::collection::vec((0u8..12, 0u32..3, 0u128..60, prop::option::of(0u128..100)), 0..80)
		) {
			let limits = Limits { day: 150, models: [(0, 70), (1, 90)].into() };
			let mut book = Book::default();
			for (nth, model, amount, charged) in steps {
				match book.held().get(&key(nth)).cloned() {
					Some(held) => {
						// Never more than was held: the channel's ledger refuses such a receipt.
						book.settle(&key(nth), charged.map(|it| it.min(held.amount)));
					},
					None if book.check(&hold(model, amount), &limits).is_ok() => {
						book.put(key(nth), hold(model, amount));
					},
					None => {},
				}
				let (spent, held) = book.of_day(7);
				prop_assert!(spent + held <= limits.day);
				prop_assert_eq!(held, book.held().values().map(|it| it.amount).sum::<u128>());
				for (model, limit) in &limits.models {
					let (spent, held) = book.of_model(7, *model);
					prop_assert!(spent.amount + held <= *limit);
				}
			}
			let again = Book::new(book.spent.clone(), book.held.clone());
			prop_assert_eq!(again, book);
		}
	}
}
