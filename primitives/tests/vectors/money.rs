//! Vectors of adding money up, in Merkle-sum trees, and of dividing it.

use crate::json::{object, Json};
use usufruct_primitives::{
	domain::hash,
	split::{entitlement, Ledger, Split},
	tree::{build, prove, verify, Leaf, Node},
	Balance, PPM,
};

fn node_json(node: &Node) -> Json {
	object! { "hash": node.hash, "sum": node.sum, "count": node.count }
}

fn tree(count: u32) -> Json {
	// Uneven amounts with a zero among them, as of a failed request, and one beyond 64 bits.
	let amount = |i: u32| match i {
		2 => 0,
		6 => 1 << 70,
		_ => 1_000 + u128::from(i) * 333,
	};
	let leaf = |i: u32| Leaf { digest: hash(&i.to_le_bytes()), amount: amount(i) };
	let leaves: Vec<_> = (0..count).map(leaf).collect();
	let top = build(&leaves).unwrap();
	let proof = |i: u32| {
		let (leaf, proof) = (&leaves[i as usize], prove(&leaves, i).unwrap());
		verify(&top, leaf, &proof).unwrap();
		let by_hand = [&[0][..], &leaf.digest, &leaf.amount.to_le_bytes()].concat();
		object! {
			"index": proof.index,
			"digest": leaf.digest,
			"amount": leaf.amount,
			"leaf": hash(&by_hand),
			"siblings": proof.siblings.iter().map(node_json).collect::<Vec<_>>(),
		}
	};
	object! {
		"root": top.hash,
		"total": top.sum,
		"count": top.count,
		"proofs": (0..count).map(proof).collect::<Vec<_>>(),
	}
}

pub fn trees() -> Json {
	// Two leaves by hand, from nothing but the hash.
	let amounts = [1_000u128, 1_333].map(u128::to_le_bytes);
	let digests = [0u32, 1].map(|i| hash(&i.to_le_bytes()));
	let left = hash(&[&[0][..], &digests[0], &amounts[0]].concat());
	let right = hash(&[&[0][..], &digests[1], &amounts[1]].concat());
	let one = [1, 0, 0, 0];
	let root = hash(&[&[1][..], &left, &amounts[0], &one, &right, &amounts[1], &one].concat());
	let Json::Object(two) = tree(2) else { unreachable!("a tree is an object") };
	assert_eq!(two[0], ("root", Json::from(root)));

	[1, 2, 3, 5, 7, 8, 13].map(tree).to_vec().into()
}

pub fn entitlements() -> Json {
	let cases = [
		(0, 200_000, PPM),
		(4, 200_000, PPM),
		(5, 200_000, PPM),
		(1_000_003, 333_333, PPM),
		(600, 300_000, 600_000),
		(Balance::MAX / 1_000_000 + 1, 999_999, PPM),
		(Balance::MAX, 999_999, PPM),
		(Balance::MAX, 1, 3),
		(Balance::MAX, PPM, PPM),
	];
	let entitlements = cases.map(|(total, weight, whole)| {
		let entitlement = entitlement(total, weight, whole).unwrap();
		object! { "total": total, "weight": weight, "whole": whole, "entitlement": entitlement }
	});
	entitlements.to_vec().into()
}

fn split<const N: usize>(case: &str, weights: [u32; N], whole: u32, amounts: &[Balance]) -> Json {
	let mut ledger = Ledger::default();
	let step = |amount: &Balance| {
		let parts = ledger.divide(*amount, &weights, whole).unwrap();
		object! {
			"amount": *amount,
			"parts": parts.map(Json::from).to_vec(),
			"total": ledger.total,
			"credited": ledger.credited.map(Json::from).to_vec(),
			"dust": ledger.dust(),
		}
	};
	let steps: Vec<_> = amounts.iter().map(step).collect();
	object! {
		"case": case,
		"weights": weights.map(Json::from).to_vec(),
		"whole": whole,
		"steps": steps,
	}
}

pub fn splits() -> Json {
	let weights = Split::default().weights();
	let [dividend, commons, security, oracle, model] = weights;
	let royalty = [dividend, commons, security, 0, model];
	let uneven = [1, 0, 999_999, 7, 1_530_000_000, 3, 1_000_000_000_007, 1 << 100, 11];
	Json::from(vec![
		split("the default weights", weights, PPM, &uneven),
		split("one planck at a time", weights, PPM, &[1; 12]),
		split("a royalty: without the oracle", royalty, PPM - oracle, &uneven),
		split("a table of three contributors", [333_333, 333_333, 333_334], PPM, &uneven),
	])
}
