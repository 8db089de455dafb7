//! Disputes: a bonded challenge says that somebody is no person, and a jury of people decides.
//!
//! A challenge freezes the person. What it could claim is put aside first, so that nothing is swept
//! while it waits, and it goes on sharing. The jury votes by a majority of two thirds of at least
//! [`MIN_VOTES`](crate::jury::MIN_VOTES) votes:
//!
//! - *Dismissed*: that is the end of it. Half of the bond is the person's, for the time it was
//!   frozen, half is the dividend's. The same evidence counts never again.
//! - *Upheld*: nothing happens before the time for an appeal is over, for what follows cannot be
//!   undone: the person is revoked, and the verifiers that had attested it pay.
//! - *No verdict*, because too few voted, they did not agree or there were not enough to be drawn:
//!   an appeal decides. If there is none, the person goes free, because a doubt is no proof. It gets
//!   half of the bond, because it was frozen; the challenger gets the other half back, because nobody
//!   said it was wrong, and may bring the same evidence again, at the doubled bond.
//!
//! After a dispute that came to nothing nobody can challenge the person before [`RESPITE`] is over, so
//! that it claims, and votes on what begins meanwhile. From then on a challenge costs double the last
//! one, at most [`DEAREST`] times the first, whatever the reason, until the person has been free for as
//! long as that dispute froze it and for [`DEARER`] epochs more. So freezing somebody again and again
//! is dear, and each time half of it is that person's; but nobody is immune because a friend
//! challenged it with bad evidence, however often.
//!
//! An appeal is a decision of all people (by [`Config::AppealOrigin`]) on a case that is upheld or
//! without verdict. There is none against a dismissal: whoever finds better evidence may challenge
//! again.

use crate::{
	jury::{Jury, Round, Seed, MIN_VOTES},
	types::{backing_of_one, Verifier, VerifierIds},
	AccountOf, Cases, Config, Error, Event, HoldReason, NextCase, NextPerson, Pallet, People,
	Priors, Seeds, Verifiers,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	stored,
	traits::{
		fungible::{Inspect, MutateHold},
		tokens::{DepositConsequence, Fortitude, Precision, Provenance, Restriction},
		ConstU32, Get,
	},
	BoundedVec,
};
use sp_runtime::{traits::Zero, AccountId32, ArithmeticError, DispatchError};
use usufruct_primitives::{
	traits::Eligibility, Balance, BlockNumber, EpochIndex, Hash, PersonId, VerifierId,
};

/// In how many epochs nobody can challenge a person again: that in which the last dispute about it
/// ended, and a whole one.
pub const RESPITE: EpochIndex = 2;
/// For how many epochs the bond of a further challenge is doubled, beside as many as the dispute
/// lasted.
pub const DEARER: EpochIndex = 4;
/// How many times [`Config::ChallengeBond`] a challenge costs at most, so that nobody is too dear to
/// challenge because of what an accomplice brought against it.
pub const DEAREST: Balance = 16;
/// How many disputes that came to nothing are remembered for a person; then the oldest is forgotten.
pub const MAX_PRIORS: u32 = 8;

/// The number of a dispute.
pub type CaseId = u32;

/// What is said against a person.
#[stored]
#[derive(Copy)]
pub enum Reason {
	/// The human is another person too.
	Duplicate,
	/// There is no such human.
	NotAPerson,
	/// The human has died.
	Deceased,
	/// The attestations were wrong in another way.
	Incorrect,
}

/// How far a dispute is.
#[stored]
#[derive(Copy)]
pub enum Stage {
	/// The jury is not drawn yet.
	Waiting,
	/// The jury votes.
	Voting {
		/// The first block in which it can no more.
		ends: BlockNumber,
	},
	/// The jury has upheld it or found no verdict. An appeal may decide otherwise.
	Appealable {
		/// Whether it was upheld.
		upheld: bool,
		/// The first block in which there can be no appeal any more, and the case can be closed.
		ends: BlockNumber,
	},
}

/// How a dispute ended.
#[stored]
#[derive(Copy)]
pub enum Outcome {
	/// The challenge was right.
	Upheld,
	/// The challenge was wrong.
	Dismissed,
	/// Nobody said.
	NoVerdict,
}

/// A dispute that is open.
#[stored]
pub struct Case {
	/// Who is challenged, and frozen.
	pub person: PersonId,
	/// Who challenges it.
	pub challenger: AccountId32,
	/// What is on hold from the challenger, in planck.
	pub bond: Balance,
	/// What is said against it.
	pub reason: Reason,
	/// The hash of what shows it, kept elsewhere.
	pub evidence: Hash,
	/// The block it was opened in.
	pub opened: BlockNumber,
	/// The epoch it was opened in.
	pub epoch: EpochIndex,
	/// How many people there had ever been: the jury is drawn among them.
	pub people: u32,
	/// The verifiers of the person's recognition at that time.
	pub attested: VerifierIds,
	/// The round that gives the seed its jury is drawn with.
	pub round: Round,
	/// How far it is.
	pub stage: Stage,
	/// Those who judge it, once they are drawn.
	pub jury: Jury,
}

/// A dispute about a person that came to nothing.
#[stored]
pub struct Prior {
	/// The evidence, if it was judged: it counts no more.
	pub barred: Option<Hash>,
	/// What the bond was, in planck.
	pub bond: Balance,
	/// The epoch it was opened in.
	pub opened: EpochIndex,
	/// The epoch it was closed in.
	pub closed: EpochIndex,
}

impl Prior {
	/// The first epoch in which the person can be challenged again.
	fn respite_ends(&self) -> EpochIndex {
		self.closed.saturating_add(RESPITE)
	}

	/// The first epoch in which a challenge of the person is no dearer for it.
	fn forgiven(&self) -> EpochIndex {
		let lasted = self.closed.saturating_sub(self.opened);
		self.closed.saturating_add(lasted).saturating_add(DEARER)
	}
}

/// The last disputes about one person that came to nothing, the oldest first.
pub type PriorList = BoundedVec<Prior, ConstU32<MAX_PRIORS>>;

/// What two thirds of enough votes say: `Some(true)` if the challenge is upheld.
pub(crate) fn verdict(ayes: u32, nays: u32) -> Option<bool> {
	let votes = ayes.saturating_add(nays);
	let carried = |side: u32| side.saturating_mul(3) >= votes.saturating_mul(2);
	if votes < MIN_VOTES {
		None
	} else if carried(ayes) {
		Some(true)
	} else if carried(nays) {
		Some(false)
	} else {
		None
	}
}

impl<T: Config> Pallet<T> {
	/// What a challenge costs, after those that came to nothing.
	pub(crate) fn bond_for(priors: &PriorList) -> Balance {
		let epoch = T::Eligibility::current_epoch();
		let first = T::ChallengeBond::get();
		priors
			.iter()
			.filter(|prior| epoch < prior.forgiven())
			.map(|prior| prior.bond.saturating_mul(2))
			.fold(first, Balance::max)
			.min(first.saturating_mul(DEAREST))
	}

	/// Opens a dispute and freezes the person.
	pub(crate) fn open_case(
		challenger: T::AccountId,
		id: PersonId,
		reason: Reason,
		evidence: Hash,
	) -> DispatchResult {
		let mut person = People::<T>::get(id).ok_or(Error::<T>::UnknownPerson)?;
		ensure!(!person.revoked, Error::<T>::PersonIsRevoked);
		ensure!(person.frozen_by.is_none(), Error::<T>::PersonIsFrozen);
		let priors = Priors::<T>::get(id);
		let barred = priors.iter().any(|prior| prior.barred == Some(evidence));
		ensure!(!barred, Error::<T>::EvidenceBarred);
		let epoch = T::Eligibility::current_epoch();
		let rested = priors.last().is_none_or(|last| epoch >= last.respite_ends());
		ensure!(rested, Error::<T>::ChallengedLately);
		let bond = Self::bond_for(&priors);
		let number = NextCase::<T>::get();
		let next = number.checked_add(1).ok_or(Error::<T>::CounterExhausted)?;

		T::Currency::hold(&HoldReason::Challenge.into(), &challenger, bond)?;
		T::Eligibility::settle(id)?;
		NextCase::<T>::put(next);
		for verifier in &person.attested {
			Self::change_verifier(*verifier, |record| {
				record.disputed = record.disputed.saturating_add(1);
				record.open_cases = record.open_cases.saturating_add(1);
				Ok(())
			})?;
		}
		let case = Case {
			person: id,
			challenger: challenger.clone(),
			bond,
			reason,
			evidence,
			opened: Self::now(),
			epoch,
			people: NextPerson::<T>::get(),
			attested: person.attested.clone(),
			round: Self::join_round(),
			stage: Stage::Waiting,
			jury: Jury::default(),
		};
		Cases::<T>::insert(number, case);
		person.frozen_by = Some(number);
		let account = person.account.clone();
		People::<T>::insert(id, person);
		Self::deposit_event(Event::PersonChallenged {
			case: number,
			person: id,
			account,
			challenger,
			reason,
			evidence,
			bond,
		});
		Ok(())
	}

	/// Whether the jury of a case can be drawn now: what makes the call free.
	pub(crate) fn check_draw(id: CaseId) -> Result<(Case, Seed), Error<T>> {
		let case = Cases::<T>::get(id).ok_or(Error::<T>::UnknownCase)?;
		ensure!(case.stage == Stage::Waiting, Error::<T>::AlreadyDrawn);
		let seed = Seeds::<T>::get(case.round).ok_or(Error::<T>::NoSeedYet)?;
		Ok((case, seed))
	}

	/// Draws the jury. If too few can judge, there is no verdict.
	pub(crate) fn seat_jury(id: CaseId) -> DispatchResult {
		let (mut case, seed) = Self::check_draw(id)?;
		let seed = Self::use_seed(case.round, seed);
		case.jury = Self::draw(id, &case, seed);
		case.stage = if case.jury.len() as u32 >= MIN_VOTES {
			Stage::Voting { ends: Self::now().saturating_add(T::VotingTerm::get()) }
		} else {
			Self::appealable(false)
		};
		Self::deposit_event(Event::JuryDrawn {
			case: id,
			jury: case.jury.iter().map(|seat| seat.person).collect(),
			stage: case.stage,
		});
		Cases::<T>::insert(id, case);
		Ok(())
	}

	/// Whether this account may vote now: what makes the call free. The juror, the case and the
	/// juror's place in it.
	///
	/// A juror that was frozen since votes too: else a bond would buy its silence.
	pub(crate) fn check_vote(
		account: &T::AccountId,
		id: CaseId,
	) -> Result<(PersonId, Case, usize), Error<T>> {
		let juror = AccountOf::<T>::get(account).ok_or(Error::<T>::NotAPerson)?;
		let case = Cases::<T>::get(id).ok_or(Error::<T>::UnknownCase)?;
		let Stage::Voting { ends } = case.stage else { return Err(Error::<T>::NotVoting) };
		ensure!(Self::now() < ends, Error::<T>::NotVoting);
		let place = case.jury.iter().position(|seat| seat.person == juror);
		let place = place.ok_or(Error::<T>::NotAJuror)?;
		let voted = case.jury.get(place).is_some_and(|seat| seat.vote.is_some());
		ensure!(!voted, Error::<T>::AlreadyVoted);
		let revoked = People::<T>::get(juror).is_none_or(|person| person.revoked);
		ensure!(!revoked, Error::<T>::PersonIsRevoked);
		Ok((juror, case, place))
	}

	/// Whether the votes on a case can be counted now, all being in or the time over: what makes the
	/// call free. The case, and its votes for and against.
	pub(crate) fn check_count(id: CaseId) -> Result<(Case, u32, u32), Error<T>> {
		let case = Cases::<T>::get(id).ok_or(Error::<T>::UnknownCase)?;
		let Stage::Voting { ends } = case.stage else { return Err(Error::<T>::NotVoting) };
		let count = |side| case.jury.iter().filter(|seat| seat.vote == Some(side)).count() as u32;
		let (ayes, nays) = (count(true), count(false));
		let all_in = ayes.saturating_add(nays) as usize == case.jury.len();
		ensure!(all_in || Self::now() >= ends, Error::<T>::StillVoting);
		Ok((case, ayes, nays))
	}

	/// Counts the votes.
	pub(crate) fn count_votes(id: CaseId) -> DispatchResult {
		let (mut case, ayes, nays) = Self::check_count(id)?;
		let verdict = verdict(ayes, nays);
		Self::deposit_event(Event::VotesCounted { case: id, ayes, nays, verdict });
		if verdict == Some(false) {
			return Self::finish(id, case, Outcome::Dismissed);
		}
		case.stage = Self::appealable(verdict == Some(true));
		Cases::<T>::insert(id, case);
		Ok(())
	}

	/// Decides an appeal.
	pub(crate) fn decide(id: CaseId, uphold: bool) -> DispatchResult {
		let case = Cases::<T>::get(id).ok_or(Error::<T>::UnknownCase)?;
		let Stage::Appealable { ends, .. } = case.stage else {
			return Err(Error::<T>::NotAppealable.into());
		};
		ensure!(Self::now() < ends, Error::<T>::NotAppealable);
		Self::finish(id, case, if uphold { Outcome::Upheld } else { Outcome::Dismissed })
	}

	/// Whether nobody can appeal against what the jury of a case found any more: what makes the call
	/// free. The case, and whether it was upheld.
	pub(crate) fn check_close(id: CaseId) -> Result<(Case, bool), Error<T>> {
		let case = Cases::<T>::get(id).ok_or(Error::<T>::UnknownCase)?;
		let Stage::Appealable { upheld, ends } = case.stage else {
			return Err(Error::<T>::NotDecided);
		};
		ensure!(Self::now() >= ends, Error::<T>::NotDecided);
		Ok((case, upheld))
	}

	/// Carries out what the jury found.
	pub(crate) fn carry_out(id: CaseId) -> DispatchResult {
		let (case, upheld) = Self::check_close(id)?;
		Self::finish(id, case, if upheld { Outcome::Upheld } else { Outcome::NoVerdict })
	}

	fn appealable(upheld: bool) -> Stage {
		Stage::Appealable { upheld, ends: Self::now().saturating_add(T::AppealTerm::get()) }
	}

	/// Ends a dispute: the person is free or revoked, and the bonds go where they belong.
	fn finish(id: CaseId, case: Case, outcome: Outcome) -> DispatchResult {
		Cases::<T>::remove(id);
		let mut person = People::<T>::get(case.person).ok_or(Error::<T>::UnknownPerson)?;
		person.frozen_by = None;
		let account = person.account.clone();
		let reason = HoldReason::Challenge.into();
		let half = case.bond / 2;
		let rest = case.bond.saturating_sub(half);
		if outcome == Outcome::Upheld {
			T::Currency::release(&reason, &case.challenger, case.bond, Precision::Exact)?;
			Self::do_revoke(case.person, person)?;
		} else {
			People::<T>::insert(case.person, person);
			Self::pay(&reason, &case.challenger, &account, half)?;
			if outcome == Outcome::Dismissed {
				Self::pay(&reason, &case.challenger, &T::DividendPot::get(), rest)?;
			} else {
				T::Currency::release(&reason, &case.challenger, rest, Precision::Exact)?;
			}
			Self::remember(&case, outcome);
		}
		for verifier in &case.attested {
			Self::change_verifier(*verifier, |record| {
				record.open_cases = record.open_cases.saturating_sub(1);
				if outcome == Outcome::Upheld {
					record.upheld = record.upheld.saturating_add(1);
					Self::slash(*verifier, record, &case.challenger)?;
				}
				Ok(())
			})?;
		}
		Self::deposit_event(Event::CaseClosed {
			case: id,
			person: case.person,
			account,
			challenger: case.challenger,
			outcome,
			bond: case.bond,
		});
		Ok(())
	}

	/// Remembers a dispute that came to nothing.
	pub(crate) fn remember(case: &Case, outcome: Outcome) {
		let prior = Prior {
			barred: (outcome == Outcome::Dismissed).then_some(case.evidence),
			bond: case.bond,
			opened: case.epoch,
			closed: T::Eligibility::current_epoch(),
		};
		Priors::<T>::mutate(case.person, |priors| {
			if priors.is_full() {
				priors.remove(0);
			}
			// There is room now.
			let _ = priors.try_push(prior);
		});
	}

	/// Takes from a verifier what stands for one person, at least a challenger's bond and at most all
	/// it has: a part for the challenger, the rest for the dividend.
	fn slash(
		id: VerifierId,
		record: &mut Verifier,
		challenger: &T::AccountId,
	) -> Result<(), DispatchError> {
		let due = backing_of_one(T::Eligibility::last_per_head()).max(T::ChallengeBond::get());
		let taken = due.min(record.bond);
		if taken.is_zero() {
			return Ok(());
		}
		let reward = T::ChallengerShare::get().mul_floor(taken);
		let deserved = *challenger != record.operator && Self::can_hold(challenger, reward);
		let reward = if deserved { reward } else { 0 };
		let to_pot = taken.saturating_sub(reward);
		record.bond = record.bond.checked_sub(taken).ok_or(ArithmeticError::Underflow)?;
		let reason = HoldReason::VerifierBond.into();
		Self::pay(&reason, &record.operator, challenger, reward)?;
		Self::pay(&reason, &record.operator, &T::DividendPot::get(), to_pot)?;
		Self::deposit_event(Event::VerifierSlashed {
			verifier: id,
			operator: record.operator.clone(),
			challenger: challenger.clone(),
			reward,
			to_pot,
			bond: record.bond,
		});
		Ok(())
	}

	fn can_hold(account: &T::AccountId, amount: Balance) -> bool {
		T::Currency::can_deposit(account, amount, Provenance::Extant) == DepositConsequence::Success
	}

	/// Moves money that is held from somebody; to the dividend if the other cannot hold it. Freezes
	/// do not stop it: they are no way to keep what is at stake.
	fn pay(
		reason: &<T::Currency as frame_support::traits::fungible::InspectHold<AccountId32>>::Reason,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		let pot = T::DividendPot::get();
		let to = if Self::can_hold(to, amount) { to } else { &pot };
		T::Currency::transfer_on_hold(
			reason,
			from,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)?;
		Ok(())
	}

	fn change_verifier(
		id: VerifierId,
		change: impl FnOnce(&mut Verifier) -> DispatchResult,
	) -> DispatchResult {
		let mut record = Verifiers::<T>::get(id).ok_or(Error::<T>::UnknownVerifier)?;
		change(&mut record)?;
		Verifiers::<T>::insert(id, record);
		Ok(())
	}
}
