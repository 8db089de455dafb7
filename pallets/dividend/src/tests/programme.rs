//! Programmes: a part of what flows in, for a while, for some of all people.

use super::*;
use frame_support::dispatch::{CheckIfFeeless, Pays};
use sp_runtime::{DispatchError, DispatchResult};
use usufruct_primitives::{Balance, Class, EpochIndex, PersonId, Region};

mod settle;

/// A tenth.
const SHARE: u32 = 100_000;

fn open(share: u32, classes: &[Class], epochs: u32, min_people: u32) -> DispatchResult {
	open_in(&[], share, classes, epochs, min_people)
}

fn open_in(
	regions: &[Region],
	share: u32,
	classes: &[Class],
	epochs: u32,
	min_people: u32,
) -> DispatchResult {
	let classes = classes.to_vec().try_into().unwrap();
	let regions = regions.to_vec().try_into().unwrap();
	Dividend::open_programme(RuntimeOrigin::root(), share, classes, regions, epochs, min_people)
}

/// Joins as a transaction does, and checks that it was free exactly if it succeeds.
fn join(who: AccountId, programme: ProgrammeId) -> DispatchResult {
	let call = Call::<Test>::join_programme { programme };
	let free = call.is_feeless(&RuntimeOrigin::signed(who));
	let joined = Dividend::join_programme(RuntimeOrigin::signed(who), programme);
	assert_eq!(free, joined.is_ok());
	joined
}

/// Claims as a transaction does, and checks that it was free exactly if it succeeds, and that it paid
/// what was said before.
fn claim_of(programme: ProgrammeId, who: AccountId) -> Result<u128, DispatchError> {
	let call = Call::<Test>::claim_programme { programme };
	let free = call.is_feeless(&RuntimeOrigin::signed(who));
	let (paid_to, due) = (paid_to(who), Dividend::claimable_of_programme(programme, who));
	let before = (balance(paid_to), balance(pot_of(programme)), balance(pot()));
	let claimed = Dividend::claim_programme(RuntimeOrigin::signed(who), programme);
	assert_eq!(free, claimed.is_ok());
	let after = (balance(paid_to), balance(pot_of(programme)), balance(pot()));
	assert_eq!(after, (before.0 + due, before.1 - due, before.2));
	claimed.map(|()| due)
}

fn pot_of(programme: ProgrammeId) -> AccountId {
	crate::ledger::Ledger::<Test>::programme(programme).pot()
}

fn outcome(programme: ProgrammeId) -> Outcome {
	Dividend::programme(programme).expect("there is such a programme").outcome
}

/// What was said of the last close of a programme.
fn last_closed() -> Event<Test> {
	let closed = |event: &Event<Test>| matches!(event, Event::ProgrammeEpochClosed { .. });
	events().into_iter().rfind(closed).expect("an epoch of a programme was closed")
}

/// What each was due for the last closed epoch of the dividend, and of the programme.
fn per_heads(programme: ProgrammeId) -> (u128, u128) {
	let last = totals().epoch - 1;
	let of_programme = Dividend::programme_epoch(programme, last).map_or(0, |row| row.per_head);
	(row(last).per_head, of_programme)
}

#[test]
fn gets_its_part_of_what_flows_in_before_it_is_divided() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		assert_ok!(open(SHARE, &[], 10, 1));
		let terms = Terms {
			share: SHARE,
			classes: Default::default(),
			regions: Default::default(),
			from: 2,
			until: 11,
			min_people: 1,
		};
		assert_eq!(last_event(), Event::ProgrammeOpened { programme: 0, terms });
		assert_ok!(join(ALICE, 0));
		let joined = Event::ProgrammeJoined { programme: 0, person: alice, from: 2, until: TERM };
		assert_eq!(last_event(), joined);
		// The epoch in which it was opened is everybody's.
		close_with(20_000);
		assert_eq!(per_heads(0), (10_000, 0));
		close_with(30_000);
		// A tenth, of which the first existential deposit keeps its pot alive.
		assert_eq!(per_heads(0), (13_500, 2_000));
		let closed = Event::ProgrammeEpochClosed {
			programme: 0,
			epoch: 2,
			received: 3_000,
			eligible: 1,
			per_head: 2_000,
			distributed: 2_000,
			carried: 0,
			returned: 0,
			swept: 0,
		};
		assert_eq!(last_closed(), closed);
		close_with(30_000);
		assert_eq!(per_heads(0), (13_500, 3_000));
		assert_eq!(claim_of(0, ALICE), Ok(5_000));
		let paid = Event::ProgrammeClaimed {
			programme: 0,
			person: alice,
			account: ALICE,
			from: 2,
			to: 3,
			amount: 5_000,
		};
		assert_eq!(last_event(), paid);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
		assert_eq!(claim_of(0, BOB), Err(Error::<Test>::NoShare.into()));
		assert_eq!(claim(ALICE), Ok(37_000));
		assert_eq!(balance(pot_of(0)), ED);
		let expected =
			Outcome { joined: 1, claims: 1, received: 6_000, paid: 5_000, ..Default::default() };
		assert_eq!(outcome(0), expected);
	});
}

#[test]
fn what_was_there_before_is_not_shared_out_again() {
	ExtBuilder::default().min_people(4).build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		// Half of it is carried, and promised to nobody.
		close_with(40_000);
		assert_ok!(open(SHARE, &[], 20, 4));
		close();
		assert_eq!(balance(pot_of(0)), 0);
		for _ in 0..2 {
			close();
			assert_eq!(balance(pot_of(0)), 0);
		}
		// Nor is what is forfeited,
		assert_ok!(Dividend::settle(alice));
		assert_ok!(Dividend::revoke(alice));
		close();
		assert_eq!(balance(pot_of(0)), 0);
		// nor what nobody claims.
		let liability = totals().liability;
		go_to(totals().epoch + WINDOW + 1);
		assert!(totals().liability < liability);
		assert_eq!(balance(pot_of(0)), 0);
		// What flows in is.
		close_with(20_000);
		assert_eq!(balance(pot_of(0)), 2_000);
		assert_eq!(outcome(0).received, 2_000);
	});
}

#[test]
fn too_little_for_its_pot_stays_with_all_people() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 20, 1));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(10 * ED - 1);
		assert_eq!(per_heads(0), (10 * ED - 1, 0));
		close_with(10 * ED);
		assert_eq!(per_heads(0), (9 * ED, 0));
		assert_eq!(balance(pot_of(0)), ED);
	});
}

#[test]
fn is_for_people_whom_certain_verifiers_attested() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		Register::admit(CAROL);
		assert_ok!(open(SHARE, &[Class::Community, Class::InPerson], 20, 1));
		Register::attest(alice, &[Class::Document, Class::Community]);
		Register::attest(bob, &[Class::Document, Class::Biometric]);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(BOB, 0), Error::<Test>::NotEligible);
		assert_noop!(join(CAROL, 0), Error::<Test>::NotEligible);
	});
}

#[test]
fn is_for_people_of_certain_regions() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		Register::admit(CAROL);
		assert_ok!(open_in(&[276, 40], SHARE, &[], 20, 1));
		Register::settle_in(alice, 40);
		Register::settle_in(bob, 756);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(BOB, 0), Error::<Test>::NotEligible);
		// Nobody has said where she lives.
		assert_noop!(join(CAROL, 0), Error::<Test>::NotEligible);
	});
}

#[test]
fn needs_both_if_it_names_classes_and_regions() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob, carol] = [ALICE, BOB, CAROL].map(Register::admit);
		assert_ok!(open_in(&[276], SHARE, &[Class::Document], 20, 1));
		Register::attest(alice, &[Class::Document]);
		Register::settle_in(alice, 276);
		Register::attest(bob, &[Class::Document]);
		Register::settle_in(carol, 276);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(BOB, 0), Error::<Test>::NotEligible);
		assert_noop!(join(CAROL, 0), Error::<Test>::NotEligible);
	});
}

#[test]
fn is_not_for_people_of_no_region() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(open_in(&[276, 0], SHARE, &[], 20, 1), Error::<Test>::NoRegion);
	});
}

#[test]
fn is_joined_by_recognised_people_only_and_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(open(SHARE, &[], 20, 1));
		assert_noop!(join(ALICE, 0), Error::<Test>::NotAPerson);
		let alice = Register::enter(ALICE);
		assert_noop!(join(ALICE, 0), Error::<Test>::NoShare);
		assert_ok!(Dividend::join(alice));
		Register::bar(alice, true);
		assert_noop!(join(ALICE, 0), Error::<Test>::MayNotClaim);
		Register::bar(alice, false);
		assert_noop!(join(ALICE, 1), Error::<Test>::NoProgramme);
		assert_ok!(join(ALICE, 0));
		assert_noop!(join(ALICE, 0), Error::<Test>::AlreadyJoined);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Dividend::join_programme(origin.clone(), 0), DispatchError::BadOrigin);
			assert_noop!(Dividend::claim_programme(origin, 0), DispatchError::BadOrigin);
		}
		// No epoch is left.
		go_to(TERM);
		Register::admit(BOB);
		assert_noop!(join(ALICE, 0), Error::<Test>::TooLateToJoin);
		go_to(20);
		assert_noop!(join(BOB, 0), Error::<Test>::TooLateToJoin);
	});
}

#[test]
fn who_is_renewed_joins_again_to_stay() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		go_to(TERM);
		assert_ok!(Dividend::renew(alice));
		assert_ok!(join(ALICE, 0));
		let joined =
			Event::ProgrammeJoined { programme: 0, person: alice, from: 1, until: 2 * TERM };
		assert_eq!(last_event(), joined);
		assert_eq!((outcome(0).joined, outcome(0).extended), (1, 1));
		// After a lapse what is due must be claimed first.
		go_to(2 * TERM);
		close_with(50_000);
		assert_ok!(Dividend::renew(alice));
		assert_noop!(join(ALICE, 0), Error::<Test>::ClaimFirst);
		assert_eq!(claim_of(0, ALICE), Ok(5_000 - ED));
		assert_ok!(join(ALICE, 0));
		assert_eq!((outcome(0).joined, outcome(0).extended), (2, 1));
	});
}

#[test]
fn who_is_revoked_claims_nothing_and_is_struck_off_by_anybody() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(join(BOB, 0));
		go_to(1);
		close_with(30_000);
		let leave = |person| Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, person);
		assert_noop!(leave(alice), Error::<Test>::StillEligible);
		assert_noop!(leave(77), Error::<Test>::NoShare);
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::MayNotClaim.into()));
		// Until somebody says so she is counted, and what is hers is swept in the end.
		close_with(30_000);
		assert_eq!(per_heads(0).1, 1_500);
		assert_eq!(leave(alice).map(|post| post.pays_fee), Ok(Pays::No));
		assert_eq!(last_event(), Event::ProgrammeLeft { programme: 0, person: alice });
		// Once: it costs nothing.
		assert_noop!(leave(alice), Error::<Test>::StillEligible);
		assert_eq!(outcome(0).left, 1);
		close_with(30_000);
		assert_eq!(per_heads(0).1, 3_000);
		assert_eq!(claim_of(0, BOB), Ok(1_000 + 1_500 + 3_000));
		go_to(2 + WINDOW);
		// Swept, and divided again: Bob's alone.
		let due = Dividend::claimable_of_programme(0, BOB);
		assert_eq!(due, 1_000);
		assert_noop!(leave(bob), Error::<Test>::StillEligible);
	});
}

#[test]
fn who_is_revoked_before_it_began_is_struck_off_once() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		let leave = || Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, alice);
		assert_ok!(leave());
		for _ in 0..2 {
			assert_noop!(leave(), Error::<Test>::StillEligible);
		}
		assert_eq!(outcome(0).left, 1);
		go_to(3);
		assert_noop!(leave(), Error::<Test>::StillEligible);
	});
}

#[test]
fn who_comes_back_is_due_nothing_of_the_time_before() {
	// Whether somebody struck her off meanwhile makes no difference.
	for struck_off in [false, true] {
		ExtBuilder::default().build_and_execute(|| {
			let [alice, _] = [ALICE, BOB].map(Register::admit);
			assert_ok!(open(SHARE, &[], 100, 1));
			assert_ok!(join(ALICE, 0));
			assert_ok!(join(BOB, 0));
			go_to(1);
			close_with(30_000);
			Register::bar(alice, true);
			assert_ok!(Dividend::revoke(alice));
			if struck_off {
				assert_ok!(Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, alice));
			}
			close_with(30_000);
			// The open epoch is the last one she has no part in.
			Register::bar(alice, false);
			assert_eq!(Dividend::renew(alice), Ok((4, 3 + TERM)));
			assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
			assert_ok!(join(ALICE, 0));
			close_with(30_000);
			assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
			let alone = if struck_off { 3_000 } else { 1_500 };
			assert_eq!(claim_of(0, BOB), Ok(1_000 + alone + alone));
			// With what she lost of the first epoch, which is swept.
			close_with(30_000);
			assert_eq!(claim_of(0, ALICE), Ok(2_000));
			assert_eq!(claim_of(0, BOB), Ok(2_000));
			// Nor is she due it after another revocation, before which she claimed.
			Register::bar(alice, true);
			assert_ok!(Dividend::revoke(alice));
			Register::bar(alice, false);
			assert_ok!(Dividend::renew(alice));
			close_with(30_000);
			assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
			// What she lost is swept, and divided again.
			go_to(totals().epoch + WINDOW + 1);
			let liability = Dividend::programme(0).expect("it runs").totals.liability;
			let due = |who| Dividend::claimable_of_programme(0, who);
			assert_eq!(due(ALICE) + due(BOB), liability);
		});
	}
}

#[test]
fn who_lapsed_and_was_renewed_is_still_due_the_time_before() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		go_to(TERM);
		close_with(50_000);
		assert_ok!(Dividend::renew(alice));
		assert_eq!(claim_of(0, ALICE), Ok(5_000 - ED));
	});
}

#[test]
fn is_divided_by_no_fewer_than_the_pot_of_all_people_is() {
	ExtBuilder::default().min_people(1_000).build_and_execute(|| {
		let open_for = |min_people| open_in(&[276], 200_000, &[], 104, min_people);
		for too_few in [0, 1, 999] {
			assert_noop!(open_for(too_few), Error::<Test>::TooFewPeople);
		}
		assert_ok!(open_for(1_000));
		// The one person of that region does not get a fifth of everything.
		let alice = Register::admit(ALICE);
		Register::settle_in(alice, 276);
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(1_000_000 * ED);
		assert_eq!(Dividend::claimable_of_programme(0, ALICE), (200_000 * ED - ED) / 1_000);
		// A change of the parameters changes nothing of it.
		set_params(|params| params.min_people = 1);
		close_with(1_000_000 * ED);
		assert_eq!(per_heads(0).1, 200_000 * ED / 1_000);
	});
}

#[test]
fn what_falls_to_those_who_are_missing_never_piles_up_for_the_few() {
	for few in [1, 10] {
		ExtBuilder::default().min_people(1_000).build_and_execute(|| {
			set_params(|params| params.term = MAX_PROGRAMME_EPOCHS + 2);
			assert_ok!(open(200_000, &[], MAX_PROGRAMME_EPOCHS, 1_000));
			for who in 1..=few {
				Register::admit(who);
				assert_ok!(join(who, 0));
			}
			Register::admit(few + 1);
			go_to(1);
			set_params(|params| params.min_people = 1);
			let inflow = 1_000_000 * ED + 7_777;
			for _ in 0..MAX_PROGRAMME_EPOCHS {
				close_with(inflow);
				for who in 1..=few {
					let due = claim_of(0, who).expect("something is due");
					assert!(due <= inflow / 5 / 1_000 + 1, "more than one of a thousand parts");
				}
			}
			let Outcome { received, paid, returned, .. } = outcome(0);
			// What returned was no inflow again.
			assert_eq!(received, Balance::from(MAX_PROGRAMME_EPOCHS) * (inflow / 5));
			assert!(paid <= Balance::from(few) * received / 1_000);
			// Beside the deposit, rounding is left.
			assert_eq!(received - paid - returned, balance(pot_of(0)));
			assert!(balance(pot_of(0)) < ED + 1_000);
			let Event::ProgrammeEpochClosed { per_head, returned, .. } = last_closed() else {
				panic!("no epoch of it was closed");
			};
			assert_eq!(returned, per_head * (1_000 - Balance::from(few)));
			// The next close divides it among all people, with what nobody had claimed.
			let Event::EpochClosed { swept, .. } = close() else { panic!("no epoch was closed") };
			let people = Balance::from(few) + 1;
			assert!((per_heads(0).0 * people).abs_diff(returned + swept) < people);
		});
	}
}

#[test]
fn who_joins_late_gets_nothing_of_the_epochs_before() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		assert_ok!(open(SHARE, &[], 10, 1));
		go_to(1);
		// Nobody shares in it, so all but the deposit returns at once.
		close_with(30_000);
		assert_eq!(
			last_closed(),
			Event::ProgrammeEpochClosed {
				programme: 0,
				epoch: 1,
				received: 3_000,
				eligible: 0,
				per_head: 2_000,
				distributed: 0,
				carried: 0,
				returned: 2_000,
				swept: 0,
			}
		);
		assert_eq!((outcome(0).returned, balance(pot_of(0))), (2_000, ED));
		assert_ok!(join(ALICE, 0));
		close_with(30_000);
		assert_eq!(per_heads(0), ((27_000 + 2_000) / 2, 3_000));
		close_with(30_000);
		assert_eq!(per_heads(0), (27_000 / 2 + 3_000 / 2, 3_000));
		assert_eq!(claim_of(0, ALICE), Ok(3_000));
	});
}

#[test]
fn what_is_too_little_to_be_divided_is_kept_until_it_is_enough() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 10, 4));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(40_000);
		assert_eq!((per_heads(0).1, outcome(0).returned, balance(pot_of(0))), (0, 0, 4 * ED));
		close_with(40_000);
		assert_eq!(per_heads(0).1, 7 * ED / 4);
		assert_eq!((outcome(0).returned, balance(pot_of(0))), (3 * 7 * ED / 4, ED + 7 * ED / 4));
	});
}

fn interval_of_programme(programme: ProgrammeId, person: PersonId) -> (EpochIndex, EpochIndex) {
	let ledger = crate::ledger::Ledger::<Test>::programme(programme);
	ledger.share(person).map(|share| (share.from, share.until)).expect("it joined")
}

fn end(programme: ProgrammeId) -> DispatchResult {
	Dividend::end_programme(RuntimeOrigin::root(), programme)
}

#[test]
fn what_governance_ends_shares_out_the_open_epoch_and_is_wound_up() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob, carol] = [ALICE, BOB, CAROL].map(Register::admit);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(join(BOB, 0));
		go_to(1);
		close_with(30_000);
		assert_eq!(claim_of(0, ALICE), Ok(1_000));
		// Carol joined, and would have begun with the next epoch.
		assert_ok!(join(CAROL, 0));
		assert_ok!(end(0));
		assert_eq!(last_event(), Event::ProgrammeCutShort { programme: 0, old: 100, new: 2 });
		assert_ok!(Dividend::do_try_state());
		assert_eq!(Dividend::programme(0).expect("it is kept").terms.until, 2);
		assert_eq!(interval_of_programme(0, alice), (1, 2));
		assert_eq!(interval_of_programme(0, carol), (3, 2));
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);

		close_with(30_000);
		assert_eq!(per_heads(0), (9_000, 1_500));
		assert_eq!(claim_of(0, ALICE), Ok(1_500));
		// Nothing flows in any more, nobody joins, and what is promised can be claimed.
		let joined = Register::admit(4);
		assert_noop!(join(4, 0), Error::<Test>::TooLateToJoin);
		assert_eq!(Dividend::interval(joined), Some((4, 3 + TERM)));
		close_with(30_000);
		assert_eq!(outcome(0).received, 6_000);
		assert_eq!(balance(pot_of(0)), ED + 2_500);
		for who in [ALICE, CAROL] {
			assert_eq!(claim_of(0, who), Err(Error::<Test>::NothingToClaim.into()));
		}
		assert_eq!(claim_of(0, BOB), Ok(2_500));
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);

		// All of its rows go, and with the last epoch swept the programme.
		go_to(3 + WINDOW);
		assert!(Dividend::programmes().is_empty());
		assert_eq!(ProgrammeEpochs::<Test>::iter_prefix(0).count(), 0);
		assert!(!System::account_exists(&pot_of(0)));
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);
		assert_eq!(outcome(0).received, outcome(0).paid + outcome(0).returned);
		for person in [alice, bob, carol] {
			assert_ok!(Dividend::leave_programme(RuntimeOrigin::signed(4), 0, person));
		}
		assert_eq!(ProgrammeShares::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_nobody_claims_of_a_programme_that_was_ended_is_everybodys() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		close_with(30_000);
		assert_ok!(end(0));
		close_with(30_000);
		go_to(3 + WINDOW);
		assert_eq!(outcome(0).returned, 6_000);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
	});
}

#[test]
fn who_was_revoked_is_struck_off_also_while_it_ends() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(join(BOB, 0));
		go_to(2);
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		assert_ok!(end(0));
		let leave = |person| Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, person);
		assert_noop!(leave(bob), Error::<Test>::StillEligible);
		assert_ok!(leave(alice));
		assert_noop!(leave(alice), Error::<Test>::StillEligible);
		assert_ok!(Dividend::do_try_state());
		close_with(30_000);
		assert_eq!(per_heads(0).1, 2_000);
	});
}

#[test]
fn what_was_ended_before_it_began_shares_out_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		assert_ok!(open(SHARE, &[], 104, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(end(0));
		assert_eq!(interval_of_programme(0, alice), (2, 1));
		for _ in 0..3 {
			close_with(30_000);
		}
		assert_eq!(outcome(0).received, 0);
		assert_eq!(balance(pot_of(0)), 0);
		go_to(2 + WINDOW);
		assert!(Dividend::programmes().is_empty());
	});
}

#[test]
fn is_ended_by_whoever_can_open_one_only() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(open(SHARE, &[], 5, 1));
		for origin in [RuntimeOrigin::signed(GUARD), RuntimeOrigin::none()] {
			assert_noop!(Dividend::end_programme(origin, 0), DispatchError::BadOrigin);
		}
		assert_noop!(end(1), Error::<Test>::NoProgramme);
		// Its last epoch is open.
		go_to(5);
		assert_noop!(end(0), Error::<Test>::ProgrammeOver);
	});
}

#[test]
fn what_is_left_at_the_end_is_everybodys() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, _] = [ALICE, BOB].map(Register::admit);
		assert_ok!(open(SHARE, &[], 3, 2));
		assert_ok!(join(ALICE, 0));
		go_to(1);
		for _ in 0..3 {
			close_with(30_000);
		}
		// Divided by two at least, so half of it returned each time.
		assert_eq!(Dividend::claimable_of_programme(0, ALICE), 1_000 + 1_500 + 1_500);
		assert_eq!((outcome(0).received, outcome(0).returned), (9_000, 4_000));
		assert_eq!(balance(pot_of(0)), ED + 4_000);
		// It is over: nothing flows in, and what is not owed returns at once, with what is swept.
		close_with(30_000);
		assert_eq!(Dividend::claimable_of_programme(0, ALICE), 1_500 + 1_500);
		assert_eq!(balance(pot_of(0)), ED + 3_000);
		assert_eq!((outcome(0).received, outcome(0).returned), (9_000, 5_000));
		assert_eq!(Dividend::programmes(), [0]);
		// What returned is divided among all, and no programme gets a part of it.
		assert_ok!(open(SHARE, &[], 30, 1));
		close();
		assert_eq!(Dividend::programmes(), [0, 1]);
		// Nobody claimed, so the window passes and everything returns, the deposit too.
		close();
		assert_eq!(totals().epoch, 4 + WINDOW);
		assert_eq!(Dividend::programmes(), [1]);
		assert_eq!(balance(pot_of(1)), 0);
		assert_eq!((balance(pot_of(0)), System::account_exists(&pot_of(0))), (0, false));
		let expected =
			Outcome { joined: 1, received: 9_000, returned: 9_000, ..Default::default() };
		assert_eq!(outcome(0), expected);
		assert!(events().contains(&Event::ProgrammeEnded { programme: 0, outcome: expected }));
		assert_eq!(ProgrammeEpochs::<Test>::iter_prefix(0).count(), 0);
		// Its shares are forgotten by whoever wants to.
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
		assert_ok!(Dividend::leave_programme(RuntimeOrigin::signed(BOB), 0, alice));
		assert_eq!(ProgrammeShares::<Test>::iter().count(), 0);
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NoShare.into()));
	});
}

#[test]
fn all_of_them_get_no_more_than_the_ceiling() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(open(150_000, &[], 5, 1));
		assert_noop!(open(50_001, &[], 5, 1), Error::<Test>::ProgrammesTooLarge);
		assert_ok!(open(50_000, &[], 5, 1));
		assert_noop!(open(1, &[], 5, 1), Error::<Test>::ProgrammesTooLarge);
		// Those that are over are not counted.
		go_to(6);
		assert_ok!(open(200_000, &[], 5, 1));
	});
}

#[test]
fn there_are_sixteen_at_most_and_each_means_something() {
	ExtBuilder::default().build_and_execute(|| {
		let empty = Error::<Test>::EmptyProgramme;
		assert_noop!(open(0, &[], 5, 1), empty);
		assert_noop!(open(1, &[], 0, 1), Error::<Test>::EmptyProgramme);
		assert_noop!(open(1, &[], 105, 1), Error::<Test>::EmptyProgramme);
		let signed = RuntimeOrigin::signed(GUARD);
		let open_signed =
			Dividend::open_programme(signed, 1, Default::default(), Default::default(), 5, 1);
		assert_noop!(open_signed, DispatchError::BadOrigin);
		for _ in 0..MAX_PROGRAMMES {
			assert_ok!(open(1, &[], 104, 1));
		}
		assert_noop!(open(1, &[], 5, 1), Error::<Test>::TooManyProgrammes);
		// Each is booked when an epoch closes.
		close();
	});
}

#[test]
fn is_paid_where_the_dividend_is_and_waits_as_it_does() {
	ExtBuilder::default().build_and_execute(|| {
		set_params(|params| params.min_per_head = 1);
		Register::admit(ALICE);
		assert_ok!(Dividend::set_payout(RuntimeOrigin::signed(ALICE), BOB));
		assert_ok!(open(SHARE, &[], 30, 1));
		assert_ok!(join(ALICE, 0));
		go_to(2);
		close_with(10 * ED);
		close_with(10 * ED - 10);
		// One planck less than an account may hold.
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::TooLittleForAccount.into()));
		close_with(10);
		assert_ok!(Dividend::pause(RuntimeOrigin::signed(GUARD), 1));
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::Paused.into()));
		block(System::block_number() + 1);
		assert_eq!(claim_of(0, ALICE), Ok(ED));
		assert_eq!((balance(ALICE), balance(BOB)), (0, ED));
	});
}
