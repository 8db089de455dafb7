//! The product: models, oracles, usage, people and their dividend.

use super::{
	governance::RootOr,
	money::{CommonsPot, SecurityPot},
};
use crate::{
	weights, AccountId, Balance, Balances, Dividend, Models, Oracles, Personhood, Runtime, Usage,
	DAYS, MILLI_UFR, UFR,
};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32},
	PalletId,
};
use pallet_suffrage::{EnsureDisputes, EnsureLicences, EnsureParameters, EnsureVerifiers};

/// For how long a settlement can be challenged, in blocks.
const CHALLENGE_WINDOW: u32 = 7 * DAYS;

parameter_types! {
	pub const ModelsPalletId: PalletId = PalletId(*b"usu/modl");
	pub const SettlementPalletId: PalletId = PalletId(*b"usu/sett");
	pub const DividendPalletId: PalletId = PalletId(*b"usu/divi");
	/// The account of the dividend pot.
	pub DividendPot: AccountId = Dividend::pot();
	pub const RowDeposit: Balance = 100 * MILLI_UFR;
}

impl pallet_models::Config for Runtime {
	type Currency = Balances;
	type PalletId = ModelsPalletId;
	type ModelDeposit = ConstU128<{ 10 * UFR }>;
	type VersionDeposit = ConstU128<{ 5 * UFR }>;
	type RowDeposit = RowDeposit;
	type ContestDeposit = ConstU128<{ 10 * UFR }>;
	type ContestWindow = ConstU32<{ 30 * DAYS }>;
	type AcceptanceTerm = ConstU32<{ 180 * DAYS }>;
	// Longer than a receipt can wait for its settlement and then be challenged: an honest one is
	// never below both the floor of now and the one before.
	type FloorNotice = ConstU32<{ 30 * DAYS }>;
	type DividendPot = DividendPot;
	type AdminOrigin = RootOr<EnsureLicences>;
	type DisputeOrigin = RootOr<EnsureDisputes>;
	type WeightInfo = weights::pallet_models::WeightInfo<Runtime>;
}

impl pallet_oracles::Config for Runtime {
	type Currency = Balances;
	type Models = Models;
	type MinBond = ConstU128<{ 1_000 * UFR }>;
	// A settlement locks 150 % of what it accepted.
	type LockRatio = ConstU32<1_500_000>;
	type ChallengeWindow = ConstU32<CHALLENGE_WINDOW>;
	type UnbondingPeriod = ConstU32<{ 14 * DAYS }>;
	// Fraud takes a tenth of the free bond beside the settlement's lock; a tenth of all that is taken
	// is the reporter's.
	type FreeSlash = ConstU32<100_000>;
	type ReporterShare = ConstU32<100_000>;
	type DividendPot = DividendPot;
	type WeightInfo = weights::pallet_oracles::WeightInfo<Runtime>;
}

impl pallet_usage::Config for Runtime {
	type Currency = Balances;
	type Models = Models;
	type Oracles = Oracles;
	type PalletId = SettlementPalletId;
	type DividendPot = DividendPot;
	type CommonsPot = CommonsPot;
	type SecurityPot = SecurityPot;
	type MinEscrow = ConstU128<UFR>;
	type ClosingWindow = ConstU32<{ 7 * DAYS }>;
	type DemandDeposit = ConstU128<UFR>;
	type DemandTerm = ConstU32<DAYS>;
	type People = Personhood;
	type ConcentrationFloor = ConstU128<{ 10_000 * UFR }>;
	type AdminOrigin = RootOr<EnsureParameters>;
	type WeightInfo = weights::pallet_usage::WeightInfo<Runtime>;
}

impl pallet_personhood::Config for Runtime {
	type Eligibility = Dividend;
	type AdminOrigin = RootOr<EnsureVerifiers>;
	type DisputeOrigin = RootOr<EnsureDisputes>;
	type WeightInfo = weights::pallet_personhood::WeightInfo<Runtime>;
}

impl pallet_dividend::Config for Runtime {
	type Currency = Balances;
	type People = Personhood;
	type OnEpochClose = Usage;
	type PalletId = DividendPalletId;
	type WeightInfo = weights::pallet_dividend::WeightInfo<Runtime>;
}
