//! What the registry stores, and when a text or a table may be stored.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{stored, traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::AccountId32;
use usufruct_primitives::{
	domain::hash,
	tensors::{Inclusion, TensorLeaf, TensorRoot},
	Balance, BlockNumber, Hash, Meter, ModelId, Role, VersionId, PPM,
};

/// Longest name of a model, in bytes.
pub const MAX_NAME: u32 = 64;
/// Longest licence expression, in bytes.
pub const MAX_LICENCE: u32 = 64;
/// Longest address of a version's metadata, in bytes.
pub const MAX_URI: u32 = 256;
/// Most rows a contributor table can have.
pub const MAX_ROWS: u32 = 64;
/// Most parents a version can name when it is added.
pub const MAX_PARENTS: u32 = 8;
/// Most ancestors a version can have, over all generations.
pub const MAX_ANCESTORS: u32 = 32;
/// Highest royalty a version can declare, in parts per million of its descendants' inflow.
pub const MAX_ROYALTY: u32 = 50_000;
/// The most a version can owe all its ancestors together, in parts per million.
pub const MAX_ROYALTIES: u32 = 400_000;
/// Most tensors one proof of reuse can show.
pub const MAX_SHARED: u32 = 32;
/// That many equal tensors are reuse, whatever their sizes.
pub const REUSED_TENSORS: usize = 10;
/// Or tensors that hold that part of the newer version's bytes, in parts per million.
pub const REUSED_BYTES: u32 = 50_000;

/// The name of a model, UTF-8.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME>>;
/// An SPDX licence expression.
pub type Licence = BoundedVec<u8, ConstU32<MAX_LICENCE>>;
/// Where a version's metadata can be read.
pub type Uri = BoundedVec<u8, ConstU32<MAX_URI>>;
/// Who is to share in a version's revenue, as it is given when the version is added.
pub type ContributorTable = BoundedVec<Contributor, ConstU32<MAX_ROWS>>;
/// Who shares in a version's revenue.
pub type RowTable = BoundedVec<Row, ConstU32<MAX_ROWS>>;
/// The parents a version is added with.
pub type ParentList = BoundedVec<Parent, ConstU32<MAX_PARENTS>>;
/// All ancestors of a version, of every generation, each once.
pub type AncestorTable = BoundedVec<Ancestor, ConstU32<MAX_ANCESTORS>>;
/// The numbers of some rows of a table.
pub type RowList = BoundedVec<u16, ConstU32<MAX_ROWS>>;
/// The tensors that two versions have in common, by strictly rising hash.
pub type ReuseProof = BoundedVec<SharedTensor, ConstU32<MAX_SHARED>>;
/// The tensors of a claim of reuse, as its proof showed them.
pub type ClaimedTensors = BoundedVec<TensorLeaf, ConstU32<MAX_SHARED>>;
/// Those of them that stand in a still older version, by rising place.
pub type FoundTensors = BoundedVec<FoundTensor, ConstU32<MAX_SHARED>>;

/// A model, over all its versions.
#[stored]
pub struct Model {
	/// Who may add and deprecate versions; the deposits are held from it.
	pub owner: AccountId32,
	/// Who may become the owner by accepting the model.
	pub offered_to: Option<AccountId32>,
	/// What people call it; not unique.
	pub name: Name,
	/// How many versions it has.
	pub versions: u32,
	/// How many of them are not deprecated.
	pub open_versions: u32,
	/// The last block in which a deprecated version of it closes, or closed; 0 if there is none.
	pub last_close: BlockNumber,
	/// Held from the owner for the model, its versions and their rows, in planck.
	pub deposit: Balance,
}

/// One version of a model. Nothing in it ever changes but the floor price, and once, when it closes.
#[stored]
pub struct Version {
	/// The model it belongs to.
	pub model: ModelId,
	/// SHA-256 of the manifest of the artifact's files; unique on the chain.
	pub manifest_hash: Hash,
	/// Size of the artifact, in bytes.
	pub size: u64,
	/// SPDX expression of the licence, one that was allowed when the version was added.
	pub licence: Licence,
	/// Where the metadata can be read; may be empty if it is handed out in another way.
	pub metadata_uri: Uri,
	/// Hash of the metadata.
	pub metadata_hash: Hash,
	/// What one unit of its price is.
	pub meter: Meter,
	/// The least an oracle may ask for one unit.
	pub floor: Floor,
	/// The block it was added in: the contest window begins there.
	pub added: BlockNumber,
	/// The block it closes in, once it is deprecated: from there on nothing new is served.
	pub closes: Option<BlockNumber>,
	/// What every descendant owes it of its inflow, for ever, in parts per million.
	pub royalty: u32,
	/// What its tensors are known by; `None` if it has none of at least 4 KiB.
	pub tensor_root: Option<TensorRoot>,
}

impl Version {
	/// Whether new requests may be served in that block.
	pub fn is_open(&self, now: BlockNumber) -> bool {
		self.closes.is_none_or(|closes| now < closes)
	}
}

/// The floor price of a version and how it changes. [`Floor::at`] says what holds in a block.
#[stored]
#[derive(Copy)]
pub struct Floor {
	/// The least an oracle may ask for one unit, in planck.
	pub present: Balance,
	/// What was the least before; what was agreed under it is honest. In planck.
	pub previous: Balance,
	/// The block in which it rose last; 0 if it never did.
	pub since: BlockNumber,
	/// What judges settlements from between the last rise and the one before, in planck.
	pub before: Balance,
	/// The block of the rise before the last; 0 if there was none. What was settled earlier is judged
	/// by no floor: those of then are forgotten.
	pub before_since: BlockNumber,
	/// A higher floor that was announced.
	pub rise: Option<Rise>,
}

/// A floor price to come.
#[stored]
#[derive(Copy)]
pub struct Rise {
	/// The floor, in planck.
	pub price: Balance,
	/// The first block it holds in.
	pub from: BlockNumber,
}

/// A row of a version's contributor table, as it is given when the version is added. An account may
/// have several rows.
#[stored]
pub struct Contributor {
	/// Who is to be paid.
	pub account: AccountId32,
	/// What for.
	pub role: Role,
	/// Its share of the version's revenue, in parts per million.
	pub share: u32,
}

/// A row of a version's contributor table.
#[stored]
pub struct Row {
	/// Whose row it is.
	pub account: AccountId32,
	/// What for; never changes.
	pub role: Role,
	/// Its share of the version's revenue, in parts per million; never changes.
	pub share: u32,
	/// Whether it is of the owner's share: it is held while somebody may contest the version.
	pub owners: bool,
	/// Whether and whom it can be paid.
	pub state: RowState,
}

/// Whether and whom a row can be paid.
#[stored]
pub enum RowState {
	/// Its account has not accepted it: nobody can be paid, the money waits.
	Offered {
		/// The block it was offered in.
		since: BlockNumber,
	},
	/// Its account is paid.
	Accepted,
	/// It was not accepted in time: the dividend pot is paid, for ever.
	Forfeited,
}

/// How a version came out of its parent.
#[stored]
#[derive(Copy)]
pub enum Relation {
	/// Trained further.
	FineTune,
	/// A small set of weights beside the parent's.
	Adapter,
	/// The same weights, coarser.
	Quantised,
	/// Of several models' weights.
	Merge,
	/// Trained on the parent's answers.
	Distilled,
	/// The same weights in another format.
	Converted,
	/// Trained on data the parent is registered for.
	Dataset,
}

/// A version that another one comes from directly.
#[stored]
#[derive(Copy)]
pub struct Parent {
	/// The parent.
	pub version: VersionId,
	/// How the child came out of it.
	pub relation: Relation,
}

/// A version that another one comes from, through however many generations.
#[stored]
#[derive(Copy)]
pub struct Ancestor {
	/// The ancestor.
	pub version: VersionId,
	/// Its royalty, in parts per million of the descendant's inflow.
	pub rate: u32,
	/// What the descendant had earned when the ancestor entered the table, in planck: the royalty is
	/// due of what came after.
	pub since: Balance,
}

/// Somebody's word that a version is its own.
#[stored]
pub struct Contest {
	/// Hash of the evidence, which is shown off chain.
	pub evidence_hash: Hash,
	/// Held from the contester, in planck.
	pub deposit: Balance,
	/// The block it was lodged in.
	pub since: BlockNumber,
}

/// How a contest ends.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub enum Ruling {
	/// The version is the owner's; half of the deposit is the owner's too, the rest the dividend's.
	Dismissed,
	/// The version is the contester's: its owner's share passes over.
	Upheld {
		/// Rows beside the owner's share that pass over as well, because who stands there fronts for
		/// the owner.
		rows: RowList,
		/// Whether the whole model passes over, with its deposits.
		model: bool,
	},
}

/// What came of a proof that a version reuses an older one's weights.
#[stored]
pub enum Reuse {
	/// The older version became a parent of the newer one.
	Parent,
	/// The newer version could not owe the older one its royalty within the limits, and was closed.
	Closed,
	/// It was shown too late for that: this account can add no versions until it is settled.
	Open {
		/// Who owned the newer version's model then.
		owner: AccountId32,
	},
	/// Nothing more comes of it: it was settled, or both versions had become one owner's.
	Settled,
}

/// The word of somebody, with a deposit, that a version reuses an older one's weights. It is proved
/// that both hold the tensors that were shown; it can be refuted that they are the older one's.
#[stored]
pub struct ReuseClaim {
	/// The older version.
	pub older: VersionId,
	/// Who says so.
	pub prover: AccountId32,
	/// Held from the prover, in planck.
	pub deposit: Balance,
	/// The block it was lodged in.
	pub since: BlockNumber,
	/// Whether that was in the newer version's contest window: then the older version is to become
	/// a parent, otherwise the newer one's owner to be barred.
	pub in_window: bool,
}

/// A tensor that stands in the roots of two versions.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct SharedTensor {
	/// The tensor.
	pub leaf: TensorLeaf,
	/// That it stands in the older version's root.
	pub older: Inclusion,
	/// That it stands in the newer version's root.
	pub newer: Inclusion,
}

/// A tensor of a claim of reuse that stands in the root of a still older version.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct FoundTensor {
	/// Its place among the tensors of the claim, from 0.
	pub place: u8,
	/// That it stands in the root of the source.
	pub inclusion: Inclusion,
}

/// By which a claim of reuse is known: `H( older u32 | tensor[32] | bytes u64 | … )`, over the
/// tensors that were shown, in their order.
pub fn reuse_id(older: VersionId, tensors: &[TensorLeaf]) -> Hash {
	let mut bytes = older.encode();
	tensors.iter().for_each(|leaf| leaf.encode_to(&mut bytes));
	hash(&bytes)
}

/// Whether so many tensors, of so many bytes, are reuse by a version that holds `whole` bytes.
pub fn is_reuse<'a>(tensors: impl Iterator<Item = &'a TensorLeaf>, whole: u64) -> bool {
	let (mut count, mut bytes) = (0usize, 0u128);
	for leaf in tensors {
		count = count.saturating_add(1);
		bytes = bytes.saturating_add(leaf.bytes.into());
	}
	// Neither product is near 128 bits: there are at most 32 tensors of 64 bits.
	let enough_bytes =
		bytes.saturating_mul(PPM.into()) >= u128::from(whole).saturating_mul(REUSED_BYTES.into());
	count >= REUSED_TENSORS || (enough_bytes && count > 0)
}

/// Whether `name` can be shown to people: UTF-8 with something to see and no control characters.
pub fn is_valid_name(name: &[u8]) -> bool {
	core::str::from_utf8(name)
		.is_ok_and(|name| !name.trim().is_empty() && !name.chars().any(char::is_control))
}

/// Whether `licence` is made of the characters of an SPDX expression: printable ASCII, not empty.
pub fn is_valid_licence(licence: &[u8]) -> bool {
	!licence.is_empty() && licence.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// Whether `uri` is made of the characters of an address: printable ASCII without spaces.
pub fn is_valid_uri(uri: &[u8]) -> bool {
	uri.iter().all(u8::is_ascii_graphic)
}

/// Whether each of these shares is above 0 and they sum to exactly a whole.
pub fn is_whole(shares: impl Iterator<Item = u32> + Clone) -> bool {
	shares.clone().all(|share| share > 0) && shares.map(u64::from).sum::<u64>() == u64::from(PPM)
}
