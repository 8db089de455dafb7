//! Free transactions take at most a part of each block, and none that a paying one wants.
//!
//! ## Overview
//!
//! People's calls are free: signed ones where [`feeless_if`](frame_support::pallet_macros::feeless_if)
//! says so, those that nobody signs ([`authorize`](frame_support::pallet_macros::authorize)), and those
//! that give their fee [back](Returned) when they succeed. Free things are asked for without end. So
//! there is a **lane** for them: together they get at most [`Config::Share`] of what a block has for
//! ordinary transactions.
//!
//! ### A million people claim on the same morning
//!
//! The epoch has closed, and every wallet claims. The author of a block takes the paying
//! transactions first, because the lane gives them a higher [priority](PAYING_PRIORITY). Then it
//! takes claims until the lane is full. The next claim *exhausts the resources* of this block, which
//! says nothing against it: the author passes over it and it stays in the pool. In the next block
//! the lane is empty again. Nobody's claim fails, and nobody who pays has waited.
//!
//! ### Somebody cleans up after a poll
//!
//! A million votes are to be removed from the state, and whoever removes some has the fee returned. So one
//! account with a single fee can do so a million times, one vote each. It advances the fee, and
//! waits for room in the lane, [behind](Returned) what people do there. Somebody else removes a vote that
//! is gone already: that fails, is paid for, and takes no room from the lane.
//!
//! ## Low Level / Implementation Details
//!
//! [`CheckFreeLane`] is a transaction extension around the one that takes the payment, which it skips
//! if the call is feeless. Wallets see the payment alone: it encodes to nothing more, and adds nothing
//! to what is signed. It belongs after `CheckWeight`.
//!
//! What is [used](Used) of the lane is forgotten in `on_finalize`. A pool validates on the state
//! *after* a block and runs no hooks before that: a lane that was reset in `on_initialize` would be
//! as full there as that block left it, and the pool would drop what it should keep.
//!
//! Only the normal class has a lane. Free operational calls are those of the chain itself.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod extension;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod weights;

pub use extension::{CheckFreeLane, Payment, FREE_PRIORITY, PAYING_PRIORITY};
pub use pallet::*;
pub use weights::WeightInfo;

use sp_runtime::transaction_validity::TransactionPriority;

/// Says which calls have their fee returned if they succeed.
pub trait Returned<Call> {
	/// The priority of such a call in the lane, where what is free has [`FREE_PRIORITY`] at least; none if
	/// the call keeps its fee.
	fn priority(call: &Call) -> Option<TransactionPriority>;
}

#[frame_support::pallet]
#[allow(missing_docs)] // What the macro generates has none.
pub mod pallet {
	use super::*;
	use frame_support::{dispatch::DispatchClass, pallet_prelude::*, traits::Contains};
	use frame_system::pallet_prelude::*;
	use sp_runtime::Perbill;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// What free calls may take together of the weight a block has for the normal class.
		#[pallet::constant]
		type Share: Get<Perbill>;

		/// Calls that have their fee returned if they succeed, and their priority in the lane. Whoever has
		/// the fee at hand can make them again and again for nothing; outside of the lane they would fill
		/// blocks, ahead of all that is free.
		type Returned: Returned<Self::RuntimeCall>;

		/// Calls that pay whatever they say afterwards: those that would give their fee back for what can be
		/// done without end.
		type AlwaysPaid: Contains<Self::RuntimeCall>;

		/// What the extension and the hook cost.
		type WeightInfo: WeightInfo;
	}

	/// What the free calls of this block weigh. Nothing between blocks.
	#[pallet::storage]
	pub type Used<T> = StorageValue<_, Weight, ValueQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Books what emptying the lane will cost.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::on_finalize()
		}

		/// Empties the lane.
		fn on_finalize(_: BlockNumberFor<T>) {
			Used::<T>::kill();
		}

		fn integrity_test() {
			let base = T::BlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
			assert!(Self::limit().all_gt(base), "there is room for one free call");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			ensure!(!Used::<T>::exists(), "the lane is not empty between blocks");
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What free calls may weigh together in a block.
		pub fn limit() -> Weight {
			let limits = T::BlockWeights::get();
			let normal = limits.get(DispatchClass::Normal).max_total.unwrap_or(limits.max_block);
			T::Share::get() * normal
		}
	}
}
