//! Known attacks by those who leave: the consumer with what it owes, the oracle with more than it
//! served for. Numbered as in the project's catalogue of attacks.

use super::*;

fn request_close(channel_id: ChannelId) {
	assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
}

fn finalise(channel_id: ChannelId) -> DispatchResult {
	dispatch(&ALICE, Call::finalise_close { channel_id })
}

/// 9: the money is gone before the claim comes.
mod attack_9_withdrawal_before_the_claim {
	use super::*;

	#[test]
	fn while_the_oracle_is_down_for_longer_than_the_window() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let newest = voucher(id, 90 * UFR, 70, 85 * UFR);
			let signature = sign(&newest, &key_of(&ALICE));
			request_close(id);
			// Somebody watches, and has the voucher of the oracle.
			System::set_block_number(WINDOW);
			assert_ok!(lodge(newest.clone(), &key_of(&ALICE)));
			for block in WINDOW..=2 * WINDOW {
				System::set_block_number(block);
				let returned = finalise(id);
				// Only what no voucher covered, and only once.
				assert_eq!(returned.is_ok(), block == WINDOW + 1);
				assert!(held(&ALICE) >= 90 * UFR);
			}
			let owed = claim_on(&newest, signature, 72, 90 * UFR);
			assert_ok!(settle(&OMAR, &[owed]));
			assert_ok!(finalise(id));
			assert_eq!(free(&ALICE), ENDOWMENT - 90 * UFR);
		});
	}

	#[test]
	fn with_a_new_key_that_disowns_the_vouchers() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let newest = voucher(id, 90 * UFR, 70, 90 * UFR);
			let signature = sign(&newest, &key_of(&ALICE));
			// The key changes just before, so that it lapses within the closing window.
			assert_ok!(replace_key(id, 1));
			System::set_block_number(2);
			request_close(id);
			assert_ok!(lodge(newest.clone(), &key_of(&ALICE)));
			System::set_block_number(1 + 2 * WINDOW);
			assert_ok!(replace_key(id, 2));
			assert_ok!(finalise(id));
			assert_ok!(settle(&OMAR, &[claim_on(&newest, signature, 70, 90 * UFR)]));
			assert_eq!(free(&ALICE), ENDOWMENT - 90 * UFR);
		});
	}

	#[test]
	fn by_a_voucher_of_its_own_that_pushes_the_true_one_out() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			// Newer than any other by its numbers, and worth only what may be unacknowledged.
			let junk = voucher(id, Balance::MAX, u64::MAX, 0);
			assert_ok!(lodge(junk.clone(), &key_of(&ALICE)));
			assert_eq!(channel(id).reserved, MAX_UNACKED);
			let newest = voucher(id, 90 * UFR, 70, 90 * UFR);
			assert_ok!(lodge(newest, &key_of(&ALICE)));
			assert_eq!(channel(id).reserved, 90 * UFR);
			// Nor does it take its place afterwards.
			assert_noop!(lodge(junk, &key_of(&ALICE)), Error::<Test>::CoversNoMore);
			assert_eq!(channel(id).reserved, 90 * UFR);
		});
	}

	#[test]
	fn by_a_voucher_that_covers_more_and_that_no_claim_fits() {
		// One that accepts other totals than the receipts have, at once, at the end, or never.
		for (cap, ack_seq, ack_total) in
			[(99 * UFR, 0, 95 * UFR), (91 * UFR, 70, 91 * UFR), (91 * UFR, u64::MAX, 86 * UFR)]
		{
			ExtBuilder::default().build_and_execute(|| {
				let id = open(&ALICE, &OMAR);
				let newest = voucher(id, 90 * UFR, 70, 90 * UFR);
				let owed = claim_on(&newest, sign(&newest, &key_of(&ALICE)), 70, 90 * UFR);
				assert_ok!(lodge(newest, &key_of(&ALICE)));
				let useless = voucher(id, cap, ack_seq, ack_total);
				assert_ok!(lodge(useless.clone(), &key_of(&ALICE)));
				assert_ok!(replace_key(id, 1));
				request_close(id);
				// The oracle is down for the window and nearly all of the further one.
				System::set_block_number(2 * WINDOW);
				let misfit = claim_on(&useless, sign(&useless, &key_of(&ALICE)), 70, 90 * UFR);
				assert_noop!(settle(&OMAR, &[misfit]), nothing(SkipReason::AckMismatch));
				assert_ok!(settle(&OMAR, &[owed]));
				assert_eq!(held(&ALICE), ESCROW - 90 * UFR);
			});
		}
	}

	#[test]
	fn between_two_batches_of_one_block() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let first = settlement(&OMAR, &[claim(id, V0, 3, 40 * UFR)]);
			let mut between = channel(id);
			(between.settled_seq, between.settled_total) = (3, 40 * UFR);
			let rest = claim_after(&between, id, V0, 3, 60 * UFR);
			assert_ok!(dispatch(&OMAR, first));
			request_close(id);
			assert_ok!(settle(&OMAR, &[rest]));
			assert_eq!((held(&ALICE), channel(id).settled_seq), (0, 6));
			System::set_block_number(1 + WINDOW);
			assert_ok!(finalise(id));
			assert_eq!(free(&ALICE), ENDOWMENT - ESCROW);
		});
	}
}

/// 10: it is served on money that a reorganisation takes back.
mod attack_10_an_escrow_that_was_undone {
	use super::*;

	#[test]
	fn costs_its_own_claim_and_no_other() {
		ExtBuilder::default().build_and_execute(|| {
			let (gone, short, sound) =
				(open(&ALICE, &OMAR), open(&BOB, &OMAR), open(&CAROL, &OMAR));
			assert_ok!(dispatch(&BOB, Call::top_up { channel_id: short, amount: 20 * UFR }));
			let claims = [
				claim(gone, V0, 1, 10 * UFR),
				claim(short, V0, 1, ESCROW + 20 * UFR),
				claim(sound, V0, 1, 10 * UFR),
			];
			// On the chain that prevails neither the first channel nor the top-up exists.
			assert_ok!(dispatch(&OMAR, agreement(gone, &key_of(&ALICE))));
			assert_ok!(Pallet::<Test>::give_back(&BOB, 20 * UFR));
			Channels::<Test>::mutate(short, |channel| {
				channel.as_mut().unwrap().escrow -= 20 * UFR;
			});
			assert_ok!(settle(&OMAR, &claims));
			assert_eq!(skipped(), [(0, SkipReason::UnknownChannel), (1, SkipReason::OverEscrow)]);
			assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 4 * UFR);
			// Once the top-up is there again, so is its claim.
			assert_ok!(dispatch(&BOB, Call::top_up { channel_id: short, amount: 20 * UFR }));
			assert_ok!(settle(&OMAR, &claims[1..2]));
			assert_eq!(held(&BOB), 0);
		});
	}
}

/// 11: whoever adds up the payments is down.
#[test]
fn attack_11_the_newest_voucher_alone_pays_for_all_requests() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		// All but the last of ten thousand vouchers are lost; anybody can lodge that one.
		let newest = voucher(id, 80 * UFR, 10_000, 80 * UFR);
		assert_ok!(lodge(newest.clone(), &key_of(&ALICE)));
		let signature = sign(&newest, &key_of(&ALICE));
		assert_ok!(settle(&OMAR, &[claim_on(&newest, signature, 10_000, 80 * UFR)]));
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 32 * UFR);
	});
}

/// 12: clocks that disagree lose receipts.
#[test]
fn attack_12_receipts_are_settled_in_their_order_at_any_time() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		for (block, serve_until) in [(5, 900), (900, 3), (4_000, 0), (4_000, u32::MAX)] {
			System::set_block_number(block);
			let claim = with_voucher(claim(id, V0, 2, UFR), |voucher| {
				voucher.serve_until = serve_until;
			});
			assert_ok!(settle(&OMAR, &[claim]));
		}
		assert_eq!(channel(id).settled_seq, 8);
	});
}

/// 28: a settlement is kept out of blocks for as long as the window.
#[test]
fn attack_28_censorship_for_a_whole_window_takes_nothing_that_is_lodged() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let newest = voucher(id, 50 * UFR, 9, 50 * UFR);
		let signature = sign(&newest, &key_of(&ALICE));
		let batch = settlement(&OMAR, &[claim_on(&newest, signature, 9, 50 * UFR)]);
		assert_ok!(lodge(newest, &key_of(&ALICE)));
		request_close(id);
		System::set_block_number(2 * WINDOW);
		assert_ok!(finalise(id));
		// The same bytes as on the first day.
		assert_ok!(dispatch(&OMAR, batch));
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 20 * UFR);
	});
}

/// 2: the oracle takes more than it served for.
mod attack_2_an_oracle_that_leaves {
	use super::*;

	#[test]
	fn gains_nothing_by_a_checkpoint() {
		ExtBuilder::default().build_and_execute(|| {
			// A reserve is not a payment: the voucher says as before what may be charged.
			let id = open(&ALICE, &OMAR);
			let newest = voucher(id, ESCROW, 5, 10 * UFR);
			assert_ok!(lodge(newest.clone(), &key_of(&ALICE)));
			let signature = sign(&newest, &key_of(&ALICE));
			let greedy = claim_on(&newest, signature, 6, 10 * UFR + MAX_UNACKED + 1);
			assert_noop!(settle(&OMAR, &[greedy]), nothing(SkipReason::Unacknowledged));
			let altered = Claim {
				voucher: ClaimVoucher {
					ack_total: 11 * UFR,
					..claim_on(&newest, signature, 6, 0).voucher
				},
				..claim_on(&newest, signature, 5, 11 * UFR)
			};
			assert_noop!(settle(&OMAR, &[altered]), nothing(SkipReason::BadSignature));
			assert_eq!(held(&ALICE), ESCROW);
		});
	}

	#[test]
	fn cannot_close_with_what_was_agreed_before_it_settled_more() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let early = agreement(id, &key_of(&ALICE));
			assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
			assert_noop!(dispatch(&OMAR, early), Error::<Test>::NotSettled);
		});
	}

	#[test]
	fn cannot_settle_a_channel_that_is_closed() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let late = claim(id, V0, 1, UFR);
			let lodged = voucher(id, 50 * UFR, 9, 50 * UFR);
			assert_ok!(lodge(lodged.clone(), &key_of(&ALICE)));
			assert_ok!(dispatch(&OMAR, agreement(id, &key_of(&ALICE))));
			assert_noop!(settle(&OMAR, &[late]), nothing(SkipReason::UnknownChannel));
			let again = lodge(lodged, &key_of(&ALICE));
			assert_noop!(again, Error::<Test>::UnknownChannel);
			assert_eq!(free(&ALICE), ENDOWMENT);
		});
	}
}

/// 5: a stolen key.
#[test]
fn attack_5_a_stolen_channel_key_is_worthless_two_windows_after_it_was_replaced() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(replace_key(id, 1));
		System::set_block_number(1 + 2 * WINDOW);
		let stolen = key_of(&ALICE);
		let forged = voucher(id, ESCROW, 9, ESCROW);
		assert_noop!(lodge(forged, &stolen), Error::<Test>::BadSignature);
		assert_noop!(settle(&OMAR, &[claim(id, V0, 9, ESCROW)]), nothing(SkipReason::BadSignature));
		assert_noop!(dispatch(&OMAR, agreement(id, &stolen)), Error::<Test>::BadSignature);
	});
}
