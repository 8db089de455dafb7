use super::*;
use usufruct_primitives::{tensors::TensorRoot, Meter, PPM};

#[test]
fn stores_everything_and_holds_a_deposit_per_version_and_row() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		assert_ok!(NewVersion::of(model, 7).add());
		System::assert_last_event(
			Event::VersionAdded {
				model,
				version: 0,
				manifest_hash: [7; 32],
				floor_price: FLOOR,
				royalty: 0,
				ancestors: 0,
			}
			.into(),
		);
		let deposit = VERSION_DEPOSIT + 3 * ROW_DEPOSIT;
		assert_eq!(
			Models::version(0),
			Some(Version {
				model,
				manifest_hash: [7; 32],
				size: 3_200_000,
				licence: b"Apache-2.0".to_vec().try_into().unwrap(),
				metadata_uri: b"https://example.org/magika.json".to_vec().try_into().unwrap(),
				metadata_hash: [9; 32],
				meter: Meter::Request,
				floor: Floor::new(FLOOR),
				added: 1,
				closes: None,
				royalty: 0,
				tensor_root: None,
			})
		);
		assert_eq!(contributors(0), three_rows().into_inner());
		// The owner has agreed to its own row by adding the version; the others have yet to.
		let states: Vec<_> =
			Models::contributors(0).into_iter().map(|row| (row.owners, row.state)).collect();
		let offered = RowState::Offered { since: 1 };
		assert_eq!(
			states,
			[(true, RowState::Accepted), (false, offered.clone()), (false, offered)]
		);
		assert_eq!((Models::parents(0), Models::ancestors(0)), (vec![], vec![]));
		assert_eq!(Models::model(model).unwrap().deposit, MODEL_DEPOSIT + deposit);
		assert_eq!(Manifests::<Test>::get([7; 32]), Some(0));
		assert_eq!(held(&ADA), MODEL_DEPOSIT + deposit);
		assert_eq!(free(&ADA), ENDOWMENT - MODEL_DEPOSIT - deposit);
		// Contributors pay nothing.
		assert_eq!((free(&BEN), free(&CHIDI)), (ENDOWMENT, 0));
	});
}

#[test]
fn ids_are_unique_over_all_models() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = (new_model(), new_model());
		assert_ok!(NewVersion::of(second, 0).add());
		assert_ok!(NewVersion::of(first, 1).add());
		assert_ok!(NewVersion::of(second, 2).add());
		let models: Vec<_> = (0..3).map(|id| Models::version(id).unwrap().model).collect();
		assert_eq!(models, [second, first, second]);
		assert_eq!(Models::model(first).unwrap().open_versions, 1);
		assert_eq!(Models::model(second).unwrap().open_versions, 2);
	});
}

#[test]
fn a_table_may_have_64_rows_and_an_account_several_of_them() {
	ExtBuilder::default().build_and_execute(|| {
		let mut rows = vec![(BEN, 1); 63];
		rows.push((CHIDI, PPM - 63));
		new_version(table(&rows));
		assert_eq!(held(&ADA), MODEL_DEPOSIT + VERSION_DEPOSIT + 64 * ROW_DEPOSIT);
	});
}

#[test]
fn the_metadata_address_may_be_empty_but_not_unprintable() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		for metadata_uri in [&b"has space"[..], b"new\nline", "é".as_bytes(), b"\x7f"] {
			let version =
				NewVersion { metadata_uri: metadata_uri.to_vec(), ..NewVersion::of(model, 0) };
			assert_noop!(version.add(), Error::<Test>::InvalidUri);
		}
		assert_ok!(NewVersion { metadata_uri: vec![], ..NewVersion::of(model, 0) }.add());
	});
}

#[test]
fn the_model_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(NewVersion::of(0, 0).add(), Error::<Test>::UnknownModel);
	});
}

#[test]
fn only_the_owner_adds_versions() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let version = NewVersion { caller: MALLORY, ..NewVersion::of(model, 0) };
		assert_noop!(version.add(), Error::<Test>::NotOwner);
	});
}

#[test]
fn an_artifact_has_a_size() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let version = NewVersion { size: 0, ..NewVersion::of(model, 0) };
		assert_noop!(version.add(), Error::<Test>::EmptyArtifact);
	});
}

#[test]
fn the_licence_must_be_on_the_list_as_written_there() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		for licence in [&b"CC-BY-NC-4.0"[..], b"apache-2.0", b""] {
			let version = NewVersion { licence: licence.to_vec(), ..NewVersion::of(model, 0) };
			assert_noop!(version.add(), Error::<Test>::LicenceNotAllowed);
		}
	});
}

#[test]
fn shares_must_be_whole_and_none_empty() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		for rows in [
			&[][..],
			&[(ADA, PPM - 1)],
			&[(ADA, PPM + 1)],
			&[(ADA, PPM), (BEN, 0)],
			&[(ADA, PPM), (BEN, 1)],
			// The sum is a whole again if it is taken in 32 bits.
			&[(ADA, u32::MAX), (BEN, PPM + 1)],
		] {
			let version = NewVersion { contributors: table(rows), ..NewVersion::of(model, 0) };
			assert_noop!(version.add(), Error::<Test>::SharesNotWhole);
		}
	});
}

#[test]
fn the_pot_is_no_contributor() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let contributors = table(&[(ADA, PPM - 1), (Models::pot(), 1)]);
		let version = NewVersion { contributors, ..NewVersion::of(model, 0) };
		assert_noop!(version.add(), Error::<Test>::ContributorIsPot);
	});
}

#[test]
fn a_manifest_is_registered_once_on_the_chain() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = (new_model(), new_model());
		assert_ok!(NewVersion::of(first, 1).add());
		assert_noop!(NewVersion::of(first, 1).add(), Error::<Test>::ManifestExists);
		assert_noop!(NewVersion::of(second, 1).add(), Error::<Test>::ManifestExists);
		// Deprecating a version does not free its manifest.
		assert_ok!(Models::deprecate(signed(ADA), 0, None));
		assert_noop!(NewVersion::of(second, 1).add(), Error::<Test>::ManifestExists);
	});
}

#[test]
fn a_row_of_the_role_owner_is_of_the_owners_share_whoever_holds_it() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let mut rows = table(&[(BEN, PPM)]);
		rows[0].role = usufruct_primitives::Role::Owner;
		assert_ok!(NewVersion { contributors: rows, ..NewVersion::of(model, 0) }.add());
		let row = Models::contributors(0).remove(0);
		assert!(row.owners);
		assert_eq!(row.state, RowState::Offered { since: 1 });
	});
}

#[test]
fn a_royalty_is_five_percent_at_most() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let version = NewVersion { royalty: 50_001, ..NewVersion::of(model, 0) };
		assert_noop!(version.clone().add(), Error::<Test>::RoyaltyTooHigh);
		assert_ok!(NewVersion { royalty: 50_000, ..version }.add());
		assert_eq!(Models::version(0).unwrap().royalty, 50_000);
	});
}

#[test]
fn a_tensor_root_must_be_possible() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let root = tensors(1..11).root();
		for wrong in [0, u32::MAX] {
			let tensor_root = Some(TensorRoot { leaves: wrong, ..root });
			let version = NewVersion { tensor_root, ..NewVersion::of(model, 0) };
			assert_noop!(version.add(), Error::<Test>::InvalidTensorRoot);
		}
		assert_ok!(NewVersion { tensor_root: Some(root), ..NewVersion::of(model, 0) }.add());
		assert_eq!(Models::version(0).unwrap().tensor_root, Some(root));
	});
}

#[test]
fn the_owner_must_afford_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let deposit = VERSION_DEPOSIT + 3 * ROW_DEPOSIT;
		assert_ok!(Balances::burn_from(
			&ADA,
			free(&ADA) - deposit - ED + 1,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Precision::Exact,
			frame_support::traits::tokens::Fortitude::Polite,
		));
		assert_noop!(NewVersion::of(model, 0).add(), TokenError::FundsUnavailable);
		assert_ok!(Balances::mint_into(&ADA, 1));
		assert_ok!(NewVersion::of(model, 0).add());
		assert_eq!((free(&ADA), held(&ADA)), (ED, MODEL_DEPOSIT + deposit));
	});
}

#[test]
fn ids_run_out_without_harm() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		hypothetically!({
			NextVersion::<Test>::put(u32::MAX);
			assert_noop!(NewVersion::of(model, 0).add(), ArithmeticError::Overflow);
		});
	});
}
