//! Each call, byte for byte, as the committed metadata has it and as the pallet would decode it.

use super::super::testing::*;
use super::*;
use crate::testing::offline;
use codec::Encode;
use usufruct_primitives::{
	tree::Node,
	usage::{Receipt, Voucher},
	Balance, Hash,
};

/// The call's bytes, checked against the metadata on the way.
fn encoded(call: &impl Payload) -> Vec<u8> {
	offline().transactions().call_data(call).unwrap()
}

/// What stands after the pallet's index, which is the same for all calls of a pallet.
fn arguments(call: &impl Payload) -> (u8, Vec<u8>) {
	let bytes = encoded(call);
	(bytes[1], bytes[2..].to_vec())
}

/// As the pallet has them: the receipt, the amount of its leaf, and (index, siblings).
fn pallet_settled(proven: &Proven) -> (Receipt, Balance, (u32, Vec<Node>)) {
	let proof = (proven.proof.index, proven.proof.siblings.clone());
	(proven.receipt.clone(), proven.amount, proof)
}

fn opening_of(record: &ChannelRecord) -> Option<(AccountBytes, u32, u64)> {
	Some((record.consumer, record.model, record.salt))
}

fn world() -> World {
	World::new((1..=4).map(receipt).collect())
}

#[test]
fn a_demand_and_its_enforcement() {
	let (batch, channel) = (world().batch, record().channel_id);
	let expected = (batch.oracle, 3u64, batch.claims.clone(), channel, 2u64).encode();
	assert_eq!(arguments(&demand(&batch, channel, 2)), (23, expected));
	let expected = (ORACLE, 3u64, channel, 2u64).encode();
	assert_eq!(arguments(&enforce_demand(ORACLE, 3, channel, 2)), (25, expected));
}

#[test]
fn a_checkpoint() {
	let voucher = Voucher {
		channel_id: record().channel_id,
		cap: 1,
		request_commit: [2; 32],
		ack_seq: 3,
		ack_total: 4,
		serve_until: 5,
	};
	let signed = SignedVoucher::sign(voucher.clone(), &record().key(), &GENESIS);
	let expected = (voucher, signed.signature).encode();
	assert_eq!(arguments(&checkpoint(&signed)), (10, expected));
}

#[test]
fn a_report_of_two_signed_receipts() {
	let shown = |receipt| Shown::Signed { signed: sign(receipt), key: oracle_public() };
	let other = changed(2, |it| it.output_commit = [0xee; 32]);
	let (first, second) = (shown(receipt(2)), shown(other.clone()));
	// `Evidence::Signed` is the first of the two.
	let evidence = |receipt: Receipt| {
		let signature = sign(receipt.clone()).signature;
		(0u8, receipt, signature, oracle_public())
	};
	let expected = (
		ORACLE,
		evidence(receipt(2)),
		evidence(other),
		Vec::<SubmittedClaim>::new(),
		opening_of(&record()),
	);
	let call = report_double(&record(), None, &first, &second);
	assert_eq!(arguments(&call), (20, expected.encode()));
}

#[test]
fn a_report_of_a_signed_and_a_settled_receipt() {
	let world = world();
	let proven = world.proven(2);
	let other = changed(2, |it| it.output_commit = [0xee; 32]);
	let signed = Shown::Signed { signed: sign(other.clone()), key: oracle_public() };
	let settled = Shown::Settled { batch_no: 3, proven: proven.clone() };
	let signature = sign(other.clone()).signature;
	let expected = (
		ORACLE,
		(0u8, other, signature, oracle_public()),
		(1u8, 3u64, pallet_settled(&proven)),
		world.batch.claims.clone(),
		opening_of(&record()),
	);
	let call = report_double(&record(), Some(&world.batch), &signed, &settled);
	assert_eq!(arguments(&call), (20, expected.encode()));
}

#[test]
fn a_report_of_a_leaf() {
	let world = world();
	let proven = world.proven(1);
	for asked in [None, Some(request(1))] {
		let (receipt, amount, proof) = pallet_settled(&proven);
		// `ShownLeaf::Receipt` is the first of the two.
		let shown = (0u8, receipt, amount, asked.clone());
		let claims = world.batch.claims.clone();
		let expected = (ORACLE, 3u64, claims, shown, proof, opening_of(&record())).encode();
		let call = report_leaf(&record(), &world.batch, &proven, asked.as_ref());
		assert_eq!(arguments(&call), (21, expected));
	}
}

#[test]
fn a_report_of_two_neighbours() {
	let world = world();
	let (left, right) = (world.proven(2), world.proven(3));
	let expected = (
		ORACLE,
		3u64,
		world.batch.claims.clone(),
		pallet_settled(&left),
		pallet_settled(&right),
		opening_of(&record()),
	);
	let call = report_pair(&record(), &world.batch, &left, &right);
	assert_eq!(arguments(&call), (22, expected.encode()));
}

#[test]
fn calls_of_the_registry_and_of_oracles() {
	use crate::{reuse::SharedTensor, runtime::runtime_types::pallet_models::types as models};
	use usufruct_primitives::tensors::{Inclusion, TensorLeaf};
	let calls = runtime::transactions().models();
	assert_eq!(arguments(&calls.contest(7, [1; 32])), (9, (7u32, [1u8; 32]).encode()));
	assert_eq!(arguments(&calls.settle_reuse(3, 7)), (15, (3u32, 7u32).encode()));
	let to = AccountId32([2; 32]);
	let row = (7u32, 1u16, [2u8; 32]).encode();
	assert_eq!(arguments(&calls.transfer_row(7, 1, to)), (11, row));
	let offered = arguments(&calls.transfer_model(7, Some(to)));
	assert_eq!(offered, (12, (7u32, Some([2u8; 32])).encode()));
	let withdrawn = arguments(&calls.transfer_model(7, None));
	assert_eq!(withdrawn, (12, (7u32, None::<Hash>).encode()));
	assert_eq!(arguments(&calls.accept_model(7)), (13, 7u32.encode()));
	assert_eq!(arguments(&calls.forfeit_row(7, 1)), (7, (7u32, 1u16).encode()));
	assert_eq!(arguments(&calls.move_royalty(7, 1)), (5, (7u32, 1u16).encode()));

	let shared = SharedTensor {
		leaf: TensorLeaf { tensor: [1; 32], bytes: 4_096 },
		older: Inclusion { index: 1, siblings: vec![[2; 32]] },
		newer: Inclusion { index: 2, siblings: vec![[3; 32], [4; 32]] },
	};
	let in_call = models::SharedTensor {
		leaf: Static(shared.leaf),
		older: Static(shared.older.clone()),
		newer: Static(shared.newer.clone()),
	};
	let expected = (3u32, 7u32, vec![shared]).encode();
	let call = calls.prove_reuse(3, 7, BoundedVec(vec![in_call]));
	assert_eq!(arguments(&call), (14, expected));

	let call = runtime::transactions().oracles().set_receipt_key([5; 32]);
	assert_eq!(arguments(&call), (6, [5u8; 32].encode()));
	let usage = runtime::transactions().usage();
	let call = usage.close_together([1; 32], 2, 3, [4; 64]);
	assert_eq!(arguments(&call), (9, ([1u8; 32], 2u64, 3u128, [4u8; 64]).encode()));
	let call = usage.set_channel_key([1; 32], [2; 32]);
	assert_eq!(arguments(&call), (8, ([1u8; 32], [2u8; 32]).encode()));
	assert_eq!(arguments(&usage.finalise_close([1; 32])), (4, [1u8; 32].encode()));
}
