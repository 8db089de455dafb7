//! No poll takes money out of the dividend, nor what it owes.

use crate::{
	calls::Calls, chain::*, decisions::decisions, holdings::Holdings, origins::named, stage,
};
use frame_support::{
	storage::{with_transaction, TransactionOutcome},
	traits::{fungible::Mutate, Get, GetCallMetadata, Hooks},
};
use pallet_suffrage::Origin;
use sp_keyring::Sr25519Keyring::Eve;
use sp_runtime::DispatchError;
use std::collections::BTreeSet;
use usufruct_primitives::PPM;
use usufruct_runtime::{
	Balances, Dividend, Runtime, RuntimeCall, RuntimeOrigin, Scheduler, System, UFR,
};

/// How often the arguments of a call are made up.
const TRIES: usize = 40;
/// What flows into the pot while the second epoch is open.
const INFLOW: u128 = 100 * UFR;
/// What is named for an origin and still cannot be done by anybody: the commons fund's older ways in.
/// There is no room for an approval, so that none is made, and there is none to remove.
const SHUT: [(&str, &str); 2] = [("Treasury", "remove_approval"), ("Treasury", "spend_local")];

/// What came of something, which is undone.
fn undone<R>(act: impl FnOnce() -> R) -> R {
	with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(act())))
		.expect("the transaction ends")
}

/// Whether the dividend holds or owes less because of a call, at once or by what that puts on the
/// agenda of the next blocks. Changes nothing.
fn takes(origin: RuntimeOrigin, call: RuntimeCall) -> bool {
	undone(|| {
		let before = Holdings::now();
		if dispatch(origin, call).is_err() {
			return false;
		}
		let at_once = before.shrank(&Holdings::now());
		for _ in 0..2 {
			let next = System::block_number() + 1;
			System::set_block_number(next);
			Scheduler::on_initialize(next);
		}
		at_once || before.shrank(&Holdings::now())
	})
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

/// How much less there is after something was done, the epoch was closed, money flowed in, and the
/// next epoch was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lost {
	/// In the pot of all people.
	of_all: u128,
	/// In that and those of all programmes.
	together: u128,
}

impl Lost {
	/// Whether that is what programmes get, and in their pots.
	fn is_allowed(&self) -> bool {
		self.of_all <= part_of_programmes() && self.together == 0
	}
}

/// What is lost over two closes because of something; an error if it could not be done. Changes
/// nothing. Whatever was done, the books are in order, and what is owed is there.
fn lost_over_two_closes(
	act: impl FnOnce() -> Result<(), DispatchError>,
) -> Result<Lost, DispatchError> {
	undone(|| -> Result<Lost, DispatchError> {
		let before = Holdings::now();
		act()?;
		close();
		Balances::mint_into(&Dividend::pot(), INFLOW).expect("it fits");
		close();
		Dividend::do_try_state().expect("the books are in order");
		let after = Holdings::now();
		let missing = |before: u128, after| (before + INFLOW).saturating_sub(after);
		Ok(Lost {
			of_all: missing(before.of_all(), after.of_all()),
			together: missing(before.together(), after.together()),
		})
	})
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

/// Makes every decision, each history by itself, and asks something of each before it is made.
fn decide_everything(mut ask: impl FnMut(Origin, &RuntimeCall)) {
	for history in decisions() {
		undone(|| {
			for (origin, call) in history {
				ask(origin, &call);
				dispatch(origin, call.clone())
					.unwrap_or_else(|error| panic!("{origin:?} is refused {call:?}: {error:?}"));
			}
		});
	}
}

#[test]
fn every_call_that_polls_can_make_is_made_and_takes_nothing() {
	chain().execute_with(|| {
		stage::set();
		let mut made = BTreeSet::new();
		decide_everything(|origin, call| {
			assert!(
				!takes(origin.into(), call.clone()),
				"{origin:?} takes from the dividend by {call:?}"
			);
			let lost = lost_over_two_closes(|| dispatch(origin, call.clone()))
				.unwrap_or_else(|error| panic!("{origin:?} is refused {call:?}: {error:?}"));
			assert!(lost.is_allowed(), "after {call:?} by {origin:?} closes take: {lost:?}");
			let name = call.get_call_metadata();
			made.insert((origin, name.pallet_name, name.function_name));
		});
		for origin in Origin::ALL {
			for call in named(origin) {
				let (pallet, name) = *call;
				assert_eq!(
					made.contains(&(origin, pallet, name)),
					!SHUT.contains(call),
					"whether {origin:?} makes {pallet}.{name}: see the decisions, and what is shut"
				);
			}
		}
	});
}

#[test]
fn the_older_ways_into_the_commons_fund_are_shut() {
	chain().execute_with(|| {
		stage::set();
		let mut calls = Calls::new(Eve.to_account_id());
		for (pallet, name) in SHUT {
			for _ in 0..TRIES {
				let call = calls.call(pallet, name).expect("it can be made up");
				assert!(dispatch(Origin::Grants, call.clone()).is_err(), "{call:?} was made");
			}
		}
	});
}

#[test]
fn no_call_takes_from_the_pot_whatever_origin_a_poll_gives_it() {
	chain().execute_with(|| {
		stage::set();
		let mut calls = Calls::new(Eve.to_account_id());
		for (pallet, name) in calls.names() {
			for _ in 0..TRIES {
				let Some(call) = calls.call(&pallet, &name) else { continue };
				for origin in Origin::ALL {
					assert!(
						!takes(origin.into(), call.clone()),
						"{origin:?} takes from the dividend by {call:?}"
					);
				}
			}
		}
	});
}

#[test]
fn no_call_makes_a_close_take_more_than_the_part_of_programmes() {
	chain().execute_with(|| {
		stage::set();
		// What the programme gets that is there.
		let part = INFLOW * u128::from(stage::SHARE) / u128::from(PPM);
		assert_eq!(lost_over_two_closes(|| Ok(())), Ok(Lost { of_all: part, together: 0 }));
		let (mut calls, mut made) = (Calls::new(Eve.to_account_id()), BTreeSet::new());
		for (pallet, name) in calls.names() {
			for _ in 0..TRIES {
				let Some(call) = calls.call(&pallet, &name) else { continue };
				for origin in Origin::ALL {
					let lost = lost_over_two_closes(|| dispatch(origin, call.clone()));
					let Ok(lost) = lost else { continue };
					assert!(
						lost.is_allowed(),
						"after {call:?} by {origin:?} closes take: {lost:?}"
					);
					if named(origin).contains(&(&*pallet, &*name)) {
						made.insert(origin);
					}
				}
			}
		}
		// Dice do not know who has session keys, and hardly what is a licence. That every call is made
		// is asked of the decisions.
		assert!(made.len() >= 6, "made up calls were made by {made:?} alone");
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
			assert_eq!(lost, Ok(Lost { of_all: part, together: 0 }));
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
				takes(RuntimeOrigin::root(), call)
			})
		};
		// What only Root may do, and nobody has Root.
		assert!(found("Balances", "force_transfer"));
		assert!(found("Balances", "force_set_balance"));
		assert!(!found("Balances", "transfer_allow_death"));
	});
}

#[test]
fn a_debt_that_is_struck_off_would_be_noticed() {
	chain().execute_with(|| {
		stage::set();
		let before = Holdings::now();
		// Who turns out to be no person forfeits what was put aside, which stays in the pot.
		let (case, uphold) = (stage::CASE, true);
		let appeal = pallet_personhood::Call::<Runtime>::decide_appeal { case, uphold };
		let after = undone(|| dispatch(Origin::Disputes, appeal).map(|()| Holdings::now()));
		let after = after.expect("the case is upheld");
		assert!(after.owed < before.owed);
		assert!(!before.shrank(&after));

		pallet_dividend::Books::<Runtime>::mutate(|books| books.liability -= 1);
		assert!(before.shrank(&Holdings::now()));
	});
}

#[test]
fn a_claim_does() {
	chain().execute_with(|| {
		let people = wealthy();
		let (pot, due) = (holds(&Dividend::pot()), Dividend::claimable(people[0].clone()));
		assert!(due > 0);
		let claim = RuntimeCall::from(pallet_dividend::Call::claim {});
		assert!(takes(RuntimeOrigin::signed(people[0].clone()), claim.clone()));
		signed(&people[0], claim).expect("claims");
		assert_eq!(holds(&Dividend::pot()), pot - due);
	});
}
