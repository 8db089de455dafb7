//! `report_leaf`, and the proofs that all reports bring.

use super::{fraud_world::*, *};
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
	fn must_not_be_below_the_floor() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			memory::Floors::insert(V0, vec![(0, PRICE)]);
			assert_noop!(dispatch(&REPORTER, batch.report_leaf(0)), Error::<Test>::NoFraud);
			memory::Floors::insert(V0, vec![(0, PRICE + 1)]);
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(0)));
			assert_eq!(verdict(), Fraud::PriceBelowFloor);
		});
	}

	#[test]
	fn is_judged_by_the_floor_of_the_time_it_was_settled_in() {
		// Floors that the receipts meet, and miss.
		let (met, missed) = (PRICE, PRICE + 1);
		// The floor rises in the blocks 8 and 16; of what was before both nothing is known.
		for (settled_at, between, after, fraud) in [
			(7, missed, missed, false),
			// The second rise is no pardon for what came before it,
			(8, missed, missed, true),
			(15, missed, missed, true),
			// and makes no fraud of it.
			(15, met, missed, false),
			(16, met, missed, true),
		] {
			ExtBuilder::default().build_and_execute(|| {
				System::set_block_number(settled_at);
				let batch = one_consumer().settle(&OMAR);
				System::set_block_number(20);
				memory::Floors::insert(V0, vec![(8, between), (16, after)]);
				if fraud {
					assert_ok!(dispatch(&REPORTER, batch.report_leaf(0)));
					assert_eq!(verdict(), Fraud::PriceBelowFloor);
					return;
				}
				assert_noop!(dispatch(&REPORTER, batch.report_leaf(0)), Error::<Test>::NoFraud);
				assert_ok!(dispatch(&ALICE, batch.demand(1)));
				assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(1))));
				assert_eq!(slashes(), []);
			});
		}
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
	fn of_a_channel_to_another_oracle_makes_nobody_its_consumer() {
		ExtBuilder::default().build_and_execute(|| {
			let hers = open(&BOB, &OLGA);
			let batch = one_consumer().with_receipt(2, |receipt| receipt.channel_id = hers);
			let batch = batch.settle(&OMAR);
			assert_ok!(dispatch(&REPORTER, batch.report_leaf(2)));
			assert_eq!(verdict(), Fraud::NotClaimed);
			assert!(matches!(last_event(), Event::OracleConvicted { consumer: None, .. }));
			assert_eq!(slashes()[0].reporter, None);
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
				|claims| claims.truncate(claims.len() - 1),
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
