//! What everybody on and off the chain knows: the accounts, what oracles served and what was signed
//! for it, what was settled, and every call that was made.

use super::ledger::Ledger;
use crate::{
	chain::{genesis_hash, Clock},
	keys::{account, sign},
};
use codec::Decode;
use pallet_suffrage::Origin;
use pallet_usage::{Opening, SubmittedClaim};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{
	commitment::Request,
	settlement::Claim,
	tensors::{TensorLeaf, TensorTree},
	tree::{prove, Leaf},
	usage::{channel_id, Closing, Receipt, Voucher},
	Balance, BatchNo, BlockNumber, ChannelId, Hash, Seq, Signature, VersionId,
};
use usufruct_runtime::{AccountId, Runtime, RuntimeCall, SessionKeys};

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
	/// An account.
	Signed(AccountId),
	/// Nobody stands above it.
	Root,
	/// A transaction that nobody signs.
	Nobody,
	/// A poll of that origin's track was decided.
	Poll(Origin),
}

/// A call that somebody is about to make.
#[derive(Clone, Debug)]
pub struct Move {
	/// Who.
	pub caller: Caller,
	/// What.
	pub call: RuntimeCall,
}

/// One request that was served: what was asked, what was answered, what the consumer signed.
#[derive(Clone, Debug)]
pub struct Served {
	/// The receipt.
	pub receipt: Receipt,
	/// What was asked.
	pub request: Request,
	/// The voucher that asked for it, and its signature.
	pub voucher: Voucher,
	/// See `voucher`.
	pub signature: Signature,
	/// Whether the receipt breaks a rule.
	pub rotten: bool,
}

/// A channel, as its two sides know it.
#[derive(Clone, Debug)]
pub struct Line {
	/// Its id.
	pub id: ChannelId,
	/// Its oracle.
	pub oracle: AccountId,
	/// How it was opened.
	pub opening: Opening,
	/// What was served on it, by number.
	pub served: Vec<Served>,
}

/// A leaf of a tree, and the receipt that stands for it.
#[derive(Clone, Debug)]
pub struct Grown {
	/// The receipt.
	pub receipt: Receipt,
	/// What its leaf carries.
	pub amount: Balance,
	/// What was asked.
	pub request: Request,
	/// Whether receipt or leaf break a rule.
	pub rotten: bool,
}

impl Grown {
	/// The leaf.
	pub fn leaf(&self) -> Leaf {
		Leaf { digest: self.receipt.digest(&genesis_hash()), amount: self.amount }
	}
}

/// A batch that was settled.
#[derive(Clone, Debug)]
pub struct Settled {
	/// Whose.
	pub oracle: AccountId,
	/// Its number.
	pub batch_no: BatchNo,
	/// Its claims, with their verdicts.
	pub claims: Vec<SubmittedClaim>,
	/// What stands under its root; nothing if that is the root of no tree.
	pub grown: Vec<Grown>,
}

impl Settled {
	/// The proof of its nth leaf.
	pub fn proof(&self, nth: usize) -> pallet_usage::LeafProof {
		let leaves: Vec<_> = self.grown.iter().map(Grown::leaf).collect();
		let proof = prove(&leaves, nth as u32).expect("there is such a leaf");
		pallet_usage::LeafProof {
			index: proof.index,
			siblings: proof.siblings.try_into().expect("the tree is small"),
		}
	}
}

/// A settlement that somebody tried.
#[derive(Clone, Debug)]
pub struct Tried {
	/// Its number.
	pub batch_no: BatchNo,
	/// Its root.
	pub root: Hash,
	/// Its claims.
	pub claims: Vec<Claim>,
}

/// Everything.
#[derive(Clone, Debug)]
pub struct World {
	/// The block that is being built.
	pub clock: Clock,
	/// How many events of it were looked at.
	pub seen: usize,
	/// How many actions it has had.
	pub actions: usize,
	/// All channels there ever were, in their order.
	pub lines: Vec<Line>,
	/// All trees of receipts that were ever grown, by root.
	pub trees: BTreeMap<Hash, Vec<Grown>>,
	/// All batches.
	pub batches: Vec<Settled>,
	/// The tensors of versions, by root.
	pub tensors: BTreeMap<Hash, TensorTree>,
	/// The tensors of claims of reuse, by which they are known, and whose they are said to be.
	pub claims: BTreeMap<Hash, (VersionId, Vec<TensorLeaf>)>,
	/// Calls that were made.
	pub past: Vec<Move>,
	/// Oracles that ever broke a rule, whom a proof may convict.
	pub dishonest: BTreeSet<AccountId>,
	/// The block in which a floor of each version was announced first.
	pub floors: BTreeMap<VersionId, BlockNumber>,
	/// What moved, by the events.
	pub ledger: Ledger,
	/// How far each channel is settled, by the claims of accepted batches: last receipt and total.
	/// Never forgotten.
	pub settled: BTreeMap<ChannelId, (Seq, Balance)>,
	/// The calls that succeeded, by pallet and name.
	pub reached: BTreeSet<(&'static str, &'static str)>,
	/// Drawn upon for whatever must be new.
	pub drawn: u64,
	/// Whether every call is told.
	pub loud: bool,
}

impl World {
	/// A chain that begins.
	pub fn begin() -> Self {
		let clock = Clock::start();
		// Somebody who could be a validator. No key of it is ever used.
		let keys = SessionKeys::decode(&mut [1; 64].as_slice()).expect("two keys of 32 bytes");
		pallet_session::NextKeys::<Runtime>::insert(account(1), keys);
		Self {
			clock,
			seen: 0,
			actions: 0,
			lines: Vec::new(),
			trees: BTreeMap::new(),
			batches: Vec::new(),
			tensors: BTreeMap::new(),
			claims: BTreeMap::new(),
			past: Vec::new(),
			dishonest: BTreeSet::new(),
			floors: BTreeMap::new(),
			ledger: Ledger::begin(),
			settled: BTreeMap::new(),
			reached: BTreeSet::new(),
			drawn: 0,
			loud: false,
		}
	}

	/// A hash that was never drawn before.
	pub fn draw(&mut self) -> Hash {
		self.drawn += 1;
		usufruct_primitives::domain::hash(&self.drawn.to_le_bytes())
	}

	/// Takes note of a channel that was opened.
	pub fn opened(&mut self, id: ChannelId, consumer: AccountId, oracle: AccountId, model: u32) {
		let last = pallet_usage::LastSalt::<Runtime>::get(&consumer).unwrap_or_default();
		// Two may have been opened by one call.
		let salt = (0..4).filter_map(|back| last.checked_sub(back)).find(|salt| {
			channel_id(&genesis_hash(), consumer.as_ref(), oracle.as_ref(), model, *salt) == id
		});
		if let Some(salt) = salt {
			let opening = Opening { consumer, model, salt };
			self.lines.push(Line { id, oracle, opening, served: Vec::new() });
		}
	}

	/// The channels of an oracle that are not closed for good.
	pub fn lines_of<'a>(&'a self, oracle: &'a AccountId) -> impl Iterator<Item = &'a Line> {
		self.lines.iter().filter(move |line| {
			line.oracle == *oracle && pallet_usage::Channels::<Runtime>::contains_key(line.id)
		})
	}

	/// What was served on a channel under that number.
	pub fn served(&self, id: &ChannelId, seq: Seq) -> Option<&Served> {
		let line = self.lines.iter().find(|line| line.id == *id)?;
		line.served.get(usize::try_from(seq.checked_sub(1)?).ok()?)
	}
}

/// A voucher's signature by the channel's present key; none if nobody here has it.
pub fn sign_voucher(key: &Hash, voucher: &Voucher) -> Option<Signature> {
	sign(key, &voucher.digest(&genesis_hash()))
}

/// The signature under the end of a channel.
pub fn sign_closing(key: &Hash, closing: &Closing) -> Option<Signature> {
	sign(key, &closing.digest(&genesis_hash()))
}
