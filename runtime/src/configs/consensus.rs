//! Who authors and finalises, and what happens to those who do so twice.

use super::governance::RootOr;
use crate::{
	weights, AccountId, Babe, Balances, Historical, Offences, Runtime, RuntimeCall, RuntimeEvent,
	Session, SessionKeys, UncheckedExtrinsic, Validators, DAYS, SLOTS_PER_SESSION, SLOT_DURATION,
	UFR,
};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, ConstU64, Get},
	weights::Weight,
	PalletId,
};
use pallet_session::historical::NoteHistoricalRoot;
use pallet_suffrage::EnsureValidators;
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};
use sp_staking::SessionIndex;

/// Each slot has a secondary author, so that a chain with every author present has a block in
/// every slot; a quarter of the slots have a primary one.
pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration =
	BabeEpochConfiguration { c: (1, 4), allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots };

/// The most validators.
const MAX_VALIDATORS: u32 = 100;
/// For how long an offence can be reported, in sessions: as long as a bond takes to unbond.
const REPORT_LONGEVITY: SessionIndex = 14 * DAYS / SLOTS_PER_SESSION;

parameter_types! {
	pub const SecurityPalletId: PalletId = PalletId(*b"usu/secu");
	pub const ReportLongevity: u64 = REPORT_LONGEVITY as u64 * SLOTS_PER_SESSION as u64;
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = ConstU64<{ SLOTS_PER_SESSION as u64 }>;
	type ExpectedBlockTime = ConstU64<SLOT_DURATION>;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = Session;
	type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
	type MaxNominators = ConstU32<0>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
	type WeightInfo = weights::pallet_babe::WeightInfo<Runtime>;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
	type MaxNominators = ConstU32<0>;
	// At most one set for each session.
	type MaxSetIdSessionEntries = ConstU64<{ REPORT_LONGEVITY as u64 }>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
	type WeightInfo = weights::pallet_grandpa::WeightInfo<Runtime>;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = NoteHistoricalRoot<Self, Validators>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type Currency = Balances;
	type KeyDeposit = ConstU128<UFR>;
	type WeightInfo = SessionWeight;
}

/// The weights that come with the session pallet, and what the call filter reads before keys are
/// purged: the members, and whether each has keys.
pub struct SessionWeight;

impl pallet_session::WeightInfo for SessionWeight {
	fn set_keys() -> Weight {
		pallet_session::weights::SubstrateWeight::<Runtime>::set_keys()
	}

	fn purge_keys() -> Weight {
		let filter = <Runtime as frame_system::Config>::DbWeight::get();
		pallet_session::weights::SubstrateWeight::<Runtime>::purge_keys()
			.saturating_add(filter.reads(u64::from(MAX_VALIDATORS) + 1))
	}
}

impl pallet_session::historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = pallet_validators::Identification;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = Validators;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
	type OnOffenceHandler = Validators;
}

/// Blocks of a dividend epoch, over which the security balance is spread.
pub struct BlocksPerDividendEpoch;

impl Get<u32> for BlocksPerDividendEpoch {
	fn get() -> u32 {
		pallet_dividend::Params::<Runtime>::get().epoch_length
	}
}

impl pallet_validators::Config for Runtime {
	type Currency = Balances;
	type PalletId = SecurityPalletId;
	type BlocksPerEpoch = BlocksPerDividendEpoch;
	type ReportLongevity = ConstU32<REPORT_LONGEVITY>;
	type MaxValidators = ConstU32<MAX_VALIDATORS>;
	type MaxOffences = ConstU32<16>;
	type AdmissionOrigin = RootOr<EnsureValidators>;
	type WeightInfo = weights::pallet_validators::WeightInfo<Runtime>;
}

// Reports of equivocations are submitted by the node itself, as bare transactions.
impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
	RuntimeCall: From<C>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
	RuntimeCall: From<C>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}
