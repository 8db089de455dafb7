//! The product: models, oracles, usage, people and their dividend.

use super::{
	governance::RootOr,
	money::{CommonsPot, SecurityPot},
};
use crate::{
	weights, AccountId, Balance, Balances, Dividend, Models, Oracles, Personhood, Runtime,
	RuntimeCall, Usage, DAYS, EXISTENTIAL_DEPOSIT, MILLI_UFR, UFR,
};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, Contains, Get},
	PalletId,
};
use pallet_dividend::{Bounds, Limits};
use pallet_free_lane::FREE_PRIORITY;
use pallet_suffrage::{
	EnsureDisputes, EnsureLicences, EnsureParameters, EnsurePause, EnsureVerifiers,
};
use sp_runtime::{transaction_validity::TransactionPriority, Perbill, Permill};

/// For how long a settlement can be challenged, in blocks.
const CHALLENGE_WINDOW: u32 = 7 * DAYS;

parameter_types! {
	pub const ModelsPalletId: PalletId = PalletId(*b"usu/modl");
	pub const SettlementPalletId: PalletId = PalletId(*b"usu/sett");
	pub const DividendPalletId: PalletId = PalletId(*b"usu/divi");
	/// The account of the dividend pot.
	pub DividendPot: AccountId = Dividend::pot();
	pub const RowDeposit: Balance = 100 * MILLI_UFR;
	/// Free calls get a quarter of what a block has for ordinary ones.
	pub const FreeLaneShare: Perbill = Perbill::from_percent(25);
	/// The challenger's part of what verifiers lose for somebody they attested wrongly: as for
	/// whoever reports an oracle, a tenth.
	pub const ChallengerShare: Permill = Permill::from_percent(10);
}

impl pallet_models::Config for Runtime {
	type Currency = Balances;
	type PalletId = ModelsPalletId;
	type ModelDeposit = ConstU128<{ 10 * UFR }>;
	type VersionDeposit = ConstU128<{ 5 * UFR }>;
	type RowDeposit = RowDeposit;
	type ContestDeposit = ConstU128<{ 10 * UFR }>;
	type ContestWindow = ConstU32<{ 30 * DAYS }>;
	// Time for a referendum, and for another one if the first is not decided.
	type ContestTerm = ConstU32<{ 60 * DAYS }>;
	type ReuseDeposit = ConstU128<{ 10 * UFR }>;
	type RefutationPeriod = ConstU32<{ 14 * DAYS }>;
	type AcceptanceTerm = ConstU32<{ 180 * DAYS }>;
	// Longer than a receipt can wait for its settlement, and than a settlement can be challenged: an
	// honest one is never below the floor that judges it, and that is known as long as it matters.
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
	type Currency = Balances;
	type DividendPot = DividendPot;
	// Made of all VRF outputs of a whole BABE epoch, and fixed when that ends. A jury's seed is made in
	// an epoch that begins after the challenge, so nobody who challenges can know any of it; who
	// authors the last blocks of that epoch can choose among as many as it leaves out. The randomness
	// of the block before would be known to its author in advance.
	type Randomness = pallet_babe::RandomnessFromOneEpochAgo<Runtime>;
	type AdminOrigin = RootOr<EnsureVerifiers>;
	type AppealOrigin = RootOr<EnsureDisputes>;
	type MinVerifierBond = ConstU128<{ 1_000 * UFR }>;
	// Longer than the longest dispute: two BABE epochs for the seed of the jury, its vote, the appeal.
	type BondRelease = ConstU32<{ 36 * DAYS }>;
	type RecoveryDelay = ConstU32<{ 7 * DAYS }>;
	// Time for a poll that suspends verifiers or retires them, and for another one if the first is not
	// decided.
	type VetoTerm = ConstU32<{ 60 * DAYS }>;
	type ChallengeBond = ConstU128<{ 10 * UFR }>;
	type ChallengerShare = ChallengerShare;
	type VotingTerm = ConstU32<{ 7 * DAYS }>;
	// Longer than a referendum on it takes.
	type AppealTerm = ConstU32<{ 27 * DAYS }>;
	type WeightInfo = weights::pallet_personhood::WeightInfo<Runtime>;
}

/// The most that the commons fund may add to a dividend used as credit: half of the weights of the
/// dividend, the commons fund and the validators. Who pays itself loses all three.
pub struct BonusCeiling;

impl Get<u32> for BonusCeiling {
	fn get() -> u32 {
		let split = pallet_usage::CurrentSplit::<Runtime>::get();
		split.dividend.saturating_add(split.commons).saturating_add(split.security) / 2
	}
}

/// The time a dispute about a person may last, its appeal included, in blocks.
const LONGEST_DISPUTE: u32 = 35 * DAYS;

/// What governance may set the dividend's parameters to. A chain that somebody has the key of is
/// one for development, whose epochs may last minutes.
pub struct DividendBounds;

impl Get<Bounds> for DividendBounds {
	fn get() -> Bounds {
		let loosest = Bounds::loosest(EXISTENTIAL_DEPOSIT);
		if pallet_sudo::Key::<Runtime>::exists() {
			return loosest;
		}
		Bounds {
			epoch_length: Limits::new(DAYS, 31 * DAYS),
			claim_window: Limits::new(13, 104),
			term: Limits::new(26, 104),
			// The first few never take all, nor do the few of a programme. No poll can be held among
			// fewer people in any case.
			min_people: Limits::new(1_000, 100_000),
			longest_dispute: LONGEST_DISPUTE,
			..loosest
		}
	}
}

impl pallet_dividend::Config for Runtime {
	type Currency = Balances;
	type People = Personhood;
	type Channels = Usage;
	type OnEpochClose = Usage;
	type PalletId = DividendPalletId;
	type CommonsPot = CommonsPot;
	type BonusCeiling = BonusCeiling;
	// A fifth of what flows in, for all programmes together.
	type ProgrammeCeiling = ConstU32<200_000>;
	type Bounds = DividendBounds;
	type MaxPause = ConstU32<{ 3 * DAYS }>;
	type PauseInterval = ConstU32<{ 30 * DAYS }>;
	type PauseOrigin = RootOr<EnsurePause>;
	type AdminOrigin = RootOr<EnsureParameters>;
	type WeightInfo = weights::pallet_dividend::WeightInfo<Runtime>;
}

/// Whoever notes what is asked for gets the fee back, also if it is there already, and as often as he likes.
pub struct Preimages;

impl Contains<RuntimeCall> for Preimages {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(call, RuntimeCall::Preimage(_))
	}
}

/// What has its fee returned if it succeeds, and can be done about as often as somebody likes: all such
/// calls of ours, and reports of validators, who can commit any number of offences.
///
/// What verifiers attest comes first, as where nobody signs it: a quota bounds it. What anybody does comes
/// last, or whoever removes votes one by one would keep people's claims waiting. Whoever cannot wait
/// makes the call in a batch, and pays.
pub struct Returned;

impl pallet_free_lane::Returned<RuntimeCall> for Returned {
	fn priority(call: &RuntimeCall) -> Option<TransactionPriority> {
		match call {
			RuntimeCall::Personhood(
				pallet_personhood::Call::register { .. }
				| pallet_personhood::Call::renew { .. }
				| pallet_personhood::Call::recover { .. }
				| pallet_personhood::Call::complete_recovery { .. },
			) => Some(FREE_PRIORITY + 1),
			RuntimeCall::Personhood(pallet_personhood::Call::remove { .. })
			| RuntimeCall::Dividend(pallet_dividend::Call::leave_programme { .. })
			| RuntimeCall::Oracles(pallet_oracles::Call::forget_keys { .. })
			| RuntimeCall::Suffrage(
				pallet_suffrage::Call::remove_vote { .. }
				| pallet_suffrage::Call::cleanup_poll { .. }
				| pallet_suffrage::Call::submit_proposal { .. }
				| pallet_suffrage::Call::cleanup_proposal { .. },
			)
			| RuntimeCall::Usage(
				pallet_usage::Call::sweep_batches { .. } | pallet_usage::Call::sweep_fees { .. },
			)
			| RuntimeCall::Babe(pallet_babe::Call::report_equivocation { .. })
			| RuntimeCall::Grandpa(pallet_grandpa::Call::report_equivocation { .. }) => Some(0),
			_ => None,
		}
	}
}

impl pallet_free_lane::Config for Runtime {
	type Returned = Returned;
	type AlwaysPaid = Preimages;
	type Share = FreeLaneShare;
	type WeightInfo = weights::pallet_free_lane::WeightInfo<Runtime>;
}
