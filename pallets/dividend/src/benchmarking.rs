//! What the calls and the two kinds of block cost, at their worst.

use super::*;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{DispatchResult, TransactionSource, TransactionValidityWithRefund},
	traits::{
		fungible::{Inspect, Mutate},
		Authorize, EnsureOrigin, Get, Hooks,
	},
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::SaturatedConversion;
use usufruct_primitives::{
	traits::{ChannelTopUp, Eligibility, People},
	Balance, Class, PersonId, PPM,
};

/// Puts enough into the pot for `epochs` closes that are worth paying, and makes the parameters
/// such that one person is enough and nothing is swept.
fn prepare<T: Config>(epochs: u32) {
	Params::<T>::mutate(|params| {
		params.min_people = 1;
		params.claim_window = 104;
		params.term = 104;
	});
	let people = Books::<T>::get().active.saturating_add(2);
	let each = Params::<T>::get().min_per_head.saturating_mul(people.into());
	fund_pot::<T>(each.saturating_mul(epochs.into()));
}

fn fund_pot<T: Config>(amount: Balance) {
	T::Currency::mint_into(&Pallet::<T>::pot(), amount).expect("the pot exists");
}

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin()
		.map_err(|_| BenchmarkError::Stop("somebody may administer"))
}

/// The claim window of a benchmark that sweeps.
const SHORT_WINDOW: u32 = 1;

/// What a claim of everything there can be costs most for: somebody who never held anything, is due
/// four epochs and something settled, and is paid on another account after a change of payout.
struct Claimant<T: Config> {
	own: T::AccountId,
	paid: T::AccountId,
	person: PersonId,
	/// The first epoch it claims.
	first: u32,
	due: Balance,
}

fn claimant<T: Config>() -> Result<Claimant<T>, BenchmarkError> {
	let own: T::AccountId = account("person", 0, 0);
	let paid: T::AccountId = account("payout", 0, 0);
	prepare::<T>(1);
	let person = T::People::benchmark_person(&own);
	Pallet::<T>::set_payout(RawOrigin::Signed(own.clone()).into(), paid.clone())?;
	Pallet::<T>::benchmark_close_epoch();
	let first = Books::<T>::get().epoch;
	for _ in 0..4 {
		prepare::<T>(1);
		Pallet::<T>::benchmark_close_epoch();
	}
	// Another change waits.
	Pallet::<T>::set_payout(RawOrigin::Signed(own.clone()).into(), account("payout", 1, 0))?;
	let owed = T::Currency::minimum_balance();
	fund_pot::<T>(owed);
	Shares::<T>::mutate(person, |share| {
		if let Some(share) = share {
			share.owed = owed;
		}
	});
	Books::<T>::mutate(|totals| totals.liability = totals.liability.saturating_add(owed));
	let due = Pallet::<T>::claimable(own.clone());
	assert!(due > owed);
	Ok(Claimant { own, paid, person, first, due })
}

impl<T: Config> Claimant<T> {
	/// Everything was paid, and nothing is left.
	fn was_paid(&self) -> Result<(), BenchmarkError> {
		assert_eq!(Pallet::<T>::claimable(self.own.clone()), 0);
		assert_eq!(Epochs::<T>::get(self.first).claim_in, 1);
		let stop = BenchmarkError::Stop("the share is gone");
		let share = Shares::<T>::get(self.person).ok_or(stop)?;
		assert_eq!((share.owed, share.next), (0, Books::<T>::get().epoch));
		Ok(())
	}
}

/// A programme of everybody who lives in one of as many regions as can be named.
fn programme<T: Config>(share: u32) -> Result<ProgrammeId, BenchmarkError> {
	let id = NextProgramme::<T>::get();
	let regions = Regions::truncate_from((1..=MAX_REGIONS as u16).collect());
	let least = Params::<T>::get().min_people;
	let (origin, epochs) = (admin::<T>()?, MAX_PROGRAMME_EPOCHS);
	Pallet::<T>::open_programme(origin, share, Default::default(), regions, epochs, least)?;
	Ok(id)
}

/// So much that a programme with the largest share has something to divide.
fn inflow<T: Config>() -> Balance {
	let parts = Balance::from(PPM / T::ProgrammeCeiling::get().max(1)).saturating_add(1);
	Params::<T>::get().min_per_head.saturating_mul(4).saturating_mul(parts)
}

/// Somebody who joined a programme and is due four epochs of it: its account, the one that is paid,
/// and the person.
fn claimant_of_programme<T: Config>(
) -> Result<(T::AccountId, T::AccountId, ProgrammeId, PersonId), BenchmarkError> {
	let own: T::AccountId = account("person", 0, 0);
	let paid: T::AccountId = account("payout", 0, 0);
	prepare::<T>(1);
	let person = T::People::benchmark_person(&own);
	Pallet::<T>::set_payout(RawOrigin::Signed(own.clone()).into(), paid.clone())?;
	let id = programme::<T>(T::ProgrammeCeiling::get())?;
	Pallet::<T>::join_programme(RawOrigin::Signed(own.clone()).into(), id)?;
	Pallet::<T>::benchmark_close_epoch();
	for _ in 0..4 {
		fund_pot::<T>(inflow::<T>());
		Pallet::<T>::benchmark_close_epoch();
	}
	share_in_many::<T>(person);
	Ok((own, paid, id, person))
}

/// Makes a person share in all programmes there can be, and be due something of each and of the
/// dividend: the most that can be put aside for it.
pub(crate) fn be_due_of_everything<T: Config>(person: PersonId) -> DispatchResult {
	prepare::<T>(1);
	let open = Books::<T>::get().epoch;
	let share = T::ProgrammeCeiling::get() / MAX_PROGRAMMES;
	for _ in 0..MAX_PROGRAMMES {
		let id = NextProgramme::<T>::get();
		let (anybody, anywhere) = (Default::default(), Default::default());
		let epochs = MAX_PROGRAMME_EPOCHS;
		Pallet::<T>::do_open_programme(share, anybody, anywhere, epochs, 1)?;
		let until = Shares::<T>::get(person).map_or(0, |all| all.until);
		Pallet::<T>::do_join_programme(id, person, until.min(open.saturating_add(epochs)))?;
	}
	Pallet::<T>::benchmark_close_epoch();
	fund_pot::<T>(inflow::<T>().saturating_mul(MAX_PROGRAMMES.into()));
	Pallet::<T>::benchmark_close_epoch();
	for id in Running::<T>::get() {
		let ledger = ledger::Ledger::<T>::programme(id);
		let share = ledger.share(person).ok_or(Error::<T>::NoShare)?;
		assert!(ledger.unclaimed(person, &share, &ledger.totals())?.amount > 0);
	}
	// So that it can be over for a person while the programmes still run.
	Params::<T>::mutate(|params| params.claim_window = 4);
	Ok(())
}

/// Fills the list of programmes that a person shares in.
fn share_in_many<T: Config>(person: PersonId) {
	ProgrammeShares::<T>::mutate(person, |shares| {
		let Some((_, share)) = shares.first().copied() else { return };
		let mut others = (0..ProgrammeId::MAX).rev().map(|id| (id, share));
		while others.next().is_some_and(|other| shares.try_push(other).is_ok()) {}
	});
}

/// Parameters within the bounds that are not the present ones.
fn other_params<T: Config>() -> Parameters {
	let bounds = T::Bounds::get();
	Parameters {
		epoch_length: bounds.epoch_length.most,
		claim_window: bounds.claim_window.most,
		term: bounds.term.most,
		min_per_head: bounds.min_per_head.least,
		min_people: bounds.min_people.least,
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A person that never held anything claims four epochs, and what was settled before.
	#[benchmark]
	fn claim() -> Result<(), BenchmarkError> {
		let claimant = claimant::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(claimant.own.clone()));

		assert_eq!(T::Currency::balance(&claimant.paid), claimant.due);
		claimant.was_paid()
	}

	/// Somebody claims the same for that person.
	#[benchmark]
	fn claim_for() -> Result<(), BenchmarkError> {
		let claimant = claimant::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Authorized, claimant.person);

		assert_eq!(T::Currency::balance(&claimant.paid), claimant.due);
		claimant.was_paid()
	}

	/// Whether that is valid, where it is.
	#[benchmark]
	fn authorize_claim_for() -> Result<(), BenchmarkError> {
		let claimant = claimant::<T>()?;
		let call = Call::<T>::claim_for { person: claimant.person };
		let valid: Option<TransactionValidityWithRefund>;

		#[block]
		{
			valid = call.authorize(TransactionSource::External);
		}

		assert!(valid.is_some_and(|valid| valid.is_ok()));
		Ok(())
	}

	/// The same is put into a channel, with a bonus.
	#[benchmark]
	fn claim_to_channel() -> Result<(), BenchmarkError> {
		let claimant = claimant::<T>()?;
		let channel = T::Channels::benchmark_channel(&claimant.paid);
		let ceiling = T::BonusCeiling::get();
		Pallet::<T>::set_bonus(admin::<T>()?, ceiling)?;
		let fund = T::Currency::minimum_balance().saturating_add(claimant.due);
		T::Currency::mint_into(&T::CommonsPot::get(), fund)?;
		let before = T::Currency::total_balance(&claimant.paid);
		let fund = T::Currency::balance(&T::CommonsPot::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(claimant.own.clone()), channel);

		let bonus = fund - T::Currency::balance(&T::CommonsPot::get());
		assert!(bonus > 0);
		assert_eq!(T::Currency::total_balance(&claimant.paid), before + claimant.due + bonus);
		claimant.was_paid()
	}

	/// A change of payout replaces one that waits, beside one that took effect.
	#[benchmark]
	fn set_payout() -> Result<(), BenchmarkError> {
		let claimant = claimant::<T>()?;
		let new: T::AccountId = account("payout", 2, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(claimant.own.clone()), new.clone());

		let (present, change) = Pallet::<T>::payout(claimant.own.clone())
			.ok_or(BenchmarkError::Stop("the person is gone"))?;
		assert_eq!(present, claimant.paid);
		assert_eq!(change.and_then(|change| change.account), Some(new));
		Ok(())
	}

	#[benchmark]
	fn set_claims_alone() {
		let own: T::AccountId = account("person", 0, 0);
		let person = T::People::benchmark_person(&own);

		#[extrinsic_call]
		_(RawOrigin::Signed(own), true);

		assert!(ClaimsAlone::<T>::contains_key(person));
	}

	#[benchmark]
	fn donate() -> Result<(), BenchmarkError> {
		let donor: T::AccountId = account("donor", 0, 0);
		fund_pot::<T>(T::Currency::minimum_balance());
		let before = T::Currency::balance(&Pallet::<T>::pot());
		let amount = T::Currency::minimum_balance();
		T::Currency::mint_into(&donor, amount.saturating_mul(2))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(donor.clone()), amount);

		assert_eq!(T::Currency::balance(&Pallet::<T>::pot()), before + amount);
		assert_eq!(T::Currency::balance(&donor), amount);
		Ok(())
	}

	/// Another pause was, long ago.
	#[benchmark]
	fn pause() -> Result<(), BenchmarkError> {
		let origin = T::PauseOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("somebody may pause"))?;
		LastPause::<T>::put(Pause { from: 0, until: 1 });
		let now = 1 + T::PauseInterval::get();
		frame_system::Pallet::<T>::set_block_number(now.saturated_into());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, T::MaxPause::get());

		assert_eq!(Pallet::<T>::paused_until(), Some(now + T::MaxPause::get()));
		Ok(())
	}

	#[benchmark]
	fn resume() -> Result<(), BenchmarkError> {
		let origin = T::PauseOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("somebody may pause"))?;
		Pallet::<T>::pause(origin.clone(), T::MaxPause::get())?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert_eq!(Pallet::<T>::paused_until(), None);
		Ok(())
	}

	#[benchmark]
	fn set_params() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let params = other_params::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, params);

		assert_eq!(NextParams::<T>::get(), Some(params));
		Ok(())
	}

	#[benchmark]
	fn set_bonus() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let ceiling = T::BonusCeiling::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, ceiling);

		assert_eq!(Bonus::<T>::get(), ceiling);
		Ok(())
	}

	/// The last programme there may be, beside others that run.
	#[benchmark]
	fn open_programme() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		for _ in 1..MAX_PROGRAMMES {
			programme::<T>(1)?;
		}
		let classes = vec![Class::Document, Class::InPerson, Class::Biometric, Class::Community];
		let classes: Classes =
			classes.try_into().map_err(|_| BenchmarkError::Stop("there are four classes"))?;
		let regions = Regions::truncate_from((1..=MAX_REGIONS as u16).collect());
		let least = Params::<T>::get().min_people;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, 1, classes, regions, MAX_PROGRAMME_EPOCHS, least);

		assert_eq!(Running::<T>::get().len() as u32, MAX_PROGRAMMES);
		Ok(())
	}

	/// A person stays longer.
	#[benchmark]
	fn join_programme() -> Result<(), BenchmarkError> {
		let own: T::AccountId = account("person", 0, 0);
		prepare::<T>(1);
		let person = T::People::benchmark_person(&own);
		let id = programme::<T>(1)?;
		Pallet::<T>::join_programme(RawOrigin::Signed(own.clone()).into(), id)?;
		let until = Books::<T>::get().epoch.saturating_add(3);
		let shorter = |shares: &mut ProgrammeShareList| {
			for (_, share) in shares {
				ProgrammeEpochs::<T>::mutate(id, share.until + 1, |row| row.leave -= 1);
				share.until = until;
				ProgrammeEpochs::<T>::mutate(id, until + 1, |row| row.leave += 1);
			}
		};
		ProgrammeShares::<T>::mutate(person, shorter);
		share_in_many::<T>(person);

		#[extrinsic_call]
		_(RawOrigin::Signed(own), id);

		let share = ledger::Ledger::<T>::programme(id).share(person);
		assert!(share.is_some_and(|share| share.until > until));
		Ok(())
	}

	/// Somebody who was revoked is struck off.
	#[benchmark]
	fn leave_programme() -> Result<(), BenchmarkError> {
		let own: T::AccountId = account("person", 0, 0);
		prepare::<T>(1);
		let person = T::People::benchmark_person(&own);
		let id = programme::<T>(1)?;
		Pallet::<T>::join_programme(RawOrigin::Signed(own.clone()).into(), id)?;
		Pallet::<T>::revoke(person)?;
		share_in_many::<T>(person);

		#[extrinsic_call]
		_(RawOrigin::Signed(own), id, person);

		let share = ledger::Ledger::<T>::programme(id).share(person);
		assert!(share.is_some_and(|share| share.until < share.from));
		Ok(())
	}

	/// Four epochs of a programme are claimed.
	#[benchmark]
	fn claim_programme() -> Result<(), BenchmarkError> {
		let claimant = claimant_of_programme::<T>()?;
		let (own, paid, id, _) = claimant;
		let due = Pallet::<T>::claimable_of_programme(id, own.clone());
		assert!(due > 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(own.clone()), id);

		assert_eq!(T::Currency::balance(&paid), due);
		assert_eq!(Pallet::<T>::claimable_of_programme(id, own), 0);
		Ok(())
	}

	/// Somebody was to leave it in each epoch to come.
	#[benchmark]
	fn end_programme() -> Result<(), BenchmarkError> {
		let id = programme::<T>(1)?;
		let open = Books::<T>::get().epoch;
		let leaves = Epoch { leave: 1, ..Default::default() };
		for epoch in open + 1..=open + MAX_PROGRAMME_EPOCHS + 1 {
			ProgrammeEpochs::<T>::insert(id, epoch, leaves);
		}
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);

		assert_eq!(ProgrammeEpochs::<T>::iter_key_prefix(id).collect::<Vec<_>>(), [open + 1]);
		assert!(Programmes::<T>::get(id).is_some_and(|programme| programme.terms.until == open));
		Ok(())
	}

	/// What a programme adds to a close: it gets its part, two epochs are swept, it is divided, and what
	/// falls to somebody who is missing returns to all people.
	#[benchmark]
	fn close_programme() -> Result<(), BenchmarkError> {
		let (_, _, id, _) = claimant_of_programme::<T>()?;
		Programmes::<T>::mutate(id, |programme| {
			if let Some(programme) = programme {
				programme.terms.min_people = 2;
			}
		});
		let before = Programmes::<T>::get(id).ok_or(BenchmarkError::Stop("it is gone"))?;
		let params = Parameters { claim_window: SHORT_WINDOW, ..Params::<T>::get() };
		fund_pot::<T>(inflow::<T>());
		let totals = Books::<T>::get();

		#[block]
		{
			let parts = Pallet::<T>::fund_programmes(&totals, 0);
			Pallet::<T>::close_programmes(totals.epoch, &params, parts);
		}

		let after = Programmes::<T>::get(id).ok_or(BenchmarkError::Stop("it is gone"))?;
		assert!(after.outcome.received > before.outcome.received);
		assert!(after.outcome.returned > before.outcome.returned);
		assert_eq!(after.totals.next_sweep, before.totals.next_sweep + 2);
		Ok(())
	}

	/// The open epoch closes, after the claim window was shortened: two epochs are swept, the pot
	/// is divided, whoever is to be told of it does its work, and other parameters wait.
	#[benchmark]
	fn close() -> Result<(), BenchmarkError> {
		let account: T::AccountId = account("person", 0, 0);
		prepare::<T>(1);
		T::People::benchmark_person(&account);
		for _ in 0..4 {
			prepare::<T>(1);
			Pallet::<T>::benchmark_close_epoch();
		}
		prepare::<T>(1);
		Params::<T>::mutate(|params| params.claim_window = SHORT_WINDOW);
		LastPause::<T>::put(Pause { from: 0, until: 1 });
		NextParams::<T>::put(other_params::<T>());
		let before = Books::<T>::get();
		let now: BlockNumberFor<T> = before.closes_at.saturated_into();
		frame_system::Pallet::<T>::set_block_number(now);

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		let after = Books::<T>::get();
		assert_eq!(after.epoch, before.epoch + 1);
		assert_eq!(after.next_sweep, before.next_sweep + 2);
		assert!(Epochs::<T>::get(before.epoch).per_head > 0);
		assert_eq!(Params::<T>::get(), other_params::<T>());
		Ok(())
	}

	/// Any other block: at most, a close is due and waits for the end of a pause.
	#[benchmark]
	fn idle() {
		let before = Books::<T>::get();
		LastPause::<T>::put(Pause { from: 0, until: before.closes_at.saturating_add(1) });
		let now: BlockNumberFor<T> = before.closes_at.saturated_into();
		frame_system::Pallet::<T>::set_block_number(now);

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_eq!(Books::<T>::get(), before);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
