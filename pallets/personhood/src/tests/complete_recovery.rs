use super::*;
use crate::{AccountOf, Call, People, Recoveries, ReservedFor};
use frame_support::dispatch::Pays;
use sp_runtime::traits::Dispatchable;
use usufruct_primitives::traits::{Eligibility, People as _};

fn complete(person: u32) -> frame_support::dispatch::DispatchResultWithPostInfo {
	RuntimeCall::from(Call::complete_recovery { person })
		.dispatch(RuntimeOrigin::signed(RELAYER.to_account_id()))
}

#[test]
fn after_the_delay_anybody_moves_the_person() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		let interval = MockDividend::interval(person);
		assert_ok!(Application::recover(person, BOB, 1, &[0, 2])
			.with(0, |a| a.region = 0)
			.with(1, |a| a.region = 40)
			.submit());
		assert_eq!(People::<Test>::get(person).unwrap().region, 276);
		pass(DELAY - 1);
		assert_noop!(complete(person), Error::<Test>::RecoveryNotDue);
		pass(1);
		assert_eq!(complete(person).unwrap().pays_fee, Pays::No);

		let (old, new) = (ALICE.to_account_id(), BOB.to_account_id());
		assert_eq!(
			last_event(),
			Event::PersonRecovered { person, old: old.clone(), new: new.clone() }
		);
		let record = People::<Test>::get(person).unwrap();
		assert_eq!(record.account, new);
		assert_eq!(record.attested.into_inner(), [0, 2]);
		assert_eq!(record.region, 40);
		let domains: Vec<u32> = record.marks.iter().map(|mark| mark.domain).collect();
		assert_eq!(domains, [0, 1, 2]);
		assert_eq!(AccountOf::<Test>::get(&old), None);
		assert_eq!(Personhood::person_of(&new), Some(person));
		assert_eq!(Recoveries::<Test>::get(person), None);
		assert_eq!(cancelled(person), 1, "and no change of payout the old key asked for");
		assert_eq!(ReservedFor::<Test>::get(&new), None);
		assert_eq!((System::sufficients(&old), System::sufficients(&new)), (0, 1));
		assert!(!System::account_exists(&old), "it held nothing");
		assert_eq!(MockDividend::interval(person), interval, "what it is due moves with it");
		assert!(Personhood::may_claim(person));
		assert_noop!(complete(person), Error::<Test>::NoRecovery);
	});
}

#[test]
fn the_old_account_keeps_what_it_holds_and_is_free_for_another() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		let relayer = RuntimeOrigin::signed(RELAYER.to_account_id());
		assert_ok!(Balances::transfer_keep_alive(relayer, ALICE.to_account_id(), ED));
		assert_ok!(Application::recover(person, BOB, 1, &[0, 1]).submit());
		pass(DELAY);
		assert_ok!(complete(person));
		assert_eq!(free(&ALICE.to_account_id()), ED);
		assert_eq!(free(&BOB.to_account_id()), 0);
		assert_eq!(registered(ALICE, 2), 1);
	});
}

#[test]
fn the_human_stays_one_person_and_can_go_on() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		assert_ok!(Application::recover(person, BOB, 1, &[0, 1]).submit());
		pass(DELAY);
		assert_ok!(complete(person));
		for verifiers in [[0, 1], [0, 2], [1, 2]] {
			assert_noop!(
				Application::register(ALICE, 1, &verifiers).submit(),
				Error::<Test>::NullifierUsed
			);
		}
		close_epochs(TERM);
		assert_ok!(Application::renew(BOB, 1, &[1, 2]).submit());
		assert_ok!(Application::recover(person, ALICE, 1, &[0, 1]).submit());
		assert_eq!(info(BOB).unwrap().nonce, 4);
	});
}

#[test]
fn a_dispute_goes_with_the_person() {
	ExtBuilder::default().build_and_execute(|| {
		let id = trial::seated();
		assert_ok!(Application::recover(0, BOB, 1, &[0, 1]).submit());
		pass(DELAY);
		assert_ok!(complete(0));
		assert!(!Personhood::may_claim(0));
		assert_ok!(Personhood::resolve_case(signed(), id));
		pass(APPEAL);
		assert_ok!(Personhood::close_case(signed(), id));
		assert_eq!(free(&BOB.to_account_id()), CHALLENGE / 2);
		assert_eq!(free(&ALICE.to_account_id()), 0);
	});
}

#[test]
fn nothing_moves_without_a_request() {
	ExtBuilder::default().build_and_execute(|| {
		let person = registered(ALICE, 1);
		assert_noop!(complete(person), Error::<Test>::NoRecovery);
		let call = RuntimeCall::from(Call::complete_recovery { person });
		assert_noop!(call.dispatch(RuntimeOrigin::none()), DispatchError::BadOrigin);
	});
}
