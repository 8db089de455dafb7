//! Bounties: the commons fund pays for work by way of curators.

use crate::chain::*;
use frame_support::traits::{Contains, Get, StorePreimage};
use pallet_models::{Contributor, Parent, Relation};
use pallet_multi_asset_bounties::{Bounties as Table, BountyStatus, Call, Error};
use pallet_suffrage::Origin;
use sp_keyring::Sr25519Keyring::{Alice, Charlie, Dave, Eve, Ferdie};
use sp_runtime::DispatchError;
use usufruct_primitives::{Meter, Role, VersionId, PPM};
use usufruct_runtime::{
	configs::{
		bounties::Payee,
		money::{CommonsPot, MaxGrant},
	},
	AccountId, Balances, Bounties, Models, Preimage, Runtime, RuntimeCall, EXISTENTIAL_DEPOSIT,
	UFR,
};

/// What the fund of a test has.
const FUND: u128 = 20_000 * UFR;

type Outcome = Result<(), DispatchError>;

/// A chain whose fund has money, and nobody's bounty.
fn funded(test: impl FnOnce()) {
	chain().execute_with(|| {
		give(&CommonsPot::get(), FUND);
		let before = Balances::total_issuance();
		test();
		assert!(Balances::total_issuance() <= before, "nothing was made of nothing");
		assert!(holds(&CommonsPot::get()) >= EXISTENTIAL_DEPOSIT);
	});
}

pub fn curator() -> AccountId {
	Charlie.to_account_id()
}

/// A poll funds a bounty of that value.
pub fn fund_bounty(value: u128) -> RuntimeCall {
	let metadata = Preimage::note("what is to be done".as_bytes().into()).expect("noted");
	Call::fund_bounty { asset_kind: Box::new(()), value, curator: curator().into(), metadata }
		.into()
}

fn fund_child(value: u128) -> Outcome {
	let metadata = Preimage::note("a part of it".as_bytes().into()).expect("noted");
	signed(
		&curator(),
		Call::fund_child_bounty { parent_bounty_id: 0, value, metadata, curator: None },
	)
}

/// Anybody looks whether a payment has arrived.
fn check(child: Option<u32>) -> Outcome {
	signed(&Eve.to_account_id(), Call::check_status { parent_bounty_id: 0, child_bounty_id: child })
}

fn accept() -> Outcome {
	signed(&curator(), Call::accept_curator { parent_bounty_id: 0, child_bounty_id: None })
}

fn award(child: Option<u32>, beneficiary: Payee) -> Outcome {
	signed(
		&curator(),
		Call::award_bounty { parent_bounty_id: 0, child_bounty_id: child, beneficiary },
	)
}

/// The first bounty, funded by a poll's origin, its curator at work.
pub fn active(value: u128) {
	dispatch(Origin::Grants, fund_bounty(value)).expect("funded");
	check(None).expect("the money is there");
	accept().expect("the curator takes it on");
}

fn bounty_account() -> AccountId {
	match Bounties::bounty_account(0, ()).expect("it has one") {
		Payee::Account(account) => account,
		other => panic!("{other:?} is no account"),
	}
}

/// Registers a version whose rows are of these accounts, and everybody accepts.
fn version(rows: &[(AccountId, Role, u32)], parents: Vec<Parent>, royalty: u32) -> VersionId {
	let owner = Alice.to_account_id();
	let model = pallet_models::NextModel::<Runtime>::get();
	let version = pallet_models::NextVersion::<Runtime>::get();
	let name = b"labels".to_vec().try_into().expect("short");
	signed(&owner, pallet_models::Call::register_model { name }).expect("registered");
	let contributors: Vec<_> = rows
		.iter()
		.map(|(account, role, share)| Contributor {
			account: account.clone(),
			role: *role,
			share: *share,
		})
		.collect();
	let added = pallet_models::Call::add_version {
		model,
		manifest_hash: [version as u8 + 1; 32],
		size: 1,
		licence: b"Apache-2.0".to_vec().try_into().expect("short"),
		metadata_uri: Default::default(),
		metadata_hash: [0; 32],
		meter: Meter::Request,
		floor_price: 1,
		contributors: contributors.try_into().expect("few"),
		parents: parents.try_into().expect("few"),
		royalty,
		tensor_root: None,
	};
	signed(&owner, added).expect("added");
	for (row, (account, ..)) in (0u16..).zip(rows) {
		if *account != owner {
			let accept = pallet_models::Call::accept_row { version, row, signature: None };
			signed(account, accept).expect("accepted");
		}
	}
	version
}

fn claim_row(version: VersionId, row: u16) -> Outcome {
	signed(&Eve.to_account_id(), pallet_models::Call::claim_revenue { version, row })
}

#[test]
fn a_curator_awards_what_a_poll_has_funded() {
	funded(|| {
		let (fund, winner) = (holds(&CommonsPot::get()), Dave.to_account_id());
		let (before, curators) = (holds(&winner), holds(&curator()));
		let voter = voters(1).remove(0);
		let poll = poll(Origin::Grants, fund_bounty(100 * UFR)).expect("a poll");
		vote(&voter, poll, true).expect("votes");
		while Table::<Runtime>::get(0).is_none() {
			blocks(1);
		}
		assert_eq!(holds(&CommonsPot::get()), fund - 100 * UFR);
		assert_eq!(holds(&bounty_account()), 100 * UFR);

		check(None).expect("the money is there");
		accept().expect("the curator takes it on");
		assert_eq!(Balances::reserved_balance(curator()), 10 * UFR);
		award(None, Payee::Account(winner.clone())).expect("awarded");
		check(None).expect("it is over");

		assert_eq!(holds(&winner), before + 100 * UFR);
		assert_eq!(holds(&bounty_account()), 0);
		assert_eq!(holds(&curator()), curators);
		assert_eq!(Balances::reserved_balance(curator()), 0);
		assert!(Table::<Runtime>::get(0).is_none());
	});
}

#[test]
fn the_parts_of_a_bounty_are_paid_one_by_one() {
	funded(|| {
		active(100 * UFR);
		for (child, (who, value)) in [(Dave, 30 * UFR), (Eve, 20 * UFR)].into_iter().enumerate() {
			let (child, who) = (Some(child as u32), who.to_account_id());
			let before = holds(&who);
			fund_child(value).expect("a part");
			check(child).expect("the money is there");
			award(child, Payee::Account(who.clone())).expect("awarded");
			check(child).expect("it is over");
			assert_eq!(holds(&who), before + value);
		}
		assert_eq!(
			fund_child(51 * UFR),
			Err(Error::<Runtime>::InsufficientBountyValue.into()),
			"more than is left"
		);
		let rest = Ferdie.to_account_id();
		let before = holds(&rest);
		award(None, Payee::Account(rest.clone())).expect("awarded");
		check(None).expect("it is over");
		assert_eq!(holds(&rest), before + 50 * UFR);
	});
}

#[test]
fn one_award_pays_everybody_who_annotated() {
	funded(|| {
		let rows = [
			(Dave.to_account_id(), Role::Annotator, 600_000),
			(Eve.to_account_id(), Role::Annotator, 300_000),
			(Ferdie.to_account_id(), Role::Annotator, 99_000),
			(Alice.to_account_id(), Role::Owner, PPM - 999_000),
		];
		let version = version(&rows, vec![], 0);
		let pot = holds(&Models::pot());
		active(100 * UFR);
		award(None, Payee::Version(version)).expect("awarded");
		check(None).expect("it is over");
		assert_eq!(holds(&Models::pot()), pot + 100 * UFR);
		assert_eq!(holds(&bounty_account()), 0);

		for (row, (account, _, share)) in (0u16..).zip(&rows[..3]) {
			let before = holds(account);
			claim_row(version, row).expect("pulls");
			assert_eq!(holds(account), before + u128::from(*share) * UFR / 10_000);
		}
		// The version can still be contested, so what is the owner's waits.
		assert_eq!(
			claim_row(version, 3),
			Err(pallet_models::Error::<Runtime>::OwnerShareHeld.into())
		);
		assert_eq!(holds(&Models::pot()), pot + UFR / 10);
	});
}

#[test]
fn ancestors_share_in_a_bounty_as_in_what_users_pay() {
	funded(|| {
		let alone = |account: AccountId| [(account, Role::Dataset, PPM)];
		let parent = version(&alone(Dave.to_account_id()), vec![], 50_000);
		let settled = <<Runtime as pallet_models::Config>::ContestWindow as Get<u32>>::get();
		frame_system::Pallet::<Runtime>::set_block_number(settled + 10);
		let from = Parent { version: parent, relation: Relation::Dataset };
		let child = version(&alone(Eve.to_account_id()), vec![from], 0);
		active(100 * UFR);
		award(None, Payee::Version(child)).expect("awarded");

		let move_royalty = pallet_models::Call::move_royalty { version: child, ancestor_index: 0 };
		signed(&Ferdie.to_account_id(), move_royalty).expect("moved");
		let (dave, eve) = (Dave.to_account_id(), Eve.to_account_id());
		let before = (holds(&dave), holds(&eve));
		claim_row(parent, 0).expect("pulls");
		claim_row(child, 0).expect("pulls");
		assert_eq!((holds(&dave), holds(&eve)), (before.0 + 5 * UFR, before.1 + 95 * UFR));
	});
}

#[test]
fn a_version_that_is_not_there_is_not_paid() {
	funded(|| {
		active(100 * UFR);
		let pot = holds(&Models::pot());
		assert_eq!(award(None, Payee::Version(7)), Err(Error::<Runtime>::PayoutError.into()));
		assert_eq!(holds(&bounty_account()), 100 * UFR);
		assert_eq!(holds(&Models::pot()), pot);
		award(None, Payee::Account(Dave.to_account_id())).expect("another one is");
	});
}

#[test]
fn what_is_left_of_a_bounty_goes_back_to_the_fund() {
	funded(|| {
		let fund = holds(&CommonsPot::get());
		active(100 * UFR);
		fund_child(30 * UFR).expect("a part");
		check(Some(0)).expect("the money is there");
		let close = |child| Call::close_bounty { parent_bounty_id: 0, child_bounty_id: child };
		assert_eq!(
			dispatch(Origin::Grants, close(None)),
			Err(Error::<Runtime>::HasActiveChildBounty.into())
		);
		award(Some(0), Payee::Account(Dave.to_account_id())).expect("awarded");
		check(Some(0)).expect("it is over");

		dispatch(Origin::Grants, close(None)).expect("closed");
		check(None).expect("it is over");
		assert_eq!(holds(&CommonsPot::get()), fund - 30 * UFR);
		assert_eq!(holds(&bounty_account()), 0);
		assert_eq!(Balances::reserved_balance(curator()), 0);
	});
}

#[test]
fn what_is_too_little_to_stay_in_a_bountys_account_goes_to_the_fund() {
	funded(|| {
		active(100 * UFR);
		give(&bounty_account(), 7);
		let (fund, issued) = (holds(&CommonsPot::get()), Balances::total_issuance());
		award(None, Payee::Account(Dave.to_account_id())).expect("awarded");
		check(None).expect("it is over");
		assert_eq!(holds(&bounty_account()), 0);
		assert_eq!(holds(&CommonsPot::get()), fund + 7);
		assert_eq!(Balances::total_issuance(), issued);
	});
}

#[test]
fn a_curator_that_a_poll_dismisses_loses_its_deposit() {
	funded(|| {
		let before = holds(&curator());
		active(100 * UFR);
		let (fund, issued) = (holds(&CommonsPot::get()), Balances::total_issuance());
		let dismiss = Call::unassign_curator { parent_bounty_id: 0, child_bounty_id: None };
		assert_eq!(signed(&Eve.to_account_id(), dismiss.clone()), Err(DispatchError::BadOrigin));
		dispatch(Origin::Grants, dismiss).expect("dismissed");
		// It is not destroyed: the fund has it.
		assert_eq!(holds(&curator()), before - 10 * UFR);
		assert_eq!(holds(&CommonsPot::get()), fund + 10 * UFR);
		assert_eq!(Balances::total_issuance(), issued);
		assert_eq!(Balances::reserved_balance(curator()), 0);
		assert_eq!(
			award(None, Payee::Account(curator())),
			Err(Error::<Runtime>::UnexpectedStatus.into())
		);
		let propose = Call::propose_curator {
			parent_bounty_id: 0,
			child_bounty_id: None,
			curator: Dave.to_account_id().into(),
		};
		dispatch(Origin::Grants, propose).expect("another one is named");
		let bounty = Table::<Runtime>::get(0).expect("it is there");
		assert_eq!(bounty.status, BountyStatus::Funded { curator: Dave.to_account_id() });
	});
}

#[test]
fn a_curator_of_a_part_that_is_dismissed_pays_the_fund_too() {
	funded(|| {
		active(100 * UFR);
		let other = Dave.to_account_id();
		let metadata = Preimage::note("a part of it".as_bytes().into()).expect("noted");
		let part = Call::fund_child_bounty {
			parent_bounty_id: 0,
			value: 5 * UFR,
			metadata,
			curator: Some(other.clone().into()),
		};
		signed(&curator(), part).expect("a part");
		check(Some(0)).expect("the money is there");
		let of_part = |call: fn(u32, Option<u32>) -> Call<Runtime>| call(0, Some(0));
		let accept = of_part(|parent_bounty_id, child_bounty_id| Call::accept_curator {
			parent_bounty_id,
			child_bounty_id,
		});
		let unassign = of_part(|parent_bounty_id, child_bounty_id| Call::unassign_curator {
			parent_bounty_id,
			child_bounty_id,
		});
		let before = (holds(&other), holds(&CommonsPot::get()));
		// The bond of a validator.
		let reserved = Balances::reserved_balance(&other);
		signed(&other, accept.clone()).expect("takes it on");
		// A tenth would be half of the least.
		assert_eq!(Balances::reserved_balance(&other), reserved + UFR);
		signed(&curator(), unassign.clone()).expect("dismissed");
		assert_eq!(holds(&other), before.0 - UFR);
		assert_eq!(holds(&CommonsPot::get()), before.1 + UFR);

		// Who goes by itself loses nothing.
		let propose = Call::propose_curator {
			parent_bounty_id: 0,
			child_bounty_id: Some(0),
			curator: other.clone().into(),
		};
		signed(&curator(), propose).expect("named again");
		signed(&other, accept).expect("takes it on");
		signed(&other, unassign).expect("gives it up");
		assert_eq!(holds(&other), before.0 - UFR);
		assert_eq!(Balances::reserved_balance(&other), reserved);
	});
}

#[test]
fn the_deposit_follows_the_value() {
	funded(|| {
		active(100 * UFR);
		assert_eq!(Balances::reserved_balance(curator()), 10 * UFR);
		let raise = Call::increase_value { parent_bounty_id: 0, amount: 50 * UFR };
		signed(&curator(), raise).expect("raised");
		assert_eq!(Balances::reserved_balance(curator()), 15 * UFR);
		give(&bounty_account(), 50 * UFR);
		award(None, Payee::Account(Dave.to_account_id())).expect("awarded");
		check(None).expect("it is over");
		assert_eq!(Balances::reserved_balance(curator()), 0);
	});
}

#[test]
fn a_grant_is_paid_when_the_fund_has_it_beside_what_keeps_it_alive() {
	use pallet_treasury::{Call, Error};
	chain().execute_with(|| {
		let (fund, to) = (CommonsPot::get(), Dave.to_account_id());
		give(&fund, 10 * UFR);
		let grant = |amount| Call::spend {
			asset_kind: Box::new(()),
			amount,
			beneficiary: Box::new(to.clone()),
			valid_from: None,
		};
		let payout = |index| signed(&Eve.to_account_id(), Call::payout { index });
		// Everything, one planck more than that, and what is there.
		for amount in [10 * UFR + EXISTENTIAL_DEPOSIT, 10 * UFR + 1, 10 * UFR] {
			dispatch(Origin::Grants, grant(amount)).expect("granted");
		}
		let before = holds(&to);
		for index in 0..2 {
			assert_eq!(payout(index), Err(Error::<Runtime>::PayoutError.into()));
			assert_eq!((holds(&fund), holds(&to)), (10 * UFR + EXISTENTIAL_DEPOSIT, before));
		}
		payout(2).expect("paid");
		assert_eq!((holds(&fund), holds(&to)), (EXISTENTIAL_DEPOSIT, before + 10 * UFR));
		// It was not lost: when the fund has it, it is paid.
		give(&fund, 11 * UFR);
		payout(0).expect("paid");
		assert_eq!(holds(&to), before + 20 * UFR + EXISTENTIAL_DEPOSIT);
		let status = Call::check_status { index: 0 };
		signed(&Eve.to_account_id(), status).expect("it is over");
	});
}

#[test]
fn a_poll_funds_no_more_than_a_grant_and_no_less_than_is_worth_it() {
	funded(|| {
		let fund = |value| dispatch(Origin::Grants, fund_bounty(value));
		let too_much = Err(Error::<Runtime>::InsufficientPermission.into());
		assert_eq!(fund(MaxGrant::get() + 1), too_much);
		assert_eq!(fund(10 * UFR - 1), Err(Error::<Runtime>::InvalidValue.into()));
		let half = MaxGrant::get() / 2 + 1;
		let calls = vec![fund_bounty(half), fund_bounty(half)];
		let twice = pallet_utility::Call::batch_all { calls };
		assert_eq!(dispatch(Origin::Grants, twice), too_much, "nor in two parts");
		assert_eq!(holds(&CommonsPot::get()), FUND + EXISTENTIAL_DEPOSIT);
		fund(MaxGrant::get()).expect("that much");
	});
}

#[test]
fn the_fund_keeps_what_an_account_needs() {
	funded(|| {
		dispatch(Origin::Grants, fund_bounty(MaxGrant::get())).expect("funded");
		// One planck more than the fund has beside the existential deposit.
		let rest = FUND - MaxGrant::get();
		give(&Eve.to_account_id(), UFR);
		let calls = |value| dispatch(Origin::Grants, fund_bounty(value));
		assert_eq!(rest, MaxGrant::get());
		calls(rest - 10 * UFR).expect("funded");
		assert_eq!(calls(10 * UFR + 1), Err(Error::<Runtime>::FundingError.into()));
		calls(10 * UFR).expect("all but the existential deposit");
		assert_eq!(holds(&CommonsPot::get()), EXISTENTIAL_DEPOSIT);
	});
}

#[test]
fn what_polls_do_with_bounties_goes_on_during_a_pause() {
	funded(|| {
		active(100 * UFR);
		dispatch(Origin::Pause, pallet_safe_mode::Call::force_enter {}).expect("paused");
		dispatch(Origin::Grants, fund_bounty(100 * UFR)).expect("a poll funds");
		let passes =
			|call: RuntimeCall| <Runtime as frame_system::Config>::BaseCallFilter::contains(&call);
		assert!(!passes(
			Call::award_bounty {
				parent_bounty_id: 0,
				child_bounty_id: None,
				beneficiary: Payee::Account(Dave.to_account_id()),
			}
			.into()
		));
	});
}
