//! Blocks, fees and the pay of their authors.

use crate::chain::Chain;
use pallet_validators::RewardViewFunction;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::traits::Header as _;
use usufruct_runtime::{Babe, Runtime, System, Validators, MILLI_UFR, UFR};

fn transfer(value: u128) -> pallet_balances::Call<Runtime> {
	pallet_balances::Call::transfer_keep_alive { dest: Bob.to_account_id().into(), value }
}

#[test]
fn are_built_and_executed() {
	let mut chain = Chain::new("local_testnet");
	chain.blocks(3);
	assert_eq!(*chain.head.number(), 3);
	assert_eq!(chain.read(System::block_number), 3);
	let slot = chain.slot;
	assert_eq!(chain.read(Babe::current_slot), slot);
}

#[test]
fn charge_about_a_thousandth_of_a_token_for_a_transfer_and_give_it_to_the_security_pot() {
	let mut chain = Chain::new("development");
	chain.block(vec![]);
	let pot = chain.read(Validators::pot);
	let (alice, bob) = (Alice.to_account_id(), Bob.to_account_id());
	let before = (chain.balance(&alice), chain.balance(&bob), chain.balance(&pot));

	let signed = chain.sign_as(Alice, transfer(5 * UFR));
	chain.block(vec![signed]);

	let fee = before.0 - chain.balance(&alice) - 5 * UFR;
	assert!(fee > MILLI_UFR / 2 && fee < 2 * MILLI_UFR, "the fee is {fee} planck");
	assert_eq!(chain.balance(&bob), before.1 + 5 * UFR);
	assert_eq!(chain.balance(&pot), before.2 + fee);
}

#[test]
fn pay_their_author_from_the_security_pot() {
	let mut chain = Chain::new("development");
	chain.block(vec![]);
	let pot = chain.read(Validators::pot);
	let call = pallet_balances::Call::transfer_keep_alive {
		dest: pot.clone().into(),
		value: 20_000 * UFR,
	};
	let signed = chain.sign_as(Bob, call);
	chain.block(vec![signed]);
	let undivided = chain.read(Validators::undivided);
	chain.block(vec![]);

	// An epoch of the dividend has 20 blocks in this preset.
	let alice = Alice.to_account_id();
	let reward = chain.view(RewardViewFunction::<Runtime>::new(alice.clone()));
	assert_eq!(reward, undivided / 20);

	let before = (chain.balance(&alice), chain.balance(&pot));
	let withdraw = chain.sign_as(Alice, pallet_validators::Call::withdraw {});
	chain.block(vec![withdraw]);
	// The block that pays also credits its author, before the withdrawal.
	let paid = reward + (undivided - undivided / 20) / 20;
	let fee = before.0 + paid - chain.balance(&alice);
	assert!(fee > 0 && fee < 3 * MILLI_UFR, "the fee is {fee} planck");
	assert_eq!(chain.balance(&pot), before.1 - paid + fee);
	assert_eq!(chain.view(RewardViewFunction::<Runtime>::new(alice)), 0);
}

#[test]
fn follow_a_price_that_governance_changed() {
	use usufruct_runtime::configs::governance::{dynamic_params::fees, RuntimeParameters};

	let mut chain = Chain::new("development");
	chain.block(vec![]);
	let fee = |chain: &mut Chain| {
		let alice = Alice.to_account_id();
		let before = chain.balance(&alice);
		let signed = chain.sign_as(Alice, transfer(UFR));
		chain.block(vec![signed]);
		before - UFR - chain.balance(&alice)
	};
	let before = fee(&mut chain);

	let doubled = Some(6 * UFR / 1_000_000);
	let key_value = RuntimeParameters::Fees(fees::Parameters::PerByte(fees::PerByte, doubled));
	let call = pallet_parameters::Call::set_parameter { key_value };
	let sudo = pallet_sudo::Call::sudo { call: Box::new(call.into()) };
	let signed = chain.sign_as(Alice, sudo);
	chain.block(vec![signed]);

	assert!(fee(&mut chain) > before);
}
