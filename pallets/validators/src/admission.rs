//! Who may author: taken in and dismissed by people's vote.

use crate::{Config, Error, Event, Members, Pallet};
use frame_support::pallet_prelude::*;
use sp_runtime::AccountId32;

impl<T: Config> Pallet<T> {
	/// Makes an account a member. That it has set session keys is its consent.
	pub(crate) fn do_admit(validator: AccountId32) -> DispatchResult {
		ensure!(Self::has_keys(&validator), Error::<T>::NoSessionKeys);
		let members = Members::<T>::try_mutate(|members| {
			ensure!(!members.contains(&validator), Error::<T>::AlreadyMember);
			members.try_push(validator.clone()).map_err(|_| Error::<T>::TooManyMembers)?;
			Ok::<_, DispatchError>(members.len() as u32)
		})?;
		Self::deposit_event(Event::Admitted { validator, members });
		Ok(())
	}

	/// Takes a member out, unless nobody else could author.
	pub(crate) fn do_dismiss(validator: AccountId32) -> DispatchResult {
		let remaining = Self::take_out(&validator)?;
		Self::deposit_event(Event::Dismissed { validator, remaining });
		Ok(())
	}

	/// Takes a member out of the sets to be planned; tells how many remain.
	pub(crate) fn take_out(validator: &AccountId32) -> Result<u32, Error<T>> {
		Members::<T>::try_mutate(|members| {
			ensure!(members.contains(validator), Error::<T>::NotAMember);
			ensure!(
				members.iter().any(|member| member != validator && Self::has_keys(member)),
				Error::<T>::LastWithKeys
			);
			members.retain(|member| member != validator);
			Ok(members.len() as u32)
		})
	}
}
