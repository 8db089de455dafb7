//! What the oracle's bond carries: how much of it is spare, and when nothing new is accepted for want
//! of it.

use usufruct_primitives::{Balance, BlockNumber, MILLISECS_PER_BLOCK};

/// After how many seconds to ask again, where no lock's end is known to be enough.
const RETRY_S: u64 = 600;

/// What of the oracle's own state at the finalised head decides what it may serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
	/// The finalised block.
	pub head: BlockNumber,
	/// Whether it is registered and bonded.
	pub active: bool,
	/// Its bond, in planck.
	pub bond: Balance,
	/// The part of it that no settlement has locked, in planck.
	pub free_bond: Balance,
	/// What is locked, in planck, by the first block in which it no longer is; the earliest first.
	/// What a dispute keeps is not among it.
	pub unlocks: Vec<(BlockNumber, Balance)>,
}

/// What of the bond a settlement of `amount` locks: one and a half times as much.
pub fn bond_for(amount: Balance) -> Balance {
	amount.saturating_add(amount.div_ceil(2))
}

impl Standing {
	/// What is left of the bond for new requests when `unsettled` is settled, in planck.
	pub fn spare_bond(&self, unsettled: Balance) -> Balance {
		self.free_bond.saturating_sub(bond_for(unsettled))
	}

	/// Whether the oracle may soon have to refuse requests: less than a quarter of its bond is left
	/// for them; less than a third, if `was_low`, so that it is not said again with every request.
	pub fn bond_is_low(&self, unsettled: Balance, was_low: bool) -> bool {
		let enough = if was_low { self.bond / 3 } else { self.bond / 4 };
		self.spare_bond(unsettled) < enough
	}

	/// In how many seconds, about, `wanted` of the bond is spare again because locks have ended.
	pub fn retry_s(&self, unsettled: Balance, wanted: Balance) -> u64 {
		let needed = bond_for(unsettled).saturating_add(wanted);
		let mut free = self.free_bond;
		for (until, amount) in &self.unlocks {
			free = free.saturating_add(*amount);
			if free >= needed {
				let blocks = u64::from(until.saturating_sub(self.head).max(1));
				return blocks.saturating_mul(MILLISECS_PER_BLOCK) / 1_000;
			}
		}
		RETRY_S
	}
}

/// Stops new requests while little of the bond is spare, and lets them in again when there is enough:
/// clearly more than what stopped them, so that it does not open and close with every receipt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gate {
	/// The level below which it closes, in planck; a twentieth of the bond if nothing is said.
	pub below: Option<Balance>,
	/// Whether it is closed.
	pub closed: bool,
}

impl Gate {
	/// What must be spare for new requests to be accepted, in planck.
	pub fn level(&self, bond: Balance) -> Balance {
		let level = self.below.unwrap_or(bond / 20);
		match self.closed {
			// Twice as much; but never more than the bond can give.
			true => level.saturating_add(level.min(bond.saturating_sub(level) / 2)),
			false => level,
		}
	}

	/// Opens or closes it.
	pub fn look(&mut self, standing: &Standing, unsettled: Balance) {
		self.closed = standing.spare_bond(unsettled) < self.level(standing.bond);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn standing(free_bond: Balance) -> Standing {
		let unlocks = vec![(110, 40), (200, 60), (300, 100)];
		Standing { head: 100, active: true, bond: 1_000, free_bond, unlocks }
	}

	#[test]
	fn the_gate_closes_below_its_level_and_opens_clearly_above_it() {
		let mut gate = Gate::default();
		let mut closed = |free_bond, unsettled| {
			gate.look(&standing(free_bond), unsettled);
			gate.closed
		};
		assert!(!closed(1_000, 0) && !closed(50, 0));
		assert!(closed(49, 0) && closed(50, 0) && closed(99, 0) && !closed(100, 0));
		assert!(
			closed(1_000, 634) && !closed(1_000, 600),
			"one and a half times what is unsettled"
		);

		let mut gate = Gate { below: Some(800), closed: false };
		gate.look(&standing(799), 0);
		assert!(gate.closed);
		gate.look(&standing(899), 0);
		assert!(gate.closed);
		gate.look(&standing(900), 0);
		assert!(!gate.closed, "not at 1,600, which this bond never is");
		let mut never = Gate { below: Some(0), closed: false };
		never.look(&standing(0), 0);
		assert!(!never.closed);
	}

	#[test]
	fn it_is_said_when_locks_end() {
		let standing = standing(50);
		assert_eq!(standing.retry_s(0, 60), 30);
		assert_eq!(standing.retry_s(0, 90), 30);
		assert_eq!(standing.retry_s(0, 91), 300);
		assert_eq!(standing.retry_s(100, 100), 600, "what is unsettled counts");
		assert_eq!(standing.retry_s(0, 10_000), RETRY_S, "no lock is that large");
		let over = Standing { unlocks: vec![(90, 100)], ..standing };
		assert_eq!(over.retry_s(0, 60), 3, "an end that is over is seen with the next block");
	}
}
