//! What slashes take, and who gets it.

use super::*;
use frame_support::traits::{LockableCurrency, WithdrawReasons};

/// Slashes Oda of a settlement's lock, for nobody in particular.
fn slash(settlement: Settlement) -> Slashed {
	Oracles::slash(&ODA, Some(settlement), false, None, None).expect("there is enough")
}

/// Slashes Oda of a tenth of what is free.
fn slash_for(
	consumer: Option<(AccountId32, Balance)>,
	reporter: Option<AccountId32>,
) -> Result<Slashed, DispatchError> {
	Oracles::slash(&ODA, None, false, consumer, reporter)
}

fn only(taken: Balance) -> Slashed {
	Slashed { taken, dividend: taken, ..Default::default() }
}

#[test]
fn pays_the_consumer_then_the_reporter_then_the_dividend() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		let issuance = Balances::total_issuance();
		// The lock of 600 and a tenth of the free 400.
		assert_eq!(
			Oracles::slash(&ODA, Some(settlement), false, Some((CARA, 400 * UFR)), Some(RITA)),
			Ok(Slashed {
				taken: 640 * UFR,
				consumer: 400 * UFR,
				reporter: 64 * UFR,
				dividend: 176 * UFR
			})
		);
		System::assert_last_event(
			Event::Slashed {
				oracle: ODA,
				taken: 640 * UFR,
				consumer: Some((CARA, 400 * UFR)),
				reporter: Some((RITA, 64 * UFR)),
				dividend: 176 * UFR,
				bond: 360 * UFR,
			}
			.into(),
		);
		assert_eq!((held(&ODA), free(&ODA)), (360 * UFR, ENDOWMENT - MIN_BOND));
		assert_eq!(free(&CARA), ENDOWMENT + 400 * UFR);
		assert_eq!(free(&RITA), ENDOWMENT + 64 * UFR);
		assert_eq!(free(&POT), ED + 176 * UFR);
		assert_eq!(Balances::total_issuance(), issuance);
		let info = info(&ODA);
		assert_eq!((info.bond, info.locked, info.free), (360 * UFR, 0, 360 * UFR));
		assert!(!info.active);
	});
}

#[test]
fn never_touches_the_lock_of_another_batch() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		// A and B in one bucket, C in another, D kept.
		let a = settle(&ODA, 100 * UFR);
		let b = settle(&ODA, 50 * UFR);
		let d = settle(&ODA, 20 * UFR);
		assert_ok!(Oracles::keep(&ODA, d));
		advance(2);
		let c = settle(&ODA, 200 * UFR);
		assert_eq!(info(&ODA).free, 445 * UFR);

		assert_eq!(slash(a), only(150 * UFR + 445 * UFR / 10));
		assert_eq!((info(&ODA).locked, info(&ODA).kept), (405 * UFR, 30 * UFR));
		// Each of the others is there to the planck.
		let lock_of = |settlement: Settlement, kept| {
			let before = info(&ODA).locked;
			hypothetically!({
				assert_ok!(Oracles::slash(&ODA, Some(settlement), kept, None, None));
				before - info(&ODA).locked
			})
		};
		assert_eq!(lock_of(b, false), 75 * UFR);
		assert_eq!(lock_of(c, false), 300 * UFR);
		assert_eq!(lock_of(d, true), 30 * UFR);
	});
}

#[test]
fn takes_a_tenth_of_what_is_free_if_there_is_no_settlement() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND + 1);
		settle(&ODA, 400 * UFR);
		// Rounded up.
		assert_eq!(slash_for(None, None), Ok(only(40 * UFR + 1)));
		assert_eq!((held(&ODA), free(&POT)), (960 * UFR, ED + 40 * UFR + 1));
		assert_eq!((info(&ODA).locked, info(&ODA).free), (600 * UFR, 360 * UFR));
		// Again, of what is left.
		assert_eq!(slash_for(None, None), Ok(only(36 * UFR)));
	});
}

#[test]
fn takes_only_what_is_free_once_the_lock_has_ended() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		System::set_block_number(WINDOW + 1);
		hypothetically!(assert_eq!(slash(settlement), only(640 * UFR)));
		System::set_block_number(WINDOW + 2);
		assert_eq!(slash(settlement), only(100 * UFR));
		assert_eq!(held(&ODA), 900 * UFR);
	});
}

#[test]
fn takes_a_kept_lock_however_late() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		assert_ok!(Oracles::keep(&ODA, settlement));
		advance(10 * WINDOW);
		let other = settle(&ODA, 200 * UFR);
		assert_eq!(Oracles::slash(&ODA, Some(settlement), true, None, None), Ok(only(610 * UFR)));
		assert_eq!((info(&ODA).locked, info(&ODA).kept), (300 * UFR, 0));
		assert_eq!(slash(other), only(309 * UFR));
		assert_eq!((held(&ODA), free(&POT)), (81 * UFR, ED + 919 * UFR));
	});
}

#[test]
fn takes_what_there_is_if_the_lock_is_smaller_than_said() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		for (accepted, kept) in [(500 * UFR, false), (Balance::MAX, false), (Balance::MAX, true)] {
			hypothetically!({
				if kept {
					assert_ok!(Oracles::keep(&ODA, settlement));
				}
				let said = Settlement { accepted, ..settlement };
				let slashed = Oracles::slash(&ODA, Some(said), kept, None, None);
				assert_eq!(slashed, Ok(only(640 * UFR)));
				assert_ok!(Pallet::<Test>::do_try_state());
			});
		}
		// Not kept, though the caller says so, and the other way round.
		hypothetically!(assert_eq!(
			Oracles::slash(&ODA, Some(settlement), true, None, None),
			Ok(only(40 * UFR))
		));
		assert_ok!(Oracles::keep(&ODA, settlement));
		assert_eq!(slash(settlement), only(40 * UFR));
	});
}

#[test]
fn a_bond_smaller_than_its_locks_gives_what_it_has() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		hypothetically!({
			// Should a defect ever have let money out: what is left is taken, for the lock first.
			let reason = HoldReason::Bond.into();
			assert_ok!(Balances::set_on_hold(&reason, &ODA, 500 * UFR));
			crate::Oracles::<Test>::mutate(ODA, |oracle| {
				oracle.as_mut().unwrap().bond = 500 * UFR;
			});
			assert_eq!(slash(settlement), only(500 * UFR));
			assert_eq!(held(&ODA), 0);
		});
	});
}

#[test]
fn unbonding_right_before_shelters_nothing() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 2 * MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		let caught_at_once = 600 * UFR + 140 * UFR;
		hypothetically!(assert_eq!(slash(settlement), only(caught_at_once)));
		// She takes out all she can.
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert_noop!(Oracles::unbond(signed(ODA), MIN_BOND), Error::<Test>::BondNotFree);
		assert_eq!(slash(settlement), only(caught_at_once));
		assert_eq!(held(&ODA), 2 * MIN_BOND - caught_at_once);
		// It came out of the free bond.
		assert_eq!(info(&ODA).bond, 260 * UFR);
		assert_eq!(info(&ODA).unbonding.iter().map(|part| part.amount).sum::<Balance>(), MIN_BOND);
	});
}

#[test]
fn what_is_unbonding_pays_when_the_bond_has_nothing_free() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 2 * MIN_BOND);
		let settlement = settle(&ODA, 666 * UFR);
		assert_ok!(Oracles::unbond(signed(ODA), 50 * UFR));
		advance(1);
		assert_ok!(Oracles::unbond(signed(ODA), 950 * UFR));
		// The lock of 999, 1 of free bond, and 99.1 that were about to leave, the sooner the first.
		assert_eq!(slash(settlement), only(999 * UFR + 1_001 * UFR / 10));
		let info = info(&ODA);
		assert_eq!((info.bond, info.locked), (0, 0));
		let left = Unbonding { ready_at: 2 + UNBONDING, amount: 950 * UFR - 491 * UFR / 10 };
		assert_eq!(info.unbonding.as_slice(), std::slice::from_ref(&left));
		assert_eq!(held(&ODA), left.amount);
		// What is left is hers in time.
		advance(UNBONDING);
		assert_ok!(Oracles::withdraw_unbonded(signed(ODA)));
		assert_eq!(free(&ODA), ENDOWMENT - 2 * MIN_BOND + left.amount);
		assert_eq!(Oracles::oracle(ODA), None);
	});
}

#[test]
fn what_is_ready_but_not_withdrawn_still_answers() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		advance(UNBONDING);
		assert_eq!(slash_for(None, None), Ok(only(100 * UFR)));
		assert_ok!(Oracles::withdraw_unbonded(signed(ODA)));
		assert_eq!((held(&ODA), free(&ODA)), (0, ENDOWMENT - 100 * UFR));
	});
}

#[test]
fn a_bond_that_is_all_locked_is_lost_as_a_whole() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 3 * MIN_BOND);
		let settlement = settle(&ODA, 2 * MIN_BOND);
		assert_eq!(info(&ODA).free, 0);
		assert_eq!(slash(settlement), only(3 * MIN_BOND));
		assert_eq!((held(&ODA), info(&ODA).bond), (0, 0));
		// There is nothing left to take.
		System::reset_events();
		assert_eq!(slash(settlement), Slashed::default());
		assert_eq!(slash_for(Some((CARA, UFR)), Some(RITA)), Ok(Slashed::default()));
		assert_eq!(System::event_count(), 0);
		assert_eq!((free(&CARA), free(&RITA)), (ENDOWMENT, ENDOWMENT));
	});
}

#[test]
fn a_stranger_has_nothing_to_take() {
	ExtBuilder.build_and_execute(|| {
		let settlement = Settlement { at: 1, accepted: UFR };
		assert_eq!(slash(settlement), Slashed::default());
		assert_eq!(Oracles::slash(&NOBODY, None, true, None, None), Ok(Slashed::default()));
		assert_eq!(free(&ODA), ENDOWMENT);
	});
}

#[test]
fn the_reporter_gets_a_tenth_at_most_and_what_the_consumer_leaves() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let taken = 100 * UFR;
		for (paid, consumer, reporter) in [
			(0, 0, 10 * UFR),
			(50 * UFR, 50 * UFR, 10 * UFR),
			(95 * UFR, 95 * UFR, 5 * UFR),
			(100 * UFR, 100 * UFR, 0),
			(Balance::MAX, 100 * UFR, 0),
		] {
			hypothetically!({
				let dividend = taken - consumer - reporter;
				assert_eq!(
					slash_for(Some((CARA, paid)), Some(RITA)),
					Ok(Slashed { taken, consumer, reporter, dividend })
				);
				assert_eq!(free(&CARA), ENDOWMENT + consumer);
				assert_eq!(free(&RITA), ENDOWMENT + reporter);
				assert_eq!(free(&POT), ED + dividend);
				assert_eq!(held(&ODA), MIN_BOND - taken);
			});
		}
	});
}

#[test]
fn the_reporters_tenth_is_rounded_down() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND + 90);
		assert_eq!(
			slash_for(None, Some(RITA)),
			Ok(Slashed {
				taken: 100 * UFR + 9,
				reporter: 10 * UFR,
				dividend: 90 * UFR + 9,
				..Default::default()
			})
		);
	});
}

#[test]
fn who_cannot_take_its_part_leaves_it_to_the_dividend() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let taken = 100 * UFR;
		hypothetically!({
			// A consumer that is gone, with less due than would make it an account.
			let gone = Some((NOBODY, ED - 1));
			assert_eq!(
				slash_for(gone, Some(RITA)),
				Ok(Slashed { taken, reporter: 10 * UFR, dividend: 90 * UFR, ..Default::default() })
			);
			assert_eq!((free(&NOBODY), free(&POT)), (0, ED + 90 * UFR));
			System::assert_last_event(
				Event::Slashed {
					oracle: ODA,
					taken,
					consumer: None,
					reporter: Some((RITA, 10 * UFR)),
					dividend: 90 * UFR,
					bond: 900 * UFR,
				}
				.into(),
			);
		});
		hypothetically!({
			// One that is gone can come back with an existential deposit.
			assert_ok!(slash_for(Some((NOBODY, ED)), None));
			assert_eq!(free(&NOBODY), ED);
		});
		hypothetically!({
			// A reporter that is dust: a tenth of nearly nothing.
			settle(&ODA, 2 * (MIN_BOND - 10 * ED) / 3);
			let slashed = slash_for(None, Some(NOBODY)).unwrap();
			assert_eq!((slashed.taken, slashed.reporter), (slashed.dividend, 0));
			assert_eq!(free(&NOBODY), 0);
			assert!(slashed.taken > 0);
		});
	});
}

#[test]
fn the_pot_takes_even_a_planck() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND + 2 * UFR + 1);
		settle(&ODA, 668 * UFR);
		assert_eq!(info(&ODA).free, 1);
		assert_eq!(slash_for(Some((CARA, 0)), Some(RITA)), Ok(only(1)));
		assert_eq!(free(&POT), ED + 1);
	});
}

#[test]
fn an_oracle_is_never_paid_of_its_own_slash() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_eq!(slash_for(Some((ODA, UFR)), Some(ODA)), Ok(only(100 * UFR)));
		assert_eq!((held(&ODA), free(&ODA)), (900 * UFR, ENDOWMENT - MIN_BOND));
	});
}

#[test]
fn denouncing_oneself_does_not_pay() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		// Cara, the consumer, and Rita, the reporter, are Oda's other accounts. Of what Cara paid,
		// 400, at most two fifths came back to Oda as the oracle's part.
		let slashed =
			Oracles::slash(&ODA, Some(settlement), false, Some((CARA, 400 * UFR)), Some(RITA))
				.unwrap();
		let gain = slashed.consumer + slashed.reporter + 160 * UFR;
		let loss = slashed.taken + 400 * UFR;
		assert!(gain < loss);
		// Without any settlement it is a tenth back.
		let slashed = slash_for(None, Some(RITA)).unwrap();
		assert_eq!(slashed.reporter, slashed.taken / 10);
	});
}

#[test]
fn freezing_money_does_not_keep_it() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		<Balances as LockableCurrency<_>>::set_lock(
			*b"shelter!",
			&ODA,
			Balance::MAX,
			WithdrawReasons::all(),
		);
		assert_eq!(slash(settlement), only(640 * UFR));
		assert_eq!((held(&ODA), free(&ODA)), (360 * UFR, ENDOWMENT - MIN_BOND));
		assert_eq!(free(&POT), ED + 640 * UFR);
	});
}

#[test]
fn an_oracle_with_nothing_but_its_bond_can_be_slashed_of_it() {
	ExtBuilder.build_and_execute(|| {
		let bond = ENDOWMENT - ED;
		register(&ODA, bond);
		let settlement = settle(&ODA, bond / 3 * 2);
		let slashed = slash(settlement);
		assert_eq!(slashed, only(bond));
		assert_eq!((held(&ODA), free(&ODA)), (0, ED));
		assert_eq!(free(&POT), ED + bond);
	});
}

#[test]
fn a_pot_that_cannot_take_stops_the_slash_as_a_whole() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND + 2 * UFR + 1);
		settle(&ODA, 668 * UFR);
		hypothetically!({
			// It never is without its existential deposit; if it were, no record would change.
			assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), POT, 0));
			assert_noop!(slash_for(None, None), TokenError::CannotCreate);
		});
	});
}

#[test]
fn a_slashed_oracle_can_go_on() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let a = settle(&ODA, 400 * UFR);
		slash(a);
		assert_noop!(Oracles::set_ask(signed(ODA), 1, Some(FLOOR)), Error::<Test>::Inactive);
		// It may settle what the rest of its bond covers, and fill it up again.
		let b = settle(&ODA, 200 * UFR);
		assert_eq!(Oracles::bond_short(ODA, 100 * UFR), 90 * UFR);
		assert_ok!(Oracles::bond_more(signed(ODA), 640 * UFR));
		assert_ok!(Oracles::set_ask(signed(ODA), 1, Some(FLOOR)));
		assert_eq!(slash(b), only(370 * UFR));
	});
}
