//! Random numbers for histories.

/// SplitMix64: the same histories for ever, whatever becomes of other generators.
pub struct Rng(pub u64);

impl Rng {
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// A number in `low..=high`.
	pub fn within(&mut self, low: u64, high: u64) -> u64 {
		low + self.next() % (high - low + 1)
	}

	pub fn percent(&mut self, chance: u64) -> bool {
		self.next() % 100 < chance
	}

	pub fn pick<N: Copy>(&mut self, from: &[N]) -> N {
		from[self.within(0, from.len() as u64 - 1) as usize]
	}
}
