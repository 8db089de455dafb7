//! Every invariant is really checked.

use crate::{mock::*, *};
use frame_support::BoundedVec;
use sp_runtime::Perbill;

/// Breaks the state and expects the invariant of that number to be the one that fails.
fn breaks(invariant: &str, corrupt: impl FnOnce()) {
	ExtBuilder::default().pot(100).build().execute_with(|| {
		Validators::do_try_state().expect("the state was sound before");
		corrupt();
		let error = Validators::do_try_state().expect_err("the state is corrupt");
		let sp_runtime::DispatchError::Other(text) = error else { panic!("{error:?}") };
		assert!(text.starts_with(invariant), "{text}");
	});
}

#[test]
fn finds_each_broken_invariant() {
	let record = |session| OffenceRecord { session, fraction: Perbill::one(), reported: 1 };
	breaks("1:", || Credits::<Test>::insert(ALICE, 5));
	breaks("2:", || {
		Credits::<Test>::insert(ALICE, 101);
		Credited::<Test>::put(101);
	});
	breaks("2:", || {
		let pot = Validators::pot();
		Balances::force_set_balance(RuntimeOrigin::root(), pot, 0).expect("root may");
	});
	breaks("3:", || Credits::<Test>::insert(ALICE, 0));
	breaks("4:", || {
		Members::<Test>::put(BoundedVec::truncate_from(vec![ALICE, BOB, ALICE]));
	});
	breaks("5:", || Offences::<Test>::insert(ALICE, BoundedVec::truncate_from(vec![])));
	breaks("5:", || {
		Offences::<Test>::insert(ALICE, BoundedVec::truncate_from(vec![record(0), record(0)]));
	});
	breaks("5:", || Offences::<Test>::insert(ALICE, BoundedVec::truncate_from(vec![record(1)])));
	breaks("6:", || {
		for member in Validators::members() {
			pallet_session::NextKeys::<Test>::remove(member);
		}
	});
}
