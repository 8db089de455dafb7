//! Proposals that are over leave the state, a few signatures at a time.

use super::*;

fn clean(proposal: ProposalId, max: u32) -> Result<(u32, bool), sp_runtime::DispatchError> {
	let used = keep(RICH, Call::cleanup_proposal { proposal, max })?.expect("corrected");
	let Event::ProposalCleaned { proposal: of, removed, done } = last_event() else {
		panic!("nothing cleaned")
	};
	assert_eq!(of, proposal);
	assert_eq!(used, <() as WeightInfo>::cleanup_proposal(removed));
	Ok((removed, done))
}

#[test]
fn an_expired_proposal_goes_and_its_proposer_may_propose_again() {
	run(|| {
		let proposal = propose(ALICE).expect("proposes");
		assert_ok!(cosign(BOB, proposal));
		let (_, closes, _) = Suffrage::proposal(proposal).expect("there");
		go_to(closes);
		assert_err!(clean(proposal, 9), Error::<Test>::ProposalOpen);
		blocks(1);
		assert_err!(clean(proposal, 0), Error::<Test>::NothingToClean);
		assert_eq!(clean(proposal, 1), Ok((1, false)));
		assert_err!(propose(ALICE), Error::<Test>::HasProposal);
		assert_eq!(clean(proposal, 9), Ok((1, true)));
		assert_eq!(Suffrage::proposal(proposal), None);
		assert_ok!(propose(ALICE));
		assert_err!(clean(proposal, 9), Error::<Test>::UnknownProposal);
	});
}

#[test]
fn a_submitted_proposal_goes_and_the_next_one_of_its_proposer_stays() {
	run(|| {
		let proposal = propose(ALICE).expect("proposes");
		for who in [BOB, CAROL] {
			assert_ok!(cosign(who, proposal));
		}
		assert_ok!(keep(RICH, Call::submit_proposal { proposal }));
		let next = propose(ALICE).expect("the first one is submitted");
		assert_eq!(clean(proposal, u32::MAX), Ok((3, true)));
		assert_eq!(ProposalBy::<Test>::get(0), Some(next));
		assert_err!(propose(ALICE), Error::<Test>::HasProposal);
	});
}
