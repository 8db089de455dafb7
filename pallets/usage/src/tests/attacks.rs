//! Known attacks on payment for use, each lost by the attacker. Numbered as in the project's
//! catalogue of attacks; those on a channel that closes are in `attacks_closing`.

use super::*;
use codec::{Decode, Encode};
use frame_support::{traits::ConstU32, BoundedVec};
use usufruct_primitives::{settlement::MAX_CLAIMS, traits::OnEpochClose};

/// What the oracle could collect, and what the consumer has left in its channel.
fn stakes(oracle: &AccountId32, id: ChannelId) -> (Balance, Balance) {
	(OracleBooks::<Test>::get(oracle).credit, channel(id).escrow)
}

/// 3: a receipt is settled twice.
mod attack_3_double_settlement {
	use super::*;

	#[test]
	fn of_a_batch() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let call = settlement(&OMAR, &[claim(id, V0, 3, 10 * UFR)]);
			assert_ok!(dispatch(&OMAR, call.clone()));
			let before = stakes(&OMAR, id);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::BatchSettled);
			assert_eq!(stakes(&OMAR, id), before);
		});
	}

	#[test]
	fn of_a_claim_in_the_next_batch() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let claims = [claim(id, V0, 3, 10 * UFR)];
			assert_ok!(settle(&OMAR, &claims));
			assert_noop!(settle(&OMAR, &claims), nothing(SkipReason::SequenceGap));
		});
	}

	#[test]
	fn of_a_claim_twice_in_one_batch() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let twice = [claim(id, V0, 3, 10 * UFR), claim(id, V0, 3, 10 * UFR)];
			assert_noop!(settle(&OMAR, &twice), Error::<Test>::ClaimsOverlap);
			// Nor if the second is for a part of it, or another channel's stands between.
			let apart = claim(open(&BOB, &OMAR), V0, 3, UFR);
			let part = Claim { from_seq: 3, total_before: 9 * UFR, ..twice[1].clone() };
			let claims = [twice[0].clone(), apart.clone(), part];
			assert_noop!(settle(&OMAR, &claims), Error::<Test>::ClaimsOverlap);
			assert_ok!(settle(&OMAR, &[twice[0].clone(), apart]));
			assert_eq!(channel(id).escrow, ESCROW - 10 * UFR);
		});
	}

	#[test]
	fn of_receipts_that_overlap_what_is_settled() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 3, 10 * UFR)]));
			let mut overlap = claim(id, V0, 3, 10 * UFR);
			overlap.from_seq = 3;
			assert_noop!(settle(&OMAR, &[overlap]), nothing(SkipReason::SequenceGap));
		});
	}

	#[test]
	fn of_money_under_new_sequence_numbers() {
		// The receipts are "new", the money is what the voucher has paid before.
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let first = claim(id, V0, 3, 10 * UFR);
			let voucher = first.voucher.clone();
			assert_ok!(settle(&OMAR, &[first]));
			let again = Claim { voucher: voucher.clone(), ..claim(id, V0, 3, 10 * UFR) };
			assert_noop!(settle(&OMAR, std::slice::from_ref(&again)), nothing(SkipReason::OverCap));
			let rebased = Claim { total_before: 0, total_after: 10 * UFR, ..again };
			assert_noop!(settle(&OMAR, &[rebased]), nothing(SkipReason::TotalMismatch));
		});
	}
}

/// 5: a voucher is used where it was not given.
mod attack_5_replay_of_a_voucher {
	use super::*;

	#[test]
	fn of_another_chain() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let foreign = signed_on(claim(id, V0, 3, UFR), &key_of(&ALICE), &[0x48; 32]);
			assert_noop!(settle(&OMAR, &[foreign]), nothing(SkipReason::BadSignature));
		});
	}

	#[test]
	fn of_another_channel_with_the_same_key() {
		ExtBuilder::default().build_and_execute(|| {
			let (id, other) = (open(&ALICE, &OMAR), open(&ALICE, &OMAR));
			let voucher = claim(id, V0, 3, UFR).voucher;
			let replayed = Claim { voucher, ..claim(other, V0, 3, UFR) };
			assert_noop!(settle(&OMAR, &[replayed]), nothing(SkipReason::BadSignature));
		});
	}

	#[test]
	fn of_a_channel_that_was_closed_and_opened_again() {
		ExtBuilder::default().build_and_execute(|| {
			let channel_id = open(&ALICE, &OMAR);
			let old = claim(channel_id, V0, 3, UFR);
			assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
			System::set_block_number(1 + WINDOW);
			assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));

			let again = open(&ALICE, &OMAR);
			assert!(again != channel_id);
			assert_noop!(
				settle(&OMAR, std::slice::from_ref(&old)),
				nothing(SkipReason::UnknownChannel)
			);
			let moved = Claim { channel_id: again, ..old };
			assert_noop!(settle(&OMAR, &[moved]), nothing(SkipReason::BadSignature));
			assert_eq!(stakes(&OMAR, again), (0, ESCROW));
		});
	}

	#[test]
	fn as_something_else_the_key_signed() {
		// A closing over the same channel is signed by the same key, in another domain.
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let mut other = claim(id, V0, 1, UFR);
			let closing = usufruct_primitives::usage::Closing {
				channel_id: id,
				final_seq: 1,
				final_total: UFR,
			};
			let signature = key_of(&ALICE).sign(&closing.digest(&GENESIS));
			other.voucher.signature = signature.to_bytes();
			assert_noop!(settle(&OMAR, &[other]), nothing(SkipReason::BadSignature));
		});
	}
}

/// 6: one resource is asked for, and another is charged.
#[test]
fn attack_6_a_voucher_for_one_model_does_not_pay_for_another() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let dearer = claim(id, OTHER_V, 3, UFR);
		assert_noop!(settle(&OMAR, &[dearer]), nothing(SkipReason::WrongModel));
		assert_eq!(revenue(OTHER_V), 0);
	});
}

/// 2: receipts are invented within the cap.
mod attack_2_reuse_of_a_voucher {
	use super::*;

	#[test]
	fn never_pays_more_than_its_cap_in_however_many_batches() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let voucher = with_voucher(claim(id, V0, 1, 3 * UFR), |voucher| {
				(voucher.ack_seq, voucher.ack_total) = (0, 0);
			})
			.voucher;
			for _ in 0..3 {
				let more = Claim { voucher: voucher.clone(), ..claim(id, V0, 1, UFR) };
				assert_ok!(settle(&OMAR, &[more]));
			}
			let more = Claim { voucher, ..claim(id, V0, 1, 1) };
			assert_noop!(settle(&OMAR, &[more]), nothing(SkipReason::OverCap));
			assert_eq!(channel(id).settled_total, 3 * UFR);
		});
	}

	#[test]
	fn by_another_oracle_pays_nothing() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let hers = open(&ALICE, &OLGA);
			let his = claim(id, V0, 1, UFR);
			assert_noop!(
				settle(&OLGA, std::slice::from_ref(&his)),
				nothing(SkipReason::NotYourChannel)
			);
			let moved = Claim { channel_id: hers, ..his };
			assert_noop!(settle(&OLGA, &[moved]), nothing(SkipReason::BadSignature));
			assert_eq!(stakes(&OLGA, hers), (0, ESCROW));
		});
	}

	#[test]
	fn a_silent_consumer_loses_at_most_max_unacked() {
		// The oracle invents receipts after the last one the consumer accepted.
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let voucher = with_voucher(claim(id, V0, 5, 10 * UFR), |voucher| {
				voucher.cap = ESCROW;
			})
			.voucher;
			let greedy =
				Claim { voucher: voucher.clone(), ..claim(id, V0, 6, 10 * UFR + MAX_UNACKED + 1) };
			assert_noop!(settle(&OMAR, &[greedy]), nothing(SkipReason::Unacknowledged));
			let most =
				Claim { voucher: voucher.clone(), ..claim(id, V0, 6, 10 * UFR + MAX_UNACKED) };
			assert_ok!(settle(&OMAR, &[most]));
			let more = Claim { voucher, ..claim(id, V0, 1, 1) };
			assert_noop!(settle(&OMAR, &[more]), nothing(SkipReason::Unacknowledged));
			assert_eq!(channel(id).settled_total, 10 * UFR + MAX_UNACKED);
		});
	}
}

/// 7: one voucher is used for two requests at the same time. The oracle's part of the defence is in its
/// own program; here one voucher pays up to its cap once, however it is brought.
#[test]
fn attack_7_one_voucher_in_two_claims_of_a_batch_pays_up_to_its_cap_once() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let first = with_voucher(claim(id, V0, 1, 3 * UFR), |voucher| {
			(voucher.ack_seq, voucher.ack_total) = (0, 0);
		});
		// The same voucher for a second receipt: in its place, and behind it.
		let beside = [first.clone(), first.clone()];
		assert_noop!(settle(&OMAR, &beside), Error::<Test>::ClaimsOverlap);
		let behind = Claim {
			from_seq: 2,
			to_seq: 2,
			total_before: 3 * UFR,
			total_after: 6 * UFR,
			..first.clone()
		};
		assert_ok!(settle(&OMAR, &[first, behind]));
		assert_eq!(skipped(), [(1, SkipReason::OverCap)]);
		assert_eq!(channel(id).settled_total, 3 * UFR);
	});
}

/// 8: one pool is promised to many oracles.
#[test]
fn attack_8_one_escrow_does_not_back_two_oracles() {
	ExtBuilder::default().build_and_execute(|| {
		let his = open_with(&ALICE, &OMAR, 10 * UFR);
		let hers = open_with(&ALICE, &OLGA, 10 * UFR);
		// Both are on hold in one account; what one oracle is promised too much is not the other's.
		let greedy = claim(his, V0, 1, 10 * UFR + 1);
		assert_noop!(settle(&OMAR, &[greedy]), nothing(SkipReason::OverEscrow));
		assert_ok!(settle(&OMAR, &[claim(his, V0, 1, 10 * UFR)]));
		assert_ok!(settle(&OLGA, &[claim(hers, V0, 1, 10 * UFR)]));
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 4 * UFR);
		assert_eq!(OracleBooks::<Test>::get(OLGA).credit, 4 * UFR);
	});
}

/// 9: the money is gone before the claim comes. More in `attacks_closing`.
mod attack_9_withdrawal_before_the_claim {
	use super::*;

	#[test]
	fn is_stopped_by_the_window() {
		ExtBuilder::default().build_and_execute(|| {
			let channel_id = open(&ALICE, &OMAR);
			let served = claim(channel_id, V0, 1, 90 * UFR);
			assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
			for block in [1, WINDOW / 2, WINDOW] {
				System::set_block_number(block);
				let call = Call::finalise_close { channel_id };
				assert_noop!(dispatch(&ALICE, call), Error::<Test>::WindowOpen);
			}
			// In the very last block.
			assert_ok!(settle(&OMAR, &[served]));
			System::set_block_number(WINDOW + 1);
			assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
			assert_eq!(free(&ALICE), ENDOWMENT - 90 * UFR);
		});
	}

	#[test]
	fn cannot_be_done_by_spending_what_is_on_hold() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open_with(&ALICE, &OMAR, ENDOWMENT - 2 * ED);
			assert!(give(&ALICE, &BOB, 2 * ED + 1).is_err());
			assert!(give(&ALICE, &BOB, 2 * ED).is_err());
			assert_ok!(give(&ALICE, &BOB, ED));
			assert_ok!(settle(&OMAR, &[claim(id, V0, 1, ENDOWMENT - 2 * ED)]));
			assert_eq!(free(&ALICE), ED);
		});
	}
}

/// 10: a claim that fails takes others with it.
#[test]
fn attack_10_one_bad_claim_of_each_kind_blocks_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		let good = [ALICE, BOB, CAROL].map(|who| claim(open(&who, &OMAR), V0, 1, UFR));
		let fresh = |change: fn(&mut Claim)| {
			let mut bad = claim(open_with(&CAROL, &OMAR, 10 * UFR), V0, 2, UFR);
			change(&mut bad);
			bad
		};
		let foreign = claim(open_with(&CAROL, &OLGA, 10 * UFR), V0, 2, UFR);
		let empty = with_voucher(fresh(|_| ()), |voucher| voucher.cap = 0);
		let denied = with_voucher(fresh(|_| ()), |voucher| voucher.ack_total = 0);
		let risky =
			with_voucher(claim(open_with(&CAROL, &OMAR, 10 * UFR), V0, 2, 6 * UFR), |voucher| {
				(voucher.ack_seq, voucher.ack_total) = (0, 0);
			});
		let huge = claim(open_with(&CAROL, &OMAR, 10 * UFR), V0, 2, 10 * UFR + 1);
		let claims = [
			fresh(|bad| bad.channel_id = [0xcc; 32]),
			foreign,
			good[0].clone(),
			fresh(|bad| bad.from_seq = 2),
			fresh(|bad| bad.total_before = 1),
			empty,
			huge,
			good[1].clone(),
			denied,
			risky,
			fresh(|bad| bad.model_version = OTHER_V),
			fresh(|bad| bad.voucher.signature = [0; 64]),
			good[2].clone(),
		];
		let before = held(&CAROL);
		assert_ok!(settle(&OMAR, &claims));
		assert_eq!(
			skipped(),
			[
				(0, SkipReason::UnknownChannel),
				(1, SkipReason::NotYourChannel),
				(3, SkipReason::SequenceGap),
				(4, SkipReason::TotalMismatch),
				(5, SkipReason::OverCap),
				(6, SkipReason::OverEscrow),
				(8, SkipReason::AckMismatch),
				(9, SkipReason::Unacknowledged),
				(10, SkipReason::WrongModel),
				(11, SkipReason::BadSignature),
			]
		);
		assert_eq!((held(&ALICE), held(&BOB)), (ESCROW - UFR, ESCROW - UFR));
		assert_eq!(held(&CAROL), before - UFR);
		assert_eq!(Batches::<Test>::get(OMAR, 0).unwrap().accepted_total, 3 * UFR);
	});
}

/// 22: cheap calls that are dear for others.
mod attack_22_spam {
	use super::*;

	#[test]
	fn of_claims_is_bounded_and_paid_for() {
		ExtBuilder::default().build_and_execute(|| {
			let one = claim(open(&ALICE, &OMAR), V0, 1, UFR);
			let many = vec![one; MAX_CLAIMS as usize + 1];
			let bytes = many.encode();
			let decoded = BoundedVec::<Claim, ConstU32<MAX_CLAIMS>>::decode(&mut &bytes[..]);
			assert!(decoded.is_err());
			// A batch of nothing but bad claims takes no number and leaves no record.
			let mut bad = vec![claim_of_nobody(); MAX_CLAIMS as usize];
			assert_noop!(settle(&OMAR, &bad), Error::<Test>::ClaimsOverlap);
			for (nth, claim) in bad.iter_mut().enumerate() {
				claim.channel_id[0] = nth as u8;
			}
			assert_noop!(settle(&OMAR, &bad), nothing(SkipReason::UnknownChannel));
			assert_eq!(Batches::<Test>::iter().count(), 0);
		});
	}

	fn claim_of_nobody() -> Claim {
		Claim { channel_id: [0xee; 32], ..claim(open_once(), V0, 1, UFR) }
	}

	/// A channel of Bob's, opened once.
	fn open_once() -> ChannelId {
		let first = usage_channel_id(&BOB, &OMAR, MODEL, 0);
		if Channels::<Test>::contains_key(first) {
			first
		} else {
			open(&BOB, &OMAR)
		}
	}

	#[test]
	fn of_requests_to_close_or_flush_by_others_changes_nothing() {
		ExtBuilder::default().build_and_execute(|| {
			let channel_id = open(&ALICE, &OMAR);
			let call = Call::request_close { channel_id };
			assert_noop!(dispatch(&BOB, call), Error::<Test>::NotConsumer);
			assert_noop!(dispatch(&BOB, Call::flush {}), Error::<Test>::NothingToFlush);
		});
	}
}

/// 28: a settlement is kept out, undone or repeated.
#[test]
fn attack_28_the_same_bytes_again_after_a_reorganisation_settle_exactly_once() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let first = settlement(&OMAR, &[claim(id, V0, 3, UFR)]);
		let mut between = channel(id);
		(between.settled_seq, between.settled_total) = (3, UFR);
		let next = claim_after(&between, id, V0, 2, 2 * UFR);
		let second = numbered_settlement(1, 2 * UFR, 2, &[next]);

		// Out of order, repeatedly, and censored for a while: each counts once.
		assert_noop!(dispatch(&OMAR, second.clone()), Error::<Test>::BatchTooEarly);
		System::set_block_number(WINDOW);
		assert_ok!(dispatch(&OMAR, first.clone()));
		assert_noop!(dispatch(&OMAR, first.clone()), Error::<Test>::BatchSettled);
		assert_ok!(dispatch(&OMAR, second.clone()));
		for call in [first, second] {
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::BatchSettled);
		}
		assert_eq!(channel(id).settled_total, 3 * UFR);
		assert_eq!(channel(id).settled_seq, 5);
	});
}

/// 28: a settlement is refused, then too late for the first window of a closing channel, and is
/// settled at last with the same bytes.
#[test]
fn attack_28_a_batch_that_was_refused_is_settled_later_with_the_same_bytes() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = open(&ALICE, &OMAR);
		let call = settlement(&OMAR, &[claim(channel_id, V0, 3, 10 * UFR)]);
		memory::Limits::insert(OMAR, 0);
		assert_noop!(dispatch(&OMAR, call.clone()), nothing(SkipReason::OverLimit));
		memory::Limits::remove(OMAR);
		memory::Bonds::insert(OMAR, (true, UFR));
		assert_noop!(dispatch(&OMAR, call.clone()), nothing(SkipReason::BondShort));
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		// Nobody else can bring it: not its consumer, not another oracle.
		memory::Bonds::insert(OMAR, (false, BOND));
		assert_noop!(dispatch(&ALICE, call.clone()), Error::<Test>::NotAnOracle);
		assert_noop!(dispatch(&OLGA, call.clone()), nothing(SkipReason::NotYourChannel));
		System::set_block_number(5 * WINDOW);
		assert_ok!(dispatch(&OMAR, call));
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 4 * UFR);
	});
}

/// An oracle that was slashed settles what it served honestly, as long as its bond covers it.
#[test]
fn a_slashed_oracle_settles_on_with_what_is_left_of_its_bond() {
	use super::fraud_world::{draft, serve_run};
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let other = claim(open(&BOB, &OMAR), V0, 1, UFR);
		let batch = draft(&serve_run(id, 3))
			.with_receipt(0, |receipt| receipt.meter = usufruct_primitives::Meter::Pixel)
			.settle(&OMAR);
		assert_ok!(dispatch(&BOB, batch.report_leaf(0)));
		assert!(batch.charge().slashed);
		// The channel stands where that batch has left it.
		assert_ok!(settle(&OMAR, &[other, claim(id, V0, 1, UFR)]));
		assert_eq!(skipped(), []);
		assert_eq!(OracleBooks::<Test>::get(OMAR).next_batch, 2);
		// Of everything there was.
		memory::Bonds::insert(OMAR, (false, 0));
		let claims = [claim(id, V0, 1, UFR)];
		assert_noop!(settle(&OMAR, &claims), nothing(SkipReason::BondShort));
		// What costs nothing needs no bond.
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 0)]));
	});
}

/// 29: sums that overflow.
mod attack_29_overflow {
	use super::*;

	#[test]
	fn of_the_total_is_no_way_around_the_sum() {
		ExtBuilder::default().build_and_execute(|| {
			let small = claim(open(&ALICE, &OMAR), V0, 1, UFR);
			let mut huge = claim(open(&BOB, &OMAR), V0, 1, UFR);
			huge.total_after = Balance::MAX;
			// Modulo 2^128 the two would be worth UFR - 1.
			let call = numbered_settlement(0, UFR - 1, 2, &[small, huge]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::TotalMismatch);
		});
	}

	#[test]
	fn of_the_count_is_no_way_around_the_number_of_receipts() {
		ExtBuilder::default().build_and_execute(|| {
			let small = claim(open(&ALICE, &OMAR), V0, 2, UFR);
			let mut huge = claim(open(&BOB, &OMAR), V0, 1, UFR);
			huge.to_seq = u64::MAX;
			let call = numbered_settlement(0, 2 * UFR, 1, &[small.clone(), huge.clone()]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::CountMismatch);
			huge.from_seq = 0;
			let call = numbered_settlement(0, 2 * UFR, 2, &[small, huge]);
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::CountMismatch);
		});
	}

	#[test]
	fn of_the_count_by_batches_of_two_to_the_32_receipts() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			for (receipts, count, error) in [
				(1u64 << 32, 0, Error::<Test>::InvalidCount),
				((1 << 32) - 1, u32::MAX, Error::InvalidCount),
				// As many modulo 2^32.
				((1 << 32) + 1, 1, Error::CountMismatch),
				((1 << 32) + (1 << 20), 1 << 20, Error::CountMismatch),
			] {
				let claims = [claim(id, V0, receipts, UFR)];
				let call = numbered_settlement(0, UFR, count, &claims);
				assert_noop!(dispatch(&OMAR, call), error);
			}
		});
	}

	#[test]
	fn of_what_a_checkpoint_covers_saturates_within_the_escrow() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let all = voucher(id, Balance::MAX, u64::MAX, Balance::MAX);
			assert_ok!(lodge(all, &key_of(&ALICE)));
			assert_eq!(channel(id).reserved, ESCROW);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 1, ESCROW)]));
			assert_eq!(channel(id).reserved, 0);
		});
	}

	#[test]
	fn of_what_may_be_unacknowledged_saturates() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			Channels::<Test>::mutate(id, |channel| {
				channel.as_mut().unwrap().max_unacked = Balance::MAX;
			});
			let claim = with_voucher(claim(id, V0, 2, 2 * UFR), |voucher| {
				(voucher.ack_seq, voucher.ack_total) = (1, UFR);
			});
			assert_ok!(settle(&OMAR, &[claim]));
			assert_eq!(channel(id).settled_total, 2 * UFR);
		});
	}
}

/// 30: many small amounts instead of a large one.
mod attack_30_rounding {
	use super::*;

	/// Everybody's part after all is moved.
	fn shares() -> [Balance; 5] {
		if Books::<Test>::get().due != PotParts::default() {
			assert_ok!(dispatch(&CAROL, Call::flush {}));
		}
		[
			free(&DIVIDEND) - ED,
			free(&COMMONS) - ED,
			free(&SECURITY) - ED,
			OracleBooks::<Test>::get(OMAR).credit,
			revenue(V0),
		]
	}

	#[test]
	fn a_thousand_batches_of_a_planck_divide_as_one_of_a_thousand() {
		let mut cut = [0; 5];
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			for _ in 0..1_000 {
				assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 1)]));
			}
			cut = shares();
		});
		ExtBuilder::default().build_and_execute(|| {
			settle_some(&ALICE, &OMAR, 1_000);
			assert_eq!(shares(), cut);
		});
		assert_eq!(cut, [200, 80, 20, 400, 300]);
	}

	#[test]
	fn nobody_gains_a_planck_by_the_size_of_batches() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let mut total = 0;
			// Sizes an oracle would choose if its own part were rounded up each time.
			for amount in [3, 1, 2, 3, 1, 7, 13, 3, 1, 999_983, 3, 1, 2] {
				assert_ok!(settle(&OMAR, &[claim(id, V0, 1, amount)]));
				total += amount;
				let exact = default_parts(total);
				assert_eq!(OracleBooks::<Test>::get(OMAR).credit, exact.oracle);
				assert_eq!(revenue(V0), exact.model);
				assert_eq!(Books::<Test>::get().due.dividend, exact.dividend);
				assert!(Books::<Test>::get().settled.dust() < 5);
			}
		});
	}
	#[test]
	fn nobody_escapes_damping_by_the_size_of_payments() {
		let pay = |amount| {
			let call = Call::pay_royalty { version: V0, amount, memo: Default::default() };
			assert_ok!(dispatch(&BOB, call));
		};
		let earned = |pieces: &[Balance]| {
			let mut earned = 0;
			ExtBuilder::default().build_and_execute(|| {
				ConcentrationFloor::set(&UFR);
				pay(UFR);
				Usage::on_epoch_close(0);
				let before = revenue(V0);
				pieces.iter().for_each(|amount| pay(*amount));
				earned = revenue(V0) - before;
			});
			earned
		};
		// 45 % of the half that is the model's is the dividend's.
		assert_eq!(earned(&[1_000]), 275);
		assert!(earned(&[1; 1_000]) <= 275);
		assert!(earned(&[7; 143]) <= 275);
		assert!(earned(&[2, 3, 5, 990]) <= 275);
	}
}

/// 19: somebody uses its own model at its own oracle, to look important.
mod attack_19_wash_use {
	use super::*;

	/// All that an account has, or can pull whenever it likes.
	fn wealth(who: &AccountId32) -> Balance {
		free(who) + held(who) + OracleBooks::<Test>::get(who).credit + revenue(V0)
	}

	#[test]
	fn costs_the_cut_every_time_and_earns_nothing() {
		ExtBuilder::default().build_and_execute(|| {
			// Consumer, oracle and the owner of the model in one.
			memory::Owners::insert(MODEL, OMAR);
			let id = open(&OMAR, &OMAR);
			let issued = Balances::total_issuance();
			for round in 1..=5 {
				let before = wealth(&OMAR);
				assert_ok!(settle(&OMAR, &[claim(id, V0, 100, 10 * UFR)]));
				assert_eq!(wealth(&OMAR), before - 3 * UFR);
				let due = Books::<Test>::get().due;
				assert_eq!(due.dividend + due.commons + due.security, round * 3 * UFR);
			}
			assert_eq!(Balances::total_issuance(), issued);
		});
	}

	#[test]
	fn costs_more_the_more_of_it_there_is() {
		ExtBuilder::default().build_and_execute(|| {
			ConcentrationFloor::set(&UFR);
			memory::Owners::insert(MODEL, OMAR);
			let id = open(&OMAR, &OMAR);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 100, 10 * UFR)]));
			Usage::on_epoch_close(0);
			let before = wealth(&OMAR);
			assert_ok!(settle(&OMAR, &[claim(id, V0, 100, 10 * UFR)]));
			// And 45 % of what the model earns.
			assert_eq!(wealth(&OMAR), before - 3 * UFR - 3 * UFR * 45 / 100);
		});
	}

	#[test]
	fn locks_bond_like_any_other() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&OMAR, &OMAR);
			memory::Bonds::insert(OMAR, (true, 15 * UFR - 1));
			let claims = [claim(id, V0, 1, 10 * UFR)];
			assert_noop!(settle(&OMAR, &claims), nothing(SkipReason::BondShort));
		});
	}
}
