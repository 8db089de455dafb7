//! Parents, ancestors, and what is owed them.

use super::*;
use usufruct_primitives::VersionId;

/// A settled version of Ada's with that royalty and these parents.
fn version(royalty: u32, parents: &[VersionId]) -> VersionId {
	let version =
		NewVersion { royalty, parents: parents.to_vec(), ..Default::default() }.accepted();
	pass(CONTEST_WINDOW);
	version
}

/// The ancestors of a version, with their rates.
fn table_of(version: VersionId) -> Vec<(VersionId, u32)> {
	Models::ancestors(version).iter().map(|row| (row.version, row.rate)).collect()
}

/// Tries to add a version with these parents.
fn try_add(parents: &[VersionId]) -> sp_runtime::DispatchResult {
	let model = new_model();
	NewVersion { parents: parents.to_vec(), ..NewVersion::of(model, 200) }.add()
}

#[test]
fn a_version_owes_every_generation_its_own_royalty() {
	ExtBuilder::default().build_and_execute(|| {
		let first = version(50_000, &[]);
		let second = version(20_000, &[first]);
		let third = version(0, &[second]);
		let fourth = version(10_000, &[third]);
		assert_eq!(table_of(first), []);
		assert_eq!(table_of(second), [(first, 50_000)]);
		assert_eq!(table_of(fourth), [(third, 0), (second, 20_000), (first, 50_000)]);
		let parent = Parent { version: third, relation: Relation::FineTune };
		assert_eq!(Models::parents(fourth), [parent]);
	});
}

#[test]
fn a_diamond_counts_once() {
	ExtBuilder::default().build_and_execute(|| {
		let top = version(50_000, &[]);
		let (left, right) = (version(10_000, &[top]), version(20_000, &[top]));
		let bottom = version(0, &[left, right, top]);
		assert_eq!(table_of(bottom), [(left, 10_000), (top, 50_000), (right, 20_000)]);
	});
}

#[test]
fn a_version_of_the_same_model_can_be_the_parent() {
	ExtBuilder::default().build_and_execute(|| {
		let older = version(30_000, &[]);
		assert_ok!(NewVersion { parents: vec![older], ..NewVersion::of(0, 9) }.add());
		assert_eq!(table_of(1), [(older, 30_000)]);
	});
}

#[test]
fn parents_exist_and_stand_once() {
	ExtBuilder::default().build_and_execute(|| {
		let parent = version(0, &[]);
		new_model();
		hypothetically!({
			assert_noop!(
				NewVersion { parents: vec![parent, 1], ..NewVersion::of(1, 9) }.add(),
				Error::<Test>::UnknownParent
			);
			assert_noop!(
				NewVersion { parents: vec![parent, parent], ..NewVersion::of(1, 9) }.add(),
				Error::<Test>::DuplicateParent
			);
		});
	});
}

#[test]
fn a_version_has_no_children_while_somebody_may_contest_it_or_does() {
	ExtBuilder::default().build_and_execute(|| {
		let parent = NewVersion::default().registered();
		let child = NewVersion { parents: vec![parent], ..NewVersion::of(0, 9) };
		pass(CONTEST_WINDOW - 1);
		assert_noop!(child.clone().add(), Error::<Test>::ParentNotSettled);
		assert_ok!(Models::contest(signed(BEN), parent, [1; 32]));
		pass(1);
		assert_noop!(child.clone().add(), Error::<Test>::ParentNotSettled);
		let dismissed = Ruling::Dismissed;
		assert_ok!(Models::resolve_contest(RuntimeOrigin::root(), parent, BEN, dismissed));
		assert_ok!(child.add());
	});
}

#[test]
fn there_are_at_most_32_ancestors() {
	ExtBuilder::default().build_and_execute(|| {
		let mut last = version(0, &[]);
		for generation in 1..=32 {
			last = version(0, &[last]);
			assert_eq!(Models::ancestors(last).len(), generation);
		}
		hypothetically!({
			assert_eq!(try_add(&[last]), Err(Error::<Test>::TooManyAncestors.into()));
		});
	});
}

#[test]
fn ancestors_are_owed_at_most_40_percent() {
	ExtBuilder::default().build_and_execute(|| {
		let parents: Vec<_> = (0..8).map(|_| version(50_000, &[])).collect();
		let more = version(1, &[]);
		let full = version(0, &parents);
		assert_eq!(crate::lineage::royalties(&Models::ancestors(full)), MAX_ROYALTIES);
		hypothetically!({
			assert_eq!(try_add(&[full, more]), Err(Error::<Test>::RoyaltiesTooHigh.into()));
		});
		// What owes nothing itself can come between.
		hypothetically!({
			assert_ok!(try_add(&[full]));
		});
	});
}
