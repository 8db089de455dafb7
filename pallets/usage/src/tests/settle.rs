//! `settle`.

use super::*;
use frame_support::{
	dispatch::{GetDispatchInfo, Pays},
	traits::{LockableCurrency, WithdrawReasons},
};
use usufruct_primitives::settlement::{claims_hash, MAX_CLAIMS, MAX_RECEIPTS};

#[test]
fn pays_a_claim_and_divides_it() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		System::set_block_number(33);
		let claims = [claim(id, V0, 1_000, 50 * UFR)];
		assert_ok!(settle(&OMAR, &claims));

		assert_eq!(free(&ALICE), ENDOWMENT - ESCROW);
		assert_eq!(held(&ALICE), ESCROW - 50 * UFR);
		let parts = Parts {
			dividend: 10 * UFR,
			commons: 4 * UFR,
			security: UFR,
			oracle: 20 * UFR,
			model: 15 * UFR,
		};
		assert_eq!(free(&MODELS), ED + parts.model);
		assert_eq!(revenue(V0), parts.model);
		assert_eq!(free(&settlement_account()), ED + 35 * UFR);
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, parts.oracle);
		let due =
			PotParts { dividend: parts.dividend, commons: parts.commons, security: parts.security };
		assert_eq!(Books::<Test>::get().due, due);
		assert_eq!(free(&OMAR), ENDOWMENT);
		assert_eq!(locked(&OMAR), 75 * UFR);

		let after = channel(id);
		assert_eq!((after.settled_seq, after.settled_total), (1_000, 50 * UFR));
		assert_eq!(after.escrow, ESCROW - 50 * UFR);
		let batch = Batch {
			root: ROOT,
			total: 50 * UFR,
			count: 1_000,
			accepted_total: 50 * UFR,
			block: 33,
			claims_hash: claims_hash(&claims, &[true]),
		};
		assert_eq!(Batches::<Test>::get(OMAR, 0), Some(batch));
		assert_eq!(OracleBooks::<Test>::get(OMAR).next_batch, 1);
		assert_eq!(
			last_event(),
			Event::Settled {
				oracle: OMAR,
				batch_no: 0,
				root: ROOT,
				count: 1_000,
				total: 50 * UFR,
				accepted_total: 50 * UFR,
				parts,
				skipped: Default::default(),
			}
		);
	});
}

#[test]
fn goes_on_where_the_last_batch_ended() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		for batch_no in 0..5 {
			assert_eq!(OracleBooks::<Test>::get(OMAR).next_batch, batch_no);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 3, UFR)]));
		}
		let after = channel(id);
		assert_eq!((after.settled_seq, after.settled_total), (15, 5 * UFR));
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 2 * UFR);
		assert_eq!(Batches::<Test>::iter_prefix(OMAR).count(), 5);
	});
}

#[test]
fn pays_claims_of_many_consumers_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let consumers = [ALICE, BOB, CAROL];
		let ids = consumers.clone().map(|who| open(&who, &OMAR));
		let claims: Vec<_> = ids
			.iter()
			.zip([UFR, 2 * UFR, 3 * UFR])
			.map(|(id, due)| claim(*id, V0, 4, due))
			.collect();
		assert_ok!(settle(&OMAR, &claims));
		for (who, paid) in consumers.iter().zip([UFR, 2 * UFR, 3 * UFR]) {
			assert_eq!(held(who), ESCROW - paid);
			assert_eq!(free(who), ENDOWMENT - ESCROW);
		}
		assert_eq!(revenue(V0), 6 * UFR * 3 / 10);
		assert_eq!(locked(&OMAR), 9 * UFR);
	});
}

#[test]
fn two_versions_of_one_channel_are_two_claims_in_order() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let first = claim(id, V0, 2, UFR);
		let mut between = channel(id);
		(between.settled_seq, between.settled_total) = (2, UFR);
		let second = claim_after(&between, id, V1, 3, 9 * UFR);
		// Both carry the newest voucher.
		let newest = second.voucher.clone();
		let first = Claim { voucher: newest, ..first };

		assert_ok!(settle(&OMAR, &[first, second]));
		assert_eq!(skipped(), []);
		assert_eq!(revenue(V0), 3 * UFR / 10);
		assert_eq!(revenue(V1), 27 * UFR / 10);
		assert_eq!(free(&MODELS), ED + 3 * UFR);
		assert_eq!(channel(id).settled_seq, 5);
		assert_eq!(held(&ALICE), ESCROW - 10 * UFR);
	});
}

#[test]
fn the_second_of_two_versions_is_not_paid_without_the_first() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, other) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
		let first = claim(id, OTHER_V, 2, UFR);
		let mut between = channel(id);
		(between.settled_seq, between.settled_total) = (2, UFR);
		let second = claim_after(&between, id, V1, 3, 9 * UFR);
		assert_ok!(settle(&OMAR, &[first, second, claim(other, V0, 1, UFR)]));
		assert_eq!(skipped(), [(0, SkipReason::WrongModel), (1, SkipReason::SequenceGap)]);
		assert_eq!(channel(id).settled_seq, 0);
		assert_eq!(held(&ALICE), ESCROW);
		assert_eq!(held(&BOB), ESCROW - UFR);
	});
}

#[test]
fn a_version_that_is_deprecated_is_still_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		memory::Versions::insert(V0, (MODEL, false));
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
		assert_eq!(revenue(V0), 3 * UFR / 10);
	});
}

#[test]
fn an_oracle_below_the_minimum_bond_still_settles() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		memory::Bonds::insert(OMAR, (false, 2 * UFR));
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
		assert_eq!(locked(&OMAR), 3 * UFR / 2);
	});
}

#[test]
fn receipts_without_a_price_are_settled_too() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 3, 0)]));
		assert_eq!(channel(id).settled_seq, 3);
		assert_eq!(held(&ALICE), ESCROW);
		assert_eq!(free(&settlement_account()), ED);
		assert_eq!(locked(&OMAR), 0);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
		assert_eq!(channel(id).settled_seq, 4);
	});
}

#[test]
fn a_closing_channel_is_settled_until_it_is_finalised() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		assert_ok!(settle(&OMAR, &[claim(channel_id, V0, 1, UFR)]));
		// Also after the window, as long as nobody finalised.
		System::set_block_number(5 + WINDOW);
		let late = claim(channel_id, V0, 1, UFR);
		let too_late = late.clone();
		assert_ok!(settle(&OMAR, &[late]));
		assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
		assert_noop!(settle(&OMAR, &[too_late]), nothing(SkipReason::UnknownChannel));
		assert_eq!(free(&ALICE), ENDOWMENT - 2 * UFR);
	});
}

#[test]
fn the_whole_escrow_can_be_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open_with(&ALICE, &OMAR, ENDOWMENT - ED);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, ENDOWMENT - ED)]));
		assert_eq!(channel(id).escrow, 0);
		assert_eq!(held(&ALICE), 0);
		assert_eq!(free(&ALICE), ED);
	});
}

#[test]
fn a_freeze_placed_later_does_not_keep_the_oracle_from_its_money() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		Balances::set_lock(*b"vesting_", &ALICE, ENDOWMENT, WithdrawReasons::all());
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 10 * UFR)]));
		assert_eq!(held(&ALICE), ESCROW - 10 * UFR);
	});
}

mod the_call_fails_if {
	use super::*;

	#[test]
	fn the_caller_is_no_registered_oracle() {
		ExtBuilder::default().build_and_execute(|| {
			let claims = [claim(open(&ALICE, &OMAR), V0, 1, UFR)];
			assert_noop!(settle(&BOB, &claims), Error::<Test>::NotAnOracle);
			memory::Bonds::remove(OMAR);
			assert_noop!(settle(&OMAR, &claims), Error::<Test>::NotAnOracle);
			let call = settlement(&OMAR, &claims);
			assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
		});
	}

	#[test]
	fn its_number_is_not_the_next_one() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let call = numbered_settlement(1, UFR, 1, &[claim(id, V0, 1, UFR)]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::BatchTooEarly);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
			let call = numbered_settlement(0, UFR, 1, &[claim(id, V0, 1, UFR)]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::BatchSettled);
		});
	}

	#[test]
	fn the_number_was_reset_by_registering_anew() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
			memory::Bonds::remove(OMAR);
			memory::Bonds::insert(OMAR, (true, BOND));
			let call = numbered_settlement(0, UFR, 1, &[claim(id, V0, 1, UFR)]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::BatchSettled);
		});
	}

	#[test]
	fn it_has_no_receipts_or_too_many() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let call = numbered_settlement(0, 0, 0, &[]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::InvalidCount);
			let most = u64::from(MAX_RECEIPTS);
			let call = settlement(&OMAR, &[claim(id, V0, most + 1, UFR)]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::InvalidCount);
			assert_ok!(settle(&OMAR, &[claim(id, V0, most, UFR)]));
		});
	}

	#[test]
	fn it_has_no_claims() {
		ExtBuilder::default().build_and_execute(|| {
			let call = numbered_settlement(0, 0, 1, &[]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::CountMismatch);
		});
	}

	#[test]
	fn the_claims_do_not_have_the_batchs_receipts() {
		ExtBuilder::default().build_and_execute(|| {
			let claims =
				[claim(open(&ALICE, &OMAR), V0, 2, UFR), claim(open(&BOB, &OMAR), V0, 3, UFR)];
			for count in [4, 6] {
				let call = numbered_settlement(0, 2 * UFR, count, &claims);
				assert_noop!(dispatch(&OMAR, call), Error::<Test>::CountMismatch);
			}
			let mut empty = claims;
			empty[0].to_seq = 0;
			let call = numbered_settlement(0, 2 * UFR, 3, &empty);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::CountMismatch);
		});
	}

	#[test]
	fn the_claims_do_not_add_up_to_its_total() {
		ExtBuilder::default().build_and_execute(|| {
			let claims =
				[claim(open(&ALICE, &OMAR), V0, 2, UFR), claim(open(&BOB, &OMAR), V0, 3, UFR)];
			for total in [2 * UFR - 1, 2 * UFR + 1] {
				let call = numbered_settlement(0, total, 5, &claims);
				assert_noop!(dispatch(&OMAR, call), Error::<Test>::TotalMismatch);
			}
			let mut falling = claims;
			falling[0].total_before = 2 * UFR;
			let call = numbered_settlement(0, UFR, 5, &falling);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::TotalMismatch);
		});
	}

	#[test]
	fn the_models_pot_cannot_be_paid() {
		ExtBuilder::default().without_pots().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			assert_noop!(settle(&OMAR, &[claim(id, V0, 1, ED)]), TokenError::BelowMinimum);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 1, UFR)]));
		});
	}
}

mod a_claim_is_skipped_if {
	use super::*;

	/// Settles `bad` between two good claims: it is skipped for `reason`, they are paid, and
	/// nothing of it happened.
	fn skips(bad: Claim, reason: SkipReason) {
		let (first, last) = (open(&BOB, &OMAR), open(&CAROL, &OMAR));
		let before = Channels::<Test>::get(bad.channel_id);
		let alice = (free(&ALICE), held(&ALICE));
		let claims = [claim(first, V0, 1, 2 * UFR), bad.clone(), claim(last, V0, 1, 3 * UFR)];
		assert_ok!(settle(&OMAR, &claims));

		assert_eq!(skipped(), [(1, reason)]);
		assert_eq!(Channels::<Test>::get(bad.channel_id), before);
		assert_eq!((free(&ALICE), held(&ALICE)), alice);
		assert_eq!(held(&BOB), ESCROW - 2 * UFR);
		assert_eq!(held(&CAROL), ESCROW - 3 * UFR);
		assert_eq!(revenue(V0), 15 * UFR / 10);
		assert_eq!(revenue(V1), 0);
		assert_eq!(free(&MODELS), ED + 15 * UFR / 10);
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 2 * UFR);
		assert_eq!(locked(&OMAR), 75 * UFR / 10);
		let batch = Batches::<Test>::get(OMAR, 0).unwrap();
		assert_eq!(batch.accepted_total, 5 * UFR);
		assert_eq!(batch.total, 5 * UFR + bad.amount().unwrap());
		assert_eq!(batch.claims_hash, claims_hash(&claims, &[true, false, true]));
		// Alone it is no settlement at all.
		let no = OracleBooks::<Test>::get(OMAR).next_batch;
		assert_noop!(settle(&OMAR, &[bad]), nothing(reason));
		assert_eq!(OracleBooks::<Test>::get(OMAR).next_batch, no);
	}

	/// [`skips`], for an honest claim of 4 receipts over 4 UFR that is `changed`.
	fn skips_changed(reason: SkipReason, change: impl FnOnce(&mut Claim)) {
		ExtBuilder::default().build_and_execute(|| {
			let mut bad = claim(open(&ALICE, &OMAR), V1, 4, 4 * UFR);
			change(&mut bad);
			skips(bad, reason);
		});
	}

	/// [`skips`], for one whose voucher the consumer signed with that change.
	fn skips_voucher(reason: SkipReason, change: impl FnOnce(&mut ClaimVoucher)) {
		skips_changed(reason, |bad| *bad = with_voucher(bad.clone(), change));
	}

	#[test]
	fn its_channel_is_unknown() {
		skips_changed(SkipReason::UnknownChannel, |bad| bad.channel_id = [3; 32]);
	}

	#[test]
	fn its_channel_is_another_oracles() {
		ExtBuilder::default().build_and_execute(|| {
			let bad = claim(open(&ALICE, &OLGA), V1, 4, 4 * UFR);
			skips(bad, SkipReason::NotYourChannel);
		});
	}

	#[test]
	fn its_version_is_unknown_or_another_models() {
		skips_changed(SkipReason::WrongModel, |bad| bad.model_version = OTHER_V);
		skips_changed(SkipReason::WrongModel, |bad| bad.model_version = 99);
	}

	#[test]
	fn it_leaves_out_a_receipt() {
		skips_changed(SkipReason::SequenceGap, |bad| bad.from_seq = 2);
	}

	#[test]
	fn it_begins_before_the_first_receipt() {
		skips_changed(SkipReason::SequenceGap, |bad| bad.from_seq = 0);
	}

	#[test]
	fn it_begins_with_another_total_than_is_settled() {
		skips_changed(SkipReason::TotalMismatch, |bad| bad.total_before = 1);
	}

	#[test]
	fn it_is_above_the_cap() {
		skips_voucher(SkipReason::OverCap, |voucher| voucher.cap -= 1);
	}

	#[test]
	fn it_is_above_the_escrow() {
		ExtBuilder::default().build_and_execute(|| {
			let bad = claim(open(&ALICE, &OMAR), V1, 4, ESCROW + 1);
			skips(bad, SkipReason::OverEscrow);
		});
	}

	#[test]
	fn it_is_for_fewer_receipts_and_more_than_was_accepted() {
		skips_voucher(SkipReason::AckMismatch, |voucher| {
			voucher.ack_seq = 5;
			voucher.ack_total = 4 * UFR - 1;
		});
	}

	#[test]
	fn it_is_for_the_accepted_receipts_and_not_what_was_accepted() {
		skips_voucher(SkipReason::AckMismatch, |voucher| voucher.ack_total -= 1);
		skips_voucher(SkipReason::AckMismatch, |voucher| {
			voucher.ack_total += 1;
			voucher.cap += 1;
		});
	}

	#[test]
	fn it_is_for_more_receipts_and_less_than_was_accepted() {
		skips_voucher(SkipReason::AckMismatch, |voucher| {
			voucher.ack_seq = 3;
			voucher.ack_total = 4 * UFR + 1;
			voucher.cap = 5 * UFR;
		});
	}

	#[test]
	fn more_than_max_unacked_is_not_accepted_by_the_consumer() {
		ExtBuilder::default().build_and_execute(|| {
			let honest = claim(open(&ALICE, &OMAR), V1, 4, 4 * UFR + MAX_UNACKED + 1);
			let bad = with_voucher(honest, |voucher| {
				voucher.ack_seq = 3;
				voucher.ack_total = 4 * UFR;
			});
			skips(bad, SkipReason::Unacknowledged);
		});
	}

	#[test]
	fn its_voucher_was_changed_after_it_was_signed() {
		skips_changed(SkipReason::BadSignature, |bad| bad.voucher.request_commit = [8; 32]);
		skips_changed(SkipReason::BadSignature, |bad| bad.voucher.serve_until += 1);
		skips_changed(SkipReason::BadSignature, |bad| bad.voucher.cap += 1);
		skips_changed(SkipReason::BadSignature, |bad| bad.voucher.signature[0] ^= 1);
		skips_changed(SkipReason::BadSignature, |bad| {
			// Within what may be unacknowledged, but not what the consumer signed.
			bad.voucher.ack_seq = 3;
		});
	}

	#[test]
	fn its_voucher_was_signed_by_another_key() {
		skips_changed(SkipReason::BadSignature, |bad| *bad = signed(bad.clone(), &key_of(&OMAR)));
	}

	#[test]
	fn it_is_over_what_the_operator_lets_be_settled() {
		ExtBuilder::default().build_and_execute(|| {
			// One planck too little for both.
			memory::Limits::insert(OMAR, 75 * UFR / 10 - 1);
			let good = claim(open(&ALICE, &OMAR), V1, 4, 2 * UFR);
			let bad = claim(open(&BOB, &OMAR), V0, 1, 3 * UFR);
			assert_ok!(settle(&OMAR, &[good, bad.clone()]));
			let Event::Settled { skipped, .. } = last_event() else { panic!("not settled") };
			let over = Skipped { index: 1, reason: SkipReason::OverLimit, missing: 1 };
			assert_eq!(skipped.into_inner(), [over]);
			assert_eq!((held(&BOB), locked(&OMAR)), (ESCROW, 3 * UFR));
			assert_noop!(settle(&OMAR, std::slice::from_ref(&bad)), nothing(SkipReason::OverLimit));
			memory::Limits::remove(OMAR);
			assert_ok!(settle(&OMAR, &[bad]));
		});
	}

	#[test]
	fn the_free_bond_does_not_cover_it() {
		ExtBuilder::default().build_and_execute(|| {
			// Enough for the two good claims and all but one planck of the third.
			memory::Bonds::insert(OMAR, (true, 75 * UFR / 10 + 6 * UFR - 1));
			let bad = claim(open(&ALICE, &OMAR), V1, 4, 4 * UFR);
			// First, so that the others find the bond as it was.
			let others = [open(&BOB, &OMAR), open(&CAROL, &OMAR)];
			let claims =
				[claim(others[0], V0, 1, 2 * UFR), claim(others[1], V0, 1, 3 * UFR), bad.clone()];
			assert_ok!(settle(&OMAR, &claims));
			assert_eq!(skipped(), [(2, SkipReason::BondShort)]);
			let Event::Settled { skipped, .. } = last_event() else { panic!("not settled") };
			assert_eq!(skipped[0], Skipped { index: 2, reason: SkipReason::BondShort, missing: 1 });
			assert_eq!(held(&ALICE), ESCROW);
			assert_eq!(locked(&OMAR), 75 * UFR / 10);
			assert_noop!(settle(&OMAR, std::slice::from_ref(&bad)), nothing(SkipReason::BondShort));

			memory::Bonds::insert(OMAR, (true, 6 * UFR));
			assert_ok!(settle(&OMAR, &[bad]));
			assert_eq!(held(&ALICE), ESCROW - 4 * UFR);
		});
	}

	#[test]
	fn its_revenue_cannot_be_booked_and_nothing_of_it_stays() {
		ExtBuilder::default().build_and_execute(|| {
			memory::Broken::put(V1);
			let bad = claim(open(&ALICE, &OMAR), V1, 4, 4 * UFR);
			skips(bad, SkipReason::PaymentFailed);
		});
	}

	#[test]
	fn its_money_is_not_on_hold() {
		ExtBuilder::default().build().execute_with(|| {
			// Cannot come to pass; but if it did, others would not be affected.
			let bad = claim(open(&ALICE, &OMAR), V1, 4, 4 * UFR);
			assert_ok!(Pallet::<Test>::give_back(&ALICE, ESCROW));
			skips(bad, SkipReason::PaymentFailed);
		});
	}

	#[test]
	fn the_ledger_is_full() {
		ExtBuilder::default().build().execute_with(|| {
			// More money than there can be would have to be settled first.
			Books::<Test>::mutate(|books| books.settled.total = Balance::MAX - 6 * UFR);
			let weights = CurrentSplit::<Test>::get().weights();
			Books::<Test>::mutate(|books| {
				let total = books.settled.total;
				books.settled = Default::default();
				books.settled.divide(total, &weights, PPM).unwrap();
			});
			let bad = claim(open(&ALICE, &OMAR), V1, 4, 7 * UFR);
			let good = claim(open(&BOB, &OMAR), V0, 1, UFR);
			assert_ok!(settle(&OMAR, &[bad, good]));
			assert_eq!(skipped(), [(0, SkipReason::PaymentFailed)]);
			assert_eq!(held(&ALICE), ESCROW);
			assert_eq!(held(&BOB), ESCROW - UFR);
		});
	}
}

mod a_claim_is_accepted_if {
	use super::*;

	fn accepts(receipts: u64, amount: Balance, change: impl FnOnce(&mut ClaimVoucher)) {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let claim = with_voucher(claim(id, V0, receipts, amount), change);
			assert_ok!(settle(&OMAR, &[claim]));
			assert_eq!(held(&ALICE), ESCROW - amount);
		});
	}

	#[test]
	fn the_consumer_accepted_more_than_it_claims() {
		accepts(4, 4 * UFR, |voucher| {
			voucher.ack_seq = 9;
			voucher.ack_total = 9 * UFR;
			voucher.cap = 9 * UFR;
		});
		// Later receipts were free.
		accepts(4, 4 * UFR, |voucher| voucher.ack_seq = 9);
	}

	#[test]
	fn exactly_max_unacked_is_not_accepted_by_the_consumer() {
		accepts(4, 4 * UFR + MAX_UNACKED, |voucher| {
			voucher.ack_seq = 3;
			voucher.ack_total = 4 * UFR;
		});
		accepts(1, MAX_UNACKED, |voucher| {
			voucher.ack_seq = 0;
			voucher.ack_total = 0;
		});
	}

	#[test]
	fn receipts_that_are_not_accepted_cost_nothing() {
		accepts(4, 4 * UFR, |voucher| voucher.ack_seq = 3);
	}

	#[test]
	fn the_cap_is_far_above() {
		accepts(1, UFR, |voucher| voucher.cap = Balance::MAX);
	}

	#[test]
	fn its_voucher_need_not_be_served_any_more() {
		accepts(1, UFR, |voucher| voucher.serve_until = 0);
	}
}

#[test]
fn what_was_skipped_is_claimed_again_later() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, other) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
		let bad = signed(claim(id, V0, 2, UFR), &key_of(&CAROL));
		assert_ok!(settle(&OMAR, &[bad.clone(), claim(other, V0, 1, UFR)]));
		assert_eq!(skipped(), [(0, SkipReason::BadSignature)]);
		assert_ok!(settle(&OMAR, &[signed(bad, &key_of(&ALICE))]));
		assert_eq!(held(&ALICE), ESCROW - UFR);
		assert_eq!(channel(id).settled_seq, 2);
	});
}

#[test]
fn a_run_that_is_empty_or_falls_is_never_payable() {
	// The call has refused these before, by the sums.
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let honest = claim(id, V0, 2, UFR);
		let mut empty = honest.clone();
		empty.to_seq = 0;
		assert_eq!(channel(id).payable(&OMAR, &empty), Err(SkipReason::SequenceGap));
		assert_ok!(settle(&OMAR, &[honest]));
		let mut falling = claim(id, V0, 2, UFR);
		falling.total_after = UFR - 1;
		assert_eq!(channel(id).payable(&OMAR, &falling), Err(SkipReason::TotalMismatch));
		let mut last = channel(id);
		last.settled_seq = u64::MAX;
		assert_eq!(last.payable(&OMAR, &falling), Err(SkipReason::SequenceGap));
	});
}

#[test]
fn the_fee_grows_with_claims_and_not_with_receipts() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = [ALICE, BOB, CAROL].map(|who| open(&who, &OMAR));
		let claims = ids.map(|id| claim(id, V0, 1, UFR));
		let many = ids.map(|id| claim(id, V0, 100_000, UFR));
		let info = |claims: &[Claim]| settlement(&OMAR, claims).get_dispatch_info();
		let cost = |claims: &[Claim]| info(claims).call_weight.ref_time();
		assert_eq!(cost(&claims), cost(&many));
		assert_eq!(cost(&claims) - cost(&claims[..2]), cost(&claims[..2]) - cost(&claims[..1]));
		assert!(cost(&claims[..2]) > cost(&claims[..1]));
		// Another version costs more than another claim for the same.
		let mut other = claims.clone();
		other[1].model_version = V1;
		assert!(cost(&other) > cost(&claims));
		assert_eq!(info(&claims).pays_fee, Pays::Yes);
	});
}

#[test]
fn a_batch_takes_as_many_claims_as_fit() {
	ExtBuilder::default().build_and_execute(|| {
		let ids: Vec<_> = (0..MAX_CLAIMS).map(|_| open_with(&ALICE, &OMAR, MIN_ESCROW)).collect();
		let claims: Vec<_> = ids.iter().map(|id| claim(*id, V0, 4_096, UFR / 2)).collect();
		assert_ok!(settle(&OMAR, &claims));
		assert_eq!(skipped(), []);
		assert_eq!(held(&ALICE), Balance::from(MAX_CLAIMS) * UFR / 2);
		assert_eq!(Batches::<Test>::get(OMAR, 0).unwrap().count, MAX_RECEIPTS);
	});
}
