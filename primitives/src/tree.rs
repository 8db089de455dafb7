//! The Merkle-sum tree over a batch's receipts: one root stands for every receipt and for the sum
//! of their amounts.
//!
//! ```text
//! leaf = H( 0x00 | digest[32] | amount u128 )                       with sum = amount, count = 1
//! node = H( 0x01 | left hash | left sum u128 | left count u32
//!                | right hash | right sum u128 | right count u32 )
//! ```
//!
//! Leaves are the receipts sorted by (channel, seq). A node without a right sibling is promoted to
//! the next level as it is. A tree has 1 to 2²⁰ leaves and its sum is a `u128`.
//!
//! A proof is the leaf's index and the siblings from the bottom up, each with its hash, sum and
//! count. The index and the number of leaves say at which levels there is a sibling, on which side,
//! and how many leaves it holds: at level `l`, with `i` the index and `w` the width there, one on
//! the left if `i` is odd, of count `2^l`; one on the right if `i` is even and `i + 1 < w`, of count
//! `min(2^l, count − (i + 1)·2^l)`; otherwise none. Any other proof is invalid, so that exactly one
//! proof exists for every leaf.

use crate::{domain::hash, settlement::MAX_RECEIPTS, Balance, Hash};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// A receipt, as the tree sees it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Leaf {
	/// [`crate::usage::Receipt::digest`].
	pub digest: Hash,
	/// Its amount, in planck.
	pub amount: Balance,
}

/// A node with what it carries; the top is what a settlement stores as root, total and count.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Node {
	/// Its hash.
	pub hash: Hash,
	/// The sum of the amounts under it, in planck.
	pub sum: Balance,
	/// The number of leaves under it.
	pub count: u32,
}

/// That a leaf stands at a place under a root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Proof {
	/// The leaf's place, from 0.
	pub index: u32,
	/// The siblings on the way up, from the bottom; at most 20.
	pub siblings: Vec<Node>,
}

/// Why there is no tree, or a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeError {
	/// There are no leaves.
	Empty,
	/// There are more than 2²⁰ leaves.
	TooMany,
	/// The amounts add up to more than a `u128`.
	Overflow,
	/// The tree has no leaf of that index.
	IndexOutOfRange,
	/// There are too few or too many siblings for that index and count.
	WrongLength,
	/// A sibling has another number of leaves than its place says.
	WrongCount,
	/// The proof leads to another root, total or count.
	Mismatch,
}

impl fmt::Display for TreeError {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(match self {
			Self::Empty => "a tree needs at least one receipt",
			Self::TooMany => "a tree has at most 2^20 receipts; settle in smaller batches",
			Self::Overflow => "the amounts add up to more than 128 bits",
			Self::IndexOutOfRange => "the tree has no receipt of that index",
			Self::WrongLength => "the proof has too few or too many siblings",
			Self::WrongCount => "a sibling of the proof counts other than its place says",
			Self::Mismatch => "the proof leads to another root, total or count",
		})
	}
}

impl core::error::Error for TreeError {}

impl Node {
	/// That of a leaf.
	pub fn of(leaf: &Leaf) -> Self {
		let hash = hash(&(0u8, leaf.digest, leaf.amount).encode());
		Self { hash, sum: leaf.amount, count: 1 }
	}

	/// That above two; fails if amounts or leaves add up to too many.
	pub fn join(left: &Self, right: &Self) -> Result<Self, TreeError> {
		Ok(Self {
			hash: hash(&(1u8, left, right).encode()),
			sum: left.sum.checked_add(right.sum).ok_or(TreeError::Overflow)?,
			count: left.count.checked_add(right.count).ok_or(TreeError::Overflow)?,
		})
	}
}

/// The bottom level.
fn bottom(leaves: &[Leaf]) -> Result<Vec<Node>, TreeError> {
	if leaves.is_empty() {
		return Err(TreeError::Empty);
	}
	if leaves.len() > MAX_RECEIPTS as usize {
		return Err(TreeError::TooMany);
	}
	Ok(leaves.iter().map(Node::of).collect())
}

/// The level above `level`.
fn above(level: &[Node]) -> Result<Vec<Node>, TreeError> {
	let mut pairs = level.chunks_exact(2);
	let mut nodes = Vec::with_capacity(level.len().div_ceil(2));
	for pair in &mut pairs {
		if let [left, right] = pair {
			nodes.push(Node::join(left, right)?);
		}
	}
	nodes.extend_from_slice(pairs.remainder());
	Ok(nodes)
}

/// The top of the tree over `leaves`. Hashes less than twice as often as there are leaves.
pub fn build(leaves: &[Leaf]) -> Result<Node, TreeError> {
	let mut level = bottom(leaves)?;
	while level.len() > 1 {
		level = above(&level)?;
	}
	level.first().copied().ok_or(TreeError::Empty)
}

/// The proof of the leaf at `index` in the tree over `leaves`. Costs as much as [`build`].
pub fn prove(leaves: &[Leaf], index: u32) -> Result<Proof, TreeError> {
	let mut level = bottom(leaves)?;
	let mut i = index as usize;
	if i >= level.len() {
		return Err(TreeError::IndexOutOfRange);
	}
	let mut siblings = Vec::new();
	while level.len() > 1 {
		// The neighbour of a pair; absent where the node is promoted.
		siblings.extend(level.get(i ^ 1).copied());
		level = above(&level)?;
		i /= 2;
	}
	Ok(Proof { index, siblings })
}

/// Checks that `leaf` stands at the proof's index in the tree with that top. At most 21 hashes.
pub fn verify(top: &Node, leaf: &Leaf, proof: &Proof) -> Result<(), TreeError> {
	if top.count == 0 {
		return Err(TreeError::Empty);
	}
	if top.count > MAX_RECEIPTS {
		return Err(TreeError::TooMany);
	}
	if proof.index >= top.count {
		return Err(TreeError::IndexOutOfRange);
	}

	let mut siblings = proof.siblings.iter();
	let mut next = |count: u32| {
		let sibling = siblings.next().ok_or(TreeError::WrongLength)?;
		if sibling.count != count {
			return Err(TreeError::WrongCount);
		}
		Ok(sibling)
	};

	let mut node = Node::of(leaf);
	// The node's place and the width of its level, and the leaves under a full node there. As
	// count ≤ 2²⁰, and (i + 1)·full < count where i + 1 < width, nothing here can overflow.
	let (mut i, mut width, mut full) = (proof.index, top.count, 1u32);
	while width > 1 {
		if i % 2 == 1 {
			node = Node::join(next(full)?, &node)?;
		} else if i + 1 < width {
			node = Node::join(&node, next(full.min(top.count - (i + 1) * full))?)?;
		}
		(i, width, full) = (i / 2, width.div_ceil(2), full * 2);
	}
	if siblings.next().is_some() {
		return Err(TreeError::WrongLength);
	}
	if node != *top {
		return Err(TreeError::Mismatch);
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;

	fn leaf(n: u8) -> Leaf {
		Leaf { digest: [n; 32], amount: n.into() }
	}

	fn leaves(count: u8) -> Vec<Leaf> {
		(1..=count).map(leaf).collect()
	}

	fn verdict(top: &Node, n: u8, proof: &Proof) -> Result<(), TreeError> {
		verify(top, &leaf(n), proof)
	}

	#[test]
	fn a_tree_of_two_is_as_by_hand() {
		let amount = |n: u8| [&[n][..], &[0; 15]].concat();
		let one = [1, 0, 0, 0];
		let left = hash(&[&[0][..], &[1; 32], &amount(1)].concat());
		let right = hash(&[&[0][..], &[2; 32], &amount(2)].concat());
		let root = hash(&[&[1][..], &left, &amount(1), &one, &right, &amount(2), &one].concat());

		let leaves = leaves(2);
		assert_eq!(build(&leaves), Ok(Node { hash: root, sum: 3, count: 2 }));
		let siblings = vec![Node { hash: right, sum: 2, count: 1 }];
		assert_eq!(prove(&leaves, 0), Ok(Proof { index: 0, siblings }));
		let siblings = vec![Node { hash: left, sum: 1, count: 1 }];
		assert_eq!(prove(&leaves, 1), Ok(Proof { index: 1, siblings }));
	}

	#[test]
	fn the_only_leaf_is_the_top_and_its_proof_is_empty() {
		let top = build(&[leaf(7)]).unwrap();
		assert_eq!(top, Node::of(&leaf(7)));
		let proof = prove(&[leaf(7)], 0).unwrap();
		assert!(proof.siblings.is_empty());
		assert_eq!(verdict(&top, 7, &proof), Ok(()));
	}

	#[test]
	fn an_odd_node_is_promoted_until_it_has_a_sibling() {
		let all = leaves(5);
		let first_four = build(&all[..4]).unwrap();
		let last = Node::of(&leaf(5));
		assert_eq!(build(&all), Node::join(&first_four, &last));
		let proof = prove(&all, 4).unwrap();
		assert_eq!(proof.siblings, [first_four]);
		assert_eq!(verdict(&build(&all).unwrap(), 5, &proof), Ok(()));
	}

	#[test]
	fn there_is_no_tree_of_nothing() {
		assert_eq!(build(&[]), Err(TreeError::Empty));
		assert_eq!(prove(&[], 0), Err(TreeError::Empty));
		let top = Node { hash: [0; 32], sum: 0, count: 0 };
		let proof = Proof { index: 0, siblings: Vec::new() };
		assert_eq!(verdict(&top, 1, &proof), Err(TreeError::Empty));
	}

	#[test]
	fn the_largest_tree_stands_and_a_larger_one_does_not() {
		let mut leaves = vec![Leaf { digest: [1; 32], amount: 1 }; MAX_RECEIPTS as usize];
		let top = build(&leaves).unwrap();
		assert_eq!((top.sum, top.count), (MAX_RECEIPTS.into(), MAX_RECEIPTS));
		let proof = prove(&leaves, MAX_RECEIPTS - 1).unwrap();
		assert_eq!(proof.siblings.len(), 20);
		assert_eq!(verify(&top, &leaves[0], &proof), Ok(()));

		leaves.push(leaves[0]);
		assert_eq!(build(&leaves), Err(TreeError::TooMany));
		assert_eq!(prove(&leaves, 0), Err(TreeError::TooMany));
		let top = Node { count: MAX_RECEIPTS + 1, ..top };
		assert_eq!(verify(&top, &leaves[0], &proof), Err(TreeError::TooMany));
	}

	#[test]
	fn a_sum_of_more_than_128_bits_is_refused() {
		let large = Leaf { digest: [1; 32], amount: Balance::MAX };
		assert_eq!(build(&[large, leaf(0)]).map(|top| top.sum), Ok(Balance::MAX));
		assert_eq!(build(&[large, leaf(1)]), Err(TreeError::Overflow));
		assert_eq!(prove(&[large, leaf(1)], 0), Err(TreeError::Overflow));

		// A proof that pretends: without the check the sum would wrap to a small one.
		let top = Node { hash: [0; 32], sum: 0, count: 2 };
		let proof = Proof { index: 0, siblings: vec![Node::of(&leaf(1))] };
		assert_eq!(verify(&top, &large, &proof), Err(TreeError::Overflow));
	}

	#[test]
	fn a_leaf_outside_the_tree_has_no_proof() {
		let all = leaves(3);
		assert_eq!(prove(&all, 3), Err(TreeError::IndexOutOfRange));
		let proof = Proof { index: 3, ..prove(&all, 2).unwrap() };
		assert_eq!(verdict(&build(&all).unwrap(), 3, &proof), Err(TreeError::IndexOutOfRange));
	}

	#[test]
	fn a_proof_of_another_length_is_refused() {
		let all = leaves(6);
		let top = build(&all).unwrap();
		let proof = prove(&all, 3).unwrap();
		let mut short = proof.clone();
		short.siblings.pop();
		assert_eq!(verdict(&top, 4, &short), Err(TreeError::WrongLength));
		let mut long = proof;
		long.siblings.push(Node::of(&leaf(7)));
		assert_eq!(verdict(&top, 4, &long), Err(TreeError::WrongLength));
	}

	#[test]
	fn a_sibling_of_another_count_is_refused() {
		let all = leaves(7);
		let top = build(&all).unwrap();
		// The last sibling of leaf 0 holds the three leaves 4, 5 and 6.
		let mut proof = prove(&all, 0).unwrap();
		assert_eq!(proof.siblings[2].count, 3);
		proof.siblings[2].count = 4;
		assert_eq!(verdict(&top, 1, &proof), Err(TreeError::WrongCount));
	}

	#[test]
	fn another_root_total_or_count_is_refused() {
		let all = leaves(4);
		let top = build(&all).unwrap();
		let proof = prove(&all, 1).unwrap();
		assert_eq!(verdict(&top, 2, &proof), Ok(()));
		let mismatch = Err(TreeError::Mismatch);
		assert_eq!(verdict(&Node { hash: [0; 32], ..top }, 2, &proof), mismatch);
		assert_eq!(verdict(&Node { sum: 11, ..top }, 2, &proof), mismatch);
		assert_eq!(verdict(&Node { count: 3, ..top }, 2, &proof), Err(TreeError::WrongCount));
		assert_eq!(verdict(&top, 3, &proof), mismatch);
	}

	#[test]
	fn a_node_cannot_pass_for_a_leaf() {
		// The bytes of a node are longer than a leaf's and begin otherwise, so what is under a node
		// cannot be read as digest and amount.
		assert_eq!((0u8, [0u8; 32], 0u128).encode().len(), 49);
		let node = Node::of(&leaf(1));
		assert_eq!((1u8, node, node).encode().len(), 1 + 2 * 52);
	}
}
