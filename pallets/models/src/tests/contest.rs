//! Lodging contests, and ruling on them.

use super::*;
use usufruct_primitives::VersionId;

fn contested() -> VersionId {
	let version = NewVersion::default().accepted();
	assert_ok!(Models::contest(signed(BEN), version, [7; 32]));
	version
}

/// Rules on Ben's contest.
fn resolve(version: VersionId, ruling: Ruling) -> sp_runtime::DispatchResult {
	Models::resolve_contest(RuntimeOrigin::root(), version, BEN, ruling)
}

fn upheld(rows: &[u16], model: bool) -> Ruling {
	Ruling::Upheld { rows: rows.to_vec().try_into().unwrap(), model }
}

fn held_for_contests(who: &sp_runtime::AccountId32) -> Balance {
	Balances::balance_on_hold(&HoldReason::Contest.into(), who)
}

#[test]
fn holds_a_deposit_and_the_owners_share_beyond_the_window() {
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		let contest = Contest { evidence_hash: [7; 32], deposit: CONTEST_DEPOSIT, since: 1 };
		assert_eq!(Models::open_contest(version, BEN), Some(contest));
		assert_eq!(Models::open_contests(version), 1);
		System::assert_last_event(
			Event::VersionContested {
				version,
				contester: BEN,
				evidence_hash: [7; 32],
				deposit: CONTEST_DEPOSIT,
			}
			.into(),
		);
		assert_eq!(held_for_contests(&BEN), CONTEST_DEPOSIT);
		assert_eq!(free(&BEN), ENDOWMENT - CONTEST_DEPOSIT);

		earn(version, 10 * UFR);
		pass(10 * CONTEST_WINDOW);
		assert_noop!(Models::claim_revenue(signed(ADA), version, 0), Error::<Test>::OwnerShareHeld);
		// The others' shares are not.
		assert_ok!(Models::claim_revenue(signed(ADA), version, 2));
	});
}

#[test]
fn is_for_the_window_and_one_at_a_time_for_each() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		pass(CONTEST_WINDOW - 1);
		assert_ok!(Models::contest(signed(BEN), version, [7; 32]));
		assert_noop!(Models::contest(signed(BEN), version, [8; 32]), Error::<Test>::ContestOpen);
		pass(1);
		assert_ok!(resolve(version, Ruling::Dismissed));
		assert_noop!(Models::contest(signed(MALLORY), version, [8; 32]), Error::<Test>::WindowOver);
	});
}

#[test]
fn is_for_others_than_the_owner_with_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Models::contest(signed(BEN), 0, [7; 32]), Error::<Test>::UnknownVersion);
		let version = NewVersion::default().registered();
		assert_noop!(Models::contest(signed(ADA), version, [7; 32]), Error::<Test>::OwnVersion);
		assert_noop!(
			Models::contest(signed(CHIDI), version, [7; 32]),
			TokenError::FundsUnavailable
		);
		assert_noop!(
			Models::contest(RuntimeOrigin::root(), version, [7; 32]),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn one_that_is_dismissed_costs_its_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		earn(version, 10 * UFR);
		let ada = free(&ADA);
		assert_ok!(resolve(version, Ruling::Dismissed));
		let to_owner = CONTEST_DEPOSIT / 2;
		let to_dividend = to_owner + 1;
		System::assert_last_event(
			Event::ContestDismissed { version, contester: BEN, owner: ADA, to_owner, to_dividend }
				.into(),
		);
		assert_eq!((free(&BEN), held_for_contests(&BEN)), (ENDOWMENT - CONTEST_DEPOSIT, 0));
		assert_eq!(free(&ADA), ada + to_owner);
		assert_eq!(free(&DIVIDEND), ED + to_dividend);
		assert_eq!((Models::open_contest(version, BEN), Models::open_contests(version)), (None, 0));

		// The window still runs; then the owner is paid.
		assert_noop!(Models::claim_revenue(signed(ADA), version, 0), Error::<Test>::OwnerShareHeld);
		pass(CONTEST_WINDOW);
		assert_ok!(Models::claim_revenue(signed(ADA), version, 0));
	});
}

#[test]
fn one_that_is_upheld_gives_the_owners_share_and_what_it_is_due_to_the_contester() {
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		earn(version, 10 * UFR);
		assert_ok!(resolve(version, upheld(&[], false)));
		System::assert_last_event(
			Event::ContestUpheld {
				version,
				contester: BEN,
				rows: vec![0].try_into().unwrap(),
				model: false,
			}
			.into(),
		);
		assert_eq!((free(&BEN), held_for_contests(&BEN)), (ENDOWMENT, 0));
		let accounts: Vec<_> = contributors(version).into_iter().map(|row| row.account).collect();
		assert_eq!(accounts, [BEN, BEN, CHIDI]);
		// The model stays Ada's, and so do its deposits.
		assert_eq!(Models::model(0).unwrap().owner, ADA);

		// It is the new owner's share, held like any until the window is over.
		assert_noop!(Models::claim_revenue(signed(BEN), version, 0), Error::<Test>::OwnerShareHeld);
		pass(CONTEST_WINDOW);
		let ada = free(&ADA);
		assert_ok!(Models::claim_revenue(signed(BEN), version, 0));
		assert_eq!((free(&BEN), free(&ADA)), (ENDOWMENT + 6 * UFR, ada));
	});
}

#[test]
fn the_ruling_can_name_rows_of_those_who_front_for_the_owner() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		assert_ok!(Models::contest(signed(MALLORY), version, [7; 32]));
		let ruling = upheld(&[2, 2], false);
		assert_ok!(Models::resolve_contest(RuntimeOrigin::root(), version, MALLORY, ruling));
		let rows = Models::contributors(version);
		assert_eq!(
			(&rows[0].account, &rows[1].account, &rows[2].account),
			(&MALLORY, &BEN, &MALLORY)
		);
		assert!(rows[2].owners && rows[2].state == RowState::Accepted);
		assert!(!rows[1].owners && rows[1].state != RowState::Accepted);
	});
}

#[test]
fn the_model_can_pass_over_with_its_deposits() {
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		assert_ok!(Models::transfer_model(signed(ADA), 0, Some(MALLORY)));
		let deposit = MODEL_DEPOSIT + VERSION_DEPOSIT + 3 * ROW_DEPOSIT;
		assert_ok!(resolve(version, upheld(&[], true)));
		System::assert_has_event(
			Event::ModelTransferred { model: 0, from: ADA, to: BEN, deposit }.into(),
		);
		assert_eq!((held(&ADA), held(&BEN)), (0, deposit));
		assert_eq!((free(&ADA), free(&BEN)), (ENDOWMENT - deposit, ENDOWMENT));
		// The offer of the owner before is void.
		assert_noop!(Models::accept_model(signed(MALLORY), 0), Error::<Test>::NotOffered);
		assert_ok!(NewVersion { caller: BEN, ..NewVersion::of(0, 9) }.add());
		assert_noop!(NewVersion::of(0, 10).add(), Error::<Test>::NotOwner);
	});
}

#[test]
fn a_model_that_went_to_the_contester_meanwhile_stays_there() {
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		assert_ok!(Models::transfer_model(signed(ADA), 0, Some(BEN)));
		assert_ok!(Models::accept_model(signed(BEN), 0));
		assert_ok!(resolve(version, upheld(&[], true)));
		assert_eq!(Models::model(0).unwrap().owner, BEN);
		assert_eq!(contributors(version)[0].account, BEN);
	});
}

#[test]
fn frozen_balances_stop_no_ruling() {
	use frame_support::traits::fungible::MutateFreeze;
	for ruling in [Ruling::Dismissed, upheld(&[], true)] {
		ExtBuilder::default().build_and_execute(|| {
			let version = contested();
			for who in [ADA, BEN] {
				assert_ok!(Balances::set_freeze(&0, &who, Balance::MAX));
			}
			assert_ok!(resolve(version, ruling));
			assert_eq!(held_for_contests(&BEN), 0);
		});
	}
}

#[test]
fn the_admin_rules_on_what_is_open() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(resolve(0, Ruling::Dismissed), Error::<Test>::NoContest);
		let version = contested();
		assert_noop!(resolve(version, upheld(&[3], false)), Error::<Test>::UnknownRow);
		assert_noop!(
			Models::resolve_contest(signed(BEN), version, BEN, upheld(&[], true)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn one_that_nobody_rules_on_lapses_and_the_owners_share_is_free() {
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		earn(version, 10 * UFR);
		pass(CONTEST_TERM - 1);
		let lapse = || Models::lapse_contest(signed(CHIDI), version, BEN);
		assert_noop!(lapse(), Error::<Test>::ContestTermRuns);
		assert_noop!(Models::claim_revenue(signed(ADA), version, 0), Error::<Test>::OwnerShareHeld);
		pass(1);
		let ada = free(&ADA);
		assert_ok!(lapse());
		let to_owner = CONTEST_DEPOSIT / 2;
		let returned = to_owner + 1;
		let (contester, owner) = (BEN, ADA);
		let lapsed = Event::ContestLapsed { version, contester, owner, to_owner, returned };
		System::assert_last_event(lapsed.into());
		assert_eq!((free(&BEN), held_for_contests(&BEN)), (ENDOWMENT - to_owner, 0));
		assert_eq!((free(&ADA), free(&DIVIDEND)), (ada + to_owner, ED));
		assert_ok!(Models::claim_revenue(signed(ADA), version, 0));
		// It is over: neither lapsing nor ruling is left, and nobody can contest it again.
		assert_noop!(lapse(), Error::<Test>::NoContest);
		assert_noop!(resolve(version, Ruling::Dismissed), Error::<Test>::NoContest);
		assert_noop!(Models::contest(signed(BEN), version, [8; 32]), Error::<Test>::WindowOver);
		assert_noop!(
			Models::lapse_contest(RuntimeOrigin::root(), version, BEN),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn a_late_ruling_counts_as_long_as_nobody_has_let_the_contest_lapse() {
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		pass(10 * CONTEST_TERM);
		assert_ok!(resolve(version, upheld(&[], false)));
		assert_eq!(free(&BEN), ENDOWMENT);
		let lapse = Models::lapse_contest(signed(CHIDI), version, BEN);
		assert_noop!(lapse, Error::<Test>::NoContest);
	});
}

#[test]
fn one_whose_contester_became_the_owner_lapses_for_nothing() {
	use frame_support::traits::fungible::MutateFreeze;
	ExtBuilder::default().build_and_execute(|| {
		let version = contested();
		assert_ok!(Models::transfer_model(signed(ADA), 0, Some(BEN)));
		assert_ok!(Models::accept_model(signed(BEN), 0));
		let before = free(&BEN);
		assert_ok!(Balances::set_freeze(&0, &BEN, Balance::MAX));
		pass(CONTEST_TERM);
		assert_ok!(Models::lapse_contest(signed(CHIDI), version, BEN));
		assert_eq!((free(&BEN), held_for_contests(&BEN)), (before + CONTEST_DEPOSIT, 0));
	});
}

#[test]
fn a_thiefs_own_contest_keeps_the_maker_from_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		// Ada has registered what is Ben's, and contests it herself by another account.
		let version = NewVersion::default().accepted();
		assert_ok!(Models::contest(signed(MALLORY), version, [8; 32]));
		assert_ok!(Models::contest(signed(BEN), version, [7; 32]));
		assert_eq!(Models::open_contests(version), 2);

		// A ruling is on one of them.
		let ruling = Ruling::Dismissed;
		assert_noop!(
			Models::resolve_contest(RuntimeOrigin::root(), version, CHIDI, ruling.clone()),
			Error::<Test>::NoContest
		);
		assert_ok!(Models::resolve_contest(RuntimeOrigin::root(), version, MALLORY, ruling));
		pass(CONTEST_TERM);
		assert!(!Models::settled(version));
		assert_ok!(resolve(version, upheld(&[], true)));
		assert_eq!(Models::model(0).unwrap().owner, BEN);
		assert_eq!(contributors(version)[0].account, BEN);
		assert!(Models::settled(version));
	});
}

#[test]
fn the_makers_contest_goes_on_after_a_false_one_was_upheld() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().accepted();
		assert_ok!(Models::contest(signed(MALLORY), version, [8; 32]));
		assert_ok!(Models::contest(signed(BEN), version, [7; 32]));
		let all = upheld(&[], true);
		assert_ok!(Models::resolve_contest(RuntimeOrigin::root(), version, MALLORY, all.clone()));
		assert_eq!(Models::model(0).unwrap().owner, MALLORY);
		assert_ok!(resolve(version, all));
		assert_eq!(Models::model(0).unwrap().owner, BEN);
		assert_eq!(contributors(version)[0].account, BEN);
		assert_eq!((held_for_contests(&BEN), held_for_contests(&MALLORY)), (0, 0));
	});
}
