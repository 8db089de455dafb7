//! `set_channel_key`.

use super::*;

#[test]
fn replaces_the_key() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		System::set_block_number(7);
		assert_ok!(replace_key(id, 1));
		let [old, new] = [0, 1].map(|n| nth_key(&ALICE, n).verifying_key().to_bytes());
		let until = 7 + 2 * WINDOW;
		assert_eq!(channel(id).key, new);
		assert_eq!(channel(id).former_keys.to_vec(), [FormerKey { key: old, until }]);
		assert_eq!(last_event(), Event::ChannelKeySet { channel_id: id, old, new, until });

		assert_ok!(settle(&OMAR, &[signed(claim(id, V0, 1, UFR), &nth_key(&ALICE, 1))]));
		assert_eq!(held(&ALICE), ESCROW - UFR);
	});
}

#[test]
fn what_the_old_key_signed_is_settled_for_two_windows() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(replace_key(id, 1));
		System::set_block_number(2 * WINDOW);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
		let late = claim(id, V0, 1, UFR);
		System::set_block_number(2 * WINDOW + 1);
		assert_noop!(settle(&OMAR, std::slice::from_ref(&late)), nothing(SkipReason::BadSignature));
		assert_ok!(settle(&OMAR, &[signed(late, &nth_key(&ALICE, 1))]));
	});
}

#[test]
fn cannot_be_repeated_while_the_old_keys_word_can_be_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(replace_key(id, 1));
		for block in [1, WINDOW + 1, 2 * WINDOW] {
			System::set_block_number(block);
			assert_noop!(replace_key(id, 2), Error::<Test>::KeyReplacedRecently);
		}
		System::set_block_number(2 * WINDOW + 1);
		assert_ok!(replace_key(id, 2));
		// Only the last two count.
		let of = |n| signed(claim(id, V0, 1, UFR), &nth_key(&ALICE, n));
		assert_noop!(settle(&OMAR, &[of(0)]), nothing(SkipReason::BadSignature));
		assert_ok!(settle(&OMAR, &[of(1)]));
		assert_ok!(settle(&OMAR, &[of(2)]));
	});
}

#[test]
fn can_be_done_four_times() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		for n in 1..=MAX_FORMER_KEYS as usize {
			assert_ok!(replace_key(id, n));
			System::set_block_number(System::block_number() + 2 * WINDOW);
		}
		assert_noop!(replace_key(id, 5), Error::<Test>::TooManyKeys);
		// The last one signs on.
		assert_ok!(settle(&OMAR, &[signed(claim(id, V0, 1, UFR), &nth_key(&ALICE, 4))]));
	});
}

#[test]
fn brings_no_key_back() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(replace_key(id, 1));
		System::set_block_number(1 + 2 * WINDOW);
		for n in [0, 1] {
			assert_noop!(replace_key(id, n), Error::<Test>::KeyUsed);
		}
	});
}

#[test]
fn can_be_done_while_the_channel_closes() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id: id }));
		System::set_block_number(9);
		assert_ok!(replace_key(id, 1));
		// Longer than the closing window, so that takes nothing from the oracle.
		System::set_block_number(8 + 2 * WINDOW);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
	});
}

#[test]
fn is_for_the_consumer_only() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let call =
			Call::set_channel_key { channel_id, key: key_of(&BOB).verifying_key().to_bytes() };
		for who in [BOB, OMAR] {
			assert_noop!(dispatch(&who, call.clone()), Error::<Test>::NotConsumer);
		}
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
	});
}

#[test]
fn refuses_a_bad_key_the_same_key_and_an_unknown_channel() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let small_order = Call::set_channel_key { channel_id, key: [0; 32] };
		assert_noop!(dispatch(&ALICE, small_order), Error::<Test>::InvalidKey);
		assert_noop!(replace_key(channel_id, 0), Error::<Test>::KeyUsed);
		let unknown = Call::set_channel_key { channel_id: [5; 32], key: channel(channel_id).key };
		assert_noop!(dispatch(&ALICE, unknown), Error::<Test>::UnknownChannel);
	});
}
