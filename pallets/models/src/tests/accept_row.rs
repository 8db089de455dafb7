use super::*;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::{AccountId32, MultiSignature};
use usufruct_primitives::{
	personhood::{acceptance_digest, signed_forms},
	VersionId, PPM,
};

/// A version whose only row is this account's.
fn version_for(account: AccountId32) -> VersionId {
	NewVersion { contributors: table(&[(account, PPM)]), ..Default::default() }.registered()
}

/// What accepts a row, in the three forms wallets sign.
fn forms(version: VersionId, row: u16, account: &AccountId32) -> [Vec<u8>; 3] {
	let account: [u8; 32] = account.clone().into();
	signed_forms(&acceptance_digest(&Models::genesis_hash(), version, row, &account))
}

#[test]
fn the_account_accepts_by_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let version = version_for(BEN);
		assert!(!Models::accepted(version, 0));
		assert_ok!(Models::accept_row(signed(BEN), version, 0, None));
		System::assert_last_event(Event::RowAccepted { version, row: 0, account: BEN }.into());
		assert!(Models::accepted(version, 0));
		assert_noop!(
			Models::accept_row(signed(BEN), version, 0, None),
			Error::<Test>::AlreadyAccepted
		);
	});
}

#[test]
fn anybody_brings_a_signature_in_any_form_and_of_any_scheme() {
	ExtBuilder::default().build_and_execute(|| {
		for form in 0..3 {
			let alice = Sr25519Keyring::Alice;
			let account = alice.to_account_id();
			let version = version_for(account.clone());
			let signature: MultiSignature = alice.sign(&forms(version, 0, &account)[form]).into();
			assert_ok!(Models::accept_row(signed(MALLORY), version, 0, Some(signature)));
			System::assert_last_event(Event::RowAccepted { version, row: 0, account }.into());

			let alice = Ed25519Keyring::Alice;
			let account = alice.to_account_id();
			let version = version_for(account.clone());
			let signature: MultiSignature = alice.sign(&forms(version, 0, &account)[form]).into();
			assert_ok!(Models::accept_row(signed(MALLORY), version, 0, Some(signature)));
		}
	});
}

#[test]
fn nobody_accepts_for_another_without_a_signature() {
	ExtBuilder::default().build_and_execute(|| {
		let version = version_for(BEN);
		// Not even the owner.
		for who in [ADA, MALLORY] {
			assert_noop!(
				Models::accept_row(signed(who), version, 0, None),
				Error::<Test>::NotRowAccount
			);
		}
	});
}

#[test]
fn a_signature_is_good_for_one_version_row_account_and_chain() {
	ExtBuilder::default().build_and_execute(|| {
		let (alice, bob) = (Sr25519Keyring::Alice, Sr25519Keyring::Bob);
		let account = alice.to_account_id();
		let version = version_for(account.clone());
		let raw = |version, row, account: &AccountId32| forms(version, row, account)[0].clone();
		let other_chain = acceptance_digest(&[7; 32], version, 0, &account.clone().into()).to_vec();
		for (signer, bytes) in [
			(alice, raw(version + 1, 0, &account)),
			(alice, raw(version, 1, &account)),
			(alice, raw(version, 0, &bob.to_account_id())),
			(alice, other_chain),
			(bob, raw(version, 0, &account)),
		] {
			let signature = Some(signer.sign(&bytes).into());
			assert_noop!(
				Models::accept_row(signed(MALLORY), version, 0, signature),
				Error::<Test>::BadAcceptance
			);
		}
	});
}

#[test]
fn a_bad_signature_fails_even_from_the_account_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let version = version_for(BEN);
		let signature = Some(Sr25519Keyring::Alice.sign(b"no").into());
		assert_noop!(
			Models::accept_row(signed(BEN), version, 0, signature),
			Error::<Test>::BadAcceptance
		);
	});
}

#[test]
fn it_is_never_too_late_until_somebody_forfeits_the_row() {
	ExtBuilder::default().build_and_execute(|| {
		let version = version_for(BEN);
		pass(10 * ACCEPTANCE_TERM);
		hypothetically!({
			assert_ok!(Models::accept_row(signed(BEN), version, 0, None));
		});
		assert_ok!(Models::forfeit_row(signed(MALLORY), version, 0));
		assert_noop!(
			Models::accept_row(signed(BEN), version, 0, None),
			Error::<Test>::RowForfeited
		);
	});
}

#[test]
fn the_row_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Models::accept_row(signed(BEN), 0, 0, None), Error::<Test>::UnknownVersion);
		let version = version_for(BEN);
		assert_noop!(Models::accept_row(signed(BEN), version, 1, None), Error::<Test>::UnknownRow);
		assert_noop!(
			Models::accept_row(RuntimeOrigin::none(), version, 0, None),
			DispatchError::BadOrigin
		);
	});
}
