//! The dividend as credit for the use of models.

use super::*;
use frame_support::traits::{LockableCurrency, WithdrawReasons};
use sp_runtime::DispatchError;

const PPM: u128 = 1_000_000;

#[test]
fn an_empty_account_gets_credit_and_keeps_its_existential_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		go_to(1);
		close_with(20_000);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(19_000));
		assert_eq!((balance(ALICE), held(ALICE)), (ED, 19_000));
		let credited =
			Event::Credited { person: alice, account: ALICE, channel, credit: 19_000, bonus: 0 };
		assert_eq!(last_event(), credited);
		// From then on all of it is credit.
		close_with(5_000);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(5_000));
		assert_eq!((balance(ALICE), held(ALICE)), (ED, 24_000));
		// Neither way pays twice.
		let nothing: DispatchError = Error::<Test>::NothingToClaim.into();
		assert_eq!(claim_to_drawer(ALICE, channel), Err(nothing));
		assert_eq!(claim(ALICE), Err(nothing));
	});
}

#[test]
fn what_the_account_needs_to_exist_is_no_credit() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		go_to(1);
		close_with(ED);
		let nothing: DispatchError = Error::<Test>::NothingToCredit.into();
		assert_eq!(claim_to_drawer(ALICE, channel), Err(nothing));
		close_with(ED);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(ED));
	});
}

#[test]
fn the_commons_fund_adds_what_governance_set() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		pays(TREASURE, ALICE, ED);
		pays(TREASURE, COMMONS, 10_000);
		go_to(1);
		close_with(20_007);
		assert_ok!(Dividend::set_bonus(RuntimeOrigin::root(), 100_000));
		assert_eq!(last_event(), Event::BonusSet { old: 0, new: 100_000 });
		// Rounded down.
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(22_007));
		assert_eq!(balance(COMMONS), ED + 8_000);
		let credited = Event::Credited {
			person: alice,
			account: ALICE,
			channel,
			credit: 20_007,
			bonus: 2_000,
		};
		assert_eq!(last_event(), credited);
		// A claim without a channel gets none.
		close_with(20_000);
		assert_eq!(claim(ALICE), Ok(20_000));
		assert_eq!(balance(COMMONS), ED + 8_000);
	});
}

#[test]
fn a_fund_that_has_less_adds_what_it_has() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		pays(TREASURE, ALICE, ED);
		pays(TREASURE, COMMONS, 7);
		assert_ok!(Dividend::set_bonus(RuntimeOrigin::root(), 100_000));
		go_to(1);
		close_with(20_000);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(20_007));
		assert_eq!(balance(COMMONS), ED);
		close_with(20_000);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(20_000));
	});
}

#[test]
fn the_bonus_is_never_above_what_the_split_allows() {
	ExtBuilder::default().build_and_execute(|| {
		let set = |parts| Dividend::set_bonus(RuntimeOrigin::root(), parts);
		assert_noop!(set(150_001), Error::<Test>::BonusTooHigh);
		assert_ok!(set(150_000));
		for origin in [RuntimeOrigin::signed(ALICE), RuntimeOrigin::signed(GUARD)] {
			assert_noop!(Dividend::set_bonus(origin, 0), DispatchError::BadOrigin);
		}
		// The split changes, and what was set is more than is allowed.
		BonusCeiling::set(50_000);
		Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		pays(TREASURE, ALICE, ED);
		pays(TREASURE, COMMONS, 10_000);
		go_to(1);
		close_with(20_000);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(20_000 + 20_000 * 50_000 / PPM));
	});
}

#[test]
fn the_channel_is_one_of_the_account_that_is_paid() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		let (alices, bobs) = (drawer(1, ALICE), drawer(2, BOB));
		pays(TREASURE, BOB, ED);
		go_to(1);
		close_with(20_000);
		let wrong: DispatchError = drawers::Error::<Test>::NotItsDrawer.into();
		assert_eq!(claim_to_drawer(ALICE, bobs), Err(wrong));
		assert_eq!(claim_to_drawer(ALICE, [9; 32]), Err(wrong));
		// A key that was stolen gets no further than by a claim.
		assert_ok!(Dividend::set_payout(RuntimeOrigin::signed(ALICE), BOB));
		close();
		close();
		assert_eq!(claim_to_drawer(ALICE, alices), Err(wrong));
		assert_eq!(claim_to_drawer(ALICE, bobs), Ok(20_000));
		assert_eq!((held(BOB), balance(BOB), held(ALICE)), (20_000, ED, 0));
	});
}

#[test]
fn what_is_frozen_is_no_credit() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		pays(TREASURE, ALICE, ED);
		go_to(1);
		close_with(20_000);
		Balances::set_lock(*b"a lock..", &ALICE, 15_000, WithdrawReasons::all());
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(ED + 20_000 - 15_000));
	});
}

#[test]
fn fails_as_a_claim_does_and_is_free_only_if_it_succeeds() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		go_to(1);
		close_with(20_000);
		let fails = |account, error: Error<Test>| {
			assert_eq!(claim_to_drawer(account, channel), Err(error.into()));
		};
		fails(BOB, Error::NotAPerson);
		Register::bar(alice, true);
		fails(ALICE, Error::MayNotClaim);
		Register::bar(alice, false);
		assert_ok!(Dividend::pause(RuntimeOrigin::signed(GUARD), 1));
		fails(ALICE, Error::Paused);
		block(System::block_number() + 1);
		let root = Dividend::claim_to_channel(RuntimeOrigin::root(), channel);
		assert_noop!(root, DispatchError::BadOrigin);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(19_000));
		fails(ALICE, Error::NothingToClaim);
	});
}

#[test]
fn a_hold_that_cannot_be_placed_makes_it_cost_a_fee() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		let channel = drawer(1, ALICE);
		pays(TREASURE, ALICE, ED);
		go_to(1);
		close_with(20_000);
		// As much as may depends on this account: only who tries finds out.
		for _ in 0..16 {
			assert_ok!(System::inc_consumers(&ALICE));
		}
		let full = DispatchError::TooManyConsumers;
		assert_eq!(claim_to_drawer(ALICE, channel), Err(full));
		System::dec_consumers(&ALICE);
		assert_eq!(claim_to_drawer(ALICE, channel), Ok(20_000));
	});
}

#[test]
fn weighs_the_call_and_its_rehearsal() {
	use frame_support::dispatch::GetDispatchInfo;
	let call = RuntimeCall::Dividend(Call::claim_to_channel { channel: [0; 32] });
	let weight = call.get_dispatch_info().call_weight;
	assert_eq!(weight, <() as WeightInfo>::claim_to_channel() * 2);
}
