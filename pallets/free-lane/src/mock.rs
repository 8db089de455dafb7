//! A chain with balances, fees, the free lane, and a pallet of calls that are free or not; run by
//! the executive that runs a real one.

use crate as pallet_free_lane;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU64, ConstU8, Contains},
	weights::{ConstantMultiplier, IdentityFee, Weight},
};
use frame_system::limits::BlockWeights;
use pallet_transaction_payment::FungibleAdapter;
use sp_runtime::{
	generic,
	testing::UintAuthorityId,
	traits::{BlakeTwo256, Header as _},
	transaction_validity::TransactionPriority,
	BuildStorage, Perbill,
};

pub type AccountId = u64;
pub type Header = generic::Header<u64, BlakeTwo256>;
pub type Block = generic::Block<Header, Transaction>;
pub type TxExtension = (
	frame_system::AuthorizeCall<Test>,
	frame_system::CheckNonce<Test>,
	frame_system::CheckWeight<Test>,
	pallet_free_lane::CheckFreeLane<
		Test,
		pallet_transaction_payment::ChargeTransactionPayment<Test>,
	>,
	frame_system::WeightReclaim<Test>,
);
pub type Transaction =
	generic::UncheckedExtrinsic<AccountId, RuntimeCall, UintAuthorityId, TxExtension>;
pub type Executive = frame_executive::Executive<
	Test,
	Block,
	frame_system::ChainContext<Test>,
	Test,
	AllPalletsWithSystem,
>;

/// Has money.
pub const PAYER: AccountId = 1;
/// Has none, but a nonce, as a person has.
pub const PERSON: AccountId = 2;
/// Has enough to advance a few fees.
pub const CLEANER: AccountId = 3;
/// The weight of every call of [`offers`].
pub const WORK: Weight = Weight::from_parts(9_000_000_000, 90);
/// What authorising one costs.
pub const AUTHORISING: Weight = Weight::from_parts(200_000_000, 5);

std::thread_local! {
	/// How often it was asked whether [`offers::Call::take`] is free.
	pub static ASKED: core::cell::Cell<u32> = const { core::cell::Cell::new(0) };
}

/// Calls that are free or not.
#[frame_support::pallet]
pub mod offers {
	use super::{ASKED, AUTHORISING, WORK};
	use frame_support::{dispatch::PostDispatchInfo, pallet_prelude::*};
	use frame_system::pallet_prelude::*;

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// The offers that were taken. Each can be taken once.
	#[pallet::storage]
	pub type Taken<T> = StorageMap<_, Twox64Concat, u32, ()>;

	#[pallet::error]
	pub enum Error<T> {
		/// Somebody was faster.
		Gone,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Free if it succeeds.
		#[pallet::call_index(0)]
		#[pallet::weight(WORK)]
		#[pallet::feeless_if(|_: &OriginFor<T>, offer: &u32| -> bool {
			ASKED.set(ASKED.get() + 1);
			!Taken::<T>::contains_key(offer)
		})]
		pub fn take(origin: OriginFor<T>, offer: u32) -> DispatchResult {
			ensure_signed(origin)?;
			ensure!(!Taken::<T>::contains_key(offer), Error::<T>::Gone);
			Taken::<T>::insert(offer, ());
			Ok(())
		}

		/// Signed by nobody.
		#[pallet::call_index(1)]
		#[pallet::weight(WORK)]
		#[pallet::authorize(|_, offer| {
			if Taken::<T>::contains_key(offer) {
				return Err(InvalidTransaction::Stale.into());
			}
			ValidTransaction::with_tag_prefix("offer")
				.and_provides(offer)
				.build()
				.map(|valid| (valid, Weight::zero()))
		})]
		#[pallet::weight_of_authorize(AUTHORISING)]
		pub fn take_unsigned(origin: OriginFor<T>, offer: u32) -> DispatchResult {
			ensure_authorized(origin)?;
			Taken::<T>::insert(offer, ());
			Ok(())
		}

		/// Costs what it costs.
		#[pallet::call_index(2)]
		#[pallet::weight(WORK)]
		pub fn buy(origin: OriginFor<T>, offer: u32) -> DispatchResult {
			ensure_signed(origin)?;
			Taken::<T>::insert(offer, ());
			Ok(())
		}

		/// Free, heavy, and part of the operation of the chain.
		#[pallet::call_index(3)]
		#[pallet::weight((WORK, DispatchClass::Operational))]
		#[pallet::feeless_if(|_: &OriginFor<T>| -> bool { true })]
		pub fn operate(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(())
		}

		/// Free whoever calls it.
		#[pallet::call_index(4)]
		#[pallet::weight((WORK, DispatchClass::Normal, Pays::No))]
		pub fn gift(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(())
		}

		/// Free, and too heavy for the lane of any block.
		#[pallet::call_index(5)]
		#[pallet::weight(WORK.saturating_mul(9))]
		#[pallet::feeless_if(|_: &OriginFor<T>| -> bool { true })]
		pub fn take_everything(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(())
		}

		/// Free, but [stopped](Stopped).
		#[pallet::call_index(6)]
		#[pallet::weight(WORK)]
		#[pallet::feeless_if(|_: &OriginFor<T>| -> bool { true })]
		pub fn take_stopped(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(())
		}

		/// Gives its fee back, again and again; though not if it is [always paid](PaidTwice).
		#[pallet::call_index(7)]
		#[pallet::weight(WORK)]
		pub fn try_out(origin: OriginFor<T>, twice: bool) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			// What is done twice was not worth its while.
			Ok(PostDispatchInfo { actual_weight: twice.then_some(WORK / 2), pays_fee: Pays::No })
		}

		/// [Gives its fee back](super::Cleaning) if it succeeds.
		#[pallet::call_index(8)]
		#[pallet::weight(WORK)]
		pub fn clean_up(
			origin: OriginFor<T>,
			offer: u32,
			urgent: bool,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			// Only the lane asks for that.
			let _ = urgent;
			ensure!(Taken::<T>::take(offer).is_some(), Error::<T>::Gone);
			Ok(Pays::No.into())
		}
	}
}

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(3)]
	pub type FreeLane = pallet_free_lane;
	#[runtime::pallet_index(4)]
	pub type Offers = offers;
}

parameter_types! {
	pub BlockWeightsOfTest: BlockWeights = BlockWeights::builder()
		.base_block(Weight::zero())
		.for_class(frame_support::dispatch::DispatchClass::all(), |weights| {
			weights.base_extrinsic = Weight::from_parts(100_000_000, 0);
		})
		.for_class(frame_support::dispatch::DispatchClass::Normal, |weights| {
			// Room for 25 calls, and for 6 free ones.
			weights.max_total = Some(Weight::from_parts(240_000_000_000, u64::MAX));
		})
		.for_class(frame_support::dispatch::DispatchClass::Operational, |weights| {
			weights.max_total = Some(Weight::from_parts(400_000_000_000, u64::MAX));
		})
		.build_or_panic();
	pub const Share: Perbill = Perbill::from_percent(25);
}

/// Stops one of the calls.
pub struct Stopped;

impl Contains<RuntimeCall> for Stopped {
	fn contains(call: &RuntimeCall) -> bool {
		!matches!(call, RuntimeCall::Offers(offers::Call::take_stopped {}))
	}
}

/// Has whoever tries something out twice pay for it.
pub struct PaidTwice;

impl Contains<RuntimeCall> for PaidTwice {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(call, RuntimeCall::Offers(offers::Call::try_out { twice: true }))
	}
}

/// Cleaning up has its fee returned, and comes first if it is urgent, or else last.
pub struct Cleaning;

/// Before whatever else is free.
pub const URGENT: TransactionPriority = pallet_free_lane::FREE_PRIORITY + 1;

impl pallet_free_lane::Returned<RuntimeCall> for Cleaning {
	fn priority(call: &RuntimeCall) -> Option<TransactionPriority> {
		match call {
			RuntimeCall::Offers(offers::Call::clean_up { urgent, .. }) => {
				Some(if *urgent { URGENT } else { 0 })
			},
			_ => None,
		}
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type BaseCallFilter = Stopped;
	type Block = Block;
	type Nonce = u64;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u64>;
	type BlockWeights = BlockWeightsOfTest;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl pallet_transaction_payment::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ()>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightToFee = IdentityFee<u64>;
	type LengthToFee = ConstantMultiplier<u64, ConstU64<1>>;
	type FeeMultiplierUpdate = ();
	type WeightInfo = ();
}

impl pallet_free_lane::Config for Test {
	type Returned = Cleaning;
	type AlwaysPaid = PaidTwice;
	type Share = Share;
	type WeightInfo = ();
}

impl offers::Config for Test {}

pub fn new_test_ext() -> sp_io::TestExternalities {
	let storage = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(PAYER, 1 << 60), (CLEANER, 1 << 60)],
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.expect("genesis builds");
	let mut ext = sp_io::TestExternalities::from(storage);
	ext.execute_with(|| System::inc_sufficients(&PERSON));
	ext
}

/// What every transaction carries.
pub fn extension(nonce: u64) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
		frame_system::WeightReclaim::new(),
	)
}

/// A transaction signed by an account.
pub fn signed(who: AccountId, nonce: u64, call: offers::Call<Test>) -> Transaction {
	Transaction::new_signed(RuntimeCall::Offers(call), who, who.into(), extension(nonce))
}

/// A transaction that nobody signed.
pub fn unsigned(offer: u32) -> Transaction {
	let call = RuntimeCall::Offers(offers::Call::take_unsigned { offer });
	Transaction::new_transaction(call, extension(0))
}

/// The header of the next block.
pub fn next_header() -> Header {
	let parent = System::parent_hash();
	Header::new(
		System::block_number() + 1,
		Default::default(),
		Default::default(),
		parent,
		Default::default(),
	)
}
