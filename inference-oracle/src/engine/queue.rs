//! What waits for a model: bounded, and shared fairly between the keys that pay.
//!
//! Whose turn it is, is start-time fair queueing (Goyal, Vin and Cheng 1996): each key has a virtual
//! time, the worker time it was given, and of the keys with something waiting the one with the least
//! comes next; who was away starts at the time of the present turn, so nobody saves turns up. A request
//! is charged an estimate when it is taken and what it took when that is known: tokens and rows may
//! lie, the clock does not. How much a key may have waiting is its share of the places (`share`).
//!
//! Pure: no clock, no threads.

use super::{
	batch::Class,
	share::{Full, Shares},
};
use std::{
	collections::{BTreeSet, HashMap, VecDeque},
	sync::Arc,
};
use usufruct_primitives::PublicKey;

/// How far into what one key has waiting is looked for requests that fit a batch.
const LOOK_AHEAD: usize = 64;
/// Keys that are remembered before those that owe nothing are forgotten.
const REMEMBERED: usize = 1_024;

/// The most that one run takes. A single request may be more: it runs alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
	/// Rows.
	pub rows: u64,
	/// Tokens, counted where requests say how many they are.
	pub tokens: Option<u64>,
}

/// How large a request is, and which others it can share a run with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
	/// Rows; at least 1.
	pub rows: u64,
	/// Tokens; 0 where they are not counted.
	pub tokens: u64,
	/// What those have in common that it can share a run with; `None` if it runs alone.
	pub class: Option<Arc<Class>>,
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
	key: PublicKey,
	number: u64,
}

/// What waited, on its way to a worker.
#[derive(Debug)]
pub struct Taken<T> {
	/// Whose it is.
	pub key: PublicKey,
	/// How large it is.
	pub size: Size,
	/// What it is.
	pub item: T,
	/// What its key was charged.
	charged: u64,
}

struct Entry<T> {
	number: u64,
	size: Size,
	item: T,
}

struct Lane<T> {
	waiting: VecDeque<Entry<T>>,
	/// Microseconds of worker time it was given, in virtual time.
	time: u64,
}

/// See the module.
pub struct Queue<T> {
	/// Places of what waits, and of what is on its way.
	shares: Shares,
	lanes: HashMap<PublicKey, Lane<T>>,
	/// Lanes with something waiting, by their time.
	order: BTreeSet<(u64, PublicKey)>,
	/// The time at which the present turn began.
	clock: u64,
	/// The latest time of any lane.
	latest: u64,
	waiting: usize,
	next: u64,
	/// Microseconds that a row takes, about.
	row_us: u64,
	forget_at: usize,
}

impl<T> Queue<T> {
	/// A queue in which so many may wait besides those that workers are free for.
	pub fn new(limit: usize) -> Self {
		Self {
			shares: Shares::new(limit),
			lanes: HashMap::new(),
			order: BTreeSet::new(),
			clock: 0,
			latest: 0,
			waiting: 0,
			next: 0,
			row_us: 1_000,
			forget_at: REMEMBERED,
		}
	}

	/// Whether there is a place for a request of that key, while so many workers are free.
	pub fn look(&self, key: &PublicKey, free: usize) -> Result<(), Full> {
		self.shares.look(key, 1, free)
	}

	/// Keeps a place for a request of that key, while so many workers are free.
	pub fn reserve(&mut self, key: &PublicKey, free: usize) -> Result<(), Full> {
		self.shares.take(key, 1, free)?;
		self.forget();
		let time = self.clock;
		self.lanes.entry(*key).or_insert_with(|| Lane { waiting: VecDeque::new(), time });
		Ok(())
	}

	/// Gives a place back that was reserved and not used.
	pub fn release(&mut self, key: &PublicKey) {
		self.shares.give(key, 1);
	}

	/// Puts a request on the place that was reserved for it.
	pub fn push(&mut self, key: &PublicKey, size: Size, item: T) -> Ticket {
		let number = self.next;
		self.next += 1;
		if self.waiting == 0 {
			// Nobody was kept waiting, so nobody owes anybody anything.
			self.clock = self.clock.max(self.latest);
		}
		let clock = self.clock;
		if let Some(lane) = self.lanes.get_mut(key) {
			if lane.waiting.is_empty() {
				lane.time = lane.time.max(clock);
				self.order.insert((lane.time, *key));
			}
			lane.waiting.push_back(Entry { number, size, item });
			self.waiting += 1;
		}
		Ticket { key: *key, number }
	}

	/// Takes a request back that still waits.
	pub fn cancel(&mut self, ticket: &Ticket) -> Option<T> {
		let lane = self.lanes.get_mut(&ticket.key)?;
		let at = lane.waiting.binary_search_by_key(&ticket.number, |entry| entry.number).ok()?;
		let entry = lane.waiting.remove(at)?;
		if lane.waiting.is_empty() {
			self.order.remove(&(lane.time, ticket.key));
		}
		self.waiting -= 1;
		self.shares.give(&ticket.key, 1);
		Some(entry.item)
	}

	/// Takes everything back that is not to stay.
	pub fn sweep(&mut self, mut stays: impl FnMut(&PublicKey, &T) -> bool) -> Vec<T> {
		let tickets: Vec<_> = self
			.lanes
			.iter()
			.flat_map(|(key, lane)| lane.waiting.iter().map(move |entry| (key, entry)))
			.filter(|(key, entry)| !stays(key, &entry.item))
			.map(|(key, entry)| Ticket { key: *key, number: entry.number })
			.collect();
		tickets.iter().filter_map(|ticket| self.cancel(ticket)).collect()
	}

	/// What runs next: the request whose turn it is, and as many that fit it, in the order of their
	/// turns, as the budget holds. Empty if nothing waits.
	pub fn take(&mut self, budget: Budget) -> Vec<Taken<T>> {
		let Some((time, key)) = self.order.first().copied() else { return Vec::new() };
		self.clock = self.clock.max(time);
		let mut batch: Vec<_> = self.remove(&key, 0).into_iter().collect();
		let Some(Size { mut rows, mut tokens, class: Some(class) }) =
			batch.first().map(|first| first.size.clone())
		else {
			return batch;
		};
		while rows < budget.rows {
			let fits = |size: &Size| {
				size.class.as_ref().is_some_and(|it| *it == class)
					&& rows.saturating_add(size.rows) <= budget.rows
					&& budget.tokens.is_none_or(|most| tokens.saturating_add(size.tokens) <= most)
			};
			let next = self.order.iter().find_map(|(_, key)| {
				let waiting = self.lanes.get(key)?.waiting.iter().take(LOOK_AHEAD);
				let at = waiting.enumerate().find(|(_, entry)| fits(&entry.size))?.0;
				Some((*key, at))
			});
			let Some(taken) = next.and_then(|(key, at)| self.remove(&key, at)) else { break };
			rows = rows.saturating_add(taken.size.rows);
			tokens = tokens.saturating_add(taken.size.tokens);
			batch.push(taken);
		}
		batch
	}

	/// What was taken together took so long: that is what its keys are charged, by their rows.
	pub fn took<'a>(&mut self, batch: impl Iterator<Item = &'a Taken<T>> + Clone, micros: u64)
	where
		T: 'a,
	{
		let rows = batch.clone().fold(0u64, |sum, it| sum.saturating_add(it.size.rows)).max(1);
		self.row_us = (self.row_us.saturating_mul(7).saturating_add(micros / rows) / 8).max(1);
		for taken in batch {
			let share =
				(u128::from(micros) * u128::from(taken.size.rows) / u128::from(rows)) as u64;
			self.charge(&taken.key, taken.charged, share);
		}
	}

	/// What was taken is not run: its key is not charged for it.
	pub fn refund(&mut self, taken: &Taken<T>) {
		self.charge(&taken.key, taken.charged, 0);
	}

	/// About how long it is until a request that came now would be taken, in microseconds, by so many
	/// workers.
	pub fn wait_us(&self, workers: usize) -> u64 {
		(self.shares.taken() as u64).saturating_mul(self.row_us) / (workers.max(1) as u64)
	}

	/// How many wait.
	pub fn waiting(&self) -> usize {
		self.waiting
	}

	fn remove(&mut self, key: &PublicKey, at: usize) -> Option<Taken<T>> {
		let lane = self.lanes.get_mut(key)?;
		let Entry { size, item, .. } = lane.waiting.remove(at)?;
		self.order.remove(&(lane.time, *key));
		let charged = self.row_us.saturating_mul(size.rows);
		lane.time = lane.time.saturating_add(charged);
		self.latest = self.latest.max(lane.time);
		if !lane.waiting.is_empty() {
			self.order.insert((lane.time, *key));
		}
		self.waiting -= 1;
		self.shares.give(key, 1);
		Some(Taken { key: *key, size, item, charged })
	}

	fn charge(&mut self, key: &PublicKey, instead_of: u64, micros: u64) {
		let Some(lane) = self.lanes.get_mut(key) else { return };
		let time = lane.time.saturating_sub(instead_of).saturating_add(micros);
		if !lane.waiting.is_empty() {
			self.order.remove(&(lane.time, *key));
			self.order.insert((time, *key));
		}
		lane.time = time;
		self.latest = self.latest.max(time);
	}

	/// Forgets keys that have nothing here and owe nothing, once they are many.
	fn forget(&mut self) {
		if self.lanes.len() >= self.forget_at {
			let (clock, shares) = (self.clock, &self.shares);
			self.lanes.retain(|key, lane| shares.of(key) > 0 || lane.time > clock);
			self.forget_at = REMEMBERED.max(2 * self.lanes.len());
		}
	}
}

#[cfg(test)]
mod tests;
