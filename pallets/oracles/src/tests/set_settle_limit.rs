//! The limit of what may be settled within a challenge window.

use super::*;

fn set(who: AccountId32, limit: Option<Balance>) -> sp_runtime::DispatchResult {
	Oracles::set_settle_limit(signed(who), limit)
}

fn present(who: &AccountId32) -> Option<Balance> {
	info(who).settle_limit.present
}

#[test]
fn a_lower_limit_holds_at_once_and_a_higher_one_a_window_later() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_eq!(present(&ODA), None);
		assert_ok!(set(ODA, Some(200 * UFR)));
		let event = Event::SettleLimitSet { oracle: ODA, old: None, new: Some(200 * UFR), from: 1 };
		System::assert_last_event(event.into());
		assert_eq!(present(&ODA), Some(200 * UFR));
		assert_ok!(set(ODA, Some(100 * UFR)));

		let (old, new, from) = (Some(100 * UFR), Some(150 * UFR), 1 + WINDOW);
		assert_ok!(set(ODA, new));
		System::assert_last_event(Event::SettleLimitSet { oracle: ODA, old, new, from }.into());
		let rise = Some(LimitRise { limit: new, from });
		assert_eq!(info(&ODA).settle_limit, SettleLimit { present: old, rise });
		advance(WINDOW - 1);
		assert_eq!(present(&ODA), old);
		advance(1);
		assert_eq!(info(&ODA).settle_limit, SettleLimit { present: new, rise: None });
		// No limit at all is the highest.
		assert_ok!(set(ODA, None));
		assert_eq!(present(&ODA), new);
		advance(WINDOW);
		assert_eq!(info(&ODA).settle_limit, SettleLimit::default());
	});
}

#[test]
fn a_rise_is_replaced_and_taken_back() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(set(ODA, Some(UFR)));
		assert_ok!(set(ODA, Some(9 * UFR)));
		advance(WINDOW - 1);
		// Another rise begins its delay anew.
		assert_ok!(set(ODA, Some(8 * UFR)));
		advance(1);
		assert_eq!(present(&ODA), Some(UFR));
		assert_ok!(set(ODA, Some(UFR)));
		advance(2 * WINDOW);
		assert_eq!(present(&ODA), Some(UFR));
	});
}

#[test]
fn no_more_is_settled_within_a_window() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(set(ODA, Some(100 * UFR)));
		settle(&ODA, 60 * UFR);
		let over = LockError::OverLimit { missing: 15 * UFR };
		assert_eq!(Oracles::lock(&ODA, 50 * UFR), Err(over));
		assert_eq!(Oracles::bond_short(ODA, 50 * UFR), 15 * UFR);
		assert_eq!(Oracles::bond_short(ODA, 40 * UFR), 0);
		settle(&ODA, 40 * UFR);
		assert_eq!(Oracles::lock(&ODA, 1), Err(LockError::OverLimit { missing: 2 }));
		// What settles nothing locks nothing.
		assert_ok!(Oracles::lock(&ODA, 0));
		// The first of it is no longer locked after the window, so as much can be settled again.
		advance(WINDOW + 1);
		settle(&ODA, 100 * UFR);
	});
}

#[test]
fn what_the_bond_lacks_is_said_first() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(set(ODA, Some(UFR)));
		let short = LockError::BondShort { missing: 500 * UFR };
		assert_eq!(Oracles::lock(&ODA, 1_000 * UFR), Err(short));
	});
}

#[test]
fn a_limit_below_what_is_locked_lets_nothing_be_settled_until_that_ends() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		settle(&ODA, 300 * UFR);
		assert_ok!(set(ODA, Some(100 * UFR)));
		assert_eq!(Oracles::lock(&ODA, UFR), Err(LockError::OverLimit { missing: 3 * UFR / 2 }));
		advance(WINDOW + 1);
		settle(&ODA, 100 * UFR);
	});
}

#[test]
fn what_is_kept_for_demands_counts() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(set(ODA, Some(100 * UFR)));
		let settlement = settle(&ODA, 100 * UFR);
		assert_ok!(Oracles::keep(&ODA, settlement));
		advance(2 * WINDOW);
		assert!(Oracles::lock(&ODA, UFR).is_err());
		assert_ok!(Oracles::release(&ODA, settlement));
		settle(&ODA, UFR);
	});
}

#[test]
fn the_largest_limit_is_no_overflow() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(set(ODA, Some(Balance::MAX)));
		settle(&ODA, 400 * UFR);
		hypothetically!({
			System::set_block_number(BlockNumber::MAX);
			assert_ok!(set(ODA, None));
			assert_eq!(present(&ODA), None);
		});
	});
}

#[test]
fn nothing_is_set_twice_and_by_nobody_else() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(set(ODA, Some(1)), Error::<Test>::NotRegistered);
		register(&ODA, MIN_BOND);
		assert_noop!(set(ODA, None), Error::<Test>::LimitUnchanged);
		assert_ok!(set(ODA, Some(1)));
		assert_noop!(set(ODA, Some(1)), Error::<Test>::LimitUnchanged);
		assert_noop!(set(PIERO, Some(1)), Error::<Test>::NotRegistered);
		assert_noop!(
			Oracles::set_settle_limit(RuntimeOrigin::root(), Some(1)),
			DispatchError::BadOrigin
		);
	});
}

/// Attack 27: the key that settles is stolen, the one that set the limit is not. The thief settles
/// inventions, has each convicted, and shares in it as consumer and reporter.
#[test]
fn attack_27_a_stolen_settling_key_reaches_no_more_of_the_bond_than_the_limit() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 5 * MIN_BOND);
		assert_ok!(set(ODA, Some(100 * UFR)));
		let mut invented = vec![];
		while Oracles::lock(&ODA, 10 * UFR).is_ok() {
			invented.push(Settlement { at: System::block_number(), accepted: 10 * UFR });
			advance(1);
		}
		assert_eq!(invented.len(), 10);
		assert_eq!(info(&ODA).locked, 150 * UFR);
		// She sees it, and nothing more is settled.
		assert_ok!(set(ODA, Some(0)));
		assert!(Oracles::lock(&ODA, 1).is_err());
		let before = info(&ODA);
		for settlement in invented {
			assert_ok!(Oracles::slash(&ODA, Some(settlement), false, None, Some(RITA)));
		}
		// Beside a tenth of what is free for each, all that he reached was what the limit allows.
		let mut free = before.free;
		(0..10).for_each(|_| free -= free.div_ceil(10));
		assert_eq!(info(&ODA).bond, free);
		// With the receipts' key alone he would not have got this far: it settles nothing.
		assert_eq!(info(&ODA).locked, 0);
	});
}
