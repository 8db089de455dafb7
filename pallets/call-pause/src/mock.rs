//! A runtime with the real pauses and the real scheduler.

use crate as pallet_call_pause;
use frame_support::{
	derive_impl, parameter_types,
	traits::{Contains, EqualPrivilegeOnly, Hooks},
	weights::Weight,
};
use frame_system::{EnsureNever, EnsureRoot};
use pallet_tx_pause::RuntimeCallNameOf;
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlockU32<Test>;

/// The longest pause.
pub const LONGEST: u32 = 10;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeHoldReason,
		RuntimeFreezeReason
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(3)]
	pub type TxPause = pallet_tx_pause;
	#[runtime::pallet_index(4)]
	pub type CallPause = pallet_call_pause;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u64>;
	type BaseCallFilter = TxPause;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

parameter_types! {
	pub MaximumWeight: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
}

impl pallet_scheduler::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumWeight;
	type ScheduleOrigin = EnsureRoot<u64>;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type MaxScheduledPerBlock = frame_support::traits::ConstU32<2>;
	type Preimages = ();
	type BlockNumberProvider = System;
	type WeightInfo = ();
}

/// `system.remark` goes on whatever happens.
pub struct Remarks;

impl Contains<RuntimeCallNameOf<Test>> for Remarks {
	fn contains((pallet, call): &RuntimeCallNameOf<Test>) -> bool {
		pallet.as_slice() == b"System" && call.as_slice() == b"remark"
	}
}

impl pallet_tx_pause::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = EnsureNever<()>;
	type UnpauseOrigin = EnsureRoot<u64>;
	type WhitelistedCalls = Remarks;
	type MaxNameLen = frame_support::traits::ConstU32<{ crate::MAX_NAME }>;
	type WeightInfo = ();
}

impl crate::WeightInfo for () {
	fn pause() -> Weight {
		Weight::zero()
	}
}

impl crate::Config for Test {
	type PauseOrigin = EnsureRoot<u64>;
	type MaxLength = frame_support::traits::ConstU32<LONGEST>;
	type PalletsOrigin = OriginCaller;
	type Scheduler = Scheduler;
	type WeightInfo = ();
}

/// Runs a test in block 1, with one account that holds something.
pub fn execute(test: impl FnOnce()) {
	let mut storage =
		frame_system::GenesisConfig::<Test>::default().build_storage().expect("builds");
	pallet_balances::GenesisConfig::<Test> { balances: vec![(1, 100)], ..Default::default() }
		.assimilate_storage(&mut storage)
		.expect("builds");
	let mut ext = TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		test();
	});
}

/// Makes that many blocks.
pub fn blocks(count: u32) {
	for _ in 0..count {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Scheduler::on_initialize(next);
	}
}
