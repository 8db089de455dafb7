//! A runtime of accounts, balances, a few model versions, and this pallet.

use crate::{self as pallet_oracles, Config, Endpoint, Pallet};
use frame_support::{
	assert_ok, derive_impl,
	traits::{ConstU128, ConstU32, Get},
};
use frame_system::mocking::MockBlockU32;
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DispatchResult};
use usufruct_primitives::{
	traits::{self, VersionTerms},
	Balance, BlockNumber, Meter, ModelId, PublicKey, VersionId, MILLI_UFR, UFR,
};

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
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Oracles = pallet_oracles::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlockU32<Test>;
	type AccountId = AccountId32;
	type Lookup = IdentityLookup<AccountId32>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = System;
}

impl Config for Test {
	type Currency = Balances;
	type Models = Registry;
	type MinBond = ConstU128<MIN_BOND>;
	type LockRatio = ConstU32<1_500_000>;
	type ChallengeWindow = ConstU32<WINDOW>;
	type UnbondingPeriod = ConstU32<UNBONDING>;
	type FreeSlash = ConstU32<100_000>;
	type ReporterShare = ConstU32<100_000>;
	type DividendPot = Pot;
	type WeightInfo = ();
}

/// Where the dividend pot is.
pub struct Pot;

impl Get<AccountId32> for Pot {
	fn get() -> AccountId32 {
		POT
	}
}

pub const ED: Balance = MILLI_UFR;
pub const MIN_BOND: Balance = 1_000 * UFR;
/// Buckets of two blocks.
pub const WINDOW: BlockNumber = 64;
pub const UNBONDING: BlockNumber = 128;

/// Versions below this are open, with a floor of [`FLOOR`] times their number.
pub const OPEN_VERSIONS: VersionId = 100;
/// A deprecated version; those above do not exist.
pub const DEPRECATED: VersionId = OPEN_VERSIONS;
pub const FLOOR: Balance = 1_000;

/// By how much the floor of every version has risen.
#[frame_support::storage_alias]
pub type Rise = StorageValue<Mock, Balance, frame_support::pallet_prelude::ValueQuery>;

/// The versions of the registry, without one.
pub struct Registry;

impl traits::Models<AccountId32> for Registry {
	fn terms(version: VersionId) -> Option<VersionTerms> {
		(version <= DEPRECATED).then(|| VersionTerms {
			model: 0,
			meter: Meter::Request,
			floor_price: FLOOR * Balance::from(version) + Rise::get(),
			open: version < OPEN_VERSIONS,
		})
	}

	fn judging_floor(_: VersionId, _: BlockNumber) -> Balance {
		unreachable!("oracles judge nothing")
	}

	fn owner(_: ModelId) -> Option<AccountId32> {
		unreachable!("oracles ask for versions")
	}

	fn is_open(_: ModelId) -> bool {
		unreachable!("oracles ask for versions")
	}

	fn credit(_: VersionId, _: Balance) -> DispatchResult {
		unreachable!("oracles credit nothing")
	}

	fn account() -> AccountId32 {
		unreachable!("oracles pay nothing")
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_version(_: &AccountId32) -> VersionId {
		0
	}
}

/// Runs models, and has money.
pub const ODA: AccountId32 = AccountId32::new([1; 32]);
/// So does he.
pub const PIERO: AccountId32 = AccountId32::new([2; 32]);
/// Has no account.
pub const NOBODY: AccountId32 = AccountId32::new([3; 32]);
/// Consumes, and has money.
pub const CARA: AccountId32 = AccountId32::new([4; 32]);
/// Reports fraud, and has money.
pub const RITA: AccountId32 = AccountId32::new([5; 32]);
/// The dividend pot, which begins with the existential deposit.
pub const POT: AccountId32 = AccountId32::new([6; 32]);
/// What each of those with money begins with.
pub const ENDOWMENT: Balance = 10_000 * UFR;

/// The state at genesis, and how to run a test on it.
#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
	pub fn build(self) -> sp_io::TestExternalities {
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: [ODA, PIERO, CARA, RITA]
					.map(|who| (who, ENDOWMENT))
					.into_iter()
					.chain([(POT, ED)])
					.collect(),
				..Default::default()
			},
			..Default::default()
		};
		let mut ext: sp_io::TestExternalities =
			genesis.build_storage().expect("the genesis is valid").into();
		// No events are kept of block 0.
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs the test, then checks the invariants.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Pallet::<Test>::do_try_state().expect("the invariants hold");
		});
	}
}

#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
	ExtBuilder.build()
}

/// Lets that many blocks pass.
pub fn advance(blocks: BlockNumber) {
	System::set_block_number(System::block_number() + blocks);
}

/// The public key that belongs to a secret of that byte.
pub fn key(secret: u8) -> PublicKey {
	ed25519_dalek::SigningKey::from_bytes(&[secret; 32]).verifying_key().to_bytes()
}

pub fn endpoint(address: &str) -> Endpoint {
	address.as_bytes().to_vec().try_into().expect("not too long")
}

/// Registers `who` with that bond.
pub fn register(who: &AccountId32, bond: Balance) {
	let bytes: &[u8; 32] = who.as_ref();
	assert_ok!(Oracles::register(
		RuntimeOrigin::signed(who.clone()),
		bond,
		key(bytes[0]),
		endpoint("https://oda.example"),
	));
}
