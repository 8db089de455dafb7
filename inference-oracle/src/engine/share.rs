//! Places that keys share: each may take as many as are left, so one alone gets half of them, n keys
//! each about an (n + 1)-th, and there is always one for the next key (dynamic thresholds: Choudhury
//! and Hahne 1998).

use std::collections::HashMap;
use usufruct_primitives::PublicKey;

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
	/// The key has as many as it may; others may still come.
	Share,
	/// All are taken.
	All,
}

/// See the module.
#[derive(Debug)]
pub struct Shares {
	limit: usize,
	taken: usize,
	by_key: HashMap<PublicKey, usize>,
}

impl Shares {
	/// So many places.
	pub fn new(limit: usize) -> Self {
		Self { limit, taken: 0, by_key: HashMap::new() }
	}

	/// Whether that key may take so many. `free` places are there besides those that are shared: whoever
	/// comes first may have them.
	pub fn look(&self, key: &PublicKey, count: usize, free: usize) -> Result<(), Full> {
		if self.taken.saturating_add(count) <= free {
			return Ok(());
		}
		let left = self.limit.saturating_add(free).saturating_sub(self.taken);
		if left < count {
			return Err(Full::All);
		}
		if self.of(key).saturating_sub(free).saturating_add(count) > left {
			return Err(Full::Share);
		}
		Ok(())
	}

	/// Takes so many for that key, if it may.
	pub fn take(&mut self, key: &PublicKey, count: usize, free: usize) -> Result<(), Full> {
		self.look(key, count, free)?;
		*self.by_key.entry(*key).or_default() += count;
		self.taken += count;
		Ok(())
	}

	/// Gives so many back, or what it has.
	pub fn give(&mut self, key: &PublicKey, count: usize) {
		let Some(has) = self.by_key.get_mut(key) else { return };
		let count = count.min(*has);
		*has -= count;
		if *has == 0 {
			self.by_key.remove(key);
		}
		self.taken = self.taken.saturating_sub(count);
	}

	/// How many that key has.
	pub fn of(&self, key: &PublicKey) -> usize {
		self.by_key.get(key).copied().unwrap_or(0)
	}

	/// How many are taken.
	pub fn taken(&self) -> usize {
		self.taken
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Takes as many as it gets.
	fn fill(shares: &mut Shares, key: u8) -> (usize, Full) {
		let mut count = 0;
		loop {
			let looked = shares.look(&[key; 32], 1, 0);
			let taken = shares.take(&[key; 32], 1, 0);
			assert_eq!(looked, taken, "what is looked at is what would be had");
			match taken {
				Ok(()) => count += 1,
				Err(full) => return (count, full),
			}
		}
	}

	#[test]
	fn one_key_gets_half_and_there_is_room_for_the_next() {
		let mut shares = Shares::new(100);
		assert_eq!(fill(&mut shares, 1), (50, Full::Share));
		assert_eq!(fill(&mut shares, 2), (25, Full::Share));
		assert_eq!(fill(&mut shares, 3), (13, Full::Share));
		let last = (4..).map(|key| fill(&mut shares, key)).find(|(count, _)| *count == 0);
		assert_eq!(last, Some((0, Full::All)), "in the end all are taken");
		shares.give(&[1; 32], 1);
		assert_eq!(shares.take(&[1; 32], 1, 0), Err(Full::Share));
		assert_eq!(shares.take(&[2; 32], 1, 0), Err(Full::Share));
		assert_eq!(shares.take(&[77; 32], 1, 0), Ok(()));
		assert_eq!(shares.taken(), 100);
	}

	#[test]
	fn what_is_free_besides_goes_to_whoever_comes() {
		let (a, b) = ([1; 32], [2; 32]);
		let mut shares = Shares::new(0);
		assert_eq!(shares.take(&a, 1, 0), Err(Full::All));
		assert_eq!(shares.take(&a, 1, 2), Ok(()));
		assert_eq!(shares.take(&a, 1, 2), Ok(()));
		assert_eq!(shares.take(&a, 1, 2), Err(Full::All));
		shares.give(&a, 1);
		assert_eq!(shares.take(&b, 1, 2), Ok(()));
	}

	#[test]
	fn many_at_once_are_taken_whole_or_not_at_all() {
		let (a, b) = ([1; 32], [2; 32]);
		let mut shares = Shares::new(100);
		assert_eq!(shares.take(&a, 101, 0), Err(Full::All));
		assert_eq!(shares.take(&a, 40, 0), Ok(()));
		// It would have more than are left.
		assert_eq!(shares.take(&a, 21, 0), Err(Full::Share));
		assert_eq!(shares.take(&a, 20, 20), Ok(()), "there are more for some");
		assert_eq!(shares.take(&b, 41, 0), Err(Full::All));
		assert_eq!(shares.take(&b, 40, 0), Ok(()));
		shares.give(&a, usize::MAX);
		assert_eq!((shares.of(&a), shares.taken()), (0, 40));
	}

	#[test]
	fn who_has_none_is_forgotten_and_cannot_give() {
		let mut shares = Shares::new(4);
		shares.give(&[1; 32], 1);
		assert_eq!(shares.taken(), 0);
		shares.take(&[1; 32], 1, 0).unwrap();
		shares.give(&[2; 32], 1);
		assert_eq!((shares.taken(), shares.of(&[1; 32])), (1, 1));
		shares.give(&[1; 32], 1);
		assert!(shares.by_key.is_empty());
	}
}
