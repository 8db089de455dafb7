//! The tensor root of a model version, by which anybody can show that two versions hold the same
//! weights.
//!
//! Its leaves are the version's initialisers of at least [`MIN_BYTES`] of raw data. A leaf is the
//! hash of the tensor's type, shape and data ([`crate::commitment::tensor_leaf`]; names count for
//! nothing) and the length of its raw data. Leaves are sorted by their hashes, and a tensor that a
//! version holds several times is one leaf.
//!
//! ```text
//! leaf = H( 0x00 | tensor[32] | bytes u64 )
//! node = H( 0x01 | left[32] | right[32] )
//! root = H( 0x02 | leaves u32 | bytes u64 | top[32] )
//! ```
//!
//! `leaves` is their number, 1 to 2²⁰, and `bytes` the sum of their lengths; both are committed to,
//! and registered beside the root. A node without a right sibling is promoted to the next level as
//! it is.
//!
//! An inclusion proof is the leaf's index and the siblings from the bottom up. The index and the
//! number of leaves say at which levels there is a sibling and on which side: with `i` the index and
//! `w` the width of the level, one on the left if `i` is odd, one on the right if `i` is even and
//! `i + 1 < w`, otherwise none. A proof of any other length is invalid, so that exactly one exists
//! for every leaf.

use crate::{domain::hash, Hash};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// A smaller tensor is no leaf: two models may share those by chance.
pub const MIN_BYTES: u64 = 4_096;
/// Most leaves a root can have.
pub const MAX_LEAVES: u32 = 1 << 20;
/// Most siblings a proof can have.
pub const MAX_DEPTH: u32 = 20;

/// What is registered of a version's tensors.
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
pub struct TensorRoot {
	/// The root, which commits to the two others as well.
	pub root: Hash,
	/// The number of leaves.
	pub leaves: u32,
	/// The sum of their lengths, in bytes.
	pub bytes: u64,
}

/// One tensor, as the tree sees it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct TensorLeaf {
	/// [`crate::commitment::tensor_leaf`].
	pub tensor: Hash,
	/// The length of its raw data, in bytes.
	pub bytes: u64,
}

/// That a leaf stands at a place under a root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Inclusion {
	/// The leaf's place, from 0.
	pub index: u32,
	/// The siblings on the way up, from the bottom; at most [`MAX_DEPTH`].
	pub siblings: Vec<Hash>,
}

/// Why there is no tree, or a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorsError {
	/// There are no leaves.
	Empty,
	/// There are more than 2²⁰ leaves.
	TooMany,
	/// A leaf is smaller than [`MIN_BYTES`].
	TooSmall,
	/// One tensor is given with two lengths.
	TwoLengths,
	/// The lengths add up to more than a `u64`.
	Overflow,
	/// The tree has no leaf of that index.
	IndexOutOfRange,
	/// There are too few or too many siblings for that index and number of leaves.
	WrongLength,
	/// The proof leads to another root.
	Mismatch,
}

impl fmt::Display for TensorsError {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(match self {
			Self::Empty => "a tensor root needs at least one tensor",
			Self::TooMany => "a tensor root has at most 2^20 tensors",
			Self::TooSmall => "a tensor of less than 4 KiB is no leaf; leave it out",
			Self::TwoLengths => "one tensor is given with two lengths",
			Self::Overflow => "the lengths add up to more than 64 bits",
			Self::IndexOutOfRange => "the tree has no tensor of that index",
			Self::WrongLength => "the proof has too few or too many siblings",
			Self::Mismatch => "the proof leads to another root",
		})
	}
}

impl core::error::Error for TensorsError {}

impl TensorLeaf {
	/// The node it is at the bottom of the tree.
	pub fn node(&self) -> Hash {
		hash(&(0u8, self).encode())
	}
}

/// The node over two others.
pub fn join(left: &Hash, right: &Hash) -> Hash {
	hash(&(1u8, left, right).encode())
}

impl TensorRoot {
	/// The root of the tree with that top node.
	pub fn new(leaves: u32, bytes: u64, top: &Hash) -> Self {
		Self { root: hash(&(2u8, leaves, bytes, top).encode()), leaves, bytes }
	}

	/// Whether there can be a tree with that many leaves and bytes.
	pub fn is_possible(&self) -> bool {
		let least = u64::from(self.leaves).saturating_mul(MIN_BYTES);
		(1..=MAX_LEAVES).contains(&self.leaves) && self.bytes >= least
	}

	/// Checks that `leaf` stands at the proof's index in the tree of this root. At most 22 hashes.
	pub fn verify(&self, leaf: &TensorLeaf, proof: &Inclusion) -> Result<(), TensorsError> {
		if self.leaves > MAX_LEAVES {
			return Err(TensorsError::TooMany);
		}
		if proof.index >= self.leaves {
			return Err(TensorsError::IndexOutOfRange);
		}
		if leaf.bytes < MIN_BYTES {
			return Err(TensorsError::TooSmall);
		}

		let mut siblings = proof.siblings.iter();
		let mut next = || siblings.next().ok_or(TensorsError::WrongLength);
		let mut node = leaf.node();
		let (mut i, mut width) = (proof.index, self.leaves);
		while width > 1 {
			if i % 2 == 1 {
				node = join(next()?, &node);
			} else if i + 1 < width {
				node = join(&node, next()?);
			}
			(i, width) = (i / 2, width.div_ceil(2));
		}
		if siblings.next().is_some() {
			return Err(TensorsError::WrongLength);
		}
		if Self::new(self.leaves, self.bytes, &node) != *self {
			return Err(TensorsError::Mismatch);
		}
		Ok(())
	}
}

/// The tree over a version's tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorTree {
	leaves: Vec<TensorLeaf>,
	bytes: u64,
}

impl TensorTree {
	/// Over these leaves, in any order; those given several times count once.
	pub fn new(mut leaves: Vec<TensorLeaf>) -> Result<Self, TensorsError> {
		leaves.sort_unstable();
		leaves.dedup();
		if leaves.is_empty() {
			return Err(TensorsError::Empty);
		}
		if leaves.len() > MAX_LEAVES as usize {
			return Err(TensorsError::TooMany);
		}
		if leaves.windows(2).any(|pair| matches!(pair, [a, b] if a.tensor == b.tensor)) {
			return Err(TensorsError::TwoLengths);
		}
		let bytes = leaves.iter().try_fold(0u64, |bytes, leaf| {
			if leaf.bytes < MIN_BYTES {
				return Err(TensorsError::TooSmall);
			}
			bytes.checked_add(leaf.bytes).ok_or(TensorsError::Overflow)
		})?;
		Ok(Self { leaves, bytes })
	}

	/// The leaves in their order.
	pub fn leaves(&self) -> &[TensorLeaf] {
		&self.leaves
	}

	/// What is registered. Hashes about twice as often as there are leaves.
	pub fn root(&self) -> TensorRoot {
		let mut level = self.bottom();
		while level.len() > 1 {
			level = above(&level);
		}
		// A tree has a leaf, so this is its top.
		let top = level.first().copied().unwrap_or_default();
		TensorRoot::new(self.leaves.len() as u32, self.bytes, &top)
	}

	/// The proof of that tensor; `None` if the tree does not hold it. Costs as much as
	/// [`TensorTree::root`].
	pub fn prove(&self, tensor: &Hash) -> Option<Inclusion> {
		let index = self.leaves.binary_search_by_key(tensor, |leaf| leaf.tensor).ok()?;
		let (mut level, mut i, mut siblings) = (self.bottom(), index, Vec::new());
		while level.len() > 1 {
			// The neighbour of a pair; absent where the node is promoted.
			siblings.extend(level.get(i ^ 1));
			level = above(&level);
			i /= 2;
		}
		Some(Inclusion { index: index as u32, siblings })
	}

	fn bottom(&self) -> Vec<Hash> {
		self.leaves.iter().map(TensorLeaf::node).collect()
	}
}

/// The level above `level`.
fn above(level: &[Hash]) -> Vec<Hash> {
	level
		.chunks(2)
		.filter_map(|pair| match pair {
			[left, right] => Some(join(left, right)),
			promoted => promoted.first().copied(),
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;

	fn leaf(n: u8) -> TensorLeaf {
		TensorLeaf { tensor: [n; 32], bytes: MIN_BYTES + u64::from(n) }
	}

	fn tree(count: u8) -> TensorTree {
		TensorTree::new((1..=count).map(leaf).collect()).unwrap()
	}

	#[test]
	fn a_root_of_three_is_as_by_hand() {
		let bottom = |n: u8| {
			let bytes = (4_096 + u64::from(n)).to_le_bytes();
			hash(&[&[0][..], &[n; 32], &bytes].concat())
		};
		let pair = hash(&[&[1][..], &bottom(1), &bottom(2)].concat());
		let top = hash(&[&[1][..], &pair, &bottom(3)].concat());
		let bytes = 3 * 4_096 + 6u64;
		let root = hash(&[&[2][..], &[3, 0, 0, 0], &bytes.to_le_bytes(), &top].concat());

		let tree = tree(3);
		assert_eq!(tree.root(), TensorRoot { root, leaves: 3, bytes });
		let siblings = vec![bottom(2), bottom(3)];
		assert_eq!(tree.prove(&[1; 32]), Some(Inclusion { index: 0, siblings }));
		// The third is promoted once.
		assert_eq!(tree.prove(&[3; 32]), Some(Inclusion { index: 2, siblings: vec![pair] }));
	}

	#[test]
	fn the_root_of_three_keeps_its_value() {
		// A golden vector, for other implementations.
		let expected = "6e05753440d658617838f07139793e15b1cc9d2d32c21b895b2018f5575c352d";
		assert_eq!(hex::encode(tree(3).root().root), expected);
	}

	#[test]
	fn the_only_leaf_has_an_empty_proof() {
		let tree = tree(1);
		let proof = tree.prove(&[1; 32]).unwrap();
		assert!(proof.siblings.is_empty());
		assert_eq!(tree.root().verify(&leaf(1), &proof), Ok(()));
	}

	#[test]
	fn every_leaf_of_every_small_tree_is_proved_and_no_other() {
		for count in 1..=33 {
			let tree = tree(count);
			let root = tree.root();
			for n in 1..=count {
				let proof = tree.prove(&[n; 32]).unwrap();
				assert_eq!(root.verify(&leaf(n), &proof), Ok(()));
				assert_eq!(root.verify(&leaf(n + 1), &proof), Err(TensorsError::Mismatch));
				let longer = TensorLeaf { bytes: leaf(n).bytes + 1, ..leaf(n) };
				assert_eq!(root.verify(&longer, &proof), Err(TensorsError::Mismatch));
			}
			assert_eq!(tree.prove(&[count + 1; 32]), None);
		}
	}

	#[test]
	fn order_and_repetition_change_nothing() {
		let leaves = vec![leaf(3), leaf(1), leaf(3), leaf(2), leaf(1)];
		let other = TensorTree::new(leaves).unwrap();
		assert_eq!(other, tree(3));
		assert_eq!(other.leaves(), [leaf(1), leaf(2), leaf(3)]);
	}

	#[test]
	fn what_makes_no_tree_is_refused() {
		let new = |leaves: Vec<TensorLeaf>| TensorTree::new(leaves).unwrap_err();
		assert_eq!(new(vec![]), TensorsError::Empty);
		let small = TensorLeaf { bytes: MIN_BYTES - 1, ..leaf(1) };
		assert_eq!(new(vec![small]), TensorsError::TooSmall);
		let other = TensorLeaf { bytes: MIN_BYTES, ..leaf(1) };
		assert_eq!(new(vec![leaf(1), other]), TensorsError::TwoLengths);
		let large = TensorLeaf { bytes: u64::MAX, ..leaf(2) };
		assert_eq!(new(vec![leaf(1), large]), TensorsError::Overflow);
	}

	#[test]
	fn the_largest_tree_stands_and_a_larger_one_does_not() {
		let leaf = |n: u32| {
			let mut tensor = [0; 32];
			tensor[..4].copy_from_slice(&n.to_be_bytes());
			TensorLeaf { tensor, bytes: MIN_BYTES }
		};
		let mut leaves: Vec<_> = (0..MAX_LEAVES).map(leaf).collect();
		let tree = TensorTree::new(leaves.clone()).unwrap();
		let proof = tree.prove(&leaf(7).tensor).unwrap();
		assert_eq!(proof.siblings.len(), MAX_DEPTH as usize);
		assert_eq!(tree.root().verify(&leaf(7), &proof), Ok(()));

		leaves.push(leaf(MAX_LEAVES));
		assert_eq!(TensorTree::new(leaves), Err(TensorsError::TooMany));
		let more = TensorRoot { leaves: MAX_LEAVES + 1, ..tree.root() };
		assert_eq!(more.verify(&leaf(7), &proof), Err(TensorsError::TooMany));
	}

	#[test]
	fn a_proof_of_another_length_is_refused() {
		let tree = tree(6);
		let (root, proof) = (tree.root(), tree.prove(&[4; 32]).unwrap());
		for length in 0..=40 {
			let mut other = proof.clone();
			other.siblings.resize(length, [9; 32]);
			let expected = if length == proof.siblings.len() {
				Ok(())
			} else {
				Err(TensorsError::WrongLength)
			};
			assert_eq!(root.verify(&leaf(4), &other), expected);
		}
	}

	#[test]
	fn another_place_number_size_or_root_is_refused() {
		let tree = tree(4);
		let (root, proof) = (tree.root(), tree.prove(&[2; 32]).unwrap());
		let verify = |root: TensorRoot, index: u32| {
			root.verify(&leaf(2), &Inclusion { index, ..proof.clone() })
		};
		assert_eq!(verify(root, 1), Ok(()));
		assert_eq!(verify(root, 0), Err(TensorsError::Mismatch));
		assert_eq!(verify(root, 4), Err(TensorsError::IndexOutOfRange));
		assert_eq!(verify(TensorRoot { leaves: 3, ..root }, 1), Err(TensorsError::Mismatch));
		assert_eq!(
			verify(TensorRoot { bytes: root.bytes + 1, ..root }, 1),
			Err(TensorsError::Mismatch)
		);
		assert_eq!(verify(TensorRoot { root: [0; 32], ..root }, 1), Err(TensorsError::Mismatch));
		assert_eq!(verify(TensorRoot { leaves: 0, ..root }, 0), Err(TensorsError::IndexOutOfRange));
		let small = TensorLeaf { bytes: MIN_BYTES - 1, ..leaf(2) };
		assert_eq!(root.verify(&small, &proof), Err(TensorsError::TooSmall));
	}

	#[test]
	fn a_node_cannot_pass_for_a_leaf() {
		// Their bytes begin otherwise and are of other lengths.
		assert_eq!((0u8, leaf(1)).encode().len(), 41);
		assert_eq!((1u8, [0u8; 32], [0u8; 32]).encode().len(), 65);
		assert_eq!((2u8, 0u32, 0u64, [0u8; 32]).encode().len(), 45);
	}

	#[test]
	fn a_root_says_whether_its_numbers_are_possible() {
		let root = tree(3).root();
		assert!(root.is_possible());
		for (leaves, bytes) in [(0, MIN_BYTES), (MAX_LEAVES + 1, u64::MAX), (2, 2 * MIN_BYTES - 1)]
		{
			assert!(!TensorRoot { leaves, bytes, ..root }.is_possible());
		}
		let most = TensorRoot { leaves: MAX_LEAVES, bytes: u64::from(MAX_LEAVES) * 4_096, ..root };
		assert!(most.is_possible());
	}
}
