//! What the pallet keeps and shows: verifiers, people and their marks, pending recoveries.

use crate::dispute::CaseId;
use frame_support::{stored, traits::ConstU32, BoundedVec};
use sp_runtime::AccountId32;
use usufruct_primitives::{
	personhood::SignedAttestation, Balance, BlockNumber, Class, DomainId, EpochIndex, Hash,
	PersonId, PublicKey, Region, VerifierId,
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
/// A set of domains, in no order.
pub type DomainIds = BoundedVec<DomainId, ConstU32<MAX_DOMAINS>>;
/// All that the domains know one person by.
pub type Marks = BoundedVec<Mark, ConstU32<MAX_DOMAINS>>;

/// Somebody trusted to tell humans apart.
#[stored]
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
	/// Once it is retired: the first block in which its bond may leave.
	pub bond_free_at: BlockNumber,
	/// Its last suspension, also one that has ended.
	pub suspension: Option<Suspension>,
	/// Whether its operator has stopped it: it attests nobody until it is resumed, and those whom it
	/// attested before claim as ever.
	pub stopped: bool,
	/// What its operator has on hold for it, in planck.
	pub bond: Balance,
	/// How many recognitions it attested: registrations, renewals and recoveries.
	pub attested: u32,
	/// How many disputes there were about people it had attested.
	pub disputed: u32,
	/// How many of them ended against the person, and so against it.
	pub upheld: u32,
	/// How many of them are open. While there are any, its bond stays.
	pub open_cases: u32,
}

impl Verifier {
	/// How many new people it may still attest in `epoch`, if a share of the last closed epoch was
	/// `per_head`: no more than its quota, and no more than its bond stands for, so that what it
	/// could gain by inventing people for two months it loses by the bond.
	pub fn quota_left(&self, epoch: EpochIndex, per_head: Balance) -> u32 {
		let backed = self
			.bond
			.checked_div(backing_of_one(per_head))
			.map_or(u32::MAX, |people| people.try_into().unwrap_or(u32::MAX));
		self.quota.min(backed).saturating_sub(self.used.in_epoch(epoch))
	}

	/// Whether it is suspended in `epoch`.
	pub fn is_suspended(&self, epoch: EpochIndex) -> bool {
		match self.suspension {
			None => false,
			Some(Suspension::Until(end)) => epoch < end,
			Some(Suspension::Confirmed) => true,
		}
	}

	/// Whether it may attest nobody in `epoch`, because it is suspended or stopped.
	pub fn is_barred(&self, epoch: EpochIndex) -> bool {
		self.stopped || self.is_suspended(epoch)
	}

	/// Counts one new person attested in `epoch`.
	pub(crate) fn use_quota(&mut self, epoch: EpochIndex) {
		self.used = Used { epoch, count: self.used.in_epoch(epoch).saturating_add(1) };
	}
}

/// How much of a bond stands for one person, if a share of an epoch is `per_head`: eight shares.
pub fn backing_of_one(per_head: Balance) -> Balance {
	per_head.saturating_mul(8)
}

/// How long a verifier is barred, with the people who need it.
#[stored]
#[derive(Copy)]
pub enum Suspension {
	/// Until that epoch; in the past if it has ended.
	Until(EpochIndex),
	/// Until it is resumed.
	Confirmed,
}

/// How many new people a verifier attested in the last epoch in which it attested any.
#[stored]
#[derive(Copy, Default)]
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
#[stored]
pub struct Mark {
	/// The domain.
	pub domain: DomainId,
	/// Its keyed hash of stable evidence of the human.
	pub nullifier: Hash,
}

/// A recognised human.
#[stored]
pub struct Person {
	/// The account that acts and is paid for it.
	pub account: AccountId32,
	/// What the attestations and the consent of its next action must carry: 1 once registered, and
	/// one more for each accepted renewal, recovery request and veto. So no attestation serves
	/// twice.
	pub nonce: u32,
	/// Whether recognition was withdrawn, for ever.
	pub revoked: bool,
	/// The verifiers of its last recognition.
	pub attested: VerifierIds,
	/// The region in which they say it lives; 0 if none says so, or they differ.
	pub region: Region,
	/// Everything the domains ever knew it by, at most one mark of each domain.
	pub marks: Marks,
	/// The dispute that freezes it, if there is one.
	pub frozen_by: Option<CaseId>,
	/// The request to recover it that the account's key has vetoed since the last recognition. It can
	/// veto no other one.
	pub vetoed: Option<Vetoed>,
}

/// A request for recovery that was vetoed.
#[stored]
pub struct Vetoed {
	/// The domains that asked for it, and those of the requests it had replaced. Before the veto
	/// ends, another request needs one domain more.
	pub domains: DomainIds,
	/// The first block in which the veto has ended.
	pub until: BlockNumber,
}

impl Vetoed {
	/// Whether it stands in block `now` against a request by these domains.
	pub fn bars(&self, domains: &DomainIds, now: BlockNumber) -> bool {
		now < self.until && domains.iter().all(|domain| self.domains.contains(domain))
	}
}

/// A person on its way to another account.
#[stored]
pub struct Recovery {
	/// The account it will have; reserved.
	pub account: AccountId32,
	/// The verifiers of the request.
	pub attested: VerifierIds,
	/// The region in which they say it lives; 0 if none says so, or they differ.
	pub region: Region,
	/// What domains will know the person by that do not yet.
	pub marks: Marks,
	/// All domains of this request and of those it replaced. One that replaces it needs another.
	pub tried: DomainIds,
	/// The first block in which it can be completed, and no more be vetoed.
	pub ready_at: BlockNumber,
}

/// A person as programs and wallets read it.
#[stored]
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
	/// The dispute that freezes it, if there is one.
	pub frozen_by: Option<CaseId>,
	/// Whether so many of the verifiers that attested it are suspended that others must attest it
	/// before it can claim.
	pub needs_attestation: bool,
	/// Whether it may claim now.
	pub may_claim: bool,
}
