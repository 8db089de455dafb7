//! `demand`, `answer_demand` and `enforce_demand`.

use super::{fraud_world::*, *};
use frame_support::traits::{LockableCurrency, WithdrawReasons};
use usufruct_primitives::{usage::Receipt, Meter};

/// What an account has on hold for demands.
fn deposited(who: &AccountId32) -> Balance {
	Balances::balance_on_hold(&HoldReason::Demand.into(), who)
}

fn kept() -> Balance {
	memory::Kept::get()
}

#[test]
fn an_answer_earns_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		fund_reporter();
		let batch = two_consumers().settle(&OMAR);
		let receipt = batch.receipt(2).clone();
		let Receipt { channel_id, seq, .. } = receipt;
		assert_ok!(dispatch(&REPORTER, batch.demand(2)));
		let due = 1 + TERM;
		let demanded = Event::Demanded {
			oracle: OMAR,
			batch_no: 0,
			channel_id,
			seq,
			by: REPORTER,
			deposit: DEPOSIT,
			due,
		};
		assert_eq!(last_event(), demanded);
		assert_eq!((free(&REPORTER), deposited(&REPORTER)), (100 * UFR - DEPOSIT, DEPOSIT));
		assert_eq!(batch.charge(), Charge { slashed: false, demands: 1 });
		assert_eq!(kept(), 16 * PRICE);
		let open = OpenDemand { batch_no: 0, channel_id, seq, due };
		let page = DemandsPage { demands: vec![open], next: None };
		assert_eq!(Usage::open_demands(OMAR, None), page);
		assert_eq!(Usage::charge(OMAR, 0).demands, 1);

		let before = free(&OMAR);
		// Whoever brings it.
		assert_ok!(dispatch(&BOB, batch.answering(batch.answer(2))));
		let by = REPORTER;
		let answered =
			Event::DemandAnswered { oracle: OMAR, batch_no: 0, receipt, by, deposit: DEPOSIT };
		assert_eq!(last_event(), answered);
		assert_eq!((free(&REPORTER), deposited(&REPORTER)), (100 * UFR - DEPOSIT, 0));
		assert_eq!(free(&OMAR), before + DEPOSIT);
		assert_eq!(batch.charge(), Charge::default());
		assert!(!Charges::<Test>::contains_key(OMAR, 0));
		assert_eq!((kept(), Inquiries::<Test>::iter().count()), (0, 0));
		assert_eq!(Usage::open_demands(OMAR, None), DemandsPage { demands: vec![], next: None });
		assert_eq!(slashes(), []);
		let call = batch.answering(batch.answer(2));
		assert_noop!(dispatch(&OMAR, call), Error::<Test>::UnknownDemand);
		assert_noop!(dispatch(&BOB, batch.enforce(2)), Error::<Test>::UnknownDemand);
	});
}

#[test]
fn no_answer_costs_the_lock() {
	ExtBuilder::default().build_and_execute(|| {
		fund_reporter();
		System::set_block_number(WINDOW);
		let batch = one_consumer().settle(&OMAR);
		// In the last block of the window: the lock outlives it.
		System::set_block_number(2 * WINDOW - 1);
		assert_ok!(dispatch(&REPORTER, batch.demand(2)));
		System::set_block_number(2 * WINDOW - 2 + TERM);
		assert_noop!(dispatch(&BOB, batch.enforce(2)), Error::<Test>::NotDue);
		System::set_block_number(2 * WINDOW - 1 + TERM);
		let free_bond = memory::Bonds::get(OMAR).unwrap().1;
		assert_ok!(dispatch(&BOB, batch.enforce(2)));

		let taken = 15 * PRICE * 3 / 2 + free_bond / 10;
		let slash = Slash {
			oracle: OMAR,
			settled_at: Some(WINDOW),
			kept: true,
			taken,
			lock: 15 * PRICE * 3 / 2,
			consumer: Some((ALICE, 15 * PRICE)),
			// The one who took the risk, not the one who collected.
			reporter: Some((REPORTER, taken / 10)),
		};
		assert_eq!(slashes(), [slash]);
		assert_eq!(verdict(), Fraud::Unanswered);
		let Receipt { channel_id, seq, .. } = *batch.receipt(2);
		let by = REPORTER;
		let returned = Event::DepositReturned {
			oracle: OMAR,
			batch_no: 0,
			channel_id,
			seq,
			by,
			deposit: DEPOSIT,
		};
		assert_eq!(last_event(), returned);
		assert_eq!((free(&REPORTER), deposited(&REPORTER)), (100 * UFR, 0));
		assert_eq!(batch.charge(), Charge { slashed: true, demands: 0 });
		assert_noop!(dispatch(&BOB, batch.enforce(2)), Error::<Test>::UnknownDemand);
		assert_noop!(dispatch(&BOB, batch.demand(1)), Error::<Test>::BatchSlashed);
	});
}

#[test]
fn an_answer_counts_until_somebody_enforces() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		assert_ok!(dispatch(&ALICE, batch.demand(2)));
		System::set_block_number(3 * WINDOW);
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
		assert_eq!(slashes(), []);
	});
}

#[test]
fn the_lock_is_kept_once_and_released_with_the_last_demand() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = two_consumers().settle(&OMAR);
		for index in 0..7 {
			assert_ok!(dispatch(&CAROL, batch.demand(index)));
			assert_eq!(kept(), 16 * PRICE);
		}
		assert_eq!(deposited(&CAROL), 7 * DEPOSIT);
		assert_eq!(batch.charge().demands, 7);
		assert_ok!(Usage::do_try_state());
		for index in [3, 0, 6, 5, 1, 2] {
			assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(index))));
			assert_eq!(kept(), 16 * PRICE);
			assert_ok!(Usage::do_try_state());
		}
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(4))));
		assert_eq!(kept(), 0);
	});
}

#[test]
fn a_kept_lock_can_be_reported_after_the_window() {
	ExtBuilder::default().build_and_execute(|| {
		let batch =
			one_consumer().with_receipt(1, |receipt| receipt.meter = Meter::Pixel).settle(&OMAR);
		assert_ok!(dispatch(&ALICE, batch.demand(0)));
		System::set_block_number(2 * WINDOW);
		assert_ok!(dispatch(&REPORTER, batch.report_leaf(1)));
		assert!(slashes()[0].kept);
		assert_eq!(kept(), 0);
		assert_eq!(batch.charge(), Charge { slashed: true, demands: 1 });
		// The demand is moot: the deposit comes back at once.
		let call = batch.answering(batch.answer(0));
		assert_noop!(dispatch(&OMAR, call), Error::<Test>::BatchSlashed);
		assert_ok!(dispatch(&BOB, batch.enforce(0)));
		assert_eq!(deposited(&ALICE), 0);
		assert_eq!(slashes().len(), 1);
		assert_eq!(batch.charge(), Charge { slashed: true, demands: 0 });
	});
}

#[test]
fn a_second_demand_that_is_not_met_slashes_nothing_more() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		assert_ok!(dispatch(&ALICE, batch.demand(0)));
		assert_ok!(dispatch(&BOB, batch.demand(1)));
		System::set_block_number(1 + TERM);
		assert_ok!(dispatch(&CAROL, batch.enforce(0)));
		assert_ok!(dispatch(&CAROL, batch.enforce(1)));
		assert_eq!(slashes().len(), 1);
		assert_eq!((deposited(&ALICE), deposited(&BOB)), (0, 0));
	});
}

#[test]
fn only_what_an_accepted_claim_covers_can_be_demanded() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		let id = batch.receipt(0).channel_id;
		for (channel_id, seq) in [(id, 0), (id, 6), (id, u64::MAX), ([1; 32], 2)] {
			let call = batch.demand_of(channel_id, seq);
			assert_noop!(dispatch(&ALICE, call), Error::<Test>::NotCovered);
		}
		let unknown = SettledBatch { batch_no: 1, ..batch };
		assert_noop!(dispatch(&ALICE, unknown.demand(1)), Error::<Test>::UnknownBatch);
	});
}

#[test]
fn one_receipt_is_demanded_once_at_a_time() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		assert_ok!(dispatch(&BOB, batch.demand(2)));
		for who in [ALICE, BOB] {
			assert_noop!(dispatch(&who, batch.demand(2)), Error::<Test>::AlreadyDemanded);
		}
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
		// Whoever wants to pay for it again may.
		assert_ok!(dispatch(&BOB, batch.demand(2)));
	});
}

#[test]
fn a_deposit_is_ones_own_unfrozen_money() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		let poor = TokenError::FundsUnavailable;
		assert_noop!(dispatch(&REPORTER, batch.demand(2)), poor);
		Balances::set_lock(*b"frozen!!", &BOB, ENDOWMENT, WithdrawReasons::all());
		assert_noop!(dispatch(&BOB, batch.demand(2)), Error::<Test>::EscrowFrozen);
		Balances::set_lock(*b"frozen!!", &BOB, ENDOWMENT - DEPOSIT, WithdrawReasons::all());
		assert_ok!(dispatch(&BOB, batch.demand(2)));
		// What is frozen later is the oracle's all the same.
		Balances::set_lock(*b"frozen!!", &BOB, ENDOWMENT, WithdrawReasons::all());
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
		assert_eq!(free(&OMAR), ENDOWMENT + DEPOSIT);
	});
}

#[test]
fn an_oracle_that_demands_of_itself_gets_its_own_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		assert_ok!(dispatch(&OMAR, batch.demand(2)));
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
		assert_eq!((free(&OMAR), deposited(&OMAR)), (ENDOWMENT, 0));
	});
}

#[test]
fn others_cannot_take_the_consumers_room() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = draft(&serve_run(open(&ALICE, &OMAR), 20)).settle(&OMAR);
		for index in 0..DEMANDS_OF_OTHERS as usize {
			let who = if index % 2 == 0 { BOB } else { OMAR };
			assert_ok!(dispatch(&who, batch.demand(index)));
		}
		for who in [BOB, OMAR, CAROL] {
			assert_noop!(dispatch(&who, batch.demand(19)), Error::<Test>::TooManyDemands);
		}
		for index in 0..DEMANDS_OF_CONSUMER as usize {
			assert_ok!(dispatch(&ALICE, batch.demand(8 + index)));
		}
		assert_noop!(dispatch(&ALICE, batch.demand(19)), Error::<Test>::TooManyDemands);
		assert_eq!(batch.charge().demands, MAX_DEMANDS);
		assert_ok!(Usage::do_try_state());
		// Each answer makes room on its side.
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(3))));
		assert_noop!(dispatch(&ALICE, batch.demand(19)), Error::<Test>::TooManyDemands);
		assert_ok!(dispatch(&CAROL, batch.demand(19)));
	});
}

mod an_answer {
	use super::*;

	/// Demands the third of five receipts and expects that the changed answer is refused.
	fn refused(change: impl FnOnce(&SettledBatch, &mut Answer), error: Error<Test>) {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().settle(&OMAR);
			assert_ok!(dispatch(&ALICE, batch.demand(2)));
			let mut answer = batch.answer(2);
			change(&batch, &mut answer);
			assert_noop!(dispatch(&OMAR, batch.answering(answer)), error);
			// The right one is still possible.
			assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
		});
	}

	#[test]
	fn is_about_what_was_demanded() {
		refused(|batch, answer| *answer = batch.answer(1), Error::UnknownDemand);
		refused(|_, answer| answer.receipt.channel_id = [1; 32], Error::UnknownDemand);
	}

	#[test]
	fn shows_the_leaf() {
		let mismatch = || Error::InvalidProof(ProofError::Mismatch);
		refused(|_, answer| answer.receipt.took_ms += 1, mismatch());
		refused(|batch, answer| answer.proof = batch.proof(3), mismatch());
		let length = Error::InvalidProof(ProofError::WrongLength);
		refused(|_, answer| answer.proof.siblings.truncate(1), length);
	}

	#[test]
	fn shows_a_proof_of_the_right_length() {
		let length = |error| Error::InvalidProof(error);
		for siblings in (0..=MAX_SIBLINGS as usize).filter(|siblings| *siblings != 3) {
			refused(
				|_, answer| {
					let node = answer.proof.siblings[0];
					let mut other = answer.proof.siblings.clone().into_inner();
					other.resize(siblings, node);
					answer.proof.siblings = other.try_into().unwrap();
				},
				length(ProofError::WrongLength),
			);
		}
		refused(|_, answer| answer.proof.index = 5, length(ProofError::IndexOutOfRange));
	}

	#[test]
	fn shows_the_voucher_of_the_request() {
		refused(|batch, answer| answer.voucher = batch.answer(1).voucher, Error::WrongVoucher);
		refused(|_, answer| answer.voucher.channel_id = [1; 32], Error::WrongVoucher);
	}

	#[test]
	fn shows_what_the_consumer_signed() {
		refused(|_, answer| answer.voucher.cap += 1, Error::VoucherNotSigned);
		refused(|_, answer| answer.signature = [0; 64], Error::VoucherNotSigned);
		let sign = |answer: &mut Answer, key: &SigningKey, genesis| {
			answer.signature = key.sign(&answer.voucher.digest(genesis)).to_bytes();
		};
		refused(|_, answer| sign(answer, &key_of(&OMAR), &GENESIS), Error::VoucherNotSigned);
		refused(|_, answer| sign(answer, &key_of(&ALICE), &[1; 32]), Error::VoucherNotSigned);
	}

	#[test]
	fn that_breaks_a_rule_is_none() {
		let cases: [(fn(&mut Receipt), Fraud); 3] = [
			(|receipt| receipt.meter = Meter::Pixel, Fraud::WrongMeter),
			(|receipt| receipt.units += 1, Fraud::NotUnitsTimesPrice),
			(|receipt| receipt.model_version = V1, Fraud::NotOfClaimedVersion),
		];
		for (change, fraud) in cases {
			ExtBuilder::default().build_and_execute(|| {
				let batch = one_consumer().with_receipt(2, change).settle(&OMAR);
				assert_ok!(dispatch(&ALICE, batch.demand(2)));
				let call = batch.answering(batch.answer(2));
				assert_noop!(dispatch(&OMAR, call), Error::<Test>::NoAnswer(fraud));
				System::set_block_number(1 + TERM);
				assert_ok!(dispatch(&ALICE, batch.enforce(2)));
				assert_eq!(slashes().len(), 1);
			});
		}
	}

	#[test]
	fn from_another_place_is_none() {
		ExtBuilder::default().build_and_execute(|| {
			let mut draft = one_consumer();
			draft.leaves.swap(2, 3);
			draft.served.swap(2, 3);
			let batch = draft.settle(&OMAR);
			assert_ok!(dispatch(&ALICE, batch.demand(2)));
			let call = batch.answering(batch.answer(2));
			assert_noop!(dispatch(&OMAR, call), Error::<Test>::NoAnswer(Fraud::OutOfPlace));
		});
	}

	#[test]
	fn must_meet_the_ends_of_its_claim() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = one_consumer().with_receipt(4, |receipt| receipt.total += 1);
			let batch = batch.settle(&OMAR);
			assert_ok!(dispatch(&ALICE, batch.demand(4)));
			let call = batch.answering(batch.answer(4));
			let error = Error::<Test>::NoAnswer(Fraud::WrongTotalAfter);
			assert_noop!(dispatch(&OMAR, call), error);
		});
	}
}

mod a_channel_that_is_closed_meanwhile {
	use super::*;

	/// A batch of Alice, demanded, and its channel closed for good.
	fn closed() -> SettledBatch {
		let draft = one_consumer();
		let channel_id = draft.claims[0].channel_id;
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + WINDOW);
		let batch = draft.settle(&OMAR);
		assert_ok!(dispatch(&BOB, batch.demand(2)));
		assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
		batch
	}

	#[test]
	fn is_answered_for_all_the_same() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = closed();
			assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
			assert_eq!(free(&OMAR), ENDOWMENT + DEPOSIT);
			assert_eq!((kept(), deposited(&BOB)), (0, 0));
		});
	}

	#[test]
	fn still_compensates_its_consumer() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = closed();
			System::set_block_number(1 + WINDOW + TERM);
			assert_ok!(dispatch(&CAROL, batch.enforce(2)));
			let slash = &slashes()[0];
			assert_eq!(slash.consumer, Some((ALICE, 15 * PRICE)));
			assert_eq!(slash.reporter, Some((BOB, slash.taken / 10)));
			assert_eq!(deposited(&BOB), 0);
		});
	}

	#[test]
	fn can_be_asked_about_as_long_as_something_is_asked() {
		ExtBuilder::default().build_and_execute(|| {
			let batch = closed();
			assert_ok!(dispatch(&CAROL, batch.demand(1)));
			assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(1))));
			assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
			// Nobody knows any more which key its vouchers were signed with.
			assert_noop!(dispatch(&CAROL, batch.demand(1)), Error::<Test>::UnknownChannel);
		});
	}
}

#[test]
fn a_key_that_is_replaced_meanwhile_counts_for_open_demands() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle(&OMAR);
		assert_ok!(dispatch(&ALICE, batch.demand(2)));
		Channels::<Test>::mutate(batch.receipt(2).channel_id, |channel| {
			channel.as_mut().unwrap().key = key_of(&CAROL).verifying_key().to_bytes();
		});
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(2))));
	});
}

/// Breaks a sound state with two open demands and expects the invariant of that number to be named.
fn finds(number: &str, breakage: impl FnOnce(&SettledBatch)) {
	ExtBuilder::default().build().execute_with(|| {
		let batch = one_consumer().settle(&OMAR);
		assert_ok!(dispatch(&ALICE, batch.demand(1)));
		assert_ok!(dispatch(&BOB, batch.demand(2)));
		assert_ok!(Usage::do_try_state());
		breakage(&batch);
		match Usage::do_try_state() {
			Err(DispatchError::Other(text)) if text.starts_with(number) => (),
			other => panic!("{number} is not found: {other:?}"),
		}
	});
}

#[test]
fn broken_invariants_are_found() {
	let change = |batch: &SettledBatch, change: fn(&mut Inquiry)| {
		let key = (OMAR, 0, batch.receipt(0).channel_id);
		Inquiries::<Test>::mutate(key, |inquiry| change(inquiry.as_mut().unwrap()));
	};
	finds("F1:", |_| Charges::<Test>::insert(OLGA, 0, Charge::default()));
	finds("F1:", |_| Charges::<Test>::insert(OMAR, 7, Charge { slashed: true, demands: 0 }));
	finds("F2:", |_| Charges::<Test>::mutate(OMAR, 0, |charge| charge.demands += 1));
	finds("F2:", |_| Charges::<Test>::remove(OMAR, 0));
	finds("F3:", |batch| change(batch, |inquiry| inquiry.demands.clear()));
	finds("F3:", |batch| change(batch, |inquiry| inquiry.demands[1].seq = 2));
	finds("F3:", |batch| {
		change(batch, |inquiry| {
			let one = inquiry.demands[1].clone();
			let more = (0..DEMANDS_OF_OTHERS as u64).map(|n| Demand { seq: 9 + n, ..one.clone() });
			more.for_each(|demand| inquiry.demands.try_push(demand).unwrap());
		})
	});
	finds("F4:", |batch| change(batch, |inquiry| inquiry.demands[1].deposit += 1));
	finds("F4:", |batch| change(batch, |inquiry| inquiry.demands[1].by = REPORTER));
	finds("F4:", |_| {
		<Balances as frame_support::traits::fungible::MutateHold<_>>::hold(
			&HoldReason::Demand.into(),
			&CAROL,
			1,
		)
		.unwrap();
	});
}
