//! Inference oracles: who runs models for money, with which bond, receipt key and endpoint, and what
//! they ask for a unit of each model version.
//!
//! ## Terminology
//!
//! - **Oracle**: an account that serves inference requests and settles them. What it serves is judged
//!   by others; this pallet keeps what it can be held liable with.
//! - **Bond**: money of the oracle that is held as long as it can be called to account. An oracle whose
//!   bond is at least [`Config::MinBond`] is *active*; an inactive one cannot ask, but can still settle
//!   what it served.
//! - **Receipt key**: the ed25519 key that signs its receipts. No two oracles have the same. One that
//!   was replaced is *retired*: the oracle answers for what it signed until it is *forgotten*, after
//!   [`Config::UnbondingPeriod`].
//! - **Lock**: the part of the bond that stands for a settlement: [`Config::LockRatio`] of what was
//!   settled, for [`Config::ChallengeWindow`] blocks. One that is *kept* has no end until it is
//!   released. What is not locked is *free*.
//! - **Unbonding**: money on its way out. It leaves the bond at once and the hold after
//!   [`Config::UnbondingPeriod`].
//! - **Slash**: what is taken from an oracle that was caught, and divided between the consumer, the
//!   reporter and the dividend (see [`slash`]).
//! - **Ask**: the price in planck for which the oracle serves one unit of a model version, never below
//!   the version's floor price.
//!
//! ## Scenario
//!
//! Oda has a machine with a GPU. She calls [`Pallet::register`] with a bond of 1,000 UFR, the public
//! key that her service signs receipts with, and its address, `https://oda.example`. Her money stays
//! on her account, on hold. Then [`Pallet::set_ask`]: five millionths of a UFR for a unit of version 7;
//! the floor is four.
//!
//! She settles 400 UFR of receipts. The settlement locks 600 UFR of her bond
//! ([`Oracles::lock`](usufruct_primitives::traits::Oracles::lock)): should one of these receipts prove
//! to be a lie within a week, the money is there. The same evening she has receipts for 300 UFR more.
//! They would need another 450, and she has only 400 free: 50 UFR are missing. She calls
//! [`Pallet::bond_more`] with these, or waits until the first lock has expired.
//!
//! In June her service is broken into, and the key that signs her receipts is stolen. Her bond is not:
//! it belongs to her account, whose key is elsewhere. She calls [`Pallet::set_receipt_key`] with a
//! fresh one. Whoever has the old key can no longer serve in her name, and cannot register it. For two
//! weeks she still answers for what it says about her settlements until then, or else rotating would
//! wash any lie away; about later ones it says nothing.
//!
//! She settles through a proxy, whose key is on the same machine. Had the burglars found that one, they
//! could have settled inventions in her name and had her slashed for them; but she has called
//! [`Pallet::set_settle_limit`] with 200 UFR, twice what she settles in a week, so no more than 300 UFR
//! of her bond are ever locked for settlements. She lowers it to 0 in the same minute, takes the proxy's
//! rights away, and raises it again, which takes a week.
//!
//! In July a consumer proves that a receipt in a batch of 400 UFR is a lie. The 600 UFR that stood for
//! that batch are taken, and a tenth of the 700 UFR that are free by then, or on their way out. The
//! consumer gets back what it paid in the batch, the reporter a tenth of the whole, the dividend the
//! rest. What stands for her other batches is not touched: it is theirs.
//!
//! In autumn she stops. A week after her last settlement nothing is locked any more, and she calls
//! [`Pallet::unbond`] for everything. From that block on she cannot ask. After two weeks
//! [`Pallet::withdraw_unbonded`] releases the money and removes her from the chain, her asks too.
//!
//! ## What it costs
//!
//! Locks are kept by time buckets, 33 at most, so a lock costs the same however much an oracle settles
//! (see [`locks`]), and so does slashing it. Every call is of constant cost but `withdraw_unbonded`,
//! which grows with the asks (64 at most) if it removes the oracle. There is no hook and no loop over
//! oracles; retired keys are forgotten when somebody next needs their place, or calls
//! [`Pallet::forget_keys`].
//!
//! ## Money
//!
//! All money is on hold in the oracle's own account, under [`HoldReason::Bond`]: the bond and what is
//! unbonding, and nothing else. It leaves an account by a slash only, without ever being free there,
//! and whatever else the account has frozen.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod api;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod calls;
mod errors;
mod events;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod invariants;
mod keys;
pub mod limit;
pub mod locks;
#[cfg(test)]
mod mock;
pub mod slash;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;

use frame_support::pallet_macros::import_section;

pub use limit::{LimitRise, SettleLimit};
pub use locks::{Lock, LockRing};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, fungible::hold::Mutate as _, tokens::Precision},
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::{AccountId32, ArithmeticError};
	use usufruct_primitives::{
		traits::Models as _, Balance, BlockNumber, PublicKey, VersionId, PPM,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<AccountId = AccountId32> {
		/// The money that is held as bond.
		type Currency: fungible::Mutate<AccountId32, Balance = Balance>
			+ fungible::hold::Mutate<AccountId32, Reason: From<HoldReason>>;

		/// The model registry, for what can be asked for.
		type Models: usufruct_primitives::traits::Models<AccountId32>;

		/// The least bond of an active oracle, in planck. Above 0.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// What a settlement locks of the bond, in parts per million of the settled amount.
		#[pallet::constant]
		type LockRatio: Get<u32>;

		/// How long it is locked at least, in blocks; a thirty-second more at most. Above 0.
		#[pallet::constant]
		type ChallengeWindow: Get<BlockNumber>;

		/// How long money that leaves a bond stays on hold, and an oracle answers for a retired key, in
		/// blocks. Longer than any lock.
		#[pallet::constant]
		type UnbondingPeriod: Get<BlockNumber>;

		/// What a slash takes beside the lock, in parts per million of what is free or unbonding.
		#[pallet::constant]
		type FreeSlash: Get<u32>;

		/// What the reporter gets of a slash at most, in parts per million.
		#[pallet::constant]
		type ReporterShare: Get<u32>;

		/// Who gets what a slash leaves. Holds the existential deposit, so that it can take any amount.
		type DividendPot: Get<AccountId32>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why money of an account is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of an oracle, and what is unbonding.
		Bond,
	}

	/// All oracles.
	// Blake2: accounts are chosen by their owners.
	#[pallet::storage]
	pub type Oracles<T: Config> = StorageMap<_, Blake2_128Concat, AccountId32, Oracle>;

	/// The oracle whose receipt key it is, or was. Retired keys stay in it until they are needed again,
	/// their oracle retires another, or somebody calls [`Pallet::forget_keys`].
	// Blake2: whoever registers chooses the key.
	#[pallet::storage]
	pub type ReceiptKeys<T: Config> = StorageMap<_, Blake2_128Concat, PublicKey, AccountId32>;

	/// The receipt keys that an oracle replaced. Forgotten ones may still stand in it; they count for
	/// nothing.
	// Blake2: accounts are chosen by their owners.
	#[pallet::storage]
	pub type RetiredKeys<T: Config> =
		StorageMap<_, Blake2_128Concat, AccountId32, RetiredKeyList, ValueQuery>;

	/// What an oracle asks for one unit of a version, in planck.
	// Blake2: accounts are chosen by their owners. Twox: version ids are given out by the chain.
	#[pallet::storage]
	pub type Asks<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, AccountId32, Twox64Concat, VersionId, Balance>;

	/// What is locked of an oracle's bond. Apart from its record, because settlements write it.
	// Blake2: accounts are chosen by their owners.
	#[pallet::storage]
	pub type Locks<T: Config> = StorageMap<_, Blake2_128Concat, AccountId32, LockRing, ValueQuery>;

	/// What is on its way out of an oracle's bond.
	// Blake2: accounts are chosen by their owners.
	#[pallet::storage]
	pub type UnbondingQueues<T: Config> =
		StorageMap<_, Blake2_128Concat, AccountId32, UnbondingQueue, ValueQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MinBond::get() > 0, "a bond of nothing would be enough");
			assert!(T::ChallengeWindow::get() > 0, "locks would never hold");
			assert!(
				T::UnbondingPeriod::get() > locks::lock_end(0, T::ChallengeWindow::get()),
				"a bond or a key could leave before what it stood for can no longer be challenged"
			);
			assert!(T::FreeSlash::get() <= PPM, "a slash would take more than there is");
			assert!(T::ReporterShare::get() <= PPM, "a reporter would get more than was taken");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// An oracle: its bond, what of it is locked, kept and free now, what is unbonding, its receipt
		/// key and those retired, its endpoint, and whether it is active.
		pub fn oracle(account: AccountId32) -> Option<OracleInfo> {
			let oracle = Oracles::<T>::get(&account)?;
			let locks = Locks::<T>::get(&account);
			let locked = locks.locked(Self::now());
			let most = oracle.bond.min(Self::most_locked(oracle.settle_limit));
			Some(OracleInfo {
				bond: oracle.bond,
				locked,
				kept: locks.kept(),
				free: oracle.bond.saturating_sub(locked),
				lockable: most.saturating_sub(locked),
				unbonding: UnbondingQueues::<T>::get(&account),
				receipt_key: oracle.receipt_key,
				retired_keys: Self::retired_keys(&account),
				settle_limit: oracle.settle_limit.at(Self::now()),
				endpoint: oracle.endpoint,
				active: oracle.bond >= T::MinBond::get(),
			})
		}

		/// What an oracle asks for one unit of a version, in planck; nothing if the floor has risen
		/// above that: what is served for it from then on may be fraud when it is settled. New requests
		/// can be served for it while the oracle is active and the version open.
		pub fn ask(account: AccountId32, version: VersionId) -> Option<Balance> {
			let ask = Asks::<T>::get(account, version)?;
			(T::Models::terms(version)?.floor_price <= ask).then_some(ask)
		}

		/// By how much what an oracle can lock, of its bond and within its limit, is too little to settle
		/// `settled` planck now, in planck; 0 if it is not. An account that is no oracle lacks all of it.
		pub fn bond_short(account: AccountId32, settled: Balance) -> Balance {
			let (bond, limit) = Oracles::<T>::get(&account)
				.map(|oracle| (oracle.bond, oracle.settle_limit))
				.unwrap_or_default();
			let most = bond.min(Self::most_locked(limit));
			Self::missing(most, &Locks::<T>::get(&account), Self::to_lock(settled))
		}
	}
}
