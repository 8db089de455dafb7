//! A chain with balances, a simple register of people, drawers for credit, and the dividend.

use crate as pallet_dividend;
use crate::{
	Books, Bounds, Call, Epoch, Epochs, Event, Limits, Parameters, Params, Shares, Totals,
};
use codec::Encode;
use frame_support::{
	derive_impl,
	dispatch::{CheckIfFeeless, GetDispatchInfo},
	parameter_types,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		tokens::{Fortitude, Preservation},
		ConstU32, Hooks,
	},
	weights::Weight,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use sp_runtime::{
	traits::{DispatchTransaction, Dispatchable},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	BuildStorage, DispatchError, DispatchResult,
};
use std::{cell::RefCell, collections::BTreeMap};
use usufruct_primitives::{
	traits::{Attested, Eligibility, Holders, OnEpochClose, People},
	Balance, BlockNumber, ChannelId, Class, EpochIndex, PersonId, Region,
};

/// Wide enough for the pots of programmes.
pub type AccountId = u128;
type Block = frame_system::mocking::MockBlockU32<Test>;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
/// Holds the money that flows in.
pub const TREASURE: AccountId = 1_000_000_000;
pub const TREASURE_HOLDS: Balance = 1 << 100;
/// Pays the bonus.
pub const COMMONS: AccountId = 1_000_000_001;
/// May pause.
pub const GUARD: AccountId = 1_000_000_002;
/// The existential deposit tests start with.
pub const ED: Balance = 1_000;
/// The length of an epoch, in blocks.
pub const LENGTH: BlockNumber = 5;
/// The claim window, in epochs.
pub const WINDOW: u32 = 3;
/// The term, in epochs; the last two of them allow a renewal.
pub const TERM: u32 = 8;
/// The longest pause, in blocks.
pub const MAX_PAUSE: u32 = 12;
/// How many blocks pass between two pauses.
pub const PAUSE_INTERVAL: u32 = 40;

/// Drawers that credit is put into: what channels are in the real runtime.
#[frame_support::pallet]
pub mod drawers {
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{hold, MutateHold},
	};
	use usufruct_primitives::{traits::ChannelTopUp, Balance, ChannelId};

	#[pallet::config]
	pub trait Config: frame_system::Config {
		type Currency: hold::Mutate<Self::AccountId, Balance = Balance, Reason: From<HoldReason>>;
	}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::composite_enum]
	pub enum HoldReason {
		/// In a drawer.
		Drawer,
	}

	#[pallet::error]
	pub enum Error<T> {
		/// It belongs to another account.
		NotItsDrawer,
	}

	/// Whose drawer it is.
	#[pallet::storage]
	pub type Owners<T: Config> = StorageMap<_, Identity, ChannelId, T::AccountId>;

	/// What of all drawers was the commons fund's.
	#[pallet::storage]
	pub type Bonuses<T> = StorageValue<_, Balance, ValueQuery>;

	impl<T: Config> ChannelTopUp<T::AccountId> for Pallet<T> {
		fn top_up(
			consumer: &T::AccountId,
			channel: ChannelId,
			amount: Balance,
			bonus: Balance,
		) -> DispatchResult {
			let own = Owners::<T>::get(channel).is_some_and(|owner| owner == *consumer);
			ensure!(own, Error::<T>::NotItsDrawer);
			Bonuses::<T>::mutate(|bonuses| *bonuses += bonus);
			T::Currency::hold(&HoldReason::Drawer.into(), consumer, amount)
		}

		#[cfg(feature = "runtime-benchmarks")]
		fn benchmark_channel(consumer: &T::AccountId) -> ChannelId {
			Owners::<T>::insert([7; 32], consumer);
			[7; 32]
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
	pub type Dividend = pallet_dividend;
	#[runtime::pallet_index(3)]
	pub type Drawers = drawers;
	#[runtime::pallet_index(4)]
	pub type Utility = pallet_utility;
}

parameter_types! {
	pub const DividendPalletId: PalletId = PalletId(*b"usufruct");
	pub static ExistentialDeposit: Balance = ED;
	/// What flows into the pot while the next epoch is being closed.
	pub static InflowAtClose: Balance = 0;
	/// The epochs whose close was told.
	pub static Told: Vec<EpochIndex> = Vec::new();
	pub const CommonsPot: AccountId = COMMONS;
	pub Guards: Vec<AccountId> = vec![GUARD];
	pub const MaxPause: BlockNumber = MAX_PAUSE;
	pub const PauseInterval: BlockNumber = PAUSE_INTERVAL;
	/// What the split of payments allows as a bonus.
	pub static BonusCeiling: u32 = 150_000;
	/// What governance may set.
	pub static ParameterBounds: Bounds = Bounds {
		min_per_head: Limits::new(1, 100 * ED),
		..Bounds::loosest(ED)
	};
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type RuntimeHoldReason = RuntimeHoldReason;
	type MaxReserves = ConstU32<2>;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

impl pallet_dividend::Config for Test {
	type Currency = Balances;
	type People = Register;
	type Channels = Drawers;
	type OnEpochClose = Inflow;
	type PalletId = DividendPalletId;
	type CommonsPot = CommonsPot;
	type BonusCeiling = BonusCeiling;
	type ProgrammeCeiling = ConstU32<200_000>;
	type Bounds = ParameterBounds;
	type MaxPause = MaxPause;
	type PauseInterval = PauseInterval;
	type PauseOrigin = EnsureSignedBy<frame_support::traits::IsInVec<Guards>, AccountId>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

impl drawers::Config for Test {
	type Currency = Balances;
}

impl pallet_utility::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = ();
}

/// Brings money into the pot as an epoch closes, as the settlement of uses does.
pub struct Inflow;

impl OnEpochClose for Inflow {
	fn on_epoch_close(epoch: EpochIndex) {
		Told::mutate(|told| told.push(epoch));
		let amount = InflowAtClose::take();
		if amount > 0 {
			flow_in(amount);
		}
	}
}

#[derive(Default)]
struct Known {
	persons: BTreeMap<AccountId, PersonId>,
	barred: Vec<PersonId>,
	classes: BTreeMap<PersonId, Vec<Class>>,
	regions: BTreeMap<PersonId, Region>,
}

thread_local! {
	static KNOWN: RefCell<Known> = RefCell::default();
}

/// Who is whose account; what personhood is in the real runtime.
pub struct Register;

impl Register {
	/// Recognises the holder of an account, which from then on lives without a balance.
	pub fn admit(account: AccountId) -> PersonId {
		let person = Self::enter(account);
		Dividend::join(person).expect("a new person has no share");
		person
	}

	/// Makes the account that of a person, who has no share yet.
	pub fn enter(account: AccountId) -> PersonId {
		System::inc_sufficients(&account);
		KNOWN.with_borrow_mut(|known| {
			let person = known.persons.len() as PersonId;
			assert!(known.persons.insert(account, person).is_none());
			person
		})
	}

	/// Moves a person to another account, as a recovery does.
	pub fn recover(person: PersonId, account: AccountId) {
		let old = Self::account_of(person).expect("the person has an account");
		System::dec_sufficients(&old);
		System::inc_sufficients(&account);
		KNOWN.with_borrow_mut(|known| {
			known.persons.remove(&old);
			assert!(known.persons.insert(account, person).is_none());
		});
		Dividend::cancel_payout(person);
	}

	/// Says who attested the person; verifiers of no class, at first.
	pub fn attest(person: PersonId, classes: &[Class]) {
		KNOWN.with_borrow_mut(|known| known.classes.insert(person, classes.to_vec()));
	}

	/// Says where the person lives; nowhere, at first.
	pub fn settle_in(person: PersonId, region: Region) {
		KNOWN.with_borrow_mut(|known| known.regions.insert(person, region));
	}

	/// Lets the person claim, or bars it.
	pub fn bar(person: PersonId, barred: bool) {
		KNOWN.with_borrow_mut(|known| {
			known.barred.retain(|other| *other != person);
			if barred {
				known.barred.push(person);
			}
		});
	}
}

impl People<AccountId> for Register {
	fn person_of(account: &AccountId) -> Option<PersonId> {
		KNOWN.with_borrow(|known| known.persons.get(account).copied())
	}

	fn may_claim(person: PersonId) -> bool {
		KNOWN.with_borrow(|known| !known.barred.contains(&person))
	}

	fn may_vote(_: PersonId, _: BlockNumber) -> bool {
		unreachable!("the dividend asks nobody for a vote")
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_person(account: &AccountId) -> PersonId {
		let person = Self::admit(*account);
		Self::settle_in(person, 1);
		person
	}
}

impl Holders<AccountId> for Register {
	fn account_of(person: PersonId) -> Option<AccountId> {
		KNOWN.with_borrow(|known| {
			let held = known.persons.iter().find(|(_, other)| **other == person);
			held.map(|(account, _)| *account)
		})
	}
}

impl Attested for Register {
	fn classes(person: PersonId) -> Vec<Class> {
		KNOWN.with_borrow(|known| known.classes.get(&person).cloned().unwrap_or_default())
	}

	fn region(person: PersonId) -> Option<Region> {
		KNOWN.with_borrow(|known| known.regions.get(&person).copied())
	}
}

/// How a test's chain starts.
pub struct ExtBuilder {
	pub existential_deposit: Balance,
	pub params: pallet_dividend::GenesisConfig<Test>,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self {
			existential_deposit: ED,
			params: pallet_dividend::GenesisConfig {
				epoch_length: LENGTH,
				claim_window: WINDOW,
				term: TERM,
				min_per_head: ED,
				min_people: 1,
				..Default::default()
			},
		}
	}
}

impl ExtBuilder {
	pub fn min_people(mut self, min_people: u32) -> Self {
		self.params.min_people = min_people;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		KNOWN.take();
		Told::take();
		InflowAtClose::take();
		ExistentialDeposit::set(self.existential_deposit);
		BonusCeiling::set(150_000);
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: vec![(TREASURE, TREASURE_HOLDS), (COMMONS, self.existential_deposit)],
				..Default::default()
			},
			dividend: self.params,
			..Default::default()
		}
		.build_storage()
		.expect("genesis builds");
		let mut ext = sp_io::TestExternalities::from(storage);
		// No events are kept of block 0.
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs the test and checks all invariants after it.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Dividend::do_try_state().expect("all invariants hold after the test");
		});
	}
}

pub fn pot() -> AccountId {
	Dividend::pot()
}

pub fn balance(account: AccountId) -> Balance {
	Balances::balance(&account)
}

/// What an account has in drawers.
pub fn held(account: AccountId) -> Balance {
	Balances::total_balance_on_hold(&account)
}

/// The drawer of that number, which belongs to the account.
pub fn drawer(number: u8, account: AccountId) -> ChannelId {
	drawers::Owners::<Test>::insert([number; 32], account);
	[number; 32]
}

/// All that an account can spend.
pub fn spendable(account: AccountId) -> Balance {
	Balances::reducible_balance(&account, Preservation::Expendable, Fortitude::Polite)
}

pub fn pays(from: AccountId, to: AccountId, amount: Balance) {
	<Balances as Mutate<_>>::transfer(&from, &to, amount, Preservation::Expendable)
		.expect("the payer has it");
}

/// Sends money into the pot.
pub fn flow_in(amount: Balance) {
	pays(TREASURE, pot(), amount);
}

pub fn totals() -> Totals {
	Books::<Test>::get()
}

pub fn row(epoch: EpochIndex) -> Epoch {
	Epochs::<Test>::get(epoch)
}

pub fn share(person: PersonId) -> crate::Share {
	Shares::<Test>::get(person).expect("the person has a share")
}

pub fn set_params(change: impl FnOnce(&mut crate::Parameters)) {
	Params::<Test>::mutate(change);
}

/// Starts a block.
pub fn block(number: BlockNumber) -> Weight {
	System::set_block_number(number);
	Dividend::on_initialize(number)
}

/// Goes to the block that closes the open epoch; returns what happened in it.
pub fn close() -> Event<Test> {
	close_after(totals().closes_at)
}

/// Closes the open epoch in a certain block.
pub fn close_after(number: BlockNumber) -> Event<Test> {
	System::reset_events();
	let programmes = Dividend::programmes().len() as u64;
	assert_eq!(
		block(number),
		Weight::from_parts(200, 200) + Weight::from_parts(40, 40) * programmes
	);
	let closed = events().into_iter().find(|event| matches!(event, Event::EpochClosed { .. }));
	closed.expect("the epoch was closed")
}

/// Closes epochs until this one is open.
pub fn go_to(epoch: EpochIndex) {
	while totals().epoch < epoch {
		close();
	}
}

/// Closes the open epoch, into which this much flowed.
pub fn close_with(amount: Balance) -> Event<Test> {
	flow_in(amount);
	close()
}

/// The events of the dividend since the block started.
pub fn events() -> Vec<Event<Test>> {
	let dividend = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Dividend(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(dividend).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().expect("something happened")
}

/// Governance sets parameters.
pub fn schedule(params: Parameters) -> DispatchResult {
	Dividend::set_params(RuntimeOrigin::root(), params)
}

/// The account that a claim by this account pays.
pub fn paid_to(account: AccountId) -> AccountId {
	Dividend::payout(account).map_or(account, |(paid, _)| paid)
}

/// Whether a claim by this account would be free.
pub fn is_free(account: AccountId) -> bool {
	Call::<Test>::claim {}.is_feeless(&RuntimeOrigin::signed(account))
}

/// What a claim must not change but by what it pays.
fn position(account: AccountId) -> (Balance, Balance, Totals) {
	(balance(account), balance(pot()), totals())
}

/// Checks that between two positions so much was paid, and nothing else changed.
fn was_paid(before: (Balance, Balance, Totals), account: AccountId, paid: Balance) {
	let after = position(account);
	assert_eq!(after.0, before.0 + paid);
	assert_eq!(after.1, before.1 - paid);
	assert_eq!(after.2, Totals { liability: before.2.liability - paid, ..before.2 });
}

/// Claims as a transaction does, and checks that it was free exactly if it succeeds, that it paid
/// what was said before, and that a failure changes nothing.
pub fn claim(account: AccountId) -> Result<Balance, DispatchError> {
	let (free, claimable, paid_to) =
		(is_free(account), Dividend::claimable(account), paid_to(account));
	let before = position(paid_to);
	let result: DispatchResult = RuntimeCall::Dividend(Call::claim {})
		.dispatch(RuntimeOrigin::signed(account))
		.map(|_| ())
		.map_err(|failure| failure.error);
	assert_eq!(free, result.is_ok());
	let paid = match result {
		Ok(()) => claimable,
		Err(_) => 0,
	};
	assert_eq!(paid, claimable);
	was_paid(before, paid_to, paid);
	result.map(|()| paid)
}

/// What a pool thinks of a claim by anybody for a person.
pub fn validate_claim_for(person: PersonId) -> Result<ValidTransaction, TransactionValidityError> {
	let call = RuntimeCall::Dividend(Call::claim_for { person });
	let extension = frame_system::AuthorizeCall::<Test>::new();
	let (info, length) = (call.get_dispatch_info(), call.encoded_size());
	let none = RuntimeOrigin::none();
	extension
		.validate_only(none, &call, &info, length, TransactionSource::External, 0)
		.map(|(valid, ..)| valid)
}

/// Claims for a person, by a general transaction that nobody signs; checks that it is valid in the
/// pool exactly if it succeeds, that it paid what was said before, and that a failure changes
/// nothing.
pub fn claim_for(person: PersonId) -> Result<Balance, InvalidTransaction> {
	let own = Register::account_of(person).unwrap_or(AccountId::MAX);
	let (claimable, paid_to) = (Dividend::claimable(own), paid_to(own));
	let before = position(paid_to);
	let valid = validate_claim_for(person);
	let call = RuntimeCall::Dividend(Call::claim_for { person });
	let extension = frame_system::AuthorizeCall::<Test>::new();
	let (info, length) = (call.get_dispatch_info(), call.encoded_size());
	let applied = extension.dispatch_transaction(RuntimeOrigin::none(), call, &info, length, 0);
	match (valid, applied) {
		(Ok(_), Ok(dispatched)) => {
			dispatched.expect("what is valid succeeds");
			was_paid(before, paid_to, claimable);
			Ok(claimable)
		},
		(Err(TransactionValidityError::Invalid(why)), Err(error)) => {
			assert_eq!(error, TransactionValidityError::Invalid(why));
			was_paid(before, paid_to, 0);
			Err(why)
		},
		(valid, applied) => panic!("the pool says {valid:?}, the block {applied:?}"),
	}
}

/// Claims into a drawer, and checks that it was free exactly if it succeeds, that neither a failure
/// nor asking changes anything, and that everything is in the account or in its drawer. Returns what
/// went into the drawer.
pub fn claim_to_drawer(account: AccountId, channel: ChannelId) -> Result<Balance, DispatchError> {
	let (claimable, paid_to) = (Dividend::claimable(account), paid_to(account));
	let before = (position(paid_to), held(paid_to), balance(COMMONS), System::events());
	let bonuses = drawers::Bonuses::<Test>::get();
	let call = Call::<Test>::claim_to_channel { channel };
	let free = call.is_feeless(&RuntimeOrigin::signed(account));
	let unchanged = (position(paid_to), held(paid_to), balance(COMMONS), System::events());
	assert_eq!(unchanged, before, "asking changes nothing");
	let result: DispatchResult = RuntimeCall::Dividend(call)
		.dispatch(RuntimeOrigin::signed(account))
		.map(|_| ())
		.map_err(|failure| failure.error);
	assert_eq!(free, result.is_ok());
	if let Err(error) = result {
		let unchanged = (position(paid_to), held(paid_to), balance(COMMONS), System::events());
		assert_eq!(unchanged, before);
		return Err(error);
	}
	let bonus = before.2 - balance(COMMONS);
	assert_eq!(drawers::Bonuses::<Test>::get() - bonuses, bonus, "the drawer knows what is whose");
	let credit = held(paid_to) - before.1;
	assert_eq!(balance(paid_to) + credit, before.0 .0 + claimable + bonus);
	assert_eq!(balance(pot()), before.0 .1 - claimable);
	assert_eq!(totals().liability, before.0 .2.liability - claimable);
	Ok(credit)
}
