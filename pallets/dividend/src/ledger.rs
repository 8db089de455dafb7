//! Where the numbers of one division are kept: those of all people, or those of a programme. The rules
//! are the same for both, and written once.

use crate::{pallet::*, Epoch, ProgrammeId, Share, Totals};
use core::marker::PhantomData;
use frame_support::{pallet_prelude::*, traits::fungible::Inspect};
use sp_runtime::traits::AccountIdConversion;
use usufruct_primitives::{Balance, EpochIndex, PersonId};

/// The books of the dividend, or of a programme.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
	/// Of all people.
	Dividend,
	/// Of those who joined a programme.
	Programme(ProgrammeId),
}

/// One pot, and who is due what of it.
pub(crate) struct Ledger<T>(Whose, PhantomData<T>);

impl<T> Clone for Ledger<T> {
	fn clone(&self) -> Self {
		*self
	}
}

impl<T> Copy for Ledger<T> {}

impl<T> PartialEq for Ledger<T> {
	fn eq(&self, other: &Self) -> bool {
		self.0 == other.0
	}
}

impl<T: Config> Ledger<T> {
	/// That of all people.
	pub(crate) const fn dividend() -> Self {
		Self(Whose::Dividend, PhantomData)
	}

	/// That of a programme.
	pub(crate) const fn programme(id: ProgrammeId) -> Self {
		Self(Whose::Programme(id), PhantomData)
	}

	/// The account of its pot.
	pub(crate) fn pot(self) -> T::AccountId {
		let id = T::PalletId::get();
		match self.0 {
			Whose::Dividend => id.into_account_truncating(),
			// With a mark, because an account and its sub-account 0 are the same.
			Whose::Programme(programme) => id.into_sub_account_truncating((1u8, programme)),
		}
	}

	/// What the pot holds, without the existential deposit that keeps it alive.
	pub(crate) fn holding(self) -> Balance {
		// Saturating: if the deposit was raised above what the pot holds there is nothing to
		// divide.
		T::Currency::balance(&self.pot()).saturating_sub(T::Currency::minimum_balance())
	}

	/// Where it stands; nowhere, if there is no such programme.
	pub(crate) fn totals(self) -> Totals {
		match self.0 {
			Whose::Dividend => Books::<T>::get(),
			Whose::Programme(id) => {
				Programmes::<T>::get(id).map(|programme| programme.totals).unwrap_or_default()
			},
		}
	}

	pub(crate) fn put_totals(self, totals: Totals) {
		match self.0 {
			Whose::Dividend => Books::<T>::put(totals),
			Whose::Programme(id) => Programmes::<T>::mutate(id, |programme| {
				if let Some(programme) = programme {
					programme.totals = totals;
				}
			}),
		}
	}

	pub(crate) fn row(self, epoch: EpochIndex) -> Epoch {
		match self.0 {
			Whose::Dividend => Epochs::<T>::get(epoch),
			Whose::Programme(id) => ProgrammeEpochs::<T>::get(id, epoch),
		}
	}

	pub(crate) fn put_row(self, epoch: EpochIndex, row: Epoch) {
		match self.0 {
			Whose::Dividend => Epochs::<T>::insert(epoch, row),
			Whose::Programme(id) => ProgrammeEpochs::<T>::insert(id, epoch, row),
		}
	}

	pub(crate) fn take_row(self, epoch: EpochIndex) -> Epoch {
		match self.0 {
			Whose::Dividend => Epochs::<T>::take(epoch),
			Whose::Programme(id) => ProgrammeEpochs::<T>::take(id, epoch),
		}
	}

	/// Changes a row, unless the change fails.
	pub(crate) fn change_row<E>(
		self,
		epoch: EpochIndex,
		change: impl FnOnce(&mut Epoch) -> Result<(), E>,
	) -> Result<(), E> {
		let mut row = self.row(epoch);
		change(&mut row)?;
		self.put_row(epoch, row);
		Ok(())
	}

	/// The share of a person. That in a programme which was ended before its term ends with it,
	/// whatever it says.
	pub(crate) fn share(self, person: PersonId) -> Option<Share> {
		match self.0 {
			Whose::Dividend => Shares::<T>::get(person),
			Whose::Programme(id) => {
				let shares = ProgrammeShares::<T>::get(person);
				let (_, share) = shares.into_iter().find(|(other, _)| *other == id)?;
				let last = Programmes::<T>::get(id)?.terms.until;
				Some(Share { until: share.until.min(last), ..share })
			},
		}
	}

	/// The first epoch of which this person can be due anything: what it shared in of programmes
	/// before it was revoked is lost, as its dividend is.
	pub(crate) fn due_since(self, person: PersonId) -> EpochIndex {
		match self.0 {
			Whose::Dividend => 0,
			Whose::Programme(_) => {
				Shares::<T>::get(person).map_or(EpochIndex::MAX, |share| share.since)
			},
		}
	}

	/// Stores the share of a person. One in a programme that has ended makes room for it: nothing can
	/// be claimed of that any more.
	pub(crate) fn put_share(self, person: PersonId, share: Share) -> DispatchResult {
		match self.0 {
			Whose::Dividend => {
				Shares::<T>::insert(person, share);
				Ok(())
			},
			Whose::Programme(id) => ProgrammeShares::<T>::try_mutate(person, |shares| {
				if let Some((_, old)) = shares.iter_mut().find(|(other, _)| *other == id) {
					*old = share;
					return Ok(());
				}
				let running = Running::<T>::get();
				shares.retain(|(other, _)| running.contains(other));
				shares.try_push((id, share)).map_err(|_| Error::<T>::Unexpected.into())
			}),
		}
	}

	pub(crate) fn remove_share(self, person: PersonId) {
		match self.0 {
			Whose::Dividend => Shares::<T>::remove(person),
			Whose::Programme(id) => ProgrammeShares::<T>::mutate_exists(person, |shares| {
				let mut left = shares.take().unwrap_or_default();
				left.retain(|(other, _)| *other != id);
				*shares = Some(left).filter(|left| !left.is_empty());
			}),
		}
	}
}
