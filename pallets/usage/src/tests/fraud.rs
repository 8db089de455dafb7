//! `report_double`, `report_leaf` and `report_pair`.

use super::{fraud_world::*, *};
use frame_support::dispatch::{GetDispatchInfo, Pays};
use usufruct_primitives::{
	tree::{Leaf, Node},
	usage::Receipt,
	Meter, Status,
};

/// Settles a batch of five requests in which the receipt at `index` is changed, and expects that
/// it alone convicts.
fn convicts(index: usize, change: impl FnOnce(&mut Receipt), expected: Fraud) {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().with_receipt(index, change).settle(&OMAR);
		assert_ok!(dispatch(&REPORTER, batch.report_leaf(index)));
		assert_eq!(verdict(), expected);
		assert_eq!(batch.charge(), Charge { slashed: true, demands: 0 });
	});
}

mod a_leaf {
	use super::*;

	#[test]
	fn of_an_honest_batch_breaks_no_rule() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = two_consumers().settle(&OMAR);
			for index in 0..7 {
				assert_noop!(dispatch(&REPORTER, batch.report_leaf(index)), Error::<Test>::NoFraud);
				let call = batch.report_shown(batch.shown_with_request(index), batch.proof(index));
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NoFraud);
			}
			assert_eq!(slashes(), []);
		});
	}

	#[test]
	fn that_breaks_a_rule_takes_the_lock_and_a_tenth_of_the_free_bond() {
		ExtBuilder::default().build_and_execute(|| {
			let draft = two_consumers();
			let of_alice = |leaf: &(Leaf, Receipt)| channel(leaf.1.channel_id).consumer == ALICE;
			let index = draft.leaves.iter().position(of_alice).unwrap();
			System::set_block_number(7);
			let batch = draft.with_receipt(index, |receipt| receipt.meter = Meter::Pixel);
			let batch = batch.settle(&OMAR);
			let accepted = 16 * PRICE;
			let (_, free_bond) = memory::Bonds::get(OMAR).unwrap();
			assert_eq!(free_bond, BOND - accepted * 3 / 2);

			assert_ok!(dispatch(&REPORTER, batch.report_leaf(index)));
			let taken = accepted * 3 / 2 + free_bond / 10;
			let slash = Slash {
				oracle: OMAR,
				settled_at: Some(7),
				kept: false,
				taken,
				lock: accepted * 3 / 2,
				consumer: Some((ALICE, 6 * PRICE)),
				reporter: Some((REPORTER, taken / 10)),
			};
			assert_eq!(slashes(), [slash]);
			assert_eq!(locked(&OMAR), 0);
			assert_eq!(memory::Bonds::get(OMAR).unwrap().1, free_bond - free_bond / 10);
			let receipt = batch.receipt(index);
			assert_eq!(
				last_event(),
				Event::OracleConvicted {
					oracle: OMAR,
					batch_no: Some(0),
					channel_id: receipt.channel_id,
					seq: receipt.seq,
					fraud: Fraud::WrongMeter,
					taken,
					consumer: Some(ALICE),
					to_consumer: 6 * PRICE,
					reporter: Some(REPORTER),
					to_reporter: taken / 10,
					to_dividend: taken - 6 * PRICE - taken / 10,
				}
			);
			// Only once, by whatever means.
			assert_noop!(dispatch(&BOB, batch.report_leaf(index)), Error::<Test>::BatchSlashed);
			assert_noop!(dispatch(&BOB, batch.report_pair(0, 1)), Error::<Test>::BatchSlashed);
			assert_noop!(dispatch(&BOB, batch.demand(0)), Error::<Test>::BatchSlashed);
		});
	}

	#[test]
	fn must_not_charge_other_than_units_times_price() {
		convicts(2, |receipt| receipt.units += 1, Fraud::NotUnitsTimesPrice);
		convicts(2, |receipt| receipt.unit_price -= 1, Fraud::NotUnitsTimesPrice);
		let overflow = |receipt: &mut Receipt| {
			(receipt.units, receipt.unit_price) = (u64::MAX, Balance::MAX);
		};
		convicts(2, overflow, Fraud::NotUnitsTimesPrice);
	}

	#[test]
	fn must_carry_the_amount_of_its_receipt() {
		ExtBuilder::default().build_and_execute(|| {
			let mut draft = one_consumer();
			draft.leaves[1].0.amount += 1;
			draft.leaves[2].0.amount -= 1;
			let batch = draft.settle(&OMAR);
			assert_noop!(dispatch(&REPORTER, batch.report_leaf(0)), Error::<Test>::NoFraud);
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(2)));
			assert_eq!(verdict(), Fraud::LeafAmount);
		});
	}

	#[test]
	fn must_not_charge_for_a_failed_request() {
		convicts(1, |receipt| receipt.status = Status::Failed, Fraud::FailedCharged);
		// Also if it comes to nothing.
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let first = serve(id, None, 1);
			let failed = serve_as(id, Some(&first.receipt), V0, 3, PRICE, Status::Failed);
			let honest = draft(&[first.clone(), failed.clone()]).settle(&OMAR);
			assert_noop!(dispatch(&REPORTER, honest.report_leaf(1)), Error::<Test>::NoFraud);
		});
	}

	#[test]
	fn must_have_a_total_of_its_amount_at_least() {
		convicts(2, |receipt| receipt.total = receipt.amount - 1, Fraud::TotalBelowAmount);
	}

	#[test]
	fn must_be_of_the_channels_model() {
		convicts(2, |receipt| receipt.model = OTHER_MODEL, Fraud::WrongModel);
		convicts(2, |receipt| receipt.model_version = OTHER_V, Fraud::WrongModel);
		convicts(2, |receipt| receipt.model_version = 99, Fraud::WrongModel);
		let both = |receipt: &mut Receipt| {
			(receipt.model, receipt.model_version) = (OTHER_MODEL, OTHER_V);
		};
		convicts(2, both, Fraud::WrongModel);
	}

	#[test]
	fn must_count_what_its_version_counts() {
		convicts(2, |receipt| receipt.meter = Meter::OutputToken, Fraud::WrongMeter);
	}

	#[test]
	fn must_not_be_below_both_floors() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let fine = || Error::<Test>::NoFraud;
			for floors in [(PRICE, PRICE + 1), (PRICE + 1, PRICE), (PRICE, PRICE)] {
				memory::Terms::insert(V0, (Meter::Request, floors.0, floors.1));
				assert_noop!(dispatch(&REPORTER, batch.report_leaf(0)), fine());
			}
			memory::Terms::insert(V0, (Meter::Request, PRICE + 1, PRICE + 2));
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(0)));
			assert_eq!(verdict(), Fraud::PriceBelowFloor);
		});
	}

	#[test]
	fn must_not_be_above_the_channels_price() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let dearest = serve_as(id, None, V0, 1, UFR, Status::Served);
			let batch = draft(&[dearest]).settle(&OMAR);
			assert_noop!(dispatch(&REPORTER, batch.report_leaf(0)), Error::<Test>::NoFraud);
			let dearer = serve_as(id, None, V0, 1, UFR + 1, Status::Served);
			let batch = draft(&[dearer]).settle(&OMAR);
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(0)));
			assert_eq!(verdict(), Fraud::PriceAboveMaximum);
		});
	}

	#[test]
	fn must_be_as_it_was_requested() {
		let cases: [fn(&mut usufruct_primitives::commitment::Request); 5] = [
			|request| request.max_units -= 2,
			|request| request.unit_price -= 1,
			|request| request.meter = Meter::Pixel,
			|request| request.model_version = V1,
			|request| request.channel_id = [1; 32],
		];
		for change in cases {
			ExtBuilder::default().build_and_execute(|| {
				let mut draft = one_consumer();
				change(&mut draft.served[2].request);
				let commit = draft.served[2].request.commit(&GENESIS);
				draft.served[2].voucher.request_commit = commit;
				let draft = draft.with_receipt(2, |receipt| receipt.request_commit = commit);
				let batch = draft.settle(&OMAR);
				assert_noop!(dispatch(&REPORTER, batch.report_leaf(2)), Error::<Test>::NoFraud);
				let call = batch.report_shown(batch.shown_with_request(2), batch.proof(2));
				assert_ok!(dispatch(&REPORTER, call));
				assert_eq!(verdict(), Fraud::NotAsRequested);
			});
		}
	}

	#[test]
	fn is_compared_with_no_other_request() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let SettledReceipt { receipt, amount, proof } = batch.settled(2);
			let request = Some(batch.draft.served[1].request.clone());
			let shown = ShownLeaf::Receipt { receipt, amount, request };
			let call = batch.report_shown(shown, proof);
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::WrongRequest);
		});
	}

	#[test]
	fn must_be_claimed() {
		convicts(2, |receipt| receipt.channel_id = [1; 32], Fraud::NotClaimed);
		convicts(4, |receipt| receipt.seq = 6, Fraud::NotClaimed);
		convicts(0, |receipt| receipt.seq = 0, Fraud::NotClaimed);
	}

	#[test]
	fn of_a_channel_that_never_was_gives_the_reporter_nothing() {
		ExtBuilder::default().build_and_execute(|| {
			let draft = one_consumer().with_receipt(2, |receipt| receipt.channel_id = [1; 32]);
			let batch = draft.settle(&OMAR);
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(2)));
			let slash = &slashes()[0];
			assert_eq!((&slash.consumer, &slash.reporter), (&None, &None));
			assert!(slash.taken > 0);
		});
	}

	#[test]
	fn must_be_of_the_version_that_is_claimed_for_it() {
		convicts(2, |receipt| receipt.model_version = V1, Fraud::NotOfClaimedVersion);
	}

	#[test]
	fn must_stand_where_its_number_puts_it() {
		convicts(2, |receipt| receipt.seq = 4, Fraud::OutOfPlace);
		ExtBuilder::default().build_and_execute(|| {
			let mut draft = two_consumers();
			draft.leaves.swap(0, 6);
			let batch = draft.settle(&OMAR);
			assert_noop!(dispatch(&REPORTER, batch.report_leaf(1)), Error::<Test>::NoFraud);
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(0)));
			assert_eq!(verdict(), Fraud::OutOfPlace);
		});
	}

	#[test]
	fn must_not_carry_more_than_its_claim() {
		for known in [true, false] {
			ExtBuilder::default().build_and_execute(|| {
				let (hers, his) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
				let first = serve(hers, None, 1);
				let second = serve(hers, Some(&first.receipt), 1);
				let mut draft = draft(&[first, second, serve(his, None, 10)]);
				let place = |id, seq| {
					let is = |leaf: &(Leaf, Receipt)| (leaf.1.channel_id, leaf.1.seq) == (id, seq);
					draft.leaves.iter().position(is).unwrap()
				};
				let (dear, cheap) = (place(hers, 2), place(his, 1));
				draft.leaves[cheap].0.amount -= 2 * PRICE;
				let batch = draft
					.with_receipt(dear, |receipt| {
						(receipt.units, receipt.amount) = (3, 3 * PRICE);
						receipt.total += 2 * PRICE;
					})
					.settle(&OMAR);
				let call = if known { batch.report_leaf(dear) } else { opaque(&batch, dear) };
				assert_ok!(dispatch(&REPORTER, call));
				assert_eq!(verdict(), Fraud::BeyondClaim);
			});
		}
	}

	/// `report_leaf` of a leaf whose receipt nobody knows.
	fn opaque(batch: &SettledBatch, index: usize) -> Call<Test> {
		let (leaf, Receipt { channel_id, seq, .. }) = batch.draft.leaves[index].clone();
		batch.report_shown(ShownLeaf::Opaque { channel_id, seq, leaf }, batch.proof(index))
	}

	#[test]
	fn without_a_receipt_must_carry_what_a_claim_of_one_is_about() {
		ExtBuilder::default().build_and_execute(|| {
			let (hers, his) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
			let two = || draft(&[serve(hers, None, 2), serve(his, None, 3)]);
			let mut hidden = two();
			hidden.leaves[0].0.digest = [1; 32];
			let batch = hidden.settle(&OMAR);
			assert_noop!(dispatch(&REPORTER, opaque(&batch, 0)), Error::<Test>::NoFraud);

			let mut shifted = two();
			shifted.leaves[0].0.amount -= 1;
			shifted.leaves[1].0.amount += 1;
			let batch = shifted.settle(&OMAR);
			assert_ok!(dispatch(&REPORTER, opaque(&batch, 0)));
			assert_eq!(verdict(), Fraud::BeyondClaim);
		});
	}

	#[test]
	fn without_a_receipt_must_be_named_for_its_place() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let (leaf, receipt) = batch.draft.leaves[1].clone();
			let shown = |channel_id, seq| {
				batch.report_shown(ShownLeaf::Opaque { channel_id, seq, leaf }, batch.proof(1))
			};
			let id = receipt.channel_id;
			for (call, error) in [
				(shown(id, 1), Error::<Test>::NotItsPlace),
				(shown(id, 3), Error::<Test>::NotItsPlace),
				(shown(id, 6), Error::<Test>::NotCovered),
				(shown([1; 32], 2), Error::<Test>::NotCovered),
				(shown(id, 2), Error::<Test>::NoFraud),
			] {
				assert_noop!(dispatch(&REPORTER, call), error);
			}
		});
	}

	#[test]
	fn must_begin_and_end_with_its_claim() {
		let shift = |receipt: &mut Receipt| receipt.total += 1;
		convicts(0, shift, Fraud::WrongTotalBefore);
		convicts(4, shift, Fraud::WrongTotalAfter);
		// In between it is for the neighbours to say.
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().with_receipt(2, shift).settle(&OMAR);
			assert_noop!(dispatch(&REPORTER, batch.report_leaf(2)), Error::<Test>::NoFraud);
			assert_ok!(dispatch(&REPORTER, batch.report_pair(2, 3)));
			assert_eq!(verdict(), Fraud::TotalsDoNotAdd);
		});
	}

	#[test]
	fn of_a_claim_that_was_skipped_is_judged_but_its_ends_are_not() {
		ExtBuilder::default().build_and_execute(|| {
			let draft = two_consumers();
			let skipped = draft.claims[0].channel_id;
			let change = |receipt: &mut Receipt| receipt.total += 1;
			let mut wrong = draft.with_receipt(0, change);
			wrong.claims[0].voucher.signature = [0; 64];
			let batch = wrong.settle(&OMAR);
			assert_eq!(channel(skipped).settled_seq, 0);
			assert_noop!(dispatch(&REPORTER, batch.report_leaf(0)), Error::<Test>::NoFraud);
			assert_noop!(dispatch(&REPORTER, batch.demand(0)), Error::<Test>::NotCovered);
			// The consumer has paid nothing and gets nothing; the reporter does.
			assert_ok!(dispatch(&REPORTER, batch.report_pair(0, 1)));
			let slash = &slashes()[0];
			assert_eq!(slash.consumer, None);
			assert!(slash
				.reporter
				.as_ref()
				.is_some_and(|(who, part)| *who == REPORTER && *part > 0));
		});
	}

	#[test]
	fn of_a_batch_that_is_unknown_or_over_convicts_nobody() {
		ExtBuilder::default().build_and_execute(|| {
			let change = |receipt: &mut Receipt| receipt.meter = Meter::Pixel;
			let batch = one_consumer().with_receipt(2, change).settle(&OMAR);
			let unknown = SettledBatch { batch_no: 1, ..batch.clone() };
			let call = unknown.report_leaf(2);
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::UnknownBatch);
			let hers = SettledBatch { oracle: OLGA, ..batch.clone() };
			assert_noop!(dispatch(&REPORTER, hers.report_leaf(2)), Error::<Test>::UnknownBatch);

			System::set_block_number(1 + WINDOW);
			let over = || Error::<Test>::ChallengeOver;
			assert_noop!(dispatch(&REPORTER, batch.report_leaf(2)), over());
			assert_noop!(dispatch(&REPORTER, batch.report_pair(1, 2)), over());
			assert_noop!(dispatch(&REPORTER, batch.demand(2)), over());
			System::set_block_number(WINDOW);
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(2)));
		});
	}

	#[test]
	fn is_judged_by_the_claims_of_its_batch_and_no_others() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = two_consumers().settle(&OMAR);
			let changes: [fn(&mut Vec<SubmittedClaim>); 9] = [
				|claims| claims[0].from_seq = 2,
				|claims| claims[0].to_seq -= 1,
				|claims| claims[1].total_before += 1,
				|claims| claims[1].total_after += 1,
				|claims| claims[1].model_version = V1,
				|claims| claims[1].accepted = false,
				|claims| claims.swap(0, 1),
				|claims| drop(claims.pop()),
				|claims| claims.clear(),
			];
			for change in changes {
				let mut other = batch.clone();
				change(&mut other.claims);
				let wrong = || Error::<Test>::WrongClaims;
				assert_noop!(dispatch(&REPORTER, other.report_leaf(0)), wrong());
				assert_noop!(dispatch(&REPORTER, other.report_pair(0, 1)), wrong());
				assert_noop!(dispatch(&REPORTER, other.demand(0)), wrong());
			}
		});
	}
}

mod a_proof {
	use super::*;
	use frame_support::BoundedVec;

	fn refused(batch: &SettledBatch, proof: LeafProof, why: ProofError) {
		let call = batch.report_shown(batch.shown(2), proof);
		assert_noop!(dispatch(&REPORTER, call), Error::<Test>::InvalidProof(why));
	}

	#[test]
	fn of_any_other_length_is_refused() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let good = batch.proof(2);
			let node = good.siblings[0];
			for length in 0..=MAX_SIBLINGS as usize {
				let mut siblings = good.siblings.clone().into_inner();
				siblings.resize(length, node);
				let proof = LeafProof { index: 2, siblings: BoundedVec::truncate_from(siblings) };
				match length {
					3 => {
						let call = batch.report_shown(batch.shown(2), proof);
						assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NoFraud);
					},
					_ => refused(&batch, proof, ProofError::WrongLength),
				}
			}
		});
	}

	#[test]
	fn that_was_tampered_with_is_refused() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let good = batch.proof(2);
			for nth in 0..3 {
				let change = |change: fn(&mut Node)| with_sibling(good.clone(), nth, change);
				refused(&batch, change(|node| node.hash[0] ^= 1), ProofError::Mismatch);
				refused(&batch, change(|node| node.sum += 1), ProofError::Mismatch);
				refused(&batch, change(|node| node.count += 1), ProofError::WrongCount);
				refused(&batch, change(|node| node.sum = Balance::MAX), ProofError::Overflow);
			}
			let moved = |index| LeafProof { index, ..good.clone() };
			refused(&batch, moved(3), ProofError::Mismatch);
			refused(&batch, moved(4), ProofError::WrongCount);
			refused(&batch, moved(5), ProofError::IndexOutOfRange);
			refused(&batch, moved(u32::MAX), ProofError::IndexOutOfRange);
		});
	}

	#[test]
	fn is_refused_for_any_other_receipt_or_amount() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let SettledReceipt { receipt, amount, proof } = batch.settled(2);
			let refused = |receipt: Receipt, amount| {
				let shown = ShownLeaf::Receipt { receipt, amount, request: None };
				let call = batch.report_shown(shown, proof.clone());
				let error = Error::<Test>::InvalidProof(ProofError::Mismatch);
				assert_noop!(dispatch(&REPORTER, call), error);
			};
			refused(receipt.clone(), amount + 1);
			refused(Receipt { units: 9, ..receipt.clone() }, amount);
			refused(batch.receipt(1).clone(), amount);
		});
	}
}

mod a_pair {
	use super::*;

	#[test]
	fn of_an_honest_batch_breaks_no_rule() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = two_consumers().settle(&OMAR);
			for right in 1..7 {
				let call = batch.report_pair(right - 1, right);
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NoFraud);
			}
		});
	}

	#[test]
	fn out_of_order_convicts() {
		for swapped in [(0, 1), (1, 2), (0, 6), (2, 4)] {
			ExtBuilder::default().build_and_execute(|| {
				let mut draft = two_consumers();
				draft.leaves.swap(swapped.0, swapped.1);
				let batch = draft.settle(&OMAR);
				let found = (1..7)
					.any(|right| dispatch(&REPORTER, batch.report_pair(right - 1, right)).is_ok());
				assert!(found);
				assert_eq!(verdict(), Fraud::NotInOrder);
			});
		}
	}

	#[test]
	fn with_a_gap_or_one_number_twice_convicts() {
		for seq in [2, 4, 3_000] {
			ExtBuilder::default().build_and_execute(|| {
				let batch =
					one_consumer().with_receipt(2, |receipt| receipt.seq = seq).settle(&OMAR);
				assert_ok!(dispatch(&REPORTER, batch.report_pair(1, 2)));
				assert_eq!(verdict(), Fraud::NotInOrder);
			});
		}
		ExtBuilder::default().build_and_execute(|| {
			let batch =
				one_consumer().with_receipt(1, |receipt| receipt.seq = u64::MAX).settle(&OMAR);
			assert_ok!(dispatch(&REPORTER, batch.report_pair(1, 2)));
			assert_eq!(verdict(), Fraud::NotInOrder);
		});
	}

	#[test]
	fn whose_totals_do_not_add_convicts() {
		for total in [0, Balance::MAX] {
			ExtBuilder::default().build_and_execute(|| {
				let change = |receipt: &mut Receipt| receipt.total = total;
				let batch = one_consumer().with_receipt(2, change).settle(&OMAR);
				assert_ok!(dispatch(&ALICE, batch.report_pair(2, 3)));
				assert_eq!(verdict(), Fraud::TotalsDoNotAdd);
				// The consumer is compensated and gets no more for having reported it.
				let slash = &slashes()[0];
				assert_eq!(slash.consumer, Some((ALICE, 15 * PRICE)));
				assert_eq!(slash.reporter, None);
			});
		}
	}

	#[test]
	fn of_leaves_that_are_not_adjacent_says_nothing() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			for (left, right) in [(0, 2), (1, 0), (3, 3)] {
				let call = batch.report_pair(left, right);
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NotAdjacent);
			}
			let mut left = batch.settled(0);
			left.proof.index = u32::MAX;
			let call = Call::report_pair {
				oracle: OMAR,
				batch_no: 0,
				claims: batch.claims(),
				left,
				right: batch.settled(0),
				opening: None,
			};
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NotAdjacent);
		});
	}

	#[test]
	fn needs_a_proof_of_each() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			for broken in 0..2 {
				let (mut left, mut right) = (batch.settled(1), batch.settled(2));
				if broken == 0 { &mut left } else { &mut right }.amount += 1;
				let call = Call::report_pair {
					oracle: OMAR,
					batch_no: 0,
					claims: batch.claims(),
					left,
					right,
					opening: None,
				};
				let error = Error::<Test>::InvalidProof(ProofError::Mismatch);
				assert_noop!(dispatch(&REPORTER, call), error);
			}
		});
	}
}

mod a_double {
	use super::*;

	/// Another receipt than the one at `index`, signed.
	fn other(batch: &SettledBatch, index: usize) -> Evidence {
		let receipt = Receipt { took_ms: 6, ..batch.receipt(index).clone() };
		Evidence::Signed(signed_by(&OMAR, &receipt))
	}

	fn signed(receipt: &Receipt) -> Evidence {
		Evidence::Signed(signed_by(&OMAR, receipt))
	}

	/// `report_double` of two signed receipts.
	fn report(first: Evidence, second: Evidence) -> Call<Test> {
		Call::report_double {
			oracle: OMAR,
			first,
			second,
			claims: Default::default(),
			opening: None,
		}
	}

	#[test]
	fn one_of_them_settled_takes_the_lock_of_its_batch() {
		for settled_first in [true, false] {
			ExtBuilder::default().build_and_execute(|| {
				let batch = one_consumer().settle(&OMAR);
				let mut pair = [batch.evidence(2), other(&batch, 2)];
				if !settled_first {
					pair.reverse();
				}
				let [first, second] = pair;
				assert_ok!(dispatch(&REPORTER, batch.report_double(first, second)));
				assert_eq!(verdict(), Fraud::DoubleReceipt);
				let slash = &slashes()[0];
				assert_eq!(slash.settled_at, Some(1));
				assert_eq!(slash.lock, 15 * PRICE * 3 / 2);
				assert_eq!(slash.consumer, Some((ALICE, 15 * PRICE)));
				// The free bond was slashed for this number, too.
				let call = report(signed(batch.receipt(2)), other(&batch, 2));
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::AlreadyReported);
			});
		}
	}

	#[test]
	fn neither_settled_takes_a_tenth_of_the_free_bond_once() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let one = serve(id, None, 1).receipt;
			let two = Receipt { output_commit: [1; 32], ..one.clone() };
			let three = Receipt { output_commit: [2; 32], ..one.clone() };
			assert_ok!(dispatch(&REPORTER, report(signed(&one), signed(&two))));
			let slash = Slash {
				oracle: OMAR,
				settled_at: None,
				kept: false,
				taken: BOND / 10,
				lock: 0,
				consumer: None,
				reporter: Some((REPORTER, BOND / 100)),
			};
			assert_eq!(slashes(), [slash]);
			assert_eq!(memory::Bonds::get(OMAR).unwrap().1, BOND - BOND / 10);
			for (first, second) in [(&one, &two), (&two, &one), (&three, &one)] {
				let call = report(signed(first), signed(second));
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::AlreadyReported);
			}
			// Another number is another fraud.
			let next = serve(id, Some(&one), 1).receipt;
			let again = Receipt { took_ms: 1, ..next.clone() };
			assert_ok!(dispatch(&REPORTER, report(signed(&next), signed(&again))));
			assert_eq!(slashes().len(), 2);
		});
	}

	#[test]
	fn that_was_reported_before_it_was_settled_still_takes_the_lock() {
		// Else an oracle could denounce itself cheaply in advance.
		ExtBuilder::default().build_and_execute(|| {
			let draft = one_consumer();
			let one = draft.leaves[2].1.clone();
			let two = Receipt { took_ms: 6, ..one.clone() };
			assert_ok!(dispatch(&BOB, report(signed(&one), signed(&two))));
			let batch = draft.settle(&OMAR);
			let call = batch.report_double(batch.evidence(2), signed(&two));
			assert_ok!(dispatch(&REPORTER, call.clone()));
			assert_eq!(slashes()[1].lock, 15 * PRICE * 3 / 2);
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::AlreadyReported);
		});
	}

	#[test]
	fn of_a_request_convicts_too() {
		ExtBuilder::default().build_and_execute(|| {
			let draft = one_consumer();
			let commit = draft.leaves[0].1.request_commit;
			let batch = draft.with_receipt(3, |receipt| receipt.request_commit = commit);
			let batch = batch.settle(&OMAR);
			let call = batch.report_double(batch.evidence(0), batch.evidence(3));
			assert_ok!(dispatch(&REPORTER, call));
			assert_eq!(verdict(), Fraud::DoubleRequest);
			let id = batch.receipt(0).channel_id;
			assert!(Doubles::<Test>::contains_key((OMAR, id, 4)));
		});
	}

	#[test]
	fn in_two_batches_takes_the_locks_of_both() {
		ExtBuilder::default().build_and_execute(|| {
			let (hers, his) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
			let of_hers = serve_run(hers, 2);
			let mut first = draft(&[of_hers.clone(), serve_run(his, 1)].concat());
			let skipped = first.claims.iter_mut().find(|claim| claim.channel_id == hers).unwrap();
			skipped.voucher.signature = [0; 64];
			let first = first.settle(&OMAR);
			System::set_block_number(9);
			let second = draft(&of_hers).with_receipt(1, |receipt| receipt.took_ms += 1);
			let second = second.settle(&OMAR);
			let of = |batch: &SettledBatch| {
				let leaves = &batch.draft.leaves;
				let place = leaves
					.iter()
					.position(|(_, receipt)| (receipt.channel_id, receipt.seq) == (hers, 2));
				batch.evidence(place.unwrap())
			};
			assert_ok!(dispatch(&REPORTER, first.report_double(of(&first), of(&second))));
			assert_ok!(dispatch(&REPORTER, second.report_double(of(&first), of(&second))));
			let locks: Vec<_> = slashes().iter().map(|slash| slash.settled_at).collect();
			assert_eq!(locks, [Some(1), Some(9)]);
			assert_eq!(slashes()[0].consumer, None);
			assert_eq!(slashes()[1].consumer, Some((ALICE, 3 * PRICE)));
			let call = second.report_double(of(&first), of(&second));
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::AlreadyReported);
		});
	}

	#[test]
	fn after_the_window_takes_from_the_free_bond() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let free = memory::Bonds::get(OMAR).unwrap().1;
			System::set_block_number(1 + WINDOW);
			let call = batch.report_double(batch.evidence(2), other(&batch, 2));
			assert_ok!(dispatch(&REPORTER, call));
			assert_eq!(slashes()[0].taken, free / 10);
			assert_eq!((slashes()[0].settled_at, &slashes()[0].consumer), (None, &None));
			assert_eq!(batch.charge(), Charge::default());
		});
	}

	#[test]
	fn under_a_key_that_was_replaced_convicts() {
		ExtBuilder::default().build_and_execute(|| {
			let old = key_of(&OLGA);
			memory::OldKeys::insert(OMAR, old.verifying_key().to_bytes());
			let one = serve(open(&ALICE, &OMAR), None, 1).receipt;
			let two = Receipt { took_ms: 6, ..one.clone() };
			let signed_once = Evidence::Signed(SignedReceipt {
				receipt: two.clone(),
				signature: old.sign(&two.digest(&GENESIS)).to_bytes(),
				key: old.verifying_key().to_bytes(),
			});
			assert_ok!(dispatch(&REPORTER, report(signed(&one), signed_once)));
			assert_eq!(slashes().len(), 1);
		});
	}

	#[test]
	fn that_the_oracle_did_not_sign_convicts_nobody() {
		ExtBuilder::default().build_and_execute(|| {
			let one = serve(open(&ALICE, &OMAR), None, 1).receipt;
			let two = Receipt { took_ms: 6, ..one.clone() };
			let good = signed_by(&OMAR, &two);
			let hers = signed_by(&OLGA, &two);
			let call = report(signed(&one), Evidence::Signed(hers.clone()));
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NotItsKey);
			for forged in [
				SignedReceipt { signature: hers.signature, ..good.clone() },
				SignedReceipt { signature: [0; 64], ..good.clone() },
				SignedReceipt { receipt: Receipt { took_ms: 7, ..two.clone() }, ..good.clone() },
				SignedReceipt {
					signature: receipt_key_of(&OMAR).sign(&two.digest(&[1; 32])).to_bytes(),
					..good.clone()
				},
			] {
				let call = report(Evidence::Signed(forged), signed(&one));
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::ReceiptNotSigned);
			}
		});
	}

	#[test]
	fn is_none_if_there_can_be_both() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let receipt = batch.receipt(2).clone();
			let elsewhere = Receipt { channel_id: [1; 32], took_ms: 6, ..receipt.clone() };
			for (first, second) in [
				(batch.evidence(2), batch.evidence(2)),
				(batch.evidence(2), signed(&receipt)),
				(batch.evidence(2), batch.evidence(3)),
				(signed(&receipt), signed(batch.receipt(1))),
				(signed(&receipt), signed(&elsewhere)),
			] {
				let call = batch.report_double(first, second);
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NoFraud);
			}
		});
	}

	#[test]
	fn needs_the_claims_and_the_proof_of_its_batch() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			let call = report(batch.evidence(2), other(&batch, 2));
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::WrongClaims);
			let with = |batch_no, settled| {
				report(Evidence::Settled { batch_no, settled }, other(&batch, 2))
			};
			let call = with(1, batch.settled(2));
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::UnknownBatch);
			let mut broken = batch.settled(2);
			broken.proof.siblings.pop();
			let error = Error::<Test>::InvalidProof(ProofError::WrongLength);
			assert_noop!(dispatch(&REPORTER, with(0, broken)), error);
		});
	}

	#[test]
	fn is_not_used_up_while_the_oracle_has_nothing_to_lose() {
		ExtBuilder::default().build_and_execute(|| {
			let one = serve(open(&ALICE, &OMAR), None, 1).receipt;
			let two = Receipt { took_ms: 6, ..one.clone() };
			memory::Bonds::insert(OMAR, (true, 0));
			let call = report(signed(&one), signed(&two));
			assert_noop!(dispatch(&OMAR, call.clone()), Error::<Test>::NothingToSlash);
			memory::Bonds::insert(OMAR, (true, BOND));
			assert_ok!(dispatch(&REPORTER, call));
		});
	}
}

mod the_parts {
	use super::*;

	/// A batch of Alice in which a leaf is wrong.
	fn wrong_batch() -> SettledBatch {
		one_consumer().with_receipt(2, |receipt| receipt.meter = Meter::Pixel).settle(&OMAR)
	}

	/// `report_leaf` of its wrong leaf.
	fn reporting(batch: &SettledBatch, opening: Option<Opening>) -> Call<Test> {
		Call::report_leaf {
			oracle: OMAR,
			batch_no: 0,
			claims: batch.claims(),
			shown: batch.shown(2),
			proof: batch.proof(2),
			opening,
		}
	}

	#[test]
	fn of_a_reporter_are_not_for_those_involved() {
		for (who, rewarded) in [(OMAR, false), (ALICE, false), (OWNER, false), (BOB, true)] {
			ExtBuilder::default().build_and_execute(|| {
				let batch = wrong_batch();
				assert_ok!(dispatch(&who, batch.report_leaf(2)));
				let slash = &slashes()[0];
				assert_eq!(slash.reporter.is_some(), rewarded);
				// The consumer is compensated whoever reports.
				assert_eq!(slash.consumer, Some((ALICE, 15 * PRICE)));
			});
		}
	}

	#[test]
	fn of_the_consumer_of_a_closed_channel_need_its_opening() {
		ExtBuilder::default().build_and_execute(|| {
			let draft = one_consumer().with_receipt(2, |receipt| receipt.meter = Meter::Pixel);
			let channel_id = draft.claims[0].channel_id;
			assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
			System::set_block_number(1 + WINDOW);
			let batch = draft.settle(&OMAR);
			assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));

			// Nobody is paid before the one who lost money.
			let call = reporting(&batch, None);
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::UnknownChannel);
			for wrong in [
				Opening { consumer: BOB, ..opening_of_alice() },
				Opening { model: OTHER_MODEL, ..opening_of_alice() },
				Opening { salt: 1, ..opening_of_alice() },
			] {
				let call = reporting(&batch, Some(wrong));
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::WrongOpening);
			}
			assert_ok!(dispatch(&REPORTER, reporting(&batch, Some(opening_of_alice()))));
			let slash = &slashes()[0];
			assert_eq!(slash.consumer, Some((ALICE, 15 * PRICE)));
			assert!(slash.reporter.is_some());
		});
	}

	#[test]
	fn an_opening_of_an_open_channel_must_be_right_too() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = wrong_batch();
			let wrong = Opening { consumer: BOB, ..opening_of_alice() };
			let call = reporting(&batch, Some(wrong));
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::WrongOpening);
			assert_ok!(dispatch(&REPORTER, reporting(&batch, Some(opening_of_alice()))));
		});
	}

	#[test]
	fn of_a_double_in_a_forgotten_channel_are_for_a_reporter_that_shows_who_is_involved() {
		for (opening, rewarded) in [(None, false), (Some(opening_of_alice()), true)] {
			ExtBuilder::default().build_and_execute(|| {
				let channel_id = open(&ALICE, &OMAR);
				let one = serve(channel_id, None, 1).receipt;
				let two = Receipt { took_ms: 6, ..one.clone() };
				assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
				System::set_block_number(1 + WINDOW);
				assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
				let call = Call::report_double {
					oracle: OMAR,
					first: Evidence::Signed(signed_by(&OMAR, &one)),
					second: Evidence::Signed(signed_by(&OMAR, &two)),
					claims: Default::default(),
					opening: opening.clone(),
				};
				assert_ok!(dispatch(&REPORTER, call));
				assert_eq!(slashes()[0].reporter.is_some(), rewarded);
			});
		}
	}
}

#[test]
fn reports_pay_their_fee_by_what_they_bring() {
	ExtBuilder::default().build_and_execute(|| {
		let small = draft(&[serve(open(&ALICE, &OMAR), None, 1)]).settle(&OMAR);
		let large = two_consumers().settle(&OMAR);
		let info = |call: Call<Test>| call.get_dispatch_info();
		let weight = |call: Call<Test>| info(call).call_weight.ref_time();
		assert!(weight(large.report_leaf(0)) > weight(small.report_leaf(0)));
		assert!(weight(large.demand(0)) > weight(small.demand(0)));
		let signed = || Evidence::Signed(signed_by(&OMAR, small.receipt(0)));
		let settled = || small.evidence(0);
		let none = weight(small.report_double(settled(), settled()));
		let one = weight(small.report_double(signed(), settled()));
		assert!(none < one);
		assert!(one < weight(small.report_double(signed(), signed())));
		for call in [
			large.report_leaf(0),
			large.report_pair(0, 1),
			small.report_double(signed(), signed()),
			large.demand(0),
			large.answering(large.answer(0)),
			large.enforce(0),
		] {
			assert_eq!(info(call).pays_fee, Pays::Yes);
		}
	});
}
