//! What the calls and the hook cost at their worst.

use super::*;
use crate::benchmarking_set_up::*;
use crate::{
	dispute::{Reason, Stage},
	jury::{Rounds, Seed, JURY},
	types::{MAX_ATTESTATIONS, MAX_DOMAINS, MIN_QUORUM},
};
use frame_benchmarking::v2::*;
use frame_support::{
	storage::{with_transaction, TransactionOutcome},
	traits::{Get, Hooks},
};
use frame_system::{pallet_prelude::OriginFor, RawOrigin};
use sp_core::H256;
use sp_io::crypto::ed25519_generate;
use sp_runtime::{AccountId32, DispatchError};
use usufruct_primitives::{traits::Eligibility, BlockNumber, Class, Purpose};

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

	/// Of a person that is still counted in as many programmes as there can be.
	#[benchmark]
	fn remove() -> Result<(), BenchmarkError> {
		let person = person::<T>()?;
		T::Eligibility::benchmark_due(person)?;
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
		T::Eligibility::benchmark_due(person)?;
		let challenger = rich::<T>(account("challenger", 0, 0))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger), person, Reason::Duplicate, [1; 32]);

		assert!(People::<T>::get(person).is_some_and(|person| person.frozen_by.is_some()));
		Ok(())
	}

	/// Where nobody of those looked at can judge, because an earlier case froze them, which is seen
	/// last.
	#[benchmark]
	fn draw_jury() -> Result<(), BenchmarkError> {
		let verifiers = Pallet::<T>::benchmark_verifiers();
		for number in 0..500 {
			let candidate = account("candidate", number, 0);
			let (id, _) =
				Pallet::<T>::admit_person(&candidate, verifiers.clone(), 0, Default::default())?;
			People::<T>::mutate(id, |person| {
				if let Some(person) = person {
					person.frozen_by = Some(0);
				}
			});
		}
		for _ in 0..crate::jury::SENIORITY {
			T::Eligibility::benchmark_close_epoch();
		}
		NextCase::<T>::put(1);
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
