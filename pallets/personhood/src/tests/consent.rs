//! Whose consent counts, and in which forms.

use super::*;
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_runtime::{traits::IdentifyAccount, MultiSignature, MultiSigner};
use usufruct_primitives::{personhood::signed_forms, Purpose};

fn pair<P: Pair>() -> P {
	P::from_seed_slice(&[3; 32]).unwrap()
}

/// Registers the account of `signer`, whose consent is `sign` of the digest.
fn register_by(signer: MultiSigner, sign: impl Fn(&[u8]) -> MultiSignature) {
	ExtBuilder::default().build_and_execute(|| {
		let mut application =
			Application::new(Purpose::Register, &pair::<sr25519::Pair>(), 0, 1, &[0, 1]);
		application.account = signer.clone().into_account();
		for attestation in &mut application.attestations {
			attestation.account = application.account.clone().into();
		}
		let digest = application.consent_digest();
		for form in signed_forms(&digest) {
			hypothetically!({
				assert_ok!(application.submit_as(application.signed(), sign(&form)));
			});
		}
		for other in [&b""[..], &[0; 32], &hex(&digest), &[&b"<Bytes>"[..], &digest].concat()] {
			assert_noop!(
				application.submit_as(application.signed(), sign(other)),
				Error::<Test>::BadConsent
			);
		}
	});
}

fn hex(bytes: &[u8]) -> Vec<u8> {
	bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

#[test]
fn of_an_sr25519_account() {
	let pair = pair::<sr25519::Pair>();
	register_by(pair.public().into(), |message| pair.sign(message).into());
}

#[test]
fn of_an_ed25519_account() {
	let pair = pair::<ed25519::Pair>();
	register_by(pair.public().into(), |message| pair.sign(message).into());
}

#[test]
fn of_an_ecdsa_account() {
	let pair = pair::<ecdsa::Pair>();
	register_by(pair.public().into(), |message| pair.sign(message).into());
}

#[test]
fn of_an_ethereum_account() {
	let pair = pair::<ecdsa::KeccakPair>();
	register_by(MultiSigner::Eth(pair.public()), |message| MultiSignature::Eth(pair.sign(message)));
}

#[test]
fn by_another_account_counts_for_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let mut application = Application::register(ALICE, 1, &[0, 1]);
		application.signer = BOB.pair();
		assert_noop!(application.submit(), Error::<Test>::BadConsent);
		application.signer = RELAYER.pair();
		assert_noop!(application.submit(), Error::<Test>::BadConsent);
	});
}

#[test]
fn is_to_exactly_these_attestations() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		let consent = application.consent();
		for other in [
			Application::register(ALICE, 1, &[0, 1, 2]),
			Application::register(ALICE, 1, &[1, 2]),
			Application::register(ALICE, 1, &[1, 3]),
			application.clone().with(1, |a| a.region = 0),
			application.clone().with(0, |a| a.expires -= 1),
		] {
			assert_noop!(
				other.submit_as(other.signed(), consent.clone()),
				Error::<Test>::BadConsent
			);
		}
	});
}

#[test]
fn is_to_this_action_on_this_chain_with_this_number() {
	ExtBuilder::default().build_and_execute(|| {
		let application = Application::register(ALICE, 1, &[0, 1]);
		let mut others = [application.clone(), application.clone(), application.clone()];
		others[0].purpose = Purpose::Renew;
		others[1].nonce = 1;
		others[2].genesis = [1; 32];
		for other in others {
			assert_noop!(
				application.submit_as(application.signed(), other.consent()),
				Error::<Test>::BadConsent
			);
		}
	});
}
