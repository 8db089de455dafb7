//! The life of an epoch: it closes, and when its claim window has passed it is swept.

use crate::{ledger::Ledger, pallet::*, Epoch, Parameters, Totals, LOG_TARGET};
use frame_support::defensive;
use usufruct_primitives::{traits::OnEpochClose, Balance, BlockNumber, EpochIndex};

/// How many epochs one close sweeps at most. One is enough for ever, two catch up after the window
/// was shortened.
const SWEEPS_PER_CLOSE: u32 = 2;

/// How a close divides what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Division {
	/// What each person is due.
	pub per_head: Balance,
	/// What all of them are due.
	pub distributed: Balance,
	/// What is left.
	pub carried: Balance,
}

impl Division {
	/// Leaves everything to the next close.
	pub(crate) fn carry(distributable: Balance) -> Self {
		Self { per_head: 0, distributed: 0, carried: distributable }
	}

	/// Divides among `active` people, but by at least `min_people`.
	pub(crate) fn of(distributable: Balance, active: u32, params: &Parameters) -> Self {
		let sharers = Balance::from(active.max(params.min_people));
		match distributable.checked_div(sharers) {
			Some(per_head) if per_head >= params.min_per_head => {
				// Saturating both: `active ≤ sharers`, so the product is at most `distributable`.
				let distributed = per_head.saturating_mul(Balance::from(active));
				Self { per_head, distributed, carried: distributable.saturating_sub(distributed) }
			},
			_ => Self::carry(distributable),
		}
	}
}

/// Moves a running number over one epoch: those who come, less those who go.
pub(crate) fn step(running: u32, come: u32, go: u32) -> Option<u32> {
	running.checked_add(come)?.checked_sub(go)
}

impl Epoch {
	/// Sweeps this epoch, given how many people claimed the one before: how many claimed it, and
	/// what nobody did. `None` if more claimed it than shared in it, which cannot be.
	pub(crate) fn unclaimed(&self, running: u32) -> Option<(u32, Balance)> {
		let claimed = step(running, self.claim_in, self.claim_out)?;
		let absent = self.eligible.checked_sub(claimed)?;
		Some((claimed, self.per_head.checked_mul(absent.into())?))
	}
}

/// What a close came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
	/// How many people shared in the epoch.
	pub eligible: u32,
	/// How the pot was divided.
	pub division: Division,
}

impl<T: Config> Ledger<T> {
	/// Divides what is in the pot and not owed among those who share in the open epoch, and opens
	/// the next. Constant work; cannot fail: a state that must not be is logged, and everything is
	/// carried. The caller stores the totals.
	pub(crate) fn divide(
		self,
		totals: &mut Totals,
		next: EpochIndex,
		params: &Parameters,
	) -> Closed {
		let mut row = self.row(totals.epoch);
		let holding = self.holding();
		if holding < totals.liability {
			log::error!(
				target: LOG_TARGET,
				"the pot holds {holding} and owes {}; everything is carried",
				totals.liability,
			);
		}
		let distributable = holding.saturating_sub(totals.liability);
		let active = step(totals.active, row.join, row.leave);
		let division = active.map(|active| Division::of(distributable, active, params));
		let cum = division.and_then(|division| row.cum.checked_add(division.per_head));
		let (active, division, cum) = match (active, division, cum) {
			(Some(active), Some(division), Some(cum)) => (active, division, cum),
			_ => {
				defensive!("more people left than had joined, or all shares together overflow");
				let active = totals.active.saturating_add(row.join).saturating_sub(row.leave);
				(active, Division::carry(distributable), row.cum)
			},
		};

		row.per_head = division.per_head;
		row.eligible = active;
		self.put_row(totals.epoch, row);
		self.put_row(next, Epoch { cum, ..self.row(next) });

		totals.active = active;
		// Saturating: liability and what is distributed are together at most what the pot holds.
		totals.liability = totals.liability.saturating_add(division.distributed);
		totals.epoch = next;
		Closed { eligible: active, division }
	}

	/// Takes the epochs that leave the claim window at the close of this one off the books; returns
	/// what was left unclaimed.
	pub(crate) fn sweep(
		self,
		totals: &mut Totals,
		closing: EpochIndex,
		claim_window: u32,
	) -> Balance {
		let mut swept: Balance = 0;
		for _ in 0..SWEEPS_PER_CLOSE {
			let over = closing
				.checked_sub(claim_window)
				.is_some_and(|last| totals.next_sweep <= last && totals.next_sweep < totals.epoch);
			if !over {
				break;
			}
			let row = self.take_row(totals.next_sweep);
			let returned = row.unclaimed(totals.running).and_then(|(claimed, unclaimed)| {
				Some((claimed, unclaimed, totals.liability.checked_sub(unclaimed)?))
			});
			match returned {
				Some((claimed, unclaimed, liability)) => {
					totals.running = claimed;
					totals.liability = liability;
					// Saturating: a part of what the liability was.
					swept = swept.saturating_add(unclaimed);
				},
				None => {
					// What the epoch was worth stays reserved: too little is divided, never too
					// much.
					defensive!("an epoch was claimed by more people than shared in it");
					totals.running =
						totals.running.saturating_add(row.claim_in).saturating_sub(row.claim_out);
				},
			}
			// Saturating: less than the open epoch.
			totals.next_sweep = totals.next_sweep.saturating_add(1);
		}
		swept
	}
}

impl<T: Config> Pallet<T> {
	/// Closes the open epoch of all people and of every programme, and opens the next one. Constant
	/// work, for there are at most sixteen programmes.
	pub(crate) fn close(now: BlockNumber) {
		let closing = Books::<T>::get().epoch;
		let Some(next) = closing.checked_add(1) else {
			// Not within the life of the sun. The last epoch stays open.
			log::error!(target: LOG_TARGET, "there is no epoch after the last");
			return;
		};
		T::OnEpochClose::on_epoch_close(closing);

		let ledger = Ledger::<T>::dividend();
		let mut totals = ledger.totals();
		let params = Params::<T>::get();
		let swept = ledger.sweep(&mut totals, closing, params.claim_window);
		let parts = Self::fund_programmes(&totals, swept);
		let Closed { eligible, division } = ledger.divide(&mut totals, next, &params);
		Counted::<T>::put(division.carried);
		Self::deposit_event(Event::EpochClosed {
			epoch: closing,
			eligible,
			per_head: division.per_head,
			distributed: division.distributed,
			carried: division.carried,
			swept,
		});
		Self::close_programmes(closing, &params, parts);

		let params = Self::next_params(params);
		totals.opened_at = now;
		// Saturating: the number of the last block there can be.
		totals.closes_at = now.saturating_add(params.epoch_length);
		ledger.put_totals(totals);
	}

	/// The parameters of the epoch that opens: those that wait, if any do.
	fn next_params(old: Parameters) -> Parameters {
		let Some(new) = NextParams::<T>::take() else { return old };
		Params::<T>::put(new);
		Self::deposit_event(Event::ParamsChanged { old, new });
		new
	}
}
