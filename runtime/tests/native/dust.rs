//! What is too little to stay in an account is the commons fund's.

use crate::{
	chain::{externalities, genesis},
	stage::{must, play},
};
use sp_keyring::Sr25519Keyring::{self, Bob, One};
use usufruct_primitives::{Balance, UFR};
use usufruct_runtime::{
	configs::money::CommonsPot, AccountId, Balances, Runtime, RuntimeOrigin, System,
	EXISTENTIAL_DEPOSIT,
};

fn send(from: Sr25519Keyring, to: &AccountId, value: Balance) {
	let dest = to.clone().into();
	must(from, pallet_balances::Call::<Runtime>::transfer_allow_death { dest, value });
}

/// What exists, and what the fund has of it.
fn books() -> (Balance, Balance) {
	(Balances::total_issuance(), Balances::free_balance(CommonsPot::get()))
}

#[test]
fn the_fund_has_it_to_the_planck_and_nothing_is_burnt() {
	play(|_| {
		let one = One.to_account_id();
		for dust in [1, EXISTENTIAL_DEPOSIT - 1] {
			for (to, sent) in [(Bob.to_account_id(), 0), (CommonsPot::get(), UFR - dust)] {
				send(Bob, &one, UFR);
				let (issued, fund) = books();
				send(One, &to, UFR - dust);
				assert!(!System::account_exists(&one));
				assert_eq!(books(), (issued, fund + sent + dust));
			}
		}
	});
}

#[test]
fn the_work_counts_only_where_something_is_left() {
	play(|_| {
		let one = One.to_account_id();
		let weight = || System::block_weight().total();
		let fund = <Runtime as frame_system::Config>::DbWeight::get().reads_writes(1, 1);
		for (left, more) in [(0, Default::default()), (1, fund)] {
			send(Bob, &one, UFR);
			let before = weight();
			send(One, &Bob.to_account_id(), UFR - left);
			assert_eq!(weight(), before.saturating_add(more));
		}
	});
}

#[test]
fn it_is_burnt_where_genesis_forgot_the_fund() {
	externalities(genesis()).execute_with(|| {
		let fund = CommonsPot::get().into();
		Balances::force_set_balance(RuntimeOrigin::root(), fund, 0).expect("root may");
		let one = One.to_account_id();
		send(Bob, &one, UFR);
		let (issued, nothing) = books();
		assert_eq!(nothing, 0);
		send(One, &Bob.to_account_id(), UFR - 7);
		assert_eq!(books(), (issued - 7, 0));
		assert!(!System::account_exists(&CommonsPot::get()));
	});
}
