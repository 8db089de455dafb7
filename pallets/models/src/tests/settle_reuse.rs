use super::*;
use usufruct_primitives::VersionId;

/// Ben's version and Mallory's, of the same tensors; Mallory is barred for it.
fn barred() -> (VersionId, VersionId) {
	let tree = tensors(1..20);
	let version = |caller| {
		NewVersion { caller, tensor_root: Some(tree.root()), ..Default::default() }.registered()
	};
	let (older, newer) = (version(BEN), version(MALLORY));
	pass(CONTEST_WINDOW);
	assert_ok!(claim_and_confirm(older, newer, shared(&tree, &tree, 1..11)));
	(older, newer)
}

#[test]
fn the_older_versions_owner_lets_the_other_go_on() {
	ExtBuilder::default().build_and_execute(|| {
		let (older, newer) = barred();
		assert_ok!(Models::settle_reuse(signed(BEN), older, newer));
		System::assert_last_event(Event::ReuseSettled { older, newer, owner: MALLORY }.into());
		assert_eq!(Models::bars(MALLORY), 0);
		assert_ok!(NewVersion { caller: MALLORY, ..NewVersion::of(1, 9) }.add());
		// And is not barred for the same again.
		let tree = tensors(1..20);
		assert_noop!(
			Models::prove_reuse(signed(ADA), older, newer, shared(&tree, &tree, 1..11)),
			Error::<Test>::AlreadyProven
		);
		assert_noop!(
			Models::settle_reuse(signed(BEN), older, newer),
			Error::<Test>::NothingToSettle
		);
	});
}

#[test]
fn governance_does_as_well() {
	ExtBuilder::default().build_and_execute(|| {
		let (older, newer) = barred();
		assert_ok!(Models::settle_reuse(RuntimeOrigin::root(), older, newer));
		assert_eq!(Models::bars(MALLORY), 0);
	});
}

#[test]
fn every_reuse_is_settled_for_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let first = barred();
		let tree = tensors(1..20);
		let second = NewVersion { tensor_root: Some(tree.root()), ..Default::default() };
		let second = second.registered();
		Barred::<Test>::remove(MALLORY);
		let newest =
			NewVersion { caller: MALLORY, tensor_root: Some(tree.root()), ..Default::default() }
				.registered();
		Barred::<Test>::insert(MALLORY, 1);
		pass(CONTEST_WINDOW);
		let proof = shared(&tree, &tree, 1..11);
		assert_ok!(claim_and_confirm(second, newest, proof));
		assert_eq!(Models::bars(MALLORY), 2);
		assert_ok!(Models::settle_reuse(signed(BEN), first.0, first.1));
		assert_eq!(Models::bars(MALLORY), 1);
		assert_ok!(Models::settle_reuse(signed(ADA), second, newest));
		assert_eq!(Models::bars(MALLORY), 0);
	});
}

#[test]
fn nobody_else_settles_least_of_all_who_is_barred() {
	ExtBuilder::default().build_and_execute(|| {
		let (older, newer) = barred();
		for who in [MALLORY, ADA] {
			assert_noop!(Models::settle_reuse(signed(who), older, newer), Error::<Test>::NotOwner);
		}
		assert_noop!(
			Models::settle_reuse(signed(BEN), newer, older),
			Error::<Test>::NothingToSettle
		);
		assert_noop!(
			Models::settle_reuse(RuntimeOrigin::none(), older, newer),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn a_parent_that_was_proven_in_time_needs_no_settling() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..20);
		let version = |caller| {
			NewVersion { caller, tensor_root: Some(tree.root()), ..Default::default() }.registered()
		};
		let (older, newer) = (version(BEN), version(MALLORY));
		assert_ok!(claim_and_confirm(older, newer, shared(&tree, &tree, 1..11)));
		assert_noop!(
			Models::settle_reuse(signed(BEN), older, newer),
			Error::<Test>::NothingToSettle
		);
	});
}
