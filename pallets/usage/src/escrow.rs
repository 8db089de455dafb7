//! The money consumers put aside: the only place where their holds are touched.
//!
//! Some of it can be the commons fund's: the bonus on a dividend that is put into a channel. The
//! consumer's own money is spent before it, for the bound of the bonus is that who pays itself loses
//! more of the rest than the bonus is worth; spent first, it would be money for nothing. What is
//! returned is the bonus first. So it does not matter in which order a channel is settled and
//! returned: in the end the consumer paid all that was spent, as far as its own money reached.
//!
//! What a convicted oracle pays back is out of its bond, which a settlement locks more of than it
//! brings, and is the consumer's whatever was spent.

use crate::{Channel, ChannelState, Channels, Config, Error, Event, HoldReason, Pallet};
use frame_support::{
	ensure,
	traits::{
		fungible::{InspectHold, MutateHold},
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::{traits::Zero, ArithmeticError, DispatchResult};
use usufruct_primitives::{traits::ChannelTopUp, Balance, ChannelId};

impl Channel {
	/// Takes what is spent off the escrow; `None` if there is not so much.
	pub(crate) fn spend(&mut self, amount: Balance) -> Option<()> {
		self.escrow = self.escrow.checked_sub(amount)?;
		self.bonus = self.bonus.min(self.escrow);
		Some(())
	}
}

impl<T: Config> Pallet<T> {
	/// Adds `amount` of the consumer's unfrozen money to a channel; `bonus` of it is the fund's.
	pub(crate) fn add_to_escrow(
		who: &T::AccountId,
		channel_id: ChannelId,
		amount: Balance,
		bonus: Balance,
	) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut channel = Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?;
		ensure!(channel.consumer == *who, Error::<T>::NotConsumer);
		ensure!(channel.state == ChannelState::Open, Error::<T>::ChannelClosing);

		let escrow = channel.escrow.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		let bonus = channel.bonus.checked_add(bonus).ok_or(ArithmeticError::Overflow)?;
		Self::pledge(who, amount)?;
		(channel.escrow, channel.bonus) = (escrow, bonus);
		channel.reserve();
		Channels::<T>::insert(channel_id, channel);
		Self::deposit_event(Event::ToppedUp { channel_id, amount, escrow });
		Ok(())
	}

	/// Takes `amount` out of a channel: the bonus goes back to the commons fund, the rest to the
	/// consumer. The caller stores the channel.
	pub(crate) fn return_escrow(
		channel_id: ChannelId,
		channel: &mut Channel,
		amount: Balance,
	) -> DispatchResult {
		let escrow = channel.escrow.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		let bonus = channel.bonus.min(amount);
		// Saturating both: at most what it is taken from.
		let own = amount.saturating_sub(bonus);
		if !bonus.is_zero() {
			Self::transfer_held(channel, &T::CommonsPot::get(), bonus)?;
			Self::deposit_event(Event::BonusReturned { channel_id, amount: bonus });
		}
		if !own.is_zero() {
			Self::give_back(&channel.consumer, own)?;
		}
		channel.escrow = escrow;
		channel.bonus = channel.bonus.saturating_sub(bonus);
		Ok(())
	}

	/// Puts `amount` of the consumer's own, unfrozen money on hold.
	pub(crate) fn pledge(consumer: &T::AccountId, amount: Balance) -> DispatchResult {
		let reason = HoldReason::Escrow.into();
		T::Currency::hold(&reason, consumer, amount)?;
		// A hold can be placed on frozen money. Paid to an oracle of one's own, it would be thawed.
		let unfrozen = T::Currency::reducible_total_balance_on_hold(consumer, Fortitude::Polite);
		let pledged = T::Currency::balance_on_hold(&reason, consumer);
		ensure!(pledged <= unfrozen, Error::<T>::EscrowFrozen);
		Ok(())
	}

	/// Moves `amount` of a channel's escrow to the settlement account.
	pub(crate) fn draw(channel: &Channel, amount: Balance) -> DispatchResult {
		Self::transfer_held(channel, &Self::account(), amount)
	}

	/// Moves `amount` of a channel's escrow to somebody else than its consumer.
	///
	/// Forced, because a freeze that was placed after the pledge must not keep the oracle from what
	/// it served for, nor the fund from what was never the consumer's.
	fn transfer_held(channel: &Channel, to: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::transfer_on_hold(
			&HoldReason::Escrow.into(),
			&channel.consumer,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)?;
		Ok(())
	}

	/// Releases `amount` to the consumer.
	pub(crate) fn give_back(consumer: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::release(&HoldReason::Escrow.into(), consumer, amount, Precision::Exact)?;
		Ok(())
	}
}

impl<T: Config> ChannelTopUp<T::AccountId> for Pallet<T> {
	fn top_up(
		consumer: &T::AccountId,
		channel: ChannelId,
		amount: Balance,
		bonus: Balance,
	) -> DispatchResult {
		Self::add_to_escrow(consumer, channel, amount, bonus)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_channel(consumer: &T::AccountId) -> ChannelId {
		use crate::benchmarking::{channel, new_key, oracle};
		use frame_support::traits::{fungible::Mutate, Get};

		let amount = T::MinEscrow::get().saturating_mul(3);
		assert!(T::Currency::mint_into(consumer, amount).is_ok());
		channel::<T>(consumer, &oracle::<T>(), &new_key()).0
	}
}
