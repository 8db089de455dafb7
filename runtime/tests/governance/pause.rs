//! The emergency pause.

use crate::{calls::Calls, chain::*};
use frame_support::traits::Contains;
use pallet_suffrage::Origin;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::DispatchError;
use usufruct_runtime::{
	configs::pause::NeverPaused, Dividend, Runtime, RuntimeCall, SafeMode, Suffrage, UFR,
};

fn filtered() -> DispatchError {
	frame_system::Error::<Runtime>::CallFiltered.into()
}

/// Transfers a token.
fn transfer() -> Result<(), DispatchError> {
	let dest = Alice.to_account_id().into();
	signed(&Bob.to_account_id(), pallet_balances::Call::transfer_keep_alive { dest, value: UFR })
}

#[test]
fn a_pause_stops_payments_and_ends_by_itself() {
	chain().execute_with(|| {
		let voter = voters(1).remove(0);
		let poll = poll(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("a poll");
		vote(&voter, poll, true).expect("votes");
		assert_eq!(transfer(), Ok(()));
		for _ in 0..5 {
			if !SafeMode::is_entered() {
				blocks(1);
			}
		}
		assert_eq!(transfer(), Err(filtered()));
		blocks(Suffrage::days(3));
		assert!(SafeMode::is_entered());
		blocks(1);
		assert!(!SafeMode::is_entered());
		assert_eq!(transfer(), Ok(()));
	});
}

#[test]
fn people_claim_and_vote_and_polls_are_carried_out_during_a_pause() {
	chain().execute_with(|| {
		let voter = voters(1).remove(0);
		give(&Dividend::pot(), 100 * UFR);
		close_epochs(1);
		dispatch(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("paused");

		signed(&voter, pallet_dividend::Call::claim {}).expect("claims");
		assert_eq!(holds(&voter), 100 * UFR);

		let exit = poll(Origin::Pause, pallet_safe_mode::Call::force_exit {}).expect("a poll");
		vote(&voter, exit, true).expect("votes");
		blocks(6);
		assert!(!SafeMode::is_entered(), "the people ended it before its time");
	});
}

#[test]
fn the_chain_goes_on_during_a_pause() {
	chain().execute_with(|| {
		dispatch(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("paused");
		let passes =
			|call: RuntimeCall| <Runtime as frame_system::Config>::BaseCallFilter::contains(&call);
		// Without this one there is no block.
		assert!(passes(pallet_timestamp::Call::set { now: 0 }.into()));
		assert!(passes(frame_system::Call::apply_authorized_upgrade { code: vec![] }.into()));
		assert!(passes(pallet_referenda::Call::refund_decision_deposit { index: 0 }.into()));
		assert!(!passes(pallet_balances::Call::burn { value: 1, keep_alive: true }.into()));
	});
}

#[test]
fn what_must_be_done_in_time_can_be_done_during_a_pause() {
	chain().execute_with(|| {
		dispatch(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("paused");
		let bob = Bob.to_account_id();
		// Refused for another reason than the pause.
		let answer =
			Calls::new(bob.clone()).call("Usage", "answer_demand").expect("it can be made up");
		assert_ne!(signed(&bob, answer), Err(filtered()));
		// But whoever is paid for the absence of an answer waits.
		let enforce =
			Calls::new(bob.clone()).call("Usage", "enforce_demand").expect("it can be made up");
		assert_eq!(signed(&bob, enforce), Err(filtered()));
	});
}

#[test]
fn several_calls_that_a_poll_decided_are_made_and_no_others_with_them() {
	chain().execute_with(|| {
		dispatch(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("paused");
		let bonus = |parts| RuntimeCall::from(pallet_dividend::Call::set_bonus { parts });
		let all = |calls| pallet_utility::Call::<Runtime>::batch_all { calls };
		assert_eq!(dispatch(Origin::Parameters, all(vec![bonus(1_000), bonus(2_000)])), Ok(()));
		assert_eq!(pallet_dividend::Bonus::<Runtime>::get(), 2_000);

		let dest = Alice.to_account_id().into();
		let transfer = pallet_balances::Call::transfer_keep_alive { dest, value: UFR };
		assert_eq!(signed(&Bob.to_account_id(), all(vec![transfer.into()])), Err(filtered()));
	});
}

#[test]
fn nobody_buys_or_extends_a_pause() {
	chain().execute_with(|| {
		let alice = Alice.to_account_id();
		assert!(signed(&alice, pallet_safe_mode::Call::enter {}).is_err());
		dispatch(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("paused");
		assert!(signed(&alice, pallet_safe_mode::Call::extend {}).is_err());
		for origin in Origin::ALL {
			assert_eq!(
				dispatch(origin, pallet_safe_mode::Call::force_extend {}),
				Err(DispatchError::BadOrigin)
			);
		}
	});
}

/// Stops a call for that many blocks.
fn stop(pallet: &str, call: &str, blocks: u32) -> RuntimeCall {
	pallet_call_pause::Call::<Runtime>::pause {
		pallet: pallet.as_bytes().to_vec().try_into().expect("short"),
		call: call.as_bytes().to_vec().try_into().expect("short"),
		blocks,
	}
	.into()
}

#[test]
fn a_poll_stops_one_call_and_it_goes_on_by_itself() {
	chain().execute_with(|| {
		let voter = voters(1).remove(0);
		let poll = poll(Origin::Pause, stop("Balances", "transfer_keep_alive", 2)).expect("a poll");
		vote(&voter, poll, true).expect("votes");
		for _ in 0..5 {
			if transfer().is_ok() {
				blocks(1);
			}
		}
		assert_eq!(transfer(), Err(filtered()));
		let batch = pallet_utility::Call::batch_all {
			calls: vec![pallet_balances::Call::transfer_keep_alive {
				dest: Alice.to_account_id().into(),
				value: UFR,
			}
			.into()],
		};
		assert_eq!(signed(&Bob.to_account_id(), batch), Err(filtered()), "nor inside another one");
		blocks(2);
		assert_eq!(transfer(), Ok(()));
	});
}

#[test]
fn a_stopped_call_goes_on_before_its_time_if_a_poll_says_so() {
	chain().execute_with(|| {
		dispatch(Origin::Pause, stop("Balances", "transfer_keep_alive", Suffrage::days(3)))
			.expect("stopped");
		assert_eq!(transfer(), Err(filtered()));
		let name = |text: &str| text.as_bytes().to_vec().try_into().expect("short");
		let ident = (name("Balances"), name("transfer_keep_alive"));
		let unpause = pallet_tx_pause::Call::unpause { ident };
		assert_eq!(signed(&Alice.to_account_id(), unpause.clone()), Err(DispatchError::BadOrigin));
		dispatch(Origin::Pause, unpause).expect("goes on");
		assert_eq!(transfer(), Ok(()));
	});
}

#[test]
fn no_call_is_stopped_for_longer_than_everything_would_be() {
	chain().execute_with(|| {
		let too_long = stop("Balances", "transfer_keep_alive", Suffrage::days(3) + 1);
		let error = pallet_call_pause::Error::<Runtime>::LengthOutOfBounds;
		assert_eq!(dispatch(Origin::Pause, too_long), Err(error.into()));
	});
}

#[test]
fn what_goes_on_during_a_pause_cannot_be_stopped_by_its_name_either() {
	chain().execute_with(|| {
		let never = Err(pallet_call_pause::Error::<Runtime>::NeverPaused.into());
		let mut calls = Calls::new(Bob.to_account_id());
		for (pallet, call) in calls.names() {
			let made =
				(0..100).find_map(|_| calls.call(&pallet, &call)).expect("it can be made up");
			let result = dispatch(Origin::Pause, stop(&pallet, &call, 1));
			if NeverPaused::contains(&made) {
				assert_eq!(result, never, "{pallet}.{call}");
			} else {
				assert_eq!(result, Ok(()), "{pallet}.{call}");
				assert_eq!(signed(&Bob.to_account_id(), made), Err(filtered()), "{pallet}.{call}");
			}
		}
	});
}
