//! The most that an oracle's operator lets be settled within a challenge window.
//!
//! Who settles needs a key that is used all day, an oracle's own or that of a proxy, and whoever
//! steals it can settle what no receipt stands behind, demand it of the oracle and have it slashed.
//! The limit is set with a key that can stay in a drawer. What is locked is that of one window, so
//! the limit is one of what is locked at a time, and such a thief reaches no more of the bond.
//!
//! It falls at once, to 0 if need be. It rises after a challenge window, within which an operator
//! can see that somebody else has raised it.

use frame_support::stored;
use usufruct_primitives::{Balance, BlockNumber};

/// The limit of what may be settled and how it changes. [`SettleLimit::at`] says what holds in a
/// block.
#[stored]
#[derive(Copy, Default)]
pub struct SettleLimit {
	/// The most that may be settled within a challenge window, in planck; none if only the bond
	/// limits it.
	pub present: Option<Balance>,
	/// A higher limit that was set and does not hold yet.
	pub rise: Option<LimitRise>,
}

/// A limit to come.
#[stored]
#[derive(Copy)]
pub struct LimitRise {
	/// The limit, in planck; none if only the bond is to limit what is settled.
	pub limit: Option<Balance>,
	/// The first block it holds in.
	pub from: BlockNumber,
}

/// Whether `limit` allows more than `other`.
pub(crate) fn is_higher(limit: Option<Balance>, other: Option<Balance>) -> bool {
	other.is_some_and(|other| limit.is_none_or(|limit| limit > other))
}

impl SettleLimit {
	/// What holds in block `now`.
	pub fn at(self, now: BlockNumber) -> Self {
		match self.rise {
			Some(LimitRise { limit, from }) if from <= now => Self { present: limit, rise: None },
			_ => self,
		}
	}

	/// What holds after another limit is set in block `now`, in the place of a rise that does not
	/// hold yet; `None` if that changes nothing.
	pub fn set(self, limit: Option<Balance>, now: BlockNumber, delay: BlockNumber) -> Option<Self> {
		let before = self.at(now);
		if is_higher(limit, before.present) {
			let from = now.saturating_add(delay);
			return Some(Self { rise: Some(LimitRise { limit, from }), ..before });
		}
		let after = Self { present: limit, rise: None };
		(after != before).then_some(after)
	}
}
