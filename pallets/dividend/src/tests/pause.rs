//! For a short while nobody claims and nothing closes.

use super::*;
use sp_runtime::DispatchError;

fn pause(blocks: u32) -> sp_runtime::DispatchResult {
	Dividend::pause(RuntimeOrigin::signed(GUARD), blocks)
}

fn resume() -> sp_runtime::DispatchResult {
	Dividend::resume(RuntimeOrigin::signed(GUARD))
}

#[test]
fn stops_claims_and_moves_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		let (books, held) = (totals(), balance(pot()));
		assert_ok!(pause(3));
		let begun = System::block_number();
		assert_eq!(last_event(), Event::Paused { until: begun + 3 });
		assert_eq!(Dividend::paused_until(), Some(begun + 3));
		for number in begun..begun + 3 {
			block(number);
			assert_eq!(claim(ALICE), Err(Error::<Test>::Paused.into()));
		}
		assert_eq!((totals(), balance(pot())), (books, held));
		block(begun + 3);
		assert_eq!(Dividend::paused_until(), None);
		assert_eq!(claim(ALICE), Ok(20_000));
	});
}

#[test]
fn makes_one_epoch_longer_and_none_overdue() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		let begun = System::block_number();
		assert_ok!(pause(MAX_PAUSE));
		// Two epochs would be over.
		const { assert!(MAX_PAUSE > 2 * LENGTH) };
		flow_in(20_000);
		for number in begun + 1..begun + MAX_PAUSE {
			assert_eq!(block(number), <() as WeightInfo>::idle());
			assert_eq!(totals().epoch, 1);
		}
		let end = begun + MAX_PAUSE;
		assert_eq!(block(end), <() as WeightInfo>::close());
		assert_eq!(
			(totals().epoch, totals().opened_at, totals().closes_at),
			(2, end, end + LENGTH)
		);
		for number in end + 1..end + LENGTH {
			assert_eq!(block(number), <() as WeightInfo>::idle());
		}
		assert_eq!(claim(ALICE), Ok(20_000));
	});
}

#[test]
fn nothing_is_swept_meanwhile() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		go_to(1 + WINDOW);
		block(totals().closes_at - 1);
		assert_ok!(pause(MAX_PAUSE));
		let end = System::block_number() + MAX_PAUSE;
		block(end - 1);
		assert_eq!(totals().next_sweep, 1);
		assert_ok!(resume());
		// The pause ended before its time; what would have been swept can be claimed.
		assert_eq!(claim(ALICE), Ok(20_000));
	});
}

#[test]
fn people_come_and_go_meanwhile_and_can_be_settled() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_ok!(pause(5));
		let bob = Register::admit(BOB);
		assert_ok!(Dividend::settle(alice));
		assert_ok!(Dividend::revoke(bob));
		assert_ok!(Dividend::donate(RuntimeOrigin::signed(TREASURE), 1_000));
		// What was given is divided by the close that waited.
		block(System::block_number() + 5);
		assert_eq!(claim(ALICE), Ok(21_000));
	});
}

#[test]
fn lasts_three_days_at_most() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(pause(0), Error::<Test>::PauseTooLong);
		assert_noop!(pause(MAX_PAUSE + 1), Error::<Test>::PauseTooLong);
		assert_ok!(pause(MAX_PAUSE));
	});
}

#[test]
fn is_not_repeated_soon_nor_prolonged() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(pause(3));
		let end = System::block_number() + 3;
		for number in [end - 1, end, end + PAUSE_INTERVAL - 1] {
			block(number);
			assert_noop!(pause(1), Error::<Test>::PausedRecently);
		}
		block(end + PAUSE_INTERVAL);
		assert_ok!(pause(1));
	});
}

#[test]
fn is_ended_before_its_time_once() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		close_with(20_000);
		assert_noop!(resume(), Error::<Test>::NotPaused);
		let begun = System::block_number();
		assert_ok!(pause(MAX_PAUSE));
		block(begun + 2);
		assert_ok!(resume());
		assert_eq!(last_event(), Event::Resumed { from: begun });
		assert_eq!(claim(ALICE), Ok(20_000));
		assert_noop!(resume(), Error::<Test>::NotPaused);
		// The next one is counted from then.
		block(begun + 1 + PAUSE_INTERVAL);
		assert_noop!(pause(1), Error::<Test>::PausedRecently);
		block(begun + 2 + PAUSE_INTERVAL);
		assert_ok!(pause(1));
		block(System::block_number() + 1);
		assert_noop!(resume(), Error::<Test>::NotPaused);
	});
}

#[test]
fn is_for_the_pausing_origin_only() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(ALICE), RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Dividend::pause(origin.clone(), 1), DispatchError::BadOrigin);
			assert_noop!(Dividend::resume(origin), DispatchError::BadOrigin);
		}
	});
}
