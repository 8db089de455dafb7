//! The Usufruct runtime: composition only.
//!
//! What each pallet is set to stands in [`configs`], the runtime APIs in [`apis`], what a chain
//! starts with in [`genesis_presets`], and what calls cost in [`weights`].
#![cfg_attr(not(feature = "std"), no_std)]
// The runtime macro and the runtime APIs recurse deeply.
#![recursion_limit = "512"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod genesis_presets;
pub mod transaction;
pub mod weights;

pub use apis::RuntimeApi;
pub use transaction::{SignedPayload, TxExtension, UncheckedExtrinsic};
pub use usufruct_primitives::{Balance, BlockNumber, DAYS, MILLI_UFR, UFR};

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;
use usufruct_primitives::MILLISECS_PER_BLOCK;

/// Length of a slot, in milliseconds; a slot is a block, if its author is there.
pub const SLOT_DURATION: u64 = MILLISECS_PER_BLOCK;
/// Slots of a BABE epoch, which is also a session: ten minutes. Cannot change after genesis.
pub const SLOTS_PER_SESSION: u32 = 200;
/// The least an account can hold.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_UFR;
/// The first byte of addresses written out: Substrate's generic prefix.
pub const SS58_PREFIX: u16 = 42;
/// What the token is called.
pub const TOKEN_SYMBOL: &str = "UFR";
/// Digits behind the point of a token's amount.
pub const TOKEN_DECIMALS: u32 = 12;

/// How a transaction is signed: ed25519, sr25519 or ECDSA.
pub type Signature = MultiSignature;
/// The 32 bytes of an account.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A digest of the chain.
pub type Hash = sp_core::H256;
/// How an account is written in a transaction.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A block with its justification.
pub type SignedBlock = generic::SignedBlock<Block>;
/// The identifier of a block.
pub type BlockId = generic::BlockId<Block>;

/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// The block type of the node, which need not know what a transaction means.
pub mod opaque {
	use super::{generic, BlakeTwo256, BlockNumber};
	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

	/// A block's header.
	pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
	/// A block of opaque transactions.
	pub type Block = generic::Block<Header, UncheckedExtrinsic>;
	/// The identifier of a block.
	pub type BlockId = generic::BlockId<Block>;
	/// A digest of the chain.
	pub type Hash = sp_core::H256;
}

impl_opaque_keys! {
	/// The keys with which a validator authors and finalises.
	pub struct SessionKeys {
		pub babe: Babe,
		pub grandpa: Grandpa,
	}
}

/// The version of the runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("usufruct"),
	impl_name: Cow::Borrowed("usufruct"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// The order is that of hooks and of genesis. Balances come before whoever needs an account, and a
/// session begins before the author is looked up, because the author of a session's first block is
/// already an index into the new set.
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
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe;
	#[runtime::pallet_index(3)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(4)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(6)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(7)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(8)]
	pub type Grandpa = pallet_grandpa;
	#[runtime::pallet_index(9)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(10)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(11)]
	pub type Validators = pallet_validators;
	#[runtime::pallet_index(12)]
	pub type FreeLane = pallet_free_lane;

	#[runtime::pallet_index(20)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(21)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(22)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(23)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(24)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(25)]
	pub type Parameters = pallet_parameters;
	#[runtime::pallet_index(26)]
	pub type Treasury = pallet_treasury;
	#[runtime::pallet_index(27)]
	pub type Sudo = pallet_sudo;
	#[runtime::pallet_index(28)]
	pub type Referenda = pallet_referenda;
	#[runtime::pallet_index(29)]
	pub type Suffrage = pallet_suffrage;
	#[runtime::pallet_index(30)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(31)]
	pub type TxPause = pallet_tx_pause;
	#[runtime::pallet_index(32)]
	pub type CallPause = pallet_call_pause;
	#[runtime::pallet_index(33)]
	pub type Bounties = pallet_multi_asset_bounties;

	#[runtime::pallet_index(40)]
	pub type Models = pallet_models;
	#[runtime::pallet_index(41)]
	pub type Oracles = pallet_oracles;
	#[runtime::pallet_index(42)]
	pub type Usage = pallet_usage;
	#[runtime::pallet_index(43)]
	pub type Personhood = pallet_personhood;
	#[runtime::pallet_index(44)]
	pub type Dividend = pallet_dividend;
}
