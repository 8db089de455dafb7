//! Each invariant notices when it is broken.

use super::*;
use frame_support::traits::tokens::{Fortitude, Precision, Preservation};
use usufruct_primitives::{tensors::TensorRoot, VersionId};

/// Breaks something in a healthy state, and expects this to be said of it.
fn breaks(message: &'static str, damage: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion { royalty: 50_000, ..Default::default() }.accepted();
		pass(CONTEST_WINDOW);
		let child = NewVersion { parents: vec![0], ..Default::default() }.registered();
		earn(version, UFR);
		earn(child, UFR);
		assert_ok!(Models::claim_revenue(signed(BEN), version, 1));
		assert_ok!(Models::move_royalty(signed(BEN), child, 0));
		hypothetically!({
			damage();
			assert_eq!(Models::do_try_state(), Err(message.into()));
		});
	});
}

/// Changes the first row of a version's table.
fn change(version: VersionId, change: impl FnOnce(&mut Row)) {
	assert_ok!(Models::change_row(version, 0, |row| {
		change(row);
		Ok(())
	}));
}

/// Changes the first row of the child's table of ancestors.
fn change_ancestor(change: impl FnOnce(&mut Ancestor)) {
	Ancestors::<Test>::mutate(1, |table| change(&mut table[0]));
}

#[test]
fn ids_are_dense() {
	breaks("M1: a version is missing", || NextVersion::<Test>::put(3));
	breaks("M1: a version's id was not given out yet", || NextVersion::<Test>::put(0));
	breaks("M1: a model is missing", || NextModel::<Test>::put(3));
	breaks("M1: a model's id was not given out yet", || NextModel::<Test>::put(0));
}

#[test]
fn versions_belong_to_models_that_count_them() {
	breaks("M2: a version without its model", || crate::Models::<Test>::remove(0));
	breaks("M2: a model miscounts its versions", || {
		crate::Models::<Test>::mutate(0, |model| model.as_mut().unwrap().open_versions = 0)
	});
	breaks("M2: a model miscounts its versions", || {
		crate::Models::<Test>::mutate(0, |model| model.as_mut().unwrap().last_close = 1)
	});
}

#[test]
fn the_index_of_manifests_is_complete_and_exact() {
	breaks("M3: a version is not in the index of manifests", || Manifests::<Test>::remove([0; 32]));
	breaks("M3: a manifest without its version", || Manifests::<Test>::insert([9; 32], 0));
}

#[test]
fn versions_have_tables_and_revenue_and_nothing_else_has() {
	breaks("M4: a version without its table", || Contributors::<Test>::remove(0));
	breaks("M4: a version without its revenue", || Revenue::<Test>::remove(0));
	breaks("M4: a table without its version", || {
		Contributors::<Test>::insert(2, Contributors::<Test>::get(0).unwrap())
	});
	breaks("M4: revenue without its version", || Revenue::<Test>::insert(2, 0));
	breaks("M4: a table's shares are not whole", || change(0, |row| row.share -= 1));
	breaks("M4: the pot is a contributor", || change(0, |row| row.account = Models::pot()));
}

#[test]
fn no_row_is_paid_too_much() {
	breaks("M5: a row was paid that does not exist", || Paid::<Test>::insert(0, 3, 0));
	breaks("M5: a row was paid more than it is entitled to", || {
		// The royalty that was moved is Ben's too.
		Paid::<Test>::insert(0, 1, 3 * UFR * 105 / 1_000 + 1)
	});
	breaks("M5: an ancestor was paid that does not exist", || Moved::<Test>::insert(1, 1, 0));
	breaks("M5: an ancestor was paid more than it is entitled to", || {
		Moved::<Test>::insert(1, 0, UFR / 20 + 1)
	});
	breaks("M5: what was moved is not what was received", || Royalties::<Test>::insert(0, UFR));
}

#[test]
fn the_pot_covers_what_is_unpaid() {
	breaks("M6: the pot lacks some of what is unpaid", || {
		Revenue::<Test>::insert(0, UFR + 1);
	});
	breaks("M6: the pot lacks some of what is unpaid", || {
		assert_ok!(Balances::burn_from(
			&Models::pot(),
			1,
			Preservation::Preserve,
			Precision::Exact,
			Fortitude::Polite,
		));
	});
}

#[test]
fn deposits_are_held() {
	let contest = |deposit| Contest { evidence_hash: [0; 32], deposit, since: 0 };
	breaks("M7: deposits are not what is held", || {
		crate::Models::<Test>::mutate(0, |model| model.as_mut().unwrap().deposit += 1)
	});
	breaks("M7: deposits are not what is held", || {
		Contests::<Test>::insert(0, BEN, contest(1));
		OpenContests::<Test>::insert(0, 1);
	});
	breaks("M7: a contest without its version", || {
		Contests::<Test>::insert(9, BEN, contest(0));
		OpenContests::<Test>::insert(9, 1);
	});
	breaks("M7: contests are not counted", || OpenContests::<Test>::insert(0, 1));
	breaks("M7: contests are not counted", || Contests::<Test>::insert(0, BEN, contest(0)));
}

#[test]
fn claims_of_reuse_fit_their_versions_and_are_counted() {
	let claim =
		|older, in_window| ReuseClaim { older, prover: CHIDI, deposit: 0, since: 1, in_window };
	let lodge = move |newer, claim| ReuseClaims::<Test>::insert(newer, [0; 32], claim);
	let root = || {
		for version in [0, 1] {
			Versions::<Test>::mutate_extant(version, |version| {
				version.tensor_root = Some(tensors(1..2).root());
			});
		}
	};
	breaks("M11: a claim without its versions", move || lodge(1, claim(0, false)));
	breaks("M11: a claim without its versions", move || {
		root();
		lodge(0, claim(1, false))
	});
	breaks("M11: a claim from the future", move || {
		root();
		lodge(1, ReuseClaim { since: BlockNumber::MAX, ..claim(0, false) })
	});
	breaks("M11: claims are miscounted", move || {
		root();
		lodge(1, claim(0, true))
	});
	breaks("M11: claims are miscounted", || PendingReuses::<Test>::insert(1, 1));
	breaks("M11: a version that is claimed closes later", move || {
		root();
		let model = Versions::<Test>::get(1).unwrap().model;
		crate::Models::<Test>::mutate_extant(model, |model| {
			model.open_versions -= 1;
			model.last_close = BlockNumber::MAX;
		});
		Versions::<Test>::mutate_extant(1, |version| version.closes = Some(BlockNumber::MAX));
		lodge(1, claim(0, true))
	});
	breaks("M7: deposits are not what is held", move || {
		root();
		lodge(1, ReuseClaim { deposit: 1, ..claim(0, false) })
	});
}

#[test]
fn remembered_floors_are_in_order() {
	let floor = |change: fn(&mut Floor)| {
		move || Versions::<Test>::mutate_extant(0, |version| change(&mut version.floor))
	};
	breaks("M12: floors of two times are in the wrong order", floor(|it| it.before_since = 1));
	breaks("M12: a floor is of a time to come", floor(|it| it.since = BlockNumber::MAX));
	breaks(
		"M12: a rise is none",
		floor(|it| it.rise = Some(Rise { price: it.present, from: BlockNumber::MAX })),
	);
}

#[test]
fn licences_are_readable() {
	breaks("M8: a licence is not printable", || Licences::<Test>::insert(Licence::default(), ()));
}

#[test]
fn lineage_is_acyclic_complete_and_within_its_limits() {
	breaks("M9: a royalty is too high", || {
		Versions::<Test>::mutate_extant(1, |version| version.royalty = MAX_ROYALTY + 1)
	});
	breaks("M9: a tensor root cannot be", || {
		let root = TensorRoot { root: [0; 32], leaves: 0, bytes: 0 };
		Versions::<Test>::mutate_extant(1, |version| version.tensor_root = Some(root))
	});
	breaks("M9: an ancestor stands twice", || {
		Ancestors::<Test>::mutate(1, |table| table.try_push(table[0]).unwrap())
	});
	breaks("M9: an ancestor is not older", || {
		Ancestors::<Test>::mutate(1, |table| {
			table.try_push(Ancestor { version: 1, rate: 0, since: 0 }).unwrap()
		})
	});
	breaks("M9: an ancestor has another royalty", || change_ancestor(|row| row.rate += 1));
	breaks("M9: ancestors are owed too much", || {
		change_ancestor(|row| row.rate = MAX_ROYALTIES + 1);
		Moved::<Test>::remove(1, 0);
		Royalties::<Test>::remove(0);
		Paid::<Test>::remove(0, 1);
	});
	breaks("M9: an ancestor is from a time to come", || {
		Moved::<Test>::remove(1, 0);
		Royalties::<Test>::remove(0);
		change_ancestor(|row| row.since = UFR + 1)
	});
	breaks("M9: a parent, or an ancestor of one, is not in the table", || {
		Moved::<Test>::remove(1, 0);
		Royalties::<Test>::remove(0);
		Ancestors::<Test>::remove(1);
	});
	breaks("M9: lineage without its version", || {
		Parents::<Test>::insert(9, Parents::<Test>::get(1))
	});
}

#[test]
fn reuses_are_of_versions_that_exist_and_bar_exactly_their_owners() {
	let reuse = |newer, older, reuse| move || Reuses::<Test>::insert(newer, older, reuse);
	breaks("M10: a reuse without its versions", reuse(2, 0, Reuse::Settled));
	breaks("M10: a reuse without its versions", reuse(0, 1, Reuse::Settled));
	breaks("M10: a version was not closed", reuse(1, 0, Reuse::Closed));
	breaks("M10: a parent that was proven is not in the table", || {
		assert_ok!(NewVersion::of(0, 9).add());
		Reuses::<Test>::insert(2, 0, Reuse::Parent)
	});
	let open = Reuse::Open { owner: ADA };
	breaks("M10: the bars are not those of open reuses", reuse(1, 0, open));
	breaks("M10: the bars are not those of open reuses", || Barred::<Test>::insert(ADA, 1));
}
