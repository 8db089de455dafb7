//! Bounties: what the commons fund pays for work that is still to be done.

use super::money::{CommonsPalletId, CommonsPot, MaxGrant};
use crate::{
	AccountId, Balance, Balances, Models, Preimage, Runtime, RuntimeHoldReason, MILLI_UFR, UFR,
};
use frame_support::{
	parameter_types, stored,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::{
			Fortitude, PayWithSource, PaymentStatus, Precision, Preservation, Restriction,
			UnityAssetBalanceConversion,
		},
		Consideration, ConstU128, ConstU32, EitherOf,
	},
};
use frame_system::{EnsureRootWithSuccess, EnsureWithSuccess};
use pallet_multi_asset_bounties::{
	BountyAccountPrefix, BountySourceFromPalletId, ChildBountyAccountPrefix,
	ChildBountySourceFromPalletId, CuratorDepositAmount, HoldReason, PalletIdAsFundingSource,
};
use pallet_suffrage::EnsureGrants;
use sp_runtime::{
	traits::{Convert, IdentityLookup},
	DispatchError, Permill, TokenError,
};
use usufruct_primitives::{traits::Models as _, VersionId};

/// Whom a bounty pays.
#[stored]
pub enum Payee {
	/// An account.
	#[codec(index = 0)]
	Account(AccountId),
	/// The contributors of a version of a model, its ancestors included, as by what users pay for it:
	/// one bounty pays everybody who annotated or trained.
	#[codec(index = 1)]
	Version(VersionId),
}

/// The account as a payee.
pub struct AsPayee;

impl Convert<AccountId, Payee> for AsPayee {
	fn convert(account: AccountId) -> Payee {
		Payee::Account(account)
	}
}

/// Pays in the chain's own money, at once.
///
/// The fund always keeps the existential deposit. What a bounty gives back to the fund is what is
/// left of it: its children may have been paid.
pub struct PayBounty;

impl PayBounty {
	fn send(from: &AccountId, to: &AccountId, amount: Balance) -> Result<(), DispatchError> {
		let fund = CommonsPot::get();
		let (amount, preservation) = if *from == fund {
			(amount, Preservation::Preserve)
		} else if *to == fund {
			(amount.min(Balances::balance(from)), Preservation::Expendable)
		} else {
			(amount, Preservation::Expendable)
		};
		<Balances as Mutate<_>>::transfer(from, to, amount, preservation).map(|_| ())
	}
}

impl PayWithSource for PayBounty {
	type Balance = Balance;
	type Source = Payee;
	type Beneficiary = Payee;
	type AssetKind = ();
	type Id = ();
	type Error = DispatchError;

	/// Changes nothing only in a call that fails with it, as all calls of the pallet do.
	fn pay(
		source: &Payee,
		beneficiary: &Payee,
		_: (),
		amount: Balance,
	) -> Result<(), DispatchError> {
		// Only accounts hold what bounties pay from.
		let Payee::Account(from) = source else { return Err(TokenError::CannotCreate.into()) };
		match beneficiary {
			Payee::Account(to) => Self::send(from, to, amount),
			Payee::Version(version) => {
				Self::send(from, &Models::account(), amount)?;
				Models::credit(*version, amount)
			},
		}
	}

	fn check_payment(_: ()) -> PaymentStatus {
		PaymentStatus::Success
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(source: &Payee, _: &Payee, _: (), amount: Balance) {
		if let Payee::Account(from) = source {
			Balances::mint_into(from, Balances::minimum_balance() + amount).expect("it fits");
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_concluded(_: ()) {}
}

/// What a curator has on hold, in planck. If it is dismissed, that goes to the fund.
#[stored]
pub struct CuratorBond(Balance);

impl CuratorBond {
	const REASON: RuntimeHoldReason = RuntimeHoldReason::Bounties(HoldReason::CuratorDeposit);

	/// What has to be on hold for a bounty of that value.
	fn for_value(value: Balance) -> Balance {
		CuratorDepositAmount::<CuratorShare, LeastCuratorDeposit, NoMostCuratorDeposit, Balance>::convert(value)
	}
}

impl Consideration<AccountId, Balance> for CuratorBond {
	fn new(curator: &AccountId, value: Balance) -> Result<Self, DispatchError> {
		Self(0).update(curator, value)
	}

	fn update(self, curator: &AccountId, value: Balance) -> Result<Self, DispatchError> {
		let bond = Self::for_value(value);
		if let Some(more) = bond.checked_sub(self.0) {
			Balances::hold(&Self::REASON, curator, more)?;
		} else {
			let less = self.0.saturating_sub(bond);
			Balances::release(&Self::REASON, curator, less, Precision::BestEffort)?;
		}
		Ok(Self(bond))
	}

	fn drop(self, curator: &AccountId) -> Result<(), DispatchError> {
		Balances::release(&Self::REASON, curator, self.0, Precision::BestEffort).map(|_| ())
	}

	/// Cannot fail by its signature, and has no reason to: the least bond is worth an account.
	fn burn(self, curator: &AccountId) {
		let moved = Balances::transfer_on_hold(
			&Self::REASON,
			curator,
			&CommonsPot::get(),
			self.0,
			Precision::BestEffort,
			Restriction::Free,
			Fortitude::Force,
		);
		debug_assert!(moved.is_ok(), "the bond of a curator goes to the fund: {moved:?}");
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(curator: &AccountId, value: Balance) {
		let bond = Self::for_value(value).saturating_add(Balances::minimum_balance());
		Balances::mint_into(curator, bond).expect("it fits");
	}
}

parameter_types! {
	/// What a curator answers with: a tenth of what it may award.
	pub const CuratorShare: Permill = Permill::from_percent(10);
	pub const LeastCuratorDeposit: Option<Balance> = Some(UFR);
	pub const NoMostCuratorDeposit: Option<Balance> = None;
	pub const LeastChildBounty: Balance = 100 * MILLI_UFR;
}

/// Polls of the grants track fund bounties, name curators and dismiss them; curators award.
impl pallet_multi_asset_bounties::Config for Runtime {
	type Balance = Balance;
	type RejectOrigin = super::governance::RootOr<EnsureGrants>;
	type SpendOrigin = EitherOf<
		EnsureRootWithSuccess<AccountId, MaxGrant>,
		EnsureWithSuccess<EnsureGrants, AccountId, MaxGrant>,
	>;
	type AssetKind = ();
	type Beneficiary = Payee;
	type BeneficiaryLookup = IdentityLookup<Payee>;
	type BountyValueMinimum = ConstU128<{ 10 * UFR }>;
	type ChildBountyValueMinimum = LeastChildBounty;
	type MaxActiveChildBountyCount = ConstU32<100>;
	type WeightInfo = crate::weights::bounties::WeightInfo;
	type FundingSource = PalletIdAsFundingSource<CommonsPalletId, Runtime, AsPayee>;
	type BountySource =
		BountySourceFromPalletId<CommonsPalletId, BountyAccountPrefix, Runtime, AsPayee>;
	type ChildBountySource =
		ChildBountySourceFromPalletId<CommonsPalletId, ChildBountyAccountPrefix, Runtime, AsPayee>;
	type Paymaster = PayBounty;
	type BalanceConverter = UnityAssetBalanceConversion;
	type Preimages = Preimage;
	type Consideration = CuratorBond;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = BountyArguments;
}

/// What the benchmarks of bounties are made with.
#[cfg(feature = "runtime-benchmarks")]
pub struct BountyArguments;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_multi_asset_bounties::ArgumentsFactory<(), Payee, Balance> for BountyArguments {
	fn create_asset_kind(_: u32) {}

	fn create_beneficiary(seed: [u8; 32]) -> Payee {
		Payee::Account(seed.into())
	}
}
