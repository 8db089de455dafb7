use super::{trial::*, *};
use crate::{
	dispute::{verdict, Outcome, Stage},
	Call, Cases, People as PeopleMap, Priors,
};
use frame_support::dispatch::CheckIfFeeless;
use usufruct_primitives::traits::People;

fn resolve(id: u32) -> sp_runtime::DispatchResult {
	Personhood::resolve_case(signed(), id)
}

#[test]
fn two_thirds_of_nine_votes_decide() {
	for (ayes, nays, expected) in [
		(6, 3, Some(true)),
		(3, 6, Some(false)),
		(5, 4, None),
		(4, 5, None),
		(8, 0, None),
		(0, 8, None),
		(9, 0, Some(true)),
		(0, 9, Some(false)),
		(10, 5, Some(true)),
		(9, 6, None),
		(5, 10, Some(false)),
		(0, 0, None),
		(15, 0, Some(true)),
	] {
		assert_eq!(verdict(ayes, nays), expected, "{ayes} to {nays}");
	}
}

#[test]
fn a_dismissal_frees_the_person_at_once_and_divides_the_bond() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		resolved(id, 5, 10);
		let account = ALICE.to_account_id();
		assert_eq!(
			last_event(),
			Event::CaseClosed {
				case: id,
				person: 0,
				account: account.clone(),
				challenger: challenger(),
				outcome: Outcome::Dismissed,
				bond: CHALLENGE,
			}
		);
		assert_eq!((free(&challenger()), on_hold()), (ENDOWMENT - CHALLENGE, 0));
		assert_eq!(free(&account), CHALLENGE / 2);
		assert_eq!(free(&DividendPot::get()), ED + CHALLENGE - CHALLENGE / 2);
		assert_eq!(Cases::<Test>::get(id), None);
		assert_eq!(PeopleMap::<Test>::get(0).unwrap().frozen_by, None);
		assert!(Personhood::may_claim(0));
		assert_eq!(Personhood::frozen_since(0), None);
		assert_eq!(Priors::<Test>::get(0).len(), 1);
		for verifier in [0, 1] {
			let record = Personhood::verifier(verifier).unwrap();
			assert_eq!((record.disputed, record.open_cases, record.upheld), (1, 0, 0));
			assert_eq!(record.bond, BOND);
		}
		assert_noop!(Personhood::decide_appeal(everybody(), id, true), Error::<Test>::UnknownCase);
	});
}

#[test]
fn an_upheld_challenge_can_be_appealed_and_the_person_stays_frozen() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		resolved(id, 10, 5);
		assert_eq!(
			last_event(),
			Event::VotesCounted { case: id, ayes: 10, nays: 5, verdict: Some(true) }
		);
		let ends = System::block_number() + APPEAL;
		assert_eq!(case(id).stage, Stage::Appealable { upheld: true, ends });
		assert!(!PeopleMap::<Test>::get(0).unwrap().revoked);
		assert!(!Personhood::may_claim(0));
		assert_eq!((free(&challenger()), on_hold()), (ENDOWMENT - CHALLENGE, CHALLENGE));
		assert_eq!(Personhood::verifier(0).unwrap().bond, BOND);
	});
}

#[test]
fn too_few_votes_or_no_majority_are_no_verdict() {
	for (ayes, nays) in [(8, 0), (0, 8), (0, 0), (8, 7)] {
		ExtBuilder::default().build_and_execute(|| {
			let id = seated();
			resolved(id, ayes, nays);
			let (ayes, nays) = (ayes as u32, nays as u32);
			assert_eq!(last_event(), Event::VotesCounted { case: id, ayes, nays, verdict: None });
			let ends = System::block_number() + APPEAL;
			assert_eq!(case(id).stage, Stage::Appealable { upheld: false, ends });
			assert!(!Personhood::may_claim(0));
		});
	}
}

#[test]
fn before_the_end_only_when_all_have_voted() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		let call = Call::<Test>::resolve_case { case: id };
		vote(id, 14, 0);
		assert!(!call.is_feeless(&signed()));
		assert_noop!(resolve(id), Error::<Test>::StillVoting);
		assert_ok!(Personhood::vote_case(by(&jurors(id)[14]), id, false));
		assert!(call.is_feeless(&signed()));
		assert_ok!(resolve(id));
		assert!(!call.is_feeless(&signed()));
		assert_noop!(resolve(id), Error::<Test>::NotVoting);
	});
}

#[test]
fn only_a_case_whose_jury_votes() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(resolve(0), Error::<Test>::UnknownCase);
		town();
		let id = challenge();
		assert_noop!(resolve(id), Error::<Test>::NotVoting);
		assert_noop!(Personhood::resolve_case(root(), id), DispatchError::BadOrigin);
	});
}
