//! Deposits of owners and dues of contributors.

use crate::{Config, Contributors, Error, HoldReason, Paid, Pallet, Revenue};
use frame_support::traits::fungible::hold::Mutate;
use sp_runtime::{AccountId32, ArithmeticError, DispatchError, DispatchResult};
use usufruct_primitives::{split::entitlement, Balance, VersionId, PPM};

impl<T: Config> Pallet<T> {
	/// Holds `amount` of the owner's money as deposit.
	pub(crate) fn hold(owner: &AccountId32, amount: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::Deposit.into(), owner, amount)
	}

	/// Whom a row of a version pays, and what it is due now: what it is entitled to of all the version
	/// ever earned, less what it was paid (the cumulative-difference rule). Changes nothing.
	pub(crate) fn due(
		version: VersionId,
		row: u16,
	) -> Result<(AccountId32, Balance), DispatchError> {
		let revenue = Revenue::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let table = Contributors::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let row_record = table.into_iter().nth(usize::from(row)).ok_or(Error::<T>::UnknownRow)?;
		let entitled =
			entitlement(revenue, row_record.share, PPM).ok_or(ArithmeticError::Overflow)?;
		let due =
			entitled.checked_sub(Paid::<T>::get(version, row)).ok_or(ArithmeticError::Underflow)?;
		Ok((row_record.account, due))
	}
}
