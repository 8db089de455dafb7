//! The emergency pause: most calls stop for a while, or one of them, and what nobody may stop goes on.

use super::governance::RootOr;
use crate::{
	AccountId, Balance, Balances, BlockNumber, OriginCaller, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeHoldReason, Scheduler, Suffrage,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains, EitherOf, Get},
	weights::Weight,
};
use frame_system::{EnsureNever, EnsureRoot, EnsureRootWithSuccess, EnsureWithSuccess};
use pallet_suffrage::EnsurePause;
use pallet_tx_pause::RuntimeCallNameOf;

/// What goes on during a pause.
///
/// The table names every pallet, so that whoever adds one must think of it. Calls that only a
/// decided poll can make go on in any case: it would not be carried out later.
pub struct NeverPaused;

/// Says of every call whether it is never paused, by the call itself and by its names.
macro_rules! never_paused {
	(
		all { $($all:ident),* $(,)? }
		some { $($some:ident: $crate_name:ident [$($call:ident),* $(,)?]),* $(,)? }
		none { $($none:ident),* $(,)? }
	) => {
		impl Contains<RuntimeCall> for NeverPaused {
			fn contains(call: &RuntimeCall) -> bool {
				match call {
					$(RuntimeCall::$all(_) => true,)*
					$(RuntimeCall::$some(call) => {
						matches!(call, $($crate_name::Call::$call { .. })|*)
					},)*
					$(RuntimeCall::$none(_) => false,)*
				}
			}
		}

		impl Contains<RuntimeCallNameOf<Runtime>> for NeverPaused {
			fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
				let is = |bytes: &[u8], name: &str| bytes == name.as_bytes();
				$(if is(pallet, stringify!($all)) {
					return true;
				})*
				$(if is(pallet, stringify!($some)) {
					return [$(stringify!($call)),*].iter().any(|name| is(call, name));
				})*
				false
			}
		}
	};
}

never_paused! {
	all {
		// The chain itself: without its inherent there is no block. And what repairs it.
		System, Timestamp, Babe, Grandpa, Session, Sudo,
		// Voting, and what is voted on.
		Suffrage, Referenda, Preimage, Scheduler, Parameters, SafeMode, TxPause, CallPause,
		// People's money.
		Dividend,
	}
	// What polls do there, and what somebody must do within a term that a pause does not stop, or
	// lose something.
	some {
		Treasury: pallet_treasury [spend, void_spend],
		Bounties: pallet_multi_asset_bounties [
			fund_bounty,
			propose_curator,
			unassign_curator,
			close_bounty,
		],
		Models: pallet_models [set_licence, resolve_contest, settle_reuse, refute_reuse],
		Personhood: pallet_personhood [
			add_domain,
			add_verifier,
			set_quorum,
			retire_verifier,
			suspend_verifier,
			resume_verifier,
			confirm_suspension,
			decide_appeal,
			reinstate,
			revoke,
			veto,
			vote_case,
		],
		Usage: pallet_usage [set_split, set_organisation, set_slope, answer_demand, checkpoint],
		Validators: pallet_validators [admit, dismiss],
		// Polls decide on several calls at once. Each of them passes here by itself.
		Utility: pallet_utility [batch, batch_all, force_batch, if_else],
	}
	none { Balances, Multisig, Proxy, Oracles }
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

/// Nobody begins a pause of one call but by [`pallet_call_pause`], which ends it too; a poll of the
/// pause track can end it before.
impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = EnsureNever<()>;
	type UnpauseOrigin = RootOr<EnsurePause>;
	type WhitelistedCalls = NeverPaused;
	type MaxNameLen = ConstU32<{ pallet_call_pause::MAX_NAME }>;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
}

impl pallet_call_pause::Config for Runtime {
	type PauseOrigin = RootOr<EnsurePause>;
	type MaxLength = PauseLength;
	type PalletsOrigin = OriginCaller;
	type Scheduler = Scheduler;
	type WeightInfo = PauseAndSchedule;
}

/// The call is made of three that were measured.
pub struct PauseAndSchedule;

impl pallet_call_pause::WeightInfo for PauseAndSchedule {
	fn pause() -> Weight {
		use pallet_scheduler::WeightInfo as _;
		use pallet_tx_pause::WeightInfo as _;

		type Agenda = <Runtime as pallet_scheduler::Config>::WeightInfo;
		let most = <Runtime as pallet_scheduler::Config>::MaxScheduledPerBlock::get();
		<Runtime as pallet_tx_pause::Config>::WeightInfo::pause()
			.saturating_add(Agenda::cancel_named(most))
			.saturating_add(Agenda::schedule_named(most - 1))
	}
}
