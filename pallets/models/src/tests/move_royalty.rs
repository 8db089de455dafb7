use super::*;
use usufruct_primitives::{VersionId, PPM};

/// Ben's settled version with a royalty of 5 %, and Ada's child of it.
fn family() -> (VersionId, VersionId) {
	let contributors = table(&[(BEN, PPM)]);
	let parent = NewVersion { royalty: 50_000, contributors, ..Default::default() }.accepted();
	pass(CONTEST_WINDOW);
	let contributors = table(&[(ADA, PPM)]);
	let child = NewVersion { parents: vec![parent], contributors, ..Default::default() }.accepted();
	pass(CONTEST_WINDOW);
	(parent, child)
}

#[test]
fn books_the_royalty_over_and_the_ancestors_rows_can_claim_it() {
	ExtBuilder::default().build_and_execute(|| {
		let (parent, child) = family();
		earn(child, 100 * UFR);
		assert_eq!(Models::royalty_due(child, 0), 5 * UFR);
		assert_eq!(Models::revenue_due(child, 0), 95 * UFR);
		assert_eq!(Models::revenue_due(parent, 0), 0);

		assert_ok!(Models::move_royalty(signed(MALLORY), child, 0));
		System::assert_last_event(
			Event::RoyaltyMoved { version: child, index: 0, ancestor: parent, amount: 5 * UFR }
				.into(),
		);
		assert_eq!((Models::royalty_due(child, 0), Models::revenue_due(parent, 0)), (0, 5 * UFR));
		// What is the child's own is the same before and after, and the pot holds all of it.
		assert_eq!(Models::revenue_due(child, 0), 95 * UFR);
		assert_eq!(pot(), ED + 100 * UFR);

		let (ada, ben) = (free(&ADA), free(&BEN));
		assert_ok!(Models::claim_revenue(signed(BEN), parent, 0));
		assert_ok!(Models::claim_revenue(signed(BEN), child, 0));
		assert_eq!((free(&ADA), free(&BEN)), (ada + 95 * UFR, ben + 5 * UFR));
		assert_eq!(pot(), ED);
	});
}

#[test]
fn royalties_received_are_not_shared_with_ancestors_again() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = family();
		Versions::<Test>::mutate_extant(second, |version| version.royalty = 20_000);
		let third = NewVersion { parents: vec![second], ..Default::default() }.accepted();
		earn(third, 100 * UFR);
		assert_ok!(Models::move_royalty(signed(ADA), third, 0));
		assert_ok!(Models::move_royalty(signed(ADA), third, 1));
		// 2 % of all to the second, 5 % of all to the first, and none of the second's 2 % on.
		assert_eq!(Models::revenue_due(second, 0), 2 * UFR);
		assert_eq!(Models::royalty_due(second, 0), 0);
		assert_eq!(Models::revenue_due(first, 0), 5 * UFR);
	});
}

#[test]
fn moving_late_and_often_is_the_same() {
	ExtBuilder::default().build_and_execute(|| {
		let (parent, child) = family();
		for _ in 0..99 {
			earn(child, 1);
			let _ = Models::move_royalty(signed(MALLORY), child, 0);
		}
		assert_eq!(Models::revenue_due(parent, 0), 4);
		assert_eq!(Models::revenue_due(child, 0), 94);
		earn(child, 1);
		assert_ok!(Models::move_royalty(signed(MALLORY), child, 0));
		assert_eq!((Models::revenue_due(parent, 0), Models::revenue_due(child, 0)), (5, 95));
	});
}

#[test]
fn the_largest_amounts_divide_exactly() {
	ExtBuilder::default().build_and_execute(|| {
		let (_, child) = family();
		earn(child, Balance::MAX - Balances::total_issuance());
		let revenue = Revenue::<Test>::get(child).unwrap();
		let royalty = Models::royalty_due(child, 0);
		assert_eq!(royalty, revenue / 20);
		assert_eq!(Models::revenue_due(child, 0), revenue - revenue.div_ceil(20));
		assert_ok!(Models::move_royalty(signed(ADA), child, 0));
	});
}

#[test]
fn a_deprecated_version_still_owes_and_is_owed() {
	ExtBuilder::default().build_and_execute(|| {
		let (parent, child) = family();
		assert_ok!(Models::deprecate(signed(ADA), child, None));
		assert_ok!(Models::deprecate(signed(ADA), parent, None));
		earn(child, UFR);
		assert_ok!(Models::move_royalty(signed(ADA), child, 0));
		assert_eq!(Models::revenue_due(parent, 0), UFR / 20);
	});
}

#[test]
fn there_must_be_something_to_move() {
	ExtBuilder::default().build_and_execute(|| {
		let (parent, child) = family();
		assert_noop!(Models::move_royalty(signed(ADA), 9, 0), Error::<Test>::UnknownVersion);
		for index in [1, u16::MAX] {
			assert_noop!(
				Models::move_royalty(signed(ADA), child, index),
				Error::<Test>::UnknownAncestor
			);
		}
		assert_noop!(Models::move_royalty(signed(ADA), parent, 0), Error::<Test>::UnknownAncestor);
		assert_noop!(Models::move_royalty(signed(ADA), child, 0), Error::<Test>::NothingDue);
		assert_noop!(
			Models::move_royalty(RuntimeOrigin::none(), child, 0),
			DispatchError::BadOrigin
		);
	});
}
