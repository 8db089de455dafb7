//! Polls from nobody's first block to what they decide.

use crate::chain::*;
use frame_support::{
	dispatch::CheckIfFeeless,
	traits::{
		schedule::{v3::Anon, DispatchTime},
		Get, StorePreimage,
	},
	weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight},
};
use pallet_personhood::{
	dispute::{Reason, Stage},
	jury::SENIORITY,
	types::Suspension,
};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};
use pallet_suffrage::Origin;
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Eve};
use sp_runtime::DispatchError;
use usufruct_primitives::{split::Split, traits::People as _};
use usufruct_runtime::{
	configs::{
		agenda::{FirstWithRoom, MaxScheduledPerBlock, TRIED},
		governance::{dynamic_params::fees, RuntimeParameters},
		money::{CommonsPot, MaxGrant},
	},
	AccountId, Balances, Dividend, OriginCaller, Personhood, Preimage, Referenda, Runtime,
	RuntimeCall, RuntimeOrigin, SafeMode, Scheduler, Suffrage, System, TransactionPayment, Usage,
	DAYS, UFR,
};

/// Makes blocks until the poll is over; whether it was approved.
fn decided(poll: u32) -> bool {
	loop {
		match ReferendumInfoFor::<Runtime>::get(poll).expect("a poll") {
			ReferendumInfo::Ongoing(_) => blocks(1),
			ReferendumInfo::Approved(..) => return true,
			_ => return false,
		}
	}
}

fn remark() -> RuntimeCall {
	frame_system::Call::remark_with_event { remark: vec![] }.into()
}

#[test]
fn a_chain_begins_without_people_and_without_polls() {
	chain().execute_with(|| {
		assert_eq!(poll(Origin::Parameters, remark()), Err(DispatchError::BadOrigin));
		close_epochs(2);
		// Epochs close, and nobody shared in them.
		assert_eq!(Suffrage::electorate(), None);
		assert_eq!(poll(Origin::Parameters, remark()), Err(DispatchError::BadOrigin));

		let first = person("First");
		close_epochs(1);
		assert_eq!(poll(Origin::Parameters, remark()), Err(DispatchError::BadOrigin));
		close_epochs(1);
		assert_eq!(Suffrage::electorate(), Some((3, 1)));
		let poll = poll(Origin::Parameters, remark()).expect("the first poll");
		assert_eq!(vote(&first, poll, true), Ok(()));
	});
}

#[test]
fn a_chain_of_the_strict_constitution_waits_for_a_thousand() {
	let strict = json!({ "suffrage": { "minElectorate": 1_000, "seasoning": 4 } });
	chain_with("local_testnet", strict).execute_with(|| {
		for n in 0..999 {
			person(&format!("Person{n}"));
		}
		close_epochs(2);
		assert_eq!(poll(Origin::Parameters, remark()), Err(DispatchError::BadOrigin));
		person("Person999");
		close_epochs(2);
		assert_eq!(Suffrage::electorate().map(|seen| seen.1), Some(1_000));
		assert!(poll(Origin::Parameters, remark()).is_ok());
	});
}

#[test]
fn people_change_the_split_with_one_vote_each() {
	chain().execute_with(|| {
		let people = voters(5);
		let split = Split { dividend: 250_000, oracle: 350_000, ..Split::default() };
		let poll =
			poll(Origin::Parameters, pallet_usage::Call::set_split { split }).expect("a poll");
		for (person, aye) in people.iter().zip([true, true, true, false, false]) {
			assert_eq!(Balances::free_balance(person), 0);
			let call = pallet_suffrage::Call::<Runtime>::vote { poll, aye };
			assert!(call.is_feeless(&RuntimeOrigin::signed(person.clone())));
			assert_eq!(vote(person, poll, aye), Ok(()));
			assert!(!call.is_feeless(&RuntimeOrigin::signed(person.clone())));
		}
		// Money has none.
		assert!(vote(&Alice.to_account_id(), poll, true).is_err());

		assert!(decided(poll));
		assert_eq!(Usage::split(), Split::default());
		blocks(Suffrage::days(2));
		close_epochs(1);
		assert_eq!(Usage::split(), split);
	});
}

#[test]
fn a_tie_is_no_majority() {
	chain().execute_with(|| {
		let people = voters(2);
		let poll = poll(Origin::Parameters, remark()).expect("a poll");
		assert_eq!(vote(&people[0], poll, true), Ok(()));
		assert_eq!(vote(&people[1], poll, false), Ok(()));
		assert!(!decided(poll));
	});
}

#[test]
fn an_upgrade_takes_two_weeks_three_quarters_and_a_fifth() {
	chain().execute_with(|| {
		let people = voters(16);
		let code_hash = [7; 32].into();
		let call = || pallet_suffrage::Call::<Runtime>::authorise_upgrade { code_hash };
		// Three ayes of sixteen people are too few, though nobody is against it.
		let few = poll(Origin::Upgrade, call()).expect("a poll");
		for person in &people[..3] {
			assert_eq!(vote(person, few, true), Ok(()));
		}
		assert!(!decided(few));

		// Eleven of fifteen votes are too few.
		let divided = poll(Origin::Upgrade, call()).expect("a poll");
		for (n, person) in people[..15].iter().enumerate() {
			assert_eq!(vote(person, divided, n < 11), Ok(()));
		}
		assert!(!decided(divided));

		// Twelve of sixteen are enough.
		let begin = System::block_number();
		let enough = poll(Origin::Upgrade, call()).expect("a poll");
		for (n, person) in people.iter().enumerate() {
			assert_eq!(vote(person, enough, n < 12), Ok(()));
		}
		assert!(decided(enough));
		let end = System::block_number();
		assert!(end - begin >= Suffrage::days(14), "two weeks to vote");
		assert!(System::authorized_upgrade().is_none());
		blocks(Suffrage::days(7) - 1);
		assert!(System::authorized_upgrade().is_none(), "a week to leave");
		blocks(1);
		assert!(System::authorized_upgrade().is_some());
	});
}

#[test]
fn a_grant_is_paid_by_the_commons_fund_and_bounded() {
	chain().execute_with(|| {
		let voter = voters(1).remove(0);
		give(&CommonsPot::get(), 20_000 * UFR);
		let eve = Eve.to_account_id();
		let grant = |amount| pallet_treasury::Call::<Runtime>::spend {
			asset_kind: Box::new(()),
			amount,
			beneficiary: Box::new(eve.clone()),
			valid_from: None,
		};
		assert!(dispatch(Origin::Grants, grant(MaxGrant::get() + 1)).is_err());
		// Nor in pieces.
		let half = MaxGrant::get() / 2 + 1;
		let pieces =
			pallet_utility::Call::batch_all { calls: vec![grant(half).into(), grant(half).into()] };
		assert!(dispatch(Origin::Grants, pieces).is_err());

		let poll = poll(Origin::Grants, grant(MaxGrant::get())).expect("a poll");
		vote(&voter, poll, true).expect("votes");
		assert!(decided(poll));
		blocks(Suffrage::days(2) + 1);
		let before = holds(&eve);
		signed(&eve, pallet_treasury::Call::payout { index: 0 }).expect("is paid");
		assert_eq!(holds(&eve), before + MaxGrant::get());
	});
}

#[test]
fn people_without_money_have_a_poll() {
	chain().execute_with(|| {
		let people = voters(2);
		// A proposal pays its fee, signatures do not.
		let call: RuntimeCall = pallet_personhood::Call::set_quorum { k: 3 }.into();
		signed(
			&people[0],
			pallet_suffrage::Call::propose {
				proposal_origin: Box::new(Origin::Verifiers.into()),
				call: Preimage::bound(call).expect("short"),
				enactment: DispatchTime::After(0),
			},
		)
		.expect("proposes");
		let cosign = pallet_suffrage::Call::<Runtime>::cosign { proposal: 0 };
		assert!(cosign.is_feeless(&RuntimeOrigin::signed(people[1].clone())));
		signed(&people[1], cosign).expect("signs");
		signed(&Bob.to_account_id(), pallet_suffrage::Call::submit_proposal { proposal: 0 })
			.expect("submits");
		for person in &people {
			vote(person, 0, true).expect("votes");
		}
		assert!(decided(0));
		blocks(Suffrage::days(2) + 1);
		assert_eq!(Personhood::quorum(), 3);
		let fund = holds(&Suffrage::account());
		Referenda::refund_decision_deposit(RuntimeOrigin::signed(people[0].clone()), 0)
			.expect("returns to the fund");
		assert_eq!(Balances::free_balance(Suffrage::account()), fund - UFR);
	});
}

#[test]
fn a_revoked_person_loses_its_vote() {
	chain().execute_with(|| {
		let people = voters(2);
		let poll = poll(Origin::Parameters, remark()).expect("a poll");
		vote(&people[0], poll, true).expect("votes");
		let remove = pallet_suffrage::Call::<Runtime>::remove_vote { poll, person: 0 };
		let anybody: AccountId = Bob.to_account_id();
		assert!(signed(&anybody, remove.clone()).is_err());
		dispatch(Origin::Disputes, pallet_personhood::Call::revoke { person: 0 })
			.expect("is revoked");
		assert_eq!(signed(&anybody, remove), Ok(()));
		assert_eq!(
			vote(&people[0], poll, true),
			Err(pallet_suffrage::Error::<Runtime>::Barred.into())
		);
		assert!(!decided(poll));
	});
}

/// A jury finds that the first of these is no person; the first block in which nobody can appeal any
/// more.
fn condemned(people: &[AccountId]) -> u32 {
	let (case, bob) = (0, Bob.to_account_id());
	let (reason, evidence) = (Reason::NotAPerson, [7; 32]);
	signed(&bob, pallet_personhood::Call::challenge { person: 0, reason, evidence })
		.expect("challenges");
	// What the jury is drawn with is made after the challenge.
	for _ in 0..2 {
		new_randomness();
		blocks(1);
	}
	signed(&bob, pallet_personhood::Call::draw_jury { case }).expect("draws");
	for seat in &Personhood::case(case).expect("it is open").jury {
		let juror = &people[seat.person as usize];
		signed(juror, pallet_personhood::Call::vote_case { case, uphold: true }).expect("votes");
	}
	signed(&bob, pallet_personhood::Call::resolve_case { case }).expect("counts");
	match Personhood::case(case).expect("it is open").stage {
		Stage::Appealable { upheld: true, ends } => ends,
		stage => panic!("{stage:?}"),
	}
}

#[test]
fn all_people_decide_an_appeal_before_the_verdict_stands() {
	// Days and epochs as long as they really are.
	let real = json!({ "suffrage": { "day": DAYS }, "dividend": { "epochLength": 7 * DAYS } });
	for uphold in [false, true] {
		chain_with("local_testnet", real.clone()).execute_with(|| {
			let people: Vec<_> = (0..20).map(|n| person(&format!("Person{n}"))).collect();
			// They share from the first epoch on, and judge once they have done so for long enough.
			while Dividend::epoch().index <= SENIORITY {
				pass_until(Dividend::epoch().closes_at);
			}
			let ends = condemned(&people);
			let appeal = pallet_personhood::Call::decide_appeal { case: 0, uphold };
			let poll = poll(Origin::Disputes, appeal).expect("a poll");
			let barred = pallet_suffrage::Error::<Runtime>::Barred;
			assert_eq!(vote(&people[0], poll, !uphold), Err(barred.into()));
			for person in &people[1..] {
				assert_eq!(vote(person, poll, true), Ok(()));
			}
			pass_until(System::block_number() + Suffrage::days(7));
			assert!(decided(poll));
			assert!(Personhood::case(0).is_some(), "what is decided is not carried out at once");
			pass_until(System::block_number() + Suffrage::days(2) + 1);

			assert!(System::block_number() < ends);
			assert_eq!(Personhood::case(0), None);
			let record = pallet_personhood::People::<Runtime>::get(0).expect("it is there");
			assert_eq!((record.revoked, record.frozen_by), (uphold, None));
			assert_eq!(Personhood::may_claim(0), !uphold);
		});
	}
}

#[test]
fn whom_a_suspension_keeps_from_claiming_votes_on_it_and_goes_on_sharing() {
	chain().execute_with(|| {
		let people = voters(2);
		let suspend = pallet_personhood::Call::suspend_verifier { verifier: 0 };
		dispatch(Origin::Verifiers, suspend).expect("is suspended");
		// It attested them all.
		assert!(!Personhood::may_claim(0) && !Personhood::may_claim(1));
		let confirm = pallet_personhood::Call::confirm_suspension { verifier: 0 };
		let poll = poll(Origin::Disputes, confirm).expect("a poll");
		for person in &people {
			assert_eq!(vote(person, poll, true), Ok(()));
		}
		assert!(decided(poll));
		blocks(Suffrage::days(2) + 1);
		let suspension = Personhood::verifier(0).expect("it is there").suspension;
		assert_eq!(suspension, Some(Suspension::Confirmed));

		give(&Dividend::pot(), 100 * UFR);
		close_epochs(1);
		let due = || people.iter().map(|person| Dividend::claimable(person.clone()));
		assert!(due().all(|due| due == 0));
		let resume = pallet_personhood::Call::resume_verifier { verifier: 0 };
		dispatch(Origin::Disputes, resume).expect("is resumed");
		assert!(due().all(|due| due == 50 * UFR), "{:?}", due().collect::<Vec<_>>());
	});
}

#[test]
fn no_poll_has_root() {
	chain().execute_with(|| {
		voters(1);
		for origin in [
			frame_system::RawOrigin::Root,
			frame_system::RawOrigin::Signed(Dividend::pot()),
			frame_system::RawOrigin::None,
		] {
			assert_eq!(
				poll(OriginCaller::system(origin), remark()),
				Err(pallet_referenda::Error::<Runtime>::NoTrack.into())
			);
		}
	});
}

/// In which block a bonus that people decided holds, if some blocks take no more scheduled calls.
fn bonus_holds_at(full: &[u32]) -> u32 {
	chain().execute_with(|| {
		let voter = voters(1).remove(0);
		for block in full {
			for _ in 0..MaxScheduledPerBlock::get() {
				<Scheduler as Anon<_, _, _>>::schedule(
					DispatchTime::At(*block),
					None,
					200,
					frame_system::RawOrigin::Root.into(),
					Preimage::bound(remark()).expect("short"),
				)
				.expect("there is room");
			}
		}
		let call = pallet_dividend::Call::set_bonus { parts: 1_000 };
		let poll = poll(Origin::Parameters, call).expect("a poll");
		assert_eq!(vote(&voter, poll, true), Ok(()));
		assert!(decided(poll));
		for _ in 0..Suffrage::days(2) + TRIED {
			if pallet_dividend::Bonus::<Runtime>::get() == 1_000 {
				return System::block_number();
			}
			blocks(1);
		}
		panic!("what was approved is carried out");
	})
}

#[test]
fn what_was_approved_is_carried_out_though_its_block_is_full() {
	let block = bonus_holds_at(&[]);
	assert_eq!(bonus_holds_at(&[block]), block + 1);
	assert_eq!(bonus_holds_at(&[block, block + 1, block + 2]), block + 3);
}

#[test]
fn after_so_many_blocks_is_counted_as_the_scheduler_counts() {
	chain().execute_with(|| {
		for blocks in [0, 1, 7] {
			let (when, call) = (DispatchTime::After(blocks), Preimage::bound(remark()));
			let call = call.expect("short");
			let root = OriginCaller::from(frame_system::RawOrigin::Root);
			let plain =
				<Scheduler as Anon<_, _, _>>::schedule(when, None, 200, root.clone(), call.clone());
			let ours = <FirstWithRoom as Anon<_, _, _>>::schedule(when, None, 200, root, call);
			let block = |scheduled: Result<(u32, u32), _>| scheduled.expect("there is room").0;
			assert_eq!(block(ours), block(plain));
		}
	});
}

/// How many blocks it takes to begin a pause that all want, behind so many polls on its track.
fn blocks_until_a_pause(others: u32) -> u32 {
	chain().execute_with(|| {
		let voter = voters(1).remove(0);
		for _ in 0..others {
			poll(Origin::Pause, remark()).expect("a poll");
		}
		let begin = System::block_number();
		let wanted = poll(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("a poll");
		assert_eq!(vote(&voter, wanted, true), Ok(()));
		assert!(decided(wanted));
		while !SafeMode::is_entered() {
			blocks(1);
		}
		System::block_number() - begin
	})
}

#[test]
fn no_polls_made_for_it_keep_a_pause_waiting() {
	assert_eq!(blocks_until_a_pause(100), blocks_until_a_pause(0));
}

#[test]
fn no_poll_makes_fees_that_nobody_can_pay_or_none_at_all() {
	chain().execute_with(|| {
		let second = Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, 0);
		let fees = || {
			(
				TransactionPayment::weight_to_fee(second),
				TransactionPayment::length_to_fee(1_000_000),
			)
		};
		assert_eq!(fees(), (UFR, 3 * UFR));
		for (price, expected) in
			[(u128::MAX, (100 * UFR, 300 * UFR)), (0, (UFR / 100, 3 * UFR / 100))]
		{
			for key_value in [
				fees::Parameters::PerSecond(fees::PerSecond, Some(price)),
				fees::Parameters::PerByte(fees::PerByte, Some(price)),
			] {
				let key_value = RuntimeParameters::Fees(key_value);
				let call = pallet_parameters::Call::set_parameter { key_value };
				assert_eq!(dispatch(Origin::Parameters, call), Ok(()));
			}
			assert_eq!(fees(), expected);
		}
	});
}
