//! What the registry stores, and when a text or a table may be stored.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::AccountId32;
use usufruct_primitives::{Balance, Hash, Meter, ModelId, Role, PPM};

/// Longest name of a model, in bytes.
pub const MAX_NAME: u32 = 64;
/// Longest licence expression, in bytes.
pub const MAX_LICENCE: u32 = 64;
/// Longest address of a version's metadata, in bytes.
pub const MAX_URI: u32 = 256;
/// Most rows a contributor table can have.
pub const MAX_ROWS: u32 = 64;

/// The name of a model, UTF-8.
pub type Name = BoundedVec<u8, ConstU32<MAX_NAME>>;
/// An SPDX licence expression.
pub type Licence = BoundedVec<u8, ConstU32<MAX_LICENCE>>;
/// Where a version's metadata can be read.
pub type Uri = BoundedVec<u8, ConstU32<MAX_URI>>;
/// Who shares in a version's revenue.
pub type ContributorTable = BoundedVec<Contributor, ConstU32<MAX_ROWS>>;

/// A model, over all its versions.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug,
)]
pub struct Model {
	/// Who may add and deprecate versions; the deposits are held from it.
	pub owner: AccountId32,
	/// What people call it; not unique.
	pub name: Name,
	/// How many versions it has.
	pub versions: u32,
	/// How many of them are not deprecated.
	pub open_versions: u32,
	/// Held from the owner for the model itself, in planck.
	pub deposit: Balance,
}

/// One version of a model. Nothing in it ever changes but [`Version::open`], once.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug,
)]
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
	/// The least an oracle may ask for one unit, in planck.
	pub floor_price: Balance,
	/// Whether new requests may be served: false once it is deprecated.
	pub open: bool,
	/// Held from the model's owner for the version and its rows, in planck.
	pub deposit: Balance,
}

/// A row of a version's contributor table. An account may have several rows.
#[derive(
	Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug,
)]
pub struct Contributor {
	/// Who is paid.
	pub account: AccountId32,
	/// What for.
	pub role: Role,
	/// Its share of the version's revenue, in parts per million.
	pub share: u32,
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

/// Whether every row has a share and the shares sum to exactly a whole.
pub fn is_whole(table: &[Contributor]) -> bool {
	table.iter().all(|row| row.share > 0)
		&& table.iter().map(|row| u64::from(row.share)).sum::<u64>() == u64::from(PPM)
}
