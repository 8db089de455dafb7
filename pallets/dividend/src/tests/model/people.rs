//! What people do besides claiming, and what happens to them.

use super::*;

impl History {
	pub(super) fn join(&mut self, seen: &mut Seen) {
		let account = self.new_account();
		// Some hold money already.
		if self.rng.percent(20) {
			pays(TREASURE, account, 5 * ED);
		}
		let person = Register::admit(account);
		assert_eq!(person as usize, self.humans.len());
		let interval = (self.open() + 1, self.open() + self.params.term);
		assert_eq!(Dividend::interval(person), Some(interval));
		self.humans.push(Human { account, intervals: vec![interval], ..Default::default() });
		seen.people += 1;
	}

	pub(super) fn renew(&mut self, person: PersonId, seen: &mut Seen) {
		let open = self.open();
		let params = self.params;
		let human = &mut self.humans[person as usize];
		let (from, until) = human.interval();
		if human.forgotten {
			assert_noop!(Dividend::renew(person), Error::<Test>::NoShare);
		} else if until < open {
			human.settled.extend(&human.unclaimed);
			human.owed.append(&mut human.unclaimed);
			human.intervals.push((open + 1, open + params.term));
			assert_eq!(Dividend::renew(person), Ok((open + 1, open + params.term)));
			human.revoked = false;
			seen.lapses += 1;
		} else if until - open >= (params.term / 4).max(1) {
			assert_noop!(Dividend::renew(person), Error::<Test>::TooEarlyToRenew);
		} else {
			*human.intervals.last_mut().unwrap() = (from, open + params.term);
			assert_eq!(Dividend::renew(person), Ok((from, open + params.term)));
			human.revoked = false;
			seen.renewals += 1;
		}
	}

	pub(super) fn revoke(&mut self, person: PersonId, seen: &mut Seen) {
		let open = self.open();
		let human = &mut self.humans[person as usize];
		if human.forgotten {
			assert_noop!(Dividend::revoke(person), Error::<Test>::NoShare);
			return;
		}
		if !human.owed.is_empty() {
			seen.forfeits += 1;
		}
		human.owed.clear();
		human.lost.append(&mut human.unclaimed);
		let (from, until) = human.interval();
		if until >= open {
			*human.intervals.last_mut().unwrap() = (from, from.max(open) - 1);
		}
		// The register bars whom it revokes; but the dividend does not depend on that.
		human.barred = self.rng.percent(50);
		Register::bar(person, human.barred);
		assert_ok!(Dividend::revoke(person));
		human.revoked = true;
		seen.revocations += 1;
	}

	pub(super) fn forget(&mut self, person: PersonId, seen: &mut Seen) {
		let next_sweep = self.next_sweep;
		let human = &mut self.humans[person as usize];
		let owed = human.owed.iter().any(|epoch| self.closed[*epoch as usize].per_head > 0);
		if human.forgotten {
			assert_noop!(Dividend::forget(person), Error::<Test>::NoShare);
		} else if human.interval().1 >= next_sweep || owed {
			assert_noop!(Dividend::forget(person), Error::<Test>::ShareNotOver);
		} else {
			assert!(human.unclaimed.is_empty() && human.lost.is_empty());
			assert_ok!(Dividend::forget(person));
			(human.forgotten, human.revoked) = (true, false);
			(human.payout, human.change, human.alone) = (None, None, false);
			seen.forgotten += 1;
		}
	}

	pub(super) fn bar(&mut self, person: PersonId) {
		let human = &mut self.humans[person as usize];
		human.barred = !human.barred;
		Register::bar(person, human.barred);
	}

	/// Puts aside what the person could claim, whether or not it may.
	pub(super) fn settle(&mut self, person: PersonId, seen: &mut Seen) {
		let worth = self.worth(&self.humans[person as usize].unclaimed);
		let human = &mut self.humans[person as usize];
		if human.forgotten {
			assert_noop!(Dividend::settle(person), Error::<Test>::NoShare);
			return;
		}
		assert_ok!(Dividend::settle(person));
		if worth > 0 {
			human.settled.extend(&human.unclaimed);
			human.owed.append(&mut human.unclaimed);
			seen.settlements += 1;
		}
	}

	/// A person names its own account, one of a few that many name, or somebody's.
	pub(super) fn set_payout(&mut self, person: PersonId, seen: &mut Seen) {
		let open = self.open();
		let somebody = self.rng.within(0, self.humans.len() as u64 - 1) as usize;
		let own = self.humans[person as usize].account;
		let account = self.rng.pick(&[own, 50, 51, self.humans[somebody].account, CAROL]);
		let human = &mut self.humans[person as usize];
		let set = Dividend::set_payout(RuntimeOrigin::signed(own), account);
		if human.forgotten {
			assert_eq!(set, Err(Error::<Test>::NoShare.into()));
			return;
		}
		assert_ok!(set);
		seen.payouts_set += 1;
		let new = (account != own).then_some(account);
		let present = match human.change {
			Some((account, from)) if from <= open => account,
			_ => human.payout,
		};
		human.payout = present;
		human.change = (present != new).then_some((new, open + 2));
	}

	/// A person moves to a new account.
	pub(super) fn recover(&mut self, person: PersonId, seen: &mut Seen) {
		let account = self.new_account();
		let human = &mut self.humans[person as usize];
		Register::recover(person, account);
		human.account = account;
		let (payout, change) = (human.payout.take(), human.change.take());
		seen.payouts_forgotten += u64::from(payout.is_some() || change.is_some());
		seen.recoveries += 1;
	}

	pub(super) fn set_alone(&mut self, person: PersonId) {
		let human = &mut self.humans[person as usize];
		if !human.forgotten {
			human.alone = !human.alone;
			let origin = RuntimeOrigin::signed(human.account);
			assert_ok!(Dividend::set_claims_alone(origin, human.alone));
		}
	}

	/// Somebody pauses, or tries to.
	pub(super) fn pause(&mut self, seen: &mut Seen) {
		let now = System::block_number();
		let blocks = self.rng.within(0, u64::from(MAX_PAUSE) + 2) as u32;
		let pause = Dividend::pause(RuntimeOrigin::signed(GUARD), blocks);
		if blocks == 0 || blocks > MAX_PAUSE {
			assert_eq!(pause, Err(Error::<Test>::PauseTooLong.into()));
			seen.pauses_refused += 1;
		} else if self.paused_until.is_some_and(|until| now < until + PAUSE_INTERVAL) {
			assert_eq!(pause, Err(Error::<Test>::PausedRecently.into()));
			seen.pauses_refused += 1;
		} else {
			assert_ok!(pause);
			self.paused_until = Some(now + blocks);
			seen.pauses += 1;
		}
	}

	pub(super) fn resume(&mut self) {
		let resumed = Dividend::resume(RuntimeOrigin::signed(GUARD));
		if self.is_paused() {
			assert_ok!(resumed);
			self.paused_until = Some(System::block_number());
		} else {
			assert_eq!(resumed, Err(Error::<Test>::NotPaused.into()));
		}
	}

	pub(super) fn set_bonus(&mut self) {
		let parts = self.rng.pick(&[0, 1, 50_000, 150_000]);
		assert_ok!(Dividend::set_bonus(RuntimeOrigin::root(), parts));
		let amount = self.random_amount();
		pays(TREASURE, COMMONS, amount);
	}

	/// The account a person is paid on is emptied, and gone if nothing in it is on hold.
	pub(super) fn spend(&mut self, person: PersonId) {
		let account = self.humans[person as usize].paid_on(self.open());
		let all = spendable(account);
		if all > 0 {
			pays(account, TREASURE, all);
			assert!(balance(account) == 0 || held(account) > 0);
		}
	}
}
