//! Governance sets what governs epochs.

use super::*;
use sp_runtime::DispatchError;

fn present() -> Parameters {
	Params::<Test>::get()
}

#[test]
fn applies_from_the_next_epoch_on() {
	ExtBuilder::default().build_and_execute(|| {
		Register::admit(ALICE);
		go_to(1);
		let (old, books) = (present(), totals());
		let new = Parameters {
			epoch_length: 50,
			claim_window: 9,
			term: 20,
			min_per_head: 5 * ED,
			min_people: 4,
		};
		assert_ok!(schedule(new));
		assert_eq!(last_event(), Event::ParamsScheduled { old, new });
		assert_eq!((present(), totals()), (old, books));
		assert_eq!(Dividend::parameters(), (old, Some(new)));
		// A term that is given meanwhile is one of the present ones.
		let bob = Register::admit(BOB);
		assert_eq!(Dividend::interval(bob), Some((2, 1 + TERM)));
		// The open epoch has its length, and is divided as it was to be.
		let closed = close_with(4_000);
		assert!(matches!(closed, Event::EpochClosed { per_head: 4_000, carried: 0, .. }));
		assert_eq!(System::block_number(), books.closes_at);
		assert!(events().contains(&Event::ParamsChanged { old, new }));
		assert_eq!(Dividend::parameters(), (new, None));
		assert_eq!(totals().closes_at, books.closes_at + 50);
		// The next is divided by four, and only if it is worth it.
		let closed = close_with(20_000);
		assert!(matches!(closed, Event::EpochClosed { per_head: 5_000, carried: 10_000, .. }));
		let carol = Register::admit(CAROL);
		assert_eq!(Dividend::interval(carol), Some((4, 3 + 20)));
		let closed = close_with(9_999);
		assert!(matches!(closed, Event::EpochClosed { per_head: 0, carried: 19_999, .. }));
		assert!(!events().iter().any(|event| matches!(event, Event::ParamsChanged { .. })));
	});
}

#[test]
fn the_last_word_before_the_close_counts() {
	ExtBuilder::default().build_and_execute(|| {
		let first = Parameters { epoch_length: 7, ..present() };
		let second = Parameters { epoch_length: 9, ..present() };
		assert_ok!(schedule(first));
		assert_ok!(schedule(second));
		close();
		assert_eq!(present(), second);
		assert_eq!(totals().closes_at, LENGTH + 9);
	});
}

#[test]
fn stays_within_the_bounds() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = |params, why| {
			assert_noop!(schedule(params), Error::<Test>::OutOfBounds(why));
		};
		refused(Parameters { epoch_length: 0, ..present() }, OutOfBounds::EpochLength);
		refused(Parameters { claim_window: 105, ..present() }, OutOfBounds::ClaimWindow);
		refused(Parameters { term: 105, ..present() }, OutOfBounds::Term);
		refused(Parameters { min_per_head: 100 * ED + 1, ..present() }, OutOfBounds::MinPerHead);
		refused(Parameters { min_people: 0, ..present() }, OutOfBounds::MinPeople);
		// Those of a chain whose disputes last long.
		let bounds = ParameterBounds::get();
		ParameterBounds::set(Bounds { longest_dispute: LENGTH * WINDOW, ..bounds });
		refused(present(), OutOfBounds::WindowTooShort);
		assert_ok!(schedule(Parameters { claim_window: WINDOW + 1, ..present() }));
		ParameterBounds::set(bounds);
	});
}

#[test]
fn is_for_governance_only() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(GUARD), RuntimeOrigin::none()] {
			assert_noop!(Dividend::set_params(origin, present()), DispatchError::BadOrigin);
		}
	});
}
