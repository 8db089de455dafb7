//! Bonds and locks over time, against a model that remembers every single lock.

use super::*;
use proptest::{collection::vec, prelude::*};

#[derive(Clone, Debug)]
enum Step {
	Wait(BlockNumber),
	Settle(Balance),
	BondMore(Balance),
	Unbond(Balance),
	Withdraw,
}

/// What an oracle has, told without buckets or rings.
struct Reference {
	now: BlockNumber,
	wallet: Balance,
	bond: Balance,
	/// Block and amount of every lock ever made.
	locks: Vec<(BlockNumber, Balance)>,
	/// Ready at, amount.
	unbonding: Vec<(BlockNumber, Balance)>,
}

impl Reference {
	/// Locks hold for the window after the end of the two blocks they were made in.
	fn locked(&self) -> Balance {
		self.locks
			.iter()
			.filter(|(at, _)| at / 2 * 2 + 2 + WINDOW > self.now)
			.map(|lock| lock.1)
			.sum()
	}

	fn settle(&mut self, amount: Balance) -> Result<(), BondShort> {
		let lock = (amount * 3).div_ceil(2);
		let free = self.bond - self.locked();
		if lock > free {
			return Err(BondShort { missing: lock - free });
		}
		self.locks.push((self.now, lock));
		Ok(())
	}

	fn bond_more(&mut self, amount: Balance) -> Result<(), DispatchError> {
		if amount == 0 {
			return Err(Error::<Test>::ZeroAmount.into());
		}
		if amount > self.wallet - ED {
			return Err(TokenError::FundsUnavailable.into());
		}
		self.wallet -= amount;
		self.bond += amount;
		Ok(())
	}

	fn unbond(&mut self, amount: Balance) -> Result<(), Error<Test>> {
		if amount == 0 {
			return Err(Error::ZeroAmount);
		}
		if amount > self.bond - self.locked() {
			return Err(Error::BondNotFree);
		}
		let left = self.bond - amount;
		if left > 0 && left < MIN_BOND {
			return Err(Error::BelowMinBond);
		}
		let ready_at = self.now + UNBONDING;
		let mut ends: Vec<_> = self.unbonding.iter().map(|part| part.0).chain([ready_at]).collect();
		ends.dedup();
		if ends.len() > MAX_UNBONDING as usize {
			return Err(Error::UnbondingFull);
		}
		self.bond = left;
		self.unbonding.push((ready_at, amount));
		Ok(())
	}

	fn withdraw(&mut self) -> Result<(), Error<Test>> {
		let now = self.now;
		let (ready, waiting): (Vec<(BlockNumber, Balance)>, Vec<_>) =
			self.unbonding.iter().copied().partition(|part| part.0 <= now);
		if ready.is_empty() {
			return Err(Error::NothingReady);
		}
		self.wallet += ready.iter().map(|part| part.1).sum::<Balance>();
		self.unbonding = waiting;
		Ok(())
	}

	fn is_gone(&self) -> bool {
		self.bond == 0 && self.unbonding.is_empty()
	}
}

/// Nothing, single planck, up to a few minimum bonds, and often just the minimum: so oracles end too.
fn amounts() -> impl Strategy<Value = Balance> {
	prop_oneof![
		1 => 0..3u128,
		2 => 0..100 * UFR,
		1 => 0..2 * MIN_BOND,
		2 => Just(MIN_BOND),
	]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
	let step = prop_oneof![
		3 => (0..20u32).prop_map(Step::Wait),
		1 => (0..2 * UNBONDING).prop_map(Step::Wait),
		5 => amounts().prop_map(Step::Settle),
		2 => amounts().prop_map(Step::BondMore),
		4 => amounts().prop_map(Step::Unbond),
		2 => Just(Step::Withdraw),
	];
	vec(step, 1..120)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn bond_and_locks_are_those_of_the_model(steps in steps()) {
		ExtBuilder.build_and_execute(|| {
			let bond = 2 * MIN_BOND;
			register(&ODA, bond);
			let mut model = Reference {
				now: System::block_number(),
				wallet: ENDOWMENT - bond,
				bond,
				locks: Vec::new(),
				unbonding: Vec::new(),
			};
			for step in steps {
				match step {
					Step::Wait(blocks) => {
						advance(blocks);
						model.now += blocks;
					},
					Step::Settle(amount) =>
						assert_eq!(Oracles::lock(&ODA, amount), model.settle(amount)),
					Step::BondMore(amount) => assert_eq!(
						Oracles::bond_more(signed(ODA), amount),
						model.bond_more(amount)
					),
					Step::Unbond(amount) => assert_eq!(
						Oracles::unbond(signed(ODA), amount),
						model.unbond(amount).map_err(Into::into)
					),
					Step::Withdraw => assert_eq!(
						Oracles::withdraw_unbonded(signed(ODA)).map(|_| ()).map_err(|err| err.error),
						model.withdraw().map_err(Into::into)
					),
				}

				assert_eq!(free(&ODA), model.wallet);
				assert_eq!(free(&ODA) + held(&ODA), ENDOWMENT);
				if model.is_gone() {
					assert_eq!(Oracles::oracle(ODA), None);
					return;
				}
				let info = info(&ODA);
				assert_eq!(info.bond, model.bond);
				assert_eq!(info.locked, model.locked());
				assert_eq!(info.free, model.bond - model.locked());
				assert_eq!(
					info.unbonding.iter().map(|part| part.amount).sum::<Balance>(),
					model.unbonding.iter().map(|part| part.1).sum::<Balance>()
				);
			}
		});
	}
}
