//! How a channel ends: the consumer asks, the oracle has a window to settle, the rest goes back.

use crate::{ChannelState, Channels, Config, Error, Event, Pallet};
use frame_support::{ensure, traits::Get};
use sp_runtime::{traits::Zero, DispatchResult};
use usufruct_primitives::ChannelId;

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

	/// Returns the escrow, but for what is reserved, and forgets the channel.
	pub(crate) fn finish_closing(channel_id: ChannelId) -> DispatchResult {
		let channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		let ChannelState::Closing { closes_at } = channel.state else {
			return Err(Error::<T>::NotClosing.into());
		};
		ensure!(Self::now() >= closes_at, Error::<T>::WindowOpen);

		let returned = channel.escrow.saturating_sub(channel.reserved);
		if !returned.is_zero() {
			Self::give_back(&channel.consumer, returned)?;
		}
		Channels::<T>::remove(channel_id);
		Self::deposit_event(Event::ChannelClosed { channel_id, returned });
		Ok(())
	}
}
