//! What a proven offence does.

use crate::{mock::*, *};
use sp_runtime::{AccountId32, Perbill};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

/// Reports these accounts for that session.
pub fn offence(offenders: &[AccountId32], percent: u32, session: u32) {
	let details: Vec<_> = offenders
		.iter()
		.map(|who| OffenceDetails { offender: (who.clone(), ()), reporters: vec![] })
		.collect();
	let fractions = vec![Perbill::from_percent(percent); offenders.len()];
	<Validators as OnOffenceHandler<_, _, _>>::on_offence(&details, &fractions, session);
}

#[test]
fn is_recorded_and_the_offender_left_out_of_the_next_planned_set() {
	ExtBuilder::default().build_and_execute(|| {
		next_session();
		offence(&[BOB], 50, 1);

		let fraction = Perbill::from_percent(50);
		let reported = System::block_number();
		assert_eq!(
			Validators::offences(BOB),
			vec![OffenceRecord { session: 1, fraction, reported }]
		);
		System::assert_has_event(
			Event::OffenceRecorded { validator: BOB, session: 1, fraction }.into(),
		);
		System::assert_has_event(Event::LeftOut { validator: BOB, remaining: 3 }.into());
		// Out of four, one may be disabled at once.
		assert_eq!(Session::disabled_validators(), vec![1]);

		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, BOB, CHARLIE, DAVE]);
		assert_eq!(Session::disabled_validators(), vec![1]);
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE, CHARLIE, DAVE]);
		assert!(Session::disabled_validators().is_empty());
		assert!(ChangedSession::get());
	});
}

#[test]
fn the_last_member_is_kept() {
	ExtBuilder::default().validators(vec![ALICE, BOB]).build_and_execute(|| {
		offence(&[ALICE, BOB], 100, 0);
		assert_eq!(Validators::members(), vec![BOB]);
		System::assert_has_event(Event::LastKept { validator: BOB }.into());
		assert_eq!(Validators::offences(BOB).len(), 1);
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![BOB]);
	});
}

#[test]
fn the_last_member_with_keys_is_kept() {
	let pair = ExtBuilder::default().validators(vec![ALICE, BOB]);
	pair.endowed(BOB).build_and_execute(|| {
		frame_support::assert_ok!(Session::purge_keys(RuntimeOrigin::signed(BOB)));
		offence(&[ALICE], 100, 0);
		System::assert_has_event(Event::LastKept { validator: ALICE }.into());
		next_session();
		next_session();
		assert_eq!(Validators::validators(), vec![ALICE]);
	});
}

#[test]
fn heard_of_again_in_the_same_session_is_one_record_of_the_gravest() {
	ExtBuilder::default().build_and_execute(|| {
		offence(&[BOB], 10, 0);
		offence(&[BOB, CHARLIE], 40, 0);
		offence(&[BOB], 20, 0);
		let records = Validators::offences(BOB);
		assert_eq!(records.len(), 1);
		assert_eq!(records[0].fraction, Perbill::from_percent(40));
		assert_eq!(Validators::members(), vec![ALICE, DAVE]);
	});
}

#[test]
fn of_an_account_that_is_out_already_is_recorded_only() {
	ExtBuilder::default().build_and_execute(|| {
		next_session();
		offence(&[BOB], 10, 0);
		System::reset_events();
		offence(&[BOB], 10, 1);
		assert_eq!(Validators::offences(BOB).len(), 2);
		assert_eq!(Validators::members(), vec![ALICE, CHARLIE, DAVE]);
		assert!(!System::events().iter().any(|record| matches!(
			record.event,
			RuntimeEvent::Validators(Event::LeftOut { .. } | Event::LastKept { .. })
		)));
	});
}

#[test]
fn only_the_latest_are_remembered() {
	ExtBuilder::default().build_and_execute(|| {
		for session in 0..5 {
			offence(&[BOB], 10, session);
			next_session();
		}
		let sessions: Vec<_> =
			Validators::offences(BOB).iter().map(|record| record.session).collect();
		assert_eq!(sessions, vec![2, 3, 4]);
	});
}
