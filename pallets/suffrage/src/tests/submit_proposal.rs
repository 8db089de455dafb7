//! Proposals that become polls, with the pallet's own money.

use super::*;
use sp_runtime::{traits::Hash, DispatchError};

fn submit(proposal: ProposalId) -> Result<(), DispatchError> {
	keep(RICH, Call::submit_proposal { proposal }).map(|_| ())
}

/// A proposal that everybody but Dave signed.
fn signed() -> ProposalId {
	let proposal = propose(ALICE).expect("proposes");
	for who in [BOB, CAROL] {
		assert_ok!(cosign(who, proposal));
	}
	proposal
}

fn fund() -> (u128, u128) {
	let account = Suffrage::account();
	(Balances::free_balance(account), Balances::reserved_balance(account))
}

#[test]
fn enough_signatures_make_a_poll_without_anybodys_money() {
	run(|| {
		let proposal = signed();
		assert_eq!(fund(), (201, 0));
		let rich = Balances::free_balance(RICH);
		assert_ok!(submit(proposal));
		assert_eq!(last_event(), Event::ProposalSubmitted { proposal, poll: 0 });
		assert_eq!(Suffrage::proposal(proposal).and_then(|seen| seen.2), Some(0));
		assert_eq!(fund(), (101, SUBMISSION_DEPOSIT + DECISION_DEPOSIT));
		assert_eq!(Balances::free_balance(RICH), rich);

		// A signature was no vote.
		assert_eq!(count(0), (0, 0));
		for who in [ALICE, BOB, CAROL] {
			assert_ok!(vote(who, 0, true));
		}
		blocks(PREPARE + CONFIRM + 1);
		assert_eq!(ended(0), Some(true));
		assert!(!authorised());
		blocks(ENACT);
		assert!(authorised());

		// The deposits return to where they came from, by anybody's hand.
		assert_ok!(Referenda::refund_decision_deposit(RuntimeOrigin::signed(RICH), 0));
		assert_ok!(Referenda::refund_submission_deposit(RuntimeOrigin::signed(RICH), 0));
		assert_eq!(fund(), (201, 0));
	});
}

#[test]
fn too_few_signatures_do_not() {
	run(|| {
		let proposal = propose(ALICE).expect("proposes");
		assert_ok!(cosign(BOB, proposal));
		assert_err!(submit(proposal), Error::<Test>::TooFewSignatures);
		assert_ok!(cosign(CAROL, proposal));
		assert_ok!(submit(proposal));
	});
}

#[test]
fn once_and_in_time() {
	run(|| {
		assert_err!(submit(0), Error::<Test>::UnknownProposal);
		let proposal = signed();
		assert_ok!(submit(proposal));
		assert_err!(submit(proposal), Error::<Test>::AlreadySubmitted);

		let other = signed();
		let (_, closes, _) = Suffrage::proposal(other).expect("there");
		go_to(closes + 1);
		assert_err!(submit(other), Error::<Test>::ProposalExpired);
	});
}

#[test]
fn not_while_too_few_people_share() {
	run(|| {
		let proposal = signed();
		Register::revoke(2);
		Register::revoke(3);
		Register::close_epochs(1);
		assert_err!(submit(proposal), Error::<Test>::ElectorateTooSmall);
	});
}

#[test]
fn not_if_the_fund_is_short() {
	run(|| {
		let polls = [propose(ALICE), propose(BOB), propose(CAROL)];
		for proposal in polls.iter().flatten() {
			for who in [ALICE, BOB, CAROL] {
				let _ = cosign(who, *proposal);
			}
		}
		assert_ok!(submit(0));
		assert_ok!(submit(1));
		assert_err!(submit(2), Error::<Test>::FundTooSmall);
		assert_ok!(Balances::transfer_allow_death(
			RuntimeOrigin::signed(RICH),
			Suffrage::account(),
			100
		));
		assert_ok!(submit(2));
		assert_eq!(fund(), (1, 300));
	});
}

#[test]
fn what_the_referenda_refuse_is_refused() {
	run(|| {
		use frame_support::traits::{schedule::DispatchTime, Bounded};
		// A preimage that is there, but of another length than the call says.
		let bytes = vec![1, 2, 3];
		assert_ok!(Preimage::note_preimage(RuntimeOrigin::signed(RICH), bytes.clone()));
		let hash = <Test as frame_system::Config>::Hashing::hash(&bytes);
		assert_ok!(Suffrage::propose(
			RuntimeOrigin::signed(ALICE),
			Box::new(Origin::Upgrade.into()),
			Bounded::Lookup { hash, len: 99 },
			DispatchTime::After(0)
		));
		for who in [BOB, CAROL] {
			assert_ok!(cosign(who, 0));
		}
		assert_err!(submit(0), pallet_referenda::Error::<Test>::PreimageStoredWithDifferentLength);
		assert_eq!(fund(), (201, 0));
	});
}
