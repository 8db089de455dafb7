//! When a batch is due.

use crate::book::{bond_for, Due, Standing};
use serde::Deserialize;
use std::time::Duration;
use usufruct_client::amount::Amount;
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
}

impl Default for Policy {
	fn default() -> Self {
		Self { value: 10 * usufruct_primitives::UFR, count: 10_000, age: Duration::from_secs(600) }
	}
}

/// Why a batch is due now, if it is. Besides value, count and age: a channel that is closing is
/// settled while it can be, and a bond half of which is taken by unsettled receipts is freed for
/// more service.
pub fn reason(
	policy: &Policy,
	due: &[Due],
	standing: &Standing,
	now_ms: u64,
) -> Option<&'static str> {
	let value = due.iter().fold(0u128, |sum, it| sum.saturating_add(it.total - it.settled_total));
	let count = due.iter().fold(0u64, |sum, it| sum.saturating_add(it.seq - it.settled_seq));
	let oldest = due.iter().map(|it| it.since_ms).min()?;
	let age = u128::from(now_ms.saturating_sub(oldest));
	if due.iter().any(|it| it.closing) {
		return Some("a channel is closing");
	}
	if value >= policy.value {
		return Some("value");
	}
	if count >= policy.count {
		return Some("count");
	}
	if age >= policy.age.as_millis() {
		return Some("age");
	}
	if bond_for(value) > standing.free_bond / 2 {
		return Some("the bond is half used");
	}
	None
}

/// The policy in the configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
	/// Value in UFR, like "10" or "0.5".
	value: Option<String>,
	/// Number of receipts.
	count: Option<u64>,
	/// Age in seconds.
	age_s: Option<u64>,
}

impl PolicyFile {
	/// The policy, with defaults for what is not said.
	pub fn policy(&self) -> Result<Policy, usufruct_client::amount::AmountError> {
		let default = Policy::default();
		Ok(Policy {
			value: match &self.value {
				Some(text) => text.parse::<Amount>()?.0,
				None => default.value,
			},
			count: self.count.unwrap_or(default.count),
			age: self.age_s.map_or(default.age, Duration::from_secs),
		})
	}
}
