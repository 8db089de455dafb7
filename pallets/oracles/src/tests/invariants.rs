//! Each invariant notices when it is broken.

use super::*;

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
	let lock = |locks: &[(BlockNumber, Balance)]| {
		let mut ring = LockRing::default();
		locks.iter().for_each(|(until, amount)| ring.add(*until, *amount));
		Locks::<Test>::insert(ODA, ring);
	};
	breaks("O2: more is locked than bonded", || lock(&[(100, 2 * MIN_BOND)]));
	breaks("O3: locks out of order or empty", || lock(&[(100, 1), (90, 1)]));
	breaks("O3: locks out of order or empty", || lock(&[(100, 0)]));
}

#[test]
fn the_index_of_receipt_keys_is_complete_and_exact() {
	breaks("O4: an oracle is not in the index of receipt keys", || {
		ReceiptKeys::<Test>::remove(key(1))
	});
	breaks("O4: a receipt key without its oracle", || ReceiptKeys::<Test>::insert(key(2), ODA));
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
	breaks("O6: unbonding without its oracle", || {
		UnbondingQueues::<Test>::insert(PIERO, UnbondingQueue::default())
	});
	breaks("O6: an empty queue is stored", || {
		change(|oracle| oracle.bond += UFR);
		UnbondingQueues::<Test>::insert(ODA, UnbondingQueue::default());
	});
}

#[test]
fn an_oracle_has_something_at_stake() {
	breaks("O7: an oracle with nothing at stake", || {
		change(|oracle| oracle.bond = 0);
		UnbondingQueues::<Test>::remove(ODA);
		let reason = HoldReason::Bond.into();
		assert_ok!(Balances::set_on_hold(&reason, &ODA, 0));
	});
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
