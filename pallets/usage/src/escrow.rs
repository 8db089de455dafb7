//! The money consumers put aside: the only place where their holds are touched.

use crate::{Channel, Config, Error, HoldReason, Pallet};
use frame_support::{
	ensure,
	traits::{
		fungible::{InspectHold, MutateHold},
		tokens::{Fortitude, Precision, Restriction},
	},
};
use frame_system::RawOrigin;
use sp_runtime::DispatchResult;
use usufruct_primitives::{traits::ChannelTopUp, Balance, ChannelId};

impl<T: Config> Pallet<T> {
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
	///
	/// Forced, because a freeze that was placed after the pledge must not keep the oracle from what
	/// it served for.
	pub(crate) fn draw(channel: &Channel, amount: Balance) -> DispatchResult {
		T::Currency::transfer_on_hold(
			&HoldReason::Escrow.into(),
			&channel.consumer,
			&Self::account(),
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
	fn top_up(consumer: &T::AccountId, channel: ChannelId, amount: Balance) -> DispatchResult {
		// The call itself: what holds for a consumer's own top-up holds for this.
		Self::top_up(RawOrigin::Signed(consumer.clone()).into(), channel, amount)
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
