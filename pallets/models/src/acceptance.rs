//! Rows of contributor tables: nobody is paid who has not agreed, and nobody's money waits for ever.

use crate::{Config, Contributors, Error, Event, Pallet, Row, RowState, Versions};
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
	traits::{Get, Verify, Zero},
	AccountId32, DispatchError, DispatchResult, MultiSignature,
};
use usufruct_primitives::{
	personhood::{acceptance_digest, signed_forms},
	BlockNumber, Hash, VersionId,
};

impl Row {
	/// A row as a version begins with it. What is the owner's own it has agreed to by adding it.
	pub(crate) fn new(
		contributor: crate::Contributor,
		owner: &AccountId32,
		now: BlockNumber,
	) -> Self {
		let crate::Contributor { account, role, share } = contributor;
		let own = account == *owner;
		Self {
			owners: own || role == usufruct_primitives::Role::Owner,
			state: if own { RowState::Accepted } else { RowState::Offered { since: now } },
			account,
			role,
			share,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// What makes signatures of this chain worthless on any other.
	pub(crate) fn genesis_hash() -> Hash {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut genesis = [0; 32];
		genesis.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
		genesis
	}

	/// Lets `change` alter one row of a version.
	pub(crate) fn change_row<R>(
		version: VersionId,
		row: u16,
		change: impl FnOnce(&mut Row) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Contributors::<T>::try_mutate(version, |table| {
			let table = table.as_mut().ok_or(Error::<T>::UnknownVersion)?;
			change(table.get_mut(usize::from(row)).ok_or(Error::<T>::UnknownRow)?)
		})
	}

	/// Fails while a row is of the owner's share and the version is not settled.
	pub(crate) fn ensure_not_held(version: VersionId, row: &Row) -> DispatchResult {
		if row.owners {
			let record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
			ensure!(Self::is_settled(version, &record), Error::<T>::OwnerShareHeld);
		}
		Ok(())
	}

	/// Accepts a row by its account's signature or, without one, because its account is `caller`.
	pub(crate) fn do_accept_row(
		caller: AccountId32,
		version: VersionId,
		row: u16,
		signature: Option<MultiSignature>,
	) -> DispatchResult {
		let account = Self::change_row(version, row, |record| {
			match record.state {
				RowState::Offered { .. } => {},
				RowState::Accepted => return Err(Error::<T>::AlreadyAccepted.into()),
				RowState::Forfeited => return Err(Error::<T>::RowForfeited.into()),
			}
			let Some(signature) = signature else {
				ensure!(record.account == caller, Error::<T>::NotRowAccount);
				record.state = RowState::Accepted;
				return Ok(caller);
			};
			let account: [u8; 32] = record.account.clone().into();
			let digest = acceptance_digest(&Self::genesis_hash(), version, row, &account);
			ensure!(
				signed_forms(&digest)
					.iter()
					.any(|form| signature.verify(&form[..], &record.account)),
				Error::<T>::BadAcceptance
			);
			record.state = RowState::Accepted;
			Ok(record.account.clone())
		})?;
		Self::deposit_event(Event::RowAccepted { version, row, account });
		Ok(())
	}

	/// Gives a row that was not accepted in time to the dividend, with all it is due.
	pub(crate) fn do_forfeit_row(version: VersionId, row: u16) -> DispatchResult {
		let (record, due) = Self::due(version, row)?;
		let since = match record.state {
			RowState::Offered { since } => since,
			RowState::Accepted => return Err(Error::<T>::AlreadyAccepted.into()),
			RowState::Forfeited => return Err(Error::<T>::RowForfeited.into()),
		};
		let until = since.saturating_add(T::AcceptanceTerm::get());
		ensure!(Self::now() >= until, Error::<T>::AcceptanceTermRuns);
		Self::ensure_not_held(version, &record)?;

		Self::change_row(version, row, |record| {
			record.state = RowState::Forfeited;
			Ok(())
		})?;
		if due > 0 {
			Self::pay(version, row, T::DividendPot::get(), due)?;
		}
		Self::deposit_event(Event::RowForfeited {
			version,
			row,
			account: record.account,
			amount: due,
		});
		Ok(())
	}

	/// Pays a row all it is due, if it can be paid.
	pub(crate) fn do_claim_revenue(version: VersionId, row: u16) -> DispatchResult {
		let (record, due) = Self::due(version, row)?;
		let payee = match record.state {
			RowState::Offered { .. } => return Err(Error::<T>::NotAccepted.into()),
			RowState::Accepted => record.account.clone(),
			RowState::Forfeited => T::DividendPot::get(),
		};
		ensure!(due > 0, Error::<T>::NothingDue);
		Self::ensure_not_held(version, &record)?;
		Self::pay(version, row, payee, due)
	}

	/// Gives `caller`'s row, with all it is due, to an account that has yet to accept it.
	pub(crate) fn do_transfer_row(
		caller: AccountId32,
		version: VersionId,
		row: u16,
		to: AccountId32,
	) -> DispatchResult {
		ensure!(to != Self::pot(), Error::<T>::ContributorIsPot);
		let (_, due) = Self::due(version, row)?;
		let now = Self::now();
		Self::change_row(version, row, |record| {
			ensure!(record.account == caller, Error::<T>::NotRowAccount);
			ensure!(record.state != RowState::Forfeited, Error::<T>::RowForfeited);
			Self::ensure_not_held(version, record)?;
			record.account = to.clone();
			record.state = RowState::Offered { since: now };
			Ok(())
		})?;
		Self::deposit_event(Event::RowTransferred { version, row, from: caller, to, due });
		Ok(())
	}
}
