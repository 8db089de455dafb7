//! Each invariant notices when it is broken.

use super::*;
use codec::{Decode, Encode};

/// Breaks something in a healthy state, and expects this to be said of it.
fn breaks(message: &'static str, damage: impl FnOnce()) {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, 2 * MIN_BOND);
		assert_ok!(Oracles::set_ask(signed(ODA), 1, Some(FLOOR)));
		assert_ok!(Oracles::lock(&ODA, UFR));
		assert_ok!(Oracles::unbond(signed(ODA), UFR));
		hypothetically!({
			damage();
			assert_eq!(Pallet::<Test>::do_try_state(), Err(message.into()));
		});
	});
}

fn change(damage: impl FnOnce(&mut Oracle)) {
	crate::Oracles::<Test>::mutate(ODA, |oracle| damage(oracle.as_mut().unwrap()));
}

#[test]
fn bond_and_unbonding_are_held() {
	breaks("O1: what is held is not bond and unbonding", || change(|oracle| oracle.bond += 1));
	breaks("O1: what is held is not bond and unbonding", || UnbondingQueues::<Test>::remove(ODA));
}

#[test]
fn locks_are_within_the_bond_and_in_order() {
	let lock = |locks: &[(BlockNumber, Balance)], kept: Balance| {
		let ring = LockRing::decode(&mut &(locks, kept).encode()[..]).expect("the same encoding");
		Locks::<Test>::insert(ODA, ring);
	};
	breaks("O2: more is locked than bonded", || lock(&[(100, 2 * MIN_BOND)], 0));
	breaks("O2: more is locked than bonded", || lock(&[(100, MIN_BOND)], MIN_BOND));
	breaks("O3: locks out of order or empty", || lock(&[(100, 1), (90, 1)], 0));
	breaks("O3: locks out of order or empty", || lock(&[(100, 0)], 1));
}

#[test]
fn the_index_of_receipt_keys_is_complete_and_unambiguous() {
	let not_in_index = "O4: an oracle is not in the index of receipt keys";
	let retire = |keys: &[u8]| {
		let retired = keys.iter().map(|secret| RetiredKey {
			key: key(*secret),
			retired_at: 1,
			forgotten_at: 9,
		});
		RetiredKeys::<Test>::insert(ODA, RetiredKeyList::truncate_from(retired.collect()));
	};
	breaks(not_in_index, || ReceiptKeys::<Test>::remove(key(1)));
	breaks(not_in_index, || ReceiptKeys::<Test>::insert(key(1), PIERO));
	breaks(not_in_index, || retire(&[7]));
	breaks("O4: a receipt key without its oracle", || ReceiptKeys::<Test>::insert(key(2), ODA));
	// A key both current and retired, and one retired twice.
	breaks("O4: a receipt key without its oracle", || retire(&[1]));
	breaks("O4: a receipt key without its oracle", || {
		ReceiptKeys::<Test>::insert(key(7), ODA);
		retire(&[7, 7]);
	});
}

#[test]
fn asks_are_counted() {
	breaks("O5: an oracle miscounts its asks", || change(|oracle| oracle.asks = 0));
	breaks("O5: an oracle miscounts its asks", || Asks::<Test>::insert(ODA, 2, FLOOR));
}

#[test]
fn nothing_belongs_to_nobody() {
	breaks("O6: an ask without its oracle", || Asks::<Test>::insert(PIERO, 1, FLOOR));
	breaks("O6: locks without their oracle", || Locks::<Test>::insert(PIERO, LockRing::default()));
	breaks("O6: retired keys without their oracle", || {
		RetiredKeys::<Test>::insert(PIERO, RetiredKeyList::default())
	});
	breaks("O6: an empty list of retired keys is stored", || {
		RetiredKeys::<Test>::insert(ODA, RetiredKeyList::default())
	});
	breaks("O6: unbonding without its oracle", || {
		UnbondingQueues::<Test>::insert(PIERO, UnbondingQueue::default())
	});
	breaks("O6: an empty queue is stored", || {
		change(|oracle| oracle.bond += UFR);
		UnbondingQueues::<Test>::insert(ODA, UnbondingQueue::default());
	});
}

#[test]
fn unbonding_parts_are_in_order() {
	let unbonding = |parts: &[(BlockNumber, Balance)]| {
		let parts = parts
			.iter()
			.map(|(ready_at, amount)| Unbonding { ready_at: *ready_at, amount: *amount });
		UnbondingQueues::<Test>::insert(ODA, UnbondingQueue::truncate_from(parts.collect()));
	};
	let message = "O7: unbonding parts out of order or empty";
	breaks(message, || unbonding(&[(100, UFR), (101, 0)]));
	breaks(message, || unbonding(&[(100, UFR - 1), (99, 1)]));
}

#[test]
fn keys_and_endpoints_are_valid() {
	breaks("O8: an endpoint is not valid", || {
		change(|oracle| oracle.endpoint = Endpoint::default())
	});
	breaks("O8: a receipt key is not valid", || {
		ReceiptKeys::<Test>::remove(key(1));
		ReceiptKeys::<Test>::insert([0; 32], ODA);
		change(|oracle| oracle.receipt_key = [0; 32]);
	});
}

#[test]
fn a_limit_to_come_is_higher() {
	let rise = |limit| Some(LimitRise { limit, from: 9 });
	let set = |present, rise| change(|oracle| oracle.settle_limit = SettleLimit { present, rise });
	let message = "O9: a limit to come is not higher";
	breaks(message, || set(None, rise(Some(1))));
	breaks(message, || set(None, rise(None)));
	breaks(message, || set(Some(2), rise(Some(2))));
}
