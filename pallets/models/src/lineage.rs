//! Who a version comes from, and what it owes each of them: a flat table, made once.
//!
//! A version owes every ancestor that ancestor's own royalty, however many generations lie between
//! and however many ways lead there. So a shell in between takes nothing from those before it, and
//! nothing recurses when money moves.

use crate::{
	Ancestor, AncestorTable, Ancestors, Config, Error, Pallet, Parent, Version, Versions,
	MAX_ROYALTIES,
};
use frame_support::ensure;
use usufruct_primitives::{Balance, VersionId};

/// What a version with these ancestors owes them together, in parts per million.
pub(crate) fn royalties(ancestors: &[Ancestor]) -> u32 {
	ancestors.iter().fold(0, |sum, ancestor| sum.saturating_add(ancestor.rate))
}

impl<T: Config> Pallet<T> {
	/// The ancestors of a version with these parents, from its first planck on.
	pub(crate) fn flatten(parents: &[Parent]) -> Result<AncestorTable, Error<T>> {
		let mut table = AncestorTable::new();
		for (index, Parent { version, .. }) in parents.iter().enumerate() {
			ensure!(
				!parents.iter().take(index).any(|other| other.version == *version),
				Error::<T>::DuplicateParent
			);
			let parent = Versions::<T>::get(version).ok_or(Error::<T>::UnknownParent)?;
			ensure!(Self::is_settled(*version, &parent), Error::<T>::ParentNotSettled);
			Self::inherit(&mut table, *version, &parent, 0)?;
		}
		Ok(table)
	}

	/// Adds a parent and all its ancestors to `table`, those that are not in it yet: their royalties
	/// are due of what comes in after `since`.
	pub(crate) fn inherit(
		table: &mut AncestorTable,
		parent: VersionId,
		record: &Version,
		since: Balance,
	) -> Result<(), Error<T>> {
		let itself = Ancestor { version: parent, rate: record.royalty, since };
		for ancestor in core::iter::once(itself).chain(Ancestors::<T>::get(parent)) {
			if !table.iter().any(|known| known.version == ancestor.version) {
				table
					.try_push(Ancestor { since, ..ancestor })
					.map_err(|_| Error::<T>::TooManyAncestors)?;
			}
		}
		ensure!(royalties(table) <= MAX_ROYALTIES, Error::<T>::RoyaltiesTooHigh);
		Ok(())
	}
}
