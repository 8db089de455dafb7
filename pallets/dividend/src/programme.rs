//! Programmes: a part of what flows in, for a while, for some of all people; divided by the same rules.
//!
//! A programme never touches what is in the pot of all people: its part is taken from what arrived
//! since the last close, before that is divided, and at most [`Config::ProgrammeCeiling`] goes to all
//! programmes together. What a programme does not use returns to all.
//!
//! It is divided by as many people at least as the pot of all was when it was opened, and what falls to
//! those who are missing to that number returns to all with each close: a programme for few is none
//! for one of them, however long it runs. Whoever can open a programme can end it: it shares out
//! the open epoch, and is wound up as if that had always been its last one.
//!
//! Nothing here is asked by the calls that recognise or revoke people. Whoever is revoked can claim
//! nothing, and goes on being counted in a programme until somebody says so by
//! [`Pallet::leave_programme`], or its record is removed. Who comes back has lost what it had not
//! claimed, also of the epochs in between. Who is frozen loses nothing: what programmes owe it is put
//! aside with what all people owe it.

use crate::{
	epoch::{step, Closed},
	ledger::Ledger,
	pallet::*,
	Classes, Outcome, Parameters, Programme, ProgrammeId, Regions, Terms, Totals, LOG_TARGET,
	MAX_PROGRAMME_EPOCHS,
};
use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
	},
};
use sp_runtime::ArithmeticError;
use usufruct_primitives::{
	split::entitlement,
	traits::{Attested, People},
	Balance, EpochIndex, PersonId, PPM,
};

impl<T: Config> Pallet<T> {
	/// Moves to each programme its part of what arrived since the last close, and returns the parts.
	/// `totals` are those of all people, in which `swept` has just stopped to be owed.
	///
	/// What arrived is what could be divided now, less what could have been divided before: carried,
	/// forfeited or swept money is not shared out a second time.
	pub(crate) fn fund_programmes(totals: &Totals, swept: Balance) -> Vec<(ProgrammeId, Balance)> {
		let ledger = Ledger::<T>::dividend();
		let running = Running::<T>::get();
		// Saturating all: a pot that holds less than it owes has nothing to share out.
		let arrived = ledger
			.holding()
			.saturating_sub(totals.liability)
			.saturating_sub(Counted::<T>::get())
			.saturating_sub(swept);
		let part_of = |id: ProgrammeId| {
			let terms = Programmes::<T>::get(id)?.terms;
			let funded = (terms.from..=terms.until).contains(&totals.epoch);
			let part = entitlement(arrived, terms.share, PPM).filter(|part| funded && *part > 0)?;
			let (from, to) = (ledger.pot(), Ledger::<T>::programme(id).pot());
			// Too little for a pot that does not live yet stays with all people.
			T::Currency::transfer(&from, &to, part, Preservation::Preserve).ok()
		};
		running.into_iter().map(|id| (id, part_of(id).unwrap_or(0))).collect()
	}

	/// Closes the epoch in every programme that runs.
	pub(crate) fn close_programmes(
		closing: EpochIndex,
		params: &Parameters,
		parts: Vec<(ProgrammeId, Balance)>,
	) {
		for (id, received) in parts {
			let Some(mut programme) = Programmes::<T>::get(id) else { continue };
			let outcome = &mut programme.outcome;
			// Saturating: the tokens there are.
			outcome.received = outcome.received.saturating_add(received);
			if closing <= programme.terms.until {
				Self::close_programme(id, &mut programme, params, received);
			} else {
				Self::wind_up_programme(id, &mut programme, closing, params);
			}
			Programmes::<T>::insert(id, programme);
		}
	}

	/// The same as for all people, within the term of the programme; but what falls to those who are
	/// missing to the least number of people is not kept for the few who are there.
	fn close_programme(
		id: ProgrammeId,
		programme: &mut Programme,
		params: &Parameters,
		received: Balance,
	) {
		let ledger = Ledger::<T>::programme(id);
		let totals = &mut programme.totals;
		let epoch = totals.epoch;
		let swept = ledger.sweep(totals, epoch, params.claim_window);
		let params = Parameters { min_people: programme.terms.min_people, ..*params };
		// Saturating: terms end before the last epoch there can be.
		let Closed { eligible, division } = ledger.divide(totals, epoch.saturating_add(1), &params);
		let missing = params.min_people.saturating_sub(eligible);
		// Saturating both: a part of what is carried.
		let theirs = division.per_head.saturating_mul(missing.into());
		let keep = Preservation::Preserve;
		let returned = Self::return_to_all(ledger, &mut programme.outcome, theirs, keep);
		Self::deposit_event(Event::ProgrammeEpochClosed {
			programme: id,
			epoch,
			received,
			eligible,
			per_head: division.per_head,
			distributed: division.distributed,
			carried: division.carried.saturating_sub(returned),
			returned,
			swept,
		});
	}

	/// Gives what a programme does not owe to all people. Returns how much that was: nothing, if it
	/// cannot be moved and so stays in the pot of the programme.
	fn return_to_all(
		ledger: Ledger<T>,
		outcome: &mut Outcome,
		amount: Balance,
		keep: Preservation,
	) -> Balance {
		let (from, to) = (ledger.pot(), Ledger::<T>::dividend().pot());
		if amount == 0 || T::Currency::transfer(&from, &to, amount, keep).is_err() {
			return 0;
		}
		// Saturating both: the tokens there are.
		outcome.returned = outcome.returned.saturating_add(amount);
		// It was shared out once, and is not again.
		Counted::<T>::mutate(|counted| *counted = counted.saturating_add(amount));
		amount
	}

	/// After its term a programme opens no more epochs. What it does not owe returns to all people,
	/// and once its last epoch is swept, so does the rest.
	fn wind_up_programme(
		id: ProgrammeId,
		programme: &mut Programme,
		closing: EpochIndex,
		params: &Parameters,
	) {
		let ledger = Ledger::<T>::programme(id);
		let totals = &mut programme.totals;
		ledger.sweep(totals, closing, params.claim_window);
		let over = totals.next_sweep > programme.terms.until;
		let keep = if over { Preservation::Expendable } else { Preservation::Preserve };
		let free = T::Currency::reducible_balance(&ledger.pot(), keep, Fortitude::Polite)
			.saturating_sub(totals.liability);
		Self::return_to_all(ledger, &mut programme.outcome, free, keep);
		if over {
			ledger.take_row(totals.epoch);
			Running::<T>::mutate(|running| running.retain(|other| *other != id));
			let outcome = programme.outcome;
			Self::deposit_event(Event::ProgrammeEnded { programme: id, outcome });
		}
	}

	/// Opens a programme with the next epoch.
	pub(crate) fn do_open_programme(
		share: u32,
		classes: Classes,
		regions: Regions,
		epochs: u32,
		min_people: u32,
	) -> DispatchResult {
		let length = 1..=MAX_PROGRAMME_EPOCHS;
		let whole = share > 0 && length.contains(&epochs);
		ensure!(whole, Error::<T>::EmptyProgramme);
		ensure!(!regions.contains(&0), Error::<T>::NoRegion);
		ensure!(min_people >= Params::<T>::get().min_people, Error::<T>::TooFewPeople);
		let epoch = Books::<T>::get().epoch;
		let mut running = Running::<T>::get();
		let given = running
			.iter()
			.filter_map(Programmes::<T>::get)
			// Those that are over get nothing more.
			.filter(|programme| programme.terms.until >= epoch)
			.map(|programme| u64::from(programme.terms.share));
		let all = given.sum::<u64>().saturating_add(share.into());
		ensure!(all <= T::ProgrammeCeiling::get().into(), Error::<T>::ProgrammesTooLarge);

		let id = NextProgramme::<T>::get();
		let next = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		let from = epoch.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		let until = epoch.checked_add(epochs).ok_or(ArithmeticError::Overflow)?;
		ensure!(until < EpochIndex::MAX, ArithmeticError::Overflow);
		running.try_push(id).map_err(|_| Error::<T>::TooManyProgrammes)?;
		let terms = Terms { share, classes, regions, from, until, min_people };
		let totals = Totals { epoch, next_sweep: epoch, ..Default::default() };
		let programme = Programme { terms: terms.clone(), totals, outcome: Default::default() };
		Programmes::<T>::insert(id, programme);
		Running::<T>::put(running);
		NextProgramme::<T>::put(next);
		Self::deposit_event(Event::ProgrammeOpened { programme: id, terms });
		Ok(())
	}

	/// Makes the open epoch the last one of a programme.
	///
	/// No share is touched, see [`Ledger::share`]: all of them leave with the next epoch, and nobody
	/// is counted in those that were to come after it.
	pub(crate) fn do_end_programme(id: ProgrammeId) -> DispatchResult {
		let mut programme = Programmes::<T>::get(id).ok_or(Error::<T>::NoProgramme)?;
		let (old, new) = (programme.terms.until, Books::<T>::get().epoch);
		ensure!(old > new, Error::<T>::ProgrammeOver);

		let ledger = Ledger::<T>::programme(id);
		let row = ledger.row(new);
		let active =
			step(programme.totals.active, row.join, row.leave).ok_or(Error::<T>::Unexpected)?;
		// Saturating all: terms end before the last epoch there can be.
		let after = new.saturating_add(1);
		ledger.change_row(after, |row| {
			row.leave = active.checked_add(row.join).ok_or(ArithmeticError::Overflow)?;
			Ok::<_, ArithmeticError>(())
		})?;
		for epoch in after.saturating_add(1)..=old.saturating_add(1) {
			ledger.take_row(epoch);
		}
		programme.terms.until = new;
		Programmes::<T>::insert(id, programme);
		Self::deposit_event(Event::ProgrammeCutShort { programme: id, old, new });
		Ok(())
	}

	/// The interval that this account would have in a programme by joining now, or why it cannot.
	/// Reads only.
	pub(crate) fn may_join(
		account: &T::AccountId,
		id: ProgrammeId,
	) -> Result<(PersonId, EpochIndex), Error<T>> {
		let person = T::People::person_of(account).ok_or(Error::<T>::NotAPerson)?;
		ensure!(T::People::may_claim(person), Error::<T>::MayNotClaim);
		let all = Shares::<T>::get(person).ok_or(Error::<T>::NoShare)?;
		let programme = Programmes::<T>::get(id).ok_or(Error::<T>::NoProgramme)?;
		let until = all.until.min(programme.terms.until);
		let open = Books::<T>::get().epoch;
		ensure!(until > open, Error::<T>::TooLateToJoin);
		let attested = T::People::classes(person);
		let classes = &programme.terms.classes;
		let fits = classes.is_empty() || attested.iter().any(|class| classes.contains(class));
		let regions = &programme.terms.regions;
		let lives_there = || T::People::region(person).is_some_and(|own| regions.contains(&own));
		ensure!(fits && (regions.is_empty() || lives_there()), Error::<T>::NotEligible);
		let ledger = Ledger::<T>::programme(id);
		if let Some(share) = ledger.share(person) {
			if share.until >= open {
				ensure!(until > share.until, Error::<T>::AlreadyJoined);
			} else {
				// A new interval would overwrite what is due of the old one.
				let unclaimed = ledger.unclaimed(person, &share, &programme.totals)?;
				ensure!(unclaimed.amount == 0, Error::<T>::ClaimFirst);
			}
		}
		Ok((person, until))
	}

	/// Makes the person share in a programme until then, from the next epoch on, or longer.
	pub(crate) fn do_join_programme(
		id: ProgrammeId,
		person: PersonId,
		until: EpochIndex,
	) -> Result<EpochIndex, DispatchError> {
		let ledger = Ledger::<T>::programme(id);
		let open = Books::<T>::get().epoch;
		let (share, extended) = match ledger.share(person).filter(|share| share.until >= open) {
			Some(share) => (ledger.extend(person, share, until)?, true),
			None => (ledger.begin(person, open, until, 0, 0)?, false),
		};
		Programmes::<T>::mutate(id, |programme| {
			if let Some(programme) = programme {
				let outcome = &mut programme.outcome;
				let count = if extended { &mut outcome.extended } else { &mut outcome.joined };
				// Saturating: for whoever looks at it, and nothing depends on it.
				*count = count.saturating_add(1);
			}
		});
		Ok(share.from)
	}

	/// Ends the interval of who does not share in the dividend any more, or forgets the share in a
	/// programme that is over.
	pub(crate) fn do_leave_programme(id: ProgrammeId, person: PersonId) -> DispatchResult {
		let ledger = Ledger::<T>::programme(id);
		let share = ledger.share(person).ok_or(Error::<T>::NoShare)?;
		if !Running::<T>::get().contains(&id) {
			ledger.remove_share(person);
			return Ok(());
		}
		let until = Shares::<T>::get(person).map(|all| all.until);
		let still = until.is_some_and(|until| until >= share.until);
		// What is over stays as it is: it may be claimed. So does what was struck off before it began.
		let open = Books::<T>::get().epoch;
		let on = share.until >= open.max(share.from);
		ensure!(!still && on, Error::<T>::StillEligible);
		ledger.end(person, share, open)?;
		Programmes::<T>::mutate(id, |programme| {
			if let Some(programme) = programme {
				programme.outcome.left = programme.outcome.left.saturating_add(1);
			}
		});
		Ok(())
	}

	/// Puts aside what a person could claim of all its programmes: moves it to the pot of all people,
	/// which is to owe it from then on. Returns how much that is.
	///
	/// A programme whose books are broken, or whose pot does not hold what it owes, is passed over:
	/// nobody may be beyond a challenge because of it.
	pub(crate) fn settle_programmes(person: PersonId) -> Result<Balance, DispatchError> {
		let mut settled: Balance = 0;
		for (id, _) in ProgrammeShares::<T>::get(person) {
			match with_storage_layer(|| Self::settle_programme(id, person)) {
				Ok(amount) => {
					settled = settled.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
				},
				Err(error) => log::error!(
					target: LOG_TARGET,
					"programme {id} does not settle what it owes person {person}: {error:?}"
				),
			}
		}
		Ok(settled)
	}

	fn settle_programme(id: ProgrammeId, person: PersonId) -> Result<Balance, DispatchError> {
		let ledger = Ledger::<T>::programme(id);
		let mut programme = Programmes::<T>::get(id).ok_or(Error::<T>::Unexpected)?;
		let mut share = ledger.share(person).ok_or(Error::<T>::Unexpected)?;
		let unclaimed = ledger.unclaimed(person, &share, &programme.totals)?;
		let amount = unclaimed.amount;
		if amount == 0 {
			return Ok(0);
		}
		ledger.count_claim(&unclaimed);
		share.next = unclaimed.end;
		ledger.put_share(person, share)?;
		let totals = &mut programme.totals;
		totals.liability = totals.liability.checked_sub(amount).ok_or(Error::<T>::Unexpected)?;
		// Saturating: the tokens there are.
		programme.outcome.paid = programme.outcome.paid.saturating_add(amount);
		Programmes::<T>::insert(id, programme);
		let (from, to) = (ledger.pot(), Ledger::<T>::dividend().pot());
		T::Currency::transfer(&from, &to, amount, Preservation::Preserve)?;
		Self::deposit_event(Event::ProgrammeSettled {
			programme: id,
			person,
			from: unclaimed.from,
			to: unclaimed.to(),
			amount,
		});
		Ok(amount)
	}

	/// Forgets the shares of a person in all programmes; it is not counted any more in those that run.
	/// To be called when nobody is due anything of its epochs.
	pub(crate) fn forget_programmes(person: PersonId) -> DispatchResult {
		let open = Books::<T>::get().epoch;
		for (id, _) in ProgrammeShares::<T>::get(person) {
			let share = Ledger::<T>::programme(id).share(person).ok_or(Error::<T>::Unexpected)?;
			if share.until >= open.max(share.from) {
				Self::do_leave_programme(id, person)?;
				Self::deposit_event(Event::ProgrammeLeft { programme: id, person });
			}
		}
		ProgrammeShares::<T>::remove(person);
		Ok(())
	}
}
