//! Proofs that a version holds an older one's weights, how they are refuted, and what comes of them.
//!
//! That two versions hold the same tensors does not say whose they are: two fine-tunes of one base
//! both hold the base's. So a proof is a *claim* at first, with a deposit, and has no effect for
//! [`Config::RefutationPeriod`] blocks. Meanwhile anybody may refute it by showing that the tensors
//! stand in a still older version, the *source*: of those that do not, too few must be left to be
//! reuse by themselves. Half of the deposit is the refuter's, the rest the dividend's. A claim that
//! nobody refutes is *confirmed* by anybody, and the deposit returns.
//!
//! - Who refutes a claim that was made in the contest window has shown the true parent: if that is no
//!   ancestor yet, the claim passes over to it, with a deposit of the refuter, and can be refuted
//!   again in favour of an older one still. Each source is older than the last, and each step costs
//!   a deposit, so this ends.
//! - Claims about the same two versions by different tensors stand side by side. So nobody can keep
//!   a maker from a claim by making a weak one first and refuting it himself when the window is over.
//! - A claim of the window counts as made in time whenever it is confirmed. The newer version is not
//!   settled before all of them are decided: the owner's share is held, and it has no children. As none
//!   can be made after the window, that lasts no longer than the window and one period, and one more
//!   for each source; longer only for an owner who contests the older version.
//! - Whether the tensors stand in an older version cannot be asked when a claim is made: it would take
//!   a proof that they stand in none. The prover is who must know; if some of the tensors are others',
//!   it shows different ones.
//! - A claim of the window is not confirmed while the newer version's owner contests the older one: who
//!   holds stolen weights gains nothing by claiming that their maker reuses them, if the maker contests
//!   them with the account that owns its own version. No contest by others and no window puts a claim
//!   off, because what comes in before it is confirmed owes nothing.
//!
//! A base that nobody has registered is nobody's: its weights are the first fine-tune's that is
//! registered, until that is contested.

use crate::{
	is_reuse, reuse_id, Ancestors, Barred, Config, Contests, Error, Event, FoundTensors,
	HoldReason, Models, Pallet, PendingReuses, Reuse, ReuseClaim, ReuseClaims, ReuseProof, Reuses,
	Revenue, Version, Versions,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	traits::{
		fungible::hold::Mutate,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::{AccountId32, ArithmeticError, DispatchError, DispatchResult};
use usufruct_primitives::{
	tensors::{TensorLeaf, TensorRoot},
	Balance, Hash, ModelId, VersionId,
};

/// Checks that `proof` shows enough tensors that stand under both roots; returns them.
fn shared_tensors<T: Config>(
	older: &TensorRoot,
	newer: &TensorRoot,
	proof: &ReuseProof,
) -> Result<Vec<TensorLeaf>, Error<T>> {
	let tensors: Vec<_> = proof.iter().map(|shared| shared.leaf).collect();
	let rising = tensors.is_sorted_by(|one, next| one.tensor < next.tensor);
	ensure!(rising, Error::<T>::TensorsNotRising);
	ensure!(is_reuse(tensors.iter(), newer.bytes), Error::<T>::TooLittleShared);
	for shared in proof {
		ensure!(
			older.verify(&shared.leaf, &shared.older).is_ok()
				&& newer.verify(&shared.leaf, &shared.newer).is_ok(),
			Error::<T>::InvalidProof
		);
	}
	Ok(tensors)
}

/// Divides the tensors of a claim into those that `found` shows to stand under the source's root, and
/// the others.
fn divide<T: Config>(
	tensors: &[TensorLeaf],
	source: &TensorRoot,
	found: &FoundTensors,
) -> Result<(Vec<TensorLeaf>, Vec<TensorLeaf>), Error<T>> {
	let mut found = found.iter().peekable();
	let (mut taken, mut left) = (Vec::new(), Vec::new());
	for (place, leaf) in tensors.iter().enumerate() {
		match found.next_if(|found| usize::from(found.place) == place) {
			Some(shown) => {
				ensure!(source.verify(leaf, &shown.inclusion).is_ok(), Error::<T>::InvalidProof);
				taken.push(*leaf);
			},
			None => left.push(*leaf),
		}
	}
	// One that is out of order, twice or beyond the end was not come by.
	ensure!(found.next().is_none(), Error::<T>::TensorsNotRising);
	Ok((taken, left))
}

impl<T: Config> Pallet<T> {
	fn is_ancestor(older: VersionId, newer: VersionId) -> bool {
		Ancestors::<T>::get(newer).iter().any(|known| known.version == older)
	}

	/// Takes in a proof that `newer` holds weights of `older`.
	pub(crate) fn do_prove_reuse(
		prover: AccountId32,
		older: VersionId,
		newer: VersionId,
		proof: &ReuseProof,
	) -> DispatchResult {
		ensure!(older < newer, Error::<T>::NotOlder);
		let old = Versions::<T>::get(older).ok_or(Error::<T>::UnknownVersion)?;
		let new = Versions::<T>::get(newer).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(!Reuses::<T>::contains_key(newer, older), Error::<T>::AlreadyProven);
		ensure!(!Self::is_ancestor(older, newer), Error::<T>::AlreadyAncestor);
		let (Some(old_root), Some(new_root)) = (&old.tensor_root, &new.tensor_root) else {
			return Err(Error::<T>::NoTensorRoot.into());
		};
		let tensors = shared_tensors::<T>(old_root, new_root, proof)?;
		let in_window = Self::in_window(&new);
		if !in_window {
			let owner = Self::owner_of(new.model)?;
			ensure!(Self::owner_of(old.model)? != owner, Error::<T>::OwnWeights);
		}
		Self::lodge_claim(prover, older, newer, &tensors, in_window)
	}

	/// Lodges a claim of reuse by these tensors, which both versions hold.
	fn lodge_claim(
		prover: AccountId32,
		older: VersionId,
		newer: VersionId,
		tensors: &[TensorLeaf],
		in_window: bool,
	) -> DispatchResult {
		let id = reuse_id(older, tensors);
		ensure!(!ReuseClaims::<T>::contains_key(newer, id), Error::<T>::AlreadyProven);
		let (deposit, since) = (T::ReuseDeposit::get(), Self::now());
		T::Currency::hold(&HoldReason::Reuse.into(), &prover, deposit)?;
		if in_window {
			let pending = PendingReuses::<T>::get(newer);
			let pending = pending.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			PendingReuses::<T>::insert(newer, pending);
		}
		let claim = ReuseClaim { older, prover: prover.clone(), deposit, since, in_window };
		ReuseClaims::<T>::insert(newer, id, claim);
		let until = since.saturating_add(T::RefutationPeriod::get());
		Self::deposit_event(Event::ReuseClaimed { older, newer, id, prover, deposit, until });
		Ok(())
	}

	/// Removes a claim that is decided.
	fn take_claim(newer: VersionId, id: Hash) -> Result<ReuseClaim, DispatchError> {
		let claim = ReuseClaims::<T>::take(newer, id).ok_or(Error::<T>::UnknownClaim)?;
		if claim.in_window {
			let pending = PendingReuses::<T>::get(newer);
			match pending.checked_sub(1).ok_or(ArithmeticError::Underflow)? {
				0 => PendingReuses::<T>::remove(newer),
				pending => PendingReuses::<T>::insert(newer, pending),
			}
		}
		Ok(claim)
	}

	/// Refutes a claim by a source of its tensors, to which it passes over if it was made in time.
	pub(crate) fn do_refute_reuse(
		refuter: AccountId32,
		older: VersionId,
		newer: VersionId,
		tensors: &[TensorLeaf],
		source: VersionId,
		found: &FoundTensors,
	) -> DispatchResult {
		ensure!(source < older, Error::<T>::NotOlder);
		let claim = Self::take_claim(newer, reuse_id(older, tensors))?;
		let root = |version| {
			let record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
			record.tensor_root.ok_or(Error::<T>::NoTensorRoot)
		};
		let whole = root(newer)?.bytes;
		let (taken, left) = divide::<T>(tensors, &root(source)?, found)?;
		ensure!(!is_reuse(left.iter(), whole), Error::<T>::StillReuse);

		let to_refuter = if refuter == claim.prover { 0 } else { claim.deposit / 2 };
		let to_dividend =
			claim.deposit.checked_sub(to_refuter).ok_or(ArithmeticError::Underflow)?;
		Self::forfeit_claim(&claim.prover, &refuter, to_refuter)?;
		Self::forfeit_claim(&claim.prover, &T::DividendPot::get(), to_dividend)?;
		let in_window = claim.in_window;
		Self::deposit_event(Event::ReuseRefuted {
			older,
			newer,
			source,
			prover: claim.prover,
			refuter: refuter.clone(),
			to_refuter,
			to_dividend,
		});

		let passes_over = in_window
			&& is_reuse(taken.iter(), whole)
			&& !Self::is_ancestor(source, newer)
			&& !Reuses::<T>::contains_key(newer, source)
			&& !ReuseClaims::<T>::contains_key(newer, reuse_id(source, &taken));
		if passes_over {
			Self::lodge_claim(refuter, source, newer, &taken, true)?;
		}
		Ok(())
	}

	/// Pays a part of a claim's deposit to somebody else. By force: freezing its balance does not save
	/// a prover from losing.
	fn forfeit_claim(prover: &AccountId32, to: &AccountId32, amount: Balance) -> DispatchResult {
		if amount > 0 {
			T::Currency::transfer_on_hold(
				&HoldReason::Reuse.into(),
				prover,
				to,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)?;
		}
		Ok(())
	}

	/// Gives effect to a claim that nobody has refuted in time, and returns its deposit.
	pub(crate) fn do_confirm_reuse(newer: VersionId, id: Hash) -> DispatchResult {
		let ReuseClaim { older, prover, deposit, since, in_window } = Self::take_claim(newer, id)?;
		let until = since.saturating_add(T::RefutationPeriod::get());
		ensure!(Self::now() >= until, Error::<T>::RefutationPeriodRuns);
		T::Currency::release(&HoldReason::Reuse.into(), &prover, deposit, Precision::Exact)?;

		let old = Versions::<T>::get(older).ok_or(Error::<T>::UnknownVersion)?;
		let new = Versions::<T>::get(newer).ok_or(Error::<T>::UnknownVersion)?;
		let outcome = match Reuses::<T>::get(newer, older) {
			// By other tensors; nothing is added to that.
			Some(known) => known,
			None if in_window => {
				// Weights that may be stolen from this very owner are no reason yet.
				let owner = Self::owner_of(new.model)?;
				let contested = Contests::<T>::contains_key(older, owner);
				ensure!(!contested, Error::<T>::OlderContested);
				Self::make_parent(older, &old, newer, new)?
			},
			None => {
				// One that was made in time comes first, and may make this one needless.
				ensure!(PendingReuses::<T>::get(newer) == 0, Error::<T>::ReusePending);
				if Self::is_ancestor(older, newer) {
					Reuse::Parent
				} else {
					Self::bar(old.model, new.model)?
				}
			},
		};
		Reuses::<T>::insert(newer, older, &outcome);
		Self::deposit_event(Event::ReuseProven { older, newer, outcome });
		Ok(())
	}

	/// Puts `older` and its ancestors into the table of `newer`; their royalties are due of what
	/// comes in from now on. A version that would owe more than any may is one that could not have
	/// been added with its true parents: it is closed at once, if it is not closed yet and does not owe
	/// that to its own owner.
	fn make_parent(
		older: VersionId,
		old: &Version,
		newer: VersionId,
		mut new: Version,
	) -> Result<Reuse, DispatchError> {
		let revenue = Revenue::<T>::get(newer).ok_or(Error::<T>::UnknownVersion)?;
		let mut table = Ancestors::<T>::get(newer);
		if Self::inherit(&mut table, older, old, revenue).is_ok() {
			Ancestors::<T>::insert(newer, table);
			return Ok(Reuse::Parent);
		}
		if Self::owner_of(old.model)? == Self::owner_of(new.model)? {
			return Ok(Reuse::Settled);
		}
		// Before it is settled a version only ever closes at once, so a closing block is no later
		// than this one.
		if new.closes.is_none() {
			Self::close(newer, &mut new, Self::now())?;
		}
		Ok(Reuse::Closed)
	}

	/// Bars the owner of the newer version's model from adding versions, unless both models have
	/// become one owner's.
	fn bar(older: ModelId, newer: ModelId) -> Result<Reuse, DispatchError> {
		let owner = Self::owner_of(newer)?;
		if Self::owner_of(older)? == owner {
			return Ok(Reuse::Settled);
		}
		let bars = Barred::<T>::get(&owner).checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Barred::<T>::insert(&owner, bars);
		Ok(Reuse::Open { owner })
	}

	/// Settles a reuse that was shown too late, on the word of the older version's owner, or by
	/// governance, which is no `caller`.
	pub(crate) fn do_settle_reuse(
		caller: Option<AccountId32>,
		older: VersionId,
		newer: VersionId,
	) -> DispatchResult {
		let Some(Reuse::Open { owner }) = Reuses::<T>::get(newer, older) else {
			return Err(Error::<T>::NothingToSettle.into());
		};
		if let Some(caller) = caller {
			let old = Versions::<T>::get(older).ok_or(Error::<T>::UnknownVersion)?;
			ensure!(Self::owner_of(old.model)? == caller, Error::<T>::NotOwner);
		}

		Reuses::<T>::insert(newer, older, Reuse::Settled);
		match Barred::<T>::get(&owner).checked_sub(1).ok_or(ArithmeticError::Underflow)? {
			0 => Barred::<T>::remove(&owner),
			bars => Barred::<T>::insert(&owner, bars),
		}
		Self::deposit_event(Event::ReuseSettled { older, newer, owner });
		Ok(())
	}

	pub(crate) fn owner_of(model: ModelId) -> Result<AccountId32, Error<T>> {
		Models::<T>::get(model).map(|model| model.owner).ok_or(Error::<T>::UnknownModel)
	}
}
