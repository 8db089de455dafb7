//! Checkpoints: anybody may lodge a voucher, and what it covers waits for an oracle that is down.

use crate::{Channel, Channels, Checkpoint, Config, Error, Event, Pallet};
use frame_support::ensure;
use sp_runtime::DispatchResult;
use usufruct_primitives::{usage::Voucher, Balance, Hash, Signature};

impl Channel {
	/// The total up to which the oracle need not hurry: what is settled or lodged.
	fn safe(&self) -> Balance {
		self.checkpoint.as_ref().map_or(0, |lodged| lodged.covers).max(self.settled_total)
	}

	/// Whether the voucher with that digest was lodged. Its signature was checked then, and must
	/// not fail later because the key was replaced.
	pub(crate) fn has_lodged(&self, digest: &Hash) -> bool {
		self.checkpoint.as_ref().is_some_and(|lodged| lodged.voucher == *digest)
	}

	/// Works out again how much is reserved. Due whenever the escrow, what is settled or what is
	/// lodged has changed.
	pub(crate) fn reserve(&mut self) {
		self.reserved = self.safe().saturating_sub(self.settled_total).min(self.escrow);
	}
}

impl<T: Config> Pallet<T> {
	/// Lodges a voucher that covers more than any before it.
	///
	/// Of vouchers whose numbers never fall, as they must not, that is the newest one, which has
	/// the higher `(cap, ack_seq)`. Comparing what they cover holds against a consumer who signs
	/// others, too: it can neither lower what is reserved nor bar its own vouchers by one with a
	/// huge cap that covers nothing.
	pub(crate) fn lodge(
		by: T::AccountId,
		voucher: &Voucher,
		signature: &Signature,
	) -> DispatchResult {
		let channel_id = voucher.channel_id;
		let mut channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		let covers = voucher.chargeable(channel.max_unacked);
		ensure!(covers > channel.safe(), Error::<T>::CoversNoMore);
		let digest = voucher.digest(&Self::genesis_hash());
		let genuine = channel.has_signed(&digest, signature, Self::now());
		ensure!(genuine, Error::<T>::BadSignature);

		channel.checkpoint = Some(Checkpoint { covers, voucher: digest });
		channel.reserve();
		let reserved = channel.reserved;
		Channels::<T>::insert(channel_id, channel);
		Self::deposit_event(Event::Checkpointed { channel_id, by, covers, reserved });
		Ok(())
	}
}
