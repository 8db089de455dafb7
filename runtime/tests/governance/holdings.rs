//! What the dividend holds and owes.
//!
//! It holds the pot of all people and that of every programme. Only claims take money out of these
//! accounts. Polls may decide other things about it, and the tests let these be:
//!
//! - A programme opens or ends. It gets its part of what flows in from then on, from the pot of all
//!   people and never more than the ceiling, and nothing of what is there. What it does not owe returns.
//! - Somebody is no person. What was put aside for it is not owed any more; it stays in the pot, and
//!   is divided among all.
//! - Claims wait: during a pause, or while verifiers are suspended. What is owed stays owed until it
//!   leaves the claim window; then it stays in the pot, too.
//! - Among how many at least the pot is divided, how often, and what part of payments flows in, all
//!   within bounds.
//! - The hash of a new runtime is noted. What that runtime does is not asked here.

use crate::chain::holds;
use pallet_dividend::{ProgrammeId, Shares};
use pallet_personhood::{NextPerson, People};
use sp_runtime::traits::AccountIdConversion;
use std::iter::once;
use usufruct_primitives::{Balance, PersonId};
use usufruct_runtime::{configs::usufruct::DividendPalletId, AccountId, Dividend, Runtime};

/// The account of a programme.
pub fn programme_pot(id: ProgrammeId) -> AccountId {
	DividendPalletId::get().into_sub_account_truncating((1u8, id))
}

/// What there is at some time.
#[derive(Clone, Debug)]
pub struct Holdings {
	/// What the pot of all people holds, and then that of each programme there ever was.
	accounts: Vec<Balance>,
	/// What all of them owe together.
	pub owed: Balance,
	/// What of that is put aside for each person that is recognised.
	aside: Vec<(PersonId, Balance)>,
}

impl Holdings {
	pub fn now() -> Self {
		let programmes = 0..Dividend::programme_count();
		let pots = once(Dividend::pot()).chain(programmes.clone().map(programme_pot));
		let accounts = pots.map(|pot| holds(&pot)).collect();
		let owed_by = |id| Dividend::programme(id).map_or(0, |one| one.totals.liability);
		let owed = Dividend::epoch().liability + programmes.map(owed_by).sum::<Balance>();
		let recognised =
			|id: &PersonId| People::<Runtime>::get(*id).is_some_and(|person| !person.revoked);
		let aside = (0..NextPerson::<Runtime>::get())
			.filter(recognised)
			.filter_map(|id| Shares::<Runtime>::get(id).map(|share| (id, share.owed)))
			.collect();
		Self { accounts, owed, aside }
	}

	/// What the pot of all people holds.
	pub fn of_all(&self) -> Balance {
		self.accounts[0]
	}

	/// What all accounts hold.
	pub fn together(&self) -> Balance {
		self.accounts.iter().sum()
	}

	/// Whether one of the accounts holds less later, or they owe less than before, beside what was put
	/// aside for those who were revoked meanwhile.
	pub fn shrank(&self, later: &Self) -> bool {
		let mut accounts = self.accounts.iter().zip(&later.accounts);
		let emptier = accounts.any(|(before, after)| after < before);
		let is_left = |id: &PersonId| later.aside.iter().any(|(other, _)| other == id);
		let gone = self.aside.iter().filter(|(id, _)| !is_left(id));
		let forfeited: Balance = gone.map(|(_, aside)| *aside).sum();
		emptier || later.owed + forfeited < self.owed
	}
}
