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

	/// Whether that key may take one. `free` places are there besides those that are shared: whoever
	/// comes first may have them.
	pub fn look(&self, key: &PublicKey, free: usize) -> Result<(), Full> {
		if self.taken < free {
			return Ok(());
		}
		let left = self.limit.saturating_sub(self.taken - free);
		if left == 0 {
			return Err(Full::All);
		}
		if self.of(key).saturating_sub(free) >= left {
			return Err(Full::Share);
		}
		Ok(())
	}

	/// Takes one for that key, if it may.
	pub fn take(&mut self, key: &PublicKey, free: usize) -> Result<(), Full> {
		self.look(key, free)?;
		*self.by_key.entry(*key).or_default() += 1;
		self.taken += 1;
		Ok(())
	}

	/// Gives one back.
	pub fn give(&mut self, key: &PublicKey) {
		let Some(count) = self.by_key.get_mut(key) else { return };
		*count = count.saturating_sub(1);
		if *count == 0 {
			self.by_key.remove(key);
		}
		self.taken = self.taken.saturating_sub(1);
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
			let looked = shares.look(&[key; 32], 0);
			let taken = shares.take(&[key; 32], 0);
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
		shares.give(&[1; 32]);
		assert_eq!(shares.take(&[1; 32], 0), Err(Full::Share));
		assert_eq!(shares.take(&[2; 32], 0), Err(Full::Share));
		assert_eq!(shares.take(&[77; 32], 0), Ok(()));
		assert_eq!(shares.taken(), 100);
	}

	#[test]
	fn what_is_free_besides_goes_to_whoever_comes() {
		let (a, b) = ([1; 32], [2; 32]);
		let mut shares = Shares::new(0);
		assert_eq!(shares.take(&a, 0), Err(Full::All));
		assert_eq!(shares.take(&a, 2), Ok(()));
		assert_eq!(shares.take(&a, 2), Ok(()));
		assert_eq!(shares.take(&a, 2), Err(Full::All));
		shares.give(&a);
		assert_eq!(shares.take(&b, 2), Ok(()));
	}

	#[test]
	fn who_has_none_is_forgotten_and_cannot_give() {
		let mut shares = Shares::new(4);
		shares.give(&[1; 32]);
		assert_eq!(shares.taken(), 0);
		shares.take(&[1; 32], 0).unwrap();
		shares.give(&[2; 32]);
		assert_eq!((shares.taken(), shares.of(&[1; 32])), (1, 1));
		shares.give(&[1; 32]);
		assert!(shares.by_key.is_empty());
	}
}
