//! Serving while the chain is not seen.
//!
//! What vouchers cover can be settled when the chain is back, unless its channel was closed or emptied
//! meanwhile: that is a risk, and grows with what is accepted. So while no finalised block comes, what
//! vouchers cover is served up to a set amount and for a set time, and then nothing new.

use crate::config::Ufr;
use serde::Deserialize;
use std::time::Duration;
use usufruct_primitives::{Balance, UFR};

/// What is risked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
	/// The chain counts as not seen when its last finalised block is that old.
	pub after: Duration,
	/// The most that is accepted since that block, in planck.
	pub risk: Balance,
	/// How old that block may get before nothing new is accepted.
	pub at_most: Duration,
}

impl Default for Policy {
	/// After a minute, up to 1 UFR, for an hour.
	fn default() -> Self {
		Self { after: Duration::from_secs(60), risk: UFR, at_most: Duration::from_secs(3_600) }
	}
}

impl Policy {
	/// The chain always counts as seen.
	pub const NEVER: Self =
		Self { after: Duration::MAX, risk: Balance::MAX, at_most: Duration::MAX };

	/// What may be accepted since a block that was seen so long ago, in planck; `None` if that is not
	/// limited.
	pub fn limit(&self, age: Duration) -> Option<Balance> {
		match age {
			age if age < self.after => None,
			age if age < self.at_most => Some(self.risk),
			_ => Some(0),
		}
	}
}

/// The policy in the configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
	/// In seconds.
	after_s: Option<u64>,
	/// In UFR.
	risk: Option<Ufr>,
	/// In seconds.
	at_most_s: Option<u64>,
}

impl PolicyFile {
	/// The policy, with defaults for what is not said.
	pub fn policy(&self) -> Policy {
		let default = Policy::default();
		let seconds = Duration::from_secs;
		Policy {
			after: self.after_s.map_or(default.after, seconds),
			risk: self.risk.map_or(default.risk, |it| it.0),
			at_most: self.at_most_s.map_or(default.at_most, seconds),
		}
	}
}
