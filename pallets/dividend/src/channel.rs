//! The dividend as credit for the use of models: a claim that goes into a channel, with a bonus.

use crate::pallet::*;
use frame_support::{
	pallet_prelude::*,
	storage::{with_transaction, TransactionOutcome},
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
	},
};
use usufruct_primitives::{split::entitlement, traits::ChannelTopUp, Balance, ChannelId, PPM};

impl<T: Config> Pallet<T> {
	/// Pays a claim by this account and puts it into a channel of the account that is paid.
	pub(crate) fn pay_into_channel(who: &T::AccountId, channel: ChannelId) -> DispatchResult {
		let due = Self::due(who)?;
		let (person, account, amount) = (due.person, due.account.clone(), due.amount);
		Self::pay(due)?;

		// The existential deposit stays free, because only an account that exists can have a hold;
		// and what is frozen cannot be spent.
		let free =
			T::Currency::reducible_balance(&account, Preservation::Preserve, Fortitude::Polite);
		let credit = amount.min(free);
		ensure!(credit > 0, Error::<T>::NothingToCredit);
		let bonus = Self::bonus_on(credit)?;
		if bonus > 0 {
			let commons = T::CommonsPot::get();
			T::Currency::transfer(&commons, &account, bonus, Preservation::Preserve)?;
		}
		let added = credit.checked_add(bonus).ok_or(Error::<T>::Unexpected)?;
		T::Channels::top_up(&account, channel, added, bonus)?;
		Self::deposit_event(Event::Credited { person, account, channel, credit, bonus });
		Ok(())
	}

	/// What the commons fund adds to this much credit: as much as governance says, as the split
	/// allows now, and as the fund has.
	fn bonus_on(credit: Balance) -> Result<Balance, Error<T>> {
		let rate = Bonus::<T>::get().min(T::BonusCeiling::get());
		if rate == 0 {
			return Ok(0);
		}
		let bonus = entitlement(credit, rate, PPM).ok_or(Error::<T>::Unexpected)?;
		let fund = T::Currency::reducible_balance(
			&T::CommonsPot::get(),
			Preservation::Preserve,
			Fortitude::Polite,
		);
		Ok(bonus.min(fund))
	}

	/// Whether a call would succeed now: it is made, and undone. That is the one condition that is
	/// exact whatever the channel's pallet and the account's locks have to say.
	pub(crate) fn would_succeed(call: impl FnOnce() -> DispatchResult) -> bool {
		with_transaction(|| TransactionOutcome::Rollback(call())).is_ok()
	}
}
