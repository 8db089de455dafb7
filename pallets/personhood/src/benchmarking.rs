//! What the calls cost at their worst.

use super::*;
use crate::types::{Attestations, DomainName, Verifier, MAX_ATTESTATIONS, MAX_DOMAINS, MIN_QUORUM};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	storage::{with_transaction, TransactionOutcome},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, ed25519, sr25519};
use sp_io::crypto::{ed25519_generate, ed25519_sign, sr25519_generate, sr25519_sign};
use sp_runtime::{traits::SaturatedConversion, AccountId32, DispatchError, MultiSignature};
use usufruct_primitives::{
	personhood::{
		consent_digest, signed_forms, Attestation, SignedAttestation, MAX_ATTESTATION_AGE,
	},
	traits::Eligibility,
	BlockNumber, Class, DomainId, PersonId, Purpose, VerifierId,
};

/// Where the keys of the benchmarks are kept.
const KEYS: KeyTypeId = KeyTypeId(*b"bnch");
/// More epochs than any record lasts, with its claim window.
const MANY_EPOCHS: u32 = 500;

/// The longest name of a domain.
fn name(domain: u32) -> DomainName {
	let mut name = vec![b'n'; 64];
	name[..4].copy_from_slice(&domain.to_le_bytes());
	BoundedVec::truncate_from(name)
}

/// That many domains under that quorum, with one verifier each; the verifiers, sorted.
fn set_up<T: Config>(quorum: u32, domains: u32) -> Result<Vec<VerifierId>, BenchmarkError> {
	Quorum::<T>::put(quorum);
	LeastQuorum::<T>::put(quorum);
	Domains::<T>::put(BoundedVec::truncate_from((0..domains).map(name).collect()));
	let first = NextVerifier::<T>::get();
	for domain in 0..domains {
		let key = ed25519_generate(KEYS, None).0;
		let operator: AccountId32 = account("operator", domain, 0);
		Pallet::<T>::admit_verifier(domain as DomainId, operator, Class::Document, key, u32::MAX)?;
	}
	Ok((first..NextVerifier::<T>::get()).collect())
}

/// One human with an account.
struct Human {
	key: sr25519::Public,
	account: AccountId32,
}

impl Human {
	fn new() -> Self {
		let key = sr25519_generate(KEYS, None);
		Self { key, account: AccountId32::new(key.0) }
	}

	/// Attestations by these verifiers, and a consent in the form that is tried last.
	fn apply<T: Config>(
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
	fn register<T: Config>(&self, verifiers: &[VerifierId]) -> Result<PersonId, BenchmarkError> {
		let (attestations, consent) = self.apply::<T>(Purpose::Register, 0, verifiers)?;
		let relayer = RawOrigin::Signed(whitelisted_caller::<AccountId32>());
		Pallet::<T>::register(relayer.into(), self.account.clone(), attestations, consent)
			.map_err(|_| BenchmarkError::Stop("cannot register"))?;
		AccountOf::<T>::get(&self.account).ok_or(BenchmarkError::Stop("not registered"))
	}
}

/// A person by five verifiers.
fn person<T: Config>() -> Result<PersonId, BenchmarkError> {
	let verifiers = set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS)?;
	Human::new().register::<T>(&verifiers[..MAX_ATTESTATIONS as usize])
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// With all domains but one.
	#[benchmark]
	fn add_domain() -> Result<(), BenchmarkError> {
		set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS - 1)?;

		#[extrinsic_call]
		_(RawOrigin::Root, name(MAX_DOMAINS));

		assert_eq!(Domains::<T>::get().len() as u32, MAX_DOMAINS);
		Ok(())
	}

	#[benchmark]
	fn add_verifier() -> Result<(), BenchmarkError> {
		let verifiers = set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS)?;
		let key = ed25519_generate(KEYS, None).0;
		let operator: AccountId32 = account("operator", MAX_DOMAINS, 0);

		#[extrinsic_call]
		_(RawOrigin::Root, 0, operator, Class::Document, key, 1);

		assert_eq!(VerifierOfKey::<T>::get(key), verifiers.last().map(|last| last + 1));
		Ok(())
	}

	/// `a`: number of attestations.
	#[benchmark]
	fn register(a: Linear<MIN_QUORUM, MAX_ATTESTATIONS>) -> Result<(), BenchmarkError> {
		let verifiers = set_up::<T>(a, 2 * a - 1)?;
		let human = Human::new();
		let (attestations, consent) =
			human.apply::<T>(Purpose::Register, 0, &verifiers[..a as usize])?;
		let relayer: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(relayer), human.account.clone(), attestations, consent);

		let person = AccountOf::<T>::get(&human.account).and_then(People::<T>::get);
		assert_eq!(person.map(|person| person.marks.len() as u32), Some(a));
		Ok(())
	}

	/// After a lapse, by one domain that knows the person and as many new ones as can be.
	/// `a`: number of attestations.
	#[benchmark]
	fn renew(a: Linear<MIN_QUORUM, MAX_ATTESTATIONS>) -> Result<(), BenchmarkError> {
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
		let relayer: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(relayer), human.account.clone(), attestations, consent);

		let person = People::<T>::get(person).ok_or(BenchmarkError::Stop("no person"))?;
		assert_eq!((person.nonce, person.marks.len() as u32), (2, 2 * a - 1));
		Ok(())
	}

	#[benchmark]
	fn revoke() -> Result<(), BenchmarkError> {
		let person = person::<T>()?;
		T::Eligibility::benchmark_close_epoch();

		#[extrinsic_call]
		_(RawOrigin::Root, person);

		assert!(People::<T>::get(person).is_some_and(|person| person.revoked));
		Ok(())
	}

	#[benchmark]
	fn set_quorum() -> Result<(), BenchmarkError> {
		person::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Root, MAX_ATTESTATIONS);

		assert_eq!(Quorum::<T>::get(), MAX_ATTESTATIONS);
		Ok(())
	}

	#[benchmark]
	fn retire_verifier() -> Result<(), BenchmarkError> {
		let verifier = set_up::<T>(MIN_QUORUM, MIN_QUORUM)?[0];

		#[extrinsic_call]
		_(RawOrigin::Root, verifier);

		assert!(Verifiers::<T>::get(verifier).is_some_and(|verifier| verifier.retired));
		Ok(())
	}

	#[benchmark]
	fn remove() -> Result<(), BenchmarkError> {
		let person = person::<T>()?;
		T::Eligibility::benchmark_close_epoch();
		Pallet::<T>::revoke(RawOrigin::Root.into(), person)?;
		for _ in 0..MANY_EPOCHS {
			// Whether it could be forgotten, without doing so yet.
			let swept = with_transaction(|| {
				TransactionOutcome::Rollback(Ok::<_, DispatchError>(
					T::Eligibility::forget(person).is_ok(),
				))
			})?;
			if swept {
				break;
			}
			T::Eligibility::benchmark_close_epoch();
		}
		let anybody: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), person);

		assert_eq!(People::<T>::get(person), None);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_benchmark_ext(), crate::mock::Test);
}
