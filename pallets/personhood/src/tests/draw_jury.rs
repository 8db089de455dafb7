use super::{trial::*, *};
use crate::{
	dispute::Stage,
	jury::{JURY, MIN_VOTES, SENIORITY},
	Call, People,
};
use frame_support::dispatch::CheckIfFeeless;
use std::collections::BTreeSet;

fn draw(id: u32) -> sp_runtime::DispatchResult {
	Personhood::draw_jury(by(&challenger()), id)
}

fn jury(id: u32) -> BTreeSet<u32> {
	case(id).jury.iter().map(|seat| seat.person).collect()
}

#[test]
fn fifteen_different_people_without_the_accused() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let id = challenge();
		ripen();
		assert!(Call::<Test>::draw_jury { case: id }.is_feeless(&signed()), "also for Alice");
		assert_ok!(draw(id));
		let members = jury(id);
		assert_eq!(members.len() as u32, JURY);
		assert!(!members.contains(&0));
		let ends = System::block_number() + VOTING;
		assert_eq!(case(id).stage, Stage::Voting { ends });
		let listed = case(id).jury.iter().map(|seat| seat.person).collect();
		let stage = Stage::Voting { ends };
		assert_eq!(last_event(), Event::JuryDrawn { case: id, jury: listed, stage });
		assert!(!Call::<Test>::draw_jury { case: id }.is_feeless(&signed()));
		assert_noop!(draw(id), Error::<Test>::AlreadyDrawn);
	});
}

#[test]
fn the_challenger_does_not_judge() {
	ExtBuilder::default().build_and_execute(|| {
		let people = town();
		let challenger = people[6].clone();
		let relayer = RuntimeOrigin::signed(RELAYER.to_account_id());
		assert_ok!(Balances::transfer_keep_alive(relayer, challenger.clone(), 10 * CHALLENGE));
		let reason = crate::dispute::Reason::Duplicate;
		assert_ok!(Personhood::challenge(by(&challenger), 0, reason, EVIDENCE));
		new_randomness(1);
		for seed in 2..40 {
			hypothetically!({
				new_randomness(seed);
				assert_ok!(draw(0));
				assert!(!jurors(0).contains(&challenger));
			});
		}
	});
}

#[test]
fn nobody_who_is_revoked_or_frozen_or_lapsed_or_too_new() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		// Twelve of each: the first forty are ids 1 to 40.
		for person in 1..=12 {
			assert_ok!(Personhood::revoke(everybody(), person));
		}
		for person in 13..=24 {
			let reason = crate::dispute::Reason::Incorrect;
			assert_ok!(Personhood::challenge(by(&challenger()), person, reason, EVIDENCE));
		}
		// Recognised in epoch 5 and sharing from epoch 6 on, which is too new until epoch 10.
		assert_eq!(registered(BOB, 2), 41);
		let id = challenge();
		ripen();
		assert_ok!(draw(id));
		assert!(jury(id).is_subset(&(25..=40).collect()), "{:?}", jury(id));
		assert!(jury(id).len() as u32 >= MIN_VOTES);
	});
}

#[test]
fn whoever_knows_the_seed_passes_over_nobody_for_a_bond() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let id = challenge();
		ripen();
		let unwanted = hypothetically!({
			assert_ok!(draw(id));
			jury(id)
		});
		for person in &unwanted {
			let reason = crate::dispute::Reason::NotAPerson;
			assert_ok!(Personhood::challenge(by(&challenger()), *person, reason, EVIDENCE));
		}
		assert_ok!(draw(id));
		assert_eq!(jury(id), unwanted);
		resolved(id, 0, 15);
		assert_eq!(People::<Test>::get(0).unwrap().frozen_by, None, "and they have voted");
	});
}

#[test]
fn four_epochs_of_standing_are_enough() {
	for (epochs, enough) in [(SENIORITY, false), (SENIORITY + 1, true)] {
		ExtBuilder::default().build_and_execute(|| {
			registered(ALICE, 1);
			crowd(40);
			// They share from epoch 1 on.
			close_epochs(epochs);
			let id = challenge();
			ripen();
			assert_ok!(draw(id));
			assert_eq!(!jury(id).is_empty(), enough);
		});
	}
}

#[test]
fn nobody_recognised_after_the_challenge() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		let id = challenge();
		crowd_after();
		close_epochs(SENIORITY + 1);
		ripen();
		assert_ok!(draw(id));
		assert!(jury(id).iter().all(|person| *person <= 40));
		assert_eq!(jury(id).len() as u32, JURY);
	});
}

/// Further people, with accounts of their own.
fn crowd_after() {
	for number in 0..40u32 {
		let account = sp_runtime::AccountId32::new([100 + number as u8; 32]);
		let marks = [0, 1].map(|domain| Mark { domain, nullifier: nullifier(domain, number + 10) });
		assert_ok!(Personhood::admit_person(
			&account,
			BoundedVec::truncate_from(vec![0, 1]),
			0,
			BoundedVec::truncate_from(marks.to_vec()),
		));
	}
}

#[test]
fn too_few_who_can_judge_find_no_verdict() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		crowd(MIN_VOTES - 1);
		close_epochs(5);
		let id = challenge();
		ripen();
		assert_ok!(draw(id));
		let ends = System::block_number() + APPEAL;
		assert_eq!(case(id).stage, Stage::Appealable { upheld: false, ends });
		assert_noop!(Personhood::resolve_case(signed(), id), Error::<Test>::NotVoting);
		assert_ok!(Personhood::decide_appeal(everybody(), id, true));
		assert!(People::<Test>::get(0).unwrap().revoked);
	});
}

#[test]
fn just_enough_can_judge() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		crowd(MIN_VOTES);
		close_epochs(5);
		let id = challenge();
		ripen();
		assert_ok!(draw(id));
		assert_eq!(jury(id), (1..=MIN_VOTES).collect());
	});
}

#[test]
fn everybody_is_drawn_about_equally_often() {
	// Forty candidates, fifteen seats, two hundred juries: 75 each, give or take.
	ExtBuilder::default().build_and_execute(|| {
		town();
		let id = challenge();
		let mut seats = vec![0u32; 41];
		let record = case(id);
		for seed in 0..200u8 {
			for seat in Personhood::draw(id, &record, sp_core::H256::repeat_byte(seed)) {
				seats[seat.person as usize] += 1;
			}
		}
		assert_eq!(seats[0], 0);
		assert_eq!(seats.iter().sum::<u32>(), 200 * JURY);
		assert!(seats[1..].iter().all(|count| (45..=110).contains(count)), "{seats:?}");
	});
}

#[test]
fn only_for_a_case_that_waits() {
	ExtBuilder::default().build_and_execute(|| {
		town();
		assert_noop!(draw(0), Error::<Test>::UnknownCase);
		let id = challenge();
		assert_noop!(Personhood::draw_jury(root(), id), DispatchError::BadOrigin);
		assert!(!Call::<Test>::draw_jury { case: id }.is_feeless(&signed()));
		assert_noop!(draw(id), Error::<Test>::NoSeedYet);
	});
}
