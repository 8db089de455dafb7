//! `flush`.

use super::*;

#[test]
fn moves_each_part_to_its_pot() {
	ExtBuilder::default().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 50 * UFR);
		assert_ok!(dispatch(&CAROL, Call::flush {}));
		assert_eq!(free(&DIVIDEND), ED + 10 * UFR);
		assert_eq!(free(&COMMONS), ED + 4 * UFR);
		assert_eq!(free(&SECURITY), ED + UFR);
		// The oracle's credit waits for the oracle.
		assert_eq!(free(&settlement_account()), ED + 20 * UFR);
		assert_eq!(Books::<Test>::get().due, PotParts::default());
		let parts = PotParts { dividend: 10 * UFR, commons: 4 * UFR, security: UFR };
		assert_eq!(last_event(), Event::Flushed { parts });
		assert_eq!(free(&CAROL), ENDOWMENT);
	});
}

#[test]
fn refuses_to_do_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(dispatch(&CAROL, Call::flush {}), Error::<Test>::NothingToFlush);
		settle_some(&ALICE, &OMAR, 50 * UFR);
		assert_ok!(dispatch(&CAROL, Call::flush {}));
		assert_noop!(dispatch(&CAROL, Call::flush {}), Error::<Test>::NothingToFlush);
		assert_noop!(dispatch_root(Call::flush {}), DispatchError::BadOrigin);
	});
}

#[test]
fn moves_a_single_planck_to_a_pot_that_exists() {
	ExtBuilder::default().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 5);
		assert_ok!(dispatch(&CAROL, Call::flush {}));
		let parts = PotParts { dividend: 1, commons: 0, security: 0 };
		assert_eq!(last_event(), Event::Flushed { parts });
		assert_eq!(free(&DIVIDEND), ED + 1);
	});
}

#[test]
fn what_a_pot_cannot_hold_stays_due_until_it_is_worth_a_deposit() {
	ExtBuilder::default().without_pots().build_and_execute(|| {
		let id = settle_some(&ALICE, &OMAR, 12 * ED);
		// 2.4 deposits for the dividend, 0.96 for the commons, 0.24 for the validators.
		assert_ok!(dispatch(&CAROL, Call::flush {}));
		assert_eq!(free(&DIVIDEND), 24 * ED / 10);
		assert_eq!((free(&COMMONS), free(&SECURITY)), (0, 0));
		let due = Books::<Test>::get().due;
		let rest = PotParts { dividend: 0, commons: 96 * ED / 100, security: 24 * ED / 100 };
		assert_eq!(due, rest);
		assert_noop!(dispatch(&CAROL, Call::flush {}), Error::<Test>::NothingToFlush);

		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 38 * ED)]));
		assert_ok!(dispatch(&CAROL, Call::flush {}));
		assert_eq!(free(&COMMONS), 4 * ED);
		assert_eq!(free(&SECURITY), ED);
		assert_eq!(Books::<Test>::get().due, PotParts::default());
	});
}

#[test]
fn does_not_touch_what_was_given_to_the_settlement_account() {
	ExtBuilder::default().donated(3 * UFR).build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 10 * UFR);
		assert_ok!(dispatch(&CAROL, Call::flush {}));
		assert_ok!(dispatch(&OMAR, Call::collect {}));
		assert_eq!(free(&settlement_account()), ED + 3 * UFR);
	});
}
