//! What is stored of an oracle, and which endpoints may be stored.

use crate::SettleLimit;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{stored, traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use usufruct_primitives::{Balance, BlockNumber, PublicKey};

/// Longest endpoint, in bytes.
pub const MAX_ENDPOINT: u32 = 256;
/// Most asks an oracle can have.
pub const MAX_ASKS: u32 = 64;
/// Most parts of a bond that can be on their way out at once.
pub const MAX_UNBONDING: u32 = 16;
/// Most receipt keys an oracle can have replaced and still answer for.
pub const MAX_RETIRED_KEYS: u32 = 8;

/// The address of an oracle's HTTP service.
pub type Endpoint = BoundedVec<u8, ConstU32<MAX_ENDPOINT>>;
/// The parts of a bond that are on their way out.
pub type UnbondingQueue = BoundedVec<Unbonding, ConstU32<MAX_UNBONDING>>;

/// The receipt keys that an oracle replaced, the oldest first.
pub type RetiredKeyList = BoundedVec<RetiredKey, ConstU32<MAX_RETIRED_KEYS>>;

/// An oracle.
#[stored]
pub struct Oracle {
	/// What stands for its honesty, in planck; what is being unbonded is no part of it.
	pub bond: Balance,
	/// The ed25519 key that signs its receipts.
	pub receipt_key: PublicKey,
	/// Where it serves.
	pub endpoint: Endpoint,
	/// How many asks it has.
	pub asks: u32,
	/// The most it may settle within a challenge window.
	pub settle_limit: SettleLimit,
}

/// A part of a bond that is on its way out.
#[stored]
pub struct Unbonding {
	/// The first block in which it can be withdrawn.
	pub ready_at: BlockNumber,
	/// How much, in planck.
	pub amount: Balance,
}

/// A receipt key that was replaced.
#[stored]
pub struct RetiredKey {
	/// The ed25519 key.
	pub key: PublicKey,
	/// The block it was replaced in: it convicts of nothing that was settled later.
	pub retired_at: BlockNumber,
	/// The first block in which the oracle no longer answers for it.
	pub forgotten_at: BlockNumber,
}

/// An oracle as readers see it.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct OracleInfo {
	/// What stands for its honesty, in planck.
	pub bond: Balance,
	/// The part of the bond that is locked for settlements, in planck.
	pub locked: Balance,
	/// What of this is kept until it is released, because a settlement is in dispute, in planck.
	pub kept: Balance,
	/// The rest of the bond, which can be unbonded, in planck.
	pub free: Balance,
	/// What of that can be locked for further settlements now, which is less where the oracle limits
	/// what it settles, in planck.
	pub lockable: Balance,
	/// What is on its way out, no longer part of the bond.
	pub unbonding: UnbondingQueue,
	/// The ed25519 key that signs its receipts.
	pub receipt_key: PublicKey,
	/// The keys it replaced and still answers for.
	pub retired_keys: RetiredKeyList,
	/// The most it may settle within a challenge window.
	pub settle_limit: SettleLimit,
	/// Where it serves.
	pub endpoint: Endpoint,
	/// Whether its bond is at least the minimum.
	pub active: bool,
}

/// Whether `endpoint` is the address of an HTTP service: `http://` or `https://` and at least one
/// more character, printable ASCII without spaces.
pub fn is_valid_endpoint(endpoint: &[u8]) -> bool {
	[&b"https://"[..], b"http://"].iter().any(|scheme| {
		endpoint
			.strip_prefix(*scheme)
			.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_graphic))
	})
}
