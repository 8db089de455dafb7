//! `pay_royalty`.

use super::*;
use codec::{Decode, Encode};
use frame_support::traits::{LockableCurrency, WithdrawReasons};
use sp_runtime::ArithmeticError;
use usufruct_primitives::traits::OnEpochClose;

fn pay(payer: &AccountId32, version: VersionId, amount: Balance) -> DispatchResult {
	let memo = b"2026 Q3".to_vec().try_into().unwrap();
	dispatch(payer, Call::pay_royalty { version, amount, memo })
}

/// 20, 8, 2 and 30 of 60.
fn royalty_parts(amount: Balance) -> Parts {
	Parts {
		dividend: amount * 20 / 60,
		commons: amount * 8 / 60,
		security: amount * 2 / 60,
		oracle: 0,
		model: amount * 30 / 60,
	}
}

#[test]
fn is_divided_among_all_but_the_oracle() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(pay(&BOB, V1, 60 * UFR));
		assert_eq!(free(&BOB), ENDOWMENT - 60 * UFR);
		let parts = royalty_parts(60 * UFR);
		assert_eq!(parts.dividend + parts.commons + parts.security + parts.model, 60 * UFR);
		assert_eq!((free(&MODELS), revenue(V1)), (ED + 30 * UFR, 30 * UFR));
		let due = PotParts { dividend: 20 * UFR, commons: 8 * UFR, security: 2 * UFR };
		assert_eq!(Books::<Test>::get().due, due);
		assert_eq!(free(&settlement_account()), ED + 30 * UFR);
		assert_eq!(OracleBooks::<Test>::iter().count(), 0);
		let memo = b"2026 Q3".to_vec().try_into().unwrap();
		let (payer, version, amount) = (BOB, V1, 60 * UFR);
		assert_eq!(last_event(), Event::RoyaltyPaid { payer, version, amount, parts, memo });

		assert_ok!(dispatch(&CAROL, Call::flush {}));
		assert_eq!(free(&DIVIDEND), ED + 20 * UFR);
		assert_eq!((free(&COMMONS), free(&SECURITY)), (ED + 8 * UFR, ED + 2 * UFR));
	});
}

#[test]
fn a_thousand_payments_of_a_planck_divide_as_one_of_a_thousand() {
	ExtBuilder::default().build_and_execute(|| {
		for paid in 1..=1_000 {
			assert_ok!(pay(&BOB, V0, 1));
			let exact = royalty_parts(paid);
			assert_eq!(revenue(V0), exact.model);
			let due = Books::<Test>::get().due;
			assert_eq!([due.dividend, due.commons], [exact.dividend, exact.commons]);
			assert!(Books::<Test>::get().royalties.dust() < 4);
		}
		assert_eq!((revenue(V0), Books::<Test>::get().due.security), (500, 33));
	});
}

#[test]
fn has_a_ledger_of_its_own() {
	ExtBuilder::default().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 3);
		assert_ok!(pay(&BOB, V0, 3));
		assert_eq!(
			(Books::<Test>::get().settled.total, Books::<Test>::get().royalties.total),
			(3, 3)
		);
		assert_eq!(Books::<Test>::get().settled.credited, [0, 0, 0, 1, 0]);
		assert_eq!(Books::<Test>::get().royalties.credited, [1, 0, 0, 1]);
	});
}

#[test]
fn new_weights_begin_a_new_ledger_and_the_dust_is_the_dividends() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(pay(&BOB, V0, 5));
		assert_eq!(Books::<Test>::get().royalties.credited, [1, 0, 0, 2]);
		let new = Split {
			dividend: 250_000,
			commons: 50_000,
			security: 50_000,
			oracle: 500_000,
			model: 150_000,
		};
		assert_ok!(dispatch_root(Call::set_split { split: new }));
		Usage::on_epoch_close(0);
		assert_eq!(free(&DIVIDEND), ED + 1 + 2);
		assert_eq!(Books::<Test>::get().royalties, Default::default());

		assert_ok!(pay(&BOB, V0, 10 * UFR));
		assert_eq!(revenue(V0), 2 + 3 * UFR);
		assert_eq!(Books::<Test>::get().due.dividend, 5 * UFR);
	});
}

#[test]
fn a_version_that_is_deprecated_still_earns() {
	ExtBuilder::default().build_and_execute(|| {
		memory::Versions::insert(V0, (MODEL, false));
		assert_ok!(pay(&BOB, V0, 2 * UFR));
		assert_eq!(revenue(V0), UFR);
	});
}

#[test]
fn refuses_nothing_and_what_does_not_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(pay(&BOB, V0, 0), Error::<Test>::ZeroAmount);
		assert_noop!(pay(&BOB, 99, UFR), Error::<Test>::UnknownVersion);
		let call = Call::pay_royalty { version: V0, amount: UFR, memo: Default::default() };
		assert_noop!(dispatch_root(call), DispatchError::BadOrigin);
	});
}

#[test]
fn takes_no_more_than_the_payer_can_spend_and_keeps_its_account() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(pay(&BOB, V0, ENDOWMENT + 1), TokenError::FundsUnavailable);
		assert_noop!(pay(&BOB, V0, ENDOWMENT), TokenError::NotExpendable);
		assert_noop!(pay(&BOB, V0, ENDOWMENT - ED + 1), TokenError::NotExpendable);
		Balances::set_lock(*b"vesting_", &ALICE, 10 * UFR, WithdrawReasons::all());
		assert_noop!(pay(&ALICE, V0, ENDOWMENT - 10 * UFR + 1), TokenError::Frozen);
		assert_ok!(pay(&ALICE, V0, ENDOWMENT - 10 * UFR));
		assert_ok!(pay(&BOB, V0, ENDOWMENT - ED));
		assert_eq!(free(&BOB), ED);
		// What is on hold for a channel is not there to be spent.
		open_with(&CAROL, &OMAR, ENDOWMENT - 2 * ED);
		assert!(pay(&CAROL, V0, 2 * ED).is_err());
		assert_ok!(pay(&CAROL, V0, ED));
	});
}

#[test]
fn a_memo_has_at_most_64_bytes() {
	assert!(Memo::decode(&mut &vec![7u8; 64].encode()[..]).is_ok());
	assert!(Memo::decode(&mut &vec![7u8; 65].encode()[..]).is_err());
}

#[test]
fn changes_nothing_if_the_models_cannot_be_paid() {
	ExtBuilder::default().build_and_execute(|| {
		memory::Broken::put(V0);
		assert_noop!(pay(&BOB, V0, UFR), DispatchError::Other("broken"));
	});
	ExtBuilder::default().without_pots().build_and_execute(|| {
		assert_noop!(pay(&BOB, V0, ED), TokenError::BelowMinimum);
		assert_ok!(pay(&BOB, V0, 2 * ED));
	});
}

#[test]
fn refuses_more_than_a_ledger_can_count() {
	ExtBuilder::default().build().execute_with(|| {
		Books::<Test>::mutate(|books| books.royalties.total = Balance::MAX);
		assert_noop!(pay(&BOB, V0, 1), ArithmeticError::Overflow);
	});
	ExtBuilder::default().build().execute_with(|| {
		Books::<Test>::mutate(|books| books.fees.open.total = Balance::MAX);
		assert_noop!(pay(&BOB, V0, 1), ArithmeticError::Overflow);
	});
}
