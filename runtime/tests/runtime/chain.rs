//! A chain in memory: the blob, a state, and blocks that are built and then executed, as by an
//! author and by everybody else.

use codec::{Decode, Encode};
use frame_support::view_functions::{ViewFunction, ViewFunctionDispatchError};
use sc_chain_spec::GenesisConfigBuilderRuntimeCaller;
use sc_executor::WasmExecutor;
use serde_json::{json, Value};
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_core::{
	sr25519,
	storage::Storage,
	traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
	Pair, H256,
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	traits::{BlakeTwo256, Header as _},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, Digest, DigestItem, StateVersion,
};
use sp_state_machine::TestExternalities;
use std::sync::OnceLock;
use usufruct_runtime::{
	transaction::extension, AccountId, Balances, Block, Header, RuntimeCall, RuntimeEvent,
	SignedPayload, System, UncheckedExtrinsic, SLOTS_PER_SESSION, SLOT_DURATION, WASM_BINARY,
};

/// The slot of the first block of every test.
const FIRST_SLOT: u64 = 1_000_000;

pub fn wasm() -> &'static [u8] {
	WASM_BINARY.expect(
		"the blob is missing: these tests run the real runtime, build without SKIP_WASM_BUILD",
	)
}

/// One executor for all tests, so that the blob is compiled once.
fn executor() -> &'static WasmExecutor {
	static EXECUTOR: OnceLock<WasmExecutor> = OnceLock::new();
	EXECUTOR.get_or_init(|| WasmExecutor::builder().build())
}

/// What builds genesis states from the blob, shared for the same reason.
pub fn genesis_builder() -> &'static GenesisConfigBuilderRuntimeCaller<'static> {
	static BUILDER: OnceLock<GenesisConfigBuilderRuntimeCaller<'static>> = OnceLock::new();
	BUILDER.get_or_init(|| GenesisConfigBuilderRuntimeCaller::new(wasm()))
}

/// The genesis state of a preset, with a patch over it.
fn genesis(preset: &str, patch: Value) -> Storage {
	let builder = genesis_builder();
	let mut config = builder.get_named_preset(Some(&preset.to_string())).expect("a preset");
	sc_chain_spec::json_merge(&mut config, patch);
	builder.get_storage_for_patch(config).expect("the preset builds")
}

pub struct Chain {
	pub ext: TestExternalities<BlakeTwo256>,
	pub head: Header,
	pub slot: u64,
}

impl Chain {
	pub fn new(preset: &str) -> Self {
		Self::patched(preset, json!({}))
	}

	/// A preset with some of its genesis changed.
	pub fn patched(preset: &str, patch: Value) -> Self {
		let mut ext =
			TestExternalities::new_with_state_version(genesis(preset, patch), StateVersion::V1);
		let root = ext.execute_with(|| sp_io::storage::root(sp_core::storage::StateVersion::V1));
		let root = H256::decode(&mut &root[..]).expect("a root is a hash");
		let head = Header::new(0, Default::default(), root, Default::default(), Digest::default());
		Self { ext, head, slot: FIRST_SLOT - 1 }
	}

	/// Calls a function of the blob, in the state after the last block.
	pub fn call<R: Decode>(&mut self, method: &str, arguments: impl Encode) -> R {
		let code = WrappedRuntimeCode(wasm().into());
		let runtime = RuntimeCode {
			code_fetcher: &code,
			heap_pages: None,
			hash: usufruct_primitives::domain::hash(wasm()).to_vec(),
		};
		let (result, _) = executor().call(
			&mut self.ext.ext(),
			&runtime,
			method,
			&arguments.encode(),
			CallContext::Onchain { import: false },
		);
		let bytes = result.unwrap_or_else(|error| panic!("{method}: {error}"));
		R::decode(&mut &bytes[..]).unwrap_or_else(|error| panic!("{method} returned: {error}"))
	}

	/// As [`Self::call`], without keeping what the call changed.
	pub fn query<R: Decode>(&mut self, method: &str, arguments: impl Encode) -> R {
		let result = self.call(method, arguments);
		self.ext.reset_overlay();
		result
	}

	/// What a view function returns.
	pub fn view<F>(&mut self, function: F) -> F::ReturnType
	where
		F: ViewFunction<ReturnType: Decode> + Encode,
	{
		let result: Result<Vec<u8>, ViewFunctionDispatchError> =
			self.query("RuntimeViewFunction_execute_view_function", (F::id(), function.encode()));
		let bytes = result.expect("the view function is known");
		F::ReturnType::decode(&mut &bytes[..]).expect("it returns what it says")
	}

	/// Reads the state natively.
	pub fn read<R>(&mut self, read: impl FnOnce() -> R) -> R {
		self.ext.execute_with(read)
	}

	/// What an account holds free.
	pub fn balance(&mut self, account: &AccountId) -> u128 {
		self.read(|| Balances::free_balance(account))
	}

	/// The events of the last block.
	pub fn events(&mut self) -> Vec<RuntimeEvent> {
		self.read(|| {
			System::read_events_no_consensus().map(|record| record.event.clone()).collect()
		})
	}

	/// Builds the block of the next slot with these transactions, which must all be valid, and
	/// executes it as somebody who imports it. The author is the first validator.
	pub fn block(&mut self, transactions: Vec<UncheckedExtrinsic>) -> Block {
		self.block_of(self.slot + 1, 0, transactions)
	}

	/// The same, for that slot and author.
	pub fn block_of(
		&mut self,
		slot: u64,
		authority_index: u32,
		transactions: Vec<UncheckedExtrinsic>,
	) -> Block {
		let number = self.head.number() + 1;
		let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
			authority_index,
			slot: slot.into(),
		});
		let digest = Digest { logs: vec![DigestItem::babe_pre_digest(pre_digest)] };
		let header =
			Header::new(number, Default::default(), Default::default(), self.head.hash(), digest);
		let _: sp_runtime::ExtrinsicInclusionMode = self.call("Core_initialize_block", &header);

		let timestamp = pallet_timestamp::Call::set { now: slot * SLOT_DURATION };
		let mut extrinsics = vec![UncheckedExtrinsic::new_bare(timestamp.into())];
		extrinsics.extend(transactions);
		for extrinsic in &extrinsics {
			let applied: ApplyExtrinsicResult =
				self.call("BlockBuilder_apply_extrinsic", extrinsic);
			applied.expect("the transaction is valid").expect("and succeeds");
		}
		let header: Header = self.call("BlockBuilder_finalize_block", ());
		self.ext.reset_overlay();

		let block = Block { header, extrinsics };
		let () = self.call("Core_execute_block", &block);
		self.ext.commit_all().expect("the state can be written");
		self.head = block.header.clone();
		self.slot = slot;
		block
	}

	/// Empty blocks.
	pub fn blocks(&mut self, count: u32) {
		for _ in 0..count {
			self.block(vec![]);
		}
	}

	/// The first block of the next session, by that author; the slots in between stay empty.
	pub fn next_session(&mut self, authority_index: u32) {
		let past = (self.slot - FIRST_SLOT) % u64::from(SLOTS_PER_SESSION);
		let slot = self.slot - past + u64::from(SLOTS_PER_SESSION);
		self.block_of(slot, authority_index, vec![]);
	}

	/// What the pool thinks of a transaction.
	pub fn validate(&mut self, transaction: &UncheckedExtrinsic) -> TransactionValidity {
		let hash = self.head.hash();
		self.query(
			"TaggedTransactionQueue_validate_transaction",
			(TransactionSource::External, transaction, hash),
		)
	}

	/// Signs a call as wallets do: extrinsic version 4, no tip, immortal.
	pub fn sign(
		&mut self,
		who: &sr25519::Pair,
		call: impl Into<RuntimeCall>,
	) -> UncheckedExtrinsic {
		let account = AccountId::from(who.public());
		let call = call.into();
		self.read(|| {
			let extension = extension(System::account_nonce(&account));
			let payload = SignedPayload::new(call, extension).expect("what is signed is known");
			let signature = payload.using_encoded(|bytes| who.sign(bytes));
			let (call, extension, _) = payload.deconstruct();
			UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension)
		})
	}

	/// A call that nobody signs, as a general transaction: extrinsic version 5.
	pub fn general(&self, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call.into(), extension(0))
	}

	/// Signs as one of the well-known accounts.
	pub fn sign_as(
		&mut self,
		who: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
	) -> UncheckedExtrinsic {
		self.sign(&who.pair(), call)
	}

	/// The hash of the chain's first block.
	pub fn genesis_hash(&mut self) -> [u8; 32] {
		self.read(|| System::block_hash(0).0)
	}
}
