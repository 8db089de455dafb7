//! Proposals that others sign.

use super::*;
use frame_support::traits::schedule::DispatchTime;

#[test]
fn a_person_proposes_and_is_the_first_to_sign() {
	run(|| {
		let proposal = propose(ALICE).expect("Alice proposes");
		let record = Proposals::<Test>::get(proposal).expect("it is stored");
		assert_eq!(
			record,
			Proposal {
				proposer: 0,
				origin: Origin::Upgrade.into(),
				call: bound(Call::authorise_upgrade { code_hash: code_hash() }),
				enactment: DispatchTime::After(0),
				opened: 1,
				closes: 1 + SIGNING_DAYS * RULES.day,
				snapshot_epoch: 3,
				signed: 1,
				poll: None,
			}
		);
		assert_err!(cosign(ALICE, proposal), Error::<Test>::AlreadySigned);
		assert_eq!(
			last_event(),
			Event::Proposed {
				proposal,
				person: 0,
				account: ALICE,
				call: record.call,
				closes: record.closes
			}
		);
	});
}

#[test]
fn one_at_a_time() {
	run(|| {
		assert_eq!(propose(ALICE), Ok(0));
		assert_err!(propose(ALICE), Error::<Test>::HasProposal);
		// Also from another account of the same person.
		Register::recover(ALICE, ERIN);
		assert_err!(propose(ERIN), Error::<Test>::HasProposal);
		assert_eq!(propose(BOB), Ok(1));
	});
}

#[test]
fn only_with_an_origin_that_has_a_track() {
	run(|| {
		for origin in [
			OriginCaller::system(frame_system::RawOrigin::Root),
			OriginCaller::system(frame_system::RawOrigin::Signed(RICH)),
			OriginCaller::system(frame_system::RawOrigin::None),
			Origin::Grants.into(),
		] {
			assert_err!(propose_as(ALICE, origin), Error::<Test>::NoTrack);
		}
	});
}

#[test]
fn only_by_those_who_would_have_a_vote() {
	run(|| {
		assert_err!(propose(RICH), Error::<Test>::NotAPerson);
		Register::admit(ERIN);
		assert_err!(propose(ERIN), Error::<Test>::NotInElectorate);
		Register::close_epochs(2);
		assert_err!(propose(ERIN), Error::<Test>::TooRecent);
		Register::close_epochs(2);
		assert_ok!(propose(ERIN));

		Register::revoke(0);
		assert_err!(propose(ALICE), Error::<Test>::Barred);
		Register::freeze(1);
		blocks(1);
		assert_err!(propose(BOB), Error::<Test>::Barred);
	});
}

#[test]
fn not_by_those_whose_recognition_ran_out() {
	run(|| {
		// Three others keep the electorate up.
		Register::close_epochs(5);
		for person in 1..4 {
			Register::renew(person);
		}
		Register::close_epochs(2);
		assert_err!(propose(ALICE), Error::<Test>::Lapsed);
	});
}

#[test]
fn not_while_too_few_people_share() {
	run(|| {
		Register::revoke(2);
		Register::revoke(3);
		Register::close_epochs(1);
		assert_err!(propose(ALICE), Error::<Test>::ElectorateTooSmall);
	});
	ExtBuilder::empty().build_and_execute(|| {
		Register::admit(ALICE);
		assert_err!(propose(ALICE), Error::<Test>::ElectorateTooSmall);
	});
}

#[test]
fn not_if_the_numbers_are_used_up() {
	run(|| {
		NextProposal::<Test>::put(ProposalId::MAX);
		assert_err!(propose(ALICE), Error::<Test>::CounterExhausted);
	});
}
