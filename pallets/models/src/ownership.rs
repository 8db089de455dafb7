//! Models change hands in two steps: the owner offers, the other accepts and takes over the deposits.

use crate::{Config, Error, Event, HoldReason, Models, Pallet};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision},
};
use sp_runtime::{AccountId32, DispatchResult};
use usufruct_primitives::ModelId;

impl<T: Config> Pallet<T> {
	/// Offers a model to somebody, or to nobody any more.
	pub(crate) fn do_transfer_model(
		caller: AccountId32,
		id: ModelId,
		to: Option<AccountId32>,
	) -> DispatchResult {
		Models::<T>::try_mutate(id, |model| {
			let model = model.as_mut().ok_or(Error::<T>::UnknownModel)?;
			ensure!(model.owner == caller, Error::<T>::NotOwner);
			model.offered_to.clone_from(&to);
			Self::deposit_event(Event::ModelOffered { model: id, owner: caller, to });
			Ok(())
		})
	}

	/// Makes `caller`, to whom it is offered, the owner of a model.
	pub(crate) fn do_accept_model(caller: AccountId32, id: ModelId) -> DispatchResult {
		let mut model = Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)?;
		ensure!(model.offered_to.as_ref() == Some(&caller), Error::<T>::NotOffered);
		let deposit = model.deposit;

		Self::hold(&caller, deposit)?;
		T::Currency::release(&HoldReason::Deposit.into(), &model.owner, deposit, Precision::Exact)?;
		let from = core::mem::replace(&mut model.owner, caller.clone());
		model.offered_to = None;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelTransferred { model: id, from, to: caller, deposit });
		Ok(())
	}
}
