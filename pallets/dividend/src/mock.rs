//! A chain with balances, a simple register of people, and the dividend.

use crate as pallet_dividend;
use crate::{Books, Call, Epoch, Epochs, Event, Params, Shares, Totals};
use frame_support::{
	derive_impl,
	dispatch::CheckIfFeeless,
	parameter_types,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		Hooks,
	},
	weights::Weight,
	PalletId,
};
use sp_runtime::{traits::Dispatchable, BuildStorage, DispatchError, DispatchResult};
use std::{cell::RefCell, collections::BTreeMap};
use usufruct_primitives::{
	traits::{Eligibility, OnEpochClose, People},
	Balance, BlockNumber, EpochIndex, PersonId,
};

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
/// Holds the money that flows in.
pub const TREASURE: AccountId = 1_000_000_000;
pub const TREASURE_HOLDS: Balance = 1 << 100;
/// The existential deposit tests start with.
pub const ED: Balance = 1_000;
/// The length of an epoch, in blocks.
pub const LENGTH: BlockNumber = 5;
/// The claim window, in epochs.
pub const WINDOW: u32 = 3;
/// The term, in epochs; the last two of them allow a renewal.
pub const TERM: u32 = 8;

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
}

parameter_types! {
	pub const DividendPalletId: PalletId = PalletId(*b"usufruct");
	pub static ExistentialDeposit: Balance = ED;
	/// What flows into the pot while the next epoch is being closed.
	pub static InflowAtClose: Balance = 0;
	/// The epochs whose close was told.
	pub static Told: Vec<EpochIndex> = Vec::new();
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
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

impl pallet_dividend::Config for Test {
	type Currency = Balances;
	type People = Register;
	type OnEpochClose = Inflow;
	type PalletId = DividendPalletId;
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
		Self::admit(*account)
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
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: vec![(TREASURE, TREASURE_HOLDS)],
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
	assert_eq!(block(number), Weight::from_parts(200, 200));
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

/// Whether a claim by this account would be free.
pub fn is_free(account: AccountId) -> bool {
	Call::<Test>::claim {}.is_feeless(&RuntimeOrigin::signed(account))
}

/// Claims as a transaction does, and checks that it was free exactly if it succeeds, that it paid
/// what was said before, and that a failure changes nothing.
pub fn claim(account: AccountId) -> Result<Balance, DispatchError> {
	let (free, claimable) = (is_free(account), Dividend::claimable(account));
	let before = (balance(account), balance(pot()), totals());
	let result: DispatchResult = RuntimeCall::Dividend(Call::claim {})
		.dispatch(RuntimeOrigin::signed(account))
		.map(|_| ())
		.map_err(|failure| failure.error);
	assert_eq!(free, result.is_ok());
	let after = (balance(account), balance(pot()), totals());
	let paid = match result {
		Ok(()) => claimable,
		Err(_) => 0,
	};
	assert_eq!(paid, claimable);
	assert_eq!(after.0, before.0 + paid);
	assert_eq!(after.1, before.1 - paid);
	assert_eq!(after.2, Totals { liability: before.2.liability - paid, ..before.2 });
	result.map(|()| paid)
}
