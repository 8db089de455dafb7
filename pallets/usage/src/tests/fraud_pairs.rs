//! `report_pair` and `report_double`, and who gets what of a slash.

use super::{fraud_world::*, *};
use frame_support::{
	dispatch::{GetDispatchInfo, Pays},
	hypothetically,
};
use usufruct_primitives::{usage::Receipt, Meter};

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
				let call = batch.report_double(batch.evidence(2), other(&batch, 2));
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::BatchSlashed);
			});
		}
	}

	#[test]
	fn neither_settled_takes_a_tenth_of_the_free_bond_once_for_each_key() {
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
			// Nor does another number or channel count: who has stolen the key can sign any number.
			let next = serve(id, Some(&one), 1).receipt;
			let elsewhere = serve(open(&BOB, &OMAR), None, 1).receipt;
			for receipt in [next, elsewhere] {
				let again = Receipt { took_ms: 1, ..receipt.clone() };
				let call = report(signed(&receipt), signed(&again));
				assert_noop!(dispatch(&REPORTER, call), Error::<Test>::AlreadyReported);
			}
			let convicted = OracleBooks::<Test>::get(OMAR).convicted_key;
			assert_eq!(convicted, Some(receipt_key_of(&OMAR).verifying_key().to_bytes()));
			// The next key is another.
			OracleBooks::<Test>::mutate(OMAR, |book| book.convicted_key = Some([1; 32]));
			assert_ok!(dispatch(&REPORTER, report(signed(&one), signed(&two))));
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
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::BatchSlashed);
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
			assert!(batch.charge().slashed);
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
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::BatchSlashed);
		});
	}

	#[test]
	fn says_nothing_of_a_batch_after_its_window() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			System::set_block_number(WINDOW);
			hypothetically!({
				let call = batch.report_double(batch.evidence(2), other(&batch, 2));
				assert_ok!(dispatch(&REPORTER, call));
			});
			System::set_block_number(1 + WINDOW);
			let call = batch.report_double(batch.evidence(2), other(&batch, 2));
			assert_noop!(dispatch(&REPORTER, call.clone()), Error::<Test>::ChallengeOver);
			// It is the same whether somebody has swept it meanwhile or not.
			assert_ok!(dispatch(&CAROL, Call::sweep_batches { oracle: OMAR }));
			assert_noop!(dispatch(&REPORTER, call), Error::<Test>::UnknownBatch);
			assert_eq!(slashes(), []);
		});
	}

	/// The receipt at `index`, otherwise, with the signature of Omar's key before this one, which
	/// was replaced in block `at`.
	fn under_old_key(batch: &SettledBatch, index: usize, at: u32) -> Evidence {
		let old = key_of(&OLGA);
		let key = old.verifying_key().to_bytes();
		memory::OldKeys::insert(OMAR, (key, at));
		let receipt = Receipt { took_ms: 6, ..batch.receipt(index).clone() };
		let signature = old.sign(&receipt.digest(&GENESIS)).to_bytes();
		Evidence::Signed(SignedReceipt { receipt, signature, key })
	}

	#[test]
	fn under_a_key_that_was_replaced_convicts_of_what_was_settled_before() {
		for at in [7, 8, 50] {
			ExtBuilder::default().build_and_execute(|| {
				System::set_block_number(7);
				let batch = one_consumer().settle(&OMAR);
				let stale = under_old_key(&batch, 2, at);
				System::set_block_number(60);
				assert_ok!(dispatch(&REPORTER, batch.report_double(stale, batch.evidence(2))));
				assert_eq!(slashes()[0].lock, 15 * PRICE * 3 / 2);
			});
		}
	}

	#[test]
	fn attack_27_under_a_stolen_key_says_nothing_of_what_is_settled_after_it_was_replaced() {
		ExtBuilder::default().build_and_execute(|| {
			System::set_block_number(7);
			let batch = one_consumer().settle(&OMAR);
			let stolen = || under_old_key(&batch, 2, 6);
			for (first, second) in [
				(stolen(), batch.evidence(2)),
				(batch.evidence(2), stolen()),
				// And nothing at all by itself.
				(stolen(), signed(batch.receipt(2))),
				(signed(batch.receipt(2)), stolen()),
				(stolen(), under_old_key(&batch, 2, 6)),
			] {
				let same = first == second;
				let call = batch.report_double(first, second);
				let error = if same { Error::<Test>::NoFraud } else { Error::KeyRetired };
				assert_noop!(dispatch(&REPORTER, call), error);
			}
			assert_eq!(slashes(), []);
		});
	}

	#[test]
	fn attack_27_by_a_stolen_key_before_it_is_replaced_takes_a_tenth_of_the_free_bond_at_most() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			let mut convicted = 0;
			for seq in 1..50 {
				let one = Receipt { seq, ..serve(id, None, 1).receipt };
				let two = Receipt { took_ms: 6, ..one.clone() };
				convicted +=
					u32::from(dispatch(&REPORTER, report(signed(&one), signed(&two))).is_ok());
			}
			assert_eq!(convicted, 1);
			assert_eq!(memory::Bonds::get(OMAR).unwrap().1, BOND - BOND / 10);
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
