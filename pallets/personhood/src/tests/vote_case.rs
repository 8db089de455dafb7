use super::{trial::*, *};
use crate::Call;
use frame_support::dispatch::CheckIfFeeless;

fn is_free(who: &sp_runtime::AccountId32, case: u32) -> bool {
	Call::<Test>::vote_case { case, uphold: true }.is_feeless(&by(who))
}

#[test]
fn a_juror_votes_once_and_for_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		let juror = &jurors(id)[3];
		assert_eq!(free(juror), 0);
		assert!(is_free(juror, id));
		assert_ok!(Personhood::vote_case(by(juror), id, true));
		let person = case(id).jury[3].person;
		assert_eq!(last_event(), Event::CaseVoted { case: id, juror: person, uphold: true });
		let votes: Vec<_> = case(id).jury.iter().filter_map(|seat| seat.vote).collect();
		assert_eq!(votes, [true]);
		assert!(!is_free(juror, id));
		assert_noop!(Personhood::vote_case(by(juror), id, false), Error::<Test>::AlreadyVoted);
	});
}

#[test]
fn only_the_jury_votes() {
	ExtBuilder::default().build_and_execute(|| {
		let people = town();
		let id = challenge();
		let vote = |who: &sp_runtime::AccountId32| Personhood::vote_case(by(who), id, true);
		assert_noop!(vote(&people[0]), Error::<Test>::NotVoting);
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), id));
		let outside = people.iter().find(|who| !jurors(id).contains(who)).unwrap();
		assert!(!is_free(outside, id));
		assert_noop!(vote(outside), Error::<Test>::NotAJuror);
		assert_noop!(vote(&ALICE.to_account_id()), Error::<Test>::NotAJuror);
		assert_noop!(vote(&challenger()), Error::<Test>::NotAPerson);
		assert_noop!(Personhood::vote_case(by(outside), id + 1, true), Error::<Test>::UnknownCase);
		assert_noop!(Personhood::vote_case(root(), id, true), DispatchError::BadOrigin);
	});
}

#[test]
fn not_after_the_term() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		let jurors = jurors(id);
		pass(VOTING - 1);
		assert_ok!(Personhood::vote_case(by(&jurors[0]), id, true));
		pass(1);
		assert!(!is_free(&jurors[1], id));
		assert_noop!(Personhood::vote_case(by(&jurors[1]), id, true), Error::<Test>::NotVoting);
	});
}

#[test]
fn freezing_a_juror_does_not_silence_it_but_revoking_does() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		let (jury, accounts) = (case(id).jury, jurors(id));
		let reason = crate::dispute::Reason::Incorrect;
		assert_ok!(Personhood::challenge(by(&challenger()), jury[0].person, reason, EVIDENCE));
		assert_ok!(Personhood::vote_case(by(&accounts[0]), id, false));
		assert_ok!(Personhood::revoke(everybody(), jury[1].person));
		assert!(!is_free(&accounts[1], id));
		assert_noop!(
			Personhood::vote_case(by(&accounts[1]), id, false),
			Error::<Test>::PersonIsRevoked
		);
	});
}

#[test]
fn a_juror_that_moved_votes_once_with_its_new_account() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		let (jury, accounts) = (case(id).jury, jurors(id));
		assert_ok!(Personhood::vote_case(by(&accounts[0]), id, true));
		// The crowd's humans have the nullifiers of a thousand and their place.
		for seat in &jury[..2] {
			let human = 1_000 + seat.person - 1;
			let who = if seat == &jury[0] { BOB } else { CHARLIE };
			assert_ok!(Application::recover(seat.person, who, human, &[0, 1]).submit());
		}
		// In this mock the delay is longer than the vote.
		pass(DELAY);
		for seat in &jury[..2] {
			assert_ok!(Personhood::complete_recovery(signed(), seat.person));
		}
		crate::Cases::<Test>::mutate(id, |case| {
			let ends = System::block_number() + 1;
			case.as_mut().unwrap().stage = crate::dispute::Stage::Voting { ends };
		});
		let vote = |who: Keyring| Personhood::vote_case(by(&who.to_account_id()), id, true);
		assert_noop!(vote(BOB), Error::<Test>::AlreadyVoted);
		assert_noop!(Personhood::vote_case(by(&accounts[1]), id, true), Error::<Test>::NotAPerson);
		assert_ok!(vote(CHARLIE));
	});
}
