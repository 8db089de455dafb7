//! What voting sees of the epochs.

use super::*;
use usufruct_primitives::traits::Electorate;

#[test]
fn the_electorate_is_who_shared_in_the_last_closed_epoch() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Dividend::last_closed(), None);
		let alice = Register::admit(ALICE);
		assert_eq!(<Dividend as Electorate>::interval(alice), Some((1, TERM)));
		assert_eq!(<Dividend as Electorate>::interval(alice + 1), None);
		close();
		// Alice shares from the next epoch on.
		assert_eq!(Dividend::last_closed(), Some((0, 0)));
		Register::admit(BOB);
		close();
		assert_eq!(Dividend::last_closed(), Some((1, 1)));
		close();
		assert_eq!(Dividend::last_closed(), Some((2, 2)));
		// Who is revoked leaves the epochs to come, and not the past.
		assert_ok!(Dividend::revoke(alice));
		assert_eq!(Dividend::last_closed(), Some((2, 2)));
		close();
		assert_eq!(Dividend::last_closed(), Some((3, 1)));
		assert_eq!(<Dividend as Electorate>::current_epoch(), 4);
	});
}
