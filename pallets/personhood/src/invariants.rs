//! What must hold of the pallet's storage at any time.

use crate::{
	dispute::Stage,
	jury::{JURY, MIN_VOTES},
	types::{Mark, MAX_ATTESTATIONS, MIN_QUORUM},
	AccountOf, Cases, Config, Docket, Domains, HoldReason, LeastQuorum, NextCase, NextPerson,
	NextVerifier, Nullifiers, Pallet, People, Priors, Quorum, Recoveries, ReservedFor,
	RevokedCount, Seeds, VerifierOfKey, Verifiers,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::{AccountId32, TryRuntimeError};
use usufruct_primitives::{traits::Eligibility, Balance, VerifierId};

impl<T: Config> Pallet<T> {
	/// Checks every invariant; grows with all that is stored, so never on chain.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_people()?;
		Self::check_nullifiers()?;
		Self::check_quorum()?;
		Self::check_verifiers()?;
		Self::check_recoveries()?;
		Self::check_cases()?;
		Self::check_rounds()?;
		Self::check_holds()
	}

	fn check_people() -> Result<(), TryRuntimeError> {
		let domains = Domains::<T>::get().len() as u32;
		let next = NextPerson::<T>::get();
		let (quorum, least) = (Quorum::<T>::get(), LeastQuorum::<T>::get() as usize);
		let mut people = 0u32;
		for (id, person) in People::<T>::iter() {
			people = people.saturating_add(1);
			// I1: an account has at most one person, and both know each other.
			ensure!(
				AccountOf::<T>::get(&person.account) == Some(id),
				"I1: a person's account does not point back to it"
			);
			// I2: ids are dense and given in order.
			ensure!(id < next, "I2: a person's id was not given yet");
			// I3: a person's account exists without a balance.
			ensure!(
				frame_system::Pallet::<T>::sufficients(&person.account) >= 1,
				"I3: a person's account lacks its sufficient reference"
			);
			// I4: each mark of a person is its own, and no domain knows it by two.
			let mut seen = BTreeSet::new();
			for mark in &person.marks {
				ensure!(mark.domain < domains, "I4: a mark of an unknown domain");
				ensure!(seen.insert(mark.domain), "I4: two marks of one domain");
				ensure!(
					Nullifiers::<T>::get(mark.domain, mark.nullifier) == Some(id),
					"I4: a person's mark is not its own"
				);
			}
			// I5: nobody was recognised by fewer than the least quorum.
			ensure!(person.attested.len() >= least, "I5: recognised by too few verifiers");
			ensure!(person.marks.len() >= least, "I5: known by too few domains");
			// I6: the domains that do not know a person are too few to recognise it again.
			ensure!(
				domains < quorum.saturating_add(person.marks.len() as u32),
				"I6: a quorum could be found that does not know a person"
			);
			// I16: whoever is frozen is so by an open dispute about it.
			if let Some(case) = person.frozen_by {
				let about = Cases::<T>::get(case).map(|case| case.person);
				ensure!(about == Some(id), "I16: frozen by no dispute about it");
				ensure!(!person.revoked, "I16: a revoked person is frozen");
			}
			// I7: every person has an interval in the dividend.
			ensure!(T::Eligibility::interval(id).is_some(), "I7: a person without an interval");
		}
		let accounts = AccountOf::<T>::iter_keys().count();
		ensure!(accounts == people as usize, "I1: an account points to no person");
		Ok(())
	}

	fn check_nullifiers() -> Result<(), TryRuntimeError> {
		let next = NextPerson::<T>::get();
		let people: BTreeMap<_, _> = People::<T>::iter().collect();
		let recognised = people.values().filter(|person| !person.revoked).count() as u32;
		// I8: people whose recognition was withdrawn are counted, and nobody else is gone.
		ensure!(
			RevokedCount::<T>::get() == next.saturating_sub(recognised),
			"I8: the count of revoked people is wrong"
		);
		for (domain, nullifier, id) in Nullifiers::<T>::iter() {
			// I9: every nullifier belongs to somebody who was recognised, and who, while the record
			// lasts, is marked by it, or will be when a pending recovery is completed.
			ensure!(id < next, "I9: a nullifier of a person that never was");
			if let Some(person) = people.get(&id) {
				let is_it = |mark: &Mark| mark.domain == domain && mark.nullifier == nullifier;
				let pending =
					|| Recoveries::<T>::get(id).is_some_and(|r| r.marks.iter().any(is_it));
				ensure!(
					person.marks.iter().any(is_it) || pending(),
					"I9: a nullifier its person is not marked by"
				);
			}
		}
		Ok(())
	}

	fn check_quorum() -> Result<(), TryRuntimeError> {
		let (quorum, least) = (Quorum::<T>::get(), LeastQuorum::<T>::get());
		// I10: quorums are within bounds.
		ensure!(
			MIN_QUORUM <= least && least <= quorum && quorum <= MAX_ATTESTATIONS,
			"I10: a quorum is out of bounds"
		);
		// I11: any quorum shares a domain with any quorum anybody was recognised by.
		ensure!(
			Self::quorums_meet(Domains::<T>::get().len() as u32, quorum, least),
			"I11: two quorums could do without a common domain"
		);
		Ok(())
	}

	fn check_verifiers() -> Result<(), TryRuntimeError> {
		let domains = Domains::<T>::get().len() as u32;
		let next = NextVerifier::<T>::get();
		let mut verifiers = 0u32;
		for (id, verifier) in Verifiers::<T>::iter() {
			verifiers = verifiers.saturating_add(1);
			// I12: ids are dense, and every verifier is of a domain.
			ensure!(id < next, "I12: a verifier's id was not given yet");
			ensure!(verifier.domain < domains, "I12: a verifier of an unknown domain");
			// I13: a key belongs to one verifier.
			ensure!(
				VerifierOfKey::<T>::get(verifier.key) == Some(id),
				"I13: a verifier's key does not point back to it"
			);
			// I14: no verifier exceeds its quota, and its figures make sense.
			ensure!(verifier.used.count <= verifier.quota, "I14: a quota is exceeded");
			ensure!(
				verifier.upheld.saturating_add(verifier.open_cases) <= verifier.disputed,
				"I14: a verifier lost more disputes than there were"
			);
		}
		ensure!(verifiers == next, "I12: a verifier is missing");
		let keys = VerifierOfKey::<T>::iter_keys().count();
		ensure!(keys == verifiers as usize, "I13: a key points to no verifier");
		Ok(())
	}

	fn check_recoveries() -> Result<(), TryRuntimeError> {
		let mut recoveries = 0usize;
		for (id, recovery) in Recoveries::<T>::iter() {
			recoveries = recoveries.saturating_add(1);
			// I15: a pending recovery is of a recognised person, and its account is reserved for it
			// alone.
			let person = People::<T>::get(id).ok_or("I15: a recovery of nobody")?;
			ensure!(!person.revoked, "I15: a recovery of a revoked person");
			ensure!(
				ReservedFor::<T>::get(&recovery.account) == Some(id),
				"I15: a recovery's account is not reserved"
			);
			ensure!(
				!AccountOf::<T>::contains_key(&recovery.account),
				"I15: a recovery's account is a person's"
			);
			for mark in &recovery.marks {
				ensure!(
					Nullifiers::<T>::get(mark.domain, mark.nullifier) == Some(id),
					"I15: a recovery's mark is not reserved"
				);
				ensure!(
					person.marks.iter().all(|known| known.domain != mark.domain),
					"I15: a recovery would mark a person twice by one domain"
				);
			}
		}
		ensure!(
			ReservedFor::<T>::iter_keys().count() == recoveries,
			"I15: an account is reserved for no recovery"
		);
		Ok(())
	}

	fn check_cases() -> Result<(), TryRuntimeError> {
		let mut open = BTreeMap::<VerifierId, u32>::new();
		for (id, case) in Cases::<T>::iter() {
			// I16: every dispute freezes its person.
			ensure!(id < NextCase::<T>::get(), "I16: a case's number was not given yet");
			let frozen_by = People::<T>::get(case.person).and_then(|person| person.frozen_by);
			ensure!(frozen_by == Some(id), "I16: a case does not freeze its person");
			// I17: a jury has as many different members as it needs, the accused not among them.
			let members: BTreeSet<_> = case.jury.iter().map(|seat| seat.person).collect();
			ensure!(members.len() == case.jury.len(), "I17: somebody sits twice in a jury");
			ensure!(!members.contains(&case.person), "I17: somebody judges itself");
			let seats = case.jury.len() as u32;
			match case.stage {
				Stage::Waiting => ensure!(seats == 0, "I17: a jury before it is drawn"),
				Stage::Voting { .. } => {
					ensure!((MIN_VOTES..=JURY).contains(&seats), "I17: a jury too small to judge")
				},
				Stage::Appealable { .. } => (),
			}
			for verifier in case.attested {
				let count = open.entry(verifier).or_default();
				*count = count.saturating_add(1);
			}
		}
		// I18: verifiers count the open disputes about people they attested.
		for (id, verifier) in Verifiers::<T>::iter() {
			let cases = open.get(&id).copied().unwrap_or_default();
			ensure!(verifier.open_cases == cases, "I18: a verifier miscounts its disputes");
		}
		// I19: what is remembered of disputes is of somebody, and is something.
		for (id, priors) in Priors::<T>::iter() {
			ensure!(People::<T>::contains_key(id), "I19: disputes about nobody are remembered");
			ensure!(!priors.is_empty(), "I19: an empty list of disputes");
		}
		Ok(())
	}

	/// I20: every case without a jury waits for a seed that comes or is there, and is counted.
	fn check_rounds() -> Result<(), TryRuntimeError> {
		let mut waiting = BTreeMap::<u32, u32>::new();
		for case in Cases::<T>::iter_values().filter(|case| case.stage == Stage::Waiting) {
			let count = waiting.entry(case.round).or_default();
			*count = count.saturating_add(1);
		}
		let docket = Docket::<T>::get();
		let mut counted = BTreeMap::<u32, u32>::new();
		for (round, seed) in Seeds::<T>::iter() {
			ensure!(seed.waiting > 0, "I20: a seed for nobody is kept");
			counted.insert(round, seed.waiting);
		}
		if docket.gathering > 0 {
			counted.insert(docket.round, docket.gathering);
		}
		if docket.maturing > 0 {
			counted.insert(docket.round.wrapping_sub(1), docket.maturing);
		}
		ensure!(waiting == counted, "I20: cases that wait are miscounted");
		Ok(())
	}

	/// I21: what is on hold is what verifiers and challenges are said to have bonded.
	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut bonds = BTreeMap::<AccountId32, Balance>::new();
		let mut challenges = BTreeMap::<AccountId32, Balance>::new();
		for verifier in Verifiers::<T>::iter_values() {
			let sum = bonds.entry(verifier.operator).or_default();
			*sum = sum.checked_add(verifier.bond).ok_or("I21: bonds overflow")?;
		}
		for case in Cases::<T>::iter_values() {
			let sum = challenges.entry(case.challenger).or_default();
			*sum = sum.checked_add(case.bond).ok_or("I21: bonds overflow")?;
		}
		let accounts: Vec<_> = frame_system::Account::<T>::iter_keys().collect();
		for (reason, books) in
			[(HoldReason::VerifierBond, &bonds), (HoldReason::Challenge, &challenges)]
		{
			let reason = reason.into();
			for account in &accounts {
				ensure!(
					T::Currency::balance_on_hold(&reason, account)
						== books.get(account).copied().unwrap_or_default(),
					"I21: what is on hold is not what is bonded"
				);
			}
		}
		Ok(())
	}
}
