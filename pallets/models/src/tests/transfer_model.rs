//! Offering models, and accepting them.

use super::*;

#[test]
fn takes_an_offer_and_an_acceptance_and_moves_the_deposits() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().accepted();
		let deposit = MODEL_DEPOSIT + VERSION_DEPOSIT + 3 * ROW_DEPOSIT;
		assert_ok!(Models::transfer_model(signed(ADA), 0, Some(BEN)));
		System::assert_last_event(
			Event::ModelOffered { model: 0, owner: ADA, to: Some(BEN) }.into(),
		);
		// Until it is accepted, nothing has changed.
		assert_eq!((held(&ADA), held(&BEN)), (deposit, 0));
		assert_ok!(NewVersion::of(0, 1).add());

		let deposit = deposit + VERSION_DEPOSIT + 3 * ROW_DEPOSIT;
		assert_ok!(Models::accept_model(signed(BEN), 0));
		System::assert_last_event(
			Event::ModelTransferred { model: 0, from: ADA, to: BEN, deposit }.into(),
		);
		assert_eq!((held(&ADA), free(&ADA)), (0, ENDOWMENT));
		assert_eq!((held(&BEN), free(&BEN)), (deposit, ENDOWMENT - deposit));
		let model = Models::model(0).unwrap();
		assert_eq!((model.owner, model.offered_to), (BEN, None));

		// Rows stay whose they are; the calls are the new owner's.
		assert_eq!(contributors(version), three_rows().into_inner());
		assert_noop!(Models::deprecate(signed(ADA), version, None), Error::<Test>::NotOwner);
		assert_ok!(Models::deprecate(signed(BEN), version, None));
	});
}

#[test]
fn the_owners_share_stays_held_whoever_owns_the_model() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().accepted();
		assert_ok!(Models::transfer_model(signed(ADA), 0, Some(MALLORY)));
		assert_ok!(Models::accept_model(signed(MALLORY), 0));
		earn(version, 10 * UFR);
		assert_noop!(Models::claim_revenue(signed(ADA), version, 0), Error::<Test>::OwnerShareHeld);
	});
}

#[test]
fn an_offer_is_replaced_and_taken_back() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		assert_ok!(Models::transfer_model(signed(ADA), model, Some(BEN)));
		assert_ok!(Models::transfer_model(signed(ADA), model, Some(MALLORY)));
		assert_noop!(Models::accept_model(signed(BEN), model), Error::<Test>::NotOffered);
		assert_ok!(Models::transfer_model(signed(ADA), model, None));
		System::assert_last_event(Event::ModelOffered { model, owner: ADA, to: None }.into());
		assert_noop!(Models::accept_model(signed(MALLORY), model), Error::<Test>::NotOffered);
	});
}

#[test]
fn an_offer_to_oneself_is_harmless() {
	ExtBuilder::default().build_and_execute(|| {
		let model = new_model();
		assert_ok!(Models::transfer_model(signed(ADA), model, Some(ADA)));
		assert_ok!(Models::accept_model(signed(ADA), model));
		assert_eq!((held(&ADA), free(&ADA)), (MODEL_DEPOSIT, ENDOWMENT - MODEL_DEPOSIT));
	});
}

#[test]
fn only_the_owner_offers_and_only_who_can_pay_accepts() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Models::transfer_model(signed(ADA), 0, Some(BEN)),
			Error::<Test>::UnknownModel
		);
		assert_noop!(Models::accept_model(signed(BEN), 0), Error::<Test>::UnknownModel);
		let model = new_model();
		assert_noop!(
			Models::transfer_model(signed(BEN), model, Some(BEN)),
			Error::<Test>::NotOwner
		);
		assert_ok!(Models::transfer_model(signed(ADA), model, Some(CHIDI)));
		assert_noop!(Models::accept_model(signed(CHIDI), model), TokenError::FundsUnavailable);
		assert_noop!(
			Models::transfer_model(RuntimeOrigin::root(), model, None),
			DispatchError::BadOrigin
		);
		assert_noop!(Models::accept_model(RuntimeOrigin::none(), model), DispatchError::BadOrigin);
	});
}
