//! Suspended verifiers: barred at once, for a while, without touching anybody's record.
//!
//! A suspension says that a verifier may have been deceived or bought. From that block on it attests
//! nobody. People too few of whose verifiers stand go on sharing and voting, but cannot claim until
//! others attest them; that is looked up when they claim, so suspending costs the same however many
//! there are. Neither can such a bar be kept up by whoever has the power to suspend: it ends by
//! itself, for at least as long as it lasted, unless all people confirm it in a referendum, in which
//! those concerned vote.
//!
//! The operator, whose key may have been stolen, cannot wait for a poll: it *stops* its verifier, which
//! attests nobody from that block on. That is no suspension: those whom it attested claim as ever, for
//! an operator must not hold its people hostage; it can be suspended beside that, and is not sheltered
//! from a suspension afterwards; its bond stays at stake. Only governance resumes it.

use crate::{
	types::{Suspension, Verifier},
	Config, Error, Event, Pallet, Verifiers,
};
use frame_support::{ensure, pallet_prelude::DispatchResult};
use usufruct_primitives::{traits::Eligibility, EpochIndex, VerifierId};

/// For how many epochs a verifier is suspended, and after that cannot be, unless it is confirmed.
pub const SUSPENSION: EpochIndex = 8;

impl<T: Config> Pallet<T> {
	/// Suspends a verifier, also a retired one: it may have attested people before.
	pub(crate) fn suspend(verifier: VerifierId) -> DispatchResult {
		let (epoch, record) = Self::verifier_now(verifier)?;
		ensure!(!record.is_suspended(epoch), Error::<T>::AlreadySuspended);
		if let Some(Suspension::Until(end)) = record.suspension {
			ensure!(epoch >= end.saturating_add(SUSPENSION), Error::<T>::SuspendedLately);
		}
		let until = epoch.saturating_add(SUSPENSION);
		Self::put_suspension(verifier, record, Suspension::Until(until));
		Self::deposit_event(Event::VerifierSuspended { verifier, until });
		Ok(())
	}

	/// Makes a suspension that has not ended last until it is lifted.
	pub(crate) fn confirm(verifier: VerifierId) -> DispatchResult {
		let (epoch, record) = Self::verifier_now(verifier)?;
		ensure!(record.is_suspended(epoch), Error::<T>::NotSuspended);
		ensure!(record.suspension != Some(Suspension::Confirmed), Error::<T>::AlreadyConfirmed);
		Self::put_suspension(verifier, record, Suspension::Confirmed);
		Self::deposit_event(Event::SuspensionConfirmed { verifier });
		Ok(())
	}

	/// Bars a verifier from attesting by the word of its operator, until it is resumed.
	pub(crate) fn stop(operator: T::AccountId, verifier: VerifierId) -> DispatchResult {
		let mut record = Self::own_verifier(&operator, verifier)?;
		ensure!(!record.retired, Error::<T>::AlreadyRetired);
		ensure!(!record.stopped, Error::<T>::AlreadySuspended);
		record.stopped = true;
		Verifiers::<T>::insert(verifier, record);
		Self::deposit_event(Event::VerifierStopped { verifier, operator });
		Ok(())
	}

	/// Ends now what bars a verifier. What a referendum confirmed only a referendum ends.
	pub(crate) fn resume(verifier: VerifierId, by_referendum: bool) -> DispatchResult {
		let (epoch, mut record) = Self::verifier_now(verifier)?;
		ensure!(record.is_barred(epoch), Error::<T>::NotSuspended);
		let confirmed = record.suspension == Some(Suspension::Confirmed);
		ensure!(by_referendum || !confirmed, Error::<T>::ConfirmedByReferendum);
		record.stopped = false;
		// One that was only stopped is not sheltered from a suspension by that.
		if record.is_suspended(epoch) {
			record.suspension = Some(Suspension::Until(epoch));
		}
		Verifiers::<T>::insert(verifier, record);
		Self::deposit_event(Event::VerifierResumed { verifier });
		Ok(())
	}

	fn verifier_now(verifier: VerifierId) -> Result<(EpochIndex, Verifier), Error<T>> {
		let record = Verifiers::<T>::get(verifier).ok_or(Error::<T>::UnknownVerifier)?;
		Ok((T::Eligibility::current_epoch(), record))
	}

	fn put_suspension(verifier: VerifierId, mut record: Verifier, suspension: Suspension) {
		record.suspension = Some(suspension);
		Verifiers::<T>::insert(verifier, record);
	}
}
