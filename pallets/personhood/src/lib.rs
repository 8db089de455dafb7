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
//! for a day, nonce 0*. Her wallet signs a consent to exactly these two. Bob, who holds a balance,
//! submits all of it by [`register`](Pallet::register) and gets the fee back, because it succeeds; he
//! can change nothing in it, nor use it for anybody else. Alice is person 7 and shares in the
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
//! ### Mallory is revoked
//!
//! Governance withdraws recognition by [`revoke`](Pallet::revoke). When the dividend has swept every
//! epoch she shared in, anybody may [`remove`](Pallet::remove) the record, and the account's
//! reference with it. The nullifiers stay, so the same human is not recognised again. People who
//! merely lapsed are not removed: their nullifiers would bar them for ever, while with the record
//! kept they can renew.
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
//! Nothing is ever iterated but the attestations of one call (at most five), the marks of one person
//! and the names of the domains (at most nine). `attest.rs` holds the check of a quorum,
//! `verifiers.rs` the admission of domains and verifiers, `people.rs` what other pallets see.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attest;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
#[cfg(test)]
mod mock;
mod people;
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
		attest::Applicant,
		types::{
			Attestations, DomainName, Marks, Person, PersonInfo, Verifier, VerifierIds,
			MAX_DOMAINS, MIN_QUORUM,
		},
	};
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use sp_core::H256;
	use sp_runtime::{AccountId32, MultiSignature, Saturating};
	use usufruct_primitives::{
		traits::Eligibility, Class, DomainId, EpochIndex, Hash, PersonId, PublicKey, Purpose,
		VerifierId,
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
		/// What the calls cost.
		type WeightInfo: WeightInfo;
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

	/// The verifiers a chain begins with.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// How many verifiers must agree.
		pub quorum: u32,
		/// The names of the domains, UTF-8.
		pub domains: Vec<Vec<u8>>,
		/// The verifiers: domain, operator, class, ed25519 key, quota of new people per epoch.
		pub verifiers: Vec<(DomainId, T::AccountId, Class, PublicKey, u32)>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { quorum: MIN_QUORUM, domains: Vec::new(), verifiers: Vec::new() }
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
				Pallet::<T>::admit_verifier(*domain, operator.clone(), *class, *key, *quota)
					.expect("genesis: verifier");
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
		/// A verifier may attest no more.
		VerifierRetired { verifier: VerifierId, domain: DomainId, operator: T::AccountId },
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
		/// A counter has reached its end: of people, of verifiers, or of this person's actions. Only
		/// an upgrade of the chain can widen it.
		CounterExhausted,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
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
		/// Root.
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
			ensure_root(origin)?;
			Self::admit_domain(name)
		}

		/// Admits a verifier to a domain.
		///
		/// ## Dispatch Origin
		/// Root.
		///
		/// ## Details
		/// `key` is the ed25519 key it signs attestations with, never used by any verifier before.
		/// `quota` is how many new people it may attest in one epoch; renewals are not counted.
		/// Constant cost, with one decompression of a curve point.
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
			ensure_root(origin)?;
			Self::admit_verifier(domain, operator, class, key, quota)
		}

		/// Makes `account` a person, on the attestations of a quorum of verifiers and the account's
		/// own consent.
		///
		/// ## Dispatch Origin
		/// Any signed account that can advance the fee; it need not be `account`. A relayer may
		/// submit for somebody who has no balance: what it submits works for that account only, and
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
		/// Costs grow with the number of attestations: a signature, three reads and two writes each.
		///
		/// ## Errors
		/// - [`Error::AlreadyAPerson`].
		/// - The set: [`Error::TooFewAttestations`], [`Error::SameVerifierTwice`],
		///   [`Error::NotSorted`], [`Error::SameDomain`], [`Error::SameOperator`].
		/// - An attestation: [`Error::WrongNonce`], [`Error::NotYetValid`], [`Error::Expired`],
		///   [`Error::ValidTooLong`], [`Error::WrongClass`], [`Error::NullifierUsed`],
		///   [`Error::BadSignature`].
		/// - A verifier: [`Error::UnknownVerifier`], [`Error::VerifierRetired`],
		///   [`Error::QuotaExhausted`].
		/// - [`Error::BadConsent`], [`Error::CounterExhausted`].
		///
		/// ## Events
		/// - [`Event::PersonRegistered`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::register(attestations.len() as u32))]
		pub fn register(
			origin: OriginFor<T>,
			account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			ensure!(!AccountOf::<T>::contains_key(&account), Error::<T>::AlreadyAPerson);
			let applicant = Applicant::<T> {
				purpose: Purpose::Register,
				account: &account,
				nonce: 0,
				marks: &Marks::default(),
			};
			let accepted = applicant.check(&attestations, &consent)?;

			let verifiers = accepted.ids();
			let (person, (from, until)) =
				Self::admit_person(&account, verifiers.clone(), accepted.new_marks)?;
			let epoch = T::Eligibility::current_epoch();
			for (id, mut verifier) in accepted.verifiers {
				verifier.use_quota(epoch);
				Verifiers::<T>::insert(id, verifier);
			}
			Self::deposit_event(Event::PersonRegistered {
				person,
				account,
				verifiers,
				from,
				until,
			});
			Ok(Pays::No.into())
		}

		/// Recognises the person of `account` for a further term, also after a lapse.
		///
		/// ## Dispatch Origin
		/// Any signed account that can advance the fee, as for [`register`](Pallet::register).
		///
		/// ## Details
		/// As [`register`](Pallet::register), for the purpose *renew* and with the person's counter
		/// as nonce. A domain that knows the person must give the same nullifier as before; one
		/// that does not yet must give one nobody has; at least one of the domains must know it.
		/// No quota is used. The fee is returned on success and due on failure.
		///
		/// Costs grow with the number of attestations: a signature, two reads and at most one write
		/// each.
		///
		/// ## Errors
		/// - [`Error::NotAPerson`], [`Error::PersonIsRevoked`].
		/// - [`Error::AnotherHuman`], [`Error::NobodyKnowsThisPerson`].
		/// - Those of [`register`](Pallet::register), but for the account and the quota.
		/// - Those of the dividend: it is too early to renew.
		///
		/// ## Events
		/// - [`Event::PersonRenewed`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::renew(attestations.len() as u32))]
		pub fn renew(
			origin: OriginFor<T>,
			account: T::AccountId,
			attestations: Attestations,
			consent: MultiSignature,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let id = AccountOf::<T>::get(&account).ok_or(Error::<T>::NotAPerson)?;
			let mut person = People::<T>::get(id).ok_or(Error::<T>::NotAPerson)?;
			ensure!(!person.revoked, Error::<T>::PersonIsRevoked);
			let applicant = Applicant::<T> {
				purpose: Purpose::Renew,
				account: &account,
				nonce: person.nonce,
				marks: &person.marks,
			};
			let accepted = applicant.check(&attestations, &consent)?;

			person.nonce = person.nonce.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;
			let verifiers = accepted.ids();
			person.attested = verifiers.clone();
			// As many fit as there may be domains, and a person has one mark of each at most.
			let new_marks = accepted.new_marks;
			person
				.marks
				.try_extend(new_marks.iter().cloned())
				.map_err(|_| Error::<T>::TooManyDomains)?;
			let (from, until) = T::Eligibility::renew(id)?;
			for mark in new_marks {
				Nullifiers::<T>::insert(mark.domain, mark.nullifier, id);
			}
			People::<T>::insert(id, person);
			Self::deposit_event(Event::PersonRenewed {
				person: id,
				account,
				verifiers,
				from,
				until,
			});
			Ok(Pays::No.into())
		}

		/// Withdraws a person's recognition, for ever.
		///
		/// ## Dispatch Origin
		/// Root.
		///
		/// ## Details
		/// The person shares in no further epoch, and what it had not claimed goes back to the pot.
		/// Its nullifiers stay used. Its account keeps the sufficient reference until the record is
		/// [removed](Pallet::remove). Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownPerson`], [`Error::AlreadyRevoked`].
		///
		/// ## Events
		/// - [`Event::PersonRevoked`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, person: PersonId) -> DispatchResult {
			ensure_root(origin)?;
			let mut record = People::<T>::get(person).ok_or(Error::<T>::UnknownPerson)?;
			ensure!(!record.revoked, Error::<T>::AlreadyRevoked);
			T::Eligibility::revoke(person)?;
			record.revoked = true;
			let account = record.account.clone();
			People::<T>::insert(person, record);
			RevokedCount::<T>::mutate(|count| count.saturating_inc());
			Self::deposit_event(Event::PersonRevoked { person, account });
			Ok(())
		}

		/// Changes how many verifiers must agree on a human.
		///
		/// ## Dispatch Origin
		/// Root.
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
			ensure_root(origin)?;
			Self::change_quorum(k)
		}

		/// Bars a verifier from attesting, at once and for ever.
		///
		/// ## Dispatch Origin
		/// Root.
		///
		/// ## Details
		/// Attestations it gave that are not used yet are void. The people it attested stay, and its
		/// domain goes on with its other verifiers. Constant cost.
		///
		/// ## Errors
		/// - [`Error::UnknownVerifier`], [`Error::AlreadyRetired`].
		///
		/// ## Events
		/// - [`Event::VerifierRetired`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::retire_verifier())]
		pub fn retire_verifier(origin: OriginFor<T>, verifier: VerifierId) -> DispatchResult {
			ensure_root(origin)?;
			let mut record = Verifiers::<T>::get(verifier).ok_or(Error::<T>::UnknownVerifier)?;
			ensure!(!record.retired, Error::<T>::AlreadyRetired);
			record.retired = true;
			Self::deposit_event(Event::VerifierRetired {
				verifier,
				domain: record.domain,
				operator: record.operator.clone(),
			});
			Verifiers::<T>::insert(verifier, record);
			Ok(())
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
			let record = People::<T>::get(person).ok_or(Error::<T>::UnknownPerson)?;
			ensure!(record.revoked, Error::<T>::NotRevoked);
			T::Eligibility::forget(person)?;
			People::<T>::remove(person);
			AccountOf::<T>::remove(&record.account);
			frame_system::Pallet::<T>::dec_sufficients(&record.account);
			Self::deposit_event(Event::PersonRemoved { person, account: record.account });
			Ok(Pays::No.into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The person whose account this is, also a revoked one until its record is removed.
		pub fn person(account: T::AccountId) -> Option<PersonInfo> {
			let id = AccountOf::<T>::get(account)?;
			let Person { account, nonce, revoked, .. } = People::<T>::get(id)?;
			let (from, until) = T::Eligibility::interval(id)?;
			Some(PersonInfo { person: id, account, nonce, revoked, from, until })
		}

		/// A verifier, also a retired one.
		pub fn verifier(verifier: VerifierId) -> Option<Verifier> {
			Verifiers::<T>::get(verifier)
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
