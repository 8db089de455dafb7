//! What the pallet keeps and shows: verifiers, people and their marks.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::AccountId32;
use usufruct_primitives::{
	personhood::SignedAttestation, Class, DomainId, EpochIndex, Hash, PersonId, PublicKey,
	VerifierId,
};

/// The most attestations one recognition is made on, and so the largest quorum.
pub const MAX_ATTESTATIONS: u32 = 5;
/// The smallest quorum: nobody is recognised by one verifier alone.
pub const MIN_QUORUM: u32 = 2;
/// The most domains under any quorum: fewer than two quorums of [`MAX_ATTESTATIONS`].
pub const MAX_DOMAINS: u32 = 2 * MAX_ATTESTATIONS - 1;

/// The name of a domain, UTF-8.
pub type DomainName = BoundedVec<u8, ConstU32<64>>;
/// The attestations of one call, sorted by verifier.
pub type Attestations = BoundedVec<SignedAttestation, ConstU32<MAX_ATTESTATIONS>>;
/// The verifiers of one recognition, sorted.
pub type VerifierIds = BoundedVec<VerifierId, ConstU32<MAX_ATTESTATIONS>>;
/// All that the domains know one person by.
pub type Marks = BoundedVec<Mark, ConstU32<MAX_DOMAINS>>;

/// Somebody trusted to tell humans apart.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Verifier {
	/// The domain whose keyed hash it computes nullifiers with.
	pub domain: DomainId,
	/// Who runs it. Two verifiers of one operator count as one in a quorum.
	pub operator: AccountId32,
	/// How it recognises people.
	pub class: Class,
	/// The ed25519 key it signs attestations with.
	pub key: PublicKey,
	/// How many new people it may attest in one epoch.
	pub quota: u32,
	/// How much of its quota is used.
	pub used: Used,
	/// Whether it may attest no more, for ever.
	pub retired: bool,
}

impl Verifier {
	/// How many new people it may still attest in `epoch`.
	pub fn quota_left(&self, epoch: EpochIndex) -> u32 {
		self.quota.saturating_sub(self.used.in_epoch(epoch))
	}

	/// Counts one new person attested in `epoch`.
	pub(crate) fn use_quota(&mut self, epoch: EpochIndex) {
		self.used = Used { epoch, count: self.used.in_epoch(epoch).saturating_add(1) };
	}
}

/// How many new people a verifier attested in the last epoch in which it attested any.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Used {
	/// That epoch.
	pub epoch: EpochIndex,
	/// How many.
	pub count: u32,
}

impl Used {
	fn in_epoch(&self, epoch: EpochIndex) -> u32 {
		if self.epoch == epoch {
			self.count
		} else {
			0
		}
	}
}

/// What one domain knows a human by.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Mark {
	/// The domain.
	pub domain: DomainId,
	/// Its keyed hash of stable evidence of the human.
	pub nullifier: Hash,
}

/// A recognised human.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Person {
	/// The account that acts and is paid for it.
	pub account: AccountId32,
	/// What the attestations and the consent of its next action must carry: 1 once registered, and
	/// one more for each accepted renewal. So no attestation serves twice.
	pub nonce: u32,
	/// Whether recognition was withdrawn, for ever.
	pub revoked: bool,
	/// The verifiers of its last recognition.
	pub attested: VerifierIds,
	/// Everything the domains ever knew it by, at most one mark of each domain.
	pub marks: Marks,
}

/// A person as programs and wallets read it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PersonInfo {
	/// Its id.
	pub person: PersonId,
	/// Its account.
	pub account: AccountId32,
	/// What the attestations and the consent of its next action must carry.
	pub nonce: u32,
	/// Whether recognition was withdrawn, for ever.
	pub revoked: bool,
	/// The first epoch of its present interval in the dividend.
	pub from: EpochIndex,
	/// The last epoch of it; below `from` if it was revoked before it began.
	pub until: EpochIndex,
}
