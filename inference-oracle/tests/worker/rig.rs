//! A worker as a test starts it, and what it is given.

use std::{
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};
use usufruct_client::{manifest, tensors::Tensor};
use usufruct_oracle::engine::{
	placement::Provider,
	worker::{Isolation, WorkerEngine, WorkerOptions},
	Artifact, EngineError, Instance, Pool, PoolOptions, Rules,
};

pub fn library() -> PathBuf {
	let path = std::env::var_os("ORT_DYLIB_PATH")
		.expect("ORT_DYLIB_PATH must name libonnxruntime.so; scripts/setup fetches it");
	Path::new(&path).canonicalize().unwrap()
}

pub fn magika_file() -> PathBuf {
	let models = std::env::var_os("USUFRUCT_MODELS")
		.expect("USUFRUCT_MODELS must name the folder of models; scripts/setup fetches them");
	Path::new(&models).join("magika").join("model.onnx")
}

pub fn magika() -> Vec<u8> {
	std::fs::read(magika_file()).unwrap()
}

/// As an oracle has it that has loaded it: read again for each worker, also where the file has lost its name.
pub fn artifact(bytes: Vec<u8>) -> Artifact {
	let file = tempfile::NamedTempFile::new().unwrap();
	std::fs::write(file.path(), &bytes).unwrap();
	let hash = manifest::of_bytes(&bytes).hash;
	let artifact = Artifact::read(file.path(), &hash, &Rules::default()).unwrap();
	artifact.release();
	artifact
}

/// What a worker is started with, and what is left of it.
pub struct Rig {
	pub options: WorkerOptions,
	pub artifact: Arc<Artifact>,
	pub instance: Arc<Instance>,
	_nowhere: tempfile::TempDir,
}

impl Rig {
	pub fn new(model: Vec<u8>) -> Self {
		let nowhere = tempfile::tempdir().unwrap();
		let options = WorkerOptions {
			name: "test".into(),
			program: env!("CARGO_BIN_EXE_usufruct-oracle").into(),
			library: library(),
			nowhere: nowhere.path().canonicalize().unwrap(),
			placement: Provider::Cpu.into(),
			device: None,
			threads: 1,
			isolation: Isolation::BestEffort,
			memory: 1 << 30,
			max_output: 1 << 20,
			load_limit: Duration::from_secs(60),
			run_limit: Duration::from_secs(60),
		};
		let instance = Arc::new(Instance::default());
		Self { options, artifact: Arc::new(artifact(model)), instance, _nowhere: nowhere }
	}

	pub fn start(&self) -> Result<WorkerEngine, EngineError> {
		let (options, artifact) = (self.options.clone(), Arc::clone(&self.artifact));
		WorkerEngine::start(options, artifact, Arc::clone(&self.instance))
	}

	pub fn pool(&self, instances: usize) -> Pool {
		let pool = PoolOptions { instances, max_queue: 8, ..PoolOptions::default() };
		self.pool_with(pool).unwrap()
	}

	pub fn pool_with(&self, pool: PoolOptions) -> Result<Pool, EngineError> {
		let (options, artifact) = (self.options.clone(), Arc::clone(&self.artifact));
		Pool::start(PoolOptions { name: "test".into(), ..pool }, move |instance| {
			WorkerEngine::start(options.clone(), Arc::clone(&artifact), Arc::clone(instance))
		})
	}

	pub fn process(&self) -> u32 {
		self.instance.process().unwrap()
	}
}

pub fn numbers(name: &str, numbers: &[i64]) -> Tensor {
	Tensor::from_elements(name, vec![numbers.len() as u64], numbers).unwrap()
}

pub fn x(number: i64) -> Vec<Tensor> {
	vec![numbers("x", &[number])]
}

pub fn content(seed: u64) -> Vec<Tensor> {
	let mut state = seed;
	let bytes: Vec<i32> = std::iter::repeat_with(|| {
		state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
		(state >> 33) as i32 % 257
	})
	.take(2_048)
	.collect();
	vec![Tensor::from_elements("bytes", vec![1, 2_048], &bytes).unwrap()]
}
