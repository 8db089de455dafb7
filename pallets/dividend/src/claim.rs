//! What a person is due, and paying it.

use crate::{ledger::Ledger, pallet::*, ProgrammeId, Share, Totals};
use frame_support::{
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{DepositConsequence, Fortitude, Preservation, Provenance},
	},
};
use usufruct_primitives::{
	traits::{Holders, People},
	Balance, EpochIndex, PersonId,
};

/// For how many blocks a claim for somebody else is valid without being looked at again.
const CLAIM_LONGEVITY: TransactionLongevity = 64;

/// Closed epochs in which a person shared and which it has neither claimed nor lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unclaimed {
	/// The first of them.
	pub from: EpochIndex,
	/// The one after the last; `from` if there are none.
	pub end: EpochIndex,
	/// The sum of their shares.
	pub amount: Balance,
}

impl Unclaimed {
	/// Whether there are none.
	pub(crate) fn is_empty(&self) -> bool {
		self.end <= self.from
	}

	/// The last of them; less than `from` if there are none.
	pub(crate) fn to(&self) -> EpochIndex {
		// Saturating: intervals start with epoch 1 at the earliest.
		self.end.saturating_sub(1)
	}
}

/// A claim that will succeed, and the state it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due<AccountId> {
	pub person: PersonId,
	/// The open epoch.
	pub epoch: EpochIndex,
	/// The account that is paid.
	pub account: AccountId,
	pub unclaimed: Unclaimed,
	/// All that is paid, settled money included.
	pub amount: Balance,
	pub share_after: Share,
	pub totals_after: Totals,
}

impl<T: Config> Ledger<T> {
	/// What of the closed epochs of a person's interval is still to be claimed. Reads only.
	pub(crate) fn unclaimed(
		self,
		person: PersonId,
		share: &Share,
		totals: &Totals,
	) -> Result<Unclaimed, Error<T>> {
		let from = share.next.max(totals.next_sweep).max(self.due_since(person));
		// Saturating: no interval is given that ends with the last epoch there can be.
		let end = share.until.saturating_add(1).min(totals.epoch);
		if end <= from {
			return Ok(Unclaimed { from, end: from, amount: 0 });
		}
		let amount =
			self.row(end).cum.checked_sub(self.row(from).cum).ok_or(Error::<T>::Unexpected)?;
		Ok(Unclaimed { from, end, amount })
	}

	/// Counts one person as having claimed these epochs.
	pub(crate) fn count_claim(self, unclaimed: &Unclaimed) {
		if unclaimed.is_empty() {
			return;
		}
		// Saturating both: there are no more claims of an epoch than people, who are counted by the
		// same type.
		let (mut first, mut end) = (self.row(unclaimed.from), self.row(unclaimed.end));
		first.claim_in = first.claim_in.saturating_add(1);
		end.claim_out = end.claim_out.saturating_add(1);
		self.put_row(unclaimed.from, first);
		self.put_row(unclaimed.end, end);
	}
}

impl<T: Config> Pallet<T> {
	/// What a claim by this account would do, or why it would fail, but for the pot that must hold
	/// it. Reads only, and a constant number of values.
	pub(crate) fn due(account: &T::AccountId) -> Result<Due<T::AccountId>, Error<T>> {
		let person = T::People::person_of(account).ok_or(Error::<T>::NotAPerson)?;
		Self::due_of(Ledger::dividend(), person, account)
	}

	/// The same of a programme.
	pub(crate) fn due_of_programme(
		id: ProgrammeId,
		account: &T::AccountId,
	) -> Result<Due<T::AccountId>, Error<T>> {
		let person = T::People::person_of(account).ok_or(Error::<T>::NotAPerson)?;
		Self::due_of(Ledger::programme(id), person, account)
	}

	/// The same for a claim by anybody else.
	pub(crate) fn due_by_others(person: PersonId) -> Result<Due<T::AccountId>, Error<T>> {
		let account = T::People::account_of(person).ok_or(Error::<T>::NotAPerson)?;
		ensure!(!ClaimsAlone::<T>::contains_key(person), Error::<T>::ClaimsAlone);
		Self::due_of(Ledger::dividend(), person, &account)
	}

	/// The same for a person and its own account, of one pot.
	fn due_of(
		ledger: Ledger<T>,
		person: PersonId,
		own: &T::AccountId,
	) -> Result<Due<T::AccountId>, Error<T>> {
		ensure!(!Self::is_paused(), Error::<T>::Paused);
		ensure!(T::People::may_claim(person), Error::<T>::MayNotClaim);
		let mut share = ledger.share(person).ok_or(Error::<T>::NoShare)?;
		let mut totals = ledger.totals();

		let unclaimed = ledger.unclaimed(person, &share, &totals)?;
		let amount = unclaimed.amount.checked_add(share.owed).ok_or(Error::<T>::Unexpected)?;
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		totals.liability = totals.liability.checked_sub(amount).ok_or(Error::<T>::Unexpected)?;
		share.owed = 0;
		if !unclaimed.is_empty() {
			share.next = unclaimed.end;
		}

		let epoch = match ledger == Ledger::dividend() {
			true => totals.epoch,
			false => Books::<T>::get().epoch,
		};
		let account = Self::payout_in_force(person, own, epoch);
		match T::Currency::can_deposit(&account, amount, Provenance::Extant) {
			DepositConsequence::Success => (),
			DepositConsequence::BelowMinimum | DepositConsequence::CannotCreate => {
				return Err(Error::<T>::TooLittleForAccount)
			},
			_ => return Err(Error::<T>::Unexpected),
		}
		Ok(Due {
			person,
			epoch,
			account,
			unclaimed,
			amount,
			share_after: share,
			totals_after: totals,
		})
	}

	/// Whether what is due would be paid: the pot has it, as it always should. A claim that is made
	/// learns it from the transfer.
	fn is_payable(ledger: Ledger<T>, due: &Due<T::AccountId>) -> bool {
		let pot = ledger.pot();
		due.amount
			<= T::Currency::reducible_balance(&pot, Preservation::Preserve, Fortitude::Polite)
	}

	/// What a claim by this account would pay now; none if it would fail.
	pub(crate) fn payable(account: &T::AccountId) -> Option<Balance> {
		let due = Self::due(account).ok()?;
		Self::is_payable(Ledger::dividend(), &due).then_some(due.amount)
	}

	/// The same of a programme.
	pub(crate) fn payable_of_programme(id: ProgrammeId, account: &T::AccountId) -> Option<Balance> {
		let due = Self::due_of_programme(id, account).ok()?;
		Self::is_payable(Ledger::programme(id), &due).then_some(due.amount)
	}

	/// Whether a claim for this person, by whoever sends it, may enter a block. Reads only.
	pub(crate) fn authorize_claim_for(person: PersonId) -> TransactionValidityWithRefund {
		// Who was revoked has forfeited everything, also if it comes back: a pool would keep for ever
		// what is of the future.
		let revoked = || Shares::<T>::get(person).is_some_and(|share| share.is_revoked());
		let due = Self::due_by_others(person).map_err(|error| match error {
			Error::NothingToClaim => InvalidTransaction::Stale,
			Error::MayNotClaim if revoked() => InvalidTransaction::Stale,
			Error::Paused | Error::MayNotClaim | Error::TooLittleForAccount => {
				InvalidTransaction::Future
			},
			_ => InvalidTransaction::Call,
		})?;
		ensure!(Self::is_payable(Ledger::dividend(), &due), InvalidTransaction::Call);
		// No priority: the free lane orders what is free.
		ValidTransaction::with_tag_prefix("DividendClaimFor")
			.and_provides((person, due.epoch))
			.longevity(CLAIM_LONGEVITY)
			.propagate(true)
			.build()
			.map(|validity| (validity, Weight::zero()))
	}

	/// Puts aside what of the closed epochs of its interval is still to be claimed, and counts it as
	/// claimed; returns what is owed to the person then. The caller stores it. It was promised
	/// already, so the liability does not change.
	pub(crate) fn put_aside(
		person: PersonId,
		share: &Share,
		unclaimed: &Unclaimed,
	) -> Result<Balance, DispatchError> {
		let owed = share.owed.checked_add(unclaimed.amount).ok_or(Error::<T>::Unexpected)?;
		Ledger::<T>::dividend().count_claim(unclaimed);
		if unclaimed.amount > 0 {
			Self::deposit_event(Event::Settled {
				person,
				from: unclaimed.from,
				to: unclaimed.to(),
				amount: unclaimed.amount,
			});
		}
		Ok(owed)
	}

	/// Makes the claim that [`Self::due_of_programme`] found.
	pub(crate) fn pay_of_programme(id: ProgrammeId, due: Due<T::AccountId>) -> DispatchResult {
		Self::pay_out(Ledger::programme(id), &due)?;
		let Due { person, account, unclaimed, amount, .. } = due;
		Programmes::<T>::mutate(id, |programme| {
			if let Some(programme) = programme {
				// Saturating both: for whoever looks at it, and nothing depends on it.
				programme.outcome.claims = programme.outcome.claims.saturating_add(1);
				programme.outcome.paid = programme.outcome.paid.saturating_add(amount);
			}
		});
		Self::deposit_event(Event::ProgrammeClaimed {
			programme: id,
			person,
			account,
			from: unclaimed.from,
			to: unclaimed.to(),
			amount,
		});
		Ok(())
	}

	/// Moves what is due, and books it.
	fn pay_out(ledger: Ledger<T>, due: &Due<T::AccountId>) -> DispatchResult {
		ledger.count_claim(&due.unclaimed);
		ledger.put_share(due.person, due.share_after)?;
		ledger.put_totals(due.totals_after);
		let pot = ledger.pot();
		// What is due fits into the account: it can only be the pot.
		T::Currency::transfer(&pot, &due.account, due.amount, Preservation::Preserve)
			.map_err(|_| Error::<T>::Unexpected)?;
		Ok(())
	}

	/// Makes the claim that [`Self::due`] found.
	pub(crate) fn pay(due: Due<T::AccountId>) -> DispatchResult {
		Self::pay_out(Ledger::dividend(), &due)?;
		let Due { person, account, unclaimed, amount, .. } = due;
		Self::deposit_event(Event::Claimed {
			person,
			account,
			from: unclaimed.from,
			to: unclaimed.to(),
			amount,
		});
		Ok(())
	}
}
