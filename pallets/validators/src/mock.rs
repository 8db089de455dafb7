//! A chain of sessions of five blocks, whose author is set by the test.

use crate as pallet_validators;
use crate::{Credited, Credits, Identification, KeepLastKeys, Pallet};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, ConstU32, FindAuthor, Hooks},
	PalletId,
};
use frame_system::EnsureRoot;
use pallet_session::historical::{self, NoteHistoricalRoot};
use sp_runtime::{
	impl_opaque_keys,
	testing::UintAuthorityId,
	traits::{ConvertInto, IdentityLookup},
	AccountId32, BuildStorage, ConsensusEngineId, KeyTypeId, RuntimeAppPublic,
};
use usufruct_primitives::Balance;

pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const CHARLIE: AccountId32 = AccountId32::new([3; 32]);
pub const DAVE: AccountId32 = AccountId32::new([4; 32]);

pub const EXISTENTIAL_DEPOSIT: Balance = 10;
pub const SESSION_LENGTH: u32 = 5;
pub const LONGEVITY: u32 = 4;

type Block = frame_system::mocking::MockBlockU32<Test>;

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
	pub type Session = pallet_session;
	#[runtime::pallet_index(3)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(4)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(5)]
	pub type Validators = pallet_validators;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type BaseCallFilter = KeepLastKeys<Test>;
	type Block = Block;
	type AccountId = AccountId32;
	type Lookup = IdentityLookup<AccountId32>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

impl_opaque_keys! {
	pub struct Keys {
		pub dummy: UintAuthorityId,
	}
}

/// Keeps what it is told of a new session's authorities.
pub struct Authorities;

parameter_types! {
	pub static ChangedSession: bool = false;
	pub static ActiveSet: Vec<AccountId32> = vec![];
	pub static Author: Option<AccountId32> = None;
	pub static BlocksPerEpoch: u32 = 10;
}

impl pallet_session::SessionHandler<AccountId32> for Authorities {
	const KEY_TYPE_IDS: &'static [KeyTypeId] = &[UintAuthorityId::ID];

	fn on_genesis_session<Ks>(validators: &[(AccountId32, Ks)]) {
		ActiveSet::set(validators.iter().map(|(account, _)| account.clone()).collect());
	}

	fn on_new_session<Ks>(
		changed: bool,
		validators: &[(AccountId32, Ks)],
		_: &[(AccountId32, Ks)],
	) {
		ChangedSession::set(changed);
		ActiveSet::set(validators.iter().map(|(account, _)| account.clone()).collect());
	}

	fn on_disabled(_: u32) {}
}

parameter_types! {
	pub const Period: u32 = SESSION_LENGTH;
	pub const Offset: u32 = 0;
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId32;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = pallet_session::PeriodicSessions<Period, Offset>;
	type NextSessionRotation = pallet_session::PeriodicSessions<Period, Offset>;
	type SessionManager = NoteHistoricalRoot<Test, Validators>;
	type SessionHandler = Authorities;
	type Keys = Keys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU128<0>;
}

impl historical::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = Identification;
}

impl FindAuthor<AccountId32> for Author {
	fn find_author<'a, I>(_: I) -> Option<AccountId32>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		Author::get()
	}
}

impl pallet_authorship::Config for Test {
	type FindAuthor = Author;
	type EventHandler = Validators;
}

parameter_types! {
	pub const SecurityPot: PalletId = PalletId(*b"usu/secu");
}

impl pallet_validators::Config for Test {
	type Currency = Balances;
	type PalletId = SecurityPot;
	type BlocksPerEpoch = BlocksPerEpoch;
	type ReportLongevity = ConstU32<LONGEVITY>;
	type MaxValidators = ConstU32<20>;
	type MaxOffences = ConstU32<3>;
	type AdmissionOrigin = EnsureRoot<AccountId32>;
	type WeightInfo = ();
}

/// The session keys of an account: distinct for distinct accounts and versions.
pub fn keys(account: &AccountId32, version: u64) -> Keys {
	Keys { dummy: UintAuthorityId(u64::from(AsRef::<[u8]>::as_ref(account)[0]) + 1000 * version) }
}

pub struct ExtBuilder {
	validators: Vec<AccountId32>,
	pot: Balance,
	endowed: Vec<AccountId32>,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self {
			validators: vec![ALICE, BOB, CHARLIE, DAVE],
			pot: EXISTENTIAL_DEPOSIT,
			endowed: vec![],
		}
	}
}

impl ExtBuilder {
	pub fn validators(mut self, validators: Vec<AccountId32>) -> Self {
		self.validators = validators;
		self
	}

	/// The balance of the pot above its existential deposit.
	pub fn pot(mut self, above: Balance) -> Self {
		self.pot = EXISTENTIAL_DEPOSIT + above;
		self
	}

	/// An account that has a balance from genesis.
	pub fn endowed(mut self, account: AccountId32) -> Self {
		self.endowed.push(account);
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		Author::set(None);
		BlocksPerEpoch::set(10);
		let mut balances = vec![(Pallet::<Test>::pot(), self.pot)];
		balances.extend(self.endowed.into_iter().map(|who| (who, EXISTENTIAL_DEPOSIT)));
		let keys = self.validators.iter().map(|who| (who.clone(), who.clone(), keys(who, 0)));
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			session: pallet_session::GenesisConfig { keys: keys.collect(), ..Default::default() },
			..Default::default()
		}
		.build_storage()
		.expect("the genesis of the mock is valid");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Validators::do_try_state().expect("the invariants hold");
		})
	}
}

/// Runs the hooks of the next block, authored by `author`.
pub fn next_block(author: Option<&AccountId32>) {
	let number = System::block_number() + 1;
	Author::set(author.cloned());
	System::set_block_number(number);
	Session::on_initialize(number);
	Authorship::on_initialize(number);
	Authorship::on_finalize(number);
}

/// Runs blocks until the next session has begun.
pub fn next_session() {
	let session = Session::current_index();
	while Session::current_index() == session {
		next_block(None);
	}
}

/// What is credited to the account, and to all.
pub fn credits(account: &AccountId32) -> (Balance, Balance) {
	(Credits::<Test>::get(account), Credited::<Test>::get())
}
