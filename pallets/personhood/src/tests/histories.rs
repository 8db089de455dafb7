//! Whatever is done in whatever order: the books add up, and no money is made or lost.
//! `USUFRUCT_SEEDS` sets how many histories are played.

use super::{trial::*, *};
use crate::{
	dispute::{Case, CaseId, Reason, Stage},
	Cases, NextCase, People, Verifiers,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use usufruct_primitives::traits::Eligibility;

#[derive(Clone, Debug)]
enum Step {
	Challenge {
		by: u8,
		person: u32,
		reason: u8,
		evidence: u8,
	},
	NewRandomness,
	Draw(u32),
	/// That many of the jury vote, of whom the first so many uphold it.
	Vote {
		case: u32,
		votes: usize,
		ayes: usize,
	},
	Resolve(u32),
	Appeal {
		case: u32,
		uphold: bool,
	},
	Close(u32),
	/// One of those that are open comes to nothing, whatever its stage.
	Dismiss(usize),
	Pass(u32),
	CloseEpochs(u32),
	PerHead(u128),
	Bond {
		verifier: u32,
		amount: u128,
	},
	Retire(u32),
	Withdraw(u32),
	Suspend(u32),
	Stop(u32),
	Recover(u32),
	Complete(u32),
	Veto(u32),
	Revoke(u32),
	Reinstate(u32),
	Remove(u32),
}

const FEW: u32 = 20;

fn step() -> impl Strategy<Value = Step> {
	let case = || 0..12u32;
	let verifier = || 0..6u32;
	prop_oneof![
		6 => (0..4u8, 0..FEW, 0..4u8, 0..4u8).prop_map(|(by, person, reason, evidence)| {
			Step::Challenge { by, person, reason, evidence }
		}),
		// Again and again the same one, always with something new.
		6 => (0..4u8, 0..2u32, 0..4u8, any::<u8>()).prop_map(|(by, person, reason, evidence)| {
			Step::Challenge { by, person, reason, evidence }
		}),
		8 => Just(Step::NewRandomness),
		6 => case().prop_map(Step::Draw),
		6 => (case(), 0..16usize, 0..16usize)
			.prop_map(|(case, votes, ayes)| Step::Vote { case, votes, ayes }),
		6 => case().prop_map(Step::Resolve),
		2 => (case(), any::<bool>()).prop_map(|(case, uphold)| Step::Appeal { case, uphold }),
		6 => case().prop_map(Step::Close),
		6 => any::<usize>().prop_map(Step::Dismiss),
		5 => (1..=APPEAL).prop_map(Step::Pass),
		2 => (1..=2u32).prop_map(Step::CloseEpochs),
		1 => (0..3_000u128).prop_map(Step::PerHead),
		1 => (verifier(), 0..5_000u128)
			.prop_map(|(verifier, amount)| Step::Bond { verifier, amount }),
		1 => verifier().prop_map(Step::Retire),
		2 => verifier().prop_map(Step::Withdraw),
		1 => verifier().prop_map(Step::Suspend),
		1 => verifier().prop_map(Step::Stop),
		2 => (0..FEW).prop_map(Step::Recover),
		2 => (0..FEW).prop_map(Step::Complete),
		1 => (0..FEW).prop_map(Step::Veto),
		1 => (0..FEW).prop_map(Step::Revoke),
		1 => (0..FEW).prop_map(Step::Reinstate),
		1 => (0..FEW).prop_map(Step::Remove),
	]
}

fn reason(number: u8) -> Reason {
	[Reason::Duplicate, Reason::NotAPerson, Reason::Deceased, Reason::Incorrect]
		[number as usize % 4]
}

/// Some who challenge: two that hold money, one of whom runs a verifier, and two people.
fn challenger_of(number: u8) -> sp_runtime::AccountId32 {
	match number % 4 {
		0 => RELAYER.to_account_id(),
		1 => operator(1),
		number => People::<Test>::get(u32::from(number) + 20)
			.map_or_else(|| RELAYER.to_account_id(), |person| person.account),
	}
}

fn operator_of(verifier: u32) -> RuntimeOrigin {
	by(&Verifiers::<Test>::get(verifier).unwrap().operator)
}

/// Does the step, if it can be done now.
fn take(step: Step, seed: &mut u8) {
	let anybody = by(&RELAYER.to_account_id());
	let _ = match step {
		Step::Challenge { by: who, person, reason: why, evidence } => {
			Personhood::challenge(by(&challenger_of(who)), person, reason(why), [evidence; 32])
		},
		Step::NewRandomness => {
			change_randomness(seed);
			Ok(())
		},
		Step::Draw(case) => Personhood::draw_jury(anybody, case),
		Step::Vote { case, votes, ayes } => {
			if Cases::<Test>::contains_key(case) {
				for (index, juror) in jurors_there_are(case).iter().take(votes).enumerate() {
					let _ = Personhood::vote_case(by(juror), case, index < ayes);
				}
			}
			Ok(())
		},
		Step::Resolve(case) => Personhood::resolve_case(anybody, case),
		Step::Appeal { case, uphold } => Personhood::decide_appeal(everybody(), case, uphold),
		Step::Close(case) => Personhood::close_case(anybody, case),
		Step::Dismiss(number) => dismiss(number, seed),
		Step::Pass(blocks) => {
			pass(blocks);
			Ok(())
		},
		Step::CloseEpochs(count) => {
			close_epochs(count);
			Ok(())
		},
		Step::PerHead(per_head) => {
			set_per_head(per_head);
			Ok(())
		},
		Step::Bond { verifier, amount } => {
			Personhood::post_bond(operator_of(verifier), verifier, amount)
		},
		Step::Retire(verifier) => Personhood::retire_verifier(root(), verifier),
		Step::Withdraw(verifier) => Personhood::withdraw_bond(operator_of(verifier), verifier),
		Step::Suspend(verifier) => Personhood::suspend_verifier(root(), verifier),
		Step::Stop(verifier) => Personhood::suspend_verifier(operator_of(verifier), verifier),
		Step::Recover(person) => recover(person),
		Step::Complete(person) => {
			Personhood::complete_recovery(anybody, person).map(|_| ()).map_err(|e| e.error)
		},
		Step::Veto(person) => match People::<Test>::get(person) {
			Some(record) => Personhood::veto(by(&record.account)),
			None => Ok(()),
		},
		Step::Revoke(person) => Personhood::revoke(everybody(), person),
		Step::Reinstate(person) => Personhood::reinstate(everybody(), person),
		Step::Remove(person) => {
			Personhood::remove(anybody, person).map(|_| ()).map_err(|e| e.error)
		},
	};
}

fn change_randomness(seed: &mut u8) {
	*seed = seed.wrapping_add(1);
	new_randomness(*seed);
}

/// Nobody of the jury votes, if there is one, and all people dismiss it, if they can still.
fn dismiss(number: usize, seed: &mut u8) -> sp_runtime::DispatchResult {
	let open: Vec<_> = open_cases().into_keys().collect();
	let Some(case) = number.checked_rem(open.len()).map(|place| open[place]) else { return Ok(()) };
	change_randomness(seed);
	change_randomness(seed);
	let _ = Personhood::draw_jury(signed(), case);
	pass(VOTING);
	let _ = Personhood::resolve_case(signed(), case);
	Personhood::decide_appeal(everybody(), case, false)
}

/// The accounts of those of the jury who are not removed.
fn jurors_there_are(id: u32) -> Vec<sp_runtime::AccountId32> {
	case(id)
		.jury
		.iter()
		.filter_map(|seat| Some(People::<Test>::get(seat.person)?.account))
		.collect()
}

/// The human of the crowd that is that person goes to two verifiers with a new account.
fn recover(person: u32) -> sp_runtime::DispatchResult {
	let Some(record) = People::<Test>::get(person) else { return Ok(()) };
	let mut seed = [3; 32];
	seed[..4].copy_from_slice(&person.to_le_bytes());
	seed[4..8].copy_from_slice(&record.nonce.to_le_bytes());
	let pair = <sp_core::sr25519::Pair as sp_core::Pair>::from_seed(&seed);
	let purpose = usufruct_primitives::Purpose::Recover;
	let verifiers = [[0, 1], [0, 2], [1, 2]][record.nonce as usize % 3];
	let mut application =
		Application::new(purpose, &pair, record.nonce, 1_000 + person, &verifiers);
	application.person = person;
	application.submit().map(|_| ()).map_err(|error| error.error)
}

/// The disputes about each person that came to nothing, in their order: the epochs each was opened
/// and closed in, and its bond.
#[derive(Default)]
struct Past(BTreeMap<u32, Vec<(u32, u32, u128)>>);

impl Past {
	/// What a step has opened and closed, when these were open before it: nobody is challenged too
	/// soon again, or for less than it must be.
	fn follow(&mut self, before: &BTreeMap<CaseId, Case>) {
		let now = MockDividend::current_epoch();
		let after = open_cases();
		for (_, case) in before.iter().filter(|(id, _)| !after.contains_key(id)) {
			if People::<Test>::get(case.person).is_some_and(|person| !person.revoked) {
				self.0.entry(case.person).or_default().push((case.epoch, now, case.bond));
			}
		}
		for (_, case) in after.iter().filter(|(id, _)| !before.contains_key(id)) {
			let past = self.0.get(&case.person).cloned().unwrap_or_default();
			let mut due = CHALLENGE;
			for (opened, closed, bond) in past.iter().rev().take(8) {
				assert!(now > closed + 1, "it could not claim and vote");
				// Free for as long as it was frozen, and four epochs more.
				if now - closed < closed - opened + 4 {
					due = due.max(2 * bond);
				}
			}
			assert_eq!(case.bond, due.min(16 * CHALLENGE));
		}
	}
}

fn open_cases() -> BTreeMap<CaseId, Case> {
	Cases::<Test>::iter().collect()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(crate::mock::histories(8)))]

	#[test]
	fn the_books_add_up(steps in proptest::collection::vec(step(), 1..120)) {
		ExtBuilder::default().build_and_execute(|| {
			crowd(40);
			close_epochs(5);
			for person in [22, 23] {
				let account = People::<Test>::get(person).unwrap().account;
				let from = RuntimeOrigin::signed(RELAYER.to_account_id());
				assert_ok!(Balances::transfer_keep_alive(from, account, 10_000));
			}
			let issued = pallet_balances::TotalIssuance::<Test>::get();
			let mut seed = 0;
			let mut past = Past::default();
			for step in steps {
				let before = open_cases();
				take(step, &mut seed);
				past.follow(&before);
				check_state();
				assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issued);
			}
			// Every dispute can be brought to an end, whatever its state.
			new_randomness(254);
			new_randomness(255);
			for id in 0..NextCase::<Test>::get() {
				let Some(case) = Cases::<Test>::get(id) else { continue };
				if case.stage == Stage::Waiting {
					assert_ok!(Personhood::draw_jury(signed(), id));
				}
				pass(VOTING);
				let _ = Personhood::resolve_case(signed(), id);
				pass(APPEAL);
				let _ = Personhood::close_case(signed(), id);
				assert!(!Cases::<Test>::contains_key(id), "{id} does not end");
				check_state();
			}
			assert_eq!(on_hold(), 0);
			assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issued);
			// And then every bond can leave.
			for verifier in 0..6 {
				let _ = Personhood::retire_verifier(root(), verifier);
			}
			pass(BOND_RELEASE);
			for verifier in 0..6 {
				let _ = Personhood::withdraw_bond(operator_of(verifier), verifier);
				assert_eq!(Verifiers::<Test>::get(verifier).unwrap().bond, 0);
			}
		});
	}
}
