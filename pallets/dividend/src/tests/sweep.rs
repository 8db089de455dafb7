//! What nobody claims within the window is divided again.

use super::*;

fn swept(event: Event<Test>) -> (u32, u128) {
	match event {
		Event::EpochClosed { epoch, swept, .. } => (epoch, swept),
		other => panic!("{other:?} is not a close"),
	}
}

#[test]
fn an_epoch_can_be_claimed_until_the_block_that_sweeps_it() {
	for in_time in [true, false] {
		ExtBuilder::default().build_and_execute(|| {
			Register::admit(ALICE);
			Register::admit(BOB);
			go_to(1);
			close_with(20_000);
			go_to(1 + WINDOW);
			block(totals().closes_at - 1);
			assert_eq!(Dividend::claimable(ALICE), 10_000);
			if in_time {
				// The last block of the window.
				assert_eq!(claim(ALICE), Ok(10_000));
				assert_eq!(swept(close()), (1 + WINDOW, 10_000));
				assert_eq!(totals().next_sweep, 2);
				// Bob's part was divided between both.
				assert_eq!(claim(ALICE), Ok(5_000));
			} else {
				assert_eq!(swept(close()), (1 + WINDOW, 20_000));
				assert_eq!(totals().next_sweep, 2);
				assert_eq!(claim(ALICE), Ok(10_000));
			}
		});
	}
}

#[test]
fn who_claims_late_is_paid_what_is_left_of_the_window() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		Register::admit(BOB);
		go_to(1);
		for _ in 0..WINDOW {
			close_with(20_000);
			assert_eq!(claim(BOB), Ok(10_000));
		}
		assert_eq!(Dividend::claimable(ALICE), 30_000);
		// At this close the first of the three is swept, and divided between both.
		assert_eq!(swept(close()), (1 + WINDOW, 10_000));
		assert_eq!(claim(ALICE), Ok(25_000));
		assert_eq!(claim(BOB), Ok(5_000));
		assert_eq!(balance(pot()), ED);
		assert_eq!(
			last_event(),
			Event::Claimed { person: 1, account: BOB, from: 4, to: 4, amount: 5_000 }
		);
	});
}

#[test]
fn a_swept_epoch_has_no_row_and_never_gets_one_again() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		for _ in 0..2 * TERM + WINDOW {
			close_with(10_000);
			let rows = || Epochs::<Test>::iter_keys().collect::<Vec<_>>();
			assert!(rows().iter().all(|epoch| *epoch >= totals().next_sweep));
			assert!(rows().len() as u32 <= WINDOW + TERM + 2);
			if totals().epoch == TERM + WINDOW {
				// A claim of a range that begins with swept epochs (of which the last was worth what
				// flowed in and what two earlier ones returned), and a renewal after a lapse.
				assert_eq!(claim(ALICE), Ok(30_000));
				assert_ok!(Dividend::renew(alice));
				assert!(rows().iter().all(|epoch| *epoch >= totals().next_sweep));
			}
		}
	});
}

#[test]
fn a_shorter_window_is_caught_up_with_by_two_epochs_a_close() {
	ExtBuilder::default().build_and_execute(|| {
		set_params(|params| {
			params.claim_window = 10;
			params.term = 20;
		});
		Register::admit(ALICE);
		go_to(1);
		for _ in 1..10 {
			close_with(1_000);
		}
		assert_eq!((totals().epoch, totals().next_sweep), (10, 0));
		set_params(|params| params.claim_window = 2);
		// Epochs 0 to 8 are beyond the window, two go at each close while one comes.
		for (epoch, amount) in [(10, 1_000), (11, 2_000), (12, 2_000), (13, 2_000)] {
			assert_eq!(swept(close()), (epoch, amount));
			assert_eq!(totals().next_sweep, 2 * (epoch - 9));
		}
		// What is not swept yet can be claimed, though it is beyond the window.
		assert_eq!(totals().next_sweep, 8);
		assert_eq!(Dividend::claimable(ALICE), totals().liability);
		go_to(20);
		assert_eq!(totals().next_sweep, 18);
	});
}

#[test]
fn a_longer_window_brings_nothing_back() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(6);
		assert_eq!(totals().next_sweep, 3);
		set_params(|params| params.claim_window = 5);
		go_to(8);
		assert_eq!(totals().next_sweep, 3);
		go_to(9);
		assert_eq!(totals().next_sweep, 4);
	});
}

#[test]
#[should_panic = "an epoch was claimed by more people than shared in it"]
fn an_epoch_claimed_too_often_is_noticed() {
	ExtBuilder::default().build().execute_with(|| {
		Epochs::<Test>::mutate(0, |row| row.claim_in = 1);
		go_to(WINDOW + 1);
	});
}
