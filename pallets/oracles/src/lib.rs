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

pub use limit::{LimitRise, SettleLimit};
pub use locks::{Lock, LockRing};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

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

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An oracle was registered.
		OracleRegistered {
			/// The oracle.
			oracle: T::AccountId,
			/// Its bond, in planck.
			bond: Balance,
			/// The key that signs its receipts.
			receipt_key: PublicKey,
			/// Where it serves.
			endpoint: Endpoint,
		},
		/// An oracle asks another price for a version, or no longer serves it.
		AskSet {
			/// The oracle.
			oracle: T::AccountId,
			/// The version.
			version: VersionId,
			/// The price of one unit so far, in planck.
			old: Option<Balance>,
			/// The price of one unit from now on, in planck.
			new: Option<Balance>,
		},
		/// An oracle added to its bond.
		BondIncreased {
			/// The oracle.
			oracle: T::AccountId,
			/// What it added, in planck.
			amount: Balance,
			/// Its bond now, in planck.
			bond: Balance,
		},
		/// A part of a bond is on its way out.
		UnbondingStarted {
			/// The oracle.
			oracle: T::AccountId,
			/// How much, in planck.
			amount: Balance,
			/// The first block in which it can be withdrawn.
			ready_at: BlockNumber,
			/// What is left of the bond, in planck.
			bond: Balance,
		},
		/// Unbonded money is at its owner's free disposal.
		Withdrawn {
			/// The oracle.
			oracle: T::AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// An oracle that has withdrawn everything was removed, with its asks.
		OracleRemoved {
			/// The oracle.
			oracle: T::AccountId,
		},
		/// An oracle serves at another address.
		EndpointSet {
			/// The oracle.
			oracle: T::AccountId,
			/// The address so far.
			old: Endpoint,
			/// The address from now on.
			new: Endpoint,
		},
		/// An oracle signs its receipts with another key.
		ReceiptKeySet {
			/// The oracle.
			oracle: T::AccountId,
			/// The key so far, now retired.
			old: PublicKey,
			/// The key from now on.
			new: PublicKey,
			/// The first block in which the oracle no longer answers for the old key.
			forgotten_at: BlockNumber,
		},
		/// Retired keys of an oracle, for which it answers no longer, were removed from the chain.
		KeysForgotten {
			/// The oracle.
			oracle: T::AccountId,
			/// How many.
			keys: u32,
		},
		/// An oracle may settle no more than another amount within a challenge window.
		SettleLimitSet {
			/// The oracle.
			oracle: T::AccountId,
			/// The limit so far, in planck; none if there was none.
			old: Option<Balance>,
			/// The limit to come, in planck; none if there is to be none.
			new: Option<Balance>,
			/// The first block it holds in.
			from: BlockNumber,
		},
		/// An oracle was caught, and slashed.
		Slashed {
			/// The oracle.
			oracle: T::AccountId,
			/// What was taken, in planck: what the other three got.
			taken: Balance,
			/// The consumer, if it was paid, and what it got, in planck.
			consumer: Option<(T::AccountId, Balance)>,
			/// The reporter, if it was paid, and what it got, in planck.
			reporter: Option<(T::AccountId, Balance)>,
			/// What the dividend pot got, in planck.
			dividend: Balance,
			/// What is left of the bond, in planck.
			bond: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This account is an oracle already. Change what is registered by the other calls, or use
		/// another account.
		AlreadyRegistered,
		/// This account is no oracle. Register it first.
		NotRegistered,
		/// The bond would be below the minimum. Bond at least the minimum; when unbonding, leave that
		/// much or nothing.
		BelowMinBond,
		/// This is not a valid ed25519 public key (or one of those that are good for no signature).
		/// Give the 32 bytes of the key that the service signs receipts with.
		InvalidReceiptKey,
		/// An oracle has this receipt key, or had it and still answers for it. Make a new one for this
		/// oracle.
		ReceiptKeyInUse,
		/// An endpoint is `http://` or `https://` and an address, up to 256 characters of printable
		/// ASCII without spaces. Correct it.
		InvalidEndpoint,
		/// The oracle's bond is below the minimum, so it cannot ask for requests. Add to the bond first.
		Inactive,
		/// There is no model version with this id. Check the id.
		UnknownVersion,
		/// The model version is deprecated: nobody can ask for new requests. Serve a newer one.
		VersionDeprecated,
		/// The price is below the floor that the model's owner has set for this version. Ask at least
		/// the floor.
		BelowFloor,
		/// The oracle has 64 asks, which is the most. Remove one first.
		TooManyAsks,
		/// The oracle has no ask for this version. There is nothing to remove.
		NoAsk,
		/// The amount is 0. Give how much to move.
		ZeroAmount,
		/// That much of the bond is not free: part of it is locked for recent settlements. Unbond less,
		/// or wait until the locks have expired.
		BondNotFree,
		/// There are 16 parts of the bond on their way out, which is the most. Withdraw those that are
		/// ready, or wait for the next one.
		UnbondingFull,
		/// Nothing that was unbonded is ready. Wait for the block it is ready at.
		NothingReady,
		/// The oracle still answers for 8 retired receipt keys, which is the most. Wait until the oldest
		/// is forgotten.
		TooManyRetiredKeys,
		/// The oracle has no retired receipt key for which it answers no longer. Nothing is left to do.
		NothingToForget,
		/// This is the limit already, and no rise is on its way. There is nothing to do.
		LimitUnchanged,
		/// The time in which this settlement could be challenged is over. Its part of the bond is free.
		LockEnded,
		/// That much is not locked for this settlement: it is kept or was slashed already. Nothing is
		/// left to keep.
		NotLocked,
		/// That much of the bond is not kept: it was released or slashed already. Nothing is left to
		/// release.
		NotKept,
	}

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

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Become an oracle.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by the account that will settle.
		///
		/// ## Details
		///
		/// `bond` is held from the caller. `receipt_key` signs the oracle's receipts. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::AlreadyRegistered`].
		/// - [`Error::BelowMinBond`].
		/// - [`Error::InvalidReceiptKey`], [`Error::ReceiptKeyInUse`].
		/// - [`Error::InvalidEndpoint`].
		/// - `Token`: the caller cannot pay the bond and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::OracleRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			bond: Balance,
			receipt_key: PublicKey,
			endpoint: Endpoint,
		) -> DispatchResult {
			let oracle = ensure_signed(origin)?;
			ensure!(!Oracles::<T>::contains_key(&oracle), Error::<T>::AlreadyRegistered);
			ensure!(bond >= T::MinBond::get(), Error::<T>::BelowMinBond);
			ensure!(is_valid_endpoint(&endpoint), Error::<T>::InvalidEndpoint);
			Self::ensure_key_available(&receipt_key)?;

			T::Currency::hold(&HoldReason::Bond.into(), &oracle, bond)?;
			Self::claim_key(receipt_key, &oracle);
			Oracles::<T>::insert(
				&oracle,
				Oracle {
					bond,
					receipt_key,
					endpoint: endpoint.clone(),
					asks: 0,
					settle_limit: SettleLimit::default(),
				},
			);
			Self::deposit_event(Event::OracleRegistered { oracle, bond, receipt_key, endpoint });
			Ok(())
		}

		/// Ask a price for one unit of a model version, or no longer serve it.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// `Some(price)` sets or replaces the ask, `None` removes it; an inactive oracle can only
		/// remove. Channels and requests that were agreed before keep their price. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::Inactive`].
		/// - [`Error::UnknownVersion`], [`Error::VersionDeprecated`], [`Error::BelowFloor`].
		/// - [`Error::TooManyAsks`]: 64 other versions are asked for.
		/// - [`Error::NoAsk`]: there is nothing to remove.
		///
		/// ## Events
		///
		/// [`Event::AskSet`] with the old and the new price.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_ask())]
		pub fn set_ask(
			origin: OriginFor<T>,
			version: VersionId,
			unit_price: Option<Balance>,
		) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let old = Asks::<T>::get(&caller, version);
			match unit_price {
				Some(price) => {
					ensure!(oracle.bond >= T::MinBond::get(), Error::<T>::Inactive);
					let terms = T::Models::terms(version).ok_or(Error::<T>::UnknownVersion)?;
					ensure!(terms.open, Error::<T>::VersionDeprecated);
					ensure!(price >= terms.floor_price, Error::<T>::BelowFloor);
					if old.is_none() {
						ensure!(oracle.asks < MAX_ASKS, Error::<T>::TooManyAsks);
						oracle.asks = oracle.asks.saturating_add(1);
					}
					Asks::<T>::insert(&caller, version, price);
				},
				None => {
					ensure!(old.is_some(), Error::<T>::NoAsk);
					oracle.asks = oracle.asks.saturating_sub(1);
					Asks::<T>::remove(&caller, version);
				},
			}
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::AskSet { oracle: caller, version, old, new: unit_price });
			Ok(())
		}

		/// Add to the bond.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// The amount is held in addition. It may be less than the minimum bond, and may leave the
		/// oracle inactive, if it only wants to settle. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::ZeroAmount`].
		/// - `Token`: the caller cannot pay the amount and stay above the existential deposit.
		///
		/// ## Events
		///
		/// [`Event::BondIncreased`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::bond_more())]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			ensure!(amount > 0, Error::<T>::ZeroAmount);
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let bond = oracle.bond.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			oracle.bond = bond;

			T::Currency::hold(&HoldReason::Bond.into(), &caller, amount)?;
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::BondIncreased { oracle: caller, amount, bond });
			Ok(())
		}

		/// Begin to take a free part of the bond out.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// The amount leaves the bond at once and can be withdrawn after [`Config::UnbondingPeriod`].
		/// What is left must be at least the minimum bond, or nothing. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::ZeroAmount`].
		/// - [`Error::BondNotFree`]: more than the bond without its locks.
		/// - [`Error::BelowMinBond`].
		/// - [`Error::UnbondingFull`]: 16 parts are on their way out.
		///
		/// ## Events
		///
		/// [`Event::UnbondingStarted`] with the block in which it is ready.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			ensure!(amount > 0, Error::<T>::ZeroAmount);
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let free = oracle.bond.saturating_sub(Self::locked(&caller));
			ensure!(amount <= free, Error::<T>::BondNotFree);
			let bond = oracle.bond.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
			ensure!(bond == 0 || bond >= T::MinBond::get(), Error::<T>::BelowMinBond);
			oracle.bond = bond;

			let ready_at = Self::now()
				.checked_add(T::UnbondingPeriod::get())
				.ok_or(ArithmeticError::Overflow)?;
			let mut queue = UnbondingQueues::<T>::get(&caller);
			match queue.iter_mut().find(|part| part.ready_at == ready_at) {
				Some(part) => {
					part.amount =
						part.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?
				},
				None => queue
					.try_push(Unbonding { ready_at, amount })
					.map_err(|_| Error::<T>::UnbondingFull)?,
			}

			Self::put_unbonding(&caller, queue);
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::UnbondingStarted { oracle: caller, amount, ready_at, bond });
			Ok(())
		}

		/// Take out all unbonded money that is ready.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// If nothing is bonded or unbonding after that, the oracle is removed with its asks, its
		/// receipt keys can be registered again, and what was held is all free. An oracle that was
		/// slashed of everything has nothing to take out, and is removed by this call all the same. The
		/// cost grows with the asks if they are removed, and is constant otherwise; the difference is
		/// refunded.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::NothingReady`].
		///
		/// ## Events
		///
		/// [`Event::Withdrawn`] if there was something, and [`Event::OracleRemoved`] if it was the last.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::withdraw_unbonded(MAX_ASKS))]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
			let caller = ensure_signed(origin)?;
			let oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let now = Self::now();
			let mut queue = UnbondingQueues::<T>::get(&caller);
			let amount = queue
				.iter()
				.filter(|part| part.ready_at <= now)
				.try_fold(0, |sum: Balance, part| sum.checked_add(part.amount))
				.ok_or(ArithmeticError::Overflow)?;
			queue.retain(|part| part.ready_at > now);
			let nothing_left = queue.is_empty() && oracle.bond == 0;
			ensure!(amount > 0 || nothing_left, Error::<T>::NothingReady);

			if amount > 0 {
				T::Currency::release(&HoldReason::Bond.into(), &caller, amount, Precision::Exact)?;
				Self::put_unbonding(&caller, queue);
				Self::deposit_event(Event::Withdrawn { oracle: caller.clone(), amount });
			}

			// Locks never exceed the bond, so nothing is locked either.
			let mut asks_removed = 0;
			if nothing_left {
				asks_removed = oracle.asks;
				let _ = Asks::<T>::clear_prefix(&caller, MAX_ASKS, None);
				ReceiptKeys::<T>::remove(oracle.receipt_key);
				Self::drop_keys(&caller, |_| true);
				Locks::<T>::remove(&caller);
				Oracles::<T>::remove(&caller);
				Self::deposit_event(Event::OracleRemoved { oracle: caller });
			}
			Ok(Some(T::WeightInfo::withdraw_unbonded(asks_removed)).into())
		}

		/// Serve at another address.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::InvalidEndpoint`].
		///
		/// ## Events
		///
		/// [`Event::EndpointSet`] with the old and the new address.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_endpoint())]
		pub fn set_endpoint(origin: OriginFor<T>, endpoint: Endpoint) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			ensure!(is_valid_endpoint(&endpoint), Error::<T>::InvalidEndpoint);
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let old = core::mem::replace(&mut oracle.endpoint, endpoint.clone());

			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::EndpointSet { oracle: caller, old, new: endpoint });
			Ok(())
		}

		/// Sign receipts with another key.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle.
		///
		/// ## Details
		///
		/// The old key is retired: until it is forgotten, after [`Config::UnbondingPeriod`], the oracle
		/// answers for what it says about settlements until this block, and nobody can register it, the
		/// oracle included. Settle everything the old key signed before: what it says about a later
		/// settlement is taken for a thief's. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`].
		/// - [`Error::InvalidReceiptKey`], [`Error::ReceiptKeyInUse`].
		/// - [`Error::TooManyRetiredKeys`]: 8 are not forgotten yet.
		///
		/// ## Events
		///
		/// [`Event::ReceiptKeySet`] with the old and the new key.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_receipt_key())]
		pub fn set_receipt_key(origin: OriginFor<T>, new_key: PublicKey) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			Self::ensure_key_available(&new_key)?;
			let now = Self::now();
			let forgotten_at =
				now.checked_add(T::UnbondingPeriod::get()).ok_or(ArithmeticError::Overflow)?;
			let old = core::mem::replace(&mut oracle.receipt_key, new_key);
			let mut retired = Self::retired_keys(&caller);
			retired
				.try_push(RetiredKey { key: old, retired_at: now, forgotten_at })
				.map_err(|_| Error::<T>::TooManyRetiredKeys)?;

			Self::drop_keys(&caller, |key| key.forgotten_at <= now);
			Self::claim_key(new_key, &caller);
			RetiredKeys::<T>::insert(&caller, retired);
			Oracles::<T>::insert(&caller, oracle);
			Self::deposit_event(Event::ReceiptKeySet {
				oracle: caller,
				old,
				new: new_key,
				forgotten_at,
			});
			Ok(())
		}

		/// Remove the retired keys of an oracle for which it answers no longer.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anybody.
		///
		/// ## Details
		///
		/// They count for nothing already. The fee is returned. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NothingToForget`].
		///
		/// ## Events
		///
		/// [`Event::KeysForgotten`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::forget_keys())]
		pub fn forget_keys(
			origin: OriginFor<T>,
			oracle: T::AccountId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let now = Self::now();
			let keys = Self::drop_keys(&oracle, |key| key.forgotten_at <= now);
			ensure!(keys > 0, Error::<T>::NothingToForget);
			Self::deposit_event(Event::KeysForgotten { oracle, keys });
			Ok(Pays::No.into())
		}

		/// Limit what may be settled within a challenge window.
		///
		/// ## Dispatch Origin
		///
		/// Signed by an oracle. Not for whoever settles in its name.
		///
		/// ## Details
		///
		/// A lower limit holds at once, a higher one, or none, after [`Config::ChallengeWindow`] blocks.
		/// Either takes the place of a rise that does not hold yet. What would be more is not settled;
		/// it can be later, as long as its channel is open. What is locked already counts, and what is
		/// kept for demands, too. See [`limit`]. Constant cost.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`], [`Error::LimitUnchanged`].
		///
		/// ## Events
		///
		/// [`Event::SettleLimitSet`] with the block it holds from.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_settle_limit())]
		pub fn set_settle_limit(origin: OriginFor<T>, limit: Option<Balance>) -> DispatchResult {
			let caller = ensure_signed(origin)?;
			let mut oracle = Oracles::<T>::get(&caller).ok_or(Error::<T>::NotRegistered)?;
			let now = Self::now();
			let old = oracle.settle_limit.at(now).present;
			let set = oracle
				.settle_limit
				.set(limit, now, T::ChallengeWindow::get())
				.ok_or(Error::<T>::LimitUnchanged)?;
			oracle.settle_limit = set;

			Oracles::<T>::insert(&caller, oracle);
			let from = set.rise.map_or(now, |rise| rise.from);
			Self::deposit_event(Event::SettleLimitSet { oracle: caller, old, new: limit, from });
			Ok(())
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

		/// What an oracle asks for one unit of a version, in planck. New requests can be served for it
		/// while the oracle is active and the version open.
		pub fn ask(account: AccountId32, version: VersionId) -> Option<Balance> {
			Asks::<T>::get(account, version)
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
