//! The Merkle-sum tree over a batch's receipts: one root stands for every receipt and for the sum of
//! their amounts.
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
//! and how many leaves it holds: at level `l`, with `i` the index and `w` the width there, a sibling
//! on the left if `i` is odd, of count `2^l`; one on the right if `i + 1 < w`, of count
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
	fn of(leaf: &Leaf) -> Self {
		let hash = hash(&(0u8, leaf.digest, leaf.amount).encode());
		Self { hash, sum: leaf.amount, count: 1 }
	}

	fn join(left: &Self, right: &Self) -> Result<Self, TreeError> {
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
