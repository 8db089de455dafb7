use super::*;

fn register(who: sp_runtime::AccountId32, name: &[u8]) -> sp_runtime::DispatchResult {
	Models::register_model(signed(who), name.to_vec().try_into().unwrap())
}

#[test]
fn holds_the_deposit_and_gives_the_next_id() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(ADA, b"magika"));
		System::assert_last_event(
			Event::ModelRegistered {
				model: 0,
				owner: ADA,
				name: b"magika".to_vec().try_into().unwrap(),
			}
			.into(),
		);
		assert_eq!(held(&ADA), MODEL_DEPOSIT);
		assert_eq!(free(&ADA), ENDOWMENT - MODEL_DEPOSIT);

		assert_ok!(register(BEN, "modèle 二".as_bytes()));
		assert_eq!(
			Models::model(1),
			Some(Model {
				owner: BEN,
				name: "modèle 二".as_bytes().to_vec().try_into().unwrap(),
				versions: 0,
				open_versions: 0,
				last_close: 0,
				offered_to: None,
				deposit: MODEL_DEPOSIT,
			})
		);
		assert_eq!(held(&ADA), MODEL_DEPOSIT);
		assert_eq!(held(&BEN), MODEL_DEPOSIT);
		assert_eq!(NextModel::<Test>::get(), 2);
	});
}

#[test]
fn two_models_may_have_one_name() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(ADA, b"magika"));
		assert_ok!(register(ADA, b"magika"));
		assert_eq!(held(&ADA), 2 * MODEL_DEPOSIT);
	});
}

#[test]
fn a_name_must_be_readable() {
	ExtBuilder::default().build_and_execute(|| {
		for name in [&b""[..], b"  ", b"two\nlines", b"\xff\xfe", "\u{85}".as_bytes()] {
			assert_noop!(register(ADA, name), Error::<Test>::InvalidName);
		}
	});
}

#[test]
fn the_owner_must_afford_the_deposit_and_keep_the_existential_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(register(CHIDI, b"magika"), TokenError::FundsUnavailable);
		assert_ok!(Balances::mint_into(&CHIDI, MODEL_DEPOSIT + ED - 1));
		assert_noop!(register(CHIDI, b"magika"), TokenError::FundsUnavailable);
		assert_ok!(Balances::mint_into(&CHIDI, 1));
		assert_ok!(register(CHIDI, b"magika"));
		assert_eq!((free(&CHIDI), held(&CHIDI)), (ED, MODEL_DEPOSIT));
	});
}

#[test]
fn nobody_else_than_a_signer_registers() {
	ExtBuilder::default().build_and_execute(|| {
		let name: Name = b"magika".to_vec().try_into().unwrap();
		assert_noop!(
			Models::register_model(RuntimeOrigin::root(), name.clone()),
			DispatchError::BadOrigin
		);
		assert_noop!(Models::register_model(RuntimeOrigin::none(), name), DispatchError::BadOrigin);
	});
}

#[test]
fn ids_run_out_without_harm() {
	ExtBuilder::default().build_and_execute(|| {
		hypothetically!({
			NextModel::<Test>::put(u32::MAX);
			assert_noop!(register(ADA, b"magika"), ArithmeticError::Overflow);
		});
	});
}
