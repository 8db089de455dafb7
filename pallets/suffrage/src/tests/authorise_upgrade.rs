//! The one call of the upgrade track.

use super::*;
use sp_runtime::DispatchError;

#[test]
fn the_upgrade_origin_authorises_a_runtime() {
	run(|| {
		assert_ok!(Suffrage::authorise_upgrade(Origin::Upgrade.into(), code_hash()));
		assert!(authorised());
		assert_eq!(last_event(), Event::UpgradeAuthorised { code_hash: code_hash() });
	});
}

#[test]
fn nobody_else_does() {
	run(|| {
		let others = Origin::ALL.into_iter().filter(|origin| *origin != Origin::Upgrade);
		let origins = others.map(RuntimeOrigin::from).chain([
			RuntimeOrigin::root(),
			RuntimeOrigin::none(),
			RuntimeOrigin::signed(ALICE),
			RuntimeOrigin::signed(Suffrage::account()),
		]);
		for origin in origins {
			assert_noop!(
				Suffrage::authorise_upgrade(origin, code_hash()),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn a_poll_of_another_track_does_not() {
	run(|| {
		let call = bound(Call::authorise_upgrade { code_hash: code_hash() });
		let poll = poll_on(Origin::Parameters, call);
		for who in PEOPLE {
			assert_ok!(vote(who, poll, true));
		}
		blocks(PREPARE + CONFIRM + 1);
		assert_eq!(ended(poll), Some(true));
		blocks(ENACT + 1);
		assert!(!authorised());
	});
}

#[test]
fn a_later_authorisation_takes_the_place_of_an_earlier_one() {
	run(|| {
		assert_ok!(Suffrage::authorise_upgrade(Origin::Upgrade.into(), [9; 32].into()));
		assert!(!authorised());
		assert_ok!(Suffrage::authorise_upgrade(Origin::Upgrade.into(), code_hash()));
		assert!(authorised());
	});
}
