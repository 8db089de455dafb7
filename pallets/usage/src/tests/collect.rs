//! `collect`.

use super::*;

#[test]
fn pays_all_of_the_credit() {
	ExtBuilder::default().build_and_execute(|| {
		let id = settle_some(&ALICE, &OMAR, 10 * UFR);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 5 * UFR)]));
		assert_ok!(dispatch(&OMAR, Call::collect {}));
		assert_eq!(free(&OMAR), ENDOWMENT + 6 * UFR);
		assert_eq!(free(&settlement_account()), ED + 45 * UFR / 10);
		assert_eq!(
			OracleBooks::<Test>::get(OMAR),
			OracleBook { next_batch: 2, ..Default::default() }
		);
		assert_eq!(last_event(), Event::Collected { oracle: OMAR, amount: 6 * UFR });
	});
}

#[test]
fn pays_an_oracle_only_its_own() {
	ExtBuilder::default().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 10 * UFR);
		settle_some(&ALICE, &OLGA, 20 * UFR);
		assert_ok!(dispatch(&OLGA, Call::collect {}));
		assert_eq!(free(&OLGA), ENDOWMENT + 8 * UFR);
		assert_eq!(free(&OMAR), ENDOWMENT);
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 4 * UFR);
	});
}

#[test]
fn pays_an_oracle_that_is_registered_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 10 * UFR);
		memory::Bonds::remove(OMAR);
		assert_ok!(dispatch(&OMAR, Call::collect {}));
		assert_eq!(free(&OMAR), ENDOWMENT + 4 * UFR);
	});
}

#[test]
fn refuses_those_who_have_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 10 * UFR);
		assert_noop!(dispatch(&ALICE, Call::collect {}), Error::<Test>::NothingToCollect);
		assert_ok!(dispatch(&OMAR, Call::collect {}));
		assert_noop!(dispatch(&OMAR, Call::collect {}), Error::<Test>::NothingToCollect);
		assert_noop!(dispatch_root(Call::collect {}), DispatchError::BadOrigin);
	});
}

#[test]
fn what_the_account_could_not_hold_stays_credited() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(give(&OMAR, &BOB, ENDOWMENT));
		let id = settle_some(&ALICE, &OMAR, 2 * ED);
		assert_noop!(dispatch(&OMAR, Call::collect {}), Error::<Test>::CannotReceive);
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 8 * ED / 10);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, ED)]));
		assert_ok!(dispatch(&OMAR, Call::collect {}));
		assert_eq!(free(&OMAR), 12 * ED / 10);
	});
}
