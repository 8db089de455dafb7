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
//! ### A verifier's key is stolen
//!
//! The operator of the notary [stops](Pallet::suspend_verifier) it. From that block on nothing counts
//! that the thief signs, and it does not end by itself; but nobody doubts what the notary signed before,
//! so Alice claims as ever.
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
mod calls;
pub mod dispute;
mod errors;
mod events;
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

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use weights::WeightInfo;

#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
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
	use alloc::{collections::BTreeSet, vec::Vec};
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

		/// For how long a veto stands, in blocks: enough to suspend verifiers that were bought. It
		/// ends, so that no stolen key keeps a human out for ever.
		#[pallet::constant]
		type VetoTerm: Get<BlockNumber>;

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

	/// The verifiers a chain begins with. As many as must agree are of different domains and operators,
	/// as without people nobody votes on another; or no domain is named at all, and nobody is
	/// recognised.
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
			assert!(
				self.domains.is_empty() || self.independent() >= self.quorum as usize,
				"genesis: fewer verifiers independent of each other than must agree on a person"
			);
		}
	}

	impl<T: Config> GenesisConfig<T> {
		/// How many of the verifiers can agree on a person: no two of one domain or one operator.
		///
		/// By Kőnig's theorem as many as the fewest domains and operators of which each verifier has
		/// one. So all choices of domains are tried, at most 512, each with the operators of the rest.
		fn independent(&self) -> usize {
			let of_domains = |chosen: u32| {
				let (mut domains, mut operators) = (BTreeSet::new(), BTreeSet::new());
				for (domain, operator, ..) in &self.verifiers {
					if chosen & (1 << domain) != 0 {
						domains.insert(domain);
					} else {
						operators.insert(operator);
					}
				}
				domains.len().saturating_add(operators.len())
			};
			(0..1 << MAX_DOMAINS).map(of_domains).min().unwrap_or(0)
		}
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
			assert!(
				T::VetoTerm::get() > T::RecoveryDelay::get(),
				"a veto would gain less time than the delay it cuts short"
			);
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
				.filter(|record| !record.retired && !record.is_barred(epoch))
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

		/// What challenging that person costs now, in planck: the same for any reason.
		pub fn challenge_bond(person: PersonId, _reason: Reason) -> Balance {
			Self::bond_for(&Priors::<T>::get(person))
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
