//! A growing pause between attempts, in blocks: what fails again and again is asked for ever less
//! often, and never given up.

use usufruct_primitives::BlockNumber;

/// Blocks before the next attempt after a first failure; doubled with every further one.
const FIRST_PAUSE: BlockNumber = 5;
/// The longest pause, in blocks.
const LONGEST_PAUSE: BlockNumber = 1_200;

/// See the module. The default one is over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pause {
	until: BlockNumber,
	length: BlockNumber,
}

impl Pause {
	/// One that lasts for the first pause from block `now` on and counts as no failure.
	pub fn first(now: BlockNumber) -> Self {
		Self::of(now, FIRST_PAUSE)
	}

	/// One that lasts for so many blocks from block `now` on and counts as no failure.
	pub fn of(now: BlockNumber, blocks: BlockNumber) -> Self {
		Self { until: now.saturating_add(blocks), length: 0 }
	}

	/// Whether it is over in block `now`.
	pub fn over(&self, now: BlockNumber) -> bool {
		now >= self.until
	}

	/// After a failure in block `now`.
	pub fn longer(&mut self, now: BlockNumber) {
		self.length = (self.length.saturating_mul(2)).clamp(FIRST_PAUSE, LONGEST_PAUSE);
		self.until = now.saturating_add(self.length);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pauses_double_up_to_the_longest() {
		let mut pause = Pause::default();
		assert!(pause.over(0));
		let mut lengths = Vec::new();
		for _ in 0..10 {
			pause.longer(100);
			assert!(!pause.over(100 + pause.length - 1) && pause.over(100 + pause.length));
			lengths.push(pause.length);
		}
		assert_eq!(lengths, [5, 10, 20, 40, 80, 160, 320, 640, 1_200, 1_200]);
		assert!(!Pause::first(7).over(11) && Pause::first(7).over(12));
	}
}
