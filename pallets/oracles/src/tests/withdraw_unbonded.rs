use super::*;
use frame_support::dispatch::PostDispatchInfo;

fn withdraw(who: AccountId32) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Oracles::withdraw_unbonded(signed(who))
}

#[test]
fn releases_what_is_ready_and_leaves_the_rest() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 3 * MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), 10 * UFR));
		advance(1);
		assert_ok!(Oracles::unbond(signed(ODA), 20 * UFR));
		advance(1);
		assert_ok!(Oracles::unbond(signed(ODA), 40 * UFR));

		advance(UNBONDING - 1);
		assert_ok!(withdraw(ODA));
		System::assert_last_event(Event::Withdrawn { oracle: ODA, amount: 30 * UFR }.into());
		assert_eq!(held(&ODA), 3 * MIN_BOND - 30 * UFR);
		assert_eq!(free(&ODA), ENDOWMENT - 3 * MIN_BOND + 30 * UFR);
		assert_eq!(info(&ODA).bond, 3 * MIN_BOND - 70 * UFR);
		assert_eq!(info(&ODA).unbonding.len(), 1);

		advance(1);
		assert_ok!(withdraw(ODA));
		assert_eq!(held(&ODA), 3 * MIN_BOND - 70 * UFR);
		assert!(!UnbondingQueues::<Test>::contains_key(ODA));
		// Something is bonded, so the oracle stays.
		assert!(Oracles::is_registered(&ODA));
	});
}

#[test]
fn nothing_is_ready_before_the_period_is_over() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 2 * MIN_BOND);
		assert_noop!(withdraw(ODA), Error::<Test>::NothingReady);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		advance(UNBONDING - 1);
		assert_noop!(withdraw(ODA), Error::<Test>::NothingReady);
		advance(1);
		assert_ok!(withdraw(ODA));
	});
}

#[test]
fn the_last_of_it_removes_the_oracle_and_its_asks() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		register(&PIERO, MIN_BOND);
		for version in 0..MAX_ASKS {
			assert_ok!(Oracles::set_ask(signed(ODA), version, Some(Balance::MAX)));
		}
		assert_ok!(Oracles::set_ask(signed(PIERO), 1, Some(FLOOR)));
		// Locks leave an entry behind even when they have expired.
		assert_ok!(Oracles::lock(&ODA, UFR));
		advance(2 * WINDOW);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert!(Oracles::is_registered(&ODA));

		advance(UNBONDING);
		assert_ok!(withdraw(ODA));
		System::assert_has_event(Event::Withdrawn { oracle: ODA, amount: MIN_BOND }.into());
		System::assert_last_event(Event::OracleRemoved { oracle: ODA }.into());
		assert_eq!((held(&ODA), free(&ODA)), (0, ENDOWMENT));
		assert!(!Oracles::is_registered(&ODA));
		assert_eq!(Oracles::oracle(ODA), None);
		assert_eq!(Asks::<Test>::iter_prefix(ODA).count(), 0);
		assert!(!ReceiptKeys::<Test>::contains_key(key(1)));
		assert!(!Locks::<Test>::contains_key(ODA));
		// Piero is as he was.
		assert_eq!(Oracles::ask(PIERO, 1), Some(FLOOR));
		assert_eq!(held(&PIERO), MIN_BOND);

		// Who is gone may come back.
		register(&ODA, MIN_BOND);
		assert_eq!(crate::Oracles::<Test>::get(ODA).unwrap().asks, 0);
	});
}

#[test]
fn an_oracle_with_something_still_on_its_way_stays() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 2 * MIN_BOND);
		assert_ok!(Oracles::set_ask(signed(ODA), 1, Some(FLOOR)));
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		advance(1);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		advance(UNBONDING - 1);
		assert_ok!(withdraw(ODA));
		assert!(Oracles::is_registered(&ODA));
		assert_eq!(Oracles::ask(ODA, 1), Some(FLOOR));
		assert_eq!((held(&ODA), free(&ODA)), (MIN_BOND, ENDOWMENT - MIN_BOND));
		advance(1);
		assert_ok!(withdraw(ODA));
		assert!(!Oracles::is_registered(&ODA));
	});
}

#[test]
fn an_oracle_that_bonded_again_meanwhile_stays() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::set_ask(signed(ODA), 1, Some(FLOOR)));
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert_ok!(Oracles::bond_more(signed(ODA), UFR));
		advance(UNBONDING);
		assert_ok!(withdraw(ODA));
		assert!(Oracles::is_registered(&ODA));
		assert_eq!(Oracles::ask(ODA, 1), Some(FLOOR));
		assert_eq!((held(&ODA), free(&ODA)), (UFR, ENDOWMENT - UFR));
	});
}

#[test]
fn the_last_of_it_frees_the_retired_keys_too() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		advance(UNBONDING - 1);
		assert_ok!(Oracles::set_receipt_key(signed(ODA), key(7)));
		advance(1);
		assert_ok!(withdraw(ODA));
		assert!(!RetiredKeys::<Test>::contains_key(ODA));
		assert_eq!(ReceiptKeys::<Test>::iter().count(), 0);
		let address = endpoint("http://piero.example");
		assert_ok!(Oracles::register(signed(PIERO), MIN_BOND, key(1), address));
	});
}

#[test]
fn who_was_slashed_of_everything_has_nothing_to_take_out_and_leaves() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND + 2 * UFR);
		assert_ok!(Oracles::set_ask(signed(ODA), 1, Some(FLOOR)));
		let settlement = settle(&ODA, 668 * UFR);
		assert_noop!(withdraw(ODA), Error::<Test>::NothingReady);
		assert_ok!(Oracles::slash(&ODA, Some(settlement), false, None, None));
		assert_eq!(held(&ODA), 0);
		assert!(Oracles::is_registered(&ODA));

		System::reset_events();
		assert_ok!(withdraw(ODA));
		assert_eq!(System::event_count(), 1);
		System::assert_last_event(Event::OracleRemoved { oracle: ODA }.into());
		assert_eq!(Oracles::oracle(ODA), None);
		assert_eq!(Oracles::ask(ODA, 1), None);
		assert_eq!((held(&ODA), free(&ODA)), (0, ENDOWMENT - MIN_BOND - 2 * UFR));
		// She may begin anew, with the same key.
		register(&ODA, MIN_BOND);
	});
}

#[test]
fn only_the_asks_that_go_are_paid_for() {
	ExtBuilder.build_and_execute(|| {
		let weight = |asks| {
			let actual_weight = Some(<() as WeightInfo>::withdraw_unbonded(asks));
			Ok(PostDispatchInfo { actual_weight, ..Default::default() })
		};
		register(&ODA, 2 * MIN_BOND);
		for version in 0..3 {
			assert_ok!(Oracles::set_ask(signed(ODA), version, Some(Balance::MAX)));
		}
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		advance(UNBONDING);
		assert_eq!(withdraw(ODA), weight(0));
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		advance(UNBONDING);
		assert_eq!(withdraw(ODA), weight(3));
	});
}

#[test]
fn the_caller_must_be_an_oracle() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(withdraw(ODA), Error::<Test>::NotRegistered);
		assert_noop!(Oracles::withdraw_unbonded(RuntimeOrigin::root()), DispatchError::BadOrigin);
	});
}
