//! Claims: what each must pay, whoever makes it and wherever it goes.

use super::*;
use sp_runtime::{transaction_validity::InvalidTransaction, DispatchError};

impl History {
	/// What a claim of this person would pay and why it would fail, whoever makes it.
	pub(super) fn expected(
		&self,
		person: PersonId,
		seen: &mut Seen,
	) -> Result<Balance, Error<Test>> {
		let human = &self.humans[person as usize];
		let amount = self.worth(&human.unclaimed) + self.worth(&human.owed);
		if self.is_paused() {
			seen.paused_claims += 1;
			Err(Error::Paused)
		} else if human.barred {
			seen.barred += 1;
			Err(Error::MayNotClaim)
		} else if human.forgotten {
			Err(Error::NoShare)
		} else if amount == 0 {
			seen.nothing += 1;
			Err(Error::NothingToClaim)
		} else if balance(human.paid_on(self.open())) + amount < ExistentialDeposit::get() {
			seen.too_little += 1;
			Err(Error::TooLittleForAccount)
		} else {
			Ok(amount)
		}
	}

	/// A person claims, somebody else does so for it, or it takes credit.
	pub(super) fn claim(&mut self, person: PersonId, seen: &mut Seen) {
		match self.rng.within(0, 9) {
			0..=5 => self.claim_itself(person, seen),
			6..=8 => self.claim_by_others(person, seen),
			_ => self.take_credit(person, seen),
		}
	}

	pub(super) fn claim_itself(&mut self, person: PersonId, seen: &mut Seen) {
		let expected = self.expected(person, seen).map_err(DispatchError::from);
		let account = self.humans[person as usize].account;
		assert_eq!(claim(account), expected);
		self.paid(person, expected.is_ok(), seen);
	}

	pub(super) fn claim_by_others(&mut self, person: PersonId, seen: &mut Seen) {
		let expected = match self.expected(person, seen) {
			_ if self.humans[person as usize].alone => Err(InvalidTransaction::Call),
			Ok(amount) => Ok(amount),
			Err(Error::NothingToClaim) => Err(InvalidTransaction::Stale),
			Err(Error::MayNotClaim) if self.humans[person as usize].revoked => {
				Err(InvalidTransaction::Stale)
			},
			Err(Error::NoShare) => Err(InvalidTransaction::Call),
			Err(_) => Err(InvalidTransaction::Future),
		};
		assert_eq!(claim_for(person), expected);
		if expected.is_ok() {
			seen.claims_by_others += 1;
		} else {
			seen.refused_others += 1;
		}
		self.paid(person, expected.is_ok(), seen);
	}

	pub(super) fn take_credit(&mut self, person: PersonId, seen: &mut Seen) {
		let human = &self.humans[person as usize];
		let (own, account) = (human.account, human.paid_on(self.open()));
		let channel = drawer(1, account);
		let rate = Balance::from(Bonus::<Test>::get());
		let fund = balance(COMMONS).saturating_sub(ExistentialDeposit::get());
		let expected = self.expected(person, seen).and_then(|amount| {
			// What is above the existential deposit is free to be put on hold.
			let free = balance(account) + amount - ExistentialDeposit::get();
			let credit = amount.min(free);
			let bonus = (credit * rate / 1_000_000).min(fund);
			if credit == 0 {
				seen.no_credit += 1;
				return Err(Error::NothingToCredit);
			}
			seen.credits += 1;
			seen.bonuses += u64::from(bonus > 0);
			Ok(credit + bonus)
		});
		let expected = expected.map_err(DispatchError::from);
		assert_eq!(claim_to_drawer(own, channel), expected);
		self.paid(person, expected.is_ok(), seen);
	}

	/// I5: a claim pays the sum of its epochs, each of them for the first time.
	pub(super) fn paid(&mut self, person: PersonId, succeeded: bool, seen: &mut Seen) {
		if !succeeded {
			return;
		}
		let open = self.open();
		let human = &self.humans[person as usize];
		self.total_paid += self.worth(&human.unclaimed) + self.worth(&human.owed);
		seen.claims += 1;
		seen.catch_ups += u64::from(human.unclaimed.len() > 1);
		seen.paid_elsewhere += u64::from(human.paid_on(open) != human.account);
		let human = &mut self.humans[person as usize];
		for epoch in human.unclaimed.iter().chain(&human.owed) {
			assert!(human.paid.insert(*epoch), "I5: paid twice for an epoch");
		}
		human.unclaimed.clear();
		human.owed.clear();
	}
}
