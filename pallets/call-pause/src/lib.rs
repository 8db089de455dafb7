//! Single calls stop for a while, and go on by themselves.
//!
//! ## Overview
//!
//! `pallet-tx-pause` stops calls by their names until somebody lets them go on. Here a pause has an
//! end from the start: who [stops a call](Pallet::pause) says for how long, at most
//! [`Config::MaxLength`], and what ends it is put on the agenda of the scheduler at once. There is no
//! way to make a pause longer: when it is over there can be another one.
//!
//! ### A call with an error in it
//!
//! `usage.settle` accepts what it should refuse. A poll stops it for three days, and everything else
//! goes on. If a new runtime comes earlier, another poll lets the call go on (`tx_pause.unpause`). If
//! none comes, the call goes on all the same after three days: whoever can stop calls cannot keep
//! them stopped without asking again.
//!
//! ## Low Level / Implementation Details
//!
//! The runtime sets `pallet_tx_pause::Config::PauseOrigin` to nobody, so that no pause begins but here.
//! What `pallet_tx_pause::Config::WhitelistedCalls` names cannot be stopped.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;

use frame_support::weights::Weight;

/// The longest name of a pallet or call, in bytes: with it, the call that ends a pause is short
/// enough for the scheduler to keep it inline.
pub const MAX_NAME: u32 = 56;

/// What the call costs.
pub trait WeightInfo {
	/// Stops a call, and puts its end on the agenda.
	fn pause() -> Weight;
}

#[frame_support::pallet]
#[allow(missing_docs)] // What the macro generates has none.
pub mod pallet {
	use super::*;
	use codec::Encode;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			schedule::{v3::Named, DispatchTime, HIGHEST_PRIORITY},
			Bounded, GetCallMetadata, TransactionPause, TransactionPauseError,
		},
	};
	use frame_system::{pallet_prelude::*, RawOrigin};
	use pallet_tx_pause::{PalletCallNameOf, PalletNameOf, RuntimeCallNameOf};
	use sp_runtime::traits::{BlakeTwo256, Hash, Saturating, Zero};

	type CallOf<T> = <T as frame_system::Config>::RuntimeCall;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeCall: GetCallMetadata + From<pallet_tx_pause::Call<Self>>>
		+ pallet_tx_pause::Config
	{
		/// Who may stop a call.
		type PauseOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// For how long at most, in blocks.
		#[pallet::constant]
		type MaxLength: Get<BlockNumberFor<Self>>;

		/// The origins of the runtime, of which Root lets a call go on.
		type PalletsOrigin: From<RawOrigin<Self::AccountId>>;

		/// Keeps the ends of pauses.
		type Scheduler: Named<BlockNumberFor<Self>, CallOf<Self>, Self::PalletsOrigin>;

		/// What the call costs.
		type WeightInfo: WeightInfo;
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A call is stopped; in block `until` it goes on.
		CallPaused {
			/// The name of its pallet.
			pallet: PalletNameOf<T>,
			/// Its own name.
			call: PalletCallNameOf<T>,
			/// The first block in which it goes on.
			until: BlockNumberFor<T>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The runtime has no such call. Give the names as the metadata has them, for example `Usage`
		/// and `settle`.
		UnknownCall,
		/// A pause lasts at least one block and at most as long as the constant `MaxLength` says.
		LengthOutOfBounds,
		/// This call cannot be stopped.
		NeverPaused,
		/// The call is stopped already. A pause cannot be made longer; ask again when it is over.
		AlreadyPaused,
		/// An invariant of this pallet is broken. This should be reported.
		Unexpected,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Stops a call for that many blocks. Constant cost.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::PauseOrigin`].
		///
		/// ## Details
		///
		/// The call, given by its names in the metadata, is refused from now on, also inside others,
		/// until the first of: `blocks` blocks have passed; it is let go on by
		/// `pallet_tx_pause::Config::UnpauseOrigin`.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownCall`]: the runtime has no call of these names.
		/// - [`Error::LengthOutOfBounds`]: `blocks` is 0 or more than [`Config::MaxLength`].
		/// - [`Error::NeverPaused`]: nobody may stop this call.
		/// - [`Error::AlreadyPaused`]: it is stopped already.
		///
		/// ## Events
		///
		/// [`Event::CallPaused`].
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::pause())]
		pub fn pause(
			origin: OriginFor<T>,
			pallet: PalletNameOf<T>,
			call: PalletCallNameOf<T>,
			blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			<T as Config>::PauseOrigin::ensure_origin(origin)?;
			ensure!(Self::exists(&pallet, &call), Error::<T>::UnknownCall);
			ensure!(
				!blocks.is_zero() && blocks <= T::MaxLength::get(),
				Error::<T>::LengthOutOfBounds
			);
			let name = (pallet, call);
			<pallet_tx_pause::Pallet<T> as TransactionPause>::pause(name.clone()).map_err(
				|error| match error {
					TransactionPauseError::Unpausable => Error::<T>::NeverPaused,
					TransactionPauseError::AlreadyPaused => Error::<T>::AlreadyPaused,
					_ => Error::<T>::Unexpected,
				},
			)?;
			let until = frame_system::Pallet::<T>::block_number().saturating_add(blocks);
			Self::schedule_end(&name, until)?;
			let (pallet, call) = name;
			Self::deposit_event(Event::CallPaused { pallet, call, until });
			Ok(())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				<T as pallet_tx_pause::Config>::MaxNameLen::get() <= MAX_NAME,
				"the call that ends a pause is too long for the scheduler"
			);
			// A longer name would be taken for one that is paused.
			let longest = <T as pallet_tx_pause::Config>::MaxNameLen::get() as usize;
			for pallet in CallOf::<T>::get_module_names() {
				assert!(pallet.len() <= longest, "the name of {pallet} is too long");
				for call in CallOf::<T>::get_call_names(pallet) {
					assert!(call.len() <= longest, "the name of {call} is too long");
				}
			}
		}
	}

	impl<T: Config> Pallet<T> {
		/// Whether the runtime has a call of these names.
		fn exists(pallet: &[u8], call: &[u8]) -> bool {
			let modules = CallOf::<T>::get_module_names();
			modules.iter().find(|name| name.as_bytes() == pallet).is_some_and(|name| {
				CallOf::<T>::get_call_names(name).iter().any(|name| name.as_bytes() == call)
			})
		}

		/// Puts the end of a pause on the agenda, instead of one that is left of an earlier pause.
		fn schedule_end(name: &RuntimeCallNameOf<T>, until: BlockNumberFor<T>) -> DispatchResult {
			let id = BlakeTwo256::hash_of(&(Self::name(), name)).0;
			// Somebody may have ended the earlier pause before its time.
			let _ = T::Scheduler::cancel_named(id);
			let end = CallOf::<T>::from(pallet_tx_pause::Call::unpause { ident: name.clone() });
			let end = end.encode().try_into().map_err(|_| Error::<T>::Unexpected)?;
			T::Scheduler::schedule_named(
				id,
				DispatchTime::At(until),
				None,
				HIGHEST_PRIORITY,
				RawOrigin::Root.into(),
				Bounded::Inline(end),
			)?;
			Ok(())
		}
	}
}
