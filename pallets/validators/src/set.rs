//! The validator set as the session manager sees it, and what offences do to it.

use crate::{Config, Error, Event, Members, OffenceRecord, Offences, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::{traits::Get, weights::Weight};
use pallet_session::historical::{self, IdentificationTuple};
use sp_runtime::{
	traits::{Convert, SaturatedConversion},
	AccountId32, Perbill,
};
use sp_staking::{
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
	SessionIndex,
};

/// What a session root proves of a validator beside its account: nothing, as long as there is no
/// bond to name.
pub struct Identification;

impl Convert<AccountId32, Option<()>> for Identification {
	fn convert(_: AccountId32) -> Option<()> {
		Some(())
	}
}

impl<T: Config> Pallet<T> {
	/// Whether the account has session keys, without which a session passes it over.
	pub(crate) fn has_keys(account: &AccountId32) -> bool {
		pallet_session::NextKeys::<T>::contains_key(account)
	}

	/// Makes all accounts that have session keys members, in the order of their bytes.
	///
	/// Only at genesis; there a set that is too large is a mistake in the chain specification.
	fn found() {
		let mut accounts: Vec<AccountId32> = pallet_session::NextKeys::<T>::iter_keys().collect();
		accounts.sort();
		let members = accounts.try_into().expect("genesis has at most MaxValidators session keys");
		Members::<T>::put::<frame_support::BoundedVec<_, T::MaxValidators>>(members);
	}

	/// The set to plan next; `None` if it is the one that has just been planned, keys included.
	/// Never an empty one, by invariant 6.
	///
	/// Keys count because a session's root commits to them: a set announced as unchanged gets the
	/// root of the session before, in which new keys could not be proven.
	fn next_set() -> Option<Vec<AccountId32>> {
		let next: Vec<AccountId32> =
			Members::<T>::get().into_iter().filter(Self::has_keys).collect();
		let planned = pallet_session::Pallet::<T>::queued_keys();
		let unchanged = planned.len() == next.len()
			&& planned.iter().zip(&next).all(|((account, keys), member)| {
				account == member
					&& pallet_session::Pallet::<T>::load_keys(member).as_ref() == Some(keys)
			});
		(!unchanged).then_some(next)
	}

	/// Remembers an offence; the gravest of a session stands for all of that session, because the
	/// handler hears of earlier offenders again whenever another is found.
	fn record(validator: &AccountId32, session: SessionIndex, fraction: Perbill) {
		Offences::<T>::mutate(validator, |records| {
			if let Some(known) = records.iter_mut().find(|record| record.session == session) {
				known.fraction = known.fraction.max(fraction);
				return;
			}
			if records.is_full() {
				records.remove(0);
			}
			let reported = frame_system::Pallet::<T>::block_number().saturated_into();
			// There is room for at least one, see `integrity_test`.
			let _ = records.try_push(OffenceRecord { session, fraction, reported });
		});
		Self::deposit_event(Event::OffenceRecorded {
			validator: validator.clone(),
			session,
			fraction,
		});
	}

	/// Takes an offender out, unless nobody else could author.
	fn leave_out(validator: &AccountId32) {
		let validator = validator.clone();
		match Self::take_out(&validator) {
			Ok(remaining) => Self::deposit_event(Event::LeftOut { validator, remaining }),
			Err(Error::LastWithKeys) => Self::deposit_event(Event::LastKept { validator }),
			// It is none any more.
			Err(_) => {},
		}
	}
}

impl<T: Config> pallet_session::SessionManager<AccountId32> for Pallet<T> {
	fn new_session(_: SessionIndex) -> Option<Vec<AccountId32>> {
		Self::next_set()
	}

	fn new_session_genesis(_: SessionIndex) -> Option<Vec<AccountId32>> {
		if !Members::<T>::exists() {
			Self::found();
		}
		Some(Members::<T>::get().into_inner())
	}

	fn start_session(start_index: SessionIndex) {
		if let Some(first_kept) = start_index.checked_sub(T::ReportLongevity::get()) {
			if first_kept > 0 {
				historical::Pallet::<T>::prune_up_to(first_kept);
			}
		}
	}

	fn end_session(_: SessionIndex) {}
}

impl<T: Config> historical::SessionManager<AccountId32, ()> for Pallet<T> {
	fn new_session(new_index: SessionIndex) -> Option<Vec<(AccountId32, ())>> {
		<Self as pallet_session::SessionManager<_>>::new_session(new_index).map(identified)
	}

	fn new_session_genesis(new_index: SessionIndex) -> Option<Vec<(AccountId32, ())>> {
		<Self as pallet_session::SessionManager<_>>::new_session_genesis(new_index).map(identified)
	}

	fn start_session(start_index: SessionIndex) {
		<Self as pallet_session::SessionManager<_>>::start_session(start_index)
	}

	fn end_session(end_index: SessionIndex) {
		<Self as pallet_session::SessionManager<_>>::end_session(end_index)
	}
}

fn identified(accounts: Vec<AccountId32>) -> Vec<(AccountId32, ())> {
	accounts.into_iter().map(|account| (account, ())).collect()
}

impl<T: Config> OnOffenceHandler<AccountId32, IdentificationTuple<T>, Weight> for Pallet<T> {
	fn on_offence(
		offenders: &[OffenceDetails<AccountId32, IdentificationTuple<T>>],
		slash_fraction: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		for (details, fraction) in offenders.iter().zip(slash_fraction) {
			let (validator, ()) = &details.offender;
			Self::record(validator, session, *fraction);
			Self::leave_out(validator);
			pallet_session::Pallet::<T>::report_offence(
				validator.clone(),
				OffenceSeverity(*fraction),
			);
		}
		<T as Config>::WeightInfo::on_offence(offenders.len() as u32)
	}
}
