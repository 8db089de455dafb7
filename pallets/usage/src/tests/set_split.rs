//! `set_split`.

use super::*;

fn split(dividend: u32, commons: u32, security: u32, oracle: u32, model: u32) -> Split {
	Split { dividend, commons, security, oracle, model }
}

#[test]
fn schedules_the_weights_and_changes_nothing_yet() {
	ExtBuilder::default().build_and_execute(|| {
		let new = split(100_000, 20_000, 10_000, 700_000, 170_000);
		assert_ok!(dispatch_root(Call::set_split { split: new }));
		assert_eq!(NextSplit::<Test>::get(), Some(new));
		assert_eq!(CurrentSplit::<Test>::get(), Split::default());
		assert_eq!(last_event(), Event::SplitScheduled { old: Split::default(), new });

		settle_some(&ALICE, &OMAR, 10 * UFR);
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 4 * UFR);
	});
}

#[test]
fn a_second_call_replaces_the_first() {
	ExtBuilder::default().build_and_execute(|| {
		let first = split(100_000, 20_000, 10_000, 700_000, 170_000);
		assert_ok!(dispatch_root(Call::set_split { split: first }));
		let second = split(300_000, 200_000, 100_000, 200_000, 200_000);
		assert_ok!(dispatch_root(Call::set_split { split: second }));
		assert_eq!(NextSplit::<Test>::get(), Some(second));
	});
}

#[test]
fn is_roots_only() {
	ExtBuilder::default().build_and_execute(|| {
		let call = Call::set_split { split: Split::default() };
		assert_noop!(dispatch(&ALICE, call), DispatchError::BadOrigin);
	});
}

#[test]
fn refuses_weights_out_of_bounds() {
	ExtBuilder::default().build_and_execute(|| {
		for (bad, error) in [
			(split(200_000, 80_000, 20_000, 400_000, 300_001), Error::<Test>::SplitNotWhole),
			(split(99_999, 80_000, 20_000, 400_000, 400_001), Error::DividendTooLow),
			(split(200_000, 19_999, 20_000, 400_000, 360_001), Error::CommonsOutOfBounds),
			(split(200_000, 200_001, 20_000, 400_000, 179_999), Error::CommonsOutOfBounds),
			(split(200_000, 80_000, 9_999, 400_000, 310_001), Error::SecurityOutOfBounds),
			(split(200_000, 80_000, 100_001, 400_000, 219_999), Error::SecurityOutOfBounds),
			(split(200_000, 80_000, 20_000, 199_999, 500_001), Error::OracleOutOfBounds),
			(split(100_000, 20_000, 10_000, 700_001, 169_999), Error::OracleOutOfBounds),
			(split(400_000, 80_000, 20_000, 400_001, 99_999), Error::ModelTooLow),
		] {
			assert_noop!(dispatch_root(Call::set_split { split: bad }), error);
		}
	});
}
