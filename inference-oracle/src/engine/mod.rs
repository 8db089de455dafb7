//! Running models: from an artifact on disk to tensors in, tensors out.
//!
//! `artifact` decides which bytes are loaded at all, `onnx` reads them just far enough to know that
//! they refer to no other file and have only the `operators` that are allowed, `worker` runs them in a process that is locked in, where `ort` has
//! them in ONNX Runtime, where `placement` says; `gpu` knows the cards, and `driver` whether they can be
//! reached. `signature` checks inputs before they reach it.
//!
//! `pool` gives each session a thread of its own behind one bounded `queue`, which shares the workers
//! fairly between the keys that pay; requests may share a run (`batch`), where `invariance` found with
//! `samples` that it makes no difference to them; `quarantine` keeps out what ended its worker; `shelf`
//! has as many models loaded as the memory holds; `profile` is what answers depend on.

pub mod artifact;
pub mod batch;
pub mod driver;
pub mod gpu;
mod instance;
pub mod invariance;
pub mod library;
mod onnx;
pub mod operators;
pub mod ort;
pub mod placement;
pub mod pool;
pub mod profile;
pub mod quarantine;
pub mod queue;
pub mod samples;
pub mod share;
pub mod shelf;
pub mod signature;
#[cfg(test)]
mod tests;
pub mod worker;

pub use artifact::{Artifact, ArtifactError, Rules};
pub use batch::{BatchError, Batching};
pub use instance::Instance;
pub use pool::{Job, NoRoom, Pool, PoolOptions, Ran, Slot};
pub use quarantine::{Barred, Quarantine};
pub use signature::{InputError, Port, Signature};

use gpu::NoSuchDevice;
use placement::{PassedOver, Provider};
use profile::Profile;
use std::time::Duration;
use usufruct_client::tensors::Tensor;

/// Something that runs one model, one request at a time.
pub trait Engine {
	/// What it takes and gives.
	fn signature(&self) -> &Signature;
	/// Makes it ready to run, if something ended it; or says how long it is not worth while to ask
	/// again. Called before every run.
	fn revive(&mut self) -> Result<(), Duration> {
		Ok(())
	}
	/// How it runs; the pool adds what it shares runs with.
	fn profile(&self) -> Profile {
		Profile::default()
	}
	/// What it runs on, for figures: the provider, and the number of the GPU.
	fn device(&self) -> String {
		Provider::Cpu.name().into()
	}
	/// Runs the model on inputs that fit the signature.
	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError>;
}

/// A model could not be loaded or run. The texts may name files of the operator: they are for its
/// log, not for consumers.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
	/// The session could not be made.
	#[error("the model cannot be loaded: {0}")]
	Load(String),
	/// An input or output is nothing this oracle can send or receive.
	#[error(
		"the model's {port} is a {kind}; this oracle serves tensors of f32, f64, i8 to i64, u8 to u64 \
		 and bool"
	)]
	Unsupported {
		/// Which.
		port: String,
		/// What it is.
		kind: String,
	},
	/// No execution provider that may be used can be.
	#[error(
		"no execution provider can be used that is named for it ({0}); install what it needs, or name \
		 another one (provider)"
	)]
	Provider(PassedOver),
	/// There is no such GPU.
	#[error(transparent)]
	Device(#[from] NoSuchDevice),
	/// The run failed.
	#[error("the run failed: {0}")]
	Run(String),
	/// The run did not end.
	#[error(
		"it was not done after {0:?} and its worker was killed; raise the model's limit if it needs \
		 longer"
	)]
	TimedOut(Duration),
	/// The process that ran it died.
	#[error("its worker died: {0}")]
	Died(String),
	/// The process that ran it answered with what is no answer.
	#[error("its worker did not keep to the protocol and was killed: {0}")]
	Broken(String),
	/// The kernel cannot lock a worker in.
	#[error(
		"isolation = \"required\", but on this machine a worker is not locked in: {0}; use a kernel \
		 that has Landlock and seccomp, or set isolation = \"best-effort\""
	)]
	NotIsolated(String),
	/// Nothing is there that could run it.
	#[error("the worker has stopped")]
	Stopped,
	/// Requests cannot share runs as the configuration says.
	#[error(transparent)]
	Batch(#[from] BatchError),
	/// Its deadline was over before there was an answer.
	#[error("its deadline was over before it was answered")]
	Late,
	/// Nobody waited for the answer any more when its turn came.
	#[error("whoever asked had left before its turn came")]
	Abandoned,
	/// It waited when its key ended workers.
	#[error(transparent)]
	Barred(#[from] Barred),
}

impl From<ArtifactError> for EngineError {
	fn from(error: ArtifactError) -> Self {
		Self::Load(error.to_string())
	}
}

impl EngineError {
	/// Which of them it is, for figures and traces.
	pub fn kind(&self) -> &'static str {
		match self {
			Self::Load(_) => "load",
			Self::Unsupported { .. } => "unsupported",
			Self::Provider(_) => "provider",
			Self::Device(_) => "device",
			Self::Run(_) => "run",
			Self::TimedOut(_) => "timed-out",
			Self::Died(_) => "died",
			Self::Broken(_) => "broken",
			Self::NotIsolated(_) => "not-isolated",
			Self::Stopped => "stopped",
			Self::Batch(_) => "batch",
			Self::Late => "late",
			Self::Abandoned => "abandoned",
			Self::Barred(_) => "barred",
		}
	}
}
