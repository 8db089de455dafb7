//! The two ledgers of a version: what is due to whom.
//!
//! 1. All that comes in divides into the ancestors' royalties and the *own part*.
//! 2. The own part and the royalties the version received divide among its rows.
//!
//! Both go by the cumulative-difference rule: who is entitled to `floor(total × weight / 10⁶)` is due
//! that less what it was given before, so when and how often things move changes nothing. An
//! ancestor that entered the table later is entitled to a part of what came in since. The own part
//! is what the exact royalties leave, rounded down: the planck that nobody gets yet are fewer than
//! the parties, in each ledger.

use crate::{
	Ancestor, Ancestors, Config, Contributors, Error, Event, HoldReason, Moved, Paid, Pallet,
	Revenue, Row, Royalties,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{hold::Mutate as _, Inspect, Mutate},
		tokens::{DepositConsequence, Preservation, Provenance},
	},
};
use sp_runtime::{AccountId32, ArithmeticError, DispatchError, DispatchResult};
use usufruct_primitives::{split::entitlement, Balance, VersionId, PPM};

impl Ancestor {
	/// What it is entitled to of a descendant that earned `revenue`.
	pub(crate) fn entitlement(&self, revenue: Balance) -> Option<Balance> {
		entitlement(revenue.checked_sub(self.since)?, self.rate, PPM)
	}

	/// What rounding down leaves of that entitlement, in millionths of a planck.
	fn remainder(&self, revenue: Balance) -> Option<Balance> {
		let whole = Balance::from(PPM);
		let last = revenue.checked_sub(self.since)? % whole;
		// Both factors are below a million.
		Some(last * Balance::from(self.rate) % whole)
	}
}

/// What is left of `revenue` beside the ancestors' exact royalties, rounded down.
///
/// It never falls as the revenue rises, which `revenue` less the royalties as they are rounded would
/// do: several of them can rise by one planck at once.
pub(crate) fn own_part(revenue: Balance, ancestors: &[Ancestor]) -> Option<Balance> {
	let (mut royalties, mut remainders): (Balance, Balance) = (0, 0);
	for ancestor in ancestors {
		royalties = royalties.checked_add(ancestor.entitlement(revenue)?)?;
		remainders = remainders.checked_add(ancestor.remainder(revenue)?)?;
	}
	revenue.checked_sub(royalties)?.checked_sub(remainders.div_ceil(PPM.into()))
}

impl<T: Config> Pallet<T> {
	/// Holds `amount` of the owner's money as deposit.
	pub(crate) fn hold(owner: &AccountId32, amount: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::Deposit.into(), owner, amount)
	}

	/// An ancestor of a version, and the royalty it is due now. Changes nothing.
	pub(crate) fn royalty(
		version: VersionId,
		index: u16,
	) -> Result<(Ancestor, Balance), DispatchError> {
		let revenue = Revenue::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let ancestor = Ancestors::<T>::get(version)
			.into_iter()
			.nth(usize::from(index))
			.ok_or(Error::<T>::UnknownAncestor)?;
		let entitled = ancestor.entitlement(revenue).ok_or(ArithmeticError::Overflow)?;
		let due = entitled
			.checked_sub(Moved::<T>::get(version, index))
			.ok_or(ArithmeticError::Underflow)?;
		Ok((ancestor, due))
	}

	/// Moves all that an ancestor is due from the version's first ledger to the ancestor's second
	/// one. The money itself is in the pot before and after.
	pub(crate) fn do_move_royalty(version: VersionId, index: u16) -> DispatchResult {
		let (Ancestor { version: ancestor, .. }, due) = Self::royalty(version, index)?;
		ensure!(due > 0, Error::<T>::NothingDue);
		let moved =
			Moved::<T>::get(version, index).checked_add(due).ok_or(ArithmeticError::Overflow)?;
		let received =
			Royalties::<T>::get(ancestor).checked_add(due).ok_or(ArithmeticError::Overflow)?;

		Moved::<T>::insert(version, index, moved);
		Royalties::<T>::insert(ancestor, received);
		Self::deposit_event(Event::RoyaltyMoved { version, index, ancestor, amount: due });
		Ok(())
	}

	/// What the rows of a version divide: its own part of all it ever earned, and all royalties it
	/// ever received.
	pub(crate) fn earned(version: VersionId) -> Result<Balance, DispatchError> {
		let revenue = Revenue::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		own_part(revenue, &Ancestors::<T>::get(version))
			.and_then(|own| own.checked_add(Royalties::<T>::get(version)))
			.ok_or(ArithmeticError::Overflow.into())
	}

	/// A row of a version, and what it is due now, whether or not that can be paid. Changes nothing.
	pub(crate) fn due(version: VersionId, row: u16) -> Result<(Row, Balance), DispatchError> {
		let earned = Self::earned(version)?;
		let table = Contributors::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let record = table.into_iter().nth(usize::from(row)).ok_or(Error::<T>::UnknownRow)?;
		let entitled = entitlement(earned, record.share, PPM).ok_or(ArithmeticError::Overflow)?;
		let due =
			entitled.checked_sub(Paid::<T>::get(version, row)).ok_or(ArithmeticError::Underflow)?;
		Ok((record, due))
	}

	/// Pays `due` for a row to `account`.
	pub(crate) fn pay(
		version: VersionId,
		row: u16,
		account: AccountId32,
		due: Balance,
	) -> DispatchResult {
		ensure!(
			T::Currency::can_deposit(&account, due, Provenance::Extant)
				== DepositConsequence::Success,
			Error::<T>::AccountCannotHold
		);
		let paid =
			Paid::<T>::get(version, row).checked_add(due).ok_or(ArithmeticError::Overflow)?;

		Paid::<T>::insert(version, row, paid);
		T::Currency::transfer(&Self::pot(), &account, due, Preservation::Preserve)?;
		Self::deposit_event(Event::RevenuePaid { version, row, account, amount: due });
		Ok(())
	}
}
