//! Known attacks on metering, each lost by the attacker.

use super::{fraud_world::*, *};
use codec::{Decode, Encode};
use usufruct_primitives::tree::{build, Leaf, Node};

/// What an oracle has in the end: its account, what it can collect, and its bond.
fn worth(oracle: &AccountId32) -> Balance {
	free(oracle)
		+ OracleBooks::<Test>::get(oracle).credit
		+ memory::Bonds::get(oracle).unwrap().1
		+ locked(oracle)
}

/// The consumer got back all that its channel paid, and the oracle has less than before it began.
fn attacker_lost(consumer: &AccountId32, paid: Balance, before: Balance) {
	let slash = slashes().pop().expect("the oracle was slashed");
	assert_eq!(slash.consumer, Some((consumer.clone(), paid)));
	assert!(worth(&OMAR) < before);
}

#[test]
fn attack_1_over_reporting_units() {
	ExtBuilder::default().build_and_execute(|| {
		let before = worth(&OMAR);
		let id = open(&ALICE, &OMAR);
		let first = serve(id, None, 1);
		let mut second = serve(id, Some(&first.receipt), 2);
		// Alice allowed at most three units; the receipt is consistent in itself.
		second.receipt.units = 30;
		second.receipt.amount = 30 * PRICE;
		second.receipt.total = 31 * PRICE;
		let batch = draft(&[first, second]).settle(&OMAR);
		assert_noop!(dispatch(&ALICE, batch.report_leaf(1)), Error::<Test>::NoFraud);
		let call = batch.report_shown(batch.shown_with_request(1), batch.proof(1));
		assert_ok!(dispatch(&ALICE, call));
		assert_eq!(verdict(), Fraud::NotAsRequested);
		attacker_lost(&ALICE, 31 * PRICE, before);
	});
}

mod attack_2_fabricated_receipts_inside_the_cap {
	use super::*;

	/// Alice asked twice; Omar settles a third receipt within `max_unacked`.
	fn fabricated(commit: impl FnOnce(&[Served]) -> [u8; 32]) -> SettledBatch {
		let mut served = serve_run(open(&ALICE, &OMAR), 2);
		let mut third = serve(served[0].receipt.channel_id, Some(&served[1].receipt), 7);
		third.receipt.request_commit = commit(&served);
		served.push(third);
		let mut batch = draft(&served);
		batch.claims[0] = with_voucher(batch.claims[0].clone(), |voucher| {
			(voucher.ack_seq, voucher.ack_total) = (2, 3 * PRICE);
		});
		batch.settle(&OMAR)
	}

	#[test]
	fn for_a_request_that_nobody_made() {
		ExtBuilder::default().build_and_execute(|| {
			let before = worth(&OMAR);
			let batch = fabricated(|_| [1; 32]);
			assert_ok!(dispatch(&ALICE, batch.demand(2)));
			// What Alice did sign is for other requests, and Omar has no key of hers.
			for mut answer in [batch.answer(0), batch.answer(1), batch.answer(2)] {
				(answer.receipt, answer.proof) = (batch.receipt(2).clone(), batch.proof(2));
				let call = batch.answering(answer.clone());
				assert_noop!(dispatch(&OMAR, call), Error::<Test>::WrongVoucher);
				answer.voucher.request_commit = answer.receipt.request_commit;
				let signature = key_of(&OMAR).sign(&answer.voucher.digest(&GENESIS));
				answer.signature = signature.to_bytes();
				let call = batch.answering(answer);
				assert_noop!(dispatch(&OMAR, call), Error::<Test>::VoucherNotSigned);
			}
			System::set_block_number(1 + TERM);
			assert_ok!(dispatch(&BOB, batch.enforce(2)));
			attacker_lost(&ALICE, 10 * PRICE, before);
		});
	}

	#[test]
	fn for_a_request_that_was_served_before() {
		ExtBuilder::default().build_and_execute(|| {
			let before = worth(&OMAR);
			let batch = fabricated(|served| served[0].receipt.request_commit);
			// This time he has a voucher; but the answer shows what he did.
			assert_ok!(dispatch(&ALICE, batch.demand(2)));
			let mut answer = batch.answer(2);
			(answer.voucher, answer.signature) =
				(batch.answer(0).voucher, batch.answer(0).signature);
			assert_ok!(dispatch(&OMAR, batch.answering(answer)));
			let call = batch.report_double(batch.evidence(0), batch.evidence(2));
			assert_ok!(dispatch(&ALICE, call));
			assert_eq!(verdict(), Fraud::DoubleRequest);
			attacker_lost(&ALICE, 10 * PRICE, before);
		});
	}
}

#[test]
fn attack_4_equivocation_to_consumer_and_chain() {
	ExtBuilder::default().build_and_execute(|| {
		let before = worth(&OMAR);
		let mut draft = one_consumer();
		let shown_to_alice = draft.leaves[4].1.clone();
		// The chain is told of more units than Alice.
		let more = 2 * PRICE;
		draft = draft.with_receipt(4, |receipt| {
			receipt.units += 2;
			receipt.amount += more;
			receipt.total += more;
		});
		draft.claims[0].total_after += more;
		draft.claims[0] = with_voucher(draft.claims[0].clone(), |voucher| {
			voucher.cap += more;
			(voucher.ack_seq, voucher.ack_total) = (4, 10 * PRICE);
		});
		let batch = draft.settle(&OMAR);
		let signed = Evidence::Signed(signed_by(&OMAR, &shown_to_alice));
		assert_ok!(dispatch(&ALICE, batch.report_double(signed, batch.evidence(4))));
		assert_eq!(verdict(), Fraud::DoubleReceipt);
		attacker_lost(&ALICE, 15 * PRICE + more, before);
	});
}

mod attack_17_withheld_data {
	use super::*;

	#[test]
	fn a_root_of_nothing() {
		ExtBuilder::default().build_and_execute(|| {
			let before = worth(&OMAR);
			let batch = one_consumer().settle_under(&OMAR, [1; 32]);
			// Even with every receipt there is nothing that it proves.
			let error = || Error::<Test>::InvalidProof(ProofError::Mismatch);
			assert_noop!(dispatch(&ALICE, batch.report_leaf(0)), error());
			assert_ok!(dispatch(&ALICE, batch.demand(0)));
			assert_noop!(dispatch(&OMAR, batch.answering(batch.answer(0))), error());
			System::set_block_number(1 + TERM);
			assert_ok!(dispatch(&ALICE, batch.enforce(0)));
			attacker_lost(&ALICE, 15 * PRICE, before);
		});
	}

	#[test]
	fn a_leaf_that_stands_for_no_receipt() {
		ExtBuilder::default().build_and_execute(|| {
			let before = worth(&OMAR);
			let mut draft = one_consumer();
			draft.leaves[3].0.digest = [1; 32];
			let batch = draft.settle(&OMAR);
			assert_ok!(dispatch(&ALICE, batch.demand(3)));
			assert!(dispatch(&OMAR, batch.answering(batch.answer(3))).is_err());
			System::set_block_number(1 + TERM);
			assert_ok!(dispatch(&ALICE, batch.enforce(3)));
			attacker_lost(&ALICE, 15 * PRICE, before);
		});
	}

	#[test]
	fn until_the_window_is_over() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle_under(&OMAR, [1; 32]);
			System::set_block_number(WINDOW);
			assert_ok!(dispatch(&ALICE, batch.demand(0)));
			System::set_block_number(10 * WINDOW);
			assert_ok!(dispatch(&ALICE, batch.enforce(0)));
			assert_eq!(slashes()[0].lock, 15 * PRICE * 3 / 2);
		});
	}
}

/// An oracle charges more than it signed for, and claims a receipt twice so that a leaf of nothing may
/// stand between the two that do not add up. It could answer every demand, and no pair would convict.
#[test]
fn attack_3_no_leaf_hides_between_two_receipts_that_do_not_add_up() {
	ExtBuilder::default().build_and_execute(|| {
		fund_reporter();
		let honest = draft(&serve_run(open(&ALICE, &OMAR), 2));
		let total = 3 * PRICE + UFR;
		let whole = Claim { total_after: total, ..honest.claims[0].clone() };
		let whole = with_voucher(whole, |voucher| {
			(voucher.cap, voucher.ack_seq, voucher.ack_total) = (total, 1, PRICE);
		});
		// It would be skipped, and the leaf be the second of three.
		let again = Claim { from_seq: 2, total_before: total - 2 * PRICE, ..whole.clone() };
		for claims in [[whole.clone(), again.clone()], [again, whole.clone()]] {
			assert_noop!(settle(&OMAR, &claims), Error::<Test>::ClaimsOverlap);
		}
		let mut greedy = honest.with_receipt(1, |receipt| receipt.total = total);
		greedy.claims = vec![whole];
		assert!(greedy.settle(&OMAR).prosecute(&REPORTER, &[]));
	});
}

mod attack_22_griefing_by_demands {
	use super::*;

	#[test]
	fn every_demand_of_what_is_in_order_costs_its_author() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = draft(&serve_run(open(&ALICE, &OMAR), 20)).settle(&OMAR);
			let (attacker, oracle) = (free(&CAROL), free(&OMAR));
			let mut demands = 0;
			for round in 0..3u128 {
				for index in 0..20 {
					if dispatch(&CAROL, batch.demand(index)).is_ok() {
						demands += 1;
					}
				}
				assert_eq!(demands, (round + 1) * Balance::from(DEMANDS_OF_OTHERS));
				for open in Usage::open_demands(OMAR, None).demands {
					let answer = batch.answer(open.seq as usize - 1);
					assert_ok!(dispatch(&OMAR, batch.answering(answer)));
				}
			}
			assert_eq!(free(&CAROL), attacker - demands * DEPOSIT);
			assert_eq!(free(&OMAR), oracle + demands * DEPOSIT);
			assert_eq!(slashes(), []);
		});
	}

	#[test]
	fn an_oracle_cannot_keep_a_consumer_from_asking() {
		ExtBuilder::default().build_and_execute(|| {
			let mut draft = draft(&serve_run(open(&ALICE, &OMAR), 20));
			draft.leaves[19].0.digest = [1; 32];
			let batch = draft.settle(&OMAR);
			for index in 0..DEMANDS_OF_OTHERS as usize {
				assert_ok!(dispatch(&OMAR, batch.demand(index)));
			}
			assert_noop!(dispatch(&OMAR, batch.demand(9)), Error::<Test>::TooManyDemands);
			assert_ok!(dispatch(&ALICE, batch.demand(19)));
			System::set_block_number(1 + TERM);
			assert_ok!(dispatch(&ALICE, batch.enforce(19)));
			assert_eq!(slashes().len(), 1);
		});
	}

	#[test]
	fn a_flood_of_demands_is_read_page_by_page() {
		ExtBuilder::default().build_and_execute(|| {
			let id = open(&ALICE, &OMAR);
			// The cheapest flood: one demand in each of many batches.
			let count = 2 * INQUIRIES_ON_PAGE as u64 + 7;
			let mut batches = Vec::new();
			for _ in 0..count {
				let batch = draft(&[serve(id, None, 1)]).settle(&OMAR);
				assert_ok!(dispatch(&CAROL, batch.demand(0)));
				batches.push(batch);
			}
			let (mut after, mut pages, mut seen) = (None, Vec::new(), Vec::new());
			loop {
				let page = Usage::open_demands(OMAR, after);
				pages.push(page.demands.len());
				seen.extend(page.demands.iter().map(|open| open.batch_no));
				after = page.next;
				if after.is_none() {
					break;
				}
			}
			assert_eq!(pages, [64, 64, 7]);
			seen.sort();
			assert_eq!(seen, (0..count).collect::<Vec<_>>());

			// One is answered while the page after it is asked for.
			let first = Usage::open_demands(OMAR, None);
			let (batch_no, _) = first.next.unwrap();
			let batch = &batches[batch_no as usize];
			assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(0))));
			assert_eq!(Usage::open_demands(OMAR, first.next).demands.len(), 64);
			assert_eq!(Usage::open_demands(OLGA, first.next).demands, []);
			// It was his income.
			assert_eq!(free(&CAROL), ENDOWMENT - Balance::from(count) * DEPOSIT);
		});
	}

	#[test]
	fn reports_of_nothing_change_nothing() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = two_consumers().settle(&OMAR);
			let call = batch.report_leaf(0);
			for _ in 0..10 {
				assert_noop!(dispatch(&CAROL, call.clone()), Error::<Test>::NoFraud);
			}
		});
	}
}

mod attack_29_second_preimages_and_overflows {
	use super::*;
	use frame_support::BoundedVec;

	#[test]
	fn an_inner_node_is_no_leaf() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			// What is hashed for the node above the first two leaves, read as a leaf's 48 bytes and
			// more: the prefixes differ, so no digest and amount give its hash.
			let two: Vec<_> = batch.draft.leaves[..2].iter().map(|(leaf, _)| *leaf).collect();
			let node = build(&two).unwrap();
			let siblings = batch.proof(0).siblings.into_inner();
			let id = batch.receipt(0).channel_id;
			for (index, rest) in [(0, &siblings[1..]), (1, &siblings[1..]), (0, &siblings[..])] {
				let leaf = Leaf { digest: node.hash, amount: node.sum };
				let siblings = BoundedVec::truncate_from(rest.to_vec());
				let shown = ShownLeaf::Opaque { channel_id: id, seq: 1, leaf };
				let call = batch.report_shown(shown, LeafProof { index, siblings });
				let refused = dispatch(&REPORTER, call);
				assert!(matches!(refused, Err(DispatchError::Module(_))), "{refused:?}");
			}
			assert_eq!(slashes(), []);
		});
	}

	#[test]
	fn sums_that_overflow_settle_nothing_that_can_be_kept() {
		ExtBuilder::default().build_and_execute(|| {
			let before = worth(&OMAR);
			// Two leaves whose sum wraps to what is claimed: with wrapping sums their root would fit.
			let id = open(&ALICE, &OMAR);
			let first = serve(id, None, 1);
			let second = serve(id, Some(&first.receipt), 1);
			let draft = draft(&[first, second]);
			let huge = Balance::MAX - PRICE;
			let leaves = [huge, 3 * PRICE + 1];
			let nodes = [0, 1].map(|nth: usize| {
				let digest = draft.leaves[nth].0.digest;
				build(&[Leaf { digest, amount: leaves[nth] }]).unwrap()
			});
			let root = usufruct_primitives::domain::hash(&(1u8, nodes[0], nodes[1]).encode());
			let batch = draft.settle_under(&OMAR, root);
			let receipt = batch.receipt(0).clone();
			let siblings = BoundedVec::truncate_from(vec![nodes[1]]);
			let proof = LeafProof { index: 0, siblings };
			let shown =
				ShownLeaf::Receipt { receipt: receipt.clone(), amount: huge, request: None };
			let call = batch.report_shown(shown, proof.clone());
			let error = Error::<Test>::InvalidProof(ProofError::Overflow);
			assert_noop!(dispatch(&ALICE, call), error);

			// It proves nothing for him, either.
			assert_ok!(dispatch(&ALICE, batch.demand_of(id, 1)));
			let Served { voucher, signature, .. } = batch.draft.served[0].clone();
			let answer = Answer { receipt, proof, voucher, signature };
			let error = Error::<Test>::InvalidProof(ProofError::Mismatch);
			assert_noop!(dispatch(&OMAR, batch.answering(answer)), error);
			System::set_block_number(1 + TERM);
			assert_ok!(dispatch(&ALICE, batch.enforcing(id, 1)));
			attacker_lost(&ALICE, 2 * PRICE, before);
		});
	}

	#[test]
	fn deeper_proofs_than_any_tree_do_not_decode() {
		let node = Node { hash: [1; 32], sum: 1, count: 1 };
		let proof = |siblings: usize| (0u32, vec![node; siblings]).encode();
		assert!(LeafProof::decode(&mut &proof(MAX_SIBLINGS as usize)[..]).is_ok());
		assert!(LeafProof::decode(&mut &proof(MAX_SIBLINGS as usize + 1)[..]).is_err());
	}
}

/// What charges nothing locks nothing, and is judged all the same: a lie costs the tenth of the free
/// bond.
#[test]
fn attack_1_a_lie_in_a_batch_of_zero_amounts_is_a_lie() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let first = serve(id, None, 0);
		let second = serve(id, Some(&first.receipt), 0);
		let honest = draft(&[first, second]).settle(&OMAR);
		assert_eq!((channel(id).settled_seq, channel(id).settled_total), (2, 0));
		assert_noop!(dispatch(&REPORTER, honest.report_leaf(1)), Error::<Test>::NoFraud);
		assert_ok!(dispatch(&ALICE, honest.demand(1)));
		assert_ok!(dispatch(&OMAR, honest.answering(honest.answer(1))));
		assert_eq!(slashes(), []);

		let before = worth(&OMAR);
		let lie = draft(&[serve(id, None, 0)])
			.with_receipt(0, |receipt| receipt.meter = usufruct_primitives::Meter::Pixel)
			.settle(&OMAR);
		assert_ok!(dispatch(&REPORTER, lie.report_leaf(0)));
		assert_eq!(verdict(), Fraud::WrongMeter);
		let slash = &slashes()[0];
		assert_eq!((slash.taken, slash.lock, &slash.consumer), (BOND / 10, 0, &None));
		assert!(worth(&OMAR) < before);
		assert_noop!(dispatch(&REPORTER, lie.report_leaf(0)), Error::<Test>::BatchSlashed);
	});
}

#[test]
fn attack_2_receipts_invented_at_the_end_of_a_channel_can_still_be_demanded() {
	ExtBuilder::default().build_and_execute(|| {
		// Her vouchers allow it, but no tree has this root, so there is nothing to answer with.
		let last = one_consumer();
		let channel_id = last.claims[0].channel_id;
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + WINDOW);
		let batch = last.settle_under(&OMAR, [3; 32]);
		let forget = Call::finalise_close { channel_id };
		for block in [1 + WINDOW, 2 * WINDOW] {
			System::set_block_number(block);
			assert_noop!(dispatch(&OMAR, forget.clone()), Error::<Test>::StillChallengeable);
		}
		assert_ok!(dispatch(&ALICE, batch.demand(2)));
		// That the channel is forgotten then saves nothing.
		System::set_block_number(1 + 2 * WINDOW);
		assert_ok!(dispatch(&OMAR, forget));
		assert_noop!(
			dispatch(&OMAR, batch.answering(batch.answer(2))),
			Error::<Test>::InvalidProof(ProofError::Mismatch)
		);
		System::set_block_number(1 + 2 * WINDOW + TERM);
		assert_ok!(dispatch(&BOB, batch.enforce(2)));
		assert_eq!(verdict(), Fraud::Unanswered);
		assert_eq!(slashes()[0].consumer, Some((ALICE, 15 * PRICE)));
	});
}

/// An oracle is down while its consumer replaces the key as often as it may. It settles on a voucher
/// that was lodged, and is then asked who wanted each receipt.
#[test]
fn attack_17_no_key_however_often_replaced_takes_an_honest_oracles_answer() {
	// The second consumer has pushed the lodged voucher out by another one, of its last key.
	for pushed_out in [false, true] {
		ExtBuilder::default().build_and_execute(|| {
			let mut served = one_consumer();
			let channel_id = served.claims[0].channel_id;
			let Served { voucher: newest, signature, .. } = served.served[4].clone();
			assert_ok!(lodge(newest.clone(), &key_of(&ALICE)));
			for n in 1..=MAX_FORMER_KEYS as usize {
				assert_ok!(replace_key(channel_id, n));
				System::set_block_number(System::block_number() + 2 * WINDOW);
			}
			served.claims[0].voucher = if pushed_out {
				let last_key = nth_key(&ALICE, 4);
				let other = Voucher { cap: newest.cap + UFR, ..newest };
				assert_ok!(lodge(other.clone(), &last_key));
				claim_on(&other, sign(&other, &last_key), 5, 15 * PRICE).voucher
			} else {
				claim_on(&newest, signature, 5, 15 * PRICE).voucher
			};
			let batch = served.settle(&OMAR);
			for index in 0..5 {
				assert_ok!(dispatch(&ALICE, batch.demand(index)));
				// Every single voucher is under the first key.
				assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(index))));
			}
			assert_eq!(slashes(), []);
			assert_eq!(free(&OMAR), ENDOWMENT + 5 * DEPOSIT);
		});
	}
}

/// A key that never was the channel's asks for nothing, however many the channel had.
#[test]
fn attack_17_a_key_of_nobody_is_no_answer() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		assert_ok!(replace_key(batch.receipt(0).channel_id, 1));
		assert_ok!(dispatch(&ALICE, batch.demand(2)));
		let mut answer = batch.answer(2);
		answer.signature = sign(&answer.voucher, &nth_key(&ALICE, 2));
		let error = Error::<Test>::VoucherNotSigned;
		assert_noop!(dispatch(&OMAR, batch.answering(answer)), error);
	});
}
