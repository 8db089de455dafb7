//! `sweep_batches` and `sweep_fees`, what a settlement sweeps by itself, and that nothing grows for
//! ever.

use super::{fraud_world::*, *};
use frame_support::{dispatch::Pays, pallet_prelude::DispatchResultWithPostInfo};
use usufruct_primitives::traits::OnEpochClose;

/// The numbers of an oracle's batches that are kept.
fn kept(oracle: &AccountId32) -> Vec<BatchNo> {
	let mut numbers: Vec<_> = Batches::<Test>::iter_key_prefix(oracle).collect();
	numbers.sort();
	numbers
}

fn sweep(oracle: AccountId32) -> DispatchResultWithPostInfo {
	Usage::sweep_batches(RuntimeOrigin::signed(CAROL), oracle)
}

/// Settles that many batches of one receipt each.
fn settle_batches(id: ChannelId, batches: u32) {
	for _ in 0..batches {
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 1)]));
	}
}

#[test]
fn a_settlement_takes_one_with_it_that_is_over() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		settle_batches(id, 5);
		System::set_block_number(WINDOW);
		settle_batches(id, 1);
		assert_eq!(kept(&OMAR), [0, 1, 2, 3, 4, 5]);
		System::set_block_number(1 + WINDOW);
		settle_batches(id, 1);
		assert_eq!(kept(&OMAR), [1, 2, 3, 4, 5, 6]);
		settle_batches(id, 5);
		// The last of the first block, and none that can be challenged.
		assert_eq!(kept(&OMAR), [5, 6, 7, 8, 9, 10, 11]);
		assert_eq!(OracleBooks::<Test>::get(OMAR).oldest_batch, 5);
		assert_eq!(OracleBooks::<Test>::get(OMAR).next_batch, 12);
		// One that is refused takes nothing.
		System::set_block_number(3 * WINDOW);
		let bad = with_voucher(claim(id, V0, 1, 1), |voucher| voucher.cap = 0);
		assert_noop!(settle(&OMAR, &[bad]), nothing(SkipReason::OverCap));
	});
}

#[test]
fn an_oracle_that_goes_on_keeps_no_more_than_it_had_within_a_window() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		let mut most = 0;
		for block in 1..6 * WINDOW {
			System::set_block_number(block);
			if block % 3 == 0 {
				settle_batches(id, 1 + block % 2);
			}
			most = most.max(kept(&OMAR).len());
		}
		assert_eq!(most, WINDOW as usize / 2 + 1);
	});
}

#[test]
fn anybody_sweeps_sixteen_at_a_time_for_no_fee() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		settle_batches(id, 37);
		assert_noop!(sweep(OMAR).map_err(|failed| failed.error), Error::<Test>::NothingToSweep);
		System::set_block_number(1 + WINDOW);
		let info = sweep(OMAR).unwrap();
		assert_eq!(info.pays_fee, Pays::No);
		assert_eq!(info.actual_weight, Some(<() as WeightInfo>::sweep_batches(MAX_SWEPT)));
		assert_eq!(last_event(), Event::BatchesSwept { oracle: OMAR, from: 0, to: 16 });
		assert_ok!(sweep(OMAR));
		let info = sweep(OMAR).unwrap();
		assert_eq!(info.actual_weight, Some(<() as WeightInfo>::sweep_batches(5)));
		assert_eq!(kept(&OMAR), Vec::<BatchNo>::new());
		assert_noop!(sweep(OMAR).map_err(|failed| failed.error), Error::<Test>::NothingToSweep);
		// Numbers go on where they were.
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 1)]));
		assert_eq!(kept(&OMAR), [37]);
		assert_noop!(sweep(OLGA).map_err(|failed| failed.error), Error::<Test>::NothingToSweep);
		assert_noop!(dispatch_root(Call::sweep_batches { oracle: OMAR }), DispatchError::BadOrigin);
	});
}

#[test]
fn a_batch_with_an_open_demand_stays_with_all_after_it() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		settle_batches(id, 1);
		let batch = draft(&serve_run(id, 3)).settle(&OMAR);
		settle_batches(id, 1);
		System::set_block_number(WINDOW);
		assert_ok!(dispatch(&ALICE, batch.demand(1)));
		System::set_block_number(5 * WINDOW);
		assert_ok!(sweep(OMAR));
		assert_eq!(kept(&OMAR), [1, 2]);
		assert_noop!(sweep(OMAR).map_err(|failed| failed.error), Error::<Test>::NothingToSweep);
		settle_batches(id, 1);
		assert_eq!(kept(&OMAR), [1, 2, 3]);
		assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(1))));
		settle_batches(id, 2);
		assert_eq!(kept(&OMAR), [3, 4, 5]);
	});
}

#[test]
fn what_stands_against_a_slashed_batch_goes_with_it() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer().settle_under(&OMAR, [1; 32]);
		for index in [0, 1] {
			assert_ok!(dispatch(&ALICE, batch.demand(index)));
		}
		System::set_block_number(1 + WINDOW);
		assert_ok!(dispatch(&ALICE, batch.enforce(0)));
		// A deposit is still on hold.
		assert_noop!(sweep(OMAR).map_err(|failed| failed.error), Error::<Test>::NothingToSweep);
		assert_ok!(dispatch(&BOB, batch.enforce(1)));
		assert_eq!(batch.charge(), Charge { slashed: true, demands: 0 });
		// It is too much work for a settlement.
		settle_batches(open(&ALICE, &OMAR), 1);
		assert_eq!(kept(&OMAR), [0, 1]);
		assert_ok!(sweep(OMAR));
		assert_eq!(kept(&OMAR), [1]);
		assert_eq!(Charges::<Test>::iter().count(), 0);
		assert_noop!(dispatch(&ALICE, batch.demand(2)), Error::<Test>::UnknownBatch);
	});
}

#[test]
fn nothing_can_be_proved_before_or_after_sweeping_alike() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = one_consumer()
			.with_receipt(2, |receipt| receipt.meter = usufruct_primitives::Meter::Pixel)
			.settle(&OMAR);
		System::set_block_number(1 + WINDOW);
		let calls = [batch.report_leaf(2), batch.report_pair(1, 2), batch.demand(2)];
		for call in calls.clone() {
			assert_noop!(dispatch(&BOB, call), Error::<Test>::ChallengeOver);
		}
		assert_ok!(sweep(OMAR));
		for call in calls {
			assert_noop!(dispatch(&BOB, call), Error::<Test>::UnknownBatch);
		}
	});
}

#[test]
fn fees_are_swept_when_they_count_for_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let sweep = |owner| Usage::sweep_fees(RuntimeOrigin::signed(CAROL), owner);
		let nothing = Error::<Test>::NothingToSweep;
		assert_noop!(sweep(Owner::Unlisted).map_err(|failed| failed.error), nothing);
		settle_some(&ALICE, &OMAR, UFR);
		for epoch in 0..2 {
			let nothing = Error::<Test>::NothingToSweep;
			assert_noop!(sweep(Owner::Unlisted).map_err(|failed| failed.error), nothing);
			Usage::on_epoch_close(epoch);
		}
		assert_eq!(sweep(Owner::Unlisted).unwrap().pays_fee, Pays::No);
		assert_eq!(last_event(), Event::FeesSwept { owner: Owner::Unlisted, epoch: 0 });
		assert_eq!(FeesByOwner::<Test>::iter().count(), 0);
		let nothing = Error::<Test>::NothingToSweep;
		assert_noop!(sweep(Owner::Unlisted).map_err(|failed| failed.error), nothing);
		let call = Call::sweep_fees { owner: Owner::Unlisted };
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
	});
}

/// A whole life: opened, used, demanded, slashed, closed; then only what is kept for ever is left.
#[test]
fn a_channel_that_is_closed_leaves_no_storage() {
	ExtBuilder::default().build_and_execute(|| {
		let before = storage_keys();
		let draft = one_consumer();
		let channel_id = draft.claims[0].channel_id;
		let first = draft.settle(&OMAR);
		assert_ok!(dispatch(&ALICE, first.demand(1)));
		assert_ok!(dispatch(&OMAR, first.answering(first.answer(1))));
		let receipt = serve(channel_id, Some(first.receipt(4)), 1).receipt;
		let other = usufruct_primitives::usage::Receipt { took_ms: 6, ..receipt.clone() };
		let [one, two] = [receipt, other].map(|one| Evidence::Signed(signed_by(&OMAR, &one)));
		assert_ok!(dispatch(&BOB, first.report_double(one, two)));
		let last = super::fraud_world::draft(&[serve(channel_id, Some(first.receipt(4)), 1)]);
		let last = last.settle_under(&OMAR, [1; 32]);
		assert_ok!(dispatch(&ALICE, last.demand(0)));
		assert_ok!(replace_key(channel_id, 1));
		assert_ok!(lodge(voucher(channel_id, ESCROW, 9, UFR), &nth_key(&ALICE, 1)));
		System::set_block_number(1 + TERM);
		assert_ok!(dispatch(&ALICE, last.enforce(0)));
		assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
		System::set_block_number(1 + TERM + 2 * WINDOW);
		assert_ok!(dispatch(&BOB, Call::finalise_close { channel_id }));
		assert_ok!(dispatch(&OMAR, Call::collect {}));
		(0..3).for_each(Usage::on_epoch_close);
		assert_ok!(sweep(OMAR));
		assert_ok!(dispatch(&CAROL, Call::sweep_fees { owner: Owner::Unlisted }));

		// The books are one value, and the oracle's number is for ever.
		let mut after = storage_keys();
		let forever =
			[Books::<Test>::hashed_key().to_vec(), OracleBooks::<Test>::hashed_key_for(OMAR)];
		after.retain(|key| !forever.contains(key));
		assert_eq!(after, before);
		assert_eq!((held(&ALICE), LastSalt::<Test>::get(ALICE)), (0, Some(0)));
	});
}
