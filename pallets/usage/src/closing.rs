//! How a channel ends: the consumer asks, the oracle has a window to settle, the rest goes back,
//! last what is reserved. Or both sides agree, and it ends at once.

use crate::{keys::is_signed, Channel, ChannelState, Channels, Config, Error, Event, Pallet};
use frame_support::{ensure, traits::Get};
use sp_runtime::{traits::Zero, DispatchResult};
use usufruct_primitives::{traits::Oracles, usage::Closing, ChannelId, Signature};

impl<T: Config> Pallet<T> {
	/// Starts the window.
	pub(crate) fn begin_closing(channel_id: ChannelId, who: &T::AccountId) -> DispatchResult {
		let mut channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		ensure!(channel.consumer == *who, Error::<T>::NotConsumer);
		// A second request must not move the end of the window.
		ensure!(channel.state == ChannelState::Open, Error::<T>::ChannelClosing);

		let closes_at = Self::now().saturating_add(T::ClosingWindow::get());
		channel.state = ChannelState::Closing { closes_at };
		Channels::<T>::insert(channel_id, channel);
		Self::deposit_event(Event::CloseRequested { channel_id, closes_at });
		Ok(())
	}

	/// Returns the escrow, but for what is reserved as long as that is, and forgets a channel of
	/// which nothing is left. Whoever is not the consumer waits with the latter until nothing that
	/// the channel paid can be challenged: no receipt of a forgotten channel can be demanded.
	pub(crate) fn finish_closing(channel_id: ChannelId, who: &T::AccountId) -> DispatchResult {
		let mut channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		let ChannelState::Closing { closes_at } = channel.state else {
			return Err(Error::<T>::NotClosing.into());
		};
		let now = Self::now();
		ensure!(now >= closes_at, Error::<T>::WindowOpen);

		let until = closes_at.saturating_add(T::ClosingWindow::get());
		if channel.reserved.is_zero() || now >= until {
			let over = channel.settled_seq.is_zero()
				|| !T::Oracles::is_locked(&channel.oracle, channel.settled_at);
			ensure!(over || channel.consumer == *who, Error::<T>::StillChallengeable);
			return Self::forget(channel_id, channel);
		}
		let returned = channel.escrow.saturating_sub(channel.reserved);
		ensure!(!returned.is_zero(), Error::<T>::Reserved);
		Self::return_escrow(channel_id, &mut channel, returned)?;
		let reserved = channel.reserved;
		Channels::<T>::insert(channel_id, channel);
		Self::deposit_event(Event::EscrowReturned { channel_id, returned, reserved, until });
		Ok(())
	}

	/// Closes a channel at once, because both sides say that nothing is left to settle.
	pub(crate) fn close_agreed(
		oracle: &T::AccountId,
		closing: &Closing,
		signature: &Signature,
	) -> DispatchResult {
		let channel_id = closing.channel_id;
		let channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		ensure!(channel.oracle == *oracle, Error::<T>::NotItsOracle);
		let all_settled = closing.final_seq == channel.settled_seq
			&& closing.final_total == channel.settled_total;
		ensure!(all_settled, Error::<T>::NotSettled);
		let digest = closing.digest(&Self::genesis_hash());
		ensure!(is_signed(&channel.key, &digest, signature), Error::<T>::BadSignature);

		Self::forget(channel_id, channel)
	}

	/// Returns all that is left in a channel and leaves nothing of it behind.
	fn forget(channel_id: ChannelId, mut channel: Channel) -> DispatchResult {
		let returned = channel.escrow;
		Self::return_escrow(channel_id, &mut channel, returned)?;
		Channels::<T>::remove(channel_id);
		Self::deposit_event(Event::ChannelClosed { channel_id, returned });
		Ok(())
	}
}
