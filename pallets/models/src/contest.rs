//! "This is my model": the window in which a version can be contested, and how that ends.

use crate::{
	Config, Contest, Contests, Contributors, Error, Event, HoldReason, Model, Models, OpenContests,
	Pallet, PendingReuses, RowList, RowState, Ruling, Version, Versions,
};
use frame_support::{
	ensure,
	traits::{
		fungible::hold::Mutate,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use sp_runtime::{traits::Get, AccountId32, ArithmeticError, DispatchError, DispatchResult};
use usufruct_primitives::{Balance, Hash, ModelId, VersionId};

impl<T: Config> Pallet<T> {
	/// Whether a version can still be contested.
	pub(crate) fn in_window(version: &Version) -> bool {
		Self::now() < version.added.saturating_add(T::ContestWindow::get())
	}

	/// Whether nobody can contest a version any more, nobody does, and no claim of reuse that was
	/// made in time waits to be confirmed.
	pub(crate) fn is_settled(id: VersionId, version: &Version) -> bool {
		!Self::in_window(version)
			&& OpenContests::<T>::get(id) == 0
			&& PendingReuses::<T>::get(id) == 0
	}

	/// Lodges a contest.
	pub(crate) fn do_contest(
		contester: AccountId32,
		version: VersionId,
		evidence_hash: Hash,
	) -> DispatchResult {
		let record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let model = Models::<T>::get(record.model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(model.owner != contester, Error::<T>::OwnVersion);
		ensure!(Self::in_window(&record), Error::<T>::WindowOver);
		ensure!(!Contests::<T>::contains_key(version, &contester), Error::<T>::ContestOpen);

		let deposit = T::ContestDeposit::get();
		T::Currency::hold(&HoldReason::Contest.into(), &contester, deposit)?;
		let open = OpenContests::<T>::get(version);
		let open = open.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		OpenContests::<T>::insert(version, open);
		let contest = Contest { evidence_hash, deposit, since: Self::now() };
		Contests::<T>::insert(version, &contester, contest);
		Self::deposit_event(Event::VersionContested { version, contester, evidence_hash, deposit });
		Ok(())
	}

	/// Removes a contest that is over.
	fn take_contest(version: VersionId, contester: &AccountId32) -> Result<Contest, DispatchError> {
		let contest = Contests::<T>::take(version, contester).ok_or(Error::<T>::NoContest)?;
		let open = OpenContests::<T>::get(version);
		match open.checked_sub(1).ok_or(ArithmeticError::Underflow)? {
			0 => OpenContests::<T>::remove(version),
			open => OpenContests::<T>::insert(version, open),
		}
		Ok(contest)
	}

	/// Ends a contest by a ruling. Others of the same version go on, against whoever it belongs to
	/// then.
	pub(crate) fn do_resolve_contest(
		version: VersionId,
		contester: AccountId32,
		ruling: Ruling,
	) -> DispatchResult {
		let contest = Self::take_contest(version, &contester)?;
		let record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let model = Models::<T>::get(record.model).ok_or(Error::<T>::UnknownModel)?;
		match ruling {
			Ruling::Dismissed => Self::dismiss(version, contester, contest.deposit, model.owner),
			Ruling::Upheld { rows, model: whole } => {
				T::Currency::release(
					&HoldReason::Contest.into(),
					&contester,
					contest.deposit,
					Precision::Exact,
				)?;
				let rows = Self::take_rows(version, &rows, &contester)?;
				if whole {
					Self::take_model(record.model, model, &contester)?;
				}
				Self::deposit_event(Event::ContestUpheld {
					version,
					contester,
					rows,
					model: whole,
				});
				Ok(())
			},
		}
	}

	/// Ends a contest that nobody has ruled on in time. The owner gets as much as if it had been
	/// dismissed, for having waited: whoever contests must also carry it to a ruling, and not hold
	/// an owner's share for months for nothing. The rest returns, because nobody has found the
	/// contester wrong.
	pub(crate) fn do_lapse_contest(version: VersionId, contester: AccountId32) -> DispatchResult {
		let Contest { deposit, since, .. } = Self::take_contest(version, &contester)?;
		let until = since.saturating_add(T::ContestTerm::get());
		ensure!(Self::now() >= until, Error::<T>::ContestTermRuns);
		let record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let owner = Self::owner_of(record.model)?;
		let to_owner = if owner == contester { 0 } else { deposit / 2 };
		let returned = deposit.checked_sub(to_owner).ok_or(ArithmeticError::Underflow)?;
		if to_owner > 0 {
			Self::forfeit_deposit(&contester, &owner, to_owner)?;
		}
		let reason = HoldReason::Contest.into();
		T::Currency::release(&reason, &contester, returned, Precision::Exact)?;
		Self::deposit_event(Event::ContestLapsed { version, contester, owner, to_owner, returned });
		Ok(())
	}

	/// The version was the owner's all along.
	fn dismiss(
		version: VersionId,
		contester: AccountId32,
		deposit: Balance,
		owner: AccountId32,
	) -> DispatchResult {
		let to_owner = deposit / 2;
		let to_dividend = deposit.checked_sub(to_owner).ok_or(ArithmeticError::Underflow)?;
		Self::forfeit_deposit(&contester, &owner, to_owner)?;
		Self::forfeit_deposit(&contester, &T::DividendPot::get(), to_dividend)?;
		Self::deposit_event(Event::ContestDismissed {
			version,
			contester,
			owner,
			to_owner,
			to_dividend,
		});
		Ok(())
	}

	/// Pays a part of a contest's deposit to somebody else. By force: freezing its balance does not
	/// save a contester from losing.
	fn forfeit_deposit(
		contester: &AccountId32,
		to: &AccountId32,
		amount: Balance,
	) -> DispatchResult {
		T::Currency::transfer_on_hold(
			&HoldReason::Contest.into(),
			contester,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)
		.map(drop)
	}

	/// Gives the owner's share of a version, and the rows that are named, to the contester, with what
	/// they are due; returns all their numbers. Lodging the contest was accepting them.
	fn take_rows(
		version: VersionId,
		named: &RowList,
		contester: &AccountId32,
	) -> Result<RowList, DispatchError> {
		Contributors::<T>::try_mutate(version, |table| {
			let table = table.as_mut().ok_or(Error::<T>::UnknownVersion)?;
			ensure!(
				named.iter().all(|row| usize::from(*row) < table.len()),
				Error::<T>::UnknownRow
			);
			let mut taken = RowList::new();
			for (number, row) in (0u16..).zip(table.iter_mut()) {
				if row.owners || named.contains(&number) {
					row.account = contester.clone();
					row.owners = true;
					row.state = RowState::Accepted;
					taken.try_push(number).map_err(|_| Error::<T>::UnknownRow)?;
				}
			}
			Ok(taken)
		})
	}

	/// Makes the contester the owner of a model, whose deposits it gets as they are held.
	fn take_model(id: ModelId, mut model: Model, contester: &AccountId32) -> DispatchResult {
		if model.owner == *contester {
			return Ok(());
		}
		T::Currency::transfer_on_hold(
			&HoldReason::Deposit.into(),
			&model.owner,
			contester,
			model.deposit,
			Precision::Exact,
			Restriction::OnHold,
			Fortitude::Force,
		)?;
		let from = core::mem::replace(&mut model.owner, contester.clone());
		model.offered_to = None;
		let deposit = model.deposit;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelTransferred {
			model: id,
			from,
			to: contester.clone(),
			deposit,
		});
		Ok(())
	}
}
