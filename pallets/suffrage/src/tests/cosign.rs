//! Signatures under proposals.

use super::*;

#[test]
fn signatures_are_counted_by_person() {
	run(|| {
		let proposal = propose(ALICE).expect("proposes");
		assert_ok!(cosign(BOB, proposal));
		assert_eq!(last_event(), Event::Cosigned { proposal, person: 1, account: BOB, signed: 2 });
		assert_err!(cosign(BOB, proposal), Error::<Test>::AlreadySigned);
		Register::recover(BOB, ERIN);
		assert_err!(cosign(ERIN, proposal), Error::<Test>::AlreadySigned);
		assert_err!(cosign(BOB, proposal), Error::<Test>::NotAPerson);
		assert_eq!(Suffrage::proposal(proposal).map(|seen| seen.0), Some(2));
	});
}

#[test]
fn only_those_sign_who_had_a_vote_when_it_was_made() {
	run(|| {
		Register::admit(ERIN);
		let proposal = propose(ALICE).expect("proposes");
		assert_err!(cosign(RICH, proposal), Error::<Test>::NotAPerson);
		assert_err!(cosign(ERIN, proposal), Error::<Test>::NotInElectorate);
		Register::close_epochs(1);
		let later = propose(BOB).expect("proposes");
		assert_err!(cosign(ERIN, later), Error::<Test>::NotInElectorate);
		Register::close_epochs(1);
		let latest = propose(CAROL).expect("proposes");
		assert_err!(cosign(ERIN, latest), Error::<Test>::TooRecent);

		Register::revoke(3);
		assert_err!(cosign(DAVE, latest), Error::<Test>::Barred);
		Register::close_epochs(5);
		assert_err!(cosign(BOB, latest), Error::<Test>::Lapsed);
	});
}

#[test]
fn only_what_is_open_is_signed() {
	run(|| {
		assert_err!(cosign(BOB, 0), Error::<Test>::UnknownProposal);
		let proposal = propose(ALICE).expect("proposes");
		for who in [BOB, CAROL] {
			assert_ok!(cosign(who, proposal));
		}
		assert_ok!(keep(RICH, Call::submit_proposal { proposal }));
		assert_err!(cosign(DAVE, proposal), Error::<Test>::AlreadySubmitted);

		let other = propose(ALICE).expect("the first one is submitted");
		let (_, closes, _) = Suffrage::proposal(other).expect("there");
		go_to(closes);
		assert_ok!(cosign(BOB, other));
		blocks(1);
		assert_err!(cosign(CAROL, other), Error::<Test>::ProposalExpired);
	});
}

#[test]
fn the_count_of_signatures_does_not_overflow() {
	run(|| {
		let proposal = propose(ALICE).expect("proposes");
		let set = |signed| {
			Proposals::<Test>::mutate(proposal, |record| {
				record.as_mut().expect("there").signed = signed
			})
		};
		set(u32::MAX);
		// That it would overflow is not known beforehand, and cannot be: there are not so many
		// people.
		assert_noop!(
			Suffrage::cosign(RuntimeOrigin::signed(BOB), proposal),
			Error::<Test>::CounterExhausted
		);
		set(1);
	});
}
