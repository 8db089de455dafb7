//! Which receipts provably stand in a settlement: what is known of its tree, and the proofs that
//! follow from it.
//!
//! The top is on the chain. Each proof that is shown makes known the nodes on its way up and beside
//! it. A receipt that the consumer holds is proved when it, alone or with others it holds, hashes to
//! a node that is known; in a settlement of nothing but its own receipts, to the top.

use codec::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{
	tree::{verify, Leaf, Node, Proof, TreeError},
	usage::Receipt,
	Balance,
};

/// A receipt that provably stands in a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Proven {
	/// The receipt.
	pub receipt: Receipt,
	/// What its leaf carries, in planck.
	pub amount: Balance,
	/// Where it stands.
	pub proof: Proof,
}

/// A level, the leaves' being 0, and an index in it.
type Spot = (u8, u32);

/// What is known of a settlement's tree.
#[derive(Clone, Debug)]
pub struct Tree {
	top: Node,
	known: BTreeMap<Spot, Node>,
}

impl Tree {
	/// Of which the top is known.
	pub fn new(top: Node) -> Self {
		let mut tree = Self { top, known: BTreeMap::new() };
		tree.known.insert((tree.height(), 0), top);
		tree
	}

	fn width(&self, level: u8) -> u32 {
		(0..level).fold(self.top.count, |width, _| width.div_ceil(2))
	}

	fn height(&self) -> u8 {
		let (mut width, mut level) = (self.top.count, 0);
		while width > 1 {
			(width, level) = (width.div_ceil(2), level + 1);
		}
		level
	}

	/// Takes in what a proof shows, if it holds.
	pub fn learn(&mut self, leaf: &Leaf, proof: &Proof) -> Result<(), TreeError> {
		verify(&self.top, leaf, proof)?;
		let mut siblings = proof.siblings.iter();
		let (mut node, mut index) = (Node::of(leaf), proof.index);
		for level in 0..self.height() {
			self.known.insert((level, index), node);
			let beside = index ^ 1;
			if beside < self.width(level) {
				let sibling = siblings.next().ok_or(TreeError::WrongLength)?;
				self.known.insert((level, beside), *sibling);
				let (left, right) =
					if index % 2 == 0 { (&node, sibling) } else { (sibling, &node) };
				node = Node::join(left, right)?;
			}
			index /= 2;
		}
		Ok(())
	}

	/// Every node that leaves make without any others.
	fn made(&self, leaves: &BTreeMap<u32, Leaf>) -> BTreeMap<Spot, Node> {
		let mut made: BTreeMap<Spot, Node> = BTreeMap::new();
		let mut level: BTreeMap<u32, Node> = leaves
			.iter()
			.filter(|(index, _)| **index < self.top.count)
			.map(|(index, leaf)| (*index, Node::of(leaf)))
			.collect();
		for height in 0..=self.height() {
			let mut above = BTreeMap::new();
			for (index, node) in &level {
				made.insert((height, *index), *node);
				let parent = match (index % 2, index ^ 1) {
					(0, beside) if beside >= self.width(height) => Some(*node),
					(0, beside) => {
						level.get(&beside).and_then(|right| Node::join(node, right).ok())
					},
					_ => None,
				};
				if let Some(parent) = parent {
					above.insert(index / 2, parent);
				}
			}
			level = above;
		}
		made
	}

	/// The lowest node above a leaf that is both made and known, and whether it is the same.
	fn compare(&self, made: &BTreeMap<Spot, Node>, index: u32) -> Option<(u8, bool)> {
		(0..=self.height()).find_map(|height| {
			let spot = (height, index >> height);
			Some((height, made.get(&spot)? == self.known.get(&spot)?))
		})
	}

	/// The proofs of those leaves, by index, that provably stand in the tree.
	pub fn prove(&self, leaves: &BTreeMap<u32, Leaf>) -> BTreeMap<u32, Proof> {
		let made = self.made(leaves);
		let mut proofs = BTreeMap::new();
		for (index, leaf) in leaves {
			let Some((root, true)) = self.compare(&made, *index) else { continue };
			let siblings = (0..self.height())
				.map(|height| (height, (index >> height) ^ 1))
				.filter(|(height, beside)| *beside < self.width(*height))
				.map(|spot| if spot.0 < root { made.get(&spot) } else { self.known.get(&spot) })
				.map(|node| node.copied())
				.collect::<Option<Vec<Node>>>();
			let Some(siblings) = siblings else { continue };
			let proof = Proof { index: *index, siblings };
			if verify(&self.top, leaf, &proof).is_ok() {
				proofs.insert(*index, proof);
			}
		}
		proofs
	}

	/// The indices of leaves of which at least one does not stand in the tree: what they make is not
	/// what is known there.
	pub fn contradicted(&self, leaves: &BTreeMap<u32, Leaf>) -> BTreeSet<u32> {
		let made = self.made(leaves);
		let differs = |index: &&u32| matches!(self.compare(&made, **index), Some((_, false)));
		leaves.keys().filter(differs).copied().collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use usufruct_primitives::{domain::hash, tree};

	fn leaf(n: u32) -> Leaf {
		Leaf { digest: hash(&n.to_le_bytes()), amount: n.into() }
	}

	fn leaves(count: u32) -> Vec<Leaf> {
		(0..count).map(leaf).collect()
	}

	fn some(of: &[Leaf], which: impl IntoIterator<Item = u32>) -> BTreeMap<u32, Leaf> {
		which.into_iter().map(|index| (index, of[index as usize])).collect()
	}

	#[test]
	fn whoever_has_all_leaves_can_prove_each() {
		for count in 1..20 {
			let all = leaves(count);
			let tree = Tree::new(tree::build(&all).unwrap());
			let proofs = tree.prove(&some(&all, 0..count));
			for index in 0..count {
				assert_eq!(proofs[&index], tree::prove(&all, index).unwrap());
			}
			let mut forged = some(&all, 0..count);
			forged.insert(count / 2, leaf(99));
			assert!(tree.prove(&forged).is_empty(), "one wrong leaf, and nothing is proved");
		}
	}

	#[test]
	fn without_all_of_them_nothing_is_known_at_first() {
		let all = leaves(5);
		let tree = Tree::new(tree::build(&all).unwrap());
		assert!(tree.prove(&some(&all, 0..4)).is_empty());
		assert!(tree.prove(&BTreeMap::from([(7, leaf(7))])).is_empty());
	}

	#[test]
	fn a_shown_proof_proves_its_neighbours() {
		let all = leaves(7);
		let mut tree = Tree::new(tree::build(&all).unwrap());
		let shown = tree::prove(&all, 3).unwrap();
		assert!(tree.learn(&leaf(2), &shown).is_err(), "it is another leaf's");
		assert!(tree.prove(&some(&all, [2])).is_empty(), "and nothing was learnt");
		tree.learn(&all[3], &shown).unwrap();
		// Its neighbour, the pair beside it, and the three on the right, each as a whole.
		let proofs = tree.prove(&some(&all, [0, 1, 2, 4, 5]));
		assert_eq!(proofs.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
		let proofs = tree.prove(&some(&all, [4, 5, 6]));
		assert_eq!(proofs.keys().copied().collect::<Vec<_>>(), [4, 5, 6]);
		assert_eq!(proofs[&6], tree::prove(&all, 6).unwrap());
		let mut forged = some(&all, [0, 1, 2]);
		forged.insert(1, leaf(9));
		let proofs = tree.prove(&forged);
		assert_eq!(proofs.keys().copied().collect::<Vec<_>>(), [2]);
		assert_eq!(tree.contradicted(&forged), [0, 1].into(), "one of the two");
		assert_eq!(tree.contradicted(&BTreeMap::from([(2, leaf(9))])), [2].into());
		assert!(tree.contradicted(&some(&all, 0..7)).is_empty());
		assert!(tree.contradicted(&BTreeMap::from([(0, leaf(9))])).is_empty(), "nobody knows");
	}

	proptest! {
		#[test]
		fn what_is_proved_is_true_and_as_the_tree_proves_it(
			count in 1u32..40,
			shown in prop::collection::vec(0u32..40, 0..4),
			held in prop::collection::btree_set(0u32..40, 0..40),
		) {
			let all = leaves(count);
			let mut tree = Tree::new(tree::build(&all).unwrap());
			for index in shown.iter().map(|index| index % count) {
				tree.learn(&all[index as usize], &tree::prove(&all, index).unwrap()).unwrap();
			}
			let held = some(&all, held.into_iter().filter(|index| *index < count));
			let proofs = tree.prove(&held);
			for (index, proof) in &proofs {
				prop_assert_eq!(proof, &tree::prove(&all, *index).unwrap());
			}
			for index in shown.iter().map(|index| index % count) {
				prop_assert!(!held.contains_key(&index) || proofs.contains_key(&index));
			}
		}
	}
}
