//! What other pallets and readers see.

use super::*;

#[test]
fn a_settlement_locks_one_and_a_half_times_its_amount() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::lock(&ODA, 400 * UFR));
		let info = info(&ODA);
		assert_eq!((info.locked, info.free), (600 * UFR, 400 * UFR));
		// Nothing moves.
		assert_eq!((held(&ODA), free(&ODA)), (MIN_BOND, ENDOWMENT - MIN_BOND));
	});
}

#[test]
fn a_lock_that_the_bond_cannot_bear_changes_nothing() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::lock(&ODA, 400 * UFR));
		advance(1);
		let before = Locks::<Test>::get(ODA);
		assert_eq!(
			Oracles::lock(&ODA, 400 * UFR),
			Err(LockError::BondShort { missing: 200 * UFR })
		);
		assert_eq!(
			Oracles::lock(&ODA, Balance::MAX),
			Err(LockError::BondShort { missing: Balance::MAX - 400 * UFR })
		);
		assert_eq!(Locks::<Test>::get(ODA), before);
	});
}

#[test]
fn locks_expire_a_window_later_also_for_readers() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		// Block 1 is in the bucket of blocks 0 and 1, so the lock holds until block 2 + 64.
		assert_ok!(Oracles::lock(&ODA, 400 * UFR));
		System::set_block_number(WINDOW + 1);
		assert_eq!(info(&ODA).locked, 600 * UFR);
		System::set_block_number(WINDOW + 2);
		assert_eq!(info(&ODA).locked, 0);
		assert_eq!(info(&ODA).free, MIN_BOND);
		assert_ok!(Oracles::lock(&ODA, 600 * UFR));
		assert_eq!(Locks::<Test>::get(ODA).iter().count(), 1);
	});
}

#[test]
fn locks_are_made_as_long_as_the_oracle_is_registered() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Oracles::lock(&ODA, 2 * UFR), Err(LockError::BondShort { missing: 3 * UFR }));
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert_eq!(Oracles::lock(&ODA, 2 * UFR), Err(LockError::BondShort { missing: 3 * UFR }));
		// A little bond is enough for a little settlement.
		assert_ok!(Oracles::bond_more(signed(ODA), 3 * UFR));
		assert!(!Oracles::is_active(&ODA));
		assert_ok!(Oracles::lock(&ODA, 2 * UFR));
	});
}

#[test]
fn a_settlement_of_nothing_locks_nothing() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::lock(&ODA, 0));
		assert!(!Locks::<Test>::contains_key(ODA));
	});
}

#[test]
fn what_is_missing_for_a_settlement_can_be_asked_first() {
	ExtBuilder.build_and_execute(|| {
		// A stranger lacks all of it.
		assert_eq!(Oracles::bond_short(ODA, 400 * UFR), 600 * UFR);
		register(&ODA, MIN_BOND);
		assert_eq!(Oracles::bond_short(ODA, 400 * UFR), 0);
		let settlement = settle(&ODA, 400 * UFR);
		assert_eq!(Oracles::bond_short(ODA, 300 * UFR), 50 * UFR);
		assert_eq!(Oracles::lock(&ODA, 300 * UFR), Err(LockError::BondShort { missing: 50 * UFR }));
		assert_eq!(Oracles::bond_short(ODA, Balance::MAX), Balance::MAX - 400 * UFR);
		// Precisely that much is enough.
		hypothetically!({
			assert_ok!(Oracles::bond_more(signed(ODA), 50 * UFR));
			assert_eq!(Oracles::bond_short(ODA, 300 * UFR), 0);
			assert_ok!(Oracles::lock(&ODA, 300 * UFR));
		});
		// Locks that have ended do not count; kept ones do.
		hypothetically!({
			assert_ok!(Oracles::keep(&ODA, settlement));
			advance(2 * WINDOW);
			assert_eq!(Oracles::bond_short(ODA, 300 * UFR), 50 * UFR);
		});
		advance(2 * WINDOW);
		assert_eq!(Oracles::bond_short(ODA, 300 * UFR), 0);
	});
}

#[test]
fn settling_ends_when_the_bond_is_all_locked() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let mut settled = 0;
		while Oracles::lock(&ODA, 33 * UFR).is_ok() {
			settled += 33 * UFR;
			advance(1);
		}
		// Whatever was settled is covered by half as much again, and not a planck more can be.
		assert_eq!(info(&ODA).locked, settled / 2 * 3);
		assert_eq!(
			Oracles::bond_short(ODA, 33 * UFR),
			settled / 2 * 3 + 33 * UFR / 2 * 3 - MIN_BOND
		);
		let left = info(&ODA).free;
		assert_ok!(Oracles::lock(&ODA, left / 3 * 2));
		assert_eq!(info(&ODA).free, left % 3);
		assert_eq!(Oracles::lock(&ODA, 2), Err(LockError::BondShort { missing: 3 - left % 3 }));
	});
}

#[test]
fn strangers_are_neither_active_nor_registered() {
	ExtBuilder.build_and_execute(|| {
		assert!(!Oracles::is_active(&ODA));
		assert!(!Oracles::is_registered(&ODA));
		assert_eq!(Oracles::receipt_key(&ODA), None);
		assert!(!answers_for(&ODA, &key(1)));
		assert_eq!(Oracles::oracle(ODA), None);
		register(&ODA, MIN_BOND);
		assert!(Oracles::is_active(&ODA));
		assert!(Oracles::is_registered(&ODA));
		assert_eq!(Oracles::receipt_key(&ODA), Some(key(1)));
		assert!(answers_for(&ODA, &key(1)));
		assert!(!answers_for(&ODA, &key(2)));
		assert!(!answers_for(&PIERO, &key(1)));
	});
}

#[cfg(feature = "runtime-benchmarks")]
#[test]
fn an_oracle_for_benchmarks_is_as_busy_as_can_be() {
	ExtBuilder.build_and_execute(|| {
		Oracles::benchmark_oracle(&ODA);
		assert_eq!(Locks::<Test>::get(ODA).iter().count(), crate::locks::MAX_LOCKS as usize);
		assert_eq!(info(&ODA).unbonding.len(), MAX_UNBONDING as usize);
		let settlement = settle(&ODA, 1_000_000 * UFR);
		assert_ok!(Oracles::keep(&ODA, settlement));
		assert_ok!(Oracles::release(&ODA, settlement));
		let slashed = Oracles::slash(&ODA, Some(settlement), false, None, None).unwrap();
		assert!(slashed.taken > 1_500_000 * UFR);
	});
}
