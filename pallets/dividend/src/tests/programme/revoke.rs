//! Who is revoked has no part, also if it comes back, and is struck off once.

use super::*;
use frame_support::dispatch::Pays;

#[test]
fn who_is_revoked_claims_nothing_and_is_struck_off_by_anybody() {
	ExtBuilder::default().build_and_execute(|| {
		let [alice, bob] = [ALICE, BOB].map(Register::admit);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		assert_ok!(join(BOB, 0));
		go_to(1);
		close_with(30_000);
		let leave = |person| Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, person);
		assert_noop!(leave(alice), Error::<Test>::StillEligible);
		assert_noop!(leave(77), Error::<Test>::NoShare);
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::MayNotClaim.into()));
		// Until somebody says so she is counted, and what is hers is swept in the end.
		close_with(30_000);
		assert_eq!(per_heads(0).1, 1_500);
		assert_eq!(leave(alice).map(|post| post.pays_fee), Ok(Pays::No));
		assert_eq!(last_event(), Event::ProgrammeLeft { programme: 0, person: alice });
		// Once: it costs nothing.
		assert_noop!(leave(alice), Error::<Test>::StillEligible);
		assert_eq!(outcome(0).left, 1);
		close_with(30_000);
		assert_eq!(per_heads(0).1, 3_000);
		assert_eq!(claim_of(0, BOB), Ok(1_000 + 1_500 + 3_000));
		go_to(2 + WINDOW);
		// Swept, and divided again: Bob's alone.
		let due = Dividend::claimable_of_programme(0, BOB);
		assert_eq!(due, 1_000);
		assert_noop!(leave(bob), Error::<Test>::StillEligible);
	});
}

#[test]
fn who_is_revoked_before_it_began_is_struck_off_once() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		assert_ok!(open(SHARE, &[], 100, 1));
		assert_ok!(join(ALICE, 0));
		Register::bar(alice, true);
		assert_ok!(Dividend::revoke(alice));
		let leave = || Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, alice);
		assert_ok!(leave());
		for _ in 0..2 {
			assert_noop!(leave(), Error::<Test>::StillEligible);
		}
		assert_eq!(outcome(0).left, 1);
		go_to(3);
		assert_noop!(leave(), Error::<Test>::StillEligible);
	});
}

#[test]
fn who_comes_back_is_due_nothing_of_the_time_before() {
	// Whether somebody struck her off meanwhile makes no difference.
	for struck_off in [false, true] {
		ExtBuilder::default().build_and_execute(|| {
			let [alice, _] = [ALICE, BOB].map(Register::admit);
			assert_ok!(open(SHARE, &[], 100, 1));
			assert_ok!(join(ALICE, 0));
			assert_ok!(join(BOB, 0));
			go_to(1);
			close_with(30_000);
			Register::bar(alice, true);
			assert_ok!(Dividend::revoke(alice));
			if struck_off {
				assert_ok!(Dividend::leave_programme(RuntimeOrigin::signed(CAROL), 0, alice));
			}
			close_with(30_000);
			// The open epoch is the last one she has no part in.
			Register::bar(alice, false);
			assert_eq!(Dividend::renew(alice), Ok((4, 3 + TERM)));
			assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
			assert_ok!(join(ALICE, 0));
			close_with(30_000);
			assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
			let alone = if struck_off { 3_000 } else { 1_500 };
			assert_eq!(claim_of(0, BOB), Ok(1_000 + alone + alone));
			// With what she lost of the first epoch, which is swept.
			close_with(30_000);
			assert_eq!(claim_of(0, ALICE), Ok(2_000));
			assert_eq!(claim_of(0, BOB), Ok(2_000));
			// Nor is she due it after another revocation, before which she claimed.
			Register::bar(alice, true);
			assert_ok!(Dividend::revoke(alice));
			Register::bar(alice, false);
			assert_ok!(Dividend::renew(alice));
			close_with(30_000);
			assert_eq!(claim_of(0, ALICE), Err(Error::<Test>::NothingToClaim.into()));
			// What she lost is swept, and divided again.
			go_to(totals().epoch + WINDOW + 1);
			let liability = Dividend::programme(0).expect("it runs").totals.liability;
			let due = |who| Dividend::claimable_of_programme(0, who);
			assert_eq!(due(ALICE) + due(BOB), liability);
		});
	}
}
