//! What can be read from outside.

use super::*;

#[test]
fn the_open_epoch_is_shown_as_things_stand() {
	ExtBuilder::default().min_people(2).build_and_execute(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		close_with(20_000);
		flow_in(5_000);
		Register::admit(CAROL);
		let shown = OpenEpoch {
			index: 2,
			opened_at: 2 * LENGTH,
			closes_at: 3 * LENGTH,
			pot: 25_000,
			liability: 20_000,
			active: 2,
			min_people: 2,
			term: TERM,
			claim_window: WINDOW,
		};
		assert_eq!(Dividend::epoch(), shown);
		// Who is revoked does not share in it any more.
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(Dividend::epoch(), OpenEpoch { active: 1, ..shown });
		close();
		assert_eq!(Dividend::epoch().active, 2);
	});
}

#[test]
fn closed_epochs_are_shown_until_they_are_swept() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		assert_eq!(Dividend::closed_epoch(0), None);
		go_to(1);
		assert_eq!(Dividend::closed_epoch(0), Some(Epoch::default()));
		assert_eq!(Dividend::closed_epoch(1), None);
		close_with(20_000);
		let first = Epoch { join: 1, per_head: 20_000, eligible: 1, ..Default::default() };
		assert_eq!(Dividend::closed_epoch(1), Some(first));
		go_to(1 + WINDOW);
		assert_eq!(Dividend::closed_epoch(0), None);
		assert_eq!(Dividend::closed_epoch(1), Some(first));
		go_to(2 + WINDOW);
		assert_eq!(Dividend::closed_epoch(1), None);
	});
}

#[test]
fn what_is_claimable_is_what_a_claim_pays_now() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		assert_eq!(Dividend::claimable(ALICE), 0);
		go_to(1);
		close_with(20_000);
		assert_eq!(Dividend::claimable(ALICE), 20_000);
		assert_eq!(Dividend::claimable(BOB), 0);
		Register::bar(alice, true);
		assert_eq!(Dividend::claimable(ALICE), 0);
		Register::bar(alice, false);
		assert_eq!(claim(ALICE), Ok(20_000));
		assert_eq!(Dividend::claimable(ALICE), 0);
	});
}
