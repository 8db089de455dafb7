//! The life of an epoch: it closes, and when its claim window has passed it is swept.

use crate::{pallet::*, Epoch, Parameters, Totals, LOG_TARGET};
use frame_support::defensive;
use usufruct_primitives::{traits::OnEpochClose, Balance, BlockNumber};

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
fn step(running: u32, come: u32, go: u32) -> Option<u32> {
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

impl<T: Config> Pallet<T> {
	/// Closes the open epoch and opens the next one. Constant work; cannot fail: a state that must
	/// not be is logged, and everything is carried.
	pub(crate) fn close(now: BlockNumber) {
		let Some(next) = Books::<T>::get().epoch.checked_add(1) else {
			// Not within the life of the sun. The last epoch stays open.
			log::error!(target: LOG_TARGET, "there is no epoch after the last");
			return;
		};
		T::OnEpochClose::on_epoch_close(Books::<T>::get().epoch);

		let mut totals = Books::<T>::get();
		let params = Params::<T>::get();
		let swept = Self::sweep(&mut totals, &params);

		let mut row = Epochs::<T>::get(totals.epoch);
		let holding = Self::holding();
		if holding < totals.liability {
			log::error!(
				target: LOG_TARGET,
				"the pot holds {holding} and owes {}; everything is carried",
				totals.liability,
			);
		}
		let distributable = holding.saturating_sub(totals.liability);
		let active = step(totals.active, row.join, row.leave);
		let division = active.map(|active| Division::of(distributable, active, &params));
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
		Epochs::<T>::insert(totals.epoch, row);
		Epochs::<T>::mutate(next, |row| row.cum = cum);
		Self::deposit_event(Event::EpochClosed {
			epoch: totals.epoch,
			eligible: active,
			per_head: division.per_head,
			distributed: division.distributed,
			carried: division.carried,
			swept,
		});

		totals.active = active;
		// Saturating: liability and what is distributed are together at most what the pot holds.
		totals.liability = totals.liability.saturating_add(division.distributed);
		totals.epoch = next;
		let params = Self::next_params(params);
		totals.opened_at = now;
		// Saturating: the number of the last block there can be.
		totals.closes_at = now.saturating_add(params.epoch_length);
		Books::<T>::put(totals);
	}

	/// The parameters of the epoch that opens: those that wait, if any do.
	fn next_params(old: Parameters) -> Parameters {
		let Some(new) = NextParams::<T>::take() else { return old };
		Params::<T>::put(new);
		Self::deposit_event(Event::ParamsChanged { old, new });
		new
	}

	/// Takes the epochs that leave the claim window at this close off the books; returns what was
	/// left unclaimed.
	fn sweep(totals: &mut Totals, params: &Parameters) -> Balance {
		let mut swept: Balance = 0;
		for _ in 0..SWEEPS_PER_CLOSE {
			let over = totals
				.epoch
				.checked_sub(params.claim_window)
				.is_some_and(|last| totals.next_sweep <= last);
			if !over {
				break;
			}
			let row = Epochs::<T>::take(totals.next_sweep);
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
