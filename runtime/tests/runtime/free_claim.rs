//! Somebody who holds no token at all is recognised by others' words, and claims at no fee.

use crate::chain::Chain;
use codec::{Decode, Encode};
use pallet_dividend::ClaimableViewFunction;
use serde_json::json;
use sp_core::{ed25519, sr25519, Pair};
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	MultiSignature,
};
use usufruct_primitives::{
	personhood::{consent_digest, SignedAttestation},
	Class, Purpose,
};
use usufruct_runtime::{
	genesis_presets::verifier_uri, AccountId, Dividend, Runtime, RuntimeEvent, System,
	UncheckedExtrinsic, EXISTENTIAL_DEPOSIT, UFR,
};

/// The word of a verifier of the presets about an account.
fn attest(
	chain: &mut Chain,
	verifier: u32,
	class: Class,
	account: &AccountId,
) -> SignedAttestation {
	let genesis = chain.genesis_hash();
	let issued = chain.read(System::block_number);
	let mut attestation = SignedAttestation {
		verifier,
		nullifier: usufruct_primitives::domain::hash(&(verifier, account).encode()),
		class,
		region: 0,
		issued,
		expires: issued + 1_000,
		nonce: 0,
		signature: [0; 64],
	};
	let digest =
		attestation.attestation(Purpose::Register, account.clone().into()).digest(&genesis);
	let pair = ed25519::Pair::from_string(&verifier_uri(verifier as usize), None).expect("a URI");
	attestation.signature = pair.sign(&digest).0;
	attestation
}

/// Registers an account, submitted by Alice.
fn register(chain: &mut Chain, person: &sr25519::Pair) {
	let account = AccountId::from(person.public());
	let genesis = chain.genesis_hash();
	let attestations = vec![
		attest(chain, 0, Class::Document, &account),
		attest(chain, 2, Class::Community, &account),
	];
	let digests: Vec<_> = attestations
		.iter()
		.map(|one| one.attestation(Purpose::Register, account.clone().into()).digest(&genesis))
		.collect();
	let bytes: [u8; 32] = account.clone().into();
	let consent = consent_digest(&genesis, Purpose::Register, &bytes, 0, &digests);
	let call = pallet_personhood::Call::register {
		account,
		attestations: attestations.try_into().expect("two are few"),
		consent: MultiSignature::from(person.sign(&consent)),
	};
	let before = chain.balance(&Alice.to_account_id());
	let signed = chain.sign_as(Alice, call);
	chain.block(vec![signed]);
	assert_eq!(chain.balance(&Alice.to_account_id()), before, "the fee is returned");
}

#[test]
fn anybody_claims_for_a_person_by_a_transaction_that_nobody_signs() {
	let mut chain = Chain::patched("development", json!({ "dividend": { "epochLength": 5 } }));
	chain.block(vec![]);
	let person = sr25519::Pair::from_string("//Somebody", None).expect("a URI");
	let account = AccountId::from(person.public());
	register(&mut chain, &person);
	let pot = chain.read(Dividend::pot);
	chain.blocks(5);
	let call = pallet_balances::Call::transfer_keep_alive { dest: pot.into(), value: 90 * UFR };
	let signed = chain.sign_as(Bob, call);
	chain.block(vec![signed]);
	let claim = chain.general(pallet_dividend::Call::claim_for { person: 0 });
	let stale = TransactionValidityError::Invalid(InvalidTransaction::Stale);
	assert_eq!(chain.validate(&claim), Err(stale));

	chain.blocks(5);
	// What travels is what was decoded again.
	let bytes = claim.encode();
	let decoded = UncheckedExtrinsic::decode(&mut &bytes[..]).expect("it decodes");
	assert_eq!(decoded.encode(), bytes);
	let valid = chain.validate(&claim).expect("the pool takes it");
	assert_eq!(valid.priority, pallet_free_lane::FREE_PRIORITY);
	assert_eq!(valid.provides.len(), 1);
	let transfer = pallet_balances::Call::transfer_keep_alive {
		dest: Alice.to_account_id().into(),
		value: UFR,
	};
	let paying = chain.sign_as(Bob, transfer);
	assert!(chain.validate(&paying).expect("it pays").priority > valid.priority);

	let alice = chain.balance(&Alice.to_account_id());
	chain.block(vec![claim.clone()]);
	assert_eq!(chain.balance(&account), 90 * UFR);
	assert_eq!(chain.balance(&Alice.to_account_id()), alice, "nobody pays a fee");
	assert_eq!(chain.validate(&claim), Err(stale));
}

#[test]
fn the_claim_of_a_person_with_an_empty_account_is_free() {
	let mut chain = Chain::patched("development", json!({ "dividend": { "epochLength": 5 } }));
	chain.block(vec![]);
	let person = sr25519::Pair::from_string("//Somebody", None).expect("a URI");
	let account = AccountId::from(person.public());
	register(&mut chain, &person);
	assert_eq!(chain.balance(&account), 0);

	// Money flows into the pot while the person's first epoch is open.
	let pot = chain.read(Dividend::pot);
	chain.blocks(5);
	let call =
		pallet_balances::Call::transfer_keep_alive { dest: pot.clone().into(), value: 90 * UFR };
	let signed = chain.sign_as(Bob, call);
	chain.block(vec![signed]);

	// Too early, the claim is not free, and so not possible at all.
	let claim = chain.sign(&person, pallet_dividend::Call::claim {});
	assert_eq!(
		chain.validate(&claim),
		Err(TransactionValidityError::Invalid(InvalidTransaction::Payment))
	);

	chain.blocks(5);
	let due: u128 = chain.view(ClaimableViewFunction::<Runtime>::new(account.clone()));
	assert_eq!(due, 90 * UFR);
	let claim = chain.sign(&person, pallet_dividend::Call::claim {});
	chain.validate(&claim).expect("the pool takes it");
	let alice = chain.balance(&Alice.to_account_id());
	chain.block(vec![claim.clone()]);

	assert_eq!(chain.balance(&account), 90 * UFR);
	assert_eq!(chain.balance(&pot), EXISTENTIAL_DEPOSIT);
	assert_eq!(chain.balance(&Alice.to_account_id()), alice, "nobody pays a fee");
	let events = chain.events();
	assert!(!events.iter().any(|event| matches!(event, RuntimeEvent::TransactionPayment(_))));

	// Not again: neither the same transaction nor a new claim of nothing is free.
	assert_eq!(
		chain.validate(&claim),
		Err(TransactionValidityError::Invalid(InvalidTransaction::Stale))
	);
	let again = chain.sign(&person, pallet_dividend::Call::claim {});
	let before = chain.balance(&account);
	let valid = chain.validate(&again).expect("it can pay now");
	assert!(valid.priority > 0);
	assert_eq!(chain.balance(&account), before);
}
