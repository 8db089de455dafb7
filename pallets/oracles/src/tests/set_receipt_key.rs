use super::*;

fn rotate(who: AccountId32, secret: u8) -> sp_runtime::DispatchResult {
	Oracles::set_receipt_key(signed(who), key(secret))
}

fn register_with(who: AccountId32, secret: u8) -> sp_runtime::DispatchResult {
	Oracles::register(signed(who), MIN_BOND, key(secret), endpoint("http://piero.example"))
}

#[test]
fn takes_the_place_of_the_old_key() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(rotate(ODA, 11));
		let forgotten_at = 1 + UNBONDING;
		System::assert_last_event(
			Event::ReceiptKeySet { oracle: ODA, old: key(1), new: key(11), forgotten_at }.into(),
		);
		assert_eq!(Oracles::receipt_key(&ODA), Some(key(11)));
		let info = info(&ODA);
		assert_eq!(info.receipt_key, key(11));
		assert_eq!(
			info.retired_keys.into_inner(),
			[RetiredKey { key: key(1), retired_at: 1, forgotten_at }]
		);
		// No money moves.
		assert_eq!((held(&ODA), free(&ODA)), (MIN_BOND, ENDOWMENT - MIN_BOND));
	});
}

#[test]
fn the_oracle_answers_for_an_old_key_until_it_is_forgotten() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(rotate(ODA, 11));
		advance(1);
		assert_ok!(rotate(ODA, 12));
		assert!([1, 11, 12].iter().all(|secret| answers_for(&ODA, &key(*secret))));
		advance(UNBONDING - 2);
		assert!([1, 11, 12].iter().all(|secret| answers_for(&ODA, &key(*secret))));
		advance(1);
		assert!(!answers_for(&ODA, &key(1)));
		assert!(answers_for(&ODA, &key(11)));
		assert_eq!(info(&ODA).retired_keys.len(), 1);
		advance(1);
		assert!(!answers_for(&ODA, &key(11)));
		assert!(info(&ODA).retired_keys.is_empty());
		// The one in use is never forgotten.
		advance(10 * UNBONDING);
		assert!(answers_for(&ODA, &key(12)));
	});
}

#[test]
fn a_retired_key_is_known_by_the_block_it_was_replaced_in() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_eq!(Oracles::receipt_key_state(&ODA, &key(1)), Some(ReceiptKeyState::Present));
		advance(6);
		assert_ok!(rotate(ODA, 11));
		advance(1);
		assert_ok!(rotate(ODA, 12));
		let retired = |at| Some(ReceiptKeyState::Retired { at });
		assert_eq!(Oracles::receipt_key_state(&ODA, &key(1)), retired(7));
		assert_eq!(Oracles::receipt_key_state(&ODA, &key(11)), retired(8));
		assert_eq!(Oracles::receipt_key_state(&ODA, &key(12)), Some(ReceiptKeyState::Present));
		assert_eq!(Oracles::receipt_key_state(&ODA, &key(2)), None);
		assert_eq!(Oracles::receipt_key_state(&PIERO, &key(1)), None);
	});
}

#[test]
fn a_key_outlasts_every_lock_of_what_it_signed() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, UFR);
		assert_ok!(rotate(ODA, 11));
		while Oracles::is_locked(&ODA, settlement.at) {
			assert!(answers_for(&ODA, &key(1)));
			advance(1);
		}
		assert!(answers_for(&ODA, &key(1)));
	});
}

#[test]
fn attack_27_a_stolen_receipt_key_is_worth_nothing_once_it_is_replaced() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		// The thief, Piero, has the receipt key, but not the account's. He can neither rotate first
		// nor touch the bond.
		assert_noop!(rotate(PIERO, 13), Error::<Test>::NotRegistered);
		assert_ok!(rotate(ODA, 11));
		// What clients check receipts with is the new key.
		assert_ne!(Oracles::receipt_key(&ODA), Some(key(1)));
		// He cannot become another oracle with it, nor with her new one.
		assert_noop!(register_with(PIERO, 1), Error::<Test>::ReceiptKeyInUse);
		assert_noop!(register_with(PIERO, 11), Error::<Test>::ReceiptKeyInUse);
		assert_ok!(register_with(PIERO, 2));
		assert_noop!(rotate(PIERO, 1), Error::<Test>::ReceiptKeyInUse);
		assert_noop!(rotate(PIERO, 11), Error::<Test>::ReceiptKeyInUse);
		assert!(!answers_for(&PIERO, &key(1)));
		// And in the end it binds nobody.
		advance(UNBONDING);
		assert!(!answers_for(&ODA, &key(1)));
	});
}

#[test]
fn rotating_washes_no_lie_away() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let settlement = settle(&ODA, 400 * UFR);
		// She hides behind as many keys as she may have.
		for secret in 11..11 + MAX_RETIRED_KEYS as u8 {
			assert_ok!(rotate(ODA, secret));
		}
		assert!(answers_for(&ODA, &key(1)));
		assert_ok!(Oracles::slash(&ODA, Some(settlement), false, None, None));
		assert_eq!(held(&ODA), 360 * UFR);
	});
}

#[test]
fn anybody_can_have_a_key_that_is_forgotten() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(rotate(ODA, 11));
		advance(1);
		assert_ok!(rotate(ODA, 12));
		advance(UNBONDING - 2);
		assert_noop!(register_with(PIERO, 1), Error::<Test>::ReceiptKeyInUse);
		advance(1);
		hypothetically!({
			// By registering …
			assert_ok!(register_with(PIERO, 1));
			assert!(answers_for(&PIERO, &key(1)));
			assert!(!answers_for(&ODA, &key(1)));
			assert_eq!(RetiredKeys::<Test>::get(ODA).len(), 1);
			assert_ok!(Pallet::<Test>::do_try_state());
		});
		hypothetically!({
			// … by rotating …
			assert_ok!(register_with(PIERO, 2));
			assert_ok!(rotate(PIERO, 1));
			assert_eq!(ReceiptKeys::<Test>::get(key(1)), Some(PIERO));
			assert_ok!(Pallet::<Test>::do_try_state());
		});
		// … and who had it can have it again.
		assert_ok!(rotate(ODA, 1));
		assert_eq!(Oracles::receipt_key(&ODA), Some(key(1)));
		assert_eq!(RetiredKeys::<Test>::get(ODA).len(), 2);
	});
}

#[test]
fn the_last_forgotten_key_leaves_no_entry() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(rotate(ODA, 11));
		advance(UNBONDING);
		assert_ok!(register_with(PIERO, 1));
		assert!(!RetiredKeys::<Test>::contains_key(ODA));
	});
}

#[test]
fn neither_the_present_key_nor_a_retired_one_is_new() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(rotate(ODA, 1), Error::<Test>::ReceiptKeyInUse);
		assert_ok!(rotate(ODA, 11));
		assert_noop!(rotate(ODA, 1), Error::<Test>::ReceiptKeyInUse);
		assert_noop!(rotate(ODA, 11), Error::<Test>::ReceiptKeyInUse);
	});
}

#[test]
fn eight_keys_are_retired_at_most() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		for secret in 11..11 + MAX_RETIRED_KEYS as u8 {
			assert_ok!(rotate(ODA, secret));
			advance(1);
		}
		assert_noop!(rotate(ODA, 30), Error::<Test>::TooManyRetiredKeys);
		advance(UNBONDING - MAX_RETIRED_KEYS - 1);
		assert_noop!(rotate(ODA, 30), Error::<Test>::TooManyRetiredKeys);
		// The oldest is forgotten, and its place taken.
		advance(1);
		assert_ok!(rotate(ODA, 30));
		assert_eq!(info(&ODA).retired_keys.len(), MAX_RETIRED_KEYS as usize);
		assert!(!ReceiptKeys::<Test>::contains_key(key(1)));
		assert_noop!(rotate(ODA, 31), Error::<Test>::TooManyRetiredKeys);
	});
}

#[test]
fn the_new_key_is_good_for_signatures() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(
			Oracles::set_receipt_key(signed(ODA), [0; 32]),
			Error::<Test>::InvalidReceiptKey
		);
	});
}

#[test]
fn an_inactive_oracle_may_replace_its_key() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_ok!(Oracles::unbond(signed(ODA), MIN_BOND));
		assert_ok!(rotate(ODA, 11));
	});
}

#[test]
fn the_caller_must_be_an_oracle() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(rotate(ODA, 11), Error::<Test>::NotRegistered);
		assert_noop!(
			Oracles::set_receipt_key(RuntimeOrigin::root(), key(11)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn the_end_of_time_is_no_panic() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		hypothetically!({
			System::set_block_number(BlockNumber::MAX);
			assert_noop!(rotate(ODA, 11), ArithmeticError::Overflow);
		});
	});
}
