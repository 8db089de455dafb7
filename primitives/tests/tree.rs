//! Properties of the Merkle-sum tree: every leaf proves, and nothing else does.

use proptest::{prelude::*, sample::Index};
use usufruct_primitives::{
	domain::hash,
	tree::{build, prove, verify, Leaf, Node, Proof},
	Balance, Hash,
};

/// Leaves of different digests, as receipts of different (channel, seq) have.
fn leaves() -> impl Strategy<Value = Vec<Leaf>> {
	let amount = (any::<Balance>(), 8u32..128).prop_map(|(value, shift)| value >> shift);
	proptest::collection::vec(amount, 1..100).prop_map(|amounts| {
		let leaf = |(i, amount): (usize, Balance)| Leaf {
			digest: hash(&(i as u32).to_le_bytes()),
			amount,
		};
		amounts.into_iter().enumerate().map(leaf).collect()
	})
}

/// The tree written as a recursion from the top, which is not how the library does it: the left
/// part is the largest power of two of leaves that leaves something for the right.
fn by_recursion(leaves: &[Leaf]) -> Node {
	if let [leaf] = leaves {
		let bytes = [&[0][..], &leaf.digest, &leaf.amount.to_le_bytes()].concat();
		return Node { hash: hash(&bytes), sum: leaf.amount, count: 1 };
	}
	let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
	let (left, right) = (by_recursion(left), by_recursion(right));
	let bytes_of =
		|node: &Node| [&node.hash[..], &node.sum.to_le_bytes(), &node.count.to_le_bytes()].concat();
	let bytes = [&[1][..], &bytes_of(&left), &bytes_of(&right)].concat();
	Node { hash: hash(&bytes), sum: left.sum + right.sum, count: left.count + right.count }
}

/// One change to a proof, a leaf or a top.
#[derive(Clone, Debug)]
enum Mutation {
	Place(u32),
	SiblingHash(Index, Index, u8),
	SiblingSum(Index, Balance),
	SiblingCount(Index, u32),
	Swap(Index, Index),
	Drop(Index),
	Duplicate(Index),
	Insert(Index, Hash, Balance, u32),
	LeafDigest(Index, u8),
	LeafAmount(Balance),
	TopHash(Index, u8),
	TopSum(Balance),
	TopCount(u32),
}

fn mutation() -> impl Strategy<Value = Mutation> {
	let number = || prop_oneof![0..130u32, any::<u32>()];
	prop_oneof![
		number().prop_map(Mutation::Place),
		any::<(Index, Index, u8)>().prop_map(|(at, byte, to)| Mutation::SiblingHash(at, byte, to)),
		any::<(Index, Balance)>().prop_map(|(at, to)| Mutation::SiblingSum(at, to)),
		(any::<Index>(), number()).prop_map(|(at, to)| Mutation::SiblingCount(at, to)),
		any::<(Index, Index)>().prop_map(|(a, b)| Mutation::Swap(a, b)),
		any::<Index>().prop_map(Mutation::Drop),
		any::<Index>().prop_map(Mutation::Duplicate),
		(any::<(Index, Hash, Balance)>(), number())
			.prop_map(|((at, hash, sum), count)| Mutation::Insert(at, hash, sum, count)),
		any::<(Index, u8)>().prop_map(|(byte, to)| Mutation::LeafDigest(byte, to)),
		any::<Balance>().prop_map(Mutation::LeafAmount),
		any::<(Index, u8)>().prop_map(|(byte, to)| Mutation::TopHash(byte, to)),
		any::<Balance>().prop_map(Mutation::TopSum),
		number().prop_map(Mutation::TopCount),
	]
}

impl Mutation {
	fn apply(self, top: &mut Node, leaf: &mut Leaf, proof: &mut Proof) {
		let siblings = &mut proof.siblings;
		let length = siblings.len();
		match self {
			Self::Place(value) => proof.index = value,
			Self::LeafDigest(byte, value) => leaf.digest[byte.index(32)] = value,
			Self::LeafAmount(value) => leaf.amount = value,
			Self::TopHash(byte, value) => top.hash[byte.index(32)] = value,
			Self::TopSum(value) => top.sum = value,
			Self::TopCount(value) => top.count = value,
			Self::Insert(at, hash, sum, count) => {
				siblings.insert(at.index(length + 1), Node { hash, sum, count })
			},
			// The rest changes a sibling, and the only leaf of a tree has none.
			_ if length == 0 => {},
			Self::SiblingHash(at, byte, value) => {
				siblings[at.index(length)].hash[byte.index(32)] = value
			},
			Self::SiblingSum(at, value) => siblings[at.index(length)].sum = value,
			Self::SiblingCount(at, value) => siblings[at.index(length)].count = value,
			Self::Swap(a, b) => siblings.swap(a.index(length), b.index(length)),
			Self::Drop(at) => drop(siblings.remove(at.index(length))),
			Self::Duplicate(at) => {
				let at = at.index(length);
				siblings.insert(at, siblings[at]);
			},
		}
	}
}

proptest! {
	#[test]
	fn the_top_is_that_of_the_recursion(leaves in leaves()) {
		prop_assert_eq!(build(&leaves), Ok(by_recursion(&leaves)));
	}

	#[test]
	fn the_sum_is_the_total_and_the_count_the_number(leaves in leaves()) {
		let top = build(&leaves).unwrap();
		prop_assert_eq!(top.sum, leaves.iter().map(|leaf| leaf.amount).sum::<Balance>());
		prop_assert_eq!(top.count as usize, leaves.len());
	}

	#[test]
	fn every_leaf_proves(leaves in leaves()) {
		let top = build(&leaves).unwrap();
		for (i, leaf) in leaves.iter().enumerate() {
			let proof = prove(&leaves, i as u32).unwrap();
			prop_assert_eq!(proof.index as usize, i);
			prop_assert_eq!(verify(&top, leaf, &proof), Ok(()));
		}
	}

	#[test]
	fn no_leaf_proves_in_the_place_of_another(leaves in leaves(), at: Index, other: Index) {
		let (at, other) = (at.index(leaves.len()), other.index(leaves.len()));
		prop_assume!(at != other);
		let top = build(&leaves).unwrap();
		let proof = prove(&leaves, at as u32).unwrap();
		prop_assert!(verify(&top, &leaves[other], &proof).is_err());
	}

	#[test]
	fn the_siblings_and_the_leaf_add_up_to_the_top(leaves in leaves(), at: Index) {
		let at = at.index(leaves.len());
		let top = build(&leaves).unwrap();
		let siblings = prove(&leaves, at as u32).unwrap().siblings;
		let sum = siblings.iter().map(|node| node.sum).sum::<Balance>() + leaves[at].amount;
		prop_assert_eq!(sum, top.sum);
		prop_assert_eq!(siblings.iter().map(|node| node.count).sum::<u32>() + 1, top.count);
	}

	#[test]
	fn trees_of_other_leaves_or_another_order_have_another_top(
		leaves in leaves(),
		at: Index,
		other: Index,
		amount: Balance,
	) {
		let top = build(&leaves).unwrap();
		let (at, other) = (at.index(leaves.len()), other.index(leaves.len()));
		let mut changed = leaves.clone();
		changed.swap(at, other);
		prop_assert_eq!(build(&changed) == Ok(top), at == other);
		let mut changed = leaves.clone();
		changed[at].amount = amount;
		prop_assert_eq!(build(&changed) == Ok(top), changed == leaves);
		let mut changed = leaves.clone();
		changed.push(leaves[at]);
		prop_assert_ne!(build(&changed), Ok(top));
		changed.truncate(leaves.len() - 1);
		prop_assert_ne!(build(&changed), Ok(top));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_096))]

	#[test]
	fn any_change_to_a_proof_breaks_it(leaves in leaves(), at: Index, mutation in mutation()) {
		let at = at.index(leaves.len());
		let (top, leaf) = (build(&leaves).unwrap(), leaves[at]);
		let proof = prove(&leaves, at as u32).unwrap();

		let mut changed = (top, leaf, proof.clone());
		mutation.apply(&mut changed.0, &mut changed.1, &mut changed.2);
		// The new value may happen to be the old one.
		prop_assume!(changed != (top, leaf, proof));
		prop_assert!(verify(&changed.0, &changed.1, &changed.2).is_err());
	}
}
