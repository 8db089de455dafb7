//! Balances, transaction fees and the commons fund.

use super::governance::{dynamic_params::fees, RootOr};
use crate::{
	AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System, Treasury, Validators, DAYS, EXISTENTIAL_DEPOSIT, UFR,
};
use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	traits::{
		fungible::{Credit, Mutate},
		tokens::{
			imbalance::ResolveTo, Pay, PaymentStatus, Preservation, UnityAssetBalanceConversion,
		},
		ConstU128, ConstU32, ConstU8, EitherOf, Get, OnUnbalanced, VariantCountOf,
	},
	weights::{constants::WEIGHT_REF_TIME_PER_SECOND, ConstantMultiplier, Weight, WeightToFee},
	PalletId,
};
use frame_system::{EnsureRootWithSuccess, EnsureWithSuccess};
use pallet_suffrage::EnsureGrants;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::IdentityLookup, DispatchError, FixedPointNumber, Permill, Perquintill};

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type Balance = Balance;
	type DustRemoval = DustToCommons;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

/// Gives the commons fund what is too little to stay in an account.
///
/// The fund has the existential deposit from genesis and keeps it, so that nothing is too little for
/// it. On a chain whose genesis forgot it, dust is burnt.
pub struct DustToCommons;

impl OnUnbalanced<Credit<AccountId, Balances>> for DustToCommons {
	fn on_nonzero_unbalanced(dust: Credit<AccountId, Balances>) {
		// The weights of the calls that can leave dust were measured without the fund's account.
		System::register_extra_weight_unchecked(
			<Runtime as frame_system::Config>::DbWeight::get().reads_writes(1, 1),
			DispatchClass::Normal,
		);
		ResolveTo::<CommonsPot, Balances>::on_unbalanced(dust);
	}
}

parameter_types! {
	/// The account of the security pot: where all fees and tips go.
	pub SecurityPot: AccountId = Validators::pot();
	/// Blocks are meant to be a quarter full; above that, fees rise.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast fees follow: full blocks double them in about 45 minutes.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(1, 1_000);
	/// Fees never fall below what the parameters say.
	pub MinimumMultiplier: Multiplier = Multiplier::from_u32(1);
	pub MaximumMultiplier: Multiplier = Multiplier::from_u32(10_000);
}

/// The fee for a second of computation, in planck, until a poll changes it.
pub const FEE_PER_SECOND: Balance = UFR;
/// The fee for a byte, in planck, until a poll changes it.
pub const FEE_PER_BYTE: Balance = 3 * UFR / 1_000_000;

/// A price within a hundredth and a hundredfold of the first one.
///
/// Too high a price could not be undone: a new poll costs a fee. Too low a one lets anybody fill the
/// blocks.
fn within_bounds(price: Balance, first: Balance) -> Balance {
	price.clamp(first / 100, first * 100)
}

/// Charges computation at the price governance set for a second of it, within its bounds.
pub struct ComputationFee;

impl WeightToFee for ComputationFee {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		Balance::from(weight.ref_time())
			.saturating_mul(within_bounds(fees::PerSecond::get(), FEE_PER_SECOND))
			/ Balance::from(WEIGHT_REF_TIME_PER_SECOND)
	}
}

/// The price governance set for a byte, within its bounds.
pub struct BytePrice;

impl Get<Balance> for BytePrice {
	fn get() -> Balance {
		within_bounds(fees::PerByte::get(), FEE_PER_BYTE)
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ResolveTo<SecurityPot, Balances>>;
	type WeightToFee = ComputationFee;
	type LengthToFee = ConstantMultiplier<Balance, BytePrice>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const CommonsPalletId: PalletId = PalletId(*b"usu/comm");
	/// The account of the commons fund.
	pub CommonsPot: AccountId = Treasury::account_id();
	/// Nothing the fund holds is ever burnt.
	pub const Burn: Permill = Permill::zero();
	pub const SpendPeriod: BlockNumber = DAYS;
	/// A grant that is not collected in time stays in the fund.
	pub const PayoutPeriod: BlockNumber = 30 * DAYS;
	/// The most that one poll can grant, in all its calls together.
	pub const MaxGrant: Balance = 10_000 * UFR;
}

/// Pays grants from the fund, which always keeps the existential deposit.
pub struct PayGrant;

impl Pay for PayGrant {
	type Balance = Balance;
	type Beneficiary = AccountId;
	type AssetKind = ();
	type Id = ();
	type Error = DispatchError;

	fn pay(to: &AccountId, _: (), amount: Balance) -> Result<(), DispatchError> {
		let fund = CommonsPot::get();
		<Balances as Mutate<_>>::transfer(&fund, to, amount, Preservation::Preserve).map(|_| ())
	}

	fn check_payment(_: ()) -> PaymentStatus {
		PaymentStatus::Success
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(_: &AccountId, _: (), amount: Balance) {
		Balances::mint_into(&CommonsPot::get(), EXISTENTIAL_DEPOSIT + amount).expect("it fits");
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_concluded(_: ()) {}
}

/// The commons fund. Grants are made by `spend` and collected by `payout`; the older ways in are
/// shut (no approvals).
impl pallet_treasury::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type PalletId = CommonsPalletId;
	type RejectOrigin = RootOr<EnsureGrants>;
	type SpendOrigin = EitherOf<
		EnsureRootWithSuccess<AccountId, MaxGrant>,
		EnsureWithSuccess<EnsureGrants, AccountId, MaxGrant>,
	>;
	type SpendPeriod = SpendPeriod;
	type Burn = Burn;
	type BurnDestination = ();
	type SpendFunds = ();
	type MaxApprovals = ConstU32<0>;
	type AssetKind = ();
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type Paymaster = PayGrant;
	type BalanceConverter = UnityAssetBalanceConversion;
	type PayoutPeriod = PayoutPeriod;
	type BlockNumberProvider = System;
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}
