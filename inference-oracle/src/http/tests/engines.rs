//! Engines that do what a test needs of them.

use super::*;
use crate::{
	engine::{
		ort::{OrtEngine, SessionOptions},
		placement::Provider,
		Artifact, Rules,
	},
	testing::runtime,
};
use std::sync::Condvar;

/// Blocks until it is opened.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
	pub(super) fn open(&self) {
		*self.0 .0.lock().unwrap() = true;
		self.0 .1.notify_all();
	}

	pub(super) fn close(&self) {
		*self.0 .0.lock().unwrap() = false;
	}

	/// Waits until it is open.
	pub(super) fn pass(&self) {
		let (open, told) = &*self.0;
		drop(told.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
	}
}

struct Gated(Signature, Gate);

impl Engine for Gated {
	fn signature(&self) -> &Signature {
		&self.0
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		self.1.pass();
		Ok(inputs.to_vec())
	}
}

pub(super) fn ort_pool(bytes: Vec<u8>) -> Pool {
	// As much as the tests send at once, of one key.
	ort_pool_with(bytes, PoolOptions { instances: 2, max_queue: 256, ..PoolOptions::default() })
}

pub(super) fn ort_pool_with(bytes: Vec<u8>, pool: PoolOptions) -> Pool {
	let hash = manifest::of_bytes(&bytes).hash;
	let artifact = Artifact::check(bytes, &hash, &Rules::default()).unwrap();
	let nowhere = tempfile::tempdir().unwrap().keep();
	let options = SessionOptions { placement: Provider::Cpu.into(), threads: 1, nowhere };
	Pool::start(pool, move |_| OrtEngine::load(runtime(), &artifact.bytes()?, &options)).unwrap()
}

pub(super) fn echo() -> Signature {
	let port = Port { name: "x".into(), datatype: DataType::Int64, shape: vec![None] };
	Signature { inputs: vec![port.clone()], outputs: vec![port] }
}

pub(super) fn gated_pool(gate: Gate, max_queue: usize) -> Pool {
	let pool = PoolOptions { name: "gated".into(), max_queue, ..PoolOptions::default() };
	Pool::start(pool, move |_| Ok(Gated(echo(), gate.clone()))).unwrap()
}

/// Ends its worker, as far as can be told from outside, on inputs from 13 on.
struct Deadly(Signature);

impl Engine for Deadly {
	fn signature(&self) -> &Signature {
		&self.0
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		match inputs[0].to_elements::<i64>().unwrap()[0] {
			13.. => Err(EngineError::Died("signal: 8 (SIGFPE)".into())),
			_ => Ok(inputs.to_vec()),
		}
	}
}

pub(super) fn deadly_pool(quarantine: Arc<Quarantine>) -> Pool {
	let pool = PoolOptions { version: DEADLY, max_queue: 64, quarantine, ..PoolOptions::default() };
	Pool::start(pool, move |_| Ok(Deadly(echo()))).unwrap()
}
