//! `close_together`.

use super::*;

#[test]
fn returns_everything_at_once_and_leaves_no_storage() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(settle(&OMAR, &[claim(open(&BOB, &OMAR), V0, 1, UFR)]));
		let before = storage_keys();
		let channel_id = open(&ALICE, &OMAR);
		assert_ok!(settle(&OMAR, &[claim(channel_id, V0, 3, 30 * UFR)]));
		assert_ok!(lodge(voucher(channel_id, 60 * UFR, 9, 60 * UFR), &key_of(&ALICE)));
		assert_eq!(channel(channel_id).reserved, 30 * UFR);
		assert_ok!(replace_key(channel_id, 1));
		assert_ok!(dispatch(&OMAR, agreement(channel_id, &nth_key(&ALICE, 1))));

		assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT - 30 * UFR, 0));
		assert_eq!(last_event(), Event::ChannelClosed { channel_id, returned: ESCROW - 30 * UFR });
		// One batch more; of the channel nothing.
		let batch = Batches::<Test>::hashed_key_for(OMAR, 1);
		let after: Vec<_> = storage_keys().into_iter().filter(|key| *key != batch).collect();
		assert_eq!(after, before);
	});
}

#[test]
fn closes_a_channel_that_is_closing_too() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		assert_ok!(dispatch(&OMAR, agreement(channel_id, &key_of(&ALICE))));
		assert_eq!(free(&ALICE), ENDOWMENT);
		let call = Call::finalise_close { channel_id };
		assert_noop!(dispatch(&ALICE, call), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn needs_no_registration() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		memory::Bonds::remove(OMAR);
		assert_ok!(dispatch(&OMAR, agreement(id, &key_of(&ALICE))));
		assert_eq!(free(&ALICE), ENDOWMENT);
	});
}

#[test]
fn returns_nothing_of_an_empty_channel() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = settle_some(&ALICE, &OMAR, ESCROW);
		assert_ok!(dispatch(&OMAR, agreement(channel_id, &key_of(&ALICE))));
		assert_eq!(last_event(), Event::ChannelClosed { channel_id, returned: 0 });
	});
}

#[test]
fn is_for_the_oracle_of_the_channel_only() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let call = agreement(id, &key_of(&ALICE));
		for who in [ALICE, BOB, OLGA] {
			assert_noop!(dispatch(&who, call.clone()), Error::<Test>::NotItsOracle);
		}
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
	});
}

#[test]
fn needs_what_is_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = settle_some(&ALICE, &OMAR, 10 * UFR);
		for (final_seq, final_total) in
			[(9, 10 * UFR), (11, 10 * UFR), (10, 10 * UFR - 1), (10, 10 * UFR + 1), (0, 0)]
		{
			let closing = Closing { channel_id, final_seq, final_total };
			let signature = key_of(&ALICE).sign(&closing.digest(&GENESIS)).to_bytes();
			let call = Call::close_together { channel_id, final_seq, final_total, signature };
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::NotSettled);
		}
	});
}

#[test]
fn needs_the_signature_of_the_present_key() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = settle_some(&ALICE, &OMAR, 10 * UFR);
		let refused = |call| {
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::BadSignature);
		};
		refused(agreement(channel_id, &key_of(&OMAR)));
		let (final_seq, final_total) = (10, 10 * UFR);
		let with =
			|signature| Call::close_together { channel_id, final_seq, final_total, signature };
		let closing = Closing { channel_id, final_seq, final_total };
		// For another chain, another channel, and another purpose.
		refused(with(key_of(&ALICE).sign(&closing.digest(&[0x48; 32])).to_bytes()));
		let other = Closing { channel_id: open(&ALICE, &OMAR), ..closing };
		refused(with(key_of(&ALICE).sign(&other.digest(&GENESIS)).to_bytes()));
		refused(with(sign(&voucher(channel_id, final_total, final_seq, 0), &key_of(&ALICE))));
		// What the old key signed can be settled, not closed with.
		let old = agreement(channel_id, &key_of(&ALICE));
		assert_ok!(replace_key(channel_id, 1));
		refused(old);
	});
}

#[test]
fn refuses_a_channel_that_does_not_exist() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let call = agreement(id, &key_of(&ALICE));
		assert_ok!(dispatch(&OMAR, call.clone()));
		assert_noop!(dispatch(&OMAR, call), Error::<Test>::UnknownChannel);
	});
}
