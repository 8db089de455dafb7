//! What has to be there before a call can be measured.

use super::*;
use crate::{
	dispute::{CaseId, Reason, Stage},
	jury::{Seat, JURY},
	types::{Attestations, DomainName, Used, Verifier, VerifierIds, MAX_ATTESTATIONS, MAX_DOMAINS},
};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{Authorize, TransactionSource},
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::OriginFor, RawOrigin};
use sp_core::{crypto::KeyTypeId, ed25519, sr25519};
use sp_io::crypto::{ed25519_generate, ed25519_sign, sr25519_generate, sr25519_sign};
use sp_runtime::{traits::SaturatedConversion, AccountId32, MultiSignature};
use usufruct_primitives::{
	personhood::{
		consent_digest, signed_forms, Attestation, SignedAttestation, MAX_ATTESTATION_AGE,
	},
	traits::Eligibility,
	Balance, BlockNumber, Class, DomainId, PersonId, Purpose, VerifierId,
};

/// Where the keys of the benchmarks are kept.
pub(crate) const KEYS: KeyTypeId = KeyTypeId(*b"bnch");
/// More epochs than any record lasts, with its claim window.
pub(crate) const MANY_EPOCHS: u32 = 500;

/// The longest name of a domain.
pub(crate) fn name(domain: u32) -> DomainName {
	let mut name = vec![b'n'; 64];
	name[..4].copy_from_slice(&domain.to_le_bytes());
	BoundedVec::truncate_from(name)
}

/// What operators and challengers hold.
pub(crate) fn plenty<T: Config>() -> Balance {
	T::MinVerifierBond::get().saturating_add(T::ChallengeBond::get()).saturating_mul(1_000)
}

/// An account with enough money for any bond.
pub(crate) fn rich<T: Config>(account: AccountId32) -> Result<AccountId32, BenchmarkError> {
	T::Currency::mint_into(&account, plenty::<T>())?;
	Ok(account)
}

pub(crate) fn admin<T: Config>() -> Result<OriginFor<T>, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

pub(crate) fn referendum<T: Config>() -> Result<OriginFor<T>, BenchmarkError> {
	T::AppealOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

pub(crate) fn pass<T: Config>(blocks: BlockNumber) {
	let then = Pallet::<T>::now().saturating_add(blocks);
	frame_system::Pallet::<T>::set_block_number(then.into());
}

pub(crate) fn free_balance<T: Config>(account: &AccountId32) -> Balance {
	T::Currency::balance(account)
}

impl<T: Config> Pallet<T> {
	/// As many verifiers as can attest one person, for the benchmarks of others.
	pub(crate) fn benchmark_verifiers() -> VerifierIds {
		let ids: Vec<_> = (0..MAX_ATTESTATIONS).map(|number| u32::MAX - number).collect();
		for id in &ids {
			let verifier = Verifier {
				domain: 0,
				operator: account("operator", *id, 0),
				class: Class::Document,
				key: [0; 32],
				quota: 0,
				used: Used::default(),
				retired: false,
				bond_free_at: 0,
				suspension: None,
				stopped: false,
				bond: 0,
				attested: 0,
				disputed: 0,
				upheld: 0,
				open_cases: 0,
			};
			Verifiers::<T>::insert(id, verifier);
		}
		VerifierIds::truncate_from(ids)
	}
}

/// That many domains under that quorum, with one verifier each; the verifiers, sorted.
pub(crate) fn set_up<T: Config>(
	quorum: u32,
	domains: u32,
) -> Result<Vec<VerifierId>, BenchmarkError> {
	Quorum::<T>::put(quorum);
	LeastQuorum::<T>::put(quorum);
	Domains::<T>::put(BoundedVec::truncate_from((0..domains).map(name).collect()));
	let first = NextVerifier::<T>::get();
	for domain in 0..domains {
		let key = ed25519_generate(KEYS, None).0;
		let operator = rich::<T>(account("operator", domain, 0))?;
		let domain = domain as DomainId;
		let verifier =
			Pallet::<T>::admit_verifier(domain, operator.clone(), Class::Document, key, u32::MAX)?;
		Pallet::<T>::add_bond(&operator, verifier, T::MinVerifierBond::get().saturating_mul(100))?;
	}
	Ok((first..NextVerifier::<T>::get()).collect())
}

/// One human with an account.
pub(crate) struct Human {
	pub(crate) key: sr25519::Public,
	pub(crate) account: AccountId32,
}

impl Human {
	pub(crate) fn new() -> Self {
		let key = sr25519_generate(KEYS, None);
		Self { key, account: AccountId32::new(key.0) }
	}

	/// Attestations by these verifiers, and a consent in the form that is tried last.
	pub(crate) fn apply<T: Config>(
		&self,
		purpose: Purpose,
		nonce: u32,
		verifiers: &[VerifierId],
	) -> Result<(Attestations, MultiSignature), BenchmarkError> {
		let genesis = Pallet::<T>::genesis_hash();
		let now = frame_system::Pallet::<T>::block_number().saturated_into::<BlockNumber>();
		let account: [u8; 32] = self.account.clone().into();
		let (mut signed, mut digests) = (Attestations::default(), Vec::new());
		for id in verifiers {
			let Verifier { domain, class, key, .. } =
				Verifiers::<T>::get(id).ok_or(BenchmarkError::Stop("no such verifier"))?;
			let attestation = Attestation {
				purpose,
				verifier: *id,
				account,
				nullifier: [domain as u8; 32],
				class,
				region: 0,
				issued: now,
				expires: now.saturating_add(MAX_ATTESTATION_AGE),
				nonce,
			};
			let digest = attestation.digest(&genesis);
			let signature = ed25519_sign(KEYS, &ed25519::Public::from_raw(key), &digest)
				.ok_or(BenchmarkError::Stop("no key of a verifier"))?;
			digests.push(digest);
			signed
				.try_push(SignedAttestation {
					verifier: *id,
					nullifier: attestation.nullifier,
					class,
					region: 0,
					issued: attestation.issued,
					expires: attestation.expires,
					nonce,
					signature: signature.0,
				})
				.map_err(|_| BenchmarkError::Stop("too many attestations"))?;
		}
		let digest = consent_digest(&genesis, purpose, &account, nonce, &digests);
		let [_, _, last] = signed_forms(&digest);
		let consent = sr25519_sign(KEYS, &self.key, &last)
			.ok_or(BenchmarkError::Stop("no key of the account"))?;
		Ok((signed, consent.into()))
	}

	/// Becomes a person by these verifiers.
	pub(crate) fn register<T: Config>(
		&self,
		verifiers: &[VerifierId],
	) -> Result<PersonId, BenchmarkError> {
		let (attestations, consent) = self.apply::<T>(Purpose::Register, 0, verifiers)?;
		let relayer = RawOrigin::Signed(whitelisted_caller::<AccountId32>());
		Pallet::<T>::register(relayer.into(), self.account.clone(), attestations, consent)
			.map_err(|_| BenchmarkError::Stop("cannot register"))?;
		AccountOf::<T>::get(&self.account).ok_or(BenchmarkError::Stop("not registered"))
	}
}

/// A person by five verifiers.
pub(crate) fn person<T: Config>() -> Result<PersonId, BenchmarkError> {
	let verifiers = set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS)?;
	Human::new().register::<T>(&verifiers[..MAX_ATTESTATIONS as usize])
}

/// What recognises or moves a human: by all the verifiers of a quorum, one of whose domains knows
/// it, with a request for recovery pending that this one replaces.
pub(crate) struct Rescue {
	pub(crate) person: PersonId,
	pub(crate) human: Human,
	pub(crate) attestations: Attestations,
	pub(crate) consent: MultiSignature,
}

pub(crate) fn rescue<T: Config>(a: u32) -> Result<Rescue, BenchmarkError> {
	let a = a as usize;
	let verifiers = set_up::<T>(a as u32, 2 * a as u32 - 1)?;
	let person = Human::new().register::<T>(&verifiers[..a])?;
	pending::<T>(person, &verifiers[a - 1..])?;
	// Another known domain, and the same unknown ones.
	let mut others = vec![verifiers[0]];
	others.extend(&verifiers[a..]);
	let human = Human::new();
	let (attestations, consent) = human.apply::<T>(Purpose::Recover, 2, &others)?;
	Ok(Rescue { person, human, attestations, consent })
}

/// Opens a request by these verifiers; the new account.
pub(crate) fn pending<T: Config>(
	person: PersonId,
	verifiers: &[VerifierId],
) -> Result<AccountId32, BenchmarkError> {
	let human = Human::new();
	let (attestations, consent) = human.apply::<T>(Purpose::Recover, 1, verifiers)?;
	Pallet::<T>::do_recover(person, human.account.clone(), &attestations, &consent)?;
	Ok(human.account)
}

/// A person by five verifiers with a request to be moved that gives it four marks; the new account.
pub(crate) fn leaving<T: Config>() -> Result<(PersonId, AccountId32), BenchmarkError> {
	let verifiers = set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS)?;
	let most = MAX_ATTESTATIONS as usize;
	let person = Human::new().register::<T>(&verifiers[..most])?;
	let account = pending::<T>(person, &verifiers[most - 1..])?;
	Ok((person, account))
}

/// A dispute about a person that has something to claim and is about to be moved; the challenger.
pub(crate) fn dispute<T: Config>() -> Result<(CaseId, AccountId32), BenchmarkError> {
	let (person, _) = leaving::<T>()?;
	T::Currency::mint_into(&T::DividendPot::get(), plenty::<T>())?;
	T::Eligibility::benchmark_close_epoch();
	T::Eligibility::benchmark_close_epoch();
	let challenger = rich::<T>(account("challenger", 0, 0))?;
	let id = NextCase::<T>::get();
	Pallet::<T>::open_case(challenger.clone(), person, Reason::Duplicate, [1; 32])?;
	Docket::<T>::kill();
	Ok((id, challenger))
}

/// The dispute with a whole jury, which has voted so.
pub(crate) fn judged<T: Config>(
	uphold: Option<bool>,
) -> Result<(CaseId, AccountId32), BenchmarkError> {
	let (id, challenger) = dispute::<T>()?;
	let mut case = Cases::<T>::get(id).ok_or(BenchmarkError::Stop("no case"))?;
	for number in 0..JURY {
		let juror = account("juror", number, 0);
		let marks = Default::default();
		let (person, _) =
			Pallet::<T>::admit_person(&juror, Pallet::<T>::benchmark_verifiers(), 0, marks)?;
		case.jury
			.try_push(Seat { person, vote: uphold })
			.map_err(|_| BenchmarkError::Stop("a jury has as many seats"))?;
	}
	case.stage = Stage::Voting { ends: Pallet::<T>::now().saturating_add(T::VotingTerm::get()) };
	Cases::<T>::insert(id, case);
	Ok((id, challenger))
}

/// The dispute, upheld by the jury.
pub(crate) fn upheld<T: Config>() -> Result<(CaseId, AccountId32), BenchmarkError> {
	let (id, challenger) = judged::<T>(Some(true))?;
	Pallet::<T>::count_votes(id)?;
	Ok((id, challenger))
}

/// Whether all went as for an upheld dispute.
pub(crate) fn assert_upheld<T: Config>(id: CaseId, challenger: &AccountId32) {
	assert_eq!(Cases::<T>::get(id), None);
	assert_eq!(RevokedCount::<T>::get(), 1);
	assert_eq!(T::Currency::balance_on_hold(&HoldReason::Challenge.into(), challenger), 0);
	assert!(free_balance::<T>(challenger) > plenty::<T>(), "with a reward");
}

/// What renews a person after a lapse, by one domain that knows it and as many new ones as can be.
pub(crate) fn renewal<T: Config>(
	a: u32,
) -> Result<(PersonId, Human, Attestations, MultiSignature), BenchmarkError> {
	let verifiers = set_up::<T>(a, 2 * a - 1)?;
	let human = Human::new();
	let person = human.register::<T>(&verifiers[..a as usize])?;
	for _ in 0..MANY_EPOCHS {
		let (_, until) =
			T::Eligibility::interval(person).ok_or(BenchmarkError::Stop("no interval"))?;
		if T::Eligibility::current_epoch() > until {
			break;
		}
		T::Eligibility::benchmark_close_epoch();
	}
	let (attestations, consent) =
		human.apply::<T>(Purpose::Renew, 1, &verifiers[a as usize - 1..])?;
	Ok((person, human, attestations, consent))
}

/// Asks whether a call may go in by itself, which it may.
pub(crate) fn authorize<T: Config>(call: &Call<T>) -> Result<(), BenchmarkError> {
	call.authorize(TransactionSource::External)
		.ok_or("the call can be authorised")?
		.map_err(|_| "the call is authorised")?;
	Ok(())
}
