//! What a chain starts with.

use super::*;
use sp_runtime::BuildStorage;
use usufruct_primitives::DAYS;

#[test]
fn the_constitution_is_given_at_genesis() {
	ExtBuilder::empty().build_and_execute(|| {
		assert_eq!(Suffrage::constitution(), RULES);
	});
}

#[test]
fn a_chain_that_says_nothing_has_the_strict_one() {
	let storage = RuntimeGenesisConfig::default().build_storage().expect("builds");
	sp_io::TestExternalities::from(storage).execute_with(|| {
		assert_eq!(
			Suffrage::constitution(),
			Constitution { min_electorate: 1_000, seasoning: 4, cosigners: 100, day: DAYS }
		);
	});
}

#[test]
fn what_cannot_be_worked_with_is_refused() {
	let bad = [
		(Constitution { min_electorate: 0, ..RULES }, "min_electorate is at least 1"),
		(Constitution { seasoning: 105, ..RULES }, "seasoning is at most 104 epochs"),
		(Constitution { cosigners: 0, ..RULES }, "cosigners is at least 1"),
		(Constitution { day: 0, ..RULES }, "day is 1 block to 24 hours"),
		(Constitution { day: DAYS + 1, ..RULES }, "day is 1 block to 24 hours"),
	];
	for (rules, problem) in bad {
		assert_eq!(rules.check(), Err(problem));
		let built = std::panic::catch_unwind(|| ExtBuilder { rules, settled: false }.build());
		assert!(built.is_err(), "{problem}");
	}
}

#[test]
fn days_are_as_long_as_the_constitution_says() {
	ExtBuilder::empty().build_and_execute(|| {
		assert_eq!(Suffrage::days(14), 28);
		assert_eq!(Suffrage::hours(24), 2);
		// Never nothing: a track's period of zero blocks would be no period.
		assert_eq!(Suffrage::hours(1), 1);
	});
}
