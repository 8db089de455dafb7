//! Random histories, replayed against a reference that knows for every person the very epochs it
//! shared in, and counts every vote anew.
//!
//! `proptest` says which history failed, and keeps it in `proptest-regressions`. `USUFRUCT_SEEDS` sets
//! how many are played.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{traits::Electorate, EpochIndex, PersonId};

/// What happens in a history. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
	Admit,
	Renew(usize),
	Revoke(usize),
	Recover(usize),
	CloseEpoch,
	Blocks(u32),
	Submit(bool),
	Vote(usize, usize, bool),
	Remove(usize, usize),
	Clean(usize, u32),
	Propose(usize),
	Cosign(usize, usize),
	SubmitProposal(usize),
	CleanProposal(usize, u32),
}

fn step() -> impl Strategy<Value = Step> {
	let some = || any::<prop::sample::Index>().prop_map(|index| index.index(1_000));
	prop_oneof![
		2 => Just(Step::Admit),
		2 => some().prop_map(Step::Renew),
		1 => some().prop_map(Step::Revoke),
		1 => some().prop_map(Step::Recover),
		4 => Just(Step::CloseEpoch),
		4 => (1u32..6).prop_map(Step::Blocks),
		3 => any::<bool>().prop_map(Step::Submit),
		20 => (some(), some(), any::<bool>()).prop_map(|(p, v, aye)| Step::Vote(p, v, aye)),
		3 => (some(), some()).prop_map(|(p, v)| Step::Remove(p, v)),
		2 => (some(), 0u32..4).prop_map(|(p, max)| Step::Clean(p, max)),
		2 => some().prop_map(Step::Propose),
		6 => (some(), some()).prop_map(|(p, v)| Step::Cosign(p, v)),
		2 => some().prop_map(Step::SubmitProposal),
		1 => (some(), 0u32..4).prop_map(|(p, max)| Step::CleanProposal(p, max)),
	]
}

/// A human in the reference.
struct Human {
	account: AccountId,
	/// The very epochs it shares in.
	epochs: BTreeSet<EpochIndex>,
	revoked: bool,
}

#[derive(Default)]
struct Reference {
	humans: Vec<Human>,
	epoch: EpochIndex,
	/// Of every epoch closed, how many shared in it.
	shared: Vec<u32>,
	/// Of every poll: the last closed epoch when it was submitted, and the votes.
	polls: Vec<(EpochIndex, BTreeMap<PersonId, bool>)>,
	/// Of every proposal: the same epoch, and who signed.
	proposals: Vec<(EpochIndex, BTreeSet<PersonId>)>,
	accounts: AccountId,
}

impl Reference {
	/// Whether a person counts in what was opened after that epoch: it shared in each one from the
	/// seasoning before it up to the open one.
	fn counts(&self, person: usize, snapshot: EpochIndex) -> bool {
		let human = &self.humans[person];
		let Some(first) = snapshot.checked_sub(RULES.seasoning) else { return false };
		!human.revoked && (first..=self.epoch).all(|epoch| human.epochs.contains(&epoch))
	}

	/// Whether enough people shared in the last closed epoch.
	fn sufficient(&self) -> bool {
		self.shared.last().is_some_and(|people| *people >= RULES.min_electorate)
	}

	fn admit(&mut self) {
		self.accounts += 1;
		let account = 10_000 + self.accounts;
		let person = Register::admit(account);
		assert_eq!(person as usize, self.humans.len());
		let epochs = (self.epoch + 1..=self.epoch + TERM).collect();
		self.humans.push(Human { account, epochs, revoked: false });
	}

	fn close(&mut self) {
		let epoch = self.epoch;
		let people = self.humans.iter().filter(|human| human.epochs.contains(&epoch)).count();
		self.shared.push(people as u32);
		self.epoch += 1;
		Register::close_epochs(1);
		assert_eq!(Register::last_closed(), Some((epoch, people as u32)));
	}

	fn take(&mut self, step: Step) {
		let people = self.humans.len();
		match step {
			Step::Admit => self.admit(),
			Step::CloseEpoch => self.close(),
			Step::Blocks(count) => blocks(count),
			Step::Renew(who) => {
				let (who, epoch) = (who % people, self.epoch);
				let human = &mut self.humans[who];
				if !human.revoked {
					// In time the interval goes on; after a lapse another one begins.
					let last = *human.epochs.last().expect("it shares in some");
					human.epochs.extend(last.max(epoch) + 1..=epoch + TERM);
					Register::renew(who as PersonId);
				}
			},
			Step::Revoke(who) => {
				let (who, epoch) = (who % people, self.epoch);
				if !self.humans[who].revoked {
					self.humans[who].revoked = true;
					self.humans[who].epochs.retain(|shared| *shared < epoch);
					Register::revoke(who as PersonId);
				}
			},
			Step::Recover(who) => {
				self.accounts += 1;
				let to = 10_000 + self.accounts;
				let human = &mut self.humans[who % people];
				Register::recover(human.account, to);
				human.account = to;
			},
			Step::Submit(decided) => {
				let submitted = try_submit(Origin::Parameters, remark());
				assert_eq!(submitted.is_ok(), self.sufficient());
				if let Ok(poll) = submitted {
					self.polls.push((self.epoch - 1, BTreeMap::new()));
					assert_eq!(tally(poll).electorate, *self.shared.last().expect("closed"));
					if decided {
						assert_ok!(Referenda::place_decision_deposit(
							RuntimeOrigin::signed(RICH),
							poll
						));
					}
				}
			},
			Step::Vote(poll, who, aye) if !self.polls.is_empty() => {
				let (poll, who) = (poll % self.polls.len(), who % people);
				let person = who as PersonId;
				let runs = Referenda::ensure_ongoing(poll as u32).is_ok();
				let expected = runs
					&& self.counts(who, self.polls[poll].0)
					&& self.polls[poll].1.get(&person) != Some(&aye);
				let result = vote(self.humans[who].account, poll as u32, aye);
				assert_eq!(result.is_ok(), expected, "{result:?}");
				if expected {
					self.polls[poll].1.insert(person, aye);
				}
			},
			Step::Remove(poll, who) if !self.polls.is_empty() => {
				let (poll, who) = (poll % self.polls.len(), who % people);
				let person = who as PersonId;
				let runs = Referenda::ensure_ongoing(poll as u32).is_ok();
				let expected =
					runs && self.humans[who].revoked && self.polls[poll].1.contains_key(&person);
				let result = keep(RICH, Call::remove_vote { poll: poll as u32, person });
				assert_eq!(result.is_ok(), expected, "{result:?}");
				if expected {
					self.polls[poll].1.remove(&person);
				}
			},
			Step::Clean(poll, max) if !self.polls.is_empty() => {
				let poll = poll % self.polls.len();
				let runs = Referenda::ensure_ongoing(poll as u32).is_ok();
				let there = Votes::<Test>::iter_prefix(poll as u32).count();
				let result = keep(RICH, Call::cleanup_poll { poll: poll as u32, max });
				assert_eq!(result.is_ok(), !runs && max > 0 && there > 0, "{result:?}");
				let left = Votes::<Test>::iter_prefix(poll as u32).count();
				let removed = if result.is_ok() { there.min(max as usize) } else { 0 };
				assert_eq!(left, there - removed);
			},
			Step::Propose(who) => {
				let who = who % people;
				let busy = ProposalBy::<Test>::contains_key(who as PersonId);
				let expected =
					self.sufficient() && !busy && self.counts(who, self.epoch.saturating_sub(1));
				let result = propose(self.humans[who].account);
				assert_eq!(result.is_ok(), expected, "{result:?}");
				if expected {
					self.proposals.push((self.epoch - 1, BTreeSet::from([who as PersonId])));
				}
			},
			Step::Cosign(proposal, who) if !self.proposals.is_empty() => {
				let (id, who) = (proposal % self.proposals.len(), who % people);
				let person = who as PersonId;
				let open = Suffrage::proposal(id as u32).is_some_and(|(_, closes, poll)| {
					poll.is_none() && System::block_number() <= closes
				});
				let (snapshot, signed) = &self.proposals[id];
				let expected = open && self.counts(who, *snapshot) && !signed.contains(&person);
				let result = cosign(self.humans[who].account, id as u32);
				assert_eq!(result.is_ok(), expected, "{result:?}");
				if expected {
					self.proposals[id].1.insert(person);
					let seen = Suffrage::proposal(id as u32).map(|seen| seen.0 as usize);
					assert_eq!(seen, Some(self.proposals[id].1.len()));
				}
			},
			Step::SubmitProposal(proposal) if !self.proposals.is_empty() => {
				let id = proposal % self.proposals.len();
				let result = keep(RICH, Call::submit_proposal { proposal: id as u32 });
				if result.is_ok() {
					assert!(self.sufficient());
					assert!(self.proposals[id].1.len() as u32 >= RULES.cosigners);
					self.polls.push((self.epoch - 1, BTreeMap::new()));
					let poll = Suffrage::proposal(id as u32).and_then(|seen| seen.2);
					assert_eq!(poll, Some(self.polls.len() as u32 - 1));
				}
			},
			Step::CleanProposal(proposal, max) if !self.proposals.is_empty() => {
				let id = proposal % self.proposals.len();
				let _ = keep(RICH, Call::cleanup_proposal { proposal: id as u32, max });
			},
			// There is nothing to act on yet.
			_ => {},
		}
	}

	/// Counts every running poll anew.
	fn check(&self) {
		for (poll, (snapshot, votes)) in self.polls.iter().enumerate() {
			let Ok(status) = Referenda::ensure_ongoing(poll as u32) else { continue };
			let ayes = votes.values().filter(|aye| **aye).count() as u32;
			let nays = votes.len() as u32 - ayes;
			assert_eq!((status.tally.ayes, status.tally.nays), (ayes, nays));
			assert_eq!(status.tally.snapshot_epoch, *snapshot);
		}
		Suffrage::do_try_state().expect("all invariants hold");
	}
}

/// How many histories are played.
fn histories() -> u32 {
	std::env::var("USUFRUCT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(96)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(histories()))]

	#[test]
	fn every_history_counts_one_vote_of_each_person_who_may(
		steps in prop::collection::vec(step(), 1..160),
	) {
		ExtBuilder::empty().build().execute_with(|| {
			let mut reference = Reference::default();
			for _ in 0..5 {
				reference.admit();
			}
			for _ in 0..4 {
				reference.close();
			}
			for step in steps {
				reference.take(step);
				reference.check();
			}
		});
	}
}
