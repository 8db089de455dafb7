use super::*;
use crate::{Call, Nullifiers, People, Recoveries, ReservedFor};
use frame_support::dispatch::CheckIfFeeless;

fn requested(verifiers: &[u32]) -> u32 {
	let person = registered(ALICE, 1);
	assert_ok!(Application::recover(person, BOB, 1, verifiers).submit());
	person
}

fn is_free() -> bool {
	Call::<Test>::veto {}.is_feeless(&signed())
}

#[test]
fn the_old_key_ends_the_request() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 2]);
		assert!(is_free());
		assert_ok!(Personhood::veto(signed()));
		let domains = BoundedVec::truncate_from(vec![0, 2]);
		assert_eq!(
			last_event(),
			Event::RecoveryVetoed {
				person,
				account: ALICE.to_account_id(),
				new_account: BOB.to_account_id(),
				domains: domains.clone(),
				until: NOW + VETO,
			}
		);
		let record = People::<Test>::get(person).unwrap();
		let vetoed = Some(Vetoed { domains, until: NOW + VETO });
		assert_eq!((record.nonce, record.vetoed), (3, vetoed));
		assert_eq!(Recoveries::<Test>::get(person), None);
		assert_eq!(ReservedFor::<Test>::get(BOB.to_account_id()), None);
		assert_eq!(Nullifiers::<Test>::get(2, nullifier(2, 1)), None, "free for whose it is");
		assert!(!is_free());
	});
}

#[test]
fn it_stands_against_the_same_domains_whoever_attests() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 1]);
		assert_ok!(Personhood::veto(signed()));
		for verifiers in [[0, 1], [1, 3]] {
			assert_noop!(
				Application::recover(person, BOB, 1, &verifiers).submit(),
				Error::<Test>::Vetoed
			);
		}
		close_epochs(TERM);
		pass(VETO - 1);
		assert_noop!(Application::recover(person, BOB, 1, &[0, 1]).submit(), Error::<Test>::Vetoed);
	});
}

/// Alice's key is stolen, and all domains there are have attested that she stands there.
fn vetoed_by_a_thief() -> u32 {
	let person = requested(&[0, 1, 2]);
	assert_ok!(Personhood::veto(signed()));
	for verifiers in [&[0, 1][..], &[0, 2], &[1, 2], &[0, 1, 2]] {
		assert_noop!(
			Application::recover(person, BOB, 1, verifiers).submit(),
			Error::<Test>::Vetoed
		);
	}
	person
}

#[test]
fn no_stolen_key_keeps_a_human_out_for_ever() {
	ExtBuilder::default().build_and_execute(|| {
		let person = vetoed_by_a_thief();
		pass(VETO);
		assert_ok!(Application::recover(person, BOB, 1, &[0, 1]).submit());
		assert!(!is_free());
		assert_noop!(Personhood::veto(signed()), Error::<Test>::AlreadyVetoed);
		pass(DELAY);
		assert_ok!(Personhood::complete_recovery(signed(), person));
		assert_eq!(info(BOB).unwrap().person, person);
		assert_eq!(People::<Test>::get(person).unwrap().vetoed, None);
		// The new key may veto.
		assert_ok!(Application::recover(person, CHARLIE, 1, &[0, 1]).submit());
		assert_ok!(Personhood::veto(by(&BOB.to_account_id())));
	});
}

#[test]
fn when_a_veto_has_ended_bought_verifiers_are_answered_by_a_further_domain() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 1]);
		assert_ok!(Personhood::veto(signed()));
		pass(VETO);
		assert_ok!(Application::recover(person, BOB, 1, &[0, 1]).submit());
		assert_ok!(Application::recover(person, CHARLIE, 1, &[1, 2]).submit());
		assert_noop!(
			Application::recover(person, BOB, 1, &[0, 1]).submit(),
			Error::<Test>::RecoveryPending
		);
		pass(DELAY);
		assert_ok!(Personhood::complete_recovery(signed(), person));
		assert_eq!(info(CHARLIE).unwrap().person, person);
	});
}

#[test]
fn there_is_time_to_suspend_bought_verifiers() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 1]);
		assert_ok!(Personhood::veto(signed()));
		pass(VETO - 1);
		assert_ok!(Personhood::suspend_verifier(root(), 1));
		pass(1);
		assert_noop!(
			Application::recover(person, BOB, 1, &[0, 1]).submit(),
			Error::<Test>::VerifierSuspended
		);
	});
}

#[test]
fn a_further_domain_overrides_it_and_cannot_be_vetoed() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 1]);
		assert_ok!(Personhood::veto(signed()));
		assert_ok!(Application::recover(person, BOB, 1, &[1, 2]).submit());
		assert!(!is_free());
		assert_noop!(Personhood::veto(signed()), Error::<Test>::AlreadyVetoed);
		// Neither can those that were vetoed take its place.
		assert_noop!(
			Application::recover(person, CHARLIE, 1, &[0, 1]).submit(),
			Error::<Test>::Vetoed
		);
		pass(DELAY);
		assert_ok!(Personhood::complete_recovery(signed(), person));
		assert_eq!(info(BOB).unwrap().person, person);
		assert_eq!(People::<Test>::get(person).unwrap().vetoed, None);
	});
}

#[test]
fn it_stands_against_all_that_were_replaced_too() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 1]);
		assert_ok!(Application::recover(person, CHARLIE, 1, &[0, 2]).submit());
		assert_ok!(Personhood::veto(signed()));
		for verifiers in [[0, 1], [0, 2], [1, 2]] {
			assert_noop!(
				Application::recover(person, BOB, 1, &verifiers).submit(),
				Error::<Test>::Vetoed
			);
		}
	});
}

#[test]
fn a_renewal_brings_the_right_to_veto_back() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 1]);
		assert_ok!(Personhood::veto(signed()));
		close_epochs(TERM);
		assert_ok!(Application::renew(ALICE, 1, &[0, 1]).submit());
		assert_ok!(Application::recover(person, BOB, 1, &[0, 1]).submit());
		assert_ok!(Personhood::veto(signed()));
	});
}

#[test]
fn not_once_it_can_be_completed() {
	ExtBuilder::default().build_and_execute(|| {
		requested(&[0, 1]);
		pass(DELAY);
		assert!(!is_free());
		assert_noop!(Personhood::veto(signed()), Error::<Test>::TooLateToVeto);
		System::set_block_number(NOW + DELAY - 1);
		assert_ok!(Personhood::veto(signed()));
	});
}

#[test]
fn only_the_persons_account_vetoes_something() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Personhood::veto(signed()), Error::<Test>::NotAPerson);
		registered(CHARLIE, 3);
		let charlie = by(&CHARLIE.to_account_id());
		requested(&[0, 1]);
		assert_noop!(Personhood::veto(charlie.clone()), Error::<Test>::NoRecovery);
		assert!(!Call::<Test>::veto {}.is_feeless(&charlie));
		let new = by(&BOB.to_account_id());
		assert_noop!(Personhood::veto(new), Error::<Test>::NotAPerson);
		assert_noop!(Personhood::veto(root()), DispatchError::BadOrigin);
	});
}

#[test]
fn counters_end() {
	ExtBuilder::default().build_and_execute(|| {
		let person = requested(&[0, 1]);
		People::<Test>::mutate(person, |p| p.as_mut().unwrap().nonce = u32::MAX);
		assert!(!is_free());
		assert_noop!(Personhood::veto(signed()), Error::<Test>::CounterExhausted);
	});
}
