//! That one model version holds the weights of another: which tensors both files have, and the proof
//! that the chain takes.

use codec::{Decode, Encode};
use std::collections::BTreeMap;
use usufruct_primitives::{
	tensors::{Inclusion, TensorLeaf, TensorTree},
	PPM,
};

/// The most tensors in one proof.
pub const MAX_SHARED: usize = 32;
/// So many equal tensors are reuse, whatever their sizes.
pub const REUSED_TENSORS: usize = 10;
/// Or tensors with that part of the newer version's bytes, in parts per million.
pub const REUSED_BYTES: u32 = 50_000;

/// A tensor that stands in both trees.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SharedTensor {
	/// The tensor.
	pub leaf: TensorLeaf,
	/// Where it stands in the older one.
	pub older: Inclusion,
	/// Where it stands in the newer one.
	pub newer: Inclusion,
}

/// What two files have in common is not enough to be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"the files have {tensors} tensors of {bytes} bytes in common, of {of} bytes of the newer one; reuse is \
	 at least {REUSED_TENSORS} tensors, or 5 % of the bytes in at most {MAX_SHARED}"
)]
pub struct TooLittle {
	/// How many tensors both have.
	pub tensors: usize,
	/// The bytes of the largest of them that one proof can show.
	pub bytes: u64,
	/// All bytes of the newer one.
	pub of: u64,
}

/// The proof that `newer` reuses `older`: the largest tensors that both have, as many as are needed,
/// in the order of their hashes.
pub fn prove(older: &TensorTree, newer: &TensorTree) -> Result<Vec<SharedTensor>, TooLittle> {
	let known: BTreeMap<_, u64> =
		older.leaves().iter().map(|leaf| (leaf.tensor, leaf.bytes)).collect();
	let mut shared: Vec<TensorLeaf> = newer
		.leaves()
		.iter()
		.filter(|leaf| known.get(&leaf.tensor) == Some(&leaf.bytes))
		.copied()
		.collect();
	shared.sort_by_key(|leaf| std::cmp::Reverse(leaf.bytes));

	let of = newer.root().bytes;
	let enough = |bytes: u64| {
		u128::from(bytes).saturating_mul(PPM.into())
			>= u128::from(of).saturating_mul(REUSED_BYTES.into())
	};
	let (mut bytes, mut count) = (0u64, 0usize);
	for leaf in shared.iter().take(MAX_SHARED) {
		if count > 0 && (enough(bytes) || count >= REUSED_TENSORS) {
			break;
		}
		bytes = bytes.saturating_add(leaf.bytes);
		count += 1;
	}
	if count == 0 || !(enough(bytes) || count >= REUSED_TENSORS) {
		return Err(TooLittle { tensors: shared.len(), bytes, of });
	}
	shared.truncate(count);
	shared.sort_by_key(|leaf| leaf.tensor);
	let place = |leaf: TensorLeaf| {
		let (older, newer) = (older.prove(&leaf.tensor)?, newer.prove(&leaf.tensor)?);
		Some(SharedTensor { leaf, older, newer })
	};
	Ok(shared.into_iter().filter_map(place).collect())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn leaf(n: u8, bytes: u64) -> TensorLeaf {
		TensorLeaf { tensor: [n; 32], bytes }
	}

	fn tree(leaves: &[TensorLeaf]) -> TensorTree {
		TensorTree::new(leaves.to_vec()).unwrap()
	}

	fn check(older: &TensorTree, newer: &TensorTree) -> Vec<SharedTensor> {
		let proof = prove(older, newer).unwrap();
		assert!(proof.windows(2).all(|pair| pair[0].leaf.tensor < pair[1].leaf.tensor));
		for shared in &proof {
			assert_eq!(older.root().verify(&shared.leaf, &shared.older), Ok(()));
			assert_eq!(newer.root().verify(&shared.leaf, &shared.newer), Ok(()));
		}
		proof
	}

	#[test]
	fn one_large_tensor_is_enough() {
		let older = tree(&[leaf(1, 5_000), leaf(2, 6_000), leaf(3, 7_000)]);
		let newer = tree(&[leaf(2, 6_000), leaf(3, 7_000), leaf(9, 100_000)]);
		let proof = check(&older, &newer);
		assert_eq!(proof.iter().map(|it| it.leaf).collect::<Vec<_>>(), [leaf(3, 7_000)]);
	}

	#[test]
	fn ten_small_ones_are_enough() {
		let small: Vec<TensorLeaf> = (1..=12).map(|n| leaf(n, 4_096)).collect();
		let newer = [&small[..], &[leaf(99, 10_000_000)]].concat();
		assert_eq!(check(&tree(&small), &tree(&newer)).len(), 10);
		let error = prove(&tree(&small[..9]), &tree(&newer)).unwrap_err();
		assert_eq!((error.tensors, error.bytes), (9, 9 * 4_096));
	}

	#[test]
	fn what_is_not_the_same_is_not_shared() {
		let error = prove(&tree(&[leaf(1, 5_000)]), &tree(&[leaf(2, 5_000)])).unwrap_err();
		assert_eq!(error, TooLittle { tensors: 0, bytes: 0, of: 5_000 });
		assert!(prove(&tree(&[leaf(1, 5_000)]), &tree(&[leaf(1, 6_000)])).is_err());
	}
}
