//! Concentration: whose models are paid for, and what an owner with too large a part of all fees
//! gives to the dividend.
//!
//! Fees are counted by owner and epoch, with their sum and the sum of their squares, as they are
//! paid; nobody is ever iterated. A record is rolled over when it is next used. The share that
//! counts is always that of the epoch that closed last, so it cannot change while it is used.

use crate::{
	Books, Concentration, Config, EpochFees, Event, FeesByOwner, Organisations, Owner, OwnerFees,
	Pallet, Slope,
};
use alloc::collections::BTreeMap;
use frame_support::traits::Get;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
use sp_core::{U256, U512};
use sp_runtime::{traits::Zero, AccountId32};
use usufruct_primitives::{
	split::Parts,
	traits::{Models, People},
	Balance, EpochIndex, ModelId, PPM,
};

/// The share of all fees above which an owner is damped, in parts per million.
pub(crate) const LIMIT: u32 = 200_000;
/// The same for all owners together who are neither verified nor listed: nobody can tell how many
/// of them are one.
pub(crate) const UNLISTED_LIMIT: u32 = 100_000;
/// What the index of one owner that has everything is.
pub(crate) const HERFINDAHL_WHOLE: u32 = 10_000;

/// A fee, counted but not written yet.
pub(crate) struct Counted {
	/// Whose model it was paid for.
	pub(crate) owner: Owner,
	/// That owner's record with the fee in it.
	pub(crate) record: OwnerFees,
	/// All fees with the fee among them.
	pub(crate) fees: Concentration,
	/// The part of the model's part that is the dividend's, in parts per million.
	pub(crate) damping: u32,
}

impl Owner {
	/// The share above which the owner is damped, in parts per million.
	fn limit(&self) -> u32 {
		match self {
			Self::Unlisted => UNLISTED_LIMIT,
			Self::Person(_) | Self::Organisation(_) => LIMIT,
		}
	}
}

impl OwnerFees {
	/// The record as it stands in `epoch`, in which nothing may have been paid yet.
	pub(crate) fn at(self, epoch: EpochIndex) -> Self {
		match epoch.checked_sub(self.epoch) {
			Some(0) => self,
			Some(1) => Self { epoch, fees: 0, last_fees: self.fees },
			_ => Self { epoch, fees: 0, last_fees: 0 },
		}
	}
}

impl EpochFees {
	/// With `amount` more for an owner that had `fees`; `None` if a sum is too large.
	fn plus(&self, fees: Balance, amount: Balance) -> Option<Self> {
		let total = self.total.checked_add(amount)?;
		// (fees + amount)² − fees² = (2 × fees + amount) × amount; the squares of parts are never
		// more than that of their sum, which has 256 bits.
		let sides = U256::from(fees).checked_mul(2.into())?.checked_add(amount.into())?;
		let squares = self.squares.checked_add(sides.checked_mul(amount.into())?)?;
		Some(Self { total, squares })
	}

	/// `fees` as a share of all, in parts per million, rounded down; 0 if nothing was paid.
	pub(crate) fn share(&self, fees: Balance) -> u32 {
		multiply_by_rational_with_rounding(fees, PPM.into(), self.total, Rounding::Down)
			.and_then(|share| share.try_into().ok())
			.unwrap_or(0)
	}

	/// The sum of the squares of all shares, in ten-thousandths, rounded down: 10,000 if one owner
	/// has everything, 10,000 / n if n have the same, 0 if nothing was paid.
	pub(crate) fn herfindahl(&self) -> u32 {
		let part = self.squares.full_mul(HERFINDAHL_WHOLE.into());
		let whole = U256::from(self.total).full_mul(self.total.into());
		let index = part.checked_div(whole).unwrap_or(U512::zero());
		index.try_into().unwrap_or(HERFINDAHL_WHOLE)
	}

	/// `slope × max(0, s − limit) / s`, with s the share that `fees` are of all, in parts per
	/// million, rounded down; 0 if nothing was paid.
	fn damping(&self, fees: Balance, limit: u32, slope: u32) -> u32 {
		let rate = || -> Option<U256> {
			// Both sides of the fraction times total × 10⁶; products of 168 bits at most.
			let fees = U256::from(fees).checked_mul(PPM.into())?;
			let free = U256::from(self.total).checked_mul(limit.into())?;
			fees.checked_sub(free)?.checked_mul(slope.into())?.checked_div(fees)
		};
		rate().and_then(|rate| rate.try_into().ok()).unwrap_or(0)
	}
}

/// The parts after damping: what it takes from the model's is the dividend's. Rounded up, so that
/// nothing is gained by many small payments. `None` if a sum is no longer a `u128`.
pub(crate) fn damped(parts: Parts, damping: u32) -> Option<Parts> {
	let taken =
		multiply_by_rational_with_rounding(parts.model, damping.into(), PPM.into(), Rounding::Up)?;
	Some(Parts {
		dividend: parts.dividend.checked_add(taken)?,
		model: parts.model.checked_sub(taken)?,
		..parts
	})
}

impl<T: Config> Pallet<T> {
	/// For whom the fees of an account's models are counted.
	fn classify(account: AccountId32) -> Owner {
		if let Some(person) = T::People::person_of(&account) {
			return Owner::Person(person);
		}
		if Organisations::<T>::contains_key(&account) {
			return Owner::Organisation(account);
		}
		Owner::Unlisted
	}

	/// Counts `amount`, paid for `model`, on top of `fees` and of the records in `known`, which are
	/// newer than those in storage. Writes nothing. `None` if a sum is too large.
	pub(crate) fn count(
		model: ModelId,
		amount: Balance,
		slope: u32,
		fees: &Concentration,
		known: &BTreeMap<Owner, OwnerFees>,
	) -> Option<Counted> {
		let owner = T::Models::owner(model).map_or(Owner::Unlisted, Self::classify);
		let record = known.get(&owner).copied();
		let before = record.unwrap_or_else(|| FeesByOwner::<T>::get(&owner)).at(fees.epoch);
		let damping = Self::rate(&owner, &before, slope, &fees.last);
		let open = fees.open.plus(before.fees, amount)?;
		let record = OwnerFees { fees: before.fees.checked_add(amount)?, ..before };
		Some(Counted { owner, record, fees: Concentration { open, ..*fees }, damping })
	}

	/// What part of its models' part an owner gives, in parts per million. None of it as long as
	/// so little is paid that the first users would be taxed for being alone.
	fn rate(owner: &Owner, record: &OwnerFees, slope: u32, last: &EpochFees) -> u32 {
		if last.total < T::ConcentrationFloor::get() {
			return 0;
		}
		last.damping(record.last_fees, owner.limit(), slope)
	}

	/// An owner's share of all fees and its damping in the epoch that closed last, both in parts
	/// per million.
	pub(crate) fn standing(account: AccountId32) -> (u32, u32) {
		let fees = Books::<T>::get().fees;
		let owner = Self::classify(account);
		let record = FeesByOwner::<T>::get(&owner).at(fees.epoch);
		let damping = Self::rate(&owner, &record, Slope::<T>::get(), &fees.last);
		(fees.last.share(record.last_fees), damping)
	}

	/// Opens the next epoch.
	pub(crate) fn close_fees(epoch: EpochIndex) {
		let fees = Books::<T>::mutate(|books| {
			books.fees.last = core::mem::take(&mut books.fees.open);
			books.fees.epoch = books.fees.epoch.saturating_add(1);
			books.fees
		});
		if !fees.last.total.is_zero() {
			Self::deposit_event(Event::FeesCounted {
				epoch,
				total: fees.last.total,
				herfindahl: fees.last.herfindahl(),
			});
		}
	}
}
