//! Anybody claims for a person.

use super::*;
use codec::Encode;
use frame_support::{
	dispatch::GetDispatchInfo, pallet_prelude::TransactionSource, traits::Authorize,
};
use sp_runtime::{
	traits::{DispatchTransaction, Dispatchable},
	transaction_validity::InvalidTransaction,
	DispatchError,
};

fn call(person: u32) -> RuntimeCall {
	RuntimeCall::Dividend(Call::claim_for { person })
}

#[test]
fn pays_the_person_what_its_own_claim_would() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		close_with(3_000);
		assert_eq!(claim_for(alice), Ok(11_500));
		assert_eq!(balance(ALICE), 11_500);
		let paid = Event::Claimed { person: alice, account: ALICE, from: 1, to: 2, amount: 11_500 };
		assert_eq!(last_event(), paid);
		// And nobody else.
		assert_eq!(balance(BOB), 0);
	});
}

#[test]
fn is_valid_once_for_each_person_and_epoch() {
	ExtBuilder::default().build_and_execute(|| {
		let (alice, bob) = (Register::admit(ALICE), Register::admit(BOB));
		go_to(1);
		close_with(20_000);
		let tags = |person: u32| validate_claim_for(person).unwrap().provides;
		// The same person has the same tag in an epoch, so that a pool keeps one; nobody else has.
		assert_eq!(tags(alice), vec![("DividendClaimFor", (alice, 2u32)).encode()]);
		assert_eq!(tags(alice), tags(alice));
		assert_ne!(tags(alice), tags(bob));
		let valid = validate_claim_for(alice).unwrap();
		assert_eq!((valid.longevity, valid.priority, valid.propagate), (64, 0, true));
		assert_eq!(valid.requires, Vec::<Vec<u8>>::new());

		let before = tags(alice);
		assert_eq!(claim_for(alice), Ok(10_000));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Stale));
		close_with(20_000);
		assert_ne!(tags(alice), before);
		assert_eq!(claim_for(alice), Ok(10_000));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Stale));
	});
}

#[test]
fn whoever_claims_first_in_a_block_leaves_nothing_to_the_other() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_eq!(claim(ALICE), Ok(20_000));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Stale));
		close_with(20_000);
		assert_eq!(claim_for(alice), Ok(20_000));
		assert_eq!(claim(ALICE), Err(Error::<Test>::NothingToClaim.into()));
	});
}

#[test]
fn one_that_waits_over_a_close_pays_more() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_ok!(validate_claim_for(alice));
		close_with(5_000);
		assert_eq!(claim_for(alice), Ok(25_000));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Stale));
	});
}

#[test]
fn is_no_transaction_that_somebody_signs_nor_a_part_of_a_batch() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		for origin in [
			RuntimeOrigin::signed(ALICE),
			RuntimeOrigin::signed(BOB),
			RuntimeOrigin::root(),
			RuntimeOrigin::none(),
		] {
			assert_noop!(Dividend::claim_for(origin, alice), DispatchError::BadOrigin);
		}
		// A signed transaction keeps its origin: nothing is authorised, and the call fails.
		let (info, length) = (call(alice).get_dispatch_info(), call(alice).encoded_size());
		let signed = frame_system::AuthorizeCall::<Test>::new().dispatch_transaction(
			RuntimeOrigin::signed(BOB),
			call(alice),
			&info,
			length,
			0,
		);
		assert_eq!(signed.unwrap().unwrap_err().error, DispatchError::BadOrigin);
		let batch = pallet_utility::Call::batch_all { calls: vec![call(alice)] };
		let batch = RuntimeCall::Utility(batch);
		let failure = batch.clone().dispatch(RuntimeOrigin::signed(BOB)).unwrap_err();
		assert_eq!(failure.error, DispatchError::BadOrigin);
		assert!(batch.authorize(TransactionSource::External).is_none());
		assert_eq!(balance(ALICE), 0);
	});
}

#[test]
fn is_of_the_future_while_the_person_must_wait() {
	ExtBuilder::default().build_and_execute(|| {
		set_params(|params| params.min_per_head = 1);
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(ED - 1);
		// Too little for an empty account.
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Future));
		close_with(1);
		assert_ok!(validate_claim_for(alice));
		Register::bar(alice, true);
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Future));
		Register::bar(alice, false);
		assert_ok!(Dividend::pause(RuntimeOrigin::signed(GUARD), 2));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Future));
		block(System::block_number() + 2);
		assert_eq!(claim_for(alice), Ok(ED));
	});
}

#[test]
fn is_not_for_who_is_no_person_or_has_no_share() {
	ExtBuilder::default().build_and_execute(|| {
		let bob = Register::enter(BOB);
		assert_eq!(claim_for(77), Err(InvalidTransaction::Call));
		assert_eq!(claim_for(bob), Err(InvalidTransaction::Call));
	});
}

#[test]
fn does_not_wait_for_who_was_revoked() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_ok!(validate_claim_for(alice));
		// The register bars whom it revokes.
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Stale));
		assert_eq!(totals().liability, 20_000);

		// Once she is back she is due nothing of before.
		Register::bar(alice, false);
		assert_ok!(Dividend::renew(alice));
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Stale));
		// Frozen then, she must wait as anybody else.
		Register::bar(alice, true);
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Future));
	});
}

#[test]
fn is_not_for_who_claims_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		let set = |alone| Dividend::set_claims_alone(RuntimeOrigin::signed(ALICE), alone);
		assert_ok!(set(true));
		assert_eq!(last_event(), Event::ClaimsAloneSet { person: alice, alone: true });
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Call));
		assert_noop!(
			Dividend::claim_for(frame_system::RawOrigin::Authorized.into(), alice),
			Error::<Test>::ClaimsAlone
		);
		assert_eq!(claim(ALICE), Ok(20_000));
		close_with(20_000);
		assert_eq!(claim_for(alice), Err(InvalidTransaction::Call));
		assert_ok!(set(false));
		assert_eq!(last_event(), Event::ClaimsAloneSet { person: alice, alone: false });
		assert_eq!(claim_for(alice), Ok(20_000));
	});
}

#[test]
fn only_a_person_with_a_share_says_whether_it_claims_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let set = |who| Dividend::set_claims_alone(RuntimeOrigin::signed(who), true);
		assert_noop!(set(ALICE), Error::<Test>::NotAPerson);
		Register::enter(ALICE);
		assert_noop!(set(ALICE), Error::<Test>::NoShare);
		let root = Dividend::set_claims_alone(RuntimeOrigin::root(), true);
		assert_noop!(root, DispatchError::BadOrigin);
	});
}

#[test]
fn weighs_what_it_costs_to_authorise_and_to_pay() {
	ExtBuilder::default().build_and_execute(|| {
		let info = call(0).get_dispatch_info();
		assert_eq!(info.call_weight, <() as WeightInfo>::claim_for());
		assert_eq!(call(0).weight_of_authorize(), <() as WeightInfo>::authorize_claim_for());
	});
}
