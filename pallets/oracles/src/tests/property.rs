//! Bonds, locks, slashes and keys over time, against models that remember every single settlement and
//! key.

use super::*;
use proptest::{collection::vec, prelude::*, sample::Index};
use std::collections::BTreeMap;

/// How many histories: what the variable says, or as many as a few seconds allow.
fn cases() -> u32 {
	std::env::var("USUFRUCT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

#[derive(Clone, Debug)]
enum Step {
	Wait(BlockNumber),
	Register(Balance),
	Settle(Balance),
	BondMore(Balance),
	Unbond(Balance),
	Withdraw,
	Keep(Index),
	Release(Index),
	Limit(Option<Balance>),
	Slash { settlement: Option<Index>, consumer: Option<(AccountId32, Balance)>, reporter: Payee },
}

type Payee = Option<AccountId32>;

#[derive(Clone, Copy, PartialEq)]
enum State {
	Timed,
	Kept,
	Slashed,
}

#[derive(Clone, Copy)]
struct Settled {
	settlement: Settlement,
	lock: Balance,
	state: State,
}

/// What an oracle has, told without buckets or rings, and what everybody has.
struct Reference {
	now: BlockNumber,
	registered: bool,
	bond: Balance,
	settled: Vec<Settled>,
	/// Ready at, amount.
	unbonding: Vec<(BlockNumber, Balance)>,
	/// What is free in each account.
	wallets: BTreeMap<AccountId32, Balance>,
	/// The limits that were set and hold, or will: from when.
	limits: Vec<(BlockNumber, Option<Balance>)>,
}

impl Reference {
	fn new(now: BlockNumber) -> Self {
		let wallets = [ODA, CARA, RITA, NOBODY, POT].map(|who| (who.clone(), free(&who)));
		let (settled, unbonding) = Default::default();
		let (wallets, limits) = (wallets.into(), vec![]);
		Self { now, registered: false, bond: 0, settled, unbonding, wallets, limits }
	}

	/// The most that may be settled within a window now; the last limit that holds.
	fn limit(&self) -> Option<Balance> {
		let held = self.limits.iter().rev().find(|(from, _)| *from <= self.now);
		held.and_then(|(_, limit)| *limit)
	}

	fn set_limit(&mut self, limit: Option<Balance>) -> Result<(), Error<Test>> {
		if !self.registered {
			return Err(Error::NotRegistered);
		}
		let before = self.limit();
		let to_come = self.limits.iter().any(|(from, _)| *from > self.now);
		if limit == before && !to_come {
			return Err(Error::LimitUnchanged);
		}
		let rises = limit.unwrap_or(Balance::MAX) > before.unwrap_or(Balance::MAX);
		self.limits.retain(|(from, _)| *from <= self.now);
		self.limits.push((if rises { self.now + WINDOW } else { self.now }, limit));
		Ok(())
	}

	/// What is lacking to lock `lock` of `most`.
	fn short(&self, most: Balance, lock: Balance) -> Balance {
		lock.saturating_sub(most.saturating_sub(self.locked()))
	}

	/// Locks hold for the window after the end of the two blocks they were made in.
	fn has_ended(&self, settlement: Settlement) -> bool {
		settlement.at / 2 * 2 + 2 + WINDOW <= self.now
	}

	fn holds(&self, settled: &Settled) -> bool {
		match settled.state {
			State::Timed => !self.has_ended(settled.settlement),
			State::Kept => true,
			State::Slashed => false,
		}
	}

	fn locked(&self) -> Balance {
		self.settled.iter().filter(|one| self.holds(one)).map(|one| one.lock).sum()
	}

	fn kept(&self) -> Balance {
		self.settled.iter().filter(|one| one.state == State::Kept).map(|one| one.lock).sum()
	}

	fn unbonding(&self) -> Balance {
		self.unbonding.iter().map(|part| part.1).sum()
	}

	/// One of the settlements in that state.
	fn pick(&self, which: &Index, states: &[State]) -> Option<usize> {
		let settled = self.settled.iter().enumerate();
		let found: Vec<_> = settled
			.filter(|(_, one)| states.contains(&one.state))
			.map(|(place, _)| place)
			.collect();
		(!found.is_empty()).then(|| *which.get(&found))
	}

	fn pay_from_wallet(&mut self, amount: Balance) -> Result<(), DispatchError> {
		let wallet = self.wallets.get_mut(&ODA).unwrap();
		if amount > *wallet - ED {
			return Err(TokenError::FundsUnavailable.into());
		}
		*wallet -= amount;
		self.bond += amount;
		Ok(())
	}

	fn register(&mut self, bond: Balance) -> Result<(), DispatchError> {
		if self.registered {
			return Err(Error::<Test>::AlreadyRegistered.into());
		}
		if bond < MIN_BOND {
			return Err(Error::<Test>::BelowMinBond.into());
		}
		self.pay_from_wallet(bond)?;
		self.registered = true;
		Ok(())
	}

	fn settle(&mut self, accepted: Balance) -> Result<(), LockError> {
		let lock = (accepted * 3).div_ceil(2);
		let free = self.bond - self.locked();
		if lock > free {
			return Err(LockError::BondShort { missing: lock - free });
		}
		let limit = self.limit().map_or(Balance::MAX, |limit| (limit * 3).div_ceil(2));
		// What is locked already may be over a limit that was lowered; nothing can be added to that.
		if lock > 0 && self.locked() + lock > limit {
			return Err(LockError::OverLimit { missing: self.short(limit, lock) });
		}
		let settlement = Settlement { at: self.now, accepted };
		self.settled.push(Settled { settlement, lock, state: State::Timed });
		Ok(())
	}

	fn bond_more(&mut self, amount: Balance) -> Result<(), DispatchError> {
		if amount == 0 {
			return Err(Error::<Test>::ZeroAmount.into());
		}
		if !self.registered {
			return Err(Error::<Test>::NotRegistered.into());
		}
		self.pay_from_wallet(amount)
	}

	fn unbond(&mut self, amount: Balance) -> Result<(), Error<Test>> {
		if amount == 0 {
			return Err(Error::ZeroAmount);
		}
		if !self.registered {
			return Err(Error::NotRegistered);
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
		if !self.registered {
			return Err(Error::NotRegistered);
		}
		let now = self.now;
		let (ready, waiting): (Vec<(BlockNumber, Balance)>, Vec<_>) =
			self.unbonding.iter().copied().partition(|part| part.0 <= now);
		let gone = waiting.is_empty() && self.bond == 0;
		if ready.is_empty() && !gone {
			return Err(Error::NothingReady);
		}
		*self.wallets.get_mut(&ODA).unwrap() += ready.iter().map(|part| part.1).sum::<Balance>();
		self.unbonding = waiting;
		if gone {
			self.registered = false;
			self.settled.clear();
			self.limits.clear();
		}
		Ok(())
	}

	fn keep(&mut self, place: usize) -> Result<(), Error<Test>> {
		if self.has_ended(self.settled[place].settlement) {
			return Err(Error::LockEnded);
		}
		self.settled[place].state = State::Kept;
		Ok(())
	}

	/// Pays that much if the account then has an existential deposit, and is not the oracle.
	fn pay(&mut self, who: Option<&AccountId32>, amount: Balance) -> Balance {
		match who {
			Some(who) if *who != ODA && self.wallets[who] + amount >= ED => {
				*self.wallets.get_mut(who).unwrap() += amount;
				amount
			},
			_ => 0,
		}
	}

	fn slash(
		&mut self,
		place: Option<usize>,
		consumer: Option<&(AccountId32, Balance)>,
		reporter: Option<&AccountId32>,
	) -> Slashed {
		let free = self.bond - self.locked();
		let mut due = (free + self.unbonding()).div_ceil(10);
		let mut taken = due;
		let from_free = due.min(free);
		self.bond -= from_free;
		due -= from_free;
		for part in &mut self.unbonding {
			let from_part = due.min(part.1);
			part.1 -= from_part;
			due -= from_part;
		}
		self.unbonding.retain(|part| part.1 > 0);
		if let Some(place) = place {
			if self.holds(&self.settled[place]) {
				taken += self.settled[place].lock;
				self.bond -= self.settled[place].lock;
			}
			self.settled[place].state = State::Slashed;
		}

		let most = consumer.map_or(0, |(_, amount)| *amount).min(taken);
		let consumer = self.pay(consumer.map(|(who, _)| who), most);
		let reporter = self.pay(reporter, (taken / 10).min(taken - consumer));
		let dividend = taken - consumer - reporter;
		*self.wallets.get_mut(&POT).unwrap() += dividend;
		Slashed { taken, consumer, reporter, dividend }
	}

	/// The oracle is as it is here, and so is everybody's money.
	fn check(&self) {
		self.wallets.iter().for_each(|(who, amount)| assert_eq!(free(who), *amount));
		assert_eq!(held(&ODA), self.bond + self.unbonding());
		assert_eq!(Oracles::is_registered(&ODA), self.registered);
		if self.registered {
			let info = info(&ODA);
			assert_eq!(info.bond, self.bond);
			assert_eq!((info.locked, info.kept), (self.locked(), self.kept()));
			assert_eq!(info.free, self.bond - self.locked());
			assert_eq!(
				info.unbonding.iter().map(|part| part.amount).sum::<Balance>(),
				self.unbonding()
			);
		}
		Pallet::<Test>::do_try_state().expect("the invariants hold");
	}
}

/// Takes a step in both worlds, which must say the same of it.
fn take(step: Step, model: &mut Reference) {
	match step {
		Step::Wait(blocks) => {
			advance(blocks);
			model.now += blocks;
		},
		Step::Register(bond) => assert_eq!(
			Oracles::register(signed(ODA), bond, key(1), endpoint("http://oda.example")),
			model.register(bond)
		),
		Step::Settle(accepted) => {
			let short = Oracles::bond_short(ODA, accepted);
			let expected = model.settle(accepted);
			assert_eq!(Oracles::lock(&ODA, accepted), expected);
			let most = match model.limit() {
				Some(limit) => model.bond.min((limit * 3).div_ceil(2)),
				None => model.bond,
			};
			let lock = (accepted * 3).div_ceil(2);
			match expected {
				Ok(()) => assert_eq!(short, 0),
				Err(_) => assert_eq!(short, model.short(most, lock)),
			}
			assert_eq!(short > 0, expected.is_err());
		},
		Step::BondMore(amount) => {
			assert_eq!(Oracles::bond_more(signed(ODA), amount), model.bond_more(amount))
		},
		Step::Unbond(amount) => assert_eq!(
			Oracles::unbond(signed(ODA), amount),
			model.unbond(amount).map_err(Into::into)
		),
		Step::Limit(limit) => assert_eq!(
			Oracles::set_settle_limit(signed(ODA), limit),
			model.set_limit(limit).map_err(Into::into)
		),
		Step::Withdraw => assert_eq!(
			Oracles::withdraw_unbonded(signed(ODA)).map(|_| ()).map_err(|err| err.error),
			model.withdraw().map_err(Into::into)
		),
		Step::Keep(which) => {
			if let Some(place) = model.pick(&which, &[State::Timed]) {
				let settlement = model.settled[place].settlement;
				assert_eq!(Oracles::is_locked(&ODA, settlement.at), !model.has_ended(settlement));
				assert_eq!(Oracles::keep(&ODA, settlement), model.keep(place).map_err(Into::into));
			}
		},
		Step::Release(which) => {
			if let Some(place) = model.pick(&which, &[State::Kept]) {
				assert_ok!(Oracles::release(&ODA, model.settled[place].settlement));
				model.settled[place].state = State::Timed;
			}
		},
		Step::Slash { settlement, consumer, reporter } => {
			let place =
				settlement.and_then(|which| model.pick(&which, &[State::Timed, State::Kept]));
			let settled = place.map(|place| model.settled[place]);
			let slashed = Oracles::slash(
				&ODA,
				settled.map(|one| one.settlement),
				settled.is_some_and(|one| one.state == State::Kept),
				consumer.clone(),
				reporter.clone(),
			);
			assert_eq!(slashed, Ok(model.slash(place, consumer.as_ref(), reporter.as_ref())));
			let Slashed { taken, consumer, reporter, dividend } = slashed.unwrap();
			assert_eq!(taken, consumer + reporter + dividend);
		},
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

/// Two with money, one without an account, and the oracle itself.
fn payees() -> impl Strategy<Value = AccountId32> {
	prop_oneof![Just(CARA), Just(RITA), Just(NOBODY), Just(ODA)]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
	let slash = (
		proptest::option::weighted(0.8, any::<Index>()),
		proptest::option::of((payees(), amounts())),
		proptest::option::of(payees()),
	);
	let step = prop_oneof![
		5 => (0..20u32).prop_map(Step::Wait),
		1 => (0..2 * UNBONDING).prop_map(Step::Wait),
		3 => amounts().prop_map(Step::Register),
		8 => amounts().prop_map(Step::Settle),
		4 => amounts().prop_map(Step::BondMore),
		4 => amounts().prop_map(Step::Unbond),
		3 => Just(Step::Withdraw),
		2 => proptest::option::weighted(0.8, amounts()).prop_map(Step::Limit),
		3 => any::<Index>().prop_map(Step::Keep),
		2 => any::<Index>().prop_map(Step::Release),
		2 => slash.prop_map(|(settlement, consumer, reporter)| {
			Step::Slash { settlement, consumer, reporter }
		}),
	];
	vec(step, 1..120)
}

#[derive(Clone, Debug)]
enum KeyStep {
	Wait(BlockNumber),
	/// Registers or rotates.
	Take(AccountId32, u8),
	/// Bonds nothing any more, and leaves if it can.
	Leave(AccountId32),
	/// Somebody removes what is forgotten.
	Tidy(AccountId32),
}

/// Of the keys that are taken: a few more than an oracle can have retired.
const SECRETS: std::ops::Range<u8> = 1..14;

fn key_steps() -> impl Strategy<Value = Vec<KeyStep>> {
	let oracles = || prop_oneof![3 => Just(ODA), 1 => Just(PIERO)];
	let step = prop_oneof![
		4 => (0..30u32).prop_map(KeyStep::Wait),
		8 => (oracles(), SECRETS).prop_map(|(who, secret)| KeyStep::Take(who, secret)),
		1 => oracles().prop_map(KeyStep::Leave),
		1 => oracles().prop_map(KeyStep::Tidy),
	];
	vec(step, 1..100)
}

/// Who answers for a key, and until when if it is retired.
type Keys = BTreeMap<u8, (AccountId32, Option<BlockNumber>)>;

/// Registers or rotates `who` with that key, in both worlds.
fn take_key(keys: &mut Keys, who: &AccountId32, secret: u8) {
	let now = System::block_number();
	let current = keys.iter().find(|(_, key)| key.0 == *who && key.1.is_none()).map(|key| *key.0);
	let retired = keys.values().filter(|key| key.0 == *who && key.1.is_some()).count();
	let expected = if keys.contains_key(&secret) {
		Err(Error::<Test>::ReceiptKeyInUse)
	} else if retired == MAX_RETIRED_KEYS as usize {
		Err(Error::<Test>::TooManyRetiredKeys)
	} else {
		keys.insert(secret, (who.clone(), None));
		if let Some(current) = current {
			keys.insert(current, (who.clone(), Some(now + UNBONDING)));
		}
		Ok(())
	};
	let done = if current.is_some() {
		Oracles::set_receipt_key(signed(who.clone()), key(secret))
	} else {
		let address = endpoint("http://oda.example");
		Oracles::register(signed(who.clone()), MIN_BOND, key(secret), address)
	};
	assert_eq!(done, expected.map_err(Into::into));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(cases()))]

	#[test]
	fn bonds_locks_and_slashes_are_those_of_the_model(steps in steps()) {
		ExtBuilder.build_and_execute(|| {
			let mut model = Reference::new(System::block_number());
			let issuance = Balances::total_issuance();
			take(Step::Register(2 * MIN_BOND), &mut model);
			for step in steps {
				take(step, &mut model);
				model.check();
				assert_eq!(Balances::total_issuance(), issuance);
			}
		});
	}

	#[test]
	fn keys_stand_for_one_oracle_until_they_are_forgotten(steps in key_steps()) {
		ExtBuilder.build_and_execute(|| {
			let mut keys = Keys::new();
			let public: Vec<_> = SECRETS.map(|secret| (secret, key(secret))).collect();
			for step in steps {
				match step {
					KeyStep::Wait(blocks) => advance(blocks),
					KeyStep::Tidy(who) => {
						let now = System::block_number();
						let over = |key: &RetiredKey| key.forgotten_at <= now;
						let some = RetiredKeys::<Test>::get(&who).iter().any(over);
						let tidied = Oracles::forget_keys(signed(RITA), who.clone());
						assert_eq!(tidied.is_ok(), some);
						assert!(!RetiredKeys::<Test>::get(&who).iter().any(over));
					},
					KeyStep::Take(who, secret) => take_key(&mut keys, &who, secret),
					KeyStep::Leave(who) => {
						let _ = Oracles::unbond(signed(who.clone()), MIN_BOND);
						let _ = Oracles::withdraw_unbonded(signed(who.clone()));
						if !Oracles::is_registered(&who) {
							keys.retain(|_, key| key.0 != who);
						}
					},
				}
				let now = System::block_number();
				keys.retain(|_, key| key.1.is_none_or(|forgotten_at| now < forgotten_at));
				for (secret, public) in &public {
					for who in [ODA, PIERO] {
						assert_eq!(
							answers_for(&who, public),
							keys.get(secret).is_some_and(|key| key.0 == who)
						);
					}
				}
				Pallet::<Test>::do_try_state().expect("the invariants hold");
			}
		});
	}
}
