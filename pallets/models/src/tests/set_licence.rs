use super::*;

fn set(licence: &[u8], allowed: bool) -> sp_runtime::DispatchResult {
	Models::set_licence(RuntimeOrigin::root(), licence.to_vec().try_into().unwrap(), allowed)
}

#[test]
fn allows_new_versions_under_it() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		let version = NewVersion { licence: b"MIT".to_vec(), ..NewVersion::of(model, 0) };
		assert_noop!(version.clone().add(), Error::<Test>::LicenceNotAllowed);
		assert_ok!(set(b"MIT", true));
		System::assert_last_event(
			Event::LicenceSet { licence: b"MIT".to_vec().try_into().unwrap(), allowed: true }
				.into(),
		);
		assert_ok!(version.add());
	});
}

#[test]
fn taking_it_off_the_list_leaves_old_versions_as_they_are() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		assert_ok!(set(b"Apache-2.0", false));
		System::assert_last_event(
			Event::LicenceSet {
				licence: b"Apache-2.0".to_vec().try_into().unwrap(),
				allowed: false,
			}
			.into(),
		);
		assert_eq!(Models::version(version).unwrap().closes, None);
		assert_noop!(NewVersion::of(0, 1).add(), Error::<Test>::LicenceNotAllowed);
	});
}

#[test]
fn setting_what_is_set_changes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set(b"Apache-2.0", true));
		assert_ok!(set(b"MIT", false));
		let listed: Vec<Vec<u8>> =
			Licences::<Test>::iter_keys().map(|licence| licence.into_inner()).collect();
		assert_eq!(listed, [b"Apache-2.0".to_vec()]);
	});
}

#[test]
fn only_the_admin_sets_licences() {
	ExtBuilder::default().build_and_execute(|| {
		let licence: Licence = b"MIT".to_vec().try_into().unwrap();
		assert_noop!(Models::set_licence(signed(ADA), licence, true), DispatchError::BadOrigin);
	});
}

#[test]
fn a_licence_must_be_printable() {
	ExtBuilder::default().build_and_execute(|| {
		for licence in [&b""[..], b"MIT\n", "licença".as_bytes()] {
			assert_noop!(set(licence, true), Error::<Test>::InvalidLicence);
		}
	});
}
