//! What the calls cost at their worst.

use super::*;
use crate::{
	dispute::{CaseId, Reason, Stage},
	jury::{Rounds, Seat, Seed, JURY},
	types::{
		Attestations, DomainName, Used, Verifier, VerifierIds, MAX_ATTESTATIONS, MAX_DOMAINS,
		MIN_QUORUM,
	},
};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{Authorize, TransactionSource},
	storage::{with_transaction, TransactionOutcome},
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		EnsureOrigin, Get, Hooks,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::OriginFor, RawOrigin};
use sp_core::{crypto::KeyTypeId, ed25519, sr25519, H256};
use sp_io::crypto::{ed25519_generate, ed25519_sign, sr25519_generate, sr25519_sign};
use sp_runtime::{traits::SaturatedConversion, AccountId32, DispatchError, MultiSignature};
use usufruct_primitives::{
	personhood::{
		consent_digest, signed_forms, Attestation, SignedAttestation, MAX_ATTESTATION_AGE,
	},
	traits::Eligibility,
	Balance, BlockNumber, Class, DomainId, PersonId, Purpose, VerifierId,
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

/// What operators and challengers hold.
fn plenty<T: Config>() -> Balance {
	T::MinVerifierBond::get().saturating_add(T::ChallengeBond::get()).saturating_mul(1_000)
}

/// An account with enough money for any bond.
fn rich<T: Config>(account: AccountId32) -> Result<AccountId32, BenchmarkError> {
	T::Currency::mint_into(&account, plenty::<T>())?;
	Ok(account)
}

fn admin<T: Config>() -> Result<OriginFor<T>, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn referendum<T: Config>() -> Result<OriginFor<T>, BenchmarkError> {
	T::AppealOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn pass<T: Config>(blocks: BlockNumber) {
	let then = Pallet::<T>::now().saturating_add(blocks);
	frame_system::Pallet::<T>::set_block_number(then.into());
}

fn free_balance<T: Config>(account: &AccountId32) -> Balance {
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
fn set_up<T: Config>(quorum: u32, domains: u32) -> Result<Vec<VerifierId>, BenchmarkError> {
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

/// What recognises or moves a human: by all the verifiers of a quorum, one of whose domains knows
/// it, with a request for recovery pending that this one replaces.
struct Rescue {
	person: PersonId,
	human: Human,
	attestations: Attestations,
	consent: MultiSignature,
}

fn rescue<T: Config>(a: u32) -> Result<Rescue, BenchmarkError> {
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
fn pending<T: Config>(
	person: PersonId,
	verifiers: &[VerifierId],
) -> Result<AccountId32, BenchmarkError> {
	let human = Human::new();
	let (attestations, consent) = human.apply::<T>(Purpose::Recover, 1, verifiers)?;
	Pallet::<T>::do_recover(person, human.account.clone(), &attestations, &consent)?;
	Ok(human.account)
}

/// A person by five verifiers with a request to be moved that gives it four marks; the new account.
fn leaving<T: Config>() -> Result<(PersonId, AccountId32), BenchmarkError> {
	let verifiers = set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS)?;
	let most = MAX_ATTESTATIONS as usize;
	let person = Human::new().register::<T>(&verifiers[..most])?;
	let account = pending::<T>(person, &verifiers[most - 1..])?;
	Ok((person, account))
}

/// A dispute about a person that has something to claim and is about to be moved; the challenger.
fn dispute<T: Config>() -> Result<(CaseId, AccountId32), BenchmarkError> {
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
fn judged<T: Config>(uphold: Option<bool>) -> Result<(CaseId, AccountId32), BenchmarkError> {
	let (id, challenger) = dispute::<T>()?;
	let mut case = Cases::<T>::get(id).ok_or(BenchmarkError::Stop("no case"))?;
	for number in 0..JURY {
		let juror = account("juror", number, 0);
		let marks = Default::default();
		let (person, _) =
			Pallet::<T>::admit_person(&juror, Pallet::<T>::benchmark_verifiers(), marks)?;
		case.jury
			.try_push(Seat { person, vote: uphold })
			.map_err(|_| BenchmarkError::Stop("a jury has as many seats"))?;
	}
	case.stage = Stage::Voting { ends: Pallet::<T>::now().saturating_add(1) };
	Cases::<T>::insert(id, case);
	Ok((id, challenger))
}

/// The dispute, upheld by the jury.
fn upheld<T: Config>() -> Result<(CaseId, AccountId32), BenchmarkError> {
	let (id, challenger) = judged::<T>(Some(true))?;
	Pallet::<T>::count_votes(id)?;
	Ok((id, challenger))
}

/// Whether all went as for an upheld dispute.
fn assert_upheld<T: Config>(id: CaseId, challenger: &AccountId32) {
	assert_eq!(Cases::<T>::get(id), None);
	assert_eq!(RevokedCount::<T>::get(), 1);
	assert_eq!(T::Currency::balance_on_hold(&HoldReason::Challenge.into(), challenger), 0);
	assert!(free_balance::<T>(challenger) > plenty::<T>(), "with a reward");
}

/// What renews a person after a lapse, by one domain that knows it and as many new ones as can be.
fn renewal<T: Config>(
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
fn authorize<T: Config>(call: &Call<T>) -> Result<(), BenchmarkError> {
	call.authorize(TransactionSource::External)
		.ok_or("the call can be authorised")?
		.map_err(|_| "the call is authorised")?;
	Ok(())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// With all domains but one.
	#[benchmark]
	fn add_domain() -> Result<(), BenchmarkError> {
		set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS - 1)?;
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, name(MAX_DOMAINS));

		assert_eq!(Domains::<T>::get().len() as u32, MAX_DOMAINS);
		Ok(())
	}

	#[benchmark]
	fn add_verifier() -> Result<(), BenchmarkError> {
		let verifiers = set_up::<T>(MAX_ATTESTATIONS, MAX_DOMAINS)?;
		let key = ed25519_generate(KEYS, None).0;
		let operator: AccountId32 = account("operator", MAX_DOMAINS, 0);
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, 0, operator, Class::Document, key, 1);

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
		let (person, human, attestations, consent) = renewal::<T>(a)?;
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
		let origin = referendum::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, person);

		assert!(People::<T>::get(person).is_some_and(|person| person.revoked));
		Ok(())
	}

	#[benchmark]
	fn set_quorum() -> Result<(), BenchmarkError> {
		person::<T>()?;
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, MAX_ATTESTATIONS);

		assert_eq!(Quorum::<T>::get(), MAX_ATTESTATIONS);
		Ok(())
	}

	#[benchmark]
	fn retire_verifier() -> Result<(), BenchmarkError> {
		let verifier = set_up::<T>(MIN_QUORUM, MIN_QUORUM)?[0];
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, verifier);

		assert!(Verifiers::<T>::get(verifier).is_some_and(|verifier| verifier.retired));
		Ok(())
	}

	#[benchmark]
	fn remove() -> Result<(), BenchmarkError> {
		let person = person::<T>()?;
		T::Eligibility::benchmark_close_epoch();
		Pallet::<T>::revoke(referendum::<T>()?, person)?;
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

	#[benchmark]
	fn post_bond() -> Result<(), BenchmarkError> {
		let verifier = set_up::<T>(MIN_QUORUM, MIN_QUORUM)?[0];
		let operator: AccountId32 = account("operator", 0, 0);
		let before = Verifiers::<T>::get(verifier).map_or(0, |record| record.bond);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator), verifier, T::MinVerifierBond::get());

		let after = Verifiers::<T>::get(verifier).map_or(0, |record| record.bond);
		assert_eq!(after, before + T::MinVerifierBond::get());
		Ok(())
	}

	#[benchmark]
	fn withdraw_bond() -> Result<(), BenchmarkError> {
		let verifier = set_up::<T>(MIN_QUORUM, MIN_QUORUM)?[0];
		let operator: AccountId32 = account("operator", 0, 0);
		Pallet::<T>::end_verifier(verifier)?;
		pass::<T>(T::BondRelease::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(operator.clone()), verifier);

		assert_eq!(free_balance::<T>(&operator), plenty::<T>());
		Ok(())
	}

	#[benchmark]
	fn suspend_verifier() -> Result<(), BenchmarkError> {
		let verifier = set_up::<T>(MIN_QUORUM, MIN_QUORUM)?[0];
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, verifier);

		let epoch = T::Eligibility::current_epoch();
		assert!(Verifiers::<T>::get(verifier).is_some_and(|record| record.is_suspended(epoch)));
		Ok(())
	}

	#[benchmark]
	fn resume_verifier() -> Result<(), BenchmarkError> {
		let verifier = set_up::<T>(MIN_QUORUM, MIN_QUORUM)?[0];
		Pallet::<T>::suspend(verifier)?;
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, verifier);

		let epoch = T::Eligibility::current_epoch();
		assert!(Verifiers::<T>::get(verifier).is_some_and(|record| !record.is_suspended(epoch)));
		Ok(())
	}

	#[benchmark]
	fn confirm_suspension() -> Result<(), BenchmarkError> {
		let verifier = set_up::<T>(MIN_QUORUM, MIN_QUORUM)?[0];
		Pallet::<T>::suspend(verifier)?;
		let origin = referendum::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, verifier);

		assert!(Verifiers::<T>::get(verifier).is_some_and(|record| record.is_suspended(u32::MAX)));
		Ok(())
	}

	/// In the place of a request that is pending. `a`: number of attestations.
	#[benchmark]
	fn recover(a: Linear<MIN_QUORUM, MAX_ATTESTATIONS>) -> Result<(), BenchmarkError> {
		let Rescue { person, human, attestations, consent } = rescue::<T>(a)?;
		let relayer: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(relayer), person, human.account.clone(), attestations, consent);

		assert_eq!(ReservedFor::<T>::get(&human.account), Some(person));
		Ok(())
	}

	#[benchmark]
	fn veto() -> Result<(), BenchmarkError> {
		let (person, _) = leaving::<T>()?;
		let record = People::<T>::get(person).ok_or(BenchmarkError::Stop("no person"))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(record.account));

		assert_eq!(Recoveries::<T>::get(person), None);
		Ok(())
	}

	#[benchmark]
	fn complete_recovery() -> Result<(), BenchmarkError> {
		let (person, new) = leaving::<T>()?;
		pass::<T>(T::RecoveryDelay::get());
		let anybody: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), person);

		assert_eq!(AccountOf::<T>::get(new), Some(person));
		Ok(())
	}

	/// Of a person by five verifiers that has something to claim.
	#[benchmark]
	fn challenge() -> Result<(), BenchmarkError> {
		let person = person::<T>()?;
		T::Currency::mint_into(&T::DividendPot::get(), plenty::<T>())?;
		T::Eligibility::benchmark_close_epoch();
		T::Eligibility::benchmark_close_epoch();
		let challenger = rich::<T>(account("challenger", 0, 0))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger), person, Reason::Duplicate, [1; 32]);

		assert!(People::<T>::get(person).is_some_and(|person| person.frozen_by.is_some()));
		Ok(())
	}

	/// Where nobody of those looked at can judge, which is seen last.
	#[benchmark]
	fn draw_jury() -> Result<(), BenchmarkError> {
		let verifiers = Pallet::<T>::benchmark_verifiers();
		for number in 0..500 {
			let candidate = account("candidate", number, 0);
			let (id, _) =
				Pallet::<T>::admit_person(&candidate, verifiers.clone(), Default::default())?;
			People::<T>::mutate(id, |person| {
				if let Some(person) = person {
					person.frozen_by = Some(CaseId::MAX);
				}
			});
		}
		for _ in 0..crate::jury::SENIORITY {
			T::Eligibility::benchmark_close_epoch();
		}
		let (case, _) = dispute::<T>()?;
		let round = Cases::<T>::get(case).map_or(0, |case| case.round);
		Seeds::<T>::insert(round, Seed { value: H256::repeat_byte(7), waiting: 2 });
		let anybody: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), case);

		let case = Cases::<T>::get(case).ok_or(BenchmarkError::Stop("no case"))?;
		assert!(matches!(case.stage, Stage::Appealable { upheld: false, .. }));
		Ok(())
	}

	/// By the last of the jury.
	#[benchmark]
	fn vote_case() -> Result<(), BenchmarkError> {
		let (case, _) = judged::<T>(None)?;
		let juror: AccountId32 = account("juror", JURY - 1, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(juror), case, true);

		let case = Cases::<T>::get(case).ok_or(BenchmarkError::Stop("no case"))?;
		assert_eq!(case.jury.last().and_then(|seat| seat.vote), Some(true));
		Ok(())
	}

	/// To a dismissal, after as many disputes as are remembered.
	#[benchmark]
	fn resolve_case() -> Result<(), BenchmarkError> {
		let (id, challenger) = judged::<T>(Some(false))?;
		let case = Cases::<T>::get(id).ok_or(BenchmarkError::Stop("no case"))?;
		for _ in 0..crate::dispute::MAX_PRIORS {
			Pallet::<T>::remember(&case, crate::dispute::Outcome::Dismissed);
		}
		let anybody: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), id);

		assert_eq!(Cases::<T>::get(id), None);
		assert_eq!(free_balance::<T>(&challenger), plenty::<T>() - case.bond);
		Ok(())
	}

	/// To the end of the person and a slash of five verifiers.
	#[benchmark]
	fn decide_appeal() -> Result<(), BenchmarkError> {
		let (case, challenger) = upheld::<T>()?;
		let origin = referendum::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, case, true);

		assert_upheld::<T>(case, &challenger);
		Ok(())
	}

	/// To the end of the person and a slash of five verifiers.
	#[benchmark]
	fn close_case() -> Result<(), BenchmarkError> {
		let (case, challenger) = upheld::<T>()?;
		pass::<T>(T::AppealTerm::get());
		let anybody: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(anybody), case);

		assert_upheld::<T>(case, &challenger);
		Ok(())
	}

	/// Of a person whose interval is over.
	#[benchmark]
	fn reinstate() -> Result<(), BenchmarkError> {
		let person = person::<T>()?;
		T::Eligibility::benchmark_close_epoch();
		Pallet::<T>::revoke(referendum::<T>()?, person)?;
		let origin = referendum::<T>()?;

		#[extrinsic_call]
		_(origin as OriginFor<T>, person);

		assert!(People::<T>::get(person).is_some_and(|person| !person.revoked));
		Ok(())
	}

	/// `a`: number of attestations.
	#[benchmark]
	fn authorize_register(a: Linear<MIN_QUORUM, MAX_ATTESTATIONS>) -> Result<(), BenchmarkError> {
		let verifiers = set_up::<T>(a, 2 * a - 1)?;
		let human = Human::new();
		let (attestations, consent) =
			human.apply::<T>(Purpose::Register, 0, &verifiers[..a as usize])?;
		let call = Call::<T>::register { account: human.account, attestations, consent };

		#[block]
		{
			authorize(&call)?;
		}

		assert_eq!(NextPerson::<T>::get(), 0);
		Ok(())
	}

	/// `a`: number of attestations.
	#[benchmark]
	fn authorize_renew(a: Linear<MIN_QUORUM, MAX_ATTESTATIONS>) -> Result<(), BenchmarkError> {
		let (person, human, attestations, consent) = renewal::<T>(a)?;
		let call = Call::<T>::renew { account: human.account, attestations, consent };

		#[block]
		{
			authorize(&call)?;
		}

		assert_eq!(People::<T>::get(person).map(|person| person.nonce), Some(1));
		Ok(())
	}

	/// `a`: number of attestations.
	#[benchmark]
	fn authorize_recover(a: Linear<MIN_QUORUM, MAX_ATTESTATIONS>) -> Result<(), BenchmarkError> {
		let Rescue { person, human, attestations, consent } = rescue::<T>(a)?;
		let new_account = human.account.clone();
		let call = Call::<T>::recover { person, new_account, attestations, consent };

		#[block]
		{
			authorize(&call)?;
		}

		assert_eq!(ReservedFor::<T>::get(&human.account), None);
		Ok(())
	}

	#[benchmark]
	fn authorize_complete_recovery() -> Result<(), BenchmarkError> {
		let (person, new) = leaving::<T>()?;
		pass::<T>(T::RecoveryDelay::get());
		let call = Call::<T>::complete_recovery { person };

		#[block]
		{
			authorize(&call)?;
		}

		assert_eq!(AccountOf::<T>::get(new), None);
		Ok(())
	}

	#[benchmark]
	fn idle() {
		#[block]
		{
			Pallet::<T>::on_initialize(1u32.into());
		}

		assert!(Docket::<T>::get().is_idle());
	}

	#[benchmark]
	fn turn_round() {
		let known_since = BlockNumber::MAX;
		Docket::<T>::put(Rounds { round: 1, known_since, gathering: 1, maturing: 1 });

		#[block]
		{
			Pallet::<T>::on_initialize(1u32.into());
		}

		assert!(Seeds::<T>::contains_key(0));
		assert_eq!(Docket::<T>::get().round, 2);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_benchmark_ext(), crate::mock::Test);
}
