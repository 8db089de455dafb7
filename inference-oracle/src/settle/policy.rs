//! When a batch is due.

use crate::config::Ufr;
use serde::Deserialize;
use std::time::Duration;
use usufruct_primitives::Balance;

/// What makes a batch due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
	/// Unsettled value, in planck.
	pub value: Balance,
	/// Unsettled receipts.
	pub count: u64,
	/// Age of the oldest of them.
	pub age: Duration,
	/// Whether what costs more than it brings is settled too.
	pub losses: bool,
}

impl Default for Policy {
	fn default() -> Self {
		let age = Duration::from_secs(600);
		Self { value: 10 * usufruct_primitives::UFR, count: 10_000, age, losses: false }
	}
}

/// The policy in the configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
	/// Value.
	value: Option<Ufr>,
	/// Number of receipts.
	count: Option<u64>,
	/// Age in seconds.
	age_s: Option<u64>,
	/// Also at a loss.
	#[serde(default)]
	losses: bool,
}

impl PolicyFile {
	/// The policy, with defaults for what is not said.
	pub fn policy(&self) -> Policy {
		let default = Policy::default();
		Policy {
			value: self.value.map_or(default.value, |it| it.0),
			count: self.count.unwrap_or(default.count),
			age: self.age_s.map_or(default.age, Duration::from_secs),
			losses: self.losses,
		}
	}
}
