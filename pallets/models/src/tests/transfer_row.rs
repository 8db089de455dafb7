use super::*;

#[test]
fn the_row_goes_with_what_it_is_due_to_who_has_yet_to_accept_it() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, 10 * UFR);
		let now = System::block_number();
		assert_ok!(Models::transfer_row(signed(BEN), version, 1, MALLORY));
		System::assert_last_event(
			Event::RowTransferred { version, row: 1, from: BEN, to: MALLORY, due: 3 * UFR }.into(),
		);
		let row = Models::contributors(version).remove(1);
		assert_eq!((row.account, row.share), (MALLORY, 300_000));
		assert_eq!(row.state, RowState::Offered { since: now });
		assert_noop!(Models::claim_revenue(signed(BEN), version, 1), Error::<Test>::NotAccepted);

		assert_ok!(Models::accept_row(signed(MALLORY), version, 1, None));
		assert_ok!(Models::claim_revenue(signed(BEN), version, 1));
		assert_eq!((free(&MALLORY), free(&BEN)), (ENDOWMENT + 3 * UFR, ENDOWMENT));
	});
}

#[test]
fn who_claims_first_keeps_what_was_due() {
	ExtBuilder::default().build_and_execute(|| {
		let version = new_version(three_rows());
		earn(version, 10 * UFR);
		assert_ok!(Models::claim_revenue(signed(BEN), version, 1));
		assert_ok!(Models::transfer_row(signed(BEN), version, 1, MALLORY));
		assert_ok!(Models::accept_row(signed(MALLORY), version, 1, None));
		assert_noop!(Models::claim_revenue(signed(MALLORY), version, 1), Error::<Test>::NothingDue);
		assert_eq!(free(&BEN), ENDOWMENT + 3 * UFR);
	});
}

#[test]
fn the_term_to_accept_begins_anew() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		pass(ACCEPTANCE_TERM);
		// A row need not be accepted to be given away.
		assert_ok!(Models::transfer_row(signed(BEN), version, 1, MALLORY));
		pass(ACCEPTANCE_TERM - 1);
		assert_noop!(
			Models::forfeit_row(signed(BEN), version, 1),
			Error::<Test>::AcceptanceTermRuns
		);
		pass(1);
		assert_ok!(Models::forfeit_row(signed(BEN), version, 1));
	});
}

#[test]
fn an_acceptance_of_another_account_does_not_count() {
	use sp_keyring::Sr25519Keyring::Alice;
	use usufruct_primitives::personhood::acceptance_digest;
	ExtBuilder::default().build_and_execute(|| {
		let alice = Alice.to_account_id();
		let rows = table(&[(alice.clone(), usufruct_primitives::PPM)]);
		let version = NewVersion { contributors: rows, ..Default::default() }.registered();
		let digest = acceptance_digest(&Models::genesis_hash(), version, 0, &alice.clone().into());
		assert_ok!(Models::transfer_row(signed(alice), version, 0, CHIDI));
		assert_noop!(
			Models::accept_row(signed(ADA), version, 0, Some(Alice.sign(&digest).into())),
			Error::<Test>::BadAcceptance
		);
	});
}

#[test]
fn only_the_rows_account_gives_it_away_and_not_to_the_pot() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Models::transfer_row(signed(BEN), 0, 0, MALLORY),
			Error::<Test>::UnknownVersion
		);
		let version = new_version(three_rows());
		assert_noop!(
			Models::transfer_row(signed(BEN), version, 3, MALLORY),
			Error::<Test>::UnknownRow
		);
		for who in [ADA, MALLORY] {
			assert_noop!(
				Models::transfer_row(signed(who), version, 1, MALLORY),
				Error::<Test>::NotRowAccount
			);
		}
		assert_noop!(
			Models::transfer_row(signed(BEN), version, 1, Models::pot()),
			Error::<Test>::ContributorIsPot
		);
		assert_noop!(
			Models::transfer_row(RuntimeOrigin::root(), version, 1, BEN),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn the_owners_share_stays_while_it_is_held() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		assert_noop!(
			Models::transfer_row(signed(ADA), version, 0, MALLORY),
			Error::<Test>::OwnerShareHeld
		);
		pass(CONTEST_WINDOW);
		assert_ok!(Models::transfer_row(signed(ADA), version, 0, MALLORY));
	});
}

#[test]
fn a_forfeited_row_is_the_dividends_for_ever() {
	ExtBuilder::default().build_and_execute(|| {
		let version = NewVersion::default().registered();
		pass(ACCEPTANCE_TERM);
		assert_ok!(Models::forfeit_row(signed(ADA), version, 1));
		assert_noop!(
			Models::transfer_row(signed(BEN), version, 1, MALLORY),
			Error::<Test>::RowForfeited
		);
	});
}
