//! No poll takes money out of the dividend pot.

use crate::{calls::Calls, chain::*};
use frame_support::{
	storage::{with_transaction, TransactionOutcome},
	traits::{fungible::Mutate, Get, Hooks, StorePreimage},
};
use pallet_suffrage::Origin;
use sp_keyring::Sr25519Keyring::Eve;
use sp_runtime::DispatchError;
use usufruct_primitives::{split::Split, PPM};
use usufruct_runtime::{
	configs::{
		governance::{dynamic_params::fees, RuntimeParameters},
		money::{CommonsPot, MaxGrant},
	},
	Balances, Dividend, Preimage, Runtime, RuntimeCall, RuntimeOrigin, Scheduler, System, UFR,
};

/// How often the arguments of a call are made up.
const TRIES: usize = 40;
/// What flows into the pot while the second epoch is open.
const INFLOW: u128 = 100 * UFR;

/// Whether the call leaves less in the pot, at once or by what it puts on the agenda of the next
/// blocks. Changes nothing.
fn takes_from_the_pot(origin: RuntimeOrigin, call: RuntimeCall) -> bool {
	let pot = Dividend::pot();
	let before = holds(&pot);
	with_transaction(|| {
		let _ = dispatch(origin, call);
		for _ in 0..2 {
			let next = System::block_number() + 1;
			System::set_block_number(next);
			Scheduler::on_initialize(next);
		}
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(holds(&pot) < before))
	})
	.expect("the transaction ends")
}

/// Closes the open epoch of the dividend, after a pause if there is one.
fn close() {
	let open = Dividend::epoch();
	let paused_until = Dividend::paused_until().unwrap_or_default();
	let block = open.closes_at.max(paused_until).max(System::block_number() + 1);
	System::set_block_number(block);
	Dividend::on_initialize(block);
	assert_eq!(Dividend::epoch().index, open.index + 1);
}

/// How much less is in the pot after something was done, the epoch was closed, money flowed in, and
/// the next epoch was closed; nothing if it could not be done. Changes nothing.
fn lost_over_two_closes(act: impl FnOnce() -> Result<(), DispatchError>) -> u128 {
	let pot = Dividend::pot();
	let before = holds(&pot);
	with_transaction(|| {
		let done = act().map(|()| {
			close();
			Balances::mint_into(&pot, INFLOW).expect("it fits");
			close();
			(before + INFLOW).saturating_sub(holds(&pot))
		});
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(done.unwrap_or_default()))
	})
	.expect("the transaction ends")
}

/// The most that programmes get of what flows in.
fn part_of_programmes() -> u128 {
	let ceiling: u32 = <Runtime as pallet_dividend::Config>::ProgrammeCeiling::get();
	INFLOW * u128::from(ceiling) / u128::from(PPM)
}

/// People share in a pot with money in it.
fn wealthy() -> Vec<usufruct_runtime::AccountId> {
	let people = voters(2);
	give(&Dividend::pot(), 1_000 * UFR);
	close_epochs(1);
	assert!(holds(&Dividend::pot()) >= 1_000 * UFR);
	people
}

#[test]
fn no_call_takes_from_the_pot_whatever_origin_a_poll_gives_it() {
	chain().execute_with(|| {
		wealthy();
		let mut calls = Calls::new(Eve.to_account_id());
		for (pallet, name) in calls.names() {
			for _ in 0..TRIES {
				let Some(call) = calls.call(&pallet, &name) else { continue };
				for origin in Origin::ALL {
					assert!(
						!takes_from_the_pot(origin.into(), call.clone()),
						"{origin:?} takes from the pot by {call:?}"
					);
				}
			}
		}
	});
}

#[test]
fn no_call_makes_a_close_take_more_than_the_part_of_programmes() {
	chain().execute_with(|| {
		wealthy();
		assert_eq!(lost_over_two_closes(|| Ok(())), 0);
		let (mut calls, mut done) = (Calls::new(Eve.to_account_id()), 0);
		for (pallet, name) in calls.names() {
			for _ in 0..TRIES {
				let Some(call) = calls.call(&pallet, &name) else { continue };
				for origin in Origin::ALL {
					let lost = lost_over_two_closes(|| {
						dispatch(origin, call.clone())?;
						done += 1;
						Ok(())
					});
					assert!(
						lost <= part_of_programmes(),
						"after {call:?} by {origin:?} a close takes {lost} planck"
					);
				}
			}
		}
		assert!(done > TRIES, "only {done} calls were made");
	});
}

#[test]
fn programmes_get_their_part_of_what_flows_in_and_nothing_of_what_is_there() {
	chain().execute_with(|| {
		let people = wealthy();
		let open = |share| pallet_dividend::Call::<Runtime>::open_programme {
			share,
			classes: Default::default(),
			regions: Default::default(),
			epochs: 2,
			min_people: 1,
		};
		let most: u32 = <Runtime as pallet_dividend::Config>::ProgrammeCeiling::get();
		for (share, part) in [(most, part_of_programmes()), (most / 2, part_of_programmes() / 2)] {
			let lost = lost_over_two_closes(|| {
				dispatch(Origin::Parameters, open(share))?;
				signed(&people[0], pallet_dividend::Call::join_programme { programme: 0 })
			});
			assert_eq!(lost, part);
		}
		assert!(dispatch(Origin::Parameters, open(most + 1)).is_err());
	});
}

#[test]
fn the_made_up_calls_would_find_a_way_if_there_were_one() {
	chain().execute_with(|| {
		wealthy();
		let mut calls = Calls::new(Eve.to_account_id());
		let mut found = |pallet: &str, name: &str| {
			(0..TRIES).any(|_| {
				let call = calls.call(pallet, name).expect("it can be made up");
				takes_from_the_pot(RuntimeOrigin::root(), call)
			})
		};
		// What only Root may do, and nobody has Root.
		assert!(found("Balances", "force_transfer"));
		assert!(found("Balances", "force_set_balance"));
		assert!(!found("Balances", "transfer_allow_death"));
	});
}

#[test]
fn what_polls_do_leaves_the_pot_alone() {
	chain().execute_with(|| {
		wealthy();
		let pot = Dividend::pot();
		let before = holds(&pot);
		let spend = |beneficiary| pallet_treasury::Call::<Runtime>::spend {
			asset_kind: Box::new(()),
			amount: MaxGrant::get(),
			beneficiary: Box::new(beneficiary),
			valid_from: None,
		};
		give(&CommonsPot::get(), 100 * UFR);
		let bounty = pallet_multi_asset_bounties::Call::<Runtime>::fund_bounty {
			asset_kind: Box::new(()),
			value: 100 * UFR,
			curator: pot.clone().into(),
			metadata: Preimage::note(b"what is to be done".as_slice().into()).expect("noted"),
		};
		let stop = |pallet: &[u8], call: &[u8]| pallet_call_pause::Call::<Runtime>::pause {
			pallet: pallet.to_vec().try_into().expect("short"),
			call: call.to_vec().try_into().expect("short"),
			blocks: 1,
		};
		let split = Split { dividend: 100_000, commons: 180_000, ..Split::default() };
		let price = RuntimeParameters::Fees(fees::Parameters::PerByte(fees::PerByte, Some(1)));
		let person = 0;
		let done: Vec<(Origin, RuntimeCall)> = vec![
			(Origin::Parameters, pallet_usage::Call::set_split { split }.into()),
			(
				Origin::Parameters,
				pallet_parameters::Call::set_parameter { key_value: price }.into(),
			),
			(Origin::Grants, spend(pot.clone()).into()),
			(Origin::Grants, spend(Eve.to_account_id()).into()),
			(Origin::Grants, pallet_treasury::Call::void_spend { index: 0 }.into()),
			(Origin::Grants, bounty.into()),
			(Origin::Pause, stop(b"Usage", b"settle").into()),
			(Origin::Verifiers, pallet_personhood::Call::retire_verifier { verifier: 1 }.into()),
			(
				Origin::Licences,
				pallet_models::Call::set_licence {
					licence: b"BSL-1.0".to_vec().try_into().expect("short"),
					allowed: true,
				}
				.into(),
			),
			(
				Origin::Upgrade,
				pallet_suffrage::Call::authorise_upgrade { code_hash: Default::default() }.into(),
			),
			(Origin::Pause, pallet_safe_mode::Call::force_enter {}.into()),
			(Origin::Disputes, pallet_personhood::Call::revoke { person }.into()),
		];
		for (origin, call) in done {
			dispatch(origin, call.clone()).unwrap_or_else(|error| panic!("{call:?}: {error:?}"));
			assert_eq!(holds(&pot), before, "after {call:?}");
		}
	});
}

#[test]
fn a_claim_does() {
	chain().execute_with(|| {
		let people = wealthy();
		let (pot, due) = (holds(&Dividend::pot()), Dividend::claimable(people[0].clone()));
		assert!(due > 0);
		let claim = RuntimeCall::from(pallet_dividend::Call::claim {});
		assert!(takes_from_the_pot(RuntimeOrigin::signed(people[0].clone()), claim.clone()));
		signed(&people[0], claim).expect("claims");
		assert_eq!(holds(&Dividend::pot()), pot - due);
	});
}
