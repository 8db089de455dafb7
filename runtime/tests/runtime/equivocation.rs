//! A validator that signs twice is found out, recorded and left out.

use crate::chain::Chain;
use codec::{Decode, Encode};
use pallet_validators::OffencesViewFunction;
use sp_consensus_babe::{
	digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
	AuthorityId, EquivocationProof, OpaqueKeyOwnershipProof,
};
use sp_consensus_grandpa::{
	localized_payload, AuthorityId as GrandpaId, AuthoritySignature, Equivocation, Message, Prevote,
};
use sp_core::{
	offchain::{testing::TestTransactionPoolExt, TransactionPoolExt},
	Pair, H256,
};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring::Alice};
use sp_runtime::{traits::Header as _, Digest, DigestItem};
use usufruct_runtime::{
	AccountId, Header, Runtime, RuntimeEvent, Session, UncheckedExtrinsic, Validators,
};

/// A header for that slot, sealed by Alice; `which` makes it different from another.
fn sealed_header(authority_index: u32, slot: u64, which: u8) -> Header {
	let pre_digest =
		PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index, slot: slot.into() });
	let digest = Digest { logs: vec![DigestItem::babe_pre_digest(pre_digest)] };
	let mut header =
		Header::new(7, H256::repeat_byte(which), Default::default(), Default::default(), digest);
	let seal = Alice.pair().sign(header.hash().as_ref());
	header.digest_mut().push(DigestItem::babe_seal(seal.into()));
	header
}

fn index_of(chain: &mut Chain, validator: &AccountId) -> u32 {
	let validators = chain.read(Session::validators);
	validators.iter().position(|one| one == validator).expect("a validator") as u32
}

/// What the node does when it sees both headers: asks for the proof that the key is a validator's,
/// and has the runtime submit the report to the pool.
fn report(chain: &mut Chain, slot: u64) -> UncheckedExtrinsic {
	let offender = AuthorityId::from(Alice.public());
	let proof: Option<OpaqueKeyOwnershipProof> =
		chain.query("BabeApi_generate_key_ownership_proof", (slot, &offender));
	let alice = index_of(chain, &Alice.to_account_id());
	let equivocation = EquivocationProof {
		offender,
		slot: slot.into(),
		first_header: sealed_header(alice, slot, 1),
		second_header: sealed_header(alice, slot, 2),
	};
	submit(
		chain,
		"BabeApi_submit_report_equivocation_unsigned_extrinsic",
		(equivocation, proof.expect("Alice is a validator")),
	)
}

/// Has the runtime make a report of that proof, and takes it from the pool.
fn submit(chain: &mut Chain, method: &str, proof: impl Encode) -> UncheckedExtrinsic {
	let (pool, submitted) = TestTransactionPoolExt::new();
	chain.ext.register_extension(TransactionPoolExt::new(pool));
	let accepted: Option<()> = chain.query(method, proof);
	assert_eq!(accepted, Some(()));
	let submitted = submitted.read().transactions.clone();
	assert_eq!(submitted.len(), 1);
	UncheckedExtrinsic::decode(&mut &submitted[0][..]).expect("an extrinsic")
}

/// A vote of Alice for a block of that height that does not exist.
fn prevote(set_id: u64, round: u64, which: u8) -> (Prevote<Header>, AuthoritySignature) {
	let prevote =
		Prevote::<Header> { target_hash: H256::repeat_byte(which), target_number: which.into() };
	let message = Message::<Header>::Prevote(prevote.clone());
	let payload = localized_payload(round, set_id, &message);
	(prevote, Ed25519Keyring::Alice.sign(&payload).into())
}

/// What the node does when it sees both votes.
fn report_votes(chain: &mut Chain, round: u64) -> UncheckedExtrinsic {
	let set_id: u64 = chain.query("GrandpaApi_current_set_id", ());
	let offender = GrandpaId::from(Ed25519Keyring::Alice.public());
	let proof: Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> =
		chain.query("GrandpaApi_generate_key_ownership_proof", (set_id, &offender));
	let equivocation = sp_consensus_grandpa::EquivocationProof::new(
		set_id,
		Equivocation::Prevote(finality_grandpa::Equivocation {
			round_number: round,
			identity: offender,
			first: prevote(set_id, round, 1),
			second: prevote(set_id, round, 2),
		}),
	);
	submit(
		chain,
		"GrandpaApi_submit_report_equivocation_unsigned_extrinsic",
		(equivocation, proof.expect("Alice is a validator")),
	)
}

#[test]
fn two_headers_for_one_slot_cost_the_author_its_place() {
	let mut chain = Chain::new("local_testnet");
	let alice = Alice.to_account_id();
	let validators = chain.read(Session::validators);
	assert_eq!(validators.len(), 4);
	let alice_index = index_of(&mut chain, &alice);
	let honest = (alice_index + 1) % 4;

	let first = chain.slot + 1;
	chain.block_of(first, alice_index, vec![]);
	let report = report(&mut chain, first);
	chain.block_of(first + 1, honest, vec![report.clone()]);

	// Recorded by both pallets, and disabled for the rest of its term.
	let events = chain.events();
	assert!(events.iter().any(|event| matches!(event, RuntimeEvent::Offences(_))));
	assert!(events.iter().any(|event| matches!(
		event,
		RuntimeEvent::Validators(pallet_validators::Event::LeftOut { validator, remaining: 3 })
			if *validator == alice
	)));
	let records = chain.view(OffencesViewFunction::<Runtime>::new(alice.clone()));
	assert_eq!(records.len(), 1);
	assert_eq!(chain.read(Session::disabled_validators), vec![alice_index]);
	assert_eq!(
		chain.read(|| pallet_offences::Reports::<Runtime>::iter().count()),
		1,
		"the report is kept"
	);

	// The same report again is stale.
	let source = sp_runtime::transaction_validity::TransactionSource::Local;
	let hash = chain.head.hash();
	let again: sp_runtime::transaction_validity::TransactionValidity =
		chain.query("TaggedTransactionQueue_validate_transaction", (source, &report, hash));
	assert_eq!(again, Err(sp_runtime::transaction_validity::InvalidTransaction::Stale.into()));

	// The next session is already planned with Alice; the one after it is without.
	chain.next_session(honest);
	assert_eq!(chain.read(Session::validators), validators);
	chain.next_session(0);
	let left: Vec<_> = validators.iter().filter(|one| **one != alice).cloned().collect();
	assert_eq!(chain.read(Session::validators), left);
	assert_eq!(chain.read(Validators::members), left);
	assert!(chain.read(Session::disabled_validators).is_empty());
	let authorities = chain.read(usufruct_runtime::Babe::authorities);
	assert_eq!(authorities.len(), 3);
	chain.blocks(2);
}

#[test]
fn two_votes_in_one_round_cost_the_voter_its_place() {
	let mut chain = Chain::new("local_testnet");
	let alice = Alice.to_account_id();
	let honest = (index_of(&mut chain, &alice) + 1) % 4;
	let report = report_votes(&mut chain, 3);
	let next = chain.slot + 1;
	chain.block_of(next, honest, vec![report]);

	let records = chain.view(OffencesViewFunction::<Runtime>::new(alice.clone()));
	assert_eq!(records.len(), 1);
	chain.next_session(honest);
	chain.next_session(0);
	assert!(!chain.read(Session::validators).contains(&alice));
	let voter = GrandpaId::from(Ed25519Keyring::Alice.public());
	let voters = chain.read(usufruct_runtime::Grandpa::grandpa_authorities);
	assert_eq!(voters.len(), 3);
	assert!(voters.iter().all(|(id, _)| *id != voter));
}

#[test]
fn the_last_validator_is_kept() {
	let mut chain = Chain::new("development");
	chain.block(vec![]);
	let slot = chain.slot;
	let report = report(&mut chain, slot);
	chain.block(vec![report]);

	let alice = Alice.to_account_id();
	assert!(chain.events().iter().any(|event| matches!(
		event,
		RuntimeEvent::Validators(pallet_validators::Event::LastKept { .. })
	)));
	chain.next_session(0);
	chain.next_session(0);
	assert_eq!(chain.read(Session::validators), vec![alice]);
	chain.blocks(1);
}

#[test]
fn an_offence_of_a_past_session_can_still_be_proven() {
	let mut chain = Chain::new("local_testnet");
	let alice = Alice.to_account_id();
	let alice_index = index_of(&mut chain, &alice);
	let honest = (alice_index + 1) % 4;
	let slot = chain.slot + 1;
	chain.block_of(slot, alice_index, vec![]);
	let report = report(&mut chain, slot);

	chain.next_session(honest);
	chain.next_session(honest);
	let next = chain.slot + 1;
	chain.block_of(next, honest, vec![report]);
	let records = chain.view(OffencesViewFunction::<Runtime>::new(alice.clone()));
	assert_eq!(records.len(), 1);
	assert_eq!(records[0].session, 0);
}
