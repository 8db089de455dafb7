//! What always holds between the pallet's records and the money they speak of.

use crate::{
	is_whole, lineage::royalties, revenue::own_part, Ancestors, Barred, Config, Contests,
	Contributors, Floor, HoldReason, Licences, Manifests, Models, Moved, NextModel, NextVersion,
	OpenContests, Paid, Pallet, Parents, PendingReuses, Reuse, ReuseClaims, Reuses, Revenue,
	Royalties, Versions, MAX_ROYALTIES, MAX_ROYALTY,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	ensure,
	traits::fungible::{hold::Inspect as InspectHold, Inspect},
};
use sp_runtime::{AccountId32, TryRuntimeError};
use usufruct_primitives::{split::entitlement, Balance, BlockNumber, ModelId, VersionId, PPM};

fn total(mut amounts: impl Iterator<Item = Balance>) -> Option<Balance> {
	amounts.try_fold(0, Balance::checked_add)
}

impl<T: Config> Pallet<T> {
	/// What all ancestors and rows of all versions, and the planck that nobody gets yet, have in the
	/// pot.
	pub(crate) fn unpaid() -> Result<Balance, TryRuntimeError> {
		let mut unpaid: Balance = 0;
		for (version, revenue) in Revenue::<T>::iter() {
			let moved = total(Moved::<T>::iter_prefix_values(version));
			let paid = total(Paid::<T>::iter_prefix_values(version));
			unpaid = moved
				.zip(paid)
				.and_then(|(moved, paid)| moved.checked_add(paid))
				.and_then(|out| revenue.checked_add(Royalties::<T>::get(version))?.checked_sub(out))
				.and_then(|left| unpaid.checked_add(left))
				.ok_or("M6: more was paid of a version than it earned")?;
		}
		Ok(unpaid)
	}

	/// Checks the invariants:
	///
	/// - **M1** ids of models and versions are dense from 0.
	/// - **M2** every version belongs to a model, whose counts of versions and open versions, and last
	///   closing block, are right.
	/// - **M3** every version stands in the index of manifests, and nothing else does.
	/// - **M4** every version, and nothing else, has a contributor table, a whole one without the pot,
	///   and a revenue.
	/// - **M5** only rows and ancestors that exist were paid, and none more than it is entitled to;
	///   what was moved is what was received.
	/// - **M6** the pot holds the existential deposit and all that is unpaid.
	/// - **M7** what is held from each owner is the sum of the deposits of its models, from each
	///   contester of its contests, which are about versions that exist, and from each prover of its
	///   claims of reuse.
	/// - **M8** every allowed licence is printable ASCII.
	/// - **M9** lineage is acyclic, complete and within its limits: parents and ancestors are older, no
	///   ancestor stands twice or at another rate than its royalty, and parents are ancestors with all
	///   of their own.
	/// - **M10** what was proven of reuse is of versions that exist, is in the tables, and bars exactly
	///   those who have yet to settle it.
	/// - **M11** claims of reuse are about versions that exist and have tensor roots, and those that
	///   were made in the contest window are counted; no such claim is about a version that closes in
	///   a block to come.
	/// - **M12** the times of remembered floors follow each other and have begun, and what is announced
	///   is a rise.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_records()?;
		Self::check_tables()?;
		Self::check_moved()?;
		Self::check_lineage()?;
		Self::check_reuse_records()?;
		Self::check_claims()?;
		Self::check_money()?;
		for licence in Licences::<T>::iter_keys() {
			ensure!(crate::is_valid_licence(&licence), "M8: a licence is not printable");
		}
		Ok(())
	}

	/// M1 to M3, and M12.
	fn check_records() -> Result<(), TryRuntimeError> {
		let mut counts = BTreeMap::<ModelId, (u32, u32, BlockNumber)>::new();
		let mut versions = 0;
		for (id, version) in Versions::<T>::iter() {
			ensure!(id < NextVersion::<T>::get(), "M1: a version's id was not given out yet");
			ensure!(Models::<T>::contains_key(version.model), "M2: a version without its model");
			ensure!(
				Manifests::<T>::get(version.manifest_hash) == Some(id),
				"M3: a version is not in the index of manifests"
			);
			let Floor { present, since, before_since, rise, .. } = version.floor;
			ensure!(before_since <= since, "M12: floors of two times are in the wrong order");
			ensure!(since <= Self::now(), "M12: a floor is of a time to come");
			ensure!(rise.is_none_or(|rise| rise.price > present), "M12: a rise is none");
			let (all, open, last_close) = counts.entry(version.model).or_default();
			*all += 1;
			*open += u32::from(version.closes.is_none());
			*last_close = (*last_close).max(version.closes.unwrap_or(0));
			versions += 1;
		}
		ensure!(versions == NextVersion::<T>::get(), "M1: a version is missing");
		ensure!(
			Manifests::<T>::iter().count() == versions as usize,
			"M3: a manifest without its version"
		);

		let mut models = 0;
		for (id, model) in Models::<T>::iter() {
			ensure!(id < NextModel::<T>::get(), "M1: a model's id was not given out yet");
			ensure!(
				counts.get(&id).copied().unwrap_or_default()
					== (model.versions, model.open_versions, model.last_close),
				"M2: a model miscounts its versions"
			);
			models += 1;
		}
		ensure!(models == NextModel::<T>::get(), "M1: a model is missing");
		Ok(())
	}

	/// M4, and M5 for rows.
	fn check_tables() -> Result<(), TryRuntimeError> {
		for (version, table) in Contributors::<T>::iter() {
			ensure!(Versions::<T>::contains_key(version), "M4: a table without its version");
			ensure!(
				is_whole(table.iter().map(|row| row.share)),
				"M4: a table's shares are not whole"
			);
			ensure!(
				table.iter().all(|row| row.account != Self::pot()),
				"M4: the pot is a contributor"
			);
		}
		for version in Revenue::<T>::iter_keys() {
			ensure!(Versions::<T>::contains_key(version), "M4: revenue without its version");
		}
		for version in Versions::<T>::iter_keys() {
			ensure!(Contributors::<T>::contains_key(version), "M4: a version without its table");
			ensure!(Revenue::<T>::contains_key(version), "M4: a version without its revenue");
		}
		for (version, row, paid) in Paid::<T>::iter() {
			let table = Contributors::<T>::get(version).unwrap_or_default();
			let share = table
				.get(usize::from(row))
				.map(|row| row.share)
				.ok_or("M5: a row was paid that does not exist")?;
			let earned = own_part(
				Revenue::<T>::get(version).unwrap_or_default(),
				&Ancestors::<T>::get(version),
			)
			.and_then(|own| own.checked_add(Royalties::<T>::get(version)))
			.ok_or("M5: what a version earned overflows")?;
			ensure!(
				entitlement(earned, share, PPM).is_some_and(|entitled| paid <= entitled),
				"M5: a row was paid more than it is entitled to"
			);
		}
		Ok(())
	}

	/// M5 for ancestors.
	fn check_moved() -> Result<(), TryRuntimeError> {
		let mut received = BTreeMap::<VersionId, Balance>::new();
		for (version, index, moved) in Moved::<T>::iter() {
			let ancestor = Ancestors::<T>::get(version)
				.get(usize::from(index))
				.copied()
				.ok_or("M5: an ancestor was paid that does not exist")?;
			let revenue = Revenue::<T>::get(version).unwrap_or_default();
			ensure!(
				ancestor.entitlement(revenue).is_some_and(|entitled| moved <= entitled),
				"M5: an ancestor was paid more than it is entitled to"
			);
			let sum = received.entry(ancestor.version).or_default();
			*sum = sum.checked_add(moved).ok_or("M5: what was moved overflows")?;
		}
		ensure!(
			Royalties::<T>::iter().collect::<BTreeMap<_, _>>() == received,
			"M5: what was moved is not what was received"
		);
		Ok(())
	}

	/// M9.
	fn check_lineage() -> Result<(), TryRuntimeError> {
		for (id, version) in Versions::<T>::iter() {
			ensure!(version.royalty <= MAX_ROYALTY, "M9: a royalty is too high");
			ensure!(
				version.tensor_root.is_none_or(|root| root.is_possible()),
				"M9: a tensor root cannot be"
			);
			let table = Ancestors::<T>::get(id);
			let ids: BTreeSet<VersionId> = table.iter().map(|row| row.version).collect();
			ensure!(ids.len() == table.len(), "M9: an ancestor stands twice");
			ensure!(ids.iter().all(|ancestor| *ancestor < id), "M9: an ancestor is not older");
			ensure!(royalties(&table) <= MAX_ROYALTIES, "M9: ancestors are owed too much");
			let revenue = Revenue::<T>::get(id).unwrap_or_default();
			for row in &table {
				let ancestor =
					Versions::<T>::get(row.version).ok_or("M9: an ancestor is missing")?;
				ensure!(ancestor.royalty == row.rate, "M9: an ancestor has another royalty");
				ensure!(row.since <= revenue, "M9: an ancestor is from a time to come");
			}
			for parent in Parents::<T>::get(id) {
				let own = Ancestors::<T>::get(parent.version);
				ensure!(
					core::iter::once(parent.version)
						.chain(own.into_iter().map(|row| row.version))
						.all(|ancestor| ids.contains(&ancestor)),
					"M9: a parent, or an ancestor of one, is not in the table"
				);
			}
		}
		for id in Ancestors::<T>::iter_keys().chain(Parents::<T>::iter_keys()) {
			ensure!(Versions::<T>::contains_key(id), "M9: lineage without its version");
		}
		Ok(())
	}

	/// M10.
	fn check_reuse_records() -> Result<(), TryRuntimeError> {
		let mut bars = BTreeMap::<AccountId32, u32>::new();
		for (newer, older, reuse) in Reuses::<T>::iter() {
			ensure!(
				older < newer
					&& Versions::<T>::contains_key(older)
					&& Versions::<T>::contains_key(newer),
				"M10: a reuse without its versions"
			);
			match reuse {
				Reuse::Parent => ensure!(
					Ancestors::<T>::get(newer).iter().any(|row| row.version == older),
					"M10: a parent that was proven is not in the table"
				),
				Reuse::Closed => ensure!(
					Versions::<T>::get(newer).is_some_and(|version| version.closes.is_some()),
					"M10: a version was not closed"
				),
				Reuse::Open { owner } => *bars.entry(owner).or_default() += 1,
				Reuse::Settled => {},
			}
		}
		ensure!(
			Barred::<T>::iter().collect::<BTreeMap<_, _>>() == bars,
			"M10: the bars are not those of open reuses"
		);
		Ok(())
	}

	/// M11.
	fn check_claims() -> Result<(), TryRuntimeError> {
		let mut pending = BTreeMap::<VersionId, u32>::new();
		for (newer, _, claim) in ReuseClaims::<T>::iter() {
			let rooted = |version| {
				Versions::<T>::get(version).is_some_and(|version| version.tensor_root.is_some())
			};
			ensure!(
				claim.older < newer && rooted(claim.older) && rooted(newer),
				"M11: a claim without its versions"
			);
			ensure!(claim.since <= Self::now(), "M11: a claim from the future");
			if claim.in_window {
				let closes = Versions::<T>::get(newer).and_then(|version| version.closes);
				ensure!(
					closes.is_none_or(|closes| closes <= Self::now()),
					"M11: a version that is claimed closes later"
				);
				*pending.entry(newer).or_default() += 1;
			}
		}
		ensure!(
			PendingReuses::<T>::iter().collect::<BTreeMap<_, _>>() == pending,
			"M11: claims are miscounted"
		);
		Ok(())
	}

	/// M6 and M7.
	fn check_money() -> Result<(), TryRuntimeError> {
		let needed = Self::unpaid()?
			.checked_add(T::Currency::minimum_balance())
			.ok_or("M6: what is unpaid overflows")?;
		ensure!(
			T::Currency::balance(&Self::pot()) >= needed,
			"M6: the pot lacks some of what is unpaid"
		);

		let mut deposits = Vec::<(HoldReason, BTreeMap<AccountId32, Balance>)>::new();
		let mut due = |reason, all: &mut dyn Iterator<Item = (AccountId32, Balance)>| {
			let mut sums = BTreeMap::<AccountId32, Balance>::new();
			for (who, amount) in all {
				let held = sums.entry(who).or_default();
				*held = held.saturating_add(amount);
			}
			deposits.push((reason, sums));
		};
		let mut models = Models::<T>::iter_values().map(|model| (model.owner, model.deposit));
		due(HoldReason::Deposit, &mut models);
		let contests = Contests::<T>::iter();
		due(HoldReason::Contest, &mut contests.map(|(_, who, contest)| (who, contest.deposit)));
		let claims = ReuseClaims::<T>::iter_values();
		due(HoldReason::Reuse, &mut claims.map(|claim| (claim.prover, claim.deposit)));
		for (reason, sums) in deposits {
			for (who, due) in sums {
				ensure!(
					T::Currency::balance_on_hold(&reason.into(), &who) == due,
					"M7: deposits are not what is held"
				);
			}
		}
		let mut open = BTreeMap::<VersionId, u32>::new();
		for (version, _) in Contests::<T>::iter_keys() {
			ensure!(Versions::<T>::contains_key(version), "M7: a contest without its version");
			let count = open.entry(version).or_default();
			*count = count.saturating_add(1);
		}
		let counted: BTreeMap<_, _> = OpenContests::<T>::iter().collect();
		ensure!(counted == open, "M7: contests are not counted");
		Ok(())
	}
}
