//! The key of a channel: what it signed, and how it is replaced without taking from the oracle what
//! the old one promised.

use crate::{Channel, Channels, Config, Error, Event, Pallet, PreviousKey};
use frame_support::{ensure, traits::Get};
use sp_core::ed25519;
use sp_runtime::DispatchResult;
use usufruct_primitives::{
	keys::is_valid_ed25519, traits::Oracles, BlockNumber, ChannelId, Hash, PublicKey, Signature,
};

/// Whether `signature` over `digest` is that of `key`.
pub(crate) fn is_signed(key: &PublicKey, digest: &Hash, signature: &Signature) -> bool {
	let signature = ed25519::Signature::from_raw(*signature);
	sp_io::crypto::ed25519_verify(&signature, digest, &ed25519::Public::from_raw(*key))
}

impl Channel {
	/// Whether the consumer signed the voucher with that digest: with the channel's key, or with
	/// the key before it while that counts.
	pub(crate) fn has_signed(
		&self,
		digest: &Hash,
		signature: &Signature,
		now: BlockNumber,
	) -> bool {
		is_signed(&self.key, digest, signature)
			|| self.previous_key.as_ref().is_some_and(|previous| {
				now < previous.until && is_signed(&previous.key, digest, signature)
			})
	}

	/// Whether the consumer asked for something with the voucher of that digest, now or when the
	/// key before this one counted: what is settled on its word stays asked for.
	pub(crate) fn asked_with(&self, digest: &Hash, signature: &Signature) -> bool {
		let previous = self.previous_key.as_ref();
		self.has_lodged(digest)
			|| is_signed(&self.key, digest, signature)
			|| previous.is_some_and(|previous| is_signed(&previous.key, digest, signature))
	}
}

impl<T: Config> Pallet<T> {
	/// Replaces the key; what the old one signed can be settled for one window.
	pub(crate) fn replace_key(
		channel_id: ChannelId,
		who: &T::AccountId,
		new: PublicKey,
	) -> DispatchResult {
		let mut channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		ensure!(channel.consumer == *who, Error::<T>::NotConsumer);
		ensure!(channel.key != new, Error::<T>::SameKey);
		let now = Self::now();
		// A second one would cut off what the first had signed, for settlement and, as long as what
		// was settled on its word can be challenged, for the oracle's answer.
		let free = channel.previous_key.as_ref().is_none_or(|previous| {
			let last = previous.until.saturating_sub(1);
			now >= previous.until && !T::Oracles::is_locked(&channel.oracle, last)
		});
		ensure!(free, Error::<T>::KeyReplacedRecently);
		ensure!(is_valid_ed25519(&new), Error::<T>::InvalidKey);

		let until = now.saturating_add(T::ClosingWindow::get());
		let old = core::mem::replace(&mut channel.key, new);
		channel.previous_key = Some(PreviousKey { key: old, until });
		Channels::<T>::insert(channel_id, channel);
		Self::deposit_event(Event::ChannelKeySet { channel_id, old, new, until });
		Ok(())
	}
}
