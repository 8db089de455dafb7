//! What is shown to convict an oracle, or to answer for it, and how each piece is checked against
//! what the chain keeps.
//!
//! A leaf under the root of a settled batch counts as signed: the oracle signed the settlement. What
//! the claims of a batch said is brought again by whoever needs it, in [`SubmittedClaims`], and
//! must hash to what the batch keeps.

use crate::Batch;
use frame_support::{stored, traits::ConstU32, BoundedVec, PalletError};
use sp_core::ed25519;
use sp_runtime::AccountId32;
use usufruct_primitives::{
	commitment::Request,
	settlement::MAX_CLAIMS,
	submitted::{submitted_hash, SubmittedClaim},
	tree::{verify, Leaf, Node, Proof, TreeError},
	usage::{Receipt, Voucher},
	Balance, BatchNo, ChannelId, Hash, ModelId, PublicKey, Seq, Signature,
};

/// The most siblings in a proof: the depth of a tree of 2²⁰ leaves.
pub const MAX_SIBLINGS: u32 = 20;

/// All claims of a batch, in the order of its settlement.
pub type SubmittedClaims = BoundedVec<SubmittedClaim, ConstU32<MAX_CLAIMS>>;

/// That a leaf stands at a place under the root of a batch.
#[stored]
pub struct LeafProof {
	/// The leaf's place, from 0.
	pub index: u32,
	/// See [`Proof::siblings`].
	pub siblings: BoundedVec<Node, ConstU32<MAX_SIBLINGS>>,
}

/// Why a proof does not hold.
#[stored]
#[derive(Copy, PalletError)]
pub enum ProofError {
	/// The batch has no receipt of that index.
	IndexOutOfRange,
	/// There are too few or too many siblings for that index and number of receipts.
	WrongLength,
	/// A sibling has another number of leaves than its place says.
	WrongCount,
	/// The amounts add up to more than 128 bits.
	Overflow,
	/// It leads to another root or total than the batch's.
	Mismatch,
}

impl From<TreeError> for ProofError {
	fn from(error: TreeError) -> Self {
		match error {
			TreeError::IndexOutOfRange => Self::IndexOutOfRange,
			TreeError::WrongLength => Self::WrongLength,
			TreeError::WrongCount => Self::WrongCount,
			TreeError::Overflow => Self::Overflow,
			// No batch is settled with none or too many.
			TreeError::Mismatch | TreeError::Empty | TreeError::TooMany => Self::Mismatch,
		}
	}
}

impl Batch {
	/// Whether `claims` are those of the batch, with their verdicts.
	pub(crate) fn has_claims(&self, claims: &[SubmittedClaim]) -> bool {
		submitted_hash(claims) == self.claims_hash
	}

	/// Checks that `leaf` stands under the root.
	pub(crate) fn check(&self, leaf: &Leaf, proof: &LeafProof) -> Result<(), ProofError> {
		let top = Node { hash: self.root, sum: self.total, count: self.count };
		let siblings = proof.siblings.clone().into_inner();
		Ok(verify(&top, leaf, &Proof { index: proof.index, siblings })?)
	}
}

/// A receipt with the oracle's signature.
#[stored]
pub struct SignedReceipt {
	/// The receipt.
	pub receipt: Receipt,
	/// The signature over [`Receipt::digest`].
	pub signature: Signature,
	/// The key that made it: the oracle's receipt key, or one before it.
	pub key: PublicKey,
}

impl SignedReceipt {
	/// Whether the key signed the receipt for this chain. Whose key it is is another question.
	pub(crate) fn is_signed(&self, genesis: &Hash) -> bool {
		let signature = ed25519::Signature::from_raw(self.signature);
		let key = ed25519::Public::from_raw(self.key);
		sp_io::crypto::ed25519_verify(&signature, &self.receipt.digest(genesis), &key)
	}
}

/// A receipt that stands under the root of a batch.
#[stored]
pub struct SettledReceipt {
	/// The receipt.
	pub receipt: Receipt,
	/// The amount that its leaf carries, in planck.
	pub amount: Balance,
	/// Where it stands.
	pub proof: LeafProof,
}

impl SettledReceipt {
	/// Its leaf.
	pub(crate) fn leaf(&self, genesis: &Hash) -> Leaf {
		Leaf { digest: self.receipt.digest(genesis), amount: self.amount }
	}
}

/// That an oracle stands by a receipt.
#[stored]
pub enum Evidence {
	/// It signed it.
	Signed(SignedReceipt),
	/// It settled it.
	Settled {
		/// The number of the batch.
		batch_no: BatchNo,
		/// The receipt in it.
		settled: SettledReceipt,
	},
}

impl Evidence {
	/// The receipt.
	pub(crate) fn receipt(&self) -> &Receipt {
		match self {
			Self::Signed(signed) => &signed.receipt,
			Self::Settled { settled, .. } => &settled.receipt,
		}
	}

	/// How many siblings its proof has; none if it has no proof.
	pub(crate) fn siblings(&self) -> u32 {
		match self {
			Self::Signed(_) => 0,
			Self::Settled { settled, .. } => settled.proof.siblings.len() as u32,
		}
	}

	/// How many signatures are verified for it.
	pub(crate) fn signatures(&self) -> u64 {
		matches!(self, Self::Signed(_)).into()
	}
}

/// A leaf of a batch, and what is known of it.
#[stored]
pub enum ShownLeaf {
	/// The receipt that it stands for.
	Receipt {
		/// The receipt.
		receipt: Receipt,
		/// The amount that the leaf carries, in planck.
		amount: Balance,
		/// What was asked, if the receipt differs from it.
		request: Option<Request>,
	},
	/// Nothing but the leaf itself, at the place of a receipt.
	Opaque {
		/// The channel of the receipt that belongs there.
		channel_id: ChannelId,
		/// Its number.
		seq: Seq,
		/// What the leaf says.
		leaf: Leaf,
	},
}

impl ShownLeaf {
	/// The channel and number it is about.
	pub(crate) fn about(&self) -> (ChannelId, Seq) {
		match self {
			Self::Receipt { receipt, .. } => (receipt.channel_id, receipt.seq),
			Self::Opaque { channel_id, seq, .. } => (*channel_id, *seq),
		}
	}

	/// The leaf.
	pub(crate) fn leaf(&self, genesis: &Hash) -> Leaf {
		match self {
			Self::Receipt { receipt, amount, .. } => {
				Leaf { digest: receipt.digest(genesis), amount: *amount }
			},
			Self::Opaque { leaf, .. } => *leaf,
		}
	}
}

/// How a channel was opened: what its id is made of, besides its oracle. Says who the consumer was
/// after the channel is closed for good and forgotten.
#[stored]
pub struct Opening {
	/// The consumer.
	pub consumer: AccountId32,
	/// The model.
	pub model: ModelId,
	/// The salt.
	pub salt: u64,
}

/// What an oracle shows to meet a demand.
#[stored]
pub struct Answer {
	/// The receipt.
	pub receipt: Receipt,
	/// Where it stands in the batch.
	pub proof: LeafProof,
	/// The voucher that asked for its request.
	pub voucher: Voucher,
	/// The channel's key's signature over [`Voucher::digest`].
	pub signature: Signature,
}
