//! `checkpoint`, and what settles and closes differently for it.

use super::*;

/// A closing channel of which 40 UFR are reserved by a voucher that accepts 8 receipts over 40 UFR,
/// at the end of its window.
fn after_the_window() -> (ChannelId, Voucher) {
	let id = open(&ALICE, &OMAR);
	let voucher = voucher(id, 40 * UFR, 8, 40 * UFR);
	assert_ok!(lodge(voucher.clone(), &key_of(&ALICE)));
	assert_ok!(dispatch(&ALICE, Call::request_close { channel_id: id }));
	System::set_block_number(1 + WINDOW);
	(id, voucher)
}

fn finalise(channel_id: ChannelId) -> DispatchResult {
	dispatch(&BOB, Call::finalise_close { channel_id })
}

mod reserves {
	use super::*;

	/// Lodges a voucher on top of 10 UFR settled and expects that to be reserved.
	fn reserves(cap: Balance, ack_total: Balance, covers: Balance, reserved: Balance) {
		ExtBuilder::default().build_and_execute(|| {
			let id = settle_some(&ALICE, &OMAR, 10 * UFR);
			let voucher = voucher(id, cap, 20, ack_total);
			let digest = voucher.digest(&GENESIS);
			assert_ok!(lodge(voucher, &key_of(&ALICE)));
			assert_eq!(channel(id).reserved, reserved);
			assert_eq!(channel(id).checkpoint, Some(Checkpoint { covers, voucher: digest }));
			let event = Event::Checkpointed { channel_id: id, by: CAROL, covers, reserved };
			assert_eq!(last_event(), event);
			// Nothing moves.
			assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT - ESCROW, ESCROW - 10 * UFR));
		});
	}

	#[test]
	fn what_was_accepted_and_max_unacked_beyond_what_is_settled() {
		reserves(90 * UFR, 30 * UFR, 30 * UFR + MAX_UNACKED, 20 * UFR + MAX_UNACKED);
	}

	#[test]
	fn no_more_than_the_cap() {
		reserves(30 * UFR + 1, 30 * UFR, 30 * UFR + 1, 20 * UFR + 1);
	}

	#[test]
	fn no_more_than_the_escrow() {
		reserves(500 * UFR, 400 * UFR, 400 * UFR + MAX_UNACKED, ESCROW - 10 * UFR);
		reserves(Balance::MAX, Balance::MAX, Balance::MAX, ESCROW - 10 * UFR);
	}
}

#[test]
fn a_top_up_adds_to_a_reserve_that_the_escrow_cut_off() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(lodge(voucher(id, ESCROW + 3, 9, ESCROW + 3), &key_of(&ALICE)));
		for reserved in [ESCROW, ESCROW + 2, ESCROW + 3, ESCROW + 3] {
			assert_eq!(channel(id).reserved, reserved);
			assert_ok!(dispatch(&ALICE, Call::top_up { channel_id: id, amount: 2 }));
		}
	});
}

#[test]
fn is_replaced_only_by_a_voucher_that_covers_more() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let key = key_of(&ALICE);
		assert_ok!(lodge(voucher(id, 40 * UFR, 8, 20 * UFR), &key));
		let reserved = 20 * UFR + MAX_UNACKED;
		for (cap, ack_seq, ack_total) in [
			(40 * UFR, 8, 20 * UFR),
			(40 * UFR, 7, 20 * UFR - 1),
			// A higher cap, and more receipts, that cover less.
			(90 * UFR, 99, 0),
			(Balance::MAX, u64::MAX, 20 * UFR),
		] {
			let lower = voucher(id, cap, ack_seq, ack_total);
			assert_noop!(lodge(lower, &key), Error::<Test>::CoversNoMore);
		}
		assert_eq!(channel(id).reserved, reserved);
		assert_ok!(lodge(voucher(id, 40 * UFR, 9, 20 * UFR + 1), &key));
		assert_eq!(channel(id).reserved, reserved + 1);
	});
}

#[test]
fn refuses_a_voucher_that_covers_no_more_than_is_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let id = settle_some(&ALICE, &OMAR, 10 * UFR);
		let none = voucher(id, 10 * UFR, 10, 10 * UFR);
		assert_noop!(lodge(none, &key_of(&ALICE)), Error::<Test>::CoversNoMore);
		assert_ok!(lodge(voucher(id, 10 * UFR + 1, 10, 10 * UFR), &key_of(&ALICE)));
		assert_eq!(channel(id).reserved, 1);
	});
}

#[test]
fn refuses_what_the_consumer_did_not_sign() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let good = voucher(id, 10 * UFR, 1, UFR);
		assert_noop!(lodge(good.clone(), &key_of(&OMAR)), Error::<Test>::BadSignature);
		let other = voucher(open(&ALICE, &OMAR), 10 * UFR, 1, UFR);
		let foreign = key_of(&ALICE).sign(&good.digest(&[0x48; 32])).to_bytes();
		let changed = sign(&voucher(id, 11 * UFR, 1, UFR), &key_of(&ALICE));
		for signature in [sign(&other, &key_of(&ALICE)), foreign, changed, [0; 64]] {
			let call = Call::checkpoint { voucher: good.clone(), signature };
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::BadSignature);
		}
		let unknown = voucher([5; 32], UFR, 1, UFR);
		assert_noop!(lodge(unknown, &key_of(&ALICE)), Error::<Test>::UnknownChannel);
		let signature = sign(&good, &key_of(&ALICE));
		let call = Call::checkpoint { voucher: good, signature };
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
	});
}

#[test]
fn takes_the_old_key_as_long_as_it_counts() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(replace_key(id, 1));
		System::set_block_number(2 * WINDOW);
		assert_ok!(lodge(voucher(id, UFR, 1, UFR), &key_of(&ALICE)));
		System::set_block_number(2 * WINDOW + 1);
		let late = voucher(id, 2 * UFR, 2, 2 * UFR);
		assert_noop!(lodge(late.clone(), &key_of(&ALICE)), Error::<Test>::BadSignature);
		assert_ok!(lodge(late, &nth_key(&ALICE, 1)));
	});
}

#[test]
fn settling_takes_from_the_reserve() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(lodge(voucher(id, 40 * UFR, 8, 40 * UFR), &key_of(&ALICE)));
		// With another voucher than the one lodged.
		assert_ok!(settle(&OMAR, &[claim(id, V0, 4, 15 * UFR)]));
		assert_eq!(channel(id).reserved, 25 * UFR);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 9, 60 * UFR)]));
		assert_eq!(channel(id).reserved, 0);
		assert_eq!(channel(id).escrow, 25 * UFR);
	});
}

#[test]
fn what_is_reserved_is_kept_for_a_further_window_and_then_returns() {
	ExtBuilder::default().build_and_execute(|| {
		let (channel_id, _) = after_the_window();
		assert_ok!(finalise(channel_id));
		let (returned, reserved, until) = (60 * UFR, 40 * UFR, 1 + 2 * WINDOW);
		assert_eq!(last_event(), Event::EscrowReturned { channel_id, returned, reserved, until });
		assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT - reserved, reserved));
		assert_eq!(channel(channel_id).escrow, reserved);

		for block in [1 + WINDOW, 2 * WINDOW] {
			System::set_block_number(block);
			assert_noop!(finalise(channel_id), Error::<Test>::Reserved);
		}
		System::set_block_number(until);
		assert_ok!(finalise(channel_id));
		assert_eq!(last_event(), Event::ChannelClosed { channel_id, returned: reserved });
		assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT, 0));
		assert_eq!(Channels::<Test>::iter().count(), 0);
	});
}

#[test]
fn everything_returns_at_once_after_both_windows() {
	ExtBuilder::default().build_and_execute(|| {
		let before = storage_keys();
		let (channel_id, _) = after_the_window();
		assert_eq!(storage_keys().len(), before.len() + 1);
		System::set_block_number(1 + 2 * WINDOW);
		assert_ok!(finalise(channel_id));
		assert_eq!(last_event(), Event::ChannelClosed { channel_id, returned: ESCROW });
		assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT, 0));
		assert_eq!(storage_keys(), before);
	});
}

#[test]
fn what_is_reserved_is_settled_in_the_further_window_and_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, voucher) = after_the_window();
		assert_ok!(finalise(id));
		System::set_block_number(2 * WINDOW);
		// A voucher that was never lodged promises more than is left.
		let more = claim(id, V0, 9, 40 * UFR + 1);
		assert_noop!(settle(&OMAR, &[more]), nothing(SkipReason::OverEscrow));
		let signature = sign(&voucher, &key_of(&ALICE));
		assert_ok!(settle(&OMAR, &[claim_on(&voucher, signature, 8, 40 * UFR)]));
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 16 * UFR);

		// Nothing is left to wait for, but for what others may challenge.
		assert_noop!(finalise(id), Error::<Test>::StillChallengeable);
		assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id: id }));
		assert_eq!((free(&ALICE), held(&ALICE)), (ENDOWMENT - 40 * UFR, 0));
		assert_eq!(Channels::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_part_of_the_reserve_can_be_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, voucher) = after_the_window();
		assert_ok!(finalise(id));
		let signature = sign(&voucher, &key_of(&ALICE));
		assert_ok!(settle(&OMAR, &[claim_on(&voucher, signature, 3, 30 * UFR)]));
		assert_eq!((channel(id).escrow, channel(id).reserved), (10 * UFR, 10 * UFR));
		assert_noop!(finalise(id), Error::<Test>::Reserved);
		System::set_block_number(1 + 2 * WINDOW);
		assert_ok!(finalise(id));
		assert_eq!(free(&ALICE), ENDOWMENT - 30 * UFR);
	});
}

#[test]
fn can_be_lodged_until_the_channel_is_finalised() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id: id }));
		System::set_block_number(1 + WINDOW);
		assert_ok!(lodge(voucher(id, 40 * UFR, 8, 40 * UFR), &key_of(&ALICE)));
		assert_ok!(finalise(id));
		assert_eq!(free(&ALICE), ENDOWMENT - 40 * UFR);
		// What has returned is not reserved again.
		assert_ok!(lodge(voucher(id, 90 * UFR, 9, 90 * UFR), &key_of(&ALICE)));
		assert_eq!(channel(id).reserved, 40 * UFR);
		System::set_block_number(1 + 2 * WINDOW);
		assert_ok!(finalise(id));
		assert_eq!(free(&ALICE), ENDOWMENT);
	});
}

#[test]
fn a_lodged_voucher_is_settled_though_its_key_was_replaced() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let lodged = voucher(id, 40 * UFR, 8, 40 * UFR);
		assert_ok!(lodge(lodged.clone(), &key_of(&ALICE)));
		let signature = sign(&lodged, &key_of(&ALICE));
		for n in 1..=2 {
			assert_ok!(replace_key(id, n));
			System::set_block_number(1 + 2 * WINDOW * n as u32);
		}
		// Another one that the same key signed is worth nothing.
		let other = voucher(id, 41 * UFR, 8, 40 * UFR);
		let claims = [claim_on(&other, sign(&other, &key_of(&ALICE)), 8, 40 * UFR)];
		assert_noop!(settle(&OMAR, &claims), nothing(SkipReason::BadSignature));
		assert_ok!(settle(&OMAR, &[claim_on(&lodged, signature, 8, 40 * UFR)]));
		assert_eq!(held(&ALICE), ESCROW - 40 * UFR);
	});
}
