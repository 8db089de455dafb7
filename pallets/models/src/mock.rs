//! A runtime of accounts, balances and this pallet.

use crate::{
	self as pallet_models, ClaimedTensors, Config, Contributor, ContributorTable, FoundTensor,
	FoundTensors, GenesisConfig, Pallet, Parent, Relation, ReuseProof, SharedTensor,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::Mutate, ConstU128, ConstU32},
	PalletId,
};
use frame_system::{mocking::MockBlockU32, EnsureRoot};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};
use std::ops::Range;
use usufruct_primitives::{
	tensors::{TensorLeaf, TensorRoot, TensorTree, MIN_BYTES},
	traits::Models as _,
	Balance, BlockNumber, Hash, Meter, ModelId, Role, VersionId, MILLI_UFR, PPM, UFR,
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
	pub type Models = pallet_models::Pallet<Test>;
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
	type FreezeIdentifier = u8;
	type MaxFreezes = ConstU32<1>;
}

parameter_types! {
	pub const ModelsPalletId: PalletId = PalletId(*b"usu/modl");
	pub const DividendPot: AccountId32 = DIVIDEND;
}

impl Config for Test {
	type Currency = Balances;
	type PalletId = ModelsPalletId;
	type ModelDeposit = ConstU128<MODEL_DEPOSIT>;
	type VersionDeposit = ConstU128<VERSION_DEPOSIT>;
	type RowDeposit = ConstU128<ROW_DEPOSIT>;
	type ContestDeposit = ConstU128<CONTEST_DEPOSIT>;
	type ContestWindow = ConstU32<CONTEST_WINDOW>;
	type ContestTerm = ConstU32<CONTEST_TERM>;
	type ReuseDeposit = ConstU128<REUSE_DEPOSIT>;
	type RefutationPeriod = ConstU32<REFUTATION_PERIOD>;
	type AcceptanceTerm = ConstU32<ACCEPTANCE_TERM>;
	type FloorNotice = ConstU32<FLOOR_NOTICE>;
	type DividendPot = DividendPot;
	type AdminOrigin = EnsureRoot<AccountId32>;
	type WeightInfo = ();
}

pub const ED: Balance = MILLI_UFR;
pub const MODEL_DEPOSIT: Balance = 10 * UFR;
pub const VERSION_DEPOSIT: Balance = 5 * UFR;
pub const ROW_DEPOSIT: Balance = UFR / 10;
/// Odd, so that it does not halve.
pub const CONTEST_DEPOSIT: Balance = 10 * UFR + 1;
pub const CONTEST_WINDOW: BlockNumber = 30;
pub const CONTEST_TERM: BlockNumber = 60;
/// Odd, so that it does not halve.
pub const REUSE_DEPOSIT: Balance = 8 * UFR + 1;
pub const REFUTATION_PERIOD: BlockNumber = 14;
pub const ACCEPTANCE_TERM: BlockNumber = 180;
pub const FLOOR_NOTICE: BlockNumber = 7;

/// Owns models, and has money.
pub const ADA: AccountId32 = AccountId32::new([1; 32]);
/// Contributes, and has money.
pub const BEN: AccountId32 = AccountId32::new([2; 32]);
/// Contributes, and has no account yet.
pub const CHIDI: AccountId32 = AccountId32::new([3; 32]);
/// Has nothing to do with any model.
pub const MALLORY: AccountId32 = AccountId32::new([4; 32]);
/// The dividend pot.
pub const DIVIDEND: AccountId32 = AccountId32::new([5; 32]);
/// What each of those with money begins with.
pub const ENDOWMENT: Balance = 1_000 * UFR;

/// The state at genesis, and how to run a test on it.
#[derive(Default)]
pub struct ExtBuilder {
	donation: Balance,
}

impl ExtBuilder {
	/// Somebody has sent that much to the pot without asking.
	pub fn with_donation(mut self, donation: Balance) -> Self {
		self.donation = donation;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let genesis = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: vec![
					(ADA, ENDOWMENT),
					(BEN, ENDOWMENT),
					(MALLORY, ENDOWMENT),
					(DIVIDEND, ED),
				],
				..Default::default()
			},
			models: GenesisConfig { licences: vec![b"Apache-2.0".into()], ..Default::default() },
		};
		let mut ext: sp_io::TestExternalities =
			genesis.build_storage().expect("the genesis is valid").into();
		ext.execute_with(|| {
			// No events are kept of block 0.
			System::set_block_number(1);
			if self.donation > 0 {
				assert_ok!(Balances::mint_into(&Models::pot(), self.donation));
			}
			System::reset_events();
		});
		ext
	}

	/// Runs the test, then checks the invariants, and that the pot holds exactly what is unpaid besides
	/// the existential deposit and what was donated.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		let donation = self.donation;
		self.build().execute_with(|| {
			test();
			check(donation);
		});
	}
}

/// The invariants, and the exact balance of the pot.
pub fn check(donation: Balance) {
	Pallet::<Test>::do_try_state().expect("the invariants hold");
	let unpaid = Pallet::<Test>::unpaid().expect("the invariants hold");
	assert_eq!(pot(), ED + donation + unpaid);
}

/// With a keystore, in which the benchmarks make their keys.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
	use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
	let mut ext = ExtBuilder::default().build();
	ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
	ext
}

/// Lets that many blocks pass.
pub fn pass(blocks: BlockNumber) {
	System::set_block_number(System::block_number() + blocks);
}

/// The tensors of these numbers, of 4 KiB each and a little more.
pub fn tensors(numbers: Range<u8>) -> TensorTree {
	let leaf = |n: u8| TensorLeaf { tensor: [n; 32], bytes: MIN_BYTES + u64::from(n) };
	TensorTree::new(numbers.map(leaf).collect()).expect("numbers are different")
}

/// That both trees hold the tensors of these numbers; they do, or this panics.
pub fn shared(older: &TensorTree, newer: &TensorTree, numbers: Range<u8>) -> ReuseProof {
	numbers
		.map(|n| SharedTensor {
			leaf: *older.leaves().iter().find(|leaf| leaf.tensor == [n; 32]).expect("in both"),
			older: older.prove(&[n; 32]).expect("in both"),
			newer: newer.prove(&[n; 32]).expect("in both"),
		})
		.collect::<Vec<_>>()
		.try_into()
		.expect("not too many tensors")
}

/// By which the claim is known that is made by that proof.
pub fn claim_id(older: VersionId, proof: &ReuseProof) -> Hash {
	let tensors: Vec<_> = proof.iter().map(|shared| shared.leaf).collect();
	crate::reuse_id(older, &tensors)
}

/// The tensors of a claim that is made by that proof.
pub fn claimed(proof: &ReuseProof) -> ClaimedTensors {
	proof.iter().map(|shared| shared.leaf).collect::<Vec<_>>().try_into().expect("as many")
}

/// Those of them that stand in the tree of a source.
pub fn found(proof: &ReuseProof, source: &TensorTree) -> FoundTensors {
	let places = (0u8..).zip(proof.iter());
	let found: Vec<_> = places
		.filter_map(|(place, shared)| {
			let inclusion = source.prove(&shared.leaf.tensor)?;
			Some(FoundTensor { place, inclusion })
		})
		.collect();
	found.try_into().expect("no more than were claimed")
}

/// Ben, who has money, claims a reuse; nobody refutes it, and the period passes.
pub fn claim_and_confirm(
	older: VersionId,
	newer: VersionId,
	proof: ReuseProof,
) -> sp_runtime::DispatchResult {
	let id = claim_id(older, &proof);
	Models::prove_reuse(RuntimeOrigin::signed(BEN), older, newer, proof)?;
	pass(REFUTATION_PERIOD);
	Models::confirm_reuse(RuntimeOrigin::signed(CHIDI), newer, id)
}

/// The rows of a version, without their states.
pub fn contributors(version: VersionId) -> Vec<Contributor> {
	Models::contributors(version)
		.into_iter()
		.map(|row| Contributor { account: row.account, role: row.role, share: row.share })
		.collect()
}

/// The balance of the pot.
pub fn pot() -> Balance {
	Balances::free_balance(Models::pot())
}

/// What a settlement does: the money moves to the pot and is booked for the version.
pub fn earn(version: VersionId, amount: Balance) {
	assert_ok!(Balances::mint_into(&Models::pot(), amount));
	assert_ok!(Models::credit(version, amount));
}

/// A row for an annotator.
pub fn row(account: AccountId32, share: u32) -> Contributor {
	Contributor { account, role: Role::Annotator, share }
}

/// A table of these rows.
pub fn table(rows: &[(AccountId32, u32)]) -> ContributorTable {
	rows.iter()
		.map(|(account, share)| row(account.clone(), *share))
		.collect::<Vec<_>>()
		.try_into()
		.expect("not too many rows")
}

/// Ada 60 %, Ben 30 %, Chidi 10 %.
pub fn three_rows() -> ContributorTable {
	table(&[(ADA, 600_000), (BEN, 300_000), (CHIDI, PPM / 10)])
}

/// Ada registers a model.
pub fn new_model() -> ModelId {
	let model = crate::NextModel::<Test>::get();
	assert_ok!(Models::register_model(
		RuntimeOrigin::signed(ADA),
		b"magika".to_vec().try_into().unwrap()
	));
	model
}

/// What a version is added with; a test changes one thing of it.
#[derive(Clone)]
pub struct NewVersion {
	pub caller: AccountId32,
	pub model: ModelId,
	pub manifest_hash: Hash,
	pub size: u64,
	pub licence: Vec<u8>,
	pub metadata_uri: Vec<u8>,
	pub contributors: ContributorTable,
	pub parents: Vec<VersionId>,
	pub royalty: u32,
	pub tensor_root: Option<TensorRoot>,
}

impl NewVersion {
	/// Valid, if the model is Ada's and no other version has this manifest.
	pub fn of(model: ModelId, manifest: u8) -> Self {
		Self {
			caller: ADA,
			model,
			manifest_hash: [manifest; 32],
			size: 3_200_000,
			licence: b"Apache-2.0".to_vec(),
			metadata_uri: b"https://example.org/magika.json".to_vec(),
			contributors: three_rows(),
			parents: vec![],
			royalty: 0,
			tensor_root: None,
		}
	}

	pub fn add(self) -> sp_runtime::DispatchResult {
		Models::add_version(
			RuntimeOrigin::signed(self.caller),
			self.model,
			self.manifest_hash,
			self.size,
			self.licence.try_into().unwrap(),
			self.metadata_uri.try_into().unwrap(),
			[9; 32],
			Meter::Request,
			FLOOR,
			self.contributors,
			self.parents
				.into_iter()
				.map(|version| Parent { version, relation: Relation::FineTune })
				.collect::<Vec<_>>()
				.try_into()
				.expect("not too many parents"),
			self.royalty,
			self.tensor_root,
		)
	}

	/// Adds it to a model that its caller registers; returns its id.
	pub fn registered(mut self) -> VersionId {
		let version = crate::NextVersion::<Test>::get();
		self.model = crate::NextModel::<Test>::get();
		self.manifest_hash = [version as u8; 32];
		let name = b"magika".to_vec().try_into().unwrap();
		assert_ok!(Models::register_model(RuntimeOrigin::signed(self.caller.clone()), name));
		assert_ok!(self.add());
		version
	}

	/// The same, with every row accepted.
	pub fn accepted(self) -> VersionId {
		let version = self.registered();
		accept_all(version);
		version
	}
}

impl Default for NewVersion {
	fn default() -> Self {
		Self::of(0, 0)
	}
}

/// Every row that waits is accepted by its account.
pub fn accept_all(version: VersionId) {
	for (number, row) in (0..).zip(Models::contributors(version)) {
		if row.state != crate::RowState::Accepted {
			assert_ok!(Models::accept_row(
				RuntimeOrigin::signed(row.account),
				version,
				number,
				None
			));
		}
	}
}

/// The floor price of [`NewVersion`].
pub const FLOOR: Balance = 1_000;

/// Ada registers a model with one version and this table, all rows are accepted, and the contest
/// window passes.
pub fn new_version(contributors: ContributorTable) -> VersionId {
	let version = NewVersion { contributors, ..Default::default() }.accepted();
	pass(CONTEST_WINDOW);
	version
}
