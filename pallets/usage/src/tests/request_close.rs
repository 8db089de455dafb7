//! `request_close`.

use super::*;

#[test]
fn starts_the_window_and_keeps_the_money_on_hold() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		System::set_block_number(40);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		let closes_at = 40 + WINDOW;
		assert_eq!(channel(channel_id).state, ChannelState::Closing { closes_at });
		assert_eq!(held(&ALICE), ESCROW);
		assert_eq!(free(&ALICE), ENDOWMENT - ESCROW);
		assert_eq!(last_event(), Event::CloseRequested { channel_id, closes_at });
	});
}

#[test]
fn is_for_the_consumer_only() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		for who in [BOB, OMAR] {
			let call = Call::request_close { channel_id };
			assert_noop!(dispatch(&who, call), Error::<Test>::NotConsumer);
		}
		let call = Call::request_close { channel_id };
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
		let call = Call::request_close { channel_id: [5; 32] };
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn cannot_be_repeated_so_the_window_does_not_move() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(50);
		let call = Call::request_close { channel_id };
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::ChannelClosing);
		let closes_at = 1 + WINDOW;
		assert_eq!(channel(channel_id).state, ChannelState::Closing { closes_at });
	});
}
