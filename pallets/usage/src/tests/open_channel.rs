//! `open_channel`.

use super::*;
use frame_support::traits::{LockableCurrency, WithdrawReasons};

fn key() -> [u8; 32] {
	key_of(&ALICE).verifying_key().to_bytes()
}

#[test]
fn puts_the_escrow_on_hold() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(dispatch(&ALICE, opening(&OMAR, 7, key(), ESCROW)));

		assert_eq!(free(&ALICE), ENDOWMENT - ESCROW);
		assert_eq!(held(&ALICE), ESCROW);
		assert_eq!(free(&OMAR), ENDOWMENT);
		assert_eq!(free(&settlement_account()), ED);
		let channel_id = usage_channel_id(&ALICE, &OMAR, MODEL, 7);
		let expected = Channel {
			consumer: ALICE,
			oracle: OMAR,
			model: MODEL,
			key: key(),
			escrow: ESCROW,
			bonus: 0,
			reserved: 0,
			settled_seq: 0,
			settled_total: 0,
			settled_at: 0,
			max_unit_price: UFR,
			max_unacked: MAX_UNACKED,
			state: ChannelState::Open,
			former_keys: Default::default(),
			checkpoint: None,
		};
		assert_eq!(channel(channel_id), expected);
		assert_eq!(LastSalt::<Test>::get(&ALICE), Some(7));
		assert_eq!(
			last_event(),
			Event::ChannelOpened {
				channel_id,
				consumer: ALICE,
				oracle: OMAR,
				model: MODEL,
				escrow: ESCROW
			}
		);
	});
}

#[test]
fn holds_the_sum_of_all_channels() {
	ExtBuilder::default().build_and_execute(|| {
		open_with(&ALICE, &OMAR, 3 * UFR);
		open_with(&ALICE, &OMAR, 4 * UFR);
		open_with(&ALICE, &OLGA, 5 * UFR);
		assert_eq!(held(&ALICE), 12 * UFR);
		assert_eq!(free(&ALICE), ENDOWMENT - 12 * UFR);
	});
}

#[test]
fn takes_the_least_escrow_and_nothing_below() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			dispatch(&ALICE, opening(&OMAR, 0, key(), MIN_ESCROW - 1)),
			Error::<Test>::EscrowTooSmall
		);
		assert_ok!(dispatch(&ALICE, opening(&OMAR, 0, key(), MIN_ESCROW)));
	});
}

#[test]
fn leaves_the_consumer_its_existential_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			dispatch(&ALICE, opening(&OMAR, 0, key(), ENDOWMENT)),
			TokenError::FundsUnavailable
		);
		assert_ok!(dispatch(&ALICE, opening(&OMAR, 0, key(), ENDOWMENT - ED)));
		assert_eq!(free(&ALICE), ED);
		assert_eq!(held(&ALICE), ENDOWMENT - ED);
	});
}

#[test]
fn needs_a_higher_salt_each_time_and_remembers_it_when_all_is_closed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(dispatch(&ALICE, opening(&OMAR, 5, key(), ESCROW)));
		for salt in [0, 4, 5] {
			assert_noop!(
				dispatch(&ALICE, opening(&OLGA, salt, key(), ESCROW)),
				Error::<Test>::SaltUsed
			);
		}
		let channel_id = usage_channel_id(&ALICE, &OMAR, MODEL, 5);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + WINDOW);
		assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
		assert_noop!(dispatch(&ALICE, opening(&OMAR, 5, key(), ESCROW)), Error::<Test>::SaltUsed);
		assert_ok!(dispatch(&ALICE, opening(&OMAR, u64::MAX, key(), ESCROW)));
		// The salts of one consumer are nothing to another.
		assert_ok!(dispatch(&BOB, opening(&OMAR, 5, key(), ESCROW)));
	});
}

#[test]
fn refuses_an_oracle_that_is_unknown_or_not_active() {
	ExtBuilder::default().build_and_execute(|| {
		let call = opening(&BOB, 0, key(), ESCROW);
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::OracleNotActive);
		memory::Bonds::insert(OMAR, (false, BOND));
		let call = opening(&OMAR, 0, key(), ESCROW);
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::OracleNotActive);
	});
}

#[test]
fn refuses_a_model_that_is_unknown_or_not_open() {
	ExtBuilder::default().build_and_execute(|| {
		memory::Versions::insert(OTHER_V, (OTHER_MODEL, false));
		for unusable in [OTHER_MODEL, 77] {
			let mut call = opening(&OMAR, 0, key(), ESCROW);
			let Call::open_channel { model, .. } = &mut call else { unreachable!() };
			*model = unusable;
			assert_noop!(dispatch(&ALICE, call), Error::<Test>::ModelNotOpen);
		}
	});
}

#[test]
fn refuses_keys_that_could_sign_for_two() {
	ExtBuilder::default().build_and_execute(|| {
		let mut identity = [0; 32];
		identity[0] = 1;
		let mut not_canonical = [0xff; 32];
		not_canonical[0] = 0xee;
		not_canonical[31] = 0x7f;
		for key in [[0; 32], identity, not_canonical, [0xff; 32]] {
			let call = opening(&OMAR, 0, key, ESCROW);
			assert_noop!(dispatch(&ALICE, call), Error::<Test>::InvalidKey);
		}
	});
}

#[test]
fn refuses_limits_of_zero() {
	ExtBuilder::default().build_and_execute(|| {
		for (price, unacked) in [(0, MAX_UNACKED), (UFR, 0)] {
			let mut call = opening(&OMAR, 0, key(), ESCROW);
			let Call::open_channel { max_unit_price, max_unacked, .. } = &mut call else {
				unreachable!()
			};
			(*max_unit_price, *max_unacked) = (price, unacked);
			assert_noop!(dispatch(&ALICE, call), Error::<Test>::ZeroLimit);
		}
	});
}

#[test]
fn refuses_money_that_is_frozen() {
	ExtBuilder::default().build_and_execute(|| {
		let frozen = ENDOWMENT - 150 * UFR;
		Balances::set_lock(*b"vesting_", &ALICE, frozen, WithdrawReasons::all());
		assert_ok!(dispatch(&ALICE, opening(&OMAR, 0, key(), 100 * UFR)));
		// 50 are left that are free, though the account could hold more.
		assert_noop!(
			dispatch(&ALICE, opening(&OMAR, 1, key(), 50 * UFR + 1)),
			Error::<Test>::EscrowFrozen
		);
		assert_ok!(dispatch(&ALICE, opening(&OMAR, 1, key(), 50 * UFR)));
		assert_eq!(held(&ALICE), 150 * UFR);
	});
}

#[test]
fn an_oracle_may_be_its_own_consumer() {
	ExtBuilder::default().build_and_execute(|| {
		let id = settle_some(&OMAR, &OMAR, 10 * UFR);
		assert_eq!(channel(id).escrow, ESCROW - 10 * UFR);
		assert_ok!(dispatch(&OMAR, Call::collect {}));
		// It gets the oracle's part back and has paid the rest.
		assert_eq!(free(&OMAR) + held(&OMAR), ENDOWMENT - 6 * UFR);
	});
}

#[test]
fn needs_a_signature() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(dispatch_root(opening(&OMAR, 0, key(), ESCROW)), DispatchError::BadOrigin);
	});
}
