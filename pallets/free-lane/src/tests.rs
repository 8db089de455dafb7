//! The lane, in blocks that are built, executed and validated against as a node does it.

use crate::{mock::*, *};
use codec::{Decode, Encode};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	storage::{with_transaction_unchecked, TransactionOutcome},
	traits::Hooks,
	weights::Weight,
};
use scale_info::TypeInfo;
use sp_runtime::{
	generic::SignedPayload,
	traits::{Header as _, TransactionExtension},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
	},
};

const FULL: TransactionValidityError =
	TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);
/// How many free calls of the mock fit into the lane.
const ROOM: usize = 6;
/// How many calls that pay fit into a block.
const BLOCK: usize = 25;
/// How many of them fit beside a full lane, with room for one call more.
const BESIDE: usize = 18;

/// What a pool thinks of a transaction on the state as it is: the node throws away what that
/// changes.
fn validate(transaction: &Transaction) -> TransactionValidity {
	with_transaction_unchecked(|| {
		TransactionOutcome::Rollback(Executive::validate_transaction(
			TransactionSource::External,
			transaction.clone(),
			System::parent_hash(),
		))
	})
}

/// The author of a block, as `sc-basic-authorship` is: it takes what is ready in the order of
/// priority, passes over what exhausts the resources of the block, and tells the pool of everything
/// else that fails. Returns the block, and what is in the pool after it.
fn author(pool: Vec<Transaction>) -> (Block, Vec<Transaction>) {
	let mut ready: Vec<_> = pool
		.into_iter()
		.map(|transaction| {
			(validate(&transaction).expect("the pool holds what is valid"), transaction)
		})
		.collect();
	// Stable: what came first stays first.
	ready.sort_by_key(|(valid, _)| core::cmp::Reverse(valid.priority));

	Executive::initialize_block(&next_header());
	let (mut extrinsics, mut waiting) = (vec![], vec![]);
	for (_, transaction) in ready {
		// As `BlockBuilder::push`: what is refused leaves nothing behind.
		let applied = with_transaction_unchecked(|| {
			let applied = Executive::apply_extrinsic(transaction.clone());
			match applied {
				Ok(_) => TransactionOutcome::Commit(applied),
				Err(_) => TransactionOutcome::Rollback(applied),
			}
		});
		match applied {
			Ok(outcome) => {
				assert_eq!(outcome, Ok(()));
				extrinsics.push(transaction);
			},
			Err(error) if error.exhausted_resources() => waiting.push(transaction),
			Err(error) => panic!("the pool drops {transaction:?}: {error:?}"),
		}
	}
	let header = Executive::finalize_block();
	(Block { header, extrinsics }, waiting)
}

/// Free transactions of both kinds.
fn free(count: u32) -> Vec<Transaction> {
	let take = |offer: u32| offers::Call::take { offer: 1_000 + offer };
	(0..count)
		.map(|number| match number % 2 {
			0 => signed(PERSON, u64::from(number / 2), take(number)),
			_ => unsigned(number),
		})
		.collect()
}

/// Those among them that nobody signed, which can be in a block in any order.
fn free_unsigned(count: u32) -> Vec<Transaction> {
	(0..count).map(unsigned).collect()
}

fn paying(count: u32) -> Vec<Transaction> {
	let buy = |number: u32| offers::Call::buy { offer: 5_000 + number };
	(0..count).map(|number| signed(PAYER, number.into(), buy(number))).collect()
}

#[test]
fn the_lane_is_a_quarter_of_what_a_block_has_for_ordinary_calls() {
	new_test_ext().execute_with(|| {
		let normal = BlockWeightsOfTest::get().get(DispatchClass::Normal).max_total.unwrap();
		assert_eq!(FreeLane::limit().ref_time(), normal.ref_time() / 4);
		FreeLane::integrity_test();
	});
}

#[test]
fn what_does_not_fit_waits_in_the_pool_and_is_in_the_next_block() {
	let chain = || {
		let mut pool = free_unsigned(2 * ROOM as u32 + 1);
		let mut blocks = vec![];
		for expected in [ROOM, ROOM, 1] {
			let (block, waiting) = author(pool);
			assert_eq!(block.extrinsics.len(), expected);
			// Between blocks the lane is empty, so that the pool, which runs no hook before it
			// validates, keeps what waits.
			assert!(!Used::<Test>::exists());
			for transaction in &waiting {
				assert_eq!(validate(transaction).expect("it waits").priority, FREE_PRIORITY);
			}
			for transaction in &block.extrinsics {
				let stale = TransactionValidityError::Invalid(InvalidTransaction::Stale);
				assert_eq!(validate(transaction), Err(stale));
			}
			pool = waiting;
			blocks.push(block);
		}
		assert!(pool.is_empty());
		blocks
	};
	let blocks = new_test_ext().execute_with(chain);

	// Everybody else comes to the same states.
	new_test_ext().execute_with(|| {
		for block in blocks {
			let header = block.header.clone();
			Executive::execute_block(block.into());
			assert_eq!(System::block_number(), *header.number());
		}
	});
}

#[test]
fn signed_and_unsigned_calls_share_the_lane() {
	new_test_ext().execute_with(|| {
		let pool = free(2 * ROOM as u32);
		let (block, waiting) = author_in_order(pool);
		assert_eq!((block.extrinsics.len(), waiting.len()), (ROOM, ROOM));
		let (block, waiting) = author_in_order(waiting);
		assert_eq!((block.extrinsics.len(), waiting.len()), (ROOM, 0));
		// No fee was taken, and the person still holds nothing.
		assert_eq!(Balances::free_balance(PERSON), 0);
		assert_eq!(System::account_nonce(PERSON), ROOM as u64);
	});
}

/// As [`author`], for transactions of which one needs another: they are in order already.
fn author_in_order(pool: Vec<Transaction>) -> (Block, Vec<Transaction>) {
	Executive::initialize_block(&next_header());
	let (mut extrinsics, mut waiting) = (vec![], vec![]);
	for transaction in pool {
		match Executive::apply_extrinsic(transaction.clone()) {
			Ok(outcome) => {
				assert_eq!(outcome, Ok(()));
				extrinsics.push(transaction);
			},
			Err(error) => {
				// Also what follows a transaction of the same account that waits.
				let future = TransactionValidityError::Invalid(InvalidTransaction::Future);
				assert!(error == FULL || error == future, "{error:?}");
				waiting.push(transaction);
			},
		}
	}
	let header = Executive::finalize_block();
	(Block { header, extrinsics }, waiting)
}

#[test]
fn a_flood_of_free_calls_keeps_no_paying_one_waiting() {
	new_test_ext().execute_with(|| {
		// The free ones came first, and there are many.
		let mut pool = free_unsigned(100);
		pool.extend(paying(BESIDE as u32));
		let (block, waiting) = author(pool);
		let is_paying = |transaction: &&Transaction| {
			matches!(transaction.function, RuntimeCall::Offers(offers::Call::buy { .. }))
		};
		assert_eq!(block.extrinsics.iter().filter(is_paying).count(), BESIDE);
		assert_eq!(block.extrinsics.len(), BESIDE + ROOM);
		assert_eq!(waiting.iter().filter(is_paying).count(), 0);
		assert_eq!(waiting.len(), 100 - ROOM);
		// There was room for one more, but not for a free one.
		let normal = BlockWeightsOfTest::get().get(DispatchClass::Normal).max_total.unwrap();
		let booked = *System::block_weight().get(DispatchClass::Normal);
		assert!((booked + WORK + AUTHORISING).all_lt(normal));
	});
}

#[test]
fn paying_ones_may_take_the_whole_block() {
	new_test_ext().execute_with(|| {
		let mut pool = free_unsigned(3);
		pool.extend(paying(BLOCK as u32));
		let (block, waiting) = author(pool);
		assert_eq!(block.extrinsics.len(), BLOCK);
		let is_free = |transaction: &Transaction| {
			matches!(transaction.function, RuntimeCall::Offers(offers::Call::take_unsigned { .. }))
		};
		assert!(waiting.len() == 3 && waiting.iter().all(is_free));
		let (block, waiting) = author(waiting);
		assert_eq!((block.extrinsics.len(), waiting.len()), (3, 0));
	});
}

#[test]
fn free_ones_come_after_every_paying_one_and_are_no_worse_than_each_other() {
	new_test_ext().execute_with(|| {
		let priority = |transaction: Transaction| validate(&transaction).unwrap().priority;
		let (unsigned, feeless) = (unsigned(1), signed(PERSON, 0, offers::Call::take { offer: 2 }));
		assert_eq!(priority(unsigned), FREE_PRIORITY);
		assert_eq!(priority(feeless), FREE_PRIORITY);
		// The heaviest that pays, without a tip, has the lowest priority by payment alone.
		let buy = priority(signed(PAYER, 0, offers::Call::buy { offer: 1 }));
		assert!(buy > PAYING_PRIORITY && PAYING_PRIORITY > FREE_PRIORITY);
		// A tip counts as before.
		let call = RuntimeCall::Offers(offers::Call::buy { offer: 1 });
		let mut extension = extension(0);
		extension.3 = pallet_transaction_payment::ChargeTransactionPayment::from(1_000).into();
		assert!(priority(Transaction::new_signed(call, PAYER, PAYER.into(), extension)) > buy);
	});
}

#[test]
fn a_call_that_would_fail_pays_and_is_in_no_lane() {
	new_test_ext().execute_with(|| {
		offers::Taken::<Test>::insert(1, ());
		let take = |who| signed(who, 0, offers::Call::take { offer: 1 });
		assert!(validate(&take(PAYER)).unwrap().priority > PAYING_PRIORITY);
		// Who cannot pay is refused by the pool.
		let payment = TransactionValidityError::Invalid(InvalidTransaction::Payment);
		assert_eq!(validate(&take(PERSON)), Err(payment));

		Executive::initialize_block(&next_header());
		let before = Balances::free_balance(PAYER);
		let outcome = Executive::apply_extrinsic(take(PAYER)).unwrap();
		assert_eq!(outcome, Err(offers::Error::<Test>::Gone.into()));
		assert!(Balances::free_balance(PAYER) < before - WORK.ref_time());
		assert!(!Used::<Test>::exists());
		Executive::finalize_block();
	});
}

#[test]
fn what_is_always_paid_keeps_its_fee_whatever_the_call_says() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		let mut nonce = 0;
		let mut cost = |twice| {
			let before = Balances::free_balance(PAYER);
			let transaction = signed(PAYER, nonce, offers::Call::try_out { twice });
			nonce += 1;
			assert_eq!(Executive::apply_extrinsic(transaction), Ok(Ok(())));
			before - Balances::free_balance(PAYER)
		};
		assert_eq!(cost(false), 0);
		let paid = cost(true);
		// For what it took, which was half of what was booked for it.
		assert!(paid > WORK.ref_time() / 2 && paid < WORK.ref_time(), "{paid}");
		Executive::finalize_block();
	});
}

fn clean_up(nonce: u64, offer: u32) -> Transaction {
	signed(CLEANER, nonce, offers::Call::clean_up { offer, urgent: false })
}

/// Offers were taken, and somebody cleans up after them, by one transaction each.
fn cleaning(count: u32) -> Vec<Transaction> {
	(0..count).for_each(|offer| offers::Taken::<Test>::insert(offer, ()));
	(0..count).map(|offer| clean_up(offer.into(), offer)).collect()
}

#[test]
fn who_has_the_fee_returned_advances_it_and_is_in_the_lane() {
	new_test_ext().execute_with(|| {
		offers::Taken::<Test>::insert(7, ());
		let unpaid = signed(PERSON, 0, offers::Call::clean_up { offer: 7, urgent: false });
		let payment = TransactionValidityError::Invalid(InvalidTransaction::Payment);
		assert_eq!(validate(&unpaid), Err(payment));

		Executive::initialize_block(&next_header());
		let before = Balances::free_balance(CLEANER);
		let transaction = clean_up(0, 7);
		let info = transaction.get_dispatch_info();
		let length = Weight::from_parts(0, transaction.encoded_size() as u64);
		assert_eq!(Executive::apply_extrinsic(transaction), Ok(Ok(())));
		assert_eq!(Balances::free_balance(CLEANER), before);
		let base = BlockWeightsOfTest::get().get(DispatchClass::Normal).base_extrinsic;
		assert_eq!(Used::<Test>::get(), info.total_weight() + base + length);
		Executive::finalize_block();
	});
}

#[test]
fn what_was_to_have_its_fee_returned_and_fails_pays_and_leaves_the_lane() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		Executive::apply_extrinsic(unsigned(1)).unwrap().unwrap();
		let (before, used) = (Balances::free_balance(CLEANER), Used::<Test>::get());
		for nonce in 0..2 * ROOM as u64 {
			let outcome = Executive::apply_extrinsic(clean_up(nonce, 7)).unwrap();
			assert_eq!(outcome, Err(offers::Error::<Test>::Gone.into()));
			assert_eq!(Used::<Test>::get(), used);
		}
		let paid = before - Balances::free_balance(CLEANER);
		assert!(paid > 2 * ROOM as u64 * WORK.ref_time(), "{paid}");
		// What nobody signed keeps its place, though it says nothing of its fee.
		assert!(used.all_gt(WORK));
		Executive::finalize_block();
	});
}

#[test]
fn calls_that_succeed_and_have_their_fee_returned_fill_the_lane_and_no_more() {
	new_test_ext().execute_with(|| {
		// They came first, and there are many.
		let mut pool = cleaning(100);
		pool.extend(paying(BESIDE as u32));
		let (block, waiting) = author(pool);
		let is_paying = |transaction: &Transaction| {
			matches!(transaction.function, RuntimeCall::Offers(offers::Call::buy { .. }))
		};
		let (paying, cleaning): (Vec<_>, Vec<_>) =
			block.extrinsics.into_iter().partition(is_paying);
		assert_eq!((paying.len(), cleaning.len()), (BESIDE, ROOM));
		assert_eq!(waiting.len(), 100 - ROOM);
		let (block, waiting) = author(waiting);
		assert_eq!((block.extrinsics.len(), waiting.len()), (ROOM, 100 - 2 * ROOM));
	});
}

#[test]
fn what_has_its_fee_returned_has_the_priority_it_is_given_and_a_tip_adds_nothing() {
	new_test_ext().execute_with(|| {
		let priority = |call: offers::Call<Test>, tip| {
			let mut extension = extension(0);
			extension.3 = pallet_transaction_payment::ChargeTransactionPayment::from(tip).into();
			let call = RuntimeCall::Offers(call);
			let transaction = Transaction::new_signed(call, CLEANER, CLEANER.into(), extension);
			validate(&transaction).unwrap().priority
		};
		for tip in [0, 1 << 40] {
			let clean_up = |urgent| priority(offers::Call::clean_up { offer: 7, urgent }, tip);
			assert_eq!([false, true].map(clean_up), [0, URGENT]);
			// Nor to what never costs anything.
			assert_eq!(priority(offers::Call::gift {}, tip), FREE_PRIORITY);
			assert!(priority(offers::Call::buy { offer: 7 }, tip) > PAYING_PRIORITY);
		}
	});
}

#[test]
fn a_free_call_that_is_stopped_is_refused_and_does_not_fail_for_nothing() {
	new_test_ext().execute_with(|| {
		let refused = TransactionValidityError::Invalid(InvalidTransaction::Call);
		for who in [PERSON, PAYER] {
			let stopped = signed(who, 0, offers::Call::take_stopped {});
			assert_eq!(validate(&stopped), Err(refused));
		}
	});
}

#[test]
fn what_is_used_is_what_the_block_books() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		let booked = || System::block_weight().get(DispatchClass::Normal).to_owned();
		let before = booked();
		let transaction = unsigned(1);
		let info = transaction.get_dispatch_info();
		assert_eq!(info.call_weight, WORK);
		// What authorising costs is in it.
		assert!(info.extension_weight.all_gt(AUTHORISING));
		Executive::apply_extrinsic(transaction.clone()).unwrap().unwrap();
		let base = BlockWeightsOfTest::get().get(DispatchClass::Normal).base_extrinsic;
		let length = Weight::from_parts(0, transaction.encoded_size() as u64);
		assert_eq!(Used::<Test>::get(), info.total_weight() + base + length);
		// The block gives back what was not needed, the lane does not.
		assert!(Used::<Test>::get().all_gte(booked() - before));
		Executive::finalize_block();
	});
}

#[test]
fn validating_writes_nothing() {
	new_test_ext().execute_with(|| {
		let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
		let before = root();
		for transaction in free(4) {
			let call = &transaction.function;
			let info = transaction.get_dispatch_info();
			let origin = match &transaction.preamble {
				sp_runtime::generic::Preamble::Signed(..) => RuntimeOrigin::signed(PERSON),
				_ => frame_system::RawOrigin::Authorized.into(),
			};
			let len = transaction.encoded_size();
			let source = TransactionSource::InBlock;
			let implication = sp_runtime::traits::TxBaseImplication(());
			let (valid, (_, used), _) = CheckFreeLane::<Test, ()>::from(())
				.validate(origin, call, &info, len, (), &implication, source)
				.unwrap();
			assert_eq!((valid.priority, used.is_some()), (FREE_PRIORITY, true));
			assert_eq!(root(), before);
		}
	});
}

#[test]
fn the_operation_of_the_chain_has_no_lane() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		for nonce in 0..2 * ROOM as u64 {
			let operate = signed(PERSON, nonce, offers::Call::operate {});
			Executive::apply_extrinsic(operate).unwrap().unwrap();
		}
		assert!(!Used::<Test>::exists());
		Executive::finalize_block();
	});
}

#[test]
fn a_call_that_never_costs_anything_is_free_too() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		let gift = |nonce| signed(PAYER, nonce, offers::Call::gift {});
		for nonce in 0..ROOM as u64 {
			Executive::apply_extrinsic(gift(nonce)).unwrap().unwrap();
		}
		assert_eq!(Executive::apply_extrinsic(gift(ROOM as u64)), Err(FULL));
		Executive::finalize_block();
	});
}

#[test]
fn what_can_never_fit_is_refused_by_the_pool() {
	new_test_ext().execute_with(|| {
		let transaction = signed(PERSON, 0, offers::Call::take_everything {});
		assert_eq!(validate(&transaction), Err(FULL));
	});
}

#[test]
fn a_full_lane_is_full_for_this_block_only() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		for transaction in free_unsigned(ROOM as u32) {
			Executive::apply_extrinsic(transaction).unwrap().unwrap();
		}
		let next = unsigned(77);
		for _ in 0..3 {
			assert_eq!(Executive::apply_extrinsic(next.clone()), Err(FULL));
		}
		// Paying ones are not concerned.
		Executive::apply_extrinsic(paying(1).remove(0)).unwrap().unwrap();
		Executive::finalize_block();
		assert!(validate(&next).is_ok());
		Executive::initialize_block(&next_header());
		Executive::apply_extrinsic(next).unwrap().unwrap();
		Executive::finalize_block();
	});
}

#[test]
fn emptying_the_lane_is_booked_when_the_block_begins() {
	new_test_ext().execute_with(|| {
		assert_eq!(FreeLane::on_initialize(1), <() as WeightInfo>::on_finalize());
	});
}

#[test]
fn whether_a_call_is_free_is_asked_once() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		for (number, transaction) in free(2).into_iter().chain(paying(1)).enumerate() {
			ASKED.set(0);
			Executive::apply_extrinsic(transaction).unwrap().unwrap();
			// Only the first has a condition.
			assert_eq!(ASKED.get(), u32::from(number == 0));
		}
		Executive::finalize_block();
	});
}

#[test]
fn who_does_not_meet_the_condition_pays() {
	new_test_ext().execute_with(|| {
		Executive::initialize_block(&next_header());
		offers::Taken::<Test>::insert(7, ());
		let take = |who, nonce| signed(who, nonce, offers::Call::take { offer: 7 });
		let before = Balances::free_balance(PAYER);
		let outcome = Executive::apply_extrinsic(take(PAYER, 0)).unwrap();
		assert_eq!(outcome, Err(offers::Error::<Test>::Gone.into()));
		assert!(Balances::free_balance(PAYER) < before);
		assert!(!Used::<Test>::exists());
		let payment = TransactionValidityError::Invalid(InvalidTransaction::Payment);
		assert_eq!(Executive::apply_extrinsic(take(PERSON, 0)), Err(payment));
		Executive::finalize_block();
	});
}

/// Wallets refuse to sign what they do not know. The payment is all they see.
mod for_a_wallet {
	use super::*;
	use frame_system::{CheckNonce, CheckWeight};
	use pallet_transaction_payment::ChargeTransactionPayment as Charge;

	type With = (CheckNonce<Test>, CheckFreeLane<Test, Charge<Test>>, CheckWeight<Test>);
	type Without = (CheckNonce<Test>, Charge<Test>, CheckWeight<Test>);

	fn call() -> RuntimeCall {
		RuntimeCall::Offers(offers::Call::take { offer: 7 })
	}

	#[test]
	fn it_is_the_payment() {
		let extension = CheckFreeLane::<Test, Charge<Test>>::from(Charge::from(9));
		let bytes = extension.encode();
		assert_eq!(bytes, Charge::<Test>::from(9).encode());
		assert_eq!(CheckFreeLane::decode(&mut &bytes[..]), Ok(extension));
		assert_eq!(CheckFreeLane::<Test, Charge<Test>>::type_info(), Charge::<Test>::type_info());
	}

	#[test]
	fn it_adds_nothing_to_what_is_signed_or_sent() {
		new_test_ext().execute_with(|| {
			let with: With = (CheckNonce::from(5), Charge::from(9).into(), CheckWeight::new());
			let without: Without = (CheckNonce::from(5), Charge::from(9), CheckWeight::new());
			let signed = |payload: &[u8]| payload.to_vec();
			assert_eq!(
				SignedPayload::new(call(), with.clone()).unwrap().using_encoded(signed),
				SignedPayload::new(call(), without.clone()).unwrap().using_encoded(signed),
			);
			assert_eq!(with.encode(), without.encode());
		});
	}

	#[test]
	fn it_stands_in_the_metadata_under_the_name_of_the_payment() {
		let names = |metadata: Vec<sp_runtime::traits::TransactionExtensionMetadata>| {
			metadata.iter().map(|one| one.identifier).collect::<Vec<_>>()
		};
		assert_eq!(names(With::metadata()), names(Without::metadata()));
		assert!(names(With::metadata()).contains(&"ChargeTransactionPayment"));
	}
}
