//! Random programmes beside the dividend, against a reference that counts people one by one.
//!
//! Everything that flows in is made by the test, so that it knows what arrived in each epoch, and with
//! it what each programme gets; that all money is somewhere; and that no claim pays an epoch twice.

use super::{random::Rng, *};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{Balance, BlockNumber, EpochIndex, PersonId};

const SEEDS: u64 = 60;
const PEOPLE: u32 = 12;

/// What the reference knows of a programme.
struct Reference {
	share: Balance,
	from: EpochIndex,
	until: EpochIndex,
	min_people: u32,
	/// The intervals people had in it; the last may be the present one.
	intervals: BTreeMap<PersonId, Vec<(EpochIndex, EpochIndex)>>,
	/// Closed epochs that are neither claimed nor lost nor swept.
	unclaimed: BTreeMap<PersonId, BTreeSet<EpochIndex>>,
	/// The same, of who was struck off.
	lost: Vec<EpochIndex>,
	per_head: BTreeMap<EpochIndex, Balance>,
	next_sweep: EpochIndex,
	/// What its pot holds, all of it.
	held: Balance,
	ended: bool,
}

impl Reference {
	fn worth<'a>(&self, epochs: impl IntoIterator<Item = &'a EpochIndex>) -> Balance {
		epochs.into_iter().map(|epoch| self.per_head[epoch]).sum()
	}

	fn liability(&self) -> Balance {
		let unclaimed: Balance = self.unclaimed.values().map(|epochs| self.worth(epochs)).sum();
		unclaimed + self.worth(&self.lost)
	}

	fn eligible(&self, epoch: EpochIndex) -> Vec<PersonId> {
		let shares = |intervals: &Vec<(EpochIndex, EpochIndex)>| {
			intervals.iter().any(|(from, until)| (*from..=*until).contains(&epoch))
		};
		self.intervals
			.iter()
			.filter(|(_, intervals)| shares(intervals))
			.map(|(person, _)| *person)
			.collect()
	}
}

#[derive(Default)]
struct World {
	programmes: Vec<Reference>,
	revoked: BTreeSet<PersonId>,
	/// Who may not claim for a while.
	frozen: BTreeSet<PersonId>,
	/// From which epoch on people who were revoked, and came back, are due anything.
	since: BTreeMap<PersonId, EpochIndex>,
	/// What happened, for the test to see that all of it did.
	ended_early: u32,
	came_back: u32,
	settled: u32,
	stalled: u32,
	paused: u32,
	changed: u32,
	/// How many people there ever were, and whose record is gone.
	people: u32,
	forgotten: BTreeSet<PersonId>,
	/// What arrived since the last close.
	arrived: Balance,
	total_in: Balance,
	total_paid: Balance,
}

fn pot_of(programme: usize) -> AccountId {
	crate::ledger::Ledger::<Test>::programme(programme as ProgrammeId).pot()
}

impl World {
	fn barred(&self, person: PersonId) -> bool {
		self.revoked.contains(&person) || self.frozen.contains(&person)
	}

	fn admit(&mut self) {
		let account = 100 + AccountId::from(self.people);
		// So that every claim has an account that can hold it.
		pays(TREASURE, account, ED);
		assert_eq!(Register::admit(account), self.people);
		self.people += 1;
	}

	/// Governance sets another length and window for the next epoch.
	fn change_parameters(&mut self, rng: &mut Rng) {
		let params = Parameters {
			epoch_length: rng.within(1, 12) as u32,
			claim_window: rng.within(1, 9) as u32,
			..Dividend::parameters().0
		};
		assert_ok!(Dividend::set_params(RuntimeOrigin::root(), params));
		self.changed += 1;
	}

	/// Somebody removes what is left of a person that was revoked. Another human comes instead.
	fn forget(&mut self, person: PersonId) {
		let over = interval_of(person).1 < totals().next_sweep;
		let forgotten = Dividend::forget(person);
		if !over {
			assert_eq!(forgotten, Err(Error::<Test>::ShareNotOver.into()));
			return;
		}
		assert_ok!(forgotten);
		for programme in &mut self.programmes {
			// What it was due is swept.
			programme.lost.extend(programme.unclaimed.remove(&person).unwrap_or_default());
			programme.intervals.remove(&person);
		}
		self.forgotten.insert(person);
		self.admit();
	}

	fn flow_in(&mut self, amount: Balance) {
		flow_in(amount);
		self.arrived += amount;
		self.total_in += amount;
	}

	fn open(&mut self, rng: &mut Rng) {
		let share = rng.within(1, 60_000) as u32;
		let least = Dividend::parameters().0.min_people;
		let epochs = rng.within(1, 10) as u32;
		let min_people = (least + rng.within(0, 4) as u32).saturating_sub(1);
		let root = RuntimeOrigin::root();
		let opened = Dividend::open_programme(
			root,
			share,
			Default::default(),
			Default::default(),
			epochs,
			min_people,
		);
		let open = totals().epoch;
		let given: Balance = self
			.programmes
			.iter()
			.filter(|programme| programme.until >= open)
			.map(|programme| programme.share)
			.sum();
		if min_people < least {
			assert_eq!(opened, Err(Error::<Test>::TooFewPeople.into()));
		} else if given + Balance::from(share) > 200_000 {
			assert_eq!(opened, Err(Error::<Test>::ProgrammesTooLarge.into()));
		} else if self.programmes.iter().filter(|programme| !programme.ended).count() >= 16 {
			assert_eq!(opened, Err(Error::<Test>::TooManyProgrammes.into()));
		} else {
			assert_ok!(opened);
			self.programmes.push(Reference {
				share: share.into(),
				from: open + 1,
				until: open + epochs,
				min_people,
				intervals: BTreeMap::new(),
				unclaimed: BTreeMap::new(),
				lost: Vec::new(),
				per_head: BTreeMap::new(),
				next_sweep: open,
				held: 0,
				ended: false,
			});
		}
	}

	fn join(&mut self, id: usize, person: PersonId) {
		let origin = RuntimeOrigin::signed(100 + AccountId::from(person));
		let joined = Dividend::join_programme(origin, id as ProgrammeId);
		let open = totals().epoch;
		let (_, all) = interval_of(person);
		let barred = self.barred(person);
		let programme = &mut self.programmes[id];
		let until = programme.until.min(all);
		let unclaimed: Balance =
			programme.unclaimed.get(&person).map_or(0, |epochs| programme.worth(epochs));
		let present = programme.intervals.get(&person).and_then(|all| all.last().copied());
		let expected = match present {
			_ if barred => Err(Error::<Test>::MayNotClaim),
			_ if until <= open => Err(Error::TooLateToJoin),
			Some((_, end)) if end >= open && until <= end => Err(Error::AlreadyJoined),
			Some((_, end)) if end < open && unclaimed > 0 => Err(Error::ClaimFirst),
			_ => Ok(()),
		};
		if expected.is_ok() {
			let intervals = programme.intervals.entry(person).or_default();
			let first = intervals.is_empty();
			match intervals.last_mut() {
				Some((_, end)) if *end >= open => *end = until,
				_ => intervals.push((open + 1, until)),
			}
			if first {
				for other in self.programmes.iter_mut().filter(|other| other.ended) {
					other.intervals.remove(&person);
				}
			}
		}
		assert_eq!(joined, expected.map_err(Into::into));
	}

	fn claim(&mut self, id: usize, person: PersonId) {
		let account = 100 + AccountId::from(person);
		let before = balance(account);
		let origin = RuntimeOrigin::signed(account);
		let claimed = Dividend::claim_programme(origin, id as ProgrammeId);
		let barred = self.barred(person);
		let programme = &mut self.programmes[id];
		let epochs = programme.unclaimed.get(&person).cloned().unwrap_or_default();
		let amount = programme.worth(&epochs);
		let expected = if barred {
			Err(Error::<Test>::MayNotClaim)
		} else if !programme.intervals.contains_key(&person) {
			Err(Error::NoShare)
		} else if amount == 0 {
			Err(Error::NothingToClaim)
		} else {
			Ok(())
		};
		if expected.is_ok() {
			// I5: nothing of it is there a second time.
			programme.unclaimed.remove(&person);
			programme.held -= amount;
			self.total_paid += amount;
			assert_eq!(balance(account), before + amount);
		}
		assert_eq!(claimed, expected.map_err(Into::into));
	}

	/// Somebody challenges a person: what it is due of anything is owed to it from then on.
	fn freeze(&mut self, person: PersonId) {
		if self.barred(person) {
			return;
		}
		let due = Dividend::claimable(100 + AccountId::from(person));
		let mut of_programmes = 0;
		for programme in &mut self.programmes {
			let epochs = programme.unclaimed.remove(&person).unwrap_or_default();
			let amount = programme.worth(&epochs);
			programme.held -= amount;
			of_programmes += amount;
		}
		assert_ok!(Dividend::settle(person));
		assert_eq!(share(person).owed, due + of_programmes);
		self.settled += u32::from(of_programmes > 0);
		Register::bar(person, true);
		self.frozen.insert(person);
	}

	/// It is acquitted.
	fn thaw(&mut self, person: PersonId) {
		if self.frozen.remove(&person) {
			Register::bar(person, false);
		}
	}

	fn revoke(&mut self, person: PersonId) {
		if self.revoked.insert(person) {
			self.frozen.remove(&person);
			Register::bar(person, true);
			assert_ok!(Dividend::revoke(person));
		}
	}

	/// A person that was revoked comes back, and has lost what it had not claimed.
	fn reinstate(&mut self, person: PersonId) {
		if self.revoked.remove(&person) {
			Register::bar(person, false);
			assert_ok!(Dividend::renew(person));
			self.came_back += 1;
			self.since.insert(person, totals().epoch + 1);
			for programme in &mut self.programmes {
				programme.lost.extend(programme.unclaimed.remove(&person).unwrap_or_default());
			}
		}
	}

	/// Governance ends a programme with the open epoch.
	fn end(&mut self, id: usize) {
		let ended = Dividend::end_programme(RuntimeOrigin::root(), id as ProgrammeId);
		let open = totals().epoch;
		let programme = &mut self.programmes[id];
		if programme.until <= open {
			assert_eq!(ended, Err(Error::<Test>::ProgrammeOver.into()));
			return;
		}
		assert_ok!(ended);
		self.ended_early += 1;
		programme.until = open;
		for (_, until) in programme.intervals.values_mut().flatten() {
			*until = open.min(*until);
		}
	}

	/// Somebody strikes a person off.
	fn leave(&mut self, id: usize, person: PersonId) {
		let origin = RuntimeOrigin::signed(CAROL);
		let left = Dividend::leave_programme(origin, id as ProgrammeId, person);
		let open = totals().epoch;
		let programme = &mut self.programmes[id];
		let Some((from, until)) =
			programme.intervals.get(&person).and_then(|all| all.last().copied())
		else {
			assert_eq!(left.map_err(|failed| failed.error), Err(Error::<Test>::NoShare.into()));
			return;
		};
		if programme.ended {
			assert_ok!(left);
			programme.intervals.remove(&person);
		} else if until < open.max(from) || interval_of(person).1 >= until {
			let still = Error::<Test>::StillEligible;
			assert_eq!(left.map_err(|failed| failed.error), Err(still.into()));
		} else {
			assert_ok!(left);
			let intervals = programme.intervals.get_mut(&person).expect("it has one");
			*intervals.last_mut().expect("it has one") = (from, from.max(open) - 1);
			programme.lost.extend(programme.unclaimed.remove(&person).unwrap_or_default());
		}
	}

	fn close(&mut self, rng: &mut Rng) {
		let closing = totals().epoch;
		if rng.percent(50) {
			let amount = Balance::from(rng.within(0, 400_000));
			self.arrived += amount;
			self.total_in += amount;
			InflowAtClose::set(amount);
		}
		let due = totals().closes_at;
		let open = totals().epoch;
		let window = Dividend::parameters().0.claim_window;
		if rng.percent(10) {
			// No block for a while.
			self.stalled += 1;
			close_after(due + rng.within(1, 10 * u64::from(LENGTH)) as BlockNumber);
		} else if rng.percent(10)
			&& Dividend::pause(RuntimeOrigin::signed(GUARD), MAX_PAUSE).is_ok()
		{
			self.paused += 1;
			let until = System::block_number() + MAX_PAUSE;
			block(due.min(until - 1));
			assert_eq!(totals().epoch, open, "nothing closes in a pause");
			close_after(due.max(until));
		} else {
			close();
		}
		for (id, programme) in self.programmes.iter_mut().enumerate() {
			if programme.ended {
				continue;
			}
			let within = (programme.from..=programme.until).contains(&closing);
			let part = self.arrived * programme.share / 1_000_000;
			if within && (programme.held > 0 || part >= ED) {
				programme.held += part;
			}
			let mut sweeps = 0;
			while sweeps < 2
				&& programme.next_sweep + window <= closing
				&& programme.next_sweep <= programme.until
			{
				for epochs in programme.unclaimed.values_mut() {
					epochs.remove(&programme.next_sweep);
				}
				programme.lost.retain(|epoch| *epoch != programme.next_sweep);
				programme.next_sweep += 1;
				sweeps += 1;
			}
			let free = programme.held.saturating_sub(ED) - programme.liability();
			if closing <= programme.until {
				let eligible = programme.eligible(closing);
				let sharers = (eligible.len() as u32).max(programme.min_people);
				let per_head = match free / Balance::from(sharers) {
					enough if enough >= ED => enough,
					_ => 0,
				};
				programme.per_head.insert(closing, per_head);
				// Nothing is kept for those who are missing, and so nothing for who joins later.
				let missing = Balance::from(sharers) - eligible.len() as Balance;
				programme.held -= per_head * missing;
				if per_head > 0 {
					assert!(free - per_head * Balance::from(sharers) < sharers.into(), "I7");
				}
				for person in eligible {
					if self.since.get(&person).is_some_and(|since| closing < *since) {
						programme.lost.push(closing);
					} else {
						programme.unclaimed.entry(person).or_default().insert(closing);
					}
				}
			} else if programme.next_sweep > programme.until {
				assert_eq!(programme.liability(), 0);
				programme.held = 0;
				programme.ended = true;
			} else {
				programme.held -= free;
			}
			let stored = Dividend::programme(id as ProgrammeId).expect("it is kept");
			assert_eq!(stored.totals.liability, programme.liability(), "I3");
			assert_eq!(balance(pot_of(id)), programme.held, "I1: programme {id} at {closing}");
			assert_eq!(stored.totals.next_sweep, programme.next_sweep);
			let outcome = stored.outcome;
			assert_eq!(outcome.received, outcome.paid + outcome.returned + programme.held);
			assert_eq!(Dividend::programmes().contains(&(id as ProgrammeId)), !programme.ended);
		}
		self.arrived = 0;
		// I1: everything is in the pot of all people, or in one of a programme.
		let held: Balance = self.programmes.iter().map(|programme| programme.held).sum();
		assert_eq!(balance(pot()) - ED + held, self.total_in - self.total_paid, "I1");
		assert_ok!(Dividend::do_try_state());
	}

	/// Who is due something of a programme is frozen sooner or later, and acquitted or revoked.
	fn judge(&mut self, rng: &mut Rng) {
		let due: Vec<PersonId> = self
			.programmes
			.iter()
			.flat_map(|programme| programme.unclaimed.iter().map(move |it| (programme, it)))
			.filter(|(programme, (_, epochs))| programme.worth(*epochs) > 0)
			.map(|(_, (person, _))| *person)
			.collect();
		if !due.is_empty() && rng.percent(25) {
			self.freeze(rng.pick(&due));
		}
		for person in self.frozen.clone() {
			match rng.within(0, 5) {
				0 | 1 => self.thaw(person),
				2 => self.revoke(person),
				_ => (),
			}
		}
	}

	fn live(&mut self, rng: &mut Rng) {
		self.judge(rng);
		for person in self.revoked.difference(&self.forgotten.clone()).copied().collect::<Vec<_>>()
		{
			match rng.within(0, 19) {
				0 => self.reinstate(person),
				1 | 2 => self.forget(person),
				_ => (),
			}
		}
		if rng.percent(10) {
			self.change_parameters(rng);
		}
		if rng.percent(25) {
			self.open(rng);
		}
		for _ in 0..rng.within(0, 12) {
			let person = rng.within(0, u64::from(self.people) - 1) as PersonId;
			if self.forgotten.contains(&person) {
				continue;
			}
			let amount = Balance::from(rng.within(0, 200_000));
			let id = match self.programmes.len() {
				0 => continue,
				programmes => rng.within(0, programmes as u64 - 1) as usize,
			};
			match rng.within(0, 19) {
				0..=4 => self.join(id, person),
				5..=9 => self.claim(id, person),
				10 | 11 => self.leave(id, person),
				12 if rng.percent(30) => self.revoke(person),
				13 | 14 => self.flow_in(amount),
				15 if !self.barred(person) => {
					// Beside the dividend itself.
					let account = 100 + AccountId::from(person);
					let due = Dividend::claimable(account);
					if due > 0 {
						assert_eq!(claim(account), Ok(due));
						self.total_paid += due;
					}
				},
				16 if !self.revoked.contains(&person) => {
					// Too early, mostly.
					let _ = frame_support::storage::with_storage_layer(|| Dividend::renew(person));
				},
				17 => self.reinstate(person),
				18 if rng.percent(40) => self.end(id),
				19 if rng.percent(50) => self.freeze(person),
				_ => (),
			}
		}
	}
}

/// The interval of a person in the dividend.
fn interval_of(person: PersonId) -> (EpochIndex, EpochIndex) {
	Dividend::interval(person).expect("everybody has a share")
}

#[test]
fn random_programmes_hold_every_invariant() {
	let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
	let seeds: u64 = number("USUFRUCT_SEEDS").unwrap_or(SEEDS);
	let (mut programmes, mut ended, mut paid) = (0, 0, 0);
	let (mut ended_early, mut came_back) = (0, 0);
	let (mut settled, mut stalled, mut paused) = (0, 0, 0);
	let (mut changed, mut forgotten) = (0, 0);
	for seed in 1..=seeds {
		println!("seed {seed}");
		ExtBuilder::default().build_and_execute(|| {
			let mut rng = Rng(seed);
			set_params(|params| {
				params.term = 20;
				params.min_people = rng.pick(&[1, 5, 20]);
			});
			let mut world = World::default();
			for _ in 0..PEOPLE {
				world.admit();
			}
			for _ in 0..60 {
				world.live(&mut rng);
				world.close(&mut rng);
			}
			(ended_early, came_back) =
				(ended_early + world.ended_early, came_back + world.came_back);
			settled += world.settled;
			stalled += world.stalled;
			paused += world.paused;
			changed += world.changed;
			forgotten += world.forgotten.len() as u32;
			programmes += world.programmes.len();
			ended += world.programmes.iter().filter(|programme| programme.ended).count();
			paid += world
				.programmes
				.iter()
				.filter(|programme| programme.per_head.values().any(|per_head| *per_head > 0))
				.count();
		});
	}
	println!(
		"{programmes} programmes, {ended} ended, {ended_early} before their term, {paid} paid"
	);
	println!(
		"{came_back} people came back, {settled} were settled; {stalled} stalls, {paused} pauses"
	);
	println!("{changed} changes of parameters, {forgotten} people forgotten");
	assert!([settled, stalled, paused, changed, forgotten]
		.into_iter()
		.all(|times| u64::from(times) > seeds));
	assert!(u64::from(ended_early) > seeds && u64::from(came_back) > seeds);
	assert!(programmes as u64 > 5 * seeds && ended as u64 > 3 * seeds && paid as u64 > seeds);
}
