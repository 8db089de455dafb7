//! Receipt keys: which can be taken, and how retired ones are forgotten.
//!
//! The index keeps a key from the day an oracle takes it until it is forgotten, so no key ever stands
//! for two oracles. A retired key whose time is over stays where it is until its place is needed: by
//! whoever takes it next, or by the next key that its oracle retires; or until somebody tidies up.

use crate::{Config, Error, Pallet, ReceiptKeys, RetiredKey, RetiredKeyList, RetiredKeys};
use frame_support::ensure;
use sp_runtime::AccountId32;
use usufruct_primitives::{keys::is_valid_ed25519, traits::Oracles as _, PublicKey};

impl<T: Config> Pallet<T> {
	/// The keys that the oracle replaced and still answers for.
	pub(crate) fn retired_keys(oracle: &AccountId32) -> RetiredKeyList {
		let now = Self::now();
		let mut retired = RetiredKeys::<T>::get(oracle);
		retired.retain(|key| now < key.forgotten_at);
		retired
	}

	/// Fails unless `key` can sign receipts, and no oracle has it or answers for it.
	pub(crate) fn ensure_key_available(key: &PublicKey) -> Result<(), Error<T>> {
		ensure!(is_valid_ed25519(key), Error::<T>::InvalidReceiptKey);
		let taken = ReceiptKeys::<T>::get(key)
			.is_some_and(|owner| Self::receipt_key_state(&owner, key).is_some());
		ensure!(!taken, Error::<T>::ReceiptKeyInUse);
		Ok(())
	}

	/// Gives an available key to the oracle; who had it before forgets it.
	pub(crate) fn claim_key(key: PublicKey, oracle: &AccountId32) {
		if let Some(former) = ReceiptKeys::<T>::get(key) {
			Self::drop_keys(&former, |retired| retired.key == key);
		}
		ReceiptKeys::<T>::insert(key, oracle);
	}

	/// Forgets those retired keys of the oracle; returns how many they were.
	pub(crate) fn drop_keys(oracle: &AccountId32, which: impl Fn(&RetiredKey) -> bool) -> u32 {
		let mut retired = RetiredKeys::<T>::get(oracle);
		let before = retired.len();
		retired.retain(|key| {
			let forgotten = which(key);
			if forgotten {
				ReceiptKeys::<T>::remove(key.key);
			}
			!forgotten
		});
		if retired.is_empty() {
			RetiredKeys::<T>::remove(oracle);
		} else {
			RetiredKeys::<T>::insert(oracle, &retired);
		}
		before.saturating_sub(retired.len()) as u32
	}
}
