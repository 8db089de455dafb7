//! The last session keys stay where they are.

use crate::{Config, Members, Pallet};
use core::marker::PhantomData;
use frame_support::traits::{Contains, IsSubType};
use frame_system::pallet_prelude::RuntimeCallFor;

/// A call filter that refuses `session.purge_keys` while fewer than two members have session keys;
/// part of the runtime's `BaseCallFilter`.
///
/// The session manager cannot help when the keys are gone. The session pallet plans a session from
/// the keys that are there when the one before begins, also if the manager announces no new set; a
/// session planned with nobody is signalled to the nodes as one without authorities, and there is
/// never a block in it.
///
/// A filter does not know who calls: while it refuses, accounts that are no members keep their keys
/// too. Root can dispatch past it.
pub struct KeepLastKeys<T>(PhantomData<T>);

impl<T: Config> Contains<RuntimeCallFor<T>> for KeepLastKeys<T>
where
	RuntimeCallFor<T>: IsSubType<pallet_session::Call<T>>,
{
	fn contains(call: &RuntimeCallFor<T>) -> bool {
		let purges = matches!(call.is_sub_type(), Some(pallet_session::Call::purge_keys {}));
		!purges
			|| Members::<T>::get().iter().filter(|one| Pallet::<T>::has_keys(one)).nth(1).is_some()
	}
}
