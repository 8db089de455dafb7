//! `finalise_close`.

use super::*;

#[test]
fn returns_what_is_left_and_forgets_the_channel() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = settle_some(&ALICE, &OMAR, 30 * UFR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + WINDOW);
		// Anybody may: the consumer's wallet may be gone.
		assert_ok!(dispatch(&BOB, Call::finalise_close { channel_id }));

		assert_eq!(held(&ALICE), 0);
		assert_eq!(free(&ALICE), ENDOWMENT - 30 * UFR);
		assert_eq!(free(&BOB), ENDOWMENT);
		assert_eq!(Channels::<Test>::iter().count(), 0);
		assert_eq!(last_event(), Event::ChannelClosed { channel_id, returned: ESCROW - 30 * UFR });
		let call = Call::finalise_close { channel_id };
		assert_noop!(dispatch(&BOB, call), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn leaves_the_consumers_other_channels_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let other = open_with(&ALICE, &OMAR, 3 * UFR);
		let channel_id = open_with(&ALICE, &OMAR, 4 * UFR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + WINDOW);
		assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
		assert_eq!(channel(other).escrow, 3 * UFR);
		assert_eq!(held(&ALICE), 3 * UFR);
	});
}

#[test]
fn waits_for_the_whole_window() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let call = Call::finalise_close { channel_id };
		assert_noop!(dispatch(&ALICE, call.clone()), Error::<Test>::NotClosing);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(WINDOW);
		assert_noop!(dispatch(&ALICE, call.clone()), Error::<Test>::WindowOpen);
		System::set_block_number(1 + WINDOW);
		assert_ok!(dispatch(&ALICE, call));
	});
}

#[test]
fn only_the_consumer_need_not_wait_for_the_end_of_the_challenge() {
	let late = || {
		let channel_id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(WINDOW);
		assert_ok!(settle(&OMAR, &[claim(channel_id, V0, 1, UFR)]));
		assert_eq!(channel(channel_id).settled_at, WINDOW);
		Call::finalise_close { channel_id }
	};
	ExtBuilder::default().build_and_execute(|| {
		let call = late();
		for block in [WINDOW + 1, 2 * WINDOW - 1] {
			System::set_block_number(block);
			for who in [BOB, OMAR] {
				assert_noop!(dispatch(&who, call.clone()), Error::<Test>::StillChallengeable);
			}
		}
		System::set_block_number(2 * WINDOW);
		assert_ok!(dispatch(&BOB, call));
		assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT - UFR, 0));
	});
	ExtBuilder::default().build_and_execute(|| {
		let call = late();
		System::set_block_number(WINDOW + 1);
		assert_ok!(dispatch(&ALICE, call));
		assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT - UFR, 0));
	});
}

#[test]
fn returns_nothing_of_an_empty_channel() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = settle_some(&ALICE, &OMAR, ESCROW);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + WINDOW);
		assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
		assert_eq!(last_event(), Event::ChannelClosed { channel_id, returned: 0 });
		assert_eq!(free(&ALICE), ENDOWMENT - ESCROW);
	});
}

#[test]
fn waits_for_an_account_that_can_hold_what_is_returned() {
	ExtBuilder::default().build_and_execute(|| {
		// With another reference to live on, an account can put its last planck on hold.
		System::inc_providers(&ALICE);
		let channel_id = open_with(&ALICE, &OMAR, ENDOWMENT);
		assert_eq!(free(&ALICE), 0);
		assert_ok!(settle(&OMAR, &[claim(channel_id, V0, 1, ENDOWMENT - 1)]));
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + WINDOW);
		let call = Call::finalise_close { channel_id };
		assert_noop!(dispatch(&BOB, call.clone()), TokenError::CannotCreate);
		assert_ok!(give(&BOB, &ALICE, ED));
		assert_ok!(dispatch(&BOB, call));
		assert_eq!(free(&ALICE), ED + 1);
	});
}

#[test]
fn needs_a_signature() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let call = Call::finalise_close { channel_id };
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
	});
}
