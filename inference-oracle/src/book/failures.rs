//! How many failed receipts wait to be settled. They cost their sender nothing and are kept until then,
//! so whoever sends what fails, slowly enough to be served, would fill the disk.

use super::refusal::Refusal;
use std::collections::HashMap;
use usufruct_primitives::PublicKey;

/// The most of one channel: about four mebibytes of the log. As many more as are in flight may fail.
pub const MOST_OF_CHANNEL: u64 = 4_096;
/// The most of all channels of one key.
pub const MOST_OF_KEY: u64 = 16_384;

/// Whose failed receipts wait, and how many: nobody's, while it is not known whose channel it is.
pub(super) type Failed = Option<(PublicKey, u64)>;

/// See the module: those of each key, over all its channels.
#[derive(Debug, Default)]
pub(super) struct Failures(HashMap<PublicKey, u64>);

impl Failures {
	/// Those of a channel changed.
	pub fn change(&mut self, before: Failed, after: Failed) {
		if before == after {
			return;
		}
		if let Some((key, count)) = before {
			let left = self.of(&key).saturating_sub(count);
			self.set(key, left);
		}
		if let Some((key, count)) = after {
			let sum = self.of(&key).saturating_add(count);
			self.set(key, sum);
		}
	}

	/// Whether another request may fail of a channel with so many, and that key.
	pub fn check(&self, of_channel: u64, key: &PublicKey) -> Result<(), Refusal> {
		let of_key = self.of(key);
		if of_channel >= MOST_OF_CHANNEL {
			let whose = "this channel";
			return Err(Refusal::TooManyFailed { count: of_channel, whose });
		}
		if of_key >= MOST_OF_KEY {
			let whose = "the channels of this channel's key";
			return Err(Refusal::TooManyFailed { count: of_key, whose });
		}
		Ok(())
	}

	/// Those of all channels of that key.
	pub fn of(&self, key: &PublicKey) -> u64 {
		self.0.get(key).copied().unwrap_or(0)
	}

	fn set(&mut self, key: PublicKey, count: u64) {
		match count {
			0 => self.0.remove(&key),
			count => self.0.insert(key, count),
		};
	}

	/// How many of all keys.
	#[cfg(test)]
	pub fn sum(&self) -> u64 {
		self.0.values().sum()
	}
}
