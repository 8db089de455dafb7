//! Proofs that a version holds an older one's weights, and what comes of them.

use crate::{
	Ancestors, Barred, Config, Error, Event, Models, Pallet, Reuse, ReuseProof, Reuses, Revenue,
	Version, Versions, REUSED_BYTES, REUSED_TENSORS,
};
use frame_support::ensure;
use sp_runtime::{AccountId32, ArithmeticError, DispatchError, DispatchResult};
use usufruct_primitives::{tensors::TensorRoot, Hash, ModelId, VersionId, PPM};

impl<T: Config> Pallet<T> {
	/// Checks that `proof` shows enough tensors that stand under both roots.
	fn check_reuse(
		older: &TensorRoot,
		newer: &TensorRoot,
		proof: &ReuseProof,
	) -> Result<(), Error<T>> {
		let (mut last, mut bytes): (Option<Hash>, u128) = (None, 0);
		for shared in proof {
			ensure!(
				last.is_none_or(|last| last < shared.leaf.tensor),
				Error::<T>::TensorsNotRising
			);
			last = Some(shared.leaf.tensor);
			bytes = bytes.saturating_add(shared.leaf.bytes.into());
		}
		// Neither product is near 128 bits: both sums of bytes are of at most 32 times 64 bits.
		let enough_bytes = bytes.saturating_mul(PPM.into())
			>= u128::from(newer.bytes).saturating_mul(REUSED_BYTES.into());
		ensure!(
			proof.len() >= REUSED_TENSORS || (enough_bytes && !proof.is_empty()),
			Error::<T>::TooLittleShared
		);
		for shared in proof {
			ensure!(
				older.verify(&shared.leaf, &shared.older).is_ok()
					&& newer.verify(&shared.leaf, &shared.newer).is_ok(),
				Error::<T>::InvalidProof
			);
		}
		Ok(())
	}

	/// Takes in a proof that `newer` holds weights of `older`.
	pub(crate) fn do_prove_reuse(
		older: VersionId,
		newer: VersionId,
		proof: &ReuseProof,
	) -> DispatchResult {
		ensure!(older < newer, Error::<T>::NotOlder);
		let old = Versions::<T>::get(older).ok_or(Error::<T>::UnknownVersion)?;
		let new = Versions::<T>::get(newer).ok_or(Error::<T>::UnknownVersion)?;
		ensure!(!Reuses::<T>::contains_key(newer, older), Error::<T>::AlreadyProven);
		ensure!(
			!Ancestors::<T>::get(newer).iter().any(|known| known.version == older),
			Error::<T>::AlreadyAncestor
		);
		let (Some(old_root), Some(new_root)) = (&old.tensor_root, &new.tensor_root) else {
			return Err(Error::<T>::NoTensorRoot.into());
		};
		Self::check_reuse(old_root, new_root, proof)?;

		let outcome = if Self::in_window(&new) {
			Self::make_parent(older, &old, newer, new)?
		} else {
			Self::bar(old.model, new.model)?
		};
		Reuses::<T>::insert(newer, older, &outcome);
		Self::deposit_event(Event::ReuseProven { older, newer, outcome });
		Ok(())
	}

	/// Puts `older` and its ancestors into the table of `newer`; their royalties are due of what
	/// comes in from now on. A version that would owe more than any may is one that could not have
	/// been added with its true parents: it is closed at once.
	fn make_parent(
		older: VersionId,
		old: &Version,
		newer: VersionId,
		mut new: Version,
	) -> Result<Reuse, DispatchError> {
		let revenue = Revenue::<T>::get(newer).ok_or(Error::<T>::UnknownVersion)?;
		let mut table = Ancestors::<T>::get(newer);
		let Err(full) = Self::inherit(&mut table, older, old, revenue) else {
			Ancestors::<T>::insert(newer, table);
			return Ok(Reuse::Parent);
		};
		// Within the window a version only ever closes at once, so a closing block is no later than
		// this one.
		ensure!(new.closes.is_none(), full);
		Self::close(newer, &mut new, Self::now())?;
		Ok(Reuse::Closed)
	}

	/// Bars the owner of the newer version's model from adding versions.
	fn bar(older: ModelId, newer: ModelId) -> Result<Reuse, DispatchError> {
		let owner = Self::owner_of(newer)?;
		ensure!(Self::owner_of(older)? != owner, Error::<T>::OwnWeights);
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

	fn owner_of(model: ModelId) -> Result<AccountId32, Error<T>> {
		Models::<T>::get(model).map(|model| model.owner).ok_or(Error::<T>::UnknownModel)
	}
}
