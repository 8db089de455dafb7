//! Identifiers, units and the small enumerations that appear inside signed formats.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Money in planck; 10¹² planck are one [`UFR`].
pub type Balance = u128;
/// Height of a block; all periods are counted in blocks.
pub type BlockNumber = u32;
/// A 32-byte digest, root or commitment.
pub type Hash = [u8; 32];
/// The 32 bytes of an account.
pub type AccountBytes = [u8; 32];
/// An ed25519 public key.
pub type PublicKey = [u8; 32];
/// An ed25519 signature.
pub type Signature = [u8; 64];

/// A model, over all its versions.
pub type ModelId = u32;
/// One immutable version of a model; unique on the chain, not only within its model.
pub type VersionId = u32;
/// A consumer's channel to one oracle for one model, see [`crate::usage::channel_id`].
pub type ChannelId = Hash;
/// The number of a receipt within its channel: 1, 2, 3, …
pub type Seq = u64;
/// The number of a settlement of one oracle: 0, 1, 2, …; never reset.
pub type BatchNo = u64;
/// A verifier of people.
pub type VerifierId = u32;
/// A group of verifiers that share one keyed hash for nullifiers.
pub type DomainId = u32;
/// A recognised person; dense, from 0.
pub type PersonId = u32;
/// Where a human lives, as verifiers state it; 0 if they do not. What the numbers mean is agreed
/// among them: ISO 3166-1 numeric codes serve for countries.
pub type Region = u16;
/// An epoch of the dividend, from 0.
pub type EpochIndex = u32;

/// One token, in planck.
pub const UFR: Balance = 1_000_000_000_000;
/// A thousandth of a token, in planck; also the existential deposit.
pub const MILLI_UFR: Balance = UFR / 1_000;
/// A whole, in the unit of every share and weight: parts per million.
pub const PPM: u32 = 1_000_000;
/// Length of a block's slot, in milliseconds.
pub const MILLISECS_PER_BLOCK: u64 = 3_000;
/// Blocks in a day.
pub const DAYS: BlockNumber = (24 * 60 * 60 * 1_000 / MILLISECS_PER_BLOCK) as BlockNumber;

macro_rules! wire_enum {
	($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $index:literal),* $(,)? }) => {
		$(#[$meta])*
		#[derive(
			Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode,
			DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
		)]
		#[serde(rename_all = "snake_case")]
		#[repr(u8)]
		pub enum $name { $($(#[$vmeta])* #[codec(index = $index)] $variant = $index),* }
	};
}

wire_enum! {
	/// What one unit of a version's price is. Each can be recomputed from the committed input and
	/// output.
	Meter {
		/// One answered request.
		Request = 0,
		/// One token of the input.
		InputToken = 1,
		/// One token of the output.
		OutputToken = 2,
		/// One pixel.
		Pixel = 3,
		/// One millisecond of audio.
		AudioMillisecond = 4,
		/// One element of the input tensors.
		Element = 5,
	}
}

wire_enum! {
	/// How a request ended.
	Status {
		/// The whole output was delivered.
		Served = 0,
		/// A part of the output was delivered; only that part is billed.
		Partial = 1,
		/// Nothing was delivered: units 0, amount 0, output of the empty set.
		Failed = 2,
	}
}

wire_enum! {
	/// What an attestation is for.
	Purpose {
		/// First recognition.
		Register = 0,
		/// A further term for the same person.
		Renew = 1,
		/// The same person under a new account.
		Recover = 2,
	}
}

wire_enum! {
	/// How a verifier recognises people.
	Class {
		/// An official document.
		Document = 0,
		/// Meeting in person.
		InPerson = 1,
		/// A biometric.
		Biometric = 2,
		/// A community that vouches.
		Community = 3,
	}
}

wire_enum! {
	/// What a contributor did for a model version.
	Role {
		/// Owns the model.
		Owner = 0,
		/// Trained it.
		Trainer = 1,
		/// Annotated its data.
		Annotator = 2,
		/// Evaluated it.
		Evaluator = 3,
		/// Provided a data set.
		Dataset = 4,
	}
}
