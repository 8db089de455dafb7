//! A chain with money, and a registry and oracles reduced to what this pallet needs of them.

use crate as pallet_usage;
use codec::{Decode, Encode};
use ed25519_dalek::SigningKey;
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::Inspect, ConstU128, ConstU32},
	PalletId,
};
use frame_system::{mocking::MockBlockU32, EnsureRoot};
use sp_core::H256;
use sp_runtime::{
	traits::{AccountIdConversion, IdentityLookup},
	AccountId32, BuildStorage, DispatchError, DispatchResult,
};
use usufruct_primitives::{
	traits::{LockError, ReceiptKeyState, Settlement, Slashed, VersionTerms},
	Balance, BlockNumber, Meter, ModelId, PersonId, PublicKey, VersionId, MILLI_UFR, UFR,
};

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Usage = pallet_usage::Pallet<Test>;
}

pub const ED: Balance = MILLI_UFR;
pub const MIN_ESCROW: Balance = UFR;
pub const WINDOW: u32 = 100;
/// What a demand costs until it turns out to be right, and how long it can be answered.
pub const DEPOSIT: Balance = UFR;
pub const TERM: u32 = 20;
/// What every account starts with.
pub const ENDOWMENT: Balance = 1_000 * UFR;
/// The free bond of each oracle at genesis.
pub const BOND: Balance = 10_000 * UFR;

pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const CAROL: AccountId32 = AccountId32::new([3; 32]);
/// Owns every model unless a test says otherwise.
pub const OWNER: AccountId32 = AccountId32::new([4; 32]);
/// Two active oracles.
pub const OMAR: AccountId32 = AccountId32::new([11; 32]);
pub const OLGA: AccountId32 = AccountId32::new([12; 32]);

pub const DIVIDEND: AccountId32 = AccountId32::new([21; 32]);
pub const COMMONS: AccountId32 = AccountId32::new([22; 32]);
pub const SECURITY: AccountId32 = AccountId32::new([23; 32]);
pub const MODELS: AccountId32 = AccountId32::new([24; 32]);

/// Two models; the first has two versions.
pub const MODEL: ModelId = 0;
pub const OTHER_MODEL: ModelId = 1;
pub const V0: VersionId = 0;
pub const V1: VersionId = 1;
pub const OTHER_V: VersionId = 2;

/// The hash of the mock chain's genesis block.
pub const GENESIS: [u8; 32] = [0x47; 32];

parameter_types! {
	pub const UsagePalletId: PalletId = PalletId(*b"uf/usage");
	pub const DividendPot: AccountId32 = DIVIDEND;
	pub const CommonsPot: AccountId32 = COMMONS;
	pub const SecurityPot: AccountId32 = SECURITY;
	/// So high that concentration is damped only in tests that lower it.
	pub storage ConcentrationFloor: Balance = 1_000_000 * UFR;
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

impl pallet_usage::Config for Test {
	type Currency = Balances;
	type Models = Registry;
	type Oracles = Operators;
	type PalletId = UsagePalletId;
	type DividendPot = DividendPot;
	type CommonsPot = CommonsPot;
	type SecurityPot = SecurityPot;
	type MinEscrow = ConstU128<MIN_ESCROW>;
	type ClosingWindow = ConstU32<WINDOW>;
	type People = Citizens;
	type AdminOrigin = EnsureRoot<AccountId32>;
	type ConcentrationFloor = ConcentrationFloor;
	type DemandDeposit = ConstU128<DEPOSIT>;
	type DemandTerm = ConstU32<TERM>;
	type WeightInfo = ();
}

/// What the mocks of other pallets remember. In storage, so that it is rolled back with the rest.
pub mod memory {
	use super::*;
	use frame_support::{
		pallet_prelude::{OptionQuery, ValueQuery},
		storage_alias, Twox64Concat,
	};

	/// Whether a registered oracle is active, and its free bond.
	#[storage_alias]
	pub type Bonds = StorageMap<Mock, Twox64Concat, AccountId32, (bool, Balance), OptionQuery>;
	/// What of each bond was locked.
	#[storage_alias]
	pub type Locked = StorageMap<Mock, Twox64Concat, AccountId32, Balance, ValueQuery>;
	/// The model of each version and whether it is open.
	#[storage_alias]
	pub type Versions = StorageMap<Mock, Twox64Concat, VersionId, (ModelId, bool), OptionQuery>;
	/// The revenue of each version.
	#[storage_alias]
	pub type Revenue = StorageMap<Mock, Twox64Concat, VersionId, Balance, ValueQuery>;
	/// Who owns a model, if it is not [`OWNER`].
	#[storage_alias]
	pub type Owners = StorageMap<Mock, Twox64Concat, ModelId, AccountId32, OptionQuery>;
	/// Verified people.
	#[storage_alias]
	pub type Persons = StorageMap<Mock, Twox64Concat, AccountId32, PersonId, OptionQuery>;
	/// What is kept for open demands.
	#[storage_alias]
	pub type Kept = StorageValue<Mock, Balance, ValueQuery>;
	/// By which floors settlements of a version are judged, if not by the usual one: each from a
	/// block on, in their order.
	#[storage_alias]
	pub type Floors =
		StorageMap<Mock, Twox64Concat, VersionId, Vec<(BlockNumber, Balance)>, OptionQuery>;
	/// The receipt key that an oracle had before the present one, and the block it was replaced in.
	#[storage_alias]
	pub type OldKeys =
		StorageMap<Mock, Twox64Concat, AccountId32, (PublicKey, BlockNumber), OptionQuery>;
	/// The most that can be locked of an oracle's bond.
	#[storage_alias]
	pub type Limits = StorageMap<Mock, Twox64Concat, AccountId32, Balance, OptionQuery>;
	/// Every slash, in order.
	#[storage_alias]
	pub type Slashes = StorageValue<Mock, Vec<Slash>, ValueQuery>;
	/// A version whose revenue cannot be booked.
	#[storage_alias]
	pub type Broken = StorageValue<Mock, VersionId, OptionQuery>;
}
use memory::*;

pub struct Registry;

impl usufruct_primitives::traits::Models<AccountId32> for Registry {
	fn terms(version: VersionId) -> Option<VersionTerms> {
		let (model, open) = Versions::get(version)?;
		let floor_price = Self::judging_floor(version, BlockNumber::MAX);
		Some(VersionTerms { model, meter: Meter::Request, floor_price, open })
	}

	fn judging_floor(version: VersionId, settled_at: BlockNumber) -> Balance {
		let floors = Floors::get(version).unwrap_or_else(|| vec![(0, 1)]);
		let judging = floors.into_iter().rev().find(|(since, _)| *since <= settled_at);
		judging.map_or(0, |(_, floor)| floor)
	}

	fn owner(model: ModelId) -> Option<AccountId32> {
		let exists = Versions::iter_values().any(|(of, _)| of == model);
		exists.then(|| Owners::get(model).unwrap_or(OWNER))
	}

	fn is_open(model: ModelId) -> bool {
		Versions::iter_values().any(|(of, open)| of == model && open)
	}

	fn credit(version: VersionId, amount: Balance) -> DispatchResult {
		Revenue::mutate(version, |revenue| *revenue += amount);
		// Last, so that a caller that does not roll back is found out.
		match Broken::get() {
			Some(broken) if broken == version => Err(DispatchError::Other("broken")),
			_ => Ok(()),
		}
	}

	fn account() -> AccountId32 {
		MODELS
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_version(owner: &AccountId32) -> VersionId {
		let version = 1_000 + Versions::iter().count() as VersionId;
		Versions::insert(version, (version, true));
		Owners::insert(version, owner);
		version
	}
}

pub struct Citizens;

impl usufruct_primitives::traits::People<AccountId32> for Citizens {
	fn person_of(account: &AccountId32) -> Option<PersonId> {
		Persons::get(account)
	}

	fn may_claim(_: PersonId) -> bool {
		true
	}

	fn may_vote(_: PersonId, _: BlockNumber) -> bool {
		unreachable!("usage asks nobody for a vote")
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_person(account: &AccountId32) -> PersonId {
		Persons::insert(account, 0);
		0
	}
}

/// The key that signs an oracle's receipts.
pub fn receipt_key_of(oracle: &AccountId32) -> SigningKey {
	let mut seed = <[u8; 32]>::from(oracle.clone());
	seed[0] ^= 0xff;
	SigningKey::from_bytes(&seed)
}

/// What was slashed, and who got what of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Slash {
	pub oracle: AccountId32,
	/// The block of the settlement whose lock was taken.
	pub settled_at: Option<BlockNumber>,
	/// Whether that lock was kept.
	pub kept: bool,
	pub taken: Balance,
	/// The part of it that was a lock.
	pub lock: Balance,
	pub consumer: Option<(AccountId32, Balance)>,
	pub reporter: Option<(AccountId32, Balance)>,
}

pub struct Operators;

impl usufruct_primitives::traits::Oracles<AccountId32> for Operators {
	fn is_active(oracle: &AccountId32) -> bool {
		Bonds::get(oracle).is_some_and(|(active, _)| active)
	}

	fn is_registered(oracle: &AccountId32) -> bool {
		Bonds::contains_key(oracle)
	}

	fn receipt_key(oracle: &AccountId32) -> Option<PublicKey> {
		Self::is_registered(oracle).then(|| receipt_key_of(oracle).verifying_key().to_bytes())
	}

	fn lock(oracle: &AccountId32, settled: Balance) -> Result<(), LockError> {
		let (active, free) = Bonds::get(oracle).unwrap_or_default();
		let needed = settled + settled / 2;
		let Some(rest) = free.checked_sub(needed) else {
			return Err(LockError::BondShort { missing: needed - free });
		};
		let locked = Locked::get(oracle) + needed;
		if let Some(limit) = Limits::get(oracle).filter(|limit| locked > *limit) {
			return Err(LockError::OverLimit { missing: locked - limit });
		}
		Bonds::insert(oracle, (active, rest));
		Locked::mutate(oracle, |locked| *locked += needed);
		Ok(())
	}

	fn receipt_key_state(oracle: &AccountId32, key: &PublicKey) -> Option<ReceiptKeyState> {
		if Self::receipt_key(oracle).as_ref() == Some(key) {
			return Some(ReceiptKeyState::Present);
		}
		let (_, at) = OldKeys::get(oracle).filter(|(old, _)| old == key)?;
		Some(ReceiptKeyState::Retired { at })
	}

	fn is_locked(_: &AccountId32, settled_at: BlockNumber) -> bool {
		System::block_number() < settled_at + WINDOW
	}

	fn keep(_: &AccountId32, settlement: Settlement) -> DispatchResult {
		Kept::mutate(|kept| *kept += settlement.accepted);
		Ok(())
	}

	fn release(_: &AccountId32, settlement: Settlement) -> DispatchResult {
		Kept::mutate(|kept| *kept -= settlement.accepted);
		Ok(())
	}

	/// Takes numbers only; whom the money would go to is remembered.
	fn slash(
		oracle: &AccountId32,
		settlement: Option<Settlement>,
		kept: bool,
		consumer: Option<(AccountId32, Balance)>,
		reporter: Option<AccountId32>,
	) -> Result<Slashed, DispatchError> {
		let (active, free) = Bonds::get(oracle).unwrap_or_default();
		let accepted = settlement.map_or(0, |settlement| settlement.accepted);
		if kept {
			Kept::mutate(|sum| *sum -= accepted);
		}
		// Locks are rounded down claim by claim here.
		let locked = Locked::get(oracle);
		let lock = (accepted + accepted / 2).min(locked);
		assert!(accepted + accepted / 2 - lock < 256, "what is slashed was locked");
		Bonds::insert(oracle, (active, free - free / 10));
		Locked::insert(oracle, locked - lock);

		let taken = lock + free / 10;
		let to_consumer = consumer.as_ref().map_or(0, |(_, most)| taken.min(*most));
		let to_reporter = reporter.as_ref().map_or(0, |_| (taken / 10).min(taken - to_consumer));
		let slashed = Slashed {
			taken,
			consumer: to_consumer,
			reporter: to_reporter,
			dividend: taken - to_consumer - to_reporter,
		};
		Slashes::append(Slash {
			oracle: oracle.clone(),
			settled_at: settlement.map(|settlement| settlement.at),
			kept,
			taken,
			lock,
			consumer: consumer.map(|(who, _)| (who, to_consumer)),
			reporter: reporter.map(|who| (who, to_reporter)),
		});
		Ok(slashed)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_oracle(oracle: &AccountId32) {
		Bonds::insert(oracle, (true, Balance::MAX / 2));
	}
}

pub fn settlement_account() -> AccountId32 {
	UsagePalletId::get().into_account_truncating()
}

/// What must be kept: what was accepted of every batch with an open demand, unless it was slashed.
fn to_keep() -> Balance {
	crate::Charges::<Test>::iter()
		.filter(|(.., charge)| charge.demands > 0 && !charge.slashed)
		.map(|(oracle, batch_no, _)| crate::Batches::<Test>::get(oracle, batch_no).unwrap())
		.map(|batch| batch.accepted_total)
		.sum()
}

/// What the settlement account has beyond its deposit and all it owes.
pub fn surplus() -> Balance {
	Balances::balance(&settlement_account()) - ED - Usage::owed().unwrap()
}

pub struct ExtBuilder {
	pots: bool,
	donated: Balance,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { pots: true, donated: 0 }
	}
}

impl ExtBuilder {
	/// The pots do not exist at genesis.
	pub fn without_pots(mut self) -> Self {
		self.pots = false;
		self
	}

	/// Somebody gave the settlement account money.
	pub fn donated(mut self, amount: Balance) -> Self {
		self.donated = amount;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let people = [ALICE, BOB, CAROL, OMAR, OLGA].map(|who| (who, ENDOWMENT));
		let mut balances = people.to_vec();
		if self.pots {
			balances.extend([DIVIDEND, COMMONS, SECURITY, MODELS].map(|pot| (pot, ED)));
		}
		if self.donated > 0 {
			balances.push((settlement_account(), ED + self.donated));
		}
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			..Default::default()
		};
		let mut ext: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
		#[cfg(feature = "runtime-benchmarks")]
		ext.register_extension(sp_keystore::KeystoreExt::new(
			sp_keystore::testing::MemoryKeystore::new(),
		));
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
			System::set_block_number(1);
			Bonds::insert(OMAR, (true, BOND));
			Bonds::insert(OLGA, (true, BOND));
			Versions::insert(V0, (MODEL, true));
			Versions::insert(V1, (MODEL, true));
			Versions::insert(OTHER_V, (OTHER_MODEL, true));
		});
		ext
	}

	/// Runs a test, then checks every invariant, and that the settlement account holds not a planck
	/// more than it owes and was given.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		let donated = self.donated;
		self.build().execute_with(|| {
			let issued = Balances::total_issuance();
			test();
			Usage::do_try_state().expect("every invariant holds");
			assert_eq!(surplus(), donated);
			assert_eq!(Kept::get(), to_keep());
			assert_eq!(Balances::total_issuance(), issued);
		});
	}
}
