use super::{trial::*, *};
use crate::{dispute::Outcome, Cases, People};

#[test]
fn all_people_acquit_whom_the_jury_found_guilty() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		resolved(id, 15, 0);
		assert_ok!(Personhood::decide_appeal(everybody(), id, false));
		let record = People::<Test>::get(0).unwrap();
		assert_eq!((record.revoked, record.frozen_by), (false, None));
		assert_eq!((free(&challenger()), on_hold()), (ENDOWMENT - CHALLENGE, 0));
		assert_eq!(free(&ALICE.to_account_id()), CHALLENGE / 2);
		assert_eq!(free(&DividendPot::get()), ED + CHALLENGE - CHALLENGE / 2);
		assert_eq!(Personhood::verifier(0).unwrap().bond, BOND);
		assert_eq!(Cases::<Test>::get(id), None);
		assert_noop!(
			Personhood::challenge(
				by(&challenger()),
				0,
				crate::dispute::Reason::Duplicate,
				EVIDENCE
			),
			Error::<Test>::EvidenceBarred
		);
	});
}

#[test]
fn all_people_confirm_the_jury_or_decide_in_its_place() {
	for ayes in [15, 0] {
		ExtBuilder::default().build_and_execute(|| {
			let id = seated();
			resolved(id, ayes, 0);
			assert_ok!(Personhood::decide_appeal(everybody(), id, true));
			assert!(People::<Test>::get(0).unwrap().revoked);
			assert_eq!(on_hold(), 0);
			assert_eq!(Personhood::verifier(0).unwrap().upheld, 1);
			let Event::CaseClosed { outcome, .. } = last_event() else { panic!("not closed") };
			assert_eq!(outcome, Outcome::Upheld);
		});
	}
}

#[test]
fn only_within_the_term_after_the_jury_has_spoken() {
	ExtBuilder::default().build_and_execute(|| {
		let decide = |id| Personhood::decide_appeal(everybody(), id, true);
		assert_noop!(decide(0), Error::<Test>::UnknownCase);
		town();
		let id = challenge();
		assert_noop!(decide(id), Error::<Test>::NotAppealable);
		ripen();
		assert_ok!(Personhood::draw_jury(signed(), id));
		assert_noop!(decide(id), Error::<Test>::NotAppealable);
		resolved(id, 15, 0);
		pass(APPEAL);
		assert_noop!(decide(id), Error::<Test>::NotAppealable);
		System::set_block_number(System::block_number() - 1);
		assert_ok!(decide(id));
	});
}

#[test]
fn only_all_people_decide() {
	ExtBuilder::default().build_and_execute(|| {
		let id = seated();
		resolved(id, 15, 0);
		for origin in [root(), signed(), by(&challenger())] {
			assert_noop!(Personhood::decide_appeal(origin, id, true), DispatchError::BadOrigin);
		}
	});
}
