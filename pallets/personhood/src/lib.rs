//! People recognised by k of n independent verifiers, each human at most once.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module: its calls, its view functions, and [`Config`], by which the runtime
//! tells it who keeps the dividend's record of people. Other pallets see people through
//! [`usufruct_primitives::traits::People`].
//!
//! ## Overview
//!
//! **Verifiers** tell humans apart, each in its own way, and sign *attestations* with their own key.
//! Verifiers that share one keyed hash form a **domain**: whoever in it meets a human computes the
//! same *nullifier*, a hash of stable evidence of that human. The chain sees nullifiers and no
//! personal data. A **quorum** of k attestations, from different domains and of different
//! operators, makes an account a **person**; from then on each domain knows that human by a **mark**,
//! the nullifier, which is never forgotten.
//!
//! ### Alice is recognised
//!
//! Alice has an account and nothing in it. She visits a municipality (a verifier of domain 0) and a
//! notary (domain 1); each gives her an attestation: *register, this account, this nullifier, valid
//! for a day, nonce 0*. Her wallet signs a consent to exactly these two, and sends all of it by
//! [`register`](Pallet::register), as a transaction that nobody signs and nobody pays for. Bob, who
//! holds a balance, could submit it for her too and get the fee back, because it succeeds; he could
//! change nothing in it, nor use it for anybody else. Alice is person 7 and shares in the
//! dividend from the next epoch on. Her account gets a *sufficient* reference, so that it exists
//! and can claim without a balance.
//!
//! ### Alice renews
//!
//! Recognition ends with a term. In its last part Alice visits two verifiers again, who attest
//! *renew* with nonce 1. At least one of their domains must know her by the nullifier it gave
//! before, and none may know her by another one: the same human stands there. Anybody submits it
//! by [`renew`](Pallet::renew). After a lapse the same call brings her back.
//!
//! ### Mallory tries to be two
//!
//! Mallory is person 8 by domains 0 and 1, and goes to domains 1 and 2 with a second account. Domain
//! 1 gives the same nullifier as before, and [`NullifierUsed`](Error::NullifierUsed) ends it. There
//! is always such a domain: their number stays **below twice the quorum**, so any two quorums share
//! one. When the quorum rises, people recognised under a smaller one carry fewer marks; therefore the
//! least quorum anybody was recognised under goes on counting, and the rule is
//! `domains < quorum + least quorum`.
//!
//! ### Alice loses her phone
//!
//! With the key of a new account she visits two verifiers once more, and
//! [requests](Pallet::recover) to be moved there. Had somebody else bought two verifiers to take
//! her account, she could [`veto`](Pallet::veto) that with the old key. When the delay is over
//! anybody [completes](Pallet::complete_recovery) the move; person 7 and all it is due are the new
//! account's.
//!
//! ### A verifier is under suspicion
//!
//! Governance [suspends](Pallet::suspend_verifier) the notary. Nobody's record changes; but Alice,
//! one of whose two verifiers does not stand any more, cannot claim until she
//! [renews](Pallet::renew) by others, which she may do at once. What she is due waits. After eight
//! epochs the suspension ends by itself, unless a referendum [confirms](Pallet::confirm_suspension)
//! it.
//!
//! ### Bob challenges Mallory
//!
//! Bob puts a bond aside and [says](Pallet::challenge) that person 8 is nobody. Person 8 is frozen:
//! it goes on sharing and cannot claim. Fifteen people whom nobody could choose are
//! [drawn](Pallet::draw_jury) and [vote](Pallet::vote_case). They uphold it; there is no
//! [appeal](Pallet::decide_appeal), and so in the end person 8 is revoked, Bob gets his bond back and
//! a part of what the verifiers that attested it lose. Had they dismissed it, half of his bond would
//! have been Mallory's.
//!
//! ### Mallory is revoked
//!
//! When the dividend has swept every epoch she shared in, anybody may [`remove`](Pallet::remove) the
//! record, and the account's reference with it. The nullifiers stay, so the same human is not
//! recognised again. Until then a referendum can still [reinstate](Pallet::reinstate) her. People
//! who merely lapsed are not removed: their nullifiers would bar them for ever, while with the
//! record kept they can renew.
//!
//! ### What it does not stop
//!
//! An attestation says that *this account's applicant has this nullifier here*. Humans who appear
//! for the same account at different verifiers can mix their nullifiers. Each person uses up at
//! least k of them, so h colluding humans over d domains are at most h · d / k people: with d < 2k
//! fewer than two each, and with d = k never more than h.
//!
//! ## Low Level / Implementation Details
//!
//! Nothing is ever iterated but the attestations of one call and the verifiers of one person (at
//! most five), the marks of one person and the names of the domains (at most nine), and the
//! candidates of one jury (at most sixty). `attest.rs` holds the check of a quorum, `authorize.rs`
//! what goes in without a fee, `verifiers.rs` the admission of domains and verifiers and their
//! bonds, `suspension.rs`, `recover.rs`, `dispute.rs` and `jury.rs` what they are named for, and
//! `people.rs` recognition, its end and what other pallets see.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attest;
mod authorize;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking_set_up;
pub mod dispute;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
pub mod jury;
#[cfg(test)]
mod mock;
mod people;
mod recover;
pub mod suspension;
#[cfg(test)]
mod tests;
pub mod types;
mod verifiers;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::{
		dispute::{Case, CaseId, Outcome, PriorList, Reason, Stage},
		jury::{Round, Rounds, Seed},
		types::{
			Attestations, DomainIds, DomainName, Person, PersonInfo, Recovery, Verifier,
			VerifierIds, MAX_ATTESTATIONS, MAX_DOMAINS, MIN_QUORUM,
		},
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, Inspect},
			Randomness,
		},
	};
	use frame_system::pallet_prelude::*;
	use sp_core::H256;
	use sp_runtime::{traits::Zero, AccountId32, MultiSignature, Permill};
	use usufruct_primitives::{
		traits::Eligibility, Balance, BlockNumber, Class, DomainId, EpochIndex, Hash, PersonId,
		PublicKey, VerifierId,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId32, Hash = H256, RuntimeEvent: From<Event<Self>>>
	{
		/// Who keeps the record of which person shares in which epochs: the dividend.
		type Eligibility: Eligibility;

		/// The money of bonds.
		type Currency: fungible::Mutate<AccountId32, Balance = Balance>
			+ fungible::hold::Mutate<AccountId32, Reason: From<HoldReason>>;

		/// The account of the dividend pot, which gets what nobody else does.
		type DividendPot: Get<AccountId32>;

		/// Randomness for juries, with the block since which it could be known. It must change now
		/// and then; all that goes into one value must be made after the value before was known.
		type Randomness: Randomness<H256, BlockNumberFor<Self>>;

		/// Governance of domains, verifiers and quorum.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// A referendum of all people: decides appeals, confirms suspensions, revokes without a jury
		/// and reinstates.
		type AppealOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The least bond with which a verifier's attestations count, in planck.
		#[pallet::constant]
		type MinVerifierBond: Get<Balance>;

		/// How long after its retirement a verifier's bond stays, in blocks: longer than a dispute.
		#[pallet::constant]
		type BondRelease: Get<BlockNumber>;

		/// For how long a recovery can be vetoed before it can be completed, in blocks.
		#[pallet::constant]
		type RecoveryDelay: Get<BlockNumber>;

		/// What a challenge costs unless it is right, in planck. Half of it can be held by any
		/// account.
		#[pallet::constant]
		type ChallengeBond: Get<Balance>;

		/// The challenger's part of what verifiers lose.
		#[pallet::constant]
		type ChallengerShare: Get<Permill>;

		/// For how long a jury votes, in blocks.
		#[pallet::constant]
		type VotingTerm: Get<BlockNumber>;

		/// For how long a case can be appealed, in blocks: longer than a referendum takes.
		#[pallet::constant]
		type AppealTerm: Get<BlockNumber>;

		/// What the calls cost.
		type WeightInfo: WeightInfo;
	}

	/// Why money is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of a verifier, held from its operator.
		VerifierBond,
		/// The bond of a challenge, held from the challenger.
		Challenge,
	}

	/// How many verifiers must agree on a human.
	#[pallet::storage]
	pub type Quorum<T> = StorageValue<_, u32, ValueQuery, ConstU32<MIN_QUORUM>>;

	/// The smallest quorum anybody can have been recognised under.
	#[pallet::storage]
	pub type LeastQuorum<T> = StorageValue<_, u32, ValueQuery, ConstU32<MIN_QUORUM>>;

	/// The names of the domains; a domain's id is its place. None is ever taken away, because it
	/// still knows the humans it attested.
	#[pallet::storage]
	pub type Domains<T> =
		StorageValue<_, BoundedVec<DomainName, ConstU32<MAX_DOMAINS>>, ValueQuery>;

	/// The id the next verifier gets.
	#[pallet::storage]
	pub type NextVerifier<T> = StorageValue<_, VerifierId, ValueQuery>;

	/// Every verifier there ever was, the retired ones included.
	// Twox: governance's own counter, nobody can choose the key.
	#[pallet::storage]
	pub type Verifiers<T> = StorageMap<_, Twox64Concat, VerifierId, Verifier>;

	/// Whose key it is; kept after retirement, so that no key returns under another id.
	// Blake2: the key is chosen by its holder.
	#[pallet::storage]
	pub type VerifierOfKey<T> = StorageMap<_, Blake2_128Concat, PublicKey, VerifierId>;

	/// The id the next person gets, which is the number of people ever recognised.
	#[pallet::storage]
	pub type NextPerson<T> = StorageValue<_, PersonId, ValueQuery>;

	/// How many of them were revoked.
	#[pallet::storage]
	pub type RevokedCount<T> = StorageValue<_, u32, ValueQuery>;

	/// Every person that is not removed.
	// Twox: a dense counter, nobody can choose the key.
	#[pallet::storage]
	pub type People<T> = StorageMap<_, Twox64Concat, PersonId, Person>;

	/// Whose account it is.
	// Blake2: accounts are chosen by their holders.
	#[pallet::storage]
	pub type AccountOf<T> = StorageMap<_, Blake2_128Concat, AccountId32, PersonId>;

	/// Whom a domain knows by a nullifier. Kept for ever: also a removed person cannot return.
	// Twox for the domain, a small counter of governance's; Blake2 for the nullifier, which a
	// dishonest verifier can choose.
	#[pallet::storage]
	pub type Nullifiers<T> =
		StorageDoubleMap<_, Twox64Concat, DomainId, Blake2_128Concat, Hash, PersonId>;

	/// The account each recovery that is pending leads to.
	// Blake2: accounts are chosen by their holders.
	#[pallet::storage]
	pub type ReservedFor<T> = StorageMap<_, Blake2_128Concat, AccountId32, PersonId>;

	/// Recoveries that are pending: at most one of each person.
	// Twox: a dense counter, nobody can choose the key.
	#[pallet::storage]
	pub type Recoveries<T> = StorageMap<_, Twox64Concat, PersonId, Recovery>;

	/// The number the next dispute gets.
	#[pallet::storage]
	pub type NextCase<T> = StorageValue<_, CaseId, ValueQuery>;

	/// Disputes that are open: at most one about each person.
	// Twox: a dense counter, nobody can choose the key.
	#[pallet::storage]
	pub type Cases<T> = StorageMap<_, Twox64Concat, CaseId, Case>;

	/// The last disputes about a person that came to nothing, until the person is removed.
	// Twox: a dense counter, nobody can choose the key.
	#[pallet::storage]
	pub type Priors<T> = StorageMap<_, Twox64Concat, PersonId, PriorList, ValueQuery>;

	/// The rounds of challenges that have no seed yet.
	#[pallet::storage]
	pub type Docket<T> = StorageValue<_, Rounds, ValueQuery>;

	/// The seeds of rounds some of whose juries are not drawn yet.
	// Twox: the chain's own counter, nobody can choose the key.
	#[pallet::storage]
	pub type Seeds<T> = StorageMap<_, Twox64Concat, Round, Seed>;

	/// The verifiers a chain begins with.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// How many verifiers must agree.
		pub quorum: u32,
		/// The names of the domains, UTF-8.
		pub domains: Vec<Vec<u8>>,
		/// The verifiers: domain, operator, class, ed25519 key, quota of new people per epoch.
		pub verifiers: Vec<(DomainId, T::AccountId, Class, PublicKey, u32)>,
		/// The bond of each, held from its operator, in planck.
		pub verifier_bond: Balance,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				quorum: MIN_QUORUM,
				domains: Vec::new(),
				verifiers: Vec::new(),
				verifier_bond: 0,
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::change_quorum(self.quorum).expect("genesis: quorum");
			for name in &self.domains {
				let name = DomainName::try_from(name.clone()).expect("genesis: name of a domain");
				Pallet::<T>::admit_domain(name).expect("genesis: domain");
			}
			for (domain, operator, class, key, quota) in &self.verifiers {
				let verifier =
					Pallet::<T>::admit_verifier(*domain, operator.clone(), *class, *key, *quota)
						.expect("genesis: verifier");
				if !self.verifier_bond.is_zero() {
					Pallet::<T>::add_bond(operator, verifier, self.verifier_bond)
						.expect("genesis: bond of a verifier");
				}
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A domain was admitted.
		DomainAdded { domain: DomainId, name: DomainName },
		/// A verifier was admitted.
		VerifierAdded {
			verifier: VerifierId,
			domain: DomainId,
			operator: T::AccountId,
			class: Class,
			key: PublicKey,
			quota: u32,
		},
		/// A verifier may attest no more. Its bond may leave in block `bond_free_at`.
		VerifierRetired {
			verifier: VerifierId,
			domain: DomainId,
			operator: T::AccountId,
			bond_free_at: BlockNumber,
		},
		/// A verifier's operator put money aside for it, or got it back.
		BondChanged { verifier: VerifierId, operator: T::AccountId, old: Balance, new: Balance },
		/// A verifier may not attest before epoch `until`.
		VerifierSuspended { verifier: VerifierId, until: EpochIndex },
		/// A verifier may not attest until it is resumed.
		SuspensionConfirmed { verifier: VerifierId },
		/// A verifier's suspension ended before its time.
		VerifierResumed { verifier: VerifierId },
		/// A verifier lost part of its bond, because a dispute about somebody it had attested was
		/// upheld. `bond` is what it has left.
		VerifierSlashed {
			verifier: VerifierId,
			operator: T::AccountId,
			challenger: T::AccountId,
			reward: Balance,
			to_pot: Balance,
			bond: Balance,
		},
		/// Another number of verifiers must agree from now on.
		QuorumChanged { old: u32, new: u32 },
		/// A human was recognised, and shares in the dividend of the epochs `from` to `until`.
		PersonRegistered {
			person: PersonId,
			account: T::AccountId,
			verifiers: VerifierIds,
			from: EpochIndex,
			until: EpochIndex,
		},
		/// A person was recognised again; its present interval is `from` to `until`.
		PersonRenewed {
			person: PersonId,
			account: T::AccountId,
			verifiers: VerifierIds,
			from: EpochIndex,
			until: EpochIndex,
		},
		/// A person's recognition was withdrawn.
		PersonRevoked { person: PersonId, account: T::AccountId },
		/// The record of a revoked person was removed; its account is free.
		PersonRemoved { person: PersonId, account: T::AccountId },
		/// A revoked person was recognised again; it shares in the epochs `from` to `until`.
		PersonReinstated {
			person: PersonId,
			account: T::AccountId,
			from: EpochIndex,
			until: EpochIndex,
		},
		/// Somebody asked to move a person to a new account, which can be vetoed before block
		/// `ready_at` and completed from then on.
		RecoveryRequested {
			person: PersonId,
			account: T::AccountId,
			new_account: T::AccountId,
			verifiers: VerifierIds,
			ready_at: BlockNumber,
		},
		/// The key of the present account vetoed it. It needs another domain than these now.
		RecoveryVetoed {
			person: PersonId,
			account: T::AccountId,
			new_account: T::AccountId,
			domains: DomainIds,
		},
		/// A person has another account.
		PersonRecovered { person: PersonId, old: T::AccountId, new: T::AccountId },
		/// A person was challenged and is frozen.
		PersonChallenged {
			case: CaseId,
			person: PersonId,
			account: T::AccountId,
			challenger: T::AccountId,
			reason: Reason,
			evidence: Hash,
			bond: Balance,
		},
		/// The jury of a case was drawn, or too few could be.
		JuryDrawn { case: CaseId, jury: Vec<PersonId>, stage: Stage },
		/// A juror voted.
		CaseVoted { case: CaseId, juror: PersonId, uphold: bool },
		/// The votes of a jury were counted; no verdict is `None`.
		VotesCounted { case: CaseId, ayes: u32, nays: u32, verdict: Option<bool> },
		/// A dispute ended. The person, which had `account`, is revoked if it was upheld.
		CaseClosed {
			case: CaseId,
			person: PersonId,
			account: T::AccountId,
			challenger: T::AccountId,
			outcome: Outcome,
			bond: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// Fewer attestations than the quorum. Ask further verifiers, of other domains and
		/// operators, and submit all of them together.
		TooFewAttestations,
		/// Two attestations are by the same verifier, which counts once. Replace one by an
		/// attestation of a verifier of another domain and operator.
		SameVerifierTwice,
		/// The attestations are not sorted by the number of the verifier. Sort them; the consent must
		/// be signed over them in that order.
		NotSorted,
		/// This account is already a person's, or was a revoked person's whose record is not removed
		/// yet. To extend a recognition, renew; otherwise use another account.
		AlreadyAPerson,
		/// This account is no person's. Register first, or use the account that is registered.
		NotAPerson,
		/// No such person. Look the number up by the account.
		UnknownPerson,
		/// Recognition of this person was withdrawn, so it cannot be renewed.
		PersonIsRevoked,
		/// Recognition of this person was withdrawn before; there is nothing left to revoke.
		AlreadyRevoked,
		/// Only the record of a revoked person can be removed. One that lapsed stays, so that the
		/// person can renew.
		NotRevoked,
		/// An attestation is by a verifier this chain does not know. Ask one that the chain lists.
		UnknownVerifier,
		/// An attestation is by a verifier that was retired. Ask another one of the same domain.
		VerifierRetired,
		/// The verifier was retired before; there is nothing left to do.
		AlreadyRetired,
		/// An attestation is by a verifier that is suspended. Ask another one.
		VerifierSuspended,
		/// An attestation is by a verifier whose bond is below the minimum. Ask another one; its
		/// operator must post more.
		BondTooSmall,
		/// Only the operator of a verifier handles its bond. Use that account.
		NotTheOperator,
		/// The bond of a verifier that works stays. It must be retired first.
		NotRetired,
		/// Nothing is on hold for this verifier, so there is nothing to withdraw.
		NoBond,
		/// There are disputes about people this verifier attested. Wait until they are closed.
		CasesOpen,
		/// The verifier was retired too short a time ago: somebody it attested may still be
		/// challenged. Wait for the block given when it was retired.
		BondStays,
		/// The verifier is suspended already.
		AlreadySuspended,
		/// The last suspension of this verifier ended less than eight epochs ago without being
		/// confirmed. Wait, or retire it.
		SuspendedLately,
		/// The verifier is not suspended now.
		NotSuspended,
		/// The suspension is confirmed already.
		AlreadyConfirmed,
		/// A referendum has confirmed the suspension, so that only a referendum ends it.
		ConfirmedByReferendum,
		/// This account is where a person is about to be moved to. Use another account, or wait for
		/// the recovery to be completed.
		AccountReserved,
		/// A request to move this person is pending. It can only be replaced by attestations with a
		/// domain that none before it had, and the person can renew when it is over.
		RecoveryPending,
		/// The person's key has vetoed requests by these domains. Bring attestations with at least
		/// one other domain.
		Vetoed,
		/// No request to move this person is pending.
		NoRecovery,
		/// This account has vetoed since it was last attested, and may do so once. If the pending
		/// request is wrong, ask verifiers to attest you to an account of yours.
		AlreadyVetoed,
		/// The time to veto is over: the recovery can be completed.
		TooLateToVeto,
		/// The recovery can still be vetoed. Complete it in the block given when it was requested.
		RecoveryNotDue,
		/// A dispute about this person is open. Wait until it is closed.
		PersonIsFrozen,
		/// This evidence was judged before and found wanting. Bring other evidence.
		EvidenceBarred,
		/// No such dispute is open.
		UnknownCase,
		/// The jury of this case is drawn already.
		AlreadyDrawn,
		/// The randomness for this case's jury is not there yet. Try again in some blocks.
		NoSeedYet,
		/// The jury of this case does not vote now.
		NotVoting,
		/// You are not of the jury of this case.
		NotAJuror,
		/// You have voted on this case; a vote is final.
		AlreadyVoted,
		/// The jury still votes. Wait for the last block of its term, or until all have voted.
		StillVoting,
		/// This case cannot be appealed: the jury has not spoken, or the time is over.
		NotAppealable,
		/// This case cannot be closed: the jury has not spoken, or it can still be appealed.
		NotDecided,
		/// Two attestations are by verifiers of one domain, which counts once. Replace one by an
		/// attestation from another domain.
		SameDomain,
		/// Two attestations are by verifiers of one operator, which counts once. Replace one by an
		/// attestation of another operator.
		SameOperator,
		/// An attestation names another way of recognising people than its verifier is admitted for.
		/// Ask the verifier for a new one.
		WrongClass,
		/// A verifier has attested as many new people as it may in this epoch. Wait for the next
		/// epoch and ask it for a new attestation, or ask another verifier of its domain now.
		QuotaExhausted,
		/// An attestation carries another number than this person's counter: 0 to register, then one
		/// more for each accepted action, so that none serves twice. Ask for one with the present
		/// counter.
		WrongNonce,
		/// An attestation begins to be valid in a later block. Wait for that block.
		NotYetValid,
		/// An attestation is no longer valid. Ask the verifier for a new one and submit it in time.
		Expired,
		/// An attestation claims to be valid for longer than a day, which is the most allowed. Ask
		/// the verifier for one that expires sooner.
		ValidTooLong,
		/// A domain already knows this human as another person, or as one who was revoked. If that
		/// is you, use the account you registered with.
		NullifierUsed,
		/// A domain knows this person by another nullifier: it saw a different human. The human who
		/// registered must renew; if the domain errs, ask verifiers of other domains.
		AnotherHuman,
		/// None of the domains that attested knows this person yet. At least one of those it was
		/// recognised by before must attest again.
		NobodyKnowsThisPerson,
		/// The consent is not a signature of this account over exactly these attestations, in this
		/// order, for this action and chain. Sign the consent again with the account's own key.
		BadConsent,
		/// An attestation's signature is not its verifier's, or is over other content: another
		/// account, purpose or chain, or a field changed since. Submit it as it was given, or ask the
		/// verifier for a new one.
		BadSignature,
		/// No such domain. Add it first.
		UnknownDomain,
		/// A domain needs a name.
		DomainNameEmpty,
		/// There is a domain of this name. Add verifiers to it, or choose another name.
		DomainNameTaken,
		/// With one domain more, two quorums could do without a common one, and a human could be two
		/// people. Raise the quorum first, or add verifiers to a domain there is.
		TooManyDomains,
		/// The key is not a canonical ed25519 public key, or is of small order. Generate a new one.
		BadKey,
		/// The key belongs to a verifier, perhaps a retired one. Generate a new one.
		KeyInUse,
		/// A quorum is from two to five verifiers.
		QuorumOutOfBounds,
		/// There are too many domains for so small a quorum: two quorums could do without a common
		/// domain, and a human could be two people. Choose a larger one.
		QuorumTooSmall,
		/// A counter has reached its end: of people, of verifiers, of disputes, or of this person's
		/// actions. Only an upgrade of the chain can widen it.
		CounterExhausted,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Takes the seeds of juries when the chain's randomness changes. Constant work.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::turn_round()
		}

		fn integrity_test() {
			assert!(T::MinVerifierBond::get() > 0, "a verifier without a bond would attest");
			assert!(T::RecoveryDelay::get() > 0, "nobody could veto");
			assert!(T::VotingTerm::get() > 0, "nobody could vote");
			assert!(
				T::ChallengeBond::get() / 2 >= T::Currency::minimum_balance(),
				"an account without a balance could not get its half of a bond"
			);
			assert!(
				T::BondRelease::get() > T::VotingTerm::get().saturating_add(T::AppealTerm::get()),
				"a bond could leave before a dispute ends"
			);
			let normal = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
			let most = MAX_ATTESTATIONS;
			for (name, call, authorize) in [
				(
					"register",
					T::WeightInfo::register(most),
					T::WeightInfo::authorize_register(most),
				),
				("renew", T::WeightInfo::renew(most), T::WeightInfo::authorize_renew(most)),
				("recover", T::WeightInfo::recover(most), T::WeightInfo::authorize_recover(most)),
				(
					"complete_recovery",
					T::WeightInfo::complete_recovery(),
					T::WeightInfo::authorize_complete_recovery(),
				),
			] {
				let both = call.saturating_add(authorize);
				assert!(
					normal.is_none_or(|normal| both.all_lte(normal)),
					"{name} and its authorisation fit in no block"
				);
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Admits a domain: a group of verifiers that share one keyed hash for nullifiers.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// A domain is never removed. Costs one read and one write of all domains' names, at most
		/// nine.
		///
		/// ## Errors
		/// - [`Error::DomainNameEmpty`], [`Error::DomainNameTaken`].
		/// - [`Error::TooManyDomains`]: any two quorums would no longer share a domain.
		///
		/// ## Events
		/// - [`Event::DomainAdded`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::add_domain())]
		pub fn add_domain(origin: OriginFor<T>, name: DomainName) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::admit_domain(name)
		}

		/// Admits a verifier to a domain.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// `key` is the ed25519 key it signs attestations with, never used by any verifier before.
		/// `quota` is how many new people it may attest in one epoch; renewals and recoveries are not
		/// counted. It is never more than the bond stands for: an eighth of the bond, in shares of
		/// the last closed epoch. Nothing it attests counts before the operator has
		/// [posted](Pallet::post_bond) a bond. Constant cost, with one decompression of a curve
		/// point.
		///
		/// ## Errors
		/// - [`Error::UnknownDomain`].
		/// - [`Error::BadKey`], [`Error::KeyInUse`].
		/// - [`Error::CounterExhausted`].
		///
		/// ## Events
		/// - [`Event::VerifierAdded`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::add_verifier())]
		pub fn add_verifier(
			origin: OriginFor<T>,
			domain: DomainId,
			operator: T::AccountId,
			class: Class,
			key: PublicKey,
			quota: u32,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::admit_verifier(domain, operator, class, key, quota)?;
			Ok(())
		}

		/// Makes `account` a person, on the attestations of a quorum of verifiers and the account's
		/// own consent.
		///
		/// ## Dispatch Origin
		/// Nobody, as a general transaction, which is authorised exactly if it would succeed and
		/// costs no fee. Or any signed account that can advance the fee; it need not be `account`: a
		/// relayer may submit for somebody else. What it submits works for that account only, and
		/// anybody else who submits a copy does the same for the same person.
		///
		/// ## Details
		/// Between the quorum and five attestations, all of which must hold, sorted by verifier, by
		/// different verifiers of different domains and operators, for the purpose *register* with
		/// nonce 0. `consent` is the account's signature, by any scheme of accounts, over exactly
		/// these attestations, raw or as wallets' `signRaw` wraps them. The account gets a
		/// sufficient reference, and shares in the dividend from the next epoch on. The fee is
		/// returned on success and due on failure.
		///
		/// Costs grow with the number of attestations: a signature, two reads and two writes each.
		///
		/// ## Errors
		/// - [`Error::AlreadyAPerson`], [`Error::AccountReserved`].
		/// - The set: [`Error::TooFewAttestations`], [`Error::SameVerifierTwice`],
		///   [`Error::NotSorted`], [`Error::SameDomain`], [`Error::SameOperator`].
		/// - An attestation: [`Error::WrongNonce`], [`Error::NotYetValid`], [`Error::Expired`],
		///   [`Error::ValidTooLong`], [`Error::WrongClass`], [`Error::NullifierUsed`],
		///   [`Error::BadSignature`].
		/// - A verifier: [`Error::UnknownVerifier`], [`Error::VerifierRetired`],
		///   [`Error::VerifierSuspended`], [`Error::BondTooSmall`], [`Error::QuotaExhausted`].
		/// - [`Error::BadConsent`], [`Error::CounterExhausted`].
		///
		/// ## Events
		/// - [`Event::PersonRegistered`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::register(attestations.len() as u32))]
		#[pallet::authorize(|_source, account, attestations, consent| {
			Self::authorize_register(account, attestations, consent)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_register(attestations.len() as u32))]
		pub fn register(
			origin: OriginFor<T>,
			account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_register(account, &attestations, &consent)?;
			Ok(Pays::No.into())
		}

		/// Recognises the person of `account` for a further term, also after a lapse.
		///
		/// ## Dispatch Origin
		/// Nobody or any signed account, as for [`register`](Pallet::register).
		///
		/// ## Details
		/// As [`register`](Pallet::register), for the purpose *renew* and with the person's counter
		/// as nonce. A domain that knows the person must give the same nullifier as before; one
		/// that does not yet must give one nobody has; at least one of the domains must know it.
		/// No quota is used. The fee is returned on success and due on failure.
		///
		/// A person who cannot claim, because its verifiers are suspended, may do so before the last
		/// part of its term: then it is recognised by these verifiers from now on, and its interval
		/// stays.
		///
		/// Costs grow with the number of attestations: a signature, two reads and at most two writes
		/// each; and five reads for the verifiers of before.
		///
		/// ## Errors
		/// - [`Error::NotAPerson`], [`Error::PersonIsRevoked`], [`Error::RecoveryPending`].
		/// - [`Error::AnotherHuman`], [`Error::NobodyKnowsThisPerson`].
		/// - Those of [`register`](Pallet::register), but for the account and the quota.
		/// - Those of the dividend: it is too early to renew.
		///
		/// ## Events
		/// - [`Event::PersonRenewed`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::renew(attestations.len() as u32))]
		#[pallet::authorize(|_source, account, attestations, consent| {
			Self::authorize_renew(account, attestations, consent)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_renew(attestations.len() as u32))]
		pub fn renew(
			origin: OriginFor<T>,
			account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_renew(account, &attestations, &consent)?;
			Ok(Pays::No.into())
		}

		/// Withdraws a person's recognition.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// The person shares in no further epoch, and what it had not claimed goes back to the pot.
		/// Its nullifiers stay used. Its account keeps the sufficient reference until the record is
		/// [removed](Pallet::remove). A pending recovery ends. While a dispute about it is open, that
		/// decides. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::AlreadyRevoked`], [`Error::PersonIsFrozen`].
		///
		/// ## Events
		/// - [`Event::PersonRevoked`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, person: PersonId) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			let record = People::<T>::get(person).ok_or(Error::<T>::UnknownPerson)?;
			ensure!(record.frozen_by.is_none(), Error::<T>::PersonIsFrozen);
			Self::do_revoke(person, record)
		}

		/// Changes how many verifiers must agree on a human.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Counts for every registration and renewal from now on; people recognised before stay.
		/// Constant cost.
		///
		/// ## Errors
		/// - [`Error::QuorumOutOfBounds`]: it is from two to five.
		/// - [`Error::QuorumTooSmall`]: for the domains there are.
		///
		/// ## Events
		/// - [`Event::QuorumChanged`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_quorum())]
		pub fn set_quorum(origin: OriginFor<T>, k: u32) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::change_quorum(k)
		}

		/// Bars a verifier from attesting, at once and for ever.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Attestations it gave that are not used yet are void. The people it attested stay, and its
		/// domain goes on with its other verifiers. Its bond stays for the longest dispute there can
		/// be. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::AlreadyRetired`].
		///
		/// ## Events
		/// - [`Event::VerifierRetired`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::retire_verifier())]
		pub fn retire_verifier(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::end_verifier(verifier)
		}

		/// Removes the record of a revoked person, once the dividend has swept all its epochs.
		///
		/// ## Dispatch Origin
		/// Any signed account that can advance the fee, which is returned on success.
		///
		/// ## Details
		/// The account loses its sufficient reference, and with it its existence if it holds
		/// nothing; it may then be registered by another human. The nullifiers stay used. Constant
		/// cost.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`].
		/// - [`Error::NotRevoked`].
		/// - Those of the dividend: not all of the person's epochs are swept.
		///
		/// ## Events
		/// - [`Event::PersonRemoved`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::remove())]
		pub fn remove(origin: OriginFor<T>, person: PersonId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_remove(person)?;
			Ok(Pays::No.into())
		}

		/// Puts money of the operator on hold as a verifier's bond, beside what is there.
		///
		/// ## Dispatch Origin
		/// Signed, by the operator of the verifier.
		///
		/// ## Details
		/// Its attestations count from [`Config::MinVerifierBond`] on, and it may attest as many new
		/// people in an epoch as an eighth of the bond is shares of the last closed epoch. Constant
		/// cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotTheOperator`], [`Error::VerifierRetired`].
		/// - The currency's, if the money is not there.
		///
		/// ## Events
		/// - [`Event::BondChanged`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::post_bond())]
		pub fn post_bond(
			origin: OriginFor<T>,
			verifier: VerifierId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::add_bond(&operator, verifier, amount)
		}

		/// Returns the bond of a retired verifier to its operator.
		///
		/// ## Dispatch Origin
		/// Signed, by the operator of the verifier.
		///
		/// ## Details
		/// [`Config::BondRelease`] after it was retired, and when no dispute about anybody it attested
		/// is open. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotTheOperator`], [`Error::NotRetired`].
		/// - [`Error::NoBond`], [`Error::CasesOpen`], [`Error::BondStays`].
		///
		/// ## Events
		/// - [`Event::BondChanged`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::withdraw_bond())]
		pub fn withdraw_bond(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::release_bond(&operator, verifier)
		}

		/// Bars a verifier from attesting, at once, for eight epochs.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// Nobody's record changes. People too few of whose verifiers stand go on sharing and
		/// voting, and cannot claim until they [renew](Pallet::renew) by others; nothing they are
		/// due is lost but what leaves the claim window. After it has ended unconfirmed, a verifier
		/// cannot be suspended for eight epochs. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::AlreadySuspended`], [`Error::SuspendedLately`].
		///
		/// ## Events
		/// - [`Event::VerifierSuspended`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::suspend_verifier())]
		pub fn suspend_verifier(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::suspend(verifier)
		}

		/// Ends the suspension of a verifier now.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`], unless it was confirmed; [`Config::AppealOrigin`] in any case.
		///
		/// ## Details
		/// Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotSuspended`], [`Error::ConfirmedByReferendum`].
		///
		/// ## Events
		/// - [`Event::VerifierResumed`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::resume_verifier())]
		pub fn resume_verifier(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			let by_referendum = match T::AppealOrigin::try_origin(origin) {
				Ok(_) => true,
				Err(origin) => {
					T::AdminOrigin::ensure_origin(origin)?;
					false
				},
			};
			Self::resume(verifier, by_referendum)
		}

		/// Makes a suspension last until it is resumed.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// Only before it has ended by itself. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::NotSuspended`], [`Error::AlreadyConfirmed`].
		///
		/// ## Events
		/// - [`Event::SuspensionConfirmed`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::confirm_suspension())]
		pub fn confirm_suspension(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			Self::confirm(verifier)
		}

		/// Asks to move a person to `new_account`, on the attestations of a quorum of verifiers that
		/// the same human stands there, and the new account's consent.
		///
		/// ## Dispatch Origin
		/// Nobody or any signed account, as for [`register`](Pallet::register).
		///
		/// ## Details
		/// The attestations are about `new_account`, for the purpose *recover* and with the person's
		/// counter as nonce, and are checked as those of a [renewal](Pallet::renew). The account is
		/// reserved from then on. After [`Config::RecoveryDelay`], in which the present account may
		/// [`veto`](Pallet::veto), anybody [completes](Pallet::complete_recovery) it. A pending
		/// request is replaced by one with a domain that none before it had. The fee is returned on
		/// success and due on failure.
		///
		/// Costs grow with the number of attestations: a signature, two reads and two writes each;
		/// and five writes for a request that is replaced.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::PersonIsRevoked`].
		/// - `new_account`: [`Error::AlreadyAPerson`], [`Error::AccountReserved`].
		/// - [`Error::Vetoed`], [`Error::RecoveryPending`].
		/// - Those of [`renew`](Pallet::renew) about attestations.
		///
		/// ## Events
		/// - [`Event::RecoveryRequested`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::recover(attestations.len() as u32))]
		#[pallet::authorize(|_source, person, new_account, attestations, consent| {
			Self::authorize_recover(*person, new_account, attestations, consent)
		})]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_recover(attestations.len() as u32))]
		pub fn recover(
			origin: OriginFor<T>,
			person: PersonId,
			new_account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_recover(person, new_account, &attestations, &consent)?;
			Ok(Pays::No.into())
		}

		/// Ends the pending request to move the signer's person away.
		///
		/// ## Dispatch Origin
		/// Signed, by the account of the person. Free exactly when it succeeds.
		///
		/// ## Details
		/// Once between two recognitions. From then on a request needs a domain that none of the
		/// vetoed ones had. Constant cost.
		///
		/// ## Errors
		/// - [`Error::NotAPerson`], [`Error::NoRecovery`].
		/// - [`Error::AlreadyVetoed`], [`Error::TooLateToVeto`], [`Error::CounterExhausted`].
		///
		/// ## Events
		/// - [`Event::RecoveryVetoed`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::veto())]
		#[pallet::feeless_if(|origin: &OriginFor<T>| -> bool {
			ensure_signed(origin.clone()).is_ok_and(|who| Pallet::<T>::check_veto(&who).is_ok())
		})]
		pub fn veto(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let veto = Self::check_veto(&who)?;
			Self::do_veto(veto);
			Ok(())
		}

		/// Moves a person to the account of a request that nobody vetoed in time.
		///
		/// ## Dispatch Origin
		/// Nobody or any signed account, as for [`register`](Pallet::register).
		///
		/// ## Details
		/// The sufficient reference moves too: an old account that holds nothing ceases to exist. The
		/// fee is returned on success and due on failure. Constant cost.
		///
		/// ## Errors
		/// - [`Error::NoRecovery`], [`Error::RecoveryNotDue`].
		///
		/// ## Events
		/// - [`Event::PersonRecovered`].
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::complete_recovery())]
		#[pallet::authorize(|_source, person| Self::authorize_complete_recovery(*person))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_complete_recovery())]
		pub fn complete_recovery(
			origin: OriginFor<T>,
			person: PersonId,
		) -> DispatchResultWithPostInfo {
			Self::ensure_signed_or_authorized(origin)?;
			Self::do_complete_recovery(person)?;
			Ok(Pays::No.into())
		}

		/// Says, for a bond, that somebody is no person, and freezes it until that is decided.
		///
		/// ## Dispatch Origin
		/// Signed.
		///
		/// ## Details
		/// `evidence` is the hash of what shows it, which is kept elsewhere. The bond is
		/// [`Config::ChallengeBond`], or double the last one if a dispute about that person for that
		/// reason came to nothing in the last four epochs. What the person could claim is put aside
		/// for it; it goes on sharing, and cannot claim. Constant cost, with one read and one write
		/// for each verifier that attested it.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::PersonIsRevoked`], [`Error::PersonIsFrozen`].
		/// - [`Error::EvidenceBarred`], [`Error::CounterExhausted`].
		/// - The currency's, if the bond is not there.
		///
		/// ## Events
		/// - [`Event::PersonChallenged`].
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::challenge())]
		pub fn challenge(
			origin: OriginFor<T>,
			person: PersonId,
			reason: Reason,
			evidence: Hash,
		) -> DispatchResult {
			let challenger = ensure_signed(origin)?;
			Self::open_case(challenger, person, reason, evidence)
		}

		/// Draws the jury of a case.
		///
		/// ## Dispatch Origin
		/// Any signed account. Free exactly when it succeeds, so that also the person can, which may
		/// hold nothing.
		///
		/// ## Details
		/// Fifteen people, drawn with a seed that was unknown when the challenge was made and is the
		/// same whenever this is called. Passed over are those revoked, frozen or lapsed, those who
		/// share since less than four epochs before the challenge, and both parties. If fewer than
		/// nine are found among sixty candidates, there is no verdict, and an appeal may decide.
		/// Costs two reads for each candidate.
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::AlreadyDrawn`], [`Error::NoSeedYet`].
		///
		/// ## Events
		/// - [`Event::JuryDrawn`].
		#[pallet::call_index(17)]
		#[pallet::weight(T::WeightInfo::draw_jury())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId| -> bool {
			ensure_signed(origin.clone()).is_ok() && Pallet::<T>::check_draw(*case).is_ok()
		})]
		pub fn draw_jury(origin: OriginFor<T>, case: CaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::seat_jury(case)
		}

		/// Votes on a case as one of its jury.
		///
		/// ## Dispatch Origin
		/// Signed, by the account of a juror. Free exactly when it succeeds.
		///
		/// ## Details
		/// `uphold` says that the challenge is right. A vote is final. Constant cost.
		///
		/// ## Errors
		/// - [`Error::NotAPerson`], [`Error::UnknownCase`], [`Error::NotVoting`].
		/// - [`Error::NotAJuror`], [`Error::AlreadyVoted`], [`Error::PersonIsRevoked`].
		///
		/// ## Events
		/// - [`Event::CaseVoted`].
		#[pallet::call_index(18)]
		#[pallet::weight(T::WeightInfo::vote_case())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId, _: &bool| -> bool {
			ensure_signed(origin.clone())
				.is_ok_and(|who| Pallet::<T>::check_vote(&who, *case).is_ok())
		})]
		pub fn vote_case(origin: OriginFor<T>, case: CaseId, uphold: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let (juror, mut record, place) = Self::check_vote(&who, case)?;
			if let Some(seat) = record.jury.get_mut(place) {
				seat.vote = Some(uphold);
			}
			Cases::<T>::insert(case, record);
			Self::deposit_event(Event::CaseVoted { case, juror, uphold });
			Ok(())
		}

		/// Counts the votes of a jury.
		///
		/// ## Dispatch Origin
		/// Any signed account. Free exactly when it succeeds, so that also the person can, which may
		/// hold nothing.
		///
		/// ## Details
		/// When all have voted, or the term is over. Two thirds of at least nine votes decide. A
		/// dismissal ends the case: half of the bond is the person's and half the dividend's.
		/// Otherwise it can be [appealed](Pallet::decide_appeal) for [`Config::AppealTerm`], and the
		/// person stays frozen. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::NotVoting`], [`Error::StillVoting`].
		///
		/// ## Events
		/// - [`Event::VotesCounted`]; [`Event::CaseClosed`] if it is dismissed.
		#[pallet::call_index(19)]
		#[pallet::weight(T::WeightInfo::resolve_case())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId| -> bool {
			ensure_signed(origin.clone()).is_ok() && Pallet::<T>::check_count(*case).is_ok()
		})]
		pub fn resolve_case(origin: OriginFor<T>, case: CaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::count_votes(case)
		}

		/// Decides a case whose jury upheld it or found no verdict.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// Within [`Config::AppealTerm`] after the votes were counted. Ends the case. Constant cost,
		/// with one read and one write and a transfer or two for each verifier that attested the
		/// person.
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::NotAppealable`].
		///
		/// ## Events
		/// - [`Event::CaseClosed`]; if it upholds the challenge [`Event::PersonRevoked`], and
		///   [`Event::VerifierSlashed`] for each verifier that has a bond.
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::decide_appeal())]
		pub fn decide_appeal(origin: OriginFor<T>, case: CaseId, uphold: bool) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			Self::decide(case, uphold)
		}

		/// Carries out what the jury found, when nobody can appeal any more.
		///
		/// ## Dispatch Origin
		/// Any signed account. Free exactly when it succeeds, so that also the person can, which may
		/// hold nothing.
		///
		/// ## Details
		/// Upheld: the person is revoked, the challenger's bond is released, and each verifier that
		/// attested the person loses eight shares of the last closed epoch, at least
		/// [`Config::ChallengeBond`]; [`Config::ChallengerShare`] of it is the challenger's, the rest
		/// the dividend's. No verdict: the person is free and has half of the bond, the challenger
		/// the other half. Costs as [`decide_appeal`](Pallet::decide_appeal).
		///
		/// ## Errors
		/// - [`Error::UnknownCase`], [`Error::NotDecided`].
		///
		/// ## Events
		/// - As [`decide_appeal`](Pallet::decide_appeal).
		#[pallet::call_index(21)]
		#[pallet::weight(T::WeightInfo::close_case())]
		#[pallet::feeless_if(|origin: &OriginFor<T>, case: &CaseId| -> bool {
			ensure_signed(origin.clone()).is_ok() && Pallet::<T>::check_close(*case).is_ok()
		})]
		pub fn close_case(origin: OriginFor<T>, case: CaseId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::carry_out(case)
		}

		/// Gives a revoked person its recognition back.
		///
		/// ## Dispatch Origin
		/// [`Config::AppealOrigin`].
		///
		/// ## Details
		/// As long as its record is not [removed](Pallet::remove). It shares from the next epoch on,
		/// for a term; what it forfeited stays forfeited. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::NotRevoked`].
		///
		/// ## Events
		/// - [`Event::PersonReinstated`].
		#[pallet::call_index(22)]
		#[pallet::weight(T::WeightInfo::reinstate())]
		pub fn reinstate(origin: OriginFor<T>, person: PersonId) -> DispatchResult {
			T::AppealOrigin::ensure_origin(origin)?;
			Self::do_reinstate(person)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The person whose account this is, also a revoked one until its record is removed.
		pub fn person(account: T::AccountId) -> Option<PersonInfo> {
			let id = AccountOf::<T>::get(account)?;
			let person = People::<T>::get(id)?;
			let (from, until) = T::Eligibility::interval(id)?;
			Some(PersonInfo {
				person: id,
				needs_attestation: Self::needs_attestation(&person),
				may_claim: Self::may_claim_now(&person),
				account: person.account,
				nonce: person.nonce,
				revoked: person.revoked,
				from,
				until,
				frozen_by: person.frozen_by,
			})
		}

		/// A verifier, also a retired one.
		pub fn verifier(verifier: VerifierId) -> Option<Verifier> {
			Verifiers::<T>::get(verifier)
		}

		/// How many new people a verifier may still attest in this epoch; 0 if its attestations do
		/// not count now.
		pub fn quota_left(verifier: VerifierId) -> u32 {
			let epoch = T::Eligibility::current_epoch();
			let per_head = T::Eligibility::last_per_head();
			Verifiers::<T>::get(verifier)
				.filter(|record| !record.retired && !record.is_suspended(epoch))
				.filter(|record| record.bond >= T::MinVerifierBond::get())
				.map_or(0, |record| record.quota_left(epoch, per_head))
		}

		/// The recovery of a person that is pending.
		pub fn recovery(person: PersonId) -> Option<Recovery> {
			Recoveries::<T>::get(person)
		}

		/// A dispute that is open, with its jury.
		pub fn case(case: CaseId) -> Option<Case> {
			Cases::<T>::get(case)
		}

		/// Since which block a dispute freezes that person, if one does: it cannot claim, and votes
		/// only on what was opened before.
		pub fn frozen_since(person: PersonId) -> Option<BlockNumber> {
			let case = People::<T>::get(person)?.frozen_by?;
			Some(Cases::<T>::get(case)?.opened)
		}

		/// What challenging that person for that reason costs now, in planck.
		pub fn challenge_bond(person: PersonId, reason: Reason) -> Balance {
			Self::bond_for(&Priors::<T>::get(person), reason)
		}

		/// How many verifiers must agree on a human.
		pub fn quorum() -> u32 {
			Quorum::<T>::get()
		}

		/// How many people were recognised and not revoked, those whose term is over included.
		pub fn people() -> u32 {
			NextPerson::<T>::get().saturating_sub(RevokedCount::<T>::get())
		}
	}
}
