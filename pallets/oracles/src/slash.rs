//! Slashes: what is taken from an oracle that was caught, and who gets it.
//!
//! Taken is, in this order:
//! 1. the lock of the settlement that was proved wrong, if it still holds or is kept; never what is
//!    locked for another settlement;
//! 2. [`Config::FreeSlash`] of what is free of the bond or on its way out of it, rounded up. What is
//!    unbonding counts, because an oracle that sees the proof coming would else unbond first. It comes
//!    out of the free bond; if that is too small, out of what is unbonding, the part that would be
//!    ready first before the others.
//!
//! It goes, in this order:
//! 1. to the consumer, as much as the caller says;
//! 2. to the reporter, [`Config::ReporterShare`] of all that was taken, rounded down, and no more than
//!    is left. Whether a reporter deserves one is for the caller to judge;
//! 3. the rest to the dividend pot.
//!
//! Who cannot take its part, because its account would stay below the existential deposit, gets
//! nothing, and so does the oracle itself in either role: the pot gets it. A slash thus never fails
//! because of who is to be paid.

use crate::{
	locks::{lock_end, LockRing},
	Config, Event, HoldReason, Locks, Oracles, Pallet, UnbondingQueue, UnbondingQueues,
};
use frame_support::{
	storage::with_storage_layer,
	traits::{
		fungible::{hold::Mutate, Inspect},
		tokens::{DepositConsequence, Fortitude, Precision, Provenance, Restriction},
		Get,
	},
};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
use sp_runtime::{AccountId32, ArithmeticError, DispatchError};
use usufruct_primitives::{
	traits::{Settlement, Slashed},
	Balance, BlockNumber, PPM,
};

/// `ppm` parts per million of `amount`, and never more than it.
fn fraction(amount: Balance, ppm: u32, rounding: Rounding) -> Balance {
	multiply_by_rational_with_rounding(amount, ppm.into(), PPM.into(), rounding)
		.map_or(amount, |fraction| fraction.min(amount))
}

/// Takes at most `amount` out of what is unbonding, the part that is ready first before the others;
/// returns what it took.
fn take_unbonding(queue: &mut UnbondingQueue, amount: Balance) -> Balance {
	let mut left = amount;
	// Parts stand in the order in which they are ready.
	for part in queue.iter_mut() {
		let taken = part.amount.min(left);
		part.amount = part.amount.saturating_sub(taken);
		left = left.saturating_sub(taken);
	}
	queue.retain(|part| part.amount > 0);
	amount.saturating_sub(left)
}

impl<T: Config> Pallet<T> {
	/// Slashes an oracle; see [`usufruct_primitives::traits::Oracles::slash`]. Nothing changes on
	/// failure.
	pub(crate) fn do_slash(
		oracle: &AccountId32,
		settlement: Option<Settlement>,
		kept: bool,
		consumer: Option<(AccountId32, Balance)>,
		reporter: Option<AccountId32>,
	) -> Result<Slashed, DispatchError> {
		with_storage_layer(|| {
			let (taken, bond) = Self::take(oracle, settlement, kept)?;
			if taken == 0 {
				return Ok(Slashed::default());
			}
			let to_consumer = Self::pay_if_able(oracle, consumer, taken)?;
			let left = taken.saturating_sub(amount_of(&to_consumer));
			let share = fraction(taken, T::ReporterShare::get(), Rounding::Down);
			let to_reporter = Self::pay_if_able(oracle, reporter.map(|who| (who, share)), left)?;
			let dividend = left.saturating_sub(amount_of(&to_reporter));
			if dividend > 0 {
				Self::pay(oracle, &T::DividendPot::get(), dividend)?;
			}

			let slashed = Slashed {
				taken,
				consumer: amount_of(&to_consumer),
				reporter: amount_of(&to_reporter),
				dividend,
			};
			Self::deposit_event(Event::Slashed {
				oracle: oracle.clone(),
				taken,
				consumer: to_consumer,
				reporter: to_reporter,
				dividend,
				bond,
			});
			Ok(slashed)
		})
	}

	/// Takes a slash out of the oracle's records; returns it, and the bond that is left.
	fn take(
		account: &AccountId32,
		settlement: Option<Settlement>,
		kept: bool,
	) -> Result<(Balance, Balance), DispatchError> {
		let Some(mut oracle) = Oracles::<T>::get(account) else { return Ok((0, 0)) };
		let now = Self::now();
		let mut locks = Locks::<T>::get(account);
		locks.drop_expired(now);
		let mut unbonding = UnbondingQueues::<T>::get(account);

		let free = oracle.bond.saturating_sub(locks.locked(now));
		let at_stake = unbonding
			.iter()
			.try_fold(free, |sum: Balance, part| sum.checked_add(part.amount))
			.ok_or(ArithmeticError::Overflow)?;
		let due = fraction(at_stake, T::FreeSlash::get(), Rounding::Up);
		let from_free = due.min(free);
		let from_unbonding = take_unbonding(&mut unbonding, due.saturating_sub(from_free));
		let from_lock = settlement
			.map_or(0, |settlement| Self::take_lock(&mut locks, settlement, kept))
			.min(oracle.bond.saturating_sub(from_free));

		let from_bond = from_lock.checked_add(from_free).ok_or(ArithmeticError::Overflow)?;
		let taken = from_bond.checked_add(from_unbonding).ok_or(ArithmeticError::Overflow)?;
		let bond = oracle.bond.checked_sub(from_bond).ok_or(ArithmeticError::Underflow)?;
		if taken > 0 {
			oracle.bond = bond;
			Oracles::<T>::insert(account, oracle);
			Locks::<T>::insert(account, locks);
			Self::put_unbonding(account, unbonding);
		}
		Ok((taken, bond))
	}

	/// Takes a settlement's part out of the locks, or what is left of it; returns it.
	fn take_lock(locks: &mut LockRing, settlement: Settlement, kept: bool) -> Balance {
		let amount = Self::to_lock(settlement.accepted);
		if kept {
			locks.take_kept(amount)
		} else {
			locks.take(Self::end_of_lock(settlement.at), amount)
		}
	}

	/// The first block in which the lock of a settlement in block `settled_at` no longer holds.
	pub(crate) fn end_of_lock(settled_at: BlockNumber) -> BlockNumber {
		lock_end(settled_at, T::ChallengeWindow::get())
	}

	/// Stores what is unbonding.
	pub(crate) fn put_unbonding(oracle: &AccountId32, queue: UnbondingQueue) {
		if queue.is_empty() {
			UnbondingQueues::<T>::remove(oracle);
		} else {
			UnbondingQueues::<T>::insert(oracle, queue);
		}
	}

	/// Pays somebody what is due to it, at most `left`, out of what is held from the oracle; returns
	/// whom and how much, if it is anything.
	fn pay_if_able(
		oracle: &AccountId32,
		due: Option<(AccountId32, Balance)>,
		left: Balance,
	) -> Result<Option<(AccountId32, Balance)>, DispatchError> {
		let Some((to, amount)) = due else { return Ok(None) };
		let amount = amount.min(left);
		let able = T::Currency::can_deposit(&to, amount, Provenance::Extant)
			== DepositConsequence::Success;
		if amount == 0 || to == *oracle || !able {
			return Ok(None);
		}
		Self::pay(oracle, &to, amount)?;
		Ok(Some((to, amount)))
	}

	/// Moves money that is held from the oracle. Freezes do not stop it: they are no way to keep what
	/// is at stake.
	fn pay(oracle: &AccountId32, to: &AccountId32, amount: Balance) -> Result<(), DispatchError> {
		T::Currency::transfer_on_hold(
			&HoldReason::Bond.into(),
			oracle,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)
		.map(|_| ())
	}
}

/// What somebody was paid, in planck.
fn amount_of(paid: &Option<(AccountId32, Balance)>) -> Balance {
	paid.as_ref().map_or(0, |(_, amount)| *amount)
}
