//! What happens to the five parts once they are divided: how they reach their owners, and how the
//! weights change.

use crate::{
	Books, Config, CurrentSplit, Error, Event, NextSplit, OracleBook, OracleBooks, Pallet,
	PotParts, WeightInfo,
};
use frame_support::{
	dispatch::DispatchClass,
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{DepositConsequence, Preservation, Provenance},
		Get,
	},
};
use sp_runtime::{traits::Zero, DispatchError, DispatchResult};
use usufruct_primitives::{split::Parts, traits::OnEpochClose, Balance, EpochIndex};

impl PotParts {
	/// With the pots' parts of a settlement; `None` if a sum is no longer a `u128`.
	pub(crate) fn plus(&self, parts: &Parts) -> Option<Self> {
		Some(Self {
			dividend: self.dividend.checked_add(parts.dividend)?,
			commons: self.commons.checked_add(parts.commons)?,
			security: self.security.checked_add(parts.security)?,
		})
	}
}

impl<T: Config> Pallet<T> {
	/// Moves what each pot is due to it, if it can hold it. Whether anything moved.
	pub(crate) fn move_pending() -> bool {
		let due = Books::<T>::get().due;
		let moved = PotParts {
			dividend: Self::move_to(&T::DividendPot::get(), due.dividend),
			commons: Self::move_to(&T::CommonsPot::get(), due.commons),
			security: Self::move_to(&T::SecurityPot::get(), due.security),
		};
		if moved == PotParts::default() {
			return false;
		}
		let rest = PotParts {
			dividend: due.dividend.saturating_sub(moved.dividend),
			commons: due.commons.saturating_sub(moved.commons),
			security: due.security.saturating_sub(moved.security),
		};
		Books::<T>::mutate(|books| books.due = rest);
		Self::deposit_event(Event::Flushed { parts: moved });
		true
	}

	/// Moves `amount` to a pot; what was moved, all of it or nothing.
	fn move_to(pot: &T::AccountId, amount: Balance) -> Balance {
		if amount.is_zero() {
			return 0;
		}
		let moved = with_storage_layer::<_, DispatchError, _>(|| {
			T::Currency::transfer(&Self::account(), pot, amount, Preservation::Preserve)
		});
		moved.map_or(0, |_| amount)
	}

	/// Takes scheduled weights into use, with new ledgers; the old ones' dust is the dividend's.
	fn begin_segment() {
		let Some(new) = NextSplit::<T>::take() else { return };
		let dust = Books::<T>::mutate(|books| {
			let settled = core::mem::take(&mut books.settled).dust();
			let dust = settled.saturating_add(core::mem::take(&mut books.royalties).dust());
			books.due.dividend = books.due.dividend.saturating_add(dust);
			dust
		});
		let old = CurrentSplit::<T>::get();
		CurrentSplit::<T>::put(new);
		Self::deposit_event(Event::SplitChanged { old, new, dust });
	}

	/// Pays an oracle its credit.
	pub(crate) fn pay_out(oracle: T::AccountId) -> DispatchResult {
		let book = OracleBooks::<T>::get(&oracle);
		let amount = book.credit;
		ensure!(!amount.is_zero(), Error::<T>::NothingToCollect);
		let deposit = T::Currency::can_deposit(&oracle, amount, Provenance::Extant);
		ensure!(deposit == DepositConsequence::Success, Error::<T>::CannotReceive);

		T::Currency::transfer(&Self::account(), &oracle, amount, Preservation::Preserve)?;
		OracleBooks::<T>::insert(&oracle, OracleBook { credit: 0, ..book });
		Self::deposit_event(Event::Collected { oracle, amount });
		Ok(())
	}
}

impl<T: Config> OnEpochClose for Pallet<T> {
	/// Constant work, which it adds to the weight of the block itself. The dust of an old ledger is
	/// moved with the rest, so that it is divided in the epoch that closes.
	fn on_epoch_close(epoch: EpochIndex) {
		frame_system::Pallet::<T>::register_extra_weight_unchecked(
			T::WeightInfo::on_epoch_close(),
			DispatchClass::Mandatory,
		);
		Self::begin_segment();
		Self::close_fees(epoch);
		Self::move_pending();
	}
}
