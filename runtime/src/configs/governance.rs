//! Parameters that can change, calls that are carried out later, and polls that decide on both.

use super::{
	agenda::{FirstWithRoom, MaxScheduledPerBlock},
	deposit,
	money::{FEE_PER_BYTE, FEE_PER_SECOND},
	tracks::{Tracks, DECISION_DEPOSIT, DEPOSIT},
};
use crate::{
	weights, AccountId, Balance, Balances, BlockNumber, Dividend, OriginCaller, Personhood,
	Preimage, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, Suffrage,
	System, Treasury,
};
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	parameter_types,
	traits::{
		fungible::HoldConsideration, AsEnsureOriginWithArg, ConstU128, ConstU32, EitherOf,
		EqualPrivilegeOnly, LinearStoragePrice,
	},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use pallet_suffrage::{EnsureParameters, EnsureUpgrade, Submitters, Tally, SIGNING_DAYS};
use sp_runtime::Perbill;

/// What a track's origin may do, and Root. No poll has Root, and nobody else either: only the key
/// of a development chain.
pub type RootOr<Origin> = EitherOf<EnsureRoot<AccountId>, Origin>;

/// Scalars that governance may change without a new runtime. Only what can change by itself is
/// here: numbers that must fit together are changed together, by a call of their pallet.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// What a transaction costs.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod fees {
		use super::*;

		/// The fee for a second of computation, in planck. With the fee for its length, a transfer
		/// costs about a thousandth of a token. Charged within a hundredth and a hundredfold of what
		/// it is at first, whatever a poll sets: see `money`.
		#[codec(index = 0)]
		pub static PerSecond: Balance = FEE_PER_SECOND;

		/// The fee for a byte, in planck; charged within the same bounds.
		#[codec(index = 1)]
		pub static PerByte: Balance = FEE_PER_BYTE;
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		Self::Fees(dynamic_params::fees::Parameters::PerByte(
			dynamic_params::fees::PerByte,
			Some(Balance::MAX),
		))
	}
}

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = AsEnsureOriginWithArg<RootOr<EnsureParameters>>;
	type WeightInfo = weights::pallet_parameters::WeightInfo<Runtime>;
}

parameter_types! {
	/// Scheduled calls leave a fifth of a block free.
	pub MaximumSchedulerWeight: Weight =
		Perbill::from_percent(80) * super::system::RuntimeBlockWeights::get().max_block;
	pub const PreimageBaseDeposit: Balance = deposit(2, 64);
	pub const PreimageByteDeposit: Balance = deposit(0, 1);
	pub const PreimageHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

/// Nobody schedules by a call: what polls decided is scheduled by the referenda themselves.
impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumSchedulerWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type MaxScheduledPerBlock = MaxScheduledPerBlock;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHoldReason,
		LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
	>;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
}

/// Only the development preset has a key; elsewhere its calls cannot succeed.
impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const SuffragePalletId: PalletId = PalletId(*b"usu/suff");
	/// A poll whose decision deposit is not placed in time expires: two epochs of seven days.
	pub UndecidingTimeout: BlockNumber = Suffrage::days(SIGNING_DAYS);
}

/// One person, one vote: the tally is ours, and a poll can be submitted only while enough people
/// could vote on it.
impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
	type Scheduler = FirstWithRoom;
	type Currency = Balances;
	type SubmitOrigin = Submitters<Runtime>;
	// On a chain without a key that can do everything nobody stops a poll.
	type CancelOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type Slash = Treasury;
	type Votes = u32;
	type Tally = Tally<Runtime>;
	type SubmissionDeposit = ConstU128<{ DEPOSIT - DECISION_DEPOSIT }>;
	type MaxQueued = ConstU32<100>;
	type UndecidingTimeout = UndecidingTimeout;
	type AlarmInterval = ConstU32<1>;
	type Tracks = Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_suffrage::Config for Runtime {
	type People = Personhood;
	type Electorate = Dividend;
	type UpgradeOrigin = EnsureUpgrade;
	type PalletId = SuffragePalletId;
	type WeightInfo = weights::pallet_suffrage::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = super::tracks::CloseEpochs;
}
