//! Royalties: what is paid for a model that is used outside the chain is divided like a settlement,
//! without an oracle.

use crate::{
	concentration::damped, Books, Config, CurrentSplit, Error, Event, FeesByOwner, Memo, Pallet,
	Slope,
};
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::{fungible::Mutate, tokens::Preservation},
};
use sp_runtime::{traits::Zero, ArithmeticError, DispatchResult};
use usufruct_primitives::{
	split::{Parts, Split},
	traits::Models,
	Balance, VersionId, PPM,
};

/// The weights of dividend, commons, security and model, and what they sum to.
pub(crate) fn weights(split: &Split) -> ([u32; 4], u32) {
	let weights = [split.dividend, split.commons, split.security, split.model];
	(weights, PPM.saturating_sub(split.oracle))
}

impl<T: Config> Pallet<T> {
	/// Takes `amount` from `payer` and divides it.
	pub(crate) fn divide_royalty(
		payer: T::AccountId,
		version: VersionId,
		amount: Balance,
		memo: Memo,
	) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let terms = T::Models::terms(version).ok_or(Error::<T>::UnknownVersion)?;
		let mut books = Books::<T>::get();
		let (weights, whole) = weights(&CurrentSplit::<T>::get());
		let [dividend, commons, security, model] =
			books.royalties.divide(amount, &weights, whole).ok_or(ArithmeticError::Overflow)?;
		let known = BTreeMap::new();
		let counted = Self::count(terms.model, amount, Slope::<T>::get(), &books.fees, &known)
			.ok_or(ArithmeticError::Overflow)?;
		let parts =
			damped(Parts { dividend, commons, security, oracle: 0, model }, counted.damping)
				.ok_or(ArithmeticError::Overflow)?;

		T::Currency::transfer(&payer, &Self::account(), amount, Preservation::Preserve)?;
		if !parts.model.is_zero() {
			T::Models::credit(version, parts.model)?;
		}
		Self::pay_models(parts.model)?;
		books.due = books.due.plus(&parts).ok_or(ArithmeticError::Overflow)?;
		books.fees = counted.fees;
		Books::<T>::put(books);
		FeesByOwner::<T>::insert(&counted.owner, counted.record);
		Self::deposit_event(Event::RoyaltyPaid { payer, version, amount, parts, memo });
		Ok(())
	}
}
