//! Removing retired keys that count for nothing.

use super::*;
use frame_support::dispatch::Pays;

fn forget(oracle: AccountId32) -> frame_support::pallet_prelude::DispatchResultWithPostInfo {
	Oracles::forget_keys(signed(RITA), oracle)
}

fn rotate(secret: u8) {
	assert_ok!(Oracles::set_receipt_key(signed(ODA), key(secret)));
}

#[test]
fn removes_what_is_forgotten_and_nothing_else_for_no_fee() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		(11..14).for_each(rotate);
		advance(1);
		rotate(14);
		advance(UNBONDING - 2);
		assert_noop!(forget(ODA), Error::<Test>::NothingToForget);
		advance(1);
		let paid = forget(ODA).unwrap().pays_fee;
		assert_eq!(paid, Pays::No);
		System::assert_last_event(Event::KeysForgotten { oracle: ODA, keys: 3 }.into());
		assert_eq!(RetiredKeys::<Test>::get(ODA).len(), 1);
		assert!(ReceiptKeys::<Test>::contains_key(key(13)));
		assert!(![1, 11, 12].iter().any(|secret| ReceiptKeys::<Test>::contains_key(key(*secret))));
		advance(1);
		assert_ok!(forget(ODA));
		assert!(!RetiredKeys::<Test>::contains_key(ODA));
		// The present one stays.
		assert_eq!(ReceiptKeys::<Test>::iter().count(), 1);
		assert_noop!(forget(ODA), Error::<Test>::NothingToForget);
	});
}

#[test]
fn there_is_nothing_to_forget_of_a_stranger() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(forget(PIERO), Error::<Test>::NothingToForget);
		assert_noop!(Oracles::forget_keys(RuntimeOrigin::root(), ODA), DispatchError::BadOrigin);
	});
}
