//! That one model version holds the weights of another: which tensors both files have, and the proof
//! that the chain takes.

use crate::{
	chain::{Chain, ChainError},
	runtime::{
		models::events::ReuseClaimed, runtime_types::pallet_models::pallet::Call as Models, Call,
	},
	state::ReuseClaim,
	statement::for_each,
};
use codec::{Decode, Encode};
use std::collections::BTreeMap;
use usufruct_primitives::{
	tensors::{Inclusion, TensorLeaf, TensorTree},
	BlockNumber, Hash, VersionId, PPM,
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
	let enough = |bytes: u64| is_enough(bytes, of);
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

/// Why the tensors of a claim are not known.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The call is not in its block.
	#[error("the proof was not given in a transaction of block {0}: ask whoever gave it for the tensors")]
	NotFound(BlockNumber),
}

/// The tensors of a claim of reuse, from the call that made it. The chain keeps their hash alone.
pub async fn read_claim(
	chain: &Chain,
	claim: &ReuseClaim,
	newer: VersionId,
	id: &Hash,
) -> Result<Vec<TensorLeaf>, ClaimError> {
	let at = chain.client().at_block(u64::from(claim.since)).await.map_err(ChainError::from)?;
	let extrinsics = at.extrinsics().fetch().await.map_err(ChainError::from)?;
	for extrinsic in extrinsics.iter() {
		let extrinsic = extrinsic.map_err(ChainError::from)?;
		let events = extrinsic.events().await.map_err(ChainError::from)?;
		let mut ids = Vec::new();
		for event in events.find::<ReuseClaimed>() {
			let event = event.map_err(ChainError::from)?;
			if (event.older, event.newer) == (claim.older, newer) {
				ids.push(event.id);
			}
		}
		let Some(place) = ids.iter().position(|found| found == id) else { continue };
		let call: Call = extrinsic.decode_call_data_as().map_err(ChainError::from)?;
		let mut shown = Vec::new();
		for_each(&call, &mut |call| {
			if let Call::Models(Models::prove_reuse { older, newer: of, proof }) = call {
				if (*older, *of) == (claim.older, newer) {
					shown.push(proof.0.iter().map(|shared| shared.leaf.0).collect());
				}
			}
		});
		// One that failed within a batch would have no event: then it cannot be told which is which.
		if shown.len() == ids.len() {
			return Ok(shown.swap_remove(place));
		}
	}
	Err(ClaimError::NotFound(claim.since))
}

/// A tensor of a claim of reuse that stands in a still older version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTensor {
	/// Its place among the tensors of the claim, from 0.
	pub place: u8,
	/// Where it stands in the source.
	pub inclusion: Inclusion,
}

/// What is left of a claim is still reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} of the claim's tensors are in the source; the other {left}, of {bytes} bytes, are still reuse")]
pub struct StillReuse {
	/// How many stand in the source.
	pub found: usize,
	/// How many do not.
	pub left: usize,
	/// The bytes of those that do not.
	pub bytes: u64,
}

/// The proof that a claim's tensors are those of a still older version, `source`; `newer` is the size
/// of all tensors of the version that is said to reuse them, in bytes.
pub fn refute(
	claimed: &[TensorLeaf],
	source: &TensorTree,
	newer: u64,
) -> Result<Vec<FoundTensor>, StillReuse> {
	let mut found = Vec::new();
	let (mut left, mut bytes) = (0, 0u64);
	for (place, leaf) in (0u8..).zip(claimed) {
		let stands = source.leaves().contains(leaf);
		match stands.then(|| source.prove(&leaf.tensor)).flatten() {
			Some(inclusion) => found.push(FoundTensor { place, inclusion }),
			None => {
				left += 1;
				bytes = bytes.saturating_add(leaf.bytes);
			},
		}
	}
	let still = left >= REUSED_TENSORS || (left > 0 && is_enough(bytes, newer));
	match still || found.is_empty() {
		true => Err(StillReuse { found: found.len(), left, bytes }),
		false => Ok(found),
	}
}

/// Whether tensors of so many bytes are reuse, whatever their number, in a version of `of` bytes.
fn is_enough(bytes: u64, of: u64) -> bool {
	u128::from(bytes).saturating_mul(PPM.into())
		>= u128::from(of).saturating_mul(REUSED_BYTES.into())
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
	fn a_claim_is_refuted_by_the_version_that_its_tensors_come_from() {
		let claimed = [leaf(1, 5_000), leaf(2, 6_000), leaf(3, 50)];
		let source = tree(&[leaf(2, 6_000), leaf(1, 5_000), leaf(9, 9_000)]);
		let found = refute(&claimed, &source, 100_000).unwrap();
		assert_eq!(found.iter().map(|it| it.place).collect::<Vec<_>>(), [0, 1]);
		for FoundTensor { place, inclusion } in &found {
			let leaf = &claimed[usize::from(*place)];
			assert_eq!(source.root().verify(leaf, inclusion), Ok(()));
		}
		// What is left is too much, or nothing was found.
		let error = refute(&claimed, &tree(&[leaf(1, 5_000)]), 100_000).unwrap_err();
		assert_eq!(error, StillReuse { found: 1, left: 2, bytes: 6_050 });
		assert!(refute(&claimed, &tree(&[leaf(7, 5_000)]), 10_000_000).is_err());
	}

	#[test]
	fn what_is_not_the_same_is_not_shared() {
		let error = prove(&tree(&[leaf(1, 5_000)]), &tree(&[leaf(2, 5_000)])).unwrap_err();
		assert_eq!(error, TooLittle { tensors: 0, bytes: 0, of: 5_000 });
		assert!(prove(&tree(&[leaf(1, 5_000)]), &tree(&[leaf(1, 6_000)])).is_err());
	}
}
