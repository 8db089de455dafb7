//! Random histories, replayed against a reference that knows for every person the very epochs it
//! shared in, was paid for, has settled or lost.
//!
//! The reference has no counters, no sums and no difference arrays: everything is counted anew, over
//! all people. After every close all invariants of the economy's design are checked against it, and
//! every claim, whoever makes it and wherever it goes, pays exactly the sum of its epochs.
//!
//! `people` is what people do, `claims` what they claim, `human` what the reference knows of each of them.
//!
//! `USUFRUCT_SEEDS=1000` replays a thousand histories instead of a few; `USUFRUCT_SEED=17` replays
//! one.

mod claims;
mod human;
mod people;

use super::{random::Rng, *};
use human::Human;
use std::collections::BTreeSet;
use usufruct_primitives::{Balance, EpochIndex, PersonId};

/// How many histories are replayed unless told.
const SEEDS: u64 = 40;

/// What the reference knows of a closed epoch.
struct Closed {
	per_head: Balance,
	eligible: u32,
}

struct History {
	rng: Rng,
	params: Parameters,
	humans: Vec<Human>,
	/// Every closed epoch; the open one is the next.
	closed: Vec<Closed>,
	next_sweep: EpochIndex,
	/// What governance has set for the next epoch.
	next_params: Option<Parameters>,
	/// The first block after the last pause.
	paused_until: Option<u32>,
	/// How many accounts people had.
	accounts: AccountId,
	total_in: Balance,
	total_paid: Balance,
	/// How many people there may be.
	crowd: u64,
	/// What usually flows in per epoch, as a power of two.
	inflow_bits: u64,
	/// How likely, in percent and per epoch, a person claims, renews in time, and returns.
	diligence: [u64; 3],
}

/// What happened in all histories: a model that never gets into a situation proves nothing of it.
#[derive(Default, Debug)]
struct Seen {
	people: u64,
	closes: u64,
	claims: u64,
	catch_ups: u64,
	too_little: u64,
	nothing: u64,
	barred: u64,
	renewals: u64,
	lapses: u64,
	revocations: u64,
	forgotten: u64,
	swept: u64,
	double_sweeps: u64,
	carried_for_minimum: u64,
	carried_for_few: u64,
	stalls: u64,
	changed_parameters: u64,
	forfeits: u64,
	settlements: u64,
	claims_by_others: u64,
	refused_others: u64,
	credits: u64,
	bonuses: u64,
	no_credit: u64,
	paid_elsewhere: u64,
	payouts_set: u64,
	payouts_forgotten: u64,
	recoveries: u64,
	pauses: u64,
	pauses_refused: u64,
	paused_claims: u64,
	delayed_closes: u64,
	changed_lengths: u64,
}

impl History {
	fn new(seed: u64) -> (Self, ExtBuilder) {
		let mut rng = Rng(seed);
		let crowd = if seed % 13 == 3 { rng.within(1_000, 1_500) } else { rng.within(1, 120) };
		let params = Parameters {
			epoch_length: rng.within(1, 20) as u32,
			claim_window: rng.within(1, 9) as u32,
			term: rng.within(1, 16) as u32,
			// What the existential deposit was at genesis. It may be raised afterwards, so that
			// shares occur that an empty account cannot hold.
			min_per_head: rng.pick(&[1, ED]),
			min_people: rng.pick(&[1, 1, rng_people(crowd), 2_000]),
		};
		let builder = ExtBuilder {
			existential_deposit: params.min_per_head,
			params: GenesisConfig {
				epoch_length: params.epoch_length,
				claim_window: params.claim_window,
				term: params.term,
				min_per_head: params.min_per_head,
				min_people: params.min_people,
				..Default::default()
			},
		};
		let inflow_bits = rng.within(4, 60);
		let diligence =
			[rng.pick(&[3, 20, 60, 95]), rng.pick(&[30, 70, 95]), rng.pick(&[5, 30, 80])];
		let history = Self {
			rng,
			params,
			humans: Vec::new(),
			closed: Vec::new(),
			next_sweep: 0,
			next_params: None,
			paused_until: None,
			accounts: 100,
			total_in: 0,
			total_paid: 0,
			crowd,
			inflow_bits,
			diligence,
		};
		(history, builder)
	}

	fn open(&self) -> EpochIndex {
		self.closed.len() as EpochIndex
	}

	fn worth(&self, epochs: &BTreeSet<EpochIndex>) -> Balance {
		epochs.iter().map(|epoch| self.closed[*epoch as usize].per_head).sum()
	}

	/// What the pot must owe: every unclaimed epoch of every person, one by one.
	fn liability(&self) -> Balance {
		let due = |human: &Human| {
			self.worth(&human.unclaimed) + self.worth(&human.owed) + self.worth(&human.lost)
		};
		self.humans.iter().map(due).sum()
	}

	fn flow_in(&mut self, amount: Balance) {
		self.total_in += amount;
		flow_in(amount);
	}

	fn random_amount(&mut self) -> Balance {
		let bits = self.rng.within(0, self.inflow_bits);
		Balance::from(self.rng.next()) % (1 << bits)
	}

	fn new_account(&mut self) -> AccountId {
		self.accounts += 1;
		self.accounts
	}

	fn is_paused(&self) -> bool {
		self.paused_until.is_some_and(|until| System::block_number() < until)
	}

	/// Governance sets other parameters for the next epoch.
	fn change_parameters(&mut self, seen: &mut Seen) {
		let params = Parameters {
			epoch_length: self.rng.within(1, 20) as u32,
			claim_window: self.rng.within(1, 9) as u32,
			term: self.rng.within(1, 16) as u32,
			min_people: self.rng.pick(&[1, 5, rng_people(self.crowd)]),
			..self.params
		};
		assert_ok!(schedule(params));
		self.next_params = Some(params);
		seen.changed_parameters += 1;
		seen.changed_lengths += u64::from(params.epoch_length != self.params.epoch_length);
	}

	/// What people do while an epoch is open.
	fn live(&mut self, seen: &mut Seen) {
		if self.rng.percent(3) {
			self.change_parameters(seen);
		}
		if self.rng.percent(8) {
			self.pause(seen);
		}
		if self.rng.percent(5) {
			self.set_bonus();
		}
		let room = self.crowd - self.humans.len() as u64;
		if room > 0 {
			for _ in 0..self.rng.within(0, (self.crowd / 8).max(1).min(room)) {
				self.join(seen);
			}
		}
		let [claims, renews, returns] = self.diligence;
		let quarter = (self.params.term / 4).max(1);
		for person in 0..self.humans.len() as PersonId {
			let human = &self.humans[person as usize];
			let (open, until) = (self.open(), human.interval().1);
			let due = until.checked_sub(open).map_or(returns, |left| {
				// In the last epoch at the latest, for most.
				if left < quarter {
					renews / (1 + u64::from(left))
				} else {
					0
				}
			});
			if self.rng.percent(due) && !human.forgotten {
				self.renew(person, seen);
			}
			if self.rng.percent(claims) {
				self.claim(person, seen);
			}
		}
		if self.humans.is_empty() {
			return;
		}
		for _ in 0..self.rng.within(0, 8) {
			let person = self.rng.within(0, self.humans.len() as u64 - 1) as PersonId;
			match self.rng.within(0, 16) {
				0 => self.revoke(person, seen),
				1 | 2 => self.forget(person, seen),
				3 => self.bar(person),
				4 => self.spend(person),
				5 | 6 => self.renew(person, seen),
				7 | 8 => {
					let amount = self.random_amount();
					self.flow_in(amount);
				},
				9 => self.settle(person, seen),
				10 | 11 => self.set_payout(person, seen),
				12 => {
					if self.rng.percent(50) {
						self.set_payout(person, seen);
					}
					self.recover(person, seen);
				},
				13 => self.set_alone(person),
				_ => {
					// Two claims in one block.
					self.claim(person, seen);
					self.claim(person, seen);
				},
			}
		}
		if self.rng.percent(3) {
			self.resume();
		}
		// Whoever was barred is let go again in the end, but for a few.
		for person in 0..self.humans.len() as PersonId {
			if self.humans[person as usize].barred && self.rng.percent(30) {
				self.bar(person);
			}
		}
	}

	/// Closes the open epoch, on both sides, and compares.
	fn close(&mut self, seen: &mut Seen) {
		let epoch = self.open();
		let before = totals();
		let mut number = before.closes_at;
		if self.rng.percent(5) {
			number += self.params.epoch_length * self.rng.pick(&[1, 3, 10]);
			seen.stalls += 1;
		}
		if let Some(until) = self.paused_until.filter(|until| number < *until) {
			// It is due, and waits for the end of the pause.
			assert_eq!(block(number), <() as WeightInfo>::idle());
			number = until;
			seen.delayed_closes += 1;
		}
		if self.rng.percent(80) {
			let amount = self.random_amount();
			self.total_in += amount;
			InflowAtClose::set(amount);
		}
		let event = close_after(number);

		// The reference's close.
		let liability_before = self.liability();
		let mut sweeps = 0u64;
		while sweeps < 2 && self.next_sweep + self.params.claim_window <= epoch {
			for human in &mut self.humans {
				human.unclaimed.remove(&self.next_sweep);
				human.lost.remove(&self.next_sweep);
			}
			let takers = self.humans.iter().filter(|human| {
				human.paid.contains(&self.next_sweep) || human.settled.contains(&self.next_sweep)
			});
			if self.next_sweep + 1 == totals().next_sweep {
				assert_eq!(totals().running as usize, takers.count(), "who claimed is miscounted");
			}
			self.next_sweep += 1;
			sweeps += 1;
		}
		let liability = self.liability();
		let swept = liability_before - liability;
		let eligible = self.humans.iter().filter(|human| human.shares_in(epoch)).count() as u32;
		let distributable = self.total_in - self.total_paid - liability;
		let sharers = Balance::from(eligible.max(self.params.min_people));
		let per_head = match distributable / sharers {
			enough if enough >= self.params.min_per_head => enough,
			_ => 0,
		};
		let distributed = per_head * Balance::from(eligible);
		let carried = distributable - distributed;
		self.closed.push(Closed { per_head, eligible });
		for human in self.humans.iter_mut().filter(|human| human.shares_in(epoch)) {
			assert!(human.unclaimed.insert(epoch));
		}
		assert_eq!(
			event,
			Event::EpochClosed { epoch, eligible, per_head, distributed, carried, swept }
		);
		let undivided = balance(pot()) - ExistentialDeposit::get() - totals().liability;
		if eligible >= self.params.min_people && per_head > 0 {
			assert!(undivided < sharers, "I7: a planck per head is undivided");
		}
		if let Some(params) = self.next_params.take() {
			self.params = params;
		}
		self.compare(number);
		seen.closes += 1;
		seen.swept += sweeps;
		seen.double_sweeps += u64::from(sweeps == 2);
		seen.carried_for_few += u64::from(eligible < self.params.min_people && distributed > 0);
		seen.carried_for_minimum += u64::from(per_head == 0 && distributable > 0);
	}

	/// The state after a close, against the reference.
	fn compare(&self, number: u32) {
		let now = totals();
		let open = self.open();
		assert_eq!((now.epoch, now.next_sweep), (open, self.next_sweep));
		assert_eq!((now.opened_at, now.closes_at), (number, number + self.params.epoch_length));
		let held = balance(pot()) - ExistentialDeposit::get();
		assert_eq!(held, self.total_in - self.total_paid, "I1: what came in less what was paid");
		assert!(held >= now.liability, "I2: the pot holds less than it owes");
		assert_eq!(now.liability, self.liability(), "I3: what is owed");
		let last = &self.closed[open as usize - 1];
		assert_eq!(now.active, last.eligible, "I4: who shares");
		assert_eq!(Dividend::last_per_head(), last.per_head);
		let mut cum = row(self.next_sweep).cum;
		for epoch in self.next_sweep..open {
			let (row, closed) = (row(epoch), &self.closed[epoch as usize]);
			assert_eq!((row.per_head, row.eligible), (closed.per_head, closed.eligible));
			assert_eq!(row.cum, cum, "I6: the sum of all shares");
			cum += row.per_head;
		}
		assert_eq!(row(open).cum, cum, "I6: the sum of all shares");
		assert_ok!(Dividend::do_try_state());
	}

	/// No more people, money or bars: after the window everything is paid, divided again or owed.
	fn wind_up(&mut self, seen: &mut Seen) {
		for person in 0..self.humans.len() as PersonId {
			if self.humans[person as usize].barred {
				self.bar(person);
			}
			let human = &self.humans[person as usize];
			pays(TREASURE, human.account, ExistentialDeposit::get());
			pays(TREASURE, human.paid_on(self.open()), ExistentialDeposit::get());
			if let Some((Some(account), _)) = human.change {
				pays(TREASURE, account, ExistentialDeposit::get());
			}
		}
		// Until the last epoch of the last interval is swept.
		while self.humans.iter().any(|human| human.interval().1 >= self.next_sweep) {
			self.close(seen);
			for person in 0..self.humans.len() as PersonId {
				let human = &self.humans[person as usize];
				let due = self.worth(&human.unclaimed) + self.worth(&human.owed) > 0;
				if due || self.rng.percent(2) {
					self.claim_itself(person, seen);
				}
			}
		}
		assert_eq!((totals().liability, totals().active), (0, 0));
		assert_eq!(balance(pot()) - ExistentialDeposit::get(), self.total_in - self.total_paid);
		for person in 0..self.humans.len() as PersonId {
			let human = &self.humans[person as usize];
			assert!(human.unclaimed.is_empty() && human.lost.is_empty());
			assert_eq!(self.worth(&human.owed), 0);
			if human.interval().1 < self.next_sweep && !human.forgotten {
				self.forget(person, seen);
			}
		}
	}

	fn run(mut self, builder: ExtBuilder, seen: &mut Seen) {
		let epochs = if self.crowd > 500 { 20 } else { self.rng.within(30, 80) };
		builder.build_and_execute(|| {
			if self.rng.percent(50) && ExistentialDeposit::get() < ED {
				flow_in(ED - ExistentialDeposit::get());
				pays(TREASURE, COMMONS, ED - ExistentialDeposit::get());
				ExistentialDeposit::set(ED);
			}
			for _ in 0..epochs {
				self.live(seen);
				self.close(seen);
			}
			self.wind_up(seen);
		});
	}
}

/// A minimum of people that a crowd reaches only after a while.
fn rng_people(crowd: u64) -> u32 {
	(crowd / 3).max(1) as u32
}

#[test]
fn random_histories_hold_every_invariant() {
	let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
	let seeds = match number("USUFRUCT_SEED") {
		Some(seed) => seed..=seed,
		None => 1..=number("USUFRUCT_SEEDS").unwrap_or(SEEDS),
	};
	let all = seeds.clone().count() as u64 >= SEEDS;
	let mut seen = Seen::default();
	for seed in seeds {
		// What a failure prints last says how to repeat it.
		println!("USUFRUCT_SEED={seed}");
		let (history, builder) = History::new(seed);
		history.run(builder, &mut seen);
	}
	println!("{seen:?}");
	if all {
		let Seen {
			people, closes, claims, catch_ups, too_little, nothing, barred, renewals, ..
		} = seen;
		assert!(people > 4_000 && closes > 1_000, "{seen:?}");
		for number in [
			claims,
			catch_ups,
			too_little,
			nothing,
			barred,
			renewals,
			seen.lapses,
			seen.revocations,
			seen.forgotten,
			seen.swept,
			seen.double_sweeps,
			seen.carried_for_minimum,
			seen.carried_for_few,
			seen.stalls,
			seen.changed_parameters,
			seen.forfeits,
			seen.settlements,
			seen.claims_by_others,
			seen.refused_others,
			seen.credits,
			seen.bonuses,
			seen.paid_elsewhere,
			seen.payouts_set,
			seen.payouts_forgotten,
			seen.recoveries,
			seen.pauses,
			seen.pauses_refused,
			seen.paused_claims,
			seen.delayed_closes,
			seen.changed_lengths,
		] {
			assert!(number >= 20, "{seen:?}");
		}
	}
}
