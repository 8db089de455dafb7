//! The runtime's wasm blob, executed on a state.

use anyhow::{anyhow, Context, Result};
use codec::{Decode, Encode};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, RuntimeCode, WrappedRuntimeCode};
use sp_externalities::{set_and_run_with_externalities, Extensions};
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{Backend, Ext, OverlayedChanges, StateMachine};

/// What a block changes, on top of a state.
pub type Overlay = OverlayedChanges<BlakeTwo256>;

/// The bytes of the blob.
pub fn wasm() -> Result<&'static [u8]> {
	usufruct_runtime::WASM_BINARY.context("the blob is missing: build without SKIP_WASM_BUILD")
}

/// The blob and what executes it.
pub struct Blob {
	executor: WasmExecutor,
	code: WrappedRuntimeCode<'static>,
	hash: Vec<u8>,
}

impl Blob {
	/// Compiles nothing yet: the first call does.
	pub fn new() -> Result<Self> {
		let wasm = wasm()?;
		Ok(Self {
			executor: WasmExecutor::builder().build(),
			code: WrappedRuntimeCode(wasm.into()),
			hash: usufruct_primitives::domain::hash(wasm).to_vec(),
		})
	}

	/// Calls a function of the blob, as the author of a block does.
	pub fn call<B, R>(
		&self,
		state: &B,
		overlay: &mut Overlay,
		function: &str,
		arguments: impl Encode,
	) -> Result<R>
	where
		B: Backend<BlakeTwo256>,
		R: Decode,
	{
		let arguments = arguments.encode();
		let mut extensions = Extensions::default();
		let code =
			RuntimeCode { code_fetcher: &self.code, heap_pages: None, hash: self.hash.clone() };
		let bytes = StateMachine::new(
			state,
			overlay,
			&self.executor,
			function,
			&arguments,
			&mut extensions,
			&code,
			CallContext::Onchain { import: false },
		)
		.execute()
		.map_err(|error| anyhow!("{function}: {error}"))?;
		R::decode(&mut &bytes[..]).with_context(|| format!("{function} returned something else"))
	}
}

/// Reads a state natively, with the overlay on top of it.
pub fn read<B: Backend<BlakeTwo256>, R>(
	state: &B,
	overlay: &mut Overlay,
	read: impl FnOnce() -> R,
) -> R {
	set_and_run_with_externalities(&mut Ext::new(overlay, state, None), read)
}
