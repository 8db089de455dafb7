//! The emergency pause: most calls stop for a while, and what nobody may stop goes on.

use super::governance::RootOr;
use crate::{
	AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeHoldReason, Suffrage,
};
use frame_support::{
	parameter_types,
	traits::{Contains, EitherOf},
};
use frame_system::{EnsureNever, EnsureRoot, EnsureRootWithSuccess, EnsureWithSuccess};
use pallet_suffrage::EnsurePause;

/// What goes on during a pause.
///
/// The match names every pallet, so that whoever adds one must think of it. Calls that only a
/// decided poll can make go on in any case: it would not be carried out later.
pub struct NeverPaused;

impl Contains<RuntimeCall> for NeverPaused {
	fn contains(call: &RuntimeCall) -> bool {
		match call {
			// The chain itself: without its inherent there is no block. And what repairs it.
			RuntimeCall::System(_)
			| RuntimeCall::Timestamp(_)
			| RuntimeCall::Babe(_)
			| RuntimeCall::Grandpa(_)
			| RuntimeCall::Session(_)
			| RuntimeCall::Sudo(_) => true,
			// Voting, and what is voted on.
			RuntimeCall::Suffrage(_)
			| RuntimeCall::Referenda(_)
			| RuntimeCall::Preimage(_)
			| RuntimeCall::Scheduler(_)
			| RuntimeCall::Parameters(_)
			| RuntimeCall::SafeMode(_) => true,
			RuntimeCall::Treasury(call) => matches!(
				call,
				pallet_treasury::Call::spend { .. } | pallet_treasury::Call::void_spend { .. }
			),
			RuntimeCall::Models(call) => matches!(
				call,
				pallet_models::Call::set_licence { .. }
					| pallet_models::Call::resolve_contest { .. }
					| pallet_models::Call::settle_reuse { .. }
					| pallet_models::Call::refute_reuse { .. }
			),
			RuntimeCall::Personhood(call) => matches!(
				call,
				pallet_personhood::Call::add_domain { .. }
					| pallet_personhood::Call::add_verifier { .. }
					| pallet_personhood::Call::set_quorum { .. }
					| pallet_personhood::Call::retire_verifier { .. }
					| pallet_personhood::Call::suspend_verifier { .. }
					| pallet_personhood::Call::resume_verifier { .. }
					| pallet_personhood::Call::confirm_suspension { .. }
					| pallet_personhood::Call::decide_appeal { .. }
					| pallet_personhood::Call::reinstate { .. }
					| pallet_personhood::Call::revoke { .. }
					| pallet_personhood::Call::veto { .. }
					| pallet_personhood::Call::vote_case { .. }
			),
			// Here and above: the rest of what polls do there, and what somebody must do within a term
			// that a pause does not stop, or lose something.
			RuntimeCall::Usage(call) => matches!(
				call,
				pallet_usage::Call::set_split { .. }
					| pallet_usage::Call::set_organisation { .. }
					| pallet_usage::Call::set_slope { .. }
					| pallet_usage::Call::answer_demand { .. }
					| pallet_usage::Call::checkpoint { .. }
			),
			// People's money.
			RuntimeCall::Dividend(_) => true,
			RuntimeCall::Balances(_)
			| RuntimeCall::Validators(_)
			| RuntimeCall::Utility(_)
			| RuntimeCall::Multisig(_)
			| RuntimeCall::Proxy(_)
			| RuntimeCall::Oracles(_) => false,
		}
	}
}

parameter_types! {
	/// How long a pause lasts that nobody ends before.
	pub PauseLength: BlockNumber = Suffrage::days(3);
	/// Nobody buys a pause.
	pub const NoDeposit: Option<Balance> = None;
	pub const NoDelay: Option<BlockNumber> = None;
}

/// Begun and ended by polls of the pause track alone. It ends by itself and cannot be extended: a
/// longer one is another poll.
impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = NeverPaused;
	type EnterDuration = PauseLength;
	type ExtendDuration = PauseLength;
	type EnterDepositAmount = NoDeposit;
	type ExtendDepositAmount = NoDeposit;
	type ForceEnterOrigin = EitherOf<
		EnsureRootWithSuccess<AccountId, PauseLength>,
		EnsureWithSuccess<EnsurePause, AccountId, PauseLength>,
	>;
	type ForceExtendOrigin = EnsureNever<BlockNumber>;
	type ForceExitOrigin = RootOr<EnsurePause>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = ();
	type ReleaseDelay = NoDelay;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}
