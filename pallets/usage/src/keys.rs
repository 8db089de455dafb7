//! The keys of a channel: what they signed, and how one is replaced without taking from the oracle
//! what another one promised.
//!
//! A key that was replaced has its last word on money within two closing windows, which is as long as
//! lodged money waits. One would be too little: what is lodged gives way to any voucher that covers more,
//! and a consumer can sign one that no claim fits, such as one that accepts a total to which no receipts
//! add up. If it replaced the key and closed in the same block, an oracle that was down for the closing
//! window would have neither voucher. What a key asked for is another matter: an oracle that was down can settle months later, on a voucher that was lodged, and
//! must then be able to show who asked for each receipt. So a channel never forgets a key, and has
//! [`MAX_FORMER_KEYS`](crate::MAX_FORMER_KEYS) of them at most; a consumer that needs another one
//! opens another channel.
//!
//! Whoever has a former key gains little: it says what was asked for, never how much may be charged.

use crate::{Channel, Channels, Config, Error, Event, FormerKey, Pallet};
use frame_support::{ensure, traits::Get};
use sp_core::ed25519;
use sp_runtime::DispatchResult;
use usufruct_primitives::{
	keys::is_valid_ed25519, BlockNumber, ChannelId, Hash, PublicKey, Signature,
};

/// Whether `signature` over `digest` is that of `key`.
pub(crate) fn is_signed(key: &PublicKey, digest: &Hash, signature: &Signature) -> bool {
	let signature = ed25519::Signature::from_raw(*signature);
	sp_io::crypto::ed25519_verify(&signature, digest, &ed25519::Public::from_raw(*key))
}

impl Channel {
	/// Every key it ever had, the present one first.
	fn keys(&self) -> impl Iterator<Item = &PublicKey> {
		core::iter::once(&self.key).chain(self.former_keys.iter().map(|former| &former.key))
	}

	/// Whether money can be claimed by the voucher with that digest: the channel's key signed it, or
	/// the key before it while that counts.
	pub(crate) fn has_signed(
		&self,
		digest: &Hash,
		signature: &Signature,
		now: BlockNumber,
	) -> bool {
		is_signed(&self.key, digest, signature)
			|| self.former_keys.last().is_some_and(|former| {
				now < former.until && is_signed(&former.key, digest, signature)
			})
	}

	/// Whether the consumer asked for something with the voucher of that digest, now or whenever.
	pub(crate) fn asked_with(&self, digest: &Hash, signature: &Signature) -> bool {
		self.keys().any(|key| is_signed(key, digest, signature))
	}
}

impl<T: Config> Pallet<T> {
	/// How long what a replaced key signed can be settled, in blocks.
	pub(crate) fn last_word() -> BlockNumber {
		T::ClosingWindow::get().saturating_mul(2)
	}

	/// Replaces the key; what the old one signed can be settled for two windows.
	pub(crate) fn replace_key(
		channel_id: ChannelId,
		who: &T::AccountId,
		new: PublicKey,
	) -> DispatchResult {
		let mut channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		ensure!(channel.consumer == *who, Error::<T>::NotConsumer);
		ensure!(channel.keys().all(|key| *key != new), Error::<T>::KeyUsed);
		let now = Self::now();
		// A second one would cut off what the first had signed.
		let free = channel.former_keys.last().is_none_or(|former| now >= former.until);
		ensure!(free, Error::<T>::KeyReplacedRecently);
		ensure!(is_valid_ed25519(&new), Error::<T>::InvalidKey);

		let until = now.saturating_add(Self::last_word());
		let old = core::mem::replace(&mut channel.key, new);
		let former = FormerKey { key: old, until };
		channel.former_keys.try_push(former).map_err(|_| Error::<T>::TooManyKeys)?;
		Channels::<T>::insert(channel_id, channel);
		Self::deposit_event(Event::ChannelKeySet { channel_id, old, new, until });
		Ok(())
	}
}
