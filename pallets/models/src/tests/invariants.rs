//! Each invariant notices when it is broken.

use super::*;

/// Breaks something in a healthy state, and expects this to be said of it.
fn breaks(message: &'static str, damage: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, UFR);
		assert_ok!(Models::claim_revenue(signed(BEN), version, 1));
		hypothetically!({
			damage();
			assert_eq!(Models::do_try_state(), Err(message.into()));
		});
	});
}

#[test]
fn ids_are_dense() {
	breaks("M1: a version is missing", || NextVersion::<Test>::put(2));
	breaks("M1: a version's id was not given out yet", || NextVersion::<Test>::put(0));
	breaks("M1: a model is missing", || NextModel::<Test>::put(2));
	breaks("M1: a model's id was not given out yet", || NextModel::<Test>::put(0));
}

#[test]
fn versions_belong_to_models_that_count_them() {
	breaks("M2: a version without its model", || crate::Models::<Test>::remove(0));
	breaks("M2: a model miscounts its versions", || {
		crate::Models::<Test>::mutate(0, |model| model.as_mut().unwrap().open_versions = 0)
	});
}

#[test]
fn the_index_of_manifests_is_complete_and_exact() {
	breaks("M3: a version is not in the index of manifests", || Manifests::<Test>::remove([0; 32]));
	breaks("M3: a manifest without its version", || Manifests::<Test>::insert([1; 32], 0));
}

#[test]
fn versions_have_tables_and_revenue_and_nothing_else_has() {
	breaks("M4: a version without its table", || Contributors::<Test>::remove(0));
	breaks("M4: a version without its revenue", || Revenue::<Test>::remove(0));
	breaks("M4: a table without its version", || Contributors::<Test>::insert(1, three_rows()));
	breaks("M4: revenue without its version", || Revenue::<Test>::insert(1, 0));
	breaks("M4: a table's shares are not whole", || {
		Contributors::<Test>::insert(0, table(&[(ADA, 1)]))
	});
}

#[test]
fn no_row_is_paid_too_much() {
	breaks("M5: a row was paid that does not exist", || Paid::<Test>::insert(0, 3, 0));
	breaks("M5: a row was paid more than it is entitled to", || {
		Paid::<Test>::insert(0, 1, 3 * UFR / 10 + 1)
	});
}

#[test]
fn the_pot_covers_what_is_unpaid() {
	breaks("M6: the pot lacks some of what is unpaid", || {
		Revenue::<Test>::insert(0, UFR + 1);
	});
}

#[test]
fn deposits_are_held() {
	breaks("M7: an owner's deposits are not what is held", || {
		Versions::<Test>::mutate(0, |version| version.as_mut().unwrap().deposit += 1)
	});
}

#[test]
fn licences_are_readable() {
	breaks("M8: a licence is not printable", || Licences::<Test>::insert(Licence::default(), ()));
}
