//! `top_up`.

use super::*;
use frame_support::traits::{LockableCurrency, WithdrawReasons};

#[test]
fn adds_to_the_escrow() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::top_up { channel_id, amount: 7 }));
		assert_eq!(channel(channel_id).escrow, ESCROW + 7);
		assert_eq!(held(&ALICE), ESCROW + 7);
		assert_eq!(free(&ALICE), ENDOWMENT - ESCROW - 7);
		assert_eq!(last_event(), Event::ToppedUp { channel_id, amount: 7, escrow: ESCROW + 7 });
	});
}

#[test]
fn makes_room_for_what_did_not_fit_before() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let claim = claim(channel_id, V0, 1, ESCROW + 5);
		assert_noop!(settle(&OMAR, std::slice::from_ref(&claim)), nothing(SkipReason::OverEscrow));
		assert_ok!(dispatch(&ALICE, Call::top_up { channel_id, amount: 5 }));
		assert_ok!(settle(&OMAR, &[claim]));
		assert_eq!(channel(channel_id).escrow, 0);
		assert_eq!(held(&ALICE), 0);
	});
}

#[test]
fn is_for_the_consumer_only() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		for who in [BOB, OMAR] {
			let call = Call::top_up { channel_id, amount: 1 };
			assert_noop!(dispatch(&who, call), Error::<Test>::NotConsumer);
		}
		let call = Call::top_up { channel_id, amount: 1 };
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
	});
}

#[test]
fn refuses_nothing_and_a_channel_that_does_not_exist() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let call = Call::top_up { channel_id, amount: 0 };
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::ZeroAmount);
		let call = Call::top_up { channel_id: [5; 32], amount: 1 };
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn is_refused_once_the_channel_is_closing() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		let call = Call::top_up { channel_id, amount: 1 };
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::ChannelClosing);
	});
}

#[test]
fn takes_no_more_than_the_consumer_has_free() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let rest = ENDOWMENT - ESCROW - ED;
		let call = Call::top_up { channel_id, amount: rest + 1 };
		assert_noop!(dispatch(&ALICE, call), TokenError::FundsUnavailable);

		Balances::set_lock(*b"vesting_", &ALICE, ENDOWMENT - ESCROW - 3, WithdrawReasons::all());
		let call = Call::top_up { channel_id, amount: 4 };
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::EscrowFrozen);
		assert_ok!(dispatch(&ALICE, Call::top_up { channel_id, amount: 3 }));
	});
}

#[test]
fn others_top_up_as_the_consumer_itself_would() {
	use sp_runtime::ArithmeticError;
	use usufruct_primitives::traits::ChannelTopUp;
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let top_up = <crate::Pallet<Test> as ChannelTopUp<AccountId32>>::top_up;
		assert_ok!(top_up(&ALICE, channel_id, 7, 2));
		assert_eq!((channel(channel_id).escrow, held(&ALICE)), (ESCROW + 7, ESCROW + 7));
		assert_eq!(channel(channel_id).bonus, 2);
		assert_eq!(last_event(), Event::ToppedUp { channel_id, amount: 7, escrow: ESCROW + 7 });
		assert_noop!(top_up(&BOB, channel_id, 7, 2), Error::<Test>::NotConsumer);
		assert_noop!(top_up(&ALICE, channel_id, 0, 0), Error::<Test>::ZeroAmount);
		let overflow = ArithmeticError::Overflow;
		assert_noop!(top_up(&ALICE, channel_id, Balance::MAX, 0), overflow);
		assert_noop!(top_up(&ALICE, channel_id, 1, Balance::MAX), overflow);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		assert_noop!(top_up(&ALICE, channel_id, 7, 2), Error::<Test>::ChannelClosing);
	});
}
