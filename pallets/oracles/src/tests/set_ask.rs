use super::*;

fn ask(who: AccountId32, version: u32, price: Option<Balance>) -> sp_runtime::DispatchResult {
	Oracles::set_ask(signed(who), version, price)
}

fn asks(who: &AccountId32) -> u32 {
	crate::Oracles::<Test>::get(who).unwrap().asks
}

#[test]
fn sets_replaces_and_removes_a_price() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_eq!(Oracles::ask(ODA, 7), None);

		for (old, new) in [
			(None, Some(7 * FLOOR)),
			(Some(7 * FLOOR), Some(9 * FLOOR)),
			(Some(9 * FLOOR), Some(8 * FLOOR)),
			(Some(8 * FLOOR), None),
			(None, Some(8 * FLOOR)),
		] {
			assert_ok!(ask(ODA, 7, new));
			System::assert_last_event(Event::AskSet { oracle: ODA, version: 7, old, new }.into());
			assert_eq!(Oracles::ask(ODA, 7), new);
			assert_eq!(asks(&ODA), u32::from(new.is_some()));
		}
	});
}

#[test]
fn oracles_ask_apart_from_each_other() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		register(&PIERO, MIN_BOND);
		assert_ok!(ask(ODA, 1, Some(FLOOR)));
		assert_ok!(ask(PIERO, 1, Some(2 * FLOOR)));
		assert_ok!(ask(ODA, 1, None));
		assert_eq!(Oracles::ask(ODA, 1), None);
		assert_eq!(Oracles::ask(PIERO, 1), Some(2 * FLOOR));
	});
}

#[test]
fn only_oracles_ask() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(ask(ODA, 1, Some(FLOOR)), Error::<Test>::NotRegistered);
		assert_noop!(ask(ODA, 1, None), Error::<Test>::NotRegistered);
		assert_noop!(Oracles::set_ask(RuntimeOrigin::none(), 1, None), DispatchError::BadOrigin);
	});
}

#[test]
fn an_inactive_oracle_can_only_remove() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(ask(ODA, 1, Some(FLOOR)));
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert_noop!(ask(ODA, 1, Some(FLOOR)), Error::<Test>::Inactive);
		assert_ok!(Oracles::bond_more(signed(ODA), MIN_BOND - 1));
		assert_noop!(ask(ODA, 1, Some(FLOOR)), Error::<Test>::Inactive);
		hypothetically!({
			assert_ok!(Oracles::bond_more(signed(ODA), 1));
			assert_ok!(ask(ODA, 1, Some(FLOOR)));
		});
		assert_ok!(ask(ODA, 1, None));
	});
}

#[test]
fn the_version_must_exist_and_be_open() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(ask(ODA, DEPRECATED + 1, Some(Balance::MAX)), Error::<Test>::UnknownVersion);
		assert_noop!(ask(ODA, DEPRECATED, Some(Balance::MAX)), Error::<Test>::VersionDeprecated);
	});
}

#[test]
fn an_ask_for_a_version_that_is_gone_can_be_removed() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		// It was asked for while the version was open.
		Asks::<Test>::insert(ODA, DEPRECATED, FLOOR);
		crate::Oracles::<Test>::mutate(ODA, |oracle| oracle.as_mut().unwrap().asks = 1);
		assert_ok!(ask(ODA, DEPRECATED, None));
		assert_eq!(asks(&ODA), 0);
	});
}

#[test]
fn the_price_is_at_least_the_floor() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(ask(ODA, 3, Some(3 * FLOOR - 1)), Error::<Test>::BelowFloor);
		assert_ok!(ask(ODA, 3, Some(3 * FLOOR)));
		// A version may be free of charge.
		assert_ok!(ask(ODA, 0, Some(0)));
	});
}

#[test]
fn an_ask_below_a_floor_that_has_risen_is_none() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(ask(ODA, 3, Some(3 * FLOOR)));
		assert_ok!(ask(ODA, 4, Some(4 * FLOOR + 1)));
		Rise::set(1);
		assert_eq!((Oracles::ask(ODA, 3), Oracles::ask(ODA, 4)), (None, Some(4 * FLOOR + 1)));
		// It still stands in its place, to be replaced or removed.
		assert_eq!(asks(&ODA), 2);
		assert_ok!(ask(ODA, 3, Some(3 * FLOOR + 1)));
		assert_eq!((Oracles::ask(ODA, 3), asks(&ODA)), (Some(3 * FLOOR + 1), 2));
		Rise::set(2);
		assert_eq!(Oracles::ask(ODA, 4), None);
		assert_ok!(ask(ODA, 4, None));
	});
}

#[test]
fn there_are_64_asks_at_most() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		for version in 0..MAX_ASKS {
			assert_ok!(ask(ODA, version, Some(Balance::MAX)));
		}
		assert_noop!(ask(ODA, 64, Some(Balance::MAX)), Error::<Test>::TooManyAsks);
		// One that stands can be changed, and one that is removed makes room.
		assert_ok!(ask(ODA, 63, Some(63 * FLOOR)));
		assert_ok!(ask(ODA, 0, None));
		assert_ok!(ask(ODA, 64, Some(Balance::MAX)));
		assert_eq!(asks(&ODA), MAX_ASKS);
	});
}

#[test]
fn what_is_not_asked_cannot_be_removed() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(ask(ODA, 1, None), Error::<Test>::NoAsk);
	});
}
